import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { TermFactory } from './factory.ts';
import { floatNames, floatShapes, floatStates, floatValues, type Make } from './float.arbitrary.ts';
import { nextDown, nextUp } from './float-interval.ts';
import type { Interval } from './interval.ts';
import { impliedRanges, RangeAnalysis } from './range.ts';
import { reduction, refutationByRewriting, simplify } from './rules/simplify.ts';
import { floatSort, intSort } from './sort.ts';
import { inState } from './term.arbitrary.ts';
import type { SymbolTerm, Term } from './term.ts';
import { type FloatValue, floatToNumber, numberToFloat, type Value } from './value.ts';

const number = (v: Value): number => floatToNumber(v as FloatValue);

/** An interval that holds a value: as far below and above it as two others are. */
function around(value: number, a: number, b: number): Interval {
  const known = [a, b].filter((x) => !Number.isNaN(x));
  if (Number.isNaN(value)) {
    const [low, high] = known.length === 2 ? [Math.min(...known), Math.max(...known)] : [Infinity, -Infinity];
    return { float: { low, high, nan: true } };
  }
  return { float: { low: Math.min(value, ...known), high: Math.max(value, ...known), nan: Number.isNaN(a) } };
}

describe.each([32, 64] as const)('intervals of floats of %i bits', (width) => {
  const sort = floatSort(width);
  const { float, int, bool } = floatShapes(width, { maxDepth: 3, remainders: true });
  const bounds = fc.array(fc.tuple(floatValues(width), floatValues(width)), { minLength: 3, maxLength: 3 });

  it('hold what evaluation gives', () => {
    fc.assert(
      fc.property(float, int, bool, floatStates(width), bounds, (f, i, b, state, ends) => {
        const t = new TermFactory();
        const ranges = new Map<SymbolTerm, Interval>();
        for (const [k, name] of floatNames.entries())
          ranges.set(t.symbol(name, sort), around(number(state.get(name)!), number(ends[k]![0]), number(ends[k]![1])));
        for (const name of ['x', 'y']) ranges.set(t.symbol(name, intSort), { low: -40n, high: 40n });
        const analysis = new RangeAnalysis(ranges);
        const value = number(evaluate(f(t), inState(state)));
        const { low, high, nan } = analysis.float(f(t));
        expect(Number.isNaN(value) ? nan : value >= low && value <= high).toBe(true);
        const whole = evaluate(i(t), inState(state)) as bigint;
        const range = analysis.of(i(t));
        expect((range.low ?? whole) <= whole && whole <= (range.high ?? whole)).toBe(true);
        const holds = evaluate(b(t), inState(state));
        expect(analysis.truth(b(t)) ?? holds).toBe(holds);
        expect(evaluate(simplify(t, b(t), { ranges }), inState(state))).toBe(holds);
      }),
      { numRuns: 1000 },
    );
  });

  it('follow from conditions', () => {
    const condition = fc
      .tuple(
        fc.constantFrom('fp.le', 'fp.lt', 'fp.eq', 'fp.isNaN'),
        floatValues(width),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(...floatNames),
      )
      .map(([op, value, flipped, negated, name]): Make => {
        return (t) => {
          const args = [t.symbol(name, sort), t.value(value, sort)];
          const atom =
            op === 'fp.isNaN'
              ? t.apply('fp.isNaN', [args[0]!])
              : t.apply(op as 'fp.le', flipped ? args.reverse() : args);
          return negated ? t.not(atom) : atom;
        };
      });
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), bool, floatStates(width), (cs, b, state) => {
        const t = new TermFactory();
        const formula: Term = t.all([...cs.map((c) => c(t)), b(t)]);
        const holds = evaluate(formula, inState(state));
        if (holds === true) {
          for (const [symbol, { float: known }] of impliedRanges([formula])) {
            if (!known) continue;
            const x = number(state.get(symbol.name)!);
            expect(Number.isNaN(x) ? known.nan : x >= known.low && x <= known.high).toBe(true);
          }
        }
        expect(evaluate(reduction(t, formula), inState(state))).toBe(holds);
      }),
      { numRuns: 1000 },
    );
  });

  it('prove what follows from bounds', () => {
    const t = new TermFactory();
    const x = t.symbol('x', sort);
    const n = (k: number): Term => t.value(numberToFloat(k, width === 32 ? 'binary32' : 'binary64'), sort);
    const bounded = [t.apply('fp.le', [n(0), x]), t.apply('fp.lt', [x, n(100)])];
    const half = t.apply('fp.div', [x, n(2)]);
    const good = [
      t.apply('fp.le', [half, n(50)]),
      t.apply('fp.le', [n(0), t.apply('fp.sqrt', [x])]),
      t.lessEqual(t.apply('fp.to.int', [x], 32), t.int(99)),
      t.apply('fp.eq', [half, half]),
    ];
    for (const g of good) expect(refutationByRewriting(t, t.all([...bounded, t.not(g)]))).toBeDefined();
    const open = t.apply('fp.lt', [half, n(49)]);
    expect(refutationByRewriting(t, t.all([...bounded, t.not(open)]))).toBeUndefined();
  });
});

it('the next float lies between no others', () => {
  expect(nextUp(1, 'binary64')).toBe(1 + 2 ** -52);
  expect(nextUp(-(2 ** -149), 'binary32') === 0).toBe(true);
  expect(nextDown(0, 'binary64')).toBe(-5e-324);
  expect(nextUp(3.4028234663852886e38, 'binary32')).toBe(Number.POSITIVE_INFINITY);
  expect(nextUp(Number.NEGATIVE_INFINITY, 'binary64')).toBe(-Number.MAX_VALUE);
});
