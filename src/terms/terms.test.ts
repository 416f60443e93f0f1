import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { SortError, TermFactory } from './factory.ts';
import { formatTerm } from './print.ts';
import { boolSort, intSort } from './sort.ts';
import { freeSymbols, substitute, subterms } from './traversal.ts';

describe('terms', () => {
  const t = new TermFactory();
  const x = t.symbol('x', intSort);
  const y = t.symbol('y', intSort);

  it('shares equal terms', () => {
    expect(t.add(x, y)).toBe(t.add(x, y));
    expect(t.add(x, y)).not.toBe(t.add(y, x));
    expect(t.int(5)).toBe(t.int(5n));
  });

  it('checks sorts and never rewrites', () => {
    expect(() => t.add(x, t.true)).toThrow(SortError);
    expect(() => t.apply('wrap.unsigned', [x])).toThrow(SortError);
    expect(() => t.symbol('x', boolSort)).toThrow(SortError);
    expect(t.add(t.int(1), t.int(2)).kind).toBe('apply');
  });

  it('evaluates with floor and truncating division', () => {
    const at = (op: 'div' | 'mod' | 'quot' | 'rem', a: number, b: number) =>
      evaluate(t.apply(op, [t.int(a), t.int(b)]), () => undefined);
    expect([at('div', -7, 2), at('mod', -7, 2), at('quot', -7, 2), at('rem', -7, 2)]).toEqual([-4n, 1n, -3n, -1n]);
    expect([at('div', 7, 0), at('mod', 7, 0), at('quot', 7, 0), at('rem', 7, 0)]).toEqual([0n, 7n, 0n, 7n]);
  });

  it('evaluates only the branch that is taken', () => {
    expect(evaluate(t.ite(t.true, t.int(1), x), () => undefined)).toBe(1n);
  });

  it('evaluates terms deeper than the call stack', () => {
    let deep = t.add(x, t.int(1));
    for (let i = 0; i < 100_000; i++) deep = t.add(deep, t.int(1));
    expect(evaluate(deep, () => 0n)).toBe(100_001n);
    expect(subterms([deep]).length).toBe(100_003);
    expect(freeSymbols([substitute(t, deep, new Map([[x, y]]))])).toEqual([y]);
  });

  it('renames bound symbols that would capture', () => {
    const all = t.quantify('forall', [x], t.less(x, y));
    const moved = substitute(t, all, new Map([[y, x]]));
    expect(freeSymbols([moved])).toEqual([x]);
  });

  it('prints as a person writes', () => {
    expect(formatTerm(t.greater(t.subtract(x, t.add(y, t.int(1))), t.int(0)))).toBe('x - (y + 1) > 0');
    expect(formatTerm(t.not(t.equal(x, y)))).toBe('x != y');
    expect(formatTerm(t.multiply(t.add(x, y), t.int(-2)))).toBe('(x + y) * -2');
  });
});
