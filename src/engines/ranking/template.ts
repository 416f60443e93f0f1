import type { Rational } from '../../base/rational.ts';
import { type Int, negate, toBigInt } from '../../solvers/linear/integer.ts';
import { Simplex, type Sum } from '../../solvers/linear/simplex.ts';
import { addMultiple, type Polynomial } from '../../verdict/arithmetic/polynomial.ts';
import type { NodeKey } from '../../verdict/termination/proof.ts';
import { type ConvexPiece, evaluate, type Spend } from './convex-piece.ts';

/**
 * Templates and their refinement: functions f = sum of u_j * feature_j + u_0, one for each node, whose coefficients u are
 * columns of a small linear program. A *demand* is `sum of +-f at the states before or after a step >= delta` on a piece of a
 * transition. Instead of dualising by Farkas' lemma, the demands are refined by counterexamples: solve for u, minimise each
 * demand over its piece, and cut u by the extreme point or ray found ([GonnordMR-PLDI'15]). Both sides are exact.
 */
export interface Demand {
  readonly piece: ConvexPiece;
  readonly parts: readonly DemandPart[];
  /** 1 or 0; or the index of a column between 0 and 1 (a strictness that the program maximises). */
  readonly least: number | { readonly column: number };
  /** Its cuts are kept over `pop`. */
  readonly lasting?: boolean;
}

export interface DemandPart {
  readonly sign: 1 | -1;
  /** Which of the functions, counted from 0. */
  readonly function: number;
  readonly node: NodeKey;
  readonly when: 'before' | 'after';
}

/** Coefficients of the features and, last, the constant; for each function and node. Integers. */
export type Coefficients = (fn: number, node: NodeKey) => readonly bigint[];

