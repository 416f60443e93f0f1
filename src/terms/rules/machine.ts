import { floorDivide, floorModulo } from '../../base/rational.ts';
import * as I from '../interval.ts';
import { children, type Term } from '../term.ts';
import { rebuild } from '../traversal.ts';
import { linearForm, linearTerm, mapLinear, sameLinear } from './linear-form.ts';
import { changed, integerValue, isApply, type Rule } from './rule.ts';

/** Rules on division, wraps, bitwise operators and shifts: what machine arithmetic is made of. */

const isPowerOfTwo = (n: bigint): boolean => n > 0n && (n & (n - 1n)) === 0n;
const power = (bits: number | bigint): bigint => 1n << BigInt(bits);

const simpleDivisor: Rule = {
  name: 'simple-divisor',
  law: 'a div 1 = a, a div -1 = -a, a div 0 = 0, a mod ±1 = 0, a mod 0 = a (and so for quot and rem)',
  heads: ['div', 'mod', 'quot', 'rem'],
  apply(term, { terms }) {
    const [a, b] = term.args as [Term, Term];
    const divisor = integerValue(b);
    if (divisor === undefined || divisor > 1n || divisor < -1n) return undefined;
    if (term.op === 'div' || term.op === 'quot') {
      return divisor === 0n ? terms.int(0) : divisor === 1n ? a : terms.negate(a);
    }
    return divisor === 0n ? a : terms.int(0);
  },
};

const divisionOfNaturals: Rule = {
  name: 'division-of-naturals',
  law: 'a quot b = a div b and a rem b = a mod b for a >= 0 and b >= 0',
  heads: ['quot', 'rem'],
  apply(term, { terms, ranges }) {
    const natural = term.args.every((t) => (ranges.of(t).low ?? -1n) >= 0n);
    return natural ? terms.apply(term.op === 'quot' ? 'div' : 'mod', term.args) : undefined;
  },
};

const moduloPowerOfTwo: Rule = {
  name: 'modulo-power-of-two',
  law: 'a mod 2^k = wrap.unsigned k (a)',
  heads: ['mod'],
  apply(term, { terms }) {
    const m = integerValue(term.args[1]!);
    if (m === undefined || m < 2n || !isPowerOfTwo(m)) return undefined;
    return terms.wrapUnsigned(term.args[0]!, I.bitLength(m) - 1);
  },
};

const moduloCoefficients: Rule = {
  name: 'modulo-coefficients',
  law: '(c * a + b) mod m = ((c mod m) * a + b) mod m',
  heads: ['mod'],
  apply(term, context) {
    const m = integerValue(term.args[1]!);
    if (m === undefined || m < 2n) return undefined;
    const form = linearForm([[term.args[0]!, 1n]], context);
    if (!form) return undefined;
    const reduced = mapLinear(form, (c) => floorModulo(c, m));
    if (sameLinear(form, reduced)) return undefined;
    return context.terms.apply('mod', [linearTerm(reduced, context), term.args[1]!]);
  },
};

const divisionOfMultiples: Rule = {
  name: 'division-of-multiples',
  law: '(m * a + b) div m = a + b div m',
  heads: ['div'],
  apply(term, context) {
    const { terms } = context;
    const m = integerValue(term.args[1]!);
    if (m === undefined || m < 2n) return undefined;
    const form = linearForm([[term.args[0]!, 1n]], context);
    if (!form) return undefined;
    const inside = new Map<Term, bigint>();
    const outside = new Map<Term, bigint>();
    for (const [t, c] of form.coefficients) {
      if (c % m === 0n) outside.set(t, c / m);
      else inside.set(t, c);
    }
    const whole = floorDivide(form.constant, m);
    if (outside.size === 0 && whole === 0n) return undefined;
    const rest = linearTerm({ constant: form.constant - whole * m, coefficients: inside }, context);
    const quotient = linearTerm({ constant: whole, coefficients: outside }, context);
    return terms.add(quotient, terms.apply('div', [rest, terms.int(m)]));
  },
};

