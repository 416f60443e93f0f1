import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Span } from '../../../base/span.ts';
import { type ProcedureBuilder, ProgramBuilder } from '../../../program/builder.ts';
import type { CheckKind, Event, LocationId, Step } from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import { TermFactory } from '../../../terms/factory.ts';
import { arraySort, boolSort, intSort, type Sort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { diagnose, unsupported } from '../diagnostics.ts';
import { libraryModel, type Model, modelledName } from '../library/index.ts';
import { type DeclaredObject, Memory, type ObjectKind } from '../memory/operations.ts';
import { type Range, spanOf, textOf } from '../preprocessor/source-file.ts';
import { ThreadOperations } from '../threads/operations.ts';
import type { BasicTypes } from '../types/basic-types.ts';
import { type CType, formatType, integerBounds } from '../types/ctype.ts';
import { alignOf, sizeOf } from '../types/layout.ts';
import type { FunctionSymbol, Typed, TypedOf, TypedStatement, TypedUnit, Variable } from '../types/typed.ts';
import { type Footprint, footprints, statementsIn } from './effects.ts';
import { type FormatFact, formatFacts } from './format-facts.ts';
import {
  type ArithmeticContext,
  type IntegerModel,
  isMath,
  negation,
  type Requirement,
  typeBounds,
  type Value,
} from './integers.ts';
import { type Cell, leavesOf, type ScalarType, type Storage, sortOf } from './storage.ts';

/**
 * What lowering knows of the whole program, and of the function that it is in. Long because everything that lowering emits goes
 * through these two, and each keeps what the other needs.
 */

export interface LoweringOptions {
  readonly integers: IntegerModel;
  readonly checks: ReadonlySet<CheckKind>;
  readonly allocation: 'may-fail' | 'succeeds';
  /** How large the product of threads may become before it is written in a smaller form. */
  readonly productEdges?: number;
}

export class UnitState {
  readonly unit: TypedUnit;
  readonly options: LoweringOptions;
  readonly terms = new TermFactory();
  readonly builder = new ProgramBuilder(this.terms);
  readonly memory = new Memory(this.terms);
  readonly threads: ThreadOperations;
  readonly footprints: ReadonlyMap<FunctionSymbol, Footprint>;
  #formats: ReadonlySet<FormatFact> | undefined;
  readonly assumptions = new Map<string, Assumption>();
  /** Constructs that we do not model, and where control meets them. */
  /** Addresses are compared with each other, or turned into numbers. */
  addressesCompared = false;
  readonly refused: { readonly diagnostic: Diagnostic; readonly at: LocationId }[] = [];
  readonly warnings: Diagnostic[] = [];
  readonly #globals = new Map<Variable, Storage>();
  /** Global and static variables in memory. */
  readonly #objects = new Map<Variable, DeclaredObject>();
  readonly #literals = new Map<TypedOf<'string'>, DeclaredObject>();
  readonly #functions = new Map<FunctionSymbol, DeclaredObject>();
  readonly #results = new Map<FunctionSymbol, DeclaredObject>();
  /** Labels whose address is taken. */
  readonly labels = new Map<string, DeclaredObject>();
  readonly #uninterpreted = new Map<string, SymbolTerm>();
  /** Functions that are called and still have to be lowered. */
  readonly queue: FunctionSymbol[] = [];
  readonly #queued = new Set<FunctionSymbol>();

  constructor(unit: TypedUnit, options: LoweringOptions, several = false) {
    this.unit = unit;
    this.options = options;
    this.threads = new ThreadOperations(this.terms, several);
    this.footprints = footprints(unit);
  }

  get types(): BasicTypes {
    return this.unit.types;
  }

  get formats(): ReadonlySet<FormatFact> {
    this.#formats ??= formatFacts(this.unit);
    return this.#formats;
  }

  checked(kind: CheckKind): boolean {
    return this.options.checks.has(kind);
  }

  assume(text: string, range?: Range, kind: 'environment' | 'over' | 'under' = 'environment', marked = false): void {
    const known = this.assumptions.get(text);
    if (known && (known.kind !== 'approximation' || !known.marked || marked)) return;
    const origin = range ? { origin: spanOf(range) } : {};
    this.assumptions.set(
      text,
      kind === 'environment'
        ? { kind, text, ...origin }
        : { kind: 'approximation', side: kind, text, ...origin, ...(marked ? { marked } : {}) },
    );
  }

  warn(code: string, message: string, range: Range): void {
    this.warnings.push(diagnose('warning', code, message, range));
  }

  need(symbol: FunctionSymbol): void {
    if (this.#queued.has(symbol)) return;
    this.#queued.add(symbol);
    this.queue.push(symbol);
    const assumption = this.#model(symbol)?.assumption;
    if (assumption !== undefined) this.assume(assumption);
  }

  /** What the model of a library function leaves open. */
  approximationOf(symbol: FunctionSymbol): string | undefined {
    const { approximation, approximationWith } = this.#model(symbol) ?? {};
    const applies = !approximationWith || approximationWith.some((name) => this.unit.functions.get(name)?.body);
    return applies ? approximation : undefined;
  }

  #model(symbol: FunctionSymbol): Exclude<Model, string> | undefined {
    if (!symbol.body?.range.file.builtIn) return undefined;
    return this.unit.models.get(symbol.name) ?? libraryModel(symbol.name);
  }

  /** The globals and static locals used so far. */
  get usedGlobals(): ReadonlyMap<Variable, Storage> {
    return this.#globals;
  }

  globalStorage(variable: Variable): Storage {
    this.#ownedByThread(variable);
    const known = this.#globals.get(variable);
    if (known) return known;
    const storage = makeStorage(
      variable,
      (about, type) => this.builder.declare({ ...about, role: 'global' }, sortOf(type)),
      this,
    );
    this.#globals.set(variable, storage);
    this.#remark(variable);
    return storage;
  }

  // Objects in memory

  get usedObjects(): ReadonlyMap<Variable, DeclaredObject> {
    return this.#objects;
  }

  get usedLiterals(): ReadonlyMap<TypedOf<'string'>, DeclaredObject> {
    return this.#literals;
  }

  globalObject(variable: Variable): DeclaredObject {
    this.#ownedByThread(variable);
    let object = this.#objects.get(variable);
    if (!object) {
      object = this.#object({ name: variable.name, type: variable.type, range: variable.range, kind: 'static' });
      this.#objects.set(variable, object);
      this.#remark(variable);
    }
    return object;
  }

  literalObject(literal: TypedOf<'string'>): DeclaredObject {
    let object = this.#literals.get(literal);
    if (!object) {
      object = this.#object({ name: textOf(literal.range), type: literal.type, range: literal.range, kind: 'literal' });
      this.#literals.set(literal, object);
    }
    return object;
  }

  /** What `&&label` gives: something to compare, and to jump to. */
  labelObject(label: string, range: Range): DeclaredObject {
    let object = this.labels.get(label);
    if (!object) {
      const kind = 'function' as const;
      object = this.#object({ name: `&&${label}`, type: { kind: 'void' }, range, kind });
      this.labels.set(label, object);
    }
    return object;
  }

  functionObject(symbol: FunctionSymbol): DeclaredObject {
    let object = this.#functions.get(symbol);
    if (!object) {
      object = this.#object({ name: symbol.name, type: symbol.type, range: symbol.range, kind: 'function' });
      this.#functions.set(symbol, object);
    }
    return object;
  }

  /** Where a function leaves a result that does not fit registers, for its caller to fetch at once. */
  /** Each thread would have its own. */
  #ownedByThread(variable: Variable): void {
    const own = variable.threadLocal || (variable.name === 'errno' && variable.range.file.builtIn);
    if (this.threads.several && own)
      unsupported('C0641', `\`${variable.name}\`, of which each thread has its own`, variable.range);
  }

  resultObject(symbol: FunctionSymbol): DeclaredObject {
    if (this.threads.several)
      unsupported('C0642', `\`${symbol.name}\` returns a structure in memory, in a program with threads`, symbol.range);
    let object = this.#results.get(symbol);
    if (!object) {
      const { result } = symbol.type;
      object = this.#object({ name: `result of ${symbol.name}`, type: result, range: symbol.range, kind: 'static' });
      this.#results.set(symbol, object);
    }
    return object;
  }

  /** A static object that no declaration of the program makes. `extent`: its size, where that is computed. */
  staticObject(name: string, type: CType, range: Range, extent?: SymbolTerm): DeclaredObject {
    return this.#object({ name, type, range, kind: 'static' }, extent);
  }

  #object(about: { name: string; type: CType; range: Range; kind: ObjectKind }, extent?: SymbolTerm): DeclaredObject {
    const { name, kind } = about;
    const base = this.builder.declare({ name: `&${name}`, internal: true, pointer: true, role: 'global' }, intSort);
    const size = kind === 'function' ? 0 : (sizeOf(about.type, this.unit.types.model) ?? 0);
    const sizeBytes = extent ? undefined : size;
    const alignBytes = kind === 'function' ? 1 : alignOf(about.type, this.unit.types.model);
    const readOnly = kind === 'literal' || kind === 'function' || isConstant(about.type);
    const object: DeclaredObject = { ...about, base, sizeBytes, alignBytes, readOnly, ...(extent ? { extent } : {}) };
    this.memory.objects.set(base, object);
    this.memory.mayHoldAddress.add(base);
    return object;
  }

  #remark(variable: Variable): void {
    if (variable.type.volatile) {
      this.assume('volatile variables change only where this program changes them', variable.range);
    }
    if (variable.external) {
      this.assume(
        `\`${variable.name}\`, defined elsewhere, starts with any value and changes only here`,
        variable.range,
      );
    }
  }

  /** The array that stands for a function about which nothing is known but that it is one. */
  uninterpreted(symbol: FunctionSymbol, arguments_: number): SymbolTerm {
    const key = `${symbol.name}/${arguments_}`;
    let array = this.#uninterpreted.get(key);
    if (!array) {
      let sort: Sort = intSort;
      for (let i = 0; i < arguments_; i++) sort = arraySort(intSort, sort);
      array = this.builder.declare({ name: symbol.name, internal: true, role: 'global' }, sort);
      this.#uninterpreted.set(key, array);
    }
    return array;
  }

  get pointerBytes(): number {
    return this.unit.types.model.pointerBits / 8;
  }

  sizeOf(type: CType): number | undefined {
    return sizeOf(type, this.unit.types.model);
  }

  /** The declared range of a cell. */
  rangeOf(type: ScalarType): { range?: { low: bigint; high: bigint } } {
    return type.kind !== 'integer' || isMath(this.options.integers, type) ? {} : { range: integerBounds(type) };
  }

  /** Notes that a new variable of a type may hold an address. */
  addressed(symbol: SymbolTerm, type: ScalarType): SymbolTerm {
    if (type.kind === 'pointer' || (type.kind === 'integer' && type.size >= this.pointerBytes))
      this.memory.mayHoldAddress.add(symbol);
    return symbol;
  }
}

