import { describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { ProgramBuilder } from '../program/builder.ts';
import type { Task } from '../program/question.ts';
import { ProverChain } from '../solvers/prover-chain.ts';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import { check, obligationsOf } from './check.ts';
import type { RecurrentSetEvidence } from './evidence.ts';
import type { Proof } from './proof.ts';

/** while (x > y) x = x - y, over 8 bits, where overflow is a check that no edge repeats as an assume. */
function subtractions() {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const range = { low: -128n, high: 127n };
  const x = p.declare({ name: 'x', role: 'parameter', range }, intSort);
  const y = p.declare({ name: 'y', role: 'parameter', range }, intSort);
  const head = p.location({ loop: { keyword: 'while' } });
  const body = p.location();
  p.edge(p.entry, head, []);
  const enter = p.edge(head, body, [{ kind: 'assume', condition: t.greater(x, y) }]);
  p.edge(head, p.exit, [{ kind: 'assume', condition: t.not(t.greater(x, y)) }]);
  const difference = t.subtract(x, y);
  const property = t.and(t.lessEqual(t.int(-128), difference), t.lessEqual(difference, t.int(127)));
  b.check({ kind: 'overflow', at: body, property, text: 'no overflow', failure: 'overflow' });
  const back = p.edge(body, head, [{ kind: 'assign', target: x, value: difference }]);
  p.finish();
  const task: Task = {
    program: b.build('main'),
    question: { kind: 'terminates', text: 'does it end?' },
    assumptions: [],
    subject: { path: 'test', language: 'its' },
  };
  return { t, x, y, head, edges: [enter.id, back.id], task };
}

describe('the check of recurrent sets', () => {
  const { t, x, y, head, edges, task } = subtractions();
  const evidence = async (yIs: 'zero' | 'at most zero', start: bigint): Promise<RecurrentSetEvidence> => {
    const part = yIs === 'zero' ? t.equal(y, t.int(0)) : t.lessEqual(y, t.int(0));
    const set = t.and(t.less(y, x), part);
    const stem = {
      initial: new Map([
        [x, 5n],
        [y, start],
      ]),
      havocs: [],
    };
    const made: RecurrentSetEvidence = {
      kind: 'recurrent-set',
      stem,
      stemSteps: 1,
      sets: [{ at: head, set, cases: [{ guard: t.true, edges, inputs: [] }] }],
      proofs: [],
    };
    const obligations = obligationsOf(task, 'no', made);
    if (obligations.kind === 'malformed') throw new Error(obligations.why);
    const proofs: Proof[] = [];
    for (const o of obligations.list) {
      const result = await new ProverChain().refute(t, o.refute, new Budget({ stepLimit: 100_000 }));
      proofs.push(result.kind === 'refuted' ? result.proof : { kind: 'folding' });
    }
    return { ...made, proofs };
  };

  it('accepts a set that no failing check leaves', async () => {
    const verdict = check(task, [{ by: 'test', answer: 'no', evidence: await evidence('zero', 0n) }]);
    expect([verdict.answer, verdict.answer !== 'dont-know' && verdict.rung]).toEqual(['no', 2]);
  });

  it('rejects a set whose runs end in a failing check (SOUNDNESS.md, 2026-11-23)', async () => {
    const verdict = check(task, [{ by: 'test', answer: 'no', evidence: await evidence('at most zero', -31n) }]);
    expect(verdict.answer).toBe('dont-know');
  });
});
