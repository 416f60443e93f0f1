import { describe, expect, it } from 'vitest';
import type { FrontEndOptions, FrontEndRequest } from '../../program/front-end.ts';
import type { Task } from '../../program/question.ts';
import { formatTerm } from '../../terms/print.ts';
import { cFrontEnd } from './front-end.ts';
import { dump } from './testing/dump.ts';
import { runInterpreted } from './testing/interpreted-run.ts';

type Wish = Partial<Omit<FrontEndRequest, 'options'>> & { options?: Partial<FrontEndOptions> };

function read(text: string, wish: Wish = {}) {
  const { options, ...rest } = wish;
  return cFrontEnd.read([{ path: 'main.c', text }], {
    question: 'check',
    ...rest,
    options: {
      integers: 'c',
      dataModel: 'lp64',
      checks: cFrontEnd.defaultChecks,
      include: () => undefined,
      ...options,
    },
  });
}

function tasks(text: string, wish: Wish = {}): readonly Task[] {
  const result = read(text, wish);
  if (!result.ok) throw new Error(result.error.map((d) => `${d.code} ${d.message}`).join('; '));
  return result.value.tasks;
}

const program = (text: string, wish: Wish = {}): string[] => dump(tasks(text, wish)[0]!.program);

/** `code line`, one for each problem. */
function problems(text: string, wish: Wish = {}): string {
  const result = read(text, wish);
  return result.ok ? 'none' : result.error.map((d) => `${d.code} ${d.span?.start.line ?? ''}`.trim()).join(', ');
}

const checksOf = (text: string, wish: Wish = {}): string[] =>
  tasks(text, wish)[0]!.program.checks.map((c) => `${c.kind}: ${c.failure}`);

/** What a closed function returns, in the interpreter. */
function value(text: string, args: bigint[] = [], wish: Wish = {}): bigint | string | undefined {
  const result = runInterpreted(tasks(text, wish)[0]!.program, args);
  if (result === 'out-of-steps') return result;
  return result.ended === 'returned' ? result.returned : result.failure;
}

describe('the founding programs', () => {
  it('f: unsigned addition wraps', () => {
    expect(program('_Bool f(unsigned int x, unsigned int y) { return (x+y == y+x); }')).toEqual([
      'f(x, y): 0 to 1',
      '0 -> 1: result = (wrap.unsigned32(x + y) == wrap.unsigned32(y + x) ? 1 : 0)',
      'return 1: "f" result',
    ]);
  });

  it('g: one loop, one side condition', () => {
    expect(program('void g(int x, int y) { if (y > 0) while (x > y) x = x - y; }')).toEqual([
      'g(x, y): 0 to 1',
      '0 -> 2: [y > 0]',
      '0 -> 1: [y <= 0]',
      '2 while -> 3: [x > y]',
      '2 while -> 1: [x <= y]',
      '3 -> 2: x = x - y',
      'check overflow 3: -2147483648 <= x - y && x - y <= 2147483647',
      'return 1: "g"',
    ]);
  });

  it('h: the question itself is an input, and only proofs may rest on it', () => {
    const task = tasks('void h() { if terminates(h) while(1){} }', { question: 'terminates' })[0]!;
    const [asked] = task.program.procedures.get('h')!.edges.flatMap((e) => e.steps);
    expect(asked).toMatchObject({
      kind: 'havoc',
      input: 'terminates(h)',
    });
    expect(task.assumptions).toMatchObject([{ kind: 'approximation', side: 'over' }]);
  });

  it('the exhaustive test: nested loops, a call, a print', () => {
    const text = `#include<stdio.h>
#include<stdbool.h>
#include<limits.h>
bool f(unsigned int x, unsigned int y) { return (x+y == y+x); }
void main() {
   for (unsigned int x=0;1;x++) {
      for (unsigned int y=0;1;y++) {
         if (!f(x,y)) printf("Error!\\n");
         if (y==UINT_MAX) break;
      }
      if (x==UINT_MAX) break;
   }
}`;
    const [task] = tasks(text, { question: 'ever', event: { kind: 'print', text: 'Error!' } });
    expect(task!.question).toMatchObject({ kind: 'ever', targets: [{ property: { kind: 'value', value: true } }] });
    expect(task!.program.checks).toEqual([]);
    expect(problems('int f(int x) { return x; }\nint g(int y) { return y; }')).toBe('C0004');
  });
});

