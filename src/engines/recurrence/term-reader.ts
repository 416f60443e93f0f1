import {
  add,
  addScaled,
  constant,
  isConstant,
  multiply,
  type Polynomial,
  scale,
  subtract,
} from '../../terms/polynomial.ts';
import {
  compare,
  conjunction,
  disjunction,
  type Formula,
  falsity,
  negation,
  truth,
} from '../../terms/polynomial-formula.ts';
import type { ApplyTerm, SymbolTerm, Term } from '../../terms/term.ts';

/**
 * Reads terms as polynomials. A conditional value has several alternatives; quotients, remainders and wraps by constants
 * become auxiliary unknowns with their definition; anything else becomes an auxiliary unknown of which nothing is known.
 */
export interface Alternative {
  readonly when: Formula;
  readonly value: Polynomial;
}

const deepest = 400;

export class TermReader {
  readonly #values: ReadonlyMap<SymbolTerm, Polynomial>;
  readonly #limit: number;
  readonly #newAuxiliary: () => Polynomial;
  readonly #definitions: Formula[];
  readonly #integers = new Map<Term, readonly Alternative[]>();
  readonly #formulas = new Map<Term, Formula>();

  constructor(
    values: ReadonlyMap<SymbolTerm, Polynomial>,
    limit: number,
    newAuxiliary: () => Polynomial = () => constant(0n),
    definitions: Formula[] = [],
  ) {
    this.#values = values;
    this.#limit = limit;
    this.#newAuxiliary = newAuxiliary;
    this.#definitions = definitions;
  }

  atMost(a: Polynomial, b: Polynomial): Formula {
    return compare('<=', subtract(a, b));
  }

  /** The alternatives of an Int term: in every state exactly one `when` holds. At least one; at most the limit. */
  integer(term: Term): readonly Alternative[] {
    let known = this.#integers.get(term);
    if (!known) {
      known = term.depth > deepest ? this.#opaque() : this.#integer(term);
      if (known.length > this.#limit) known = this.#opaque();
      this.#integers.set(term, known);
    }
    return known;
  }

  formula(term: Term): Formula {
    let known = this.#formulas.get(term);
    if (!known) {
      known = term.depth > deepest ? this.#opaqueFormula() : this.#formula(term);
      this.#formulas.set(term, known);
    }
    return known;
  }

  #opaque(): readonly Alternative[] {
    return [{ when: truth, value: this.#newAuxiliary() }];
  }

  #opaqueFormula(): Formula {
    return compare('<=', subtract(constant(1n), this.#newAuxiliary()));
  }

  #integer(term: Term): readonly Alternative[] {
    if (term.kind === 'value') return [{ when: truth, value: constant(term.value as bigint) }];
    if (term.kind === 'symbol') {
      const value = this.#values.get(term);
      return value ? [{ when: truth, value }] : this.#opaque();
    }
    if (term.kind !== 'apply') return this.#opaque();
    switch (term.op) {
      case '+':
        return this.#combine(term.args, (values) => values.reduce(add));
      case '-':
        return this.#combine(term.args, ([a, b]) => subtract(a!, b!));
      case 'neg':
        return this.#combine(term.args, ([a]) => scale(a!, -1n));
      case '*':
        return this.#combine(term.args, (values) => {
          let product: Polynomial | undefined = values[0]!;
          for (const v of values.slice(1)) product = product && multiply(product, v);
          return product;
        });
      case 'ite': {
        const when = this.formula(term.args[0]!);
        const otherwise = negation(when);
        return [
          ...this.integer(term.args[1]!).map((a) => ({ ...a, when: conjunction([when, a.when]) })),
          ...this.integer(term.args[2]!).map((a) => ({ ...a, when: conjunction([otherwise, a.when]) })),
        ];
      }
      case 'abs':
        return this.integer(term.args[0]!).flatMap(({ when, value }) => [
          { when: conjunction([when, this.atMost(constant(0n), value)]), value },
          { when: conjunction([when, this.atMost(value, constant(-1n))]), value: scale(value, -1n) },
        ]);
      case 'div':
      case 'mod':
      case 'quot':
      case 'rem':
        return this.#division(term);
      case 'wrap.unsigned':
      case 'wrap.signed':
        return this.#wrap(term);
      default:
        return this.#opaque();
    }
  }

  #combine(args: readonly Term[], make: (values: Polynomial[]) => Polynomial | undefined): readonly Alternative[] {
    let rows: { when: Formula; values: Polynomial[] }[] = [{ when: truth, values: [] }];
    for (const arg of args) {
      const options = this.integer(arg);
      rows = rows.flatMap((r) =>
        options.map((o) => ({ when: conjunction([r.when, o.when]), values: [...r.values, o.value] })),
      );
      if (rows.length > this.#limit) return this.#opaque();
    }
    const result: Alternative[] = [];
    for (const { when, values } of rows) {
      const value = make(values);
      if (!value) return this.#opaque();
      result.push({ when, value });
    }
    return result;
  }

