import * as Q from '../base/rational.ts';
import { floorDivide, floorModulo, type Rational } from '../base/rational.ts';
import { boolSort, floatSort, formatSort, intSort, type Sort, sameSort } from './sort.ts';
import {
  type ArrayValue,
  bitsToFloat,
  type FloatValue,
  floatToNumber,
  integerToFloat,
  numberToFloat,
  sameValue,
  type Value,
} from './value.ts';

/**
 * The operator table: one row an operator, with its arity, its sorts, its SMT-LIB name and its meaning.
 *
 * Every operator is total, so that a term always has a value; front ends guard what the language leaves undefined with
 * a check. Where a language has no word, we fix: division by 0 gives 0, and the remainder is then the dividend
 * (so that a = b*(a div b) + (a mod b) holds always); a shift by a negative count shifts by 0; a power with a negative
 * exponent is 0.
 *
 * `div`/`mod` round to minus infinity (Python), `quot`/`rem` to zero (C). Bitwise operators read an integer as an
 * infinite two's complement string, as Python does. `wrap.unsigned`/`wrap.signed` bring an integer into the range of
 * `index` bits, modulo 2^index: C's conversions.
 */
export interface Operator {
  readonly name: OperatorName;
  readonly minArity: number;
  readonly maxArity: number;
  /** Needs an index (a width in bits, at least 1). */
  readonly indexed: boolean;
  readonly commutative: boolean;
  readonly associative: boolean;
  /** The SMT-LIB function of the same meaning; absent where a translation is needed (see smtlib.ts). */
  readonly smtlib?: string;
  /** The infix or function spelling that reports use. */
  readonly symbol: string;
  /** The sort of the result, or a sentence about what is wrong with the arguments. */
  readonly resultSort: (args: readonly Sort[], index: number) => Sort | string;
  /** requires: args have sorts that resultSort accepts. */
  readonly evaluate: (args: readonly Value[], index: number) => Value;
}

export type OperatorName =
  | 'not'
  | 'and'
  | 'or'
  | 'implies'
  | 'xor'
  | '='
  | 'ite'
  | '+'
  | '-'
  | 'neg'
  | '*'
  | 'div'
  | 'mod'
  | 'quot'
  | 'rem'
  | 'abs'
  | 'pow'
  | '<='
  | '<'
  | '>='
  | '>'
  | 'bit.and'
  | 'bit.or'
  | 'bit.xor'
  | 'bit.not'
  | 'shift.left'
  | 'shift.right'
  | 'wrap.unsigned'
  | 'wrap.signed'
  | 'select'
  | 'store'
  | 'fp.add'
  | 'fp.sub'
  | 'fp.mul'
  | 'fp.div'
  | 'fp.rem'
  | 'fp.neg'
  | 'fp.abs'
  | 'fp.sqrt'
  | 'fp.round'
  | 'fp.lt'
  | 'fp.le'
  | 'fp.eq'
  | 'fp.isNaN'
  | 'fp.isInfinite'
  | 'fp.isNegative'
  | 'fp.convert'
  | 'fp.of.int'
  | 'fp.to.int'
  | 'fp.bits'
  | 'fp.of.bits';

/** Larger results are refused by evaluation: a program could ask for 1 << 10**12. In bits. */
export const largestIntegerBits = 1_000_000;

export class EvaluationLimit extends Error {}

const many = Number.POSITIVE_INFINITY;
const int = (v: Value | undefined): bigint => v as bigint;
const bool = (v: Value | undefined): boolean => v as boolean;

const all =
  (expected: Sort, result: Sort) =>
  (args: readonly Sort[]): Sort | string => {
    const wrong = args.find((s) => !sameSort(s, expected));
    return wrong ? `expected ${formatSort(expected)}, got ${formatSort(wrong)}` : result;
  };

