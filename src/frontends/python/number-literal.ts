/**
 * Numeric literals (language reference 2.4.4 to 2.4.7): where one ends and what it means. A literal may touch a following
 * keyword (`1if x else y`), as CPython 3.11 still allows.
 */
import type { ConstantValue } from './ast.ts';
import { SyntaxFault } from './syntax-fault.ts';

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';
const isIdentifierCharacter = (c: string | undefined): boolean =>
  c !== undefined && (/[A-Za-z0-9_]/.test(c) || c.charCodeAt(0) >= 128);

const radixDigits: Readonly<Record<string, { readonly name: string; readonly digits: RegExp }>> = {
  x: { name: 'hexadecimal', digits: /[0-9a-fA-F]/ },
  o: { name: 'octal', digits: /[0-7]/ },
  b: { name: 'binary', digits: /[01]/ },
};

/** The offset after the number that starts at `start`. requires: a digit, or a point and a digit, stands there. */
export function endOfNumber(text: string, start: number): number {
  let at = start;
  const fault = (kind: string): SyntaxFault =>
    new SyntaxFault(`invalid ${kind} literal`, start, Math.min(at + 1, text.length), { expected: `a ${kind} number` });

  const checkEnd = (kind: string): number => {
    const touchesKeyword = /^(?:and|else|for|i[fns]|or|not)/.test(text.slice(at, at + 4));
    if (!touchesKeyword && isIdentifierCharacter(text[at])) throw fault(kind);
    return at;
  };
  /** Digits with single underscores between them. */
  const digits = (): void => {
    for (;;) {
      while (isDigit(text[at])) at += 1;
      if (text[at] !== '_') return;
      at += 1;
      if (!isDigit(text[at])) throw fault('decimal');
    }
  };
  const imaginaryOrEnd = (): number => {
    if (text[at] !== 'j' && text[at] !== 'J') return checkEnd('decimal');
    at += 1;
    return checkEnd('imaginary');
  };
  const exponentOrEnd = (): number => {
    if (text[at] === 'e' || text[at] === 'E') {
      const sign = text[at + 1] === '+' || text[at + 1] === '-';
      if (!isDigit(text[at + (sign ? 2 : 1)])) {
        if (!sign) return checkEnd('decimal');
        throw fault('decimal');
      }
      at += sign ? 2 : 1;
      digits();
    }
    return imaginaryOrEnd();
  };
  const fractionOrEnd = (): number => {
    if (text[at] === '.') {
      at += 1;
      if (isDigit(text[at])) digits();
    }
    return exponentOrEnd();
  };

  const radix = text[at] === '0' ? radixDigits[(text[at + 1] ?? '').toLowerCase()] : undefined;
  if (radix) {
    at += 2;
    do {
      if (text[at] === '_') at += 1;
      if (!radix.digits.test(text[at] ?? '')) throw fault(radix.name);
      while (radix.digits.test(text[at] ?? '')) at += 1;
    } while (text[at] === '_');
    if (isDigit(text[at])) throw fault(radix.name);
    return checkEnd(radix.name);
  }
  if (text[at] === '0') {
    digits();
    const nonZero = /[1-9]/.test(text.slice(start, at));
    const next = text[at] ?? '';
    if (nonZero && next !== '.' && !/[eEjJ]/.test(next)) {
      throw new SyntaxFault('leading zeros in decimal integer literals are not permitted', start, at, {
        hint: 'use an 0o prefix for octal integers',
      });
    }
    const end = fractionOrEnd();
    if (nonZero && /^[0-9_]+$/.test(text.slice(start, end))) throw fault('decimal');
    return end;
  }
  if (isDigit(text[at])) digits();
  return fractionOrEnd();
}

/** CPython refuses longer decimal integers in source text (sys.int_info.default_max_str_digits). */
const maximalDecimalDigits = 4300;

/** requires: `text` is a literal that `endOfNumber` delimited; `start` is its offset. */
export function numberValue(text: string, start: number): ConstantValue {
  const plain = text.replaceAll('_', '');
  if (/^0[xXoObB]/.test(plain)) return { type: 'int', value: BigInt(plain.toLowerCase()) };
  if (/[jJ]$/.test(plain)) return { type: 'complex', imaginary: Number(plain.slice(0, -1)) };
  if (/[.eE]/.test(plain)) return { type: 'float', value: Number(plain) };
  if (plain.length > maximalDecimalDigits) {
    throw new SyntaxFault(
      `a decimal integer of ${plain.length} digits exceeds Python's limit of ${maximalDecimalDigits} digits`,
      start,
      start + text.length,
      { hint: 'write it in hexadecimal' },
    );
  }
  return { type: 'int', value: BigInt(plain) };
}
