import { type Evaluator, evaluator } from '../terms/evaluator.ts';
import { EvaluationLimit } from '../terms/operator.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { defaultValue, hasSort, type Value, valueKey } from '../terms/value.ts';
import {
  type Check,
  type Edge,
  type Event,
  type LocationId,
  outgoing,
  type Procedure,
  type Program,
} from './program.ts';
import type { Trace } from './trace.ts';

/**
 * Runs programs, step by step, exactly as program.ts defines them. It is the reference: traces are replayed here, front
 * ends are compared with real compilers through it, and the compiled runner of engines/execution must agree with it.
 * Plain before fast.
 */

export type Outcome =
  /** The run ended: main's exit was reached, or a location without edges. */
  | { readonly kind: 'ended'; readonly at: LocationId }
  | { readonly kind: 'check-failed'; readonly check: Check }
  /** Every edge is blocked by an assume: the run is not one of the program's runs to an end (an assumption failed). */
  | { readonly kind: 'blocked'; readonly at: LocationId }
  | { readonly kind: 'out-of-steps' }
  | { readonly kind: 'stopped'; readonly at: LocationId }
  | { readonly kind: 'limit'; readonly reason: string };

export interface RunOptions {
  readonly stepLimit: number;
  /** Failing checks end the run unless this is false (then only the assumes on the edges count). */
  readonly stopAtChecks?: boolean;
  /** Called at each location before its checks; true stops the run there. */
  readonly onLocation?: (at: LocationId, machine: Machine) => boolean | undefined;
  readonly onEvent?: (event: Event, args: readonly Value[]) => void;
  readonly onEdge?: (edge: Edge) => void;
  /** Deepest call stack. */
  readonly depthLimit?: number;
}

interface Frame {
  readonly procedure: Procedure;
  /** The caller's edge and the step after the call. */
  readonly edge: Edge;
  readonly next: number;
  readonly results: readonly SymbolTerm[];
  readonly saved: readonly (readonly [SymbolTerm, Value | undefined])[];
}

/** What all runs of one program share: its graph by location, and its terms as closures. */
export class MachineTables {
  readonly checksAt = new Map<LocationId, Check[]>();
  readonly eventsAt = new Map<LocationId, Event[]>();
  readonly edgesAt = new Map<LocationId, readonly Edge[]>();
  readonly #evaluators = new Map<Term, Evaluator>();

  constructor(program: Program) {
    for (const check of program.checks) push(this.checksAt, check.at, check);
    for (const event of program.events) push(this.eventsAt, event.at, event);
    for (const procedure of program.procedures.values()) {
      for (const [at, edges] of outgoing(procedure)) this.edgesAt.set(at, edges);
    }
  }

  evaluator(term: Term): Evaluator {
    let made = this.#evaluators.get(term);
    if (!made) {
      made = evaluator(term);
      this.#evaluators.set(term, made);
    }
    return made;
  }
}

/** Where havocs and choices come from. */
export interface Choices {
  initial(symbol: SymbolTerm): Value | undefined;
  havoc(symbol: SymbolTerm): Value | undefined;
  /**
   * The edge ids to try, in order; undefined tries all in program order. `enabled` lists the edges that can be taken in
   * the present state, and those that hold a havoc or a call, which may turn out to be blocked; `edges` are all of them.
   */
  edge?(at: LocationId, enabled: () => readonly number[], edges: readonly Edge[]): readonly number[] | undefined;
  mark(): number;
  reset(mark: number): void;
}

export class Machine {
  readonly program: Program;
  readonly #choices: Choices;
  readonly #values = new Map<SymbolTerm, Value>();
  readonly #tables: MachineTables;
  readonly #environment = (symbol: SymbolTerm): Value | undefined => this.#values.get(symbol);
  readonly #frames: Frame[] = [];
  #procedure: Procedure;
  #at: LocationId;
  #steps = 0;

