import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Program } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { TermFactory } from '../../terms/factory.ts';
import { intSort } from '../../terms/sort.ts';
import { check } from '../../verdict/check.ts';
import { invariantInference } from './engine.ts';
import { nullSpace } from './equations.ts';

/** i = s = 0; while (i < n) { i = i + 1; s = s + i; } assert(2*s == i*(i+1) + off) */
function sums(off: number): Program {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const n = p.declare({ name: 'n', role: 'parameter' }, intSort);
  const i = p.declare({ name: 'i', role: 'local' }, intSort);
  const s = p.declare({ name: 's', role: 'local' }, intSort);
  const head = p.location({ loop: { keyword: 'while' } });
  const end = p.location();
  p.edge(p.entry, head, [
    { kind: 'assign', target: i, value: t.int(0) },
    { kind: 'assign', target: s, value: t.int(0) },
  ]);
  p.edge(head, head, [
    { kind: 'assume', condition: t.less(i, n) },
    { kind: 'assign', target: i, value: t.add(i, t.int(1)) },
    { kind: 'assign', target: s, value: t.add(s, i) },
  ]);
  p.edge(head, end, [{ kind: 'assume', condition: t.not(t.less(i, n)) }]);
  const right = t.add(t.multiply(i, t.add(i, t.int(1))), t.int(off));
  const property = t.equal(t.multiply(t.int(2), s), right);
  b.check({ kind: 'assertion', at: end, property, text: '2*s == i*(i+1)', failure: '2*s != i*(i+1)' });
  p.edge(end, p.exit, [{ kind: 'assume', condition: property }]);
  p.finish();
  return b.build('main');
}

async function answer(program: Program) {
  const task: Task = {
    program,
    question: {
      kind: 'always',
      text: 'does the assertion hold?',
      targets: program.checks.map((c) => ({ at: c.at, property: c.property, check: c.id })),
    },
    assumptions: [],
    subject: { path: 'sums', language: 'its' },
  };
  const tools = { budget: new Budget({ stepLimit: 5_000_000 }), prover: new ProverChain(), seed: 1 };
  const run = invariantInference.run(task, tools);
  for (;;) {
    const next = await run.next();
    if (next.done) return check(task, [next.value]);
  }
}

describe('invariant inference', () => {
  it('finds polynomial equations and proves them without a solver', async () => {
    const verdict = await answer(sums(0));
    expect(verdict.answer).toBe('yes');
    expect(verdict.answer === 'yes' && verdict.rung).toBe(2);
  });

  it('does not prove what is false', async () => {
    expect((await answer(sums(2))).answer).toBe('dont-know');
  });

  it('finds the equations of sample rows', () => {
    // columns 1, x, y with y = 2x + 3
    expect(
      nullSpace(
        [
          [1n, 0n, 3n],
          [1n, 1n, 5n],
          [1n, 4n, 11n],
        ],
        3,
      ),
    ).toEqual([[-3n, -2n, 1n]]);
  });
});
