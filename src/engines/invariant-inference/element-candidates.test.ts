import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { type ProcedureBuilder, ProgramBuilder } from '../../program/builder.ts';
import type { LocationId, Program, Step } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { TermFactory } from '../../terms/factory.ts';
import { arraySort, intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { ArrayValue } from '../../terms/value.ts';
import { readEvidence, writeEvidence } from '../../verdict/certificate/evidence.ts';
import { Field } from '../../verdict/certificate/reader.ts';
import { TermReader, TermWriter } from '../../verdict/certificate/terms.ts';
import { check } from '../../verdict/check.ts';
import { invariantInference } from './engine.ts';

/** Loops over arrays, one after another, with an assertion in the last. */
class Loops {
  readonly t = new TermFactory();
  readonly b = new ProgramBuilder(this.t);
  readonly p: ProcedureBuilder = this.b.procedure('main');
  at: LocationId = this.p.entry;

  int(name: string, low?: bigint, high?: bigint): SymbolTerm {
    const range = { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
    return this.p.declare({ name, role: 'local', range }, intSort);
  }

  array(name: string): SymbolTerm {
    return this.p.declare({ name, role: 'local' }, arraySort(intSort, intSort));
  }

  select(a: Term, i: Term): Term {
    return this.t.apply('select', [a, i]);
  }

  store(a: SymbolTerm, i: Term, e: Term): Step {
    return { kind: 'assign', target: a, value: this.t.apply('store', [a, i, e]) };
  }

  /** for (i = from; i < n; i++) steps; with what is asserted before the steps. */
  loop(i: SymbolTerm, from: Term, n: Term, steps: readonly Step[], asserted?: Term): void {
    const { t, p } = this;
    const head = p.location({ loop: { keyword: 'for' } });
    const body = p.location();
    const end = p.location();
    p.edge(this.at, head, [{ kind: 'assign', target: i, value: from }]);
    p.edge(head, body, [{ kind: 'assume', condition: t.less(i, n) }]);
    if (asserted)
      this.b.check({ kind: 'assertion', at: body, property: asserted, text: 'it holds', failure: 'it fails' });
    p.edge(body, head, [...steps, { kind: 'assign', target: i, value: t.add(i, t.int(1)) }]);
    p.edge(head, end, [{ kind: 'assume', condition: t.not(t.less(i, n)) }]);
    this.at = end;
  }

  steps(...steps: Step[]): void {
    const next = this.p.location();
    this.p.edge(this.at, next, steps);
    this.at = next;
  }

  build(): Program {
    this.p.edge(this.at, this.p.exit, []);
    this.p.finish();
    return this.b.build('main');
  }
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
    subject: { path: 'arrays', language: 'its' },
  };
  const tools = { budget: new Budget({ stepLimit: 20_000_000 }), prover: new ProverChain(), seed: 1 };
  const run = invariantInference.run(task, tools);
  for (;;) {
    const next = await run.next();
    if (next.done) return { verdict: check(task, [next.value]), claim: next.value, task };
  }
}

describe('invariants about elements', () => {
  it('an array that a loop has filled with a constant', async () => {
    for (const wanted of [7, 8]) {
      const l = new Loops();
      const [a, i, n] = [l.array('a'), l.int('i'), l.int('n', 0n, 1_000_000n)];
      l.loop(i, l.t.int(0), n, [l.store(a, i, l.t.int(7))]);
      l.loop(i, l.t.int(0), n, [], l.t.equal(l.select(a, i), l.t.int(wanted)));
      const { verdict, claim, task } = await answer(l.build());
      expect(verdict.answer).toBe(wanted === 7 ? 'yes' : 'dont-know');
      if (claim.answer === 'dont-know') continue;
      expect(verdict.answer === 'yes' && verdict.rung).toBe(2);
      // The certificate keeps its quantifiers and proofs.
      const terms = new TermWriter();
      const json = JSON.parse(JSON.stringify(writeEvidence(claim.evidence, terms)));
      const reader = new TermReader(task.program, new Field(JSON.parse(JSON.stringify(terms.nodes)), 'terms'));
      const evidence = readEvidence(new Field(json, 'evidence'), task.program, reader);
      expect(check(task, [{ by: 'the certificate', answer: 'yes', evidence }]).answer).toBe('yes');
    }
  });

  it('elements that grow with their index, and a copy', async () => {
    const l = new Loops();
    const [a, b, i, n] = [l.array('a'), l.array('b'), l.int('i'), l.int('n', 0n, 1_000_000n)];
    l.loop(i, l.t.int(0), n, [l.store(a, i, l.t.add(l.t.multiply(l.t.int(2), i), l.t.int(1)))]);
    l.loop(i, l.t.int(0), n, [l.store(b, i, l.select(a, i))]);
    l.loop(i, l.t.int(0), n, [], l.t.equal(l.select(b, i), l.select(a, i)));
    expect((await answer(l.build())).verdict.answer).toBe('yes');
  });

  it('the greatest element', async () => {
    const l = new Loops();
    const [a, i, n, m] = [l.array('a'), l.int('i'), l.int('n', 0n, 1_000n), l.int('m')];
    l.steps({ kind: 'assign', target: m, value: l.select(a, l.t.int(0)) });
    const greater = l.t.ite(l.t.less(m, l.select(a, i)), l.select(a, i), m);
    l.loop(i, l.t.int(0), n, [{ kind: 'assign', target: m, value: greater }]);
    l.loop(i, l.t.int(0), n, [], l.t.lessEqual(l.select(a, i), m));
    expect((await answer(l.build())).verdict.answer).toBe('yes');
  });

  it('links that lead to objects made earlier', async () => {
    const l = new Loops();
    const { t } = l;
    const [next, i, n, head, free] = [
      l.array('next'),
      l.int('i'),
      l.int('n', 0n, 1_000n),
      l.int('head'),
      l.int('free'),
    ];
    l.steps({ kind: 'assign', target: next, value: t.value(new ArrayValue(0n), next.sort) });
    l.steps({ kind: 'assign', target: head, value: t.int(0) }, { kind: 'assign', target: free, value: t.int(1000) });
    // new->next = head; head = new;
    l.loop(i, t.int(0), n, [
      l.store(next, free, head),
      { kind: 'assign', target: head, value: free },
      { kind: 'assign', target: free, value: t.add(free, t.int(16)) },
    ]);
    // while walking: the link is null or leads to an earlier object, so that it never reaches the free space.
    const p = l.int('p');
    l.steps({ kind: 'assign', target: p, value: head });
    const walk = l.p.location({ loop: { keyword: 'while' } });
    l.p.edge(l.at, walk, []);
    l.p.edge(walk, walk, [
      { kind: 'assume', condition: t.not(t.equal(p, t.int(0))) },
      { kind: 'assign', target: p, value: l.select(next, p) },
    ]);
    l.b.check({
      kind: 'pointer',
      at: walk,
      property: t.less(p, free),
      text: 'p is an object',
      failure: 'p is no object',
    });
    l.at = walk;
    const end = l.p.location();
    l.p.edge(walk, end, [{ kind: 'assume', condition: t.equal(p, t.int(0)) }]);
    l.at = end;
    expect((await answer(l.build())).verdict.answer).toBe('yes');
  });

  it('objects that were handed out one after another, and what holds of their fields', async () => {
    for (const wanted of [1, 2]) {
      const l = new Loops();
      const { t } = l;
      const [next, value] = [l.array('next'), l.array('value')];
      const [i, n, head, free] = [l.int('i'), l.int('n', 0n, 1_000n), l.int('head'), l.int('free')];
      const [p, v] = [l.int('p'), l.int('v', -8n, 7n)];
      l.steps({ kind: 'assign', target: head, value: t.int(0) }, { kind: 'assign', target: free, value: t.int(4096) });
      // new->value = v, some v >= 1; new->next = head; head = new;
      l.loop(i, t.int(0), n, [
        { kind: 'havoc', target: v },
        { kind: 'assume', condition: t.lessEqual(t.int(1), v) },
        { kind: 'assign', target: p, value: free },
        { kind: 'assign', target: free, value: t.add(free, t.int(64)) },
        l.store(value, p, v),
        l.store(next, p, head),
        { kind: 'assign', target: head, value: p },
      ]);
      l.steps({ kind: 'assign', target: p, value: head });
      const walk = l.p.location({ loop: { keyword: 'while' } });
      const body = l.p.location();
      l.p.edge(l.at, walk, []);
      l.p.edge(walk, body, [{ kind: 'assume', condition: t.not(t.equal(p, t.int(0))) }]);
      // Only where a pointer leads to an object has its field a value.
      const isObject = t.and(t.lessEqual(t.int(4096), p), t.less(p, free));
      const property = t.and(isObject, t.lessEqual(t.int(wanted), l.select(value, p)));
      l.b.check({ kind: 'assertion', at: body, property, text: 'it is an object', failure: 'it is not' });
      l.p.edge(body, walk, [{ kind: 'assign', target: p, value: l.select(next, p) }]);
      const end = l.p.location();
      l.p.edge(walk, end, [{ kind: 'assume', condition: t.equal(p, t.int(0)) }]);
      l.at = end;
      expect((await answer(l.build())).verdict.answer).toBe(wanted === 1 ? 'yes' : 'dont-know');
    }
  }, 60_000);
});
