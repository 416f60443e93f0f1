import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The import graph of src/, read from the text of the files. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Import {
  /** Paths relative to the repository, with forward slashes. */
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

export function sourceFiles(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...sourceFiles(path));
    else if (/\.(ts|mjs)$/.test(entry.name)) found.push(path);
  }
  return found;
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]*?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

export function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found: Import[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[2] ?? match[3]!;
    if (!target.startsWith('.')) continue;
    const to = relative(root, join(root, dirname(path), target)).replaceAll('\\', '/');
    found.push({ from: path, to, typeOnly: match[1] !== undefined });
  }
  return found;
}

/** Everything that is loaded, at once or on demand, when a file is: types load nothing. */
export function reachableFrom(path: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const work = [path];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (seen.has(next) || !existsSync(join(root, next)) || !/\.(ts|mjs)$/.test(next)) continue;
    seen.add(next);
    for (const i of importsOf(next)) if (!i.typeOnly) work.push(i.to);
  }
  return seen;
}
