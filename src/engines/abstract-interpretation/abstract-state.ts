import { type Program, stateVariables } from '../../program/program.ts';
import type { TermFactory } from '../../terms/factory.ts';
import type { Interval } from '../../terms/interval.ts';
import * as I from '../../terms/interval.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { combine, Linearizer, type LinearView } from './linear-view.ts';
import { Octagon } from './octagon.ts';

/**
 * What is known of the variables at a location: an octagon over some integers and an interval for each, an interval for the
 * elements of each array of integers (array smashing, [BlanchetCC-PLDI'03]), and truth values of Boolean variables. Transfer
 * functions are sound for every step of the program form; what they cannot express they forget. (Long: beyond 500 lines, since all transfer functions work on the same private representation.)
 */
export class AbstractState {
  readonly #frame: Frame;
  #octagon: Octagon;
  readonly #intervals: Map<SymbolTerm, Interval>;
  readonly #truths: Map<SymbolTerm, boolean>;
  #linearizer: Linearizer | undefined;

  private constructor(
    frame: Frame,
    octagon: Octagon,
    intervals: Map<SymbolTerm, Interval>,
    truths: Map<SymbolTerm, boolean>,
  ) {
    this.#frame = frame;
    this.#octagon = octagon;
    this.#intervals = intervals;
    this.#truths = truths;
  }

  static top(frame: Frame): AbstractState {
    const state = new AbstractState(frame, Octagon.top(frame.tracked.length), new Map(), new Map());
    for (const symbol of frame.integers) state.#restrict(symbol, frame.declared(symbol));
    return state;
  }

