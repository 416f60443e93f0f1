import type { TermFactory } from '../terms/factory.ts';
import type { Term } from '../terms/term.ts';

/**
 * A proof that a formula has no model. An obligation is always given as the formula to refute.
 * - arithmetic: Farkas multipliers, cuts, splits and products; checked exactly in arithmetic/.
 * - folding: constant folding brings it to false.
 * - rewriting: the named rules of terms/rules bring the formula to false, or to one that `rest` refutes.
 * - instances: `rest` refutes the formula without its quantifiers (terms/instances.ts).
 * - trusted: one or more solvers said so; nothing is checked here.
 */
export type Proof =
  | { readonly kind: 'arithmetic'; readonly proof: unknown }
  | { readonly kind: 'folding' }
  | { readonly kind: 'rewriting'; readonly rest?: Proof }
  | { readonly kind: 'instances'; readonly rest: Proof }
  | { readonly kind: 'trusted'; readonly tools: readonly string[] };

/** What a proof was worth: `checked`, or which tools had to be trusted; or that it does not hold. */
export type ProofResult =
  | { readonly kind: 'checked' }
  | { readonly kind: 'trusted'; readonly tools: readonly string[] }
  | { readonly kind: 'rejected'; readonly why: string };

/** The checkers of proof kinds; given by check.ts, so that the kinds stay independent of one another. */
export type ProofChecker = (factory: TermFactory, refuted: Term, proof: Proof) => ProofResult;
