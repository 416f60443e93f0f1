import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrayValue, sameValue, type Value, valueKey } from './value.ts';

const index = fc.oneof(
  fc.bigInt(-3n, 3n),
  fc.bigInt(2n ** 53n - 2n, 2n ** 53n + 2n),
  fc.bigInt(-(2n ** 80n), 2n ** 80n),
);

describe('array values', () => {
  it('are as immutable as copied maps, whichever version is used', () => {
    const operation = fc.record({ version: fc.nat(30), index, element: fc.bigInt(0n, 4n) });
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 120 }), (operations) => {
        const versions: { array: ArrayValue; model: Map<bigint, bigint> }[] = [
          { array: new ArrayValue(0n), model: new Map() },
        ];
        for (const { version, index, element } of operations) {
          const from = versions[version % versions.length]!;
          const model = new Map(from.model).set(index, element);
          versions.push({ array: from.array.store(index, element), model });
        }
        for (const { array, model } of versions) {
          for (const { index } of operations) expect(array.select(index)).toBe(model.get(index) ?? 0n);
          const entries = [...model].filter(([, e]) => e !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
          expect([...array.entries.values()].map((e) => [e.index, e.element])).toEqual(entries);
          const again = entries.reverse().reduce((a: ArrayValue, [i, e]) => a.store(i, e), new ArrayValue(0n));
          expect(valueKey(array)).toBe(valueKey(again));
          expect(sameValue(array, again)).toBe(true);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('take many stores, and keep the first version', () => {
    const first = new ArrayValue(0n);
    let last = first;
    for (let i = 0n; i < 100_000n; i++) last = last.store(i % 1000n, i);
    expect(last.select(999n)).toBe(99_999n);
    expect(first.select(999n)).toBe(0n);
    expect(last.select(0n)).toBe(99_000n);
  });

  it('nest', () => {
    const inner: Value = new ArrayValue(1n);
    const outer = new ArrayValue(inner).store(5n, (inner as ArrayValue).store(2n, 7n));
    expect((outer.select(5n) as ArrayValue).select(2n)).toBe(7n);
    expect((outer.select(4n) as ArrayValue).select(2n)).toBe(1n);
    expect(outer.store(5n, new ArrayValue(1n)).entries.size).toBe(0);
  });
});
