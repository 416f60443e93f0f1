import { type Choices, defaultInRange, Machine } from '../program/interpreter.ts';
import { liveAtEntry } from '../program/liveness.ts';
import { cutPoints } from '../program/path.ts';
import { type Check, type Event, isFlat, type LocationId, mainProcedure, type Program } from '../program/program.ts';
import type { Target } from '../program/question.ts';
import type { SymbolTerm } from '../terms/term.ts';
import type { Value } from '../terms/value.ts';
import type { EvidenceResult } from './obligation.ts';
import { stateKey } from './trace-check.ts';

/**
 * Makes every run of a program whose inputs have finitely many values, depth first, in the interpreter ([Godefroid-POPL'97]
 * calls it stateless search). The search keeps the list of choices of the current run and advances the last one that has
 * a value left. A state at a loop head that an earlier run has left behind is not explored again: in depth-first order
 * everything after it has been seen. The same state twice on one run means a run that never ends.
 *
 * Rung 1: nothing but the interpreter is trusted.
 */
export type Exhaustion =
  | { readonly kind: 'done'; readonly runs: number; readonly steps: number }
  | { readonly kind: 'met'; readonly target: Target }
  | { readonly kind: 'cycle' }
  | { readonly kind: 'gave-up'; readonly why: string };

export function exhaust(
  program: Program,
  options: { targets: readonly Target[]; wanted: boolean; stepLimit: number; cyclesMatter: boolean },
): Exhaustion {
  const search = new DepthFirstChoices(program);
  const byLocation = new Map<LocationId, Target[]>();
  for (const target of options.targets) byLocation.set(target.at, [...(byLocation.get(target.at) ?? []), target]);
  const heads = new Set<LocationId>(isFlat(program) ? cutPoints(program) : []);
  heads.delete(mainProcedure(program).entry);
  const finished = new Set<string>();
  let steps = 0;
  let runs = 0;
  do {
    search.rewind();
    const machine = new Machine(program, search);
    const onPath = new Map<string, number>();
    let met: Target | undefined;
    let cycle = false;
    const outcome = machine.run({
      stepLimit: options.stepLimit - steps,
      onLocation: (at, m) => {
        met = byLocation.get(at)?.find((target) => m.evaluate(target.property) === options.wanted);
        if (met) return true;
        if (!heads.has(at) || m.depth > 0) return false;
        if (!search.branching && m.steps % 64 !== 0) return false;
        const key = stateKey(m);
        if (onPath.has(key)) {
          cycle = true;
          return true;
        }
        if (search.fresh && finished.has(key)) return true;
        onPath.set(key, m.steps);
        if (onPath.size > 1_000_000) onPath.clear();
        return false;
      },
    });
    steps += machine.steps + 1;
    runs++;
    if (search.failure) return { kind: 'gave-up', why: search.failure };
    if (met) return { kind: 'met', target: met };
    if (cycle) {
      // A cycle is a run that never ends; for the other questions, everything on it has been seen.
      if (options.cyclesMatter) return { kind: 'cycle' };
    }
    if (outcome.kind === 'out-of-steps') return { kind: 'gave-up', why: `more than ${options.stepLimit} steps` };
    if (outcome.kind === 'limit') return { kind: 'gave-up', why: outcome.reason };
    if (search.branching) for (const key of onPath.keys()) finished.add(key);
    if (finished.size > 2_000_000) return { kind: 'gave-up', why: 'too many states' };
  } while (search.advance());
  return { kind: 'done', runs, steps };
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

  constructor(program: Program) {
    this.#program = program;
    const checksAt = new Map<LocationId, Check[]>();
    const eventsAt = new Map<LocationId, Event[]>();
    for (const c of program.checks) checksAt.set(c.at, [...(checksAt.get(c.at) ?? []), c]);
    for (const e of program.events) eventsAt.set(e.at, [...(eventsAt.get(e.at) ?? []), e]);
    // Where calls are left, a callee may read any global: then every global counts as live.
    const live = liveAtEntry(mainProcedure(program), checksAt, eventsAt, program.globals);
    this.#live = isFlat(program) ? live : new Set([...live, ...program.globals]);
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
  edge(_at: LocationId, enabled: () => readonly number[]): readonly number[] {
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
