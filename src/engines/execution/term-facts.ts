import type { Interval } from '../../terms/interval.ts';
import type { RangeAnalysis } from '../../terms/range.ts';
import { children, type SymbolTerm, type Term } from '../../terms/term.ts';
import { subterms } from '../../terms/traversal.ts';
import type { Representation } from './layout.ts';

/** What is known of terms before they are written, and the pieces of code that they become. */
export interface Piece {
  readonly js: string;
  readonly representation: Representation;
}

export type Names = (symbol: SymbolTerm) => Piece;

/** Constants that generated code refers to by number. */
export class Constants {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `K[${this.values.length - 1}]`;
  }
}

/** What terms need that does not change while code is written. */
export class TermFacts {
  readonly ranges: RangeAnalysis;
  readonly #mayThrow = new Map<Term, boolean>();

  constructor(ranges: RangeAnalysis) {
    this.ranges = ranges;
  }

  interval(term: Term): Interval {
    return this.ranges.of(term);
  }

  /** Whether evaluating all of a term can exceed the limit on the size of integers. */
  mayThrow(root: Term): boolean {
    const known = this.#mayThrow.get(root);
    if (known !== undefined) return known;
    for (const term of subterms([root])) {
      if (this.#mayThrow.has(term)) continue;
      this.#mayThrow.set(term, this.#grows(term) || children(term).some((c) => this.#mayThrow.get(c)!));
    }
    return this.#mayThrow.get(root)!;
  }

  #grows(term: Term): boolean {
    if (term.kind !== 'apply') return term.kind === 'forall' || term.kind === 'exists';
    switch (term.op) {
      case '+':
      case '-':
      case '*':
      case 'pow':
      case 'shift.left': {
        const { low, high } = this.interval(term);
        return low === undefined || high === undefined;
      }
      default:
        return false;
    }
  }
}

export function convert(piece: Piece, to: Representation, speculative: boolean): string {
  const { js, representation: from } = piece;
  if (from === to) return js;
  if (from === 'number' && to === 'bigint') {
    const literal = /^\(?(-?\d+)\)?$/.exec(js);
    return literal ? `(${literal[1]!}n)` : `BigInt(${js})`;
  }
  if ((from === 'float32' || from === 'float64') && to === 'value') return `${from}Value(${js})`;
  if (from === 'value' && (to === 'float32' || to === 'float64')) return `floatToNumber(${js})`;
  if (from === 'bigint' && to === 'number') return speculative ? `narrow(${js})` : `Number(${js})`;
  throw new Error(`no conversion from ${from} to ${to}`);
}
