import { constant, type Polynomial, plus, times } from '../../verdict/arithmetic/polynomial.ts';
import type { Problem } from '../../verdict/arithmetic/problem.ts';
import { type Fact, markUsed, type RefutationTree, writeRefutation } from './fact.ts';
import type { Search } from './search.ts';

/**
 * Incremental linearisation (CimattiGIRS-TOCL'18): where a candidate gives a monomial x*y another value than the
 * product of its factors' values, lemmas are added that exclude the point: products of the bounds in force on x and y (McCormick
 * 1976), the plane through x = a, tangents at (a, b), and squares. Every lemma is a clause with a refutation of one product and
 * one sum. Gives up silently: the caller limits the rounds.
 */
const lemmasPerRound = 12;

export function refineProducts(problem: Problem, search: Search): boolean {
  const { theory } = search;
  const wrong: { left: number; right: number; a: bigint; b: bigint; c: bigint }[] = [];
  // What the candidate leaves open is the product of its factors.
  const value = (monomial: number): bigint =>
    theory.valueOf(monomial) ??
    problem.monomials.factors(monomial).reduce((p, a) => p * (theory.valueOf(problem.monomials.of([a])) ?? 0n), 1n);
  for (const monomial of theory.activeMonomials) {
    const factors = problem.monomials.factors(monomial);
    if (factors.length < 2) continue;
    const left = problem.monomials.of([factors[0]!]);
    const right = problem.monomials.of(factors.slice(1));
    const [a, b, c] = [value(left), value(right), value(monomial)];
    if (a * b !== c) wrong.push({ left, right, a, b, c });
  }
  if (wrong.length === 0) return false;
  // Bounds are read before the first lemma ends the candidate.
  const lemmas: (() => void)[] = [];
  lemmas.push(...equationLemmas(problem, search));
  for (const { left, right, a, b, c } of wrong) {
    if (lemmas.length >= lemmasPerRound) break;
    const x = single(left);
    const y = single(right);
    const below = c < a * b;
    // Products of bounds in force that exclude the point: facts p >= 0 and q >= 0 with p(a)*q(b) + (c - a*b)*sign < 0.
    const { lower: xl, upper: xu } = theory.bounds(left);
    const { lower: yl, upper: yu } = theory.bounds(right);
    const pairs: [Fact | undefined, Fact | undefined][] = below
      ? [
          [xl, yl],
          [xu, yu],
        ]
      : [
          [xl, yu],
          [xu, yl],
        ];
    let excluded = false;
    for (const [p, q] of pairs) {
      if (!p || !q || p.kind !== 'premise' || q.kind !== 'premise') continue;
      const slack = at(p.polynomial, left, a) * at(q.polynomial, right, b) + (below ? c - a * b : a * b - c);
      if (slack >= 0n) continue;
      excluded = true;
      const product = problem.monomials.multiply(p.polynomial, q.polynomial);
      if (product) {
        lemmas.push(() =>
          lemma(problem, search, [p.polynomial, q.polynomial], product, (f, g) => ({
            kind: 'product',
            left: f!,
            right: g!,
            polynomial: product,
          })),
        );
      }
    }
    if (excluded) continue;
    const dx = plus(x, constant(-a));
    const dy = plus(y, constant(-b));
    const minus = (p: Polynomial): Polynomial => times(p, -1n);
    if (left === right && below) {
      const square = problem.monomials.multiply(dx, dx)!;
      lemmas.push(() => lemma(problem, search, [], square, () => ({ kind: 'square', form: dx, polynomial: square })));
      continue;
    }
    // x = a implies m = a*y, and y = b implies m = b*x: the half that the point violates.
    for (const [d, other] of [
      [dx, y],
      [dy, x],
    ] as const) {
      const direction = below ? d : minus(d);
      const product = problem.monomials.multiply(direction, other);
      if (!product) continue;
      lemmas.push(() =>
        lemma(problem, search, [direction, minus(direction)], product, (f, g) => ({
          kind: 'times',
          fact: f!,
          opposite: g!,
          form: other,
          polynomial: product,
        })),
      );
    }
    const tangents: [Polynomial, Polynomial][] = below
      ? [
          [dx, dy],
          [minus(dx), minus(dy)],
        ]
      : [
          [dx, minus(dy)],
          [minus(dx), dy],
        ];
    for (const [p, q] of tangents) {
      const product = problem.monomials.multiply(p, q);
      if (!product) continue;
      lemmas.push(() =>
        lemma(problem, search, [p, q], product, (f, g) => ({
          kind: 'product',
          left: f!,
          right: g!,
          polynomial: product,
        })),
      );
    }
  }
  for (const add of lemmas) add();
  return lemmas.length > 0;
}

