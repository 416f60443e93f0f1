import { type Choices, Machine, TraceChoices } from '../program/interpreter.ts';
import { isFlat, type LocationId, mainProcedure } from '../program/program.ts';
import type { Task } from '../program/question.ts';
import type { Trace } from '../program/trace.ts';
import type { SymbolTerm } from '../terms/term.ts';
import {
  ArrayValue,
  type FloatValue,
  floatToNumber,
  hasSort,
  isRational,
  numberToFloat,
  sameValue,
  type Value,
} from '../terms/value.ts';
import { checkEvidence } from '../verdict/check.ts';
import type { Claim } from '../verdict/claim.ts';
import type { LassoEvidence, RecurrentSetEvidence, TraceEvidence } from '../verdict/evidence.ts';
import { stateKey } from '../verdict/trace-check.ts';

/**
 * Makes the values of a counterexample small, so that a person can follow it: each value in turn is brought nearer to 0 as
 * long as the run still shows the same (delta debugging, [ZellerH-TSE'02], on values instead of texts). Greedy, hence not
 * always the smallest; the result is checked like any other evidence and dropped if it does not check.
 *
 * Addresses become null or stay as they are: a small address means nothing. Arrays lose entries, floats lose digits.
 *
 * Gives up after `stepLimit` interpreter steps over all attempts; rationals are left as they are.
 */
type Witness = TraceEvidence | LassoEvidence | RecurrentSetEvidence;

const defaultStepLimit = 400_000;

export function shrinkClaim(task: Task, claim: Claim, stepLimit = defaultStepLimit): Claim {
  if (claim.answer === 'dont-know') return claim;
  const { evidence } = claim;
  if (evidence.kind !== 'trace' && evidence.kind !== 'lasso' && evidence.kind !== 'recurrent-set') return claim;
  if (!isFlat(task.program)) return claim;
  // A set that is never left is well shown by a state that comes again: that is seen without any proof, and any small state
  // that does will do. Otherwise the values get smaller within the set, and may then lead to such a state.
  const lasso = evidence.kind === 'recurrent-set' ? repetition(task, evidence.stem) : undefined;
  const start = lasso ?? evidence;
  const smaller = new Shrinker(task, start, stepLimit).shrink() ?? start;
  const again = smaller.kind === 'recurrent-set' ? repetition(task, smaller.stem) : undefined;
  for (const better of [again, smaller]) {
    if (!better || better === evidence) continue;
    if (checkEvidence(task, claim.answer, better).kind === 'accepted') return { ...claim, evidence: better };
  }
  return claim;
}

const longestRepetition = 2_000;

/** The lasso of a run, if a state at a loop head comes twice soon. */
function repetition(task: Task, stem: Trace): LassoEvidence | undefined {
  const heads = loopHeads(task);
  const trace: Trace = { initial: stem.initial, havocs: stem.havocs };
  const machine = new Machine(task.program, new BoundedChoices(task, trace));
  const seen = new Map<string, number>();
  let found: LassoEvidence | undefined;
  machine.run({
    stepLimit: longestRepetition,
    onLocation: (at, { steps }) => {
      if (!heads.has(at)) return false;
      const key = stateKey(machine);
      const firstStep = seen.get(key);
      seen.set(key, steps);
      if (firstStep !== undefined) found = { kind: 'lasso', trace, firstStep, secondStep: steps };
      return found !== undefined;
    },
  });
  return found;
}

const loopHeads = (task: Task): ReadonlySet<LocationId> =>
  new Set([...mainProcedure(task.program).locations.values()].filter((l) => l.loop).map((l) => l.id));

const traceOf = (evidence: Witness): Trace => (evidence.kind === 'recurrent-set' ? evidence.stem : evidence.trace);

const stepsOf = (evidence: Witness): number =>
  evidence.kind === 'trace' ? evidence.steps : evidence.kind === 'lasso' ? evidence.secondStep : evidence.stemSteps;

class Shrinker {
  readonly #task: Task;
  readonly #evidence: Witness;
  readonly #order: readonly SymbolTerm[];
  #stepsLeft: number;
  /** The run never gets longer: a big number and one turn are easier to follow than a small number and a thousand turns. */
  #longest: number;
  /** Which variables the inputs of the best run so far go to. */
  #targets: readonly SymbolTerm[] = [];

