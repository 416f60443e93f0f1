import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import * as Q from '../../base/rational.ts';
import { LinearConstraints } from './constraints.ts';
import { type Int, toBigInt } from './integer.ts';
import { type LinearProgram, solveLinearProgram } from './linear-program.ts';

interface Constraint {
  readonly coefficients: readonly Int[];
  readonly relation: '<=' | '=' | '>=';
  readonly bound: Int;
}

const size = 4;
const number = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -5, max: 5 }) as fc.Arbitrary<Int> },
  // Larger than a JavaScript number holds exactly.
  { weight: 1, arbitrary: fc.constantFrom<Int>(2n ** 70n, -(3n ** 50n), 9007199254740991) },
);
const constraint: fc.Arbitrary<Constraint> = fc.record({
  coefficients: fc.array(number, { minLength: size, maxLength: size }),
  relation: fc.constantFrom('<=', '=', '>='),
  bound: number,
});
const sumOf = (c: Constraint): [number, Int][] => c.coefficients.map((k, i) => [i, k]);

function holds(c: Constraint, values: readonly Q.Rational[]): boolean {
  const total = c.coefficients.reduce<Q.Rational>(
    (sum, k, i) => Q.add(sum, Q.multiply(Q.rational(toBigInt(k)), values[i]!)),
    Q.zero,
  );
  const sign = Q.compare(total, Q.rational(toBigInt(c.bound)));
  return c.relation === '<=' ? sign <= 0 : c.relation === '>=' ? sign >= 0 : sign === 0;
}

/** Whether multipliers show that constraints contradict each other; an equation may be used in either direction. */
function contradicts(conflict: readonly { reason: Constraint; multiplier: Int }[]): boolean {
  const attempts = 2 ** conflict.filter((c) => c.reason.relation === '=').length;
  for (let bits = 0; bits < attempts; bits++) {
    let next = 0;
    const sum = Array<bigint>(size).fill(0n);
    let bound = 0n;
    for (const { reason, multiplier } of conflict) {
      const flip = reason.relation === '=' ? ((bits >> next++) & 1) === 1 : reason.relation === '<=';
      const factor = toBigInt(multiplier) * (flip ? -1n : 1n);
      for (let i = 0; i < size; i++) sum[i]! += factor * toBigInt(reason.coefficients[i]!);
      bound += factor * toBigInt(reason.bound);
    }
    if (sum.every((s) => s === 0n) && bound > 0n) return true;
  }
  return false;
}

describe('linear constraints', () => {
  it('are satisfied, or the conflict is a Farkas proof, under push and pop', () => {
    fc.assert(
      fc.property(fc.array(fc.array(constraint, { maxLength: 5 }), { minLength: 1, maxLength: 5 }), (groups) => {
        const solver = new LinearConstraints<Constraint>(() => true);
        for (let i = 0; i < size; i++) solver.variable();
        const first = groups[0]!;
        const assertAll = (group: readonly Constraint[], active: readonly Constraint[]): boolean => {
          for (const c of group) {
            const conflict = solver.assert(sumOf(c), c.relation, c.bound, c);
            if (conflict) {
              expect(contradicts(conflict)).toBe(true);
              return false;
            }
          }
          const result = solver.check();
          if (result.kind === 'conflict') expect(contradicts(result.conflict)).toBe(true);
          else {
            const values = Array.from({ length: size }, (_, i) => solver.value(i));
            for (const c of active) expect(holds(c, values)).toBe(true);
          }
          return result.kind === 'feasible';
        };
        const open = assertAll(first, first);
        if (!open) return;
        for (const group of groups.slice(1)) {
          solver.push();
          assertAll(group, [...first, ...group]);
          solver.pop();
          expect(solver.check().kind === 'feasible').toBe(open);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('have an optimum that no feasible point beats', () => {
    const program = fc.record({
      rows: fc.array(constraint, { maxLength: 6 }),
      objective: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: size, maxLength: size }),
      bounded: fc.boolean(),
    });
    fc.assert(
      fc.property(program, ({ rows, objective, bounded }) => {
        const lp: LinearProgram = {
          columns: Array.from({ length: size }, () => (bounded ? { lower: 0, upper: 10 } : { lower: 0 })),
          rows: rows.map((c) => ({ sum: sumOf(c), relation: c.relation, bound: c.bound })),
          objective: objective.map((k, i) => [i, k]),
        };
        const result = solveLinearProgram(lp, new Budget());
        const feasible = solveLinearProgram({ columns: lp.columns, rows: lp.rows }, new Budget());
        expect(result.kind === 'infeasible').toBe(feasible.kind === 'infeasible');
        expect(result.kind).not.toBe('unknown');
        if (result.kind === 'unknown' || result.kind === 'infeasible') return;
        for (const c of rows) expect(holds(c, result.values)).toBe(true);
        const best = objective.reduce<Q.Rational>(
          (sum, k, i) => Q.add(sum, Q.multiply(Q.rational(k), result.values[i]!)),
          Q.zero,
        );
        // d*objective >= d*best + 1 (unbounded: objective >= 10^6) must be infeasible (feasible).
        const scale = best.denominator;
        const beyond = result.kind === 'optimal' ? best.numerator + 1n : 1_000_000n * scale;
        const better = {
          sum: objective.map((k, i) => [i, BigInt(k) * scale] as [number, Int]),
          relation: '>=' as const,
          bound: beyond,
        };
        const again = solveLinearProgram({ columns: lp.columns, rows: [...lp.rows, better] }, new Budget());
        expect(again.kind).toBe(result.kind === 'optimal' ? 'infeasible' : 'optimal');
      }),
      { numRuns: 300 },
    );
  });

  it('stop at the budget', () => {
    const lp: LinearProgram = {
      columns: [{}, {}],
      rows: [
        {
          sum: [
            [0, 1],
            [1, 1],
          ],
          relation: '>=',
          bound: 3,
        },
        {
          sum: [
            [0, 1],
            [1, -1],
          ],
          relation: '>=',
          bound: 3,
        },
      ],
    };
    expect(solveLinearProgram(lp, new Budget({ stepLimit: 0 })).kind).toBe('unknown');
    expect(solveLinearProgram(lp, new Budget()).kind).toBe('optimal');
  });
});
