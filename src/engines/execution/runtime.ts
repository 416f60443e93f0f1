import { floorDivide, floorModulo } from '../../base/rational.ts';
import {
  EvaluationLimit,
  floatToInteger,
  largestIntegerBits,
  power,
  quotient,
  remainder,
  roundIntegral,
  shiftLeft,
  shiftRight,
} from '../../terms/operator.ts';
import {
  type ArrayValue,
  bitsToFloat,
  type FloatValue,
  floatToNumber,
  integerToFloat,
  numberToFloat,
  sameValue,
  type Value,
} from '../../terms/value.ts';

/**
 * What generated code calls. The functions on numbers take integers of at most 53 bits and give the operator table's
 * result exactly, or throw `TooLarge`; then the run changes over to bigints at the location where it is.
 *
 * Exactness: sums and products of such numbers that stay within 53 bits are computed exactly by IEEE doubles, and a larger
 * one never rounds into the range. A quotient a/b that lies below an integer q lies below it by at least 1/|b|, more than
 * half the gap between q and the double before it (as |qb| < 2^53), so it does not round up to q: floor and trunc of it are
 * exact; and so is a - trunc(a/b)*b, which is the remainder and much faster than `%` on doubles.
 */
export class TooLarge extends Error {}

const tooLarge = new TooLarge('beyond 53 bits');
const largest = Number.MAX_SAFE_INTEGER;
const hugePositive = 1n << BigInt(largestIntegerBits);
const hugeNegative = -hugePositive;

/** 2^0 … 2^53 as numbers. */
const powersOfTwo: readonly number[] = Array.from({ length: 54 }, (_, i) => Number(1n << BigInt(i)));

function checked(x: number): number {
  if (x > largest || x < -largest) throw tooLarge;
  return x;
}

/** A number from a bigint or number, if it fits. */
function narrow(x: bigint | number): number {
  return checked(Number(x));
}

function limited(x: bigint): bigint {
  if (x > hugePositive || x < hugeNegative) throw new EvaluationLimit('an integer grew beyond 1,000,000 bits');
  return x;
}

const floorQuotient = (a: number, b: number): number => (b === 0 ? 0 : Math.floor(a / b));

function floorRemainder(a: number, b: number): number {
  if (b === 0) return a;
  const r = a - Math.trunc(a / b) * b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

const truncatedQuotient = (a: number, b: number): number => (b === 0 ? 0 : Math.trunc(a / b));
const truncatedRemainder = (a: number, b: number): number => (b === 0 ? a : a - Math.trunc(a / b) * b);

function powerOf(base: number, exponent: number): number {
  if (exponent < 0) return 0;
  if (base >= -1 && base <= 1) return base === -1 ? (exponent % 2 === 0 ? 1 : -1) : exponent === 0 ? 1 : base;
  let result = 1;
  for (let i = 0; i < exponent; i++) result = checked(result * base);
  return result;
}

function shiftedLeft(a: number, count: number): number {
  if (count <= 0 || a === 0) return a;
  if (count > 53) throw tooLarge;
  return checked(a * powersOfTwo[count]!);
}

function shiftedRight(a: number, count: number): number {
  if (count <= 0) return a;
  if (count > 53) return a < 0 ? -1 : 0;
  return Math.floor(a / powersOfTwo[count]!);
}

const small = (a: number): boolean => (a | 0) === a;

const and = (a: number, b: number): number => (small(a) && small(b) ? a & b : narrow(BigInt(a) & BigInt(b)));
const or = (a: number, b: number): number => (small(a) && small(b) ? a | b : narrow(BigInt(a) | BigInt(b)));
const xor = (a: number, b: number): number => (small(a) && small(b) ? a ^ b : narrow(BigInt(a) ^ BigInt(b)));

/** requires: 33 <= width <= 53. */
function wrappedUnsigned(a: number, width: number): number {
  const modulus = powersOfTwo[width]!;
  const r = a % modulus;
  return checked(r < 0 ? r + modulus : r);
}

/** requires: 33 <= width <= 53. */
function wrappedSigned(a: number, width: number): number {
  const modulus = powersOfTwo[width]!;
  const half = powersOfTwo[width - 1]!;
  const r = a % modulus;
  return r >= half ? r - modulus : r < -half ? r + modulus : r;
}

/** The low 32 bits of an integer, as an int32. */
const lowBits = (a: bigint): number => Number(BigInt.asIntN(32, a));

/** Sixty-four bits or more: what is negative leaves the 53 bits. */
function nonNegative(a: number): number {
  if (a < 0) throw tooLarge;
  return a;
}

function outside(name: string, value: unknown): never {
  throw new Error(`INVARIANT broken: ${name} = ${value} is outside its range`);
}

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/** What `fp.to.int` gives, where its width is at most 53 bits: 0 for what is outside. */
function wholePart(x: number, low: number, high: number): number {
  const whole = Math.trunc(x);
  return whole >= low && whole <= high ? whole + 0 : 0;
}

/** The same for any width, where the result is small. */
function narrowWholePart(x: number, widthBits: number): number {
  const whole = Math.trunc(x);
  return whole <= largest && whole >= -largest ? whole + 0 : narrow(floatToInteger(x, widthBits));
}

const integerToNumber = (x: bigint, widthBits: number): number =>
  widthBits === 64 ? Number(x) : floatToNumber(integerToFloat(x, 'binary32'));

const select = (array: ArrayValue, index: Value): Value => array.select(index);
const store = (array: ArrayValue, index: Value, element: Value): Value => array.store(index, element);

/** The names under which generated code knows them. */
export const runtime = {
  TooLarge,
  EvaluationLimit,
  checked,
  narrow,
  limited,
  floorQuotient,
  floorRemainder,
  truncatedQuotient,
  truncatedRemainder,
  powerOf,
  shiftedLeft,
  shiftedRight,
  and,
  or,
  xor,
  wrappedUnsigned,
  wrappedSigned,
  nonNegative,
  lowBits,
  outside,
  fround: Math.fround,
  roundIntegral,
  isNegative,
  wholePart,
  narrowWholePart,
  integerToNumber,
  floatToInteger,
  floatToNumber,
  float32Value: (x: number): FloatValue => numberToFloat(x, 'binary32'),
  float64Value: (x: number): FloatValue => numberToFloat(x, 'binary64'),
  float32Bits: (x: number): number => Number(numberToFloat(x, 'binary32').bits),
  float64Bits: (x: number): bigint => numberToFloat(x, 'binary64').bits,
  floatOfBits: (x: bigint, widthBits: number): number =>
    floatToNumber(bitsToFloat(x, widthBits === 32 ? 'binary32' : 'binary64')),
  select,
  store,
  sameValue,
  bigFloorQuotient: (a: bigint, b: bigint): bigint => (b === 0n ? 0n : floorDivide(a, b)),
  bigFloorRemainder: (a: bigint, b: bigint): bigint => (b === 0n ? a : floorModulo(a, b)),
  bigQuotient: quotient,
  bigRemainder: remainder,
  bigPower: power,
  bigShiftLeft: shiftLeft,
  bigShiftRight: shiftRight,
  bigAbsolute: (a: bigint): bigint => (a < 0n ? -a : a),
} as const;

export const runtimeNames = Object.keys(runtime) as readonly (keyof typeof runtime)[];
