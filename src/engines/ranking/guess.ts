/**
 * A linear program in doubles, which only guesses: the smallest coefficients u (weighted sum of their absolute values) that
 * satisfy cuts `g . u - d*s >= b`, where columns s between 0 and 1 should be as large as possible. Solved by its dual, to which
 * a cut is one more column, so that a new cut goes on from the last basis; the weights keep it from degenerating. Whatever
 * comes out is rounded and judged exactly elsewhere.
 */
export interface Cut {
  readonly indices: readonly number[];
  readonly values: readonly number[];
  /** The strictness column and d, which is positive; -1 without. */
  readonly column: number;
  readonly factor: number;
  readonly least: number;
}

export type Guess =
  | { readonly kind: 'optimal'; readonly coefficients: Float64Array; readonly strictness: Float64Array }
  | { readonly kind: 'infeasible' }
  | { readonly kind: 'unknown' };

const tolerance = 1e-9;
const smallestPivot = 1e-7;

interface Column {
  readonly rows: readonly number[];
  readonly values: readonly number[];
  readonly cost: number;
}

export class GuessProgram {
  readonly #n: number;
  readonly #m: number;
  readonly #size: number;
  readonly #columns: Column[] = [];
  readonly #basis: Int32Array;
  readonly #inBasis = new Set<number>();
  readonly #inverse: Float64Array;
  readonly #x: Float64Array;
  readonly #y: Float64Array;

