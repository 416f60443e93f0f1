import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import {
  type Check,
  type Edge,
  type Event,
  type LocationId,
  mainProcedure,
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
  return new Liveness(procedure, checksAt, eventsAt, globals).at(procedure.entry);
}

/**
 * The variables of main, and globals, that are read before they are written, at each location of main; checks, events and
 * targets read where they stand. Where calls are left, a callee may read any global.
 */
export function liveInMain(
  program: Program,
  targets: readonly Target[] = [],
): ReadonlyMap<LocationId, ReadonlySet<SymbolTerm>> {
  const liveness = livenessOfMain(program, targets);
  const map = new Map<LocationId, ReadonlySet<SymbolTerm>>();
  for (const at of mainProcedure(program).locations.keys()) {
    const live = liveness.at(at);
    map.set(at, program.procedures.size === 1 ? live : new Set([...live, ...program.globals]));
  }
  return map;
}

/** The same for single locations, in programs without calls. */
export function livenessOfMain(program: Program, targets: readonly Target[] = []): Liveness {
  const checksAt = new Map<LocationId, { readonly property: Term }[]>();
  const eventsAt = new Map<LocationId, Event[]>();
  for (const c of [...program.checks, ...targets]) add(checksAt, c.at, c);
  for (const e of program.events) add(eventsAt, e.at, e);
  return new Liveness(mainProcedure(program), checksAt, eventsAt, program.globals);
}

function add<T>(map: Map<LocationId, T[]>, at: LocationId, item: T): void {
  const list = map.get(at);
  if (list) list.push(item);
  else map.set(at, [item]);
}

/** Sets of variables as bits; each edge is summed up in what it reads first and what it writes. */
export class Liveness {
  readonly #own: readonly SymbolTerm[];
  readonly #live = new Map<LocationId, Uint32Array>();

  constructor(
    procedure: Procedure,
    checksAt: ReadonlyMap<LocationId, readonly { readonly property: Term }[]>,
    eventsAt: ReadonlyMap<LocationId, readonly Event[]>,
    globals: readonly SymbolTerm[],
  ) {
    this.#own = [...new Set<SymbolTerm>([...procedure.params, ...procedure.locals, ...procedure.results, ...globals])];
    const number = new Map(this.#own.map((s, i) => [s, i] as const));
    const words = (this.#own.length + 31) >>> 5;
    const known = new Map<Term, readonly number[]>();
    const read = (term: Term): readonly number[] => {
      let list = known.get(term);
      if (!list) {
        list = freeSymbols([term]).flatMap((s) => number.get(s) ?? []);
        known.set(term, list);
      }
      return list;
    };
    const into = new Map<LocationId, { from: LocationId; reads: readonly number[]; writes: readonly number[] }[]>();
    for (const edge of procedure.edges) add(into, edge.to, { from: edge.from, ...summary(edge, number, read) });
    const scratch = new Uint32Array(words);
    const pending = new Set<LocationId>();
    for (const at of procedure.locations.keys()) {
      const bits = new Uint32Array(words);
      if (at === procedure.exit) for (const r of procedure.results) set(bits, number.get(r)!);
      for (const c of checksAt.get(at) ?? []) for (const i of read(c.property)) set(bits, i);
      for (const e of eventsAt.get(at) ?? []) for (const a of e.args) for (const i of read(a)) set(bits, i);
      this.#live.set(at, bits);
    }
    for (const at of successorsFirst(procedure)) pending.add(at);
    for (const at of pending) {
      pending.delete(at);
      const live = this.#live.get(at)!;
      for (const { from, reads, writes } of into.get(at) ?? []) {
        const before = this.#live.get(from)!;
        scratch.set(live);
        for (const i of writes) scratch[i >>> 5]! &= ~(1 << (i & 31));
        for (const i of reads) set(scratch, i);
        let changed = false;
        for (let w = 0; w < words; w++) {
          const old = before[w]!;
          before[w]! |= scratch[w]!;
          if (before[w] !== old) changed = true;
        }
        if (changed) pending.add(from);
      }
    }
  }

  /** What is live at a location. */
  at(location: LocationId): ReadonlySet<SymbolTerm> {
    const bits = this.#live.get(location);
    const result = new Set<SymbolTerm>();
    if (bits) for (const [i, s] of this.#own.entries()) if ((bits[i >>> 5]! >>> (i & 31)) & 1) result.add(s);
    return result;
  }
}

const set = (bits: Uint32Array, i: number): void => {
  bits[i >>> 5]! |= 1 << (i & 31);
};

/** All locations, each behind those that it leads to, as far as loops allow (postorder). */
function successorsFirst(procedure: Procedure): readonly LocationId[] {
  const out = new Map<LocationId, LocationId[]>();
  for (const edge of procedure.edges) add(out, edge.from, edge.to);
  const seen = new Set<LocationId>();
  const result: LocationId[] = [];
  for (const root of [procedure.entry, ...procedure.locations.keys()]) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ at: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const to = out.get(top.at)?.[top.next++];
      if (to === undefined) {
        result.push(top.at);
        stack.pop();
      } else if (!seen.has(to)) {
        seen.add(to);
        stack.push({ at: to, next: 0 });
      }
    }
  }
  return result;
}

/** What an edge reads before it writes it, and what it writes. */
function summary(
  edge: Edge,
  number: ReadonlyMap<SymbolTerm, number>,
  read: (term: Term) => readonly number[],
): { reads: readonly number[]; writes: readonly number[] } {
  const reads = new Set<number>();
  const writes = new Set<number>();
  const reading = (term: Term): void => {
    for (const i of read(term)) if (!writes.has(i)) reads.add(i);
  };
  const writing = (s: SymbolTerm): void => {
    const i = number.get(s);
    if (i !== undefined) writes.add(i);
  };
  for (const step of edge.steps) {
    switch (step.kind) {
      case 'assign':
        reading(step.value);
        writing(step.target);
        break;
      case 'havoc':
        writing(step.target);
        break;
      case 'assume':
        reading(step.condition);
        break;
      case 'call':
        for (const a of step.args) reading(a);
        for (const r of step.results) writing(r);
        break;
    }
  }
  return { reads: [...reads], writes: [...writes] };
}