export type TemplateResult =
  | { readonly kind: 'found'; readonly coefficients: Coefficients; readonly columns: readonly bigint[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

const mostRounds = 120;

export class Template {
  readonly #width: number;
  readonly #simplex = new Simplex<0>();
  readonly #columns: number[] = [];
  readonly #start = new Map<string, number>();
  readonly #strictness: number[] = [];
  /** Rows of lasting cuts; and of others, per level. */
  readonly #lasting: { readonly x: number; readonly least: Int }[] = [];
  readonly #levels: number[][] = [[]];
  readonly #spend: Spend;

  constructor(featureCount: number, functionCount: number, nodes: readonly NodeKey[], spend: Spend) {
    this.#width = featureCount + 1;
    this.#spend = spend;
    for (let fn = 0; fn < functionCount; fn++) {
      for (const node of nodes) {
        this.#start.set(`${fn} ${node}`, this.#columns.length);
        for (let j = 0; j < this.#width; j++) this.#columns.push(this.#simplex.variable());
      }
    }
  }

  /** A new column between 0 and 1. */
  strictness(): number {
    const x = this.#simplex.variable();
    this.#simplex.assertLower(x, 0, 0);
    this.#simplex.assertUpper(x, 1, 0);
    this.#strictness.push(x);
    return this.#strictness.length - 1;
  }

  push(): void {
    this.#simplex.push();
    this.#levels.push([]);
  }

  pop(): void {
    this.#simplex.pop();
    for (const x of this.#levels.pop()!) this.#simplex.remove(x);
    for (const { x, least } of this.#lasting) this.#simplex.assertLower(x, least, 0);
  }

  /**
   * Looks for coefficients that meet all demands, with the sum of the strictness columns as large as possible; `none` if there
   * are none, or only with all of those 0.
   */
  solve(demands: readonly Demand[]): TemplateResult {
    const goal =
      this.#strictness.length === 0
        ? undefined
        : this.#simplex.define(this.#strictness.map((x): [number, Int] => [x, 1]));
    try {
      return this.#refine(demands, goal);
    } finally {
      if (goal !== undefined) this.#simplex.remove(goal);
    }
  }

  #refine(demands: readonly Demand[], goal: number | undefined): TemplateResult {
    const open = [...demands];
    for (let round = 0; round < mostRounds; round++) {
      const feasible = this.#simplex.check(this.#spend);
      if (feasible.kind === 'budget') return { kind: 'unknown' };
      if (feasible.kind === 'conflict') return { kind: 'none' };
      if (goal !== undefined) {
        if (this.#simplex.maximise(goal, this.#spend) !== 'optimal') return { kind: 'unknown' };
        if (this.#simplex.numerator(goal) === 0) return { kind: 'none' };
      }
      const { values, scale } = this.#point();
      let broken = false;
      for (let i = open.length - 1; i >= 0; i--) {
        const demand = open[i]!;
        const outcome = this.#separate(demand, values, scale);
        if (outcome === 'unknown') return { kind: 'unknown' };
        if (outcome === 'empty') open.splice(i, 1);
        else if (outcome === 'cut') broken = true;
      }
      if (!broken) {
        const coefficients: Coefficients = (fn, node) => {
          const start = this.#start.get(`${fn} ${node}`)!;
          return values.slice(start, start + this.#width);
        };
        return { kind: 'found', coefficients, columns: values.slice(this.#columns.length) };
      }
    }
    return { kind: 'unknown' };
  }

  /** The current coefficients and strictness columns, multiplied by a common denominator. */
  #point(): { values: bigint[]; scale: bigint } {
    const all = [...this.#columns, ...this.#strictness];
    let scale = 1n;
    for (const x of all) {
      const d = toBigInt(this.#simplex.denominator(x));
      if (d !== 1n) scale = lcm(scale, d);
    }
    const values = all.map(
      (x) => (toBigInt(this.#simplex.numerator(x)) * scale) / toBigInt(this.#simplex.denominator(x)),
    );
    return { values, scale };
  }

  #separate(demand: Demand, values: readonly bigint[], scale: bigint): 'met' | 'cut' | 'empty' | 'unknown' {
    const polynomial = new Map<number, bigint>();
    for (const part of demand.parts) {
      const start = this.#start.get(`${part.function} ${part.node}`)!;
      const features = part.when === 'before' ? demand.piece.before : demand.piece.after;
      const sign = BigInt(part.sign);
      for (let j = 0; j < features.length; j++) {
        const u = values[start + j]!;
        if (u !== 0n) addMultiple(polynomial, features[j]!, sign * u);
      }
      addMultiple(polynomial, one, sign * values[start + features.length]!);
    }
    const wanted =
      typeof demand.least === 'number'
        ? BigInt(demand.least) * scale
        : values[this.#columns.length + demand.least.column]!;
    const extreme = demand.piece.minimise(polynomial, this.#spend);
    switch (extreme.kind) {
      case 'empty':
        return 'empty';
      case 'unknown':
        return 'unknown';
      case 'point': {
        const { numerator, denominator } = extreme.least;
        if (numerator >= wanted * denominator) return 'met';
        this.#cut(demand, extreme.values, true);
        return 'cut';
      }
      case 'ray':
        this.#cut(demand, extreme.values, false);
        return 'cut';
    }
  }

  /** The demand at one point (or, for its homogeneous part, along one ray), as a row over the coefficients. */
  #cut(demand: Demand, at: (monomial: number) => Rational, point: boolean): void {
    const row = new Map<number, Rational>();
    let scale = 1n;
    for (const part of demand.parts) {
      const start = this.#start.get(`${part.function} ${part.node}`)!;
      const features = part.when === 'before' ? demand.piece.before : demand.piece.after;
      const add = (column: number, value: Rational): void => {
        if (value.numerator === 0n) return;
        const signed = part.sign > 0 ? value : { numerator: -value.numerator, denominator: value.denominator };
        const known = row.get(column);
        row.set(column, known ? plus(known, signed) : signed);
      };
      for (let j = 0; j < features.length; j++) {
        add(start + j, evaluate(point ? features[j]! : homogeneous(features[j]!), at));
      }
      if (point) add(start + features.length, { numerator: 1n, denominator: 1n });
    }
    for (const v of row.values()) scale = lcm(scale, v.denominator);
    const sum: [number, Int][] = [];
    for (const [column, v] of row) {
      const k = (v.numerator * scale) / v.denominator;
      if (k !== 0n) sum.push([this.#columns[column]!, small(k)]);
    }
    let least = 0n;
    if (point) {
      if (typeof demand.least === 'number') least = BigInt(demand.least) * scale;
      else sum.push([this.#strictness[demand.least.column]!, negate(small(scale))]);
    }
    const x = this.#simplex.define(sum as Sum);
    this.#simplex.assertLower(x, small(least), 0);
    if (demand.lasting) this.#lasting.push({ x, least: small(least) });
    else this.#levels[this.#levels.length - 1]!.push(x);
  }
}

const one: Polynomial = new Map([[0, 1n]]);
const small = (a: bigint): Int => (a >= -9007199254740991n && a <= 9007199254740991n ? Number(a) : a);

function homogeneous(p: Polynomial): Polynomial {
  if (!p.has(0)) return p;
  const result = new Map(p);
  result.delete(0);
  return result;
}

const plus = (a: Rational, b: Rational): Rational =>
  a.denominator === b.denominator
    ? { numerator: a.numerator + b.numerator, denominator: a.denominator }
    : {
        numerator: a.numerator * b.denominator + b.numerator * a.denominator,
        denominator: a.denominator * b.denominator,
      };

function lcm(a: bigint, b: bigint): bigint {
  let x = a;
  let y = b;
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}