type About = { name: string; typeText: string; origin: ReturnType<typeof spanOf>; internal?: boolean };
type Declare = (
  about: About & { range?: { low: bigint; high: bigint }; pointer?: true },
  leaf: ScalarType,
) => SymbolTerm;

/** Registers for the scalars of a variable. requires: its type fits registers. */
function makeStorage(variable: Variable, declare: Declare, u: UnitState): Storage {
  const cells = new Map<string, Cell>();
  for (const leaf of leavesOf(variable.type)!) {
    const name = leaf.path === '' ? variable.name : `${variable.name}.${leaf.path}`;
    const typeText = formatType(leaf.path === '' ? variable.type : leaf.type);
    const pointer = leaf.type.kind === 'pointer' ? { pointer: true as const } : {};
    const about = { name, typeText, origin: spanOf(variable.range), ...(variable.internal ? { internal: true } : {}) };
    const symbol = declare({ ...about, ...pointer, ...u.rangeOf(leaf.type) }, leaf.type);
    cells.set(leaf.path, { ...leaf, symbol: u.addressed(symbol, leaf.type) });
  }
  return cells;
}

export interface Targets {
  readonly break: LocationId | undefined;
  readonly continue: LocationId | undefined;
  /** How many scopes are open where these lead to. */
  readonly breakScopes: number;
  readonly continueScopes: number;
}

