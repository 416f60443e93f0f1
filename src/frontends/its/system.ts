import type { Span } from '../../base/span.ts';
import type { Formula } from '../../terms/polynomial-formula.ts';

/**
 * An integer transition system as its file states it: locations, and transitions with a formula over the variables before
 * (unknowns 0 … n-1), after (n … 2n-1), and temporaries (from 2n on), which are bound existentially in each transition.
 * A run starts at an initial location in any state that its formula (over 0 … n-1) allows. It ends where no transition can
 * be taken.
 */
export interface TransitionSystem {
  readonly variables: readonly SystemVariable[];
  readonly locations: ReadonlyMap<string, Span | undefined>;
  readonly initial: readonly { readonly at: string; readonly condition: Formula; readonly origin: Span }[];
  readonly transitions: readonly Transition[];
}

export interface SystemVariable {
  readonly name: string;
  readonly origin?: Span;
}

export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly formula: Formula;
  readonly origin: Span;
}
