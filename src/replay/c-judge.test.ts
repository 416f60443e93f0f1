import { describe, expect, test } from 'vitest';
import type { CheckKind } from '../program/program.ts';
import { TermFactory } from '../terms/factory.ts';
import type { Harness } from './c-harness.ts';
import { judge, sanitizerReport } from './c-judge.ts';
import type { NativeRun } from './native-run.ts';

/** What sanitizers say, as they say it. */
const useAfterFree = `=================================================================
==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x55 bp 0x7f sp 0x7e
READ of size 4 at 0x602000000010 thread T0
    #0 0x55d0c1 in use /home/u/f.c:7
    #1 0x55d0c2 in main /x/harness.c:5
`;
const doubleFree = `==17==ERROR: AddressSanitizer: attempting double-free on 0x602000000010 in thread T0:
    #0 0x7f0b in __interceptor_free (/lib/libasan.so.8+0xb76a8)
    #1 0x55d0c1 in f /home/u/f.c:9
`;
const overflow = 'f.c:7:12: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type int\n';
const leak = `==17==ERROR: LeakSanitizer: detected memory leaks

Direct leak of 4 byte(s) in 1 object(s) allocated from:
    #0 0x7f0b in __interceptor_malloc (/lib/libasan.so.8+0xb89cf)
    #1 0x55d0c1 in main /home/u/f.c:3
`;

const terms = new TermFactory();

function judged(kind: CheckKind, line: number, run: Partial<NativeRun>): string {
  const position = { offset: 0, line, column: 1 };
  const check = {
    id: 0,
    kind,
    at: 0,
    property: terms.false,
    text: 'it is fine',
    failure: 'it is not',
    origin: { path: 'f.c', start: position, end: position },
  };
  const harness: Harness = {
    include: 'f.c',
    sourceText: '',
    functionName: 'f',
    expected: { params: [], pointers: new Map(), globals: [], inputs: [], end: { kind: 'check', check }, unset: false },
  };
  const whole: NativeRun = { kind: 'ended', status: 1, signal: null, stdout: '', stderr: '', ...run };
  const { kind: result, text } = judge(whole, harness, { path: '/home/u/f.c', runTimeoutMs: 3_000 });
  return `${result}: ${text}`;
}

describe('the kind and the line of a failure are compared', () => {
  test.each([
    ['pointer', 7, useAfterFree, 'same: cc: the sanitizer stopped it at line 7: heap-use-after-free'],
    ['pointer', 8, useAfterFree, 'different: cc: the sanitizer stopped it at line 7: heap-use-after-free'],
    ['overflow', 7, useAfterFree, 'different: cc: the sanitizer stopped it at line 7: heap-use-after-free'],
    ['free', 9, doubleFree, 'same: cc: the sanitizer stopped it at line 9: attempting double-free'],
    ['division', 7, overflow, 'different: cc: the sanitizer stopped it at line 7: signed integer overflow'],
    ['leak', 11, leak, 'same: cc: the sanitizer stopped it at line 3: detected memory leaks'],
    ['assertion', 7, overflow, 'different: cc: the sanitizer stopped it before: signed integer overflow'],
  ] as const)('%s at line %i', (kind, line, stderr, expected) =>
    expect(judged(kind, line, { stderr })).toContain(expected),
  );

  test.each([
    ['pointer', { signal: 'SIGSEGV' }, 'same: cc: a memory fault (SIGSEGV)'],
    [
      'pointer',
      { status: 0 },
      'different: cc: no sanitizer stopped it (undefined behaviour need not show); it ended with status 0',
    ],
    ['assertion', { signal: 'SIGABRT' }, 'same: cc: the same failure'],
    ['leak', { stderr: 'LeakSanitizer has encountered a fatal error.' }, 'cannot-run: not run: the leak detector'],
  ] as const)('%s without a report', (kind, run, expected) => expect(judged(kind, 7, run)).toContain(expected));
});

test('the first report counts', () => {
  expect(sanitizerReport(`${overflow}${useAfterFree}`, '/home/u/f.c')?.text).toMatch(/signed integer overflow/);
  expect(sanitizerReport('nothing', 'f.c')).toBeUndefined();
});
