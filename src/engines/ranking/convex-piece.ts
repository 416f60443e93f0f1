import { formatRational, type Rational, rational } from '../../base/rational.ts';
import { type Int, negate, toBigInt } from '../../solvers/linear/integer.ts';
import { Simplex, type Sum } from '../../solvers/linear/simplex.ts';
import type { Term } from '../../terms/term.ts';
import type { Polynomial } from '../../verdict/arithmetic/polynomial.ts';
import { type Literal, type Problem, trueLiteral } from '../../verdict/arithmetic/problem.ts';

/**
 * A convex polyhedron over the monomials of a problem, which covers some of the steps of a transition, and the exact linear
 * programs over it: where a sum is least, and what follows. The features' values before and after a step are polynomials.
 */
export interface Bound {
  /** Number of a form in the problem. */
  readonly form: number;
  readonly relation: '>=' | '<=';
  readonly at: bigint;
}

/** What minimising a sum over a piece found. Values are by monomial, over a common denominator. */
export type Extreme =
  | { readonly kind: 'point'; readonly values: (monomial: number) => Rational; readonly least: Rational }
  | { readonly kind: 'ray'; readonly values: (monomial: number) => Rational }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' };

export type Corner = Extract<Extreme, { readonly kind: 'point' | 'ray' }>;

const mostRemembered = 24;

export type Spend = (cost: number) => boolean;

/** Bounds on forms, in a simplex tableau with a variable for each monomial. */
export class System {
  readonly simplex = new Simplex<0>();
  readonly #problem: Problem;
  readonly #columns = new Map<number, number>();
  readonly #forms = new Map<number, number>();

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  column(monomial: number): number {
    let x = this.#columns.get(monomial);
    if (x === undefined) {
      x = this.simplex.variable();
      this.#columns.set(monomial, x);
    }
    return x;
  }

  get monomials(): IterableIterator<number> {
    return this.#columns.keys();
  }

  known(monomial: number): number | undefined {
    return this.#columns.get(monomial);
  }

  form(number: number): number {
    let x = this.#forms.get(number);
    if (x === undefined) {
      const form = this.#problem.forms[number]!;
      const sum = this.sum(form);
      x = sum.length === 1 && sum[0]![1] === 1 ? sum[0]![0] : this.simplex.define(sum);
      this.#forms.set(number, x);
    }
    return x;
  }

  sum(form: Polynomial): Sum {
    return [...form].filter(([m]) => m !== 0).map(([m, c]) => [this.column(m), small(c)]);
  }

  /** False when that contradicts another bound at once. */
  assert(bound: Bound, at: bigint = bound.at): boolean {
    const x = this.form(bound.form);
    const conflict =
      bound.relation === '>=' ? this.simplex.assertLower(x, small(at), 0) : this.simplex.assertUpper(x, small(at), 0);
    return conflict === undefined;
  }

  value(monomial: number): Rational {
    const x = this.#columns.get(monomial);
    if (x === undefined) return { numerator: 0n, denominator: 1n };
    return rational(toBigInt(this.simplex.numerator(x)), toBigInt(this.simplex.denominator(x)));
  }
}

const small = (a: bigint): Int => (a >= -9007199254740991n && a <= 9007199254740991n ? Number(a) : a);

export class ConvexPiece {
  /** The features' values. */
  readonly before: readonly Polynomial[];
  readonly after: readonly Polynomial[];
  readonly bounds: readonly Bound[];
  readonly problem: Problem;
  #polyhedron: System | undefined;
  #cone: System | undefined;
  readonly #extremes = new Map<string, Corner>();

  constructor(
    problem: Problem,
    bounds: readonly Bound[],
    before: readonly Polynomial[],
    behind: readonly Polynomial[],
  ) {
    this.problem = problem;
    this.bounds = bounds;
    this.before = before;
    this.after = behind;
  }

  /** Points and rays found so far. */
  get extremes(): Iterable<Corner> {
    return this.#extremes.values();
  }

  remember(extreme: Corner): void {
    if (this.#extremes.size >= mostRemembered) return;
    const parts = [...this.before, ...this.after].map((p) => formatRational(evaluate(p, extreme.values)));
    this.#extremes.set(`${extreme.kind} ${parts.join(' ')}`, extreme);
  }

  #main(): System {
    if (!this.#polyhedron) {
      this.#polyhedron = new System(this.problem);
      for (const bound of this.bounds) this.#polyhedron.assert(bound);
    }
    return this.#polyhedron;
  }

