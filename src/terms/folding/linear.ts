import type { TermFactory } from '../factory.ts';
import type { RangeAnalysis } from '../range.ts';
import type { Term } from '../term.ts';

/**
 * Sums as `constant + sum of coefficient * atom`, where an atom is any term that is not linear itself. Only short sums are
 * brought into this form, so that folding stays linear.
 */
export interface Linear {
  /** No coefficient is 0. */
  readonly coefficients: Map<Term, bigint>;
  readonly constant: bigint;
}

const mostAtoms = 24;
const longestWalk = 64;

/** factor * term + factor * term + …; undefined where that is too long. requires: the terms are of sort Int. */
export function linearOf(parts: readonly (readonly [Term, bigint])[]): Linear | undefined {
  const coefficients = new Map<Term, bigint>();
  let constant = 0n;
  let walked = 0;
  const stack = [...parts];
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    const [term, factor] = part;
    if (++walked > longestWalk) return undefined;
    if (term.kind === 'value') {
      constant += factor * (term.value as bigint);
      continue;
    }
    const op = term.kind === 'apply' ? term.op : undefined;
    const args = term.kind === 'apply' ? term.args : [];
    if (op === '+') {
      if (args.length > mostAtoms) return undefined;
      for (const a of args) stack.push([a, factor]);
    } else if (op === '-') stack.push([args[0]!, factor], [args[1]!, -factor]);
    else if (op === 'neg') stack.push([args[0]!, -factor]);
    else if (op === '*' && args.length === 2 && args.some((a) => a.kind === 'value')) {
      const [a, b] = args as [Term, Term];
      if (a.kind === 'value') stack.push([b, factor * (a.value as bigint)]);
      else if (b.kind === 'value') stack.push([a, factor * (b.value as bigint)]);
    } else {
      const sum = (coefficients.get(term) ?? 0n) + factor;
      if (sum === 0n) coefficients.delete(term);
      else coefficients.set(term, sum);
      if (coefficients.size > mostAtoms) return undefined;
    }
  }
  return { coefficients, constant };
}

/** The term of a linear form: atoms in order of their creation, the constant last. */
export function linearTerm(t: TermFactory, { coefficients, constant }: Linear): Term {
  const entries = sorted(coefficients);
  if (entries.length === 2 && constant === 0n) {
    const minus = entries.findIndex(([, c]) => c === -1n);
    const plus = entries[1 - minus];
    if (minus >= 0 && plus?.[1] === 1n) return t.subtract(plus[0], entries[minus]![0]);
  }
  const parts = entries.map(([atom, c]) => multiple(t, atom, c));
  if (constant !== 0n || parts.length === 0) parts.push(t.int(constant));
  return t.sum(parts);
}

const multiple = (t: TermFactory, atom: Term, c: bigint): Term =>
  c === 1n ? atom : c === -1n ? t.negate(atom) : t.multiply(t.int(c), atom);

const sorted = (coefficients: ReadonlyMap<Term, bigint>): (readonly [Term, bigint])[] =>
  coefficients.size < 2 ? [...coefficients] : [...coefficients].sort(([a], [b]) => a.id - b.id);

/**
 * A comparison of integers in one of two spellings, `P <= N + k` or the negation of such, or `P = N + k`: with the
 * constant on the right, coefficients without a common divisor, and the oldest atom on the left; so that the same
 * comparison is the same term however it was written, and its negation is that term negated.
 */
export type Comparison =
  | { readonly kind: 'decided'; readonly truth: boolean }
  | {
      readonly kind: 'atom';
      readonly op: '<=' | '=';
      readonly left: Term;
      readonly right: Term;
      readonly negated: boolean;
    };

