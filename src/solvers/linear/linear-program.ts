import type { Budget } from '../../base/budget.ts';
import { type Rational, rational } from '../../base/rational.ts';
import { type Int, toBigInt } from './integer.ts';
import { Simplex, type Sum } from './simplex.ts';

/**
 * Exact linear programming over the rationals, for the systems that Farkas' lemma makes of templates. Everything is computed
 * by the integer tableau of simplex.ts; nothing is rounded. Steps are rows touched by pivots.
 */
export interface LinearProgram {
  /** Inclusive integer bounds of each column; a missing one is none. */
  readonly columns: readonly { readonly lower?: Int; readonly upper?: Int }[];
  readonly rows: readonly LinearRow[];
  /** To be made as large as possible; absent: any feasible point. */
  readonly objective?: Sum;
}

export interface LinearRow {
  readonly sum: Sum;
  readonly relation: '<=' | '=' | '>=';
  readonly bound: Int;
}

export type LinearProgramResult =
  | { readonly kind: 'optimal'; readonly values: readonly Rational[] }
  /** Feasible values without limit to the objective. */
  | { readonly kind: 'unbounded'; readonly values: readonly Rational[] }
  | { readonly kind: 'infeasible' }
  | { readonly kind: 'unknown' };

export function solveLinearProgram(program: LinearProgram, budget: Budget): LinearProgramResult {
  const simplex = new Simplex<number>({ forgetsZeros: true });
  const spend = (cost: number): boolean => budget.spend(cost) && !budget.expired;
  const columns = program.columns.map(() => simplex.variable());
  for (const [i, { lower, upper }] of program.columns.entries()) {
    if (lower !== undefined && simplex.assertLower(columns[i]!, lower, i)) return { kind: 'infeasible' };
    if (upper !== undefined && simplex.assertUpper(columns[i]!, upper, i)) return { kind: 'infeasible' };
  }
  for (const [i, { sum, relation, bound }] of program.rows.entries()) {
    const x = simplex.define(sum.map(([c, k]) => [columns[c]!, k]));
    const reason = program.columns.length + i;
    if (relation !== '<=' && simplex.assertLower(x, bound, reason)) return { kind: 'infeasible' };
    if (relation !== '>=' && simplex.assertUpper(x, bound, reason)) return { kind: 'infeasible' };
  }
  const goal = program.objective && simplex.define(program.objective.map(([c, k]) => [columns[c]!, k]));
  const feasible = simplex.check(spend);
  if (feasible.kind !== 'feasible') return { kind: feasible.kind === 'conflict' ? 'infeasible' : 'unknown' };
  const outcome = goal === undefined ? 'optimal' : simplex.maximise(goal, spend);
  if (outcome === 'budget') return { kind: 'unknown' };
  const values = columns.map((x) => rational(toBigInt(simplex.numerator(x)), toBigInt(simplex.denominator(x))));
  return { kind: outcome, values };
}