describe('integers', () => {
  it('check what is undefined, and only where it can happen', () => {
    expect(checksOf('int f(int x, int y) { return x + y; }')).toEqual(['overflow: `x + y` overflows']);
    expect(checksOf('int f(unsigned char x, short y) { return x + y; }')).toEqual([]);
    expect(checksOf('int f(int x, int y) { return x / y; }')).toEqual([
      'division: `x / y` divides by 0',
      'overflow: `x / y` overflows',
    ]);
    expect(checksOf('int f(int x) { return x / 3 % 2; }')).toEqual([]);
    expect(checksOf('unsigned f(unsigned x) { return x << 3; }')).toEqual([]);
    expect(checksOf('unsigned f(unsigned x, int n) { return x >> n; }')).toEqual([
      'shift: `x >> n` shifts by a count out of range',
    ]);
    expect(checksOf('int f(int x) { return x && 10 / x; }')).toEqual(['division: `10 / x` divides by 0']);
    expect(checksOf('int f(void) { return (-2147483647 - 1) % -1; }')).toEqual([
      'overflow: `(-2147483647 - 1) % -1` overflows',
    ]);
    expect(checksOf('int f(void) { return -1 << 2; }')).toEqual(['overflow: `-1 << 2` shifts a negative number']);
    expect(checksOf('int f(int x) { return -x; }', { options: { integers: 'wrap' } })).toEqual([]);
    expect(checksOf('int f(int x) { return x * x; }', { options: { integers: 'math' } })).toEqual([]);
    expect(checksOf('int f(long x) { return x; }', { options: { checks: new Set(['conversion']) } })).toEqual([
      'conversion: `x` changes when it is converted to int',
    ]);
  });

  it('guard what the right side of && requires', () => {
    const [task] = tasks('int f(int x) { return x && 10 / x; }');
    expect(formatTerm(task!.program.checks[0]!.property)).toBe('x != 0 ==> x != 0');
  });

  it('wrap, or are undefined, or have no bounds', () => {
    const increment = 'int f(int x) { x++; return x; }';
    expect(value(increment, [2147483647n])).toBe('`x++` overflows');
    expect(value(increment, [2147483647n], { options: { integers: 'wrap' } })).toBe(-2147483648n);
    expect(value(increment, [2147483647n], { options: { integers: 'math' } })).toBe(2147483648n);
    expect(value(increment, [2147483647n], { options: { checks: new Set(['assertion']) } })).toBe(-2147483648n);
    expect(value('unsigned f(unsigned x) { return x - 1; }', [0n])).toBe(4294967295n);
    expect(value('int f(int x) { return (unsigned char)(x * 3); }', [100n])).toBe(44n);
    expect(value('long f(long x) { return x + x; }', [2147483647n], { options: { dataModel: 'ilp32' } })).toBe(
      '`x + x` overflows',
    );
    expect(value('int f(int x) { return x / -1; }', [-2147483648n], { options: { integers: 'wrap' } })).toBe(
      -2147483648n,
    );
  });

  it('divide and shift as C does', () => {
    expect(value('int f(int x) { return x / 2 * 10 + x % 2; }', [-7n])).toBe(-31n);
    expect(value('int f(int x) { return x >> 1; }', [-7n])).toBe(-4n);
    expect(value('unsigned f(int x) { return ~x; }', [5n])).toBe(4294967290n);
    expect(value('unsigned long long f(unsigned x) { return ~x; }', [5n])).toBe(4294967290n);
  });

  it('count bits by the builtins', () => {
    expect(
      value('int f(unsigned x) { return __builtin_popcount(x) * 100 + __builtin_clz(x) * 10 + __builtin_ctz(x); }', [
        0x1f0n,
      ]),
    ).toBe(734n);
    expect(value('unsigned f(unsigned x) { return __builtin_bswap32(x); }', [0x12345678n])).toBe(0x78563412n);
    expect(value('int f(int x) { return __builtin_ffs(x) * 100 + __builtin_clrsb(x); }', [-8n])).toBe(428n);
  });
});

