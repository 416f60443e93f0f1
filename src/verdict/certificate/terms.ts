import { formatRational, isInteger, parseRational, type Rational } from '../../base/rational.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { Program } from '../../program/program.ts';
import { SortError } from '../../terms/factory.ts';
import { isOperatorName } from '../../terms/operator.ts';
import { boolSort, intSort, realSort, type Sort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { subterms } from '../../terms/traversal.ts';
import { ArrayValue, type FloatValue, hasSort, type Value } from '../../terms/value.ts';
import { type Field, type Json, Malformed } from './reader.ts';

/**
 * Terms as one shared node table: each distinct subterm once, arguments before what is built of them; a term is the number
 * of its node. Symbols go by name and must be variables of the program (or be bound), so that a certificate cannot
 * bring its own.
 */
export class TermWriter {
  readonly nodes: Json[] = [];
  readonly #numbers = new Map<Term, number>();

  write(root: Term): number {
    for (const term of subterms([root])) {
      if (this.#numbers.has(term)) continue;
      this.#numbers.set(term, this.nodes.length);
      this.nodes.push(this.#node(term));
    }
    return this.#numbers.get(root)!;
  }

  #node(term: Term): Json {
    const number = (t: Term): number => this.#numbers.get(t)!;
    switch (term.kind) {
      case 'value':
        return ['value', writeSort(term.sort), writeValue(term.value)];
      case 'symbol':
        return ['symbol', term.name];
      case 'apply':
        return ['apply', term.op, term.index, term.args.map(number)];
      case 'forall':
      case 'exists':
        return [term.kind, term.bound.map((b) => [b.name, writeSort(b.sort)]), number(term.body)];
      default:
        return unreachable(term);
    }
  }
}

/** Builds the terms of a table in the program's own factory. Throws Malformed. */
export class TermReader {
  readonly #terms: Term[] = [];

  constructor(program: Program, table: Field) {
    const names = new Map([...program.variables.keys()].map((s) => [s.name, s]));
    const bound = new Map<string, SymbolTerm>();
    const nodes = table.list();
    for (const node of nodes) {
      if (node.list()[0]?.value !== 'forall' && node.list()[0]?.value !== 'exists') continue;
      for (const item of node.list()[1]?.list() ?? []) {
        const [name, sort] = item.pair();
        if (!names.has(name.text()))
          bound.set(
            name.text(),
            guarded(node, () => program.terms.symbol(name.text(), readSort(sort))),
          );
      }
    }
    for (const node of nodes) this.#terms.push(guarded(node, () => this.#build(program, names, bound, node)));
  }

  /** The term with a number. */
  read(field: Field): Term {
    return this.#terms[field.natural()] ?? field.fail('the number of a term');
  }

  formula(field: Field): Term {
    const term = this.read(field);
    return term.sort.kind === 'bool' ? term : field.fail('a formula');
  }

  #build(
    program: Program,
    names: ReadonlyMap<string, SymbolTerm>,
    bound: ReadonlyMap<string, SymbolTerm>,
    node: Field,
  ): Term {
    const [kind, ...parts] = node.list();
    const part = (i: number): Field => parts[i] ?? node.fail('a term');
    const length = (n: number): void => {
      if (parts.length !== n) node.fail('a term');
    };
    switch (kind?.value) {
      case 'value': {
        length(2);
        const sort = readSort(part(0));
        return program.terms.value(readValue(part(1), sort), sort);
      }
      case 'symbol': {
        length(1);
        const name = part(0).text();
        return names.get(name) ?? bound.get(name) ?? node.fail('a variable of the program');
      }
      case 'apply': {
        length(3);
        const op = part(0).text();
        if (!isOperatorName(op)) return node.fail('an operator');
        const index = part(1).natural();
        if (index > 1_000_000) return node.fail('a sensible width');
        return program.terms.apply(
          op,
          part(2)
            .list()
            .map((a) => this.read(a)),
          index,
        );
      }
      case 'forall':
      case 'exists': {
        length(2);
        const symbols = part(0)
          .list()
          .map((item) => bound.get(item.pair()[0].text()) ?? item.fail('a bound symbol'));
        return program.terms.quantify(kind.value, symbols, this.read(part(1)));
      }
      default:
        return node.fail('a term');
    }
  }
}

/** The factory refuses ill-sorted terms; here that is the certificate's fault. */
function guarded<T>(node: Field, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (error instanceof SortError) throw new Malformed(`${node.path}: ${error.message}`);
    throw error;
  }
}

export function writeSort(sort: Sort): Json {
  switch (sort.kind) {
    case 'array':
      return ['array', writeSort(sort.index), writeSort(sort.element)];
    case 'float':
      return sort.format;
    default:
      return sort.kind;
  }
}

export function readSort(field: Field, depth = 0): Sort {
  switch (field.value) {
    case 'bool':
      return boolSort;
    case 'int':
      return intSort;
    case 'real':
      return realSort;
    case 'binary32':
    case 'binary64':
      return { kind: 'float', format: field.value };
  }
  const [kind, index, element] = Array.isArray(field.value) ? field.list() : [];
  if (kind?.value !== 'array' || !index || !element || depth > 20) return field.fail('a sort');
  return { kind: 'array', index: readSort(index, depth + 1), element: readSort(element, depth + 1) };
}

export function writeValue(value: Value): Json {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return String(value);
  if ('numerator' in value) return formatRational(value);
  if (value.kind === 'float') return `0x${value.bits.toString(16)}`;
  return {
    others: writeValue(value.default),
    entries: [...value.entries.values()].map((e) => [writeValue(e.index), writeValue(e.element)]),
  };
}

export function readValue(field: Field, sort: Sort, depth = 0): Value {
  const value = readUnchecked(field, sort, depth);
  return hasSort(value, sort) ? value : field.fail('a value of its sort');
}

function readUnchecked(field: Field, sort: Sort, depth: number): Value {
  switch (sort.kind) {
    case 'bool':
      return field.boolean();
    case 'int':
      return field.integer();
    case 'real':
      return rationalOf(field);
    case 'float': {
      const text = field.text();
      const bits = /^0x[0-9a-f]{1,16}$/.test(text) ? BigInt(text) : field.fail('the bits of a float');
      if (bits >> (sort.format === 'binary32' ? 32n : 64n)) return field.fail('the bits of a float');
      return { kind: 'float', format: sort.format, bits } satisfies FloatValue;
    }
    case 'array': {
      if (depth > 20) return field.fail('a value');
      field.only('others', 'entries');
      let array = new ArrayValue(readValue(field.at('others'), sort.element, depth + 1));
      for (const entry of field.at('entries').list(100_000)) {
        const [index, element] = entry.pair();
        array = array.store(readValue(index, sort.index, depth + 1), readValue(element, sort.element, depth + 1));
      }
      return array;
    }
    default:
      return unreachable(sort);
  }
}

function rationalOf(field: Field): Rational {
  const text = field.text();
  const value = text.length < 400_000 ? parseRational(text) : undefined;
  if (!value || (isInteger(value) && text.includes('/'))) return field.fail('a rational');
  return value;
}
