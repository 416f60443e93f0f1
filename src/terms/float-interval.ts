import { bitsToFloat, type FloatValue, floatToNumber, integerToFloat, numberToFloat } from './value.ts';

/**
 * Intervals of floats: the numbers from low to high (the two zeros count as one), and NaN where `nan` says so. Rounding to
 * nearest is monotone, so that the bounds of a result are the rounded results of bounds ([HickeyJvE-JACM'01] rounds outward,
 * which is not needed here: ours are intervals of results that are rounded themselves). Every operation is sound.
 */
export interface FloatInterval {
  readonly low: number;
  readonly high: number;
  readonly nan: boolean;
}

type Format = FloatValue['format'];

const inf = Number.POSITIVE_INFINITY;

export const anyFloat: FloatInterval = { low: -inf, high: inf, nan: true };

export const floatPoint = (x: number): FloatInterval =>
  Number.isNaN(x) ? { low: inf, high: -inf, nan: true } : { low: x, high: x, nan: false };

/** No number: NaN, or nothing at all. */
const hasNoNumber = (a: FloatInterval): boolean => a.low > a.high;

export const floatHull = (a: FloatInterval, b: FloatInterval): FloatInterval => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
  nan: a.nan || b.nan,
});

export const floatMeet = (a: FloatInterval, b: FloatInterval): FloatInterval => ({
  low: Math.max(a.low, b.low),
  high: Math.min(a.high, b.high),
  nan: a.nan && b.nan,
});

/** The next float of the format; of infinity, itself. */
export function nextUp(x: number, format: Format): number {
  if (x === inf || Number.isNaN(x)) return x;
  if (x === 0) return format === 'binary32' ? 2 ** -149 : 2 ** -1074;
  const { bits } = numberToFloat(x, format);
  return floatToNumber(bitsToFloat(x > 0 ? bits + 1n : bits - 1n, format));
}

export const nextDown = (x: number, format: Format): number => -nextUp(-x, format);

const rounded = (x: number, format: Format): number => (format === 'binary32' ? Math.fround(x) : x);

const zeroIn = (a: FloatInterval): boolean => a.low <= 0 && a.high >= 0;
const infinityIn = (a: FloatInterval): boolean => a.low === -inf || a.high === inf;

/** From results at corners, those that are NaN left out. */
function corners(values: readonly number[], format: Format, nan: boolean): FloatInterval {
  let [low, high] = [inf, -inf];
  for (const v of values) {
    if (Number.isNaN(v)) continue;
    low = Math.min(low, rounded(v, format));
    high = Math.max(high, rounded(v, format));
  }
  return { low, high, nan };
}

export function addFloats(a: FloatInterval, b: FloatInterval, format: Format): FloatInterval {
  if (hasNoNumber(a) || hasNoNumber(b)) return floatPoint(Number.NaN);
  const opposite = (a.high === inf && b.low === -inf) || (a.low === -inf && b.high === inf);
  const low = a.low + b.low;
  const high = a.high + b.high;
  return {
    low: Number.isNaN(low) ? -inf : rounded(low, format),
    high: Number.isNaN(high) ? inf : rounded(high, format),
    nan: a.nan || b.nan || opposite,
  };
}

export const negateFloat = (a: FloatInterval): FloatInterval => ({ low: -a.high, high: -a.low, nan: a.nan });

export const subtractFloats = (a: FloatInterval, b: FloatInterval, format: Format): FloatInterval =>
  addFloats(a, negateFloat(b), format);

export function multiplyFloats(a: FloatInterval, b: FloatInterval, format: Format): FloatInterval {
  if (hasNoNumber(a) || hasNoNumber(b)) return floatPoint(Number.NaN);
  const undefinedCase = (zeroIn(a) && infinityIn(b)) || (infinityIn(a) && zeroIn(b));
  const values = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  // Where a corner is 0 times infinity, numbers near it give anything from 0 on.
  if (values.some(Number.isNaN)) values.push(0);
  return corners(values, format, a.nan || b.nan || undefinedCase);
}

export function divideFloats(a: FloatInterval, b: FloatInterval, format: Format): FloatInterval {
  if (hasNoNumber(a) || hasNoNumber(b)) return floatPoint(Number.NaN);
  if (zeroIn(b)) return anyFloat;
  const undefinedCase = infinityIn(a) && infinityIn(b);
  const values = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high];
  if (values.some(Number.isNaN)) values.push(0, a.low < 0 === b.low < 0 ? inf : -inf);
  return corners(values, format, a.nan || b.nan || undefinedCase);
}

