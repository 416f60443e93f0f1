import { type Polynomial, plus, polynomialKey } from '../../verdict/arithmetic/polynomial.ts';
import type { Literal, Problem } from '../../verdict/arithmetic/problem.ts';
import { deepestBranch, type Refutation } from '../../verdict/arithmetic/proof.ts';
import { asBound, cut, type Fact, markUsed, type RefutationTree, writeRefutation } from './fact.ts';
import { fromBigInt, gcd, type Int, modulo, multiplyAdd, negate, toBigInt } from './integer.ts';
import { type Conflict, Simplex } from './simplex.ts';

/**
 * Linear integer arithmetic for the search over literals: bounds on forms, decided by simplex over the rationals and by
 * branch and cut over the integers. Cuts are Gomory's fractional ones (Gomory-1958), derived from the tableau as non-negative
 * combinations of bounds whose coefficients are all divisible; a row whose fixed part is not divisible by what the others can give is
 * refuted by two such cuts. Gives up at a depth of branching and when the budget ends.
 */
export interface TheoryConflict {
  /** Literals that cannot all hold. */
  readonly premises: readonly Literal[];
  readonly refutation: Refutation;
}

export type IntegerResult =
  | { readonly kind: 'model' }
  | { readonly kind: 'conflict'; readonly conflict: TheoryConflict }
  | { readonly kind: 'unknown'; readonly reason: string };

const deepest = Math.min(60, deepestBranch);
const cutRoundsAtRoot = 8;
const cutsPerRound = 6;
/** Numbers in cuts beyond this are not worth it: they make slow rows. In bits. */
const largestCutBits = 64;

export class LinearTheory {
  readonly #problem: Problem;
  readonly #spend: (cost: number) => boolean;
  readonly #simplex = new Simplex<Fact>();
  /** By monomial. */
  readonly #unknowns: number[] = [];
  /** Monomials in order of their simplex variables' making. */
  readonly #monomials: number[] = [];
  /** By polynomialKey of a form with more than one monomial. */
  readonly #sums = new Map<string, number>();
  /** Simplex variables by the problem's form numbers. */
  readonly #forms: number[] = [];
  readonly #premises: Fact[] = [];
  /** Sums made during an integer check, to be taken out after it. */
  #temporary: { key: string; variable: number }[] | undefined;

  constructor(problem: Problem, spend: (cost: number) => boolean) {
    this.#problem = problem;
    this.#spend = spend;
  }

  push(): void {
    this.#simplex.push();
  }

  pop(): void {
    this.#simplex.pop();
  }

  get pivots(): number {
    return this.#simplex.pivots;
  }

