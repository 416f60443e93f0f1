import { unreachable } from '../base/unreachable.ts';
import type { TermFactory } from './factory.ts';
import { isConstant, type Monomial, type Polynomial } from './polynomial.ts';
import type { Formula } from './polynomial-formula.ts';
import type { Term } from './term.ts';

/**
 * Writes polynomials and formulas as terms, the way a person would: `x < y + 2` rather than `x - y - 1 <= 0`. Monomials
 * stand on the side of the comparison where their coefficient is positive.
 */
export class Speller {
  readonly #terms: TermFactory;
  readonly #symbolOf: (unknown: number) => Term;

  constructor(terms: TermFactory, symbolOf: (unknown: number) => Term) {
    this.#terms = terms;
    this.#symbolOf = symbolOf;
  }

  polynomial(p: Polynomial): Term {
    const t = this.#terms;
    if (isConstant(p)) return t.int(p.constant);
    const positive = [...p.monomials.values()].filter((m) => m.coefficient > 0n);
    const negative = [...p.monomials.values()].filter((m) => m.coefficient < 0n);
    if (positive.length === 0) {
      // -x - y + 3 is spelt 3 - x - y.
      const [first, ...rest] = negative;
      if (p.constant === 0n) return this.#minus(t.negate(this.#monomial(first!)), rest);
      return this.#minus(t.int(p.constant), negative);
    }
    const left = this.#minus(t.sum(positive.map((m) => this.#monomial(m))), negative);
    if (p.constant === 0n) return left;
    return p.constant > 0n ? t.add(left, t.int(p.constant)) : t.subtract(left, t.int(-p.constant));
  }

  formula(f: Formula): Term {
    const t = this.#terms;
    switch (f.kind) {
      case 'and':
        return t.all(f.parts.map((p) => this.formula(p)));
      case 'or':
        return t.any(f.parts.map((p) => this.formula(p)));
      case 'compare':
        return this.#comparison(f.op, f.polynomial);
      default:
        return unreachable(f);
    }
  }

  #comparison(op: '<=' | '=' | '!=', p: Polynomial): Term {
    const t = this.#terms;
    const left = [...p.monomials.values()].filter((m) => m.coefficient > 0n);
    const right = [...p.monomials.values()].filter((m) => m.coefficient < 0n);
    const side = (monomials: readonly Monomial[], constant: bigint): Term => {
      const parts = monomials.map((m) => this.#monomial(m));
      if (constant < 0n && parts.length > 0) return t.subtract(t.sum(parts), t.int(-constant));
      return t.sum(constant !== 0n || parts.length === 0 ? [...parts, t.int(constant)] : parts);
    };
    if (op !== '<=') {
      // x = y + 3, and the side with monomials first.
      const equation =
        left.length > 0
          ? t.equal(side(left, 0n), side(right, -p.constant))
          : t.equal(side(right, 0n), side([], p.constant));
      return op === '=' ? equation : t.not(equation);
    }
    if (left.length === 0) {
      // c <= y
      return p.constant === 1n
        ? t.greater(side(right, 0n), t.int(0))
        : t.greaterEqual(side(right, 0n), side([], p.constant));
    }
    if (right.length === 0) return t.lessEqual(side(left, 0n), side([], -p.constant));
    if (p.constant === 1n) return t.less(side(left, 0n), side(right, 0n));
    return p.constant > 0n
      ? t.lessEqual(side(left, p.constant), side(right, 0n))
      : t.lessEqual(side(left, 0n), side(right, -p.constant));
  }

  #minus(start: Term, negative: readonly Monomial[]): Term {
    let result = start;
    for (const m of negative) result = this.#terms.subtract(result, this.#monomial(m));
    return result;
  }

  /** The monomial with its coefficient's absolute value. */
  #monomial(m: Monomial): Term {
    const t = this.#terms;
    const size = m.coefficient < 0n ? -m.coefficient : m.coefficient;
    const factors = m.unknowns.map((u) => this.#symbolOf(u));
    if (size !== 1n) factors.unshift(t.int(size));
    return factors.length === 1 ? factors[0]! : t.apply('*', factors);
  }
}
