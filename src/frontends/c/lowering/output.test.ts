import { describe, expect, it } from 'vitest';
import type { CheckKind } from '../../../program/program.ts';
import { freeSymbols } from '../../../terms/traversal.ts';
import { cFrontEnd } from '../front-end.ts';
import { runInterpreted } from '../testing/interpreted-run.ts';

const checks: readonly CheckKind[] = ['assertion', 'overflow', 'pointer', 'bounds'];

function read(body: string, before = '') {
  const text = `#include <stdio.h>\n#include <stdarg.h>\n${before}\nint f(int x) { ${body} }`;
  return cFrontEnd.read([{ path: 'f.c', text }], {
    question: 'check',
    functionName: 'f',
    options: { integers: 'c', dataModel: 'lp64', checks: new Set(checks), include: () => undefined },
  });
}

function task(body: string, before = '') {
  const reading = read(body, before);
  if (!reading.ok) throw new Error(reading.error.map((d) => d.message).join('\n'));
  return reading.value.tasks[0]!;
}

function value(body: string, x = 0n, before = ''): bigint | string | undefined {
  const run = runInterpreted(task(body, before).program, [x]);
  if (run === 'out-of-steps') return run;
  return run.failure ?? run.returned;
}

const refusal = (body: string): string => {
  const reading = read(body);
  return reading.ok ? 'none' : reading.error.map((d) => d.code).join();
};

describe('what printf and its like return', () => {
  it('is the number of characters', () => {
    expect(value('return printf("%d|%5s|%%", x, "ab");', -42n)).toBe(11n);
    expect(value('return fprintf(stderr, "%#x", x);', 255n)).toBe(4n);
    expect(value('const char *how = x ? "%d" : "[%i]"; return printf(how, x);', 0n)).toBe(3n);
    expect(value('int n = 0; printf("abc%n\\n", &n); return n;')).toBe(3n);
    expect(value('char *s; return asprintf(&s, "%03d", x) + s[2];', 7n)).toBe(58n);
  });

  it('says what is taken for granted', () => {
    const texts = (body: string): string[] => task(body).assumptions.map((a) => a.text);
    expect(texts('return printf("%d", x);').join()).toContain('output succeeds');
    expect(texts('printf("%d", x); return 0;')).toEqual([]);
    expect(texts('return printf("%d", &x);').join()).toContain('undefined in C');
    expect(texts('return printf("%f", 1.0 * x);').join()).toContain('not computed');
  });
});

describe('what printf and its like are given', () => {
  it('must be strings where strings are read', () => {
    expect(value('char s[2] = { 65, 66 }; printf("%s", s); return 0;')).toMatch(/reads where it must not/);
    expect(value('char s[2] = { 65, 66 }; printf("%.2s", s); return 0;')).toBe(0n);
    expect(value('char s[2] = { 65, 66 }; puts(s); return 0;')).toMatch(/reads where it must not/);
    expect(value('char s[3]; sprintf(s, "%d", x); return 0;', 100n)).toMatch(/writes where it must not/);
    expect(value('char s[3]; return snprintf(s, 3, "%d", x);', 100n)).toBe(3n);
  });

  it('is refused where it is of another kind', () => {
    expect(refusal('printf("%d", 1.5); return 0;')).toBe('C0611');
    expect(refusal('printf("%s", x); return 0;')).toBe('C0611');
    expect(refusal('printf("%d %d", x); return 0;')).toBe('C0611');
  });

  it('is there', () => {
    const wrap = 'int w(const char *s, ...) { va_list l; va_start(l, s); int n = vprintf(s, l); va_end(l); return n; }';
    expect(value('return w("%d-%s", x, "abc");', 12n, wrap)).toBe(6n);
    expect(value('return w("%d-%d", x);', 12n, wrap)).toMatch(/argument/);
    expect(value('return w("%q", x);', 12n, wrap)).toMatch(/conversion that does not exist/);
  });

  it('is an event with an unknown text where it is not known', () => {
    const events = (body: string): string[] =>
      task(body).program.events.flatMap((e) => (e.kind === 'print' ? [e.text] : []));
    expect(events('const char *how = x ? "a" : "b"; printf(how); return 0;')).toEqual(['%s']);
    expect(events('FILE *out = x ? stdout : stderr; fprintf(out, "hello"); return 0;')).toEqual(['%s']);
    expect(events('char b[9]; sprintf(b, "hello"); return 0;')).toEqual([]);
  });
});

describe('what scanf reads', () => {
  it('may not fit its object, unless its width sees to that', () => {
    const kinds = (body: string): CheckKind[] => task(body).program.checks.map((c) => c.kind);
    expect(kinds('return scanf("%d", &x);')).toContain('overflow');
    expect(kinds('return scanf("%13d", &x);')).toContain('overflow');
    expect(kinds('return scanf("%9d", &x);').filter((kind) => kind === 'overflow')).toHaveLength(
      kinds('return scanf("%*d");').filter((kind) => kind === 'overflow').length + 1,
    );
  });
});

describe('output', () => {
  it('to the standard streams by name is an event with its text', () => {
    const texts = (body: string): string[] =>
      task(body)
        .program.events.filter((e) => e.kind === 'print')
        .map((e) => e.text);
    expect(texts('fprintf(stderr, "a%d", x); fputs("b", stdout); return 0;')).toEqual(['a%d', 'b']);
  });
});

describe('another locale', () => {
  it('compares texts in its own way', () => {
    const sets = (body: string): boolean =>
      [...task(body, '#include <string.h>\n#include <locale.h>').program.procedures.values()]
        .flatMap((p) => p.edges.flatMap((e) => e.steps))
        .some(
          (step) => step.kind === 'assume' && freeSymbols([step.condition]).some((s) => s.name === '__tertium_locale'),
        );
    expect(sets('char s[9]; if (x) setlocale(LC_ALL, "cs_CZ"); return strxfrm(s, "ab", 9);')).toBe(true);
    expect(sets('if (x) setlocale(LC_ALL, "cs_CZ"); return strcoll("a", "b");')).toBe(true);
    expect(sets('if (x) setlocale(LC_ALL, "cs_CZ"); return 0;')).toBe(false);
  });
});