/**
 * An equation e = 0 in force, with products in it, times an unknown v: e*v = 0, where the candidate gives e*v another value and its
 * monomials are known already. Polynomial invariants are kept by loop bodies in this way.
 */
function equationLemmas(problem: Problem, search: Search): (() => void)[] {
  const { theory } = search;
  const active = new Set(theory.activeMonomials);
  const factors = new Set<number>();
  for (const m of active) {
    const atoms = problem.monomials.factors(m);
    if (atoms.length > 1) for (const a of atoms) factors.add(a);
  }
  const lemmas: (() => void)[] = [];
  for (const { lower, upper } of theory.equations()) {
    const e = lower.polynomial;
    if (![...e.keys()].some((m) => problem.monomials.factors(m).length > 1)) continue;
    for (const a of factors) {
      if (lemmas.length >= lemmasPerRound) return lemmas;
      const form = single(problem.monomials.of([a]));
      const product = problem.monomials.multiply(e, form);
      if (!product || ![...product.keys()].every((m) => m === 0 || active.has(m))) continue;
      let sum = product.get(0) ?? 0n;
      for (const [m, c] of product) if (m !== 0) sum += c * (theory.valueOf(m) ?? 0n);
      if (sum === 0n) continue;
      const [fact, opposite] = sum < 0n ? [lower, upper] : [upper, lower];
      const wanted = sum < 0n ? product : times(product, -1n);
      lemmas.push(() =>
        lemma(problem, search, [fact.polynomial, opposite.polynomial], wanted, (f, g) => ({
          kind: 'times',
          fact: f!,
          opposite: g!,
          form,
          polynomial: wanted,
        })),
      );
    }
  }
  return lemmas;
}

const single = (monomial: number): Polynomial => new Map([[monomial, 1n]]);

/** The value of a bound on one monomial at a point. */
function at(p: Polynomial, monomial: number, value: bigint): bigint {
  return (p.get(monomial) ?? 0n) * value + (p.get(0) ?? 0n);
}

/** Adds: if all premises are >= 0 then so is the conclusion; `derive` makes it from the premises' facts. */
function lemma(
  problem: Problem,
  search: Search,
  premises: readonly Polynomial[],
  conclusion: Polynomial,
  derive: (...facts: Fact[]) => Fact,
): void {
  const opposite = plus(constant(-1n), conclusion, -1n);
  const facts: Fact[] = [];
  for (const polynomial of [...premises, opposite]) {
    const literal = search.literal(polynomial);
    const stated = problem.fact(literal);
    // A constant: the premise holds or fails by itself.
    if (!stated) {
      if (literal === 1) return;
      facts.push({ kind: 'half', polynomial });
      continue;
    }
    facts.push({ kind: 'premise', literal, polynomial: stated });
  }
  const made = derive(...facts);
  const last = facts[facts.length - 1]!;
  const tree: RefutationTree = {
    derived: [made],
    end: {
      kind: 'farkas',
      conflict: [
        { reason: made, multiplier: 1 },
        { reason: last, multiplier: 1 },
      ],
    },
  };
  const used = new Set<Fact>();
  markUsed(used, [made, last]);
  search.refutePremises(writeRefutation(tree, used, problem.monomials));
}
