import { liveAtEntry } from '../../../program/liveness.ts';
import type { Check, Event, LocationId, Program, Step } from '../../../program/program.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { linear } from './linear.ts';
import type { MemoryObject, Objects } from './objects.ts';
import {
  anyOffset,
  constantOffset,
  type Dimension,
  greatest,
  least,
  makeOffsets,
  mayOverlap,
  type Offsets,
  offsetsKey,
  plus,
  union,
} from './offsets.ts';
import { accessSize, type Memory, type MemoryRole } from './operations.ts';

/**
 * Which objects a term's value may be the address of (inclusion-based, flow-insensitive: [Andersen-1994]; offsets as strided
 * sets, contents of objects by offset). Trusted: an address that is missing here makes an access invalid.
 *
 * A value that no object's address went into has no objects: following it is undefined. Differences of addresses are
 * numbers; remainders, quotients and small masks of addresses are, too.
 *
 * Long because values, contents of memory and copies depend on each other: one fixpoint.
 */
export interface PointsTo {
  readonly objects: ReadonlyMap<MemoryObject, readonly Offsets[]>;
  /** The value may be a number that is no address in `objects`, and not null. */
  readonly wild: boolean;
  readonly null: boolean;
  /** The value may be a number that the program writes down: whether an object stands there is anybody's guess. */
  readonly fixed: boolean;
}

const none: ReadonlyMap<MemoryObject, readonly Offsets[]> = new Map();
const nothing: PointsTo = { objects: none, wild: false, null: false, fixed: false };
const nullOnly: PointsTo = { objects: none, wild: false, null: true, fixed: false };
const number: PointsTo = { objects: none, wild: true, null: true, fixed: false };
const fixedNumber: PointsTo = { objects: none, wild: true, null: true, fixed: true };

function join(a: PointsTo, b: PointsTo): PointsTo {
  if (a === b || b === nothing) return a;
  let objects: Map<MemoryObject, readonly Offsets[]> | undefined;
  for (const [o, offsets] of b.objects) {
    const old = a.objects.get(o);
    const joined = old ? union(old, offsets) : offsets;
    if (joined === old) continue;
    objects ??= new Map(a.objects);
    objects.set(o, joined);
  }
  if (!objects && (a.wild || !b.wild) && (a.null || !b.null) && (a.fixed || !b.fixed)) return a;
  return {
    objects: objects ?? a.objects,
    wild: a.wild || b.wild,
    null: a.null || b.null,
    fixed: a.fixed || b.fixed,
  };
}

interface Content {
  readonly offsets: Offsets;
  readonly width: number;
  pts: PointsTo;
}

/** The start of an access, taken apart: one address (of which points-to is known), a constant, and multiples of indices. */
export interface Place {
  readonly atom: Term;
  readonly constant: number;
  readonly parts: readonly { readonly stride: number; readonly index: Term; readonly count: number | undefined }[];
  /** False: a constant subscript lies outside its array. */
  readonly inCounts: boolean;
  readonly pts: PointsTo;
}

const mostRounds = 200;

export class PointsToAnalysis {
  readonly #program: Program;
  readonly #memory: Memory;
  readonly #objects: Objects;
  readonly #pointerBytes: number;
  readonly #variables = new Map<SymbolTerm, PointsTo>();
  readonly #contents = new Map<MemoryObject, Map<string, Content>>();
  /** Objects whose memory may hold what nothing stored there. */
  readonly #indeterminate = new Set<MemoryObject>();
  readonly #kept = new Map<SymbolTerm, boolean>();
  #cache = new Map<Term, PointsTo>();
  /** The steps to look at (again), the step at hand, and which steps looked at what: when that changes, they are due. */
  readonly #due = new Set<number>();
  #current: number | undefined;
  readonly #users = new Map<SymbolTerm, Set<number>>();
  readonly #readers = new Map<MemoryObject, Set<number>>();

  constructor(program: Program, memory: Memory, objects: Objects, pointerBytes: number) {
    this.#program = program;
    this.#memory = memory;
    this.#objects = objects;
    this.#pointerBytes = pointerBytes;
  }

