import type { TermFactory } from '../factory.ts';
import { type ApplyTerm, isFalse, isTrue, type Term } from '../term.ts';
import { rebuild, substitute, subterms } from '../traversal.ts';
import { changed, isApply, isQuantified, type Rule } from './rule.ts';

/** Rules on truth values and choice. `dual` is said once for `and`, and holds for `or` with true and false exchanged. */

const negation = (terms: TermFactory, a: Term): Term =>
  isTrue(a) ? terms.false : isFalse(a) ? terms.true : isApply(a, 'not') ? a.args[0]! : terms.not(a);

const doubleNegation: Rule = {
  name: 'double-negation',
  law: 'not not a = a',
  heads: ['not'],
  apply: ({ args: [a] }) => (isApply(a!, 'not') ? a.args[0]! : undefined),
};

const negatedComparison: Rule = {
  name: 'negated-comparison',
  law: 'not (a <= b) = a > b (and so for < >= >)',
  heads: ['not'],
  apply({ args: [a] }, { terms }) {
    const opposite = { '<=': '>', '<': '>=', '>=': '<', '>': '<=' } as const;
    if (a!.kind !== 'apply' || !(a!.op in opposite)) return undefined;
    return terms.apply(opposite[a!.op as keyof typeof opposite], a!.args);
  },
};

const negatedChoice: Rule = {
  name: 'negated-choice',
  law: 'not (c ? a : b) = c ? not a : not b',
  heads: ['not'],
  apply({ args: [a] }, { terms }) {
    if (!isApply(a!, 'ite')) return undefined;
    const [c, x, y] = a.args as [Term, Term, Term];
    return terms.ite(c, terms.not(x), terms.not(y));
  },
};

const implication: Rule = {
  name: 'implication',
  law: 'a ==> b = not a or b',
  heads: ['implies'],
  apply: ({ args: [a, b] }, { terms }) => terms.or(terms.not(a!), b!),
};

const exclusiveOr: Rule = {
  name: 'exclusive-or',
  law: 'a xor b = not (a = b)',
  heads: ['xor'],
  apply: ({ args: [a, b] }, { terms }) => terms.not(terms.equal(a!, b!)),
};

/** The arguments of nested `and` (of `not or`), or of nested `or` (of `not and`). */
function flattened(terms: TermFactory, term: ApplyTerm): Term[] {
  const { op } = term;
  const other = op === 'and' ? 'or' : 'and';
  const result: Term[] = [];
  const seen = new Set<Term>();
  const stack: { readonly t: Term; readonly negated: boolean }[] = [{ t: term, negated: false }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { t, negated } = next;
    if (isApply(t, 'not')) stack.push({ t: t.args[0]!, negated: !negated });
    else if (isApply(t, negated ? other : op)) {
      for (let i = t.args.length - 1; i >= 0; i--) stack.push({ t: t.args[i]!, negated });
    } else {
      const literal = negated ? negation(terms, t) : t;
      if (!seen.has(literal)) result.push(literal);
      seen.add(literal);
    }
  }
  return result;
}

const junction: Rule = {
  name: 'junction',
  law: 'and is associative, commutative and idempotent; a and true = a; a and false = false; a and not a = false (dual: or)',
  heads: ['and', 'or'],
  apply(term, { terms, order }) {
    const [unit, zero] = term.op === 'and' ? [terms.true, terms.false] : [terms.false, terms.true];
    const args = flattened(terms, term).filter((a) => a !== unit);
    if (args.includes(zero)) return zero;
    const present = new Set(args);
    if (args.some((a) => isApply(a, 'not') && present.has(a.args[0]!))) return zero;
    const sorted = order.sort(args);
    return changed(term, term.op === 'and' ? terms.all(sorted) : terms.any(sorted));
  },
};

/** Larger formulas are left as they are. In distinct subterms. */
const largestSubstituted = 2000;

const assumption: Rule = {
  name: 'assumption',
  law: 'a and f(a) = a and f(true), a or f(a) = a or f(false)',
  heads: ['and', 'or'],
  apply(term, { terms }) {
    const all = subterms([term]);
    // What is said of a symbol outside a quantifier does not hold of the one bound in it.
    if (all.length > largestSubstituted || all.some(isQuantified)) return undefined;
    const holds = term.op === 'and';
    const known = new Map<Term, Term>();
    for (const a of term.args) {
      if (a.kind === 'value') continue;
      if (isApply(a, 'not')) known.set(a.args[0]!, terms.bool(!holds));
      else known.set(a, terms.bool(holds));
    }
    // No formula is a part of itself, so that each is rewritten only by what it contains: no circle arises.
    const cache = new Map<Term, Term>();
    const inside = (t: Term): Term =>
      t.kind === 'apply'
        ? rebuild(
            terms,
            t,
            t.args.map((c) => substitute(terms, c, known, cache)),
          )
        : t;
    const args = term.args.map((a) => (isApply(a, 'not') ? rebuild(terms, a, [inside(a.args[0]!)]) : inside(a)));
    return args.some((a, i) => a !== term.args[i]) ? terms.apply(term.op, args) : undefined;
  },
};

