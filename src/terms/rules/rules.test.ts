import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate.ts';
import { TermFactory } from '../factory.ts';
import { between, type Interval } from '../interval.ts';
import { formatTerm } from '../print.ts';
import { arraySort, boolSort, intSort } from '../sort.ts';
import { arrayNames, buildShape, inState, intArray, intNames, shapes, states } from '../term.arbitrary.ts';
import type { SymbolTerm, Term } from '../term.ts';
import { ArrayValue } from '../value.ts';
import { floatRules } from './float.ts';
import {
  checkRefutation,
  defaultRules,
  provingRules,
  type Rewriting,
  reduction,
  refutationByRewriting,
  simplify,
} from './simplify.ts';

const t = new TermFactory();
const [x, y, z] = ['x', 'y', 'z'].map((n) => t.symbol(n, intSort)) as [SymbolTerm, SymbolTerm, SymbolTerm];
const [p, q] = ['p', 'q'].map((n) => t.symbol(n, boolSort)) as [SymbolTerm, SymbolTerm];
const a = t.symbol('a', arraySort(intSort, intSort));
const flags = t.symbol('flags', arraySort(intSort, boolSort));
const n = (value: number | bigint) => t.int(value);
const op = t.apply.bind(t);
const u32 = (term: Term) => t.wrapUnsigned(term, 32);
const toFloat = (term: Term) => op('fp.of.int', [term], 64);
const ofBits = op('fp.of.bits', [x], 64);
const byte = new Map<SymbolTerm, Interval>([
  [x, between(0n, 255n)],
  [y, between(0n, 255n)],
]);

/** One example for each rule: the rule must be used on the way from the left to the right side. */
type Example = [rule: string, before: Term, after: Term, ranges?: ReadonlyMap<SymbolTerm, Interval>];
const examples: Example[] = [
  ['constant-folding', op('shift.left', [n(3), n(4)]), n(48)],
  ['range-constant', t.greater(t.add(x, y), n(510)), t.false, byte],
  ['linear-sum', t.subtract(t.add(x, y), t.add(y, x)), n(0)],
  ['distribution', t.multiply(x, t.add(y, n(2))), t.add(t.multiply(n(2), x), t.multiply(x, y))],
  ['linear-comparison', t.less(t.multiply(n(2), x), t.add(t.multiply(n(2), y), n(5))), t.lessEqual(x, t.add(y, n(2)))],
  ['linear-equation', t.equal(t.multiply(n(2), x), n(5)), t.false],
  ['absolute-value', op('abs', [x]), x, byte],
  ['small-power', op('pow', [x, n(2)]), t.multiply(x, x)],
  ['simple-divisor', op('quot', [x, n(-1)]), t.negate(x)],
  ['division-of-naturals', op('quot', [x, n(3)]), op('div', [x, n(3)]), byte],
  ['modulo-power-of-two', op('mod', [x, n(8)]), t.wrapUnsigned(x, 3)],
  ['modulo-coefficients', op('mod', [t.add(t.multiply(n(7), x), n(-1)), n(3)]), op('mod', [t.add(x, n(2)), n(3)])],
  ['division-of-multiples', op('div', [t.add(t.multiply(n(6), x), n(7)), n(3)]), t.add(t.multiply(n(2), x), n(2))],
  ['remainder-by-range', op('mod', [t.add(x, n(300)), n(300)]), x, byte],
  ['idle-wrap', u32(t.add(x, y)), t.add(x, y), byte],
  [
    'wrap-absorption',
    t.wrapUnsigned(t.multiply(u32(t.add(y, x)), z), 16),
    t.wrapUnsigned(t.multiply(z, t.add(x, y)), 16),
  ],
  ['wrap-coefficients', t.wrapUnsigned(t.add(t.multiply(n(257), z), n(255)), 8), t.wrapUnsigned(t.add(z, n(-1)), 8)],
  ['wrap-equation', t.equal(t.wrapUnsigned(t.add(x, n(1)), 8), n(0)), t.equal(x, n(255)), byte],
  ['bitwise-constants', op('bit.or', [z, n(0)]), z],
  ['bitwise-equals', op('bit.xor', [z, z]), n(0)],
  ['bitwise-order', t.equal(op('bit.or', [x, y]), op('bit.or', [y, x])), t.true],
  ['bit-mask', op('bit.and', [z, n(255)]), t.wrapUnsigned(z, 8)],
  ['complement', t.add(op('bit.not', [z]), z), n(-1)],
  ['constant-shift', op('shift.right', [z, n(2)]), op('div', [z, n(4)])],
  ['double-negation', t.not(t.not(p)), p],
  ['negated-comparison', t.not(t.lessEqual(x, y)), t.greaterEqual(x, t.add(y, n(1)))],
  ['negated-choice', t.not(t.ite(p, q, t.equal(x, y))), t.ite(p, t.not(q), t.not(t.equal(x, y)))],
  ['implication', t.implies(p, q), t.or(q, t.not(p))],
  ['exclusive-or', op('xor', [p, p]), t.false],
  ['junction', t.and(p, t.and(q, t.not(p))), t.false],
  ['assumption', t.and(p, t.or(t.not(p), q)), t.and(p, q)],
  ['boolean-equation', t.equal(t.not(p), q), t.not(t.equal(p, q))],
  ['equation-order', t.equal(t.equal(p, q), t.equal(q, p)), t.true],
  ['choice', t.ite(t.not(p), x, y), t.ite(p, y, x)],
  ['nested-choice', t.ite(p, t.ite(p, x, y), z), t.ite(p, x, z)],
  ['boolean-choice', t.ite(p, q, t.false), t.and(p, q)],
  ['choice-lifting', t.equal(t.ite(p, n(1), n(0)), n(1)), p],
  ['select-over-store', op('select', [op('store', [a, t.add(x, n(1)), y]), x]), op('select', [a, x])],
  ['select-of-constant', op('select', [t.value(new ArrayValue(true), flags.sort), x]), t.true],
  ['select-over-choice', op('select', [t.ite(p, op('store', [a, x, y]), a), x]), t.ite(p, y, op('select', [a, x]))],
  ['store-over-store', op('store', [op('store', [a, x, y]), x, z]), op('store', [a, x, z])],
  ['store-of-select', op('store', [a, x, op('select', [a, x])]), a],
  ['float-with-itself', op('fp.lt', [toFloat(x), toFloat(x)]), t.false],
  ['negated-conversion', op('fp.eq', [toFloat(t.subtract(x, y)), op('fp.neg', [toFloat(t.subtract(y, x))])]), t.true],
  ['undefinedness', op('fp.isNaN', [op('fp.neg', [ofBits])]), op('fp.isNaN', [ofBits])],
  ['double-sign', op('fp.neg', [op('fp.neg', [toFloat(x)])]), toFloat(x)],
  ['solved-equation', t.and(t.equal(x, t.add(z, n(1))), t.greater(x, z)), t.equal(x, t.add(z, n(1)))],
];

