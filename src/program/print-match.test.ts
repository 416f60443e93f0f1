import { describe, expect, test } from 'vitest';
import { TermFactory } from '../terms/factory.ts';
import { printAssumptions, printsText } from './print-match.ts';
import type { Event } from './program.ts';

const t = new TermFactory();
const print = (text: string, ...formats: string[]): Event => ({
  at: 0,
  kind: 'print',
  text,
  args: formats.map(() => t.int(1)),
  formats,
});

describe('prints of C', () => {
  const certain = (event: Event, text: string) => printsText(event, text, 'percent');
  const doubts = (events: Event[], text: string) => printAssumptions(events, text, 'percent').length;

  test('literal text is said for certain, a conversion is not text', () => {
    expect(certain(print('Error!\n'), 'Error!')).toBe(true);
    expect(certain(print('at %d\n', '%d'), 'at')).toBe(true);
    expect(certain(print('at %d\n', '%d'), '%d')).toBe(false);
    expect(certain(print('100%%\n'), '100%')).toBe(true);
    expect(certain(print('a%db', '%d'), 'ab')).toBe(false);
  });
  test('what the values could make is doubtful', () => {
    expect(doubts([print('at %d\n', '%d')], 'at 7')).toBe(1);
    expect(doubts([print('at %d\n', '%d')], 'at x')).toBe(0);
    expect(doubts([print('%s\n', '%s')], 'Error!')).toBe(1);
    expect(doubts([print('%d %d\n', '%d', '%d')], '3 4')).toBe(1);
  });
  test('what several prints could make is doubtful', () => {
    expect(doubts([print('Err'), print('or!\n')], 'Error!')).toBe(1);
    expect(doubts([print('Err\n'), print('or!\n')], 'Error!')).toBe(0);
    expect(doubts([print('%d', '%d')], '12\n')).toBe(1);
    expect(doubts([print('fine\n'), print('Error!\n')], 'Error!')).toBe(0);
  });
});

describe('prints of Python', () => {
  test('braces are values only where there are values', () => {
    expect(printsText(print('{}\n'), '{}', 'braces')).toBe(true);
    expect(printsText(print('{}\n', 'int'), '{}', 'braces')).toBe(false);
    expect(printAssumptions([print('x = {}\n', 'int')], 'x = 3', 'braces')).toHaveLength(1);
    expect(printAssumptions([print('x = {}\n', 'int')], 'x = y', 'braces')).toHaveLength(0);
  });
});
