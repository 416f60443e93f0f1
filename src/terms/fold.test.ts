import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { TermFactory } from './factory.ts';
import { Folder } from './fold.ts';
import { between, type Interval } from './interval.ts';
import { RangeAnalysis } from './range.ts';
import { arraySort, boolSort, intSort } from './sort.ts';
import { buildShape, inState, shapes, smallInt, states } from './term.arbitrary.ts';
import type { SymbolTerm } from './term.ts';
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
});
