import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Step } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { TermFactory } from '../../terms/factory.ts';
import type { OperatorName } from '../../terms/operator.ts';
import { readSExpressions, type SExpression } from '../../terms/s-expression.ts';
import { intSort } from '../../terms/sort.ts';
import type { Term } from '../../terms/term.ts';
import { check } from '../../verdict/check.ts';
import type { Evidence } from '../../verdict/evidence.ts';
import type { TerminationProof } from '../../verdict/termination/proof.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { ranking } from './engine.ts';

/** One loop: what is assumed before it, then ways round it, each with a guard and updates in order (`x := ?` is any value). */
interface LoopText {
  readonly variables: readonly string[];
  readonly before?: string;
  /** Variables that start at 1. */
  readonly ones?: readonly string[];
  /** What the user states at the head. */
  readonly hints?: readonly { readonly kind: 'invariant' | 'variant'; readonly text: string }[];
  readonly ways: readonly { readonly guard: string; readonly updates: readonly (readonly [string, string])[] }[];
}

function readTerm(terms: TermFactory, text: string, symbols: ReadonlyMap<string, Term>): Term {
  const convert = (e: SExpression): Term => {
    if (e.kind === 'list') {
      const [head, ...args] = e.items;
      const [, op, index] = /^(.*?)(\d*)$/.exec((head as { text: string }).text)!;
      return terms.apply(op as OperatorName, args.map(convert), Number(index));
    }
    if (/^\d+$/.test(e.text)) return terms.int(BigInt(e.text));
    return e.text === 'true' ? terms.true : symbols.get(e.text)!;
  };
  const read = readSExpressions(text);
  if (!read.ok) throw new Error(text);
  return convert(read.value[0]!);
}

function loopTask(loop: LoopText): Task {
  const terms = new TermFactory();
  const builder = new ProgramBuilder(terms);
  const main = builder.procedure('main');
  const symbols = new Map(loop.variables.map((v) => [v, main.declare({ name: v, role: 'parameter' }, intSort)]));
  const read = (text: string) => readTerm(terms, text, symbols);
  const head = main.location({ loop: { keyword: 'while' } });
  const ones = (loop.ones ?? []).map((v): Step => ({ kind: 'assign', target: symbols.get(v)!, value: terms.int(1) }));
  main.edge(main.entry, head, [...ones, { kind: 'assume', condition: read(loop.before ?? 'true') }]);
  const round = terms.any(loop.ways.map((way) => read(way.guard)));
  main.edge(head, main.exit, [{ kind: 'assume', condition: terms.not(round) }]);
  for (const { kind, text } of loop.hints ?? []) builder.hint({ kind, at: head, term: read(text), text });
  for (const { guard, updates } of loop.ways) {
    const steps: Step[] = [{ kind: 'assume', condition: read(guard) }];
    for (const [variable, value] of updates) {
      const target = symbols.get(variable)!;
      steps.push(value === '?' ? { kind: 'havoc', target } : { kind: 'assign', target, value: read(value) });
    }
    main.edge(head, head, steps);
  }
  main.finish();
  return {
    program: builder.build('main'),
    question: { kind: 'terminates', text: 'Does it end?' },
    assumptions: [],
    subject: { path: 'test', language: 'its' },
  };
}

async function decide(loop: LoopText): Promise<Verdict> {
  const task = loopTask(loop);
  const tools = { budget: new Budget({ stepLimit: 3_000_000 }), prover: new ProverChain(), seed: 1 };
  const run = ranking.run(task, tools);
  for (;;) {
    const next = await run.next();
    if (next.done) return check(task, [next.value]);
  }
}

function shape(evidence: Evidence | undefined): string {
  const words: string[] = [];
  const walk = (proof: TerminationProof): void => {
    if (proof.kind !== 'components' && proof.kind !== 'done') words.push(proof.kind);
    if (proof.kind === 'components') for (const part of proof.parts) walk(part);
    else if (proof.kind !== 'done') walk(proof.rest);
  };
  if (evidence?.kind === 'ranking') walk(evidence.argument);
  return words.join(' ');
}

