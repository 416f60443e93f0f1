import type { Term } from '../term.ts';

/**
 * Choices: `ite`s whose leaves are all constants, as pointers mostly are. Operators are carried out on the leaves, so that what
 * a pointer leads to stays known. Only small choices, since each operation copies them.
 */
export const largestChoice = 32;

const none = Number.POSITIVE_INFINITY;

export class Choices {
  readonly #leaves = new Map<Term, number>();

  /** How many leaves a choice has; 1 for a constant; infinity for any other term, and for what was not noted. */
  leaves(term: Term): number {
    return term.kind === 'value' ? 1 : (this.#leaves.get(term) ?? none);
  }

  /** To be told of each `ite` when it is made. */
  note(term: Term): void {
    if (term.kind !== 'apply' || term.op !== 'ite') return;
    const count = this.leaves(term.args[1]!) + this.leaves(term.args[2]!);
    if (count <= largestChoice) this.#leaves.set(term, count);
  }
}

/** The choice with another term for each leaf. */
export function mapLeaves(choice: Term, map: (leaf: Term) => Term, join: (c: Term, a: Term, b: Term) => Term): Term {
  if (choice.kind !== 'apply') return map(choice);
  const [c, a, b] = choice.args as [Term, Term, Term];
  return join(c, mapLeaves(a, map, join), mapLeaves(b, map, join));
}

/** The leaves, each with the conditions (and whether they hold) that lead to it. */
export function leavesOf(
  choice: Term,
): { readonly path: readonly (readonly [Term, boolean])[]; readonly leaf: Term }[] {
  if (choice.kind !== 'apply') return [{ path: [], leaf: choice }];
  const [c, a, b] = choice.args as [Term, Term, Term];
  return [
    ...leavesOf(a).map(({ path, leaf }) => ({ path: [[c, true] as const, ...path], leaf })),
    ...leavesOf(b).map(({ path, leaf }) => ({ path: [[c, false] as const, ...path], leaf })),
  ];
}
