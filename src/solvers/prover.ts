import type { Budget } from '../base/budget.ts';
import type { TermFactory } from '../terms/factory.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import type { Value } from '../terms/value.ts';
import type { Proof } from '../verdict/proof.ts';

/**
 * The one face that engines see of all deciders: rewriting, exact linear arithmetic, SMT solvers. Cheap and checkable ones
 * are tried first; a solver is loaded only when they do not settle it. Models have been confirmed by evaluation.
 */
export interface Prover {
  /** Looks for a proof that the formula has no model, or for a model. */
  refute(factory: TermFactory, formula: Term, budget: Budget, options?: RefuteOptions): Promise<RefuteResult>;
  /**
   * Runs a script of Horn clauses, if some decider can: the definitions of the predicates as the solver prints them when
   * there are any, else why not. Nothing may rest on the result without a proof.
   */
  solveHorn?(script: string, budget: Budget): Promise<HornReply>;
}

export type HornReply =
  | { readonly kind: 'solved'; readonly definitions: string }
  /** No such predicates exist: the clauses derive false. */
  | { readonly kind: 'derives-false' }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface RefuteOptions {
  /** Only deciders whose proofs are checked without a solver (rung 2). */
  readonly checkedOnly?: boolean;
  /** Declared ranges of the symbols in the formula, for bit-vector encodings; they are part of the formula too. */
  readonly ranges?: ReadonlyMap<SymbolTerm, { readonly low?: bigint; readonly high?: bigint }>;
}

export type RefuteResult =
  | { readonly kind: 'refuted'; readonly proof: Proof }
  | { readonly kind: 'model'; readonly values: ReadonlyMap<SymbolTerm, Value> }
  | { readonly kind: 'unknown'; readonly reason: string };
