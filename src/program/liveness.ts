import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import {
  type Check,
  type Event,
  type LocationId,
  mainProcedure,
  outgoing,
  type Procedure,
  type Program,
} from './program.ts';
import type { Target } from './question.ts';

/** Backward liveness at the entry of a procedure (a textbook dataflow analysis). Results are read at the exit. */
export function liveAtEntry(
  procedure: Procedure,
  checksAt: ReadonlyMap<LocationId, readonly Check[]>,
  eventsAt: ReadonlyMap<LocationId, readonly Event[]>,
  globals: readonly SymbolTerm[] = [],
): ReadonlySet<SymbolTerm> {
  return liveAtLocations(procedure, checksAt, eventsAt, globals).get(procedure.entry) ?? new Set();
}

/**
 * The variables of main, and globals, that are read before they are written, at each location of main; checks, events and
 * targets read where they stand. Where calls are left, a callee may read any global.
 */
export function liveInMain(
  program: Program,
  targets: readonly Target[] = [],
): ReadonlyMap<LocationId, ReadonlySet<SymbolTerm>> {
  const checksAt = new Map<LocationId, { readonly property: Term }[]>();
  const eventsAt = new Map<LocationId, Event[]>();
  for (const c of [...program.checks, ...targets]) checksAt.set(c.at, [...(checksAt.get(c.at) ?? []), c]);
  for (const e of program.events) eventsAt.set(e.at, [...(eventsAt.get(e.at) ?? []), e]);
  const live = liveAtLocations(mainProcedure(program), checksAt, eventsAt, program.globals);
  if (program.procedures.size === 1) return live;
  return new Map([...live].map(([at, set]) => [at, new Set([...set, ...program.globals])]));
}

function liveAtLocations(
  procedure: Procedure,
  checksAt: ReadonlyMap<LocationId, readonly { readonly property: Term }[]>,
  eventsAt: ReadonlyMap<LocationId, readonly Event[]>,
  globals: readonly SymbolTerm[],
): ReadonlyMap<LocationId, ReadonlySet<SymbolTerm>> {
  const out = outgoing(procedure);
  const own = new Set<SymbolTerm>([...procedure.params, ...procedure.locals, ...procedure.results, ...globals]);
  const live = new Map<LocationId, Set<SymbolTerm>>();
  const read = (term: Term): SymbolTerm[] => freeSymbols([term]).filter((s) => own.has(s));
  const into = new Map<LocationId, LocationId[]>();
  for (const edge of procedure.edges) into.set(edge.to, [...(into.get(edge.to) ?? []), edge.from]);
  const work = new Set<LocationId>(procedure.locations.keys());
  for (const at of work) {
    work.delete(at);
    const set = new Set<SymbolTerm>();
    if (at === procedure.exit) for (const r of procedure.results) set.add(r);
    for (const edge of out.get(at)!) {
      const now = new Set(live.get(edge.to) ?? []);
      for (const step of [...edge.steps].reverse()) {
        switch (step.kind) {
          case 'assign':
            now.delete(step.target);
            for (const s of read(step.value)) now.add(s);
            break;
          case 'havoc':
            now.delete(step.target);
            break;
          case 'assume':
            for (const s of read(step.condition)) now.add(s);
            break;
          case 'call':
            for (const r of step.results) now.delete(r);
            for (const a of step.args) for (const s of read(a)) now.add(s);
            break;
        }
      }
      for (const s of now) set.add(s);
    }
    for (const c of checksAt.get(at) ?? []) for (const s of read(c.property)) set.add(s);
    for (const e of eventsAt.get(at) ?? []) for (const a of e.args) for (const s of read(a)) set.add(s);
    const before = live.get(at)?.size ?? -1;
    if (set.size !== before) {
      live.set(at, set);
      for (const from of into.get(at) ?? []) work.add(from);
    }
  }
  return live;
}