  /** requires: the literal is a bound. */
  assert(literal: Literal): TheoryConflict | undefined {
    const variable = this.#problem.variables[literal >> 1]!;
    if (variable.kind !== 'bound') throw new Error('INVARIANT broken: not a bound');
    const x = (this.#forms[variable.form] ??= this.#sum(this.#problem.forms[variable.form]!));
    const fact = (this.#premises[literal] ??= { kind: 'premise', literal, polynomial: this.#problem.fact(literal)! });
    const at = fromBigInt(variable.at);
    const conflict =
      literal & 1
        ? this.#simplex.assertUpper(x, fromBigInt(variable.at - 1n), fact)
        : this.#simplex.assertLower(x, at, fact);
    return conflict && this.#write({ derived: [], end: { kind: 'farkas', conflict } });
  }

  /** Over the rationals. undefined: feasible. */
  check(): TheoryConflict | 'budget' | undefined {
    const result = this.#simplex.check(this.#spend);
    switch (result.kind) {
      case 'feasible':
        return undefined;
      case 'budget':
        return 'budget';
      case 'conflict':
        return this.#write({ derived: [], end: { kind: 'farkas', conflict: result.conflict } });
    }
  }

  /** Over the integers. requires: check found no conflict. After `model`, valueOf gives integers until something changes. */
  checkIntegers(): IntegerResult {
    this.#temporary = [];
    const used = new Set<Fact>();
    this.#simplex.push();
    const found = this.#search(0, used);
    this.#simplex.pop();
    for (const { key, variable } of this.#temporary) {
      this.#sums.delete(key);
      this.#simplex.remove(variable);
    }
    this.#temporary = undefined;
    if (typeof found === 'string') {
      if (found === 'model') return { kind: 'model' };
      return { kind: 'unknown', reason: found };
    }
    return { kind: 'conflict', conflict: this.#write(found, used) };
  }

  /** The integer values found by checkIntegers, by monomial. */
  #model = new Map<number, bigint>();

  valueOf(monomial: number): bigint | undefined {
    return monomial === 0 ? 1n : this.#model.get(monomial);
  }

  /** The tightest asserted bounds of a monomial and the literals they come from. */
  bounds(monomial: number): { lower?: Fact; upper?: Fact } {
    const x = this.#unknowns[monomial];
    if (x === undefined) return {};
    const lower = this.#simplex.lowerReason(x);
    const upper = this.#simplex.upperReason(x);
    return { ...(lower ? { lower } : {}), ...(upper ? { upper } : {}) };
  }

  /** The forms that the asserted bounds fix to one value: form - value >= 0 and value - form >= 0. */
  equations(): { readonly lower: Fact; readonly upper: Fact }[] {
    const result: { lower: Fact; upper: Fact }[] = [];
    for (const x of this.#forms) {
      if (x === undefined || this.#simplex.lower(x) === undefined) continue;
      if (this.#simplex.lower(x) !== this.#simplex.upper(x)) continue;
      const lower = this.#simplex.lowerReason(x)!;
      const upper = this.#simplex.upperReason(x)!;
      if (lower.kind === 'premise' && upper.kind === 'premise') result.push({ lower, upper });
    }
    return result;
  }

  /** The monomials that occur in asserted bounds. */
  get activeMonomials(): readonly number[] {
    return this.#monomials;
  }

  #write(tree: RefutationTree, known?: Set<Fact>): TheoryConflict {
    const used = known ?? new Set<Fact>();
    if (!known && tree.end.kind === 'farkas')
      markUsed(
        used,
        tree.end.conflict.map((c) => c.reason),
      );
    return writeRefutation(tree, used, this.#problem.monomials);
  }

  #unknown(monomial: number): number {
    let x = this.#unknowns[monomial];
    if (x === undefined) {
      x = this.#simplex.variable();
      this.#unknowns[monomial] = x;
      this.#monomials.push(monomial);
    }
    return x;
  }

  #sum(form: Polynomial, key = polynomialKey(form)): number {
    if (form.size === 1) {
      const [[monomial, coefficient]] = form as unknown as [[number, bigint]];
      if (coefficient === 1n) return this.#unknown(monomial);
    }
    let x = this.#sums.get(key);
    if (x === undefined) {
      x = this.#simplex.define([...form].map(([m, c]) => [this.#unknown(m), fromBigInt(c)]));
      this.#sums.set(key, x);
      this.#temporary?.push({ key, variable: x });
    }
    return x;
  }

  /** Adds a derived fact; the conflict if it contradicts at once. */
  #assertFact(fact: Fact): Conflict<Fact> | undefined {
    const bound = asBound(fact.polynomial);
    if (!bound) return (fact.polynomial.get(0) ?? 0n) < 0n ? [{ reason: fact, multiplier: 1 }] : undefined;
    const x = this.#sum(bound.form, bound.key);
    const at = fromBigInt(bound.at);
    return bound.upper ? this.#simplex.assertUpper(x, at, fact) : this.#simplex.assertLower(x, at, fact);
  }

  /** A refutation, 'model', or why neither was found. The depth of recursion is limited by `deepest`. */
  #search(depth: number, used: Set<Fact>): RefutationTree | string {
    const derived: Fact[] = [];
    const close = (conflict: Conflict<Fact>): RefutationTree => {
      markUsed(
        used,
        conflict.map((c) => c.reason),
      );
      return { derived, end: { kind: 'farkas', conflict } };
    };
    for (let round = 0; ; round++) {
      const result = this.#simplex.check(this.#spend);
      if (result.kind === 'conflict') return close(result.conflict);
      if (result.kind === 'budget') return 'the step budget ended';
      const fraction = this.#fractional();
      if (fraction === undefined) {
        this.#saveModel();
        return 'model';
      }
      const indivisible = this.#indivisibleRow();
      if (indivisible) {
        derived.push(...indivisible);
        return close(indivisible.map((reason) => ({ reason, multiplier: 1 })));
      }
      const cuts = round < (depth === 0 ? cutRoundsAtRoot : 1) ? this.#cuts() : [];
      if (cuts.length === 0) return this.#branch(fraction, derived, depth, used);
      for (const fact of cuts) {
        derived.push(fact);
        const conflict = this.#assertFact(fact);
        if (conflict) return close(conflict);
      }
    }
  }

  #branch(monomial: number, derived: Fact[], depth: number, used: Set<Fact>): RefutationTree | string {
    if (depth >= deepest) return 'the integers need too many case splits';
    const x = this.#unknowns[monomial]!;
    const at = this.#simplex.floor(x);
    const form: Polynomial = new Map([[monomial, 1n]]);
    const k = toBigInt(at);
    const low: Fact = { kind: 'half', polynomial: plus(new Map([[0, k]]), form, -1n) };
    const high: Fact = { kind: 'half', polynomial: plus(form, new Map([[0, -k - 1n]])) };
    const trees: RefutationTree[] = [];
    for (const half of [low, high]) {
      this.#simplex.push();
      const conflict = this.#assertFact(half);
      let found: RefutationTree | string;
      if (conflict) {
        markUsed(
          used,
          conflict.map((c) => c.reason),
        );
        found = { derived: [], end: { kind: 'farkas', conflict } };
      } else found = this.#search(depth + 1, used);
      this.#simplex.pop();
      if (typeof found === 'string') return found;
      if (!used.has(half)) return { derived: [...derived, ...found.derived], end: found.end };
      trees.push(found);
    }
    return { derived, end: { kind: 'branch', form, at, low, high, lowTree: trees[0]!, highTree: trees[1]! } };
  }

