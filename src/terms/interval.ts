import { floorDivide, floorModulo } from '../base/rational.ts';
import type { FloatInterval } from './float-interval.ts';
import { power } from './operator.ts';

/**
 * Intervals of integers and what each operator makes of them (interval arithmetic, [Moore-1966]; the bounds of bitwise
 * operators after [Warren-2012], section 4-3). Every operation is sound: values from the arguments give a value in the
 * result. For bounded arguments the result is the least such interval for `+ - neg * abs div quot`, shifts, bitwise
 * operators and wraps; `mod`, `rem` and `pow` may be wider. Gives up (no bound) on numbers of more than `widestBits` bits.
 */
export interface Interval {
  /** A missing bound is minus infinity. */
  readonly low?: bigint | undefined;
  /** A missing bound is plus infinity. */
  readonly high?: bigint | undefined;
  /** Of a float, which has no other bounds; absent if nothing is known. */
  readonly float?: FloatInterval;
}

/** A bound, or ±Infinity. Comparison of bigint and number is exact in JavaScript. */
type Bound = bigint | number;

export const widestBits = 16_384;

export const everything: Interval = {};
export const point = (value: bigint): Interval => ({ low: value, high: value });
export const between = (low: bigint, high: bigint): Interval => ({ low, high });

const lowOf = (i: Interval): Bound => i.low ?? Number.NEGATIVE_INFINITY;
const highOf = (i: Interval): Bound => i.high ?? Number.POSITIVE_INFINITY;
const huge = 1n << BigInt(widestBits);

const finite = (b: Bound): bigint | undefined => (typeof b === 'bigint' && b > -huge && b < huge ? b : undefined);
const interval = (low: Bound, high: Bound): Interval => ({ low: finite(low), high: finite(high) });
const least = (bounds: readonly Bound[]): Bound => {
  let result = bounds[0]!;
  for (const b of bounds) if (b < result) result = b;
  return result;
};
const greatest = (bounds: readonly Bound[]): Bound => {
  let result = bounds[0]!;
  for (const b of bounds) if (b > result) result = b;
  return result;
};

/** Bits needed for a natural number; 0 for 0. */
export function bitLength(value: bigint): number {
  if (value <= 0n) return 0;
  const digits = value.toString(16);
  return digits.length * 4 - (Math.clz32(Number.parseInt(digits[0]!, 16)) - 28);
}

export const contains = (i: Interval, value: bigint): boolean => lowOf(i) <= value && value <= highOf(i);
export const isPoint = (i: Interval): boolean => i.low !== undefined && i.low === i.high;
export const within = (inner: Interval, outer: Interval): boolean =>
  lowOf(outer) <= lowOf(inner) && highOf(inner) <= highOf(outer);
export const disjoint = (a: Interval, b: Interval): boolean => highOf(a) < lowOf(b) || highOf(b) < lowOf(a);
export const sameInterval = (a: Interval, b: Interval): boolean => a.low === b.low && a.high === b.high;
export const hull = (a: Interval, b: Interval): Interval =>
  interval(least([lowOf(a), lowOf(b)]), greatest([highOf(a), highOf(b)]));

/** What both hold; undefined if that is nothing. */
export function intersect(a: Interval, b: Interval): Interval | undefined {
  const low = greatest([lowOf(a), lowOf(b)]);
  const high = least([highOf(a), highOf(b)]);
  return low > high ? undefined : interval(low, high);
}

function hullOf(parts: readonly (Interval | undefined)[]): Interval {
  let result: Interval | undefined;
  for (const part of parts) if (part) result = result ? hull(result, part) : part;
  return result ?? everything;
}

const plus = (a: Bound, b: Bound): Bound =>
  typeof a === 'bigint' && typeof b === 'bigint' ? a + b : typeof a === 'number' ? a : b;
const minus = (a: Bound): Bound => -a;
const times = (a: Bound, b: Bound): Bound => {
  if (a === 0n || b === 0n) return 0n;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a * b;
  return a < 0 === b < 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
};

export const add = (a: Interval, b: Interval): Interval =>
  interval(plus(lowOf(a), lowOf(b)), plus(highOf(a), highOf(b)));