  /** `tables` may be shared by many machines for the same program. */
  constructor(program: Program, choices: Choices, tables = new MachineTables(program)) {
    this.program = program;
    this.#choices = choices;
    this.#tables = tables;
    this.#procedure = program.procedures.get(program.main)!;
    this.#at = this.#procedure.entry;
    for (const s of [...program.globals, ...variablesOf(this.#procedure)]) this.#values.set(s, this.#initial(s));
  }

  get steps(): number {
    return this.#steps;
  }

  get at(): LocationId {
    return this.#at;
  }

  get depth(): number {
    return this.#frames.length;
  }

  read(symbol: SymbolTerm): Value | undefined {
    return this.#values.get(symbol);
  }

  /** The values of all variables now in scope. */
  state(): ReadonlyMap<SymbolTerm, Value> {
    return new Map(this.#values);
  }

  evaluate(term: Term): Value {
    return this.#tables.evaluator(term)(this.#environment);
  }

  run(options: RunOptions): Outcome {
    try {
      return this.#run(options);
    } catch (error) {
      if (error instanceof EvaluationLimit) return { kind: 'limit', reason: error.message };
      throw error;
    }
  }

  #run(options: RunOptions): Outcome {
    const stopAtChecks = options.stopAtChecks ?? true;
    const depthLimit = options.depthLimit ?? 10_000;
    for (;;) {
      if (options.onLocation?.(this.#at, this)) return { kind: 'stopped', at: this.#at };
      if (stopAtChecks) {
        for (const check of this.#tables.checksAt.get(this.#at) ?? []) {
          if (this.evaluate(check.property) === false) return { kind: 'check-failed', check };
        }
      }
      const { onEvent } = options;
      if (onEvent) {
        for (const event of this.#tables.eventsAt.get(this.#at) ?? []) {
          onEvent(
            event,
            event.args.map((a) => this.evaluate(a)),
          );
        }
      }
      if (this.#at === this.#procedure.exit && this.#frames.length > 0) {
        this.#return();
        continue;
      }
      const edges = this.#tables.edgesAt.get(this.#at)!;
      if (edges.length === 0) return { kind: 'ended', at: this.#at };
      if (this.#steps >= options.stepLimit) return { kind: 'out-of-steps' };
      const taken = this.#takeFirst(edges, depthLimit);
      if (taken === 'deep') return { kind: 'limit', reason: `the call stack grew beyond ${depthLimit} calls` };
      if (taken === 'blocked') return { kind: 'blocked', at: this.#at };
      this.#steps++;
      options.onEdge?.(taken);
    }
  }

  #takeFirst(edges: readonly Edge[], depthLimit: number): Edge | 'blocked' | 'deep' {
    const wanted = this.#choices.edge?.(this.#at, () => this.#enabled(edges), edges);
    const candidates = wanted ? edges.filter((e) => wanted.includes(e.id)) : edges;
    for (const edge of candidates) {
      const mark = this.#choices.mark();
      const undo: [SymbolTerm, Value | undefined][] = [];
      const result = this.#carryOut(edge, 0, undo, depthLimit);
      if (result === 'done') return edge;
      if (result === 'deep') return 'deep';
      for (const [symbol, old] of undo.reverse()) this.#restore(symbol, old);
      this.#choices.reset(mark);
    }
    return 'blocked';
  }

  #enabled(edges: readonly Edge[]): readonly number[] {
    const at = this.#at;
    const result: number[] = [];
    for (const edge of edges) {
      if (edge.steps.some((s) => s.kind === 'havoc' || s.kind === 'call')) {
        result.push(edge.id);
        continue;
      }
      const undo: [SymbolTerm, Value | undefined][] = [];
      if (this.#carryOut(edge, 0, undo, 0) === 'done') result.push(edge.id);
      for (const [symbol, old] of undo.reverse()) this.#restore(symbol, old);
      this.#at = at;
    }
    return result;
  }

  /** Carries out the steps of an edge from one on; a call switches to the callee and leaves the rest for its return. */
  #carryOut(
    edge: Edge,
    from: number,
    undo: [SymbolTerm, Value | undefined][],
    depthLimit: number,
  ): 'done' | 'blocked' | 'deep' {
    for (let i = from; i < edge.steps.length; i++) {
      const step = edge.steps[i]!;
      switch (step.kind) {
        case 'assign': {
          const value = this.evaluate(step.value);
          this.#checkRange(step.target, value);
          undo.push([step.target, this.#values.get(step.target)]);
          this.#values.set(step.target, value);
          break;
        }
        case 'havoc':
          undo.push([step.target, this.#values.get(step.target)]);
          this.#values.set(step.target, this.#havoc(step.target));
          break;
        case 'assume':
          if (this.evaluate(step.condition) === false) return 'blocked';
          break;
        case 'call': {
          if (this.#frames.length >= depthLimit) return 'deep';
          const callee = this.program.procedures.get(step.callee);
          if (!callee) throw new Error(`no procedure ${step.callee}`);
          const args = step.args.map((a) => this.evaluate(a));
          const owned = variablesOf(callee);
          const saved = owned.map((s) => [s, this.#values.get(s)] as const);
          this.#frames.push({ procedure: this.#procedure, edge, next: i + 1, results: step.results, saved });
          for (const s of owned) this.#values.set(s, this.#garbage(s));
          callee.params.forEach((p, k) => {
            this.#checkRange(p, args[k]!);
            this.#values.set(p, args[k]!);
          });
          this.#procedure = callee;
          this.#at = callee.entry;
          return 'done';
        }
      }
    }
    this.#at = edge.to;
    return 'done';
  }

  #return(): void {
    const frame = this.#frames.pop()!;
    const results = this.#procedure.results.map((r) => this.#values.get(r)!);
    for (const [symbol, value] of frame.saved) this.#restore(symbol, value);
    this.#procedure = frame.procedure;
    frame.results.forEach((r, k) => {
      if (results[k] === undefined) return;
      this.#checkRange(r, results[k]);
      this.#values.set(r, results[k]);
    });
    const outcome = this.#carryOut(frame.edge, frame.next, [], Number.POSITIVE_INFINITY);
    if (outcome === 'blocked')
      throw new Error(`edge ${frame.edge.id} assumes something after a call: lower it on an edge of its own`);
  }

  #restore(symbol: SymbolTerm, value: Value | undefined): void {
    if (value === undefined) this.#values.delete(symbol);
    else this.#values.set(symbol, value);
  }

  #checkRange(symbol: SymbolTerm, value: Value): void {
    if (!hasSort(value, symbol.sort)) throw new Error(`${symbol.name} cannot hold a value of another sort`);
    const range = this.program.variables.get(symbol)?.range;
    if (!range || typeof value !== 'bigint') return;
    if ((range.low !== undefined && value < range.low) || (range.high !== undefined && value > range.high)) {
      throw new Error(`INVARIANT broken: ${symbol.name} = ${value} is outside its range [${range.low}, ${range.high}]`);
    }
  }

  #initial(symbol: SymbolTerm): Value {
    return this.#clip(symbol, this.#choices.initial(symbol));
  }

  #havoc(symbol: SymbolTerm): Value {
    return this.#clip(symbol, this.#choices.havoc(symbol));
  }

  /** Locals of a callee hold anything at first: here, the default. */
  #garbage(symbol: SymbolTerm): Value {
    return this.#clip(symbol, undefined);
  }

  #clip(symbol: SymbolTerm, wanted: Value | undefined): Value {
    if (wanted === undefined) return defaultInRange(this.program, symbol);
    if (!hasSort(wanted, symbol.sort) || !inRange(this.program, symbol, wanted)) {
      throw new InvalidChoice(`${symbol.name} cannot be ${valueKey(wanted)}`);
    }
    return wanted;
  }
}

/** The run asks a variable to start with, or be given, a value outside its sort or range: it is no run of the program. */
export class InvalidChoice extends Error {}

function inRange(program: Program, symbol: SymbolTerm, value: Value): boolean {
  const range = program.variables.get(symbol)?.range;
  if (!range || typeof value !== 'bigint') return true;
  return (range.low === undefined || value >= range.low) && (range.high === undefined || value <= range.high);
}

/** The default value of a variable: that of its sort, brought into its range. */
export function defaultInRange(program: Program, symbol: SymbolTerm): Value {
  const range = program.variables.get(symbol)?.range;
  const value = defaultValue(symbol.sort);
  if (typeof value !== 'bigint' || !range) return value;
  if (range.low !== undefined && value < range.low) return range.low;
  if (range.high !== undefined && value > range.high) return range.high;
  return value;
}

export const variablesOf = (procedure: Procedure): readonly SymbolTerm[] => [
  ...procedure.params,
  ...procedure.results,
  ...procedure.locals,
];

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The choices that a trace records. */
export class TraceChoices implements Choices {
  readonly #trace: Trace;
  #havoc = 0;
  #decision = 0;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  initial(symbol: SymbolTerm): Value | undefined {
    return this.#trace.initial.get(symbol);
  }

  havoc(_symbol: SymbolTerm): Value | undefined {
    return this.#trace.havocs[this.#havoc++];
  }

  edge(_at: LocationId): readonly number[] | undefined {
    const decisions = this.#trace.decisions;
    if (!decisions) return undefined;
    const decision = decisions[this.#decision++];
    return decision === undefined ? undefined : [decision];
  }

  mark(): number {
    return this.#havoc;
  }

  reset(mark: number): void {
    this.#havoc = mark;
  }
}
