/**
 * Exact rationals in lowest terms with a positive denominator. Plain on purpose: the checker relies on this file.
 * Hot loops elsewhere use integer rows and come here for the final, exact word.
 */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** requires: denominator is not 0. */
export function rational(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
  let n = BigInt(numerator);
  let d = BigInt(denominator);
  if (d === 0n) throw new RangeError('rational with denominator 0');
  if (d < 0n) {
    n = -n;
    d = -d;
  }
  if (d !== 1n) {
    const common = gcd(n, d);
    if (common !== 1n) {
      n /= common;
      d /= common;
    }
  }
  return { numerator: n, denominator: d };
}

export const zero: Rational = { numerator: 0n, denominator: 1n };
export const one: Rational = { numerator: 1n, denominator: 1n };

export const add = (a: Rational, b: Rational): Rational =>
  a.denominator === 1n && b.denominator === 1n
    ? { numerator: a.numerator + b.numerator, denominator: 1n }
    : rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);

export const negate = (a: Rational): Rational => ({ numerator: -a.numerator, denominator: a.denominator });

export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));

export const multiply = (a: Rational, b: Rational): Rational =>
  a.denominator === 1n && b.denominator === 1n
    ? { numerator: a.numerator * b.numerator, denominator: 1n }
    : rational(a.numerator * b.numerator, a.denominator * b.denominator);

/** requires: b is not 0. */
export const divide = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator, a.denominator * b.numerator);

/** Negative, 0 or positive as a is less than, equal to or greater than b. */
export function compare(a: Rational, b: Rational): number {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  return left < right ? -1 : left > right ? 1 : 0;
}

export const sign = (a: Rational): number => (a.numerator < 0n ? -1 : a.numerator > 0n ? 1 : 0);
export const equals = (a: Rational, b: Rational): boolean =>
  a.numerator === b.numerator && a.denominator === b.denominator;
export const isInteger = (a: Rational): boolean => a.denominator === 1n;

/** Floor division of integers: rounds towards minus infinity, as Python's `//`. requires: b is not 0. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** The remainder that goes with floorDivide: it has the sign of b. requires: b is not 0. */
export function floorModulo(a: bigint, b: bigint): bigint {
  const remainder = a % b;
  return remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
}

export const floor = (a: Rational): bigint => floorDivide(a.numerator, a.denominator);
export const ceiling = (a: Rational): bigint => -floorDivide(-a.numerator, a.denominator);

export const formatRational = (a: Rational): string =>
  a.denominator === 1n ? String(a.numerator) : `${a.numerator}/${a.denominator}`;

/** Reads `-12` or `3/4`; undefined for anything else. */
export function parseRational(text: string): Rational | undefined {
  const match = /^(-?\d+)(?:\/([1-9]\d*))?$/.exec(text);
  if (!match) return undefined;
  return rational(BigInt(match[1]!), BigInt(match[2] ?? '1'));
}
