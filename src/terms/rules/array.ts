import { disjoint } from '../interval.ts';
import type { Term } from '../term.ts';
import { ArrayValue, sameValue } from '../value.ts';
import { linearForm } from './linear-form.ts';
import { isApply, type Rule, type RuleContext } from './rule.ts';

/** Rules on arrays. */

type Relation = 'same' | 'different' | 'open';

function relation(a: Term, b: Term, context: RuleContext): Relation {
  if (a === b) return 'same';
  if (a.kind === 'value' && b.kind === 'value') return sameValue(a.value, b.value) ? 'same' : 'different';
  if (a.sort.kind !== 'int') return 'open';
  if (disjoint(context.ranges.of(a), context.ranges.of(b))) return 'different';
  const form = linearForm(
    [
      [a, 1n],
      [b, -1n],
    ],
    context,
  );
  if (!form || form.coefficients.size > 0) return 'open';
  return form.constant === 0n ? 'same' : 'different';
}

/** A chain of stores longer than this is read only so far. */
const longestChain = 1000;

const selectOverStore: Rule = {
  name: 'select-over-store',
  law: 'select(store(a, i, v), j) = v for i = j, select(a, j) for i != j',
  heads: ['select'],
  apply(term, context) {
    const [array, j] = term.args as [Term, Term];
    let at = array;
    for (let n = 0; n < longestChain && isApply(at, 'store'); n++) {
      const [inner, i, v] = at.args as [Term, Term, Term];
      const known = relation(i, j, context);
      if (known === 'same') return v;
      if (known === 'open') break;
      at = inner;
    }
    return at === array ? undefined : context.terms.apply('select', [at, j]);
  },
};

const selectOfConstant: Rule = {
  name: 'select-of-constant',
  law: 'select(the array of c everywhere, i) = c',
  heads: ['select'],
  apply(term, { terms }) {
    const array = term.args[0]!;
    if (array.kind !== 'value' || !(array.value instanceof ArrayValue) || array.value.entries.size > 0)
      return undefined;
    return terms.value(array.value.default, term.sort);
  },
};

const selectOverChoice: Rule = {
  name: 'select-over-choice',
  law: 'select(c ? a : b, i) = (c ? select(a, i) : select(b, i))',
  heads: ['select'],
  apply(term, { terms }) {
    const [array, i] = term.args as [Term, Term];
    if (!isApply(array, 'ite')) return undefined;
    const [c, a, b] = array.args as [Term, Term, Term];
    return terms.ite(c, terms.apply('select', [a, i]), terms.apply('select', [b, i]));
  },
};

const storeOverStore: Rule = {
  name: 'store-over-store',
  law: 'store(store(a, i, v), i, w) = store(a, i, w)',
  heads: ['store'],
  apply(term, context) {
    const [array, i, w] = term.args as [Term, Term, Term];
    if (!isApply(array, 'store') || relation(array.args[1]!, i, context) !== 'same') return undefined;
    return context.terms.apply('store', [array.args[0]!, i, w]);
  },
};

const storeOfSelect: Rule = {
  name: 'store-of-select',
  law: 'store(a, i, select(a, i)) = a',
  heads: ['store'],
  apply(term) {
    const [array, i, v] = term.args as [Term, Term, Term];
    return isApply(v, 'select') && v.args[0] === array && v.args[1] === i ? array : undefined;
  },
};

export const arrayRules: readonly Rule[] = [
  selectOverStore,
  selectOfConstant,
  selectOverChoice,
  storeOverStore,
  storeOfSelect,
];