export const negate = (a: Interval): Interval => interval(minus(highOf(a)), minus(lowOf(a)));
export const subtract = (a: Interval, b: Interval): Interval => add(a, negate(b));

export function multiply(a: Interval, b: Interval): Interval {
  const corners = [
    times(lowOf(a), lowOf(b)),
    times(lowOf(a), highOf(b)),
    times(highOf(a), lowOf(b)),
    times(highOf(a), highOf(b)),
  ];
  return interval(least(corners), greatest(corners));
}

export function absolute(a: Interval): Interval {
  if (lowOf(a) >= 0n) return a;
  if (highOf(a) <= 0n) return negate(a);
  return interval(0n, greatest([minus(lowOf(a)), highOf(a)]));
}

const negatives: Interval = { high: -1n };
const positives: Interval = { low: 1n };
const naturals: Interval = { low: 0n };

/** Quotients by a divisor that is at least 1, by `divide` rounding down or to zero; bounds of it may be infinite. */
function quotients(a: Interval, b: Interval, divide: (x: bigint, y: bigint) => bigint, ofNegative: bigint): Interval {
  const quotient = (x: Bound, y: Bound): Bound => {
    if (typeof y === 'number') return x < 0n ? ofNegative : 0n;
    return typeof x === 'number' ? x : divide(x, y);
  };
  const corners = [
    quotient(lowOf(a), lowOf(b)),
    quotient(lowOf(a), highOf(b)),
    quotient(highOf(a), lowOf(b)),
    quotient(highOf(a), highOf(b)),
  ];
  return interval(least(corners), greatest(corners));
}

function byDivisorSign(
  a: Interval,
  b: Interval,
  byPositive: (a: Interval, b: Interval) => Interval,
  byNegative: (a: Interval, minusB: Interval) => Interval,
  byZero: Interval,
): Interval {
  const positive = intersect(b, positives);
  const negative = intersect(b, negatives);
  return hullOf([
    positive && byPositive(a, positive),
    negative && byNegative(a, negate(negative)),
    contains(b, 0n) ? byZero : undefined,
  ]);
}

export const floorQuotient = (a: Interval, b: Interval): Interval => {
  const byPositive = (x: Interval, y: Interval) => quotients(x, y, floorDivide, -1n);
  return byDivisorSign(a, b, byPositive, (x, y) => byPositive(negate(x), y), point(0n));
};

export const truncatedQuotient = (a: Interval, b: Interval): Interval => {
  const byPositive = (x: Interval, y: Interval) => quotients(x, y, (p, q) => p / q, 0n);
  return byDivisorSign(a, b, byPositive, (x, y) => negate(byPositive(x, y)), point(0n));
};

/** x modulo y for y at least 1. */
function modulo(a: Interval, b: Interval): Interval {
  const bounded = interval(0n, plus(highOf(b), -1n));
  if (lowOf(a) >= 0n) {
    if (highOf(a) < lowOf(b)) return a;
    if (!isPoint(b)) return interval(0n, least([highOf(a), highOf(bounded)]));
  }
  if (a.low !== undefined && a.high !== undefined && isPoint(b)) {
    const m = b.low!;
    if (floorDivide(a.low, m) === floorDivide(a.high, m)) return between(floorModulo(a.low, m), floorModulo(a.high, m));
  }
  return bounded;
}

export const floorRemainder = (a: Interval, b: Interval): Interval =>
  byDivisorSign(a, b, modulo, (x, y) => negate(modulo(negate(x), y)), a);

export function truncatedRemainder(a: Interval, b: Interval): Interval {
  const natural = intersect(a, naturals);
  const negative = intersect(a, negatives);
  const byAbsolute = (y: Interval) =>
    hullOf([natural && modulo(natural, y), negative && negate(modulo(negate(negative), y))]);
  return byDivisorSign(
    a,
    b,
    (_, y) => byAbsolute(y),
    (_, y) => byAbsolute(y),
    a,
  );
}

