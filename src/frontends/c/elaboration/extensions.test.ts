import { describe, expect, it } from 'vitest';
import { readTranslationUnit } from '../translation-unit.ts';
import { formatType } from '../types/ctype.ts';
import { ilp32, lp64 } from '../types/data-model.ts';
import type { Typed, TypedStatement } from '../types/typed.ts';
import { constantInteger } from './constant.ts';

/** Extensions of the language: what they mean, and that what is not modelled is refused, by name, where it is used. */

function unit(text: string, model = lp64) {
  const result = readTranslationUnit({ path: 'main.c', text }, { model });
  if (!result.ok) throw new Error(`${result.error.severity} ${result.error.code} ${result.error.message}`);
  return result.value.unit;
}

/** The nodes of a kind anywhere in a tree. */
function nodes<T extends Typed | TypedStatement = Typed>(whole: unknown, kind: T['kind']): T[] {
  const found: T[] = [];
  const seen = new Set<unknown>();
  const pending: unknown[] = [whole];
  while (pending.length > 0) {
    const x = pending.pop();
    if (typeof x !== 'object' || x === null || seen.has(x)) continue;
    seen.add(x);
    if ('kind' in x && x.kind === kind && 'range' in x) found.push(x as T);
    for (const [key, value] of Object.entries(x)) if (key !== 'range') pending.push(value);
  }
  return found;
}

/** `severity code message` of why a text is not read; or of the first statement of `f` that is refused. */
function refusal(text: string): string | undefined {
  const result = readTranslationUnit({ path: 'main.c', text }, { model: lp64 });
  if (!result.ok) return `${result.error.severity} ${result.error.code} ${result.error.message}`;
  const bodies = [...result.value.unit.functions.values()].map((f) => f.body);
  const first = nodes<TypedStatement>(bodies, 'unsupported')[0];
  if (first?.kind !== 'unsupported') return undefined;
  return `${first.diagnostic.severity} ${first.diagnostic.code} ${first.diagnostic.message}`;
}

/** The values of the initialiser of `x`. */
const values = (text: string, model = lp64): bigint[] =>
  unit(text, model)
    .globals.find((g) => g.name === 'x')!
    .initializer!.entries.map((e) => constantInteger(e.value)!);

/** The first expression statement of `f`, or the value it returns. */
function expression(text: string): Typed {
  const body = unit(text).functions.get('f')!.body!.statement;
  const first =
    body.kind === 'compound' ? body.items.find((s) => s.kind === 'expression' || s.kind === 'return') : body;
  if (first?.kind === 'expression') return first.expression;
  if (first?.kind === 'return' && first.value) return first.value;
  throw new Error('no expression');
}

describe('attributes', () => {
  // The numbers are what gcc 12 gives on x86-64.
  it('lay types out as gcc does', () => {
    const sizes = (declarations: string, ...of: string[]): bigint[] =>
      values(`#include <stddef.h>\n${declarations}\nunsigned long x[] = { ${of.join(', ')} };`);
    expect(
      sizes(
        'typedef int T __attribute__((aligned(16))); struct s { char c; T x; };',
        'sizeof(struct s)',
        '_Alignof(T)',
      ),
    ).toEqual([32n, 16n]);
    expect(sizes('typedef int T __attribute__((aligned(1))); struct s { char c; T x; };', 'sizeof(struct s)')).toEqual([
      5n,
    ]);
    expect(
      sizes(
        'typedef struct { char a; } S __attribute__((aligned(8))); struct s { char c; S s; };',
        'sizeof(S)',
        'sizeof(struct s)',
        'offsetof(struct s, s)',
      ),
    ).toEqual([1n, 16n, 8n]);
    expect(sizes('typedef unsigned T __attribute__((mode(QI)));', 'sizeof(T)', '(T)300')).toEqual([1n, 44n]);
    expect(sizes('enum __attribute__((packed)) E { A = -1, B = 200 };', 'sizeof(enum E)')).toEqual([2n]);
    expect(sizes('enum E { A, B = 200 } __attribute__((packed));', 'sizeof(enum E)')).toEqual([1n]);
    expect(sizes('_Pragma("pack(1)") struct s { char c; int x; }; _Pragma("pack()")', 'sizeof(struct s)')).toEqual([
      5n,
    ]);
    expect(
      sizes('typedef long V __attribute__((vector_size(16))); struct s { char c; V v; };', 'sizeof(struct s)'),
    ).toEqual([32n]);
  });

  it('that change what runs are refused', () => {
    expect(refusal('__attribute__((constructor)) void c(void) {} int f(void) { return 0; }')).toMatch(
      /^unsupported C0355 the attribute `constructor`/,
    );
    expect(refusal('void g(int *); int f(void) { int x __attribute__((cleanup(g))) = 1; return x; }')).toMatch(
      /^unsupported C0355 the attribute `cleanup`/,
    );
    expect(refusal('struct __attribute__((scalar_storage_order("big-endian"))) s { int x; };')).toMatch(
      /^unsupported C0355/,
    );
  });

  it('on vectors leave everything else in order', () => {
    const vector = 'typedef int V __attribute__((vector_size(16)));\n';
    expect(refusal(`${vector}int f(V a) { return (a + a)[0]; }`)).toBe('unsupported C0353 the type vector of 16 bytes');
    expect(refusal(`${vector}int f(void) { V a = {1, 2, 3, 4}; return 0; }`)).toBe(
      'unsupported C0353 the type vector of 16 bytes',
    );
    expect(refusal(`${vector}V a; int f(void) { return sizeof a; }`)).toBeUndefined();
    expect(refusal(`${vector}V a = {1, 2, 3, 4}; int f(void) { return 0; }`)).toBeUndefined();
    expect(refusal(`${vector}V a = {1, 2, 3, 4}; int f(void) { return *(int *)&a; }`)).toMatch(/^unsupported C0353/);
  });
});

