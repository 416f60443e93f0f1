/**
 * String and bytes literals (language reference 2.4.1): prefixes, quotes and escape sequences. Unknown escapes keep their
 * backslash. `\N{name}` would need Unicode's table of names: it is read, but its value is not exact.
 */
import { SyntaxFault } from './syntax-fault.ts';

/** One string token taken apart: the text between the quotes is [`start`, `end`) of the source. */
export interface StringToken {
  readonly raw: boolean;
  readonly bytes: boolean;
  readonly formatted: boolean;
  readonly start: number;
  readonly end: number;
}

/** requires: `token` is a string token of the tokenizer, found at offset `at`. */
export function stringToken(token: string, at: number): StringToken {
  let prefix = 0;
  while (token[prefix] !== '"' && token[prefix] !== "'") prefix += 1;
  const letters = token.slice(0, prefix).toLowerCase();
  const quote = token[prefix]!;
  const quotes = token.length >= prefix + 6 && token.startsWith(quote.repeat(3), prefix) ? 3 : 1;
  return {
    raw: letters.includes('r'),
    bytes: letters.includes('b'),
    formatted: letters.includes('f'),
    start: at + prefix + quotes,
    end: at + token.length - quotes,
  };
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

export interface Text {
  readonly value: string;
  /** False if an escape wrote half of a surrogate pair or named a character. */
  readonly exact: boolean;
}

/** The characters that [`start`, `end`) of the source stand for, in a `str` literal. */
export function decodeText(source: string, start: number, end: number, raw: boolean): Text {
  const body = source.slice(start, end).replace(/\r\n?/g, '\n');
  if (raw || !body.includes('\\')) return { value: body, exact: true };
  let exact = true;
  const value = replaceEscapes(body, start, end, (letter, digits) => {
    if (letter === 'x' || letter === 'u' || letter === 'U') {
      const point = Number.parseInt(digits, 16);
      if (point > 0x10ffff) throw new SyntaxFault(`illegal Unicode character \\${letter}${digits}`, start, end);
      if (point >= 0xd800 && point <= 0xdfff) exact = false;
      return String.fromCodePoint(point);
    }
    if (letter === 'N') {
      exact = false;
      return '\ufffd';
    }
    return undefined;
  });
  return { value, exact };
}

/** The bytes that [`start`, `end`) of the source stand for, in a `bytes` literal. */
export function decodeBytes(source: string, start: number, end: number, raw: boolean): Uint8Array {
  const body = source.slice(start, end).replace(/\r\n?/g, '\n');
  const foreign = /[^\0-\x7f]/.exec(body);
  if (foreign) {
    throw new SyntaxFault('bytes can only contain ASCII literal characters', start, end, { expected: 'a \\x escape' });
  }
  const value = raw
    ? body
    : replaceEscapes(body, start, end, (letter, digits) =>
        letter === 'x' ? String.fromCharCode(Number.parseInt(digits, 16)) : undefined,
      );
  return Uint8Array.from(value, (c) => c.charCodeAt(0) & 0xff);
}

/** Replaces the escapes of `body`; `special` decides on x, u, U and N and returns undefined where those mean nothing. */
function replaceEscapes(
  body: string,
  start: number,
  end: number,
  special: (letter: string, digits: string) => string | undefined,
): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = body.indexOf('\\'); at >= 0; at = body.indexOf('\\', done)) {
    parts.push(body.slice(done, at));
    const letter = body[at + 1] ?? '';
    done = at + 2;
    const simple = simpleEscapes[letter];
    if (letter === '\n') continue;
    if (simple !== undefined) parts.push(simple);
    else if (letter >= '0' && letter <= '7') {
      const digits = /^[0-7]{1,3}/.exec(body.slice(at + 1, at + 4))![0];
      parts.push(String.fromCharCode(Number.parseInt(digits, 8)));
      done = at + 1 + digits.length;
    } else parts.push(otherEscape());

    function otherEscape(): string {
      const length = hexDigits[letter];
      if (length !== undefined) {
        const digits = /^[0-9a-fA-F]*/.exec(body.slice(at + 2, at + 2 + length))![0];
        const meaning = special(letter, digits.padEnd(length, '0'));
        if (meaning === undefined) return `\\${letter}`;
        if (digits.length < length) {
          throw new SyntaxFault(`truncated \\${letter} escape`, start, end, {
            expected: `${length} hexadecimal digits`,
          });
        }
        done = at + 2 + length;
        return meaning;
      }
      if (letter === 'N') {
        const name = /^\{[^}]+\}/.exec(body.slice(at + 2));
        if (special('N', '') === undefined) return '\\N';
        if (!name) throw new SyntaxFault('malformed \\N character escape', start, end, { expected: '\\N{name}' });
        done = at + 2 + name[0].length;
        return '\ufffd';
      }
      return `\\${letter}`;
    }
  }
  parts.push(body.slice(done));
  return parts.join('');
}
