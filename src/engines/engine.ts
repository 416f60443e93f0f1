import type { Budget } from '../base/budget.ts';
import type { Question, Task } from '../program/question.ts';
import type { Prover } from '../solvers/prover.ts';
import type { Claim, Progress } from '../verdict/claim.ts';

/**
 * An engine looks for an answer with evidence. It yields progress between steps of its work, so that a portfolio can
 * interleave engines and stop them; it returns a claim. Out of budget is a claim of don't know, never an exception.
 */
export interface Engine {
  readonly name: string;
  /** Whether the engine can say anything about such a question at all. */
  answers(question: Question): boolean;
  run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim>;
}

export interface Tools {
  readonly budget: Budget;
  readonly prover: Prover;
  /** Seeds every random choice (rule 9). */
  readonly seed: number;
}
