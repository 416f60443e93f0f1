import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TermFactory } from '../../terms/factory.ts';
import { intSort } from '../../terms/sort.ts';
import { Problem } from '../../verdict/arithmetic/problem.ts';
import type { Bound } from './convex-piece.ts';
import { hasNoIntegers } from './integer-equations.ts';

const names = ['x', 'y', 'z'] as const;

/** The equations sum c_i * v_i = d as bounds of a problem. */
function boundsOf(rows: readonly (readonly number[])[]): { problem: Problem; bounds: Bound[] } {
  const t = new TermFactory();
  const symbols = names.map((n) => t.symbol(n, intSort));
  const problem = new Problem(t.all(symbols.map((s) => t.equal(s, s))));
  const monomials = symbols.map((s) => problem.polynomialOf(s));
  const bounds: Bound[] = [];
  for (const row of rows) {
    const sum = new Map<number, bigint>();
    for (const [i, m] of monomials.entries()) {
      for (const monomial of m.keys()) if (row[i] !== 0) sum.set(monomial, BigInt(row[i]!));
    }
    if (sum.size === 0) continue;
    const form = problem.form(sum, 1n);
    bounds.push({ form, relation: '>=', at: BigInt(row[3]!) }, { form, relation: '<=', at: BigInt(row[3]!) });
  }
  return { problem, bounds };
}

describe('integer equations', () => {
  test('x = 2y and x + 2 = 2z + 1 have no solution', () => {
    const { problem, bounds } = boundsOf([
      [1, -2, 0, 0],
      [1, 0, -2, -1],
    ]);
    expect(hasNoIntegers(problem, bounds)).toBe(true);
  });

  test('equations that have a solution are never called impossible', () => {
    const row = fc.tuple(
      fc.integer({ min: -4, max: 4 }),
      fc.integer({ min: -4, max: 4 }),
      fc.integer({ min: -4, max: 4 }),
    );
    const point = fc.tuple(
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), point, (rows, at) => {
        const solved = rows.map((r) => [...r, r[0] * at[0] + r[1] * at[1] + r[2] * at[2]]);
        const { problem, bounds } = boundsOf(solved);
        expect(hasNoIntegers(problem, bounds)).toBe(false);
      }),
    );
  });
});