/** All arguments Int, or all Real. */
const numeric =
  (result: 'same' | 'bool') =>
  (args: readonly Sort[]): Sort | string => {
    const first = args[0]!;
    if (first.kind !== 'int' && first.kind !== 'real') return `expected Int or Real, got ${formatSort(first)}`;
    const wrong = args.find((s) => s.kind !== first.kind);
    if (wrong) return `expected ${formatSort(first)}, got ${formatSort(wrong)}`;
    return result === 'same' ? first : boolSort;
  };

function limited(value: bigint): bigint {
  if (value > hugePositive || value < hugeNegative) throw new EvaluationLimit('an integer grew beyond 1,000,000 bits');
  return value;
}
const hugePositive = 1n << BigInt(largestIntegerBits);
const hugeNegative = -hugePositive;

function arithmetic(
  args: readonly Value[],
  onInt: (a: bigint, b: bigint) => bigint,
  onReal: (a: Rational, b: Rational) => Rational,
): Value {
  if (typeof args[0] === 'bigint') {
    let result = int(args[0]);
    for (let i = 1; i < args.length; i++) result = onInt(result, int(args[i]));
    return limited(result);
  }
  let result = args[0] as Rational;
  for (let i = 1; i < args.length; i++) result = onReal(result, args[i] as Rational);
  return result;
}

function comparison(args: readonly Value[], holds: (sign: number) => boolean): boolean {
  const [a, b] = args;
  if (typeof a === 'bigint') return holds(a < int(b) ? -1 : a > int(b) ? 1 : 0);
  return holds(Q.compare(a as Rational, b as Rational));
}

export function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return 0n;
  if (base >= -1n && base <= 1n) return base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : exponent === 0n ? 1n : base;
  const bits = BigInt(base.toString(2).length) * exponent;
  if (bits > BigInt(2 * largestIntegerBits)) throw new EvaluationLimit('an integer grew beyond 1,000,000 bits');
  return limited(base ** exponent);
}

export function shiftLeft(value: bigint, count: bigint): bigint {
  if (count <= 0n || value === 0n) return value;
  if (count > BigInt(largestIntegerBits)) throw new EvaluationLimit('an integer grew beyond 1,000,000 bits');
  return limited(value << count);
}

export function shiftRight(value: bigint, count: bigint): bigint {
  if (count <= 0n) return value;
  if (count > BigInt(largestIntegerBits)) return value < 0n ? -1n : 0n;
  return value >> count;
}

export const quotient = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a / b);
export const remainder = (a: bigint, b: bigint): bigint => (b === 0n ? a : a % b);

type Row = Partial<Operator> & Pick<Operator, 'resultSort' | 'evaluate'>;

const binary = { minArity: 2, maxArity: 2 };
const unary = { minArity: 1, maxArity: 1 };
const nary = { minArity: 2, maxArity: many };
const ac = { commutative: true, associative: true };
const ints = all(intSort, intSort);
const bools = all(boolSort, boolSort);

/** All arguments floats of one format. */
const floats =
  (result: 'same' | Sort) =>
  (args: readonly Sort[]): Sort | string => {
    const first = args[0]!;
    if (first.kind !== 'float') return `expected a float, got ${formatSort(first)}`;
    const wrong = args.find((s) => !sameSort(s, first));
    if (wrong) return `expected ${formatSort(first)}, got ${formatSort(wrong)}`;
    return result === 'same' ? first : result;
  };

/** A float of `index` bits, 32 or 64, from one argument. */
const floatOf =
  (from: 'float' | 'int') =>
  ([a]: readonly Sort[], index: number): Sort | string => {
    if (a!.kind !== from) return `expected ${from === 'int' ? 'Int' : 'a float'}, got ${formatSort(a!)}`;
    return index === 32 || index === 64 ? floatSort(index) : `a float has 32 or 64 bits, not ${index}`;
  };

const float = (v: Value | undefined): FloatValue => v as FloatValue;
const num = (v: Value | undefined): number => floatToNumber(v as FloatValue);

