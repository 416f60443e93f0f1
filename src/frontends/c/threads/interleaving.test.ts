import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckKind, Program } from '../../../program/program.ts';
import type { Task } from '../../../program/question.ts';
import { cFrontEnd } from '../front-end.ts';
import { lowerFunction } from '../lowering/program.ts';
import { readProgram } from '../translation-unit.ts';
import { lp64 } from '../types/data-model.ts';
import { explore } from './testing/explored.ts';
import { outcomes, type Statement, textOf } from './testing/simulator.ts';

function read(text: string, checks: readonly CheckKind[] = ['assertion'], question: 'check' | 'terminates' = 'check') {
  return cFrontEnd.read([{ path: 'a.c', text }], {
    question,
    options: { integers: 'c', dataModel: 'lp64', checks: new Set(checks), include: () => undefined },
  });
}

function lower(text: string, checks: readonly CheckKind[] = ['assertion']): Task {
  const result = read(text, checks);
  if (!result.ok) throw new Error(result.error.map((d) => d.message).join('; '));
  return result.value.tasks[0]!;
}

/** The same, with the product in its smaller form. */
function lowerSmall(text: string): Program {
  const unit = readProgram([{ path: 'a.c', text }], { model: lp64, include: () => undefined });
  if (!unit.ok) throw new Error(unit.error.message);
  const { functions } = unit.value.unit;
  const checks = new Set<CheckKind>(['assertion']);
  const options = { integers: 'c', checks, allocation: 'may-fail', productEdges: 0 } as const;
  const lowered = lowerFunction(unit.value.unit, functions.get('main')!, options);
  if (!lowered.ok) throw new Error(lowered.error.map((d) => d.message).join('; '));
  return lowered.value.program;
}

const outcomesOf = (text: string): bigint[] => [...explore(lower(text).program).results].sort();

/** Threads `a` and `b`, started and joined by main, which then returns `x`. */
const two = (a: string, b: string, globals = ''): string => `#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
int x, y, flag0, flag1, turn;
${globals}
void *ta(void *unused) { ${a} return 0; }
void *tb(void *unused) { ${b} return 0; }
int main(void) {
  pthread_t a, b;
  pthread_create(&a, 0, ta, 0);
  pthread_create(&b, 0, tb, 0);
  pthread_join(a, 0);
  pthread_join(b, 0);
  return x;
}
`;

const variable = fc.nat({ max: 2 });
const plain: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ kind: fc.constant('copy' as const), to: variable, from: variable, plus: fc.nat({ max: 2 }) }),
  fc.record({ kind: fc.constant('increment' as const), to: variable }),
  fc.record({
    kind: fc.constant('if' as const),
    looked: variable,
    equals: fc.nat({ max: 2 }),
    to: variable,
    value: fc.nat({ max: 3 }),
  }),
);
const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 3, arbitrary: plain },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('locked' as const, 'atomic' as const),
      body: fc.array(plain, { minLength: 1, maxLength: 2 }),
    }),
  },
);
const body = fc.array(statement, { minLength: 1, maxLength: 3 });

