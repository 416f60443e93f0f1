import { describe, expect, test } from 'vitest';
import { Budget } from '../base/budget.ts';
import type { Engine } from '../engines/engine.ts';
import { ranking } from '../engines/ranking/engine.ts';
import { recurrence } from '../engines/recurrence/engine.ts';
import { ProgramBuilder } from '../program/builder.ts';
import type { Task } from '../program/question.ts';
import { ProverChain } from '../solvers/prover-chain.ts';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import type { SymbolTerm } from '../terms/term.ts';
import { checkEvidence } from './check.ts';
import type { Claim } from './claim.ts';
import type { Evidence } from './evidence.ts';

/** f(n): if (n <= 0) return `base`; return f(f(n - 1)). */
function nested(base: number): { task: Task; n: SymbolTerm; r: SymbolTerm } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const f = b.procedure('f');
  const n = f.declare({ name: 'n', role: 'parameter' }, intSort);
  const r = f.declare({ name: 'result', role: 'result' }, intSort);
  const s = f.declare({ name: 's', role: 'local' }, intSort);
  const deep = f.location();
  const back = f.location();
  f.edge(f.entry, f.exit, [
    { kind: 'assume', condition: t.lessEqual(n, t.int(0)) },
    { kind: 'assign', target: r, value: t.int(base) },
  ]);
  f.edge(f.entry, deep, [{ kind: 'assume', condition: t.greater(n, t.int(0)) }]);
  f.edge(deep, back, [{ kind: 'call', callee: 'f', args: [t.subtract(n, t.int(1))], results: [s] }]);
  f.edge(back, f.exit, [{ kind: 'call', callee: 'f', args: [s], results: [r] }]);
  f.finish();
  const main = b.procedure('main');
  const x = main.declare({ name: 'x', role: 'parameter' }, intSort);
  main.edge(main.entry, main.exit, [{ kind: 'call', callee: 'f', args: [x], results: [] }]);
  main.finish();
  const task: Task = {
    program: b.build('main'),
    question: { kind: 'terminates', text: 'does it end?' },
    subject: { language: 'test', files: [] },
    assumptions: [],
  } as unknown as Task;
  return { task, n, r };
}

async function claimOf(engine: Engine, task: Task): Promise<Claim> {
  const tools = { budget: new Budget({ stepLimit: 2_000_000 }), prover: new ProverChain(), seed: 1 };
  const run = engine.run(task, tools);
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
  }
}

async function evidenceOf(engine: Engine, task: Task): Promise<Evidence> {
  const claim = await claimOf(engine, task);
  if (claim.answer === 'dont-know') throw new Error(claim.reason.text);
  return claim.evidence;
}

describe('contracts of recursive procedures', () => {
  test('a measure that needs what a call returns', async () => {
    const { task } = nested(0);
    const evidence = await evidenceOf(ranking, task);
    if (evidence.kind !== 'ranking') throw new Error(evidence.kind);
    expect(evidence.contracts?.map((c) => c.procedure)).toEqual(['f']);
    expect(checkEvidence(task, 'yes', evidence)).toMatchObject({ kind: 'accepted', rung: 2 });
  });

  test('contracts that do not hold, are not proved or speak of something else are rejected', async () => {
    const { task, n, r } = nested(0);
    const t = task.program.terms;
    const evidence = await evidenceOf(ranking, task);
    if (evidence.kind !== 'ranking') throw new Error(evidence.kind);
    const [contract] = evidence.contracts!;
    const rejects = (changed: Evidence): void =>
      expect(checkEvidence(task, 'yes', changed)).toMatchObject({ kind: 'rejected' });
    rejects({ ...evidence, contracts: [{ ...contract!, summary: t.false }] });
    rejects({ ...evidence, contracts: [{ ...contract!, summary: t.less(r, t.int(0)) }] });
    rejects({ ...evidence, contracts: [{ ...contract!, summary: t.lessEqual(r, t.subtract(n, t.int(1))) }] });
    rejects({ ...evidence, contracts: [contract!, contract!] });
    rejects({ ...evidence, contracts: [{ ...contract!, procedure: 'g' }] });
    rejects({ ...evidence, contracts: [{ ...contract!, summary: t.equal(t.symbol('x', intSort), r) }] });
    rejects({ ...evidence, contracts: [] });
  });

  test('no contract makes f(f(n - 1)) with f(0) = 1 end; the same call again shows that it does not', async () => {
    const { task } = nested(1);
    expect(await claimOf(ranking, task)).toMatchObject({ answer: 'dont-know' });
    const evidence = await evidenceOf(recurrence, task);
    if (evidence.kind !== 'lasso') throw new Error(evidence.kind);
    expect(checkEvidence(task, 'no', evidence)).toMatchObject({ kind: 'accepted', rung: 1 });
    for (const [first, second] of [
      [0, evidence.secondStep],
      [evidence.firstStep, evidence.secondStep - 1],
      [evidence.firstStep + 1, evidence.secondStep],
      [evidence.firstStep, evidence.secondStep + 1],
      [evidence.secondStep, evidence.secondStep],
    ] as const) {
      const changed: Evidence = { ...evidence, firstStep: first, secondStep: second };
      expect(checkEvidence(task, 'no', changed), `${first} ${second}`).toMatchObject({ kind: 'rejected' });
    }
  });

  test('a call that has returned does not count as open', async () => {
    const { task } = nested(0);
    const trace = { initial: new Map([[task.program.procedures.get('main')!.params[0]!, 2n]]), havocs: [] };
    for (let first = 0; first < 8; first++) {
      for (let second = first + 1; second < 9; second++) {
        const evidence: Evidence = { kind: 'lasso', trace, firstStep: first, secondStep: second };
        expect(checkEvidence(task, 'no', evidence), `${first} ${second}`).toMatchObject({ kind: 'rejected' });
      }
    }
  });
});
