import { type Choices, Machine, MachineTables } from '../../program/interpreter.ts';
import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { sameValue, type Value } from '../../terms/value.ts';
import { asValue, type Layout } from './layout.ts';
import { ProgramTables } from './program-tables.ts';
import { atStart, type CompileOptions, type Inputs, type Runner, type Status, statusCode } from './protocol.ts';

/** What the compiled runner does, over the interpreter: for programs that cannot be compiled, and as the measure in tests. */
export class InterpretedRunner implements Runner {
  readonly kind = 'interpreted';
  readonly layout: Layout;
  readonly inputSlots: ReadonlySet<number>;
  readonly covered: Uint8Array;
  readonly #program: Program;
  readonly #inputs: Inputs;
  readonly #options: CompileOptions;
  readonly #choices: Choices;
  readonly #tables: ProgramTables;
  readonly #entry: LocationId;
  readonly #shared: MachineTables;
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
    this.#shared = new MachineTables(program);
    this.#inputs = inputs;
    this.#options = options;
    this.#tables = new ProgramTables(program, options);
    this.layout = this.#tables.layout;
    this.inputSlots = this.#tables.inputSlots;
    this.covered = new Uint8Array(this.#tables.edgeNumber.size);
    this.#entry = mainProcedure(program).entry;
    const live = this.inputSlots;
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
            edge: (at: LocationId, taken: () => readonly number[]) => {
              const ids = taken();
              if (ids.length <= 1) return ids;
              const edges = this.#tables.out.get(at)!;
              const enabled = edges.flatMap((e, i) => (ids.includes(e.id) ? [i] : []));
              return [edges[inputs.edge(at, enabled)]!.id];
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
      this.#machine ??= new Machine(this.#program, this.#choices, this.#shared);
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
      if (!this.#inputs.advance(steps, statusCode[status])) return 'swept';
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
              const number = this.#tables.edgeNumber.get(edge.id)!;
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
    const { targets, wanted } = this.#options;
    const met = this.#tables.targets.get(at)?.find((i) => machine.evaluate(targets[i]!.property) === wanted);
    if (met !== undefined) {
      this.hit = met;
      return 'met';
    }
    if (!this.#tables.cuts.has(at) || at === this.#entry || machine.depth > 0) return undefined;
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

  get exact(): boolean {
    return true;
  }

  holdsMoreThan(widthBits: number): boolean {
    const most = 1n << BigInt(widthBits);
    for (const x of this.values().values()) if (typeof x === 'bigint' && (x >= most || -x >= most)) return true;
    return false;
  }

  values(): ReadonlyMap<SymbolTerm, Value> {
    return this.#machine?.state() ?? new Map();
  }
}

function sameValues(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((x, i) => sameValue(x as Value, b[i] as Value));
}
