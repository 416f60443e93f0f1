import {
  add,
  addScaled,
  constant,
  isConstant,
  multiply,
  type Polynomial,
  scale,
  unknown,
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
import type { SExpression, SList } from '../../terms/s-expression.ts';
import type { Rejector } from './reject.ts';

/**
 * Reads formulas and integer terms in SMT-LIB's spelling. `exists` makes temporaries; integer `ite`, `div`, `mod` and
 * `abs` are given by a fresh temporary and the formula that defines it, which is exact as the defined value always
 * exists and is unique. Division is SMT-LIB's (the remainder is never negative), by a constant other than 0.
 */
export class SmtFormulaReader {
  readonly #reject: Rejector;
  readonly #newTemporary: (name: string) => number;
  /** What names mean now; binders push and pop. */
  readonly #scope: Map<string, Meaning>;
  /** Conjuncts that define temporaries of the formula being read. */
  #definitions: Formula[] = [];
  #depth = 0;

  constructor(reject: Rejector, scope: ReadonlyMap<string, Meaning>, newTemporary: (name: string) => number) {
    this.#reject = reject;
    this.#scope = new Map(scope);
    this.#newTemporary = newTemporary;
  }

  /** The formula with the definitions of its temporaries as conjuncts. */
  read(e: SExpression): Formula {
    this.#definitions = [];
    const formula = this.#formula(e, true);
    return conjunction([formula, ...this.#definitions]);
  }

  #formula(e: SExpression, positive: boolean): Formula {
    return this.#deeper(e, () => (e.kind === 'atom' ? this.#atomFormula(e) : this.#listFormula(e, positive)));
  }

  #atomFormula(e: SExpression & { kind: 'atom' }): Formula {
    if (e.text === 'true') return truth;
    if (e.text === 'false') return falsity;
    const meaning = this.#scope.get(e.text);
    if (meaning?.kind === 'formula') return meaning.formula;
    throw this.#reject.malformed(e, `\`${e.text}\` is not a formula`, 'true, false, or a formula in parentheses');
  }

  #listFormula(e: SList, positive: boolean): Formula {
    const head = this.#head(e);
    const args = e.items.slice(1);
    switch (head) {
      case 'and':
      case 'or': {
        const parts = this.#leftSpine(e, head).map((p) => this.#formula(p, positive));
        return head === 'and' ? conjunction(parts) : disjunction(parts);
      }
      case 'not':
        this.#arity(e, 1, 1);
        return negation(this.#formula(args[0]!, !positive));
      case '=>': {
        this.#arity(e, 2);
        let result = this.#formula(args[args.length - 1]!, positive);
        for (const a of args.slice(0, -1).reverse())
          result = disjunction([negation(this.#formula(a, !positive)), result]);
        return result;
      }
      case 'xor': {
        this.#arity(e, 2, 2);
        const [a, b] = args.map((x) => this.#twoSided(x));
        return disjunction([conjunction([a!, negation(b!)]), conjunction([negation(a!), b!])]);
      }
      case 'ite': {
        this.#arity(e, 3, 3);
        const c = this.#twoSided(args[0]!);
        const [a, b] = args.slice(1).map((x) => this.#formula(x, positive));
        return disjunction([conjunction([c, a!]), conjunction([negation(c), b!])]);
      }
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.#comparison(e, head);
      case '=':
        return this.#equality(e);
      case 'distinct':
        return this.#distinct(e);
      case 'exists':
        if (!positive)
          throw this.#reject.unsupported(e, '`exists` under a negation', 'a quantifier-free formula there');
        return this.#exists(e);
      case 'let':
        return this.#let(e, (body) => this.#formula(body, positive));
      case 'forall':
        throw this.#reject.unsupported(e, '`forall` in a transition', 'a formula without `forall`');
      default:
        throw this.#reject.malformed(e, `\`${head}\` is not a connective or a comparison`, 'and, or, not, =, <, <=, …');
    }
  }

  /** The parts of a conjunction that is nested on its left, as tools write them, in order and without recursion. */
  #leftSpine(e: SList, head: string): SExpression[] {
    const reversed: SExpression[] = [];
    let here: SExpression = e;
    while (here.kind === 'list' && here.items[0]?.kind === 'atom' && here.items[0].text === head) {
      if (here.items.length === 1) return reversed.reverse();
      for (let i = here.items.length - 1; i > 1; i--) reversed.push(here.items[i]!);
      here = here.items[1]!;
    }
    reversed.push(here);
    return reversed.reverse();
  }

  /** A formula that is needed on both sides, so that no quantifier may stand in it. */
  #twoSided(e: SExpression): Formula {
    return this.#formula(e, false);
  }

  #comparison(e: SList, op: '<' | '<=' | '>' | '>='): Formula {
    this.#arity(e, 2);
    const values = e.items.slice(1).map((a) => this.#term(a));
    const parts: Formula[] = [];
    for (let i = 0; i + 1 < values.length; i++) {
      const [low, high] = op[0] === '<' ? [values[i]!, values[i + 1]!] : [values[i + 1]!, values[i]!];
      const difference = addScaled(low, high, -1n);
      parts.push(compare('<=', op.length === 1 ? add(difference, constant(1n)) : difference));
    }
    return conjunction(parts);
  }

  #equality(e: SList): Formula {
    this.#arity(e, 2);
    const args = e.items.slice(1);
    const parts: Formula[] = [];
    if (this.#isFormula(args[0]!)) {
      const sides = args.map((a) => this.#twoSided(a));
      for (let i = 0; i + 1 < sides.length; i++) {
        const [a, b] = [sides[i]!, sides[i + 1]!];
        parts.push(disjunction([conjunction([a, b]), conjunction([negation(a), negation(b)])]));
      }
      return conjunction(parts);
    }
    const values = args.map((a) => this.#term(a));
    for (let i = 0; i + 1 < values.length; i++) parts.push(compare('=', addScaled(values[i]!, values[i + 1]!, -1n)));
    return conjunction(parts);
  }

  #distinct(e: SList): Formula {
    this.#arity(e, 2);
    const values = e.items.slice(1).map((a) => this.#term(a));
    const parts: Formula[] = [];
    for (const [i, a] of values.entries()) {
      for (const b of values.slice(i + 1)) parts.push(compare('!=', addScaled(a, b, -1n)));
    }
    return conjunction(parts);
  }

  #exists(e: SList): Formula {
    this.#arity(e, 2, 2);
    const [, binder, body] = e.items;
    if (binder!.kind !== 'list') throw this.#reject.malformed(binder!, '`exists` without variables', '((x Int) …)');
    const saved: [string, Meaning | undefined][] = [];
    for (const item of binder!.items) {
      const [name, sort] = item.kind === 'list' ? item.items : [];
      if (item.kind !== 'list' || item.items.length !== 2 || name?.kind !== 'atom' || sort?.kind !== 'atom') {
        throw this.#reject.malformed(item, 'this is not a variable with its sort', '(x Int)');
      }
      if (sort.text !== 'Int') throw this.#reject.unsupported(sort, `a variable of sort ${sort.text}`, 'Int');
      saved.push([name.text, this.#scope.get(name.text)]);
      this.#scope.set(name.text, { kind: 'unknown', number: this.#newTemporary(name.text) });
    }
    const result = this.#formula(body!, true);
    for (const [name, meaning] of saved.reverse()) this.#restore(name, meaning);
    return result;
  }

  #let<T>(e: SList, read: (body: SExpression) => T): T {
    this.#arity(e, 2, 2);
    const [, bindings, body] = e.items;
    if (bindings!.kind !== 'list') throw this.#reject.malformed(bindings!, '`let` without bindings', '((x term) …)');
    const made: [string, Meaning][] = bindings!.items.map((item) => {
      const [name, value] = item.kind === 'list' ? item.items : [];
      if (item.kind !== 'list' || item.items.length !== 2 || name?.kind !== 'atom') {
        throw this.#reject.malformed(item, 'this is not a binding', '(x term)');
      }
      return this.#isFormula(value!)
        ? [name.text, { kind: 'formula', formula: this.#twoSided(value!) }]
        : [name.text, { kind: 'value', value: this.#term(value!) }];
    });
    const saved = made.map(([name]) => [name, this.#scope.get(name)] as const);
    for (const [name, meaning] of made) this.#scope.set(name, meaning);
    const result = read(body!);
    for (const [name, meaning] of [...saved].reverse()) this.#restore(name, meaning);
    return result;
  }

  #restore(name: string, meaning: Meaning | undefined): void {
    if (meaning) this.#scope.set(name, meaning);
    else this.#scope.delete(name);
  }

  #isFormula(e: SExpression): boolean {
    let here = e;
    for (;;) {
      if (here.kind === 'atom') {
        return here.text === 'true' || here.text === 'false' || this.#scope.get(here.text)?.kind === 'formula';
      }
      const head: SExpression | undefined = here.items[0];
      if (head?.kind !== 'atom') return false;
      if (head.text === 'let' && here.items[2]) here = here.items[2];
      else if (head.text === 'ite' && here.items[2]) here = here.items[2];
      else return formulaHeads.has(head.text);
    }
  }

  #term(e: SExpression): Polynomial {
    if (e.kind === 'atom') {
      const meaning = this.#scope.get(e.text);
      if (meaning?.kind === 'unknown') return unknown(meaning.number);
      if (meaning?.kind === 'value') return meaning.value;
      if (e.form === 'plain' && /^-?\d+$/.test(e.text)) return constant(BigInt(e.text));
      throw this.#reject.malformed(
        e,
        `\`${e.text}\` is not a variable here, nor an integer`,
        'a variable or an integer',
      );
    }
    return this.#deeper(e, () => this.#listTerm(e));
  }

  #listTerm(e: SList): Polynomial {
    const head = this.#head(e);
    if (head === 'let') return this.#let(e, (body) => this.#term(body));
    if (head === 'ite') return this.#choice(e);
    this.#arity(e, 1);
    const args = e.items.slice(1);
    const values = args.map((a) => this.#term(a));
    switch (head) {
      case '+':
        return values.reduce(add);
      case '-':
        return values.length === 1
          ? scale(values[0]!, -1n)
          : values.slice(1).reduce((a, b) => addScaled(a, b, -1n), values[0]!);
      case '*': {
        let product = values[0]!;
        for (const v of values.slice(1)) {
          const next = multiply(product, v);
          if (!next) throw this.#reject.unsupported(e, 'a product with too many monomials', 'a smaller polynomial');
          product = next;
        }
        return product;
      }
      case 'div':
      case 'mod': {
        this.#arity(e, 2, 2);
        const [a, b] = values;
        if (!isConstant(b!) || b!.constant === 0n) {
          throw this.#reject.unsupported(
            args[1]!,
            `${head} by something other than a constant`,
            'an integer other than 0',
          );
        }
        // a = b*q + r with 0 <= r < |b|
        const size = b!.constant < 0n ? -b!.constant : b!.constant;
        const q = unknown(this.#newTemporary('quotient'));
        const r = addScaled(a!, q, -b!.constant);
        this.#definitions.push(compare('<=', scale(r, -1n)), compare('<=', add(r, constant(1n - size))));
        return head === 'div' ? q : r;
      }
      case 'abs': {
        this.#arity(e, 1, 1);
        const a = values[0]!;
        return this.#defined(compare('<=', scale(a, -1n)), a, scale(a, -1n));
      }
      default:
        throw this.#reject.malformed(e, `\`${head}\` is not an arithmetic operator`, '+, -, *, div, mod, abs or ite');
    }
  }

  #choice(e: SList): Polynomial {
    this.#arity(e, 3, 3);
    const [, c, a, b] = e.items;
    return this.#defined(this.#twoSided(c!), this.#term(a!), this.#term(b!));
  }

  /** A temporary that is `a` where the condition holds and `b` elsewhere. */
  #defined(condition: Formula, a: Polynomial, b: Polynomial): Polynomial {
    const t = unknown(this.#newTemporary('choice'));
    this.#definitions.push(
      disjunction([
        conjunction([condition, compare('=', addScaled(t, a, -1n))]),
        conjunction([negation(condition), compare('=', addScaled(t, b, -1n))]),
      ]),
    );
    return t;
  }

  #head(e: SList): string {
    const head = e.items[0];
    if (head?.kind !== 'atom') throw this.#reject.malformed(e, 'an application without an operator', '(operator …)');
    return head.text;
  }

  #arity(e: SList, least: number, most = Number.POSITIVE_INFINITY): void {
    const count = e.items.length - 1;
    if (count >= least && count <= most) return;
    const wanted = least === most ? `${least}` : `at least ${least}`;
    throw this.#reject.malformed(e, `\`${this.#head(e)}\` has ${count} arguments`, `${wanted} arguments`);
  }

  #deeper<T>(e: SExpression, read: () => T): T {
    if (++this.#depth > deepestFormula) {
      throw this.#reject.unsupported(e, 'the formula is nested too deeply', `at most ${deepestFormula} levels`);
    }
    const result = read();
    this.#depth--;
    return result;
  }
}

export type Meaning =
  | { readonly kind: 'unknown'; readonly number: number }
  | { readonly kind: 'value'; readonly value: Polynomial }
  | { readonly kind: 'formula'; readonly formula: Formula };

const deepestFormula = 500;

const formulaHeads = new Set([
  'and',
  'or',
  'not',
  '=>',
  'xor',
  '<',
  '<=',
  '>',
  '>=',
  '=',
  'distinct',
  'exists',
  'forall',
]);