describe('statements', () => {
  it('fall through, skip and jump', () => {
    const text = `int f(int x) { int r = 0;
      switch (x) { case 1: r += 1; case 2: r += 2; break; default: r = 50; break; case 5 ... 7: { r = 7; } }
      return r; }`;
    expect([1n, 2n, 3n, 6n].map((x) => value(text, [x]))).toEqual([3n, 2n, 50n, 7n]);
    expect(value('int f(int n) { int s = 0; again: if (n > 0) { s += n--; goto again; } return s; }', [4n])).toBe(10n);
    expect(
      value('int f(int n) { int s = 0; do { if (n == 2) continue; s += n; } while (--n > 0); return s; }', [4n]),
    ).toBe(8n);
    expect(
      value('int f(int n) { switch (n) { int x; case 0: x = 3; return x; default: for (;;) { case 9: return 1; } } }', [
        9n,
      ]),
    ).toBe(1n);
  });

  it('mark the heads of loops that goto makes', () => {
    const lines = program('void f(int n) { again: if (n > 0) { n--; goto again; } }');
    expect(lines.some((line) => line.includes(' goto -> '))).toBe(true);
  });

  it('keep what the declaration without a value means', () => {
    expect(program('int f(int n) { int s = 0; while (n-- > 0) { int t; s = t; } return s; }')).toContain(
      '5 -> 2: t = ?; s = t',
    );
    expect(
      program('int f(int n) { int s = 0; while (n-- > 0) { int t; t = n; s = t; } return s; }').join(),
    ).not.toContain('?');
  });

  it('call functions, also recursive ones', () => {
    expect(value('int sq(int x) { return x * x; } int main(void) { return sq(3) + sq(4); }')).toBe(25n);
    expect(value('int fact(int n) { return n <= 1 ? 1 : n * fact(n - 1); }', [5n])).toBe(120n);
    expect(
      value(
        'int odd(int n); int even(int n) { return n == 0 ? 1 : odd(n - 1); } int odd(int n) { return n == 0 ? 0 : even(n - 1); }',
        [7n],
        { functionName: 'even' },
      ),
    ).toBe(0n);
    expect(
      value(
        'struct p { int x, y; }; struct p swap(struct p a) { struct p b = { a.y, a.x }; return b; } int main() { struct p q = {1, 2}; q = swap(q); return q.x * 10 + q.y; }',
      ),
    ).toBe(21n);
    expect(value('int f(c) char c; { return c; } int main() { return f(300); }')).toBe(44n);
  });

  it('give static objects their values at the start', () => {
    expect(
      value(
        'int g = 5; int next(void) { static int n = 3; return n++; } int main(void) { next(); return next() + g; }',
      ),
    ).toBe(9n);
    const task = tasks('int g = 5; const int c = 7; int set(void) { g = 1; return c; } int f(void) { return g; }', {
      functionName: 'f',
    })[0]!;
    expect(dump(task.program)[1]).toBe('0 -> 1: result = g');
    expect(task.assumptions.map((a) => a.text)).toEqual(['`f` may be called with any values in `g`']);
    expect(program('static int k = 5; int f(void) { return k; }')).toContain('0 -> 2: k = 5');
  });
});

describe('order of evaluation', () => {
  it('refuses unsequenced effects on one object', () => {
    for (const expression of ['x + x++', 'x = x++', 'x++ + x++', '(x = 1) + (x = 2)', 'x += x++', 'g(x, x++)']) {
      expect(problems(`int g(int a, int b); int f(int x) { return ${expression}; }`), expression).toBe('C0501 1');
    }
  });

  it('takes what C sequences', () => {
    for (const expression of [
      'x++, x',
      'x++ && x',
      'x ? x++ : x--',
      'x = (x++, x)',
      'x = x + 1',
      '(x = 1, x) + y',
      's.a = s.b++',
    ]) {
      expect(problems(`struct { int a, b; } s; int f(int x, int y) { return ${expression}; }`), expression).toBe(
        'none',
      );
    }
    expect(value('int f(int x) { return (x++, x) * 10 + 0; }', [3n])).toBe(40n);
    expect(value('int f(int x) { int y = x++ * 2; return y * 10 + x; }', [3n])).toBe(64n);
    expect(value('int f(int x) { return x > 5 || (x += 10) > 12 ? x : -x; }', [3n])).toBe(13n);
  });

  it('says so where calls may run in any order', () => {
    const text =
      'int g; int a(void) { return g = 1; } int b(void) { return g * 2; } int main(void) { return a() + b(); }';
    const task = tasks(text)[0]!;
    expect(task.assumptions[0]!.text).toContain('from left to right');
    expect(value(text)).toBe(3n);
    expect(value('int g = 1; int set(void) { return g = 5; } int main(void) { return g + set(); }')).toBe(6n);
  });
});

