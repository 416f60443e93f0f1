import type { OperatorName } from './operator.ts';
import type { Sort } from './sort.ts';
import type { Value } from './value.ts';

/**
 * Terms are immutable and hash-consed: within one factory, equal terms are the same object, so `===` is equality and
 * `id` a key. Ids count up in order of creation, so arguments have smaller ids than what is built of them.
 */
export type Term = ValueTerm | SymbolTerm | ApplyTerm | QuantifiedTerm;

interface Shared {
  readonly id: number;
  readonly sort: Sort;
  /** Longest path to a leaf; a leaf has depth 0. */
  readonly depth: number;
}

export interface ValueTerm extends Shared {
  readonly kind: 'value';
  readonly value: Value;
}

export interface SymbolTerm extends Shared {
  readonly kind: 'symbol';
  readonly name: string;
}

export interface ApplyTerm extends Shared {
  readonly kind: 'apply';
  readonly op: OperatorName;
  /** The width in bits of an indexed operator, else 0. */
  readonly index: number;
  readonly args: readonly Term[];
}

export interface QuantifiedTerm extends Shared {
  readonly kind: 'forall' | 'exists';
  readonly bound: readonly SymbolTerm[];
  readonly body: Term;
}

const none: readonly Term[] = [];

/** The direct subterms, in order. */
export function children(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'apply':
      return term.args;
    case 'forall':
    case 'exists':
      return [term.body];
    default:
      return none;
  }
}

export const isTrue = (term: Term): boolean => term.kind === 'value' && term.value === true;
export const isFalse = (term: Term): boolean => term.kind === 'value' && term.value === false;
