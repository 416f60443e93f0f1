import type { Span } from '../base/span.ts';
import type { Term } from '../terms/term.ts';
import type { LocationId, Program } from './program.ts';

/**
 * A question on a program. Its `text` is the user's sentence; `yes` and `no` answer that sentence.
 * - always: at each of the targets, whenever control is there, its property holds.
 * - ever: some run brings control to one of the targets with its property true.
 * - terminates: every run ends.
 */
export type Question = { readonly text: string; readonly origin?: Span } & (
  | { readonly kind: 'always'; readonly targets: readonly Target[] }
  | { readonly kind: 'ever'; readonly targets: readonly Target[] }
  | { readonly kind: 'terminates' }
);

export interface Target {
  readonly at: LocationId;
  readonly property: Term;
  /** The check this target stands for, if it does. */
  readonly check?: number;
}

/**
 * What an answer rests on besides the evidence. An over-approximation supports only proofs, an under-approximation only
 * witnesses; `environment` is a fact about the world that we cannot see.
 */
export type Assumption = { readonly text: string; readonly origin?: Span } & (
  | { readonly kind: 'environment' }
  | {
      readonly kind: 'approximation';
      readonly side: 'over' | 'under';
      /** An event of kind `approximation` with this text stands wherever the program departs from its source in this way. */
      readonly marked?: boolean;
    }
  | { readonly kind: 'trusted'; readonly tool: string; readonly obligation: Term }
);

export interface Task {
  readonly program: Program;
  readonly question: Question;
  readonly assumptions: readonly Assumption[];
  /** What the front end wants the report to say: the function's name, the integer model. */
  readonly subject: Subject;
}

export interface Subject {
  readonly path: string;
  /** The other files of the same program, where several were given. */
  readonly alongside?: readonly string[];
  readonly functionName?: string;
  readonly language: 'c' | 'python' | 'its' | 'iam' | 'vpc' | 'make' | 'logic';
  /** How integers are read, in words for the report: "mathematical integers", "32-bit int, LP64, overflow undefined". */
  readonly integerModel?: string;
  readonly origin?: Span;
}
