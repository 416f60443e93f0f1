import type { Budget } from '../../base/budget.ts';
import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import { Problem } from '../../verdict/arithmetic/problem.ts';
import { nullSpace } from '../invariant-inference/equations.ts';
import { sampleStates } from '../invariant-inference/samples.ts';
import type { ConditionTerms } from './predicates.ts';

/**
 * Equations that hold in states seen on random runs, between the variables that conditions speak of and the products that occur
 * in the conditions: guesses, to be proved inductive. A guard such as `x*z - x - y*z + c < k` becomes linear when one
 * of them says what its products add up to.
 */
export function guessEquations(
  program: Program,
  locations: readonly LocationId[],
  { conditions, variables }: ConditionTerms,
  budget: Budget,
): Term[] {
  const t = program.terms;
  const monomials = [...variables.map((v) => [v]), ...productsIn(program, conditions)].slice(0, mostMonomials);
  if (monomials.length === 0) return [];
  const samples = sampleStates(program, locations, 1, budget.share({ stepLimit: 200_000 }));
  const place = new Map(samples.variables.map((v, i) => [v as Term, i]));
  const value = (factors: readonly Term[], state: readonly Value[]): bigint =>
    factors.reduce((product, f) => product * (state[place.get(f)!] as bigint), 1n);
  const usable = monomials.filter((factors) => factors.every((f) => place.has(f)));
  const result = new Set<Term>();
  const { entry } = mainProcedure(program);
  for (const location of locations) {
    const states = samples.at.get(location) ?? [];
    if (location === entry || states.length < usable.length + 4) continue;
    const rows = states.map((s) => [1n, ...usable.map((factors) => value(factors, s))]);
    for (const vector of nullSpace(rows, usable.length + 1)) {
      if (vector.some((c) => c > largestCoefficient || c < -largestCoefficient)) continue;
      const parts: Term[] = [];
      for (const [k, c] of vector.entries()) {
        if (c === 0n) continue;
        const factors = k === 0 ? [] : usable[k - 1]!;
        parts.push(product(program, c, factors));
      }
      result.add(t.equal(t.sum(parts), t.int(0)));
    }
  }
  return [...result];
}

const mostMonomials = 24;
const largestCoefficient = 1_000_000n;

function product(program: Program, coefficient: bigint, factors: readonly Term[]): Term {
  const t = program.terms;
  const all = coefficient === 1n && factors.length > 0 ? factors : [t.int(coefficient), ...factors];
  return all.length === 1 ? all[0]! : t.apply('*', all);
}

/** The products of variables that remain when the conditions are multiplied out. */
function productsIn(program: Program, conditions: readonly Term[]): Term[][] {
  const problem = new Problem(program.terms.all(conditions));
  const result: Term[][] = [];
  for (let m = 0; m < problem.monomials.size; m++) {
    const factors = problem.monomials.factors(m);
    if (factors.length < 2) continue;
    const terms = factors.map((a) => problem.atoms[a]!.term);
    // Atoms of symbols are named by their terms.
    if (terms.every((x): x is Term => x?.kind === 'symbol')) result.push(terms);
  }
  return result;
}
