import { extname } from 'node:path';
import type { FrontEnd } from '../program/front-end.ts';

/** The front ends, each loaded when a file of its language is asked about. */
export interface Language {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly load: () => Promise<FrontEnd>;
}

export const languages: readonly Language[] = [
  {
    name: 'c',
    extensions: ['.c', '.i'],
    load: async () => (await import('../frontends/c/front-end.ts')).cFrontEnd,
  },
  {
    name: 'python',
    extensions: ['.py'],
    load: async () => (await import('../frontends/python/front-end.ts')).pythonFrontEnd,
  },
  {
    name: 'its',
    extensions: ['.smt2', '.t2', '.koat'],
    load: async () => (await import('../frontends/its/front-end.ts')).itsFrontEnd,
  },
];

export function languageOf(path: string, name?: string): Language | undefined {
  if (name !== undefined) return languages.find((l) => l.name === name.toLowerCase());
  const extension = extname(path).toLowerCase();
  return languages.find((l) => l.extensions.includes(extension));
}

/** Why several files do not make one program, in words; only C links files. */
export function strangerIn(paths: readonly string[], language: Language, name?: string): string | undefined {
  if (paths.length === 1) return undefined;
  if (language.name !== 'c') return `one file at a time: ${paths.join(' ')} (several files make one program only in C)`;
  const stranger = paths.find((path) => languageOf(path, name)?.name !== 'c');
  return stranger === undefined ? undefined : `${stranger} is no C file, and the files that are given make one program`;
}