describe('builtins', () => {
  const builtin = (text: string): string => {
    let e = expression(`int f(int a, long b, int *p, long *q, unsigned *u) { return ${text}; }`);
    while (e.kind === 'convert') e = e.operand;
    return e.kind === 'builtin' ? `${e.name} ${e.args.map((a) => formatType(a.type)).join(', ')}` : e.kind;
  };

  it('of overflow keep the types that they compute in', () => {
    expect(builtin('__builtin_add_overflow(a, b, p)')).toBe('add_overflow int, long, int *');
    expect(builtin('__builtin_smul_overflow(a, b, p)')).toBe('mul_overflow int, int, int *');
    expect(builtin('__builtin_usubl_overflow(a, b, (unsigned long *)q)')).toBe(
      'sub_overflow unsigned long, unsigned long, unsigned long *',
    );
    expect(builtin('__builtin_mul_overflow_p(a, a, (char)0)')).toBe('mul_overflow_p int, int, char');
  });

  it('that are not known are refused, not taken for functions', () => {
    expect(refusal('int f(int a) { return __builtin_classify_type(a); }')).toBe(
      'unsupported C0365 the compiler builtin `__builtin_classify_type`',
    );
    expect(refusal('int f(int a) { return __sync_frob(a); }')).toBe(
      'unsupported C0365 the compiler builtin `__sync_frob`',
    );
    expect(refusal('int f(char *a) { return __builtin_strlen(a) + __builtin_abs(-1); }')).toBeUndefined();
    expect(refusal('void f(char *a, char *b) { __builtin___memcpy_chk(a, b, 4, 8); }')).toBeUndefined();
  });

  it('of atomic access are ordinary statements of one thread', () => {
    const body = `__sync_fetch_and_add(p, 1); __atomic_compare_exchange_n(p, p, 2, 0, 5, 5); __atomic_load_n(p, 5);
      atomic_fetch_sub_explicit(a, 1, memory_order_relaxed); return __sync_val_compare_and_swap(p, 1, 2);`;
    expect(refusal(`#include <stdatomic.h>\nint f(int *p, atomic_int *a) { ${body} }`)).toBeUndefined();
    // The sum is computed without overflow: in the unsigned type.
    const sums = nodes(expression('void f(int *p) { __sync_fetch_and_add(p, 1); }'), 'arithmetic');
    expect(sums.map((e) => formatType(e.type))).toEqual(['unsigned int']);
    expect(refusal('void f(int **p) { __sync_fetch_and_add(p, 1); }')).toMatch(
      /^unsupported C0365 an atomic operation/,
    );
  });

  it('of quantification bind a variable', () => {
    expect(builtin('__ESBMC_forall(&a, a > 1 || p[a] == 0)')).toBe('forall int, int');
    expect(refusal('_Bool __ESBMC_exists(void *, _Bool); int f(int *p) { return __ESBMC_exists(p, 1); }')).toMatch(
      /^unsupported C0365/,
    );
  });
});

