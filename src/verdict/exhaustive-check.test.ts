import { describe, expect, it } from 'vitest';
import { explore } from '../../test/support/explicit-state.ts';
import { randomProgram } from '../../test/support/random-program.ts';
import { exhaust } from './exhaustive-check.ts';

describe('exhaustive runs', () => {
  it('agree with explicit-state search on random programs of three bits', () => {
    let terminating = 0;
    let endless = 0;
    let safe = 0;
    for (let seed = 1; seed <= 250; seed++) {
      const program = randomProgram({
        seed,
        variables: 2,
        statements: 4 + (seed % 6),
        widthBits: 3,
        inputs: seed % 2 === 0,
      });
      const truth = explore(program);
      const ends = exhaust(program, { targets: [], wanted: false, stepLimit: 30_000, cyclesMatter: true });
      if (ends.kind === 'done') terminating++;
      if (ends.kind === 'cycle') endless++;
      if (ends.kind !== 'gave-up' && truth.terminates !== undefined) {
        expect(ends.kind, `seed ${seed}`).toBe(truth.terminates ? 'done' : 'cycle');
      }
      const targets = program.checks.map((c) => ({ at: c.at, property: c.property }));
      const checks = exhaust(program, { targets, wanted: false, stepLimit: 30_000, cyclesMatter: false });
      if (checks.kind === 'done') safe++;
      if (checks.kind !== 'gave-up' && truth.safe !== undefined) {
        expect(checks.kind, `seed ${seed}`).toBe(truth.safe ? 'done' : 'met');
      }
    }
    expect(terminating).toBeGreaterThan(20);
    expect(endless).toBeGreaterThan(20);
    expect(safe).toBeGreaterThan(20);
  });
});