describe('threads', () => {
  it('compute what some interleaving of single steps computes, and all of that', () => {
    fc.assert(
      fc.property(body, body, (a, b) => {
        const threads = [a, b];
        const expected = [...outcomes(threads)].sort();
        expect(outcomesOf(textOf(threads))).toEqual(expected);
        expect([...explore(lowerSmall(textOf(threads))).results].sort()).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('lose updates, unless a lock, an atomic operation or an atomic section keeps them', () => {
    expect(outcomesOf(two('x++;', 'x++;'))).toEqual([1n, 2n]);
    const mutex = 'pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;';
    const locked = 'pthread_mutex_lock(&m); x++; pthread_mutex_unlock(&m);';
    expect(outcomesOf(two(locked, locked, mutex))).toEqual([2n]);
    expect(outcomesOf(two(locked, 'x++;', mutex))).toEqual([1n, 2n]);
    expect(outcomesOf(two('__sync_fetch_and_add(&x, 1);', '__sync_fetch_and_add(&x, 1);'))).toEqual([2n]);
    expect(outcomesOf(two('z++; x = z;', 'z += 2;', '_Atomic int z;'))).toEqual([1n, 3n]);
    const atomic = '__VERIFIER_atomic_add();';
    const add = 'void __VERIFIER_atomic_add(void) { x = x + 1; }';
    expect(outcomesOf(two(atomic, atomic, add))).toEqual([2n]);
  });

  it('read an atomic variable and write it in two steps where the program does', () => {
    expect(outcomesOf(two('z = z + 1; x = z;', 'z = 5;', '_Atomic int z;'))).toEqual([1n, 5n, 6n]);
  });

  it('wait for locks, semaphores and each other', () => {
    const order = two('sem_wait(&s); x = x * 2;', 'x = 5; sem_post(&s);', 'sem_t s;');
    expect(outcomesOf(order)).toEqual([10n]);
    const never = two('sem_wait(&s); x = 1;', 'sem_wait(&s); x = 2;', 'sem_t s;');
    expect(outcomesOf(never)).toEqual([]);
    const joined = `#include <pthread.h>
int x;
void *t(void *p) { *(int *)p = 3; pthread_exit(p); }
int main(void) {
  pthread_t a; void *r; int mine = 0;
  pthread_create(&a, 0, t, &mine);
  pthread_join(a, &r);
  return *(int *)r + mine;
}`;
    expect(outcomesOf(joined)).toEqual([6n]);
  });

  it('get their turn before a loop without an end, and before the program ends', () => {
    const text = (rest: string): string => `#include <pthread.h>
int x;
void *t(void *p) { x = 1; ${rest} return 0; }
int main(void) { pthread_t a; pthread_create(&a, 0, t, 0); return x; }`;
    expect(outcomesOf(text('for (;;) ;'))).toEqual([0n, 1n]);
    const exits = `#include <pthread.h>
int x, y;
void *t(void *p) { if (x) y = 1; return 0; }
int main(void) { pthread_t a; pthread_create(&a, 0, t, 0); x = 1; return y; }`;
    expect(outcomesOf(exits)).toEqual([0n, 1n]);
  });

  it('look at what others do in loops, and keep what they count there', () => {
    const enter = (own: string, other: string, turn: number): string =>
      `${own} = 1; turn = ${turn}; while (${other} && turn == ${turn}) ; y++; if (y != 1) x = 1; y--; ${own} = 0;`;
    expect(outcomesOf(two(enter('flag0', 'flag1', 1), enter('flag1', 'flag0', 0)))).toEqual([0n]);
    const late = (own: string, other: string): string =>
      `while (${other}) ; ${own} = 1; y++; if (y != 1) x = 1; y--; ${own} = 0;`;
    expect(outcomesOf(two(late('flag0', 'flag1'), late('flag1', 'flag0')))).toEqual([0n, 1n]);
    const counts = 'int n = 0; while (!flag1 && n < 2) n++; x = n;';
    expect(outcomesOf(two(counts, 'flag1 = 1;'))).toEqual([0n, 1n, 2n]);
    const changes = 'while (!flag1) turn = 1;';
    expect(outcomesOf(two(changes, 'if (turn) x = 7; flag1 = 1;'))).toEqual([0n, 7n]);
  });

  it('may fail after what another thread did before it failed itself', () => {
    const text = two('x = 1; __VERIFIER_assert(0);', 'if (x == 1) __VERIFIER_assert(0);');
    const { program } = lower(text);
    const { reached } = explore(program);
    expect(program.checks).toHaveLength(2);
    for (const check of program.checks) expect(reached.has(check.at)).toBe(true);
  });

  it('race where two use the same memory and one changes it, not under a lock', () => {
    const races = (text: string): boolean => {
      const { program } = lower(text, ['race']);
      const { reached } = explore(program);
      return program.checks.some((c) => c.kind === 'race' && reached.has(c.at));
    };
    expect(races(two('x = 1;', 'y = 1;'))).toBe(false);
    expect(races(two('y = x;', 'flag0 = x;'))).toBe(false);
    expect(races(two('x = 1;', 'y = x;'))).toBe(true);
    expect(races(two('z = 1;', 'y = z;', '_Atomic int z;'))).toBe(false);
    const mutex = 'pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;';
    const locked = 'pthread_mutex_lock(&m); x++; pthread_mutex_unlock(&m);';
    expect(races(two(locked, locked, mutex))).toBe(false);
    expect(races(two(locked, 'x++;', mutex))).toBe(true);
    // What C does not evaluate is not used.
    expect(races(two('if (turn && x) y = 1;', 'x = 2;'))).toBe(false);
    expect(races(two('if (!turn && x) y = 1;', 'x = 2;'))).toBe(true);
  });

  it('give up by name', () => {
    const reason = (text: string): string => {
      const result = read(text);
      return result.ok ? 'none' : result.error.map((d) => d.code).join(' ');
    };
    const start = 'pthread_create(&a, 0, t, 0);';
    const program = (main: string, globals = '', work = ''): string => `#include <pthread.h>
int x; ${globals}
void *t(void *p) { ${work} x++; return 0; }
int main(void) { pthread_t a; ${main} return 0; }`;
    expect(reason(program(start))).toBe('none');
    expect(reason(program(`while (x < 5) ${start}`))).toBe('C0644');
    expect(reason(program(start, '_Thread_local int own;', 'own = 1;'))).toBe('C0641');
    expect(reason(program(start, 'int f(int n) { return n ? f(n - 1) : x; }', 'f(x);'))).toBe('C0643');
    expect(reason(program(start, '', 'if (x) __VERIFIER_atomic_begin();'))).toBe('C0645');
    const ends = read(program(start), ['assertion'], 'terminates');
    expect(ends.ok ? 'none' : ends.error.map((d) => d.code).join(' ')).toBe('C0646');
  });
});
