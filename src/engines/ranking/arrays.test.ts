import { describe, expect, test } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Program, Step } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { TermFactory } from '../../terms/factory.ts';
import { arraySort, intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { ArrayValue } from '../../terms/value.ts';
import { check } from '../../verdict/check.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { ranking } from './engine.ts';

/** One loop over integers i, n, x and arrays a, b: ways round it, each a list of steps. */
interface Loop {
  readonly t: TermFactory;
  readonly i: SymbolTerm;
  readonly n: SymbolTerm;
  readonly x: SymbolTerm;
  readonly a: SymbolTerm;
  readonly b: SymbolTerm;
}

const assume = (condition: Term): Step => ({ kind: 'assume', condition });
const assign = (target: SymbolTerm, value: Term): Step => ({ kind: 'assign', target, value });

const select = (t: TermFactory, array: Term, index: Term): Term => t.apply('select', [array, index]);
const store = (t: TermFactory, array: Term, index: Term, value: Term): Term => t.apply('store', [array, index, value]);

async function ask(write: (loop: Loop) => { before?: Step[]; ways: Step[][] }): Promise<Verdict> {
  const t = new TermFactory();
  const builder = new ProgramBuilder(t);
  const main = builder.procedure('main');
  const int = (name: string): SymbolTerm => main.declare({ name, role: 'parameter' }, intSort);
  const [i, n, x] = [int('i'), int('n'), int('x')];
  const array = (name: string): SymbolTerm => main.declare({ name, role: 'local' }, arraySort(intSort, intSort));
  const { before, ways } = write({ t, i, n, x, a: array('a'), b: array('b') });
  const head = main.location({ loop: { keyword: 'while' } });
  main.edge(main.entry, head, before ?? []);
  for (const way of ways) main.edge(head, head, way);
  main.edge(head, main.exit, []);
  main.finish();
  return answer(builder.build('main'));
}

async function answer(program: Program): Promise<Verdict> {
  const task: Task = {
    program,
    question: {
      kind: 'terminates',
      text: 'does it end?',
      origin: { source: { path: 'x', text: '' }, start: 0, end: 0 },
    },
    subject: { language: 'test', text: '' },
    assumptions: [],
  } as unknown as Task;
  const tools = { budget: new Budget({ stepLimit: 3_000_000 }), prover: new ProverChain(), seed: 1 };
  const run = ranking.run(task, tools);
  for (;;) {
    const next = await run.next();
    if (next.done) return check(task, [next.value]);
  }
}

describe('measures made of array elements', () => {
  test('an element that falls', async () => {
    const verdict = await ask(({ t, i, a }) => {
      const here = select(t, a, i);
      return { ways: [[assume(t.less(t.int(0), here)), assign(a, store(t, a, i, t.subtract(here, t.int(1))))]] };
    });
    expect(verdict).toMatchObject({ answer: 'yes', rung: 2 });
  });

  test('an element that falls by another one', async () => {
    const verdict = await ask(({ t, a, x }) => {
      const [first, second] = [select(t, a, t.int(0)), select(t, a, t.int(1))];
      return {
        before: [assume(t.less(t.int(0), second))],
        ways: [
          [
            assume(t.less(t.int(0), first)),
            assign(a, store(t, a, t.int(0), t.subtract(first, second))),
            assign(x, first),
          ],
        ],
      };
    });
    expect(verdict).toMatchObject({ answer: 'yes', rung: 2 });
  });

  test('the place moves, or what is there falls', async () => {
    const verdict = await ask(({ t, i, n, a }) => {
      const here = select(t, a, i);
      const guard = assume(t.and(t.less(i, n), t.lessEqual(t.int(0), here)));
      return {
        ways: [
          [guard, assign(i, t.add(i, t.int(1)))],
          [guard, assign(a, store(t, a, i, t.subtract(here, t.int(1))))],
        ],
      };
    });
    expect(verdict).toMatchObject({ answer: 'yes', rung: 2 });
  });

  test('not where another element falls', async () => {
    const verdict = await ask(({ t, i, n, a }) => ({
      ways: [
        [assume(t.less(t.int(0), select(t, a, i))), assign(a, store(t, a, n, t.subtract(select(t, a, n), t.int(1))))],
      ],
    }));
    expect(verdict.answer).toBe('dont-know');
  });
});

/** A list is built from the front (each object at a later address than the one before), then walked along. */
async function walk(link: (t: TermFactory, made: Term, last: Term) => Term): Promise<Verdict> {
  const t = new TermFactory();
  const builder = new ProgramBuilder(t);
  const main = builder.procedure('main');
  const int = (name: string): SymbolTerm => main.declare({ name, role: 'local' }, intSort);
  const [n, made, last, p] = [int('n'), int('made'), int('last'), int('p')];
  const next = main.declare({ name: 'next', role: 'local' }, arraySort(intSort, intSort));
  const build = main.location({ loop: { keyword: 'while' } });
  const follow = main.location({ loop: { keyword: 'while' } });
  const zero = t.int(0);
  main.edge(main.entry, build, [
    assign(made, t.int(1000)),
    assign(last, zero),
    assign(next, t.value(new ArrayValue(0n), next.sort)),
  ]);
  main.edge(build, build, [
    assume(t.less(zero, n)),
    assign(n, t.subtract(n, t.int(1))),
    assign(next, store(t, next, made, link(t, made, last))),
    assign(last, made),
    assign(made, t.add(made, t.int(16))),
  ]);
  main.edge(build, follow, [assume(t.lessEqual(n, zero)), assign(p, last)]);
  main.edge(follow, follow, [assume(t.not(t.equal(p, zero))), assign(p, select(t, next, p))]);
  main.edge(follow, main.exit, [assume(t.equal(p, zero))]);
  main.finish();
  return answer(builder.build('main'));
}

describe('walks along links', () => {
  test('end where every link leads to an earlier object', async () => {
    expect(await walk((_, __, last) => last)).toMatchObject({ answer: 'yes', rung: 2 });
  });

  test('need not end where a link leads to its own object', async () => {
    const verdict = await walk((_, made) => made);
    expect(verdict.answer).toBe('dont-know');
  });
});
