/**
 * Exact integers for hot loops: a JavaScript number where that is exact (at most 2^53 - 1 in size), a bigint beyond. The form is
 * canonical, so two of them are equal if and only if they are `===` (of -0 and 0 too).
 */
export type Int = number | bigint;

const largest = Number.MAX_SAFE_INTEGER;

/** The canonical form of a bigint. */
export const fromBigInt = (a: bigint): Int => (a >= -9007199254740991n && a <= 9007199254740991n ? Number(a) : a);

export const toBigInt = (a: Int): bigint => BigInt(a);

export function add(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= largest && sum >= -largest) return sum;
  }
  return fromBigInt(BigInt(a) + BigInt(b));
}

export function subtract(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (difference <= largest && difference >= -largest) return difference;
  }
  return fromBigInt(BigInt(a) - BigInt(b));
}

export function multiply(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product <= largest && product >= -largest) return product;
  }
  return fromBigInt(BigInt(a) * BigInt(b));
}

/** a*b + c*d. */
export function multiplyAdd(a: Int, b: Int, c: Int, d: Int): Int {
  if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number' && typeof d === 'number') {
    const x = a * b;
    const y = c * d;
    const sum = x + y;
    if (x <= largest && x >= -largest && y <= largest && y >= -largest && sum <= largest && sum >= -largest) return sum;
  }
  return fromBigInt(BigInt(a) * BigInt(b) + BigInt(c) * BigInt(d));
}

export const negate = (a: Int): Int => (typeof a === 'number' ? -a : fromBigInt(-a));

/** requires: b divides a. */
export function divideExactly(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  return fromBigInt(BigInt(a) / BigInt(b));
}

/** Rounds to minus infinity. requires: b > 0. */
export function floorDivide(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const remainder = a % b;
    return (a - (remainder < 0 ? remainder + b : remainder)) / b;
  }
  const x = BigInt(a);
  const y = BigInt(b);
  const quotient = x / y;
  return fromBigInt(quotient * y > x ? quotient - 1n : quotient);
}

/** The remainder from 0 up to b - 1. requires: b > 0. */
export function modulo(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const remainder = a % b;
    return remainder < 0 ? remainder + b : remainder;
  }
  const remainder = BigInt(a) % BigInt(b);
  return fromBigInt(remainder < 0n ? remainder + BigInt(b) : remainder);
}

export const absolute = (a: Int): Int => (a < 0 ? negate(a) : a);

/** Not negative; gcd(0, 0) = 0. */
export function gcd(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    let x = Math.abs(a);
    let y = Math.abs(b);
    while (y !== 0) {
      const r = x % y;
      x = y;
      y = r;
    }
    return x;
  }
  let x = BigInt(a);
  let y = BigInt(b);
  if (x < 0n) x = -x;
  if (y < 0n) y = -y;
  while (y !== 0n) {
    if (x <= 9007199254740991n && y <= 9007199254740991n) return gcd(Number(x), Number(y));
    [x, y] = [y, x % y];
  }
  return fromBigInt(x);
}
