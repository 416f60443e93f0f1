import { floorDivide } from '../../base/rational.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { Definitions } from './definitions.ts';
import {
  addMultiple,
  constant,
  constantPart,
  constantValue,
  content,
  Monomials,
  type Polynomial,
  plus,
  polynomialKey,
  times,
} from './polynomial.ts';

/**
 * A Bool term as numbered literals, in the way of Tseitin (Tseitin-1968): each Bool subterm becomes the variable of a conjunction gate, a
 * bound (form >= at, with a primitive form, so that `not` of a bound is a bound as well) or an opaque atom. Int subterms become
 * polynomials; what is neither sum nor product is named by an atom whose meaning is stated by its definition (definitions.ts).
 *
 * Every assignment to the symbols of the formula extends to all atoms and variables so that the definitions hold and the root has
 * the formula's truth value. So if root and definitions contradict each other, the formula has no model. What is not
 * understood becomes an opaque atom: this loses proofs, never soundness.
 *
 * Numbering depends only on the structure of the formula: prover and checker agree on it across processes.
 */

/** 2*variable, plus 1 where negated. Variable 0 is the constant true. */
export type Literal = number;
export const trueLiteral: Literal = 0;
export const falseLiteral: Literal = 1;
export const not = (literal: Literal): Literal => literal ^ 1;

export type Variable =
  | { readonly kind: 'true' }
  | { readonly kind: 'and'; readonly inputs: readonly Literal[] }
  | { readonly kind: 'bound'; readonly form: number; readonly at: bigint }
  | { readonly kind: 'opaque'; readonly term: Term };

/** A named integer. */
export interface Atom {
  /** The subterm it names; absent for a quotient that stems from wrap or mod. */
  readonly term?: Term;
  /** Set on a read from an array that is not a store. */
  readonly read?: { readonly array: Term; readonly index: Polynomial };
  /** Literals that hold by the meaning of the atom. */
  readonly definition: Literal[];
}

export class Problem {
  readonly monomials = new Monomials();
  readonly atoms: Atom[] = [];
  readonly variables: Variable[] = [{ kind: 'true' }];
  /** Primitive, without constant, the coefficient of the smallest monomial positive. */
  readonly forms: Polynomial[] = [];
  /** All definitions of all atoms. */
  readonly definitions: Literal[] = [];
  readonly root: Literal;
  readonly #formNumbers = new Map<string, number>();
  readonly #variableNumbers = new Map<string, number>();
  readonly #atomNumbers = new Map<string, number>();
  readonly #polynomials = new Map<Term, Polynomial>();
  readonly #literals = new Map<Term, Literal>();

  /** requires: formula has sort Bool. */
  constructor(formula: Term) {
    const operations = new Definitions(this);
    const stack: { term: Term; next: number }[] = [{ term: formula, next: 0 }];
    const seen = new Set<Term>([formula]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const args = top.term.kind === 'apply' ? top.term.args : [];
      if (top.next < args.length) {
        const child = args[top.next++]!;
        if (!seen.has(child)) {
          seen.add(child);
          stack.push({ term: child, next: 0 });
        }
        continue;
      }
      stack.pop();
      if (top.term.sort.kind === 'int') this.#polynomials.set(top.term, operations.polynomial(top.term));
      else if (top.term.sort.kind === 'bool') this.#literals.set(top.term, operations.literal(top.term));
    }
    this.root = this.#literals.get(formula)!;
  }

  /** requires: an Int subterm of the formula (for definitions.ts: one that is translated already). */
  polynomialOf(term: Term): Polynomial {
    return this.#polynomials.get(term)!;
  }

  literalOf(term: Term): Literal {
    return this.#literals.get(term)!;
  }

  /** The number of the atom for a symbol, if the symbol occurs. */
  atomOfSymbol(symbol: SymbolTerm): number | undefined {
    return this.#atomNumbers.get(`t${symbol.id}`);
  }

  /** The atom with this key; made, and then defined, where it is new. */
  atom(key: string, about: Omit<Atom, 'definition'>, define: (self: Polynomial) => readonly Literal[]): Polynomial {
    let number = this.#atomNumbers.get(key);
    if (number !== undefined) return new Map([[this.monomials.of([number]), 1n]]);
    number = this.atoms.length;
    this.#atomNumbers.set(key, number);
    const made: Atom = { ...about, definition: [] };
    this.atoms.push(made);
    const self: Polynomial = new Map([[this.monomials.of([number]), 1n]]);
    for (const literal of define(self)) {
      if (literal === trueLiteral) continue;
      made.definition.push(literal);
      this.definitions.push(literal);
    }
    return self;
  }

