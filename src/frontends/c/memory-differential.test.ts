import { describe, expect, it } from 'vitest';
import { compareSeeds, newTally } from './testing/memory-differential.ts';
import { compilerIsThere } from './testing/native-batch.ts';

/** Random programs with memory, a few of fixed seeds; `node scripts/c-differential.mjs` runs thousands. */
const hasCompiler = compilerIsThere();
if (!hasCompiler) {
  if (process.env.CI) throw new Error('the tests need a C compiler (cc)');
  console.warn('notice: no C compiler (cc); the differential test with memory is skipped');
}

describe.skipIf(!hasCompiler)('the interpreter and the C compiler, on programs with memory', () => {
  it('agree', { timeout: 600_000 }, () => {
    const tally = newTally();
    const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
    compareSeeds(seeds, 3, tally);
    expect(tally.differences).toEqual([]);
    expect(tally.compared).toBeGreaterThan(60);
    expect(tally.undefinedRuns).toBeGreaterThan(5);
    expect(tally.unseen.length).toBeLessThan(5);
  });
});