  /** A monomial without integer value: one with a small range if there is one, else the first. */
  #fractional(): number | undefined {
    let best: number | undefined;
    let bestRange = Number.POSITIVE_INFINITY;
    for (const monomial of this.#monomials) {
      const x = this.#unknowns[monomial]!;
      if (this.#simplex.isInteger(x)) continue;
      const lower = this.#simplex.lower(x);
      const upper = this.#simplex.upper(x);
      const range = lower !== undefined && upper !== undefined ? Number(upper) - Number(lower) : Number.MAX_VALUE;
      if (best === undefined || range < bestRange) {
        best = monomial;
        bestRange = range;
      }
    }
    return best;
  }

  #saveModel(): void {
    this.#model.clear();
    for (const monomial of this.#monomials) {
      this.#model.set(monomial, toBigInt(this.#simplex.floor(this.#unknowns[monomial]!)));
    }
  }

  /** Two facts that add up to -1, from a row whose fixed columns sum to what the others cannot make. */
  #indivisibleRow(): Fact[] | undefined {
    for (let x = 0; x < this.#simplex.variableCount; x++) {
      const row = this.#simplex.row(x);
      if (!row) continue;
      let common = row.denominator;
      let sum: Int = 0;
      for (let i = 0; i < row.columns.length; i++) {
        const column = row.columns[i]!;
        const lower = this.#simplex.lower(column);
        if (lower !== undefined && lower === this.#simplex.upper(column)) {
          sum = multiplyAdd(row.coefficients[i]!, lower, sum, 1);
        } else common = gcd(common, row.coefficients[i]!);
      }
      if (common === 1 || modulo(sum, common) === 0) continue;
      const up: [Fact, Int][] = [];
      const down: [Fact, Int][] = [];
      for (let i = 0; i < row.columns.length; i++) {
        const column = row.columns[i]!;
        const lower = this.#simplex.lower(column);
        if (lower === undefined || lower !== this.#simplex.upper(column)) continue;
        const multiplier = modulo(row.coefficients[i]!, common);
        if (multiplier === 0) continue;
        up.push([this.#simplex.lowerReason(column)!, multiplier]);
        down.push([this.#simplex.upperReason(column)!, multiplier]);
      }
      return [cut(up), cut(down)];
    }
    return undefined;
  }

  /** Cuts that the current point violates. */
  #cuts(): Fact[] {
    const cuts: Fact[] = [];
    for (const monomial of this.#monomials) {
      const x = this.#unknowns[monomial]!;
      if (this.#simplex.isInteger(x)) continue;
      const fact = this.#gomory(x);
      if (fact) cuts.push(fact);
      if (cuts.length >= cutsPerRound) break;
    }
    return cuts;
  }

  #gomory(x: number): Fact | undefined {
    const row = this.#simplex.row(x)!;
    const { denominator } = row;
    const of: [Fact, Int][] = [];
    for (let i = 0; i < row.columns.length; i++) {
      const column = row.columns[i]!;
      const residue = modulo(row.coefficients[i]!, denominator);
      if (residue === 0) continue;
      const value = this.#simplex.numerator(column);
      if (value === this.#simplex.lower(column)) of.push([this.#simplex.lowerReason(column)!, residue]);
      else if (value === this.#simplex.upper(column)) {
        of.push([this.#simplex.upperReason(column)!, modulo(negate(residue), denominator)]);
      } else return undefined;
    }
    const fact = cut(of);
    const limit = 1n << BigInt(largestCutBits);
    for (const coefficient of fact.polynomial.values()) {
      if (coefficient > limit || coefficient < -limit) return undefined;
    }
    return fact;
  }
}
