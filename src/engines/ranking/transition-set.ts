import { checkedAt } from '../../program/path.ts';
import type { Program } from '../../program/program.ts';
import { stateVariables } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import type { Invariants } from '../../verdict/evidence.ts';
import { locationOf, type NodeKey } from '../../verdict/termination/proof.ts';
import { components, type Transition } from '../../verdict/termination/transitions.ts';
import type { ConvexPiece, Spend } from './convex-piece.ts';
import { piecesOf } from './pieces.ts';

/**
 * The transitions of the checker's set, with what the search adds: which conditions stem from invariants, and the convex pieces
 * over the features at hand.
 */
export interface Item {
  readonly transition: Transition;
  readonly conditions: readonly Condition[];
  readonly pieces: readonly ConvexPiece[];
}

/** A conjunct; `given` if it is part of an invariant. */
export interface Condition {
  readonly term: Term;
  readonly given: boolean;
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

/** The conditions of a transition as single conjuncts; `invariants` says which of them is the invariant at its start. */
export function conditionsOf(transition: Transition, invariants: Invariants | undefined): readonly Condition[] {
  const invariant = invariants?.get(locationOf(transition.from));
  const result: Condition[] = [];
  for (const condition of transition.condition) {
    for (const term of conjuncts(condition)) result.push({ term, given: condition === invariant });
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
  const checked = checkedAt(program);
  for (const t of transitions)
    for (const path of t.paths)
      for (const edge of path.edges) {
        add(checked.get(edge.from) ?? []);
        for (const step of edge.steps) {
          if (step.kind === 'assume') add([step.condition]);
        }
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

const mostReads = 8;
const deepestIndex = 8;

/**
 * Array elements that conditions read, then those that flow into integer variables: `a[i]` as it is at a node, so that a measure
 * may be made of what an array holds.
 */
export function relevantReads(program: Program, transitions: readonly Transition[]): Term[] {
  const state = new Set<SymbolTerm>(stateVariables(program));
  const found = new Set<Term>();
  const collect = (roots: readonly Term[]): void => {
    for (const term of subterms(roots)) {
      if (found.size >= mostReads) return;
      if (term.kind !== 'apply' || term.op !== 'select' || term.sort.kind !== 'int') continue;
      const [array, index] = term.args as [Term, Term];
      if (array.kind !== 'symbol' || index.depth > deepestIndex) continue;
      if (freeSymbols([term]).every((s) => state.has(s))) found.add(term);
    }
  };
  for (const t of transitions) collect(t.condition);
  for (const t of transitions) collect([...t.post].flatMap(([s, value]) => (s.sort.kind === 'int' ? [value] : [])));
  return [...found];
}

export function makeItems(
  program: Program,
  transitions: readonly { readonly transition: Transition; readonly conditions: readonly Condition[] }[],
  features: readonly Term[],
  spend: Spend,
): Item[] {
  return transitions.map(({ transition, conditions }) => ({
    transition,
    conditions,
    pieces: piecesOf(
      program,
      transition,
      conditions.map((c) => c.term),
      features,
      spend,
    ),
  }));
}