  /** a = q*c + r for a constant c: q and r by floor (r has the sign of c) or by truncation (r has the sign of a). */
  #division(term: ApplyTerm): readonly Alternative[] {
    const divisors = this.integer(term.args[1]!);
    const divisor = divisors.length === 1 ? divisors[0]!.value : undefined;
    if (!divisor || !isConstant(divisor) || divisor.constant === 0n) return this.#opaque();
    const c = divisor.constant;
    const size = c < 0n ? -c : c;
    const quotient = term.op === 'div' || term.op === 'quot';
    const floor = term.op === 'div' || term.op === 'mod';
    return this.integer(term.args[0]!).flatMap(({ when, value: a }): Alternative[] => {
      const q = this.#newAuxiliary();
      const r = addScaled(a, q, -c);
      const answer = quotient ? q : r;
      const between = (low: bigint, high: bigint): Formula[] => [
        this.atMost(constant(low), r),
        this.atMost(r, constant(high)),
      ];
      if (floor) {
        this.#definitions.push(...(c > 0n ? between(0n, size - 1n) : between(1n - size, 0n)));
        return [{ when, value: answer }];
      }
      const nonnegative = this.atMost(constant(0n), a);
      const negative = negation(nonnegative);
      this.#definitions.push(
        disjunction([
          conjunction([nonnegative, ...between(0n, size - 1n)]),
          conjunction([negative, ...between(1n - size, 0n)]),
        ]),
      );
      return [{ when, value: answer }];
    });
  }

  #wrap(term: ApplyTerm): readonly Alternative[] {
    const modulus = 1n << BigInt(term.index);
    const low = term.op === 'wrap.unsigned' ? 0n : -(modulus / 2n);
    return this.integer(term.args[0]!).map(({ when, value: a }) => {
      const k = this.#newAuxiliary();
      const value = addScaled(a, k, -modulus);
      this.#definitions.push(this.atMost(constant(low), value), this.atMost(value, constant(low + modulus - 1n)));
      return { when, value };
    });
  }

  #formula(term: Term): Formula {
    if (term.kind === 'value') return term.value === true ? truth : falsity;
    if (term.kind === 'symbol') {
      const value = this.#values.get(term);
      return value ? this.atMost(constant(1n), value) : this.#opaqueFormula();
    }
    if (term.kind !== 'apply') return this.#opaqueFormula();
    const { op, args } = term;
    switch (op) {
      case 'not':
        return negation(this.formula(args[0]!));
      case 'and':
        return conjunction(args.map((a) => this.formula(a)));
      case 'or':
        return disjunction(args.map((a) => this.formula(a)));
      case 'implies':
        return disjunction([negation(this.formula(args[0]!)), this.formula(args[1]!)]);
      case 'xor':
        return negation(this.#same(args[0]!, args[1]!));
      case 'ite': {
        const c = this.formula(args[0]!);
        return disjunction([
          conjunction([c, this.formula(args[1]!)]),
          conjunction([negation(c), this.formula(args[2]!)]),
        ]);
      }
      case '=':
        if (args[0]!.sort.kind === 'bool') return this.#same(args[0]!, args[1]!);
        if (args[0]!.sort.kind !== 'int') return this.#opaqueFormula();
        return this.#comparison(args, (a, b) => compare('=', subtract(a, b)));
      case '<=':
      case '<':
      case '>=':
      case '>':
        if (args[0]!.sort.kind !== 'int') return this.#opaqueFormula();
        return this.#comparison(args, (a, b) => {
          const difference = op[0] === '<' ? subtract(a, b) : subtract(b, a);
          return compare('<=', op.length === 1 ? add(difference, constant(1n)) : difference);
        });
      default:
        return this.#opaqueFormula();
    }
  }

  #same(a: Term, b: Term): Formula {
    const [x, y] = [this.formula(a), this.formula(b)];
    return disjunction([conjunction([x, y]), conjunction([negation(x), negation(y)])]);
  }

  #comparison(args: readonly Term[], make: (a: Polynomial, b: Polynomial) => Formula): Formula {
    const parts: Formula[] = [];
    for (const a of this.integer(args[0]!)) {
      for (const b of this.integer(args[1]!)) parts.push(conjunction([a.when, b.when, make(a.value, b.value)]));
    }
    return disjunction(parts);
  }
}
