import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import { type Environment, evaluate } from '../../terms/evaluate.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import { ArrayValue, type Value } from '../../terms/value.ts';
import { elementIndex } from '../abstract-interpretation/fixpoint.ts';
import { programFormulas } from './candidates.ts';
import { fieldConditions, type Handout, handoutsOf, holdsHandedOut, isHandedOut } from './heap-candidates.ts';
import { isIntArray, type Samples } from './samples.ts';

/**
 * Formulas about all elements of an array, or of a segment of it, that hold in all samples of a location: the segments that a
 * loop has been through or has still before it (bounds are variables that index arrays, and what these are compared with),
 * and of each element that it is a constant, lies between constants, grows with its index, equals the element of another
 * array, is bounded by a variable, or leads to an earlier index (as links between heap objects do). Guesses only.
 */
export function elementCandidates(
  program: Program,
  locations: readonly LocationId[],
  samples: Samples,
  live: ReadonlyMap<LocationId, ReadonlySet<SymbolTerm>>,
  options: { /** Of all elements alike only, not of segments. */ readonly whole?: boolean } = {},
): ReadonlyMap<LocationId, readonly Term[]> {
  const result = new Map<LocationId, readonly Term[]>();
  const arrays = samples.variables.map((v, i) => [v, i] as const).filter(([v]) => isIntArray(v));
  if (arrays.length === 0) return result;
  const guessesAt = (location: LocationId): Guesses =>
    new Guesses(program, samples, samples.at.get(location) ?? [], live.get(location) ?? new Set());
  const segmentsOf = (guesses: Guesses, array: SymbolTerm): readonly Segment[] =>
    options.whole ? [{ low: undefined, end: undefined }] : guesses.segments(array);
  /** What was seen of elements anywhere. */
  const seen = new Map<SymbolTerm, Set<Term>>();
  const unseen: LocationId[] = [];
  for (const location of locations) {
    if ((samples.at.get(location) ?? []).length === 0) {
      unseen.push(location);
      continue;
    }
    const guesses = guessesAt(location);
    const list: Term[] = guesses.pointers();
    for (const [array, place] of arrays.filter(([v]) => live.get(location)?.has(v)).slice(0, mostArrays)) {
      const known = seen.get(array) ?? new Set();
      seen.set(array, known);
      for (const segment of segmentsOf(guesses, array)) {
        for (const body of guesses.about(array, place, segment, arrays)) {
          known.add(body);
          if (list.length < mostCandidates) list.push(guesses.quantified(segment, body));
        }
      }
    }
    result.set(location, list);
  }
  // No run came here: what was seen elsewhere may hold here too.
  for (const location of unseen) {
    const guesses = guessesAt(location);
    const list: Term[] = guesses.pointers();
    for (const [array, bodies] of seen) {
      if (!live.get(location)?.has(array)) continue;
      for (const segment of segmentsOf(guesses, array)) {
        for (const body of bodies) {
          if (list.length < mostCandidates && guesses.speaksOf(body)) list.push(guesses.quantified(segment, body));
        }
      }
    }
    result.set(location, list);
  }
  return result;
}

const mostArrays = 8;
const mostCandidates = 150;
const mostBounds = 10;
/** Elements looked at in one state. */
const mostElements = 40;

type State = readonly Value[];

/** Bounds of an index: `low <= k`, `k < end`; undefined where there is none. */
interface Segment {
  readonly low: Bound | undefined;
  readonly end: Bound | undefined;
  /** Only the places of objects that were handed out. */
  readonly handout?: Handout;
}
interface Bound {
  readonly term: Term;
  readonly value: (state: State) => bigint;
}
interface Element {
  readonly index: bigint;
  readonly element: bigint;
  readonly state: State;
}

class Guesses {
  readonly #program: Program;
  readonly #samples: Samples;
  readonly #states: readonly State[];
  readonly #index: SymbolTerm;
  readonly #constants: readonly bigint[];
  readonly #ranges: readonly Range[];
  readonly #handouts: readonly Handout[];
  /** Of arrays that are fields of objects: what may hold of an object's. */
  readonly #fields: ReadonlyMap<SymbolTerm, readonly Term[]>;
  readonly #live: ReadonlySet<SymbolTerm>;
  readonly #falling: ReadonlySet<SymbolTerm>;

