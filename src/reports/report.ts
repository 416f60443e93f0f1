import type { Diagnostic } from '../base/diagnostic.ts';
import type { Source } from '../base/span.ts';
import type { Task } from '../program/question.ts';
import type { PropertyResult } from '../verdict/properties.ts';
import { isVerdict, type Verdict } from '../verdict/verdict.ts';

/**
 * What reports are made from. A report refuses anything that `check` did not seal: no other part of the program can put
 * a yes or a no on the screen.
 */
export interface ReportedAnswer {
  readonly verdict: Verdict;
  /** Side questions that the answer rests on: "no signed overflow". */
  readonly supporting: readonly Verdict[];
  readonly task: Task;
  /** The last thing that each engine said on its way; `known` where it is established: how far something holds. */
  readonly remarks: readonly Remark[];
  readonly nativeReplay?: NativeReplay;
  /** The result of each property, by line, for a question about checks. */
  readonly properties?: readonly ReportedProperty[];
}

export interface ReportedProperty extends PropertyResult {
  readonly nativeReplay?: NativeReplay;
}

export interface Remark {
  readonly by: string;
  readonly text: string;
  readonly known: boolean;
}

/** What happened when the counterexample was run in the real compiler or interpreter. */
export interface NativeReplay {
  readonly kind: 'same' | 'different' | 'cannot-run';
  readonly text: string;
}

export interface Report {
  readonly answers: readonly ReportedAnswer[];
  readonly warnings: readonly Diagnostic[];
  readonly sources: readonly Source[];
  /** Where the answers stopped coming: Ctrl-C. */
  readonly interrupted?: boolean;
}

export class NotAVerdict extends Error {}

/** Throws NotAVerdict. */
export function requireVerdicts(answers: readonly ReportedAnswer[]): void {
  for (const { verdict, supporting, properties = [] } of answers) {
    for (const v of [verdict, ...supporting, ...properties.map((p) => p.verdict)]) {
      if (!isVerdict(v)) throw new NotAVerdict('a report was asked to show an answer that no check has made');
    }
  }
}
