import type { Diagnostic } from '../../../base/diagnostic.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type {
  Check,
  CheckKind,
  Edge,
  Event,
  Hint,
  Location,
  LocationId,
  Procedure,
  Program,
  Step,
  Variable,
} from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import { Folder } from '../../../terms/fold.ts';
import { arraySort, boolSort, intSort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { subterms } from '../../../terms/traversal.ts';
import { caught, unsupported } from '../diagnostics.ts';
import type { IntegerModel } from '../lowering/integers.ts';
import { spanOf } from '../preprocessor/source-file.ts';
import { addressRanges, giveAddresses, largestBytes, layoutFor } from './addresses.ts';
import { mortalRegions, rebornObjects } from './lifetimes.ts';
import { slotName, slotTypeText } from './names.ts';
import { collectObjects, type Objects } from './objects.ts';
import { anyOffset } from './offsets.ts';
import { accessSort, type Memory, type MemoryRole } from './operations.ts';
import { movedOffsets, type Place, PointsToAnalysis } from './points-to.ts';
import { isPinned, type Region, Regions, reached, type Target } from './regions.ts';
import { byteType, represent, type Shape, shapeKey, shapeOf } from './representation.ts';
import { accessKeyOf, constantArray, type Repetition, Rewriting, zeroedFromStart } from './rewriting.ts';
import { Storage } from './storage.ts';

/**
 * Turns a memory program (operations.ts) into an ordinary one: what pointers may point to (points-to.ts), which objects
 * share storage (regions.ts), how each is kept (representation.ts), where it stands (addresses.ts); then every load, store
 * and question about memory is rewritten (rewriting.ts). Part of lowering, hence trusted.
 *
 * Gives up, by name, on objects that are looked at in ways that cannot be brought together.
 *
 * Long because it holds the order of the phases and what they hand to each other; each phase has its own file.
 */
export interface ResolutionOptions {
  readonly model: IntegerModel;
  readonly pointerBytes: number;
  readonly checked: (kind: CheckKind) => boolean;
  /** Whether the program can tell one address from another, other than by going there. */
  readonly addressesCompared?: boolean;
  /** Allocations that are made at most once on a run. */
  readonly once?: ReadonlySet<Step>;
}

export interface Resolved {
  readonly program: Program;
  readonly assumptions: readonly Assumption[];
}

export function resolveMemory(
  program: Program,
  memory: Memory,
  options: ResolutionOptions,
): Result<Resolved, readonly Diagnostic[]> {
  if (!memory.used) return ok({ program, assumptions: [] });
  const result = caught(() => new Resolution(program, memory, options).run());
  return result.ok ? ok(result.value) : err([result.error]);
}

/** A memory operation as it occurs in the program. */
interface Operation {
  readonly role: MemoryRole;
  readonly indices: readonly Term[];
  /** Of a copy: the source. */
  readonly value: Term | undefined;
  readonly stores: boolean;
}

class Resolution {
  readonly #program: Program;
  readonly #memory: Memory;
  readonly #options: ResolutionOptions;
  readonly #variables: Map<SymbolTerm, Variable>;
  readonly #newGlobals: SymbolTerm[] = [];
  readonly #newLocals = new Map<string, SymbolTerm[]>();

  constructor(program: Program, memory: Memory, options: ResolutionOptions) {
    this.#program = program;
    this.#memory = memory;
    this.#options = options;
    this.#variables = new Map(program.variables);
  }

  run(): Resolved {
    const program: Program = { ...this.#program, variables: this.#variables };
    const { terms: t } = program;
    const { pointerBytes, model } = this.#options;
    const first = this.#analyse(program, new Set());
    const reborn = rebornObjects(program, first.objects, first.pointsTo);
    const analysis = reborn.size === 0 ? first : this.#analyse(program, reborn);
    const { objects, pointsTo, operations, places, regions, mortal } = analysis;
    this.#represent(regions, operations, places, pointsTo);
    const layout = layoutFor(pointerBytes);
    const manyBase = giveAddresses(regions.all, layout);
    const asksLeaks = operations.some((o) => o.role.kind === 'nothing-leaks');
    const live = this.#declareAll(regions, mortal, asksLeaks);
    const checked = new Set<string>();
    for (const c of program.checks) {
      for (const term of subterms([c.property])) {
        const made = this.#memory.matchSelect(term);
        if (made?.role.kind === 'valid' || made?.role.kind === 'same-object') checked.add(accessKeyOf(made.indices));
      }
    }
    const main = program.procedures.get(program.main)!;
    const rewriting = new Rewriting({
      program,
      memory: this.#memory,
      objects,
      pointsTo,
      regions,
      storage: new Storage(t, model),
      declare: (about, sort) => this.#declare(about, sort, undefined),
      checked,
      live,
      pointerBytes,
      largestBytes: largestBytes(layout),
      checksPointers: this.#options.checked('pointer'),
      checksCounts: this.#options.checked('bounds'),
    });
    const folder = new Folder(t);
    const fold = (term: Term): Term => folder.fold(term);
    const resolve = (term: Term): Term => {
      const now = rewriting.term(term);
      return now === term ? term : fold(now);
    };
    const before = new Map<LocationId, SymbolTerm[]>();
    const note = (at: LocationId, term: Term): Term => {
      const any = rewriting.anythings(term);
      if (any.length > 0) before.set(at, [...(before.get(at) ?? []), ...any]);
      return term;
    };
    const checks: Check[] = program.checks.map((c) => ({
      ...c,
      property: note(c.at, resolve(c.property)),
      ...(c.address ? { address: note(c.at, resolve(c.address)) } : {}),
    }));
    const events: Event[] = program.events.map((e) => ({ ...e, args: e.args.map((a) => note(e.at, resolve(a))) }));
    const hints: Hint[] = program.hints.map((h) => ({ ...h, term: resolve(h.term) }));
    const procedures = new Map<string, Procedure>();
    for (const [name, procedure] of program.procedures) {
      const locations = new Map(procedure.locations);
      const edges = procedure.edges.flatMap((edge) => {
        const steps = edge.steps.flatMap((s) =>
          rewriting.step(s).map((x) => (x.kind === 'repeat' ? foldLoop(x, fold) : foldStep(x, s, fold))),
        );
        for (const target of new Set(before.get(edge.to) ?? [])) steps.push({ kind: 'havoc', target });
        return this.#withLoops(edge, steps, locations);
      });
      procedures.set(name, { ...procedure, edges, locations });
    }
    for (const [name, procedure] of procedures) {
      const steps: Step[] = name === main.name ? this.#start(regions, live) : [];
      for (const o of objects.all) {
        if (!o.many || o.owner !== name) continue;
        const region = regions.of(o);
        if (o.extent) {
          unsupported('C0727', `\`${o.name}\`: a variable-length array in a recursive function or a loop`, o.range);
        }
        steps.push({ kind: 'assign', target: o.base!, value: region.next! });
        steps.push({ kind: 'assign', target: region.next!, value: t.add(region.next!, t.int(region.spacing)) });
      }
      procedures.set(name, this.#atEntry(procedure, steps));
    }
    const assumptions: Assumption[] = [];
    if (rewriting.numbersAsAddresses && this.#options.addressesCompared !== false) {
      const text =
        'a number that becomes a pointer is taken to lead to no object, and to differ from all addresses of objects';
      assumptions.push({ kind: 'approximation', side: 'under', text });
    }
    if (rewriting.lossyAddresses) {
      const text = 'an address that was taken apart as a number and put together again may lead nowhere';
      assumptions.push({ kind: 'approximation', side: 'over', text });
    }
    if (rewriting.betterAligned) {
      assumptions.push({ kind: 'environment', text: 'every object starts at a multiple of 16 bytes' });
    }
    if (rewriting.usesLayout) {
      const text = 'where objects stand in memory is one possibility of many, and the program looks at it';
      assumptions.push({ kind: 'approximation', side: 'under', text });
    }
    if (rewriting.straysWrites) {
      const text = 'writes that are not checked and may go anywhere are taken to change nothing';
      assumptions.push({ kind: 'approximation', side: 'under', text });
    }
    if (rewriting.assumesWrites) {
      const text = 'writes that are not checked stay inside objects that live';
      assumptions.push({ kind: 'environment', text });
    }
    return { program: this.#finish(procedures, checks, events, hints, regions, objects, manyBase), assumptions };
  }

  // What is there

  #analyse(program: Program, reborn: ReadonlySet<SymbolTerm>) {
    const objects = collectObjects(program, this.#memory, reborn, this.#options.once);
    const pointsTo = new PointsToAnalysis(program, this.#memory, objects, this.#options.pointerBytes);
    if (!pointsTo.run()) {
      throw unsupported('C0726', 'pointers point to so many places that we cannot follow them');
    }
    const operations = this.#operations(objects);
    const places = operations.map((o) => pointsTo.place(o.indices, subscriptsOf(o.role)));
    const others = operations.flatMap((o) =>
      o.value ? [o.value] : o.role.kind === 'same-object' ? [o.indices[1]!] : [],
    );
    const together = [...places, ...others.map((o) => pointsTo.place([o], []))].map((p) => p.pts);
    const regions = new Regions(objects.all, together);
    const mortal = mortalRegions(program, this.#memory, objects, regions, pointsTo);
    return { objects, pointsTo, operations, places, regions, mortal };
  }

  #operations(objects: Objects): Operation[] {
    const { program, memory } = { program: this.#program, memory: this.#memory };
    const roots: Term[] = [];
    const result: Operation[] = [];
    for (const procedure of program.procedures.values()) {
      for (const edge of procedure.edges) {
        for (const step of edge.steps) {
          if (step.kind === 'assume') roots.push(step.condition);
          else if (step.kind === 'call') roots.push(...step.args);
          else if (step.kind === 'assign') {
            const store = memory.matchStore(step);
            if (objects.bySite.has(step)) roots.push(...memory.matchSelect(step.value)!.indices);
            else if (!store) roots.push(step.value);
            else {
              roots.push(...store.indices, store.value);
              const copies = store.role.kind === 'copy' || store.role.kind === 'copy-object';
              const value = copies ? store.value : undefined;
              result.push({ role: store.role, indices: store.indices, value, stores: true });
            }
          }
        }
      }
    }
    for (const c of program.checks) roots.push(c.property);
    for (const e of program.events) roots.push(...e.args);
    for (const h of program.hints) roots.push(h.term);
    for (const term of subterms(roots)) {
      const made = memory.matchSelect(term);
      if (made) result.push({ role: made.role, indices: made.indices, value: undefined, stores: false });
    }
    return result;
  }

  // Representation

  #represent(
    regions: Regions,
    operations: readonly Operation[],
    places: readonly Place[],
    pointsTo: PointsToAnalysis,
  ): void {
    const shapes = new Map<Region, Map<string, Shape>>(regions.all.map((r) => [r, new Map()]));
    const walked = new Set<Region>();
    const add = (region: Region, shape: Shape): boolean => {
      const map = shapes.get(region)!;
      const key = shapeKey(shape);
      if (map.has(key)) return false;
      if (map.size > mostShapes) {
        unsupported('C0728', `\`${region.name}\` is accessed in too many ways`, region.members[0]!.range);
      }
      map.set(key, shape);
      return true;
    };
    const copies: { to: Target; into: Place; from: Target; out: Place; sizeBytes: number }[] = [];
    for (const [i, { role, value }] of operations.entries()) {
      const place = places[i]!;
      const targets = role.kind === 'cell' || value ? regions.targets(place.pts) : [];
      for (const target of targets) if (!isPinned(target) && role.kind !== 'copy-object') walked.add(target.region);
      if (role.kind === 'cell') {
        for (const target of targets) add(target.region, shapeOf(reached(target, place), role.type));
      } else if (value) {
        const sizeBytes = role.kind === 'copy' ? role.sizeBytes : Number.POSITIVE_INFINITY;
        const out = pointsTo.place([value], []);
        for (const from of regions.targets(out.pts)) {
          if (!isPinned(from) && role.kind === 'copy') walked.add(from.region);
          for (const to of targets) copies.push({ to, into: place, from, out, sizeBytes });
        }
      }
    }
    // What is copied is accessed in one as it is in the other. Where that does not settle soon, all is bytes.
    const limits = new Map([...shapes].map(([region, map]) => [region, Math.max(mostCopiedShapes, 2 * map.size)]));
    const blurred = new Set<Region>();
    const pass = (region: Region, shape: Shape): boolean => {
      if (blurred.has(region)) return false;
      if (!add(region, shape)) return false;
      const map = shapes.get(region)!;
      if (map.size > limits.get(region)!) {
        blurred.add(region);
        map.clear();
        add(region, shapeOf(anyOffset, byteType));
      }
      return true;
    };
    for (let changed = copies.length > 0, round = 0; changed; round++) {
      if (round > mostRounds) unsupported('C0728', 'objects are copied into each other in too many ways');
      changed = false;
      for (const c of copies) {
        const into = reached(c.to, c.into);
        const out = reached(c.from, c.out);
        const move = (from: Region, start: typeof out, to: Region, target: typeof into): void => {
          for (const s of [...shapes.get(from)!.values()]) {
            const width = Math.ceil((s.lowBit + s.widthBits) / 8);
            for (const offsets of movedOffsets(s.offsets, width, start, target, c.sizeBytes)) {
              if (pass(to, { ...s, offsets })) changed = true;
            }
          }
        };
        move(c.from.region, out, c.to.region, into);
        move(c.to.region, into, c.from.region, out);
      }
    }
    for (const region of regions.all) {
      const first = region.members[0]!;
      const object = { ...first, sizeBytes: region.sizeBytes };
      const made = represent(object, [...shapes.get(region)!.values()]);
      if ('refused' in made) throw unsupported('C0728', `\`${region.name}\` ${made.refused}`, first.range);
      region.representation = made;
      region.unit = made.period > 0 && !region.many && !walked.has(region) ? made.period : 1;
      if (this.#options.model === 'math' && made.slots.some((s) => s.byte)) {
        const message = `\`${region.name}\` is looked at byte by byte, and mathematical integers have no bytes`;
        throw unsupported('C0729', message, first.range);
      }
    }
  }

  // Variables

  #declare(about: Omit<Variable, 'symbol'>, sort: Term['sort'], owner: string | undefined): SymbolTerm {
    const symbol = this.#program.terms.fresh(about.name, sort);
    const global = about.role === 'global';
    this.#variables.set(symbol, { ...about, symbol });
    if (global) this.#newGlobals.push(symbol);
    else {
      const name = owner ?? this.#program.main;
      this.#newLocals.set(name, [...(this.#newLocals.get(name) ?? []), symbol]);
    }
    return symbol;
  }

  #declareAll(regions: Regions, mortal: ReadonlySet<Region>, asksLeaks: boolean): SymbolTerm | undefined {
    const storage = new Storage(this.#program.terms, this.#options.model);
    const internal = { internal: true, role: 'global' as const };
    let live = false;
    for (const region of regions.all) {
      const first = region.members[0]!;
      const { period, slots } = region.representation;
      const local = !region.many && first.owner === this.#program.main;
      const role = local ? ('local' as const) : ('global' as const);
      const origin = first.range ? { origin: spanOf(first.range) } : {};
      region.variables = slots.map((slot) => {
        const element = accessSort(slot.type);
        const array = period > 0 || region.many;
        const range = array ? undefined : storage.range(slot);
        const about = {
          name: slotName(region, slot, period),
          typeText: slotTypeText(slot),
          ...origin,
          ...(slot.type.kind === 'pointer' ? { pointer: true } : {}),
          ...(range ? { range } : {}),
          role,
        };
        return this.#declare(about, array ? arraySort(intSort, element) : element, undefined);
      });
      if (region.many) region.next = this.#declare({ name: `next ${region.name}`, ...internal }, intSort, undefined);
      if (region.sizeBytes === undefined) {
        const sort = region.many ? arraySort(intSort, intSort) : intSort;
        region.size = first.extent ?? this.#declare({ name: `size of ${region.name}`, ...internal }, sort, undefined);
      }
      if (!mortal.has(region)) continue;
      if (first.site?.how === 'alloca' || (first.declared && !region.many)) {
        region.alive = first.alive;
        if (region.many && this.#program.procedures.size > 1) {
          unsupported('C0727', `\`${region.name}\` beside recursive functions`, first.range);
        }
      } else {
        const sort = region.many ? arraySort(intSort, boolSort) : boolSort;
        region.alive = this.#declare({ name: `alive ${region.name}`, ...internal }, sort, undefined);
        if (region.owed && region.many) live = true;
      }
    }
    return live && asksLeaks
      ? this.#declare({ name: 'objects not freed', ...internal }, intSort, undefined)
      : undefined;
  }

  // Entry

  #start(regions: Regions, live: SymbolTerm | undefined): Step[] {
    const t = this.#program.terms;
    const steps: Step[] = [];
    const assign = (target: SymbolTerm, value: Term): number => steps.push({ kind: 'assign', target, value });
    for (const region of regions.all) {
      if (region.next) assign(region.next, t.int(region.base));
      if (region.heap && region.alive) assign(region.alive, region.many ? constantArray(t, t.false) : t.false);
      if (zeroedFromStart(region)) {
        region.representation.slots.forEach((slot, i) => {
          const storage = new Storage(t, this.#options.model);
          assign(region.variables[i]!, constantArray(t, storage.zero(slot.type)));
        });
      }
    }
    if (live) assign(live, t.int(0));
    return steps;
  }

  #used: { location: number; edge: number } | undefined;

  #fresh(): { newLocation: () => LocationId; newEdge: () => number } {
    if (!this.#used) {
      let [location, edge] = [0, 0];
      for (const p of this.#program.procedures.values()) {
        for (const id of p.locations.keys()) location = Math.max(location, id + 1);
        for (const e of p.edges) edge = Math.max(edge, e.id + 1);
      }
      this.#used = { location, edge };
    }
    const used = this.#used;
    return { newLocation: () => used.location++, newEdge: () => used.edge++ };
  }

  /** An edge with the loops among its steps written out, and split where something is assumed after a call. */
  #withLoops(edge: Edge, steps: readonly (Step | Repetition)[], locations: Map<LocationId, Location>): Edge[] {
    const plain = !steps.some((s) => s.kind === 'repeat');
    if (plain && !steps.some((s, i) => s.kind === 'assume' && steps.slice(0, i).some((x) => x.kind === 'call')))
      return [{ ...edge, steps: steps as readonly Step[] }];
    const t = this.#program.terms;
    const { newLocation, newEdge } = this.#fresh();
    const origin = edge.origin ? { origin: edge.origin } : {};
    const edges: Edge[] = [];
    let from = edge.from;
    let pending: Step[] = [];
    const close = (to: LocationId): void => {
      edges.push({ id: edges.length === 0 ? edge.id : newEdge(), from, to, steps: pending, ...origin });
      pending = [];
    };
    for (const step of steps) {
      if (step.kind !== 'repeat') {
        // What is assumed after a call needs a place of its own.
        if (step.kind === 'assume' && pending.some((s) => s.kind === 'call')) {
          const between = newLocation();
          locations.set(between, { id: between, ...origin });
          close(between);
          from = between;
        }
        pending.push(step);
        continue;
      }
      const { counter, condition, body } = step;
      const head = newLocation();
      const after = newLocation();
      locations.set(head, { id: head, ...origin, loop: { keyword: 'for', ...origin } });
      locations.set(after, { id: after, ...origin });
      pending.push({ kind: 'assign', target: counter, value: t.int(0) });
      close(head);
      const next: Step = { kind: 'assign', target: counter, value: t.add(counter, t.int(1)) };
      edges.push({
        id: newEdge(),
        from: head,
        to: head,
        steps: [{ kind: 'assume', condition }, ...body, next],
        ...origin,
      });
      from = head;
      pending.push({ kind: 'assume', condition: t.not(condition) });
      close(after);
      from = after;
    }
    close(edge.to);
    return edges;
  }

  /** Carries out steps when a procedure is entered. */
  #atEntry(procedure: Procedure, steps: readonly Step[]): Procedure {
    if (steps.length === 0) return procedure;
    const { entry } = procedure;
    const noted = [...this.#program.checks, ...this.#program.events, ...this.#program.hints].some(
      (x) => x.at === entry,
    );
    if (!noted && !procedure.edges.some((e) => e.to === entry) && entry !== procedure.exit) {
      const edges = procedure.edges.map((e) => (e.from === entry ? { ...e, steps: [...steps, ...e.steps] } : e));
      return { ...procedure, edges };
    }
    const { newLocation, newEdge } = this.#fresh();
    const id = newLocation();
    const { origin } = procedure.locations.get(entry)!;
    const locations = new Map([[id, { id, ...(origin ? { origin } : {}) }], ...procedure.locations]);
    const edges: Edge[] = [{ id: newEdge(), from: id, to: entry, steps }, ...procedure.edges];
    return { ...procedure, entry: id, locations, edges };
  }

  #finish(
    procedures: Map<string, Procedure>,
    checks: readonly Check[],
    events: readonly Event[],
    hints: readonly Hint[],
    regions: Regions,
    objects: Objects,
    manyBase: bigint,
  ): Program {
    const gone = new Set<SymbolTerm>();
    for (const [base, object] of objects.byBase) if (!object.many) gone.add(base);
    const kept = new Set(regions.all.map((r) => r.alive));
    for (const alive of objects.byAlive.keys()) if (!kept.has(alive)) gone.add(alive);
    for (const symbol of this.#memory.roles.keys()) gone.add(symbol);
    const stays = (s: SymbolTerm): boolean => !gone.has(s);
    for (const s of gone) this.#variables.delete(s);
    for (const [name, procedure] of procedures) {
      const locals = [...procedure.locals.filter(stays), ...(this.#newLocals.get(name) ?? [])];
      procedures.set(name, { ...procedure, locals });
    }
    return {
      ...this.#program,
      variables: this.#variables,
      globals: [...this.#program.globals.filter(stays), ...this.#newGlobals],
      procedures,
      checks: checks.map((c, id) => ({ ...c, id })),
      events,
      hints,
      addresses: addressRanges(regions.all, manyBase),
    };
  }
}

const mostShapes = 3_000;
const mostCopiedShapes = 200;
const mostRounds = 50;

const subscriptsOf = (role: MemoryRole): readonly { strideBytes: number; count: number | undefined }[] =>
  role.kind === 'cell' || role.kind === 'valid' ? role.subscripts : [];

function foldLoop(loop: Repetition, fold: (t: Term) => Term): Repetition {
  const body = loop.body.map((s) => (s.kind === 'assign' ? { ...s, value: fold(s.value) } : s));
  return { ...loop, condition: fold(loop.condition), body };
}

function foldStep(step: Step, original: Step, fold: (t: Term) => Term): Step {
  if (step === original) return step;
  switch (step.kind) {
    case 'assign':
      return original.kind === 'assign' && original.value === step.value ? step : { ...step, value: fold(step.value) };
    case 'assume':
      return original.kind === 'assume' && original.condition === step.condition
        ? step
        : { ...step, condition: fold(step.condition) };
    case 'call':
      return { ...step, args: step.args.map(fold) };
    case 'havoc':
      return step;
  }
}
