import { type Path, PathEncoder, pathsBetween, reachableLocations, stateRanges } from '../../program/path.ts';
import type { LocationId, Program } from '../../program/program.ts';
import { stronglyConnected } from '../../program/weak-topological-order.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { substitute } from '../../terms/traversal.ts';
import type { Invariants } from '../evidence.ts';
import { type NodeKey, nodeOf } from './proof.ts';

/**
 * Transition systems as termination arguments see them: every path between annotated locations is one transition. Trusted.
 */
export interface Transition {
  /** Its number in the set; a set is ordered by these. */
  readonly id: number;
  readonly from: NodeKey;
  readonly to: NodeKey;
  /** Conjuncts over the state before and the inputs: ranges, the invariant at `from`, the path's condition. */
  readonly condition: readonly Term[];
  /** What differs after. */
  readonly post: ReadonlyMap<SymbolTerm, Term>;
  readonly inputs: readonly SymbolTerm[];
  /** Where it comes from, for reports. */
  readonly paths: readonly Path[];
}

export type Transitions =
  | { readonly kind: 'transitions'; readonly list: readonly Transition[] }
  | { readonly kind: 'malformed'; readonly why: string };

/** All paths between the annotated locations, numbered from 0. */
export function transitionsOf(program: Program, at: Invariants): Transitions {
  const reachable = reachableLocations(program);
  const starts = [...at.keys()].filter((l) => reachable.has(l));
  const found = pathsBetween(program, starts, new Set(at.keys()));
  if (found.kind === 'uncut-cycle')
    return { kind: 'malformed', why: `a cycle through location ${found.through} is not cut` };
  if (found.kind === 'too-many') return { kind: 'malformed', why: `more than ${found.limit} paths` };
  const encoder = new PathEncoder(program);
  const ranges = stateRanges(program);
  const list = found.paths.map((path, id): Transition => {
    const symbolic = encoder.encode(path);
    return {
      id,
      from: nodeOf(path.from),
      to: nodeOf(path.to),
      condition: [...ranges, at.get(path.from)!, ...symbolic.condition],
      post: symbolic.post,
      inputs: symbolic.inputs.map((i) => i.symbol),
      paths: [path],
    };
  });
  return { kind: 'transitions', list };
}

/** A term over the state after a transition, as a term over the state before and the inputs. */
export const after = (program: Program, transition: Transition, term: Term): Term =>
  substitute(program.terms, term, transition.post);

/** The components that hold a transition, each with its transitions; others end by leaving them. */
export function components(transitions: readonly Transition[]): Transition[][] {
  const nodes = [...new Set(transitions.flatMap((t) => [t.from, t.to]))].sort();
  const successors = new Map<NodeKey, NodeKey[]>(nodes.map((n) => [n, []]));
  for (const t of transitions) successors.get(t.from)!.push(t.to);
  const number = new Map<NodeKey, number>();
  for (const [i, component] of stronglyConnected(nodes, [], (n) => successors.get(n)!).entries()) {
    for (const node of component) number.set(node, i);
  }
  const grouped = new Map<number, Transition[]>();
  for (const t of transitions) {
    const c = number.get(t.from)!;
    if (c !== number.get(t.to)) continue;
    const list = grouped.get(c);
    if (list) list.push(t);
    else grouped.set(c, [t]);
  }
  return [...grouped.entries()].sort(([a], [b]) => a - b).map(([, list]) => list);
}

/** Doubles a node: each transition from or to it gets the predicate or its negation. Ids are new, in order. */
export function splitNode(program: Program, set: readonly Transition[], node: NodeKey, predicate: Term): Transition[] {
  const t = program.terms;
  const result: Transition[] = [];
  for (const transition of set) {
    const froms = transition.from === node ? (['+', '-'] as const) : ([''] as const);
    const tos = transition.to === node ? (['+', '-'] as const) : ([''] as const);
    for (const from of froms) {
      for (const to of tos) {
        const extra: Term[] = [];
        if (from === '+') extra.push(predicate);
        if (from === '-') extra.push(t.not(predicate));
        if (to !== '') {
          const then = after(program, transition, predicate);
          extra.push(to === '+' ? then : t.not(then));
        }
        result.push({
          ...transition,
          id: result.length,
          from: transition.from + from,
          to: transition.to + to,
          condition: [...transition.condition, ...extra],
        });
      }
    }
  }
  return result;
}

/** One transition after another; the inputs of the second get names of their own. */
export function compose(program: Program, first: Transition, second: Transition, id: number): Transition {
  const t = program.terms;
  const renamed = new Map<Term, Term>();
  const inputs = [...first.inputs];
  for (const input of second.inputs) {
    const symbol = t.symbol(`${input.name}'${inputs.length}`, input.sort);
    renamed.set(input, symbol);
    inputs.push(symbol);
  }
  const before = new Map<Term, Term>([...first.post, ...renamed]);
  const post = new Map(first.post);
  for (const [symbol, value] of second.post) post.set(symbol, substitute(t, value, before));
  return {
    id,
    from: first.from,
    to: second.to,
    condition: [...first.condition, ...second.condition.map((c) => substitute(t, c, before))],
    post,
    inputs,
    paths: [...first.paths, ...second.paths],
  };
}

/** Removes a node that has no transition to itself: every way in is composed with every way out. */
export function chainNode(program: Program, set: readonly Transition[], node: NodeKey): Transition[] | undefined {
  if (set.some((t) => t.from === node && t.to === node)) return undefined;
  const result: Transition[] = [];
  for (const t of set) if (t.from !== node && t.to !== node) result.push({ ...t, id: result.length });
  for (const into of set) {
    if (into.to !== node) continue;
    for (const out of set) if (out.from === node) result.push(compose(program, into, out, result.length));
  }
  return result;
}

/** All pairs of consecutive transitions. */
export function squareTransitions(program: Program, set: readonly Transition[]): Transition[] {
  const result: Transition[] = [];
  for (const a of set) for (const b of set) if (a.to === b.from) result.push(compose(program, a, b, result.length));
  return result;
}

export const locationsOf = (transitions: readonly Transition[]): LocationId[] => [
  ...new Set(transitions.flatMap((t) => [Number.parseInt(t.from, 10), Number.parseInt(t.to, 10)])),
];