const remainderByRange: Rule = {
  name: 'remainder-by-range',
  law: 'a mod m = a - m * q where a div m is q over the whole range of a',
  heads: ['mod'],
  apply(term, { terms, ranges }) {
    const [a, b] = term.args as [Term, Term];
    const { low, high } = ranges.of(a);
    const m = integerValue(b);
    if (m === undefined || m < 1n || low === undefined || high === undefined) return undefined;
    const quotient = floorDivide(low, m);
    if (floorDivide(high, m) !== quotient) return undefined;
    return quotient === 0n ? a : terms.subtract(a, terms.int(m * quotient));
  },
};

const wraps = ['wrap.unsigned', 'wrap.signed'] as const;
const isWrap = (t: Term): t is Extract<Term, { kind: 'apply' }> =>
  isApply(t, 'wrap.unsigned') || isApply(t, 'wrap.signed');

const idleWrap: Rule = {
  name: 'idle-wrap',
  law: 'wrap w (a) = a where the range of a lies within that of the wrap',
  heads: wraps,
  apply(term, { ranges }) {
    const a = term.args[0]!;
    const full = term.op === 'wrap.signed' ? I.signedRange(term.index) : I.unsignedRange(term.index);
    return I.within(ranges.of(a), full) ? a : undefined;
  },
};

/** Operators whose low bits depend only on the low bits of their arguments. */
const lowBitsOnly = new Set(['+', '-', 'neg', '*', 'bit.and', 'bit.or', 'bit.xor', 'bit.not']);
const longestWalk = 500;

const wrapAbsorption: Rule = {
  name: 'wrap-absorption',
  law: 'wrap w (a ∘ wrap v (b)) = wrap w (a ∘ b) for v >= w, where ∘ is + - * or a bitwise operator',
  heads: wraps,
  apply(term, { terms }) {
    const w = term.index;
    const stripped = new Map<Term, Term>();
    const stack = [term.args[0]!];
    let walked = 0;
    while (stack.length > 0) {
      const t = stack[stack.length - 1]!;
      if (stripped.has(t)) {
        stack.pop();
        continue;
      }
      if (++walked > longestWalk) return undefined;
      const through = isWrap(t) && t.index >= w;
      const inside = t.kind === 'apply' && lowBitsOnly.has(t.op);
      const branches = isApply(t, 'ite') ? t.args.slice(1) : [];
      const parts = through || inside ? children(t) : branches;
      const missing = parts.filter((p) => !stripped.has(p));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      const news = parts.map((p) => stripped.get(p)!);
      if (through) stripped.set(t, news[0]!);
      else if (inside) stripped.set(t, rebuild(terms, t, news));
      else stripped.set(t, branches.length > 0 ? rebuild(terms, t, [children(t)[0]!, ...news]) : t);
      stack.pop();
    }
    return changed(term, terms.apply(term.op, [stripped.get(term.args[0]!)!], w));
  },
};

const wrapCoefficients: Rule = {
  name: 'wrap-coefficients',
  law: 'wrap w (c * a + b) = wrap w (d * a + b) where c and d are equal modulo 2^w; d is the one nearest to 0',
  heads: wraps,
  apply(term, context) {
    const form = linearForm([[term.args[0]!, 1n]], context);
    if (!form) return undefined;
    const reduced = mapLinear(form, (c) => -BigInt.asIntN(term.index, -c));
    if (sameLinear(form, reduced)) return undefined;
    return context.terms.apply(term.op, [linearTerm(reduced, context)], term.index);
  },
};

const wrapEquation: Rule = {
  name: 'wrap-equation',
  law: 'wrap w (a) = c equals a = d, or a = d or a = e, or false: the numbers in the range of a that wrap to c',
  heads: ['='],
  apply(term, { terms, ranges }) {
    for (const [wrap, other] of [term.args, [...term.args].reverse()] as [Term, Term][]) {
      const c = integerValue(other);
      if (c === undefined || !isWrap(wrap)) continue;
      const a = wrap.args[0]!;
      const { low, high } = ranges.of(a);
      const modulus = power(wrap.index);
      if (low === undefined || high === undefined || high - low > 2n * modulus) continue;
      const wrapped = wrap.op === 'wrap.signed' ? BigInt.asIntN(wrap.index, c) : BigInt.asUintN(wrap.index, c);
      if (wrapped !== c) return terms.false;
      const candidates: Term[] = [];
      for (let d = low + floorModulo(c - low, modulus); d <= high; d += modulus)
        candidates.push(terms.equal(a, terms.int(d)));
      if (candidates.length <= 2) return terms.any(candidates);
    }
    return undefined;
  },
};

