import type { LocationId } from '../../program/program.ts';
import { compose, type Rule } from './rule.ts';
import type { System } from './system.ts';

/**
 * Makes the graph small before the search: only what a run that goes on for ever can use is kept, and locations without
 * a loop of their own are bridged where that does not make more rules (large blocks, [BeyerCGKS-FMCAD'09]).
 */
export function reduce(system: System): System {
  return { ...system, rules: chain(useful(system.rules, system.entry), system) };
}

/** Rules that can be reached from the entry and from which a cycle can be reached, by the graph alone. */
export function useful(rules: readonly Rule[], entry: LocationId): Rule[] {
  const out = group(rules, (r) => r.from);
  const into = group(rules, (r) => r.to);
  const forward = closure([entry], (l) => (out.get(l) ?? []).map((r) => r.to));
  const reachable = rules.filter((r) => forward.has(r.from));
  const cyclic = [...forward].filter((l) => {
    const next = (out.get(l) ?? []).map((r) => r.to);
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