  constructor(task: Task, evidence: Witness, stepLimit: number) {
    this.#task = task;
    this.#evidence = evidence;
    this.#stepsLeft = stepLimit;
    this.#longest = stepsOf(evidence);
    const main = mainProcedure(task.program);
    this.#order = [...main.params, ...task.program.globals, ...main.locals, ...main.results];
  }

  /** The smaller evidence; undefined if nothing could be made smaller. */
  shrink(): Witness | undefined {
    let best: Witness | undefined;
    // First without the recorded choices of edges: a program without choices needs none, and new values take other ways.
    let trace = traceOf(this.#evidence);
    const free: Trace = { initial: trace.initial, havocs: trace.havocs };
    const again = trace.decisions ? this.#attempt(free) : undefined;
    const longest = this.#longest;
    if (!again && this.#attempt(trace)) this.#longest = longest;
    if (again) {
      trace = free;
      best = again;
    }
    for (let progress = true; progress && this.#stepsLeft > 0; ) {
      progress = false;
      for (const symbol of this.#order) {
        const value = trace.initial.get(symbol);
        if (value === undefined) continue;
        for (const candidate of simpler(value, this.#isPointer(symbol))) {
          const next: Trace = { ...trace, initial: new Map(trace.initial).set(symbol, candidate) };
          const found = this.#inRange(symbol, candidate) ? this.#attempt(next) : undefined;
          if (!found) continue;
          [trace, best, progress] = [next, found, true];
          break;
        }
      }
      for (let i = 0; i < trace.havocs.length && i < 200; i++) {
        const target = this.#targets[i];
        for (const candidate of simpler(trace.havocs[i]!, target === undefined || this.#isPointer(target))) {
          const next: Trace = { ...trace, havocs: trace.havocs.with(i, candidate) };
          const found = this.#attempt(next);
          if (!found) continue;
          [trace, best, progress] = [next, found, true];
          break;
        }
      }
    }
    return best;
  }

  #isPointer(symbol: SymbolTerm): boolean {
    return this.#task.program.variables.get(symbol)?.pointer ?? false;
  }

  #inRange(symbol: SymbolTerm, value: Value): boolean {
    const range = this.#task.program.variables.get(symbol)?.range;
    if (!range || typeof value !== 'bigint') return true;
    return (range.low === undefined || value >= range.low) && (range.high === undefined || value <= range.high);
  }

  /** The evidence with another trace, if that run shows the same. */
  #attempt(trace: Trace): Witness | undefined {
    if (this.#stepsLeft <= 0) return undefined;
    const evidence = this.#evidence;
    const choices = new BoundedChoices(this.#task, trace);
    let found: Witness | undefined;
    const machine = new Machine(this.#task.program, choices);
    const seen = new Map<string, number>();
    const setAt = new Map(evidence.kind === 'recurrent-set' ? evidence.sets.map((s) => [s.at, s.set]) : []);
    const heads = loopHeads(this.#task);
    machine.run({
      stepLimit: Math.min(this.#stepsLeft, this.#longest),
      onLocation: (at, m) => {
        if (choices.outOfRange) return true;
        found = this.#shown(evidence, trace, at, m, setAt, heads, seen);
        return found !== undefined;
      },
    });
    this.#stepsLeft -= machine.steps + 1;
    if (!found || choices.outOfRange) return undefined;
    this.#longest = stepsOf(found);
    this.#targets = choices.targets;
    return found;
  }

  #shown(
    evidence: Witness,
    trace: Trace,
    at: LocationId,
    machine: Machine,
    setAt: ReadonlyMap<LocationId, RecurrentSetEvidence['sets'][number]['set']>,
    heads: ReadonlySet<LocationId>,
    seen: Map<string, number>,
  ): Witness | undefined {
    const { steps } = machine;
    const { question } = this.#task;
    switch (evidence.kind) {
      case 'trace': {
        if (question.kind === 'terminates') return undefined;
        const wanted = question.kind === 'ever';
        const met = question.targets.some((t) => t.at === at && machine.evaluate(t.property) === wanted);
        return met ? { ...evidence, trace, steps: steps + 1 } : undefined;
      }
      case 'lasso': {
        if (!heads.has(at)) return undefined;
        const key = stateKey(machine);
        const firstStep = seen.get(key);
        seen.set(key, steps);
        return firstStep === undefined ? undefined : { ...evidence, trace, firstStep, secondStep: steps };
      }
      case 'recurrent-set': {
        const set = setAt.get(at);
        if (!set || machine.evaluate(set) !== true) return undefined;
        return { ...evidence, stem: trace, stemSteps: steps };
      }
    }
  }
}

/** Values nearer to 0, the nearest first; of an address, null alone. */
function simpler(value: Value, pointer = false): Value[] {
  if (typeof value === 'boolean') return value ? [false] : [];
  if (typeof value === 'bigint') return pointer ? (value === 0n ? [] : [0n]) : smallerIntegers(value);
  if (isRational(value)) return [];
  return value.kind === 'float' ? plainerFloats(value) : smallerArrays(value, pointer);
}

function smallerIntegers(value: bigint): bigint[] {
  if (value === 0n) return [];
  const sign = value < 0n ? -1n : 1n;
  const size = value * sign;
  const found: bigint[] = [];
  // 0, then half, three quarters, ... of the way, as property-based testing does; the positive one of two equals.
  for (let step = size; step > 0n && found.length < 70; step /= 2n) found.push(sign * (size - step));
  if (sign < 0n) found.push(size);
  return [...new Set([0n, 1n, 2n, 3n, 5n, 10n, ...found])].filter((c) => {
    const magnitude = c < 0n ? -c : c;
    return magnitude < size || (magnitude === size && c > value);
  });
}

/** Fewer digits first, then nearer to 0; infinities and NaN only where nothing plainer will do. */
function plainerFloats(value: FloatValue): Value[] {
  const number = floatToNumber(value);
  const wanted = [0, 1, -1, 2, 0.5, 10, 100, 1e10];
  if (Number.isFinite(number)) {
    wanted.push(
      Math.trunc(number),
      Math.round(number * 4) / 4,
      Number(number.toPrecision(2)),
      Number(number.toPrecision(5)),
    );
  }
  const mine = plainness(number);
  const candidates = [...new Set(wanted)].filter((n) => plainness(n) < mine).map((n) => numberToFloat(n, value.format));
  return candidates.filter((c) => !sameValue(c, value));
}

/** The number of characters, with a zero first of all: what is plainer is shorter. */
const plainness = (n: number): number => (n === 0 ? 0 : Number.isFinite(n) ? `${n}`.length : 100);

/** Without entries: all of them, then halves, then one by one; then with smaller elements. */
function smallerArrays(value: ArrayValue, pointer: boolean): Value[] {
  const entries = [...value.entries.values()];
  const without = (from: number, to: number): ArrayValue =>
    entries.reduce((a, e, i) => (i >= from && i < to ? a : a.store(e.index, e.element)), new ArrayValue(value.default));
  const found: ArrayValue[] = [];
  for (let size = entries.length; size > 0; size = Math.floor(size / 2)) {
    for (let from = 0; from < entries.length && found.length < 40; from += size) found.push(without(from, from + size));
  }
  for (const element of simpler(value.default, pointer).slice(0, 1)) {
    found.push(entries.reduce((a, e) => a.store(e.index, e.element), new ArrayValue(element)));
  }
  for (const { index, element } of entries.slice(0, 8)) {
    for (const smaller of simpler(element, pointer).slice(0, 12)) found.push(value.store(index, smaller));
  }
  return found;
}

/** A trace's choices that notice a value outside the range of its variable instead of failing on it. */
class BoundedChoices implements Choices {
  readonly #inner: TraceChoices;
  readonly #task: Task;
  outOfRange = false;
  readonly targets: SymbolTerm[] = [];

  constructor(task: Task, trace: Trace) {
    this.#task = task;
    this.#inner = new TraceChoices(trace);
  }

  initial(symbol: SymbolTerm): Value | undefined {
    return this.#inner.initial(symbol);
  }

  havoc(symbol: SymbolTerm): Value | undefined {
    const value = this.#inner.havoc(symbol);
    this.targets.push(symbol);
    const range = this.#task.program.variables.get(symbol)?.range;
    const fits =
      typeof value !== 'bigint' ||
      ((range?.low === undefined || value >= range.low) && (range?.high === undefined || value <= range.high));
    const sorted = value === undefined || hasSort(value, symbol.sort);
    if (fits && sorted) return value;
    this.outOfRange = true;
    return undefined;
  }

  edge(at: LocationId): readonly number[] | undefined {
    return this.#inner.edge(at);
  }

  mark(): number {
    return this.#inner.mark();
  }

  reset(mark: number): void {
    this.#inner.reset(mark);
    this.targets.length = Math.min(this.targets.length, mark);
  }
}
