import { type Choices, Machine } from '../../program/interpreter.ts';
import { cutPoints } from '../../program/path.ts';
import { isFlat, type LocationId, mainProcedure, outgoing, type Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { sameValue, type Value } from '../../terms/value.ts';
import {
  atStart,
  type Code,
  CompileLimit,
  type CompileOptions,
  Compiler,
  type Inputs,
  type State,
  type Status,
} from './compile.ts';
import { type Layout, largestExact, ownVariables } from './layout.ts';

/**
 * Runs a program in pieces of so many steps, compiled if possible: picks the form of code, changes over when numbers grow
 * beyond 53 bits, and comes back to numbers after a while. Where code may not be generated, or the program is too long for
 * it, the interpreter does the same.
 */
export interface Runner {
  readonly kind: 'compiled' | 'interpreted';
  readonly layout: Layout;
  readonly inputSlots: ReadonlySet<number>;
  /** Where control is; -1 before the start of a run. */
  readonly at: LocationId;
  /** Steps of the present run, and ended runs. */
  readonly steps: number;
  readonly runs: number;
  /** Which target was met, or the id of the check that failed. */
  readonly hit: number;
  /** Which limit was reached. */
  readonly why: string;
  /** After 'repeated' by cycle detection: the step of the run at which the same state was first seen. */
  readonly firstStep: number;
  readonly covered: Uint8Array;
  /** Begins a new run at the next call of `run`. */
  restart(): void;
  /** Goes on for at most `fuel` steps; `used` says how many were taken (with `sweep`, one more for each run that ended). */
  run(fuel: number): Status;
  readonly used: number;
  /** The values of all variables in scope. */
  values(): ReadonlyMap<SymbolTerm, Value>;
}

export const defaultOptions: CompileOptions = {
  targets: [],
  wanted: false,
  ask: false,
  sweep: false,
  events: false,
  cycles: false,
  heads: false,
  coverage: false,
  depthLimit: 10_000,
};

export function makeRunner(
  program: Program,
  inputs: Inputs,
  options: Partial<CompileOptions> & { readonly interpret?: boolean } = {},
): Runner {
  const all: CompileOptions = { ...defaultOptions, ...options };
  if (!options.interpret && canGenerate()) {
    try {
      return new CompiledRunner(new Compiler(program, all), inputs);
    } catch (error) {
      if (!(error instanceof CompileLimit)) throw error;
    }
  }
  return new InterpretedRunner(program, inputs, all);
}

/** Whether the environment lets us make functions from text (a page's content policy may not). */
function canGenerate(): boolean {
  try {
    return new Function('return 1')() === 1;
  } catch {
    return false;
  }
}

const largestFuel = 2 ** 30;
const shortestExact = 4096;
const longestExact = 2 ** 24;

class CompiledRunner implements Runner {
  readonly kind = 'compiled';
  readonly layout: Layout;
  readonly inputSlots: ReadonlySet<number>;
  readonly #compiler: Compiler;
  readonly #inputs: Inputs;
  readonly #state: State;
  readonly #code = new Map<string, Code>();
  #speculative: boolean;
  /** Steps to stay with exact code before numbers are tried again, and how many next time. */
  #exactFor = 0;
  #nextExactFor = shortestExact;
  #used = 0;

  constructor(compiler: Compiler, inputs: Inputs) {
    this.#compiler = compiler;
    this.layout = compiler.layout;
    this.inputSlots = compiler.inputSlots;
    this.#inputs = inputs;
    this.#state = compiler.newState();
    this.#speculative = compiler.speculates;
    this.#form(this.#speculative, false);
  }

  get at(): LocationId {
    return this.#state.at;
  }
  get steps(): number {
    return this.#state.steps;
  }
  get runs(): number {
    return this.#state.runs;
  }
  get hit(): number {
    return this.#state.hit;
  }
  get why(): string {
    return this.#state.why;
  }
  get firstStep(): number {
    return this.#state.keptStep;
  }
  get covered(): Uint8Array {
    return this.#state.covered;
  }
  get used(): number {
    return this.#used;
  }

  restart(): void {
    this.#state.at = atStart;
    this.#state.steps = 0;
    this.#state.depth = 0;
    this.#state.frames.length = 0;
    if (this.#compiler.speculates && !this.#speculative && this.#exactFor <= 0) this.#change();
  }

  run(fuel: number): Status {
    const state = this.#state;
    let left = fuel;
    let plain = false;
    this.#used = 0;
    for (;;) {
      const exact = this.#compiler.speculates && !this.#speculative;
      if (exact && this.#exactFor <= 0) this.#change();
      const most = Math.min(
        left,
        largestFuel,
        plain ? 1 : largestFuel,
        exact ? Math.max(1, this.#exactFor) : largestFuel,
      );
      state.fuel = most;
      const status = this.#form(this.#speculative, plain)(state, this.#inputs);
      const used = most - state.fuel;
      left -= used;
      this.#used += used;
      this.#exactFor -= used;
      switch (status) {
        case 'too-large':
          this.#toExact();
          continue;
        case 'elsewhere':
          plain = true;
          continue;
        case 'paused':
          if (left <= 0) return 'paused';
          // The fast code stops a few steps early; one plain step at a time leads to a place where it can go on.
          plain = !plain && used === 0;
          continue;
        default:
          return status;
      }
    }
  }

  #form(speculative: boolean, plain: boolean): Code {
    const key = `${speculative}/${plain}`;
    let code = this.#code.get(key);
    if (!code) {
      code = this.#compiler.compile({ speculative, plain });
      this.#code.set(key, code);
    }
    return code;
  }

  #toExact(): void {
    this.#exactFor = this.#nextExactFor;
    this.#nextExactFor = Math.min(longestExact, this.#nextExactFor * 2);
    this.#speculative = false;
    this.#convert((x) => (typeof x === 'number' ? BigInt(x) : x));
  }

  /** Back to numbers, if every value fits; otherwise later. */
  #change(): void {
    const { others, frames } = this.#state;
    const movable = this.#state.at === atStart || (others.every(fitsNumber) && frames.every(fitsNumber));
    if (!movable) {
      this.#exactFor = this.#nextExactFor;
      return;
    }
    this.#speculative = true;
    this.#convert((x) => (typeof x === 'bigint' ? Number(x) : x));
  }

  /** Moves the slots whose representation differs between the forms of code, in variables and in saved frames. */
  #convert(to: (x: unknown) => unknown): void {
    const { slots, sites } = this.layout;
    const { numbers, others, frames } = this.#state;
    const moves = (s: SymbolTerm): boolean =>
      s.sort.kind === 'int' && this.layout.representation(s, false) === 'bigint';
    for (const [i, s] of slots.entries()) {
      if (!moves(s)) continue;
      const old = others[i] ?? 0n;
      // Before a run starts, what the last run left behind does not matter.
      if (this.#speculative) numbers[i] = fitsNumber(old) ? Number(old) : 0;
      else others[i] = BigInt(numbers[i]!);
      others[this.#speculative ? i : slots.length + i] = undefined;
    }
    this.#state.keptAt = -1;
    for (let top = frames.length - 1; top >= 0; ) {
      const owned = ownVariables(sites[frames[top] as number]!.callee);
      for (const [k, s] of owned.entries()) {
        const index = top - owned.length + k;
        if (moves(s)) frames[index] = to(frames[index]);
      }
      top -= owned.length + 1;
    }
  }

  values(): ReadonlyMap<SymbolTerm, Value> {
    const { slots, mainSlots, sites } = this.layout;
    const { numbers, others, frames } = this.#state;
    const inScope = new Set(mainSlots);
    for (let top = frames.length - 1; top >= 0; ) {
      const owned = ownVariables(sites[frames[top] as number]!.callee);
      for (const s of owned) inScope.add(this.layout.slot(s)!);
      top -= owned.length + 1;
    }
    const result = new Map<SymbolTerm, Value>();
    for (const i of inScope) {
      const s = slots[i]!;
      const number = this.layout.representation(s, this.#speculative) === 'number';
      result.set(s, number ? BigInt(numbers[i]!) : (others[i] as Value));
    }
    return result;
  }
}

const fitsNumber = (x: unknown): boolean => typeof x !== 'bigint' || (x <= largestExact && x >= -largestExact);

/** The same over the interpreter. */
class InterpretedRunner implements Runner {
  readonly kind = 'interpreted';
  readonly layout: Layout;
  readonly inputSlots: ReadonlySet<number>;
  readonly covered: Uint8Array;
  readonly #program: Program;
  readonly #inputs: Inputs;
  readonly #options: CompileOptions;
  readonly #choices: Choices;
  readonly #cuts: ReadonlySet<LocationId>;
  readonly #targetsAt = new Map<LocationId, { target: Target; index: number }[]>();
  readonly #edgeNumber = new Map<number, number>();
  #machine: Machine | undefined;
  #kept: { at: LocationId; step: number; values: readonly unknown[] } | undefined;
  #power = 1;
  #lap = 1;
  #reportedAt = -1;
  runs = 0;
  hit = -1;
  why = '';
  used = 0;

  constructor(program: Program, inputs: Inputs, options: CompileOptions) {
    this.#program = program;
    this.#inputs = inputs;
    this.#options = options;
    const compiler = new Compiler(program, options);
    this.layout = compiler.layout;
    this.inputSlots = compiler.inputSlots;
    const live = this.inputSlots;
    const main = mainProcedure(program);
    const out = new Map([...program.procedures.values()].flatMap((p) => [...outgoing(p)]));
    for (const [index, target] of options.targets.entries()) {
      this.#targetsAt.set(target.at, [...(this.#targetsAt.get(target.at) ?? []), { target, index }]);
    }
    for (const p of program.procedures.values()) {
      for (const e of p.edges) this.#edgeNumber.set(e.id, this.#edgeNumber.size);
    }
    this.covered = new Uint8Array(this.#edgeNumber.size);
    this.#cuts = new Set(options.cycles || options.heads ? cutPoints(program).filter((at) => at !== main.entry) : []);
    const value = (slot: number): Value => asValue(inputs.next(slot), this.layout.slots[slot]!);
    this.#choices = {
      initial: (s) => {
        const slot = this.layout.slot(s)!;
        return live.has(slot) ? value(slot) : undefined;
      },
      havoc: (s) => value(this.layout.slot(s)!),
      mark: () => inputs.mark(),
      reset: (mark) => inputs.reset(mark),
      ...(options.ask
        ? {
            edge: (at: LocationId, enabled: () => readonly number[]) => {
              const ids = enabled();
              if (ids.length <= 1) return ids;
              const edges = out.get(at)!;
              let mask = 0;
              edges.forEach((e, i) => {
                if (ids.includes(e.id)) mask |= 1 << i;
              });
              return [edges[inputs.edge(at, mask)]!.id];
            },
          }
        : {}),
    };
  }

  get at(): LocationId {
    return this.#machine?.at ?? atStart;
  }
  get steps(): number {
    return this.#machine?.steps ?? 0;
  }
  get firstStep(): number {
    return this.#kept?.step ?? 0;
  }

  restart(): void {
    this.#machine = undefined;
    this.#kept = undefined;
    this.#power = 1;
    this.#lap = 1;
    this.#reportedAt = -1;
  }

  run(fuel: number): Status {
    let left = fuel;
    this.used = 0;
    for (;;) {
      if (left <= 0) return 'paused';
      this.#machine ??= new Machine(this.#program, this.#choices);
      const machine = this.#machine;
      const before = machine.steps;
      const status = this.#piece(machine, left);
      left -= machine.steps - before;
      this.used += machine.steps - before;
      const ends = status === 'ended' || status === 'blocked' || status === 'check-failed';
      if (!ends || !this.#options.sweep) return status;
      left--;
      this.used++;
      this.runs++;
      const steps = machine.steps;
      this.restart();
      if (!this.#inputs.advance(steps, ['paused', 'ended', 'check-failed', 'blocked'].indexOf(status))) return 'swept';
    }
  }

  #piece(machine: Machine, fuel: number): Status {
    let stopped: Status | undefined;
    const { onEvent } = this.#events(machine);
    const outcome = machine.run({
      stepLimit: machine.steps + fuel,
      depthLimit: this.#options.depthLimit,
      ...(onEvent ? { onEvent } : {}),
      ...(this.#options.coverage
        ? {
            onEdge: (edge) => {
              const number = this.#edgeNumber.get(edge.id)!;
              if (this.covered[number] !== 0) return;
              this.covered[number] = 1;
              this.#inputs.novel(number);
            },
          }
        : {}),
      onLocation: (at, m) => {
        stopped = this.#visit(at, m);
        return stopped !== undefined;
      },
    });
    switch (outcome.kind) {
      case 'ended':
      case 'blocked':
        return outcome.kind;
      case 'check-failed':
        this.hit = outcome.check.id;
        return 'check-failed';
      case 'out-of-steps':
        this.#reportedAt = machine.steps;
        return 'paused';
      case 'stopped':
        return stopped === 'swept' ? 'ended' : stopped!;
      case 'limit':
        this.why = outcome.reason;
        return outcome.reason.startsWith('the call stack') ? 'deep' : 'limit';
    }
  }

  /** Events of a location where the last piece paused have been reported. */
  #events(machine: Machine): { onEvent?: (event: Program['events'][number], args: readonly Value[]) => void } {
    if (!this.#options.events) return {};
    return {
      onEvent: (event, args) => {
        if (machine.steps === this.#reportedAt) return;
        this.#inputs.event(this.#program.events.indexOf(event), args);
      },
    };
  }

  /** 'swept' stands for the end of a run whose state is known. */
  #visit(at: LocationId, machine: Machine): Status | undefined {
    const met = this.#targetsAt
      .get(at)
      ?.find(({ target }) => machine.evaluate(target.property) === this.#options.wanted);
    if (met) {
      this.hit = met.index;
      return 'met';
    }
    if (!this.#cuts.has(at) || machine.depth > 0) return undefined;
    const values = this.layout.mainSlots.map((i) => machine.read(this.layout.slots[i]!));
    if (this.#options.heads) {
      const known = this.#inputs.head(at, machine.steps, values);
      if (known === 1) return 'swept';
      if (known === 2) return 'repeated';
    }
    if (this.#options.cycles) {
      const kept = this.#kept;
      if (kept && kept.at === at && kept.step < machine.steps && sameValues(kept.values, values)) return 'repeated';
      if (--this.#lap <= 0) {
        this.#kept = { at, step: machine.steps, values };
        this.#power *= 2;
        this.#lap = this.#power;
      }
    }
    return undefined;
  }

  values(): ReadonlyMap<SymbolTerm, Value> {
    return this.#machine?.state() ?? new Map();
  }
}

function sameValues(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((x, i) => sameValue(x as Value, b[i] as Value));
}

/** An input as a Value: integers come as numbers where they fit. */
export const asValue = (x: unknown, symbol: SymbolTerm): Value =>
  symbol.sort.kind === 'int' ? BigInt(x as bigint | number) : (x as Value);

/** Whether the runner sees repeated states at all: only the state of a flat program is one row of values. */
export const canRepeat = (program: Program): boolean => isFlat(program);
