import { type Liveness, livenessOfMain } from '../../../program/liveness.ts';
import type { Edge, LocationId, Procedure, Program, Step } from '../../../program/program.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { freeSymbols, subterms } from '../../../terms/traversal.ts';
import { type MemoryObject, type Objects, onCycles } from './objects.ts';
import type { Memory, MemoryRole } from './operations.ts';
import type { PointsToAnalysis } from './points-to.ts';
import type { Region, Regions } from './regions.ts';

/**
 * The regions of which an object may be dead when something asks about it: only those need to record what is alive. A
 * forward analysis of main ("may be dead here"); where procedures are left, anything that dies somewhere may be dead anywhere.
 */
export function mortalRegions(
  program: Program,
  memory: Memory,
  objects: Objects,
  regions: Regions,
  pointsTo: PointsToAnalysis,
): ReadonlySet<Region> {
  const mortal = new Set<Region>();
  const cache = new Map<Term, readonly { role: MemoryRole; regions: readonly Region[] }[]>();
  const regionsAt = (address: Term): readonly Region[] =>
    [...pointsTo.of(address).objects.keys()].map((o) => regions.of(o));
  const asked = (root: Term): readonly { role: MemoryRole; regions: readonly Region[] }[] => {
    let list = cache.get(root);
    if (!list) {
      list = subterms([root]).flatMap((term) => {
        const made = memory.matchSelect(term);
        return made ? [{ role: made.role, regions: made.indices.slice(0, 2).flatMap(regionsAt) }] : [];
      });
      cache.set(root, list);
    }
    return list;
  };
  const heap = regions.all.filter((r) => r.owed);
  const ask = (root: Term, dead: (r: Region) => boolean): void => {
    for (const question of asked(root)) {
      if (question.role.kind === 'nothing-leaks') for (const r of heap) mortal.add(r);
      for (const r of question.regions) if (dead(r)) mortal.add(r);
    }
  };
  const questionsOf = (step: Step): readonly Term[] => {
    if (step.kind === 'assume') return [step.condition];
    if (step.kind === 'call') return step.args;
    if (step.kind !== 'assign') return [];
    const store = memory.matchStore(step);
    return store ? [...store.indices, store.value] : [step.value];
  };
  /** What a step does to lives: regions of which an object may die, and regions whose one object lives from now on. */
  const effect = (step: Step): { readonly dies: readonly Region[]; readonly lives: readonly Region[] } => {
    if (step.kind !== 'assign') return { dies: [], lives: [] };
    const store = memory.matchStore(step);
    if (store) return { dies: store.role.kind === 'free' ? regionsAt(store.indices[0]!) : [], lives: [] };
    const site = objects.bySite.get(step);
    if (site) return { dies: [], lives: regions.of(site).many ? [] : [regions.of(site)] };
    const scoped = objects.byAlive.get(step.target) ?? [];
    const of = (list: readonly MemoryObject[]): Region[] => list.map((o) => regions.of(o));
    if (step.value !== program.terms.true) return { dies: of(scoped), lives: [] };
    // An object that is born again has died before.
    return { dies: of(scoped.filter((o) => o.reborn)), lives: of(scoped).filter((r) => !r.many) };
  };
  /** A store through a pointer to what may be dead asks, too. */
  const storeAsks = (step: Step, dead: (r: Region) => boolean): void => {
    const store = memory.matchStore(step);
    if (!store || store.role.kind === 'free') return;
    for (const r of regionsAt(store.indices[0]!)) if (dead(r)) mortal.add(r);
  };

  if (program.procedures.size > 1) {
    const dying = new Set<Region>();
    const steps = [...program.procedures.values()].flatMap((p) => p.edges.flatMap((e) => e.steps));
    for (const step of steps) for (const r of effect(step).dies) dying.add(r);
    const dead = (r: Region): boolean => dying.has(r);
    for (const step of steps) {
      for (const q of questionsOf(step)) ask(q, dead);
      storeAsks(step, dead);
    }
    for (const c of program.checks) ask(c.property, dead);
    for (const e of program.events) for (const a of e.args) ask(a, dead);
    for (const h of program.hints) ask(h.term, dead);
    return mortal;
  }

  const main = program.procedures.get(program.main)!;
  const effects = main.edges.map((edge) => ({ edge, ...total(edge.steps.map(effect)) }));
  const numbers = new Map([...new Set(effects.flatMap((e) => e.dies))].map((r, i) => [r, i] as const));
  const words = (numbers.size + 31) >>> 5;
  const out = new Map<LocationId, { to: LocationId; dies: readonly number[]; lives: readonly number[] }[]>();
  for (const { edge, dies, lives } of effects) {
    const list = out.get(edge.from) ?? [];
    out.set(edge.from, list);
    const of = (regions: Iterable<Region>): number[] => [...regions].flatMap((r) => numbers.get(r) ?? []);
    list.push({ to: edge.to, dies: of(dies), lives: of(lives) });
  }
  /** One bit for each region that dies somewhere. */
  const deadAt = new Map<LocationId, Uint32Array>([[main.entry, new Uint32Array(words)]]);
  const scratch = new Uint32Array(words);
  // Where nothing dies, nothing is dead: only the questions about leaks are left.
  const work = new Set<LocationId>(words === 0 ? [] : [main.entry]);
  for (const at of work) {
    work.delete(at);
    for (const { to, dies, lives } of out.get(at) ?? []) {
      scratch.set(deadAt.get(at)!);
      for (const i of lives) scratch[i >>> 5]! &= ~(1 << (i & 31));
      for (const i of dies) scratch[i >>> 5]! |= 1 << (i & 31);
      const there = deadAt.get(to);
      if (!there) {
        deadAt.set(to, scratch.slice());
        work.add(to);
        continue;
      }
      let changed = false;
      for (let w = 0; w < words; w++) {
        const old = there[w]!;
        there[w]! |= scratch[w]!;
        if (there[w] !== old) changed = true;
      }
      if (changed) work.add(to);
    }
  }
  const deadThere = (at: LocationId, r: Region): boolean => {
    const i = numbers.get(r);
    const bits = i === undefined ? undefined : deadAt.get(at);
    return bits !== undefined && ((bits[i! >>> 5]! >>> (i! & 31)) & 1) === 1;
  };
  for (const edge of main.edges) {
    // What changes on the edge itself; elsewhere it is as at its start.
    const changed = new Map<Region, boolean>();
    const dead = (r: Region): boolean => changed.get(r) ?? deadThere(edge.from, r);
    for (const step of edge.steps) {
      for (const q of questionsOf(step)) ask(q, dead);
      if (words > 0) storeAsks(step, dead);
      const { dies, lives } = effect(step);
      for (const r of lives) changed.set(r, false);
      for (const r of dies) changed.set(r, true);
    }
  }
  const deadHere =
    (at: LocationId) =>
    (r: Region): boolean =>
      deadThere(at, r);
  for (const c of program.checks) ask(c.property, deadHere(c.at));
  for (const e of program.events) for (const a of e.args) ask(a, deadHere(e.at));
  for (const h of program.hints) ask(h.term, deadHere(h.at));
  return mortal;
}

