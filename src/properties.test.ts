import { describe, expect, test } from 'vitest';
import { Budget } from './base/budget.ts';
import { ProgramBuilder } from './program/builder.ts';
import type { Task } from './program/question.ts';
import { type Asking, settleProperties } from './properties.ts';
import { TermFactory } from './terms/factory.ts';
import { intSort } from './terms/sort.ts';
import { check } from './verdict/check.ts';
import type { Evidence } from './verdict/evidence.ts';
import { partTask, propertiesOf } from './verdict/properties.ts';

/** A straight line that checks `x != v` for each value, where x is any of 0 to 9. */
function line(values: readonly number[]): Task {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const x = p.declare({ name: 'x', role: 'parameter', range: { low: 0n, high: 9n } }, intSort);
  let at = p.entry;
  for (const v of values) {
    const property = t.not(t.equal(x, t.int(v)));
    b.check({ kind: 'assertion', at, property, text: `x is not ${v}`, failure: `x is ${v}` });
    const next = p.location();
    p.edge(at, next, []);
    at = next;
  }
  p.edge(at, p.exit, []);
  p.finish();
  const program = b.build('main');
  const targets = program.checks.map((c) => ({ at: c.at, property: c.property, check: c.id }));
  const question = { kind: 'always', text: 'does nothing go wrong?', targets } as const;
  return { program, question, assumptions: [], subject: { path: 'test', language: 'its' } };
}

/** Tries all values; knows nothing about questions with more targets than `most`. */
const trying =
  (most: number, asked: number[] = []): Asking =>
  async (task) => {
    const { question } = task;
    if (question.kind === 'terminates') throw new Error('not asked');
    asked.push(question.targets.length);
    if (question.targets.length > most) {
      return check(task, [{ by: 'test', answer: 'dont-know', reason: { kind: 'exhausted', text: 'too many' } }]);
    }
    const x = [...task.program.variables.keys()][0]!;
    for (let value = 0n; value < 10n; value++) {
      const evidence = { kind: 'trace', trace: { initial: new Map([[x, value]]), havocs: [] }, steps: 100 } as const;
      const verdict = check(task, [{ by: 'test', answer: 'no', evidence }]);
      if (verdict.answer === 'no') return verdict;
    }
    return check(task, [{ by: 'test', answer: 'yes', evidence: { kind: 'exhaustive', stepLimit: 10_000 } }]);
  };

const settled = async (task: Task, asking: Asking, budget = new Budget()) =>
  settleProperties(task, await asking(task, budget), asking, budget);

describe('the properties of one question', () => {
  test('all independent failures are found, and what is left holds', async () => {
    const { verdict, results } = await settled(line([12, 3, 11, 5, 3]), trying(9));
    // The last check fails for x = 3 only, and there the run has ended before: it holds on every run up to that.
    expect(results.map((r) => r.result)).toEqual(['holds', 'fails', 'holds', 'fails', 'holds']);
    expect(verdict.answer).toBe('no');
    for (const { result, verdict: own } of results) {
      expect(own.answer).toBe(result === 'holds' ? 'yes' : 'no');
    }
  });

  test('what cannot be settled together is settled apart, and adds up to a yes', async () => {
    const asked: number[] = [];
    const task = line([12, 13, 14, 15, 16]);
    const { verdict, results } = await settled(task, trying(2, asked));
    expect(asked[0]).toBe(5);
    expect(results.every((r) => r.result === 'holds')).toBe(true);
    expect(verdict).toMatchObject({ answer: 'yes', rung: 1, evidence: { kind: 'parts' } });
  });

  test('a failure that is found apart answers the whole question', async () => {
    const { verdict, results } = await settled(line([12, 13, 14, 5]), trying(1));
    expect(results.map((r) => r.result)).toEqual(['holds', 'holds', 'holds', 'fails']);
    expect(verdict.answer).toBe('no');
  });

  test('without a budget, everything but what is known is open', async () => {
    const budget = new Budget();
    const task = line([3, 12]);
    const whole = await trying(9)(task, budget);
    budget.stop();
    const { verdict, results } = await settleProperties(task, whole, trying(9), budget);
    expect(results.map((r) => r.result)).toEqual(['fails', 'open']);
    expect(verdict.answer).toBe('no');
  });

  test('one property is not asked about twice', async () => {
    const asked: number[] = [];
    const { results } = await settled(line([12]), trying(0, asked));
    expect(results.map((r) => r.result)).toEqual(['open']);
    expect(asked).toEqual([1]);
  });
});

describe('evidence in parts', () => {
  const task = line([12, 13]);
  const fine = { kind: 'exhaustive', stepLimit: 10_000 } as const;
  const answerTo = (evidence: Evidence) => check(task, [{ by: 'test', answer: 'yes', evidence }]).answer;

  test('is accepted when the parts are about every target', () =>
    expect(
      answerTo({
        kind: 'parts',
        parts: [
          { targets: [1], evidence: fine },
          { targets: [0], evidence: fine },
        ],
      }),
    ).toBe('yes'));
  test.each([
    ['a target is in no part', { kind: 'parts', parts: [{ targets: [1], evidence: fine }] }],
    ['there are no parts', { kind: 'parts', parts: [] }],
    ['a part is about something else', { kind: 'parts', parts: [{ targets: [0, 1, 2], evidence: fine }] }],
    ['a part does not check', { kind: 'parts', parts: [{ targets: [0, 1], evidence: { ...fine, stepLimit: 1 } }] }],
  ] as const)('is rejected when %s', (_what, evidence) => expect(answerTo(evidence)).toBe('dont-know'));

  test('a failing target makes its part fail', () => {
    const failing = line([12, 3]);
    const parts = [
      { targets: [0], evidence: fine },
      { targets: [1], evidence: fine },
    ];
    expect(check(failing, [{ by: 'test', answer: 'yes', evidence: { kind: 'parts', parts } }]).answer).toBe(
      'dont-know',
    );
    expect(check(partTask(failing, [0]), [{ by: 'test', answer: 'yes', evidence: fine }]).answer).toBe('yes');
  });
});

test('checks of one place are one property; other questions have none', () => {
  const task = line([3, 3]);
  expect(propertiesOf(task)).toHaveLength(2);
  const at = { offset: 4, line: 1, column: 5 };
  const origin = { path: 'f.c', start: at, end: { ...at, offset: 6 } };
  const checks = task.program.checks.map((c) => ({ ...c, origin }));
  expect(propertiesOf({ ...task, program: { ...task.program, checks } })).toHaveLength(1);
  expect(propertiesOf({ ...task, question: { kind: 'terminates', text: 'does it end?' } })).toEqual([]);
});
