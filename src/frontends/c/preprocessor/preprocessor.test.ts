import { describe, expect, it } from 'vitest';
import { caught } from '../diagnostics.ts';
import { ilp32, lp64 } from '../types/data-model.ts';
import { standardHeaderNames } from './headers/index.ts';
import { preprocess } from './preprocessor.ts';
import { spanOf } from './source-file.ts';

const run = (text: string, files: Record<string, string> = {}, model = lp64) =>
  caught(() =>
    preprocess(
      { path: 'main.c', text },
      { model, include: (name) => (files[name] === undefined ? undefined : { path: name, text: files[name] }) },
    ),
  );

/** The tokens of the user's files, with one blank between them. */
function expanded(text: string, files: Record<string, string> = {}): string {
  const result = run(text, files);
  if (!result.ok) return `${result.error.code}: ${result.error.message}`;
  return result.value.tokens
    .filter((t) => !t.file.builtIn && t.kind !== 'end')
    .map((t) => t.text)
    .join(' ');
}

const failure = (text: string): string => {
  const result = run(text);
  return result.ok
    ? 'no error'
    : `${result.error.code} ${result.error.span?.start.line}:${result.error.span?.start.column}`;
};

describe('macros', () => {
  it('expands objects and functions, and rescans', () => {
    expect(expanded('#define A B\n#define B 1\nA')).toBe('1');
    expect(expanded('#define ADD(x, y) ((x) + (y))\nADD(1, ADD(2, 3))')).toBe('( ( 1 ) + ( ( ( 2 ) + ( 3 ) ) ) )');
    expect(expanded('#define F(x) x\nF\n(1) F')).toBe('1 F');
    expect(expanded('#define EMPTY\n#define F(x) [x]\nF EMPTY (1)')).toBe('F ( 1 )');
  });

  it('never expands a macro inside itself', () => {
    expect(expanded('#define A A + 1\nA')).toBe('A + 1');
    expect(expanded('#define A B\n#define B A\nA B')).toBe('A B');
    expect(expanded('#define f(a) a*g\n#define g(a) f(a)\nf(2)(9)')).toBe('2 * 9 * g');
  });

  it('follows the examples of C11 6.10.3.5', () => {
    const example3 = `#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
#define p() int
#define q(x) x
#define r(x,y) x ## y
#define str(x) # x
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
char c[2][6] = { str(hello), str() };`;
    expect(expanded(example3)).toBe(
      'f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) % f ( 2 * ( 0 ) ) + t ( 1 ) ; ' +
        'f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ; ' +
        'int i [ ] = { 1 , 23 , 4 , 5 , } ; char c [ 2 ] [ 6 ] = { "hello" , "" } ;',
    );
    const example4 = `#define str(s) # s
#define xstr(s) str(s)
#define INCFILE(n) vers ## n
#define glue(a, b) a ## b
#define xglue(a, b) glue(a, b)
#define HIGHLOW "hello"
#define LOW LOW ", world"
xstr(strncmp("abc\\0d", "abc", '\\4') == 0) xstr(INCFILE(2).h) glue(HIGH, LOW) xglue(HIGH, LOW)`;
    expect(expanded(example4)).toBe(
      '"strncmp(\\"abc\\\\0d\\", \\"abc\\", \'\\\\4\') == 0" "vers2.h" "hello" "hello" ", world"',
    );
    expect(
      expanded('#define t(x,y,z) x ## y ## z\nt(1,2,3) t(,4,5) t(6,,7) t(8,9,) t(10,,) t(,11,) t(,,12) t(,,)'),
    ).toBe('123 45 67 89 10 11 12');
  });

  it('takes variable arguments, in the standard and in the GNU way', () => {
    expect(expanded('#define P(...) f(__VA_ARGS__)\nP(1, 2) P()')).toBe('f ( 1 , 2 ) f ( )');
    expect(expanded('#define P(a, ...) f(a, ## __VA_ARGS__)\nP(1) P(1, 2)')).toBe('f ( 1 ) f ( 1 , 2 )');
    expect(expanded('#define P(a, r...) f(a, r)\nP(1, 2, 3)')).toBe('f ( 1 , 2 , 3 )');
    expect(expanded('#define P(a, ...) f(a __VA_OPT__(,) __VA_ARGS__)\nP(1) P(1, 2)')).toBe('f ( 1 ) f ( 1 , 2 )');
    expect(expanded('#define S(...) #__VA_ARGS__\nS(a , "b" ,c)')).toBe('"a , \\"b\\" ,c"');
  });

  it('knows __LINE__, __FILE__ and __COUNTER__', () => {
    expect(expanded('\n__LINE__ __FILE__ __COUNTER__ __COUNTER__')).toBe('2 "main.c" 0 1');
  });

  it('keeps the places of arguments and gives bodies the place of the use', () => {
    const text = '#define TWICE(e) ((e) + (e))\nint y = TWICE(x * 3);';
    const result = run(text);
    if (!result.ok) throw new Error(result.error.message);
    const x = result.value.tokens.find((t) => t.text === 'x')!;
    expect(spanOf(x).start).toMatchObject({ line: 2, column: 15 });
    const plus = result.value.tokens.find((t) => t.text === '+')!;
    expect(text.slice(plus.start, plus.end)).toBe('TWICE(x * 3)');
  });
});

