import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { readTranslationUnit } from './translation-unit.ts';
import { lp64 } from './types/data-model.ts';

/** Whatever the text is, the front end reads it or says what is wrong, and where. */

function read(text: string): Diagnostic | undefined {
  const result = readTranslationUnit({ path: 'main.c', text }, { model: lp64, include: () => undefined });
  return result.ok ? undefined : result.error;
}

const samples: readonly string[] = [
  `#include <stdio.h>
#include <stdlib.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))
typedef struct node { int value; struct node *next; unsigned flag : 3; } node;
static node *push(node *head, int value) {
  node *fresh = malloc(sizeof *fresh);
  if (!fresh) abort();
  *fresh = (node){ .value = value, .next = head };
  return fresh;
}
int main(int argc, char **argv) {
  node *list = NULL;
  for (int i = 0; i < MAX(argc, 3); i++) list = push(list, i * 2);
  while (list) { node *next = list->next; printf("%d\\n", list->value); free(list); list = next; }
  return 0;
}
`,
  `extern int __VERIFIER_nondet_int(void);
enum colour { RED, GREEN = 4, BLUE };
union word { unsigned char bytes[4]; unsigned int all; } word = { .bytes = { [0 ... 2] = 7 } };
int table[][2] = { {1, 2}, [3] = {3}, 4, 5 };
int classify(int c) {
  switch (c) {
    case 'a' ... 'z': case '_': return 1;
    case 10: case 0x20: goto blank;
    default: break;
  }
  return 0;
blank:
  return c == ' ' ? 2 : 3;
}
int old(a, b) int a; char *b; { return a + *b; }
void loop(int n) {
  int x = __VERIFIER_nondet_int();
  /*@ loop invariant x >= 0 ==> n > 0; */
  do { x -= n; if (x & 1) continue; x >>= 1; } while (x > 0 && n != 0);
  ({ int y = x; y++; });
  _Static_assert(sizeof(int) == 4, "width");
}
`,
  `#if defined(__GNUC__) && !defined(QUIET)
#define LOG(format, ...) printf(format, ## __VA_ARGS__)
#else
#define LOG(format, ...) ((void)0)
#endif
#pragma pack(push, 1)
struct __attribute__((packed)) header { char tag; long size; } h;
#pragma pack(pop)
double half(double x) { return x * .5e0 + 0x1p-3f; }
int (*handlers[4])(int, char *);
typedef int (*compare)(const void *, const void *);
long f(int n, int a[n], compare c) {
  int local[n + 1];
  typeof(local[0]) *p = &local[n / 2];
  return _Generic(*p, int: 1, default: 2L) + sizeof local + (c ? c(a, p) : ~0) + __builtin_popcount(n);
}
`,
];

/** Pieces that upset parsers. */
const pieces = [
  ...'{}()[];,*&=#@\\"\'.?:<>+-/%^|~!',
  ...['##', '/*', '*/', '//', '\n#define X(a) a##a\n', '\n#if ', '\n#endif\n', '\n#include ', '...', '->', '({', '})'],
  ...['0x', '1e', '08', '99999999999999999999', 'u8"', "L'", "'ab'", '"\\xff"', '\\\n', '%:', '\0', 'é', '∀'],
  ...['int ', 'struct ', 'union ', 'enum ', 'typedef ', 'static ', 'extern ', 'void ', 'long ', 'const ', 'inline '],
  ...['sizeof ', 'if (', 'else ', 'while (', 'do ', 'for (', 'switch (', 'case ', 'default:', 'goto ', 'return '],
  ...['__attribute__((', '_Generic(', 'typeof(', 'asm(', '__label__ ', '&&', '_Alignas(', '_BitInt(', '_Complex '],
  ...['__builtin_offsetof(', '__builtin_va_arg(', '__builtin_add_overflow(', '__ESBMC_forall(', '_Static_assert('],
  ...['/*@ loop invariant ', '__CPROVER_requires(', '#pragma pack(', '_Pragma("', '_Atomic(', '__auto_type ', '[*]'],
];

const place = fc.nat({ max: 4000 });
const change = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('insert' as const), at: place, text: fc.constantFrom(...pieces) }),
  fc.record({ kind: fc.constant('remove' as const), at: place, length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    kind: fc.constant('repeat' as const),
    at: place,
    length: fc.integer({ min: 1, max: 60 }),
    times: fc.nat(4),
  }),
  fc.record({
    kind: fc.constant('splice' as const),
    at: place,
    from: fc.constantFrom(...samples),
    start: place,
    length: fc.nat(200),
  }),
);

