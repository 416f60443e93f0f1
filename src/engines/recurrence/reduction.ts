import type { LocationId } from '../../program/program.ts';
import { add, constant, subtract } from '../../terms/polynomial.ts';
import { compare, formulaUnknowns } from '../../terms/polynomial-formula.ts';
import type { Queries } from './query.ts';
import { compose, formulaAfter, type Rule } from './rule.ts';
import type { System } from './system.ts';

/**
 * Makes the graph small before the search: only what a run that goes on for ever can use is kept, and locations without
 * a loop of their own are bridged where that does not make more rules (large blocks, [BeyerCGKS-FMCAD'09]).
 */
export function reduce(system: System): System {
  return { ...system, rules: chain(useful(system.rules, system.entry), system) };
}

/** Rules that can be reached from the entry and from which a cycle can be reached that is not of the ending loops. */
export function useful(rules: readonly Rule[], entry: LocationId, ending: ReadonlySet<LocationId> = new Set()): Rule[] {
  const out = group(rules, (r) => r.from);
  const into = group(rules, (r) => r.to);
  const forward = closure([entry], (l) => (out.get(l) ?? []).map((r) => r.to));
  const reachable = rules.filter((r) => forward.has(r.from));
  const cyclic = [...forward].filter((l) => {
    const next = (out.get(l) ?? []).map((r) => r.to).filter((to) => to !== l || !ending.has(l));
    return closure(next, (k) => (out.get(k) ?? []).map((r) => r.to)).has(l);
  });
  const backward = closure(cyclic, (l) => (into.get(l) ?? []).map((r) => r.from));
  return reachable.filter((r) => backward.has(r.to));
}

const longestPath = 400;

function chain(rules: readonly Rule[], system: System): Rule[] {
  const n = system.variables.length;
  let current = [...rules];
  for (let changed = true; changed; ) {
    changed = false;
    const out = group(current, (r) => r.from);
    const into = group(current, (r) => r.to);
    for (const at of [...into.keys()]) {
      if (at === system.entry) continue;
      const incoming = into.get(at) ?? [];
      const outgoing = out.get(at) ?? [];
      if (outgoing.length === 0 || incoming.length === 0) continue;
      if (outgoing.some((r) => r.to === at)) continue;
      if (incoming.length * outgoing.length > incoming.length + outgoing.length) continue;
      if (incoming.some((r) => r.edges.length > longestPath)) continue;
      const bridged = incoming.flatMap((i) => outgoing.flatMap((o) => compose(i, o, n) ?? []));
      current = [...current.filter((r) => r.from !== at && r.to !== at), ...bridged];
      changed = true;
      break;
    }
  }
  return current;
}

/**
 * Leaves out places from which only loops can be reached that obviously end: loops at one location in each of which some
 * e <= 0 of a guard grows by at least 1. A walk that falls into such a place finds nothing there.
 */
export async function withoutDeadEnds(system: System, queries: Queries): Promise<System> {
  const { rules } = system;
  const ending = new Set<LocationId>();
  const out = group(rules, (r) => r.from);
  for (const [at, list] of out) {
    const loops = list.filter((r) => r.to === at);
    if (loops.length === 0) continue;
    const leaving = list.filter((r) => r.to !== at).map((r) => r.to);
    if (closure(leaving, (l) => (out.get(l) ?? []).map((r) => r.to)).has(at)) continue;
    if (await ends(loops, system, queries)) ending.add(at);
  }
  return { ...system, rules: useful(rules, system.entry, ending) };
}

async function ends(loops: readonly Rule[], system: System, queries: Queries): Promise<boolean> {
  const n = system.variables.length;
  for (const f of loops[0]!.guard) {
    if (f.kind !== 'compare' || f.op !== '<=' || [...formulaUnknowns(f)].some((u) => u >= n)) continue;
    let every = true;
    for (const r of loops) {
      const after = formulaAfter(r, f);
      if (after?.kind !== 'compare') {
        every = false;
        break;
      }
      const premises = [...system.facts, ...r.definitions, ...r.guard];
      const grows = compare('<=', add(subtract(f.polynomial, after.polynomial), constant(1n)));
      if ((await queries.implies(premises, f)) && (await queries.implies(premises, grows))) continue;
      every = false;
      break;
    }
    if (every) return true;
  }
  return false;
}

export function group<K>(rules: readonly Rule[], key: (r: Rule) => K): Map<K, Rule[]> {
  const map = new Map<K, Rule[]>();
  for (const rule of rules) {
    const list = map.get(key(rule));
    if (list) list.push(rule);
    else map.set(key(rule), [rule]);
  }
  return map;
}

export function closure(start: readonly LocationId[], next: (l: LocationId) => readonly LocationId[]): Set<LocationId> {
  const seen = new Set<LocationId>(start);
  const work = [...start];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    for (const to of next(at)) {
      if (seen.has(to)) continue;
      seen.add(to);
      work.push(to);
    }
  }
  return seen;
}