const cases: Record<string, { loop: LoopText; shape: string | undefined }> = {
  'a counter': {
    loop: { variables: ['x'], ways: [{ guard: '(> x 0)', updates: [['x', '(- x 1)']] }] },
    shape: 'rank',
  },
  'a lexicographic pair, with havoc': {
    loop: {
      variables: ['x', 'y'],
      ways: [
        { guard: '(and (> x 0) (> y 0))', updates: [['y', '(- y 1)']] },
        {
          guard: '(> x 0)',
          updates: [
            ['x', '(- x 1)'],
            ['y', '?'],
          ],
        },
      ],
    },
    shape: 'rank rank',
  },
  'an invariant that octagons find': {
    loop: { variables: ['x', 'y'], before: '(> y 0)', ways: [{ guard: '(> x y)', updates: [['x', '(- x y)']] }] },
    shape: 'rank',
  },
  'two phases': {
    loop: {
      variables: ['x', 'y'],
      ways: [
        {
          guard: '(> x 0)',
          updates: [
            ['x', '(+ x y)'],
            ['y', '(- y 1)'],
          ],
        },
      ],
    },
    shape: 'nested',
  },
  'an impossible way round': {
    loop: { variables: ['x'], ways: [{ guard: '(and (> (* 2 x) 0) (< x 1))', updates: [] }] },
    shape: 'infeasible',
  },
  'a disequality': {
    loop: {
      variables: ['x', 'n'],
      before: '(<= x n)',
      ways: [{ guard: '(not (= x n))', updates: [['x', '(+ x 1)']] }],
    },
    shape: 'rank',
  },
  halving: {
    loop: { variables: ['x'], ways: [{ guard: '(> x 1)', updates: [['x', '(div x 2)']] }] },
    shape: 'rank',
  },
  'every other step': {
    loop: {
      variables: ['x', 'y'],
      ways: [
        {
          guard: '(and (>= x 0) (>= y 2))',
          updates: [
            ['x', '(+ x 1)'],
            ['y', '(- y 2)'],
          ],
        },
        {
          guard: '(and (>= x 1) (<= y 1))',
          updates: [
            ['x', '0'],
            ['y', '(- 0 1)'],
          ],
        },
      ],
    },
    shape: 'square infeasible rank',
  },
  'a split': {
    loop: {
      variables: ['x', 'y'],
      ways: [
        {
          guard: '(and (> x 0) (> y 0))',
          updates: [
            ['x', '(- y 2)'],
            ['y', '(+ x 1)'],
          ],
        },
        {
          guard: '(and (> x 0) (> y 0))',
          updates: [
            ['x', '(- x 1)'],
            ['y', 'x'],
          ],
        },
      ],
    },
    shape: 'split infeasible rank rank',
  },
  'an inductive comparison of the text': {
    loop: {
      variables: ['x', 'y', 'z'],
      before: '(>= (* 2 y) z)',
      ways: [{ guard: '(and (>= x 0) (= z 2))', updates: [['x', '(+ (- x (* 2 y)) 1)']] }],
    },
    shape: 'rank',
  },
  'a measure that the user states': {
    loop: {
      variables: ['x', 'y'],
      hints: [{ kind: 'variant', text: '(ite (> x y) (- x y) (- y x))' }],
      ways: [
        { guard: '(> x y)', updates: [['x', '(- x 1)']] },
        { guard: '(< x y)', updates: [['x', '(+ x 1)']] },
      ],
    },
    shape: 'rank',
  },
  'machine arithmetic that does not wrap here': {
    loop: {
      variables: ['x'],
      ways: [{ guard: '(and (>= x 0) (< x 100))', updates: [['x', '(wrap.signed8 (+ x 1))']] }],
    },
    shape: 'rank',
  },
  'machine arithmetic that wraps once': {
    loop: {
      variables: ['x'],
      before: '(and (>= x 0) (<= x 127))',
      ways: [{ guard: '(> x 5)', updates: [['x', '(wrap.signed8 (+ x 1))']] }],
    },
    shape: 'split infeasible rank',
  },
  squaring: {
    loop: { variables: ['x', 'y'], ways: [{ guard: '(and (> x 1) (< x y))', updates: [['x', '(* x x)']] }] },
    shape: 'rank',
  },
  'a polynomial equation that runs suggest': {
    loop: {
      variables: ['x', 'y', 'z', 'c', 'k'],
      ones: ['x', 'y', 'c'],
      ways: [
        {
          guard: '(< (+ (- (- (+ 1 (* x z)) x) (* y z)) c) k)',
          updates: [
            ['c', '(+ c 1)'],
            ['x', '(+ (* x z) 1)'],
            ['y', '(* y z)'],
          ],
        },
      ],
    },
    shape: 'rank',
  },
  'a loop that need not end': {
    loop: { variables: ['x', 'y'], ways: [{ guard: '(> x y)', updates: [['x', '(- x y)']] }] },
    shape: undefined,
  },
  'a loop without condition': { loop: { variables: ['x'], ways: [{ guard: 'true', updates: [] }] }, shape: undefined },
};

describe('ranking', () => {
  for (const [title, { loop, shape: wanted }] of Object.entries(cases)) {
    it(`${wanted === undefined ? 'does not prove' : 'proves'}: ${title}`, async () => {
      const verdict = await decide(loop);
      if (wanted === undefined) {
        expect(verdict.answer).toBe('dont-know');
        if (verdict.answer === 'dont-know') expect(verdict.reasons.map((r) => r.kind)).toEqual(['exhausted']);
        return;
      }
      expect(verdict.answer, JSON.stringify('reasons' in verdict ? verdict.reasons : '')).toBe('yes');
      if (verdict.answer === 'yes') {
        expect(verdict.rung).toBe(2);
        expect(shape(verdict.evidence)).toBe(wanted);
      }
    });
  }

  it('refutes a stated invariant by a run', async () => {
    const verdict = await decide({
      variables: ['x', 'y'],
      hints: [{ kind: 'invariant', text: '(> y 0)' }],
      ways: [{ guard: '(> x y)', updates: [['x', '(- x y)']] }],
    });
    expect(verdict.answer).toBe('dont-know');
    if (verdict.answer === 'dont-know')
      expect(verdict.reasons[0]!.text).toContain('the stated invariant `(> y 0)` is wrong');
  });
});
