/**
 * The octagon domain: conjunctions of constraints ±x ±y <= c and ±x <= c over integers, as a difference-bound matrix
 * (Miné 2006, [Mine-HOSC'06]). Variable k has two signed forms, node 2k for +x and node 2k+1 for -x; entry (i, j) bounds
 * form j - form i. The matrix is kept strongly closed, with integer tightening, so that bounds can be read off.
 *
 * Bounds are JavaScript numbers that hold integers exactly; a bound beyond 2^52 is dropped, which only weakens. Nothing here
 * is trusted: what the analysis finds is proved afterwards.
 */
const largest = 2 ** 52;
const none = Number.POSITIVE_INFINITY;

export class Octagon {
  readonly size: number;
  readonly #matrix: Float64Array;
  #closed: boolean;

  private constructor(size: number, matrix: Float64Array, closed: boolean) {
    this.size = size;
    this.#matrix = matrix;
    this.#closed = closed;
  }

  /** No constraint on `size` variables. */
  static top(size: number): Octagon {
    const nodes = 2 * size;
    const matrix = new Float64Array(nodes * nodes).fill(none);
    for (let i = 0; i < nodes; i++) matrix[i * nodes + i] = 0;
    return new Octagon(size, matrix, true);
  }

  copy(): Octagon {
    return new Octagon(this.size, this.#matrix.slice(), this.#closed);
  }

  /** The least c with form j - form i <= c; Infinity if there is none. */
  bound(i: number, j: number): number {
    return this.#matrix[i * 2 * this.size + j]!;
  }

  high(variable: number): number {
    const twice = this.bound(2 * variable + 1, 2 * variable);
    return twice === none ? none : Math.floor(twice / 2);
  }

  low(variable: number): number {
    const twice = this.bound(2 * variable, 2 * variable + 1);
    return twice === none ? -none : -Math.floor(twice / 2);
  }

  /**
   * Adds `form j - form i <= c` (and the mirrored entry) and closes again, in quadratic time.
   * Returns false if nothing satisfies the constraints any more; the octagon is then useless.
   */
  add(i: number, j: number, c: number): boolean {
    if (i === j) return c >= 0;
    if (!(c < this.bound(i, j))) return true;
    const n = 2 * this.size;
    const m = this.#matrix;
    const bi = i ^ 1;
    const bj = j ^ 1;
    m[i * n + j] = c;
    m[bj * n + bi] = Math.min(m[bj * n + bi]!, c);
    for (let a = 0; a < n; a++) {
      const toI = m[a * n + i]!;
      const toBj = m[a * n + bj]!;
      const viaI = toI + c;
      const viaBj = toBj + c;
      const both = Math.min(viaI + m[j * n + bj]! + c, none);
      const mirrored = Math.min(viaBj + m[bi * n + i]! + c, none);
      if (viaI === none && viaBj === none) continue;
      for (let b = 0; b < n; b++) {
        const index = a * n + b;
        const candidate = Math.min(
          viaI + m[j * n + b]!,
          viaBj + m[bi * n + b]!,
          both + m[bi * n + b]!,
          mirrored + m[j * n + b]!,
        );
        if (candidate < m[index]!) m[index] = candidate;
      }
    }
    return this.#strengthen();
  }

  /** Adds x <= c, or x >= c. */
  limitHigh(variable: number, c: number): boolean {
    return this.add(2 * variable + 1, 2 * variable, 2 * c);
  }
  limitLow(variable: number, c: number): boolean {
    return this.add(2 * variable, 2 * variable + 1, -2 * c);
  }

  #strengthen(): boolean {
    const n = 2 * this.size;
    const m = this.#matrix;
    for (let i = 0; i < n; i++) {
      const unary = m[i * n + (i ^ 1)]!;
      if (unary !== none) m[i * n + (i ^ 1)] = 2 * Math.floor(unary / 2);
    }
    for (let i = 0; i < n; i++) {
      const left = m[i * n + (i ^ 1)]!;
      if (left === none) continue;
      for (let j = 0; j < n; j++) {
        const right = m[(j ^ 1) * n + j]!;
        const half = (left + right) / 2;
        const index = i * n + j;
        if (half < m[index]!) m[index] = half;
      }
    }
    for (let i = 0; i < n; i++) {
      if (m[i * n + i]! < 0) return false;
      m[i * n + i] = 0;
      if (m[i * n + (i ^ 1)]! + m[(i ^ 1) * n + i]! < 0) return false;
    }
    for (let k = 0; k < m.length; k++) if (Math.abs(m[k]!) > largest) m[k] = none;
    return true;
  }

