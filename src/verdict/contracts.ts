import { bodyView, type Summaries } from '../program/no-return.ts';
import type { Program } from '../program/program.ts';
import type { Term } from '../terms/term.ts';
import { freeSymbols, substitute } from '../terms/traversal.ts';
import type { Invariants } from './evidence.ts';
import { invariantObligations } from './invariant-check.ts';
import type { Obligation, Obligations } from './obligation.ts';

/**
 * A contract says what holds of every call of a procedure that returns: a formula over the parameters (their values at the
 * call) and the results. It is proved by an inductive invariant of the body, in which the contracts of all calls are assumed
 * ([Hoare-1971]): induction on the depth of the calls below one that returns.
 */
export interface Contract {
  readonly procedure: string;
  readonly summary: Term;
  /** An inductive invariant of the body (`bodyView`). */
  readonly at: Invariants;
}

export const summariesOf = (contracts: readonly Contract[]): Summaries =>
  new Map(contracts.map((c) => [c.procedure, c.summary]));

export function contractObligations(program: Program, contracts: readonly Contract[]): Obligations {
  const t = program.terms;
  const malformed = (why: string): Obligations => ({ kind: 'malformed', why });
  const summaries = summariesOf(contracts);
  if (summaries.size !== contracts.length) return malformed('a procedure has two contracts');
  for (const { procedure, summary } of contracts) {
    const about = program.procedures.get(procedure);
    if (!about) return malformed(`there is no procedure ${procedure}`);
    const allowed = new Set([...about.params, ...about.results]);
    if (allowed.size !== about.params.length + about.results.length) {
      return malformed(`a parameter of ${procedure} is a result as well`);
    }
    if (summary.sort.kind !== 'bool' || !freeSymbols([summary]).every((s) => allowed.has(s))) {
      return malformed(`the contract of ${procedure} is not a formula over its parameters and results`);
    }
  }
  const list: Obligation[] = [];
  for (const { procedure, summary, at } of contracts) {
    const { exit } = program.procedures.get(procedure)!;
    const view = bodyView(program, procedure, summaries);
    const property = substitute(t, summary, view.before);
    const made = invariantObligations(view.program, at, [{ at: exit, property }]);
    if (made.kind === 'malformed') return made;
    list.push(...made.list);
  }
  return { kind: 'obligations', list };
}
