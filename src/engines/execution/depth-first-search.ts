import { liveInMain } from '../../program/liveness.ts';
import { isFlat, type LocationId, type Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { sameValue, type Value, valueKey } from '../../terms/value.ts';
import { compact, RecordedInputs } from './inputs.ts';
import type { Layout } from './layout.ts';

/** Not all values of an input can be tried: thrown out of a run that takes it. */
export class InfinitelyMany extends Error {}

/**
 * All runs of a program with finitely many inputs, one after another, depth first: the search of
 * verdict/exhaustive-check.ts on compiled code. It visits the same runs in the same order and skips the same states, so the
 * steps counted here are those the checker will take.
 */
export class DepthFirstInputs extends RecordedInputs {
  /** For each choice taken, at the same place: the greatest value, or all the edges. */
  readonly #last: unknown[] = [];
  /** How many choices of more than one value there are up to each place. */
  readonly #open: number[] = [];
  protected readonly program: Program;
  readonly #liveSlots = new Map<LocationId, readonly number[]>();
  readonly #memory: boolean;
  readonly #endOnCycle: boolean;
  readonly #mostStates: number;
  readonly #finished = new Set<string>();
  readonly #onPath = new Map<string, { readonly step: number; readonly position: number }>();
  #lastHeadStep = -1;
  #lastHeadAnswer = 0;
  #kept: { at: LocationId; step: number; values: readonly unknown[] } | undefined;
  #visits = 0;
  #power = 1;
  /** Why the search cannot be complete. */
  failure: string | undefined;
  /** The two moments at which the same state was seen, with the choices taken until then. */
  repetition: Repetition | undefined;

  constructor(
    program: Program,
    layout: Layout,
    options: {
      readonly targets: readonly Target[];
      /** Remember states at loop heads. */
      readonly memory: boolean;
      /** Stop at a run that never ends. */
      readonly endOnCycle: boolean;
      readonly mostStates?: number;
    },
  ) {
    super(layout);
    this.program = program;
    this.#memory = options.memory && isFlat(program);
    this.#endOnCycle = options.endOnCycle;
    this.#mostStates = options.mostStates ?? 1_000_000;
    for (const [at, live] of liveInMain(program, options.targets)) {
      this.#liveSlots.set(
        at,
        layout.mainSlots.filter((i) => live.has(layout.slots[i]!)),
      );
    }
  }

  protected draw(_slot: number, symbol: SymbolTerm): unknown {
    if (symbol.sort.kind === 'bool') return this.#choose(false, true);
    const domain = symbol.sort.kind === 'int' ? this.domain(symbol, this.count) : undefined;
    if (domain) return this.#choose(compact(domain.first), compact(domain.last));
    const name = this.program.variables.get(symbol)?.name ?? 'an input';
    throw new InfinitelyMany(`${name} has ${symbol.sort.kind === 'float' ? 'too' : 'infinitely'} many values`);
  }

  /** The values to try for an integer taken as the n-th choice; undefined if they are infinitely many. */
  protected domain(symbol: SymbolTerm, _place: number): { first: bigint; last: bigint } | undefined {
    const range = this.program.variables.get(symbol)?.range;
    return range?.low === undefined || range.high === undefined ? undefined : { first: range.low, last: range.high };
  }

  protected drawEdge(_at: LocationId, enabled: readonly number[]): number {
    this.#choose(enabled[0], enabled);
    return enabled[0]!;
  }

  /** A choice without alternatives. */
  protected single(value: unknown): unknown {
    return this.#choose(value, value);
  }

  #choose(first: unknown, last: unknown): unknown {
    const i = this.count;
    this.#last[i] = last;
    this.#open[i] = (i > 0 ? this.#open[i - 1]! : 0) + (first === last ? 0 : 1);
    return first;
  }

  /** To the next run: the last choice that has a value left gets it. */
  override advance(_steps: number, _status: number): boolean {
    this.position = 0;
    if (this.failure !== undefined) return false;
    if (this.#memory) this.#leavePath();
    const { values, owners } = this;
    for (let i = this.count - 1; i >= 0; i--) {
      const value = values[i];
      if (owners[i]! < 0) {
        const enabled = this.#last[i] as readonly number[];
        const next = enabled[enabled.indexOf(value as number) + 1];
        if (next !== undefined) {
          values[i] = next;
          return true;
        }
      } else if (value !== this.#last[i]) {
        values[i] = this.successor(value, i);
        return true;
      }
      this.count = i;
    }
    return false;
  }

  /** The value after one, for the n-th choice. */
  protected successor(value: unknown, _place: number): unknown {
    if (value === false) return true;
    if (typeof value === 'number' && value < Number.MAX_SAFE_INTEGER) return value + 1;
    return compact(BigInt(value as number | bigint) + 1n);
  }

  /** Whether a choice of more than one value has been taken on this run or is to be taken again. */
  get #branching(): boolean {
    return this.count > 0 && this.#open[this.count - 1]! > 0;
  }

  override head(at: LocationId, steps: number, values: readonly unknown[]): number {
    if (!this.#memory) return 0;
    if (steps === this.#lastHeadStep) return this.#lastHeadAnswer;
    this.#lastHeadStep = steps;
    this.#lastHeadAnswer = this.#visit(at, steps, values);
    return this.#lastHeadAnswer;
  }

  #visit(at: LocationId, steps: number, values: readonly unknown[]): number {
    const live = this.#liveSlots.get(at) ?? [];
    if (!this.#branching) {
      const kept = this.#kept;
      if (kept?.at === at && live.every((i) => sameUnknown(values[i], kept.values[i]))) {
        return this.#cycle({ step: kept.step, position: this.position }, steps);
      }
      if (++this.#visits >= this.#power) {
        this.#kept = { at, step: steps, values };
        this.#visits = 0;
        this.#power *= 2;
      }
      return 0;
    }
    let key = `${at}`;
    for (const i of live) key += `:${keyOf(values[i])}`;
    const before = this.#onPath.get(key);
    if (before) return this.#cycle(before, steps);
    if (this.position >= this.count && this.#finished.has(key)) return 1;
    this.#onPath.set(key, { step: steps, position: this.position });
    if (this.#onPath.size + this.#finished.size > this.#mostStates) {
      this.failure ??= 'too many states';
      return 1;
    }
    return 0;
  }

  #cycle(first: { step: number; position: number }, second: number): number {
    if (!this.#endOnCycle) return 1;
    this.repetition = {
      firstStep: first.step,
      secondStep: second,
      firstPosition: first.position,
      secondPosition: this.position,
    };
    return 2;
  }

  #leavePath(): void {
    for (const key of this.#onPath.keys()) this.#finished.add(key);
    this.#onPath.clear();
    this.#lastHeadStep = -1;
    this.#kept = undefined;
    this.#visits = 0;
    this.#power = 1;
  }
}

export interface Repetition {
  readonly firstStep: number;
  readonly secondStep: number;
  /** How many choices had been taken at each. */
  readonly firstPosition: number;
  readonly secondPosition: number;
}

const keyOf = (x: unknown): string => (typeof x === 'object' ? valueKey(x as Value) : String(x));

function sameUnknown(a: unknown, b: unknown): boolean {
  if (typeof a === 'object' && typeof b === 'object') return sameValue(a as Value, b as Value);
  // Generated code may hold an integer either way, depending on its form.
  return a === b || (typeof a !== typeof b && typeof a !== 'boolean' && String(a) === String(b));
}
