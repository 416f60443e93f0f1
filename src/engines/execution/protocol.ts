import type { LocationId } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import type { Layout } from './layout.ts';

/** What generated code, the runner around it, and the sources of inputs say to one another. */
export interface CompileOptions {
  readonly targets: readonly Target[];
  /** A target is met when its property has this value. */
  readonly wanted: boolean;
  /** At a location where more than one edge can be taken, ask the inputs which; otherwise the first that can. */
  readonly ask: boolean;
  /** Runs follow one another in generated code, as long as the inputs advance; ends are counted. */
  readonly sweep: boolean;
  readonly events: boolean;
  /** Watch for a repeated state at cut points of main (Brent's algorithm). */
  readonly cycles: boolean;
  /** Ask the inputs at every cut point whether this state is known. */
  readonly heads: boolean;
  /** Tell the inputs of each edge taken for the first time. */
  readonly coverage: boolean;
  readonly depthLimit: number;
}

export const statuses = [
  'paused',
  'ended',
  'check-failed',
  'blocked',
  'met',
  'deep',
  'too-large',
  'elsewhere',
  'swept',
  'repeated',
  'limit',
] as const;
export type Status = (typeof statuses)[number];
/** Statuses as generated code writes them. */
export const statusCode = Object.fromEntries(statuses.map((s, i) => [s, i])) as Record<Status, number>;

/** What generated code reads and writes between calls. */
export interface State {
  /** Slots held as numbers, and after them a second copy for the state that cycle detection compares with. */
  readonly numbers: Float64Array;
  /** Slots held otherwise, and their second copy. */
  readonly others: unknown[];
  readonly frames: unknown[];
  /** A location; `atStart` before a run has begun. */
  at: number;
  /** Steps of the present run. */
  steps: number;
  /** Steps that may be taken before the code must pause; after it, what is left. */
  fuel: number;
  depth: number;
  runs: number;
  /** Index of the target met or the check failed; why a limit was hit. */
  hit: number;
  why: string;
  /** Set when the events of the present location have been reported. */
  reported: boolean;
  /** Brent's algorithm: label and step of the state kept, and how many visits until the next is kept. */
  keptAt: number;
  keptStep: number;
  power: number;
  lap: number;
  /** 1 for each edge that was taken, if coverage is wanted. */
  readonly covered: Uint8Array;
}

export const atStart = -1;

/** Where values that a program does not determine come from; see inputs.ts. */
export interface Inputs {
  /** A number where the integer fits in 53 bits, else a bigint; a boolean; or another Value. */
  next(slot: number): unknown;
  /** One of the edges that can be taken, by position among all that leave the location. requires: two at least. */
  edge(at: LocationId, enabled: readonly number[]): number;
  mark(): number;
  reset(mark: number): void;
  /** After a run: whether there is another. */
  advance(steps: number, status: number): boolean;
  /**
   * At a cut point of main, with the values of main's slots: 0 go on; 1 end this run, the state is known; 2 the state has
   * occurred on this run. May be called again at the same step, after a pause.
   */
  head(at: LocationId, steps: number, values: readonly unknown[]): number;
  event(index: number, values: readonly unknown[]): void;
  /** An edge, by its number, is taken for the first time. */
  novel(edge: number): void;
}

export type Code = (state: State, inputs: Inputs) => Status;

/** The program cannot be compiled; the interpreter can run it. */
export class CompileLimit extends Error {}

/** Runs a program in pieces of so many steps. */
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
  /** Whether integers are computed as bigints now, so that a step may take any time. */
  readonly exact: boolean;
  /** Whether an integer variable holds more than so many bits. */
  holdsMoreThan(widthBits: number): boolean;
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
