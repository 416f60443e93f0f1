import {
  absolute,
  divideExactly,
  floorDivide,
  gcd,
  type Int,
  modulo,
  multiply,
  multiplyAdd,
  negate,
  subtract,
} from './integer.ts';

/**
 * The general simplex method for bounds on variables, some of which are sums of others (DutertreMoura-CAV'06), exact. Each row of the
 * tableau is an equation with integer coefficients in lowest terms
 *
 *     a_1*x_1 + ... + a_n*x_n - d*x_b = 0,   d > 0, x_b basic, the others not.
 *
 * Bounds are integers, so INVARIANT: variables outside the basis have integer values within their bounds; a basic variable's value
 * is its `numerator` over d. Conflicts come as Farkas multipliers on the bounds involved. A bound carries the caller's
 * reason. push/pop undo bounds; rows stay. Pivoting prefers short columns, and follows Bland's rule after a while so that it ends.
 */
export interface BoundReason<R> {
  readonly reason: R;
  /** Positive. */
  readonly multiplier: Int;
}

export type Conflict<R> = readonly BoundReason<R>[];

interface Row {
  basic: number;
  /** Of the basic variable: its coefficient is -denominator. */
  denominator: Int;
  readonly columns: number[];
  readonly coefficients: Int[];
}

/** [variable, coefficient] pairs. */
export type Sum = readonly (readonly [number, Int])[];

export type SimplexResult<R> = { kind: 'feasible' } | { kind: 'conflict'; conflict: Conflict<R> } | { kind: 'budget' };

const pivotsBeforeBland = 200;

export class Simplex<R> {
  /** Rows by number; removed ones are undefined. */
  readonly #rows: (Row | undefined)[] = [];
  readonly #freeRows: number[] = [];
  /** Per variable: its row if basic, else -1. */
  readonly #rowOf: number[] = [];
  /** Per variable: numerator of the value (over the row's denominator if basic). */
  readonly #values: Int[] = [];
  readonly #lower: (Int | undefined)[] = [];
  readonly #upper: (Int | undefined)[] = [];
  readonly #lowerReason: (R | undefined)[] = [];
  readonly #upperReason: (R | undefined)[] = [];
  /** Per variable: the rows in which it occurs without being basic there. */
  readonly #occurrences: Set<number>[] = [];
  readonly #freeVariables: number[] = [];
  readonly #undo: { variable: number; upper: boolean; bound: Int | undefined; reason: R | undefined }[] = [];
  readonly #levels: number[] = [];
  /** Basic variables that may be out of bounds. */
  readonly #suspects = new Set<number>();
  /** Scratch: position of a column in the row at work, plus 1. */
  readonly #position: number[] = [];
  pivots = 0;

  get variableCount(): number {
    return this.#rowOf.length;
  }

  /** An unbounded variable. */
  variable(): number {
    const recycled = this.#freeVariables.pop();
    const x = recycled ?? this.#rowOf.length;
    this.#rowOf[x] = -1;
    this.#values[x] = 0;
    this.#lower[x] = undefined;
    this.#upper[x] = undefined;
    this.#lowerReason[x] = undefined;
    this.#upperReason[x] = undefined;
    this.#occurrences[x] = new Set();
    this.#position[x] = 0;
    return x;
  }

  /** A new variable that equals the sum. */
  define(sum: Sum): number {
    const x = this.variable();
    const r = this.#freeRows.pop() ?? this.#rows.length;
    const row: Row = { basic: x, denominator: 1, columns: [], coefficients: [] };
    this.#rows[r] = row;
    this.#rowOf[x] = r;
    for (const [y, coefficient] of sum) {
      if (coefficient === 0) continue;
      const s = this.#rowOf[y]!;
      if (s < 0) this.#addEntry(r, row, y, coefficient);
      else {
        // d*x = A becomes d*x = A + coefficient*d*y, and y = S/e: d*e*x = e*A + coefficient*d*S.
        const source = this.#rows[s]!;
        const factor = multiply(coefficient, row.denominator);
        const common = gcd(source.denominator, factor);
        this.#combine(r, row, divideExactly(source.denominator, common), source, divideExactly(factor, common));
      }
    }
    this.#reduce(row);
    this.#evaluate(row);
    return x;
  }

