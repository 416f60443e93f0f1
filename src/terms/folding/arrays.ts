import { VersionedMap } from '../../base/versioned-map.ts';
import type { TermFactory } from '../factory.ts';
import * as I from '../interval.ts';
import { operators } from '../operator.ts';
import type { RangeAnalysis } from '../range.ts';
import type { ApplyTerm, Term } from '../term.ts';
import { ArrayValue, type Value } from '../value.ts';
import { linearOf } from './linear.ts';

/**
 * Arrays under folding. A chain of stores at constant places is seen as a table over the array below it (a persistent one,
 * so that every version is at hand at once): reading a constant place costs one look-up, however long the chain is. Two
 * chains over a common array, joined by a condition, become one chain that stores conditional elements, so that
 * arrays never become trees of choices.
 */
export interface Making {
  readonly terms: TermFactory;
  readonly ranges: RangeAnalysis | undefined;
  ite(condition: Term, a: Term, b: Term): Term;
}

interface View {
  /** What lies below the stores at constant places. */
  readonly rest: Term;
  readonly cells: VersionedMap<bigint, Term>;
  /** How many stores the whole chain has. */
  readonly length: number;
}

/** Stores at places that are not the same constant are looked through only so far. */
const farthest = 100;
/** Two chains are joined if they differ in no more stores. */
const mostJoined = 5_000;
const deepestChoice = 6;

export class ArrayFolding {
  readonly #views = new Map<Term, View>();
  readonly #make: Making;

  constructor(make: Making) {
    this.#make = make;
  }

  store(array: Term, index: Term, element: Term): Term {
    const t = this.#make.terms;
    // A second store at the same place hides the first.
    let below = array;
    if (isStore(below) && below.args[1] === index) below = below.args[0]!;
    if (isSelect(element) && element.args[0] === below && element.args[1] === index) return below;
    const made = t.apply('store', [below, index, element]);
    const { rest, cells, length } = this.#view(made);
    const live = cells.size;
    if (live === 0 || length - this.#view(rest).length <= 2 * live + 32) return made;
    // Most of the chain is hidden: the same table with one store for each place.
    let compact = rest;
    for (const key of cells.keys().toSorted(byValue)) {
      compact = t.apply('store', [compact, t.int(key), cells.get(key)!]);
      this.#view(compact);
    }
    return compact;
  }

  select(array: Term, index: Term, depth = 0): Term {
    const t = this.#make.terms;
    const key = keyOf(index);
    let here = array;
    for (let steps = 0; steps < farthest; ) {
      if (key !== undefined) {
        const { rest, cells } = this.#view(here);
        const found = cells.get(key);
        if (found) return found;
        here = rest;
      }
      if (!isStore(here)) break;
      const [below, at, element] = here.args as [Term, Term, Term];
      if (at === index) return element;
      if (!this.#distinct(at, index)) break;
      here = below;
      steps++;
    }
    if (here.kind === 'value' && here.value instanceof ArrayValue) {
      const element = (here.sort as { element: Term['sort'] }).element;
      if (index.kind === 'value') return t.value(operators.select.evaluate([here.value, index.value], 0), element);
      if (here.value.isUniform) return t.value(here.value.default, element);
    }
    if (here.kind === 'apply' && here.op === 'ite' && key !== undefined && depth < deepestChoice) {
      const [condition, x, y] = here.args as [Term, Term, Term];
      const left = this.select(x, index, depth + 1);
      return this.#make.ite(condition, left, this.select(y, index, depth + 1));
    }
    return t.apply('select', [here, index]);
  }

  /** `ite(condition, x, y)` as stores over what both are made of; undefined where they have nothing in common. */
  join(condition: Term, x: Term, y: Term): Term | undefined {
    const left: ApplyTerm[] = [];
    const right: ApplyTerm[] = [];
    let a = x;
    let b = y;
    while (a !== b) {
      const [m, n] = [this.#view(a).length, this.#view(b).length];
      if ((m === 0 && n === 0) || left.length + right.length > mostJoined) return undefined;
      if (m >= n) {
        if (!isStore(a)) return undefined;
        left.push(a);
        a = a.args[0]!;
      } else {
        if (!isStore(b)) return undefined;
        right.push(b);
        b = b.args[0]!;
      }
    }
    const both = [...left, ...right];
    const keys = both.map((s) => keyOf(s.args[1]!));
    let result = a;
    if (keys.every((k) => k !== undefined)) {
      const places = [...new Set(keys)].sort(byValue).map((key) => this.#make.terms.int(key));
      // All of one version first: going from version to version has its price.
      const then = places.map((at) => this.select(x, at));
      const otherwise = places.map((at) => this.select(y, at));
      for (const [i, at] of places.entries()) {
        result = this.store(result, at, this.#make.ite(condition, then[i]!, otherwise[i]!));
      }
      return result;
    }
    for (const s of left.reverse()) {
      const [, at, element] = s.args as [Term, Term, Term];
      result = this.store(result, at, this.#make.ite(condition, element, this.select(result, at)));
    }
    for (const s of right.reverse()) {
      const [, at, element] = s.args as [Term, Term, Term];
      result = this.store(result, at, this.#make.ite(condition, this.select(result, at), element));
    }
    return result;
  }

  #view(array: Term): View {
    const pending: Term[] = [];
    let at = array;
    let view = this.#views.get(at);
    while (!view && isStore(at)) {
      pending.push(at);
      at = at.args[0]!;
      view = this.#views.get(at);
    }
    if (!view) {
      view = { rest: at, cells: new VersionedMap(), length: 0 };
      this.#views.set(at, view);
    }
    for (let store = pending.pop(); store; store = pending.pop()) {
      const [, index, element] = (store as ApplyTerm).args as [Term, Term, Term];
      const key = keyOf(index);
      const length: number = view.length + 1;
      view =
        key === undefined
          ? { rest: store, cells: new VersionedMap(), length }
          : { rest: view.rest, cells: view.cells.with(key, element), length };
      this.#views.set(store, view);
    }
    return view;
  }

  /** Indices that differ in every state: their difference is a constant, or their ranges do not meet. */
  #distinct(a: Term, b: Term): boolean {
    if (a.sort.kind !== 'int') return false;
    const { ranges } = this.#make;
    if (ranges && I.disjoint(ranges.of(a), ranges.of(b))) return true;
    const difference = linearOf([
      [a, 1n],
      [b, -1n],
    ]);
    return difference !== undefined && difference.coefficients.size === 0 && difference.constant !== 0n;
  }
}

const isStore = (term: Term): term is ApplyTerm => term.kind === 'apply' && term.op === 'store';
const isSelect = (term: Term): term is ApplyTerm => term.kind === 'apply' && term.op === 'select';

const keyOf = (index: Term): bigint | undefined => {
  const value: Value | undefined = index.kind === 'value' ? index.value : undefined;
  return typeof value === 'bigint' ? value : undefined;
};

const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
