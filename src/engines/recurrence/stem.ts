import type { LocationId } from '../../program/program.ts';
import type { Formula } from '../../terms/polynomial-formula.ts';
import { type Example, type Examples, holdsAtEnd } from './example.ts';
import type { Queries } from './query.ts';
import { closure, group } from './reduction.ts';
import { compose, formulaAfter, type Rule } from './rule.ts';
import type { System } from './system.ts';

/**
 * Symbolic runs from the entry, best first: few steps, few returns to the same location. A node is a composed rule together with
 * an example of it.
 */
export interface StemNode {
  readonly at: LocationId;
  /** At the entry itself a rule without edges. */
  readonly rule: Rule;
  readonly example: Example;
  readonly cost: number;
  readonly visits: ReadonlyMap<LocationId, number>;
}

export interface StemLimits {
  readonly nodes: number;
  readonly visits: number;
  /** How many nodes one location may have. */
  readonly perLocation: number;
}

export async function* stems(
  system: System,
  goals: ReadonlySet<LocationId>,
  queries: Queries,
  examples: Examples,
  limits: StemLimits,
): AsyncGenerator<StemNode> {
  const n = system.variables.length;
  const out = group(system.rules, (r) => r.from);
  const into = group(system.rules, (r) => r.to);
  const useful = closure([...goals], (l) => (into.get(l) ?? []).map((r) => r.from));
  const perLocation = new Map<LocationId, number>();
  const queue = new Queue();
  const empty = emptyRule(system.entry);
  const start = await examples.of(empty);
  if (!start) return;
  queue.push({ at: system.entry, rule: empty, example: start, cost: 0, visits: new Map() });
  let nodes = 0;
  for (let node = queue.pop(); node; node = queue.pop()) {
    const here = perLocation.get(node.at) ?? 0;
    if (here >= limits.perLocation) continue;
    perLocation.set(node.at, here + 1);
    yield node;
    if (++nodes >= limits.nodes || !queries.open) return;
    for (const rule of out.get(node.at) ?? []) {
      if (!useful.has(rule.to)) continue;
      const visits = (node.visits.get(rule.to) ?? 0) + 1;
      if (visits > limits.visits || (perLocation.get(rule.to) ?? 0) >= limits.perLocation) continue;
      const longer = compose(node.rule, rule, n);
      const example = longer && (await examples.of(longer, node.example, rule));
      if (!longer || !example) continue;
      const cost = node.cost + 1 + (visits - 1) * 3;
      queue.push({ at: rule.to, rule: longer, example, cost, visits: new Map(node.visits).set(rule.to, visits) });
    }
  }
}

const emptyRule = (at: LocationId): Rule => ({
  from: at,
  to: at,
  edges: [],
  guard: [],
  definitions: [],
  after: new Map(),
  unknowns: [],
});

/** An example of the stem that ends in the set: the present one if it does, else one that the prover finds. */
export async function exampleInto(
  node: StemNode,
  set: readonly Formula[],
  facts: readonly Formula[],
  queries: Queries,
  examples: Examples,
): Promise<Example | undefined> {
  if (holdsAtEnd(node.example, set)) return node.example;
  const { rule } = node;
  const atEnd: Formula[] = [];
  for (const f of set) {
    const replaced = formulaAfter(rule, f);
    if (!replaced) return undefined;
    atEnd.push(replaced);
  }
  const found = await queries.model([...facts, ...rule.definitions, ...rule.guard, ...atEnd]);
  return found === 'none' || found === 'unknown' ? undefined : examples.fromModel(rule, found);
}

/** Cheapest first; among equals, the oldest. */
class Queue {
  readonly #heap: { node: StemNode; age: number }[] = [];
  #age = 0;

  push(node: StemNode): void {
    const heap = this.#heap;
    heap.push({ node, age: this.#age++ });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  pop(): StemNode | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last) return undefined;
    if (heap.length > 0) {
      heap[0] = last;
      for (let i = 0; ; ) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < heap.length && this.#before(child, least)) least = child;
        if (least === i) break;
        [heap[i], heap[least]] = [heap[least]!, heap[i]!];
        i = least;
      }
    }
    return top.node;
  }

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i]!, this.#heap[j]!];
    return a.node.cost !== b.node.cost ? a.node.cost < b.node.cost : a.age < b.age;
  }
}
