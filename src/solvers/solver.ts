import type { Budget } from '../base/budget.ts';
import type { SymbolRanges } from '../terms/range.ts';
import type { Model } from '../terms/smtlib.ts';
import type { Term } from '../terms/term.ts';

/**
 * What answers whether formulas can hold together. The words `sat` and `unsat` stay inside this folder: outside, formulas
 * are refuted, or have a model (which `evaluate` has confirmed before anyone sees it), or it is not known.
 */
export type SolverAnswer =
  /** In no state do all the assertions hold. */
  | { readonly kind: 'refuted' }
  /** In this state all the assertions hold, checked by evaluation. Gives every free symbol a value. */
  | { readonly kind: 'model'; readonly model: Model }
  | { readonly kind: 'unknown'; readonly reason: SolverReason };

export interface SolverReason {
  /**
   * budget: time or steps ran out; unsupported: no translation; incomplete: the solver gave up; failed: it died, ran out of
   * memory or said what we do not understand; rejected: its model is not one.
   */
  readonly kind: 'budget' | 'unsupported' | 'incomplete' | 'failed' | 'rejected';
  readonly text: string;
}

export const unknown = (kind: SolverReason['kind'], text: string): SolverAnswer & { readonly kind: 'unknown' } => ({
  kind: 'unknown',
  reason: { kind, text },
});

/** A stack of assertions. After any answer, the next question works. Calls do not overlap. */
export interface Solver {
  readonly name: string;
  /** requires: `formula` is of sort Bool. Lives until the enclosing `pop`. */
  assert(formula: Term): void;
  push(): void;
  /** requires: a `push` without its `pop`. */
  pop(): void;
  /** Whether the assertions, and for this question also `assuming`, can hold together. */
  solve(assuming: readonly Term[], budget: Budget): Promise<SolverAnswer>;
  /** Frees what the solver holds; it is not used afterwards. */
  close(): Promise<void>;
}

export interface SolverOptions {
  /** Facts: only states in which symbols (for arrays: their elements) lie in these ranges count. */
  readonly ranges?: SymbolRanges;
}

/** Makes solvers that share what is costly (a loaded engine). */
export interface SolverSource {
  readonly name: string;
  open(options?: SolverOptions): Solver;
  close(): Promise<void>;
}
