import { sameSort } from '../sort.ts';
import type { Term } from '../term.ts';
import { floatToNumber, isFloatValue } from '../value.ts';
import { isApply, type Rule } from './rule.ts';

/** Rules on floats. There are few: most laws of arithmetic do not hold for rounded numbers. */

const floatWithItself: Rule = {
  name: 'float-with-itself',
  law: 'x < x is false; x <= x and x == x hold if x is not NaN',
  heads: ['fp.lt', 'fp.le', 'fp.eq'],
  apply(term, { terms }) {
    if (term.args[0] !== term.args[1]) return undefined;
    return term.op === 'fp.lt' ? terms.false : terms.not(terms.apply('fp.isNaN', [term.args[0]!]));
  },
};

const finiteConstant = (term: Term): number | undefined => {
  if (term.kind !== 'value' || !isFloatValue(term.value)) return undefined;
  const x = floatToNumber(term.value);
  return Number.isFinite(x) ? x : undefined;
};

const undefinedness: Rule = {
  name: 'undefinedness',
  law: 'isnan(-x) = isnan(fabs x) = isnan(round x) = isnan(x + c) = isnan(x * d) = isnan(x) for finite c, and d other than 0',
  heads: ['fp.isNaN'],
  apply(term, { terms }) {
    const x = term.args[0]!;
    if (x.kind !== 'apply') return undefined;
    const of = (y: Term): Term => terms.apply('fp.isNaN', [y]);
    const [a, b] = x.args as [Term, Term];
    switch (x.op) {
      case 'fp.neg':
      case 'fp.abs':
      case 'fp.round':
      case 'fp.convert':
        return of(a);
      case 'fp.of.int':
        return terms.false;
      case 'fp.add':
      case 'fp.sub':
        if (finiteConstant(b) !== undefined) return of(a);
        return finiteConstant(a) !== undefined ? of(b) : undefined;
      case 'fp.mul':
        if (finiteConstant(b)) return of(a);
        return finiteConstant(a) ? of(b) : undefined;
      case 'fp.div':
        return finiteConstant(b) ? of(a) : undefined;
      default:
        return undefined;
    }
  },
};

const doubleSign: Rule = {
  name: 'double-sign',
  law: '-(-x) = x, fabs(-x) = fabs(fabs x) = fabs x, and a conversion to the own format changes nothing',
  heads: ['fp.neg', 'fp.abs', 'fp.convert'],
  apply(term, { terms }) {
    const x = term.args[0]!;
    if (term.op === 'fp.convert') return sameSort(x.sort, term.sort) ? x : undefined;
    if (term.op === 'fp.neg') return isApply(x, 'fp.neg') ? x.args[0]! : undefined;
    if (isApply(x, 'fp.abs')) return x;
    return isApply(x, 'fp.neg') ? terms.apply('fp.abs', [x.args[0]!]) : undefined;
  },
};

const negatedConversion: Rule = {
  name: 'negated-conversion',
  law: 'in a comparison, -(float n) = float(-n): the two differ in the sign of zero at most',
  heads: ['fp.lt', 'fp.le', 'fp.eq'],
  apply(term, { terms }) {
    let found = false;
    const args = term.args.map((a) => {
      const inner = isApply(a, 'fp.neg') ? a.args[0]! : undefined;
      if (!inner || !isApply(inner, 'fp.of.int')) return a;
      found = true;
      return terms.apply('fp.of.int', [terms.negate(inner.args[0]!)], inner.index);
    });
    return found ? terms.apply(term.op, args) : undefined;
  },
};

export const floatRules: readonly Rule[] = [floatWithItself, negatedConversion, undefinedness, doubleSign];