describe('conventions', () => {
  it('take values, assumptions, assertions and errors', () => {
    const text = `extern int __VERIFIER_nondet_int(void); extern void __VERIFIER_assume(int); void reach_error(void);
void main() { int x = __VERIFIER_nondet_int(); __VERIFIER_assume(x > 3); if (x < 2) reach_error(); __VERIFIER_assert(x != 7); }`;
    expect(program(text)).toEqual([
      'main(): 0 to 1',
      '0 -> 2: __VERIFIER_nondet_int() = ?; x = __VERIFIER_nondet_int(); [x > 3]',
      '2 -> 3: [x < 2]',
      '2 -> 4: [x >= 2]',
      '4 -> 1:',
      'check unreachable 3: false',
      'check assertion 4: x != 7',
      'return 1: "main"',
    ]);
  });

  it('end the program', () => {
    expect(program('#include <stdlib.h>\nint main(void) { if (1) exit(3); return 0; }')).toEqual([
      'main(): 0 to 1',
      '0 -> 2:',
      'exit 2: "exit(3)" 3',
      'return 1: "main" result',
    ]);
    const unwatched = program('#include <assert.h>\nvoid f(int x) { assert(x); }', { options: { checks: new Set() } });
    expect(unwatched).toContain('abort 2: "assert(x)"');
  });

  it('print', () => {
    const events = tasks(
      '#include <stdio.h>\nint main(void) { int x = 3; printf("%d of %s: 100%%\\n", x, "all"); puts("50%"); return 0; }',
    )[0]!.program.events;
    expect(events.map((e) => [e.kind, e.text, e.formats])).toEqual([
      ['print', '%d of all: 100%%\n', ['%d']],
      ['print', '50%%\n', []],
      ['return', 'main', undefined],
    ]);
  });

  it('name what an unknown function may do', () => {
    const task = tasks('int mystery(int); int f(int x) { return mystery(x); }')[0]!;
    expect(task.assumptions.map((a) => a.text)).toEqual([
      '`mystery`, which has no body here, may return any int, returns always, and changes nothing here',
    ]);
    expect(tasks('void fill(int *); int f(void) {\n  int x; fill(&x); return x; }')[0]!.assumptions).toEqual([
      expect.objectContaining({ kind: 'approximation', side: 'over', text: expect.stringContaining('`fill`') }),
    ]);
  });

  it('know ctype and abs', () => {
    expect(value('#include <ctype.h>\nint f(int c) { return isdigit(c) ? 1 : toupper(c); }', [97n])).toBe(65n);
    expect(value('#include <stdlib.h>\nint f(int x) { return abs(x); }', [-5n])).toBe(5n);
    expect(value('#include <stdlib.h>\nint f(int x) { return abs(x); }', [-2147483648n])).toBe('`abs(x)` overflows');
  });
});

describe('hints', () => {
  it('stand at the loop they belong to', () => {
    const text = `int f(int n) { int i = 0;
  //@ loop invariant 0 <= i <= n || n < 0;
  //@ loop variant n - i;
  while (i < n) i++;
  return i; }`;
    expect(program(text).filter((line) => /variant/.test(line))).toEqual([
      'invariant 2: 0 <= i && i <= n || n < 0',
      'variant 2: n - i',
    ]);
    const esbmc =
      'int small(int x) { return x < 9; } int f(int n) { __ESBMC_loop_invariant(small(n) && n > 0); while (n > 1) n--; return n; }';
    expect(program(esbmc, { functionName: 'f' }).filter((line) => line.startsWith('invariant'))).toEqual([
      'invariant 2: n < 9 && n > 0',
    ]);
  });

  it('read arithmetic over the integers, and are dropped with a warning when they are not understood', () => {
    const result = read(
      'int f(int n) {\n//@ loop invariant \\valid(p);\n//@ loop invariant n++ > 0;\nwhile (n > 0) n--; return n; }',
    );
    expect(result.ok && result.value.warnings.map((w) => w.code)).toEqual(['C0223', 'C0520']);
    expect(program('int f(int n) { //@ assert n + 1 > n;\n return n; }')).toContain('check assertion 2: n + 1 > n');
  });
});