  /** The directions in which the piece goes on for ever, cut to the cube from -1 to 1. */
  #recession(): System {
    if (!this.#cone) {
      const cone = new System(this.problem);
      for (const bound of this.bounds) cone.assert(bound, 0n);
      this.#cone = cone;
    }
    return this.#cone;
  }

  /** Where the polynomial is least over the piece, or a direction in which it falls for ever. */
  minimise(polynomial: Polynomial, spend: Spend): Extreme {
    const main = this.#main();
    const sum = main.sum(polynomial);
    const objective = sum.length === 0 ? undefined : main.simplex.define(sum.map(([x, c]) => [x, negate(c)]));
    const feasible = main.simplex.check(spend);
    const outcome =
      feasible.kind !== 'feasible'
        ? feasible.kind
        : objective === undefined
          ? 'optimal'
          : main.simplex.maximise(objective, spend);
    let result: Extreme = { kind: 'unknown' };
    if (feasible.kind === 'conflict') {
      result = { kind: 'empty' };
    } else if (outcome === 'optimal') {
      const values = new Map<number, Rational>();
      for (const m of main.monomials) values.set(m, main.value(m));
      const value = (m: number): Rational => values.get(m) ?? { numerator: 0n, denominator: 1n };
      result = { kind: 'point', values: value, least: evaluate(polynomial, value) };
    } else if (outcome === 'unbounded') result = this.#ray(polynomial, spend);
    if (objective !== undefined) main.simplex.remove(objective);
    return result;
  }

  #ray(polynomial: Polynomial, spend: Spend): Extreme {
    const cone = this.#recession();
    const sum = cone.sum(polynomial);
    for (const m of cone.monomials) {
      cone.simplex.assertLower(cone.column(m), -1, 0);
      cone.simplex.assertUpper(cone.column(m), 1, 0);
    }
    const objective = cone.simplex.define(sum.map(([x, c]) => [x, negate(c)]));
    const feasible = cone.simplex.check(spend);
    const outcome = feasible.kind === 'feasible' ? cone.simplex.maximise(objective, spend) : 'budget';
    let result: Extreme = { kind: 'unknown' };
    if (outcome === 'optimal' && cone.simplex.numerator(objective) > 0) {
      const values = new Map<number, Rational>();
      for (const m of cone.monomials) values.set(m, cone.value(m));
      result = { kind: 'ray', values: (m) => values.get(m) ?? { numerator: 0n, denominator: 1n } };
    }
    cone.simplex.remove(objective);
    return result;
  }

  /** Whether `polynomial >= 0` (integer coefficients) holds all over the piece. */
  implies(polynomial: Polynomial, spend: Spend): boolean {
    const constant = polynomial.get(0) ?? 0n;
    const system = new System(this.problem);
    const sum = system.sum(polynomial);
    if (sum.length === 0 && constant >= 0n) return true;
    if (sum.length > 0) system.simplex.assertUpper(system.simplex.define(sum), small(-constant - 1n), 0);
    for (const bound of this.bounds) if (!system.assert(bound)) return true;
    return system.simplex.check(spend).kind === 'conflict';
  }
}

/** Whether a comparison or a conjunction of comparisons, known to the problem, holds all over a piece. */
export function impliesFormula(piece: ConvexPiece, formula: Term, spend: Spend): boolean {
  const { problem } = piece;
  const stack: Literal[] = [problem.literalOf(formula)];
  for (let literal = stack.pop(); literal !== undefined; literal = stack.pop()) {
    if (literal === trueLiteral) continue;
    const variable = problem.variables[literal >> 1]!;
    if (variable.kind === 'and' && (literal & 1) === 0) {
      stack.push(...variable.inputs);
      continue;
    }
    const fact = problem.fact(literal);
    if (!fact || !piece.implies(fact, spend)) return false;
  }
  return true;
}

export function evaluate(p: Polynomial, values: (monomial: number) => Rational): Rational {
  let numerator = 0n;
  let denominator = 1n;
  for (const [m, c] of p) {
    if (m === 0) {
      numerator += c * denominator;
      continue;
    }
    const v = values(m);
    if (v.numerator === 0n) continue;
    if (v.denominator === denominator) numerator += c * v.numerator;
    else {
      numerator = numerator * v.denominator + c * v.numerator * denominator;
      denominator *= v.denominator;
    }
  }
  return rational(numerator, denominator);
}