/** An operation of the hardware, which is exact in double precision for both formats once rounded again ([Figueroa-1995]). */
const onFloats =
  (operation: (a: number, b: number) => number) =>
  ([a, b]: readonly Value[]): Value =>
    numberToFloat(operation(num(a), b === undefined ? 0 : num(b)), float(a).format);

const rows: Record<OperatorName, Row> = {
  'fp.add': {
    ...binary,
    commutative: true,
    symbol: '+',
    resultSort: floats('same'),
    evaluate: onFloats((a, b) => a + b),
  },
  'fp.sub': { ...binary, symbol: '-', resultSort: floats('same'), evaluate: onFloats((a, b) => a - b) },
  'fp.mul': {
    ...binary,
    commutative: true,
    symbol: '*',
    resultSort: floats('same'),
    evaluate: onFloats((a, b) => a * b),
  },
  'fp.div': { ...binary, symbol: '/', resultSort: floats('same'), evaluate: onFloats((a, b) => a / b) },
  // C's fmod: the remainder of truncated division, exact.
  'fp.rem': { ...binary, symbol: 'fmod', resultSort: floats('same'), evaluate: onFloats((a, b) => a % b) },
  'fp.neg': { ...unary, symbol: '-', resultSort: floats('same'), evaluate: onFloats((a) => -a) },
  'fp.abs': { ...unary, symbol: 'fabs', resultSort: floats('same'), evaluate: onFloats(Math.abs) },
  'fp.sqrt': { ...unary, symbol: 'sqrt', resultSort: floats('same'), evaluate: onFloats(Math.sqrt) },
  // To an integral float; index 1 towards zero, 2 down, 3 up, 4 to nearest with ties away from zero, 5 with ties to even.
  'fp.round': {
    ...unary,
    indexed: true,
    symbol: 'round',
    resultSort: floats('same'),
    evaluate: ([a], mode) => numberToFloat(roundIntegral(num(a), mode), float(a).format),
  },
  'fp.lt': { ...binary, symbol: '<', resultSort: floats(boolSort), evaluate: ([a, b]) => num(a) < num(b) },
  'fp.le': { ...binary, symbol: '<=', resultSort: floats(boolSort), evaluate: ([a, b]) => num(a) <= num(b) },
  // IEEE equality: NaN equals nothing, the zeros equal each other. `=` on floats is equality of the values themselves.
  'fp.eq': {
    ...binary,
    commutative: true,
    symbol: '==',
    resultSort: floats(boolSort),
    evaluate: ([a, b]) => num(a) === num(b),
  },
  'fp.isNaN': { ...unary, symbol: 'isnan', resultSort: floats(boolSort), evaluate: ([a]) => Number.isNaN(num(a)) },
  'fp.isInfinite': {
    ...unary,
    symbol: 'isinf',
    resultSort: floats(boolSort),
    evaluate: ([a]) => Math.abs(num(a)) === Number.POSITIVE_INFINITY,
  },
  'fp.isNegative': {
    ...unary,
    symbol: 'signbit',
    resultSort: floats(boolSort),
    evaluate: ([a]) => num(a) < 0 || Object.is(num(a), -0),
  },
  'fp.convert': {
    ...unary,
    indexed: true,
    resultSort: floatOf('float'),
    evaluate: ([a], width) => numberToFloat(num(a), formatOf(width)),
  },
  // Nearest, ties to even, from an integer of any size.
  'fp.of.int': {
    ...unary,
    indexed: true,
    resultSort: floatOf('int'),
    evaluate: ([a], width) => integerToFloat(int(a), formatOf(width)),
  },
  // Towards zero; NaN, and what does not fit in two's complement of `index` bits then, give 0.
  'fp.to.int': {
    ...unary,
    indexed: true,
    resultSort: floats(intSort),
    evaluate: ([a], width) => floatToInteger(num(a), width),
  },
  // The interchange bits as a natural number, and back; every NaN comes back as the one quiet NaN.
  'fp.bits': { ...unary, resultSort: floats(intSort), evaluate: ([a]) => float(a).bits },
  'fp.of.bits': {
    ...unary,
    indexed: true,
    resultSort: floatOf('int'),
    evaluate: ([a], width) => bitsToFloat(int(a), formatOf(width)),
  },
  not: { ...unary, smtlib: 'not', symbol: '!', resultSort: bools, evaluate: ([a]) => !bool(a) },
  and: { ...nary, ...ac, smtlib: 'and', symbol: '&&', resultSort: bools, evaluate: (args) => args.every(bool) },
  or: { ...nary, ...ac, smtlib: 'or', symbol: '||', resultSort: bools, evaluate: (args) => args.some(bool) },
  implies: { ...binary, smtlib: '=>', symbol: '==>', resultSort: bools, evaluate: ([a, b]) => !bool(a) || bool(b) },
  xor: { ...binary, ...ac, smtlib: 'xor', resultSort: bools, evaluate: ([a, b]) => bool(a) !== bool(b) },
  '=': {
    ...binary,
    commutative: true,
    smtlib: '=',
    symbol: '==',
    resultSort: ([a, b]) =>
      sameSort(a!, b!) ? boolSort : `expected equal sorts, got ${formatSort(a!)} and ${formatSort(b!)}`,
    evaluate: ([a, b]) => sameValue(a!, b!),
  },
  ite: {
    minArity: 3,
    maxArity: 3,
    smtlib: 'ite',
    resultSort: ([c, a, b]) =>
      c!.kind !== 'bool'
        ? `expected a Bool condition, got ${formatSort(c!)}`
        : sameSort(a!, b!)
          ? a!
          : `expected equal branches, got ${formatSort(a!)} and ${formatSort(b!)}`,
    evaluate: ([c, a, b]) => (bool(c) ? a! : b!),
  },
  '+': {
    ...nary,
    ...ac,
    smtlib: '+',
    resultSort: numeric('same'),
    evaluate: (args) => arithmetic(args, (a, b) => a + b, Q.add),
  },
  '-': {
    ...binary,
    smtlib: '-',
    resultSort: numeric('same'),
    evaluate: (args) => arithmetic(args, (a, b) => a - b, Q.subtract),
  },
  neg: {
    ...unary,
    smtlib: '-',
    symbol: '-',
    resultSort: numeric('same'),
    evaluate: ([a]) => (typeof a === 'bigint' ? -a : Q.negate(a as Rational)),
  },
  '*': {
    ...nary,
    ...ac,
    smtlib: '*',
    resultSort: numeric('same'),
    evaluate: (args) => arithmetic(args, (a, b) => limited(a * b), Q.multiply),
  },
  div: {
    ...binary,
    symbol: '//',
    resultSort: ints,
    evaluate: ([a, b]) => (int(b) === 0n ? 0n : floorDivide(int(a), int(b))),
  },
  mod: {
    ...binary,
    symbol: 'mod',
    resultSort: ints,
    evaluate: ([a, b]) => (int(b) === 0n ? a! : floorModulo(int(a), int(b))),
  },
  quot: { ...binary, symbol: '/', resultSort: ints, evaluate: ([a, b]) => quotient(int(a), int(b)) },
  rem: { ...binary, symbol: '%', resultSort: ints, evaluate: ([a, b]) => remainder(int(a), int(b)) },
  abs: { ...unary, smtlib: 'abs', resultSort: ints, evaluate: ([a]) => (int(a) < 0n ? -int(a) : a!) },
  pow: { ...binary, symbol: '**', resultSort: ints, evaluate: ([a, b]) => power(int(a), int(b)) },
  '<=': { ...binary, smtlib: '<=', resultSort: numeric('bool'), evaluate: (args) => comparison(args, (s) => s <= 0) },
  '<': { ...binary, smtlib: '<', resultSort: numeric('bool'), evaluate: (args) => comparison(args, (s) => s < 0) },
  '>=': { ...binary, smtlib: '>=', resultSort: numeric('bool'), evaluate: (args) => comparison(args, (s) => s >= 0) },
  '>': { ...binary, smtlib: '>', resultSort: numeric('bool'), evaluate: (args) => comparison(args, (s) => s > 0) },
  'bit.and': { ...binary, ...ac, symbol: '&', resultSort: ints, evaluate: ([a, b]) => int(a) & int(b) },
  'bit.or': { ...binary, ...ac, symbol: '|', resultSort: ints, evaluate: ([a, b]) => int(a) | int(b) },
  'bit.xor': { ...binary, ...ac, symbol: '^', resultSort: ints, evaluate: ([a, b]) => int(a) ^ int(b) },
  'bit.not': { ...unary, symbol: '~', resultSort: ints, evaluate: ([a]) => ~int(a) },
  'shift.left': { ...binary, symbol: '<<', resultSort: ints, evaluate: ([a, b]) => shiftLeft(int(a), int(b)) },
  'shift.right': { ...binary, symbol: '>>', resultSort: ints, evaluate: ([a, b]) => shiftRight(int(a), int(b)) },
  'wrap.unsigned': {
    ...unary,
    indexed: true,
    resultSort: ints,
    evaluate: ([a], width) => BigInt.asUintN(width, int(a)),
  },
  'wrap.signed': { ...unary, indexed: true, resultSort: ints, evaluate: ([a], width) => BigInt.asIntN(width, int(a)) },
  select: {
    ...binary,
    smtlib: 'select',
    resultSort: ([a, i]) =>
      a!.kind !== 'array'
        ? `expected an array, got ${formatSort(a!)}`
        : sameSort(a!.index, i!)
          ? a!.element
          : `expected an index of sort ${formatSort(a!.index)}, got ${formatSort(i!)}`,
    evaluate: ([a, i]) => (a as ArrayValue).select(i!),
  },
  store: {
    minArity: 3,
    maxArity: 3,
    smtlib: 'store',
    resultSort: ([a, i, e]) =>
      a!.kind !== 'array'
        ? `expected an array, got ${formatSort(a!)}`
        : !sameSort(a!.index, i!)
          ? `expected an index of sort ${formatSort(a!.index)}, got ${formatSort(i!)}`
          : sameSort(a!.element, e!)
            ? a!
            : `expected an element of sort ${formatSort(a!.element)}, got ${formatSort(e!)}`,
    evaluate: ([a, i, e]) => (a as ArrayValue).store(i!, e!),
  },
};

