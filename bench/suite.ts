import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A folder of cases with known answers, described by its manifest.json. */
export interface Suite {
  readonly name: string;
  readonly folder: string;
  /** Whose cases these are, in words. */
  readonly origin: string;
  readonly property: string;
  readonly semantics: string;
  readonly cases: readonly SuiteCase[];
}

export interface SuiteCase {
  readonly name: string;
  readonly file?: string;
  /** null where nobody has published an answer. */
  readonly expected: 'yes' | 'no' | null;
  readonly peerOptions: readonly string[];
  /** The whole entry, for suites whose cases are not files. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** The suite in a folder, or those in the folders below it. Throws with a sentence when there is none. */
export function readSuites(folder: string): Suite[] {
  if (existsSync(join(folder, 'manifest.json'))) return [readSuite(folder)];
  const below = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const suites = below
    .filter((e) => e.isDirectory() && existsSync(join(folder, e.name, 'manifest.json')))
    .map((e) => readSuite(join(folder, e.name)));
  if (suites.length === 0) throw new Error(`${folder}: no manifest.json in it or in a folder below it`);
  return suites;
}

function readSuite(folder: string): Suite {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const entries = Array.isArray(manifest.cases) ? (manifest.cases as Record<string, unknown>[]) : [];
  return {
    name: text(manifest.suite) || basename(folder),
    folder,
    origin: text(manifest.origin),
    property: text(manifest.property),
    semantics: text(manifest.semantics),
    cases: entries.map((entry) => ({
      name: text(entry.case),
      ...(typeof entry.file === 'string' ? { file: entry.file } : {}),
      expected: entry.expected === 'yes' || entry.expected === 'no' ? entry.expected : null,
      peerOptions: Array.isArray(entry.peerOptions)
        ? entry.peerOptions.map(text)
        : text(entry.peerOptions)
            .split(/\s+/)
            .filter((o) => o !== ''),
      entry,
    })),
  };
}

/** `count` cases, evenly spread and the same every time; all of them if there are fewer. */
export function sample<T>(items: readonly T[], count: number): T[] {
  if (count >= items.length) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}