  /** Strong closure from scratch (Floyd and Warshall, then tightening); false if unsatisfiable. */
  close(): boolean {
    if (this.#closed) return true;
    this.#closed = true;
    const n = 2 * this.size;
    const m = this.#matrix;
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        const ik = m[i * n + k]!;
        if (ik === none) continue;
        for (let j = 0; j < n; j++) {
          const via = ik + m[k * n + j]!;
          if (via < m[i * n + j]!) m[i * n + j] = via;
        }
      }
    }
    return this.#strengthen();
  }

  forget(variable: number): void {
    const n = 2 * this.size;
    for (const node of [2 * variable, 2 * variable + 1]) {
      for (let k = 0; k < n; k++) {
        this.#matrix[node * n + k] = none;
        this.#matrix[k * n + node] = none;
      }
      this.#matrix[node * n + node] = 0;
    }
  }

  /** x := x + [low, high], exactly. */
  shift(variable: number, low: number, high: number): void {
    const n = 2 * this.size;
    const m = this.#matrix;
    const plus = 2 * variable;
    const minus = plus + 1;
    const change = (i: number, j: number, by: number): void => {
      const value = m[i * n + j]! + by;
      m[i * n + j] = Number.isNaN(value) || Math.abs(value) > largest ? none : value;
    };
    for (let k = 0; k < n; k++) {
      if (k === plus || k === minus) continue;
      change(k, plus, high); // x - k
      change(k, minus, -low); // -x - k
      change(plus, k, -low); // k - x
      change(minus, k, high); // k + x
    }
    change(minus, plus, 2 * high);
    change(plus, minus, -2 * low);
  }

  /** x := -x. */
  negate(variable: number): void {
    const n = 2 * this.size;
    const m = this.#matrix;
    const p = 2 * variable;
    const q = p + 1;
    for (let k = 0; k < n; k++) {
      [m[p * n + k], m[q * n + k]] = [m[q * n + k]!, m[p * n + k]!];
    }
    for (let k = 0; k < n; k++) {
      [m[k * n + p], m[k * n + q]] = [m[k * n + q]!, m[k * n + p]!];
    }
  }

  join(other: Octagon): Octagon {
    const result = this.copy();
    result.#closed = this.#closed && other.#closed;
    const m = result.#matrix;
    for (let k = 0; k < m.length; k++) if (other.#matrix[k]! > m[k]!) m[k] = other.#matrix[k]!;
    return result;
  }

  /** Bounds that grew jump to the next threshold (a sorted list), or are dropped. */
  widen(next: Octagon, thresholds: readonly number[]): Octagon {
    const result = this.copy();
    const m = result.#matrix;
    const n = 2 * this.size;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const k = i * n + j;
        const value = next.#matrix[k]!;
        if (value <= m[k]!) continue;
        const unary = i === (j ^ 1);
        const wanted = unary ? value / 2 : value;
        const found = thresholds.find((t) => t >= wanted);
        m[k] = found === undefined ? none : unary ? 2 * found : found;
      }
    }
    result.#closed = false;
    return result;
  }

  includes(other: Octagon): boolean {
    for (let k = 0; k < this.#matrix.length; k++) if (other.#matrix[k]! > this.#matrix[k]!) return false;
    return true;
  }

  /**
   * The constraints `form j - form i <= c` that are not implied by the others listed: unary ones first, then binary ones
   * that say more than the unary ones and than a chain of two kept ones.
   */
  constraints(): { i: number; j: number; c: number }[] {
    const n = 2 * this.size;
    const result: { i: number; j: number; c: number }[] = [];
    for (let i = 0; i < n; i++) {
      const c = this.bound(i, i ^ 1);
      if (c !== none) result.push({ i, j: i ^ 1, c });
    }
    const dropped = new Uint8Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (i === j || i === (j ^ 1)) continue;
        // (i, j) and (j^1, i^1) say the same: keep one.
        if (i * n + j > (j ^ 1) * n + (i ^ 1)) continue;
        const c = this.bound(i, j);
        if (c === none) continue;
        if ((this.bound(i, i ^ 1) + this.bound(j ^ 1, j)) / 2 <= c) continue;
        let implied = false;
        for (let k = 0; k < n && !implied; k++) {
          if (k === i || k === j || dropped[i * n + k] || dropped[k * n + j]) continue;
          implied = this.bound(i, k) + this.bound(k, j) <= c;
        }
        if (implied) {
          dropped[i * n + j] = 1;
          dropped[(j ^ 1) * n + (i ^ 1)] = 1;
        } else result.push({ i, j, c });
      }
    }
    return result;
  }
}
