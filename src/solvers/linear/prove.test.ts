import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { TermFactory } from '../../terms/factory.ts';
import { arraySort, boolSort, intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { checkRefutation } from '../../verdict/arithmetic/check.ts';
import { prove } from './prove.ts';

const steps = (): Budget => new Budget({ stepLimit: 300_000 });

function verdict(formula: Term): string {
  const result = prove(formula, steps());
  if (result.kind === 'refuted' && !checkRefutation(formula, JSON.parse(JSON.stringify(result.proof))))
    return 'bad proof';
  if (result.kind === 'unknown') return `unknown: ${result.reason}`;
  return result.kind;
}

describe('prove', () => {
  const t = new TermFactory();
  const [x, y, z, u, v] = ['x', 'y', 'z', 'u', 'v'].map((n) => t.symbol(n, intSort)) as [
    SymbolTerm,
    SymbolTerm,
    SymbolTerm,
    SymbolTerm,
    SymbolTerm,
  ];
  const p = t.symbol('p', boolSort);
  const n = (k: number): Term => t.int(k);
  const all = (...f: Term[]): Term => t.all(f);

  it('refutes conjunctions', () => {
    expect(verdict(all(t.less(x, y), t.less(y, z), t.less(z, x)))).toBe('refuted');
    expect(verdict(all(t.less(x, y), t.less(y, z)))).toBe('model');
    expect(verdict(all(t.greater(y, n(0)), t.greater(x, y), t.greaterEqual(t.subtract(x, y), x)))).toBe('refuted');
  });

  it('reasons about integers, not rationals', () => {
    // 2x = 2y + 1; 3x + 6y - 9z = 1; 2 < 2x < 4 and x odd.
    expect(verdict(t.equal(t.multiply(n(2), x), t.add(t.multiply(n(2), y), n(1))))).toBe('refuted');
    const sum = t.sum([t.multiply(n(3), x), t.multiply(n(6), y), t.multiply(n(-9), z)]);
    expect(verdict(t.equal(sum, n(1)))).toBe('refuted');
    expect(
      verdict(
        all(t.equal(t.add(x, y), t.multiply(n(2), u)), t.equal(t.subtract(x, y), t.add(t.multiply(n(2), v), n(1)))),
      ),
    ).toBe('refuted');
    // A thin triangle without integer points.
    const [a, b] = [t.multiply(n(10), x), t.multiply(n(3), y)];
    expect(
      verdict(
        all(
          t.greaterEqual(t.subtract(a, b), n(1)),
          t.lessEqual(t.subtract(a, b), n(2)),
          t.equal(t.multiply(n(5), z), t.subtract(a, b)),
        ),
      ),
    ).toMatch(/refuted|model/);
    expect(
      verdict(all(t.less(n(0), t.subtract(t.multiply(n(3), x), t.multiply(n(3), y))), t.less(t.subtract(x, y), n(1)))),
    ).toBe('refuted');
  });

  it('splits on disjunctions, choices and disequalities', () => {
    expect(verdict(all(t.not(t.equal(x, y)), t.lessEqual(x, y), t.greaterEqual(x, y)))).toBe('refuted');
    const max = t.ite(t.less(x, y), y, x);
    expect(verdict(t.not(all(t.lessEqual(x, max), t.lessEqual(y, max))))).toBe('refuted');
    expect(verdict(all(t.equal(p, t.less(x, y)), t.apply('xor', [p, t.greaterEqual(x, y)])))).toBe('model');
    expect(verdict(all(t.equal(p, t.less(x, y)), t.not(t.apply('xor', [p, t.greaterEqual(x, y)]))))).toBe('refuted');
    expect(verdict(t.less(t.apply('abs', [x]), n(0)))).toBe('refuted');
  });

  it('computes with machine integers by normal form', () => {
    const w = (a: Term): Term => t.wrapUnsigned(a, 32);
    expect(verdict(t.not(t.equal(w(t.add(x, y)), w(t.add(y, x)))))).toBe('refuted');
    expect(verdict(t.not(t.equal(w(t.add(w(t.add(x, y)), z)), w(t.add(x, w(t.add(y, z)))))))).toBe('refuted');
    expect(verdict(t.not(t.equal(w(t.multiply(w(x), w(y))), w(t.multiply(y, x)))))).toBe('refuted');
    expect(verdict(t.greater(t.wrapSigned(x, 8), n(127)))).toBe('refuted');
    const inRange = all(t.lessEqual(n(-128), x), t.lessEqual(x, n(127)));
    expect(verdict(all(inRange, t.not(t.equal(t.wrapSigned(x, 8), x))))).toBe('refuted');
    expect(verdict(t.not(t.equal(t.wrapSigned(x, 8), x)))).toBe('model');
    expect(verdict(t.not(t.equal(t.wrapSigned(t.wrapUnsigned(x, 8), 8), t.wrapSigned(x, 8))))).toBe('refuted');
  });

  it('knows division, masks and shifts', () => {
    const r = t.apply('mod', [x, n(3)]);
    expect(verdict(t.not(all(t.lessEqual(n(0), r), t.less(r, n(3)))))).toBe('refuted');
    expect(verdict(all(t.greater(x, n(0)), t.greaterEqual(t.apply('quot', [x, n(2)]), x)))).toBe('refuted');
    expect(verdict(all(t.less(x, n(0)), t.greater(t.apply('rem', [x, n(2)]), n(0))))).toBe('refuted');
    const sum = t.add(t.multiply(t.apply('quot', [x, n(7)]), n(7)), t.apply('rem', [x, n(7)]));
    expect(verdict(t.not(t.equal(sum, x)))).toBe('refuted');
    expect(verdict(t.greater(t.apply('bit.and', [x, n(12)]), n(12)))).toBe('refuted');
    expect(verdict(t.not(t.equal(t.apply('shift.right', [x, n(4)]), t.apply('div', [x, n(16)]))))).toBe('refuted');
    expect(verdict(all(t.greater(y, n(1)), t.greater(x, n(0)), t.greaterEqual(t.apply('quot', [x, y]), x)))).toBe(
      'refuted',
    );
  });

  it('multiplies', () => {
    const xy = t.multiply(x, y);
    expect(verdict(all(t.greater(x, n(0)), t.greater(y, n(0)), t.lessEqual(xy, n(0))))).toBe('refuted');
    expect(verdict(t.less(t.multiply(x, x), n(0)))).toBe('refuted');
    expect(verdict(all(t.greater(x, n(3)), t.greater(y, n(4)), t.less(xy, n(20))))).toBe('refuted');
    expect(verdict(all(t.equal(x, n(7)), t.not(t.equal(xy, t.multiply(n(7), y)))))).toBe('refuted');
    expect(verdict(all(t.equal(xy, n(35)), t.greater(x, n(1)), t.greater(y, n(1))))).toMatch(/model|unknown/);
  });

  it('reads arrays', () => {
    const a = t.symbol('a', arraySort(intSort, intSort));
    const stored = t.apply('store', [a, x, n(5)]);
    const read = t.apply('select', [stored, y]);
    expect(verdict(all(t.equal(x, y), t.not(t.equal(read, n(5)))))).toBe('refuted');
    expect(verdict(all(t.equal(x, y), t.not(t.equal(t.apply('select', [a, x]), t.apply('select', [a, y])))))).toBe(
      'refuted',
    );
    expect(verdict(all(t.not(t.equal(x, y)), t.not(t.equal(read, n(5)))))).toBe('model');
  });

  it('agrees with a search of a small box', () => {
    const symbols = [x, y, z];
    const low = -3n;
    const high = 3n;
    const box = symbols.flatMap((s) => [t.lessEqual(t.int(low), s), t.lessEqual(s, t.int(high))]);
    fc.assert(
      fc.property(formula(t, symbols, p), (body) => {
        const whole = t.all([...box, body]);
        let satisfiable = false;
        for (let a = low; a <= high && !satisfiable; a++) {
          for (let b = low; b <= high && !satisfiable; b++) {
            for (let c = low; c <= high && !satisfiable; c++) {
              for (const q of [false, true]) {
                const values = new Map<SymbolTerm, bigint | boolean>([
                  [x, a],
                  [y, b],
                  [z, c],
                  [p, q],
                ]);
                if (evaluate(body, (s) => values.get(s)) === true) satisfiable = true;
              }
            }
          }
        }
        const result = verdict(whole);
        if (result.startsWith('unknown')) return;
        expect(result).toBe(satisfiable ? 'model' : 'refuted');
      }),
      { numRuns: 400 },
    );
  });
});

/** Random formulas over all operators whose meaning is interesting. */
function formula(t: TermFactory, symbols: readonly SymbolTerm[], p: SymbolTerm): fc.Arbitrary<Term> {
  const constant = fc.integer({ min: -6, max: 6 }).map((k) => t.int(k) as Term);
  const { int, bool } = fc.letrec<{ int: Term; bool: Term }>((tie) => ({
    int: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Term>(...symbols),
      constant,
      fc.tuple(tie('int'), tie('int')).map(([a, b]) => t.add(a, b)),
      fc.tuple(tie('int'), tie('int')).map(([a, b]) => t.subtract(a, b)),
      fc.tuple(constant, tie('int')).map(([a, b]) => t.multiply(a, b)),
      fc.tuple(tie('int'), tie('int')).map(([a, b]) => t.multiply(a, b)),
      fc.tuple(tie('bool'), tie('int'), tie('int')).map(([c, a, b]) => t.ite(c, a, b)),
      fc
        .tuple(
          fc.constantFrom(
            'div',
            'mod',
            'quot',
            'rem',
            'bit.and',
            'bit.or',
            'bit.xor',
            'shift.right',
          ) as fc.Arbitrary<'div'>,
          tie('int'),
          fc.oneof(constant, tie('int')),
        )
        .map(([op, a, b]) => t.apply(op, [a, b])),
      tie('int').map((a) => t.apply('abs', [a])),
      fc.tuple(fc.constantFrom(2, 3), tie('int')).map(([w, a]) => t.wrapSigned(a, w)),
      fc.tuple(fc.constantFrom(1, 3), tie('int')).map(([w, a]) => t.wrapUnsigned(a, w)),
    ),
    bool: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant<Term>(p),
      fc.tuple(tie('int'), tie('int')).map(([a, b]) => t.lessEqual(a, b)),
      fc.tuple(tie('int'), tie('int')).map(([a, b]) => t.equal(a, b)),
      fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => t.and(a, b)),
      fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => t.or(a, b)),
      tie('bool').map((a) => t.not(a)),
      fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => t.apply('xor', [a, b])),
      fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => t.equal(a, b)),
    ),
  }));
  void int;
  return fc.array(bool, { minLength: 1, maxLength: 4 }).map((parts) => t.all(parts));
}
