import { type OperatorName, operators } from './operator.ts';
import { boolSort, formatSort, intSort, type Sort } from './sort.ts';
import type { ApplyTerm, QuantifiedTerm, SymbolTerm, Term, ValueTerm } from './term.ts';
import { hasSort, type Value, valueKey } from './value.ts';

export class SortError extends Error {}

/**
 * Builds terms, shares equal ones and checks their sorts. It never rewrites: what is asked for is what is built
 * (rule 6); simplification is in rules.ts. Terms of two factories must not be mixed.
 */
export class TermFactory {
  readonly #table = new Map<string, Term>();
  readonly #symbolSorts = new Map<string, Sort>();
  #nextId = 0;
  #freshCounts = new Map<string, number>();

  readonly true: ValueTerm = this.value(true, boolSort);
  readonly false: ValueTerm = this.value(false, boolSort);

  get size(): number {
    return this.#nextId;
  }

  #share<T extends Term>(key: string, make: (id: number) => T): T {
    const found = this.#table.get(key);
    if (found) return found as T;
    const made = make(this.#nextId++);
    this.#table.set(key, made);
    return made;
  }

  value(value: Value, sort: Sort): ValueTerm {
    if (!hasSort(value, sort)) throw new SortError(`${valueKey(value)} is not of sort ${formatSort(sort)}`);
    return this.#share(`v${formatSort(sort)} ${valueKey(value)}`, (id) => ({
      id,
      sort,
      depth: 0,
      kind: 'value',
      value,
    }));
  }

  bool(value: boolean): ValueTerm {
    return value ? this.true : this.false;
  }

  int(value: bigint | number): ValueTerm {
    return this.value(BigInt(value), intSort);
  }

  /** One name has one sort in a factory. */
  symbol(name: string, sort: Sort): SymbolTerm {
    const known = this.#symbolSorts.get(name);
    if (known && formatSort(known) !== formatSort(sort)) {
      throw new SortError(`symbol ${name} has sort ${formatSort(known)}, not ${formatSort(sort)}`);
    }
    this.#symbolSorts.set(name, sort);
    return this.#share(`s${name}`, (id) => ({ id, sort, depth: 0, kind: 'symbol', name }));
  }

  /** A symbol whose name is not in use: `base`, or `base!1`, `base!2`, … */
  fresh(base: string, sort: Sort): SymbolTerm {
    let count = this.#freshCounts.get(base) ?? 0;
    let name = count === 0 ? base : `${base}!${count}`;
    while (this.#symbolSorts.has(name)) name = `${base}!${++count}`;
    this.#freshCounts.set(base, count);
    return this.symbol(name, sort);
  }

  /** requires: the arity, the index and the sorts fit the operator; otherwise SortError. */
  apply(op: OperatorName, args: readonly Term[], index = 0): ApplyTerm {
    const row = operators[op];
    if (args.length < row.minArity || args.length > row.maxArity) {
      throw new SortError(`${op} takes ${row.minArity} to ${row.maxArity} arguments, got ${args.length}`);
    }
    if (row.indexed !== index > 0) throw new SortError(`${op} ${row.indexed ? 'needs' : 'takes no'} index`);
    let key = `${op}#${index}`;
    let depth = 0;
    for (const arg of args) {
      key += `,${arg.id}`;
      if (arg.depth > depth) depth = arg.depth;
    }
    const found = this.#table.get(key);
    if (found) return found as ApplyTerm;
    const sort = row.resultSort(
      args.map((a) => a.sort),
      index,
    );
    if (typeof sort === 'string') throw new SortError(`${op}: ${sort}`);
    return this.#share(key, (id) => ({ id, sort, depth: depth + 1, kind: 'apply', op, index, args: [...args] }));
  }

  quantify(kind: 'forall' | 'exists', bound: readonly SymbolTerm[], body: Term): QuantifiedTerm {
    if (body.sort.kind !== 'bool') throw new SortError(`${kind}: the body has sort ${formatSort(body.sort)}`);
    if (bound.length === 0) throw new SortError(`${kind} binds nothing`);
    const key = `${kind} ${bound.map((b) => b.id).join(',')}.${body.id}`;
    return this.#share(key, (id) => ({ id, sort: boolSort, depth: body.depth + 1, kind, bound: [...bound], body }));
  }

  // Spellings. `all` and `any` of nothing are true and false, of one formula that formula: there is no such application.
  all(formulas: readonly Term[]): Term {
    return formulas.length === 0 ? this.true : formulas.length === 1 ? formulas[0]! : this.apply('and', formulas);
  }
  any(formulas: readonly Term[]): Term {
    return formulas.length === 0 ? this.false : formulas.length === 1 ? formulas[0]! : this.apply('or', formulas);
  }
  sum(terms: readonly Term[]): Term {
    return terms.length === 0 ? this.int(0) : terms.length === 1 ? terms[0]! : this.apply('+', terms);
  }
  not = (a: Term): Term => this.apply('not', [a]);
  and = (a: Term, b: Term): Term => this.apply('and', [a, b]);
  or = (a: Term, b: Term): Term => this.apply('or', [a, b]);
  implies = (a: Term, b: Term): Term => this.apply('implies', [a, b]);
  ite = (c: Term, a: Term, b: Term): Term => this.apply('ite', [c, a, b]);
  equal = (a: Term, b: Term): Term => this.apply('=', [a, b]);
  add = (a: Term, b: Term): Term => this.apply('+', [a, b]);
  subtract = (a: Term, b: Term): Term => this.apply('-', [a, b]);
  multiply = (a: Term, b: Term): Term => this.apply('*', [a, b]);
  negate = (a: Term): Term => this.apply('neg', [a]);
  lessEqual = (a: Term, b: Term): Term => this.apply('<=', [a, b]);
  less = (a: Term, b: Term): Term => this.apply('<', [a, b]);
  greaterEqual = (a: Term, b: Term): Term => this.apply('>=', [a, b]);
  greater = (a: Term, b: Term): Term => this.apply('>', [a, b]);
  wrapUnsigned = (a: Term, widthBits: number): Term => this.apply('wrap.unsigned', [a], widthBits);
  wrapSigned = (a: Term, widthBits: number): Term => this.apply('wrap.signed', [a], widthBits);
}
