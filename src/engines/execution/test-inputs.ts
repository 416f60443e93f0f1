import { defaultInRange } from '../../program/interpreter.ts';
import type { LocationId, Program } from '../../program/program.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { type FloatValue, isFloatValue, type Value } from '../../terms/value.ts';
import { DepthFirstInputs } from './depth-first-search.ts';
import { compact, RecordedInputs } from './inputs.ts';
import type { Layout } from './layout.ts';
import { statusCode } from './protocol.ts';
import { randomFloat } from './random-floats.ts';
import type { RandomNumbers } from './random-numbers.ts';

/** What a run took, to be told to the user. */
export interface Sample {
  readonly values: readonly unknown[];
  readonly owners: readonly number[];
}

const ends = (status: number): boolean =>
  status === statusCode.ended || status === statusCode['check-failed'] || status === statusCode.blocked;

/**
 * All runs whose integer inputs lie in a box: of absolute value at most `radius` (for a type that does not hold 0, that far
 * from its bound). Boxes grow; when no run of the smaller box took more than one input, only the values that are new are
 * tried. Other inputs than integers and booleans hold their default.
 */
export class BoxInputs extends DepthFirstInputs {
  radius = 1n;
  /** The radius of the box whose runs need not be made again; -1 for none. */
  #inner = -1n;
  readonly #domains = new Map<SymbolTerm, { first: bigint; last: bigint }>();
  /** Where the first input jumps over the inner box. */
  #skip: { readonly from: number | bigint; readonly to: number | bigint } | undefined;
  /** Whether some input had values outside the box, or was not varied. */
  clipped = false;
  /** Some input is not varied at all. */
  fixed = false;
  /** Runs that ended, and those of them that an assumption ended. */
  runs = 0;
  blocked = 0;
  /** Most inputs that one run took, and their owners. */
  most = 0;
  owners0: readonly number[] = [];

  constructor(program: Program, layout: Layout) {
    super(program, layout, { targets: [], memory: false, endOnCycle: false });
  }

  /** Begins the box of a radius. */
  begin(radius: bigint, inner: bigint): void {
    this.radius = radius;
    this.#inner = this.most <= 1 ? inner : -1n;
    this.count = 0;
    this.position = 0;
    this.clipped = false;
    this.#domains.clear();
    this.#skip = undefined;
  }

  bounds(symbol: SymbolTerm, radius: bigint): { first: bigint; last: bigint } {
    const { low, high } = this.program.variables.get(symbol)?.range ?? {};
    let first = -radius;
    let last = radius;
    if (low !== undefined && low > 0n) [first, last] = [low, low + radius];
    if (high !== undefined && high < 0n) [first, last] = [high - radius, high];
    if (low !== undefined && first < low) first = low;
    if (high !== undefined && last > high) last = high;
    return { first, last };
  }