/** fmod: no larger than either, with the sign of the first. */
export function remainderFloats(a: FloatInterval, b: FloatInterval): FloatInterval {
  if (hasNoNumber(a) || hasNoNumber(b)) return floatPoint(Number.NaN);
  const size = (i: FloatInterval): number => Math.max(Math.abs(i.low), Math.abs(i.high));
  const most = Math.min(size(a), size(b));
  return {
    low: a.low < 0 ? -most : 0,
    high: a.high > 0 ? most : 0,
    nan: a.nan || b.nan || infinityIn(a) || zeroIn(b),
  };
}

export function absoluteFloat(a: FloatInterval): FloatInterval {
  if (hasNoNumber(a)) return a;
  const [x, y] = [Math.abs(a.low), Math.abs(a.high)];
  return { low: zeroIn(a) ? 0 : Math.min(x, y), high: Math.max(x, y), nan: a.nan };
}

export function squareRoot(a: FloatInterval, format: Format): FloatInterval {
  if (hasNoNumber(a) || a.high < 0) return floatPoint(Number.NaN);
  const root = (x: number): number => rounded(Math.sqrt(Math.max(0, x)), format);
  return { low: root(a.low), high: root(a.high), nan: a.nan || a.low < 0 };
}

/** What a monotone function makes of the bounds. */
export const monotone = (a: FloatInterval, f: (x: number) => number): FloatInterval =>
  hasNoNumber(a) ? a : { low: f(a.low), high: f(a.high), nan: a.nan };

export function floatsOfIntegers(low: bigint | undefined, high: bigint | undefined, format: Format): FloatInterval {
  const of = (x: bigint): number => floatToNumber(integerToFloat(x, format));
  return { low: low === undefined ? -inf : of(low), high: high === undefined ? inf : of(high), nan: false };
}

/** The whole parts that fit in two's complement of so many bits; 0 for the rest. */
export function integersOfFloats(a: FloatInterval, widthBits: number): { readonly low: bigint; readonly high: bigint } {
  const limit = 1n << BigInt(widthBits - 1);
  const clip = (x: number, otherwise: bigint): bigint => {
    if (!Number.isFinite(x)) return otherwise;
    const whole = BigInt(Math.trunc(x));
    return whole < -limit ? -limit : whole >= limit ? limit - 1n : whole;
  };
  if (hasNoNumber(a)) return { low: 0n, high: 0n };
  const [low, high] = [clip(a.low, a.low < 0 ? -limit : limit - 1n), clip(a.high, a.high < 0 ? -limit : limit - 1n)];
  const inside =
    !a.nan &&
    Number.isFinite(a.low) &&
    Number.isFinite(a.high) &&
    BigInt(Math.trunc(a.low)) >= -limit &&
    BigInt(Math.trunc(a.high)) < limit;
  if (inside) return { low, high };
  return { low: low < 0n ? low : 0n, high: high > 0n ? high : 0n };
}

// Comparisons: true or false in every case, or undefined

export function isLess(a: FloatInterval, b: FloatInterval): boolean | undefined {
  if (hasNoNumber(a) || hasNoNumber(b) || a.low >= b.high) return false;
  return !a.nan && !b.nan && a.high < b.low ? true : undefined;
}

export function isAtMost(a: FloatInterval, b: FloatInterval): boolean | undefined {
  if (hasNoNumber(a) || hasNoNumber(b) || a.low > b.high) return false;
  return !a.nan && !b.nan && a.high <= b.low ? true : undefined;
}

export function isSameNumber(a: FloatInterval, b: FloatInterval): boolean | undefined {
  if (hasNoNumber(a) || hasNoNumber(b) || a.low > b.high || b.low > a.high) return false;
  return !a.nan && !b.nan && a.low === a.high && b.low === b.high && a.low === b.low ? true : undefined;
}

export const isNaNIn = (a: FloatInterval): boolean | undefined => (!a.nan ? false : hasNoNumber(a) ? true : undefined);

export function isInfiniteIn(a: FloatInterval): boolean | undefined {
  return hasNoNumber(a) || !infinityIn(a) ? false : undefined;
}

export function isNegativeIn(a: FloatInterval): boolean | undefined {
  if (hasNoNumber(a) || a.low > 0) return false;
  return !a.nan && a.high < 0 ? true : undefined;
}

/** Of identity, which tells zeros apart and not NaNs. */
export const areDifferent = (a: FloatInterval, b: FloatInterval): boolean =>
  !(a.nan && b.nan) && (hasNoNumber(a) || hasNoNumber(b) || a.low > b.high || b.low > a.high);