export function powers(a: Interval, b: Interval): Interval {
  const exponent = intersect(b, naturals);
  const zero = contains(b, -1n) || lowOf(b) < 0n ? point(0n) : undefined;
  if (!exponent) return point(0n);
  if (isPoint(exponent) && exponent.low === 0n) return hullOf([point(1n), zero]);
  if (a.low === 0n && a.high === 0n && exponent.low! >= 1n) return point(0n);
  if (a.low === undefined || a.high === undefined || exponent.high === undefined) {
    return lowOf(a) >= 0n ? { low: lowOf(a) >= 1n && !zero ? 1n : 0n } : everything;
  }
  const base = greatest([absolute(a).high!, 1n]) as bigint;
  if (BigInt(bitLength(base)) * exponent.high > BigInt(widestBits)) return a.low >= 0n ? naturals : everything;
  const largest = power(base, exponent.high);
  if (a.low >= 1n) return hullOf([between(power(a.low, exponent.low!), largest), zero]);
  if (a.low >= 0n) return between(0n, largest);
  if (isPoint(exponent)) {
    const even = exponent.low! % 2n === 0n;
    if (even) return hullOf([between(a.high < 0n ? power(a.high, exponent.low!) : 0n, largest), zero]);
    return hullOf([between(power(a.low, exponent.low!), power(a.high, exponent.low!)), zero]);
  }
  return between(-largest, largest);
}

export function shiftsLeft(a: Interval, b: Interval): Interval {
  const count = intersect(b, naturals) ?? point(0n);
  const fewest = contains(b, 0n) || lowOf(b) < 0n ? 0n : count.low!;
  const shift = (x: Bound, n: Bound): Bound =>
    x === 0n
      ? x
      : typeof x === 'number' || n > BigInt(widestBits)
        ? Number.POSITIVE_INFINITY * (x < 0n ? -1 : 1)
        : x << (n as bigint);
  const most = highOf(count);
  return interval(shift(lowOf(a), lowOf(a) < 0n ? most : fewest), shift(highOf(a), highOf(a) < 0n ? fewest : most));
}

export function shiftsRight(a: Interval, b: Interval): Interval {
  const count = intersect(b, naturals) ?? point(0n);
  const fewest = contains(b, 0n) || lowOf(b) < 0n ? 0n : count.low!;
  const shift = (x: Bound, n: Bound): Bound =>
    n > BigInt(widestBits)
      ? typeof x === 'number' && typeof n === 'bigint'
        ? x
        : x < 0n
          ? -1n
          : 0n
      : typeof x === 'number'
        ? x
        : x >> (n as bigint);
  const most = highOf(count);
  return interval(shift(lowOf(a), lowOf(a) < 0n ? fewest : most), shift(highOf(a), highOf(a) < 0n ? most : fewest));
}

export const unsignedRange = (widthBits: number): Interval => between(0n, (1n << BigInt(widthBits)) - 1n);
export const signedRange = (widthBits: number): Interval =>
  between(-(1n << BigInt(widthBits - 1)), (1n << BigInt(widthBits - 1)) - 1n);

/** The values of an interval brought into the range of a width; all of that range where the interval crosses its end. */
export function wrapped(a: Interval, widthBits: number, signed: boolean): Interval {
  const full = signed ? signedRange(widthBits) : unsignedRange(widthBits);
  if (a.low === undefined || a.high === undefined) return full;
  const wrap = (x: bigint) => (signed ? BigInt.asIntN(widthBits, x) : BigInt.asUintN(widthBits, x));
  const low = wrap(a.low);
  const high = wrap(a.high);
  return a.high - a.low < 1n << BigInt(widthBits) && low <= high ? between(low, high) : full;
}

export const complement = (a: Interval): Interval => interval(plus(minus(highOf(a)), -1n), plus(minus(lowOf(a)), -1n));

type Bits = 'and' | 'or' | 'xor';

