import type { Task } from '../program/question.ts';
import type { Evidence } from '../verdict/evidence.ts';

/**
 * A change of the task that makes it easier and keeps its answer (rule 7). `restore` turns evidence on the changed task into
 * evidence on the original one: traces are completed, formulas stay what they are. Proofs are left out (`proofs: []`),
 * since the original's obligations are other formulas; whoever uses a pass proves them again with prove-obligations.ts.
 */
export interface Pass {
  readonly name: string;
  apply(task: Task): PassResult;
}

export interface PassResult {
  /** The same object when the pass changed nothing. */
  readonly task: Task;
  restore(evidence: Evidence): Evidence;
}
