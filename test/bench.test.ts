import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareWithBest, readBest, writeBest } from '../bench/best.ts';
import { caseRequest } from '../bench/case-request.ts';
import type { Finished } from '../bench/pool.ts';
import { type Suite, type SuiteCase, sample } from '../bench/suite.ts';
import { outcomeOf, quantile, summarise } from '../bench/summary.ts';
import { temporaryFolder } from './command-line.ts';

const suite = (property: string, semantics: string): Suite => ({
  name: 's',
  folder: '',
  origin: 'ESBMC regression suites',
  property,
  semantics,
  cases: [],
});
const item = (peerOptions: string, file = 'a.c'): SuiteCase => ({
  name: 'case',
  file,
  expected: 'yes',
  peerOptions: peerOptions.split(' ').filter((o) => o !== ''),
  entry: {},
});
const safety = suite('no assertion fails and no memory error or division by zero happens', 'C, LP64');

describe('what a case asks', () => {
  const request = (options: string, s = safety, file = 'a.c') => caseRequest(s, item(options, file));
  const checks = (options: string, s = safety): readonly string[] => {
    const found = request(options, s);
    return found.kind === 'file' ? [...found.checks].sort() : [];
  };

  test('termination over mathematical integers', () =>
    expect(request('', suite('termination', 'int is a mathematical integer'))).toMatchObject({
      kind: 'file',
      question: 'terminates',
      integers: 'math',
    }));
  test('termination of C', () =>
    expect(request('', suite('termination', 'C, LP64'))).toMatchObject({ question: 'terminates', integers: 'c' }));
  test('the kinds of failure come from the property', () => {
    expect(checks('')).toEqual(['alignment', 'assertion', 'bounds', 'division', 'free', 'pointer', 'unreachable']);
    expect(checks('', suite('no assertion fails', 'C, LP64'))).toEqual(['assertion', 'unreachable']);
  });
  test('options add and drop kinds', () => {
    expect(checks('--overflow-check')).toContain('overflow');
    expect(checks('--memory-leak-check')).toContain('leak');
    expect(checks('--no-bounds-check')).not.toContain('bounds');
    expect(checks('--no-pointer-check --no-div-by-zero-check')).toEqual(['assertion', 'bounds', 'unreachable']);
    expect(checks('--no-standard-checks')).toEqual(['assertion', 'unreachable']);
  });
  test('options of the search change nothing', () =>
    expect(request('--k-induction --incremental-bmc -Wno-error=implicit-int')).toEqual(request('')));
  test('a bound on the turns counts only with its unwinding assertions', () => {
    expect(request('--unwind 9')).toMatchObject({ turnLimit: 8 });
    expect(request('--unwind 9 --no-unwinding-assertions')).not.toHaveProperty('turnLimit');
    const other = { ...safety, origin: '2LS regression suites' };
    expect(request('--unwind 9', other)).not.toHaveProperty('turnLimit');
  });
  test('the function, the data model and the allocation', () => {
    expect(request('--function f --32')).toMatchObject({ functionName: 'f', dataModel: 'ilp32' });
    expect(request('--force-malloc-success')).toMatchObject({ allocation: 'succeeds' });
  });
  test("an option that cannot be expressed makes a don't know", () =>
    expect(request('--deadlock-check')).toMatchObject({
      kind: 'unmapped',
      why: expect.stringContaining('--deadlock'),
    }));
  test('the name of the case does not matter', () =>
    expect(caseRequest(safety, { ...item(''), name: 'other' })).toEqual(request('')));
});

describe('sums', () => {
  const finished = (answer: Finished['answer'], elapsedMs: number, rung?: number): Finished => ({
    id: 0,
    answer,
    elapsedMs,
    residentMegabytes: 1,
    cold: false,
    ...(rung === undefined ? {} : { rung }),
    ...(answer === 'dont-know' ? { reason: { kind: 'budget', text: 't' } } : {}),
  });
  const outcomes = [
    outcomeOf(item(''), finished('yes', 10, 2)),
    outcomeOf(item(''), finished('no', 20, 1)),
    outcomeOf({ ...item(''), expected: null }, finished('no', 30, 1)),
    outcomeOf(item(''), finished('dont-know', 40)),
    outcomeOf(item(''), finished('crash', 50)),
  ];

  test("right, wrong, open, don't know, crash", () => {
    expect(outcomes.map((o) => o.outcome)).toEqual(['right', 'wrong', 'open', 'dontKnow', 'crashed']);
    expect(summarise(outcomes)).toMatchObject({
      total: 5,
      right: 1,
      wrong: 1,
      open: 1,
      dontKnow: 1,
      crashed: 1,
      medianMs: 30,
      p90Ms: 50,
      totalMs: 150,
      rungs: { 2: 1 },
      reasons: { budget: 1 },
    });
  });
  test('quantiles', () => {
    expect(quantile([], 0.5)).toBe(0);
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  });
  test('a sample is fixed, in order and evenly spread', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    expect(sample(items, 4)).toEqual([12, 37, 62, 87]);
    expect(sample(items, 1000)).toEqual(items);
  });
  test('the best known results: what got better, what got worse, written and read', () => {
    const path = join(temporaryFolder().path, 'best.json');
    const best = readBest(path);
    expect(compareWithBest(best, 's', outcomes.slice(0, 1)).better).toHaveLength(1);
    writeBest(path, best);
    const again = readBest(path);
    expect(again).toEqual({ s: { case: { answer: 'yes', rung: 2 } } });
    expect(compareWithBest(again, 's', [outcomeOf(item(''), finished('dont-know', 1))]).worse).toHaveLength(1);
    expect(compareWithBest(again, 's', [outcomeOf(item(''), finished('yes', 1, 4))]).worse).toHaveLength(1);
    expect(compareWithBest(again, 's', [outcomeOf(item(''), finished('yes', 1, 1))]).better).toHaveLength(1);
  });
});
