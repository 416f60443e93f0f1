import type { LocationId, Program } from '../../program/program.ts';
import { stateVariables } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import type { Invariants } from '../../verdict/evidence.ts';
import { locationOf, type NodeKey } from '../../verdict/termination/proof.ts';
import { components, type Transition } from '../../verdict/termination/transitions.ts';
import { type Pieces, piecesOf, type Spend, type TaggedCondition } from './convex-piece.ts';

/**
 * The transitions of the checker's set, with what the search adds: which conditions stem from which invariants, and the convex
 * pieces over the features at hand.
 */
export interface Item {
  readonly transition: Transition;
  readonly conditions: readonly TaggedCondition[];
  readonly pieces: Pieces;
}

export interface TransitionSet {
  readonly items: readonly Item[];
  /** Int terms over the state; functions are sums of them. */
  readonly features: readonly Term[];
}

export function nodesOf(items: readonly Item[]): NodeKey[] {
  return [...new Set(items.flatMap((i) => [i.transition.from, i.transition.to]))].sort();
}

/** The components in the checker's order. */
export function componentsOf(items: readonly Item[]): Item[][] {
  const byTransition = new Map(items.map((i) => [i.transition, i]));
  return components(items.map((i) => i.transition)).map((part) => part.map((t) => byTransition.get(t)!));
}

/** The conditions of a transition as single conjuncts; `invariants` says what stands at its start, and where in its conditions. */
export function taggedConditions(
  transition: Transition,
  invariants: Invariants | undefined,
): readonly TaggedCondition[] {
  const at = locationOf(transition.from);
  const invariant = invariants?.get(at);
  const result: TaggedCondition[] = [];
  for (const condition of transition.condition) {
    const own = condition === invariant;
    for (const [i, term] of conjuncts(condition).entries()) {
      result.push({ term, tag: own ? { at, conjunct: i } : undefined });
    }
  }
  return result;
}

export const conjuncts = (term: Term): readonly Term[] =>
  term.kind === 'apply' && term.op === 'and' ? term.args : [term];

/**
 * The integer variables that can matter: those in conditions, and those that flow into them. Temporaries, which hold nothing
 * between transitions, are no part of it.
 */
export function relevantVariables(program: Program, transitions: readonly Transition[]): SymbolTerm[] {
  const state = new Set<SymbolTerm>(stateVariables(program));
  const relevant = new Set<SymbolTerm>();
  const work: SymbolTerm[] = [];
  const add = (terms: readonly Term[]): void => {
    for (const s of freeSymbols(terms)) {
      if (state.has(s) && !relevant.has(s)) {
        relevant.add(s);
        work.push(s);
      }
    }
  };
  // The ranges come first in every condition; they make nothing relevant, and neither do invariants.
  for (const t of transitions)
    for (const path of t.paths)
      for (const edge of path.edges)
        for (const step of edge.steps) {
          if (step.kind === 'assume') add([step.condition]);
        }
  const flows = new Map<SymbolTerm, Term[]>();
  for (const t of transitions)
    for (const path of t.paths)
      for (const edge of path.edges)
        for (const step of edge.steps) {
          if (step.kind === 'assign') flows.set(step.target, [...(flows.get(step.target) ?? []), step.value]);
        }
  for (let s = work.pop(); s; s = work.pop()) add(flows.get(s) ?? []);
  return [...relevant]
    .filter((s) => s.sort.kind === 'int' && program.variables.get(s)?.role !== 'temporary')
    .sort((a, b) => a.id - b.id);
}

export function makeItems(
  program: Program,
  transitions: readonly { readonly transition: Transition; readonly conditions: readonly TaggedCondition[] }[],
  features: readonly Term[],
  spend: Spend,
): Item[] {
  return transitions.map(({ transition, conditions }) => ({
    transition,
    conditions,
    pieces: piecesOf(program, transition, conditions, features, spend),
  }));
}

export type { LocationId };
