import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dimension, hull, makeOffsets, mayOverlap, type Offsets, plus, union } from './offsets.ts';

const dimensions: fc.Arbitrary<Dimension[]> = fc.array(
  fc.record({
    stride: fc.integer({ min: -12, max: 12 }),
    count: fc.constantFrom(1, 2, 3, 5, Number.POSITIVE_INFINITY),
  }),
  { maxLength: 3 },
);
const start = fc.integer({ min: -20, max: 40 });

/** Some of the numbers that the parts of a set mean: infinite counts are cut at 4 steps each way. */
function members(first: number, list: readonly Dimension[]): number[] {
  let result = [first];
  for (const { stride, count } of list) {
    const steps = count === Number.POSITIVE_INFINITY ? [-4, -3, -2, -1, 0, 1, 2, 3, 4] : [...Array(count).keys()];
    result = result.flatMap((x) => steps.map((k) => x + k * stride));
  }
  return result;
}

/** Whether a set has a number: by trying, in a range that is wide enough for the numbers above. */
function has(set: Offsets, x: number): boolean {
  const [d, ...rest] = set.dimensions;
  if (!d) return set.first === x;
  const limit = d.count === Number.POSITIVE_INFINITY ? 600 : d.count - 1;
  for (let k = d.count === Number.POSITIVE_INFINITY ? -600 : 0; k <= limit; k++) {
    if (has({ first: set.first + k * d.stride, dimensions: rest }, x)) return true;
  }
  return false;
}

describe('sets of offsets', () => {
  test('keep everything that their parts mean', () => {
    fc.assert(
      fc.property(start, dimensions, (first, list) => {
        const set = makeOffsets(first, list);
        for (const x of members(first, list).slice(0, 60)) expect(has(set, x)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('sums, unions and hulls lose nothing', () => {
    fc.assert(
      fc.property(start, dimensions, start, dimensions, start, (a, da, b, db, shift) => {
        const [x, y] = [makeOffsets(a, da), makeOffsets(b, db)];
        const both = union([x], [y]);
        const one = hull([x, y]);
        for (const n of [...members(a, da).slice(0, 20), ...members(b, db).slice(0, 20)]) {
          expect(both.some((set) => has(set, n))).toBe(true);
          expect(has(one, n)).toBe(true);
        }
        for (const n of members(a, da).slice(0, 20)) expect(has(plus(x, shift), n + shift)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('places that meet are seen to', () => {
    const width = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(start, dimensions, width, start, dimensions, width, (a, da, wa, b, db, wb) => {
        const meets = members(a, da).some((x) => members(b, db).some((y) => x < y + wb && y < x + wa));
        if (meets) expect(mayOverlap(makeOffsets(a, da), wa, makeOffsets(b, db), wb)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