  protected override domain(symbol: SymbolTerm, place: number): { first: bigint; last: bigint } {
    const known = place > 0 ? this.#domains.get(symbol) : undefined;
    if (known) return known;
    const box = this.bounds(symbol, this.radius);
    if (place > 0) this.#domains.set(symbol, box);
    const { low, high } = this.program.variables.get(symbol)?.range ?? {};
    if (low !== box.first || high !== box.last) this.clipped = true;
    if (place > 0 || this.#inner < 0n) return box;
    const inner = this.bounds(symbol, this.#inner);
    // The values above the inner box come after those below it; see successor.
    if (inner.first > box.first) return inner.last < box.last ? box : { first: box.first, last: inner.first - 1n };
    return inner.last < box.last ? { first: inner.last + 1n, last: box.last } : box;
  }

  protected override successor(value: unknown, place: number): unknown {
    const next = super.successor(value, place);
    if (place > 0 || this.#inner < 0n || typeof next === 'boolean') return next;
    if (!this.#skip) {
      const inner = this.bounds(this.layout.slots[this.owners[0]!]!, this.#inner);
      this.#skip = { from: compact(inner.first), to: compact(inner.last + 1n) };
    }
    return next === this.#skip.from ? this.#skip.to : next;
  }

  protected override draw(slot: number, symbol: SymbolTerm): unknown {
    if (symbol.sort.kind === 'int' || symbol.sort.kind === 'bool') return super.draw(slot, symbol);
    this.clipped = true;
    this.fixed = true;
    return this.single(defaultInRange(this.program, symbol));
  }

  override advance(steps: number, status: number): boolean {
    if (ends(status)) this.runs++;
    if (status === statusCode.blocked) this.blocked++;
    if (this.position > this.most) {
      this.most = this.position;
      this.owners0 = this.owners.slice(0, Math.min(this.position, 8));
    }
    return super.advance(steps, status);
  }
}

/**
 * Random inputs, small ones and the interesting ones more often; runs that take a new edge are kept and varied later
 * (coverage guidance as in [Zalewski-2014]).
 */
export class RandomInputs extends RecordedInputs {
  readonly #program: Program;
  readonly #random: RandomNumbers;
  readonly #interesting: readonly bigint[];
  readonly #interestingFloats: readonly number[];
  readonly #bounds: readonly Bounds[];
  readonly #kept: Sample[] = [];
  /** How many inputs this run had taken when it last took a new edge; -1 if it did not. */
  #novelAt = -1;
  runs = 0;
  blocked = 0;
  /** Runs that were stopped before their end. */
  cutOff = 0;
  /** Values drawn: what they cost counts beside the steps. */
  drawn = 0;

  constructor(
    program: Program,
    layout: Layout,
    random: RandomNumbers,
    interesting: readonly bigint[],
    interestingFloats: readonly number[] = [],
  ) {
    super(layout);
    this.#interestingFloats = interestingFloats;
    this.#program = program;
    this.#random = random;
    this.#interesting = interesting;
    this.#bounds = layout.slots.map((s) => boundsOf(layout.range(s) ?? {}));
  }

  override novel(_edge: number): void {
    this.#novelAt = this.position;
  }

  override advance(_steps: number, status: number): boolean {
    if (ends(status)) this.runs++;
    else this.cutOff++;
    if (status === statusCode.blocked) this.blocked++;
    if (this.#novelAt >= 0 && this.#novelAt <= longestKept && this.#kept.length < mostKept) {
      const n = this.#novelAt;
      this.#kept.push({ values: this.values.slice(0, n), owners: this.owners.slice(0, n) });
    }
    this.#novelAt = -1;
    this.position = 0;
    this.count = 0;
    if (this.#kept.length > 0 && this.#random.below(2) === 0) this.#vary();
    return true;
  }

  /** Takes over a kept run with one to three inputs changed, or a part of it. */
  #vary(): void {
    const random = this.#random;
    const { values, owners } = this.#kept[random.below(this.#kept.length)]!;
    const length = random.below(3) === 0 ? random.below(values.length + 1) : values.length;
    for (let i = 0; i < length; i++) this.record(values[i], owners[i]!);
    for (let n = 1 + random.below(3); n > 0 && length > 0; n--) {
      const i = random.below(length);
      const owner = owners[i]!;
      if (owner < 0) {
        // Another edge: which ones there are is known only on the run.
        this.count = i;
        return;
      }
      this.values[i] = this.draw(owner, this.layout.slots[owner]!);
    }
  }

  protected drawEdge(_at: LocationId, enabled: readonly number[]): number {
    return enabled[this.#random.below(enabled.length)]!;
  }

  protected draw(slot: number, symbol: SymbolTerm): unknown {
    this.drawn++;
    if (symbol.sort.kind === 'bool') return this.#random.below(2) === 0;
    if (symbol.sort.kind === 'float') return this.#float(symbol.sort.format);
    if (symbol.sort.kind !== 'int') return defaultInRange(this.#program, symbol);
    const bounds = this.#bounds[slot]!;
    const kind = this.#random.below(16);
    if (kind < 4) return this.#near(bounds, this.#random.below([4, 21, 101, 1001][kind]!));
    if (kind < 9 && this.#interesting.length > 0) {
      return fold(this.#interesting[this.#random.below(this.#interesting.length)]!, bounds);
    }
    if (kind < 10) return fold((1n << BigInt(this.#random.below(65))) * this.#sign() + this.#nudge(), bounds);
    if (kind < 11) return this.#atBound(bounds);
    if (kind < 13 && this.count > 0) {
      // An integer of this run again, or near it: equal inputs matter.
      const known = this.values[this.#random.below(this.count)];
      if (typeof known === 'number' || typeof known === 'bigint') return fold(BigInt(known) + this.#nudge(), bounds);
    }
    return this.#any(bounds);
  }

  #float(format: FloatValue['format']): FloatValue {
    const known = this.count > 0 ? this.values[this.#random.below(this.count)] : undefined;
    const again = typeof known === 'object' && isFloatValue(known as Value) ? (known as FloatValue) : undefined;
    return randomFloat(this.#random, format, this.#interestingFloats, again?.format === format ? again : undefined);
  }

  /** So far from 0, or from the bound that keeps 0 out. */
  #near(bounds: Bounds, distance: number): number | bigint {
    const { low, high, narrow } = bounds;
    if (narrow && narrow.low <= -distance && narrow.high >= distance) {
      return this.#random.below(2) === 0 ? distance : -distance;
    }
    if (low !== undefined && low >= 0n) return fold(low + BigInt(distance), bounds);
    if (high !== undefined && high <= 0n) return fold(high - BigInt(distance), bounds);
    return fold(BigInt(distance) * this.#sign(), bounds);
  }

  #atBound(bounds: Bounds): number | bigint {
    const { low, high } = bounds;
    const distance = BigInt(this.#random.below(4));
    if (low !== undefined && (high === undefined || this.#random.below(2) === 0)) return fold(low + distance, bounds);
    return high !== undefined ? fold(high - distance, bounds) : compact(distance);
  }

  #any(bounds: Bounds): number | bigint {
    const { low, high, narrow } = bounds;
    const random = this.#random;
    if (narrow) {
      const size = narrow.high - narrow.low + 1;
      if (size <= 4294967296) return narrow.low + random.below(size);
    }
    if (low !== undefined && high !== undefined) {
      const size = high - low + 1n;
      return compact(low + (random.wide(size.toString(2).length + 8) % size));
    }
    return fold(random.wide(1 + random.below(64)) * this.#sign(), bounds);
  }

  #nudge(): bigint {
    return BigInt(this.#random.below(3) - 1);
  }

  #sign(): bigint {
    return this.#random.below(2) === 0 ? 1n : -1n;
  }
}

interface Bounds {
  readonly low?: bigint | undefined;
  readonly high?: bigint | undefined;
  /** Both bounds as numbers, if they fit. */
  readonly narrow?: { readonly low: number; readonly high: number };
}

function boundsOf({ low, high }: { low?: bigint | undefined; high?: bigint | undefined }): Bounds {
  const least = low === undefined ? undefined : compact(low);
  const most = high === undefined ? undefined : compact(high);
  return typeof least === 'number' && typeof most === 'number'
    ? { low, high, narrow: { low: least, high: most } }
    : { low, high };
}

const mostKept = 256;
const longestKept = 2_000;

/** Brings an integer into a range, by the remainder. */
function fold(value: bigint, { low, high }: Bounds): number | bigint {
  if ((low === undefined || value >= low) && (high === undefined || value <= high)) return compact(value);
  if (low !== undefined && high !== undefined) {
    const size = high - low + 1n;
    const r = (value - low) % size;
    return compact(low + (r < 0n ? r + size : r));
  }
  return compact(low !== undefined ? low + (low - value) : high! - (value - high!));
}
