import { describe, expect, it } from 'vitest';
import type { CheckKind } from '../../../program/program.ts';
import { cFrontEnd } from '../front-end.ts';
import { readTranslationUnit } from '../translation-unit.ts';
import { ilp32, lp64 } from '../types/data-model.ts';

function unit(text: string, model = lp64) {
  const result = readTranslationUnit({ path: 'main.c', text }, { model });
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value.unit;
}

/** Where the body of a function comes from. */
function bodyOf(text: string, name: string, model = lp64): string | undefined {
  return unit(text, model).functions.get(name)?.body?.range.file.path;
}

function task(text: string) {
  const checks = new Set<CheckKind>(['assertion', 'overflow', 'division', 'bounds']);
  const result = cFrontEnd.read([{ path: 'main.c', text }], {
    question: 'check',
    options: { integers: 'c', dataModel: 'lp64', checks, include: () => undefined },
  });
  if (!result.ok) throw new Error(result.error.map((e) => e.message).join());
  return result.value.tasks[0]!;
}

describe('library functions without a body of their own', () => {
  it('get our model when the program uses them', () => {
    for (const model of [lp64, ilp32]) {
      const text = '#include <string.h>\nint f(char *a) { return strlen(a) == 3; }';
      expect(bodyOf(text, 'strlen', model)).toBe('<library>');
      expect(bodyOf(text, 'strcpy', model)).toBeUndefined();
    }
    expect(bodyOf('unsigned long strlen(const char *); int f(char *a) { return strlen(a); }', 'strlen')).toBe(
      '<library>',
    );
    expect(bodyOf('int f(char *a) { return strlen(a); }', 'strlen')).toBe('<library>');
    expect(bodyOf('int f(char *a, char *b) { return __builtin_strcmp(a, b); }', 'strcmp')).toBe('<library>');
    expect(bodyOf('#include <stdlib.h>\nvoid *f(void) { return (void *)atoi; }', 'atoi')).toBe('<library>');
  });

  it('keep what the program defines, and types that are not the library’s', () => {
    expect(bodyOf('int strlen(int x) { return x; } int f(void) { return strlen(3); }', 'strlen')).toBe('main.c');
    expect(bodyOf('int memchr(int); int f(void) { return memchr(3); }', 'memchr')).toBeUndefined();
    expect(bodyOf('int div(int, int); int f(void) { return div(3, 2); }', 'div')).toBeUndefined();
    // Our names do not meet the program's.
    const own =
      'typedef char size_t; int wchar_t; char *malloc; char *strdup(const char *); char *f(char *a) { return strdup(a); }';
    expect(bodyOf(own, 'strdup')).toBe('<library>');
  });

  it('use the program’s own variables of the library', () => {
    const { globals } = unit(
      '#include <errno.h>\n#include <stdlib.h>\nint f(char *s) { atol(s); strtol(s, 0, 3); return errno; }',
    );
    expect(globals.filter((g) => g.name === 'errno').map((g) => g.external)).toEqual([false]);
    const streams = unit('struct _IO_FILE; extern struct _IO_FILE *stdin; int f(void) { return stdin != 0; }').globals;
    expect(streams.find((g) => g.name === 'stdin')?.initializer).toBeDefined();
  });

  it('fail where the program calls them', () => {
    const { program, assumptions } = task('#include <stdlib.h>\nint main(void) {\n  return lldiv(9, 0).quot;\n}\n');
    const check = program.checks.find((c) => c.kind === 'division')!;
    expect(check.failure).toBe('in `lldiv`, `a / b` divides by 0');
    expect([check.origin?.path, check.origin?.start.line]).toEqual(['main.c', 3]);
    const inside = program.procedures.get('main')!;
    for (const edge of inside.edges) expect(edge.origin?.path).toBe('main.c');
    for (const location of inside.locations.values()) expect(location.origin?.path ?? 'main.c').toBe('main.c');
    expect(assumptions).toEqual([]);
  });
});

describe('calls with formats', () => {
  const called = (text: string): string[] =>
    [...unit(`#include <stdio.h>\n${text}`).functions.values()]
      .filter((f) => f.body?.range.file.path === '<library>' && /^__tertium_(?:\w+_\d+|printed)$/.test(f.name))
      .map((f) => f.name);

  it('become calls of a function for this format, once for each', () => {
    expect(called('int f(int *p) { return scanf("%d", p) + scanf("%d", p + 1) + scanf("%x", p); }')).toEqual([
      '__tertium_scanf_1',
      '__tertium_scanf_2',
    ]);
    expect(called('int f(char *b, int *p) { return scanf("%d %7s", p, b); }')).toEqual(['__tertium_scanf_1']);
  });

  it('stay as they are when the format is not followed', () => {
    expect(called('int f(int *p, const char *how) { return scanf(how, p); }')).toEqual([]);
    expect(called('int f(void) { return scanf("%d"); }')).toEqual([]);
    expect(called('int f(long double *d) { return scanf("%Lg", d); }')).toEqual([]);
    expect(called('int f(int *p) { return scanf("%d", p); } int scanf(const char *f, ...) { return 0; }')).toEqual([]);
  });
});
