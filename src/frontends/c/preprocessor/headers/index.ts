import { inttypesHeader, languageHeaders } from './language.ts';
import { complexHeader, fenvHeader, libraryHeaders, mathHeader } from './library.ts';
import { posixHeaders } from './posix.ts';

const headers: ReadonlyMap<string, string> = new Map([
  ...Object.entries(languageHeaders),
  ...Object.entries(libraryHeaders),
  ...Object.entries(posixHeaders),
  ['inttypes.h', inttypesHeader],
  ['math.h', mathHeader],
  ['complex.h', complexHeader],
  ['fenv.h', fenvHeader],
]);

/** Our text of a standard header; undefined for one that we do not know. */
export const standardHeader = (name: string): string | undefined => headers.get(name);

export const standardHeaderNames = (): string[] => [...headers.keys()].sort();
