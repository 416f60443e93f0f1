import type { LocationId, Program } from '../../program/program.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { numberToFloat, type Value } from '../../terms/value.ts';
import { Compiler } from './compile.ts';
import { InterpretedRunner } from './interpreted-runner.ts';
import { type Layout, largestExact, ownVariables } from './layout.ts';
import {
  atStart,
  type Code,
  CompileLimit,
  type CompileOptions,
  defaultOptions,
  type Inputs,
  type Runner,
  type State,
  type Status,
} from './protocol.ts';

/**
 * Runs a program in pieces of so many steps, compiled if possible: picks the form of code, changes over when numbers grow
 * beyond 53 bits, and comes back to numbers after a while. Where code may not be generated, or the program is too long for
 * it, the interpreter does the same.
 */
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
      const { exact } = this;
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
    return this.#compiler.compile({ speculative, plain });
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

  get exact(): boolean {
    return this.#compiler.speculates && !this.#speculative;
  }

  holdsMoreThan(widthBits: number): boolean {
    const most = 1n << BigInt(widthBits);
    return this.#state.others.some((x) => typeof x === 'bigint' && (x >= most || -x >= most));
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
      const representation = this.layout.representation(s, this.#speculative);
      if (representation === 'number') result.set(s, BigInt(numbers[i]!));
      else if (s.sort.kind === 'float') result.set(s, numberToFloat(numbers[i]!, s.sort.format));
      else result.set(s, others[i] as Value);
    }
    return result;
  }
}

const fitsNumber = (x: unknown): boolean => typeof x !== 'bigint' || (x <= largestExact && x >= -largestExact);
