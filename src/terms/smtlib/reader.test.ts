import { describe, expect, it } from 'vitest';
import { readSExpressions } from '../s-expression.ts';
import { arraySort, intSort, realSort } from '../sort.ts';
import { ArrayValue, type Value, valueKey } from '../value.ts';
import { readBitvectorArray, readBitvectorForm, readIntForm } from './reader.ts';

function expression(text: string) {
  const read = readSExpressions(text);
  if (!read.ok) throw new Error(read.error.message);
  return read.value[0]!;
}

describe('values as solvers print them', () => {
  const array = arraySort(intSort, intSort);
  const key = (value: Value | undefined) => value !== undefined && valueKey(value);

  it('reads numbers', () => {
    expect(readIntForm(expression('(- 12)'), intSort)).toBe(-12n);
    expect(readIntForm(expression('(/ (- 1.0) 2.5)'), realSort)).toEqual({ numerator: -2n, denominator: 5n });
    expect(readIntForm(expression('(+ 1 2)'), intSort)).toBeUndefined();
    expect(readBitvectorForm(expression('#xff'), { widthBits: 8, signed: true })).toBe(-1n);
    expect(readBitvectorForm(expression('(_ bv5 8)'), { widthBits: 8, signed: false })).toBe(5n);
    expect(readBitvectorForm(expression('#b10'), { widthBits: 2, signed: false })).toBe(2n);
  });

  it('reads arrays, with names for parts', () => {
    const expected = key(new ArrayValue(1n).store(5n, 7n).store(-1n, 3n));
    const plain = '(store (store ((as const (Array Int Int)) 1) 5 7) (- 1) 3)';
    expect(key(readIntForm(expression(plain), array))).toBe(expected);
    const named = '(let ((a!1 (store ((as const (Array Int Int)) 1) 5 8))) (store (store a!1 5 7) (- 1) 3))';
    expect(key(readIntForm(expression(named), array))).toBe(expected);
    const bits = '(store ((as const (Array (_ BitVec 2) (_ BitVec 3))) #b001) #b11 #b111)';
    const read = readBitvectorArray(expression(bits), { widthBits: 2, signed: true }, { widthBits: 3, signed: false });
    expect(key(read)).toBe(key(new ArrayValue(1n).store(-1n, 7n)));
  });

  it('refuses what it does not know, and names that go in a circle', () => {
    expect(readIntForm(expression('(lambda ((x Int)) 1)'), array)).toBeUndefined();
    expect(readIntForm(expression('(let ((a b) (b a)) a)'), array)).toBeUndefined();
    expect(readIntForm(expression('(store a 1 2)'), array)).toBeUndefined();
  });
});
