import { stdatomicHeader } from './atomics.ts';
import { conventionsHeader } from './conventions.ts';
import { inttypesHeader, languageHeaders } from './language.ts';
import { libraryHeaders } from './library.ts';
import { complexHeader, fenvHeader, mathHeader, tgmathHeader } from './math.ts';
import { posixHeaders } from './posix.ts';
import { threadHeaders } from './threads.ts';

/** Not a header that a program can name by accident. */
export const conventionsName = 'tertium conventions';

const headers: ReadonlyMap<string, string> = new Map([
  ...Object.entries(languageHeaders),
  ...Object.entries(libraryHeaders),
  ...Object.entries(posixHeaders),
  ...Object.entries(threadHeaders),
  ['inttypes.h', inttypesHeader],
  ['stdatomic.h', stdatomicHeader],
  ['math.h', mathHeader],
  ['complex.h', complexHeader],
  ['fenv.h', fenvHeader],
  ['tgmath.h', tgmathHeader],
  [conventionsName, conventionsHeader],
]);

/** Our text of a standard header; undefined for one that we do not know. */
export const standardHeader = (name: string): string | undefined => headers.get(name);

export const standardHeaderNames = (): string[] => [...headers.keys()].sort();

let declaring: Map<string, string> | undefined;

/** The header that declares a function, for programs that call it without one. */
export function headerThatDeclares(name: string): string | undefined {
  if (!declaring) {
    declaring = new Map();
    for (const [header, text] of headers) {
      for (const match of text.matchAll(/^(?!#|typedef|struct|extern)[A-Za-z_][\w ]*?[ *]+(\w+)\([^;{}]*\)?.*;$/gm)) {
        if (!declaring.has(match[1]!)) declaring.set(match[1]!, header);
      }
    }
  }
  return declaring.get(name);
}
