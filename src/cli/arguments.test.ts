import { describe, expect, test } from 'vitest';
import { type Invocation, parseArguments } from './arguments.ts';

const read = (...argv: string[]): Invocation => {
  const result = parseArguments(argv);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const complaint = (...argv: string[]): string => {
  const result = parseArguments(argv);
  if (result.ok) throw new Error('accepted');
  return `${result.error.message} / ${result.error.hint ?? ''}`;
};

describe('what is asked', () => {
  test('nothing: the tour', () => expect(read()).toEqual({ kind: 'tour' }));
  test('a bare file: the sensible questions', () =>
    expect(read('f.c:f')).toMatchObject({ kind: 'question', question: 'sensible', targets: ['f.c:f'] }));
  test('ever with an event', () =>
    expect(read('ever', 'f.c', '--returns', 'false')).toMatchObject({
      question: 'ever',
      event: { kind: 'returns', value: false },
    }));
  test('always --returns V: nothing else is returned', () =>
    expect(read('always', 'f.c', '--returns', '3')).toMatchObject({
      question: 'always',
      event: { kind: 'returns', value: 3n, other: true },
    }));
  test('a negative value', () =>
    expect(read('ever', 'f.c', '--returns', '-1')).toMatchObject({ event: { value: -1n } }));
  test('ask takes a sentence first', () =>
    expect(read('ask', 'does f end?', 'f.c')).toMatchObject({
      question: 'ask',
      sentence: 'does f end?',
      targets: ['f.c'],
    }));
  test('--checks default,leak: the usual ones and one more; all: every kind', () => {
    expect(read('check', 'f.c', '--checks', 'default,leak')).toMatchObject({
      settings: { checks: new Set(['leak']), usualChecks: true },
    });
    const all = read('check', 'f.c', '--checks', 'all', '--no-checks', 'overflow');
    expect(all).toMatchObject({ settings: { allChecks: true, noChecks: new Set(['overflow']) } });
  });
  test('--malloc-fails', () => {
    expect(read('check', 'f.c', '--malloc-fails', 'no')).toMatchObject({ settings: { allocation: 'succeeds' } });
    expect(read('check', 'f.c', '--malloc-fails', 'yes')).toMatchObject({ settings: { allocation: 'may-fail' } });
  });
  test('policy keeps its arguments as they are', () =>
    expect(read('policy', 'public', '--json')).toEqual({ kind: 'policy', rest: ['public', '--json'] }));
  test.each([
    ['5', 5_000],
    ['1.5s', 1_500],
    ['500ms', 500],
    ['2m', 120_000],
  ])('--timeout %s', (text, timeoutMs) =>
    expect(read('f.c', '--timeout', text)).toMatchObject({ settings: { timeoutMs } }),
  );
});

describe('mistakes get a sentence', () => {
  test.each([
    [['--jsn', 'f.c'], /unknown option --jsn .*--json/],
    [['f.c', '--json', '--sarif'], /--json and --sarif contradict/],
    [['f.c', '--int', 'c', '--int', 'wrap'], /--int is given twice/],
    [['f.c', '--int', 'big'], /choose one of c, wrap, math/],
    [['f.c', '--timeout', '0'], /give a time/],
    [['f.c', '--timeout'], /needs a value/],
    [['f.c', '--seed', 'x'], /whole number/],
    [['f.c', '--json=yes'], /takes no value/],
    [['check', 'f.c', '--checks', 'overflow', '--no-checks', 'overflow'], /both name overflow/],
    [['check', 'f.c', '--checks', 'everything'], /there is no check "everything".*overflow/],
    [['check', 'f.c', '--no-checks', 'default'], /there is no check "default"/],
    [['check', 'f.c', '--malloc-fails', 'maybe'], /choose one of yes, no/],
    [['terminates', 'f.c', '--returns', '3'], /--returns does not go with `terminates`/],
    [['ever', 'f.c'], /ever what/],
    [['ever', 'f.c', '--returns', '3', '--prints', 'x'], /contradict/],
    [['ever', 'f.c', '--returns', 'three'], /"three" is not a value/],
    [['terminates'], /needs a file/],
    [['frobnicate', 'x.c'], /no command frobnicate.*the commands are always/],
    [['terminats', 'f.c'], /no command terminats.*did you mean terminates/],
    [['ask', 'does f end?'], /a sentence and a file/],
    [['recheck'], /needs a certificate/],
    [['--quiet'], /no file is given/],
  ])('%j', (argv, expected) => expect(complaint(...argv)).toMatch(expected));
});
