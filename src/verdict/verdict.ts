import type { Assumption, Question, Subject } from '../program/question.ts';
import type { Reason } from './claim.ts';
import type { Evidence } from './evidence.ts';
import type { Rung } from './obligation.ts';

/** The answer to the user's sentence. Sealed: only check.ts holds the key that makes one. */
export type Verdict = Yes | No | DontKnow;

export interface Common {
  readonly question: Question;
  readonly subject: Subject;
  readonly assumptions: readonly Assumption[];
}

export interface Decided extends Common {
  readonly by: string;
  readonly evidence: Evidence;
  readonly rung: Rung;
  /** Solvers that had to be believed; empty on rungs 1 and 2. */
  readonly tools: readonly string[];
  /** How many obligations were proved. */
  readonly obligations: number;
  /** Holds only because nothing satisfies what the user assumed. */
  readonly vacuous: boolean;
}

export interface Yes extends Decided {
  readonly answer: 'yes';
}
export interface No extends Decided {
  readonly answer: 'no';
}
export interface DontKnow extends Common {
  readonly answer: 'dont-know';
  readonly reasons: readonly (Reason & { readonly by: string })[];
}

const made = new WeakSet<object>();

/** For check.ts alone. */
export function seal<T extends Verdict>(verdict: T): T {
  const sealed = Object.freeze(verdict);
  made.add(sealed);
  return sealed;
}

/** Whether `check` made this. Reports refuse anything else. */
export const isVerdict = (value: object): value is Verdict => made.has(value);
