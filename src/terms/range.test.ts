import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { TermFactory } from './factory.ts';
import * as I from './interval.ts';
import { impliedRanges, RangeAnalysis } from './range.ts';
import { boolSort, intSort } from './sort.ts';
import { buildShape, inState, intArray, intNames, shapes, smallInt, states } from './term.arbitrary.ts';
import type { SymbolTerm } from './term.ts';

describe('ranges of terms', () => {
  const { int, bool } = shapes({ arrays: true, powers: true });
  const bounds = fc.tuple(smallInt, smallInt).map(([a, b]) => (a < b ? I.between(a, b) : I.between(b, a)));

  it('hold every value, and decide only what is so', () => {
    fc.assert(
      fc.property(int, bool, bounds, fc.func(fc.bigInt(0n, 2n ** 40n)), (intShape, boolShape, range, pick) => {
        const terms = new TermFactory();
        const names = [...intNames, 'a', 'b'];
        const ranges = new Map<SymbolTerm, I.Interval>();
        for (const n of names) ranges.set(terms.symbol(n, n === 'a' || n === 'b' ? intArray : intSort), range);
        const size = range.high! - range.low! + 1n;
        const state = fc.sample(states(fc.bigInt(0n, 2n ** 40n).map((v) => range.low! + ((v + pick(v)) % size))), {
          numRuns: 1,
          seed: 7,
        })[0]!;
        const analysis = new RangeAnalysis(ranges);
        const number = buildShape(terms, intShape);
        expect(I.contains(analysis.of(number), evaluate(number, inState(state)) as bigint)).toBe(true);
        const formula = buildShape(terms, boolShape);
        const truth = analysis.truth(formula);
        if (truth !== undefined) expect(evaluate(formula, inState(state))).toBe(truth);
      }),
      { numRuns: 400 },
    );
  });

  it('reads ranges off formulas', () => {
    const t = new TermFactory();
    const x = t.symbol('x', intSort);
    const y = t.symbol('y', intSort);
    const p = t.symbol('p', boolSort);
    const ranges = impliedRanges([
      t.and(t.lessEqual(t.int(0), x), t.less(x, t.int(256))),
      t.not(t.greater(t.int(-5), y)),
      t.or(p, t.less(y, t.int(0))),
    ]);
    expect(ranges.get(x)).toEqual(I.between(0n, 255n));
    expect(ranges.get(y)).toEqual({ low: -5n, high: undefined });
  });

  it('does not fall over on deep terms', () => {
    const t = new TermFactory();
    const x = t.symbol('x', intSort);
    let deep = t.add(x, t.int(1));
    for (let i = 0; i < 50_000; i++) deep = t.add(deep, t.int(1));
    expect(new RangeAnalysis(new Map([[x, I.point(0n)]])).of(deep)).toEqual(I.point(50_001n));
  });
});
