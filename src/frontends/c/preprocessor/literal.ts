import { fail } from '../diagnostics.ts';
import { decimalValue, hexadecimalValue, isExactly, roundedValue } from './floating-value.ts';
import type { Range } from './source-file.ts';

/** What number, character and string tokens mean [C11 6.4.4, 6.4.5]; types are chosen later, by the data model. */

export interface IntegerLiteral {
  readonly kind: 'integer';
  readonly value: bigint;
  readonly decimal: boolean;
  readonly unsigned: boolean;
  readonly longs: 0 | 1 | 2;
  readonly imaginary: boolean;
}

export interface FloatingLiteral {
  readonly kind: 'floating';
  /** Rounded to float for the suffix f, else to double. */
  readonly value: number;
  /** The value is not what was written. */
  readonly inexact: boolean;
  readonly suffix: '' | 'f' | 'l';
  readonly imaginary: boolean;
}

export function parseNumber(text: string, range: Range): IntegerLiteral | FloatingLiteral {
  const hex = /^0[xX]/.test(text);
  const floating = hex ? /[pP.]/.test(text) : /[.eE]/.test(text) && !/^0[bB]/.test(text);
  return floating ? parseFloating(text, hex, range) : parseInteger(text, range);
}

function parseInteger(text: string, range: Range): IntegerLiteral {
  const match = /^(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9']+)([a-zA-Z]*)$/.exec(text);
  if (!match) fail('C0120', `\`${text}\` is not a number`, range);
  let digits = match[1]!.replaceAll("'", '');
  const decimal = /^[1-9]/.test(digits);
  if (/^0[0-9]/.test(digits)) {
    if (/[89]/.test(digits)) fail('C0120', `\`${text}\` starts with 0, so it is octal, but has a digit above 7`, range);
    digits = `0o${digits.slice(1)}`;
  }
  const suffix = match[2]!;
  const imaginary = /[ijIJ]/.test(suffix);
  const plain = suffix.replace(/[ijIJ]/, '');
  const parts = /^(?:([uU])?(ll|LL|[lL])?|(ll|LL|[lL])([uU]))$/.exec(plain);
  if (!parts) fail('C0120', `\`${suffix}\` is not a suffix of an integer`, range, { expected: 'u, l, ul, ll or ull' });
  const longs = (parts[2] ?? parts[3] ?? '').length as 0 | 1 | 2;
  return { kind: 'integer', value: BigInt(digits), decimal, unsigned: !!(parts[1] ?? parts[4]), longs, imaginary };
}

function parseFloating(text: string, hex: boolean, range: Range): FloatingLiteral {
  const pattern = hex
    ? /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)([a-zA-Z0-9]*)$/
    : /^((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z0-9]*)$/;
  const match = pattern.exec(text);
  if (!match) fail('C0120', `\`${text}\` is not a number`, range);
  const suffix = match[hex ? 4 : 2]!;
  const imaginary = /[ijIJ]/.test(suffix);
  const plain = suffix.replace(/[ijIJ]/, '').toLowerCase();
  if (!['', 'f', 'l', 'f32', 'f64', 'f128', 'q'].includes(plain)) {
    fail('C0120', `\`${suffix}\` is not a suffix of a floating constant`, range, { expected: 'f or l' });
  }
  const exact = hex ? hexadecimalValue(match[1]!, match[2]!, Number(match[3])) : decimalValue(match[1]!);
  const isFloat = plain === 'f' || plain === 'f32';
  const value = roundedValue(exact, isFloat ? 'binary32' : 'binary64');
  return {
    kind: 'floating',
    value,
    suffix: isFloat ? 'f' : plain === 'l' || plain === 'f128' || plain === 'q' ? 'l' : '',
    imaginary,
    inexact: !isExactly(exact, value),
  };
}

export type Encoding = '' | 'L' | 'u' | 'U' | 'u8';

const simpleEscapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  '0': 0,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

/** The code units of a quoted token: bytes (UTF-8) without a prefix, wide characters with one. */
export function parseQuoted(text: string, range: Range): { encoding: Encoding; units: number[] } {
  const open = text.search(/["']/);
  const encoding = text.slice(0, open) as Encoding;
  const wide = encoding === 'L' || encoding === 'u' || encoding === 'U';
  const body = text.slice(open + 1, -1);
  const units: number[] = [];
  const pushCharacter = (code: number): void => {
    if (wide) units.push(code);
    else for (const byte of new TextEncoder().encode(String.fromCodePoint(code))) units.push(byte);
  };
  for (let i = 0; i < body.length; i++) {
    if (body[i] !== '\\') {
      const code = body.codePointAt(i)!;
      if (code > 0xffff) i++;
      if (code < 128) units.push(code);
      else pushCharacter(code);
      continue;
    }
    const rest = body.slice(i + 1, i + 12);
    const octal = /^[0-7]{1,3}/.exec(rest);
    const hex = /^x([0-9a-fA-F]+)/.exec(body.slice(i + 1));
    const universal = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
    if (octal) {
      units.push(Number.parseInt(octal[0], 8));
      i += octal[0].length;
    } else if (hex) {
      const value = Number.parseInt(hex[1]!, 16);
      if (value > (wide ? 0xffffffff : 0xff)) fail('C0121', `\`\\${hex[0]}\` is too large for a character`, range);
      units.push(value);
      i += hex[0].length;
    } else if (universal) {
      const code = Number.parseInt(universal[1] ?? universal[2]!, 16);
      if (code > 0x10ffff) fail('C0121', `\`\\${universal[0]}\` is not a character`, range);
      pushCharacter(code);
      i += universal[0].length;
    } else {
      const simple = simpleEscapes[body[i + 1] ?? ''];
      if (simple === undefined) fail('C0121', `\`\\${body[i + 1] ?? ''}\` is not an escape sequence`, range);
      units.push(simple);
      i++;
    }
  }
  return { encoding, units };
}

/** The value of a character constant. Plain: the last of its bytes, packed as gcc does, then sign-extended from char. */
export function characterValue(text: string, range: Range, charSigned = true): bigint {
  const { encoding, units } = parseQuoted(text, range);
  if (units.length === 0) fail('C0122', 'an empty character constant', range);
  if (encoding !== '') return BigInt(units.at(-1)!);
  if (units.length === 1) return charSigned ? BigInt.asIntN(8, BigInt(units[0]!)) : BigInt(units[0]!);
  return BigInt.asIntN(
    32,
    units.reduce((value, unit) => (value << 8n) | BigInt(unit), 0n),
  );
}
