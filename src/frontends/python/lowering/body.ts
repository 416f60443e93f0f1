/**
 * The code of one function (or of the module) while it is lowered: a cursor that stands at a location with steps pending, and an
 * environment with the types of all variables there. Lowering is abstract interpretation and code generation in one: the
 * same code runs *dry* (types only, nothing is emitted) until the types at loop heads and of called functions are stable, then
 * once for real. A *trial* evaluates an expression that may neither fail nor have effects, and gives up if it does.
 *
 * Variables are stored by kind: the Int symbol of `x`, its Bool symbol, and its tag where it may have several types; only
 * those that the types at a point call for are in use there.
 */
import type { Span } from '../../../base/span.ts';
import { invariant } from '../../../base/unreachable.ts';
import type { ProcedureBuilder } from '../../../program/builder.ts';
import type { Event, LocationId, Step, Variable } from '../../../program/program.ts';
import { boolSort, intSort, type Sort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { freeSymbols } from '../../../terms/traversal.ts';
import type { Node } from '../ast.ts';
import type { Scope } from '../symbol-table.ts';
import { join, payloadKind, sameTypes, type Types, typesOf, unboundType } from './types.ts';
import type { Unit } from './unit.ts';
import { nothing, type Value, type Values } from './value.ts';

export type Environment = ReadonlyMap<string, Types>;

/** A place where control can go on: a location, steps not yet on an edge, and what the variables hold. */
export interface Point {
  readonly at: LocationId;
  readonly steps: readonly Step[];
  readonly environment: Environment;
  readonly origin: Span | undefined;
}

/** Gathers the points that go the same way: to the end of a loop, to a handler, to the caller. */
export class Collector {
  readonly points: Point[] = [];
  readonly dryRuns: number;

  constructor(dryRuns: number) {
    this.dryRuns = dryRuns;
  }
}

/** Where break, continue, return and exceptions go. Without `raise`, an exception is uncaught. */
export interface Jumps {
  readonly break?: Collector;
  readonly continue?: Collector;
  readonly return: Collector;
  readonly raise?: Collector;
}

class NotPure extends Error {}

/** Thrown often and caught near: made once, so that no stack is written down. */
const notPure = new NotPure();

type SlotKind = 'int' | 'bool' | 'tag';

export class Body {
  readonly unit: Unit;
  readonly values: Values;
  readonly scope: Scope;
  /** Absent while only types are computed. */
  readonly #procedure: ProcedureBuilder | undefined;
  readonly #slots = new Map<string, SymbolTerm>();
  readonly #temporaries = new Set<Term>();
  /** Locations that have an origin. */
  readonly #described = new Set<LocationId>();
  #dryRuns: number;
  #trials = 0;
  #alive = true;
  #at: LocationId = 0;
  #steps: Step[] = [];
  #origin: Span | undefined;
  #environment: Map<string, Types>;
  jumps: Jumps;
  /** Values that stand for variables while a hint is read. */
  overrides: ReadonlyMap<string, Value> = new Map();
  /** The key of the variable that holds the exception being handled, for a bare `raise`. */
  handled: string | undefined;

  constructor(unit: Unit, scope: Scope, procedure: ProcedureBuilder | undefined, environment: Environment) {
    this.unit = unit;
    this.values = unit.values;
    this.scope = scope;
    this.#procedure = procedure;
    this.#environment = new Map(environment);
    this.#dryRuns = procedure ? 0 : 1;
    if (procedure) this.#at = procedure.entry;
    this.jumps = { return: this.collector() };
  }

  // ---- the cursor

  get alive(): boolean {
    return this.#alive;
  }

  get dry(): boolean {
    return this.#dryRuns > 0;
  }

  get environment(): Environment {
    return this.#environment;
  }

  point(): Point {
    this.#effect();
    return {
      at: this.#at,
      steps: [...this.#steps],
      environment: new Map(this.#environment),
      origin: this.#origin,
    };
  }

  /** Goes on at a point, or nowhere. */
  resume(point: Point | undefined): void {
    this.#effect();
    this.#alive = point !== undefined;
    if (!point) return;
    this.#at = point.at;
    this.#steps = [...point.steps];
    this.#environment = new Map(point.environment);
    this.#origin = point.origin;
  }

  stop(): void {
    this.resume(undefined);
  }

  /** A statement begins: what follows is written at its place. */
  begin(node: Node): void {
    if (!this.#alive) return;
    const origin = this.unit.span(node);
    if (this.#steps.length > 0) this.#moveTo(this.#newLocation(origin));
    else if (!this.dry && !this.#described.has(this.#at)) this.#procedure!.describe(this.#at, { origin });
    this.#described.add(this.#at);
    this.#origin = origin;
  }

  get origin(): Span | undefined {
    return this.#origin;
  }

  /** The location where control is once all pending steps are done. */
  here(): LocationId {
    this.#effect();
    if (this.#steps.length > 0) this.#moveTo(this.#newLocation(this.#origin));
    return this.#at;
  }

  #newLocation(origin: Span | undefined): LocationId {
    if (this.dry) return 0;
    const at = this.#procedure!.location(origin ? { origin } : {});
    if (origin) this.#described.add(at);
    return at;
  }

  #moveTo(to: LocationId): void {
    this.#edge(this.#at, to, this.#steps, this.#origin);
    this.#at = to;
    this.#steps = [];
  }

  #edge(from: LocationId, to: LocationId, steps: readonly Step[], origin: Span | undefined): void {
    if (!this.dry) this.#procedure!.edge(from, to, steps, origin);
  }

  emit(step: Step): void {
    this.#effect();
    if (this.#alive) this.#steps.push(step);
  }

  /** Both ways out of a condition. */
  split(condition: Term): { readonly yes: Point | undefined; readonly no: Point | undefined } {
    const t = this.values.terms;
    if (!this.#alive) return { yes: undefined, no: undefined };
    if (condition === t.true) return { yes: this.point(), no: undefined };
    if (condition === t.false) return { yes: undefined, no: this.point() };
    this.here();
    const here = this.point();
    return {
      yes: { ...here, steps: [{ kind: 'assume', condition }] },
      no: { ...here, steps: [{ kind: 'assume', condition: this.values.not(condition) }] },
    };
  }

  /** Goes on where any of the points leads. */
  join(points: readonly (Point | undefined)[]): void {
    const open = points.filter((p) => p !== undefined);
    if (open.length <= 1) {
      this.resume(open[0]);
      return;
    }
    const environment = joinAll(open.map((p) => p.environment));
    const origin = open[0]!.origin;
    const at = this.#newLocation(undefined);
    for (const point of open) this.#enter(point, at, environment);
    this.resume({ at, steps: [], environment, origin });
  }

  /** Leads a point to a location where the types are `environment`. requires: they include the point's. */
  #enter(point: Point, at: LocationId, environment: Environment): void {
    this.resume(point);
    for (const [key, types] of environment) {
      if (isPseudo(key) && !this.#environment.has(key)) continue;
      if (!sameTypes(this.typesOf(key), types)) this.store(key, this.values.widen(this.load(key), types));
    }
    this.#edge(this.#at, at, this.#steps, this.#origin);
  }

  collector(): Collector {
    return new Collector(this.#dryRuns);
  }

  /** Ends this path by a jump. Points of dry runs are kept only by collectors of the same dry run. */
  jump(to: Collector): void {
    if (!this.#alive) return;
    const point = this.point();
    if (to.dryRuns === this.#dryRuns) to.points.push(point);
    this.stop();
  }

  // ---- loops

  /**
   * Makes the present place the head of a loop: finds the types that hold there in every turn by dry runs of `turn`, and
   * returns the head. `turn` lowers one turn and returns the points that go back to the head.
   */
  loopHead(node: Node, turn: () => readonly Point[]): { readonly at: LocationId; readonly environment: Environment } {
    const entry = this.point();
    const known = this.unit.loopEnvironments;
    const key = `${node.start} ${environmentKey(entry.environment)}`;
    let environment = known.get(key) ?? entry.environment;
    if (!known.has(key)) {
      for (let stable = false; !stable; ) {
        this.resume({ ...entry, environment, steps: [] });
        const back = this.#dryRun(turn);
        const next = joinAll([environment, ...back.map((p) => p.environment)]);
        stable = environmentKey(next) === environmentKey(environment);
        environment = next;
      }
      known.set(key, environment);
    }
    const at = this.#newLocation(this.unit.span(node));
    this.#enter(entry, at, environment);
    this.resume({ at, steps: [], environment, origin: this.unit.span(node) });
    return { at, environment };
  }

  closeLoop(points: readonly Point[], head: { readonly at: LocationId; readonly environment: Environment }): void {
    for (const point of points) {
      this.#enter(point, head.at, head.environment);
    }
    this.stop();
  }

  describeLoop(at: LocationId, about: Parameters<ProcedureBuilder['describe']>[1]): void {
    if (!this.dry) this.#procedure!.describe(at, about);
  }

  #dryRun<T>(run: () => T): T {
    this.#dryRuns += 1;
    try {
      return run();
    } finally {
      this.#dryRuns -= 1;
    }
  }

  // ---- effects and trials

  #effect(): void {
    if (this.#trials > 0) throw notPure;
  }

  /** The result of an evaluation that has no effect and cannot fail; undefined if it is not of that kind. */
  trial<T>(evaluate: () => T): T | undefined {
    if (this.#trials > 0) return evaluate();
    this.#trials += 1;
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof NotPure)) throw error;
      return undefined;
    } finally {
      this.#trials -= 1;
    }
  }

  get inTrial(): boolean {
    return this.#trials > 0;
  }

  /** The construct is not modelled: the path ends here, and the reading says so. */
  unsupported(node: Node, construct: string): Value {
    this.#effect();
    if (!this.#alive) return nothing;
    if (!this.dry) {
      this.unit.reportUnsupported(node, construct);
      this.emit({ kind: 'assume', condition: this.values.terms.false });
      this.here();
    }
    this.stop();
    return nothing;
  }

  // ---- variables

  /** The types a variable may have here. */
  typesOf(key: string): Types {
    return this.#environment.get(key) ?? typesOf(unboundType);
  }

  load(key: string): Value {
    const override = this.overrides.get(key);
    if (override) return override;
    const types = this.typesOf(key);
    const kind = payloadKind(types);
    return {
      types,
      ...(kind ? { payload: this.slot(key, kind) } : {}),
      ...(types.length > 1 ? { tag: this.slot(key, 'tag') } : {}),
    };
  }

  store(key: string, value: Value): void {
    this.#effect();
    if (!this.#alive) return;
    const assign = (kind: SlotKind, term: Term): void => {
      const target = this.slot(key, kind);
      if (target !== term) this.emit({ kind: 'assign', target, value: term });
    };
    const kind = payloadKind(value.types);
    // The payload may be computed from the old tag: it is kept before the tag changes.
    const conflict = value.payload && value.tag && this.#mentions(value.payload, this.slot(key, 'tag'));
    const payload = conflict ? this.#copy(value.payload!) : value.payload;
    if (value.tag) assign('tag', value.tag);
    if (kind) assign(kind, payload!);
    this.#environment.set(key, value.types);
  }

  forget(key: string): void {
    this.#environment.delete(key);
  }

  /** Records that a variable has one of these types here. requires: a non-empty part of its types. */
  narrow(key: string, types: Types): void {
    if (sameTypes(types, this.typesOf(key))) return;
    this.store(key, this.values.narrow(this.load(key), types));
  }

  #mentions(term: Term, symbol: SymbolTerm): boolean {
    return freeSymbols([term]).includes(symbol);
  }

  /** Does the value change when the variable is assigned? */
  dependsOn(value: Value, key: string): boolean {
    if (this.dry) return false;
    const terms = [value.payload, value.tag].filter((t) => t !== undefined);
    if (terms.every((t) => t.kind === 'value')) return false;
    const kinds = ['int', 'bool', 'tag'] as const;
    const slots = kinds.map((kind) => this.#slots.get(`${key} ${kind}`) ?? this.unit.knownGlobalSlot(key, kind));
    return freeSymbols(terms).some((symbol) => slots.includes(symbol));
  }

  slot(key: string, kind: SlotKind): SymbolTerm {
    const sort = kind === 'bool' ? boolSort : intSort;
    if (this.dry) return this.unit.placeholder(`${this.unit.isShared(key) ? '' : 'own '}${key} ${kind}`, sort);
    if (this.unit.isShared(key)) return this.unit.globalSlot(key, kind);
    const slot = `${key} ${kind}`;
    let symbol = this.#slots.get(slot);
    if (!symbol) {
      symbol = this.#declare(slotVariable(key, kind, 'local'), sort);
      this.#slots.set(slot, symbol);
    }
    return symbol;
  }

  /** Declares the slots of a parameter, in the order in which a call passes them. */
  declareParameter(key: string, types: Types, more: Partial<Variable> = {}): SymbolTerm[] {
    const kinds: SlotKind[] = [];
    const kind = payloadKind(types);
    if (kind) kinds.push(kind);
    if (types.length > 1) kinds.push('tag');
    return kinds.map((k) => {
      const symbol = this.#declare(
        { ...slotVariable(key, k, 'parameter'), ...more },
        k === 'bool' ? boolSort : intSort,
      );
      this.#slots.set(`${key} ${k}`, symbol);
      return symbol;
    });
  }

  #declare(variable: Omit<Variable, 'symbol'>, sort: Sort): SymbolTerm {
    invariant(this.#procedure !== undefined && !this.dry, 'a declaration outside the real run');
    return this.#procedure.declare(variable, sort);
  }

  /** Declares the result slots of a procedure. */
  declareResult(name: string, sort: Sort): SymbolTerm {
    return this.#declare({ name, role: 'result', internal: true }, sort);
  }

  temporary(name: string, sort: Sort, range?: Variable['range']): SymbolTerm {
    this.#effect();
    if (this.dry) return this.unit.placeholder('temporary', sort);
    const about = { name, role: 'temporary' as const, internal: true, ...(range ? { range } : {}) };
    const symbol = this.#declare(about, sort);
    this.#temporaries.add(symbol);
    return symbol;
  }

  #copy(term: Term): Term {
    if (term.kind === 'value' || this.#temporaries.has(term)) return term;
    const target = this.temporary('kept', term.sort);
    this.emit({ kind: 'assign', target, value: term });
    return target;
  }

  /** The same value, whatever is assigned later. */
  freeze(value: Value): Value {
    return {
      types: value.types,
      ...(value.payload ? { payload: this.#copy(value.payload) } : {}),
      ...(value.tag ? { tag: this.#copy(value.tag) } : {}),
    };
  }

  /** The whole run ends here. */
  endRun(): void {
    if (!this.#alive) return;
    this.here();
    this.stop();
  }

  /** A call whose callee and terms are known; what follows starts at a location of its own. */
  call(step: Extract<Step, { kind: 'call' }>): void {
    this.here();
    this.emit(step);
    this.here();
  }

  /** The types of the shared globals after a call; undefined if it never comes back. */
  afterCall(globals: Environment | undefined): void {
    if (!globals) {
      this.emit({ kind: 'assume', condition: this.values.terms.false });
      this.here();
      this.stop();
      return;
    }
    for (const [key, types] of globals) this.#environment.set(key, types);
  }

  /** Leads the present path to the exit of the procedure, with the globals' types widened. */
  leave(globals: Environment): void {
    if (!this.#alive || this.dry) return;
    this.#enter(this.point(), this.#procedure!.exit, globals);
    this.stop();
  }

  event(event: Omit<Event, 'at' | 'origin'>): void {
    if (!this.#alive) return;
    const at = this.here();
    if (this.dry) return;
    this.unit.builder.event({ ...event, at, ...(this.#origin ? { origin: this.#origin } : {}) });
    // What comes next happens later: a check at the same place would be looked at first.
    this.#moveTo(this.#newLocation(undefined));
  }
}

export function slotVariable(key: string, kind: SlotKind, role: Variable['role']): Omit<Variable, 'symbol'> {
  const internal = kind === 'tag' || /^(?:::)?\./.test(key) ? { internal: true } : {};
  const name = key.replace(/^(?:::)?\.?/, '').replace(/@\d+$/, '');
  if (kind === 'tag') return { name: `${name}.type`, role, ...internal };
  return { name, role, typeText: kind, ...internal };
}

export function joinAll(environments: readonly Environment[]): Map<string, Types> {
  const unbound = typesOf(unboundType);
  const result = new Map<string, Types>();
  for (const key of new Set(environments.flatMap((e) => [...e.keys()]))) {
    const absent = isPseudo(key) ? [] : unbound;
    result.set(
      key,
      environments.map((e) => e.get(key) ?? absent).reduce((a, b) => join(a, b)),
    );
  }
  return result;
}

/** What we made up is named with a point in front. It is read only where it was stored: absence adds nothing to a join. */
const isPseudo = (key: string): boolean => key.startsWith('.');

export const environmentKey = (environment: Environment): string =>
  [...environment]
    .map(([key, types]) => `${key}=${types.join('|')}`)
    .sort()
    .join(';');
