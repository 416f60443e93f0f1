import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Span } from '../../../base/span.ts';
import { type ProcedureBuilder, ProgramBuilder } from '../../../program/builder.ts';
import type { CheckKind, Event, LocationId, Step } from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import { TermFactory } from '../../../terms/factory.ts';
import { intSort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { diagnose, unsupported } from '../diagnostics.ts';
import { libraryModel } from '../library/index.ts';
import { type Range, spanOf, textOf } from '../preprocessor/source-file.ts';
import type { BasicTypes } from '../types/basic-types.ts';
import { type CType, formatType, type IntegerType, integerBounds } from '../types/ctype.ts';
import type { FunctionSymbol, TypedStatement, TypedUnit, Variable } from '../types/typed.ts';
import { type Footprint, footprints, statementsIn } from './effects.ts';
import {
  type ArithmeticContext,
  type IntegerModel,
  isMath,
  negation,
  type Requirement,
  typeBounds,
  type Value,
} from './integers.ts';
import { type Cell, leavesOf, refusedType, type Storage } from './storage.ts';

/** What lowering knows of the whole program, and of the function that it is in. */

export interface LoweringOptions {
  readonly integers: IntegerModel;
  readonly checks: ReadonlySet<CheckKind>;
}

export class UnitState {
  readonly unit: TypedUnit;
  readonly options: LoweringOptions;
  readonly terms = new TermFactory();
  readonly builder = new ProgramBuilder(this.terms);
  readonly footprints: ReadonlyMap<FunctionSymbol, Footprint>;
  readonly assumptions = new Map<string, Assumption>();
  /** Constructs that we do not model, and where control meets them. */
  readonly refused: { readonly diagnostic: Diagnostic; readonly at: LocationId }[] = [];
  readonly warnings: Diagnostic[] = [];
  readonly #globals = new Map<Variable, Storage>();
  /** Functions that are called and still have to be lowered. */
  readonly queue: FunctionSymbol[] = [];
  readonly #queued = new Set<FunctionSymbol>();

  constructor(unit: TypedUnit, options: LoweringOptions) {
    this.unit = unit;
    this.options = options;
    this.footprints = footprints(unit);
  }

  get types(): BasicTypes {
    return this.unit.types;
  }

  checked(kind: CheckKind): boolean {
    return this.options.checks.has(kind);
  }

  assume(text: string, range?: Range, kind: 'environment' | 'over' = 'environment'): void {
    if (this.assumptions.has(text)) return;
    const origin = range ? { origin: spanOf(range) } : {};
    this.assumptions.set(
      text,
      kind === 'over' ? { kind: 'approximation', side: 'over', text, ...origin } : { kind, text, ...origin },
    );
  }

  warn(code: string, message: string, range: Range): void {
    this.warnings.push(diagnose('warning', code, message, range));
  }

  need(symbol: FunctionSymbol): void {
    if (this.#queued.has(symbol)) return;
    this.#queued.add(symbol);
    this.queue.push(symbol);
    if (!symbol.body?.range.file.builtIn) return;
    const { approximation, assumption } = libraryModel(symbol.name) ?? {};
    if (approximation !== undefined) this.assume(approximation, undefined, 'over');
    if (assumption !== undefined) this.assume(assumption);
  }

  /** The globals and static locals used so far. */
  get usedGlobals(): ReadonlyMap<Variable, Storage> {
    return this.#globals;
  }

  globalStorage(variable: Variable): Storage {
    const known = this.#globals.get(variable);
    if (known) return known;
    const storage = makeStorage(
      variable,
      (cell, about) => this.builder.declare({ ...about, role: 'global', ...cell }, intSort),
      this,
    );
    this.#globals.set(variable, storage);
    if (variable.type.volatile) {
      this.assume('volatile variables change only where this program changes them', variable.range);
    }
    if (variable.external) {
      this.assume(
        `\`${variable.name}\`, defined elsewhere, starts with any value and changes only here`,
        variable.range,
      );
    }
    return storage;
  }

  /** The declared range of a cell. */
  rangeOf(type: IntegerType): { range?: { low: bigint; high: bigint } } {
    return isMath(this.options.integers, type) ? {} : { range: integerBounds(type) };
  }
}

type Declare = (
  range: { range?: { low: bigint; high: bigint } },
  about: { name: string; typeText: string; origin: ReturnType<typeof spanOf>; internal?: boolean },
) => SymbolTerm;

function makeStorage(variable: Variable, declare: Declare, u: UnitState): Storage {
  const cells = new Map<string, Cell>();
  for (const leaf of leavesOf(variable.type)) {
    const name = leaf.path === '' ? variable.name : `${variable.name}.${leaf.path}`;
    const typeText = leaf.path === '' ? formatType(variable.type) : leaf.type.name;
    const about = { name, typeText, origin: spanOf(variable.range), ...(variable.internal ? { internal: true } : {}) };
    cells.set(leaf.path, { ...leaf, symbol: declare(u.rangeOf(leaf.type), about) });
  }
  return cells;
}

export interface Targets {
  readonly break: LocationId | undefined;
  readonly continue: LocationId | undefined;
}

export class FunctionState {
  readonly unit: UnitState;
  readonly symbol: FunctionSymbol;
  readonly procedure: ProcedureBuilder;
  readonly results: Cell[] = [];
  targets: Targets = { break: undefined, continue: undefined };
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
  #at: LocationId | undefined;
  #steps: Step[] = [];
  #origin: Range | undefined;
  /** Locations that some edge leads to. */
  readonly #reached = new Set<LocationId>();

  constructor(unit: UnitState, symbol: FunctionSymbol) {
    this.unit = unit;
    this.symbol = symbol;
    this.procedure = unit.builder.procedure(symbol.name);
    if (symbol.body?.range.file.builtIn) this.procedure.modelOf = symbol.name;
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

  /** The integer cell at a path of a variable. */
  cell(variable: Variable, path: string, use: { type: CType; range: Range }): Cell {
    const found = this.storage(variable).get(path);
    if (found) return found;
    const { code, what } = refusedType(use.type);
    return unsupported(code, `${what} (\`${textOf(use.range)}\`)`, use.range);
  }

  storage(variable: Variable): Storage {
    if (variable.storage === 'global' || variable.storage === 'static') return this.unit.globalStorage(variable);
    const known = this.#storage.get(variable);
    if (known) return known;
    const role = variable.storage === 'parameter' ? 'parameter' : variable.internal ? 'temporary' : 'local';
    const storage = makeStorage(
      variable,
      (range, about) => this.procedure.declare({ ...about, role, ...range }, intSort),
      this.unit,
    );
    this.#storage.set(variable, storage);
    if (variable.type.volatile) {
      this.unit.assume('volatile variables change only where this program changes them', variable.range);
    }
    return storage;
  }

  temporary(name: string, type: IntegerType): SymbolTerm {
    const about = { name, typeText: type.name, internal: true, role: 'temporary' as const };
    return this.procedure.declare({ ...about, ...this.unit.rangeOf(type) }, intSort);
  }

  // Values

  read(cell: Cell): Value {
    return { term: cell.symbol, ...typeBounds(this.unit.options.integers, cell.type) };
  }

  /** Keeps a value: later changes of the variables in it do not matter. */
  save(value: Value, type: IntegerType, name = 'value'): Value {
    if (value.term.kind === 'value') return value;
    const target = this.temporary(name, type);
    this.emit({ kind: 'assign', target, value: value.term });
    return { ...value, term: target };
  }

  /** A fresh value of the type. `input` names where it comes from, for what the outside world chooses. */
  anything(type: IntegerType, input?: string): Value {
    const target = this.temporary(input === undefined ? 'any' : input, type);
    this.emit({ kind: 'havoc', target, ...(input === undefined ? {} : { input }) });
    const math = isMath(this.unit.options.integers, type);
    if (math && input !== undefined && !type.signed) {
      this.emit({ kind: 'assume', condition: this.terms.lessEqual(this.terms.int(0), target) });
      return { term: target, low: 0n };
    }
    return { term: target, ...typeBounds(this.unit.options.integers, type) };
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
  require(requirement: Requirement, range: Range): void {
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
