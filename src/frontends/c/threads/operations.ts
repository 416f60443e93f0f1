import type { Step } from '../../../program/program.ts';
import type { TermFactory } from '../../../terms/factory.ts';
import { arraySort, boolSort, intSort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';

/**
 * What lowering writes about threads, before they are interleaved (interleaving.ts): symbols that are no variables of the
 * final program, as those of memory are (memory/operations.ts).
 *
 * A thread starts on an edge of its own, whose first step assigns the variable for its number to `create`; its body follows
 * there and ends with an assignment of its result to `exit`. The other edge from that location is where its maker goes on.
 */
export class ThreadOperations {
  /** The program calls something that starts a thread. */
  readonly several: boolean;
  readonly create: SymbolTerm;
  readonly exit: SymbolTerm;
  readonly begin: SymbolTerm;
  readonly end: SymbolTerm;
  /** The number of the thread that runs. */
  readonly self: SymbolTerm;
  /** By number: the thread has ended; what it returned. */
  readonly ended: SymbolTerm;
  readonly result: SymbolTerm;
  readonly #terms: TermFactory;

  constructor(terms: TermFactory, several: boolean) {
    this.#terms = terms;
    this.several = several;
    this.create = terms.fresh('thread: create', intSort);
    this.exit = terms.fresh('thread: exit', intSort);
    this.begin = terms.fresh('thread: atomic begin', boolSort);
    this.end = terms.fresh('thread: atomic end', boolSort);
    this.self = terms.fresh('thread: self', intSort);
    this.ended = terms.fresh('thread: ended', arraySort(intSort, boolSort));
    this.result = terms.fresh('thread: result', arraySort(intSort, intSort));
  }

  hasEnded = (thread: Term): Term => this.#terms.apply('select', [this.ended, thread]);
  resultOf = (thread: Term): Term => this.#terms.apply('select', [this.result, thread]);
  /** What stands between these two happens in one step, as far as other threads see. */
  atomic(which: 'begin' | 'end'): Step {
    return { kind: 'assign', target: which === 'begin' ? this.begin : this.end, value: this.#terms.true };
  }
}

/** Functions that start a thread: where its number, its function and its argument stand. */
export const creators: Readonly<Record<string, { readonly body: number; readonly argument: number }>> = {
  pthread_create: { body: 2, argument: 3 },
  thrd_create: { body: 1, argument: 2 },
};