  #variable(key: string, make: () => Variable): number {
    let number = this.#variableNumbers.get(key);
    if (number === undefined) {
      number = this.variables.length;
      this.#variableNumbers.set(key, number);
      this.variables.push(make());
    }
    return number;
  }

  /** A Bool that we do not look into. */
  opaque(term: Term): Literal {
    return 2 * this.#variable(`o${term.id}`, () => ({ kind: 'opaque', term }));
  }

  and(literals: readonly Literal[]): Literal {
    const inputs = [...new Set(literals)].filter((l) => l !== trueLiteral).sort((a, b) => a - b);
    for (let i = 0; i < inputs.length; i++) {
      if (inputs[i] === falseLiteral || (i > 0 && inputs[i] === not(inputs[i - 1]!))) return falseLiteral;
    }
    if (inputs.length === 0) return trueLiteral;
    if (inputs.length === 1) return inputs[0]!;
    return 2 * this.#variable(`&${inputs.join(',')}`, () => ({ kind: 'and', inputs }));
  }

  or(literals: readonly Literal[]): Literal {
    return not(this.and(literals.map(not)));
  }

  implies(premise: Literal, conclusion: Literal): Literal {
    return this.or([not(premise), conclusion]);
  }

  equivalent(a: Literal, b: Literal): Literal {
    return this.and([this.implies(a, b), this.implies(b, a)]);
  }

  /** The literal p >= 0. */
  nonNegative(p: Polynomial): Literal {
    const value = constantValue(p);
    if (value !== undefined) return value >= 0n ? trueLiteral : falseLiteral;
    const divisor = content(p);
    const offset = constantPart(p);
    let leading = Number.POSITIVE_INFINITY;
    for (const monomial of p.keys()) if (monomial !== 0 && monomial < leading) leading = monomial;
    const positive = p.get(leading)! > 0n;
    const form = this.form(p, positive ? divisor : -divisor);
    // divisor*form + offset >= 0: form >= ceil(-offset/divisor). -divisor*form + offset >= 0: form <= floor(offset/divisor).
    return positive
      ? this.boundLiteral(form, -floorDivide(offset, divisor))
      : not(this.boundLiteral(form, floorDivide(offset, divisor) + 1n));
  }

  positive(p: Polynomial): Literal {
    return this.nonNegative(plus(p, constant(-1n)));
  }

  /** The literal p = 0. */
  isZero(p: Polynomial): Literal {
    return this.and([this.nonNegative(p), this.nonNegative(times(p, -1n))]);
  }

  /** The literal a <= b. */
  lessEqual(a: Polynomial, b: Polynomial): Literal {
    return this.nonNegative(plus(b, a, -1n));
  }

  less(a: Polynomial, b: Polynomial): Literal {
    return this.positive(plus(b, a, -1n));
  }

  equal(a: Polynomial, b: Polynomial): Literal {
    return this.isZero(plus(b, a, -1n));
  }

  /** The number of the form (p without its constant) / divisor; divisor divides exactly. */
  form(p: Polynomial, divisor: bigint): number {
    const form = new Map<number, bigint>();
    for (const [monomial, coefficient] of p) if (monomial !== 0) form.set(monomial, coefficient / divisor);
    const key = polynomialKey(form);
    let number = this.#formNumbers.get(key);
    if (number === undefined) {
      number = this.forms.length;
      this.#formNumbers.set(key, number);
      this.forms.push(form);
    }
    return number;
  }

  boundLiteral(form: number, at: bigint): Literal {
    return 2 * this.#variable(`b${form}>=${at}`, () => ({ kind: 'bound', form, at }));
  }

  /** The fact p >= 0 that a bound, negated or not, stands for; undefined for other literals. */
  fact(literal: Literal): Polynomial | undefined {
    const variable = this.variables[literal >> 1];
    if (variable?.kind !== 'bound') return undefined;
    const form = this.forms[variable.form]!;
    if (literal & 1) {
      const result = new Map(constant(variable.at - 1n));
      addMultiple(result, form, -1n);
      return result;
    }
    const result = new Map(form);
    if (variable.at !== 0n) result.set(0, -variable.at);
    return result;
  }

  /** That reads from one array at equal indices are equal; undefined if the atoms are not two such reads. */
  congruence(left: number, right: number): Literal | undefined {
    const a = this.atoms[left]?.read;
    const b = this.atoms[right]?.read;
    if (!a || !b || a.array !== b.array || left === right) return undefined;
    const atom = (n: number): Polynomial => new Map([[this.monomials.of([n]), 1n]]);
    return this.implies(this.equal(a.index, b.index), this.equal(atom(left), atom(right)));
  }
}
