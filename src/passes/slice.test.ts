import { describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { ProgramBuilder } from '../program/builder.ts';
import { mainProcedure, stateVariables } from '../program/program.ts';
import type { Question, Task } from '../program/question.ts';
import { ProverChain } from '../solvers/prover-chain.ts';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import type { SymbolTerm } from '../terms/term.ts';
import { checkEvidence, obligationsOf } from '../verdict/check.ts';
import type { Evidence } from '../verdict/evidence.ts';
import type { Proof } from '../verdict/proof.ts';
import { slice } from './slice.ts';

/** while (x != 3) { count = count + 1; noise = *; x = *; }, with a copy of noise in count at the start. */
function task(question: (p: { t: TermFactory; body: number; x: SymbolTerm }) => Question): Task {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const x = p.declare({ name: 'x', role: 'parameter' }, intSort);
  const count = p.declare({ name: 'count', role: 'local' }, intSort);
  const noise = p.declare({ name: 'noise', role: 'local', range: { low: 5n, high: 9n } }, intSort);
  const head = p.location();
  const body = p.location();
  p.edge(p.entry, head, [
    { kind: 'havoc', target: noise },
    { kind: 'assign', target: count, value: noise },
  ]);
  p.edge(head, body, [{ kind: 'assume', condition: t.not(t.equal(x, t.int(3))) }]);
  p.edge(head, p.exit, [{ kind: 'assume', condition: t.equal(x, t.int(3)) }]);
  p.edge(body, head, [
    { kind: 'havoc', target: noise },
    { kind: 'assign', target: count, value: t.add(count, t.int(1)) },
    { kind: 'havoc', target: x },
  ]);
  p.finish();
  return {
    program: b.build('main'),
    question: question({ t, body, x }),
    assumptions: [],
    subject: { path: 'a', language: 'its' },
  };
}

async function accepted(original: Task, answer: 'yes' | 'no', evidence: Evidence): Promise<boolean> {
  const obligations = obligationsOf(original, answer, evidence);
  if (obligations.kind === 'malformed') throw new Error(obligations.why);
  const proofs: Proof[] = [];
  for (const o of obligations.list) {
    const result = await new ProverChain().refute(original.program.terms, o.refute, new Budget({ stepLimit: 10_000 }));
    if (result.kind !== 'refuted') return false;
    proofs.push(result.proof);
  }
  const complete = 'proofs' in evidence ? { ...evidence, proofs } : evidence;
  return checkEvidence(original, answer, complete).kind === 'accepted';
}

describe('slicing', () => {
  const terminates = task(() => ({ kind: 'terminates', text: '' }));
  const sliced = slice.apply(terminates);

  it('keeps what conditions depend on, and the numbers of edges', () => {
    expect(stateVariables(sliced.task.program).map((s) => s.name)).toEqual(['x']);
    const [before, after] = [terminates, sliced.task].map((k) => mainProcedure(k.program).edges);
    expect(after!.map((e) => [e.id, e.from, e.to])).toEqual(before!.map((e) => [e.id, e.from, e.to]));
    expect(after!.flatMap((e) => e.steps).length).toBe(3);
  });

  it('turns a repeated state of the slice into a recurrent set of the original', async () => {
    const lasso: Evidence = {
      kind: 'lasso',
      trace: { initial: new Map(), havocs: [7n, 7n], decisions: [0, 1, 3, 1, 3] },
      firstStep: 3,
      secondStep: 5,
    };
    expect(checkEvidence(sliced.task, 'no', lasso).kind).toBe('accepted');
    const restored = sliced.restore(lasso);
    expect(restored.kind).toBe('recurrent-set');
    expect(await accepted(terminates, 'no', restored)).toBe(true);
  });

  it('completes stems and inputs of recurrent sets', async () => {
    const t = terminates.program.terms;
    const [x] = stateVariables(sliced.task.program);
    const evidence: Evidence = {
      kind: 'recurrent-set',
      stem: { initial: new Map([[x!, 8n]]), havocs: [4n] },
      stemSteps: 3,
      sets: [
        {
          at: 2,
          set: t.greater(x!, t.int(3)),
          cases: [{ guard: t.true, edges: [1, 3], inputs: [t.add(x!, t.int(1))] }],
        },
      ],
      proofs: [],
    };
    expect(await accepted(sliced.task, 'no', evidence)).toBe(true);
    expect(await accepted(terminates, 'no', sliced.restore(evidence))).toBe(true);
  });

  it('completes traces and keeps invariants', async () => {
    const ask = (value: number): Task =>
      task(({ t, body, x }) => ({
        kind: 'always',
        text: '',
        targets: [{ at: body, property: t.not(t.equal(x, t.int(value))) }],
      }));
    const wrong = ask(6);
    const cut = slice.apply(wrong);
    const trace: Evidence = { kind: 'trace', trace: { initial: new Map(), havocs: [6n] }, steps: 4 };
    expect(checkEvidence(cut.task, 'no', trace).kind).toBe('accepted');
    expect(checkEvidence(wrong, 'no', cut.restore(trace)).kind).toBe('accepted');
    const right = ask(3);
    const proved = slice.apply(right);
    const t = right.program.terms;
    const at = new Map([
      [0, t.true],
      [2, t.true],
    ]);
    const invariant: Evidence = { kind: 'invariant', at, encoding: 'paths', proofs: [] };
    expect(await accepted(right, 'yes', proved.restore(invariant))).toBe(true);
  });
});
