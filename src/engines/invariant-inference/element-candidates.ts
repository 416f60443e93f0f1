import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import { ArrayValue, type Value } from '../../terms/value.ts';
import { elementIndex } from '../abstract-interpretation/fixpoint.ts';
import { isIntArray, type Samples } from './samples.ts';

/**
 * Formulas about all elements of an array, or of a segment of it, that hold in all samples of a location: the segments that a
 * loop has been through or has still before it (bounds are variables that index arrays, and what these are compared with),
 * and of each element that it is a constant, lies between constants, grows with its index, equals the element of another
 * array, is bounded by a variable, or leads to an earlier index (as links between heap objects do). Guesses only.
 */
export function elementCandidates(
  program: Program,
  location: LocationId,
  samples: Samples,
  live: ReadonlySet<SymbolTerm>,
  options: { /** Of all elements alike only, not of segments. */ readonly whole?: boolean } = {},
): Term[] {
  const states = samples.at.get(location) ?? [];
  const arrays = samples.variables.map((v, i) => [v, i] as const).filter(([v]) => isIntArray(v) && live.has(v));
  if (states.length === 0 || arrays.length === 0) return [];
  const guesses = new Guesses(program, samples, states, live);
  const result: Term[] = [];
  for (const [array, place] of arrays.slice(0, mostArrays)) {
    for (const segment of options.whole ? [{ low: undefined, end: undefined }] : guesses.segments(array)) {
      result.push(...guesses.about(array, place, segment, arrays));
      if (result.length > mostCandidates) return result;
    }
  }
  return result;
}

const mostArrays = 8;
const mostCandidates = 150;
const mostBounds = 8;
/** Elements looked at in one state. */
const mostElements = 40;

type State = readonly Value[];

/** Bounds of an index: `low <= k`, `k < end`; undefined where there is none. */
interface Segment {
  readonly low: Bound | undefined;
  readonly end: Bound | undefined;
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
  readonly #live: ReadonlySet<SymbolTerm>;
  readonly #falling: ReadonlySet<SymbolTerm>;

  constructor(program: Program, samples: Samples, states: readonly State[], live: ReadonlySet<SymbolTerm>) {
    this.#program = program;
    this.#samples = samples;
    this.#states = states;
    this.#index = elementIndex(program);
    this.#constants = constantsOf(program);
    this.#live = live;
    this.#falling = fallingVariables(program);
  }

  segments(array: SymbolTerm): Segment[] {
    const t = this.#program.terms;
    const bounds = boundsOf(this.#program, array).slice(0, mostBounds);
    const zero: Bound = { term: t.int(0), value: () => 0n };
    const made: Segment[] = [{ low: undefined, end: undefined }];
    const starts: Bound[] = [zero];
    const ends: Bound[] = [];
    for (const term of bounds) {
      if (term.kind === 'value') {
        ends.push({ term, value: () => term.value as bigint });
        continue;
      }
      const variable = term as SymbolTerm;
      const place = this.#samples.variables.indexOf(variable);
      if (place < 0 || !this.#live.has(variable)) continue;
      const value = (state: State): bigint => state[place] as bigint;
      ends.push({ term, value });
      starts.push({ term, value });
      if (this.#falling.has(variable))
        starts.push({ term: t.add(term, t.int(1)), value: (state) => value(state) + 1n });
    }
    for (const end of ends) made.push({ low: zero, end });
    for (const low of starts.slice(1)) {
      made.push({ low, end: undefined });
      for (const end of ends) if (end.term !== low.term) made.push({ low, end });
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
    const below = this.#constants.findLast((c) => c <= low);
    const above = this.#constants.find((c) => c >= high);
    if (!constant && below !== undefined) bodies.push(t.lessEqual(t.int(below), here));
    if (!constant && above !== undefined) bodies.push(t.lessEqual(here, t.int(above)));
    for (const v of this.#samples.variables) {
      if (v.sort.kind === 'int' && this.#live.has(v)) bodies.push(...this.#againstVariable(here, v, seen));
    }
    if (general || !constant) {
      const earlier = t.or(t.equal(here, t.int(0)), t.less(here, k));
      if (seen.some((e) => e.element !== 0n) && seen.every((e) => e.element === 0n || e.element < e.index))
        bodies.push(earlier);
    }
    return [...new Set(bodies)].map((body) => this.#quantified(segment, body));
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
  #elements(place: number, { low, end }: Segment): Element[] | undefined {
    const seen: Element[] = [];
    for (const state of this.#states) {
      const array = state[place];
      if (!(array instanceof ArrayValue)) return undefined;
      const from = low?.value(state);
      const to = end?.value(state);
      if (from !== undefined && to !== undefined) {
        let count = 0;
        for (let index = from; index < to && count < mostElements; index++, count++) {
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

  #quantified({ low, end }: Segment, body: Term): Term {
    const t = this.#program.terms;
    const k = this.#index;
    const guards: Term[] = [];
    if (low) guards.push(t.lessEqual(low.term, k));
    if (end) guards.push(t.less(k, end.term));
    return t.quantify('forall', [k], guards.length > 0 ? t.implies(t.all(guards), body) : body);
  }
}

const sign = (x: bigint): number => (x > 0n ? 1 : x < 0n ? -1 : 0);

const elementAt = (array: Value, index: bigint): bigint =>
  array instanceof ArrayValue ? (array.select(index) as bigint) : 0n;

/** The program's formulas and values, where it reads and writes. */
function programTerms(program: Program): Term[] {
  const result: Term[] = program.checks.map((c) => c.property);
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assume') result.push(step.condition);
      else if (step.kind === 'assign') result.push(step.value);
    }
  }
  return result;
}

/** Variables in the places where the array is read or written, and variables and constants that these are compared with. */
function boundsOf(program: Program, array: SymbolTerm): Term[] {
  const all = subterms(programTerms(program));
  const indices = new Set<Term>();
  for (const term of all) {
    if (term.kind !== 'apply' || (term.op !== 'select' && term.op !== 'store')) continue;
    if (!freeSymbols([term.args[0]!]).includes(array)) continue;
    for (const s of freeSymbols([term.args[1]!])) if (s.sort.kind === 'int') indices.add(s);
  }
  const found = new Set<Term>(indices);
  for (const term of all) {
    if (term.kind !== 'apply' || !['<', '<=', '>', '>=', '='].includes(term.op)) continue;
    const [a, b] = term.args as [Term, Term];
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!freeSymbols([x]).some((s) => indices.has(s))) continue;
      if (y.kind === 'symbol' && y.sort.kind === 'int') found.add(y);
      if (y.kind === 'value' && typeof y.value === 'bigint' && y.value > 0n) found.add(y);
    }
  }
  return [...found];
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
  for (const term of subterms(programTerms(program))) {
    if (term.kind === 'value' && typeof term.value === 'bigint' && found.size < 60) {
      found.add(term.value).add(term.value - 1n);
    }
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
