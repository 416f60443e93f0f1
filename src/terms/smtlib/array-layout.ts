import * as I from '../interval.ts';
import type { RangeAnalysis } from '../range.ts';
import { formatSort } from '../sort.ts';
import type { SymbolTerm, Term } from '../term.ts';
import type { ArrayValue, Value } from '../value.ts';
import { Unsupported } from './script.ts';

/**
 * How arrays over Int become arrays over bit-vectors. Arrays that are stored into, chosen between or compared form a
 * *class* and share one layout: an index interval that holds every index at which the formulas look, and an element
 * interval that holds every element. Where arrays of a class are compared, there is room for one more index per
 * comparison, as arrays that differ may differ at an index that no formula names.
 */
export interface ArrayLayout {
  readonly index: I.Interval;
  /** Undefined for elements of sort Bool and floats. */
  readonly element: I.Interval | undefined;
  /** Comparisons of arrays of the class. */
  readonly comparisons: number;
  /** The symbols of the class whose elements have a range of their own. */
  readonly symbols: readonly SymbolTerm[];
}

/** Whether texts made for layout `old` serve a class that now has layout `next`. */
export const fitsLayout = (next: ArrayLayout, old: ArrayLayout): boolean =>
  I.within(next.index, old.index) &&
  (next.element === undefined || (old.element !== undefined && I.within(next.element, old.element))) &&
  next.comparisons <= old.comparisons &&
  next.symbols.every((s) => old.symbols.includes(s));

interface MutableLayout {
  index: I.Interval | undefined;
  element: I.Interval | undefined;
  comparisons: number;
  symbols: SymbolTerm[];
}

/**
 * Layouts of all array terms among `terms` (which hold every subterm of the formulas), one object a class.
 * Throws Unsupported.
 */
export function arrayLayouts(terms: readonly Term[], ranges: RangeAnalysis): Map<Term, ArrayLayout> {
  const parent = new Map<Term, Term>();
  const find = (t: Term): Term => {
    let root = t;
    for (let p = parent.get(root); p !== undefined; p = parent.get(root)) root = p;
    let at = t;
    for (let p = parent.get(at); p !== undefined; p = parent.get(at)) {
      parent.set(at, root);
      at = p;
    }
    return root;
  };
  const union = (a: Term, b: Term): void => {
    const [x, y] = [find(a), find(b)];
    if (x !== y) parent.set(x, y);
  };
  const arrays = terms.filter((t) => t.sort.kind === 'array');
  if (arrays.length === 0) return new Map();
  for (const t of terms) {
    if (t.kind !== 'apply') continue;
    if (t.op === 'store') union(t, t.args[0]!);
    if (t.op === 'ite' && t.sort.kind === 'array') for (const branch of t.args.slice(1)) union(t, branch);
    if (t.op === '=' && t.args[0]!.sort.kind === 'array') union(t.args[0]!, t.args[1]!);
  }
  const classes = new Map<Term, MutableLayout>();
  const layoutOf = (t: Term): MutableLayout => {
    const root = find(t);
    let layout = classes.get(root);
    if (!layout) classes.set(root, (layout = { index: undefined, element: undefined, comparisons: 0, symbols: [] }));
    return layout;
  };
  const join = (old: I.Interval | undefined, next: I.Interval): I.Interval => (old ? I.hull(old, next) : next);
  for (const t of arrays) {
    checkSort(t);
    const layout = layoutOf(t);
    if (t.kind === 'symbol') {
      layout.symbols.push(t);
      if (hasIntElements(t)) layout.element = join(layout.element, ranges.of(t));
    } else if (t.kind === 'value') {
      const { entries } = t.value as ArrayValue;
      for (const { index } of entries.values()) layout.index = join(layout.index, I.point(integerOf(index)));
      if (hasIntElements(t)) layout.element = join(layout.element, ranges.of(t));
    }
  }
  for (const t of terms) {
    if (t.kind !== 'apply') continue;
    if (t.op === 'select' || t.op === 'store') {
      const layout = layoutOf(t.args[0]!);
      layout.index = join(layout.index, ranges.of(t.args[1]!));
      if (t.op === 'store' && hasIntElements(t)) layout.element = join(layout.element, ranges.of(t.args[2]!));
    }
    if (t.op === '=' && t.args[0]!.sort.kind === 'array') layoutOf(t.args[0]!).comparisons++;
  }
  const result = new Map<Term, ArrayLayout>();
  const done = new Map<MutableLayout, ArrayLayout>();
  for (const t of arrays) {
    const layout = layoutOf(t);
    let made = done.get(layout);
    if (!made) done.set(layout, (made = finished(layout)));
    result.set(t, made);
  }
  return result;
}

function finished(layout: MutableLayout): ArrayLayout {
  const { comparisons, element, symbols } = layout;
  return { index: layout.index ?? I.point(0n), element, comparisons, symbols };
}

function hasIntElements(term: Term): boolean {
  return term.sort.kind === 'array' && term.sort.element.kind === 'int';
}

function checkSort(term: Term): void {
  const { sort } = term;
  if (sort.kind !== 'array') return;
  if (
    sort.index.kind !== 'int' ||
    (sort.element.kind !== 'int' && sort.element.kind !== 'bool' && sort.element.kind !== 'float')
  ) {
    throw new Unsupported(`the sort ${formatSort(sort)} in bit-vectors`);
  }
}

const integerOf = (value: Value): bigint => value as bigint;
