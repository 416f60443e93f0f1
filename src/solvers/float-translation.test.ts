import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { evaluate } from '../terms/evaluate.ts';
import { TermFactory } from '../terms/factory.ts';
import { floatNames, floatShapes, floatStates } from '../terms/float.arbitrary.ts';
import { arraySort, boolSort, floatSort, intSort } from '../terms/sort.ts';
import { inState } from '../terms/term.arbitrary.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { type FloatValue, floatToNumber, numberToFloat } from '../terms/value.ts';
import { Z3Wasm } from './z3-wasm.ts';

/** Floats in SMT-LIB against evaluation: in a given state, z3 must find each random term equal to what evaluation says. */
const z3 = new Z3Wasm({ resourceLimit: 2_000_000 });
afterAll(() => z3.close());

describe.each([
  ['bitvector', 32],
  ['bitvector', 64],
  ['int', 32],
  ['int', 64],
] as const)('floats in SMT-LIB, %s form, %i bits', (form, width) => {
  const { float, int, bool } = floatShapes(width, { maxDepth: 2, remainders: width === 32 });
  it('mean what evaluation means', async () => {
    let known = 0;
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(float, { minLength: 2, maxLength: 2 }),
        int,
        bool,
        floatStates(width),
        async (floats, i, b, state) => {
          const t = new TermFactory();
          const ranges = new Map<SymbolTerm, { low: bigint; high: bigint }>();
          for (const n of ['x', 'y']) ranges.set(t.symbol(n, intSort), { low: -40n, high: 40n });
          const solver = z3.open({ ranges, form });
          const fix = (s: Term): void => solver.assert(t.equal(s, t.value(state.get((s as SymbolTerm).name)!, s.sort)));
          for (const n of floatNames) fix(t.symbol(n, floatSort(width)));
          for (const n of ['x', 'y']) fix(t.symbol(n, intSort));
          fix(t.symbol('p', boolSort));
          for (const make of [...floats, i, b]) {
            const term = make(t);
            const equation = t.equal(term, t.value(evaluate(term, inState(state)), term.sort));
            const answer = await solver.solve([t.not(equation)], new Budget({ timeoutMs: 20_000 }));
            asked++;
            if (answer.kind === 'unknown') expect(answer.reason.kind, answer.reason.text).toMatch(/unsupported|budget/);
            else {
              expect(answer.kind).toBe('refuted');
              known++;
            }
          }
          await solver.close();
        },
      ),
      { numRuns: form === 'int' ? 12 : 30 },
    );
    expect(known).toBeGreaterThan(asked * 0.7);
  }, 300_000);

  it('come back from models', async () => {
    const t = new TermFactory();
    const sort = floatSort(width);
    const format = width === 32 ? 'binary32' : 'binary64';
    const x = t.symbol('x', sort);
    const cases: [Term, (n: number) => boolean][] = [
      [t.apply('fp.isNaN', [x]), Number.isNaN],
      [t.and(t.apply('fp.isInfinite', [x]), t.apply('fp.isNegative', [x])), (n) => n === Number.NEGATIVE_INFINITY],
      [t.equal(x, t.value(numberToFloat(-0, format), sort)), (n) => Object.is(n, -0)],
      [t.apply('fp.eq', [t.apply('fp.add', [x, x]), t.value(numberToFloat(4.5, format), sort)]), (n) => n === 2.25],
    ];
    for (const [formula, good] of cases) {
      const solver = z3.open({ form });
      solver.assert(formula);
      const answer = await solver.solve([], new Budget({ timeoutMs: 20_000 }));
      expect(answer.kind).toBe('model');
      if (answer.kind === 'model') expect(good(floatToNumber(answer.model.get(x) as FloatValue))).toBe(true);
      await solver.close();
    }
  }, 60_000);

  it('are elements of arrays', async () => {
    const t = new TermFactory();
    const a = t.symbol('a', arraySort(intSort, floatSort(width)));
    const i = t.symbol('i', intSort);
    const solver = z3.open({ form, ranges: new Map([[i, { low: 0n, high: 3n }]]) });
    const one = t.apply('fp.of.int', [t.int(1)], width);
    const at = (array: Term, index: Term): Term => t.apply('select', [array, index]);
    const next = t.apply('store', [a, i, t.apply('fp.add', [at(a, i), one])]);
    solver.assert(t.apply('fp.eq', [at(next, i), t.apply('fp.add', [one, one])]));
    const answer = await solver.solve([], new Budget({ timeoutMs: 20_000 }));
    expect(answer.kind).toBe('model');
    const refuted = await solver.solve([t.apply('fp.isNaN', [at(a, i)])], new Budget({ timeoutMs: 20_000 }));
    expect(refuted.kind).toBe('refuted');
    await solver.close();
  }, 60_000);
});