describe('lines, comments and directives', () => {
  it('joins lines and still finds the place in the text', () => {
    const text = 'in\\\nt a\\\n  ;\n@';
    expect(expanded('#define X a \\\n b\nX')).toBe('a b');
    const result = run(text);
    if (!result.ok) throw new Error(result.error.message);
    expect(result.value.tokens.map((t) => t.text)).toEqual(['int', 'a', ';', '@', '']);
    expect(spanOf(result.value.tokens[0]!)).toMatchObject({
      start: { line: 1, column: 1 },
      end: { line: 2, column: 2 },
    });
    expect(spanOf(result.value.tokens[3]!)).toMatchObject({ start: { line: 4, column: 1 } });
  });

  it('treats comments as blanks, but keeps ACSL comments', () => {
    expect(expanded('a/* * / */b // c\n"/*" \'"\'')).toBe('a b "/*" \'"\'');
    const result = run('#define N 5\n/*@ loop invariant i <= N; @*/\n//@ assert N;');
    if (!result.ok) throw new Error(result.error.message);
    const [first, second] = result.value.tokens.filter((t) => t.kind === 'annotation');
    expect(first!.content!.map((t) => t.text).join(' ')).toBe('loop invariant i <= 5 ;');
    expect(second!.content!.map((t) => t.text).join(' ')).toBe('assert 5 ;');
  });

  it('chooses branches', () => {
    const source = '#if N == 1\none\n#elif N > 1 && defined(M)\nmany\n#else\nnone\n#endif';
    expect(expanded(`#define N 1\n${source}`)).toBe('one');
    expect(expanded(`#define N 2\n#define M\n${source}`)).toBe('many');
    expect(expanded(source)).toBe('none');
    expect(expanded("#if 0\n'unfinished #else\n#if 1\nx\n#else\ny\n#endif\n#else\nz\n#endif")).toBe('z');
    expect(expanded('#ifndef A\n#define A\n#endif\n#ifdef A\nyes\n#endif')).toBe('yes');
  });

  it('computes conditions in 64 bits with the usual rules', () => {
    const holds = (condition: string): boolean => expanded(`#if ${condition}\nyes\n#endif`) === 'yes';
    expect(holds('-1 > 0u')).toBe(true);
    expect(holds('-1 < 0')).toBe(true);
    expect(holds('(2 || 1/0) && !(0 && 1/0)')).toBe(true);
    expect(holds('1 ? 2 : (1/0)')).toBe(true);
    expect(holds("'a' == 97 && '\\377' < 0")).toBe(true);
    expect(holds('0x7fffffffffffffff + 1 < 0')).toBe(true);
    expect(holds('0xffffffffffffffff == -1')).toBe(true);
    expect(holds('1 << 4 >> 2 == 4 && (5 & 6 | 8 ^ 1) == 13')).toBe(true);
    expect(holds('undefined_name')).toBe(false);
    expect(holds('__has_include(<stdio.h>) && !__has_include(<nothing.h>)')).toBe(true);
  });

  it('includes files, once where asked', () => {
    expect(expanded('#include "a.h"\nm', { 'a.h': '#include "b.h"\na', 'b.h': 'b' })).toBe('b a m');
    expect(expanded('#include "a.h"\n#include "a.h"', { 'a.h': '#pragma once\na' })).toBe('a');
    expect(expanded('#define F "a.h"\n#include F', { 'a.h': 'a' })).toBe('a');
    expect(expanded('#include "none.h"')).toContain('C0150');
  });

  it('reads every standard header, on both data models, twice', () => {
    for (const model of [lp64, ilp32]) {
      for (const name of standardHeaderNames()) {
        const result = run(`#include <${name}>\n#include <${name}>\n`, {}, model);
        expect(result.ok ? 'ok' : `${name}: ${result.error.message}`).toBe('ok');
      }
    }
  });
});

describe('bad input', () => {
  it('names the place of an error', () => {
    expect(failure('int a;\n  #error no\n')).toBe('C0145 2:4');
    expect(failure('#if 1\n')).toBe('C0143 1:1');
    expect(failure('#endif')).toBe('C0144 1:2');
    expect(failure('#define F(x) x\nF(1')).toBe('C0114 2:1');
    expect(failure('#define F(x) x\nF(1, 2)')).toBe('C0115 2:1');
    expect(failure('#define F(x, x) x')).toBe('C0111 1:14');
    expect(failure('x /* never closed')).toBe('C0101 1:3');
    expect(failure('#if (1\n#endif')).toBe('C0130 1:5');
    expect(failure('#if 1/0\n#endif')).toBe('C0132 1:6');
    expect(failure('#define C(a,b) a##b\nC(+,/)')).toBe('C0117 2:1');
    expect(failure('#nonsense')).toBe('C0147 1:2');
  });

  it('stops macros that grow without end', () => {
    const lines = ['#define A0 x x'];
    for (let i = 1; i < 60; i++) lines.push(`#define A${i} A${i - 1} A${i - 1}`);
    expect(failure(`${lines.join('\n')}\nA59`)).toMatch(/^C0113/);
  });

  it('stops files that include themselves', () => {
    const result = run('#include "a.h"', { 'a.h': '#include "a.h"\n' });
    expect(result.ok ? '' : result.error.code).toBe('C0142');
  });

  it('survives deep nesting', () => {
    expect(failure(`#if ${'('.repeat(10_000)}1${')'.repeat(10_000)}\n#endif`)).toMatch(/^C0131/);
    expect(failure(`#define F(x) x\n${'F('.repeat(10_000)}1${')'.repeat(10_000)}`)).toMatch(/^C0116/);
    expect(failure(`${'#if 1\n'.repeat(10_000)}${'#endif\n'.repeat(10_000)}`)).toBe('no error');
    const long = Array.from({ length: 5000 }, (_, i) => `#define L${i} L${i + 1}`).join('\n');
    expect(expanded(`${long}\nL0`)).toBe('L5000');
  });
});