  constructor(program: Program, samples: Samples, states: readonly State[], live: ReadonlySet<SymbolTerm>) {
    this.#program = program;
    this.#samples = samples;
    this.#states = states;
    this.#index = elementIndex(program);
    this.#constants = constantsOf(program);
    this.#ranges = rangesOf(program);
    this.#handouts = handoutsOf(program);
    this.#fields = this.#handouts.length > 0 ? fieldConditions(program, this.#index) : new Map();
    this.#live = live;
    this.#falling = fallingVariables(program);
  }

  segments(array: SymbolTerm): Segment[] {
    const t = this.#program.terms;
    const bounds = boundsOf(this.#program, array).slice(0, mostBounds);
    const zero: Bound = { term: t.int(0), value: () => 0n };
    const made: Segment[] = [{ low: undefined, end: undefined }];
    for (const handout of this.#handouts) {
      const { next, base } = handout;
      if (!this.#live.has(next)) continue;
      const end = { term: next, value: (state: State): bigint => this.#valueIn(state)(next) as bigint };
      made.push({ low: { term: t.int(base), value: () => base }, end, handout });
    }
    // Fields of objects: segments of addresses say nothing.
    if (bounds.some((b) => this.#handouts.some((h) => h.holders.has(b as SymbolTerm)))) return made;
    const starts: Bound[] = [zero];
    const ends: Bound[] = [];
    for (const term of bounds) {
      if (!freeSymbols([term]).every((v) => this.#live.has(v) && this.#samples.variables.includes(v))) continue;
      const value = (state: State): bigint => evaluate(term, this.#valueIn(state)) as bigint;
      ends.push({ term, value });
      if (term.kind === 'apply') continue;
      starts.push({ term, value });
      if (term.kind !== 'symbol') continue;
      const next = { term: t.add(term, t.int(1)), value: (state: State): bigint => value(state) + 1n };
      ends.push(next);
      if (this.#falling.has(term)) starts.push(next);
    }
    for (const end of ends) made.push({ low: zero, end });
    for (const low of starts.slice(1)) {
      made.push({ low, end: undefined });
      for (const end of ends) {
        const empty = low.term.kind === 'value' && end.term.kind === 'value' && low.term.value >= end.term.value;
        if (end.term !== low.term && !empty) made.push({ low, end });
      }
    }
    return made;
  }

  about(
    array: SymbolTerm,
    place: number,
    segment: Segment,
    arrays: readonly (readonly [SymbolTerm, number])[],
  ): Term[] {
    const seen = this.#elements(place, segment);
    if (!seen || seen.length === 0) return [];
    const t = this.#program.terms;
    const k = this.#index;
    const here = t.apply('select', [array, k]);
    const bodies: Term[] = [];
    const first = seen[0]!;
    const constant = seen.every((e) => e.element === first.element);
    if (constant) bodies.push(t.equal(here, t.int(first.element)));
    const general = segment.low === undefined || segment.end === undefined;
    const other = seen.find((e) => e.index !== first.index);
    if (!constant && other) {
      const rise = other.element - first.element;
      const run = other.index - first.index;
      if (rise % run === 0n) {
        const slope = rise / run;
        const offset = first.element - slope * first.index;
        if (slope !== 0n && seen.every((e) => e.element === slope * e.index + offset)) {
          const scaled = slope === 1n ? k : t.multiply(t.int(slope), k);
          bodies.push(t.equal(here, offset === 0n ? scaled : t.add(scaled, t.int(offset))));
        }
      }
    }
    for (const [b, at] of arrays) {
      if (b === array) continue;
      const difference = (e: Element): bigint => e.element - elementAt(e.state[at]!, e.index);
      const d = difference(first);
      if (seen.length > 2 && seen.every((e) => difference(e) === d)) {
        const there = t.apply('select', [b, k]);
        bodies.push(t.equal(here, d === 0n ? there : t.add(there, t.int(d))));
      }
    }
    let low = first.element;
    let high = first.element;
    for (const { element } of seen) {
      if (element < low) low = element;
      if (element > high) high = element;
    }
    const range = this.#ranges.find((r) => r.low <= low && high <= r.high);
    if (range) bodies.push(t.and(t.lessEqual(t.int(range.low), here), t.lessEqual(here, t.int(range.high))));
    const below = this.#constants.findLast((c) => c <= low);
    const above = this.#constants.find((c) => c >= high);
    if (!constant && below !== undefined) bodies.push(t.lessEqual(t.int(below), here));
    if (!constant && above !== undefined) bodies.push(t.lessEqual(here, t.int(above)));
    if (!constant) bodies.push(...this.#againstIndex(here, seen));
    for (const v of this.#samples.variables) {
      if (v.sort.kind === 'int' && this.#live.has(v)) bodies.push(...this.#againstVariable(here, v, seen));
    }
    if (general || !constant) {
      const earlier = t.or(t.equal(here, t.int(0)), t.less(here, k));
      if (seen.some((e) => e.element !== 0n) && seen.every((e) => e.element === 0n || e.element < e.index))
        bodies.push(earlier);
    }
    for (const body of this.#fields.get(array) ?? []) if (segment.handout && this.speaksOf(body)) bodies.push(body);
    for (const handout of this.#handouts) {
      if (!handout.holders.has(array) || !this.#live.has(handout.next)) continue;
      const leads = (e: Element): boolean =>
        e.element === 0n || holdsHandedOut(handout, this.#valueIn(e.state)(handout.next) as bigint, e.element);
      if (seen.every(leads)) bodies.push(t.or(t.equal(here, t.int(0)), isHandedOut(this.#program, handout, here)));
    }
    return [...new Set(bodies)];
  }

  /** Variables that are null or lead to an object that was handed out, and what the next free address is. */
  pointers(): Term[] {
    const t = this.#program.terms;
    const result: Term[] = [];
    for (const handout of this.#handouts) {
      const { next, base, step } = handout;
      if (!this.#live.has(next)) continue;
      const rest = ((base % step) + step) % step;
      result.push(t.lessEqual(t.int(base), next), t.equal(t.apply('mod', [next, t.int(step)]), t.int(rest)));
      for (const [place, v] of this.#samples.variables.entries()) {
        if (v === next || v.sort.kind !== 'int' || !this.#live.has(v) || !handout.holders.has(v)) continue;
        const leads = (s: State): boolean =>
          s[place] === 0n || holdsHandedOut(handout, this.#valueIn(s)(next) as bigint, s[place] as bigint);
        if (!this.#states.every(leads)) continue;
        const object = isHandedOut(this.#program, handout, v);
        result.push(t.or(t.equal(v, t.int(0)), object));
        if (this.#states.length > 0 && this.#states.every((s) => s[place] !== 0n)) result.push(object);
      }
    }
    return result;
  }

  /** Whether all that a formula about an element speaks of is known here. */
  speaksOf(body: Term): boolean {
    return freeSymbols([body]).every((s) => s === this.#index || this.#live.has(s));
  }

  #valueIn(state: State): Environment {
    return (symbol) => state[this.#samples.variables.indexOf(symbol)];
  }

  /** `k + c <= a[k]` and `a[k] <= k + c`, for constants of the program. */
  #againstIndex(here: Term, seen: readonly Element[]): Term[] {
    const t = this.#program.terms;
    let low: bigint | undefined;
    let high: bigint | undefined;
    for (const { index, element } of seen) {
      const d = element - index;
      if (low === undefined || d < low) low = d;
      if (high === undefined || d > high) high = d;
    }
    const below = this.#constants.findLast((c) => c <= low!);
    const above = this.#constants.find((c) => c >= high!);
    const shifted = (c: bigint): Term => (c === 0n ? this.#index : t.add(this.#index, t.int(c)));
    return [
      ...(below === undefined ? [] : [t.lessEqual(shifted(below), here)]),
      ...(above === undefined ? [] : [t.lessEqual(here, shifted(above))]),
    ];
  }

  #againstVariable(here: Term, variable: SymbolTerm, seen: readonly Element[]): Term[] {
    const t = this.#program.terms;
    const at = this.#samples.variables.indexOf(variable);
    const signs = new Set(seen.map((e) => sign(e.element - (e.state[at] as bigint))));
    if (signs.size === 3) return [];
    if (signs.has(1) && signs.has(-1)) return [];
    if (signs.size === 1 && signs.has(0))
      return [t.equal(here, variable), t.lessEqual(here, variable), t.lessEqual(variable, here)];
    if (signs.has(-1)) return [signs.has(0) ? t.lessEqual(here, variable) : t.less(here, variable)];
    return [signs.has(0) ? t.lessEqual(variable, here) : t.less(variable, here)];
  }

  /** The elements of the segment in all states; undefined where an unbounded segment has an unwritten rest to speak of. */
  #elements(place: number, { low, end, handout }: Segment): Element[] | undefined {
    const seen: Element[] = [];
    for (const state of this.#states) {
      const array = state[place];
      if (!(array instanceof ArrayValue)) return undefined;
      const from = low?.value(state);
      const to = end?.value(state);
      if (from !== undefined && to !== undefined) {
        let count = 0;
        const step = handout?.step ?? 1n;
        for (let index = from; index < to && count < mostElements; index += step, count++) {
          seen.push({ index, element: elementAt(array, index), state });
        }
        continue;
      }
      let largest = from ?? 0n;
      for (const { index, element } of array.entries.values()) {
        const i = index as bigint;
        if ((from !== undefined && i < from) || (to !== undefined && i >= to)) continue;
        if (i > largest) largest = i;
        seen.push({ index: i, element: element as bigint, state });
      }
      // Some element that was never written.
      seen.push({ index: largest + 1n, element: array.default as bigint, state });
    }
    return seen;
  }

  quantified({ low, end, handout }: Segment, body: Term): Term {
    const t = this.#program.terms;
    const k = this.#index;
    if (handout) return t.quantify('forall', [k], t.implies(isHandedOut(this.#program, handout, k), body));
    const guards: Term[] = [];
    if (low) guards.push(t.lessEqual(low.term, k));
    if (end) guards.push(t.less(k, end.term));
    return t.quantify('forall', [k], guards.length > 0 ? t.implies(t.all(guards), body) : body);
  }
}

const sign = (x: bigint): number => (x > 0n ? 1 : x < 0n ? -1 : 0);

const elementAt = (array: Value, index: bigint): bigint =>
  array instanceof ArrayValue ? (array.select(index) as bigint) : 0n;

/** Variables in the places where the array is read or written, and variables and constants that these are compared with. */
function boundsOf(program: Program, array: SymbolTerm): Term[] {
  const all = subterms(programFormulas(program));
  const indices = new Set<Term>();
  const compound = new Set<Term>();
  for (const term of all) {
    if (term.kind !== 'apply' || (term.op !== 'select' && term.op !== 'store')) continue;
    if (!freeSymbols([term.args[0]!]).includes(array)) continue;
    const index = term.args[1]!;
    const symbols = freeSymbols([index]);
    for (const s of symbols) if (s.sort.kind === 'int') indices.add(s);
    if (index.kind === 'apply' && symbols.length > 0 && symbols.every((s) => s.sort.kind === 'int'))
      compound.add(index);
  }
  const found = new Set<Term>(indices);
  for (const term of all) {
    if (term.kind !== 'apply' || !['<', '<=', '>', '>=', '='].includes(term.op)) continue;
    const [a, b] = term.args as [Term, Term];
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      // Not what compares elements.
      const symbols = freeSymbols([x]);
      if (!symbols.some((s) => indices.has(s)) || symbols.some((s) => s.sort.kind === 'array')) continue;
      if (y.kind === 'symbol' && y.sort.kind === 'int') found.add(y);
      if (y.kind === 'value' && typeof y.value === 'bigint' && y.value > 0n) found.add(y);
    }
  }
  return [...found, ...compound];
}

interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** What variables of the program may hold: elements that are read into them mostly lie within. The narrowest first. */
function rangesOf(program: Program): Range[] {
  const found = new Map<string, Range>();
  for (const { range } of program.variables.values()) {
    if (range?.low === undefined || range.high === undefined || range.high - range.low < 2n) continue;
    found.set(`${range.low} ${range.high}`, { low: range.low, high: range.high });
  }
  return [...found.values()].sort((a, b) => (a.high - a.low < b.high - b.low ? -1 : 1));
}

/** Variables that some step counts down. */
function fallingVariables(program: Program): ReadonlySet<SymbolTerm> {
  const falling = new Set<SymbolTerm>();
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind !== 'assign' || step.target.sort.kind !== 'int') continue;
      const counts = (x: Term): boolean =>
        x.kind === 'apply' &&
        ((x.op === '-' && x.args[0] === step.target) ||
          (x.op === '+' && x.args.some((a) => a.kind === 'value' && (a.value as bigint) < 0n)));
      if (subterms([step.value]).some(counts)) falling.add(step.target);
    }
  }
  return falling;
}

function constantsOf(program: Program): bigint[] {
  const found = new Set<bigint>([0n, 1n]);
  for (const term of subterms(programFormulas(program))) {
    if (term.kind === 'value' && typeof term.value === 'bigint' && found.size < 60) {
      found.add(term.value).add(term.value - 1n);
    }
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