export const operators: Readonly<Record<OperatorName, Operator>> = Object.fromEntries(
  Object.entries(rows).map(([name, row]) => [
    name,
    { name, minArity: 1, maxArity: 1, indexed: false, commutative: false, associative: false, symbol: name, ...row },
  ]),
) as Record<OperatorName, Operator>;

const formatOf = (widthBits: number): FloatValue['format'] => (widthBits === 32 ? 'binary32' : 'binary64');

export function floatToInteger(x: number, widthBits: number): bigint {
  if (!Number.isFinite(x)) return 0n;
  const whole = BigInt(Math.trunc(x));
  return BigInt.asIntN(widthBits, whole) === whole ? whole : 0n;
}

export function roundIntegral(x: number, mode: number): number {
  switch (mode) {
    case 1:
      return Math.trunc(x);
    case 2:
      return Math.floor(x);
    case 3:
      return Math.ceil(x);
    case 4: {
      const size = Math.abs(x);
      const down = Math.floor(size);
      const rounded = size - down >= 0.5 ? down + 1 : down;
      return x < 0 || Object.is(x, -0) ? -rounded : rounded;
    }
    default: {
      const down = Math.floor(x);
      const rest = x - down;
      const even = down % 2 === 0 ? down : down + 1;
      const rounded = rest < 0.5 ? down : rest > 0.5 ? down + 1 : even;
      return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
    }
  }
}

export const isOperatorName = (name: string): name is OperatorName => Object.hasOwn(operators, name);
