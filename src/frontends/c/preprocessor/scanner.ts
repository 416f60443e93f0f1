import { fail, unsupported } from '../diagnostics.ts';
import type { SourceFile } from './source-file.ts';
import type { Token, TokenKind } from './token.ts';

/**
 * Translation phase 3 [C11 6.4]: the logical text as preprocessing tokens, by maximal munch. Comments become white space,
 * but for ACSL comments, which become `annotation` tokens. Works on character codes; nothing here is recursive.
 */

const punctuators = [
  ['%:%:', '>>=', '<<=', '...'],
  ['->', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||', '*=', '/=', '%=', '+=', '-=', '&=', '^=', '|='],
  ['##', '<:', ':>', '<%', '%>', '%:', '::'],
  [...'[](){}.&*+-~!/%<>^|?:;=,#'],
].flat();

/** The punctuators that start with a character, longest first. */
const byFirst = new Map<string, string[]>();
for (const text of punctuators) {
  const list = byFirst.get(text[0]!);
  if (list) list.push(text);
  else byFirst.set(text[0]!, [text]);
}
for (const list of byFirst.values()) list.sort((a, b) => b.length - a.length);

const digraphs: Readonly<Record<string, string>> = {
  '<:': '[',
  ':>': ']',
  '<%': '{',
  '%>': '}',
  '%:': '#',
  '%:%:': '##',
};

/** A file of about half a million lines. Beyond it the token list alone would take a gigabyte. */
const mostTokens = 4_000_000;

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isLetter = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c === 36 || c >= 0xa0;
const isWord = (c: number): boolean => isLetter(c) || isDigit(c);
const encodingPrefix = /^(?:u8|[LuU])$/;

/** Scans `file.text` from `from` to `to`. Fails on an unfinished comment, string or character constant. */
export function scan(file: SourceFile, from = 0, to = file.text.length, annotations = true): Token[] {
  const text = file.text;
  const tokens: Token[] = [];
  let at = from;
  let space = false;
  let lineStart = true;

  const push = (kind: TokenKind, end: number, spelling = text.slice(at, end)): void => {
    if (tokens.length >= mostTokens) {
      unsupported(
        'C0102',
        `this file has more than ${mostTokens} tokens`,
        { file, start: at, end },
        { hint: 'ask about a part of it' },
      );
    }
    tokens.push({ kind, text: spelling, file, start: at, end, space, lineStart, hidden: undefined });
    at = end;
    space = false;
    lineStart = false;
  };

  const quotedEnd = (open: number): number => {
    const quote = text.charCodeAt(open);
    for (let i = open + 1; i < to; i++) {
      const c = text.charCodeAt(i);
      if (c === quote) return i + 1;
      if (c === 10) break;
      if (c === 92) i++;
    }
    return -1;
  };

  const pushQuoted = (open: number): void => {
    const end = quotedEnd(open);
    const double = text[open] === '"';
    // An apostrophe alone is legal in text that is skipped (`#if 0`), so it only becomes an error in the parser.
    if (end < 0 || end > to) push('other', open + 1);
    else push(double ? 'string' : 'character', end);
  };

  while (at < to) {
    const c = text.charCodeAt(at);
    if (c === 10) {
      lineStart = true;
      space = true;
      at++;
    } else if (c === 32 || c === 9 || c === 13 || c === 11 || c === 12 || c === 0xfeff) {
      space = true;
      at++;
    } else if (c === 47 && text.charCodeAt(at + 1) === 47) {
      let end = text.indexOf('\n', at);
      if (end < 0 || end > to) end = to;
      if (annotations && text[at + 2] === '@') push('annotation', end);
      at = end;
      space = true;
    } else if (c === 47 && text.charCodeAt(at + 1) === 42) {
      const close = text.indexOf('*/', at + 2);
      if (close < 0 || close + 2 > to) {
        fail('C0101', 'this comment is never closed', { file, start: at, end: at + 2 }, { expected: '*/' });
      }
      if (annotations && text[at + 2] === '@') push('annotation', close + 2);
      at = close + 2;
      space = true;
    } else if (isLetter(c)) {
      let end = at + 1;
      while (end < to && isWord(text.charCodeAt(end))) end++;
      const quote = text[end];
      if ((quote === '"' || quote === "'") && end < to && encodingPrefix.test(text.slice(at, end))) pushQuoted(end);
      else push('identifier', end);
    } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(at + 1)))) {
      let end = at + 1;
      while (end < to) {
        const d = text.charCodeAt(end);
        if (isWord(d) || d === 46) end++;
        else if ((d === 43 || d === 45) && /[eEpP]/.test(text[end - 1]!)) end++;
        else break;
      }
      push('number', end);
    } else if (c === 34 || c === 39) {
      pushQuoted(at);
    } else {
      const list = byFirst.get(text[at]!);
      const found = list?.find((p) => text.startsWith(p, at) && at + p.length <= to);
      if (found) push('punctuator', at + found.length, digraphs[found] ?? found);
      else push('other', at + (text.codePointAt(at)! > 0xffff ? 2 : 1));
    }
  }
  return tokens;
}
