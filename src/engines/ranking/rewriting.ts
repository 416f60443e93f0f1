import type { Program } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';
import { substitute } from '../../terms/traversal.ts';
import type { NodeKey } from '../../verdict/termination/proof.ts';
import {
  after,
  chainNode,
  splitNode,
  squareTransitions,
  type Transition,
} from '../../verdict/termination/transitions.ts';
import { type Condition, type Item, nodesOf } from './transition-set.ts';

/**
 * The checker's ways to turn a set of transitions into another one, with what is known of the conditions carried along: the new
 * transitions are the checker's own, in its order.
 */
export interface Rewritten {
  readonly transition: Transition;
  readonly conditions: readonly Condition[];
}

export function split(program: Program, items: readonly Item[], node: NodeKey, predicate: Term): Rewritten[] {
  const t = program.terms;
  const made = splitNode(
    program,
    items.map((i) => i.transition),
    node,
    predicate,
  );
  const result: Rewritten[] = [];
  let at = 0;
  for (const { transition, conditions } of items) {
    for (const from of transition.from === node ? [predicate, t.not(predicate)] : [undefined]) {
      for (const positive of transition.to === node ? [true, false] : [undefined]) {
        const extra: Condition[] = [];
        if (from) extra.push({ term: from, given: false });
        if (positive !== undefined) {
          const then = after(program, transition, predicate);
          extra.push({ term: positive ? then : t.not(then), given: false });
        }
        result.push({ transition: made[at++]!, conditions: [...conditions, ...extra] });
      }
    }
  }
  return result;
}

/** undefined where the node has a transition to itself. */
export function chain(program: Program, items: readonly Item[], node: NodeKey): Rewritten[] | undefined {
  const made = chainNode(
    program,
    items.map((i) => i.transition),
    node,
  );
  if (!made) return undefined;
  const result: Rewritten[] = [];
  let at = 0;
  for (const { transition, conditions } of items) {
    if (transition.from !== node && transition.to !== node) result.push({ transition: made[at++]!, conditions });
  }
  for (const into of items) {
    if (into.transition.to !== node) continue;
    for (const out of items) if (out.transition.from === node) result.push(composed(program, made[at++]!, into, out));
  }
  return result;
}

export function square(program: Program, items: readonly Item[]): Rewritten[] {
  const made = squareTransitions(
    program,
    items.map((i) => i.transition),
  );
  const result: Rewritten[] = [];
  let at = 0;
  for (const a of items) {
    for (const b of items) {
      if (a.transition.to === b.transition.from) result.push(composed(program, made[at++]!, a, b));
    }
  }
  return result;
}

/** `made` is the composition; the second's conditions, which it has after the first's, are found again. */
function composed(program: Program, made: Transition, first: Item, second: Item): Rewritten {
  const t = program.terms;
  // The renaming of inputs is that of `compose`: the composition's later inputs stand for the second's, in order.
  const renamed = new Map<Term, Term>();
  for (const [i, input] of second.transition.inputs.entries()) {
    renamed.set(input, made.inputs[first.transition.inputs.length + i]!);
  }
  const before = new Map<Term, Term>([...first.transition.post, ...renamed]);
  const conditions = second.conditions.map(({ term, given }) => ({ term: substitute(t, term, before), given }));
  return { transition: made, conditions: [...first.conditions, ...conditions] };
}

/** A node that can be chained away without many more transitions; undefined if there is none. */
export function chainable(items: readonly Item[], mostMore = 4): NodeKey | undefined {
  const nodes = nodesOf(items);
  if (nodes.length === 1) return undefined;
  let best: NodeKey | undefined;
  let least = mostMore + 1;
  for (const node of nodes) {
    let into = 0;
    let out = 0;
    let self = false;
    for (const { transition } of items) {
      if (transition.to === node) into++;
      if (transition.from === node) out++;
      if (transition.from === node && transition.to === node) self = true;
    }
    if (self) continue;
    const more = into * out - into - out;
    if (more < least) {
      least = more;
      best = node;
    }
  }
  return best;
}
