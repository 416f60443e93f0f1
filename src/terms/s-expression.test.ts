import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteSymbol, readSExpressions, type SExpression } from './s-expression.ts';

const plain = (e: SExpression): unknown => (e.kind === 'atom' ? e.text : e.items.map(plain));
const read = (text: string): unknown => {
  const result = readSExpressions(text);
  return result.ok ? result.value.map(plain) : result.error;
};

describe('s-expressions', () => {
  it('reads atoms, lists, quotes, strings and comments', () => {
    expect(read('(a (b 1) |c d|) ; note )\n"x""y" #b01')).toEqual([['a', ['b', '1'], 'c d'], 'x"y', '#b01']);
    expect(read('')).toEqual([]);
  });

  it('knows where things stand', () => {
    const result = readSExpressions(' (a  bc)');
    expect(result).toEqual({
      ok: true,
      value: [
        {
          kind: 'list',
          start: 1,
          end: 8,
          items: [
            { kind: 'atom', form: 'plain', text: 'a', start: 2, end: 3 },
            { kind: 'atom', form: 'plain', text: 'bc', start: 5, end: 7 },
          ],
        },
      ],
    });
  });

  it('reports the first fault', () => {
    expect(read('(a')).toEqual({ message: 'a parenthesis is not closed', offset: 0 });
    expect(read('a))')).toEqual({ message: 'a closing parenthesis too many', offset: 1 });
    expect(read('(|a')).toEqual({ message: 'a quoted symbol is not closed', offset: 1 });
    expect(read('"a""')).toEqual({ message: 'a string is not closed', offset: 0 });
  });

  it('reads deep nests', () => {
    const result = readSExpressions('('.repeat(200_000) + ')'.repeat(200_000));
    expect(result.ok && result.value.length).toBe(1);
  });

  it('quotes symbols so that they read back, and different ones stay different', () => {
    expect(quoteSymbol('x!1')).toBe('x!1');
    expect(quoteSymbol('let')).toBe('|let|');
    expect(quoteSymbol('1a')).toBe('|1a|');
    expect(quoteSymbol('')).toBe('||');
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const result = readSExpressions(quoteSymbol(a));
        expect(result.ok && result.value.length === 1 && result.value[0]!.kind === 'atom').toBe(true);
        expect(quoteSymbol(a) === quoteSymbol(b)).toBe(a === b);
      }),
    );
    expect(quoteSymbol('a|b')).not.toBe(quoteSymbol('a{7c}b'));
  });
});