describe('GNU extensions', () => {
  it('give a union the value of a member', () => {
    const e = expression('union u { long l; int i; }; int f(int x) { return ((union u)x).i; }');
    expect(nodes(e, 'compound-literal')).toHaveLength(1);
    expect(refusal('union u { long l; }; int f(char *x) { (union u)x; return 0; }')).toMatch(/^error C0342/);
  });

  it('compute array sizes where they stand', () => {
    expect(refusal('long f(int n) { return sizeof(int[n]); }')).toBeUndefined();
    expect(expression('long f(int n) { return sizeof(int[n]); }').kind).toBe('convert');
    expect(refusal('int f(int n, void *p) { return ((int (*)[n])p)[1][0]; }')).toBeUndefined();
  });

  it('save and restore macros', () => {
    const text =
      '#define M 1\n#pragma push_macro("M")\n#undef M\n#define M 2\nint y[M];\n#pragma pop_macro("M")\nint x[] = { M };';
    expect(values(text)).toEqual([1n]);
  });
});

describe('names of other verifiers', () => {
  it('have the types of their conventions', () => {
    const typeOf = (call: string): string => formatType(expression(`void f(void *p) { ${call}; }`).type);
    expect(typeOf('nondet_uint8_t()')).toBe('unsigned char');
    expect(typeOf('__VERIFIER_nondet_s64()')).toBe('long');
    expect(typeOf('__VERIFIER_nondet_const_char_pointer()')).toBe('const char *');
    expect(typeOf('__CPROVER_OBJECT_SIZE(p)')).toBe('unsigned long');
    expect(typeOf('nondet_something()')).toBe('int');
  });

  it('that are unknown are refused, contracts are dropped with a warning', () => {
    expect(refusal('int f(int i) { return __ESBMC_alloc[i]; }')).toBe(
      'unsupported C0347 `__ESBMC_alloc`, which another tool gives a meaning of its own',
    );
    const text =
      'int f(int x) __CPROVER_requires(x > 0) __CPROVER_ensures(__CPROVER_return_value) { __ESBMC_requires(x > 0); return 1; }';
    const result = readTranslationUnit({ path: 'main.c', text }, { model: lp64 });
    expect(result.ok && result.value.warnings.map((w) => w.code)).toEqual(['C0367', 'C0367', 'C0367']);
  });
});

describe('headers', () => {
  it('of threads are complete enough for both data models', () => {
    const text = `#include <threads.h>\n#include <pthread.h>\n#include <semaphore.h>\n#include <tgmath.h>
      int run(void *x) { return 0; }
      int f(float y) { thrd_t t; mtx_t m; pthread_barrier_t b; mtx_init(&m, mtx_plain); thrd_create(&t, run, 0);
        pthread_barrier_init(&b, 0, 2); return sizeof sin(y) + thrd_success; }
      unsigned long x[] = { sizeof sin(1), sizeof fmax(1.0f, 2.0f), sizeof(pthread_mutex_t), sizeof(pthread_rwlock_t) };`;
    expect(refusal(text)).toBeUndefined();
    expect(values(text)).toEqual([8n, 4n, 40n, 56n]);
    expect(values(text, ilp32).slice(0, 2)).toEqual([8n, 4n]);
  });
});

describe('the overflow results of ESBMC', () => {
  it('are functions with bodies', () => {
    const text =
      'DEFINE_ESBMC_OVERFLOW_TYPE(int)\nint f(int a) { return __ESBMC_overflow_result_plus(a, 1).overflow; }';
    expect(unit(text).functions.get('__ESBMC_overflow_result_plus')!.body).toBeDefined();
  });

  it('point to no member of the packed structure, and leave out the shift', () => {
    const text = 'DEFINE_ESBMC_OVERFLOW_TYPE(int)\nint f(int a) { return __ESBMC_overflow_result_shl(a, 1).result; }';
    expect(refusal(text)).toBe('unsupported C0365 what ESBMC calls an overflow of a shift');
    const bodies = [...unit(text).functions.values()].map((f) => f.body);
    expect(
      nodes(bodies, 'address').flatMap((e) => (e.kind === 'address' && e.lvalue.kind === 'member' ? [e] : [])),
    ).toEqual([]);
  });
});
