import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { evaluate } from '../terms/evaluate.ts';
import { TermFactory } from '../terms/factory.ts';
import { between } from '../terms/interval.ts';
import { boolSort, intSort } from '../terms/sort.ts';
import {
  arrayNames,
  boolNames,
  buildShape,
  inState,
  intArray,
  intNames,
  shapes,
  states,
} from '../terms/term.arbitrary.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { ArrayValue, type Value } from '../terms/value.ts';
import { Z3Wasm } from './z3-wasm.ts';

/** The translation against evaluation: in a given state, z3 must find each random term equal to what evaluation says. */
const z3 = new Z3Wasm({ resourceLimit: 50_000 });
afterAll(() => z3.close());

/** Formulas that hold in one state only. */
function stateFormulas(t: TermFactory, state: ReadonlyMap<string, Value>): Term[] {
  const formulas: Term[] = [];
  for (const n of intNames) formulas.push(t.equal(t.symbol(n, intSort), t.value(state.get(n)!, intSort)));
  for (const n of boolNames) formulas.push(t.equal(t.symbol(n, boolSort), t.value(state.get(n)!, boolSort)));
  return formulas;
}

const low = -40n;
const high = 40n;

describe.each(['int', 'bitvector'] as const)('SMT-LIB in %s form', (form) => {
  const { int, bool } = shapes({ arrays: true, powers: true, maxDepth: form === 'int' ? 3 : 4 });
  it('means what evaluation means', async () => {
    let asked = 0;
    let known = 0;
    const inputs = fc.tuple(
      fc.array(int, { minLength: 4, maxLength: 4 }),
      fc.array(bool, { minLength: 2, maxLength: 2 }),
      states(fc.bigInt(low, high)),
    );
    await fc.assert(
      fc.asyncProperty(inputs, async ([ints, bools, state]) => {
        const t = new TermFactory();
        const terms = [...ints, ...bools].map((shape) => buildShape(t, shape));
        const equations = terms.map((term) => t.equal(term, t.value(evaluate(term, inState(state)), term.sort)));
        const ranges = new Map<SymbolTerm, { low: bigint; high: bigint }>();
        for (const n of intNames) ranges.set(t.symbol(n, intSort), { low, high });
        const arrays = new Map<Term, Term>();
        for (const n of arrayNames) arrays.set(t.symbol(n, intArray), t.value(state.get(n)!, intArray));
        const solver = z3.open({ ranges, form });
        for (const f of stateFormulas(t, state)) solver.assert(f);
        for (const [symbol, value] of arrays) solver.assert(t.equal(symbol, value));
        for (const symbol of arrays.keys()) ranges.set(symbol as SymbolTerm, { low, high });
        for (const equation of equations) {
          const answer = await solver.solve([t.not(equation)], new Budget({ timeoutMs: 20_000 }));
          asked++;
          if (answer.kind === 'unknown') expect(answer.reason.kind, answer.reason.text).toMatch(/unsupported|budget/);
          else {
            expect(answer.kind).toBe('refuted');
            known++;
          }
        }
        await solver.close();
      }),
      { numRuns: 60 },
    );
    expect(known).toBeGreaterThan(asked * 0.7);
  }, 120_000);

  it('finds models of satisfiable formulas', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(bool, states(fc.bigInt(low, high)), async (shape, state) => {
        const t = new TermFactory();
        const term = buildShape(t, shape);
        const ranges = new Map<SymbolTerm, { low: bigint; high: bigint }>();
        for (const n of intNames) ranges.set(t.symbol(n, intSort), { low, high });
        for (const n of arrayNames) ranges.set(t.symbol(n, intArray), { low, high });
        const solver = z3.open({ ranges, form });
        solver.assert(evaluate(term, inState(state)) ? term : t.not(term));
        const answer = await solver.solve([], new Budget({ timeoutMs: 2_000 }));
        await solver.close();
        if (answer.kind === 'unknown') expect(answer.reason.kind, answer.reason.text).toMatch(/unsupported|budget/);
        else expect(answer.kind).toBe('model');
        if (answer.kind === 'model') found++;
      }),
      { numRuns: 60 },
    );
    expect(found).toBeGreaterThan(30);
  }, 120_000);
});

describe('arrays in bit-vector form', () => {
  const t = new TermFactory();
  const a = t.symbol('a', intArray);
  const b = t.symbol('b', intArray);
  const x = t.symbol('x', intSort);
  const ranges = new Map([
    [a, between(0n, 200n)],
    [b, between(0n, 255n)],
    [x, between(0n, 0n)],
  ]);
  const select = (array: Term, i: Term) => t.apply('select', [array, i]);
  const ask = async (...formulas: Term[]) => {
    const solver = z3.open({ ranges, form: 'bitvector' });
    for (const f of formulas) solver.assert(f);
    const answer = await solver.solve([], new Budget({ timeoutMs: 20_000 }));
    await solver.close();
    return answer;
  };

  it('has room for arrays to differ where no formula looks', async () => {
    const differ = t.not(t.equal(a, b));
    expect((await ask(differ, t.equal(select(a, x), select(b, x)))).kind).toBe('model');
    expect((await ask(differ, t.equal(a, b))).kind).toBe('refuted');
  });

  it('keeps elements in their ranges', async () => {
    expect((await ask(t.greater(select(a, x), t.int(200)))).kind).toBe('refuted');
    const answer = await ask(t.greater(select(b, x), t.int(200)));
    expect(answer.kind === 'model' && answer.model.get(b) instanceof ArrayValue).toBe(true);
    expect((await ask(t.equal(a, b), t.greater(select(b, x), t.int(200)))).kind).toBe('refuted');
  });
});