const booleanEquation: Rule = {
  name: 'boolean-equation',
  law: '(a = true) = a, (a = false) = not a, (not a = b) = not (a = b), (a = a) = true, (a = not a) = false',
  heads: ['='],
  apply(term, { terms }) {
    const [a, b] = term.args as [Term, Term];
    if (a === b) return terms.true;
    if (a.sort.kind !== 'bool') return undefined;
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      if (isTrue(x)) return y;
      if (isFalse(x)) return terms.not(y);
      if (isApply(x, 'not')) return terms.not(terms.equal(x.args[0]!, y));
    }
    return undefined;
  },
};

const equationOrder: Rule = {
  name: 'equation-order',
  law: '(a = b) = (b = a)',
  heads: ['='],
  apply(term, { terms, order }) {
    // Equations of integers have an order of their own (linear-equation).
    if (term.args[0]!.sort.kind === 'int') return undefined;
    return changed(term, terms.apply('=', order.sort(term.args)));
  },
};

const choice: Rule = {
  name: 'choice',
  law: '(true ? a : b) = a, (false ? a : b) = b, (c ? a : a) = a, (not c ? a : b) = (c ? b : a)',
  heads: ['ite'],
  apply({ args }, { terms }) {
    const [c, a, b] = args as [Term, Term, Term];
    if (isTrue(c) || a === b) return a;
    if (isFalse(c)) return b;
    return isApply(c, 'not') ? terms.ite(c.args[0]!, b, a) : undefined;
  },
};

const nestedChoice: Rule = {
  name: 'nested-choice',
  law: '(c ? (c ? a : b) : d) = (c ? a : d), (c ? a : (c ? b : d)) = (c ? a : d), (c ? a : (e ? a : b)) = (c or e ? a : b)',
  heads: ['ite'],
  apply({ args }, { terms }) {
    const [c, a, b] = args as [Term, Term, Term];
    if (isApply(a, 'ite') && a.args[0] === c) return terms.ite(c, a.args[1]!, b);
    if (isApply(b, 'ite') && b.args[0] === c) return terms.ite(c, a, b.args[2]!);
    if (isApply(b, 'ite') && b.args[1] === a) return terms.ite(terms.or(c, b.args[0]!), a, b.args[2]!);
    return undefined;
  },
};

const booleanChoice: Rule = {
  name: 'boolean-choice',
  law: '(c ? true : b) = c or b, (c ? false : b) = not c and b, (c ? a : true) = not c or a, (c ? a : false) = c and a',
  heads: ['ite'],
  apply({ args }, { terms }) {
    const [c, a, b] = args as [Term, Term, Term];
    if (isTrue(a) || a === c) return terms.or(c, b);
    if (isFalse(a)) return terms.and(terms.not(c), b);
    if (isTrue(b)) return terms.or(terms.not(c), a);
    if (isFalse(b) || b === c) return terms.and(c, a);
    return undefined;
  },
};

const choiceLifting: Rule = {
  name: 'choice-lifting',
  law: 'f(c ? v : a, w) = (c ? f(v, w) : f(a, w)) for constants v and w',
  heads: [
    '=',
    '<=',
    '<',
    '>=',
    '>',
    '+',
    '*',
    'neg',
    'div',
    'mod',
    'quot',
    'rem',
    'abs',
    'bit.and',
    'bit.or',
    'bit.xor',
    'wrap.unsigned',
    'wrap.signed',
  ],
  apply(term, { terms }) {
    const varying = term.args.filter((a) => a.kind !== 'value');
    const chosen = varying[0];
    if (varying.length !== 1 || !chosen || !isApply(chosen, 'ite')) return undefined;
    const [c, a, b] = chosen.args as [Term, Term, Term];
    const constants = (a.kind === 'value' ? 1 : 0) + (b.kind === 'value' ? 1 : 0);
    const linear = term.op === '+' || term.op === '*' || term.op === 'neg';
    if (constants === 0 || (linear && constants === 1)) return undefined;
    const at = (branch: Term): Term =>
      terms.apply(
        term.op,
        term.args.map((t) => (t === chosen ? branch : t)),
        term.index,
      );
    return terms.ite(c, at(a), at(b));
  },
};

export const booleanRules: readonly Rule[] = [
  doubleNegation,
  negatedComparison,
  negatedChoice,
  implication,
  exclusiveOr,
  junction,
  assumption,
  booleanEquation,
  equationOrder,
  choice,
  nestedChoice,
  booleanChoice,
  choiceLifting,
];