export class FunctionState {
  readonly unit: UnitState;
  readonly symbol: FunctionSymbol;
  readonly procedure: ProcedureBuilder;
  readonly results: Cell[] = [];
  targets: Targets = { break: undefined, continue: undefined, breakScopes: 0, continueScopes: 0 };
  /** The blocks around where we are, with the variables in memory that each has declared so far. */
  readonly scopes: { readonly block: TypedStatement; readonly declared: Variable[] }[] = [];
  /** Where the arguments are that `...` stands for. */
  furtherArguments: SymbolTerm | undefined;
  stackAlive: SymbolTerm | undefined;
  /** The type that what is allocated next is taken to be. */
  allocated: CType | undefined;
  /** The variable that the value at hand goes to. */
  receiver: string | undefined;
  readonly labels = new Map<string, LocationId>();
  /** For each `case` and `default` of the switches being lowered: where it stands. */
  readonly caseLocations = new Map<object, LocationId>();
  /** Code here can be met more than once in one call. */
  repeated = false;
  /** What holds where the expression at hand is evaluated: the conditions of `&&`, `||` and `?:` around it. */
  readonly guards: Term[] = [];
  /** Inside an annotation: integers do not overflow, and nothing may be required or changed. */
  annotation = false;
  /** Inside an annotation's call: what the parameters stand for. */
  bound: ReadonlyMap<Variable, Value> | undefined;
  readonly #storage = new Map<Variable, Storage>();
  readonly #objects = new Map<Variable, DeclaredObject>();
  readonly #shadows = new Map<SymbolTerm, SymbolTerm>();
  #labelBlocks: ReadonlyMap<string, ReadonlySet<TypedStatement>> | undefined;
  #at: LocationId | undefined;
  #steps: Step[] = [];
  #origin: Range | undefined;
  /** Locations that some edge leads to. */
  readonly #reached = new Set<LocationId>();

