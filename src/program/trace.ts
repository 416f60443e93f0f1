import type { SymbolTerm } from '../terms/term.ts';
import type { Value } from '../terms/value.ts';

/**
 * A run, given by what is not determined: the values at the start, the value of every `havoc` in order of execution, and,
 * where a location offers a choice, the edges taken. The interpreter makes the run from these (replay); so a trace of a
 * million steps stays small.
 */
export interface Trace {
  /** Values of globals, parameters and locals of main at its entry. A variable that is not named holds its default. */
  readonly initial: ReadonlyMap<SymbolTerm, Value>;
  /** One value per executed havoc. When they run out, the default value (0 clipped to the range) is taken. */
  readonly havocs: readonly Value[];
  /** Edge ids in order, one per step. Absent: at each location the first edge that is not blocked is taken. */
  readonly decisions?: readonly number[];
}

export const emptyTrace: Trace = { initial: new Map(), havocs: [] };
