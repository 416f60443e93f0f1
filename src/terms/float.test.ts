import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operators } from './operator.ts';
import { bitsToFloat, floatToNumber, integerToFloat, numberToFloat } from './value.ts';

describe('floats', () => {
  const f64 = (x: number) => numberToFloat(x, 'binary64');
  const f32 = (x: number) => numberToFloat(x, 'binary32');
  const number = (op: keyof typeof operators, args: Parameters<typeof f64>[0][], index = 0) =>
    floatToNumber(operators[op].evaluate(args.map(f64), index) as ReturnType<typeof f64>);

  it('round integers once', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 53n), 2n ** 53n), (n) => {
        expect(floatToNumber(integerToFloat(n, 'binary64'))).toBe(Number(n));
        expect(floatToNumber(integerToFloat(n, 'binary32'))).toBe(Math.fround(Number(n)));
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 200n), 2n ** 200n), (n) => {
        expect(floatToNumber(integerToFloat(n, 'binary64'))).toBe(Number(n));
      }),
    );
    // 2^24 + 1 lies halfway; a hair above it must go up, though a double would first drop the hair.
    const hair = ((2n ** 24n + 1n) << 40n) + 1n;
    expect(floatToNumber(integerToFloat(hair, 'binary32'))).toBe((2 ** 24 + 2) * 2 ** 40);
    expect(floatToNumber(integerToFloat(2n ** 128n, 'binary32'))).toBe(Number.POSITIVE_INFINITY);
  });

  it('follow IEEE 754', () => {
    expect(floatToNumber(operators['fp.add'].evaluate([f32(16777216), f32(1)], 0) as ReturnType<typeof f32>)).toBe(
      16777216,
    );
    expect(operators['fp.eq'].evaluate([f64(Number.NaN), f64(Number.NaN)], 0)).toBe(false);
    expect(operators['='].evaluate([f64(Number.NaN), bitsToFloat(0x7ff0000000000001n, 'binary64')], 0)).toBe(true);
    expect(operators['fp.eq'].evaluate([f64(0), f64(-0)], 0)).toBe(true);
    expect(operators['='].evaluate([f64(0), f64(-0)], 0)).toBe(false);
    expect(number('fp.rem', [-7.5, 2])).toBe(-1.5);
    expect([1, 2, 3, 4, 5].map((mode) => number('fp.round', [-2.5], mode))).toEqual([-2, -3, -2, -3, -2]);
    expect([1, 2, 3, 4, 5].map((mode) => number('fp.round', [0.5], mode))).toEqual([0, 0, 1, 1, 0]);
  });

  it('keep their bits', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (bits) => {
        const value = bitsToFloat(bits, 'binary64');
        if (!Number.isNaN(floatToNumber(value))) expect(value.bits).toBe(bits);
        expect(numberToFloat(floatToNumber(value), 'binary64')).toEqual(value);
      }),
    );
  });
});