  constructor(unit: UnitState, symbol: FunctionSymbol) {
    this.unit = unit;
    this.symbol = symbol;
    this.procedure = unit.builder.procedure(symbol.name);
    if (symbol.body?.range.file.builtIn) this.procedure.modelOf = modelledName(symbol.name);
    this.#at = this.procedure.entry;
  }

  get terms(): TermFactory {
    return this.unit.terms;
  }

  /** Control can be here, as far as the structure of the code says. */
  get alive(): boolean {
    return this.#at !== undefined;
  }

  // Control flow

  /** The statement that the next edges come from. */
  set origin(range: Range) {
    this.#origin = range;
  }

  emit(step: Step): void {
    if (this.#at !== undefined) this.#steps.push(step);
  }

  newLocation(range?: Range): LocationId {
    return this.procedure.location(range ? { origin: spanOf(range) } : {});
  }

  /** The location where control is now, with all steps so far behind it. requires: alive. */
  location(range?: Range): LocationId {
    if (this.#steps.length > 0) {
      const next = this.newLocation(range ?? this.#origin);
      this.jump(next);
      this.#at = next;
    }
    return this.#at!;
  }

  #edge(from: LocationId, to: LocationId, steps: readonly Step[], origin: Span | undefined): void {
    this.procedure.edge(from, to, steps, origin);
    this.#reached.add(to);
  }

  /** Ends the current path at `to`. */
  jump(to: LocationId): void {
    if (this.#at === undefined) return;
    this.#edge(this.#at, to, this.#steps, this.#origin && spanOf(this.#origin));
    this.#steps = [];
    this.#at = undefined;
  }

  /** Goes on at a location that other edges lead to. */
  resume(at: LocationId): void {
    this.#at = at;
    this.#steps = [];
  }

  /** Ends the path here: the rest is not reached. */
  stop(): void {
    if (this.#at !== undefined) this.location();
    this.#at = undefined;
  }

  /** An edge of its own for what was emitted so far: what follows must stand at another location. */
  separate(): void {
    if (this.#at === undefined) return;
    const next = this.newLocation(this.#origin);
    this.jump(next);
    this.resume(next);
  }

  /** Splits control: to `yes` if the condition holds, to `no` if not. */
  branch(condition: Term, yes: LocationId, no: LocationId): void {
    if (this.#at === undefined) return;
    const { terms } = this;
    if (condition === terms.true) {
      this.jump(yes);
      return;
    }
    if (condition === terms.false) {
      this.jump(no);
      return;
    }
    const at = this.location();
    const origin = this.#origin && spanOf(this.#origin);
    this.#edge(at, yes, [{ kind: 'assume', condition }], origin);
    this.#edge(at, no, [{ kind: 'assume', condition: negation(terms, condition) }], origin);
    this.#at = undefined;
  }

  /** Control to the location of the first condition that holds; else to `fallback`. requires: conditions exclude each other. */
  choose(cases: readonly { readonly condition: Term; readonly at: LocationId }[], fallback: LocationId): void {
    if (this.#at === undefined) return;
    const at = this.location();
    const origin = this.#origin && spanOf(this.#origin);
    for (const { condition, at: to } of cases) this.#edge(at, to, [{ kind: 'assume', condition }], origin);
    const otherwise = cases.map(
      ({ condition }): Step => ({ kind: 'assume', condition: negation(this.terms, condition) }),
    );
    this.#edge(at, fallback, otherwise, origin);
    this.#at = undefined;
  }

  get at(): LocationId | undefined {
    return this.#at;
  }

  /** Goes on at a location if some edge leads to it. */
  resumeIfReached(at: LocationId): void {
    if (this.#reached.has(at)) this.resume(at);
    else this.#at = undefined;
  }

  /** The location of a label, made when it is first met. */
  label(name: string, range: Range): LocationId {
    const known = this.labels.get(name);
    if (known !== undefined) return known;
    const at = this.newLocation(range);
    this.labels.set(name, at);
    return at;
  }

  /** The labels of this function. */
  get labelNames(): readonly string[] {
    this.#labelBlocks ??= blocksOfLabels(this.symbol.body?.statement);
    return [...this.#labelBlocks.keys()];
  }

  /** The blocks that stand around a label. */
  blocksAround(label: string): ReadonlySet<TypedStatement> {
    this.#labelBlocks ??= blocksOfLabels(this.symbol.body?.statement);
    return this.#labelBlocks.get(label) ?? new Set();
  }

  /** After a statement was given up: jumps to labels inside it meet something that was not read. */
  refuseLabels(statement: TypedStatement, diagnostic: Diagnostic): void {
    for (const s of statementsIn(statement)) {
      const at = s.kind === 'label' ? this.label(s.name, s.range) : this.caseLocations.get(s);
      if (at !== undefined) this.unit.refused.push({ diagnostic, at });
    }
  }

  // Events

  event(event: Omit<Event, 'at'>): void {
    if (this.#at === undefined) return;
    this.unit.builder.event({ ...event, at: this.location() });
    // What is checked next must not be checked before this happens.
    this.separate();
  }

  /** What happens here may be more than what the source program does; runs that come by are marked. */
  approximate(text: string, range: Range): void {
    this.unit.assume(text, range, 'over', true);
    if (!this.annotation) this.event({ kind: 'approximation', text, args: [] });
  }

  /** The program ends here, abnormally. */
  abort(range: Range): void {
    if (this.#at === undefined) return;
    this.unit.builder.event({
      kind: 'abort',
      text: textOf(range),
      args: [],
      at: this.location(),
      origin: spanOf(range),
    });
    this.stop();
  }

  exit(status: Term, range: Range): void {
    if (this.#at === undefined) return;
    if (this.unit.checked('leak')) {
      this.approximate('memory that is not freed when `exit` is called may still be reachable', range);
      const property = this.unit.memory.nothingLeaks();
      const [text, failure] = ['all memory is freed at {}', 'memory is not freed at {}'];
      this.require({ kind: 'leak', property, text, failure }, range);
    }
    this.unit.builder.event({
      kind: 'exit',
      text: textOf(range),
      args: [status],
      at: this.location(),
      origin: spanOf(range),
    });
    this.stop();
  }

  // Variables

  /** The registers of a variable. requires: it is not in memory. */
  storage(variable: Variable): Storage {
    if (variable.storage === 'global' || variable.storage === 'static') return this.unit.globalStorage(variable);
    const known = this.#storage.get(variable);
    if (known) return known;
    const role = variable.storage === 'parameter' ? 'parameter' : variable.internal ? 'temporary' : 'local';
    const storage = makeStorage(
      variable,
      (about, type) => this.procedure.declare({ ...about, role }, sortOf(type)),
      this.unit,
    );
    this.#storage.set(variable, storage);
    if (variable.type.volatile) {
      this.unit.assume('volatile variables change only where this program changes them', variable.range);
    }
    return storage;
  }

  /** The object in memory that a variable is. requires: it is in memory. */
  object(variable: Variable): DeclaredObject {
    if (variable.storage === 'global' || variable.storage === 'static') return this.unit.globalObject(variable);
    const known = this.#objects.get(variable);
    if (known) return known;
    const { unit } = this;
    const { name, type, range } = variable;
    const internal = { internal: true, role: 'temporary' as const };
    const base = this.procedure.declare({ name: `&${name}`, pointer: true, ...internal }, intSort);
    const alive = this.procedure.declare({ name: `${name} is alive`, ...internal }, boolSort);
    const sizeBytes = unit.sizeOf(type);
    const extent = sizeBytes === undefined ? { extent: this.temporary(`size of ${name}`, unit.types.size) } : {};
    const object: DeclaredObject = {
      base,
      kind: 'automatic',
      name,
      type,
      sizeBytes,
      ...extent,
      alignBytes: alignOf(type, unit.types.model),
      readOnly: isConstant(type),
      alive,
      range,
    };
    unit.memory.objects.set(base, object);
    unit.memory.mayHoldAddress.add(base);
    this.#objects.set(variable, object);
    return object;
  }

  /** True while memory from alloca in this call is alive. */
  allocaAlive(): SymbolTerm {
    this.stackAlive ??= this.procedure.declare(
      { name: 'stack memory is alive', internal: true, role: 'temporary' },
      boolSort,
    );
    return this.stackAlive;
  }

  temporary(name: string, type: ScalarType): SymbolTerm {
    const about = { name, typeText: formatType(type), internal: true, role: 'temporary' as const };
    const pointer = type.kind === 'pointer' ? { pointer: true } : {};
    const symbol = this.procedure.declare({ ...about, ...pointer, ...this.unit.rangeOf(type) }, sortOf(type));
    return this.unit.addressed(symbol, type);
  }

  // Whether registers have a value: looked at only when asked for

  /** The truth variable that says whether a register of a local variable has been given a value; undefined if nobody asks. */
  shadow(cell: Cell): SymbolTerm | undefined {
    return this.#shadows.get(cell.symbol);
  }

  /** Memory that holds anything at first: whether it is read before it is written is not followed. */
  unfollowed(range: Range): void {
    if (this.unit.checked('uninitialised'))
      this.unit.assume(
        'whether memory is read before it has a value is followed for simple variables only',
        range,
        'under',
      );
  }

  /** From here on it matters whether the register has a value. */
  withoutValue(cell: Cell): void {
    if (!this.unit.checked('uninitialised')) return;
    let shadow = this.#shadows.get(cell.symbol);
    if (!shadow) {
      const about = { name: `${cell.symbol.name} has a value`, internal: true, role: 'temporary' as const };
      shadow = this.procedure.declare(about, boolSort);
      this.#shadows.set(cell.symbol, shadow);
    }
    this.emit({ kind: 'assign', target: shadow, value: this.terms.false });
  }

  hasValue(symbol: SymbolTerm): void {
    const shadow = this.#shadows.get(symbol);
    if (shadow) this.emit({ kind: 'assign', target: shadow, value: this.terms.true });
  }

  /** Evaluates what goes to a variable: what it allocates is named after it. */
  into<T>(target: Typed | Variable, body: () => T): T {
    const variable = target.kind !== 'variable' ? undefined : 'variable' in target ? target.variable : target;
    const outer = this.receiver;
    this.receiver = variable?.name;
    try {
      return body();
    } finally {
      this.receiver = outer;
    }
  }

  // Values

  read(cell: Cell): Value {
    return { term: cell.symbol, ...this.boundsOf(cell.type) };
  }

  boundsOf(type: ScalarType): { low?: bigint; high?: bigint } {
    return type.kind === 'integer' ? typeBounds(this.unit.options.integers, type) : {};
  }

  /** Keeps a value: later changes of the variables in it do not matter. */
  save(value: Value, type: ScalarType, name = 'value'): Value {
    if (value.term.kind === 'value') return value;
    const target = this.temporary(name, type);
    this.emit({ kind: 'assign', target, value: value.term });
    return { ...value, term: target };
  }

  /** Keeps a number that is no address, whatever it was computed from. */
  number(value: Value): Value {
    if (value.term.kind === 'value' || this.annotation) return value;
    const target = this.procedure.declare({ name: 'number', internal: true, role: 'temporary' }, intSort);
    this.emit({ kind: 'assign', target, value: value.term });
    return { ...value, term: target };
  }

  /** A fresh value of the type. `input` names where it comes from, for what the outside world chooses. */
  anything(type: ScalarType, input?: string): Value {
    const { unit } = this;
    if (type.kind === 'pointer') {
      // An address from nowhere: some number, which leads to no object.
      const number = this.anything({ ...unit.types.size, bits: 8 * unit.pointerBytes }, input);
      return { term: number.term };
    }
    const target = this.temporary(input === undefined ? 'any' : input, type);
    this.emit({ kind: 'havoc', target, ...(input === undefined ? {} : { input }) });
    if (type.kind === 'integer' && isMath(unit.options.integers, type) && input !== undefined && !type.signed) {
      this.emit({ kind: 'assume', condition: this.terms.lessEqual(this.terms.int(0), target) });
      return { term: target, low: 0n };
    }
    return { term: target, ...this.boundsOf(type) };
  }

  // Checks

  /** How integers compute where we are; `range` is the operation's text for messages. */
  arithmetic(range: Range): ArithmeticContext {
    const { unit } = this;
    return {
      terms: unit.terms,
      model: this.annotation ? 'math' : unit.options.integers,
      checked: (kind) => !this.annotation && unit.checked(kind),
      require: (requirement) => this.require(requirement, range),
      anything: (type) => (this.annotation ? { term: unit.terms.int(0) } : this.anything(type)),
    };
  }

  /** A check at the current location; the conditions that guard the expression weaken it. */
  require(requirement: Requirement, range: Range, address?: Term): void {
    if (this.#at === undefined || this.annotation) return;
    const { terms } = this;
    const guarded =
      this.guards.length > 0 ? terms.implies(terms.all(this.guards), requirement.property) : requirement.property;
    const text = `\`${bare(textOf(range))}\``;
    this.unit.builder.check({
      kind: requirement.kind,
      at: this.location(range),
      property: guarded,
      text: requirement.text.replace('{}', text),
      failure: requirement.failure.replace('{}', text),
      ...(address ? { address } : {}),
      origin: spanOf(range),
    });
  }

  /** Notes a construct that we do not model; the path ends here. */
  refuse(diagnostic: Diagnostic): void {
    if (this.#at === undefined) return;
    this.unit.refused.push({ diagnostic, at: this.location() });
    this.stop();
  }
}

/** Without parentheses around the whole. */
export function bare(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return text;
  }
  return bare(text.slice(1, -1).trim());
}

/** The qualifiers of an array are those of its elements. */
const isConstant = (type: CType): boolean => (type.kind === 'array' ? isConstant(type.element) : !!type.const);

/** For each label, the blocks and loops that it stands in. */
function blocksOfLabels(root: TypedStatement | undefined): ReadonlyMap<string, ReadonlySet<TypedStatement>> {
  const found = new Map<string, ReadonlySet<TypedStatement>>();
  const work: { s: TypedStatement; around: readonly TypedStatement[] }[] = root ? [{ s: root, around: [] }] : [];
  for (let item = work.pop(); item; item = work.pop()) {
    const { s } = item;
    let { around } = item;
    if (s.kind === 'compound' || s.kind === 'loop') around = [...around, s];
    if (s.kind === 'label') found.set(s.name, new Set(around));
    for (const inner of partsOf(s)) work.push({ s: inner, around });
  }
  return found;
}

function partsOf(s: TypedStatement): readonly TypedStatement[] {
  switch (s.kind) {
    case 'compound':
      return s.items;
    case 'if':
      return s.otherwise ? [s.consequent, s.otherwise] : [s.consequent];
    case 'loop':
    case 'switch':
    case 'case':
    case 'default':
    case 'label':
      return [s.body];
    default:
      return [];
  }
}