  copy(): AbstractState {
    return new AbstractState(this.#frame, this.#octagon.copy(), new Map(this.#intervals), new Map(this.#truths));
  }

  interval(symbol: SymbolTerm): Interval {
    const own = this.#intervals.get(symbol) ?? I.everything;
    const k = this.#frame.position.get(symbol);
    if (k === undefined) return own;
    return I.intersect(own, fromNumbers(this.#octagon.low(k), this.#octagon.high(k))) ?? own;
  }

  linearizer(): Linearizer {
    const { integers, arrays } = this.#frame;
    this.#linearizer ??= new Linearizer(new Map([...integers, ...arrays].map((s) => [s, this.interval(s)])));
    return this.#linearizer;
  }

  /** Whether a formula is seen to hold, or to fail, in all these states. */
  truth(formula: Term): boolean | undefined {
    if (formula.kind === 'symbol') return this.#truths.get(formula);
    const positive = this.copy();
    if (!positive.assume(formula, true)) return false;
    const negative = this.copy();
    if (!negative.assume(formula, false)) return true;
    return undefined;
  }

  /** Keeps the states in which a formula is true (or false). Returns false when none is seen to be left. */
  assume(formula: Term, wanted = true, depth = 0): boolean {
    if (formula.kind === 'value') return formula.value === wanted;
    if (formula.kind === 'symbol') {
      const known = this.#truths.get(formula);
      if (known !== undefined) return known === wanted;
      this.#truths.set(formula, wanted);
      return true;
    }
    if (formula.kind !== 'apply' || depth > 200) return true;
    const [a, b] = formula.args;
    switch (formula.op) {
      case 'not':
        return this.assume(a!, !wanted, depth + 1);
      case 'and':
      case 'or': {
        if ((formula.op === 'and') === wanted) {
          for (let round = 0; round < 2; round++) {
            for (const part of formula.args) if (!this.assume(part, wanted, depth + 1)) return false;
          }
          return true;
        }
        return this.#assumeOne(
          formula.args.map((part) => [[part, wanted]]),
          depth,
        );
      }
      case 'implies':
        if (!wanted) return this.assume(a!, true, depth + 1) && this.assume(b!, false, depth + 1);
        return this.#assumeOne([[[a!, false]], [[b!, true]]], depth);
      case 'xor':
        return this.#assumeOne(
          [
            [
              [a!, true],
              [b!, !wanted],
            ],
            [
              [a!, false],
              [b!, wanted],
            ],
          ],
          depth,
        );
      case 'ite':
        return this.#assumeOne(
          [
            [
              [a!, true],
              [b!, wanted],
            ],
            [
              [a!, false],
              [formula.args[2]!, wanted],
            ],
          ],
          depth,
        );
      case '=':
        if (a!.sort.kind === 'bool') {
          return this.#assumeOne(
            [
              [
                [a!, true],
                [b!, wanted],
              ],
              [
                [a!, false],
                [b!, !wanted],
              ],
            ],
            depth,
          );
        }
        if (a!.sort.kind !== 'int') return true;
        if (wanted) return this.#compare(a!, b!, 0n, depth) && this.#compare(b!, a!, 0n, depth);
        return this.#differ(a!, b!);
      case '<=':
        return (
          a!.sort.kind !== 'int' || (wanted ? this.#compare(a!, b!, 0n, depth) : this.#compare(b!, a!, -1n, depth))
        );
      case '<':
        return (
          a!.sort.kind !== 'int' || (wanted ? this.#compare(a!, b!, -1n, depth) : this.#compare(b!, a!, 0n, depth))
        );
      case '>=':
        return (
          a!.sort.kind !== 'int' || (wanted ? this.#compare(b!, a!, 0n, depth) : this.#compare(a!, b!, -1n, depth))
        );
      case '>':
        return (
          a!.sort.kind !== 'int' || (wanted ? this.#compare(b!, a!, -1n, depth) : this.#compare(a!, b!, 0n, depth))
        );
      default:
        return true;
    }
  }

  /** The union of the states in which all literals of one of the cases hold. */
  #assumeOne(cases: readonly (readonly (readonly [Term, boolean])[])[], depth: number): boolean {
    if (depth > 12 || cases.length > 24) return true;
    let joined: AbstractState | undefined;
    for (const literals of cases) {
      const branch = this.copy();
      if (!literals.every(([part, wanted]) => branch.assume(part, wanted, depth + 1))) continue;
      joined = joined ? joined.join(branch) : branch;
    }
    if (!joined) return false;
    this.#become(joined);
    return true;
  }

  #become(other: AbstractState): void {
    this.#intervals.clear();
    for (const [s, i] of other.#intervals) this.#intervals.set(s, i);
    this.#truths.clear();
    for (const [s, v] of other.#truths) this.#truths.set(s, v);
    this.#linearizer = undefined;
    this.#octagon = other.#octagon;
  }

  /** left <= right + slack. */
  #compare(left: Term, right: Term, slack: bigint, depth: number): boolean {
    const split = this.#splitIte(left, right, slack, depth);
    if (split !== undefined) return split;
    const lin = this.linearizer();
    const form = combine(lin.view(left), lin.view(right), -1n);
    // sum + rest <= slack, so sum <= slack - low(rest).
    if (form.rest.low === undefined) return true;
    return this.#assumeLinear(form, slack - form.rest.low);
  }

  /** A comparison with an `ite` inside is the union over its branches. */
  #splitIte(left: Term, right: Term, slack: bigint, depth: number): boolean | undefined {
    if (depth > 4) return undefined;
    for (const [side, isLeft] of [
      [left, true],
      [right, false],
    ] as const) {
      if (side.kind !== 'apply' || side.op !== 'ite') continue;
      let joined: AbstractState | undefined;
      for (const [branch, wanted] of [
        [side.args[1]!, true],
        [side.args[2]!, false],
      ] as const) {
        const state = this.copy();
        if (!state.assume(side.args[0]!, wanted, depth + 1)) continue;
        const possible = isLeft
          ? state.#compare(branch, right, slack, depth + 1)
          : state.#compare(left, branch, slack, depth + 1);
        if (possible) joined = joined ? joined.join(state) : state;
      }
      if (!joined) return false;
      this.#become(joined);
      return true;
    }
    return undefined;
  }

  #differ(a: Term, b: Term): boolean {
    const lin = this.linearizer();
    const form = combine(lin.view(a), lin.view(b), -1n);
    if (!I.isPoint(form.rest)) return true;
    const value = -form.rest.low!;
    if (form.coefficients.size === 0) return value !== 0n;
    // sum != value: a bound of the sum that equals value moves by one.
    const bounds = this.#sumBounds(form.coefficients);
    if (bounds.low !== undefined && bounds.low === value) {
      return this.#assumeLinear(combine({ coefficients: new Map(), rest: I.point(0n) }, form, -1n), -value - 1n);
    }
    if (bounds.high !== undefined && bounds.high === value) return this.#assumeLinear(form, value - 1n);
    return true;
  }

