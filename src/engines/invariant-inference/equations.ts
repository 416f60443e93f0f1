import type { Rational } from '../../base/rational.ts';
import * as Q from '../../base/rational.ts';

/**
 * The equations that hold in all sample rows: a basis of the vectors v with row · v = 0 for every row, by Gaussian elimination
 * over exact rationals, scaled to small integers. With a column of ones these are affine equations; with columns for
 * products, polynomial ones (as in Daikon-style and DIG-style inference, [NguyenKWF-ICSE'12]).
 */
export function nullSpace(rows: readonly (readonly bigint[])[], columns: number): bigint[][] {
  const basis: { pivot: number; row: Rational[] }[] = [];
  for (const raw of rows) {
    const row: Rational[] = raw.map((v) => Q.rational(v));
    for (const { pivot, row: reduced } of basis) {
      const factor = row[pivot]!;
      if (Q.sign(factor) === 0) continue;
      for (let j = 0; j < columns; j++) row[j] = Q.subtract(row[j]!, Q.multiply(factor, reduced[j]!));
    }
    const pivot = row.findIndex((v) => Q.sign(v) !== 0);
    if (pivot < 0) continue;
    const scale = row[pivot]!;
    const scaled = row.map((v) => Q.divide(v, scale));
    for (const other of basis) {
      const factor = other.row[pivot]!;
      if (Q.sign(factor) === 0) continue;
      other.row = other.row.map((v, j) => Q.subtract(v, Q.multiply(factor, scaled[j]!)));
    }
    basis.push({ pivot, row: scaled });
    if (basis.length === columns) return [];
  }
  const pivots = new Map(basis.map((b) => [b.pivot, b.row]));
  const result: bigint[][] = [];
  for (let free = 0; free < columns; free++) {
    if (pivots.has(free)) continue;
    const vector: Rational[] = Array.from({ length: columns }, () => Q.zero);
    vector[free] = Q.one;
    for (const [pivot, row] of pivots) vector[pivot] = Q.negate(row[free]!);
    result.push(integral(vector));
  }
  return result;
}

function integral(vector: readonly Rational[]): bigint[] {
  let common = 1n;
  for (const v of vector) common = (common / Q.gcd(common, v.denominator)) * v.denominator;
  const whole = vector.map((v) => (v.numerator * common) / v.denominator);
  const divisor = whole.reduce((g, v) => Q.gcd(g, v), 0n);
  return divisor > 1n ? whole.map((v) => v / divisor) : whole;
}
