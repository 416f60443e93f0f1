import type { Edge, LocationId, Procedure, Program } from '../../../program/program.ts';

/**
 * Drops edges without steps that only connect: lowering makes one wherever control joins. A location counts only if nothing
 * is attached to it (no check, event or hint, no loop head), so nothing that happens on a run changes.
 */
export function withoutEmptyEdges(procedure: Procedure, program: Program): Procedure {
  const attached = new Set<LocationId>([procedure.entry, procedure.exit]);
  for (const item of [...program.checks, ...program.events, ...program.hints]) attached.add(item.at);
  for (const location of procedure.locations.values()) if (location.loop) attached.add(location.id);

  const out = new Map<LocationId, Edge[]>();
  for (const edge of procedure.edges) push(out, edge.from, edge);

  /** Where a location leads by one empty edge, when it is nothing else than a way there. */
  const onward = (at: LocationId): LocationId | undefined => {
    const edges = out.get(at);
    const only = edges?.length === 1 ? edges[0]! : undefined;
    return !attached.has(at) && only && only.steps.length === 0 && only.to !== at ? only.to : undefined;
  };
  const destination = (start: LocationId): LocationId => {
    const seen = new Set<LocationId>();
    let at = start;
    for (let next = onward(at); next !== undefined && !seen.has(next); next = onward(at)) {
      seen.add(at);
      at = next;
    }
    return at;
  };
  let edges = procedure.edges.map((edge) => {
    const to = destination(edge.to);
    return to === edge.to ? edge : { ...edge, to };
  });

  // The entry's own empty edge: what follows starts at the entry.
  for (;;) {
    const first = edges.filter((e) => e.from === procedure.entry);
    const only = first.length === 1 ? first[0]! : undefined;
    if (!only || only.steps.length > 0 || attached.has(only.to)) break;
    if (edges.some((e) => e !== only && e.to === only.to)) break;
    edges = edges.filter((e) => e !== only).map((e) => (e.from === only.to ? { ...e, from: procedure.entry } : e));
  }
  return { ...procedure, ...reachablePart(procedure, edges) };
}

/** The locations and edges that the entry leads to, and the exit. */
function reachablePart(procedure: Procedure, edges: readonly Edge[]): Pick<Procedure, 'locations' | 'edges'> {
  const out = new Map<LocationId, Edge[]>();
  for (const edge of edges) push(out, edge.from, edge);
  const reached = new Set<LocationId>([procedure.entry]);
  for (const at of reached) for (const edge of out.get(at) ?? []) reached.add(edge.to);
  const kept = new Set([...reached, procedure.exit]);
  return {
    locations: new Map([...procedure.locations].filter(([id]) => kept.has(id))),
    edges: edges.filter((e) => reached.has(e.from)),
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
