import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPlan, plans } from '../../../test/support/program-plans.ts';
import { Machine, TraceChoices } from '../../program/interpreter.ts';
import { valueKey } from '../../terms/value.ts';
import { traceOf } from './inputs.ts';
import { Layout } from './layout.ts';
import { RandomNumbers } from './random-numbers.ts';
import { makeRunner } from './runner.ts';
import { RandomInputs } from './test-inputs.ts';

describe('traces of recorded inputs', () => {
  it('lead the interpreter along the same run, where edges were chosen too', () => {
    let chosen = 0;
    let compared = 0;
    fc.assert(
      fc.property(plans, fc.nat(1000), (plan, seed) => {
        const { program, targets } = buildPlan(plan);
        const inputs = new RandomInputs(program, new Layout(program), new RandomNumbers(seed), [0n, 7n]);
        const runner = makeRunner(program, inputs, { targets, wanted: true, ask: true, depthLimit: 20 });
        const status = runner.run(60);
        if (status === 'limit' || status === 'deep' || status === 'blocked') return;
        const taken = inputs.taken;
        if (taken.owners.some((o) => o < 0)) chosen++;
        const trace = traceOf(program, runner.layout, runner.inputSlots, taken, runner.steps)!;
        const machine = new Machine(program, new TraceChoices(trace));
        machine.run({ stepLimit: runner.steps, onLocation: (_at, m) => m.steps >= runner.steps && m.at === runner.at });
        expect(machine.at).toBe(runner.at);
        expect(machine.steps).toBe(runner.steps);
        for (const [s, v] of runner.values()) expect(valueKey(machine.read(s)!), s.name).toBe(valueKey(v));
        compared++;
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(compared).toBeGreaterThan(100);
    expect(chosen).toBeGreaterThan(20);
  });

  it('come out the same whatever the pieces of the run are', () => {
    fc.assert(
      fc.property(plans, fc.nat(1000), (plan, seed) => {
        const { program, targets } = buildPlan(plan);
        const taken = [1, 7, 1000].map((piece) => {
          const inputs = new RandomInputs(program, new Layout(program), new RandomNumbers(seed), [0n, 7n]);
          const runner = makeRunner(program, inputs, { targets, wanted: true, ask: true, depthLimit: 20 });
          let status = runner.run(piece);
          while (status === 'paused' && runner.steps < 50) status = runner.run(Math.min(piece, 50 - runner.steps));
          return JSON.stringify([status, runner.steps, inputs.taken], (_k, v) =>
            typeof v === 'bigint' ? String(v) : v,
          );
        });
        expect(taken[1]).toBe(taken[0]);
      }),
      { numRuns: 150, seed: 5 },
    );
  });
});
