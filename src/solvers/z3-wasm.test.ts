import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { TermFactory } from '../terms/factory.ts';
import { between } from '../terms/interval.ts';
import { intSort } from '../terms/sort.ts';
import type { Term } from '../terms/term.ts';
import { solverContract } from './solver.contract.ts';
import type { Solver } from './solver.ts';
import { Z3Wasm } from './z3-wasm.ts';

const z3 = new Z3Wasm();
afterAll(() => z3.close());
solverContract('z3 (WebAssembly)', (options) => z3.open(options));
solverContract('z3 over Int', (options) => z3.open({ ...options, form: 'int' }));
solverContract('z3 over bit-vectors', (options) => z3.open({ ...options, form: 'bitvector' }));

describe('z3 under trouble', () => {
  const t = new TermFactory();
  const x = t.symbol('x', intSort);
  const y = t.symbol('y', intSort);
  const wide = between(2n, 2n ** 62n);
  const ranges = new Map([
    [x, wide],
    [y, wide],
  ]);
  /** Factors of a large semiprime: far beyond any budget here. */
  const hard = t.equal(t.multiply(x, y), t.int(2305843009213693951n * 2147483647n));
  const easy = t.equal(x, t.int(7));
  const ask = (solver: Solver, formula: Term, timeoutMs: number) => solver.solve([formula], new Budget({ timeoutMs }));

  it('is stopped when its time is over, and answers the next question', async () => {
    const engine = new Z3Wasm();
    const [one, other] = [engine.open({ ranges, form: 'bitvector' }), engine.open({ ranges })];
    other.assert(easy);
    expect((await other.solve([], new Budget())).kind).toBe('model');
    const answer = await ask(one, hard, 300);
    expect(answer.kind === 'unknown' && answer.reason.kind).toBe('budget');
    expect((await ask(one, easy, 60_000)).kind).toBe('model');
    expect((await ask(other, t.not(easy), 60_000)).kind).toBe('refuted');
    await engine.close();
  });

  it('stops by its own count of work', async () => {
    const engine = new Z3Wasm({ resourceLimit: 100_000 });
    const solver = engine.open({ ranges, form: 'bitvector' });
    const answer = await ask(solver, hard, 60_000);
    expect(answer.kind === 'unknown' && answer.reason.kind).toBe('budget');
    expect((await ask(solver, easy, 60_000)).kind).toBe('model');
    await engine.close();
  });

  it('fails when memory runs out, and answers the next question', async () => {
    const engine = new Z3Wasm({ memoryLimitMegabytes: 20 });
    const solver = engine.open({ form: 'int' });
    const many = Array.from({ length: 3000 }, (_, i) => t.symbol(`m${i}`, intSort));
    const sums = many.map((m, i) =>
      t.equal(t.multiply(m, many[(i * 7) % 3000]!), t.add(many[(i * 13) % 3000]!, t.int(i))),
    );
    const answer = await ask(solver, t.all(sums), 60_000);
    expect(answer.kind === 'unknown' && answer.reason.text).toMatch(/memory|exit\(101\)/);
    expect((await ask(solver, easy, 60_000)).kind).toBe('model');
    await engine.close();
  });

  it('is replaced after so many messages without anyone noticing', async () => {
    const engine = new Z3Wasm({ recycleAfter: 3 });
    const [one, other] = [engine.open({ ranges }), engine.open({ ranges })];
    one.assert(easy);
    for (let i = 0; i < 4; i++) {
      expect((await one.solve([], new Budget())).kind).toBe('model');
      expect((await other.solve([easy], new Budget())).kind).toBe('model');
    }
    await engine.close();
  });

  it('says no more after it is closed', async () => {
    const engine = new Z3Wasm();
    const solver = engine.open();
    await engine.close();
    const answer = await ask(solver, easy, 1000);
    expect(answer.kind === 'unknown' && answer.reason).toEqual({
      kind: 'failed',
      text: 'z3 (WebAssembly): it is closed',
    });
  });
});
