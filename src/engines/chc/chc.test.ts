import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Task } from '../../program/question.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { SmtProver } from '../../solvers/smt-prover.ts';
import { Z3Wasm } from '../../solvers/z3-wasm.ts';
import { TermFactory } from '../../terms/factory.ts';
import { readDefinitions } from '../../terms/smtlib/definitions.ts';
import { intSort } from '../../terms/sort.ts';
import { check } from '../../verdict/check.ts';
import { hornClauses } from './engine.ts';

/** a = b = 0; while (any) { if (a < x) { a += 1; b += 2 } } with b <= 2x + off whenever the loop is tested, for x >= 0 */
function doubling(off: number): Task {
  const t = new TermFactory();
  const builder = new ProgramBuilder(t);
  const p = builder.procedure('main');
  const x = p.declare({ name: 'x', role: 'parameter', range: { low: 0n, high: 1000n } }, intSort);
  const a = p.declare({ name: 'a', role: 'local' }, intSort);
  const b = p.declare({ name: 'b', role: 'local' }, intSort);
  const head = p.location({ loop: { keyword: 'while' } });
  p.edge(p.entry, head, [
    { kind: 'assign', target: a, value: t.int(0) },
    { kind: 'assign', target: b, value: t.int(0) },
  ]);
  p.edge(head, head, [
    { kind: 'assume', condition: t.less(a, x) },
    { kind: 'assign', target: a, value: t.add(a, t.int(1)) },
    { kind: 'assign', target: b, value: t.add(b, t.int(2)) },
  ]);
  p.edge(head, p.exit, []);
  const property = t.lessEqual(b, t.add(t.multiply(t.int(2), x), t.int(off)));
  const made = builder.check({ kind: 'assertion', at: head, property, text: 'b <= 2x', failure: 'b > 2x' });
  p.finish();
  return {
    program: builder.build('main'),
    question: { kind: 'always', text: 'does it hold?', targets: [{ at: head, property, check: made.id }] },
    assumptions: [],
    subject: { path: 'doubling', language: 'its' },
  };
}

describe('Horn clauses', () => {
  const z3 = new Z3Wasm();
  const prover = new ProverChain(async () => new SmtProver([z3], () => z3.port()));
  afterAll(() => z3.close());

  async function answer(task: Task) {
    const run = hornClauses.run(task, { budget: new Budget({ timeoutMs: 30_000 }), prover, seed: 1 });
    for (;;) {
      const next = await run.next();
      if (next.done) return check(task, [next.value]);
    }
  }

  it('give invariants that are proved without the solver', async () => {
    const verdict = await answer(doubling(0));
    expect(verdict.answer).toBe('yes');
    expect(verdict.answer === 'yes' && verdict.rung).toBe(2);
  });

  it('prove nothing that is false', async () => {
    expect((await answer(doubling(-1))).answer).toBe('dont-know');
  });

  it('reads definitions with let, and refuses what it does not know', () => {
    const t = new TermFactory();
    const x = t.symbol('x', intSort);
    const text =
      '((define-fun P ((x!0 Int)) Bool (let ((a!1 (+ x!0 (- 1)))) (>= a!1 2))) (define-fun Q () Bool (foo)))';
    const read = readDefinitions(text)!;
    expect(read.get('P')!(t, [x])).toBe(t.greaterEqual(t.add(x, t.negate(t.int(1))), t.int(2)));
    expect(read.get('Q')!(t, [])).toBeUndefined();
    expect(readDefinitions('((')).toBeUndefined();
  });
});