  /** The interval of a sum, using the octagon where it has two variables with coefficients ±1. */
  #sumBounds(coefficients: ReadonlyMap<SymbolTerm, bigint>): Interval {
    let bounds: Interval = I.point(0n);
    for (const [symbol, c] of coefficients) bounds = I.add(bounds, I.multiply(I.point(c), this.interval(symbol)));
    const nodes = this.#octagonNodes(coefficients);
    if (nodes?.length !== 2) return bounds;
    const [p, q] = nodes as [number, number];
    const high = this.#octagon.bound(p ^ 1, q);
    const low = -this.#octagon.bound(p, q ^ 1);
    return I.intersect(bounds, fromNumbers(low, high)) ?? bounds;
  }

  /** The signed forms of the variables, if all have coefficient ±1 and stand in the octagon. */
  #octagonNodes(coefficients: ReadonlyMap<SymbolTerm, bigint>): number[] | undefined {
    const nodes: number[] = [];
    for (const [symbol, c] of coefficients) {
      const k = this.#frame.position.get(symbol);
      if (k === undefined || (c !== 1n && c !== -1n)) return undefined;
      nodes.push(c === 1n ? 2 * k : 2 * k + 1);
    }
    return nodes;
  }

  /** sum of coefficients <= limit; `rest` of the form is not looked at. */
  #assumeLinear(form: LinearView, limit: bigint): boolean {
    const entries = [...form.coefficients];
    if (entries.length === 0) return limit >= 0n;
    const lows = entries.map(([s, c]) => I.multiply(I.point(c), this.interval(s)).low);
    const unbounded = lows.filter((l) => l === undefined).length;
    const total = lows.reduce<bigint>((sum, l) => sum + (l ?? 0n), 0n);
    if (unbounded === 0 && total > limit) return false;
    for (const [i, [symbol, c]] of entries.entries()) {
      if (unbounded > (lows[i] === undefined ? 1 : 0)) continue;
      const others = total - (lows[i] ?? 0n);
      const room = limit - others; // c * symbol <= room
      const magnitude = c < 0n ? -c : c;
      const quotient = floorDiv(room, magnitude);
      const range: Interval = c > 0n ? { high: quotient } : { low: -quotient };
      if (!this.#restrict(symbol, range)) return false;
    }
    const nodes = this.#octagonNodes(form.coefficients);
    if (nodes?.length === 2) {
      const c = toNumber(limit);
      if (c !== undefined && !this.#octagon.add(nodes[0]! ^ 1, nodes[1]!, c)) return false;
      this.#linearizer = undefined;
    } else if (entries.length === 2 || entries.length === 3) {
      if (!this.#relaxed(entries, limit)) return false;
    }
    return true;
  }

  /** From a sum of three, or with other coefficients: pairs, with the rest at its least. */
  #relaxed(entries: readonly (readonly [SymbolTerm, bigint])[], limit: bigint): boolean {
    for (let i = 0; i < entries.length; i++) {
      for (let j = i + 1; j < entries.length; j++) {
        let room: bigint | undefined = limit;
        const pair = new Map<SymbolTerm, bigint>();
        for (const [k, [symbol, c]] of entries.entries()) {
          const unit = k === i || k === j ? (c > 0n ? 1n : -1n) : 0n;
          if (unit !== 0n) pair.set(symbol, unit);
          const low: bigint | undefined = c === unit ? 0n : I.multiply(I.point(c - unit), this.interval(symbol)).low;
          room = room === undefined || low === undefined ? undefined : room - low;
        }
        const nodes = this.#octagonNodes(pair);
        const c = room === undefined ? undefined : toNumber(room);
        if (nodes?.length === 2 && c !== undefined && !this.#octagon.add(nodes[0]! ^ 1, nodes[1]!, c)) return false;
      }
    }
    this.#linearizer = undefined;
    return true;
  }

  #restrict(symbol: SymbolTerm, range: Interval): boolean {
    const now = this.interval(symbol);
    const met = I.intersect(now, range);
    if (!met) return false;
    if (I.sameInterval(met, now)) return true;
    this.#linearizer = undefined;
    this.#intervals.set(symbol, met);
    const k = this.#frame.position.get(symbol);
    if (k === undefined) return true;
    const high = met.high === undefined ? undefined : toNumber(met.high);
    const low = met.low === undefined ? undefined : toNumber(met.low);
    if (high !== undefined && !this.#octagon.limitHigh(k, high)) return false;
    return !(low !== undefined && !this.#octagon.limitLow(k, low));
  }

  havoc(symbol: SymbolTerm): void {
    if (symbol.sort.kind === 'bool') this.#truths.delete(symbol);
    if (symbol.sort.kind === 'array') this.#forget(symbol);
    if (symbol.sort.kind !== 'int') return;
    this.#forget(symbol);
    this.#restrict(symbol, this.#frame.declared(symbol));
  }

  #forget(symbol: SymbolTerm): void {
    this.#linearizer = undefined;
    this.#intervals.delete(symbol);
    const k = this.#frame.position.get(symbol);
    if (k !== undefined) this.#octagon.forget(k);
  }

  assign(symbol: SymbolTerm, value: Term): void {
    if (symbol.sort.kind === 'bool') {
      const known = this.truth(value);
      if (known === undefined) this.#truths.delete(symbol);
      else this.#truths.set(symbol, known);
      return;
    }
    if (symbol.sort.kind === 'array') {
      // One interval for all elements: a store can only widen it.
      const elements = this.linearizer().interval(value);
      this.#forget(symbol);
      this.#intervals.set(symbol, elements);
      return;
    }
    if (symbol.sort.kind !== 'int') return;
    if (value.kind === 'apply' && value.op === 'ite') {
      let joined: AbstractState | undefined;
      for (const [branch, wanted] of [
        [value.args[1]!, true],
        [value.args[2]!, false],
      ] as const) {
        const state = this.copy();
        if (!state.assume(value.args[0]!, wanted)) continue;
        state.assign(symbol, branch);
        joined = joined ? joined.join(state) : state;
      }
      if (joined) {
        this.#become(joined);
        return;
      }
    }
    const lin = this.linearizer();
    const range = lin.interval(value);
    const view = lin.view(value);
    const entries = [...view.coefficients];
    const k = this.#frame.position.get(symbol);
    const low =
      view.rest.low === undefined ? Number.NEGATIVE_INFINITY : (toNumber(view.rest.low) ?? Number.NEGATIVE_INFINITY);
    const high =
      view.rest.high === undefined ? Number.POSITIVE_INFINITY : (toNumber(view.rest.high) ?? Number.POSITIVE_INFINITY);
    const bounds = I.intersect(range, this.#frame.declared(symbol)) ?? range;
    if (k !== undefined && entries.length === 1) {
      const [from, c] = entries[0]!;
      const source = this.#frame.position.get(from);
      if (source !== undefined && (c === 1n || c === -1n)) {
        this.#linearizer = undefined;
        if (source === k) {
          if (c === -1n) this.#octagon.negate(k);
        } else {
          this.#octagon.forget(k);
          // x = c * y, as two inequalities; then the rest is added as a shift.
          const y = c === 1n ? 2 * source : 2 * source + 1;
          this.#octagon.add(y, 2 * k, 0);
          this.#octagon.add(2 * k, y, 0);
        }
        this.#octagon.shift(k, low, high);
        this.#intervals.delete(symbol);
        this.#restrict(symbol, bounds);
        return;
      }
    }
    this.#forget(symbol);
    this.#restrict(symbol, bounds);
    if (k === undefined || view.coefficients.has(symbol)) return;
    // x - value lies in [0, 0] up to rest: keep what the octagon can hold of it.
    const zero: LinearView = { coefficients: new Map([[symbol, 1n]]), rest: I.point(0n) };
    if (entries.length <= 2 && view.rest.high !== undefined)
      this.#assumeLinear(combine(zero, view, -1n), view.rest.high);
    if (entries.length <= 2 && view.rest.low !== undefined) {
      this.#assumeLinear(
        combine({ coefficients: new Map(), rest: I.point(0n) }, combine(zero, view, -1n), -1n),
        -view.rest.low,
      );
    }
  }

  join(other: AbstractState): AbstractState {
    return this.#merge(other, this.#octagon.join(other.#octagon), (a, b) => I.hull(a, b));
  }

  /** `other` is the newer state. Bounds that moved go to the next threshold. */
  widen(other: AbstractState, thresholds: readonly bigint[], thresholdNumbers: readonly number[]): AbstractState {
    return this.#merge(other, this.#octagon.widen(other.#octagon, thresholdNumbers), (a, b) => {
      const low = b.low !== undefined && a.low !== undefined && b.low >= a.low ? a.low : lastBelow(thresholds, b.low);
      const high =
        b.high !== undefined && a.high !== undefined && b.high <= a.high ? a.high : firstAbove(thresholds, b.high);
      return { low, high };
    });
  }

  #merge(other: AbstractState, octagon: Octagon, onIntervals: (a: Interval, b: Interval) => Interval): AbstractState {
    const intervals = new Map<SymbolTerm, Interval>();
    for (const symbol of [...this.#frame.integers, ...this.#frame.arrays])
      intervals.set(symbol, onIntervals(this.interval(symbol), other.interval(symbol)));
    const truths = new Map([...this.#truths].filter(([s, v]) => other.#truths.get(s) === v));
    return new AbstractState(this.#frame, octagon, intervals, truths);
  }

  includes(other: AbstractState): boolean {
    for (const symbol of [...this.#frame.integers, ...this.#frame.arrays])
      if (!I.within(other.interval(symbol), this.interval(symbol))) return false;
    for (const [s, v] of this.#truths) if (other.#truths.get(s) !== v) return false;
    return this.#octagon.includes(other.#octagon);
  }

  /** After widening the matrix is not closed; call this where bounds are read off it. */
  close(): boolean {
    this.#linearizer = undefined;
    return this.#octagon.close();
  }

  /** The state as a list of formulas; declared ranges are left out. */
  formulas(): Term[] {
    const t = this.#frame.factory;
    const result: Term[] = [];
    for (const symbol of this.#frame.integers) {
      const now = this.interval(symbol);
      const declared = this.#frame.declared(symbol);
      if (now.low !== undefined && now.low === now.high) {
        if (!I.sameInterval(now, declared)) result.push(t.equal(symbol, t.int(now.low)));
        continue;
      }
      if (now.low !== undefined && now.low !== declared.low) result.push(t.lessEqual(t.int(now.low), symbol));
      if (now.high !== undefined && now.high !== declared.high) result.push(t.lessEqual(symbol, t.int(now.high)));
    }
    for (const { i, j, c } of this.#octagon.constraints()) {
      if (i === (j ^ 1)) continue;
      const x = this.#frame.tracked[j >> 1]!;
      const y = this.#frame.tracked[i >> 1]!;
      // (±x) - (±y) <= c
      const xPositive = (j & 1) === 0;
      const yPositive = (i & 1) === 0;
      if (xPositive && yPositive) result.push(t.lessEqual(t.subtract(x, y), t.int(c)));
      else if (!xPositive && !yPositive) result.push(t.lessEqual(t.subtract(y, x), t.int(c)));
      else if (xPositive) result.push(t.lessEqual(t.add(x, y), t.int(c)));
      else result.push(t.greaterEqual(t.add(x, y), t.int(-c)));
    }
    for (const [symbol, value] of this.#truths) result.push(value ? symbol : t.not(symbol));
    return result;
  }

  /** What is known of the elements of arrays, as formulas about all of them; `k` is the index. */
  elements(k: SymbolTerm): Term[] {
    const t = this.#frame.factory;
    return this.#frame.arrays.flatMap((array) => {
      const { low, high } = this.interval(array);
      const element = t.apply('select', [array, k]);
      const parts: Term[] = [];
      if (low !== undefined && low === high) parts.push(t.equal(element, t.int(low)));
      else {
        if (low !== undefined) parts.push(t.lessEqual(t.int(low), element));
        if (high !== undefined) parts.push(t.lessEqual(element, t.int(high)));
      }
      return parts.length === 0 ? [] : [t.quantify('forall', [k], t.all(parts))];
    });
  }
}

/** What all states of one analysis share: which variables there are, and which the octagon tracks. */
export class Frame {
  readonly factory: TermFactory;
  readonly integers: readonly SymbolTerm[];
  readonly tracked: readonly SymbolTerm[];
  readonly position: ReadonlyMap<SymbolTerm, number>;
  /** Arrays of integers: an interval for all elements of each. */
  readonly arrays: readonly SymbolTerm[];
  readonly #program: Program;

  constructor(program: Program, integers: readonly SymbolTerm[], tracked: readonly SymbolTerm[]) {
    this.factory = program.terms;
    this.#program = program;
    this.integers = integers;
    this.tracked = tracked;
    this.position = new Map(tracked.map((s, i) => [s, i]));
    this.arrays = stateVariables(program).filter(
      ({ sort }) => sort.kind === 'array' && sort.index.kind === 'int' && sort.element.kind === 'int',
    );
  }

  declared(symbol: SymbolTerm): Interval {
    return this.#program.variables.get(symbol)?.range ?? I.everything;
  }
}

const exact = 1n << 52n;
const toNumber = (value: bigint): number | undefined => (value < exact && value > -exact ? Number(value) : undefined);

const fromNumbers = (low: number, high: number): Interval => ({
  low: Number.isFinite(low) ? BigInt(low) : undefined,
  high: Number.isFinite(high) ? BigInt(high) : undefined,
});

const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);

const firstAbove = (thresholds: readonly bigint[], value: bigint | undefined): bigint | undefined =>
  value === undefined ? undefined : thresholds.find((t) => t >= value);

const lastBelow = (thresholds: readonly bigint[], value: bigint | undefined): bigint | undefined =>
  value === undefined ? undefined : thresholds.findLast((t) => t <= value);
