import type { LocationId } from '../program/program.ts';
import type { Evidence } from './evidence.ts';

/**
 * What an engine says. A claim is not an answer: `check` makes the verdict (rule 1).
 */
export type Claim = { readonly by: string } & (
  | { readonly answer: 'yes' | 'no'; readonly evidence: Evidence }
  | { readonly answer: 'dont-know'; readonly reason: Reason }
);

/** Why an engine does not know. `text` is a sentence for the user. */
export type Reason = { readonly text: string } /** Steps or time ran out. */ & (
  | { readonly kind: 'budget' }
  /** The construct is outside what is modelled. */
  | { readonly kind: 'unsupported'; readonly construct?: string }
  /** An approximation made the result useless in this direction. */
  | { readonly kind: 'approximated' }
  /** A solver failed, died, or gave up. */
  | { readonly kind: 'solver' }
  /** A claim was made, and its evidence did not check: our bug, shown loudly. */
  | { readonly kind: 'rejected' }
  /** The engine tried all it can. */
  | { readonly kind: 'exhausted' }
  /** No tool can know: the argument stands in the text. */
  | { readonly kind: 'paradox' }
);

/** A remark for the report: how far something is known to hold. */
export interface Progress {
  readonly text: string;
  readonly at?: LocationId;
  /** It is established, and worth telling when no answer is found: "no failure within 20 turns of the loop". */
  readonly known?: boolean;
}
