import type { Term } from '../../../terms/term.ts';
import { floatToNumber, isFloatValue } from '../../../terms/value.ts';
import type { TypedOf } from '../types/typed.ts';
import { floatConstant, floatOperation, widthOfTerm } from './floats.ts';
import type { Value } from './integers.ts';
import type { FunctionState } from './state.ts';

/**
 * Functions of math.h that IEEE 754 does not fix to the last bit: the result may be anything that agrees with the special
 * values of C11 Annex F and with a range. Ranges hold for libraries whose error is below one unit in the last place at the
 * bounds (as glibc documents); where rounding may step over an irrational bound, ours is a little wider. The approximation
 * stands beside the answer: it supports proofs, not counterexamples.
 */
export const approximations: ReadonlySet<string> = new Set([
  ...'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp exp2 exp10 expm1'.split(' '),
  ...'log log2 log10 log1p logb pow cbrt hypot erf erfc lgamma tgamma nextafter fma ldexp scalbn scalbln'.split(' '),
]);

interface Facts {
  readonly low?: number;
  readonly high?: number;
  /** The result is NaN exactly for arguments outside these bounds, and for NaN. `finite`: also for the infinities. */
  readonly domain?: { readonly low?: number; readonly high?: number; readonly open?: boolean };
  readonly finite?: boolean;
  /** f(0) = 0 with the same sign. */
  readonly odd?: boolean;
  /** Exact values. */
  readonly at?: readonly (readonly [number, number])[];
  /** NaN only for NaN (and outside the domain). */
  readonly total?: boolean;
}

const inf = Number.POSITIVE_INFINITY;

const facts: Readonly<Record<string, Facts>> = {
  sin: { low: -1, high: 1, finite: true, odd: true, total: true },
  cos: { low: -1, high: 1, finite: true, at: [[0, 1]], total: true },
  tan: { finite: true, odd: true, total: true },
  asin: { low: -1.6, high: 1.6, domain: { low: -1, high: 1 }, odd: true, total: true },
  acos: { low: 0, high: 3.2, domain: { low: -1, high: 1 }, at: [[1, 0]], total: true },
  atan: { low: -1.6, high: 1.6, odd: true, total: true },
  sinh: { odd: true, total: true },
  cosh: { low: 1, at: [[0, 1]], total: true },
  tanh: { low: -1, high: 1, odd: true, total: true },
  asinh: { odd: true, total: true },
  acosh: { low: 0, domain: { low: 1 }, at: [[1, 0]], total: true },
  atanh: { domain: { low: -1, high: 1 }, odd: true, total: true },
  exp: {
    low: 0,
    at: [
      [0, 1],
      [inf, inf],
      [-inf, 0],
    ],
    total: true,
  },
  exp2: {
    low: 0,
    at: [
      [0, 1],
      [inf, inf],
      [-inf, 0],
    ],
    total: true,
  },
  exp10: { low: 0, at: [[0, 1]], total: true },
  expm1: { low: -1, odd: true, total: true },
  log: {
    domain: { low: 0 },
    at: [
      [0, -inf],
      [1, 0],
      [inf, inf],
    ],
    total: true,
  },
  log2: {
    domain: { low: 0 },
    at: [
      [0, -inf],
      [1, 0],
      [inf, inf],
    ],
    total: true,
  },
  log10: {
    domain: { low: 0 },
    at: [
      [0, -inf],
      [1, 0],
      [inf, inf],
    ],
    total: true,
  },
  log1p: { domain: { low: -1 }, odd: true, total: true },
  cbrt: { odd: true, total: true },
  erf: { low: -1, high: 1, odd: true, total: true },
  erfc: { low: 0, high: 2, total: true },
};

/** Functions that JavaScript has too, with an error of a few units in the last place, in every engine that we know. */
const computed: Readonly<Record<string, (...args: number[]) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  pow: Math.pow,
  cbrt: Math.cbrt,
  hypot: Math.hypot,
};

/** Bounds of the result for constant arguments, many times wider than the error of either library. */
function nearby(name: string, args: readonly Term[]): { readonly low: number; readonly high: number } | undefined {
  const compute = computed[name];
  const numbers = args.flatMap((a) => (a.kind === 'value' && isFloatValue(a.value) ? [floatToNumber(a.value)] : []));
  if (!compute || numbers.length !== args.length) return undefined;
  const value = compute(...numbers);
  if (!Number.isFinite(value) || Math.abs(value) < 1e-30 || Math.abs(value) > 1e30) return undefined;
  const margin = Math.abs(value) * (widthOfTerm(args[0]!) === 32 ? 2 ** -20 : 2 ** -44);
  return { low: value - margin, high: value + margin };
}

/** requires: the arguments are constants or symbols. */
export function approximated(f: FunctionState, name: string, args: readonly Term[], e: TypedOf<'call'>): Value {
  f.approximate(
    `\`${name}\` is not computed: it may return any value that agrees with its range and special values`,
    e.range,
  );
  const x = args[0]!;
  const width = widthOfTerm(x);
  const result = f.anything({ kind: 'floating', format: width === 32 ? 'float' : 'double' });
  const r = result.term;
  const { terms } = f;
  const constant = (value: number): Term => floatConstant(f, value, width);
  const op = (o: Parameters<typeof floatOperation>[1], ...a: Term[]): Term => floatOperation(f, o, a);
  const say = (condition: Term): void => f.emit({ kind: 'assume', condition });
  const near = nearby(name, args);
  if (near) {
    say(op('fp.le', constant(near.low), r));
    say(op('fp.le', r, constant(near.high)));
  }
  const undefinedNumber = op('fp.isNaN', r);
  if (name === 'pow') {
    // pow(x, 0) = 1 and pow(1, y) = 1, whatever the other is.
    const one = terms.equal(r, constant(1));
    say(terms.implies(op('fp.eq', args[1]!, constant(0)), one));
    say(terms.implies(op('fp.eq', x, constant(1)), one));
    return result;
  }
  const known = facts[name];
  if (!known || args.length !== 1) return result;
  if (known.low !== undefined) say(terms.or(undefinedNumber, op('fp.le', constant(known.low), r)));
  if (known.high !== undefined) say(terms.or(undefinedNumber, op('fp.le', r, constant(known.high))));
  if (known.odd) say(terms.implies(op('fp.eq', x, constant(0)), terms.equal(r, x)));
  for (const [at, value] of known.at ?? [])
    say(terms.implies(op('fp.eq', x, constant(at)), terms.equal(r, constant(value))));
  if (known.total) {
    const outside: Term[] = [op('fp.isNaN', x)];
    if (known.finite) outside.push(op('fp.isInfinite', x));
    if (known.domain?.low !== undefined) outside.push(op('fp.lt', x, constant(known.domain.low)));
    if (known.domain?.high !== undefined) outside.push(op('fp.lt', constant(known.domain.high), x));
    say(terms.equal(undefinedNumber, terms.any(outside)));
  }
  return result;
}
