import { unreachable } from '../../../base/unreachable.ts';
import type { Program, Step } from '../../../program/program.ts';
import type { TermFactory } from '../../../terms/factory.ts';
import type { OperatorName } from '../../../terms/operator.ts';
import { arraySort, boolSort, intSort, type Sort } from '../../../terms/sort.ts';
import type { ApplyTerm, SymbolTerm, Term } from '../../../terms/term.ts';
import { freeSymbols, rebuild } from '../../../terms/traversal.ts';
import { ArrayValue, type Value } from '../../../terms/value.ts';
import { unsupported } from '../diagnostics.ts';
import { alignment } from './addresses.ts';
import { addLinear, fromLinear, type Linear, linear } from './linear.ts';
import type { MemoryObject, Objects } from './objects.ts';
import { constantOffset, isConstant, type Offsets } from './offsets.ts';
import { accessSize, accessSort, type Memory, type MemoryRole } from './operations.ts';
import type { Place, PointsTo, PointsToAnalysis } from './points-to.ts';
import { type Declare, isPinned, type Region, type Regions, type Target } from './regions.ts';
import { type Slot, shapeOf } from './representation.ts';
import type { ResolvedPlace, Storage } from './storage.ts';

/**
 * Replaces what stands for memory, in terms and steps, by variables and arrays.
 *
 * Long because all memory operations share the way from an address to its targets and their conditions, and each of them
 * is short.
 */

export interface RewritingContext {
  readonly program: Program;
  readonly memory: Memory;
  readonly objects: Objects;
  readonly pointsTo: PointsToAnalysis;
  readonly regions: Regions;
  readonly storage: Storage;
  readonly declare: Declare;
  /** Accesses (by the terms of their addresses) that some check looks at. */
  readonly checked: ReadonlySet<string>;
  /** The number of objects from regions of many that are not freed, where anybody asks. */
  readonly live: SymbolTerm | undefined;
  readonly pointerBytes: number;
  readonly largestBytes: bigint;
  /** Validity, apart from the counts of subscripts, is checked wherever it is in question; so are the counts. */
  readonly checksPointers: boolean;
  readonly checksCounts: boolean;
}

/** A step that takes a loop: `counter` counts from 0 while the condition holds. */
export interface Repetition {
  readonly kind: 'repeat';
  readonly counter: SymbolTerm;
  readonly condition: Term;
  readonly body: readonly Step[];
}

const isAnywhere = (o: Offsets): boolean =>
  o.dimensions.some((d) => d.stride === 1 && d.count === Number.POSITIVE_INFINITY);

export const accessKeyOf = (indices: readonly Term[]): string => indices.map((i) => i.id).join(',');

export class Rewriting {
  readonly #c: RewritingContext;
  readonly #t: TermFactory;
  readonly #cache = new Map<Term, Term>();
  /** Values that are anything because the access may be invalid and nobody checks it. */
  readonly #anything = new Map<Term, SymbolTerm>();
  readonly #anythings = new Set<SymbolTerm>();
  /** A write that nobody checks was assumed to be valid. */
  assumesWrites = false;
  /** A write that nobody checks may go anywhere, and was taken to have no effect then. */
  straysWrites = false;
  /** A number that was computed from no address, or in a way that we do not follow, becomes an address. */
  numbersAsAddresses = false;
  /** An address was taken apart and put together again in a way that we do not follow. */
  lossyAddresses = false;
  /** An object is accessed as something that needs a better alignment than the object has by its type. */
  betterAligned = false;
  /** What an address is as a number has been looked at. */
  usesLayout = false;

  constructor(context: RewritingContext) {
    this.#c = context;
    this.#t = context.program.terms;
  }

  // Terms

  term(root: Term): Term {
    const stack: Term[] = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      if (this.#cache.has(term)) {
        stack.pop();
        continue;
      }
      const made = this.#c.memory.matchSelect(term);
      const needed =
        made?.indices.flatMap((i) => [i, ...linear(i).parts.keys()]) ??
        (term.kind === 'apply' ? term.args : term.kind === 'forall' || term.kind === 'exists' ? [term.body] : []);
      const missing = needed.filter((n) => !this.#cache.has(n));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      stack.pop();
      this.#cache.set(term, made ? this.#query(term, made.role, made.indices) : this.#plain(term));
    }
    return this.#cache.get(root)!;
  }

  #plain(term: Term): Term {
    if (term.kind === 'symbol') {
      const object = this.#c.objects.byBase.get(term);
      if (!object || object.many) return term;
      return this.#t.int(this.#c.regions.of(object).base);
    }
    if (term.kind === 'value') return term;
    const parts = term.kind === 'apply' ? term.args : [term.body];
    if (term.kind === 'apply' && parts[0]!.sort.kind === 'int') {
      if (comparisons.has(term.op)) this.#compared(term.op, parts);
      else if (dissections.has(term.op)) this.#dissected(term);
    }
    return rebuild(
      this.#t,
      term,
      parts.map((p) => this.#cache.get(p)!),
    );
  }

  /** Where objects stand is not known: nothing may be concluded from where we put them. */
  #compared(op: OperatorName, [a, b]: readonly Term[]): void {
    // Where it is checked that both lead to one object, their order does not depend on where it stands.
    if (op !== '=' && this.#c.checked.has(accessKeyOf([a!, b!]))) return;
    const { pointsTo } = this.#c;
    const [x, y] = [pointsTo.of(a!), pointsTo.of(b!)];
    if ((x.fixed && y.objects.size > 0) || (y.fixed && x.objects.size > 0)) this.usesLayout = true;
    if (op === '=' && (mayTouch(x, y) || mayTouch(y, x))) this.usesLayout = true;
  }

