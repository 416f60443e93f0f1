import type { TermFactory } from '../factory.ts';
import type { OperatorName } from '../operator.ts';
import { readSExpressions, type SExpression } from '../s-expression.ts';
import type { Term } from '../term.ts';

/**
 * Reads the definitions of predicates in a solver's model, `(define-fun P ((x!0 Int) …) Bool body)`, back into terms. What
 * comes of it is a suggestion that is proved afterwards. Undefined for what is not understood.
 */
export type Definitions = ReadonlyMap<string, (factory: TermFactory, args: readonly Term[]) => Term | undefined>;

export function readDefinitions(text: string): Definitions | undefined {
  const read = readSExpressions(text);
  const list = read.ok ? read.value.at(-1) : undefined;
  if (list?.kind !== 'list') return undefined;
  const result = new Map<string, (factory: TermFactory, args: readonly Term[]) => Term | undefined>();
  for (const item of list.items) {
    if (item.kind !== 'list' || !isWord(item.items[0], 'define-fun') || item.items.length !== 5) continue;
    const [, name, params, , body] = item.items as [SExpression, SExpression, SExpression, SExpression, SExpression];
    if (name.kind !== 'atom' || params.kind !== 'list') return undefined;
    const names: string[] = [];
    for (const p of params.items) {
      const first = p.kind === 'list' ? p.items[0] : undefined;
      if (first?.kind !== 'atom') return undefined;
      names.push(first.text);
    }
    result.set(name.text, (factory, args) => {
      if (args.length !== names.length) return undefined;
      return new Reader(factory).read(body, new Map(names.map((n, i) => [n, args[i]!])), 0);
    });
  }
  return result;
}

const isWord = (e: SExpression | undefined, word: string): boolean => e?.kind === 'atom' && e.text === word;

const operatorNames: Readonly<Record<string, OperatorName>> = {
  and: 'and',
  or: 'or',
  not: 'not',
  '=>': 'implies',
  xor: 'xor',
  '=': '=',
  ite: 'ite',
  '+': '+',
  '*': '*',
  '<=': '<=',
  '<': '<',
  '>=': '>=',
  '>': '>',
  select: 'select',
  store: 'store',
};

const deepest = 400;

class Reader {
  readonly #t: TermFactory;
  constructor(factory: TermFactory) {
    this.#t = factory;
  }

  read(expression: SExpression, names: ReadonlyMap<string, Term>, depth: number): Term | undefined {
    if (depth > deepest) return undefined;
    let at = expression;
    let scope = names;
    while (at.kind === 'list' && isWord(at.items[0], 'let') && at.items.length === 3) {
      const bindings = at.items[1]!;
      if (bindings.kind !== 'list') return undefined;
      const inner = new Map(scope);
      for (const b of bindings.items) {
        if (b.kind !== 'list' || b.items.length !== 2 || b.items[0]!.kind !== 'atom') return undefined;
        const value = this.read(b.items[1]!, scope, depth + 1);
        if (!value) return undefined;
        inner.set(b.items[0]!.text, value);
      }
      scope = inner;
      at = at.items[2]!;
    }
    if (at.kind === 'atom') return this.#atom(at.text, scope);
    const head = at.items[0];
    if (head?.kind !== 'atom') return undefined;
    const args: Term[] = [];
    for (const item of at.items.slice(1)) {
      const arg = this.read(item, scope, depth + 1);
      if (!arg) return undefined;
      args.push(arg);
    }
    return this.#apply(head.text, args);
  }

  #atom(text: string, names: ReadonlyMap<string, Term>): Term | undefined {
    if (text === 'true') return this.#t.true;
    if (text === 'false') return this.#t.false;
    if (/^\d+$/.test(text)) return this.#t.int(BigInt(text));
    return names.get(text);
  }

  #apply(name: string, args: readonly Term[]): Term | undefined {
    const t = this.#t;
    const [a, b] = args;
    try {
      if (name === '-') return args.length === 1 ? t.negate(a!) : t.apply('-', args);
      if (name === 'and') return t.all(args);
      if (name === 'or') return t.any(args);
      // Euclidean, as ours for a positive divisor.
      if ((name === 'div' || name === 'mod') && b?.kind === 'value' && (b.value as bigint) > 0n) {
        return t.apply(name, [a!, b]);
      }
      const op = operatorNames[name];
      return op && t.apply(op, args);
    } catch {
      return undefined;
    }
  }
}
