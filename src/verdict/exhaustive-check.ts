import { type Choices, defaultInRange, Machine, MachineTables } from '../program/interpreter.ts';
import { liveAtEntry, liveInMain } from '../program/liveness.ts';
import { cutPoints } from '../program/path.ts';
import { type Edge, isFlat, type LocationId, mainProcedure, type Program } from '../program/program.ts';
import type { Target } from '../program/question.ts';
import type { SymbolTerm } from '../terms/term.ts';
import { sameValue, type Value, valueKey } from '../terms/value.ts';
import type { EvidenceResult } from './obligation.ts';

/**
 * Makes every run of a program whose inputs have finitely many values, depth first, in the interpreter ([Godefroid-POPL'97]
 * calls it stateless search). The search keeps the list of choices of the current run and advances the last one that has
 * a value left. A state at a loop head that an earlier run has left behind is not explored again: in depth-first order
 * everything after it has been seen, or is on the present run before it, so that the state repeats on this run. The same
 * state twice on one run means a run that never ends. A state is what of it is still read (program/liveness.ts).
 *
 * Rung 1: nothing but the interpreter is trusted.
 */
export type Exhaustion =
  | { readonly kind: 'done'; readonly runs: number; readonly steps: number }
  | { readonly kind: 'met'; readonly target: Target }
  | { readonly kind: 'cycle' }
  | { readonly kind: 'gave-up'; readonly why: string };

export interface ExhaustOptions {
  readonly targets: readonly Target[];
  readonly wanted: boolean;
  readonly stepLimit: number;
  /** A run that never ends is an answer; otherwise only what it meets counts. */
  readonly cyclesMatter: boolean;
}

const mostStates = 1_000_000;

export function exhaust(program: Program, options: ExhaustOptions): Exhaustion {
  const garbage = readsGarbage(program);
  if (garbage) return { kind: 'gave-up', why: `${garbage} reads a local variable that holds anything` };
  const tables = new MachineTables(program);
  const live = liveInMain(program, options.targets);
  const search = new DepthFirstChoices(program, live.get(mainProcedure(program).entry) ?? new Set());
  const byLocation = new Map<LocationId, Target[]>();
  for (const target of options.targets) byLocation.set(target.at, [...(byLocation.get(target.at) ?? []), target]);
  const heads = new Map<LocationId, readonly SymbolTerm[]>();
  if (isFlat(program)) for (const at of cutPoints(program)) heads.set(at, [...(live.get(at) ?? [])]);
  heads.delete(mainProcedure(program).entry);
  const finished = new Set<string>();
  let steps = 0;
  let runs = 0;
  do {
    search.rewind();
    const machine = new Machine(program, search, tables);
    const onPath = new Set<string>();
    const repetition = new Repetition();
    let met: Target | undefined;
    let cycle = false;
    const outcome = machine.run({
      stepLimit: options.stepLimit - steps,
      onLocation: (at, m) => {
        met = byLocation.get(at)?.find((target) => m.evaluate(target.property) === options.wanted);
        if (met) return true;
        const variables = heads.get(at);
        if (!variables) return false;
        if (!search.branching) {
          // One run only, so far: there is nothing to remember for others.
          cycle = repetition.visit(at, variables, m);
          return cycle;
        }
        const key = stateKeyOf(at, variables, m);
        cycle = onPath.has(key);
        if (cycle || (search.fresh && finished.has(key))) return true;
        onPath.add(key);
        return finished.size + onPath.size > mostStates;
      },
    });
    steps += machine.steps + 1;
    runs++;
    if (search.failure) return { kind: 'gave-up', why: search.failure };
    if (met) return { kind: 'met', target: met };
    // A cycle is a run that never ends; for the other questions, everything on it has been seen.
    if (cycle && options.cyclesMatter) return { kind: 'cycle' };
    if (outcome.kind === 'out-of-steps') return { kind: 'gave-up', why: `more than ${options.stepLimit} steps` };
    if (outcome.kind === 'limit') return { kind: 'gave-up', why: outcome.reason };
    if (finished.size + onPath.size > mostStates) return { kind: 'gave-up', why: 'too many states' };
    for (const key of onPath) finished.add(key);
  } while (search.advance());
  return { kind: 'done', runs, steps };
}

/** What of the state matters from a location on, as a key. */
function stateKeyOf(at: LocationId, variables: readonly SymbolTerm[], machine: Machine): string {
  let key = `${at}`;
  for (const s of variables) key += `:${valueKey(machine.read(s)!)}`;
  return key;
}

/** Brent's cycle detection ([Brent-1980]): compares with one state kept, and keeps a new one after 1, 2, 4, … visits. */
class Repetition {
  #at: LocationId = -1;
  #values: readonly Value[] = [];
  #visits = 0;
  #power = 1;

