import type { Program } from '../../program/program.ts';
import type { Target, Task } from '../../program/question.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { formatValue, type Value } from '../../terms/value.ts';
import type { LassoEvidence, TraceEvidence } from '../../verdict/evidence.ts';
import { formatCount, formatDuration } from './count.ts';
import { type RecordedInputs, traceOf } from './inputs.ts';
import { interestingFloats, interestingValues } from './interesting-values.ts';
import { Layout } from './layout.ts';
import { minimise } from './minimise.ts';
import type { Runner } from './protocol.ts';
import { type Status, statusCode } from './protocol.ts';
import { RandomNumbers } from './random-numbers.ts';
import { makeRunner } from './runner.ts';
import { BoxInputs, RandomInputs } from './test-inputs.ts';

export type Found = { readonly answer: 'yes' | 'no'; readonly evidence: TraceEvidence | LassoEvidence } | undefined;

/** Steps of one piece of work; what happens depends on these, never on the clock. */
const piece = 1 << 16;
const randomPiece = 1 << 13;
/** With integers of any size, after so many steps their size is looked at. */
const exactPiece = 1 << 12;
const mostBits = 8_192;
/** What drawing a random value costs, in steps of compiled code. */
const stepsPerDraw = 100;
/** Longest run of a box at first, and the factor by which it grows when runs have not ended. */
const firstRunLimit = 1 << 17;
const runLimitFactor = 16;
const longestRunLimit = 2 ** 31;
/** Runs of one box that may be cut off before its run limit is raised. */
const mostCutOff = 16;
/** Steps for the first boxes; when even the smallest takes more, there are too many inputs for boxes. */
const smallBoxSteps = 4_000_000;

/** The work of the testing engine, in pieces of equal numbers of steps. */
export class Campaign {
  readonly #task: Task;
  readonly #program: Program;
  readonly #targets: readonly Target[];
  readonly #longestTrace: number;
  readonly #random: RandomNumbers;
  readonly #layout: Layout;
  readonly #box: { readonly inputs: BoxInputs; readonly runner: Runner };
  #randomly: { readonly inputs: RandomInputs; readonly runner: Runner } | undefined;
  #runLimit = firstRunLimit;
  #cutOff = 0;
  #boxOpen = true;
  /** Steps, and what drawing random values costs besides. */
  #boxWork = 0;
  #randomWork = 0;
  /** Radius of the greatest box of which every run was made. */
  #covered = -1n;
  #everything = false;
  #runsInBoxes = 0;
  #runsBefore = 0;
  #unended: readonly unknown[] | undefined;
  #unendedSteps = 0;
  #tooLong: string | undefined;
  steps = 0;
  finished = false;