  /** Adds to a column that may be present. */
  #addEntry(r: number, row: Row, column: number, coefficient: Int): void {
    const i = row.columns.indexOf(column);
    if (i < 0) {
      row.columns.push(column);
      row.coefficients.push(multiply(coefficient, row.denominator));
      this.#occurrences[column]!.add(r);
      return;
    }
    const sum = multiplyAdd(coefficient, row.denominator, row.coefficients[i]!, 1);
    if (sum === 0) this.#dropEntry(r, row, i);
    else row.coefficients[i] = sum;
  }

  #dropEntry(r: number, row: Row, i: number): void {
    const column = row.columns[i]!;
    const lastColumn = row.columns.pop()!;
    const lastCoefficient = row.coefficients.pop()!;
    if (i < row.columns.length) {
      row.columns[i] = lastColumn;
      row.coefficients[i] = lastCoefficient;
    }
    this.#occurrences[column]!.delete(r);
  }

  /**
   * row := a*row + b*source, but for the source's basic column, which the caller takes care of. requires: a > 0.
   */
  #combine(r: number, row: Row, a: Int, source: Row, b: Int): void {
    const { columns, coefficients } = row;
    const position = this.#position;
    for (let i = 0; i < columns.length; i++) position[columns[i]!] = i + 1;
    if (a !== 1) {
      row.denominator = multiply(row.denominator, a);
      for (let i = 0; i < coefficients.length; i++) coefficients[i] = multiply(coefficients[i]!, a);
    }
    let zeros = 0;
    for (let i = 0; i < source.columns.length; i++) {
      const column = source.columns[i]!;
      const at = position[column]!;
      if (at === 0) {
        columns.push(column);
        coefficients.push(multiply(source.coefficients[i]!, b));
        this.#occurrences[column]!.add(r);
      } else {
        const sum = multiplyAdd(source.coefficients[i]!, b, coefficients[at - 1]!, 1);
        coefficients[at - 1] = sum;
        if (sum === 0) zeros++;
      }
    }
    for (let i = 0; i < columns.length; i++) position[columns[i]!] = 0;
    if (zeros > 0) {
      for (let i = columns.length - 1; i >= 0; i--) if (coefficients[i] === 0) this.#dropEntry(r, row, i);
    }
  }

  /** Divides by the greatest common divisor. */
  #reduce(row: Row): void {
    let common = row.denominator;
    for (let i = 0; i < row.coefficients.length && common !== 1; i++) common = gcd(common, row.coefficients[i]!);
    if (common === 1) return;
    row.denominator = divideExactly(row.denominator, common);
    for (let i = 0; i < row.coefficients.length; i++) {
      row.coefficients[i] = divideExactly(row.coefficients[i]!, common);
    }
  }

  #evaluate(row: Row): void {
    let sum: Int = 0;
    for (let i = 0; i < row.columns.length; i++) {
      const value = this.#values[row.columns[i]!]!;
      if (value !== 0) sum = multiplyAdd(row.coefficients[i]!, value, sum, 1);
    }
    this.#values[row.basic] = sum;
    this.#suspects.add(row.basic);
  }

  // Bounds.

  push(): void {
    this.#levels.push(this.#undo.length);
  }

  pop(): void {
    const length = this.#levels.pop() ?? 0;
    while (this.#undo.length > length) {
      const { variable, upper, bound, reason } = this.#undo.pop()!;
      if (upper) {
        this.#upper[variable] = bound;
        this.#upperReason[variable] = reason;
      } else {
        this.#lower[variable] = bound;
        this.#lowerReason[variable] = reason;
      }
    }
  }

  lower(x: number): Int | undefined {
    return this.#lower[x];
  }
  upper(x: number): Int | undefined {
    return this.#upper[x];
  }
  lowerReason(x: number): R | undefined {
    return this.#lowerReason[x];
  }
  upperReason(x: number): R | undefined {
    return this.#upperReason[x];
  }

  /** x >= bound; a conflict if that contradicts the upper bound. */
  assertLower(x: number, bound: Int, reason: R): Conflict<R> | undefined {
    const known = this.#lower[x];
    if (known !== undefined && known >= bound) return undefined;
    const upper = this.#upper[x];
    if (upper !== undefined && upper < bound) {
      return [
        { reason, multiplier: 1 },
        { reason: this.#upperReason[x]!, multiplier: 1 },
      ];
    }
    this.#undo.push({ variable: x, upper: false, bound: known, reason: this.#lowerReason[x] });
    this.#lower[x] = bound;
    this.#lowerReason[x] = reason;
    if (this.#rowOf[x]! >= 0) this.#suspects.add(x);
    else if (this.#values[x]! < bound) this.#move(x, bound);
    return undefined;
  }

  /** x <= bound. */
  assertUpper(x: number, bound: Int, reason: R): Conflict<R> | undefined {
    const known = this.#upper[x];
    if (known !== undefined && known <= bound) return undefined;
    const lower = this.#lower[x];
    if (lower !== undefined && lower > bound) {
      return [
        { reason, multiplier: 1 },
        { reason: this.#lowerReason[x]!, multiplier: 1 },
      ];
    }
    this.#undo.push({ variable: x, upper: true, bound: known, reason: this.#upperReason[x] });
    this.#upper[x] = bound;
    this.#upperReason[x] = reason;
    if (this.#rowOf[x]! >= 0) this.#suspects.add(x);
    else if (this.#values[x]! > bound) this.#move(x, bound);
    return undefined;
  }

  /** Gives a variable outside the basis a new value. */
  #move(x: number, value: Int): void {
    const difference = subtract(value, this.#values[x]!);
    this.#values[x] = value;
    for (const r of this.#occurrences[x]!) {
      const row = this.#rows[r]!;
      const coefficient = row.coefficients[row.columns.indexOf(x)]!;
      this.#values[row.basic] = multiplyAdd(coefficient, difference, this.#values[row.basic]!, 1);
      this.#suspects.add(row.basic);
    }
  }

  // Feasibility.

  /** Negative, 0 or positive as the value of x is below, within or above its bounds. */
  #violation(x: number): number {
    const r = this.#rowOf[x]!;
    const value = this.#values[x]!;
    const denominator = r < 0 ? 1 : this.#rows[r]!.denominator;
    const lower = this.#lower[x];
    if (lower !== undefined && value < (denominator === 1 ? lower : multiply(lower, denominator))) return -1;
    const upper = this.#upper[x];
    if (upper !== undefined && value > (denominator === 1 ? upper : multiply(upper, denominator))) return 1;
    return 0;
  }

  /** Looks for values within all bounds. `spend` is asked before each pivot. */
  check(spend: (pivotCost: number) => boolean): SimplexResult<R> {
    for (let count = 0; ; count++) {
      let x = -1;
      for (const suspect of this.#suspects) {
        if (this.#rowOf[suspect]! < 0 || this.#violation(suspect) === 0) this.#suspects.delete(suspect);
        else if (x < 0 || suspect < x) x = suspect;
      }
      if (x < 0) return { kind: 'feasible' };
      const violation = this.#violation(x);
      const row = this.#rows[this.#rowOf[x]!]!;
      const y = this.#entering(row, violation, count > pivotsBeforeBland);
      if (y < 0) return { kind: 'conflict', conflict: this.#explain(row, violation) };
      if (!spend(1 + this.#occurrences[y]!.size)) return { kind: 'budget' };
      this.#pivot(row, y, violation < 0 ? this.#lower[x]! : this.#upper[x]!);
    }
  }

  /** Whether x can move in a direction (1 or -1) within its bounds. requires: x not basic. */
  #canMove(x: number, direction: number): boolean {
    if (direction > 0) {
      const upper = this.#upper[x];
      return upper === undefined || this.#values[x]! < upper;
    }
    const lower = this.#lower[x];
    return lower === undefined || this.#values[x]! > lower;
  }

  /** A column that can move the row's basic variable back towards its bounds; -1 if there is none. */
  #entering(row: Row, violation: number, bland: boolean): number {
    let best = -1;
    let bestSize = Number.POSITIVE_INFINITY;
    for (let i = 0; i < row.columns.length; i++) {
      const column = row.columns[i]!;
      const positive = row.coefficients[i]! > 0;
      if (!this.#canMove(column, positive === violation < 0 ? 1 : -1)) continue;
      const size = bland ? 0 : this.#occurrences[column]!.size;
      if (size < bestSize || (size === bestSize && column < best)) {
        best = column;
        bestSize = size;
      }
    }
    return best;
  }

  /** Every column of the row is at the bound that stops it: these bounds and the violated one add up to a contradiction. */
  #explain(row: Row, violation: number): Conflict<R> {
    const low = violation < 0;
    const x = row.basic;
    const conflict: BoundReason<R>[] = [
      { reason: (low ? this.#lowerReason[x] : this.#upperReason[x])!, multiplier: row.denominator },
    ];
    for (let i = 0; i < row.columns.length; i++) {
      const column = row.columns[i]!;
      const coefficient = row.coefficients[i]!;
      const useUpper = coefficient > 0 === low;
      const reason = (useUpper ? this.#upperReason[column] : this.#lowerReason[column])!;
      conflict.push({ reason, multiplier: absolute(coefficient) });
    }
    return conflict;
  }

  /** The basic variable of the row leaves the basis with a value (an integer within its bounds); y enters. */
  #pivot(row: Row, y: number, value: Int): void {
    this.pivots++;
    const x = row.basic;
    const r = this.#rowOf[x]!;
    const at = row.columns.indexOf(y);
    let coefficient = row.coefficients[at]!;
    row.columns[at] = x;
    row.coefficients[at] = negate(row.denominator);
    if (coefficient > 0) {
      for (let i = 0; i < row.coefficients.length; i++) row.coefficients[i] = negate(row.coefficients[i]!);
    } else coefficient = negate(coefficient);
    row.basic = y;
    row.denominator = coefficient;
    this.#occurrences[y]!.delete(r);
    this.#occurrences[x]!.add(r);
    this.#rowOf[x] = -1;
    this.#rowOf[y] = r;
    this.#values[x] = value;
    for (const k of [...this.#occurrences[y]!]) {
      const other = this.#rows[k]!;
      const i = other.columns.indexOf(y);
      const c = other.coefficients[i]!;
      this.#dropEntry(k, other, i);
      const common = gcd(coefficient, c);
      this.#combine(k, other, divideExactly(coefficient, common), row, divideExactly(c, common));
      this.#reduce(other);
      this.#evaluate(other);
    }
    this.#evaluate(row);
  }

  // Values.

  isBasic(x: number): boolean {
    return this.#rowOf[x]! >= 0;
  }

  numerator(x: number): Int {
    return this.#values[x]!;
  }

  denominator(x: number): Int {
    const r = this.#rowOf[x]!;
    return r < 0 ? 1 : this.#rows[r]!.denominator;
  }

  isInteger(x: number): boolean {
    const denominator = this.denominator(x);
    return denominator === 1 || modulo(this.#values[x]!, denominator) === 0;
  }

  floor(x: number): Int {
    return floorDivide(this.#values[x]!, this.denominator(x));
  }

  /** The row of a basic variable: its denominator and the other columns. */
  row(x: number): { denominator: Int; columns: readonly number[]; coefficients: readonly Int[] } | undefined {
    const r = this.#rowOf[x]!;
    return r < 0 ? undefined : this.#rows[r]!;
  }

  // Optimisation.

  /**
   * Moves to a point where x is largest. requires: the point is feasible (after check), x is basic or alone.
   * `unbounded` gives no ray; the point stays feasible in every case.
   */
  maximise(x: number, spend: (pivotCost: number) => boolean): 'optimal' | 'unbounded' | 'budget' {
    for (let count = 0; ; count++) {
      if (this.#rowOf[x]! < 0) {
        if (!this.#canMove(x, 1)) return 'optimal';
        if (!spend(1 + this.#occurrences[x]!.size)) return 'budget';
        if (!this.#advance(x, 1)) return 'unbounded';
        if (this.#rowOf[x]! < 0) return 'optimal';
        continue;
      }
      const upper = this.#upper[x];
      const row = this.#rows[this.#rowOf[x]!]!;
      if (upper !== undefined && this.#values[x] === multiply(upper, row.denominator)) return 'optimal';
      const bland = count > pivotsBeforeBland;
      let best = -1;
      let direction = 0;
      let bestGain: Int = 0;
      for (let i = 0; i < row.columns.length; i++) {
        const column = row.columns[i]!;
        const coefficient = row.coefficients[i]!;
        const d = coefficient > 0 ? 1 : -1;
        if (!this.#canMove(column, d)) continue;
        const gain = absolute(coefficient);
        if (best < 0 || (bland ? column < best : gain > bestGain)) {
          best = column;
          direction = d;
          bestGain = gain;
        }
      }
      if (best < 0) return 'optimal';
      if (!spend(1 + this.#occurrences[best]!.size)) return 'budget';
      if (!this.#advance(best, direction)) return 'unbounded';
    }
  }

  /** Moves a column outside the basis as far as bounds allow, pivoting where a basic variable stops it; false if nothing does. */
  #advance(y: number, direction: number): boolean {
    // The step t >= 0 is limited to numerator/denominator by the tightest row.
    let limitRow: Row | undefined;
    let limitBound: Int = 0;
    let numerator: Int = 0;
    let denominator: Int = 1;
    for (const r of this.#occurrences[y]!) {
      const row = this.#rows[r]!;
      const coefficient = row.coefficients[row.columns.indexOf(y)]!;
      const rises = coefficient > 0 === direction > 0;
      const bound = rises ? this.#upper[row.basic] : this.#lower[row.basic];
      if (bound === undefined) continue;
      const room = absolute(subtract(multiply(bound, row.denominator), this.#values[row.basic]!));
      const speed = absolute(coefficient);
      const left = multiply(room, denominator);
      const right = multiply(numerator, speed);
      if (!limitRow || left < right || (left === right && row.basic < limitRow.basic)) {
        limitRow = row;
        limitBound = bound;
        numerator = room;
        denominator = speed;
      }
    }
    const own = direction > 0 ? this.#upper[y] : this.#lower[y];
    if (own !== undefined) {
      const room = absolute(subtract(own, this.#values[y]!));
      if (!limitRow || multiply(room, denominator) <= numerator) {
        this.#move(y, own);
        return true;
      }
    }
    if (!limitRow) return false;
    this.#pivot(limitRow, y, limitBound);
    return true;
  }

  /** Takes out a variable that `define` made. requires: no other use of it is left. */
  remove(x: number): void {
    if (this.#rowOf[x]! < 0) {
      let r = -1;
      for (const k of this.#occurrences[x]!)
        if (r < 0 || this.#rows[k]!.columns.length < this.#rows[r]!.columns.length) r = k;
      if (r >= 0) {
        const row = this.#rows[r]!;
        this.#pivot(row, x, this.#integerWithin(row.basic));
      }
    }
    const r = this.#rowOf[x]!;
    if (r >= 0) {
      const row = this.#rows[r]!;
      for (const column of row.columns) this.#occurrences[column]!.delete(r);
      this.#rows[r] = undefined;
      this.#freeRows.push(r);
      this.#rowOf[x] = -1;
    }
    this.#suspects.delete(x);
    this.#freeVariables.push(x);
  }

  /** An integer near the value of x within its bounds. */
  #integerWithin(x: number): Int {
    const lower = this.#lower[x];
    const upper = this.#upper[x];
    const value = this.floor(x);
    if (lower !== undefined && value < lower) return lower;
    return upper !== undefined && value > upper ? upper : value;
  }
}
