import { floorModulo, gcd } from '../../base/rational.ts';
import { bitLength, isPoint } from '../interval.ts';
import { EvaluationLimit, operators } from '../operator.ts';
import type { ApplyTerm, Term } from '../term.ts';
import { type LinearForm, linearForm, linearTerm, mapLinear, monomials } from './linear-form.ts';
import { changed, integerValue, isApply, type Rule, type RuleContext } from './rule.ts';

/** Rules on sums, products and comparisons of integers. */

const comparisons = ['<=', '<', '>=', '>'] as const;
const isPure = (name: string): boolean => name !== 'and' && name !== 'or' && name !== 'implies' && name !== 'ite';
/** Larger results stay unevaluated. In bits. */
const longestFolded = 4096;

const constantFolding: Rule = {
  name: 'constant-folding',
  law: 'f(c, d, …) = its value',
  heads: Object.values(operators)
    .map((o) => o.name)
    .filter(isPure),
  apply(term, { terms }) {
    const values = term.args.map((a) => (a.kind === 'value' ? a.value : undefined));
    if (values.some((v) => v === undefined)) return undefined;
    try {
      const result = operators[term.op].evaluate(
        values.map((v) => v!),
        term.index,
      );
      if (typeof result === 'bigint' && bitLength(result < 0n ? -result : result) > longestFolded) return undefined;
      return terms.value(result, term.sort);
    } catch (error) {
      if (error instanceof EvaluationLimit) return undefined;
      throw error;
    }
  },
};

const rangeConstant: Rule = {
  name: 'range-constant',
  law: 't = c where the range of t is only c',
  heads: Object.values(operators)
    .map((o) => o.name)
    .filter((name) => name !== 'store'),
  apply(term, { terms, ranges }) {
    if (term.sort.kind === 'bool') {
      const truth = ranges.truth(term);
      return truth === undefined ? undefined : terms.bool(truth);
    }
    if (term.sort.kind !== 'int') return undefined;
    const range = ranges.of(term);
    return isPoint(range) ? terms.int(range.low!) : undefined;
  },
};

const linearSum: Rule = {
  name: 'linear-sum',
  law: 'a sum equals the sum of its monomials, like terms collected, in order, the constant last',
  heads: ['+', '-', 'neg', '*'],
  apply(term, context) {
    const form = linearForm([[term, 1n]], context);
    return form && changed(term, linearTerm(form, context));
  },
};

/** Sums times sums, while few monomials come of it. Not in the default set: a solver prefers the factored form. */
const mostProducts = 64;
export const distribution: Rule = {
  name: 'distribution',
  law: '(a + b) * c = a * c + b * c',
  heads: ['*'],
  apply(term, context) {
    if (term.sort.kind !== 'int') return undefined;
    const { terms } = context;
    let sum: Term[] = [terms.int(1)];
    let expanded = false;
    for (const factor of term.args) {
      const form = linearForm([[factor, 1n]], context);
      if (!form) return undefined;
      const parts = monomials(form, context).map((m) => {
        const c = form.coefficients.get(m)!;
        return c === 1n ? m : terms.multiply(terms.int(c), m);
      });
      if (form.constant !== 0n || parts.length === 0) parts.push(terms.int(form.constant));
      if (parts.length > 1) expanded = true;
      if (sum.length * parts.length > mostProducts) return undefined;
      sum = sum.flatMap((s) => parts.map((p) => terms.multiply(s, p)));
    }
    return expanded ? changed(term, terms.sum(sum)) : undefined;
  },
};

/** Left minus right of a comparison of integers. */
function difference(term: ApplyTerm, context: RuleContext): LinearForm | undefined {
  const [a, b] = term.args as [Term, Term];
  return a.sort.kind === 'int'
    ? linearForm(
        [
          [a, 1n],
          [b, -1n],
        ],
        context,
      )
    : undefined;
}

