import type { SymbolTerm, Term } from '../term.ts';
import { freeSymbols, substitute, subterms } from '../traversal.ts';
import { linearForm, linearTerm, mapLinear, monomials } from './linear-form.ts';
import { isApply, isQuantified, type Rule, type RuleContext } from './rule.ts';

/** The rule that uses equations. Not in the default set: it makes terms larger. */

/** Larger formulas are left as they are. In distinct subterms. */
const largestSubstituted = 2000;

export const solvedEquation: Rule = {
  name: 'solved-equation',
  law: 'x = t and f(x) = (x = t and f(t)) for a symbol x that does not occur in t',
  heads: ['and'],
  apply(term, context) {
    const all = subterms([term]);
    if (all.length > largestSubstituted || all.some(isQuantified)) return undefined;
    const symbolsOf = term.args.map((a) => new Set(freeSymbols([a])));
    for (const [i, equation] of term.args.entries()) {
      if (!isApply(equation, '=')) continue;
      const elsewhere = (s: SymbolTerm): boolean => symbolsOf.some((set, k) => k !== i && set.has(s));
      const solutions = solve(equation.args[0]!, equation.args[1]!, context);
      // An equation with a symbol of its own has done its work.
      if (solutions.some(([s]) => !elsewhere(s))) continue;
      const [first] = solutions;
      if (!first) continue;
      const replacement = new Map<Term, Term>([first]);
      const cache = new Map<Term, Term>();
      const { terms } = context;
      return terms.apply(
        'and',
        term.args.map((a, k) => (k === i ? a : substitute(terms, a, replacement, cache))),
      );
    }
    return undefined;
  },
};

/** The symbols for which an equation can be solved, with their solutions. */
function solve(a: Term, b: Term, context: RuleContext): [SymbolTerm, Term][] {
  if (a.sort.kind !== 'int') {
    const result: [SymbolTerm, Term][] = [];
    for (const [x, t] of [
      [a, b],
      [b, a],
    ] as const) {
      if (x.kind === 'symbol' && !freeSymbols([t]).includes(x)) result.push([x, t]);
    }
    return result;
  }
  const form = linearForm(
    [
      [a, 1n],
      [b, -1n],
    ],
    context,
  );
  if (!form) return [];
  const result: [SymbolTerm, Term][] = [];
  for (const m of monomials(form, context)) {
    const c = form.coefficients.get(m)!;
    if (m.kind !== 'symbol' || (c !== 1n && c !== -1n)) continue;
    const others = new Map(form.coefficients);
    others.delete(m);
    if (freeSymbols([...others.keys()]).includes(m)) continue;
    result.push([
      m,
      linearTerm(
        mapLinear({ constant: form.constant, coefficients: others }, (k) => -k * c),
        context,
      ),
    ]);
  }
  return result;
}