describe('each rule', () => {
  it('has an example', () => {
    expect(examples.map(([rule]) => rule).sort()).toEqual(provingRules.map((r) => r.name).sort());
  });

  it.each(examples)('%s', (rule, before, after, ranges) => {
    const used: string[] = [];
    const rules = ['distribution', 'solved-equation'].includes(rule) ? provingRules : defaultRules;
    const result = simplify(t, before, { ...(ranges ? { ranges } : {}), rules, onStep: (s) => used.push(s.rule) });
    expect(formatTerm(result)).toBe(formatTerm(after));
    expect(result).toBe(after);
    expect(used).toContain(rule);
    fc.assert(
      fc.property(states(fc.bigInt(0n, 255n)), (state) => {
        expect(evaluate(after, inState(state))).toEqual(evaluate(before, inState(state)));
      }),
    );
  });
});

describe('simplification', () => {
  const { int, bool } = shapes({ arrays: true, powers: true });
  const ranges: fc.Arbitrary<Interval> = fc
    .tuple(fc.bigInt(-300n, 300n), fc.bigInt(0n, 300n))
    .map(([low, size]) => between(low, low + size));
  const used = new Map<string, number>();

  it.each([
    ['default', defaultRules],
    ['proving', provingRules],
  ] as const)('keeps the value at every step, and ends (%s rules)', (_, rules) => {
    const cases = ranges.chain((range) =>
      fc.tuple(fc.oneof(int, bool), fc.constant(range), states(fc.bigInt(range.low!, range.high!))),
    );
    fc.assert(
      fc.property(cases, fc.boolean(), ([shape, range, state], ranged) => {
        const terms = new TermFactory();
        const term = buildShape(terms, shape);
        const known = new Map<SymbolTerm, Interval>();
        if (ranged) {
          for (const name of intNames) known.set(terms.symbol(name, intSort), range);
          for (const name of arrayNames) known.set(terms.symbol(name, intArray), range);
        }
        const steps: Rewriting[] = [];
        const result = simplify(terms, term, { ranges: known, rules, onStep: (s) => steps.push(s) });
        expect(steps.length).toBeLessThan(20_000);
        const environment = inState(state);
        for (const { rule, before, after } of steps) {
          used.set(rule, (used.get(rule) ?? 0) + 1);
          expect(evaluate(after, environment), rule).toEqual(evaluate(before, environment));
        }
        expect(evaluate(result, environment)).toEqual(evaluate(term, environment));
        expect(simplify(terms, result, { ranges: known, rules })).toBe(result);
      }),
      { numRuns: 1500 },
    );
  });

  it('tries most rules in doing so', () => {
    // These terms have no floats.
    const floats = floatRules.map((r) => r.name);
    const untried = provingRules.map((r) => r.name).filter((name) => !used.has(name) && !floats.includes(name));
    expect(untried.length, untried.join(', ')).toBeLessThan(6);
  });

  it('gives the same result whatever was built before', () => {
    fc.assert(
      fc.property(bool, bool, (shape, other) => {
        const fresh = new TermFactory();
        const used = new TermFactory();
        simplify(used, buildShape(used, other));
        const [one, two] = [fresh, used].map((terms) => formatTerm(simplify(terms, buildShape(terms, shape))));
        expect(one).toBe(two);
      }),
      { numRuns: 300 },
    );
  });

  it('proves the commutativity of machine addition', () => {
    expect(simplify(t, t.equal(u32(t.add(x, y)), u32(t.add(y, x))))).toBe(t.true);
    expect(simplify(t, t.equal(u32(t.multiply(u32(t.add(x, y)), z)), u32(t.multiply(z, u32(t.add(y, x))))))).toBe(
      t.true,
    );
  });

  it('does not fall over on deep or long terms', () => {
    let deep: Term = t.add(x, n(1));
    for (let i = 0; i < 20_000; i++) deep = t.add(deep, n(1));
    expect(simplify(t, deep)).toBe(t.add(x, n(20_001)));
    const symbols = Array.from({ length: 5000 }, (_, i) => t.symbol(`s${i}`, boolSort));
    expect(simplify(t, t.and(t.all(symbols), t.not(symbols[77]!)))).toBe(t.false);
  });
});

