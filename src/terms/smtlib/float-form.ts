import type { OperatorName } from '../operator.ts';
import type { SExpression } from '../s-expression.ts';
import type { Sort } from '../sort.ts';
import type { Term } from '../term.ts';
import { bitsToFloat, type FloatValue, floatToNumber, integerToFloat, numberToFloat } from '../value.ts';
import { type Declarations, Unsupported } from './script.ts';

/**
 * Floats in SMT-LIB's theory of floating-point numbers ([BrainTRW-ARITH'15]), which like our terms has one NaN, for which
 * `=` is identity. What takes or gives integers is left to the forms, which choose how integers are spelt. C's fmod is built
 * from SMT-LIB's remainder: for |x| and |y| that is at most |y|/2 away from a multiple, so that adding |y| to a negative
 * one gives the remainder of truncated division, which always is a float. Only for binary32: binary64 would need a divider
 * of more than two thousand bits (refused).
 */
export type FloatSort = Extract<Sort, { readonly kind: 'float' }>;

export const isFloat = (sort: Sort): sort is FloatSort => sort.kind === 'float';

const shapes = { binary32: { exponent: 8, significand: 24 }, binary64: { exponent: 11, significand: 53 } } as const;

export const formatOfWidth = (widthBits: number): FloatValue['format'] => (widthBits === 32 ? 'binary32' : 'binary64');
export const widthOfFormat = (format: FloatValue['format']): number => (format === 'binary32' ? 32 : 64);

/** `8 24`, `11 53`: the indices of the theory's functions. */
export const indices = (format: FloatValue['format']): string =>
  `${shapes[format].exponent} ${shapes[format].significand}`;

export function floatConstant(value: FloatValue): string {
  const { format } = value;
  if (Number.isNaN(floatToNumber(value))) return `(_ NaN ${indices(format)})`;
  const bits = value.bits.toString(2).padStart(widthOfFormat(format), '0');
  const from = 1 + shapes[format].exponent;
  return `(fp #b${bits[0]} #b${bits.slice(1, from)} #b${bits.slice(from)})`;
}

export function formatOfFloat(term: Term): FloatValue['format'] {
  if (!isFloat(term.sort)) throw new Error('INVARIANT broken: a float is needed');
  return term.sort.format;
}

/** A vector of the float's interchange bits, by a definition that holds for exactly one vector. `id` tells floats apart. */
export function floatBits(script: Declarations, text: string, format: FloatValue['format'], id: number): string {
  const widthBits = widthOfFormat(format);
  const quiet = numberToFloat(Number.NaN, format).bits;
  return script.constant(`b.${id}`, `(_ BitVec ${widthBits})`, (name) => [
    `(= ((_ to_fp ${indices(format)}) ${name}) ${text})`,
    `(=> (fp.isNaN ${text}) (= ${name} (_ bv${quiet} ${widthBits})))`,
  ]);
}

const roundings = ['', 'RTZ', 'RTN', 'RTP', 'RNA', 'RNE'] as const;

/** An operator from floats to a float or a formula. requires: the arguments' texts may be written twice. */
export function floatApplication(op: OperatorName, index: number, sort: Sort, args: readonly string[]): string {
  const [a, b] = args as [string, string];
  switch (op) {
    case 'fp.add':
    case 'fp.sub':
    case 'fp.mul':
    case 'fp.div':
      return `(${op} RNE ${a} ${b})`;
    case 'fp.sqrt':
      return `(fp.sqrt RNE ${a})`;
    case 'fp.neg':
    case 'fp.abs':
    case 'fp.isNaN':
    case 'fp.isInfinite':
    case 'fp.isNegative':
      return `(${op} ${a})`;
    case 'fp.lt':
    case 'fp.eq':
      return `(${op} ${a} ${b})`;
    case 'fp.le':
      return `(fp.leq ${a} ${b})`;
    case 'fp.round':
      return `(fp.roundToIntegral ${roundings[index] ?? 'RNE'} ${a})`;
    case 'fp.convert':
      return `((_ to_fp ${indices(formatOfWidth(index))}) RNE ${a})`;
    case 'fp.rem': {
      if (!isFloat(sort) || sort.format !== 'binary32') throw new Unsupported('remainders of doubles');
      const r = `(fp.rem (fp.abs ${a}) (fp.abs ${b}))`;
      const size = `(let ((f.r ${r})) (ite (fp.isNegative f.r) (fp.add RNE f.r (fp.abs ${b})) f.r))`;
      return `(let ((f.m ${size})) (ite (fp.isNegative ${a}) (fp.neg f.m) f.m))`;
    }
    default:
      throw new Unsupported(`no SMT-LIB form of ${op}`);
  }
}

/** The test that the whole part of a float fits in two's complement of `widthBits`: then `fp.to_sbv` is specified. */
export function fitsSigned(text: string, format: FloatValue['format'], widthBits: number): string {
  const limit = 1n << BigInt(widthBits - 1);
  const low = integerToFloat(-limit - 1n, format);
  // Where the number below the least integer is no float, nothing lies between, or the least integer is infinite.
  const lowNumber = floatToNumber(low);
  const exact = Number.isFinite(lowNumber) && BigInt(lowNumber) === -limit - 1n;
  const least = integerToFloat(-limit, format);
  const below = exact
    ? `(fp.lt ${floatConstant(low)} ${text})`
    : `(${Number.isFinite(floatToNumber(least)) ? 'fp.leq' : 'fp.lt'} ${floatConstant(least)} ${text})`;
  return `(and ${below} (fp.lt ${text} ${floatConstant(integerToFloat(limit, format))}))`;
}

/** Reads a float as solvers print it. */
export function readFloat(expression: SExpression, format: FloatValue['format']): FloatValue | undefined {
  if (expression.kind !== 'list') return undefined;
  const [head, first, second, third] = expression.items;
  if (head?.kind !== 'atom' || expression.items.length !== 4) return undefined;
  const { exponent, significand } = shapes[format];
  if (head.text === '_') {
    if (!isAtom(second, String(exponent)) || !isAtom(third, String(significand))) return undefined;
    const special = first?.kind === 'atom' ? specials[first.text] : undefined;
    return special === undefined ? undefined : numberToFloat(special, format);
  }
  if (head.text !== 'fp') return undefined;
  const parts = [first, second, third].map((part, i) => readBits(part, [1, exponent, significand - 1][i]!));
  if (parts.includes(undefined)) return undefined;
  return bitsToFloat(BigInt(`0b${parts.join('')}`), format);
}

const specials: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+oo': Number.POSITIVE_INFINITY,
  '-oo': Number.NEGATIVE_INFINITY,
  '+zero': 0,
  '-zero': -0,
};

const isAtom = (e: SExpression | undefined, text: string): boolean => e?.kind === 'atom' && e.text === text;

/** A bit-vector literal as binary digits. */
function readBits(e: SExpression | undefined, widthBits: number): string | undefined {
  if (e?.kind !== 'atom') return undefined;
  const binary = /^#b([01]+)$/.exec(e.text)?.[1];
  const hex = /^#x([0-9a-fA-F]+)$/.exec(e.text)?.[1];
  const digits = binary ?? (hex && [...hex].map((d) => Number.parseInt(d, 16).toString(2).padStart(4, '0')).join(''));
  return digits?.length === widthBits ? digits : undefined;
}
