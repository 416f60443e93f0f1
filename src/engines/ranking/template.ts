import type { Rational } from '../../base/rational.ts';
import { type Int, negate, toBigInt } from '../../solvers/linear/integer.ts';
import { Simplex } from '../../solvers/linear/simplex.ts';
import { addMultiple, type Polynomial } from '../../verdict/arithmetic/polynomial.ts';
import type { NodeKey } from '../../verdict/termination/proof.ts';
import { type ConvexPiece, evaluate, type Spend } from './convex-piece.ts';
import { type Cut, GuessProgram, rationalise } from './guess.ts';

/**
 * Templates and their refinement: functions f = sum of u_j * feature_j + u_0, one for each node, whose coefficients u are
 * columns of a small linear program. A *demand* is `sum of +-f at the states before or after a step >= least` on a piece of a
 * transition. Instead of dualising by Farkas' lemma, the demands are refined by counterexamples: solve for u, minimise each
 * demand over its piece, and cut u by the extreme point or ray found ([GonnordMR-PLDI'15]). u is solved in doubles and rounded
 * (guess.ts), the demands are minimised exactly; where rounding fails, u is solved exactly too. Extreme points stay with their
 * pieces for the next template.
 *
 * Coefficients are integers in the end, so that over integer states a positive demand is at least 1.
 */
