import type { Budget } from '../../base/budget.ts';
import { type Choices, defaultInRange, Machine } from '../../program/interpreter.ts';
import { type LocationId, type Program, stateVariables } from '../../program/program.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { ArrayValue, type Value, valueKey } from '../../terms/value.ts';

/** States seen at some locations on random runs: what a candidate invariant must at least hold in. */
export interface Samples {
  readonly variables: readonly SymbolTerm[];
  readonly at: ReadonlyMap<LocationId, readonly (readonly Value[])[]>;
}

const runs = 60;
const stepsPerRun = 400;
const statesPerLocation = 150;

export function sampleStates(
  program: Program,
  locations: readonly LocationId[],
  seed: number,
  budget: Budget,
  options: { readonly arrays?: boolean } = {},
): Samples {
  const variables = stateVariables(program).filter(
    (s) => s.sort.kind === 'int' || s.sort.kind === 'bool' || (options.arrays && isIntArray(s)),
  );
  const at = new Map<LocationId, Value[][]>(locations.map((l) => [l, []]));
  const seen = new Map<LocationId, Set<string>>(locations.map((l) => [l, new Set()]));
  const below = generator(seed);
  for (let run = 0; run < runs && budget.open; run++) {
    const machine = new Machine(program, new RandomChoices(program, below, run));
    machine.run({
      stepLimit: stepsPerRun,
      onLocation: (location, m) => {
        const list = at.get(location);
        if (!list || list.length >= statesPerLocation) return false;
        const state = variables.map((v) => m.read(v)!);
        const key = state.map(valueKey).join();
        if (seen.get(location)!.has(key)) return false;
        seen.get(location)!.add(key);
        // Later runs get their share too: early states first, then one in three.
        if (list.length < (run + 1) * 6 || below(3) === 0) list.push(state);
        return false;
      },
    });
    if (!budget.spend(machine.steps)) break;
  }
  return { variables, at };
}

export const isIntArray = ({ sort }: SymbolTerm): boolean =>
  sort.kind === 'array' && sort.index.kind === 'int' && sort.element.kind === 'int';

/** Small values mostly, the bounds of a range now and then. */
export class RandomChoices implements Choices {
  readonly #program: Program;
  readonly #below: (n: number) => number;
  readonly #scale: number;

  constructor(program: Program, below: (n: number) => number, run: number) {
    this.#program = program;
    this.#below = below;
    this.#scale = [3, 12, 40][run % 3]!;
  }

  #value(symbol: SymbolTerm): Value {
    if (symbol.sort.kind === 'bool') return this.#below(2) === 0;
    // Elements that nothing has written should not look as if they all were 0.
    if (isIntArray(symbol)) {
      const element = (): bigint => BigInt(this.#below(2 * this.#scale + 1) - this.#scale);
      let array = new ArrayValue(element());
      for (let index = 0n; index < 12n; index++) array = array.store(index, element());
      return array;
    }
    if (symbol.sort.kind !== 'int') return defaultInRange(this.#program, symbol);
    const range = this.#program.variables.get(symbol)?.range;
    const pick = this.#below(12);
    if (pick === 0 && range?.low !== undefined) return range.low;
    if (pick === 1 && range?.high !== undefined) return range.high;
    const value = BigInt(this.#below(2 * this.#scale + 1) - this.#scale + (pick > 8 ? this.#scale : 0));
    if (range?.low !== undefined && value < range.low) return range.low;
    return range?.high !== undefined && value > range.high ? range.high : value;
  }

  initial(symbol: SymbolTerm): Value {
    return this.#value(symbol);
  }
  havoc(symbol: SymbolTerm): Value {
    return this.#value(symbol);
  }
  edge(_at: LocationId, enabled: () => readonly number[]): readonly number[] {
    const edges = enabled();
    if (edges.length <= 1) return edges;
    const start = this.#below(edges.length);
    return [...edges.slice(start), ...edges.slice(0, start)];
  }
  mark(): number {
    return 0;
  }
  reset(): void {}
}

/** Park and Miller's minimal standard generator. */
export function generator(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}
