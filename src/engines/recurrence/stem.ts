import type { LocationId } from '../../program/program.ts';
import { evaluateFormula, type Formula, substituteFormula } from '../../terms/polynomial-formula.ts';
import type { Model, Queries } from './query.ts';
import { closure, group } from './reduction.ts';
import { compose, type Rule } from './rule.ts';
import type { System } from './system.ts';

/**
 * Symbolic runs from the entry, best first: few steps, few returns to the same location. A node is a composed rule together with a
 * model of its guard, which is kept when it also satisfies the next guard, so that most steps ask no question
 * (as concolic execution does, [GodefroidKS-PLDI'05]).
 */
export interface StemNode {
  readonly at: LocationId;
  /** Undefined at the entry itself. */
  readonly rule: Rule | undefined;
  readonly model: Model;
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
  limits: StemLimits,
): AsyncGenerator<StemNode> {
  const n = system.variables.length;
  const out = group(system.rules, (r) => r.from);
  const into = group(system.rules, (r) => r.to);
  const useful = closure([...goals], (l) => (into.get(l) ?? []).map((r) => r.from));
  const perLocation = new Map<LocationId, number>();
  const queue = new Queue();
  const start = await queries.model(system.facts);
  if (start === 'none' || start === 'unknown') return;
  queue.push({ at: system.entry, rule: undefined, model: start, cost: 0, visits: new Map() });
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
      const longer = node.rule ? compose(node.rule, rule, n) : rule;
      if (!longer) continue;
      const model = await modelFor(longer, system.facts, node.model, queries);
      if (!model) continue;
      const cost = node.cost + 1 + (visits - 1) * 3;
      queue.push({ at: rule.to, rule: longer, model, cost, visits: new Map(node.visits).set(rule.to, visits) });
    }
  }
}

async function modelFor(
  rule: Rule,
  facts: readonly Formula[],
  old: Model,
  queries: Queries,
): Promise<Model | undefined> {
  const formulas = [...facts, ...rule.definitions, ...rule.guard];
  const at = (u: number): bigint => old.get(u) ?? 0n;
  if (formulas.every((f) => evaluateFormula(f, at))) return old;
  const found = await queries.model(formulas);
  return found === 'none' || found === 'unknown' ? undefined : found;
}

/** A model of the stem that ends in the set: the present one if it does, else one that the prover finds. */
export async function modelInto(
  node: StemNode,
  set: readonly Formula[],
  facts: readonly Formula[],
  queries: Queries,
): Promise<Model | undefined> {
  const { rule } = node;
  const atEnd: Formula[] = [];
  for (const f of set) {
    const replaced = substituteFormula(f, (u) => rule?.after.get(u));
    if (!replaced) return undefined;
    atEnd.push(replaced);
  }
  const at = (u: number): bigint => node.model.get(u) ?? 0n;
  if (atEnd.every((f) => evaluateFormula(f, at))) return node.model;
  const found = await queries.model([...facts, ...(rule?.definitions ?? []), ...(rule?.guard ?? []), ...atEnd]);
  return found === 'none' || found === 'unknown' ? undefined : found;
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