export function bitwise(kind: Bits, a: Interval, b: Interval): Interval {
  if (a.low === undefined || a.high === undefined || b.low === undefined || b.high === undefined) {
    return unboundedBitwise(kind, a, b);
  }
  const widthBits = Math.max(...[a.low, a.high, b.low, b.high].map((x) => bitLength(x < 0n ? ~x : x))) + 1;
  const parts: Interval[] = [];
  for (const x of [intersect(a, negatives), intersect(a, naturals)]) {
    for (const y of [intersect(b, negatives), intersect(b, naturals)]) {
      if (!x || !y) continue;
      const pattern = (v: bigint | undefined) => BigInt.asUintN(widthBits, v!);
      const [low, high] = patternBounds(
        kind,
        [pattern(x.low), pattern(x.high)],
        [pattern(y.low), pattern(y.high)],
        widthBits,
      );
      parts.push(between(BigInt.asIntN(widthBits, low), BigInt.asIntN(widthBits, high)));
    }
  }
  return hullOf(parts);
}

function unboundedBitwise(kind: Bits, a: Interval, b: Interval): Interval {
  const bothNatural = lowOf(a) >= 0n && lowOf(b) >= 0n;
  if (kind === 'and') {
    if (bothNatural) return interval(0n, least([highOf(a), highOf(b)]));
    if (lowOf(a) >= 0n) return interval(0n, highOf(a));
    if (lowOf(b) >= 0n) return interval(0n, highOf(b));
    return highOf(a) < 0n && highOf(b) < 0n
      ? interval(Number.NEGATIVE_INFINITY, least([highOf(a), highOf(b)]))
      : everything;
  }
  if (kind === 'or') {
    if (bothNatural) return interval(greatest([lowOf(a), lowOf(b)]), Number.POSITIVE_INFINITY);
    return highOf(a) < 0n || highOf(b) < 0n ? negatives : everything;
  }
  return bothNatural ? naturals : everything;
}

type Pair = readonly [bigint, bigint];

/** Least and greatest value of an operation on bit patterns x in [a, b], y in [c, d], all of a width. */
function patternBounds(kind: Bits, x: Pair, y: Pair, widthBits: number): Pair {
  const top = 1n << BigInt(widthBits - 1);
  const not = (v: bigint) => BigInt.asUintN(widthBits, ~v);
  if (kind === 'or') return [leastOr(x, y, top), greatestOr(x, y, top)];
  if (kind === 'xor') return [leastXor(x, y, top), greatestXor(x, y, top)];
  const notX: Pair = [not(x[1]), not(x[0])];
  const notY: Pair = [not(y[1]), not(y[0])];
  return [not(greatestOr(notX, notY, top)), not(leastOr(notX, notY, top))];
}

function leastOr([a, b]: Pair, [c, d]: Pair, top: bigint): bigint {
  for (let m = top; m > 0n; m >>= 1n) {
    if ((a & m) === 0n && (c & m) !== 0n) {
      const t = ((a | m) / m) * m;
      if (t <= b) return t | c;
    } else if ((a & m) !== 0n && (c & m) === 0n) {
      const t = ((c | m) / m) * m;
      if (t <= d) return a | t;
    }
  }
  return a | c;
}

function greatestOr([a, b]: Pair, [c, d]: Pair, top: bigint): bigint {
  for (let m = top; m > 0n; m >>= 1n) {
    if ((b & d & m) === 0n) continue;
    const t = (b - m) | (m - 1n);
    if (t >= a) return t | d;
    const u = (d - m) | (m - 1n);
    if (u >= c) return b | u;
  }
  return b | d;
}

function leastXor([first, b]: Pair, [third, d]: Pair, top: bigint): bigint {
  let a = first;
  let c = third;
  for (let m = top; m > 0n; m >>= 1n) {
    if ((a & m) === 0n && (c & m) !== 0n) {
      const t = ((a | m) / m) * m;
      if (t <= b) a = t;
    } else if ((a & m) !== 0n && (c & m) === 0n) {
      const t = ((c | m) / m) * m;
      if (t <= d) c = t;
    }
  }
  return a ^ c;
}

function greatestXor([a, second]: Pair, [c, fourth]: Pair, top: bigint): bigint {
  let b = second;
  let d = fourth;
  for (let m = top; m > 0n; m >>= 1n) {
    if ((b & d & m) === 0n) continue;
    const t = (b - m) | (m - 1n);
    if (t >= a) b = t;
    else {
      const u = (d - m) | (m - 1n);
      if (u >= c) d = u;
    }
  }
  return b ^ d;
}
