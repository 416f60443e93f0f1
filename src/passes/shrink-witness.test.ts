import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../program/builder.ts';
import type { Question, Task } from '../program/question.ts';
import { TermFactory } from '../terms/factory.ts';
import { arraySort, floatSort, intSort } from '../terms/sort.ts';
import { ArrayValue, numberToFloat } from '../terms/value.ts';
import type { Claim } from '../verdict/claim.ts';
import { shrinkClaim } from './shrink-witness.ts';

/** while (x > y) x = x - y; over mathematical integers, and the failing check x != 77 in the loop. */
function example(): {
  task: (kind: 'terminates' | 'always') => Task;
  x: ReturnType<TermFactory['symbol']>;
  y: ReturnType<TermFactory['symbol']>;
} {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('g2');
  const x = p.declare({ name: 'x', role: 'parameter' }, intSort);
  const y = p.declare({ name: 'y', role: 'parameter' }, intSort);
  const head = p.location({ loop: { keyword: 'while' } });
  const body = p.location();
  p.edge(p.entry, head, []);
  p.edge(head, body, [{ kind: 'assume', condition: t.greater(x, y) }]);
  p.edge(head, p.exit, [{ kind: 'assume', condition: t.lessEqual(x, y) }]);
  p.edge(body, head, [{ kind: 'assign', target: x, value: t.subtract(x, y) }]);
  p.finish();
  const program = b.build('g2');
  const property = t.not(t.equal(t.apply('rem', [x, t.int(10)]), t.int(7)));
  const question = (kind: 'terminates' | 'always'): Question =>
    kind === 'terminates'
      ? { kind, text: 'Does g2 end?' }
      : { kind, text: 'Is x never 7 at the end of a decade?', targets: [{ at: body, property }] };
  return {
    task: (kind) => ({ program, question: question(kind), assumptions: [], subject: { path: 'g2', language: 'its' } }),
    x,
    y,
  };
}

describe('counterexamples become small', () => {
  test('a lasso: (913, 0) becomes (1, 0)', () => {
    const { task, x, y } = example();
    const trace = {
      initial: new Map([
        [x, 913n],
        [y, 0n],
      ]),
      havocs: [],
    };
    const claim: Claim = { by: 'test', answer: 'no', evidence: { kind: 'lasso', trace, firstStep: 1, secondStep: 3 } };
    const shrunk = shrinkClaim(task('terminates'), claim);
    if (shrunk.answer === 'dont-know' || shrunk.evidence.kind !== 'lasso') throw new Error('another claim');
    expect(shrunk.evidence.trace.initial).toEqual(
      new Map([
        [x, 1n],
        [y, 0n],
      ]),
    );
  });

  test('a failing check keeps failing', () => {
    const { task, x, y } = example();
    const trace = {
      initial: new Map([
        [x, 997n],
        [y, -5n],
      ]),
      havocs: [],
    };
    const claim: Claim = { by: 'test', answer: 'no', evidence: { kind: 'trace', trace, steps: 50 } };
    const shrunk = shrinkClaim(task('always'), claim);
    if (shrunk.answer === 'dont-know' || shrunk.evidence.kind !== 'trace') throw new Error('another claim');
    const value = shrunk.evidence.trace.initial.get(x) as bigint;
    expect(value < 100n && value > -100n).toBe(true);
  });

  test('what cannot be made smaller stays as it is', () => {
    const { task, x, y } = example();
    const minimal = {
      initial: new Map([
        [x, 1n],
        [y, 0n],
      ]),
      havocs: [],
    };
    const claim: Claim = {
      by: 'test',
      answer: 'no',
      evidence: { kind: 'lasso', trace: minimal, firstStep: 1, secondStep: 3 },
    };
    expect(shrinkClaim(task('terminates'), claim)).toBe(claim);
  });
});

test('arrays lose entries, floats lose digits, addresses become null or stay', () => {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const role = 'local' as const;
  const a = p.declare({ name: 'a', role }, arraySort(intSort, intSort));
  const f = p.declare({ name: 'f', role }, floatSort(64));
  const used = p.declare({ name: 'p', role, pointer: true }, intSort);
  const unused = p.declare({ name: 'q', role, pointer: true }, intSort);
  const n = p.declare({ name: 'n', role }, intSort);
  const end = p.location();
  const havoc = (target: typeof n) => ({ kind: 'havoc', target }) as const;
  p.edge(p.entry, end, [havoc(used), havoc(n), havoc(unused)]);
  p.edge(end, p.exit, []);
  p.finish();
  const program = b.build('main');
  const third = t.apply('select', [a, t.int(3)]);
  const positive = t.apply('fp.lt', [t.value(numberToFloat(0.25, 'binary64'), floatSort(64)), f]);
  // It fails when a[3] > 100, f > 0.25, p is not null and n > 5.
  const property = t.not(
    t.all([t.less(t.int(100), third), positive, t.not(t.equal(used, t.int(0))), t.less(t.int(5), n)]),
  );
  const task: Task = {
    program,
    question: { kind: 'always', text: 'is it fine?', targets: [{ at: end, property }] },
    assumptions: [],
    subject: { path: 'test', language: 'c' },
  };
  const array = [7n, 3n, 900n, 12n].reduce((v, i) => v.store(i, i * 1_000n), new ArrayValue(77n));
  const initial = new Map<typeof n | typeof a | typeof f, ArrayValue | ReturnType<typeof numberToFloat>>([
    [a, array],
    [f, numberToFloat(123.456789, 'binary64')],
  ]);
  const evidence = { kind: 'trace', trace: { initial, havocs: [4096n, 1_000n, 8192n] }, steps: 9 } as const;
  const shrunk = shrinkClaim(task, { by: 'test', answer: 'no', evidence });
  if (shrunk.answer === 'dont-know' || shrunk.evidence.kind !== 'trace') throw new Error('another claim');
  const { trace } = shrunk.evidence;
  expect(trace.havocs).toEqual([4096n, 6n, 0n]);
  expect(trace.initial.get(f)).toEqual(numberToFloat(1, 'binary64'));
  const made = trace.initial.get(a) as ArrayValue;
  expect(made.default).toBe(0n);
  expect([...made.entries.values()]).toEqual([{ index: 3n, element: 101n }]);
});