  /** `weights` of the coefficients, positive; `strictness` columns. */
  constructor(weights: readonly number[], strictness: number) {
    const n = weights.length;
    const size = 2 * n + strictness;
    this.#n = n;
    this.#m = strictness;
    this.#size = size;
    this.#basis = new Int32Array(size);
    this.#inverse = new Float64Array(size * size);
    this.#x = new Float64Array(size);
    this.#y = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const upper = i >= 2 * n;
      this.#columns.push({ rows: [i], values: [1], cost: upper ? -1 : 0 });
      this.#basis[i] = i;
      this.#inBasis.add(i);
      this.#inverse[i * size + i] = 1;
      this.#x[i] = upper ? 1 : weights[i >> 1]! * (1 + ((i * 7919) % 101) * 1e-4);
      this.#y[i] = upper ? -1 : 0;
    }
    for (let i = 2 * n; i < size; i++) this.#columns.push({ rows: [i], values: [-1], cost: 0 });
  }

  add(cut: Cut): void {
    const rows: number[] = [];
    const values: number[] = [];
    let largest = 0;
    for (const v of cut.values) largest = Math.max(largest, Math.abs(v));
    if (cut.column >= 0) largest = Math.max(largest, cut.factor);
    const scale = largest > 0 ? 1 / largest : 1;
    for (const [i, j] of cut.indices.entries()) {
      const v = cut.values[i]! * scale;
      rows.push(2 * j, 2 * j + 1);
      values.push(v, -v);
    }
    if (cut.column >= 0) {
      rows.push(2 * this.#n + cut.column);
      values.push(cut.factor * scale);
    }
    this.#columns.push({ rows, values, cost: cut.least * scale });
  }

  solve(spend: (cost: number) => boolean): Guess {
    const { length } = this.#columns;
    const size = this.#size;
    const y = this.#y;
    const w = new Float64Array(size);
    for (let count = 0; count < 3000; count++) {
      let entering = -1;
      let best = tolerance;
      for (let q = 0; q < length; q++) {
        if (this.#inBasis.has(q)) continue;
        const d = this.#reducedCost(q);
        if (d > best) {
          best = d;
          entering = q;
        }
      }
      if (entering < 0) break;
      if (!spend(1 + (size >> 2))) return { kind: 'unknown' };
      const column = this.#columns[entering]!;
      w.fill(0);
      for (let k = 0; k < column.rows.length; k++) {
        const r = column.rows[k]!;
        const v = column.values[k]!;
        for (let i = 0, at = r; i < size; i++, at += size) w[i]! += v * this.#inverse[at]!;
      }
      let leaving = -1;
      let ratio = Number.POSITIVE_INFINITY;
      for (let i = 0; i < size; i++) {
        if (w[i]! <= smallestPivot) continue;
        const q = Math.max(0, this.#x[i]!) / w[i]!;
        if (q < ratio - 1e-12 || (q <= ratio + 1e-12 && leaving >= 0 && w[i]! > w[leaving]!)) {
          ratio = Math.min(q, ratio);
          leaving = i;
        }
      }
      if (leaving < 0) return { kind: 'infeasible' };
      this.#pivot(entering, leaving, w, ratio, best);
      if (count === 2999) return { kind: 'unknown' };
    }
    const coefficients = new Float64Array(this.#n);
    for (let j = 0; j < this.#n; j++) coefficients[j] = y[2 * j]! - y[2 * j + 1]!;
    const strictness = new Float64Array(this.#m);
    for (let t = 0; t < this.#m; t++) strictness[t] = -y[2 * this.#n + t]!;
    return { kind: 'optimal', coefficients, strictness };
  }

  #reducedCost(q: number): number {
    const column = this.#columns[q]!;
    let d = column.cost;
    for (let k = 0; k < column.rows.length; k++) d -= column.values[k]! * this.#y[column.rows[k]!]!;
    return d;
  }

  /** `inverse` is stored by rows, entry (i, r) at i*size + r. */
  #pivot(entering: number, leaving: number, w: Float64Array, ratio: number, gain: number): void {
    const size = this.#size;
    const inverse = this.#inverse;
    const pivot = w[leaving]!;
    const base = leaving * size;
    for (let r = 0; r < size; r++) inverse[base + r]! /= pivot;
    for (let i = 0; i < size; i++) {
      const factor = w[i]!;
      if (i === leaving || Math.abs(factor) < 1e-13) continue;
      const at = i * size;
      for (let r = 0; r < size; r++) inverse[at + r]! -= factor * inverse[base + r]!;
      this.#x[i]! -= factor * ratio;
    }
    this.#x[leaving] = ratio;
    for (let r = 0; r < size; r++) this.#y[r]! += gain * inverse[base + r]!;
    this.#inBasis.delete(this.#basis[leaving]!);
    this.#inBasis.add(entering);
    this.#basis[leaving] = entering;
  }
}

const largestDenominator = 1000;

/** Numerators over a common denominator that lie near the given numbers. */
export function rationalise(values: Float64Array): { readonly numerators: bigint[]; readonly denominator: bigint } {
  let denominator = 1n;
  const fractions: { p: bigint; q: bigint }[] = [];
  for (const v of values) {
    const fraction = nearby(v);
    fractions.push(fraction);
    denominator = lcm(denominator, fraction.q);
  }
  return { numerators: fractions.map(({ p, q }) => p * (denominator / q)), denominator };
}

/** A fraction with a small denominator, by continued fractions. */
function nearby(value: number): { p: bigint; q: bigint } {
  const allowed = Math.max(1e-7, Math.abs(value) * 1e-9);
  let [p0, q0, p1, q1] = [0, 1, 1, 0];
  let rest = value;
  for (let i = 0; i < 20; i++) {
    const a = Math.floor(rest);
    const [p2, q2] = [a * p1 + p0, a * q1 + q0];
    if (q2 > largestDenominator) break;
    [p0, q0, p1, q1] = [p1, q1, p2, q2];
    if (Math.abs(value - p1 / q1) <= allowed) break;
    rest = 1 / (rest - a);
    if (!Number.isFinite(rest)) break;
  }
  return Number.isFinite(p1) ? { p: BigInt(p1), q: BigInt(q1 === 0 ? 1 : q1) } : { p: 0n, q: 1n };
}

function lcm(a: bigint, b: bigint): bigint {
  let x = a;
  let y = b;
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}
