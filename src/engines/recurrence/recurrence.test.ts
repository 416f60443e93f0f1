import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import { Machine, TraceChoices } from '../../program/interpreter.ts';
import type { LocationId, Program, Step } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { TermFactory } from '../../terms/factory.ts';
import { boolSort, intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { check } from '../../verdict/check.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { recurrence } from './engine.ts';

/** Writes a program: locations by number from 0 (the entry), edges with their steps. */
interface Script {
  readonly t: TermFactory;
  readonly x: SymbolTerm;
  readonly y: SymbolTerm;
  readonly z: SymbolTerm;
  readonly b: SymbolTerm;
  edge(from: number, to: number, ...steps: Step[]): void;
}

const assume = (condition: Term): Step => ({ kind: 'assume', condition });
const assign = (target: SymbolTerm, value: Term): Step => ({ kind: 'assign', target, value });
const havoc = (target: SymbolTerm): Step => ({ kind: 'havoc', target });

function program(write: (script: Script) => void, range?: { low: bigint; high: bigint }): Program {
  const t = new TermFactory();
  const builder = new ProgramBuilder(t);
  const p = builder.procedure('main');
  const declare = (name: string): SymbolTerm =>
    p.declare({ name, role: 'parameter', ...(range ? { range } : {}) }, intSort);
  const [x, y, z] = [declare('x'), declare('y'), declare('z')];
  const b = p.declare({ name: 'b', role: 'parameter' }, boolSort);
  const places: LocationId[] = [p.entry, p.exit];
  const place = (number: number): LocationId => {
    while (places.length <= number) places.push(p.location());
    return places[number]!;
  };
  write({ t, x, y, z, b, edge: (from, to, ...steps) => p.edge(place(from), place(to), steps) });
  p.finish();
  return builder.build('main');
}

async function ask(p: Program, stepLimit = 400_000): Promise<Verdict> {
  const task: Task = {
    program: p,
    question: { kind: 'terminates', text: 'does it end?' },
    assumptions: [],
    subject: { path: 'a', language: 'its' },
  };
  const run = recurrence.run(task, { budget: new Budget({ stepLimit }), prover: new ProverChain(), seed: 1 });
  let step = await run.next();
  while (!step.done) step = await run.next();
  return check(task, [step.value]);
}

/** The answer is no, on rung 2, and its stem can be run. */
async function expectNo(p: Program): Promise<void> {
  const verdict = await ask(p);
  expect(verdict.answer === 'dont-know' ? verdict.reasons : verdict.answer).toBe('no');
  if (verdict.answer !== 'no' || verdict.evidence.kind !== 'recurrent-set') throw new Error('no recurrent set');
  expect(verdict.rung).toBe(2);
  const { stem, stemSteps } = verdict.evidence;
  const machine = new Machine(p, new TraceChoices(stem));
  machine.run({ stepLimit: stemSteps });
  expect(machine.steps).toBe(stemSteps);
}

describe('recurrent sets', () => {
  it('are guards that hold for ever', () =>
    expectNo(
      program(({ t, x, edge }) => {
        edge(0, 2);
        edge(2, 2, assume(t.greater(x, t.int(1000))), assign(x, t.add(x, t.int(3))));
        edge(2, 1, assume(t.lessEqual(x, t.int(1000))));
      }),
    ));

  it('are strengthened by the sign of what is added', () =>
    expectNo(
      program(({ t, x, y, z, edge }) => {
        edge(0, 2, assume(t.less(x, t.int(50))), assume(t.less(z, t.int(-3))));
        edge(
          2,
          2,
          assume(t.greater(x, t.int(0))),
          assign(x, t.add(x, y)),
          assign(y, t.add(y, z)),
          assign(z, t.add(z, t.int(1))),
        );
      }),
    ));

  it('are periodic orbits', () =>
    expectNo(
      program(({ t, x, y, z, edge }) => {
        edge(0, 2);
        edge(
          2,
          2,
          assume(t.not(t.equal(t.add(x, y), t.int(0)))),
          assume(t.less(x, t.int(900))),
          assign(z, x),
          assign(x, t.negate(y)),
          assign(y, t.negate(z)),
        );
      }),
    ));

  it('choose inputs', () =>
    expectNo(
      program(({ t, x, y, edge }) => {
        edge(0, 2);
        edge(
          2,
          2,
          assume(t.greater(x, t.int(5))),
          havoc(y),
          assume(t.less(y, t.negate(x))),
          assume(t.greater(t.add(y, t.multiply(t.int(2), x)), t.int(0))),
          assign(x, t.negate(y)),
        );
      }),
    ));

  it('go through inner loops that end', () =>
    expectNo(
      program(({ t, x, y, z, edge }) => {
        edge(0, 2, assume(t.greater(z, t.int(3))));
        edge(2, 3, assume(t.greater(z, t.int(0))), assign(y, t.int(0)), assign(x, t.add(x, t.int(1))));
        edge(3, 3, assume(t.less(y, t.int(5))), assign(y, t.add(y, t.int(1))));
        edge(3, 2, assume(t.greaterEqual(y, t.int(5))));
      }),
    ));

  it('span several locations when an inner loop has no bound', () =>
    expectNo(
      program(({ t, x, y, z, edge }) => {
        edge(0, 2, assume(t.greater(z, t.int(3))));
        edge(2, 3, assume(t.greater(z, t.int(0))), assign(y, t.int(0)), assign(x, t.add(x, t.int(1))));
        edge(3, 3, assume(t.less(y, x)), assign(y, t.add(y, z)));
        edge(3, 2, assume(t.greaterEqual(y, x)), assume(t.greater(y, t.int(-1))), assign(z, t.add(z, y)));
      }),
    ));

  it('lie behind long stems', () =>
    expectNo(
      program(({ t, x, y, edge }) => {
        edge(0, 2, assign(x, t.int(0)));
        edge(2, 2, assume(t.less(x, t.int(500))), assign(x, t.add(x, t.int(1))), assign(y, t.subtract(y, t.int(1))));
        edge(2, 3, assume(t.greaterEqual(x, t.int(500))));
        edge(3, 3, assume(t.less(y, t.int(0))), assign(y, t.subtract(y, x)));
      }),
    ));

  it('are found with products, Booleans, quotients and choices inside an edge', async () => {
    await expectNo(
      program(({ t, x, y, edge }) => {
        edge(0, 2, assume(t.greater(y, t.int(1))));
        edge(2, 2, assume(t.greater(t.multiply(x, y), t.int(8))), assign(x, t.multiply(x, x)));
      }),
    );
    await expectNo(
      program(({ t, x, b, edge }) => {
        edge(0, 2, assign(b, t.greater(x, t.int(7))));
        edge(2, 2, assume(b), assign(b, t.greater(x, t.int(3))), assign(x, t.ite(b, t.add(x, t.int(1)), t.int(0))));
      }),
    );
    await expectNo(
      program(({ t, x, y, edge }) => {
        edge(0, 2, assume(t.equal(t.apply('mod', [x, t.int(2)]), t.int(1))));
        edge(
          2,
          2,
          assume(t.equal(t.apply('mod', [x, t.int(2)]), t.int(1))),
          assign(x, t.add(x, t.multiply(t.int(2), y))),
        );
      }),
    );
  });

  it('respect ranges and wrap-around', () =>
    expectNo(
      program(
        ({ t, x, edge }) => {
          edge(0, 2);
          edge(2, 2, assume(t.greaterEqual(x, t.int(0))), assign(x, t.wrapUnsigned(t.subtract(x, t.int(1)), 8)));
        },
        { low: 0n, high: 255n },
      ),
    ));

  it('are not claimed for loops that end', async () => {
    const countdown = program(({ t, x, edge }) => {
      edge(0, 2);
      edge(2, 2, assume(t.greater(x, t.int(0))), assign(x, t.subtract(x, t.int(1))));
    });
    const unreachable = program(({ t, x, edge }) => {
      edge(0, 2, assume(t.less(x, t.int(0))));
      edge(2, 2, assume(t.greater(x, t.int(0))));
    });
    const noChoice = program(({ t, x, y, edge }) => {
      edge(0, 2);
      edge(2, 2, assume(t.greater(x, t.int(0))), havoc(y), assume(t.less(y, x)), assign(x, y));
    });
    for (const p of [countdown, unreachable, noChoice]) {
      const verdict = await ask(p, 30_000);
      expect(verdict.answer).toBe('dont-know');
      if (verdict.answer === 'dont-know') expect(verdict.reasons[0]!.kind).toMatch(/exhausted|budget/);
    }
  });

  it('give the same bytes for the same seed and steps', async () => {
    const evidence = async (): Promise<string> => {
      const verdict = await ask(
        program(({ t, x, y, edge }) => {
          edge(0, 2);
          edge(2, 2, assume(t.greater(x, y)), havoc(y), assign(x, t.add(x, t.int(1))));
        }),
      );
      if (verdict.answer !== 'no' || verdict.evidence.kind !== 'recurrent-set') throw new Error(verdict.answer);
      const { stem, sets } = verdict.evidence;
      return [...stem.initial.values(), ...stem.havocs, ...sets[0]!.cases[0]!.edges, sets[0]!.set.id].join();
    };
    expect(await evidence()).toBe(await evidence());
  });
});
