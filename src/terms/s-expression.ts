import { err, ok, type Result } from '../base/result.ts';

/**
 * Reads s-expressions as SMT-LIB 2.6 spells them ([BarrettFT-SMTLIB]): atoms, `|quoted symbols|`, `"strings"` with `""`
 * for a quote, `; comments`. One pass over the characters with an explicit stack, so that depth is no danger.
 * Offsets count UTF-16 code units from 0; `end` is one past the last.
 */
export type SExpression = SAtom | SList;

export interface SAtom {
  readonly kind: 'atom';
  /** Without its quotes; a quoted symbol means the same as the plain one. */
  readonly text: string;
  readonly form: 'plain' | 'quoted' | 'string';
  readonly start: number;
  readonly end: number;
}

export interface SList {
  readonly kind: 'list';
  readonly items: readonly SExpression[];
  readonly start: number;
  readonly end: number;
}

export interface SExpressionFault {
  readonly message: string;
  readonly offset: number;
}

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const space = 32;
const doubleQuote = 34;
const open = 40;
const close = 41;
const semicolon = 59;
const bar = 124;

const isSpace = (c: number): boolean => c === space || c === newline || c === tab || c === carriageReturn;
const endsAtom = (c: number): boolean =>
  isSpace(c) || c === open || c === close || c === semicolon || c === doubleQuote || c === bar;

/** All expressions of a text, or the first fault in it. */
export function readSExpressions(text: string): Result<SExpression[], SExpressionFault> {
  const top: SExpression[] = [];
  const stack: { readonly items: SExpression[]; readonly start: number }[] = [];
  let items = top;
  let i = 0;
  const { length } = text;
  while (i < length) {
    const c = text.charCodeAt(i);
    if (isSpace(c)) {
      i++;
    } else if (c === semicolon) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? length : end + 1;
    } else if (c === open) {
      items = [];
      stack.push({ items, start: i++ });
    } else if (c === close) {
      const done = stack.pop();
      if (!done) return err({ message: 'a closing parenthesis too many', offset: i });
      items = stack.length > 0 ? stack[stack.length - 1]!.items : top;
      items.push({ kind: 'list', items: done.items, start: done.start, end: ++i });
    } else if (c === bar) {
      const end = text.indexOf('|', i + 1);
      if (end < 0) return err({ message: 'a quoted symbol is not closed', offset: i });
      items.push({ kind: 'atom', form: 'quoted', text: text.slice(i + 1, end), start: i, end: end + 1 });
      i = end + 1;
    } else if (c === doubleQuote) {
      const end = stringEnd(text, i);
      if (end < 0) return err({ message: 'a string is not closed', offset: i });
      const inner = text.slice(i + 1, end).replaceAll('""', '"');
      items.push({ kind: 'atom', form: 'string', text: inner, start: i, end: end + 1 });
      i = end + 1;
    } else {
      const start = i++;
      while (i < length && !endsAtom(text.charCodeAt(i))) i++;
      items.push({ kind: 'atom', form: 'plain', text: text.slice(start, i), start, end: i });
    }
  }
  if (stack.length > 0) return err({ message: 'a parenthesis is not closed', offset: stack[stack.length - 1]!.start });
  return ok(top);
}

/** The offset of the quote that ends the string which begins at `start`; -1 if there is none. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && text.charCodeAt(end + 1) === doubleQuote) end = text.indexOf('"', end + 2);
  return end;
}

const simpleSymbol = /^[A-Za-z~!%^&*_+=<>?/-][0-9A-Za-z~!@$%^&*_+=<>.?/-]*$/;
const reserved = new Set([
  '!',
  '_',
  'as',
  'exists',
  'forall',
  'let',
  'match',
  'par',
  'BINARY',
  'DECIMAL',
  'HEXADECIMAL',
]);

/**
 * The SMT-LIB spelling of a symbol: quoted unless it is simple. What cannot be quoted (`|` and `\`), `{` itself and
 * whatever is not printable ASCII is written as `{hex}`, so that different names stay different.
 */
export function quoteSymbol(name: string): string {
  if (simpleSymbol.test(name) && !reserved.has(name)) return name;
  return `|${name.replace(/[^ -[\]-z}~]/g, (c) => `{${c.charCodeAt(0).toString(16)}}`)}|`;
}