/** The effect of steps one after the other: what has died and not come to life again, and what lives at some point. */
function total(effects: readonly { readonly dies: readonly Region[]; readonly lives: readonly Region[] }[]): {
  readonly dies: readonly Region[];
  readonly lives: ReadonlySet<Region>;
} {
  const dies = new Set<Region>();
  const all = new Set<Region>();
  for (const e of effects) {
    for (const r of e.lives) {
      dies.delete(r);
      all.add(r);
    }
    for (const r of e.dies) dies.add(r);
  }
  return { dies: [...dies], lives: all };
}

/**
 * The objects whose scope is entered again while a pointer to an earlier one may still be followed: their addresses. Those
 * must not share an address. (Elsewhere one address for all is simpler, and nobody can tell.)
 */
export function rebornObjects(program: Program, objects: Objects, pointsTo: PointsToAnalysis): ReadonlySet<SymbolTerm> {
  const births = new Map<MemoryObject, { readonly procedure: Procedure; readonly edges: Set<Edge> }>();
  for (const procedure of program.procedures.values()) {
    for (const edge of procedure.edges) {
      for (const step of edge.steps) {
        if (step.kind !== 'assign' || step.value !== program.terms.true) continue;
        for (const object of objects.byAlive.get(step.target) ?? []) {
          if (!object.base) continue;
          const known = births.get(object);
          if (known) known.edges.add(edge);
          else births.set(object, { procedure, edges: new Set([edge]) });
        }
      }
    }
  }
  const reborn = new Set<SymbolTerm>();
  const cycles = new Map<Procedure, ReadonlySet<Edge>>();
  let live: Liveness | undefined;
  for (const [object, { procedure, edges }] of births) {
    const repeated = cycles.get(procedure) ?? onCycles(procedure.edges);
    cycles.set(procedure, repeated);
    const again = [...edges].filter((e) => repeated.has(e));
    if (again.length === 0) continue;
    const holds = (s: SymbolTerm): boolean => s !== object.base && pointsTo.of(s).objects.has(object);
    let stale: boolean;
    if (procedure.name === program.main && program.procedures.size === 1) {
      live ??= livenessOfMain(program);
      stale = again.some((e) => liveAfterBirth(program, object, e, live!.at(e.to)).some(holds));
    } else stale = [...procedure.params, ...procedure.locals, ...program.globals].some(holds);
    // In memory: unless what holds it is itself made anew each time.
    stale ||= pointsTo.holders(object).some((holder) => {
      if (holder === object) return false;
      const renewed = births.get(holder);
      if (!renewed || renewed.procedure !== procedure) return true;
      const without = onCycles(procedure.edges.filter((e) => !renewed.edges.has(e)));
      return again.some((e) => without.has(e));
    });
    if (stale) reborn.add(object.base!);
  }
  return reborn;
}

/** The variables that are read later than the step, on an edge, with which an object begins to live. */
function liveAfterBirth(
  program: Program,
  object: MemoryObject,
  edge: Edge,
  after: ReadonlySet<SymbolTerm>,
): readonly SymbolTerm[] {
  const live = new Set(after);
  for (const step of [...edge.steps].reverse()) {
    if (step.kind === 'assign' && step.target === object.alive && step.value === program.terms.true) break;
    if (step.kind === 'assign' || step.kind === 'havoc') live.delete(step.target);
    const read = step.kind === 'assign' ? [step.value] : step.kind === 'assume' ? [step.condition] : [];
    for (const s of freeSymbols(read)) live.add(s);
  }
  return [...live];
}
