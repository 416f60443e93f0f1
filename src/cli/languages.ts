import { extname } from 'node:path';
import type { FrontEnd } from '../program/front-end.ts';

/** The front ends, each loaded when a file of its language is asked about. */
interface Language {
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
