import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { evaluator } from './evaluator.ts';
import { TermFactory } from './factory.ts';
import { intSort } from './sort.ts';
import { buildShape, inState, shapes, states } from './term.arbitrary.ts';
import type { Term } from './term.ts';
import { valueKey } from './value.ts';

describe('evaluators', () => {
  const { int, bool } = shapes({ arrays: true, powers: true });
  it('give what evaluate gives, a limit too', () => {
    fc.assert(
      fc.property(fc.oneof(int, bool), states(), (shape, state) => {
        const term = buildShape(new TermFactory(), shape);
        const outcome = (run: () => unknown): string => {
          try {
            return valueKey(run() as bigint);
          } catch (error) {
            return (error as Error).message;
          }
        };
        const f = evaluator(term);
        expect(outcome(() => f(inState(state)))).toBe(outcome(() => evaluate(term, inState(state))));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('are lazy as evaluate is', () => {
    const t = new TermFactory();
    const x = t.symbol('x', intSort);
    expect(evaluator(t.ite(t.true, t.int(1), x))(() => undefined)).toBe(1n);
    expect(evaluator(t.or(t.true, t.equal(x, x)))(() => undefined)).toBe(true);
    expect(() => evaluator(t.and(t.true, t.equal(x, x)))(() => undefined)).toThrow('no value for x');
  });

  it('do not grow with shared or deep terms', () => {
    const t = new TermFactory();
    let shared: Term = t.symbol('x', intSort);
    for (let i = 0; i < 150; i++) shared = t.add(shared, shared);
    expect(evaluator(shared)(() => 1n)).toBe(2n ** 150n);
    let deep = t.add(t.symbol('x', intSort), t.int(1));
    for (let i = 0; i < 100_000; i++) deep = t.add(deep, t.int(1));
    expect(evaluator(deep)(() => 0n)).toBe(100_001n);
  });
});