  constructor(task: Task, seed: number, longestTrace: number) {
    this.#task = task;
    this.#program = task.program;
    this.#targets = task.question.kind === 'terminates' ? [] : task.question.targets;
    this.#longestTrace = longestTrace;
    this.#random = new RandomNumbers(seed);
    this.#layout = new Layout(task.program);
    const inputs = new BoxInputs(task.program, this.#layout);
    this.#box = { inputs, runner: this.#runner(inputs, false) };
    inputs.begin(0n, -1n);
  }

  #runner(inputs: RecordedInputs, coverage: boolean): Runner {
    const { question } = this.#task;
    return makeRunner(this.#program, inputs, {
      targets: this.#targets,
      wanted: question.kind === 'ever',
      ask: true,
      sweep: true,
      cycles: question.kind === 'terminates',
      coverage,
    });
  }

  /** Does one piece of work. */
  work(): Found {
    const { most, count } = this.#box.inputs;
    const closed = most === 0 && count === 0;
    if (this.#everything) {
      this.finished = true;
      return undefined;
    }
    // Boxes get three quarters of the work while runs take one input at most, else a half.
    const share = most <= 1 ? 3 : 1;
    const box = this.#boxOpen && (closed || this.#boxWork <= this.#randomWork * share);
    if (box) return this.#workInBox();
    if (!closed) return this.#workRandomly();
    this.finished = true;
    return undefined;
  }

  /** Runs that many steps; gives a run up when its numbers grow huge, since steps say nothing about time then. */
  #run(runner: Runner, steps: number): Status {
    for (let left = steps; ; ) {
      const status = runner.run(Math.min(left, runner.exact ? exactPiece : left));
      this.steps += runner.used;
      left -= runner.used;
      if (status !== 'paused') return status;
      if (runner.exact && runner.holdsMoreThan(mostBits)) return 'limit';
      if (left <= 0) return status;
    }
  }

  #workInBox(): Found {
    const { inputs, runner } = this.#box;
    const before = this.steps;
    const status = this.#run(runner, piece);
    this.#boxWork += this.steps - before;
    switch (status) {
      case 'met':
      case 'repeated':
        return this.#claim(runner, inputs);
      case 'swept':
        this.#endBox();
        return undefined;
      case 'paused':
      case 'deep':
      case 'limit': {
        const alone = inputs.count === 0;
        if (status === 'paused' && (runner.steps <= this.#runLimit || (alone && this.#covered < 0n))) break;
        this.#cut(runner, inputs);
        if (!inputs.advance(runner.steps, statusCode[status]) || this.#cutOff >= mostCutOff) this.#endBox();
        runner.restart();
        break;
      }
      default:
        break;
    }
    if (this.#covered < 1n && this.#boxWork > smallBoxSteps && inputs.most > 1) this.#boxOpen = false;
    return undefined;
  }

  #cut(runner: Runner, inputs: RecordedInputs): void {
    this.#cutOff++;
    if (this.#unended && this.#unendedSteps >= runner.steps) return;
    this.#unended = inputs.taken.values.slice(0, 8);
    this.#unendedSteps = runner.steps;
  }

  /** A box is done, or has too many runs that do not end in time: then again with more time, or no more boxes. */
  #endBox(): void {
    const { inputs, runner } = this.#box;
    const radius = inputs.radius;
    if (this.#cutOff === 0) {
      this.#covered = radius;
      this.#runsInBoxes = inputs.runs - (inputs.most <= 1 ? 0 : this.#runsBefore);
      this.#runsBefore = inputs.runs;
      this.#everything = !inputs.clipped;
      if (this.#everything) {
        this.#boxOpen = false;
        return;
      }
      inputs.begin(radius === 0n ? 1n : radius * 2n, this.#covered);
    } else {
      this.#runLimit *= runLimitFactor;
      this.#cutOff = 0;
      this.#runsBefore = inputs.runs;
      if (this.#runLimit > longestRunLimit) this.#boxOpen = false;
      else inputs.begin(radius, this.#covered);
    }
    runner.restart();
  }

  #workRandomly(): Found {
    this.#randomly ??= this.#makeRandom();
    const { inputs, runner } = this.#randomly;
    const drawn = inputs.drawn;
    const before = this.steps;
    const status = this.#run(runner, randomPiece);
    this.#randomWork += this.steps - before + stepsPerDraw * (inputs.drawn - drawn);
    switch (status) {
      case 'met':
      case 'repeated':
        return this.#claim(runner, inputs);
      case 'paused':
        if (runner.steps <= this.#randomRunLimit(inputs.runs + inputs.cutOff)) return undefined;
        break;
      default:
        break;
    }
    inputs.advance(runner.steps, statusCode[status]);
    runner.restart();
    return undefined;
  }

  #makeRandom(): { inputs: RandomInputs; runner: Runner } {
    const values = interestingValues(this.#program, this.#targets);
    const floats = interestingFloats(this.#program, this.#targets);
    const inputs = new RandomInputs(this.#program, this.#layout, this.#random, values, floats);
    return { inputs, runner: this.#runner(inputs, true) };
  }

  /** Short runs mostly; every fourth may be longer the longer the search goes on. */
  #randomRunLimit(runs: number): number {
    return runs % 4 < 3 ? randomPiece : Math.max(piece, this.steps / 64);
  }

  #claim(runner: Runner, inputs: RecordedInputs): Found {
    const { question } = this.#task;
    const { steps, firstStep } = runner;
    const taken = inputs.taken;
    const found =
      question.kind === 'terminates'
        ? { taken, steps }
        : minimise(this.#program, this.#targets, question.kind === 'ever', { taken, steps });
    const trace = traceOf(this.#program, runner.layout, runner.inputSlots, found.taken, found.steps);
    if (!trace || found.steps > this.#longestTrace) {
      this.#tooLong = `a run of ${formatCount(found.steps)} steps ${question.kind === 'terminates' ? 'repeats a state' : 'was found'}, too long to be checked`;
      this.finished = true;
      return undefined;
    }
    if (question.kind === 'terminates') {
      return { answer: 'no', evidence: { kind: 'lasso', trace, firstStep, secondStep: steps } };
    }
    const answer = question.kind === 'ever' ? 'yes' : 'no';
    return { answer, evidence: { kind: 'trace', trace, steps: found.steps } };
  }

  /** What is known, in a sentence; `ms` is the time that the work took. */
  summary(ms: number): string {
    const parts: string[] = [];
    const { inputs } = this.#box;
    const random = this.#randomly?.inputs;
    const runs = inputs.runs + (random?.runs ?? 0);
    const blocked = inputs.blocked + (random?.blocked ?? 0);
    if (this.#tooLong) parts.push(this.#tooLong);
    const closed = inputs.most === 0 && inputs.count === 0;
    const { kind } = this.#task.question;
    const good = { terminates: 'every run ends', always: 'nothing fails', ever: 'it does not happen' }[kind];
    if (closed && this.#everything) {
      parts.push(`the program takes no inputs; its one run ends, and ${good}, but it is too long to be checked`);
    } else if (closed) {
      const { runner } = this.#box;
      parts.push(
        `the program takes no inputs; its run has not ended after ${formatCount(runner.steps || this.steps)} steps`,
      );
    } else if (this.#everything) {
      parts.push(
        `${good}: all ${formatCount(this.#runsInBoxes)} runs were made, too many for the checker to make again`,
      );
    } else {
      const box = this.#describeBox();
      const through = random ? random.runs - random.blocked : 0;
      const tried = [
        ...(box ? [`for ${box}`] : []),
        ...(through > 0 ? [`on ${formatCount(through)} random inputs`] : []),
      ];
      if (tried.length > 0) parts.push(`tested: ${good} ${tried.join(' and ')}`);
      if (random && random.cutOff > 0)
        parts.push(`${formatCount(random.cutOff)} longer random runs were not followed to their end`);
    }
    if (runs > 0 && ms > 0 && !closed) {
      const rate = (runs / ms) * 1000;
      parts.push(`${formatCount(rate)} runs a second`);
      const rest = this.#rest(rate);
      if (rest) parts.push(rest);
    }
    if (blocked > 0 && blocked === runs) parts.push('the assumptions let none of these runs through');
    if (this.#unended) {
      const given = this.#unended.map((v) => (typeof v === 'object' ? formatValue(v as Value) : String(v))).join(', ');
      parts.push(
        `a run${given ? ` with input ${given}` : ''} had not ended after ${formatCount(this.#unendedSteps)} steps`,
      );
    }
    return parts.length > 0 ? parts.join('; ') : 'no run has ended yet';
  }

  /** "every x and y from -64 to 64". */
  #describeBox(): string | undefined {
    const { inputs } = this.#box;
    if (this.#covered < 0n || inputs.fixed) return undefined;
    const names = new Map<string, SymbolTerm>();
    for (const owner of inputs.owners0) {
      const symbol = owner >= 0 ? this.#layout.slots[owner]! : undefined;
      const variable = symbol && this.#program.variables.get(symbol);
      if (!symbol || !variable || variable.internal || symbol.sort.kind !== 'int' || names.has(variable.name)) {
        return `all inputs of absolute value up to ${formatCount(this.#covered)}`;
      }
      names.set(variable.name, symbol);
    }
    if (names.size === 0) return undefined;
    if (names.size > 4 || inputs.most > inputs.owners0.length) {
      return `all inputs of absolute value up to ${formatCount(this.#covered)}`;
    }
    const groups = new Map<string, string[]>();
    for (const [name, symbol] of names) {
      const { first, last } = inputs.bounds(symbol, this.#covered);
      const key = `from ${formatCount(first)} to ${formatCount(last)}`;
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    return [...groups].map(([range, list]) => `every ${enumerate(list)} ${range}`).join(', ');
  }

  /** How long the rest of a finite space would take. */
  #rest(rate: number): string | undefined {
    const { inputs } = this.#box;
    if (inputs.owners0.length < inputs.most) return undefined;
    let space = 1n;
    for (const owner of inputs.owners0) {
      if (owner < 0) return undefined;
      const symbol = this.#layout.slots[owner]!;
      const { low, high } = this.#program.variables.get(symbol)?.range ?? {};
      if (symbol.sort.kind === 'bool') space *= 2n;
      else if (low !== undefined && high !== undefined) space *= high - low + 1n;
      else return undefined;
    }
    if (space <= 1n || this.#everything) return undefined;
    const rest = space - BigInt(this.#runsInBoxes);
    if (rest <= 0n) return undefined;
    return `trying all ${formatCount(space)} inputs would take ${formatDuration(rest, rate)}`;
  }
}

const enumerate = (names: readonly string[]): string =>
  names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]!}`;
