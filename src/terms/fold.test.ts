import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { TermFactory } from './factory.ts';
import { Folder } from './fold.ts';
import { arraySort, boolSort, intSort } from './sort.ts';
import { buildShape, inState, shapes, smallInt, states } from './term.arbitrary.ts';

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

  it('reads through stores at other places', () => {
    const a = t.symbol('a', arraySort(intSort, intSort));
    const stored = t.apply('store', [t.apply('store', [a, x, t.int(1)]), t.add(x, t.int(1)), t.int(2)]);
    expect(f.fold(t.apply('select', [stored, x]))).toBe(t.int(1));
    expect(f.fold(t.apply('select', [stored, t.add(x, t.int(2))]))).toBe(t.apply('select', [a, t.add(x, t.int(2))]));
  });
});