  /** The digits of an address are not known either, but for its alignment. */
  #dissected(term: ApplyTerm): void {
    const { pointsTo, pointerBytes } = this.#c;
    if (term.op.startsWith('wrap.') && term.index >= 8 * pointerBytes) return;
    const objects = term.args.flatMap((a) => [...pointsTo.of(a).objects.keys()]);
    if (objects.length === 0) return;
    const constant = term.args.find((a) => a.kind === 'value');
    const number = constant?.kind === 'value' ? (constant.value as bigint) : -1n;
    const modulus = term.op === 'bit.and' ? number + 1n : term.op === 'mod' || term.op === 'rem' ? number : 0n;
    const unaligned = objects.find((o) => {
      const align = BigInt(o.declared?.alignBytes ?? o.site?.alignBytes ?? 1);
      return modulus <= 0n || align % modulus !== 0n;
    });
    if (unaligned) this.usesLayout = true;
  }

  /** Whether an address is a multiple of so many bytes: by where it may point, else by the number that it is. */
  #aligned(place: Place, address: Term, bytes: number): Term {
    const t = this.#t;
    const targets = this.#c.regions.targets(place.pts);
    const sure =
      targets.length > 0 &&
      place.parts.every((p) => p.stride % bytes === 0) &&
      targets.every(({ region, offsets }) => {
        const starts = Number(region.base % BigInt(bytes)) + offsets.first + place.constant;
        const spacing = region.many ? Number(region.spacing % BigInt(bytes)) : 0;
        return starts % bytes === 0 && spacing === 0 && offsets.dimensions.every((d) => d.stride % bytes === 0);
      });
    if (sure) {
      if (targets.some(({ region }) => region.members.some((m) => alignment(m) < bytes))) this.betterAligned = true;
      return t.true;
    }
    return t.equal(t.apply('mod', [this.#cache.get(address)!, t.int(bytes)]), t.int(0));
  }

  #resolved(place: Place): ResolvedPlace {
    const parts = place.parts.map((p) => ({ ...p, index: this.term(p.index) }));
    return { atom: this.term(place.atom), constant: place.constant, parts };
  }

  #query(term: Term, role: MemoryRole, indices: readonly Term[]): Term {
    const t = this.#t;
    const { pointsTo, regions } = this.#c;
    switch (role.kind) {
      case 'cell':
        return this.#load(term, role, indices);
      case 'valid': {
        const place = pointsTo.place(indices, role.subscripts);
        return this.#valid(place, role.sizeBytes, role.write);
      }
      case 'from-number': {
        const { pts } = pointsTo.place([indices[0]!], []);
        const lists = [...pts.objects.values()];
        const lossy = lists.some((list) => list.some(isAnywhere));
        if (lossy) this.lossyAddresses = true;
        if (lists.length === 0 ? pts.wild : lossy) this.numbersAsAddresses = true;
        return this.#cache.get(indices[0]!)!;
      }
      case 'aligned': {
        const place = pointsTo.place([indices[0]!], []);
        return this.#aligned(place, indices[0]!, role.bytes);
      }
      case 'valid-range': {
        const place = pointsTo.place([indices[0]!], []);
        return this.#validRange(place, this.#cache.get(indices[1]!)!, role.write);
      }
      case 'same-object':
        return this.#sameObject(indices[0]!, indices[1]!);
      case 'freeable':
      case 'is-dynamic':
      case 'is-live':
      case 'offset-of':
      case 'size-of':
      case 'object-of': {
        const place = pointsTo.place([indices[0]!], []);
        return this.#about(role.kind, place);
      }
      case 'nothing-leaks': {
        const parts: Term[] = [];
        for (const region of regions.all) {
          if (!region.owed || region.many || !region.alive) continue;
          parts.push(t.not(region.alive));
        }
        if (this.#c.live) parts.push(t.equal(this.#c.live, t.int(0)));
        return t.all(parts);
      }
      case 'allocate':
        return unsupported('C0721', 'an allocation inside an expression');
      default:
        return unsupported('C0721', `a memory operation (${role.kind}) inside an expression`);
    }
  }

  #load(term: Term, role: Extract<MemoryRole, { kind: 'cell' }>, indices: readonly Term[]): Term {
    const t = this.#t;
    const place = this.#c.pointsTo.place(indices, role.subscripts);
    const resolved = this.#resolved(place);
    const bits = shapeOf({ first: 0, dimensions: [] }, role.type);
    const targets = this.#c.regions.targets(place.pts);
    const pieces = role.type.kind === 'pointer' ? this.#c.pointsTo.pieces(place, role.type.sizeBytes) : undefined;
    if (pieces)
      unsupported('C0722', `\`${pieces.name}\`: an address is read that was stored piece by piece`, pieces.range);
    const found: { target: Target; value: Term }[] = [];
    for (const target of targets) {
      const value = this.#c.storage.read(target, resolved, bits);
      if (value !== undefined) found.push({ target, value });
    }
    let result: Term | undefined;
    for (const { target, value } of found.reverse()) {
      result = result === undefined ? value : t.ite(this.#match(target, resolved, targets), value, result);
    }
    if (role.certain || this.#isChecked(indices)) return result ?? this.#anyValue(term, role);
    const valid = this.#valid(place, accessSize(role.type), false, this.#c.checksCounts);
    if (result === undefined) return this.#anyValue(term, role);
    return valid === t.true ? result : t.ite(valid, result, this.#anyValue(term, role));
  }

  #isChecked(indices: readonly Term[]): boolean {
    return this.#c.checksPointers || this.#c.checked.has(accessKeyOf(indices));
  }

  #anyValue(term: Term, role: Extract<MemoryRole, { kind: 'cell' }>): SymbolTerm {
    const known = this.#anything.get(term);
    if (known) return known;
    const { type } = role;
    const range = this.#c.storage.range(shapeOf({ first: 0, dimensions: [] }, type));
    const about = { name: 'any', internal: true, role: 'temporary' as const, ...(range ? { range } : {}) };
    const symbol = this.#c.declare(about, accessSort(type));
    this.#anything.set(term, symbol);
    this.#anythings.add(symbol);
    return symbol;
  }

  /** The values in a resolved term that must be anything whenever it is evaluated. */
  anythings(term: Term): SymbolTerm[] {
    return this.#anythings.size === 0 ? [] : freeSymbols([term]).filter((s) => this.#anythings.has(s));
  }

  // Conditions

  /** Whether an atom points to this target rather than to another of the candidates. */
  #match(target: Target, place: ResolvedPlace, others: readonly Target[]): Term {
    const t = this.#t;
    const { region, offsets } = target;
    const { atom } = place;
    if (!region.many) {
      if (isPinned(target)) return t.equal(atom, t.int(region.base + BigInt(offsets.first)));
      return t.and(t.lessEqual(t.int(region.base), atom), t.less(atom, t.int(region.base + region.spacing)));
    }
    const start = isPinned(target)
      ? plusConstant(t, atom, -BigInt(offsets.first))
      : this.#c.storage.instance(region, atom);
    const parts = [t.lessEqual(t.int(region.base), start), t.less(start, region.next!)];
    if (others.some((o) => o.region !== region && o.region.many)) parts.push(this.#inRound(region, start));
    return t.all(parts);
  }

  /** Regions of many take turns: which one an address belongs to. */
  #inRound(region: Region, start: Term): Term {
    const t = this.#t;
    const since = plusConstant(t, start, -region.base);
    return t.equal(t.apply('mod', [since, t.int(region.spacing)]), t.int(0));
  }

  /** An atom points to an object of this target (which may be dead): nothing is said of bounds. */
  #points(target: Target, pts: PointsTo, place: ResolvedPlace, others: readonly Target[]): Term {
    const t = this.#t;
    if (others.length === 1 && dataOnly(pts) && (isPinned(target) || target.region.many)) {
      return pts.null ? t.not(t.equal(place.atom, t.int(0))) : t.true;
    }
    return this.#match(target, place, others);
  }

  #alive(target: Target, place: ResolvedPlace): Term {
    const t = this.#t;
    const { alive, many } = target.region;
    if (!alive) return t.true;
    if (alive.sort.kind === 'bool' || !many) return alive;
    return t.apply('select', [alive, this.#start(target, place)]);
  }

  /** The address of the object. */
  #start(target: Target, place: ResolvedPlace): Term {
    const { region, offsets } = target;
    if (!region.many) return this.#t.int(region.base);
    return isPinned(target)
      ? plusConstant(this.#t, place.atom, -BigInt(offsets.first))
      : this.#c.storage.instance(region, place.atom);
  }

  #size(target: Target, place: ResolvedPlace): Term {
    const t = this.#t;
    const { region } = target;
    if (region.sizeBytes !== undefined) return t.int(region.sizeBytes);
    if (!region.size) throw new Error(`INVARIANT broken: ${region.name} has no size`);
    return region.size.sort.kind === 'array'
      ? t.apply('select', [region.size, this.#start(target, place)])
      : region.size;
  }

  /** `counted`: a check elsewhere makes sure that subscripts lie within their counts. */
  #valid(place: Place, sizeBytes: number, write: boolean, counted = false): Term {
    const t = this.#t;
    if (!place.inCounts) return t.false;
    const resolved = this.#resolved(place);
    const targets = this.#c.regions.targets(place.pts, write);
    const all = this.#c.regions.targets(place.pts);
    const cases: Term[] = [];
    for (const target of targets) {
      const parts: Term[] = [this.#points(target, place.pts, resolved, all), this.#alive(target, resolved)];
      const { region } = target;
      const offset = this.#c.storage.offset(target, resolved);
      const counts = place.parts.every((p) => p.count !== undefined);
      let low = offset.constant;
      let high = offset.constant + BigInt(sizeBytes);
      for (const p of place.parts) {
        if (p.count === undefined) continue;
        const end = BigInt(p.stride * (p.count - 1));
        if (end > 0n) high += end;
        else low += end;
      }
      for (const p of resolved.parts) {
        if (p.count !== undefined && !counted)
          parts.push(t.and(t.lessEqual(t.int(0), p.index), t.less(p.index, t.int(p.count))));
      }
      const size = region.sizeBytes;
      const settled = isPinned(target) && counts && low >= 0n && size !== undefined && high <= BigInt(size);
      if (!settled) {
        const above = atLeast(t, offset, 0n);
        const below =
          size !== undefined
            ? atMost(t, offset, BigInt(size - sizeBytes))
            : atMost(t, addLinear(offset, linear(this.#size(target, resolved)), -1n), -BigInt(sizeBytes));
        if (above === t.false || below === t.false) continue;
        parts.push(above, below);
      }
      cases.push(conjunction(t, parts));
    }
    return disjunction(t, cases);
  }

  #validRange(place: Place, count: Term, write: boolean): Term {
    const t = this.#t;
    const resolved = this.#resolved(place);
    const all = this.#c.regions.targets(place.pts);
    const cases: Term[] = [];
    for (const target of this.#c.regions.targets(place.pts, write)) {
      const offset = this.#c.storage.offset(target, resolved);
      const end = addLinear(addLinear(offset, linear(count)), linear(this.#size(target, resolved)), -1n);
      cases.push(
        conjunction(t, [
          this.#points(target, place.pts, resolved, all),
          this.#alive(target, resolved),
          atLeast(t, offset, 0n),
          atLeast(t, linear(count), 0n),
          atMost(t, end, 0n),
        ]),
      );
    }
    return disjunction(t, cases);
  }

  #sameObject(a: Term, b: Term): Term {
    const t = this.#t;
    if (a === b) return t.true;
    const { pointsTo, regions } = this.#c;
    const left = pointsTo.place([a], []);
    const right = pointsTo.place([b], []);
    const x = this.#resolved(left);
    const y = this.#resolved(right);
    const one = regions.targets(left.pts);
    const other = regions.targets(right.pts);
    const cases: Term[] = [];
    const whole = (place: ResolvedPlace): Term =>
      fromLinear(
        t,
        addLinear(addLinear(linear(place.atom), { constant: BigInt(place.constant), parts: new Map() }), sumOf(place)),
      );
    if ((left.pts.null || left.pts.wild) && (right.pts.null || right.pts.wild)) {
      cases.push(t.and(t.equal(whole(x), t.int(0)), t.equal(whole(y), t.int(0))));
    }
    for (const p of one) {
      for (const q of other) {
        if (p.region !== q.region) continue;
        const parts = [this.#points(p, left.pts, x, one), this.#points(q, right.pts, y, other)];
        for (const [target, place] of [
          [p, x],
          [q, y],
        ] as const) {
          const offset = this.#c.storage.offset(target, place);
          const size = linear(this.#size(target, place));
          parts.push(atLeast(t, offset, 0n), atMost(t, addLinear(offset, size, -1n), 0n));
        }
        if (p.region.many) parts.push(t.equal(this.#start(p, x), this.#start(q, y)));
        cases.push(conjunction(t, parts));
      }
    }
    return disjunction(t, cases);
  }

  #about(kind: 'freeable' | 'is-dynamic' | 'is-live' | 'offset-of' | 'size-of' | 'object-of', place: Place): Term {
    const t = this.#t;
    const resolved = this.#resolved(place);
    const targets = this.#c.regions.targets(place.pts);
    const offset = (target: Target): Linear => this.#c.storage.offset(target, resolved);
    if (kind === 'freeable') {
      const cases: Term[] = [];
      const whole = fromLinear(
        t,
        addLinear(
          addLinear(linear(resolved.atom), { constant: BigInt(place.constant), parts: new Map() }),
          sumOf(resolved),
        ),
      );
      if (place.pts.null || place.pts.wild) cases.push(t.equal(whole, t.int(0)));
      const sole = targets.length === 1 && dataOnly(place.pts);
      for (const target of targets) {
        if (!target.region.heap) continue;
        const at = offset(target);
        const points = sole && isPinned(target) && cases.length === 0 ? t.true : this.#match(target, resolved, targets);
        cases.push(conjunction(t, [points, t.equal(fromLinear(t, at), t.int(0)), this.#alive(target, resolved)]));
      }
      return disjunction(t, cases);
    }
    let result: Term = kind === 'is-dynamic' || kind === 'is-live' ? t.false : t.int(0);
    for (const target of [...targets].reverse()) {
      const points = this.#points(target, place.pts, resolved, targets);
      const value = ((): Term => {
        switch (kind) {
          case 'is-dynamic':
            return t.bool(target.region.heap);
          case 'is-live':
            return this.#alive(target, resolved);
          case 'offset-of':
            return fromLinear(t, offset(target));
          case 'size-of':
            return this.#size(target, resolved);
          case 'object-of':
            return this.#start(target, resolved);
          default:
            return unreachable(kind);
        }
      })();
      result = points === t.true ? value : t.ite(points, value, result);
    }
    return result;
  }

  // Steps

  step(step: Step): (Step | Repetition)[] {
    const { objects } = this.#c;
    switch (step.kind) {
      case 'havoc':
        if (objects.byBase.has(step.target) || objects.byAlive.has(step.target)) return [];
        return [step];
      case 'assume':
        return this.#with([this.term(step.condition)], ([condition]) => [{ kind: 'assume', condition: condition! }]);
      case 'call':
        return this.#with(
          step.args.map((a) => this.term(a)),
          (args) => [{ ...step, args }],
        );
      case 'assign': {
        const site = objects.bySite.get(step);
        if (site) return this.#allocate(step);
        const store = this.#c.memory.matchStore(step);
        if (store) return this.#operation(store.role, store.indices, store.value);
        const alive = objects.byAlive.get(step.target);
        if (alive) return this.#lifetime(step, alive);
        return this.#with([this.term(step.value)], ([value]) => [{ ...step, value: value! }]);
      }
    }
  }

  #with(terms: readonly Term[], make: (terms: readonly Term[]) => Step[]): Step[] {
    const any = new Set(terms.flatMap((x) => this.anythings(x)));
    return [...[...any].map((target): Step => ({ kind: 'havoc', target })), ...make(terms)];
  }

  /** A scope begins or ends. */
  #lifetime(step: Extract<Step, { kind: 'assign' }>, objects: readonly MemoryObject[]): Step[] {
    const t = this.#t;
    const steps: Step[] = [];
    let own = false;
    for (const object of objects) {
      const region = this.#c.regions.of(object);
      if (!region.alive) continue;
      if (region.alive === step.target) own = true;
      else {
        const base = object.base!;
        if (object.reborn && step.value === t.true) {
          const over = t.apply('store', [region.alive, base, t.false]);
          steps.push({ kind: 'assign', target: region.alive, value: over });
          steps.push({ kind: 'assign', target: base, value: region.next! });
          steps.push({ kind: 'assign', target: region.next!, value: t.add(region.next!, t.int(region.spacing)) });
        }
        steps.push({ kind: 'assign', target: region.alive, value: t.apply('store', [region.alive, base, step.value]) });
      }
    }
    return own ? [step, ...steps] : steps;
  }

  #allocate(step: Extract<Step, { kind: 'assign' }>): (Step | Repetition)[] {
    const t = this.#t;
    const { memory, objects, regions, live } = this.#c;
    const object = objects.bySite.get(step)!;
    const region = regions.of(object);
    const site = object.site!;
    const size = this.term(memory.matchSelect(step.value)!.indices[0]!);
    const steps: (Step | Repetition)[] = this.anythings(size).map((target) => ({ kind: 'havoc', target }));
    const conditions: Term[] = [];
    if (object.sizeBytes === undefined || BigInt(object.sizeBytes) > this.#c.largestBytes) {
      conditions.push(t.lessEqual(t.int(0), size), t.lessEqual(size, t.int(this.#c.largestBytes)));
    }
    const fits = conjunction(t, conditions);
    let success = fits;
    if (site.mayFail) {
      const about = { name: `${site.how} fails`, internal: true, role: 'temporary' as const };
      const fails = this.#c.declare(about, boolSort);
      steps.push({ kind: 'havoc', target: fails, input: `${site.how} fails` });
      success = conjunction(t, [t.not(fails), fits]);
    } else if (fits !== t.true) steps.push({ kind: 'assume', condition: fits });
    const given = site.mayFail ? success : t.true;
    const assign = (target: SymbolTerm, value: Term): number => steps.push({ kind: 'assign', target, value });
    const address: Term = region.many ? region.next! : t.int(region.base);
    if (region.size) {
      assign(region.size, region.size.sort.kind === 'array' ? t.apply('store', [region.size, address, size]) : size);
    }
    if (region.alive && region.heap) {
      assign(region.alive, region.many ? t.apply('store', [region.alive, address, given]) : given);
      if (region.many && region.owed && live) {
        assign(live, given === t.true ? t.add(live, t.int(1)) : t.ite(given, t.add(live, t.int(1)), live));
      }
    }
    const fill = zeroedFromStart(region) ? (site.zeroed ? undefined : 'anything') : site.zeroed ? 'zero' : undefined;
    if (fill) {
      for (const s of this.#fillSteps(region, address, fill, undefined, size)) steps.push(s);
    }
    assign(step.target, given === t.true ? address : t.ite(given, address, t.int(0)));
    if (region.many) assign(region.next!, t.add(region.next!, t.int(region.spacing)));
    return steps;
  }

  /** Sets all of an object. */
  #fillSteps(
    region: Region,
    start: Term,
    value: 'zero' | 'anything',
    when: Term | undefined,
    sizeBytes: Term,
  ): (Step | Repetition)[] {
    const t = this.#t;
    const { storage } = this.#c;
    const steps: (Step | Repetition)[] = [];
    const { period, slots } = region.representation;
    const elements =
      period === 0
        ? 1
        : sizeBytes.kind === 'value'
          ? Math.ceil(Number(sizeBytes.value as bigint) / period)
          : Number.POSITIVE_INFINITY;
    const long = region.many && elements > mostFilled;
    const counter = long ? this.#counter() : undefined;
    const body: Step[] = [];
    for (const slot of slots) {
      const symbol = storage.variable(region, slot);
      let filled: Term;
      if (!region.many) {
        if (value === 'anything' && !when) {
          steps.push({ kind: 'havoc', target: symbol });
          continue;
        }
        filled =
          value === 'zero'
            ? symbol.sort.kind === 'array'
              ? constantArray(t, storage.zero(slot.type))
              : storage.zero(slot.type)
            : this.#havocked(symbol, steps);
        steps.push({ kind: 'assign', target: symbol, value: when ? t.ite(when, filled, symbol) : filled });
        continue;
      }
      if (counter) {
        const index = fromLinear(t, addLinear(linear(start), linear(counter), BigInt(period)));
        const element = value === 'zero' ? storage.zero(slot.type) : this.#havockedElement(symbol, slot, body);
        body.push({ kind: 'assign', target: symbol, value: t.apply('store', [symbol, index, element]) });
        continue;
      }
      let array: Term = symbol;
      for (let e = 0; e < elements; e++) {
        const index = plusConstant(t, start, BigInt(e * period));
        const element = value === 'zero' ? storage.zero(slot.type) : this.#havockedElement(symbol, slot, steps);
        const kept = when ? t.ite(when, element, t.apply('select', [array, index])) : element;
        array = t.apply('store', [array, index, kept]);
      }
      steps.push({ kind: 'assign', target: symbol, value: array });
    }
    if (counter) {
      const inside = t.less(t.multiply(t.int(period), counter), sizeBytes);
      steps.push({ kind: 'repeat', counter, condition: when ? t.and(when, inside) : inside, body });
    }
    return steps;
  }

  #counter(): SymbolTerm {
    const about = { name: 'element', internal: true, role: 'temporary' as const, range: { low: 0n } };
    return this.#c.declare(about, intSort);
  }

  #havocked(like: SymbolTerm, steps: (Step | Repetition)[]): SymbolTerm {
    const range = this.#c.program.variables.get(like)?.range;
    const about = { name: 'anything', internal: true, role: 'temporary' as const, ...(range ? { range } : {}) };
    const symbol = this.#c.declare(about, like.sort);
    steps.push({ kind: 'havoc', target: symbol });
    return symbol;
  }

  #havockedElement(like: SymbolTerm, slot: Slot, steps: (Step | Repetition)[]): SymbolTerm {
    const range = this.#c.storage.range(slot);
    const about = { name: 'anything', internal: true, role: 'temporary' as const, ...(range ? { range } : {}) };
    const symbol = this.#c.declare(about, (like.sort as { element: Sort }).element);
    steps.push({ kind: 'havoc', target: symbol });
    return symbol;
  }

  #operation(role: MemoryRole, indices: readonly Term[], value: Term): (Step | Repetition)[] {
    switch (role.kind) {
      case 'cell':
        return this.#store(role, indices, value);
      case 'free':
        return this.#free(indices[0]!);
      case 'fill':
        return this.#fill(indices[0]!, role.with);
      case 'copy':
        return this.#copy(indices[0]!, value, role.sizeBytes);
      case 'copy-object':
        return this.#copyObject(indices[0]!, value);
      default:
        return unsupported('C0721', `a memory operation (${role.kind}) as a statement`);
    }
  }

  #store(role: Extract<MemoryRole, { kind: 'cell' }>, indices: readonly Term[], stored: Term): Step[] {
    const place = this.#c.pointsTo.place(indices, role.subscripts);
    const resolved = this.#resolved(place);
    const writable = this.#c.regions.targets(place.pts, true);
    // What can only go into constants gives them their first value.
    const targets = writable.length > 0 ? writable : this.#c.regions.targets(place.pts);
    const value = this.term(stored);
    const bits = shapeOf({ first: 0, dimensions: [] }, role.type);
    const now = new Map<SymbolTerm, Term>();
    const assumed =
      role.certain || this.#isChecked(indices)
        ? this.#t.true
        : this.#valid(place, accessSize(role.type), true, this.#c.checksCounts);
    // An address that may be just any number: what is written there is lost, which is one possibility of many.
    const strays = assumed !== this.#t.true && (place.pts.wild || targets.length === 0);
    if (strays) this.straysWrites = true;
    for (const target of targets) {
      const parts = strays ? [assumed] : [];
      if (targets.length > 1) parts.push(this.#match(target, resolved, targets));
      this.#c.storage.write(target, resolved, bits, value, parts.length > 0 ? this.#t.all(parts) : undefined, now);
    }
    return this.#writes(now, strays ? this.#t.true : assumed);
  }

  /** Assigns all at once, where `assumed` holds: other runs are no runs of the program. */
  #writes(now: ReadonlyMap<SymbolTerm, Term>, assumed: Term): Step[] {
    const any = new Set([...now.values(), assumed].flatMap((x) => this.anythings(x)));
    const steps: Step[] = [...any].map((target) => ({ kind: 'havoc', target }));
    if (assumed !== this.#t.true) {
      this.assumesWrites = true;
      steps.push({ kind: 'assume', condition: assumed });
    }
    return [...steps, ...this.#simultaneous(now)];
  }

  /** Assigns all at once. */
  #simultaneous(now: ReadonlyMap<SymbolTerm, Term>): Step[] {
    const steps: Step[] = [];
    const before: Step[] = [];
    const done = new Set<SymbolTerm>();
    for (const [target, value] of now) {
      if (done.size > 0 && freeSymbols([value]).some((s) => s !== target && done.has(s))) {
        const range = this.#c.program.variables.get(target)?.range;
        const about = { name: 'stored', internal: true, role: 'temporary' as const, ...(range ? { range } : {}) };
        const saved = this.#c.declare(about, target.sort);
        before.push({ kind: 'assign', target: saved, value });
        steps.push({ kind: 'assign', target, value: saved });
      } else steps.push({ kind: 'assign', target, value });
      done.add(target);
    }
    return [...before, ...steps];
  }

  #free(address: Term): Step[] {
    const t = this.#t;
    const place = this.#c.pointsTo.place([address], []);
    const resolved = this.#resolved(place);
    const targets = this.#c.regions.targets(place.pts);
    const now = new Map<SymbolTerm, Term>();
    const { live } = this.#c;
    for (const target of targets) {
      const { region } = target;
      if (!region.heap || !region.alive) continue;
      const points = this.#points(target, place.pts, resolved, targets);
      if (!region.many) {
        const current = now.get(region.alive) ?? region.alive;
        now.set(region.alive, points === t.true ? t.false : t.ite(points, t.false, current));
        continue;
      }
      const start = this.#start(target, resolved);
      const current = now.get(region.alive) ?? region.alive;
      const old = t.apply('select', [current, start]);
      const freed = points === t.true ? t.false : t.ite(points, t.false, old);
      now.set(region.alive, t.apply('store', [current, start, freed]));
      if (live && region.owed) {
        const count = now.get(live) ?? live;
        now.set(live, t.ite(conjunction(t, [points, old]), t.subtract(count, t.int(1)), count));
      }
    }
    return this.#writes(now, t.true);
  }

  #fill(address: Term, value: 'zero' | 'anything'): (Step | Repetition)[] {
    const place = this.#c.pointsTo.place([address], []);
    const resolved = this.#resolved(place);
    const targets = this.#c.regions.targets(place.pts);
    const steps: (Step | Repetition)[] = [];
    for (const target of targets) {
      const points = this.#points(target, place.pts, resolved, targets);
      const when = points === this.#t.true || (targets.length === 1 && !place.pts.wild) ? undefined : points;
      const start = this.#start(target, resolved);
      steps.push(...this.#fillSteps(target.region, start, value, when, this.#size(target, resolved)));
    }
    // An object that is filled does not decide where another one is.
    const filled = new Set(steps.flatMap((s) => (s.kind === 'assign' || s.kind === 'havoc' ? [s.target] : [])));
    if (targets.length > 1 && freeSymbols([resolved.atom]).some((s) => filled.has(s))) {
      unsupported('C0721', 'memory is filled whose place depends on what is in it');
    }
    return steps;
  }

  #copy(to: Term, from: Term, sizeBytes: number): Step[] {
    const t = this.#t;
    const { pointsTo, regions, storage } = this.#c;
    const target = pointsTo.place([to], []);
    const source = pointsTo.place([from], []);
    const x = this.#resolved(target);
    const y = this.#resolved(source);
    const into = regions.targets(target.pts, true);
    const out = regions.targets(source.pts);
    const now = new Map<SymbolTerm, Term>();
    const size = t.int(sizeBytes);
    const assumed = this.#c.checksPointers
      ? t.true
      : conjunction(t, [this.#validRange(target, size, true), this.#validRange(source, size, false)]);
    for (const a of into) {
      const when = into.length > 1 ? this.#match(a, x, into) : undefined;
      const whole = out.length === 1 && into.length === 1 ? this.#wholeArrays(a, x, out[0]!, y, sizeBytes) : undefined;
      if (whole && assumed === t.true) return whole;
      const start = isPinned(a) ? a.offsets.first + x.constant : undefined;
      const slots = storage.slotsIn(a.region, start ?? a.offsets.first + x.constant, sizeBytes);
      if (slots.length > mostCopied) {
        unsupported(
          'C0724',
          `\`${a.region.name}\` is copied in more than ${mostCopied} pieces`,
          a.region.members[0]!.range,
        );
      }
      for (const bits of slots) {
        let value: Term | undefined;
        for (const b of [...out].reverse()) {
          const here = storage.read(b, y, bits);
          if (here === undefined) continue;
          value = value === undefined ? here : t.ite(this.#match(b, y, out), here, value);
        }
        if (value !== undefined) storage.write(a, x, bits, value, when, now);
      }
    }
    return this.#writes(now, assumed);
  }

  /** As many bytes as the smaller of two objects has. */
  #copyObject(to: Term, from: Term): (Step | Repetition)[] {
    const t = this.#t;
    const { pointsTo, regions, storage } = this.#c;
    const target = pointsTo.place([to], []);
    const source = pointsTo.place([from], []);
    const x = this.#resolved(target);
    const y = this.#resolved(source);
    const into = starts(regions.targets(target.pts, true));
    const out = starts(regions.targets(source.pts));
    const now = new Map<SymbolTerm, Term>();
    const loops: Repetition[] = [];
    for (const a of into) {
      for (const b of out) {
        const { region } = a;
        const conditions: Term[] = [];
        if (into.length > 1) conditions.push(this.#match(a, x, into));
        if (out.length > 1) conditions.push(this.#match(b, y, out));
        const sizes = [this.#size(a, x), this.#size(b, y)];
        const { period } = region.representation;
        const refuse = (): never =>
          unsupported(
            'C0724',
            `\`${region.name}\`: memory of two different forms is reallocated`,
            region.members[0]!.range,
          );
        if (region.representation.slots.length === 0 || b.region.representation.slots.length === 0) continue;
        if (period !== b.region.representation.period) return refuse();
        if (period === 0) {
          for (const bits of storage.slotsIn(region, 0, Number.MAX_SAFE_INTEGER)) {
            const value = storage.read(b, y, bits);
            if (value === undefined) continue;
            const end = t.int(Math.ceil((bits.lowBit + bits.widthBits) / 8));
            const fits = sizes.map((size) =>
              size.kind === 'value' ? t.bool(end.value <= size.value) : t.lessEqual(end, size),
            );
            const when = conjunction(t, [...conditions, ...fits]);
            if (when !== t.false) storage.write(a, x, bits, value, when === t.true ? undefined : when, now);
          }
          continue;
        }
        const counter = this.#counter();
        const body: Step[] = [];
        for (const slot of region.representation.slots) {
          const other = b.region.representation.slots.find(
            (s) => s.lowBit === slot.lowBit && s.widthBits === slot.widthBits,
          );
          if (!other) continue;
          if (JSON.stringify(slot.type) !== JSON.stringify(other.type)) return refuse();
          const at = (target: Target, place: ResolvedPlace): Term => {
            const each = BigInt(period / target.region.unit);
            const start = target.region.many ? linear(this.#start(target, place)) : linear(t.int(0));
            return fromLinear(t, addLinear(start, linear(counter), each));
          };
          const value = t.apply('select', [storage.variable(b.region, other), at(b, y)]);
          const array = storage.variable(region, slot);
          body.push({ kind: 'assign', target: array, value: t.apply('store', [array, at(a, x), value]) });
        }
        const done = t.multiply(t.int(period), counter);
        const inside = sizes.map((size) => t.less(done, size));
        if (body.length > 0)
          loops.push({ kind: 'repeat', counter, condition: conjunction(t, [...conditions, ...inside]), body });
      }
    }
    return [...this.#writes(now, t.true), ...loops];
  }

  /** Arrays of the same form are copied as wholes. */
  #wholeArrays(a: Target, x: ResolvedPlace, b: Target, y: ResolvedPlace, sizeBytes: number): Step[] | undefined {
    const { storage } = this.#c;
    const [to, from] = [a.region, b.region];
    if (to === from || to.many || from.many || !isPinned(a) || !isPinned(b)) return undefined;
    if (a.offsets.first + x.constant !== 0 || b.offsets.first + y.constant !== 0) return undefined;
    if (x.parts.length > 0 || y.parts.length > 0) return undefined;
    if (to.sizeBytes !== sizeBytes || from.sizeBytes !== sizeBytes || to.unit !== from.unit) return undefined;
    const [p, q] = [to.representation, from.representation];
    if (p.period === 0 || p.period !== q.period || p.slots.length !== q.slots.length) return undefined;
    const steps: Step[] = [];
    for (const [i, s] of p.slots.entries()) {
      const other = q.slots[i]!;
      if (
        s.lowBit !== other.lowBit ||
        s.widthBits !== other.widthBits ||
        JSON.stringify(s.type) !== JSON.stringify(other.type)
      )
        return undefined;
      steps.push({ kind: 'assign', target: storage.variable(to, s), value: storage.variable(from, other) });
    }
    return steps;
  }
}

/** Of an address that must be the start of an object: the regions, each once. */
const starts = (targets: readonly Target[]): Target[] =>
  [...new Set(targets.map((x) => x.region))].map((region) => ({ region, offsets: constantOffset(0) }));

/** Null, or an address of one of the targets: nothing else. */
const dataOnly = (pts: PointsTo): boolean =>
  !pts.wild && [...pts.objects.keys()].every((o) => o.declared?.kind !== 'function');

/** Two literals may be one; and the end of one object may be the start of another. */
function mayTouch(a: PointsTo, b: PointsTo): boolean {
  for (const [end, offsets] of a.objects) {
    const size = end.sizeBytes;
    const atEnd = offsets.some((o) => isConstant(o) && o.first !== 0 && (size === undefined || o.first === size));
    for (const [start, others] of b.objects) {
      if (start === end) continue;
      if (start.declared?.kind === 'literal' && end.declared?.kind === 'literal') return true;
      if (atEnd && others.some((o) => isConstant(o) && o.first === 0)) return true;
    }
  }
  return false;
}

const comparisons: ReadonlySet<string> = new Set(['=', '<', '<=', '>', '>=']);

const dissections: ReadonlySet<string> = new Set([
  ...['*', 'div', 'mod', 'quot', 'rem', 'abs', 'pow', 'bit.and', 'bit.or', 'bit.xor', 'bit.not', 'shift.left'],
  ...['shift.right', 'wrap.unsigned', 'wrap.signed', 'fp.of.int'],
]);

const mostFilled = 256;
const mostCopied = 1_000;

/**
 * Whether the arrays of a region of many hold 0 at first: then what holds of all elements can be said without speaking of
 * which addresses are objects. Objects that are made with any contents get them when they are made; addresses are never
 * used twice.
 */
export const zeroedFromStart = (region: Region): boolean =>
  region.many &&
  (region.members.every((m) => m.site?.zeroed === true) || (region.heap && region.representation.period === 0));

export const constantArray = (t: TermFactory, element: Term): Term =>
  t.value(new ArrayValue((element as { value: Value }).value), arraySort(intSort, element.sort));

const plusConstant = (t: TermFactory, term: Term, constant: bigint): Term =>
  constant === 0n ? term : fromLinear(t, addLinear(linear(term), { constant, parts: new Map() }));

function sumOf(place: ResolvedPlace): Linear {
  let form: Linear = { constant: 0n, parts: new Map() };
  for (const p of place.parts) form = addLinear(form, linear(p.index), BigInt(p.stride));
  return form;
}

function conjunction(t: TermFactory, parts: readonly Term[]): Term {
  if (parts.includes(t.false)) return t.false;
  return t.all([...new Set(parts)].filter((p) => p !== t.true));
}

function disjunction(t: TermFactory, parts: readonly Term[]): Term {
  if (parts.includes(t.true)) return t.true;
  return t.any([...new Set(parts)].filter((p) => p !== t.false));
}

const gcd = (a: bigint, b: bigint): bigint => {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));

/** form <= bound, with the common factor divided out. */
export function atMost(t: TermFactory, form: Linear, bound: bigint): Term {
  let factor = 0n;
  for (const k of form.parts.values()) factor = gcd(factor, k);
  const rest = bound - form.constant;
  if (factor === 0n) return t.bool(0n <= rest);
  const limit = floorDivide(rest, factor);
  const parts = new Map([...form.parts].map(([term, k]) => [term, k / factor] as const));
  const [only, more] = [...parts];
  // -x <= k is x >= -k.
  if (only && !more && only[1] === -1n) return t.lessEqual(t.int(-limit), only[0]);
  return t.lessEqual(fromLinear(t, { constant: 0n, parts }), t.int(limit));
}

/** form >= bound. */
export function atLeast(t: TermFactory, form: Linear, bound: bigint): Term {
  const negated = new Map([...form.parts].map(([term, k]) => [term, -k] as const));
  const [only, more] = [...form.parts];
  if (only && !more && only[1] > 0n) {
    const limit = -floorDivide(form.constant - bound, only[1]);
    return t.lessEqual(t.int(limit), only[0]);
  }
  return atMost(t, { constant: -form.constant, parts: negated }, -bound);
}
