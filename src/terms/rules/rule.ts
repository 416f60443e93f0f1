import type { TermFactory } from '../factory.ts';
import type { OperatorName } from '../operator.ts';
import type { RangeAnalysis } from '../range.ts';
import type { ApplyTerm, Term } from '../term.ts';
import type { TermOrder } from './order.ts';

/**
 * A rewrite rule: a named law by which a term equals another, in every state in which the symbols lie in their ranges.
 * `apply` gives the other side where the law fits the root of the term, and undefined where it does not (it never gives the
 * term itself). Rules do not look at the state of a search: the same term under the same ranges gives the same result.
 */
export interface Rule {
  readonly name: string;
  /** The law, in one line. */
  readonly law: string;
  /** The operators at the root to which the rule may apply. */
  readonly heads: readonly OperatorName[];
  readonly apply: (term: ApplyTerm, context: RuleContext) => Term | undefined;
}

export interface RuleContext {
  readonly terms: TermFactory;
  /** What is known of the ranges of terms. */
  readonly ranges: RangeAnalysis;
  readonly order: TermOrder;
}

export const integerValue = (term: Term): bigint | undefined =>
  term.kind === 'value' && typeof term.value === 'bigint' ? term.value : undefined;

export const isApply = <O extends OperatorName>(term: Term, op: O): term is ApplyTerm & { readonly op: O } =>
  term.kind === 'apply' && term.op === op;

/** The term if it differs from the one that is rewritten. */
export const changed = (before: Term, after: Term): Term | undefined => (after === before ? undefined : after);

export const isQuantified = (term: Term): boolean => term.kind === 'forall' || term.kind === 'exists';
