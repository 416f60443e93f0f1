import type { LocationId } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';

/**
 * Termination arguments as trees over sets of transitions (transitions.ts). To be shown: no run takes transitions of the set
 * for ever. A node reduces its set to smaller sets; an argument is complete when nothing is left.
 *
 * - components: an infinite run stays in one strongly connected component in the end; one part for each component that
 *   holds a transition, in the checker's order.
 * - infeasible: the listed transitions can never be taken.
 * - rank: one integer function per node of the graph. No transition increases it; the strict ones decrease it, and only
 *   while it is at least 0: they are taken finitely often ([AliasDFG-SAS'10], [PodelskiR-VMCAI'04]).
 * - nested: functions f1 … fk. No transition increases any; a strict one decreases f1, decreases each later fi by at least
 *   1 - f(i-1), and is taken only while fk >= 0 ([LeikeH-LMCS'15], [BenAmramG-CAV'17]): first f1 falls below 0, then f2
 *   begins to fall for good, and so on: phases.
 * - split: a node becomes two, where the predicate holds and where it does not ([BorrallerasBLOR-TACAS'17] narrow by
 *   quasi-invariants; this is the checker's form of it).
 * - chain: a node without transitions to itself is removed, each way through it becomes one transition.
 * - square: pairs of consecutive transitions instead of single ones; for functions that fall only every other time.
 */
export type TerminationProof =
  | { readonly kind: 'components'; readonly parts: readonly TerminationProof[] }
  | { readonly kind: 'infeasible'; readonly transitions: readonly number[]; readonly rest: TerminationProof }
  | {
      readonly kind: 'rank';
      readonly functions: RankingFunctions;
      readonly strict: readonly number[];
      readonly rest: TerminationProof;
    }
  | {
      readonly kind: 'nested';
      readonly functions: readonly RankingFunctions[];
      readonly strict: readonly number[];
      readonly rest: TerminationProof;
    }
  | { readonly kind: 'split'; readonly node: NodeKey; readonly predicate: Term; readonly rest: TerminationProof }
  | { readonly kind: 'chain'; readonly node: NodeKey; readonly rest: TerminationProof }
  | { readonly kind: 'square'; readonly rest: TerminationProof }
  /** Nothing is left: the set is empty. */
  | { readonly kind: 'done' };

/** A location, followed by `+` or `-` for each split that made it: `12`, `12+`, `12+-`. */
export type NodeKey = string;

/** An Int term over the state variables for each node that a transition of the set touches. */
export type RankingFunctions = ReadonlyMap<NodeKey, Term>;

export const nodeOf = (location: LocationId): NodeKey => String(location);

/** The location of a node. */
export const locationOf = (node: NodeKey): LocationId => Number.parseInt(node, 10);