describe('refutations', () => {
  const claims: readonly (readonly [string, Term])[] = [
    ['commutative addition', t.not(t.equal(u32(t.add(x, y)), u32(t.add(y, x))))],
    [
      'binomial',
      t.not(
        t.equal(
          t.multiply(t.add(x, y), t.add(x, y)),
          t.sum([t.multiply(x, x), t.multiply(y, y), t.multiply(n(2), t.multiply(x, y))]),
        ),
      ),
    ],
    [
      'no overflow in range',
      t.all([t.lessEqual(n(0), x), t.less(x, n(100)), t.not(t.equal(u32(t.add(x, n(1))), t.add(x, n(1))))]),
    ],
    [
      'equations',
      t.all([
        t.equal(x, t.add(y, n(1))),
        t.equal(z, t.multiply(n(2), y)),
        t.not(t.equal(t.add(z, n(2)), t.multiply(n(2), x))),
      ]),
    ],
  ];

  it.each(claims)('%s: found, and checked', (_, formula) => {
    const steps = refutationByRewriting(t, formula);
    expect(steps).toBeDefined();
    expect(checkRefutation(t, formula, steps!)).toBeUndefined();
  });

  it('reduces to a formula with the same models', () => {
    fc.assert(
      fc.property(shapes().bool, states(fc.bigInt(-9n, 9n)), fc.bigInt(-9n, 9n), (shape, state, limit) => {
        const terms = new TermFactory();
        const bound = terms.lessEqual(terms.int(limit), terms.symbol('x', intSort));
        const formula = terms.and(bound, buildShape(terms, shape));
        const value = evaluate(formula, inState(state));
        expect(evaluate(reduction(terms, formula), inState(state))).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  it('finds none for what can be', () => {
    expect(refutationByRewriting(t, t.equal(u32(t.add(x, y)), u32(t.subtract(y, x))))).toBeUndefined();
  });

  it('rejects steps that are not what the rule says, and steps that do not arrive', () => {
    const [, formula] = claims[0]!;
    const steps = refutationByRewriting(t, formula)!;
    expect(checkRefutation(t, formula, steps.slice(0, -1))).toBe('the steps do not lead to false');
    expect(
      checkRefutation(t, t.equal(x, y), [{ rule: 'linear-equation', before: t.equal(x, y), after: t.false }]),
    ).toBe('step 1: the rule linear-equation does not say so');
    expect(checkRefutation(t, p, [{ rule: 'magic', before: p, after: t.false }])).toBe(
      'step 1: there is no rule magic',
    );
    // Under x >= 5, `x = 3` is false; but not where nothing is said about x.
    const bounded = t.and(t.greaterEqual(x, n(5)), t.equal(x, n(3)));
    expect(checkRefutation(t, t.equal(x, n(3)), refutationByRewriting(t, bounded)!)).toBeDefined();
  });
});