  visit(at: LocationId, variables: readonly SymbolTerm[], machine: Machine): boolean {
    if (at === this.#at && variables.every((s, i) => sameValue(machine.read(s)!, this.#values[i]!))) return true;
    if (++this.#visits >= this.#power) {
      this.#at = at;
      this.#values = variables.map((s) => machine.read(s)!);
      this.#visits = 0;
      this.#power *= 2;
    }
    return false;
  }
}

/** A procedure whose variables the interpreter fills with one value where any would do; undefined if there is none. */
export function readsGarbage(program: Program): string | undefined {
  const called = new Set<string>();
  for (const p of program.procedures.values()) {
    for (const e of p.edges) for (const s of e.steps) if (s.kind === 'call') called.add(s.callee);
  }
  const checksAt = new Map(program.checks.map((c) => [c.at, program.checks.filter((d) => d.at === c.at)]));
  const eventsAt = new Map(program.events.map((e) => [e.at, program.events.filter((d) => d.at === e.at)]));
  for (const name of called) {
    const procedure = program.procedures.get(name)!;
    const live = liveAtEntry(procedure, checksAt, eventsAt);
    if ([...procedure.locals, ...procedure.results].some((s) => live.has(s))) return name;
  }
  return undefined;
}

export function checkExhaustive(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  stepLimit: number,
  cyclesMatter: boolean,
): EvidenceResult {
  if (!Number.isSafeInteger(stepLimit) || stepLimit <= 0) return { kind: 'rejected', why: 'no step limit' };
  const result = exhaust(program, { targets, wanted, stepLimit, cyclesMatter });
  if (result.kind === 'done') return { kind: 'accepted', rung: 1, tools: [], obligations: 0 };
  if (result.kind === 'gave-up') return { kind: 'rejected', why: result.why };
  return { kind: 'rejected', why: result.kind === 'met' ? 'a run meets the target' : 'a run never ends' };
}

interface Choice {
  readonly values: readonly Value[] | { readonly low: bigint; readonly count: bigint };
  index: bigint;
}

/** Gives every live variable at the start and every havoc each of its values in turn. */
class DepthFirstChoices implements Choices {
  readonly #program: Program;
  readonly #live: ReadonlySet<SymbolTerm>;
  readonly #choices: Choice[] = [];
  #next = 0;
  failure: string | undefined;

  constructor(program: Program, live: ReadonlySet<SymbolTerm>) {
    this.#program = program;
    this.#live = live;
  }

  /** True when the choices of this run differ from the last run's at a choice already made: only then is a state new. */
  get fresh(): boolean {
    return this.#next >= this.#choices.length;
  }

  get branching(): boolean {
    return this.#choices.length > 0;
  }

  rewind(): void {
    this.#next = 0;
  }

  /** Moves on to the next run; false when all have been made. */
  advance(): boolean {
    while (this.#choices.length > 0) {
      const last = this.#choices[this.#choices.length - 1]!;
      last.index++;
      if (last.index < size(last)) return true;
      this.#choices.pop();
    }
    return false;
  }

  initial(symbol: SymbolTerm): Value | undefined {
    return this.#live.has(symbol) ? this.#choose(symbol) : undefined;
  }

  havoc(symbol: SymbolTerm): Value | undefined {
    return this.#choose(symbol);
  }

  #choose(symbol: SymbolTerm): Value {
    const known = this.#choices[this.#next];
    if (known) {
      this.#next++;
      return pick(known);
    }
    const made = this.#domain(symbol);
    if (!made) {
      this.failure ??= `${symbol.name} has infinitely many values`;
      return defaultInRange(this.#program, symbol);
    }
    if (size(made) > 1n) {
      this.#choices.push(made);
      this.#next++;
    }
    return pick(made);
  }

  #domain(symbol: SymbolTerm): Choice | undefined {
    if (symbol.sort.kind === 'bool') return { values: [false, true], index: 0n };
    const range = this.#program.variables.get(symbol)?.range;
    if (symbol.sort.kind !== 'int' || range?.low === undefined || range.high === undefined) return undefined;
    return { values: { low: range.low, count: range.high - range.low + 1n }, index: 0n };
  }

  /** Where more than one edge may be taken, the edge is a choice like any other. */
  edge(_at: LocationId, enabled: () => readonly number[], all: readonly Edge[]): readonly number[] | undefined {
    if (all.length <= 1) return undefined;
    const edges = enabled();
    if (edges.length <= 1) return edges;
    const known = this.#choices[this.#next];
    const choice: Choice = known ?? { values: edges.map(BigInt), index: 0n };
    if (!known) this.#choices.push(choice);
    this.#next++;
    return [Number(pick(choice))];
  }

  // One edge is tried at a time, so nothing is given back: a blocked edge ends the run.
  mark(): number {
    return this.#next;
  }

  reset(): void {}
}

const size = (choice: Choice): bigint => ('low' in choice.values ? choice.values.count : BigInt(choice.values.length));

const pick = (choice: Choice): Value =>
  'low' in choice.values ? choice.values.low + choice.index : choice.values[Number(choice.index)]!;
