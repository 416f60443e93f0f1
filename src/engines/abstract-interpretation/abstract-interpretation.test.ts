import { describe, expect, it } from 'vitest';
import { randomNumbers, randomProgram } from '../../../test/support/random-program.ts';
import { Budget } from '../../base/budget.ts';
import { type Choices, Machine } from '../../program/interpreter.ts';
import type { Program } from '../../program/program.ts';
import { isTrue } from '../../terms/term.ts';
import { interpretAbstractly } from './fixpoint.ts';
import { Octagon } from './octagon.ts';

function randomChoices(program: Program, below: (n: number) => number): Choices {
  const value = (symbol: Parameters<Choices['havoc']>[0]) => {
    const range = program.variables.get(symbol)?.range;
    if (range?.low !== undefined && range.high !== undefined) {
      return range.low + BigInt(below(Number(range.high - range.low + 1n)));
    }
    return BigInt(below(21) - 10);
  };
  return { initial: value, havoc: value, mark: () => 0, reset: () => undefined };
}

describe('the octagon domain', () => {
  it('combines constraints to the tightest bounds', () => {
    const o = Octagon.top(3);
    // x - y <= 2, y - z <= 3, z <= 4, -x <= -9 (x >= 9): so x = 9, y = 7, z = 4.
    expect(o.add(2, 0, 2) && o.add(4, 2, 3) && o.limitHigh(2, 4) && o.limitLow(0, 9)).toBe(true);
    expect([o.low(0), o.high(0), o.low(1), o.high(1), o.low(2), o.high(2)]).toEqual([9, 9, 7, 7, 4, 4]);
    expect(o.copy().limitHigh(0, 8)).toBe(false);
    o.shift(0, 1, 1);
    expect([o.low(0), o.high(0), o.bound(2, 0)]).toEqual([10, 10, 3]);
    o.negate(1);
    expect([o.low(1), o.high(1)]).toEqual([-7, -7]);
  });
});

describe('abstract interpretation', () => {
  for (const widthBits of [4, 0]) {
    it(`covers every state that runs of random programs reach (${widthBits} bits)`, () => {
      let informative = 0;
      for (let seed = 1; seed <= 200; seed++) {
        const program = randomProgram({ seed, variables: 3, statements: 8, widthBits, inputs: seed % 2 === 0 });
        const result = interpretAbstractly(program, new Budget({ stepLimit: 1_000_000 }));
        if (!result) continue;
        const below = randomNumbers(seed * 7 + 1);
        const formulas = new Map(
          [...program.procedures.get('main')!.locations.keys()].map((l) => [l, result.invariant(l)]),
        );
        if ([...formulas.values()].some((f) => !isTrue(f))) informative++;
        for (let run = 0; run < 10; run++) {
          const machine = new Machine(program, randomChoices(program, below));
          machine.run({
            stepLimit: 150,
            stopAtChecks: false,
            onLocation: (at, m) => {
              expect(m.evaluate(formulas.get(at)!), `seed ${seed}, location ${at}`).toBe(true);
              return false;
            },
          });
        }
      }
      expect(informative).toBeGreaterThan(100);
    });
  }
});
