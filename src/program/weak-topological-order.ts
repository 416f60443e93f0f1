import { type LocationId, mainProcedure, outgoing, type Program } from './program.ts';

/**
 * A weak topological order of the reachable locations (Bourdoncle 1993, [Bourdoncle-FMPA'93]): the locations of a loop
 * stand together, its head first, and edges that go back lead to heads of loops around them. Loops are found as strongly
 * connected components, again inside each without its head.
 */
export interface WeakTopologicalOrder {
  readonly order: readonly LocationId[];
  readonly position: ReadonlyMap<LocationId, number>;
  /** Heads of loops; every cycle goes through one. */
  readonly heads: ReadonlySet<LocationId>;
  /** For each location the heads of the loops that hold it, outermost first (a head's own loop included). */
  readonly loops: ReadonlyMap<LocationId, readonly LocationId[]>;
}

export function weakTopologicalOrder(program: Program): WeakTopologicalOrder {
  const main = mainProcedure(program);
  const out = outgoing(main);
  const order: LocationId[] = [];
  const heads = new Set<LocationId>();
  const loops = new Map<LocationId, readonly LocationId[]>();
  type Work = { nodes: readonly LocationId[]; entries: readonly LocationId[]; around: readonly LocationId[] };
  const reachable = reach(main.entry, out);
  // A stack of parts still to be ordered; each part is split into components in topological order.
  const stack: Work[] = [{ nodes: reachable, entries: [main.entry], around: [] }];
  while (stack.length > 0) {
    const { nodes, entries, around } = stack.pop()!;
    const inside = new Set(nodes);
    const components = stronglyConnected(nodes, entries, (l) =>
      out
        .get(l)!
        .map((e) => e.to)
        .filter((to) => inside.has(to)),
    );
    if (components.length === 1 && components[0]!.length === 1) {
      const only = components[0]![0]!;
      const loop = out.get(only)!.some((e) => e.to === only);
      if (loop) heads.add(only);
      order.push(only);
      loops.set(only, loop ? [...around, only] : around);
      continue;
    }
    // Topological order; pushed in reverse so that the first is taken first.
    const parts: Work[] = components.map((component) => {
      if (component.length === 1) return { nodes: component, entries: component, around };
      return { nodes: component, entries: [], around };
    });
    if (components.length > 1) {
      stack.push(...parts.reverse());
      continue;
    }
    const component = components[0]!;
    const head = entries.find((e) => inside.has(e)) ?? headOf(component, main.entry, out, inside);
    heads.add(head);
    order.push(head);
    const within = [...around, head];
    loops.set(head, within);
    const rest = component.filter((l) => l !== head);
    stack.push({
      nodes: rest,
      entries: out
        .get(head)!
        .map((e) => e.to)
        .filter((to) => to !== head && inside.has(to)),
      around: within,
    });
  }
  return { order, position: new Map(order.map((l, i) => [l, i])), heads, loops };
}

/** The location of a loop that is entered from outside; the first one found. */
function headOf(
  component: readonly LocationId[],
  entry: LocationId,
  out: ReadonlyMap<LocationId, readonly { readonly to: LocationId }[]>,
  inside: ReadonlySet<LocationId>,
): LocationId {
  if (inside.has(entry)) return entry;
  for (const [from, edges] of out) {
    if (inside.has(from)) continue;
    for (const edge of edges) if (inside.has(edge.to)) return edge.to;
  }
  return component[0]!;
}

function reach(entry: LocationId, out: ReadonlyMap<LocationId, readonly { readonly to: LocationId }[]>): LocationId[] {
  const seen = new Set([entry]);
  const work = [entry];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    for (const edge of out.get(at)!) {
      if (!seen.has(edge.to)) {
        seen.add(edge.to);
        work.push(edge.to);
      }
    }
  }
  return [...seen];
}

/** Strongly connected components in topological order (Tarjan 1972, [Tarjan-1972]), with an explicit stack. */
export function stronglyConnected<N>(
  nodes: readonly N[],
  first: readonly N[],
  successors: (node: N) => readonly N[],
): N[][] {
  const index = new Map<N, number>();
  const low = new Map<N, number>();
  const onStack = new Set<N>();
  const stack: N[] = [];
  const components: N[][] = [];
  let next = 0;
  for (const root of [...first, ...nodes]) {
    if (index.has(root)) continue;
    const work: { node: N; succ: readonly N[]; i: number }[] = [];
    const open = (node: N): void => {
      index.set(node, next);
      low.set(node, next++);
      stack.push(node);
      onStack.add(node);
      work.push({ node, succ: successors(node), i: 0 });
    };
    open(root);
    while (work.length > 0) {
      const top = work[work.length - 1]!;
      const child = top.succ[top.i++];
      if (child !== undefined) {
        if (!index.has(child)) open(child);
        else if (onStack.has(child)) low.set(top.node, Math.min(low.get(top.node)!, index.get(child)!));
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(top.node)!));
      if (low.get(top.node) === index.get(top.node)) {
        const component: N[] = [];
        for (let n = stack.pop()!; ; n = stack.pop()!) {
          onStack.delete(n);
          component.push(n);
          if (n === top.node) break;
        }
        components.push(component.reverse());
      }
    }
  }
  return components.reverse();
}
