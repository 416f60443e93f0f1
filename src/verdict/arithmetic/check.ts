import type { Term } from '../../terms/term.ts';
import { constant, constantValue, type Polynomial, plus, tighten, times } from './polynomial.ts';
import { type Literal, not, Problem, trueLiteral } from './problem.ts';
import { type Derivation, deepestBranch, type Refutation } from './proof.ts';

/**
 * Decides whether a proof shows that a formula has no model: the trusted half of the arithmetic (proof.ts has the rules). Work is
 * linear in the proof but for the products of polynomials. Whatever is wrong with a proof, the answer is false:
 * nothing of it is trusted, not even its shape.
 */
export function checkRefutation(formula: Term, proof: unknown): boolean {
  if (formula.sort.kind !== 'bool') return false;
  try {
    return new Checker(new Problem(formula)).accepts(proof);
  } catch (error) {
    if (error instanceof Rejected) return false;
    throw error;
  }
}

/** Thrown inside this file only. */
class Rejected extends Error {}

class Checker {
  readonly #problem: Problem;
  /** Per variable: 1 true, -1 false, else unset. What is derived stays; what a resolution step supposes is undone after it. */
  readonly #values: number[] = [];
  readonly #trail: number[] = [];
  /** Clauses by step number. */
  readonly #clauses = new Map<number, readonly Literal[]>();
  /** True once the facts contradict each other: then every clause follows. */
  #closed = false;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#establish(trueLiteral);
    this.#establish(problem.root);
    for (const literal of problem.definitions) this.#establish(literal);
  }

  accepts(proof: unknown): boolean {
    const steps = list(field(proof, 'steps'));
    let last: readonly Literal[] | undefined;
    for (let i = 0; i < steps.length; i++) {
      last = this.#step(steps[i]);
      if (last) {
        this.#clauses.set(i, last);
        if (last.length === 1) this.#establish(last[0]!);
      }
    }
    return last !== undefined && last.length === 0;
  }

  /** The clause that a step derives. */
  #step(step: unknown): readonly Literal[] | undefined {
    const problem = this.#problem;
    switch (field(step, 'rule')) {
      case 'bound': {
        const form = this.#form(field(step, 'form'));
        problem.nonNegative(plus(form, constant(-bigint(field(step, 'at')))));
        return undefined;
      }
      case 'congruence': {
        const made = problem.congruence(natural(field(step, 'left')), natural(field(step, 'right')));
        if (made === undefined) throw new Rejected('not two reads of one array');
        return [made];
      }
      case 'arithmetic': {
        const premises = list(field(step, 'premises')).map((l) => this.#literal(l));
        const facts = premises.map((literal) => {
          const fact = problem.fact(literal);
          if (!fact) throw new Rejected('a premise is not a bound');
          return fact;
        });
        this.#refute(facts, field(step, 'refutation'));
        return premises.map(not);
      }
      case 'resolution': {
        const clause = list(field(step, 'clause')).map((l) => this.#literal(l));
        if (!this.#follows(clause, list(field(step, 'hints')))) throw new Rejected('the clause does not follow');
        return clause;
      }
      default:
        throw new Rejected('no such rule');
    }
  }

  // Clauses.

  #value(literal: Literal): number {
    const value = this.#values[literal >> 1] ?? 0;
    return literal & 1 ? -value : value;
  }

  #establish(literal: Literal): void {
    if (this.#value(literal) < 0) this.#closed = true;
    else this.#values[literal >> 1] = literal & 1 ? -1 : 1;
  }

  /** Supposes a literal; true if that contradicts what holds. */
  #suppose(literal: Literal): boolean {
    const value = this.#value(literal);
    if (value === 0) {
      this.#values[literal >> 1] = literal & 1 ? -1 : 1;
      this.#trail.push(literal >> 1);
    }
    return value < 0;
  }

  #follows(clause: readonly Literal[], hints: readonly unknown[]): boolean {
    let contradiction = this.#closed;
    for (const literal of clause) contradiction = this.#suppose(not(literal)) || contradiction;
    for (let i = 0; i < hints.length && !contradiction; i++) {
      const hint = hints[i];
      if (typeof hint !== 'number') throw new Rejected('a hint is not a number');
      contradiction = hint < 0 ? this.#propagateGate(-hint) : this.#propagateClause(this.#clauses.get(hint));
    }
    for (const variable of this.#trail) this.#values[variable] = 0;
    this.#trail.length = 0;
    return contradiction;
  }

  /** Sets the last open literal of a clause; true if there is none and the clause is false. */
  #propagateClause(clause: readonly Literal[] | undefined): boolean {
    if (!clause) throw new Rejected('a hint names no clause');
    let open: Literal | undefined;
    for (const literal of clause) {
      const value = this.#value(literal);
      if (value > 0 || (value === 0 && open !== undefined && open !== literal)) return false;
      if (value === 0) open = literal;
    }
    return open === undefined || this.#suppose(open);
  }

  /** v = and(inputs), in all directions. */
  #propagateGate(v: number): boolean {
    const gate = this.#problem.variables[v];
    if (gate?.kind !== 'and') throw new Rejected('a hint names no gate');
    const output = 2 * v;
    if (this.#value(output) > 0) {
      let contradiction = false;
      for (const input of gate.inputs) contradiction = this.#suppose(input) || contradiction;
      return contradiction;
    }
    const open = gate.inputs.filter((input) => this.#value(input) <= 0);
    if (open.length === 0) return this.#suppose(output);
    if (open.some((input) => this.#value(input) < 0)) return this.#suppose(not(output));
    return open.length === 1 && this.#value(output) < 0 ? this.#suppose(not(open[0]!)) : false;
  }

  // Arithmetic.

  /** Returns if the derivations close the facts; otherwise throws Rejected. */
  #refute(premises: Polynomial[], refutation: unknown): void {
    const facts = premises.map(tighten);
    const blocks: { derivations: readonly unknown[]; next: number; factsBefore: number; half?: Polynomial }[] = [
      { derivations: list(refutation), next: 0, factsBefore: facts.length },
    ];
    while (blocks.length > 0) {
      const block = blocks[blocks.length - 1]!;
      if (block.next === 0 && block.half) facts.push(tighten(block.half));
      if (block.next >= block.derivations.length) throw new Rejected('a refutation stays open');
      const derivation = block.derivations[block.next++] as Derivation;
      switch (field(derivation, 'rule')) {
        case 'farkas': {
          const value = constantValue(this.#combination(facts, field(derivation, 'of')));
          if (value === undefined || value >= 0n) throw new Rejected('no contradiction');
          if (block.next < block.derivations.length) throw new Rejected('more after the end');
          facts.length = block.factsBefore;
          blocks.pop();
          break;
        }
        case 'branch': {
          if (block.next < block.derivations.length) throw new Rejected('more after the end');
          if (blocks.length > 2 * deepestBranch) throw new Rejected('branches too deep');
          const form = this.#form(field(derivation, 'form'));
          const at = bigint(field(derivation, 'at'));
          const low = list(field(derivation, 'low')) as Refutation;
          const high = list(field(derivation, 'high')) as Refutation;
          // The block is replaced by its halves; the second one starts after the first has closed and dropped its facts.
          blocks.pop();
          const { length } = facts;
          blocks.push({
            derivations: high,
            next: 0,
            factsBefore: block.factsBefore,
            half: plus(form, constant(-at - 1n)),
          });
          blocks.push({ derivations: low, next: 0, factsBefore: length, half: plus(constant(at), form, -1n) });
          break;
        }
        default:
          facts.push(tighten(this.#derive(facts, derivation)));
      }
    }
  }

  #derive(facts: readonly Polynomial[], derivation: Derivation): Polynomial {
    const fact = (name: string): Polynomial => {
      const found = facts[natural(field(derivation, name))];
      if (!found) throw new Rejected('no such fact');
      return found;
    };
    switch (field(derivation, 'rule')) {
      case 'cut':
        return this.#combination(facts, field(derivation, 'of'));
      case 'product':
        return this.#product(fact('left'), fact('right'));
      case 'square': {
        const form = this.#form(field(derivation, 'form'));
        return this.#product(form, form);
      }
      case 'times': {
        const p = fact('fact');
        if (plus(p, fact('opposite')).size > 0) throw new Rejected('not an equation');
        return this.#product(p, this.#form(field(derivation, 'form')));
      }
      default:
        throw new Rejected('no such rule');
    }
  }

  #product(a: Polynomial, b: Polynomial): Polynomial {
    const product = this.#problem.monomials.multiply(a, b);
    if (!product) throw new Rejected('a product too large');
    return product;
  }

  #combination(facts: readonly Polynomial[], combination: unknown): Polynomial {
    const sum = new Map<number, bigint>();
    for (const entry of list(combination)) {
      const [number, multiplier] = list(entry);
      const fact = facts[natural(number)];
      const factor = bigint(multiplier);
      if (!fact || factor < 0n) throw new Rejected('no such fact, or a negative multiplier');
      for (const [monomial, coefficient] of times(fact, factor)) {
        const total = (sum.get(monomial) ?? 0n) + coefficient;
        if (total === 0n) sum.delete(monomial);
        else sum.set(monomial, total);
      }
    }
    return sum;
  }

  // Shapes.

  #literal(data: unknown): Literal {
    const literal = natural(data);
    if (literal >> 1 >= this.#problem.variables.length) throw new Rejected('no such literal');
    return literal;
  }

  #form(data: unknown): Polynomial {
    const form = new Map<number, bigint>();
    for (const entry of list(data)) {
      const [coefficient, ...atoms] = list(entry);
      const factors = atoms.map((a) => {
        const atom = natural(a);
        if (atom >= this.#problem.atoms.length) throw new Rejected('no such atom');
        return atom;
      });
      if (factors.length > largestDegree) throw new Rejected('a degree too large');
      const monomial = this.#problem.monomials.of(factors);
      const total = (form.get(monomial) ?? 0n) + bigint(coefficient);
      if (total === 0n) form.delete(monomial);
      else form.set(monomial, total);
    }
    return form;
  }
}

const largestDegree = 64;

function field(data: unknown, name: string): unknown {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, name)) throw new Rejected(`no field ${name}`);
  return (data as Record<string, unknown>)[name];
}

function list(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) throw new Rejected('not a list');
  return data;
}

function natural(data: unknown): number {
  if (typeof data !== 'number' || !Number.isInteger(data) || data < 0 || data > 2 ** 30) {
    throw new Rejected('not a natural number');
  }
  return data;
}

const longestInteger = 100_000;

function bigint(data: unknown): bigint {
  if (typeof data === 'number' && Number.isSafeInteger(data)) return BigInt(data);
  if (typeof data === 'string' && data.length <= longestInteger && /^-?\d+$/.test(data)) return BigInt(data);
  throw new Rejected('not an integer');
}
