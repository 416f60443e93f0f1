import { type Choices, Machine } from '../../program/interpreter.ts';
import { type LocationId, outgoing, type Program } from '../../program/program.ts';
import type { Trace } from '../../program/trace.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { defaultValue, type Value } from '../../terms/value.ts';
import { asValue, type Layout } from './layout.ts';
import type { Inputs } from './protocol.ts';

/**
 * Values for what a program leaves open, remembered in the order in which they are taken, so that a run can be made again.
 * After `reset` the same places get the same values: whether generated code went back and repeated an edge is not seen.
 */
export abstract class RecordedInputs implements Inputs {
  readonly layout: Layout;
  /** What was taken, `count` of them: values, and positions of edges. What stands beyond is of no meaning. */
  readonly values: unknown[] = [];
  /** Whose value it is: a slot, or -1 - location for a choice of an edge. */
  readonly owners: number[] = [];
  count = 0;
  protected position = 0;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  next(slot: number): unknown {
    const i = this.position++;
    if (i < this.count && this.owners[i] === slot) return this.values[i];
    this.count = i;
    const value = this.draw(slot, this.layout.slots[slot]!);
    this.record(value, slot);
    return value;
  }

  edge(at: LocationId, enabled: readonly number[]): number {
    const owner = -1 - at;
    const i = this.position++;
    if (i < this.count && this.owners[i] === owner && enabled.includes(this.values[i] as number)) {
      return this.values[i] as number;
    }
    this.count = i;
    const value = this.drawEdge(at, enabled);
    this.record(value, owner);
    return value;
  }

  protected record(value: unknown, owner: number): void {
    this.values[this.count] = value;
    this.owners[this.count++] = owner;
  }

  mark(): number {
    return this.position;
  }

  reset(mark: number): void {
    this.position = mark;
  }

  /** What the present run has taken so far. */
  get taken(): Recorded {
    return { values: this.values.slice(0, this.position), owners: this.owners.slice(0, this.position) };
  }

  advance(_steps: number, _status: number): boolean {
    return false;
  }

  head(_at: LocationId, _steps: number, _values: readonly unknown[]): number {
    return 0;
  }

  event(_index: number, _values: readonly unknown[]): void {}

  novel(_edge: number): void {}

  /** A new value for a slot; called when nothing is recorded at this place. */
  protected abstract draw(slot: number, symbol: SymbolTerm): unknown;

  protected abstract drawEdge(at: LocationId, enabled: readonly number[]): number;
}

/** Inputs given as a list, from the first run on; what is missing is the default. */
export class ListedInputs extends RecordedInputs {
  load(values: readonly unknown[], owners: readonly number[]): void {
    this.count = 0;
    for (const [i, v] of values.entries()) this.record(v, owners[i]!);
    this.position = 0;
  }

  protected draw(_slot: number, symbol: SymbolTerm): unknown {
    const range = this.layout.range(symbol);
    const value = defaultValue(symbol.sort);
    if (typeof value !== 'bigint') return value;
    const { low, high } = range ?? {};
    return compact(low !== undefined && value < low ? low : high !== undefined && value > high ? high : value);
  }

  protected drawEdge(_at: LocationId, enabled: readonly number[]): number {
    return enabled[0]!;
  }
}

/** An integer as generated code takes it: a number where it fits. */
export function compact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export interface Recorded {
  readonly values: readonly unknown[];
  readonly owners: readonly number[];
}

/**
 * The trace of a run from its recorded inputs. If edges were chosen, every step's edge must be written down, so the
 * interpreter makes the run once more, `steps` long; undefined if that is more than `stepLimit`.
 */
export function traceOf(
  program: Program,
  layout: Layout,
  inputSlots: ReadonlySet<number>,
  recorded: Recorded,
  steps: number,
  stepLimit = 5_000_000,
): Trace | undefined {
  const { values, owners } = recorded;
  const initial = new Map<SymbolTerm, Value>();
  const havocs: Value[] = [];
  let chosen = false;
  for (const [i, owner] of owners.entries()) {
    if (owner < 0) {
      chosen = true;
      continue;
    }
    const symbol = layout.slots[owner]!;
    const value = asValue(values[i], symbol);
    if (i < inputSlots.size) initial.set(symbol, value);
    else havocs.push(value);
  }
  if (!chosen) return { initial, havocs };
  if (steps > stepLimit) return undefined;
  const decisions: number[] = [];
  const machine = new Machine(program, new ReplayedInputs(program, layout, inputSlots, recorded));
  machine.run({ stepLimit: steps, onEdge: (edge) => decisions.push(edge.id) });
  return { initial, havocs, decisions };
}

/** Recorded inputs as the interpreter asks for them. */
class ReplayedInputs implements Choices {
  readonly #layout: Layout;
  readonly #inputSlots: ReadonlySet<number>;
  readonly #recorded: Recorded;
  readonly #edges: ReadonlyMap<LocationId, readonly { readonly id: number }[]>;
  #position = 0;

  constructor(program: Program, layout: Layout, inputSlots: ReadonlySet<number>, recorded: Recorded) {
    this.#layout = layout;
    this.#inputSlots = inputSlots;
    this.#recorded = recorded;
    this.#edges = new Map([...program.procedures.values()].flatMap((p) => [...outgoing(p)]));
  }

  initial(symbol: SymbolTerm): Value | undefined {
    return this.#inputSlots.has(this.#layout.slot(symbol)!) ? this.havoc(symbol) : undefined;
  }

  havoc(symbol: SymbolTerm): Value | undefined {
    const i = this.#position++;
    return i < this.#recorded.values.length ? asValue(this.#recorded.values[i], symbol) : undefined;
  }

  edge(at: LocationId, enabled: () => readonly number[]): readonly number[] | undefined {
    const { owners, values } = this.#recorded;
    if (owners[this.#position] !== -1 - at) return undefined;
    const ids = enabled();
    if (ids.length <= 1) return ids;
    return [this.#edges.get(at)![values[this.#position++] as number]!.id];
  }

  mark(): number {
    return this.#position;
  }

  reset(mark: number): void {
    this.#position = mark;
  }
}
