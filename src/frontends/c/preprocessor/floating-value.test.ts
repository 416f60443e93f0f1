import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalValue, hexadecimalValue, isExactly, roundedValue } from './floating-value.ts';

describe('the value of a floating constant', () => {
  it('is the nearest double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (x) => {
        expect(roundedValue(decimalValue(String(x)), 'binary64')).toBe(x);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), fc.integer({ min: -360, max: 330 }), (digits, exponent) => {
        const text = `${digits}e${exponent}`;
        expect(roundedValue(decimalValue(text), 'binary64')).toBe(Number(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is rounded once to float', () => {
    // Just above the middle of two floats, by less than a double shows.
    expect(roundedValue(decimalValue('1.00000005960464477539062500000001'), 'binary32')).toBe(1 + 2 ** -23);
    expect(roundedValue(decimalValue('1.000000059604644775390625'), 'binary32')).toBe(1);
    expect(roundedValue(hexadecimalValue('1', '000001000000000001', 0), 'binary32')).toBe(1 + 2 ** -23);
    expect(roundedValue(decimalValue('3.4028235e38'), 'binary32')).toBe(3.4028234663852886e38);
    expect(roundedValue(decimalValue('3.4028236e38'), 'binary32')).toBe(Number.POSITIVE_INFINITY);
    expect(roundedValue(decimalValue('1e-46'), 'binary32')).toBe(0);
    expect(roundedValue(decimalValue('1e99999999999'), 'binary64')).toBe(Number.POSITIVE_INFINITY);
    expect(roundedValue(decimalValue('1e-99999999999'), 'binary64')).toBe(0);
  });

  it('knows what is exact', () => {
    expect(isExactly(decimalValue('0.5'), 0.5)).toBe(true);
    expect(isExactly(decimalValue('0.1'), 0.1)).toBe(false);
    expect(isExactly(hexadecimalValue('1', '8', 3), 12)).toBe(true);
  });

  it('is what the compiler says', () => {
    const texts = fc.sample(
      fc.tuple(fc.bigInt(0n, 10n ** 20n), fc.bigInt(0n, 10n ** 20n), fc.integer({ min: -60, max: 40 })),
      { numRuns: 100, seed: 1 },
    );
    const spelt = texts.map(([a, b, e]) => `${a}.${b}e${e}`);
    const folder = mkdtempSync(join(tmpdir(), 'tertium-literals-'));
    try {
      const lines = spelt.map((s) => `{ union { float f; unsigned u; } x = { ${s}f }; printf("%u\\n", x.u); }`);
      writeFileSync(join(folder, 'a.c'), `#include <stdio.h>\nint main(void) {\n${lines.join('\n')}\n}\n`);
      const built = spawnSync('cc', ['-w', '-o', 'a', 'a.c'], { cwd: folder });
      if (built.error) return;
      const bits = spawnSync(join(folder, 'a')).stdout.toString().trim().split('\n').map(Number);
      const ours = spelt.map((s) => {
        const view = new DataView(new ArrayBuffer(4));
        view.setFloat32(0, roundedValue(decimalValue(s), 'binary32'));
        return view.getUint32(0);
      });
      expect(ours).toEqual(bits);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
