import type { TermFactory } from './factory.ts';
import { children, type SymbolTerm, type Term } from './term.ts';

/**
 * Walks over terms with an explicit stack: a program of ten thousand lines makes terms deeper than the call stack.
 */

/** Every distinct subterm once, arguments before what is built of them. */
export function subterms(roots: readonly Term[]): Term[] {
  const seen = new Set<number>();
  const order: Term[] = [];
  const stack: { term: Term; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root.id)) continue;
    seen.add(root.id);
    stack.push({ term: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const parts = children(top.term);
      if (top.next < parts.length) {
        const child = parts[top.next++]!;
        if (!seen.has(child.id)) {
          seen.add(child.id);
          stack.push({ term: child, next: 0 });
        }
      } else {
        order.push(top.term);
        stack.pop();
      }
    }
  }
  return order;
}

/** The symbols that occur free, in order of first visit. */
export function freeSymbols(roots: readonly Term[]): SymbolTerm[] {
  const all = subterms(roots);
  if (!all.some((t) => t.kind === 'forall' || t.kind === 'exists')) {
    return all.filter((t): t is SymbolTerm => t.kind === 'symbol');
  }
  const free = new Map<number, Set<SymbolTerm>>();
  for (const term of all) {
    if (term.kind === 'symbol') free.set(term.id, new Set([term]));
    else {
      const union = new Set<SymbolTerm>();
      for (const child of children(term)) for (const s of free.get(child.id)!) union.add(s);
      if (term.kind === 'forall' || term.kind === 'exists') for (const b of term.bound) union.delete(b);
      free.set(term.id, union);
    }
  }
  const result = new Set<SymbolTerm>();
  for (const root of roots) for (const s of free.get(root.id)!) result.add(s);
  return [...result];
}

/** Builds the same term over new arguments (the term itself if they are the same). */
export function rebuild(factory: TermFactory, term: Term, parts: readonly Term[]): Term {
  const old = children(term);
  if (parts.every((p, i) => p === old[i])) return term;
  switch (term.kind) {
    case 'apply':
      return factory.apply(term.op, parts, term.index);
    case 'forall':
    case 'exists':
      return factory.quantify(term.kind, term.bound, parts[0]!);
    default:
      return term;
  }
}

/**
 * Replaces free symbols by terms, all at once. Bound symbols are renamed where they would capture a symbol of a
 * replacement. The cache may be kept over calls with the same replacements.
 */
export function substitute(
  factory: TermFactory,
  root: Term,
  replacements: ReadonlyMap<Term, Term>,
  cache: Map<Term, Term> = new Map(),
): Term {
  if (replacements.size === 0) return root;
  const stack: { term: Term; next: number }[] = [{ term: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const { term } = top;
    if (cache.has(term)) {
      stack.pop();
      continue;
    }
    if (term.kind === 'symbol' || term.kind === 'value') {
      cache.set(term, replacements.get(term) ?? term);
      stack.pop();
      continue;
    }
    if (term.kind !== 'apply') {
      cache.set(term, substituteUnderBinder(factory, term, replacements));
      stack.pop();
      continue;
    }
    if (top.next < term.args.length) {
      const child = term.args[top.next++]!;
      if (!cache.has(child)) stack.push({ term: child, next: 0 });
      continue;
    }
    const parts = term.args.map((a) => cache.get(a)!);
    cache.set(term, rebuild(factory, term, parts));
    stack.pop();
  }
  return cache.get(root)!;
}

function substituteUnderBinder(
  factory: TermFactory,
  term: Extract<Term, { kind: 'forall' | 'exists' }>,
  replacements: ReadonlyMap<Term, Term>,
): Term {
  const inner = new Map(replacements);
  for (const b of term.bound) inner.delete(b);
  const free = new Set(freeSymbols([term]));
  const incoming = new Set<Term>();
  for (const [from, to] of inner) if (free.has(from as SymbolTerm)) for (const s of freeSymbols([to])) incoming.add(s);
  const bound = term.bound.map((b) => {
    if (!incoming.has(b)) return b;
    const renamed = factory.fresh(b.name, b.sort);
    inner.set(b, renamed);
    return renamed;
  });
  return factory.quantify(term.kind, bound, substitute(factory, term.body, inner));
}
