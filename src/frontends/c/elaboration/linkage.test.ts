import { describe, expect, it } from 'vitest';
import { readProgram } from '../translation-unit.ts';
import { formatType } from '../types/ctype.ts';
import { lp64 } from '../types/data-model.ts';

/** Several translation units: what they share, what they keep apart, and what contradicts itself. */

const header = `struct node { int value; struct node *next; };
typedef struct { int x, y; } point;
enum colour { RED, GREEN };
static inline int twice(int x) { return 2 * x; }
int total(struct node *list);
point middle(point a, point b, enum colour c);
extern int counter;
`;

function link(...texts: string[]) {
  const sources = texts.map((text, i) => ({ path: `${'abc'[i]}.c`, text }));
  return readProgram(sources, {
    model: lp64,
    include: (name) => (name === 'h.h' ? { path: 'h.h', text: header } : undefined),
  });
}

function linked(...texts: string[]) {
  const result = link(...texts);
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value;
}

/** `severity code file:line message (hint)`. */
function problem(...texts: string[]): string {
  const result = link(...texts);
  if (result.ok) return 'ok';
  const { severity, code, message, hint, span } = result.error;
  return `${severity} ${code} ${span?.path}:${span?.start.line} ${message} (${hint ?? ''})`;
}

describe('translation units', () => {
  it('share functions, variables and types', () => {
    const { unit, sources, warnings } = linked(
      '#include "h.h"\nint counter = 3;\nint total(struct node *list) { counter++; return list->value + twice(1); }',
      '#include "h.h"\npoint middle(point a, point b, enum colour c) { return c ? a : b; }\nint main(void) { struct node n = {1, 0}; return total(&n) + counter + twice(2); }',
    );
    expect(warnings).toEqual([]);
    expect(sources.map((s) => s.path)).toEqual(['a.c', 'b.c', 'h.h']);
    expect([...unit.functions.values()].filter((f) => f.body).map((f) => f.name)).toEqual([
      'twice.a',
      'total',
      'middle',
      'twice.b',
      'main',
    ]);
    const counter = unit.globals.filter((g) => g.name === 'counter');
    expect(counter.map((g) => [g.external, g.initializer !== undefined])).toEqual([[false, true]]);
    // The structure that `total` takes is the one that main has.
    const total = unit.functions.get('total')!;
    const [parameter] = total.body!.parameters;
    const main = unit.functions.get('main')!.body!.statement;
    const declared = main.kind === 'compound' ? main.items[0] : undefined;
    const to = parameter!.type.kind === 'pointer' ? parameter!.type.to : undefined;
    expect(to?.kind).toBe('record');
    expect(
      declared?.kind === 'declare' && declared.variable.type.kind === 'record' && declared.variable.type.info,
    ).toBe(to?.kind === 'record' && to.info);
  });

  it('complete each other, whatever the order', () => {
    const user = 'extern int table[]; int size(void); int main(void) { return table[size() - 1]; }';
    const owner = 'int table[4] = {1, 2}; int size(void) { return 4; }';
    for (const texts of [
      [user, owner],
      [owner, user],
    ]) {
      const { unit } = linked(...texts);
      expect(unit.functions.get('size')!.body).toBeDefined();
      const table = unit.globals.filter((g) => g.name === 'table');
      expect(table.map((g) => formatType(g.type))).toEqual(['int[4]']);
    }
  });

  it('keep apart what is static, and their own types', () => {
    const { unit } = linked(
      'struct s { int a; }; static int count; static int step(void) { struct s x = {1}; return ++count + x.a; } int a(void) { return step(); }',
      'struct s { char b[9]; }; static int count; static int step(void) { struct s x = {{1}}; return --count + x.b[0]; } int b(void) { return step(); }',
    );
    expect([...unit.functions.keys()].filter((name) => name.startsWith('step'))).toEqual(['step.a', 'step.b']);
    expect(unit.globals.filter((g) => g.name === 'count')).toHaveLength(2);
  });

  it('name both places of a contradiction', () => {
    expect(problem('int f(void) { return 1; }', '\nint f(void) { return 2; }')).toBe(
      'error C0382 b.c:2 the function `f` is defined twice (the other is in a.c, line 1)',
    );
    expect(problem('\nint x = 1;', 'int x = 1;')).toBe(
      'error C0382 b.c:1 `x` is defined twice (the other is in a.c, line 2)',
    );
    expect(problem('int x;', 'int x;')).toBe(
      'error C0382 b.c:1 `x` is defined in two files (the other is in a.c, line 1)',
    );
    expect(problem('int f(int);', 'long f(int x) { return x; }')).toBe(
      'error C0383 b.c:1 `f` is declared with different types: int (int) and long (int) (the other is in a.c, line 1)',
    );
    expect(problem('extern long x;', 'int x;')).toMatch(
      /^error C0383 b\.c:1 `x` is declared with different types: long and int/,
    );
    expect(problem('int f;', 'int f(void) { return 0; }')).toMatch(
      /^error C0383 b\.c:1 `f` is a function here and a variable/,
    );
    expect(problem('int f(void) { return 0; }', 'int f;')).toMatch(
      /^error C0383 b\.c:1 `f` is a variable here and a function/,
    );
    expect(problem('double f(double x) { return x; }', 'int main(void) { return f(1); }')).toMatch(
      /^error C0383 b\.c:1 `f` is called without a declaration, but returns double/,
    );
    expect(problem('int main(void) { return f(1); }', 'double f(double x) { return x; }')).toMatch(
      /^error C0383 b\.c:1/,
    );
    expect(problem('int f(void) { return 1; }', 'int f(void) {')).toMatch(/^error C0201 b\.c:1/);
  });

  it('may call without a declaration what returns int', () => {
    const { unit, warnings } = linked('int main(void) { return f(1); }', 'int f(int x) { return x; }');
    expect(warnings.map((w) => w.code)).toEqual(['C0363']);
    expect(unit.functions.get('f')!.body).toBeDefined();
    expect(linked('int f(int x) { return x; }', 'int main(void) { return f(1); }').warnings.map((w) => w.code)).toEqual(
      ['C0363'],
    );
  });

  it('with the same type defined twice over are not modelled, which is no mistake', () => {
    const a = 'typedef struct { int x; } t; int f(t *p) { return p->x; }';
    expect(problem(a, 'typedef struct { int x; } t; int f(t *p); int main(void) { t v = {1}; return f(&v); }')).toMatch(
      /^unsupported C0387 b\.c:1/,
    );
  });

  it('replace functions of the library', () => {
    const { unit } = linked(
      '#include <string.h>\nunsigned long f(char *s) { return strlen(s); }',
      'unsigned long strlen(const char *s) { return 7; }',
    );
    expect(unit.functions.get('strlen')!.library).toBe(false);
    expect([...unit.functions.values()].filter((s) => s.name.startsWith('strlen'))).toHaveLength(1);
  });
});