const linearComparison: Rule = {
  name: 'linear-comparison',
  law: 'a comparison equals one of sums without common terms, divided by the common factor, the first monomial positive',
  heads: comparisons,
  apply(term, context) {
    const form = difference(term, context);
    if (!form) return undefined;
    const { terms } = context;
    if (form.coefficients.size === 0) {
      return terms.bool(operators[term.op].evaluate([form.constant, 0n], 0) as boolean);
    }
    // Brought to: sum <= bound, or sum >= bound, with a positive first coefficient.
    const first = form.coefficients.get(monomials(form, context)[0]!)!;
    let divisor = 0n;
    for (const c of form.coefficients.values()) divisor = gcd(divisor, c);
    if (first < 0n) divisor = -divisor;
    const upwards = (term.op === '>=' || term.op === '>') !== divisor < 0n;
    // sum of c*m  op  -constant, both sides divided by the signed divisor; strictness tightens the bound.
    const strict = term.op === '<' || term.op === '>' ? 1n : 0n;
    const absolute = divisor < 0n ? -divisor : divisor;
    const limit = divisor < 0n ? form.constant : -form.constant;
    const bound = upwards ? ceilDivide(limit + strict, absolute) : floorDivision(limit - strict, absolute);
    const sum = mapLinear({ constant: 0n, coefficients: form.coefficients }, (c) => c / divisor);
    const [left, right] = sides(sum, bound, context);
    return changed(term, upwards ? terms.greaterEqual(left, right) : terms.lessEqual(left, right));
  },
};

const linearEquation: Rule = {
  name: 'linear-equation',
  law: 'a = b equals an equation of sums without common terms, divided by the common factor, the first monomial positive',
  heads: ['='],
  apply(term, context) {
    const form = difference(term, context);
    if (!form) return undefined;
    const { terms } = context;
    if (form.coefficients.size === 0) return terms.bool(form.constant === 0n);
    let divisor = 0n;
    for (const c of form.coefficients.values()) divisor = gcd(divisor, c);
    if (form.constant % divisor !== 0n) return terms.false;
    if (form.coefficients.get(monomials(form, context)[0]!)! < 0n) divisor = -divisor;
    const sum = mapLinear({ constant: 0n, coefficients: form.coefficients }, (c) => c / divisor);
    const [left, right] = sides(sum, -form.constant / divisor, context);
    return changed(term, terms.equal(left, right));
  },
};

/** `sum op bound` with only positive coefficients on both sides, and the constant where it is positive. */
function sides(sum: LinearForm, bound: bigint, context: RuleContext): [Term, Term] {
  const left = new Map<Term, bigint>();
  const right = new Map<Term, bigint>();
  for (const [m, c] of sum.coefficients) {
    if (c > 0n) left.set(m, c);
    else right.set(m, -c);
  }
  // With nothing but a constant on the right, it stands there whatever its sign.
  const toLeft = bound < 0n && right.size > 0;
  return [
    linearTerm({ constant: toLeft ? -bound : 0n, coefficients: left }, context),
    linearTerm({ constant: toLeft ? 0n : bound, coefficients: right }, context),
  ];
}

const floorDivision = (a: bigint, b: bigint): bigint => (a - floorModulo(a, b)) / b;
const ceilDivide = (a: bigint, b: bigint): bigint => -floorDivision(-a, b);

const absoluteValue: Rule = {
  name: 'absolute-value',
  law: '|a| = a for a >= 0, -a for a <= 0; |-a| = |a|',
  heads: ['abs'],
  apply(term, { terms, ranges }) {
    const a = term.args[0]!;
    const { low, high } = ranges.of(a);
    if (low !== undefined && low >= 0n) return a;
    if (high !== undefined && high <= 0n) return terms.negate(a);
    return isApply(a, 'neg') ? terms.apply('abs', [a.args[0]!]) : undefined;
  },
};

const smallPower: Rule = {
  name: 'small-power',
  law: 'a ** 0 = 1, a ** 1 = a, a ** n = a * … * a for n up to 8, a ** n = 0 for n < 0',
  heads: ['pow'],
  apply(term, { terms }) {
    const [a, exponent] = term.args as [Term, Term];
    const n = integerValue(exponent);
    if (n === undefined || n > 8n) return undefined;
    if (n <= 1n) return n === 1n ? a : terms.int(n < 0n ? 0 : 1);
    return terms.apply('*', new Array<Term>(Number(n)).fill(a));
  },
};

export const arithmeticRules: readonly Rule[] = [
  constantFolding,
  rangeConstant,
  linearSum,
  linearComparison,
  linearEquation,
  absoluteValue,
  smallPower,
];