const bitwiseConstants: Rule = {
  name: 'bitwise-constants',
  law: 'a & 0 = 0, a & -1 = a, a | 0 = a, a | -1 = -1, a ^ 0 = a, a ^ -1 = ~a',
  heads: ['bit.and', 'bit.or', 'bit.xor'],
  apply(term, { terms }) {
    for (const [constant, a] of [term.args, [...term.args].reverse()] as [Term, Term][]) {
      const c = integerValue(constant);
      if (c !== 0n && c !== -1n) continue;
      if (term.op === 'bit.xor') return c === 0n ? a : terms.apply('bit.not', [a]);
      return (term.op === 'bit.and') === (c === 0n) ? constant : a;
    }
    return undefined;
  },
};

const bitwiseEquals: Rule = {
  name: 'bitwise-equals',
  law: 'a & a = a, a | a = a, a ^ a = 0',
  heads: ['bit.and', 'bit.or', 'bit.xor'],
  apply(term, { terms }) {
    const [a, b] = term.args as [Term, Term];
    if (a !== b) return undefined;
    return term.op === 'bit.xor' ? terms.int(0) : a;
  },
};

const bitwiseOrder: Rule = {
  name: 'bitwise-order',
  law: 'a & b = b & a (and so for | and ^)',
  heads: ['bit.and', 'bit.or', 'bit.xor'],
  apply(term, { terms, order }) {
    return changed(term, terms.apply(term.op, order.sort(term.args)));
  },
};

const bitMask: Rule = {
  name: 'bit-mask',
  law: 'a & (2^k - 1) = wrap.unsigned k (a), a & -(2^k) = a - wrap.unsigned k (a)',
  heads: ['bit.and'],
  apply(term, { terms }) {
    for (const [constant, a] of [term.args, [...term.args].reverse()] as [Term, Term][]) {
      const c = integerValue(constant);
      if (c === undefined) continue;
      if (c > 0n && isPowerOfTwo(c + 1n)) return terms.wrapUnsigned(a, I.bitLength(c));
      if (c < -1n && isPowerOfTwo(-c)) return terms.subtract(a, terms.wrapUnsigned(a, I.bitLength(-c) - 1));
    }
    return undefined;
  },
};

const complement: Rule = {
  name: 'complement',
  law: '~a = -a - 1',
  heads: ['bit.not'],
  apply: (term, { terms }) => terms.subtract(terms.negate(term.args[0]!), terms.int(1)),
};

/** Shifts by more stay shifts. */
const farthestShift = 4096n;

const constantShift: Rule = {
  name: 'constant-shift',
  law: 'a << k = a * 2^k, a >> k = a div 2^k',
  heads: ['shift.left', 'shift.right'],
  apply(term, { terms }) {
    const [a, count] = term.args as [Term, Term];
    const k = integerValue(count);
    if (k === undefined || k > farthestShift) return undefined;
    if (k <= 0n) return a;
    return terms.apply(term.op === 'shift.left' ? '*' : 'div', [a, terms.int(power(k))]);
  },
};

export const machineRules: readonly Rule[] = [
  simpleDivisor,
  divisionOfNaturals,
  moduloPowerOfTwo,
  moduloCoefficients,
  divisionOfMultiples,
  remainderByRange,
  idleWrap,
  wrapAbsorption,
  wrapCoefficients,
  wrapEquation,
  bitwiseConstants,
  bitwiseEquals,
  bitwiseOrder,
  bitMask,
  complement,
  constantShift,
];