export interface Demand {
  readonly piece: ConvexPiece;
  readonly parts: readonly DemandPart[];
  /** 1 or 0; or the index of a column between 0 and 1 (a strictness that the program maximises). */
  readonly least: 0 | 1 | { readonly column: number };
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
  | { readonly kind: 'found'; readonly coefficients: Coefficients; readonly strict: readonly boolean[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

const mostRounds = 200;
const weightOfCoefficient = 1e-4;
const weightOfConstant = 1e-7;

interface ExactCut {
  readonly sum: readonly (readonly [number, Int])[];
  readonly column: number;
  readonly factor: Int;
  readonly least: Int;
}

interface Point {
  /** Integers: the coefficients times `scale`. */
  readonly values: readonly bigint[];
  readonly strict: readonly boolean[];
}

export class Template {
  readonly #width: number;
  /** The columns of a function at a node: those of the features from `start` on, and that of the constant. */
  readonly #places = new Map<string, { readonly start: number; readonly constant: number }>();
  readonly #weights: number[] = [];
  readonly #spend: Spend;
  #strictness = 0;

  /** With `shared`, the functions of all nodes differ by their constants only. */
  constructor(
    featureCount: number,
    functionCount: number,
    nodes: readonly NodeKey[],
    spend: Spend,
    shared = nodes.length === 1,
  ) {
    this.#width = featureCount;
    this.#spend = spend;
    for (let fn = 0; fn < functionCount; fn++) {
      let start = -1;
      for (const node of nodes) {
        if (start < 0 || !shared) {
          start = this.#weights.length;
          for (let j = 0; j < featureCount; j++) this.#weights.push(weightOfCoefficient);
        }
        this.#places.set(`${fn} ${node}`, { start, constant: this.#weights.length });
        this.#weights.push(weightOfConstant);
      }
    }
  }

  /** A new column between 0 and 1. */
  strictness(): number {
    return this.#strictness++;
  }

  /**
   * Looks for coefficients that meet all demands, with the sum of the strictness columns as large as possible; `none` if there
   * are none (as far as doubles see), or only with all of those 0.
   */
  solve(demands: readonly Demand[]): TemplateResult {
    const open = [...demands];
    const guess = new GuessProgram(this.#weights, this.#strictness);
    const cuts: ExactCut[] = [];
    const add = (cut: ExactCut): void => {
      cuts.push(cut);
      guess.add(rounded(cut));
    };
    for (const demand of open) {
      for (const known of demand.piece.extremes) add(this.#cut(demand, known.values, known.kind === 'point'));
    }
    let exact = false;
    for (let round = 0; round < mostRounds; round++) {
      let point: Point | 'none' | undefined;
      if (!exact) {
        point = this.#guessed(guess);
        // Large constants drown in doubles, and where rounding breaks a cut that is there already they will not get further.
        exact = point === 'none' ? this.#isSmall(cuts) : point !== undefined && !cuts.every(satisfiedBy(point));
      }
      if (exact) point = this.#exactly(cuts);
      if (point === undefined) return { kind: 'unknown' };
      if (point === 'none') return { kind: 'none' };
      let broken = false;
      for (let i = open.length - 1; i >= 0; i--) {
        const demand = open[i]!;
        const outcome = this.#separate(demand, point);
        if (outcome === 'unknown') return { kind: 'unknown' };
        if (outcome === 'empty') open.splice(i, 1);
        else if (outcome !== 'met') {
          broken = true;
          add(outcome);
        }
      }
      if (!broken) {
        return { kind: 'found', coefficients: this.#coefficients(point), strict: point.strict };
      }
    }
    return { kind: 'unknown' };
  }

  #guessed(guess: GuessProgram): Point | 'none' | undefined {
    const result = guess.solve(this.#spend);
    if (result.kind === 'infeasible') return 'none';
    if (result.kind === 'unknown') return undefined;
    const strict = [...result.strictness].map((s) => s > 1e-6);
    if (this.#strictness > 0 && !strict.includes(true)) return 'none';
    return { values: rationalise(result.coefficients).numerators, strict };
  }

  /** Whether it is worth solving exactly what doubles find impossible. */
  #isSmall(cuts: readonly ExactCut[]): boolean {
    if (this.#weights.length > 30) return false;
    return cuts.some((cut) => cut.sum.some(([, c]) => c > 50_000 || c < -50_000));
  }

  #coefficients({ values }: Point): Coefficients {
    return (fn, node) => {
      const { start, constant } = this.#places.get(`${fn} ${node}`)!;
      return [...values.slice(start, start + this.#width), values[constant]!];
    };
  }

  /** Whether functions that are known meet demands. */
  meets(demands: readonly Demand[], coefficients: Coefficients): boolean {
    return demands.every((demand) => {
      const extreme = demand.piece.minimise(demandPolynomial(demand, coefficients), this.#spend);
      if (extreme.kind === 'empty') return true;
      if (extreme.kind !== 'point') return false;
      return demand.least === 1 ? extreme.least.numerator > 0n : extreme.least.numerator >= 0n;
    });
  }

  /** The same program by exact simplex, within few steps. */
  #exactly(cuts: readonly ExactCut[]): Point | 'none' | undefined {
    let steps = 20_000;
    const spend = (cost: number): boolean => {
      steps -= cost;
      return steps >= 0 && this.#spend(cost);
    };
    const simplex = new Simplex<0>();
    const columns = this.#weights.map(() => simplex.variable());
    const strictness = Array.from({ length: this.#strictness }, () => simplex.variable());
    for (const s of strictness) {
      simplex.assertLower(s, 0, 0);
      simplex.assertUpper(s, 1, 0);
    }
    for (const cut of cuts) {
      const sum = cut.sum.map(([j, c]): [number, Int] => [columns[j]!, c]);
      if (cut.column >= 0) sum.push([strictness[cut.column]!, negate(cut.factor)]);
      simplex.assertLower(simplex.define(sum), cut.least, 0);
    }
    const goal = strictness.length > 0 ? simplex.define(strictness.map((s): [number, Int] => [s, 1])) : undefined;
    const feasible = simplex.check(spend);
    if (feasible.kind !== 'feasible') return feasible.kind === 'conflict' ? 'none' : undefined;
    if (goal !== undefined) {
      if (simplex.maximise(goal, spend) !== 'optimal') return undefined;
      if (simplex.numerator(goal) === 0) return 'none';
    }
    let scale = 1n;
    for (const x of columns) scale = lcm(scale, toBigInt(simplex.denominator(x)));
    return {
      values: columns.map((x) => (toBigInt(simplex.numerator(x)) * scale) / toBigInt(simplex.denominator(x))),
      strict: strictness.map((s) => simplex.numerator(s) > 0),
    };
  }

  #separate(demand: Demand, point: Point): 'met' | 'empty' | 'unknown' | ExactCut {
    const polynomial = demandPolynomial(demand, this.#coefficients(point));
    const positive = typeof demand.least === 'number' ? demand.least === 1 : point.strict[demand.least.column]!;
    const extreme = demand.piece.minimise(polynomial, this.#spend);
    switch (extreme.kind) {
      case 'empty':
        return 'empty';
      case 'unknown':
        return 'unknown';
      case 'point':
        if (positive ? extreme.least.numerator > 0n : extreme.least.numerator >= 0n) return 'met';
        demand.piece.remember(extreme);
        return this.#cut(demand, extreme.values, true);
      case 'ray':
        demand.piece.remember(extreme);
        return this.#cut(demand, extreme.values, false);
    }
  }

  /** The demand at one point (or, for its homogeneous part, along one ray), as a row over the coefficients. */
  #cut(demand: Demand, at: (monomial: number) => Rational, point: boolean): ExactCut {
    const row = new Map<number, Rational>();
    let scale = 1n;
    for (const part of demand.parts) {
      const { start, constant } = this.#places.get(`${part.function} ${part.node}`)!;
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
      if (point) add(constant, { numerator: 1n, denominator: 1n });
    }
    for (const v of row.values()) scale = lcm(scale, v.denominator);
    const sum: [number, Int][] = [];
    for (const [column, v] of row) {
      const k = (v.numerator * scale) / v.denominator;
      if (k !== 0n) sum.push([column, small(k)]);
    }
    const column = point && typeof demand.least !== 'number' ? demand.least.column : -1;
    const least = point && demand.least === 1 ? small(scale) : 0;
    return { sum, column, factor: column >= 0 ? small(scale) : 0, least };
  }
}

/** The sum of a demand's parts, as a polynomial over the piece. */
export function demandPolynomial(demand: Demand, coefficients: Coefficients): Map<number, bigint> {
  const polynomial = new Map<number, bigint>();
  for (const part of demand.parts) {
    const features = part.when === 'before' ? demand.piece.before : demand.piece.after;
    const sign = BigInt(part.sign);
    const u = coefficients(part.function, part.node);
    for (let j = 0; j < features.length; j++) if (u[j] !== 0n) addMultiple(polynomial, features[j]!, sign * u[j]!);
    addMultiple(polynomial, one, sign * u[features.length]!);
  }
  return polynomial;
}

/** Whether integer coefficients satisfy a cut, a positive demand being at least 1. */
const satisfiedBy =
  (point: Point) =>
  (cut: ExactCut): boolean => {
    let value = 0n;
    for (const [j, c] of cut.sum) value += BigInt(c) * point.values[j]!;
    const positive = cut.least !== 0 || (cut.column >= 0 && point.strict[cut.column]!);
    return positive ? value > 0n : value >= 0n;
  };

const rounded = (cut: ExactCut): Cut => ({
  indices: cut.sum.map(([j]) => j),
  values: cut.sum.map(([, c]) => Number(c)),
  column: cut.column,
  factor: Number(cut.factor),
  least: Number(cut.least),
});

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
