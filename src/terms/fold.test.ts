import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { TermFactory } from './factory.ts';
import { Folder } from './fold.ts';
import { between, type Interval } from './interval.ts';
import { RangeAnalysis } from './range.ts';
import { arraySort, boolSort, intSort } from './sort.ts';
import { buildShape, inState, shapes, smallInt, states } from './term.arbitrary.ts';
import type { SymbolTerm, Term } from './term.ts';
import { freeSymbols } from './traversal.ts';

describe('folding', () => {
  const { int, bool } = shapes({ arrays: true, powers: false });

  it('keeps the value of every term', () => {
    fc.assert(
      fc.property(int, bool, states(smallInt), (intShape, boolShape, state) => {
        const t = new TermFactory();
        const folder = new Folder(t);
        for (const shape of [intShape, boolShape]) {
          const term = buildShape(t, shape);
          expect(evaluate(folder.fold(term), inState(state))).toEqual(evaluate(term, inState(state)));
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('keeps the value within ranges, when it knows them', () => {
    const part = fc.integer({ min: -6, max: 6 });
    fc.assert(
      fc.property(int, bool, states(smallInt), part, part, (intShape, boolShape, state, low, size) => {
        const t = new TermFactory();
        const terms = [buildShape(t, intShape), buildShape(t, boolShape)];
        const ranges = new Map<SymbolTerm, Interval>();
        for (const s of freeSymbols(terms)) {
          const value = inState(state)(s);
          if (typeof value === 'bigint')
            ranges.set(s, between(value - BigInt(Math.abs(low)), value + BigInt(Math.abs(size))));
        }
        const folder = new Folder(t, new RangeAnalysis(ranges));
        for (const term of terms) {
          expect(evaluate(folder.fold(term), inState(state))).toEqual(evaluate(term, inState(state)));
        }
      }),
      { numRuns: 1500 },
    );
  });

  const t = new TermFactory();
  const f = new Folder(t);
  const x = t.symbol('x', intSort);
  const p = t.symbol('p', boolSort);
  const q = t.symbol('q', boolSort);

  it('joins the two arms of a branch', () => {
    expect(f.fold(t.or(t.and(p, q), t.and(p, t.not(q))))).toBe(p);
    expect(f.fold(t.or(p, t.and(p, q)))).toBe(p);
    expect(f.fold(t.and(p, t.not(p)))).toBe(t.false);
  });

  it('keeps one constant in a sum', () => {
    expect(f.fold(t.subtract(t.add(t.add(x, t.int(5)), t.int(2)), t.int(7)))).toBe(x);
  });

  it('decides comparisons of choices between constants', () => {
    expect(f.fold(t.equal(t.ite(p, t.int(1), t.int(0)), t.int(1)))).toBe(p);
    expect(f.fold(t.not(t.equal(t.int(0), t.ite(p, t.int(1), t.int(0)))))).toBe(p);
  });

  it('drops wraps that are idle in the ranges', () => {
    const inRange = new Folder(t, new RangeAnalysis(new Map([[x, between(0n, 10n)]])));
    expect(inRange.fold(t.wrapUnsigned(t.add(x, t.int(5)), 4))).toBe(t.add(x, t.int(5)));
    expect(inRange.fold(t.wrapUnsigned(t.add(x, t.int(6)), 4))).toBe(t.wrapUnsigned(t.add(x, t.int(6)), 4));
    expect(inRange.fold(t.less(x, t.int(11)))).toBe(t.true);
  });

  it('reads through stores at other places', () => {
    const a = t.symbol('a', arraySort(intSort, intSort));
    const stored = t.apply('store', [t.apply('store', [a, x, t.int(1)]), t.add(x, t.int(1)), t.int(2)]);
    expect(f.fold(t.apply('select', [stored, x]))).toBe(t.int(1));
    expect(f.fold(t.apply('select', [stored, t.add(x, t.int(2))]))).toBe(t.apply('select', [a, t.add(x, t.int(2))]));
  });

  const a = t.symbol('a', arraySort(intSort, intSort));
  const select = (array: Term, index: Term) => t.apply('select', [array, index]);
  const store = (array: Term, index: Term, element: Term) => t.apply('store', [array, index, element]);

  it('gives comparisons one spelling', () => {
    expect(f.fold(t.not(t.less(x, t.int(5))))).toBe(f.fold(t.greaterEqual(x, t.int(5))));
    expect(f.fold(t.lessEqual(t.int(1000), t.add(t.int(1000), t.multiply(t.int(4), x))))).toBe(
      f.fold(t.lessEqual(t.int(0), x)),
    );
    expect(f.fold(t.and(t.less(x, t.int(3)), t.greater(x, t.int(7))))).toBe(t.false);
    expect(f.fold(t.equal(t.multiply(t.int(4), x), t.int(6)))).toBe(t.false);
  });

  it('takes multiples out of a division', () => {
    const address = t.add(t.multiply(t.int(4), x), t.int(8));
    expect(f.fold(t.apply('quot', [address, t.int(4)]))).toBe(t.add(x, t.int(2)));
    expect(f.fold(t.apply('mod', [t.add(address, t.int(3)), t.int(4)]))).toBe(t.int(3));
    expect(f.fold(t.apply('div', [t.add(address, t.int(3)), t.int(4)]))).toBe(t.add(x, t.int(2)));
    // Truncation goes the other way for negative numbers.
    const rest = t.apply('quot', [t.add(address, t.int(3)), t.int(4)]);
    expect(evaluate(f.fold(rest), () => -5n)).toEqual(evaluate(rest, () => -5n));
  });

  it('opens wraps inside a wrap that is not wider', () => {
    const twice = t.wrapUnsigned(t.add(t.wrapSigned(t.add(x, t.int(1)), 8), t.int(1)), 8);
    expect(f.fold(twice)).toBe(t.wrapUnsigned(t.add(x, t.int(2)), 8));
    const narrow = t.wrapUnsigned(t.add(t.wrapUnsigned(x, 4), t.int(1)), 8);
    expect(f.fold(narrow)).toBe(narrow);
  });

  it('reads and writes through a pointer that is a choice of addresses', () => {
    const pointer = t.ite(p, t.int(100), t.int(200));
    const both = store(store(a, t.int(100), t.int(1)), t.int(200), t.int(2));
    expect(f.fold(select(both, pointer))).toBe(t.ite(p, t.int(1), t.int(2)));
    const written = store(both, pointer, t.int(9));
    expect(f.fold(select(written, t.int(100)))).toBe(t.ite(p, t.int(9), t.int(1)));
    expect(f.fold(t.equal(select(written, pointer), t.int(9)))).toBe(t.true);
    expect(f.fold(t.equal(t.add(pointer, t.int(4)), t.int(300)))).toBe(t.false);
  });

  it('joins arrays that branches wrote to, place by place', () => {
    const joined = f.fold(t.ite(p, store(store(a, t.int(1), x), t.int(2), x), store(a, t.int(2), x)));
    expect(f.fold(select(joined, t.int(2)))).toBe(x);
    expect(f.fold(select(joined, t.int(1)))).toBe(t.ite(p, x, select(a, t.int(1))));
  });

  it('hides what was overwritten: many stores at two places read in one step', () => {
    let array: Term = a;
    for (let i = 0; i < 2_000; i++) array = store(array, t.int(i % 2), t.int(i));
    const folded = f.fold(array);
    expect(folded.depth).toBeLessThan(100);
    expect(f.fold(select(folded, t.int(0)))).toBe(t.int(1998));
  });
});