  /** False when it does not settle within its budget. */
  run(): boolean {
    const steps = [...this.#program.procedures.values()].flatMap((p) => p.edges.flatMap((e) => e.steps));
    for (let i = 0; i < steps.length; i++) this.#due.add(i);
    this.#start();
    let budget = mostRounds * steps.length;
    for (const i of this.#due) {
      if (budget-- === 0) return false;
      this.#due.delete(i);
      this.#current = i;
      this.#cache = new Map();
      this.#step(steps[i]!);
    }
    this.#current = undefined;
    this.#cache = new Map();
    return true;
  }

  #noted<K>(map: Map<K, Set<number>>, key: K): void {
    if (this.#current === undefined) return;
    const set = map.get(key);
    if (set) set.add(this.#current);
    else map.set(key, new Set([this.#current]));
  }

  #changed<K>(map: ReadonlyMap<K, ReadonlySet<number>>, key: K): void {
    for (const i of map.get(key) ?? []) this.#due.add(i);
  }

  /** Uninitialised variables and objects hold anything. */
  #start(): void {
    const program = this.#program;
    const checksAt = new Map<LocationId, Check[]>();
    const eventsAt = new Map<LocationId, Event[]>();
    for (const c of program.checks) checksAt.set(c.at, [...(checksAt.get(c.at) ?? []), c]);
    for (const e of program.events) eventsAt.set(e.at, [...(eventsAt.get(e.at) ?? []), e]);
    for (const procedure of program.procedures.values()) {
      const globals = procedure.name === program.main ? program.globals : [];
      for (const s of liveAtEntry(procedure, checksAt, eventsAt, globals)) this.#flow(s, number);
    }
    // Globals that a recursive procedure reads may be read before main writes them.
    if (program.procedures.size > 1) for (const s of program.globals) this.#flow(s, number);
    for (const s of program.procedures.get(program.main)!.params) this.#flow(s, number);
    for (const o of this.#objects.all) {
      const automatic = o.declared?.kind === 'automatic';
      if (automatic || (o.site && !o.site.zeroed)) this.#indeterminate.add(o);
    }
  }

  #tracked(s: SymbolTerm): boolean {
    let kept = this.#kept.get(s);
    if (kept === undefined) {
      const variable = this.#program.variables.get(s);
      const range = variable?.range;
      const narrow =
        range?.low !== undefined &&
        range.high !== undefined &&
        range.high - range.low < (1n << BigInt(8 * this.#pointerBytes)) - 1n;
      kept = s.sort.kind === 'int' && !narrow;
      this.#kept.set(s, kept);
    }
    return kept;
  }

  #flow(target: SymbolTerm, pts: PointsTo): void {
    if (!this.#tracked(target) || this.#objects.byBase.has(target)) return;
    const old = this.#variables.get(target) ?? nothing;
    const now = join(old, pts);
    if (now === old) return;
    this.#variables.set(target, now);
    this.#changed(this.#users, target);
  }

  #step(step: Step): void {
    switch (step.kind) {
      case 'assume':
        return;
      case 'havoc':
        this.#flow(step.target, number);
        return;
      case 'call': {
        const callee = this.#program.procedures.get(step.callee)!;
        for (const [i, p] of callee.params.entries()) this.#flow(p, this.of(step.args[i]!));
        step.results.forEach((r, i) => {
          const result = callee.results[i];
          if (result) this.#flow(r, this.of(result));
        });
        return;
      }
      case 'assign': {
        const site = this.#objects.bySite.get(step);
        if (site) {
          const objects = new Map([[site, [constantOffset(0)]]]);
          this.#flow(step.target, { ...nothing, objects, null: site.site!.mayFail });
          return;
        }
        const store = this.#memory.matchStore(step);
        if (store) this.#store(store.role, store.indices, store.value);
        else this.#flow(step.target, this.of(step.value));
      }
    }
  }

  #store(role: MemoryRole, indices: readonly Term[], value: Term): void {
    switch (role.kind) {
      case 'cell': {
        const width = accessSize(role.type);
        const pts = this.#mayHold(role) ? this.of(value) : value.kind === 'value' ? nullOnly : number;
        for (const [object, list] of this.reach(indices, role.subscripts)) {
          for (const offsets of list) this.#keep(object, offsets, width, pts);
        }
        return;
      }
      case 'fill': {
        if (role.with === 'zero') return;
        for (const object of this.of(indices[0]!).objects.keys()) {
          if (this.#indeterminate.has(object)) continue;
          this.#indeterminate.add(object);
          this.#changed(this.#readers, object);
        }
        return;
      }
      case 'copy':
      case 'copy-object': {
        const sizeBytes = role.kind === 'copy' ? role.sizeBytes : Number.POSITIVE_INFINITY;
        const targets = this.of(indices[0]!).objects;
        for (const [source, sources] of this.of(value).objects) {
          this.#noted(this.#readers, source);
          const known = [...(this.#contents.get(source)?.values() ?? [])];
          for (const [target, list] of targets) {
            if (this.#indeterminate.has(source) && !this.#indeterminate.has(target)) {
              this.#indeterminate.add(target);
              this.#changed(this.#readers, target);
            }
            for (const from of sources) {
              for (const to of list) {
                for (const content of known) {
                  for (const moved of movedOffsets(content.offsets, content.width, from, to, sizeBytes)) {
                    this.#keep(target, moved, content.width, content.pts);
                  }
                }
              }
            }
          }
        }
        return;
      }
      default:
        return;
    }
  }

  /** An object from which a place may read an address that was stored in smaller pieces: those lose what it points to. */
  pieces(place: Place, width: number): MemoryObject | undefined {
    for (const [object, list] of reachOf(place)) {
      for (const content of this.#contents.get(object)?.values() ?? []) {
        if (content.width >= width || !content.pts.wild) continue;
        if (list.some((offsets) => mayOverlap(offsets, width, content.offsets, content.width))) return object;
      }
    }
    return undefined;
  }

  /** The objects in whose memory the address of an object may be. */
  holders(object: MemoryObject): readonly MemoryObject[] {
    const result: MemoryObject[] = [];
    for (const [holder, map] of this.#contents) {
      if ([...map.values()].some((content) => content.pts.objects.has(object))) result.push(holder);
    }
    return result;
  }

  /** Whether an access is wide enough for an address. */
  #mayHold(role: Extract<MemoryRole, { kind: 'cell' }>): boolean {
    const { type } = role;
    if (type.kind === 'pointer') return true;
    return type.kind === 'integer' && !type.bitField && type.type.size >= this.#pointerBytes;
  }

  #keep(object: MemoryObject, offsets: Offsets, width: number, pts: PointsTo): void {
    let map = this.#contents.get(object);
    if (!map) {
      map = new Map();
      this.#contents.set(object, map);
    }
    // Many constant offsets with contents: one summary.
    const limited = map.size > mostContents && !map.has(`${offsetsKey(offsets)}:${width}`) ? anyOffset : offsets;
    const key = `${offsetsKey(limited)}:${width}`;
    const old = map.get(key);
    if (!old) {
      map.set(key, { offsets: limited, width, pts });
      this.#changed(this.#readers, object);
      return;
    }
    const now = join(old.pts, pts);
    if (now === old.pts) return;
    old.pts = now;
    this.#changed(this.#readers, object);
  }

  /** What an access may reach: for each object the offsets of its first byte. */
  reach(
    indices: readonly Term[],
    subscripts: readonly { readonly strideBytes: number; readonly count: number | undefined }[],
  ): ReadonlyMap<MemoryObject, readonly Offsets[]> {
    const place = this.place(indices, subscripts);
    return reachOf(place);
  }

  /** Takes the address of an access apart. */
  place(
    indices: readonly Term[],
    subscripts: readonly { readonly strideBytes: number; readonly count: number | undefined }[],
  ): Place {
    const start = indices[0]!;
    const form = linear(start);
    let constant = 0;
    const parts: { stride: number; index: Term; count: number | undefined }[] = [];
    let atom: Term = start;
    let pts: PointsTo | undefined;
    const pointers = [...form.parts].filter(([t]) => this.of(t).objects.size > 0);
    const safe = [...form.parts.values(), form.constant].every((k) => Number.isSafeInteger(Number(k)));
    if (pointers.length === 1 && pointers[0]![1] === 1n && safe) {
      atom = pointers[0]![0];
      pts = this.of(atom);
      constant = Number(form.constant);
      for (const [index, k] of form.parts) {
        if (index !== atom) parts.push({ stride: Number(k), index, count: undefined });
      }
    }
    let inCounts = true;
    for (const [i, s] of subscripts.entries()) {
      const index = indices[i + 1]!;
      if (index.kind === 'value') {
        const k = Number(index.value as bigint);
        constant += k * s.strideBytes;
        if (s.count !== undefined && (k < 0 || k >= s.count)) inCounts = false;
      } else parts.push({ stride: s.strideBytes, index, count: s.count });
    }
    return { atom, constant, parts, inCounts, pts: pts ?? this.of(start) };
  }

  /** What the value of a term may be the address of. */
  of(root: Term): PointsTo {
    const known = this.#cache.get(root);
    if (known) return known;
    const stack: Term[] = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      if (this.#cache.has(term)) {
        stack.pop();
        continue;
      }
      const needed = this.#needed(term);
      const missing = needed.filter((c) => !this.#cache.has(c));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      this.#cache.set(term, this.#one(term));
      stack.pop();
    }
    return this.#cache.get(root)!;
  }

  #needed(term: Term): readonly Term[] {
    if (term.kind !== 'apply' || term.sort.kind !== 'int') return [];
    const made = this.#memory.matchSelect(term);
    if (made) return [...made.indices, ...made.indices.flatMap((i) => [...linear(i).parts.keys()])];
    if (term.op === '+' || term.op === '-') return [...linear(term).parts.keys()];
    if (term.op === 'ite') return term.args.slice(1);
    return term.args;
  }

  #one(term: Term): PointsTo {
    if (term.sort.kind !== 'int') return number;
    if (term.kind === 'value')
      return term.value === 0n ? nullOnly : isNowhere(term.value as bigint) ? number : fixedNumber;
    if (term.kind === 'symbol') {
      const object = this.#objects.byBase.get(term);
      if (object) return { ...nothing, objects: new Map([[object, [constantOffset(0)]]]) };
      if (!this.#tracked(term)) return number;
      this.#noted(this.#users, term);
      return this.#variables.get(term) ?? nothing;
    }
    if (term.kind !== 'apply') return number;
    const made = this.#memory.matchSelect(term);
    if (made) return this.#load(made.role, made.indices);
    const arg = (i: number): PointsTo => this.#cache.get(term.args[i]!)!;
    switch (term.op) {
      case 'ite':
        return join(arg(1), arg(2));
      case '+':
      case '-':
        return this.#sum(term);
      case 'wrap.unsigned':
      case 'wrap.signed':
        return term.index >= 8 * this.#pointerBytes ? arg(0) : number;
      case 'bit.and': {
        const mask = term.args.find((a) => a.kind === 'value');
        const small = mask?.kind === 'value' && (mask.value as bigint) >= 0n && (mask.value as bigint) < 0x10000n;
        return small ? number : this.#scattered(term.args);
      }
      case 'bit.or':
      case 'bit.xor':
      case '*':
      case 'shift.left':
      case 'shift.right':
      case 'div':
      case 'quot':
        return this.#scattered(term.args);
      default:
        return number;
    }
  }

  /** Somewhere in the objects of the arguments. */
  #scattered(args: readonly Term[]): PointsTo {
    const objects = new Map<MemoryObject, readonly Offsets[]>();
    for (const a of args) for (const o of this.#cache.get(a)!.objects.keys()) objects.set(o, [anyOffset]);
    return objects.size === 0 ? number : { ...number, objects };
  }

  #sum(term: Term): PointsTo {
    const form = linear(term);
    const pointers: [Term, bigint][] = [];
    const dimensions: Dimension[] = [];
    let exact = Number.isSafeInteger(Number(form.constant));
    for (const [part, factor] of form.parts) {
      if (this.#cache.get(part)!.objects.size > 0) pointers.push([part, factor]);
      else {
        if (!Number.isSafeInteger(Number(factor))) exact = false;
        dimensions.push({ stride: Number(factor), count: Number.POSITIVE_INFINITY });
      }
    }
    if (pointers.length === 0) {
      const written = [...form.parts.keys()].every((part) => this.#cache.get(part)!.fixed);
      return written ? fixedNumber : number;
    }
    let balance = 0n;
    for (const [, factor] of pointers) balance += factor;
    if (balance <= 0n) return number;
    if (pointers.length > 1 || !exact || pointers[0]![1] !== 1n) {
      return this.#scattered(pointers.filter(([, k]) => k > 0n).map(([p]) => p));
    }
    const from = this.#cache.get(pointers[0]![0])!;
    const shift = Number(form.constant);
    const objects = new Map<MemoryObject, readonly Offsets[]>();
    for (const [o, list] of from.objects) {
      objects.set(
        o,
        union(
          [],
          list.map((x) => plus(x, shift, dimensions)),
        ),
      );
    }
    // A null pointer that is moved is some small number.
    const moved = from.wild || from.null;
    return { objects, wild: moved, null: moved, fixed: from.fixed };
  }

  #load(role: MemoryRole, indices: readonly Term[]): PointsTo {
    if (role.kind === 'from-number') return this.#cache.get(indices[0]!)!;
    if (role.kind !== 'cell' || !this.#mayHold(role)) return number;
    const width = accessSize(role.type);
    let pts: PointsTo = nullOnly;
    for (const [object, list] of this.reach(indices, role.subscripts)) {
      this.#noted(this.#readers, object);
      if (this.#indeterminate.has(object)) pts = join(pts, number);
      for (const content of this.#contents.get(object)?.values() ?? []) {
        for (const offsets of list) {
          if (!mayOverlap(offsets, width, content.offsets, content.width)) continue;
          if (content.width === width && aligned(offsets, content.offsets, width)) pts = join(pts, content.pts);
          else {
            pts = join(pts, scatter(content.pts));
          }
        }
      }
    }
    return pts;
  }
}

const mostContents = 300;

/** The last byte of the address space ((void *)-1) belongs to no object. */
const isNowhere = (value: bigint): boolean => value === -1n || value === (1n << 64n) - 1n || value === (1n << 32n) - 1n;

export function reachOf(place: Place): ReadonlyMap<MemoryObject, readonly Offsets[]> {
  const dimensions = place.parts.map((p) => ({ stride: p.stride, count: p.count ?? Number.POSITIVE_INFINITY }));
  const result = new Map<MemoryObject, readonly Offsets[]>();
  for (const [o, list] of place.pts.objects) {
    result.set(
      o,
      union(
        [],
        list.map((x) => plus(x, place.constant, dimensions)),
      ),
    );
  }
  return result;
}

function scatter(pts: PointsTo): PointsTo {
  const objects = new Map<MemoryObject, readonly Offsets[]>();
  for (const o of pts.objects.keys()) objects.set(o, [anyOffset]);
  return { ...number, objects, fixed: pts.fixed };
}

/** Do two sets of equally wide places meet only where they are equal? */
function aligned(a: Offsets, b: Offsets, width: number): boolean {
  let stride = 0;
  for (const d of [...a.dimensions, ...b.dimensions]) stride = gcdOf(stride, d.stride);
  const difference = Math.abs(b.first - a.first);
  if (stride === 0) return difference === 0 || difference >= width;
  const rest = difference % stride;
  if (rest === 0) return stride >= width;
  return rest >= width && stride - rest >= width;
}

const gcdOf = (a: number, b: number): number => {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
};

/** Where bytes of a copied region end up: `offsets` as seen from `from`, moved to `to`; nothing if they lie outside. */
export function movedOffsets(
  offsets: Offsets,
  width: number,
  from: Offsets,
  to: Offsets,
  sizeBytes: number,
): readonly Offsets[] {
  // Relative to the start of the region: strides of either set blur the position.
  const strides = from.dimensions.map((d) => d.stride);
  const relative = offsets.first - from.first;
  if (strides.length === 0 && offsets.dimensions.length === 0) {
    if (relative + width <= 0 || relative >= sizeBytes) return [];
    return [plus(to, relative)];
  }
  if (strides.length === 0) {
    const inside = { ...offsets, first: relative };
    if (least(inside) >= sizeBytes || greatest(inside) + width <= 0) return [];
    const [only, more] = offsets.dimensions;
    if (only && !more && only.count !== Number.POSITIVE_INFINITY) {
      const low = Math.max(0, Math.ceil((1 - width - relative) / only.stride));
      const high = Math.min(only.count - 1, Math.floor((sizeBytes - 1 - relative) / only.stride));
      if (low > high) return [];
      return [plus(to, relative + low * only.stride, [{ stride: only.stride, count: high - low + 1 }])];
    }
    // An array inside the region, with constant start: cut to the region where the counts are infinite.
    const kept: Dimension[] = [];
    let first = relative;
    for (const d of offsets.dimensions) {
      if (d.count !== Number.POSITIVE_INFINITY) kept.push(d);
      else {
        first = ((first % d.stride) + d.stride) % d.stride;
        // One more at each end for places that stick out.
        kept.push({ stride: d.stride, count: Math.max(1, Math.ceil((sizeBytes - first) / d.stride)) });
      }
    }
    const moved = makeOffsets(first, kept);
    if (moved.dimensions.length === 0 && (moved.first >= sizeBytes || moved.first + width <= 0)) return [];
    return [plus(to, moved.first, moved.dimensions)];
  }
  let stride = 0;
  for (const s of [...strides, ...offsets.dimensions.map((d) => d.stride)]) stride = gcdOf(stride, s);
  const result: Offsets[] = [];
  const first = ((relative % stride) + stride) % stride;
  const count = Math.ceil((sizeBytes - first) / stride);
  if (count <= 0 && first + width - stride <= 0) return [];
  result.push(plus(to, first, [{ stride, count: Math.max(1, count) }]));
  // A place that begins before the region and reaches into it.
  if (first + width > stride) result.push(plus(to, first - stride));
  return result;
}
