import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as I from './interval.ts';
import type { OperatorName } from './operator.ts';
import { operators } from './operator.ts';
import { arithmetic } from './range.ts';

const small = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 12 }))
  .map(([low, size]) => I.between(BigInt(low), BigInt(low + size)));

function* members(i: I.Interval): Generator<bigint> {
  for (let v = i.low!; v <= i.high!; v++) yield v;
}

function leastInterval(op: OperatorName, index: number, args: readonly I.Interval[]): I.Interval {
  let result: I.Interval | undefined;
  const visit = (values: bigint[]): void => {
    if (values.length === args.length) {
      const value = operators[op].evaluate(values, index) as bigint;
      result = result ? I.hull(result, I.point(value)) : I.point(value);
      return;
    }
    for (const v of members(args[values.length]!)) visit([...values, v]);
  };
  visit([]);
  return result!;
}

describe('interval arithmetic', () => {
  const exactBinary = ['+', '-', '*', 'div', 'quot', 'bit.and', 'bit.or', 'bit.xor'] as const;
  it.each(exactBinary)('is exact for %s', (op) => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(arithmetic(op, 0, [a, b])).toEqual(leastInterval(op, 0, [a, b]));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['neg', 'abs', 'bit.not'] as const)('is exact for %s', (op) => {
    fc.assert(
      fc.property(small, (a) => {
        expect(arithmetic(op, 0, [a])).toEqual(leastInterval(op, 0, [a]));
      }),
    );
  });

  it.each(['wrap.unsigned', 'wrap.signed'] as const)('is exact for %s', (op) => {
    fc.assert(
      fc.property(small, fc.integer({ min: 1, max: 6 }), (a, width) => {
        expect(arithmetic(op, width, [a])).toEqual(leastInterval(op, width, [a]));
      }),
    );
  });

  it.each(['mod', 'rem', 'pow', 'shift.left', 'shift.right'] as const)('is sound for %s, exact on points', (op) => {
    fc.assert(
      fc.property(small, fc.oneof(small, fc.bigInt(-3n, 8n).map(I.point)), (a, b) => {
        const exact = leastInterval(op, 0, [a, b]);
        const got = arithmetic(op, 0, [a, b]);
        expect(I.within(exact, got)).toBe(true);
        if (op.startsWith('shift')) expect(got).toEqual(exact);
        if (I.isPoint(a) && I.isPoint(b)) expect(got).toEqual(exact);
      }),
      { numRuns: 60 },
    );
  });

  it('is sound with missing bounds', () => {
    const operations = [
      '+',
      '-',
      '*',
      'div',
      'mod',
      'quot',
      'rem',
      'bit.and',
      'bit.or',
      'bit.xor',
      'shift.left',
      'shift.right',
      'pow',
    ] as const;
    const open = (i: I.Interval, cut: number): I.Interval => ({
      low: cut & 1 ? undefined : i.low,
      high: cut & 2 ? undefined : i.high,
    });
    fc.assert(
      fc.property(fc.constantFrom(...operations), small, small, fc.nat(3), fc.nat(3), (op, a, b, cutA, cutB) => {
        const got = arithmetic(op, 0, [open(a, cutA), open(b, cutB)]);
        expect(I.within(leastInterval(op, 0, [a, b]), got)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('counts bits', () => {
    for (let n = 0n; n < 300n; n++) expect(I.bitLength(n)).toBe(n === 0n ? 0 : n.toString(2).length);
  });
});
