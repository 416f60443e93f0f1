import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../program/builder.ts';
import type { Program, Variable } from '../program/program.ts';
import { TermFactory } from '../terms/factory.ts';
import { arraySort, intSort } from '../terms/sort.ts';
import { ArrayValue, type Value } from '../terms/value.ts';
import { addressWords, elementCount, valueWords } from './value-words.ts';

const first = 1n << 40n;
const manyFirst = 1n << 50n;
const ints = arraySort(intSort, intSort);

/** int x; int a[10]; char s[8]; struct { ... } r; two mallocs, one of them in a loop. */
function program(): {
  program: Program;
  variable: (name: string, about?: Partial<Variable>) => ReturnType<typeof declare>;
} {
  const b = new ProgramBuilder(new TermFactory());
  const p = b.procedure('main');
  const declared = new Map([
    ['p', b.declare({ name: 'p', role: 'global', pointer: true }, intSort)],
    ['n', b.declare({ name: 'n', role: 'global' }, intSort)],
    ['a', b.declare({ name: 'a', role: 'global', typeText: 'int' }, ints)],
    ['s', b.declare({ name: 's', role: 'global', typeText: 'char' }, ints)],
    ['v', b.declare({ name: 'v', role: 'global', typeText: 'int' }, ints)],
    ['*malloc(4)', b.declare({ name: '*malloc(4)', role: 'global', typeText: 'int' }, ints)],
  ]);
  p.edge(p.entry, p.exit, []);
  p.finish();
  const range = (name: string, at: bigint, size: bigint) => ({ name, low: first + at, high: first + at + size });
  const addresses = [
    range('x', 0n, 4n),
    range('a', 4096n, 40n),
    range('s', 8192n, 8n),
    range('r', 16384n, 24n),
    range('malloc(12)', 32768n, 12n),
    { name: 'malloc(4)', low: manyFirst, high: manyFirst << 2n, spacing: 4096n },
  ];
  return { program: { ...b.build('main'), addresses }, variable: (name) => declared.get(name)! };
}

declare function declare(): ReturnType<ProgramBuilder['declare']>;

describe('addresses', () => {
  const made = program();
  test.each([
    [0n, 'null'],
    [first, '&x'],
    [first + 4n, '&x + 4'],
    [first + 4096n, '&a[0]'],
    [first + 4096n + 8n, '&a[2]'],
    [first + 4096n + 40n, '&a[10]'],
    [first + 4096n + 9n, '&a + 9'],
    [first + 8192n + 3n, '&s[3]'],
    [first + 16384n, '&r'],
    [first + 16384n + 8n, '&r + 8'],
    [first + 32768n + 8n, 'malloc(12) + 8'],
    [manyFirst + 4096n, 'malloc(4) #2'],
    [5n, 'address 5'],
    [first - 1n, 'address 0xffffffffff'],
  ])('%s is %s', (address, words) => expect(addressWords(made.program, address)).toBe(words));
});

describe('values', () => {
  const made = program();
  const array = (...elements: bigint[]): ArrayValue =>
    elements.reduce((v, e, i) => v.store(BigInt(i), e), new ArrayValue(0n));
  const text = (s: string): ArrayValue => array(...[...s].map((c) => BigInt(c.charCodeAt(0))));
  test.each([
    ['n', 5n, '5'],
    ['p', 0n, 'null'],
    ['p', first, '&x'],
    ['a', array(1n, 2n, 3n), '{1, 2, 3, 0, …}'],
    ['a', array(), '{0, …}'],
    ['s', text('ab'), '"ab\\0"'],
    ['s', text('a"\n'), '"a\\"\\n\\0"'],
    ['s', array(1n, 2n), '{1, 2, 0, 0, 0, 0, 0, 0}'],
    ['v', array(1n, 2n), '{1, 2, …}'],
    ['*malloc(4)', new ArrayValue(0n).store(manyFirst + 4096n, 7n), '{malloc(4) #2: 7, others: 0}'],
  ] as readonly (readonly [string, Value, string])[])('%s = %s is %s', (name, value, words) =>
    expect(valueWords(made.program, made.variable(name), value)).toBe(words),
  );

  test('the number of elements is known where the addresses say it', () => {
    expect(elementCount(made.program, 'a')).toBe(10n);
    expect(elementCount(made.program, 's')).toBe(8n);
    expect(elementCount(made.program, 'v')).toBeUndefined();
  });
});