/** left <= right + slack. Undefined where a side is too long. */
export function atMost(t: TermFactory, left: Term, right: Term, slack: bigint): Comparison | undefined {
  // sum <= bound
  const form = linearOf([
    [left, 1n],
    [right, -1n],
  ]);
  if (!form) return undefined;
  const entries = sorted(form.coefficients);
  let bound = slack - form.constant;
  if (entries.length === 0) return { kind: 'decided', truth: bound >= 0n };
  const divisor = commonDivisor(entries);
  bound = floorDivide(bound, divisor);
  const positive = entries[0]![1] > 0n;
  // sum <= b  if and only if  not (-sum <= -b - 1)
  if (!positive) bound = -bound - 1n;
  const reduced = entries.map(([atom, c]) => [atom, (positive ? c : -c) / divisor] as const);
  if (bound === -1n && reduced.some(([, c]) => c < 0n)) {
    // P <= N - 1 is better said as not (N <= P): no constant, so no wider numbers.
    const [p, n] = sides(t, reduced, 0n);
    return { kind: 'atom', op: '<=', left: n, right: p, negated: positive };
  }
  const [p, n] = sides(t, reduced, bound);
  return { kind: 'atom', op: '<=', left: p, right: n, negated: !positive };
}

export function equation(t: TermFactory, left: Term, right: Term): Comparison | undefined {
  const form = linearOf([
    [left, 1n],
    [right, -1n],
  ]);
  if (!form) return undefined;
  const entries = sorted(form.coefficients);
  let bound = -form.constant;
  if (entries.length === 0) return { kind: 'decided', truth: bound === 0n };
  const divisor = commonDivisor(entries);
  if (bound % divisor !== 0n) return { kind: 'decided', truth: false };
  bound /= divisor;
  const sign = entries[0]![1] > 0n ? 1n : -1n;
  const reduced = entries.map(([atom, c]) => [atom, (sign * c) / divisor] as const);
  const [p, n] = sides(t, reduced, sign * bound);
  return { kind: 'atom', op: '=', left: p, right: n, negated: false };
}

/** The atoms with positive coefficients, and the others negated with the constant. */
function sides(t: TermFactory, entries: readonly (readonly [Term, bigint])[], constant: bigint): [Term, Term] {
  const positive = new Map<Term, bigint>();
  const negative = new Map<Term, bigint>();
  for (const [atom, c] of entries) {
    if (c > 0n) positive.set(atom, c);
    else negative.set(atom, -c);
  }
  return [linearTerm(t, { coefficients: positive, constant: 0n }), linearTerm(t, { coefficients: negative, constant })];
}

function commonDivisor(entries: readonly (readonly [Term, bigint])[]): bigint {
  let divisor = 0n;
  for (const [, c] of entries) {
    let [a, b] = [divisor, c < 0n ? -c : c];
    while (b !== 0n) [a, b] = [b, a % b];
    divisor = a;
    if (divisor === 1n) break;
  }
  return divisor;
}

/**
 * `a = k * whole + rest`, with the multiples of k in `whole`: then the floor of a / k is whole plus the floor of rest / k.
 * Undefined where nothing is gained. `truncated` division is the same where neither a nor the rest is negative.
 */
export function divided(
  t: TermFactory,
  a: Term,
  k: bigint,
  truncated: boolean,
  ranges: RangeAnalysis | undefined,
): { readonly whole: Term; readonly rest: Term; readonly exact: boolean } | undefined {
  if (k <= 1n || a.sort.kind !== 'int') return undefined;
  const form = linearOf([[a, 1n]]);
  if (!form) return undefined;
  const whole = new Map<Term, bigint>();
  const rest = new Map<Term, bigint>();
  for (const [atom, c] of form.coefficients) {
    if (c % k === 0n) whole.set(atom, c / k);
    else rest.set(atom, c);
  }
  const wholeConstant = floorDivide(form.constant, k);
  const restConstant = form.constant - k * wholeConstant;
  if (whole.size === 0 && wholeConstant === 0n) return undefined;
  const exact = rest.size === 0 && restConstant === 0n;
  const restTerm = linearTerm(t, { coefficients: rest, constant: restConstant });
  if (truncated && !exact) {
    const natural = (term: Term): boolean => (ranges?.of(term).low ?? -1n) >= 0n;
    if (!ranges || !natural(a) || !natural(restTerm)) return undefined;
  }
  return { whole: linearTerm(t, { coefficients: whole, constant: wholeConstant }), rest: restTerm, exact };
}

export const floorDivide = (a: bigint, b: bigint): bigint => {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};
