import type { LocationId } from '../../program/program.ts';
import { constant, subtract, unknown } from '../../terms/polynomial.ts';
import { compare } from '../../terms/polynomial-formula.ts';
import type { ClosedSet } from './evidence.ts';
import type { Rule } from './rule.ts';
import type { Run } from './run.ts';
import type { System } from './system.ts';

/**
 * All states that walks have met, as one graph: an explicit-state search for a cycle, fed by random walks. States that differ
 * only in variables that are dead at their location are one node. A new edge into a known node closes a cycle when the edge's
 * source can be reached from there, also by what other walks have done.
 */
export interface StateNode {
  readonly at: LocationId;
  readonly state: readonly bigint[];
  /** How it was reached first; absent at the start of a walk. */
  readonly parent?: { readonly node: StateNode; readonly rule: Rule; readonly chosen: readonly bigint[] };
  readonly out: { readonly to: StateNode; readonly rule: Rule; readonly chosen: readonly bigint[] }[];
}

const nodesLimit = 60_000;
const searchLimit = 400;

export class StateGraph {
  readonly #nodes = new Map<string, StateNode>();
  /** The nodes in order of discovery. */
  readonly nodes: StateNode[] = [];
  readonly #live = new Map<LocationId, readonly number[]>();

  constructor(system: System) {
    for (const [at, live] of system.live) this.#live.set(at, [...live]);
  }

  start(at: LocationId, state: readonly bigint[]): StateNode {
    return this.#node(at, state)[0];
  }

  /** Records a step; `cycle` is set when it closes one. */
  step(
    from: StateNode,
    rule: Rule,
    chosen: readonly bigint[],
    state: readonly bigint[],
  ): { node: StateNode; cycle?: { run: Run; closed: ClosedSet } } {
    const [node, known] = this.#node(rule.to, state, { node: from, rule, chosen });
    from.out.push({ to: node, rule, chosen });
    if (!known) return { node };
    const back = this.#path(node, from);
    if (!back) return { node };
    const cycle = [...back, { rule, chosen }];
    const live = this.#live.get(node.at) ?? [];
    const closed: ClosedSet = {
      at: node.at,
      set: live.map((v) => compare('=', subtract(unknown(v), constant(node.state[v]!)))),
      edges: cycle.flatMap((s) => s.rule.edges),
      inputs: cycle.flatMap((s) => inputsOf(s.rule, s.chosen).map(constant)),
    };
    return { node, cycle: { run: this.runTo(node), closed } };
  }

  /** The run by which a node was reached first. */
  runTo(node: StateNode): Run {
    const steps: { rule: Rule; chosen: readonly bigint[] }[] = [];
    let here = node;
    while (here.parent) {
      steps.push(here.parent);
      here = here.parent.node;
    }
    steps.reverse();
    return {
      initial: here.state,
      edges: steps.flatMap((s) => s.rule.edges),
      inputs: steps.flatMap((s) => inputsOf(s.rule, s.chosen)),
    };
  }

  #node(at: LocationId, state: readonly bigint[], parent?: StateNode['parent']): [StateNode, boolean] {
    const key = `${at}:${(this.#live.get(at) ?? []).map((v) => state[v]).join()}`;
    const known = this.#nodes.get(key);
    if (known) return [known, true];
    const node: StateNode = { at, state, out: [], ...(parent ? { parent } : {}) };
    if (this.#nodes.size < nodesLimit) {
      this.#nodes.set(key, node);
      this.nodes.push(node);
    }
    return [node, false];
  }

  /** Steps from one node to another, breadth first; undefined when none are found among the next few hundred nodes. */
  #path(from: StateNode, to: StateNode): { rule: Rule; chosen: readonly bigint[] }[] | undefined {
    const reached = new Map<StateNode, { node: StateNode; rule: Rule; chosen: readonly bigint[] } | undefined>();
    reached.set(from, undefined);
    for (const node of reached.keys()) {
      if (node === to) {
        const steps: { rule: Rule; chosen: readonly bigint[] }[] = [];
        for (let via = reached.get(node); via; via = reached.get(via.node)) steps.push(via);
        return steps.reverse();
      }
      if (reached.size > searchLimit) return undefined;
      for (const { to: next, rule, chosen } of node.out) {
        if (!reached.has(next)) reached.set(next, { node, rule, chosen });
      }
    }
    return undefined;
  }
}

export const inputsOf = (rule: Rule, chosen: readonly bigint[]): bigint[] =>
  rule.unknowns.flatMap((kind, i) => (kind === 'input' ? [chosen[i]!] : []));
