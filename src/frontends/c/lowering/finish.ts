import type { LocationId, Procedure, Program, Step } from '../../../program/program.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { freeSymbols } from '../../../terms/traversal.ts';

/** What is done to a procedure when all its edges are there. */

/** Marks the heads of loops that `goto` makes: targets of edges that go back in a depth-first search. */
export function withGotoLoops(procedure: Procedure): Procedure {
  const out = new Map<LocationId, LocationId[]>();
  for (const edge of procedure.edges) {
    const list = out.get(edge.from);
    if (list) list.push(edge.to);
    else out.set(edge.from, [edge.to]);
  }
  const state = new Map<LocationId, 'open' | 'done'>();
  const heads = new Set<LocationId>();
  const stack: { at: LocationId; next: number }[] = [{ at: procedure.entry, next: 0 }];
  state.set(procedure.entry, 'open');
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const to = (out.get(top.at) ?? [])[top.next++];
    if (to === undefined) {
      state.set(top.at, 'done');
      stack.pop();
    } else if (!state.has(to)) {
      state.set(to, 'open');
      stack.push({ at: to, next: 0 });
    } else if (state.get(to) === 'open') {
      heads.add(to);
    }
  }
  const locations = new Map(procedure.locations);
  for (const id of heads) {
    const location = locations.get(id)!;
    if (location.loop) continue;
    const loop = { keyword: 'goto' as const, ...(location.origin ? { origin: location.origin } : {}) };
    locations.set(id, { ...location, loop });
  }
  return { ...procedure, locations };
}

/**
 * Drops `havoc` steps whose value nobody reads, by backward liveness: a variable declared without a value in a loop body holds
 * anything again each time, and nearly always is assigned next. Inputs stay: they are part of a counterexample.
 */
export function withoutDeadHavocs(procedure: Procedure, program: Program): Procedure {
  if (!procedure.edges.some((edge) => edge.steps.some((s) => s.kind === 'havoc' && s.input === undefined)))
    return procedure;
  const own = new Set<SymbolTerm>([...procedure.locals, ...procedure.params, ...procedure.results]);
  const cache = new Map<Term, readonly SymbolTerm[]>();
  const read = (term: Term): readonly SymbolTerm[] => {
    let symbols = cache.get(term);
    if (!symbols) {
      symbols = freeSymbols([term]).filter((s) => own.has(s));
      cache.set(term, symbols);
    }
    return symbols;
  };
  /** Read at the location itself. */
  const local = new Map<LocationId, SymbolTerm[]>();
  const note = (at: LocationId, term: Term): void => {
    if (!procedure.locations.has(at)) return;
    local.set(at, [...(local.get(at) ?? []), ...read(term)]);
  };
  for (const c of program.checks) note(c.at, c.property);
  for (const e of program.events) for (const a of e.args) note(e.at, a);
  for (const h of program.hints) note(h.at, h.term);
  local.set(procedure.exit, [...(local.get(procedure.exit) ?? []), ...procedure.results]);

  const before = (live: Set<SymbolTerm>, step: Step): void => {
    switch (step.kind) {
      case 'assign':
        live.delete(step.target);
        for (const s of read(step.value)) live.add(s);
        break;
      case 'havoc':
        live.delete(step.target);
        break;
      case 'assume':
        for (const s of read(step.condition)) live.add(s);
        break;
      case 'call':
        for (const r of step.results) live.delete(r);
        for (const a of step.args) for (const s of read(a)) live.add(s);
        break;
    }
  };
  const live = new Map<LocationId, ReadonlySet<SymbolTerm>>();
  const into = new Map<LocationId, LocationId[]>();
  const out = new Map<LocationId, (typeof procedure.edges)[number][]>();
  for (const edge of procedure.edges) {
    into.set(edge.to, [...(into.get(edge.to) ?? []), edge.from]);
    out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  }
  const work = new Set<LocationId>([...procedure.locations.keys()].reverse());
  for (const at of work) {
    work.delete(at);
    const set = new Set<SymbolTerm>(local.get(at) ?? []);
    for (const edge of out.get(at) ?? []) {
      const now = new Set(live.get(edge.to) ?? []);
      for (let i = edge.steps.length - 1; i >= 0; i--) before(now, edge.steps[i]!);
      for (const s of now) set.add(s);
    }
    if (set.size === live.get(at)?.size) continue;
    live.set(at, set);
    for (const from of into.get(at) ?? []) work.add(from);
  }
  const edges = procedure.edges.map((edge) => {
    if (!edge.steps.some((s) => s.kind === 'havoc' && s.input === undefined)) return edge;
    const now = new Set(live.get(edge.to) ?? []);
    const steps: Step[] = [];
    for (const step of [...edge.steps].reverse()) {
      const dead = step.kind === 'havoc' && step.input === undefined && own.has(step.target) && !now.has(step.target);
      if (!dead) {
        steps.push(step);
        before(now, step);
      }
    }
    return { ...edge, steps: steps.reverse() };
  });
  return { ...procedure, edges };
}