describe('questions', () => {
  const text = 'int f(int x) { return x > 0; } _Bool g(int x) { return x == x; } void h(void) {}';

  it('are sensible for what the function is', () => {
    const sentences = tasks(text, { question: 'sensible' }).map((t) => t.question.text);
    expect(sentences).toEqual([
      'Does `f` always return control to its caller?',
      'Is it certain that `g` never returns false?',
      'Does `g` always return control to its caller?',
      'Does `h` always return control to its caller?',
    ]);
  });

  it('turn events into targets', () => {
    const target = (wish: Wish): string[] => {
      const { question } = tasks(text, wish)[0]!;
      return question.kind === 'terminates' ? [] : question.targets.map((t) => formatTerm(t.property));
    };
    expect(target({ functionName: 'f', question: 'always', event: { kind: 'returns', value: 3n } })).toEqual([
      'result != 3',
    ]);
    expect(target({ functionName: 'g', question: 'always', event: { kind: 'returns', value: false } })).toEqual([
      'result != 0',
    ]);
    expect(
      target({ functionName: 'g', question: 'ever', event: { kind: 'returns', value: true, other: true } }),
    ).toEqual(['result == 0']);
    expect(problems(text, { functionName: 'h', question: 'ever', event: { kind: 'returns', value: 3n } })).toBe(
      'C0006 1',
    );
  });

  it('help with names', () => {
    const result = read('int first(void) { return 1; } int second(void) { return 2; }', { functionName: 'frist' });
    expect(!result.ok && result.error[0]).toMatchObject({ code: 'unknown-function', hint: 'did you mean first?' });
    expect(problems('int x;')).toBe('C0003');
    expect(problems('', { functionName: 'f' })).toBe('unknown-function');
  });
});

describe('what is not modelled', () => {
  it('is named with its line, if it can be reached', () => {
    expect(problems('long double d; int f(void) {\n  return d > 1;\n}')).toBe('C0605 2');
    expect(problems('int f(int x) { if (0) {\n int *p = &x; *p = 1; } return x; }')).toBe('none');
    expect(problems('int f(int x) { return x; *(&x + 1) = 2; }')).toBe('none');
    expect(problems('void g(int *p) { *p = 1; }\nint f(int x) { return x; }', { functionName: 'f' })).toBe('none');
    expect(problems('int f(int x) { goto end; asm("nop");\n end: return x; }')).toBe('none');
    expect(problems('int f(int x) {\n asm("nop"); return x; }')).toBe('C0394 2');
  });

  it('does not hide behind a jump into it', () => {
    expect(
      problems('int f(int x, long double p) { if (x) goto in; switch (p > 1) { case 1: in: return 2; } return 1; }'),
    ).toMatch(/^C0605/);
  });
});

describe('large input', () => {
  it('lowers long chains and deep nesting without using up the stack', () => {
    const long = `int f(int a) { return ${'a + '.repeat(5000)}a; }`;
    expect(checksOf(long).length).toBe(5000);
    const conditions = `int f(int a) { return ${'a > 1 && '.repeat(5000)}a; }`;
    expect(problems(conditions)).toBe('none');
    const branches = `int f(int a) { ${Array.from({ length: 3000 }, (_, i) => `if (a == ${i}) return ${i}; else `).join('')} return a; }`;
    expect(problems(branches)).toBe('none');
    for (const [open, close] of [
      ['(', ')'],
      ['-(', ')'],
      ['(a ? a : ', ')'],
      ['(a, ', ')'],
      ['(a && ', ')'],
      ['(b = ', ')'],
    ]) {
      const text = `int f(int a) { int b; return ${open!.repeat(120)}a${close!.repeat(120)}; }`;
      expect(problems(text), open).toMatch(/none|C0501 1/);
    }
    expect(problems(`void f(int a) { ${'if (a) { '.repeat(120)} a = 1; ${'}'.repeat(120)} }`)).toBe('none');
    expect(problems(`void f(int a) { ${'while (a) { '.repeat(120)} a = 1; ${'}'.repeat(120)} }`)).toBe('none');
  });
});
