import { describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { evaluate } from '../terms/evaluate.ts';
import { TermFactory } from '../terms/factory.ts';
import { between } from '../terms/interval.ts';
import { boolSort, intSort } from '../terms/sort.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import type { Solver, SolverOptions } from './solver.ts';

/** What every Solver keeps to. The formulas have few states, so that the plainest solver can be held to it too. */
export function solverContract(name: string, open: (options?: SolverOptions) => Solver): void {
  describe(`${name} keeps the contract of a solver`, () => {
    const t = new TermFactory();
    const x = t.symbol('x', intSort);
    const y = t.symbol('y', intSort);
    const p = t.symbol('p', boolSort);
    const ranges = new Map([
      [x, between(0n, 15n)],
      [y, between(-8n, 7n)],
    ]);
    const budget = () => new Budget({ timeoutMs: 30_000 });
    const solving = async (work: (solver: Solver) => Promise<void>): Promise<void> => {
      const solver = open({ ranges });
      try {
        await work(solver);
      } finally {
        await solver.close();
      }
    };
    const ask = async (solver: Solver, ...assuming: Term[]) => (await solver.solve(assuming, budget())).kind;

    it('finds models that are models', () =>
      solving(async (solver) => {
        const formulas = [t.equal(t.multiply(x, y), t.int(-42)), t.equal(p, t.less(x, y)), t.not(p)];
        for (const f of formulas) solver.assert(f);
        const answer = await solver.solve([], budget());
        expect(answer.kind).toBe('model');
        if (answer.kind !== 'model') return;
        for (const f of formulas) expect(evaluate(f, (s: SymbolTerm) => answer.model.get(s))).toBe(true);
      }));

    it('refutes what cannot be', () =>
      solving(async (solver) => {
        solver.assert(t.not(t.equal(t.wrapUnsigned(t.add(x, y), 4), t.wrapUnsigned(t.add(y, x), 4))));
        expect(await ask(solver)).toBe('refuted');
      }));

    it('looks only at states within the ranges', () =>
      solving(async (solver) => {
        expect(await ask(solver, t.less(x, t.int(0)))).toBe('refuted');
        expect(await ask(solver, t.greater(x, t.int(15)))).toBe('refuted');
        expect(await ask(solver, t.equal(x, t.int(15)))).toBe('model');
      }));

    it('keeps a stack of assertions', () =>
      solving(async (solver) => {
        solver.assert(t.greater(x, t.int(3)));
        expect(await ask(solver)).toBe('model');
        solver.push();
        solver.assert(t.less(x, t.int(3)));
        expect(await ask(solver)).toBe('refuted');
        expect(await ask(solver, p)).toBe('refuted');
        solver.pop();
        expect(await ask(solver)).toBe('model');
        solver.push();
        solver.push();
        solver.assert(t.equal(x, y));
        expect(await ask(solver)).toBe('model');
        solver.assert(t.equal(y, t.int(3)));
        expect(await ask(solver)).toBe('refuted');
        solver.pop();
        solver.pop();
        expect(await ask(solver, t.equal(y, t.int(3)))).toBe('model');
        expect(() => solver.pop()).toThrow();
      }));

    it('drops what was assumed after the question', () =>
      solving(async (solver) => {
        expect(await ask(solver, p, t.not(p))).toBe('refuted');
        expect(await ask(solver, t.not(p))).toBe('model');
        expect(await ask(solver, p)).toBe('model');
      }));

    it('gives every symbol a value, also one that does not matter', () =>
      solving(async (solver) => {
        const answer = await solver.solve([t.or(t.equal(x, t.int(1)), t.equal(y, y))], budget());
        expect(answer.kind === 'model' && answer.model.has(x) && answer.model.has(y)).toBe(true);
      }));

    it('answers without symbols and without assertions', () =>
      solving(async (solver) => {
        expect(await ask(solver)).toBe('model');
        expect(await ask(solver, t.false)).toBe('refuted');
        expect(await ask(solver, t.equal(t.add(t.int(1), t.int(1)), t.int(2)))).toBe('model');
      }));

    it('does nothing on an empty budget, and the next question works', () =>
      solving(async (solver) => {
        const answer = await solver.solve([p], new Budget({ stepLimit: 0 }));
        expect(answer.kind === 'unknown' && answer.reason.kind).toBe('budget');
        expect(await ask(solver, p)).toBe('model');
      }));

    it('takes only formulas', () =>
      solving(async (solver) => {
        expect(() => solver.assert(x)).toThrow();
      }));
  });
}