function changed(text: string, changes: readonly (typeof change extends fc.Arbitrary<infer T> ? T : never)[]): string {
  let result = text;
  for (const c of changes) {
    const at = c.at % (result.length + 1);
    const [front, back] = [result.slice(0, at), result.slice(at)];
    if (c.kind === 'cut') result = front;
    else if (c.kind === 'insert') result = front + c.text + back;
    else if (c.kind === 'remove') result = front + back.slice(c.length);
    else if (c.kind === 'repeat') result = front + back.slice(0, c.length).repeat(c.times) + back;
    else result = front + c.from.slice(c.start % c.from.length).slice(0, c.length) + back;
  }
  return result;
}

describe('any text', () => {
  it('is read as it stands', () => {
    for (const sample of samples) expect(read(sample)).toBeUndefined();
  });

  it('is read, or its diagnostic says where and what', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }), (sample, changes) => {
        const problem = read(changed(sample, changes));
        if (!problem) return;
        expect(problem.code).toMatch(/^C0\d{3}$/);
        expect(problem.message).toMatch(/\S/);
        // Only a file that is no text at all has no place to point at.
        if (problem.code !== 'C0100') expect(problem.span?.start.line).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });
});

describe('long texts', () => {
  const many = (count: number, item: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => item(i)).join('');

  it('of many lines are read', { timeout: 120_000 }, () => {
    const functions = many(3000, (i) => `int f${i}(int x) {\n  if (x > ${i})\n    return x + ${i};\n  return x;\n}\n`);
    expect(read(functions)).toBeUndefined();
    expect(read(`int table[] = {\n${many(50_000, (i) => `${i},\n`)}};`)).toBeUndefined();
    expect(
      read(`struct p { int x; char *n; } t[] = {\n${many(5000, (i) => `{ .x = ${i}, "n" },\n`)}};`),
    ).toBeUndefined();
    expect(
      read(`int f(int x) { switch (x) { ${many(10_000, (i) => `case ${i}: return ${i};`)} } return 0; }`),
    ).toBeUndefined();
    expect(read(many(10_000, (i) => `g${i}() { return h${i}(); }\n`))).toBeUndefined();
  });

  it('of labels in a row are read', () => {
    expect(read(`int f(int x) { switch (x) { ${many(2000, (i) => `case ${i}: `)} x++; } return x; }`)).toBeUndefined();
    expect(read(`int f(int x) { ${many(2000, (i) => `l${i}: `)} return x; }`)).toBeUndefined();
    expect(read('int f(int x) { switch (x) case 1: case 2: default: x++; return x; }')).toBeUndefined();
    expect(read('int f(int x) { if (x) a: b: x++; else goto a; c: }')).toBeUndefined();
  });

  it('that are nested too deeply are not modelled, which is no mistake', () => {
    const n = 20_000;
    const deep = [
      `int x = ${'('.repeat(n)}1${')'.repeat(n)};`,
      `int f(int x) { return ${many(n, () => 'f(')}x${')'.repeat(n)}; }`,
      `int f(int *x) { return ${many(n, () => 'x[')}0${']'.repeat(n)}; }`,
      `int f(int x) { return ${many(n, (i) => `x == ${i} ? ${i} : `)} 0; }`,
      `int x${'[1]'.repeat(n)};`,
      `int x; ${'typeof('.repeat(n)}x${')'.repeat(n)} y;`,
      `void ${'(*'.repeat(n)}f${')(void)'.repeat(n)};`,
      `${'struct { '.repeat(n)} int x; ${'};'.repeat(n)}`,
      `int f(int x) { ${'do '.repeat(n)} ; ${'while (x);'.repeat(n)} return x; }`,
      `int x[] = ${'{'.repeat(n)}1${'}'.repeat(n)};`,
      `#if ${'('.repeat(n)}1${')'.repeat(n)}\n#endif\n`,
    ];
    expect(deep.map((text) => read(text)?.severity)).toEqual(deep.map(() => 'unsupported'));
  });

  it('may be nested as deeply as C asks for', () => {
    const n = 300;
    expect(read(`int f(int x) { return ${'('.repeat(n)}x${')'.repeat(n)}; }`)).toBeUndefined();
    expect(read(`int f(int x) { return ${'f('.repeat(n)}x${')'.repeat(n)}; }`)).toBeUndefined();
    expect(read(`int f(int x) { ${'{ if (x) '.repeat(n / 3)} ; ${'}'.repeat(n / 3)} return x; }`)).toBeUndefined();
  });
});
