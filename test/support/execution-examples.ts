import { ProgramBuilder } from '../../src/program/builder.ts';
import type { Program, Step } from '../../src/program/program.ts';
import type { Question, Subject, Task } from '../../src/program/question.ts';
import { TermFactory } from '../../src/terms/factory.ts';
import { arraySort, boolSort, intSort } from '../../src/terms/sort.ts';
import type { SymbolTerm, Term } from '../../src/terms/term.ts';

/** Small programs with known answers, built by hand: what the execution engine is tested and measured on. */
export const exampleSubject: Subject = { path: 'example', language: 'c' };

export const task = (program: Program, question: Question): Task => ({
  program,
  question,
  assumptions: [],
  subject: exampleSubject,
});

export const terminates: Question = { kind: 'terminates', text: 'Does it always end?' };

/** All checks of a program hold always. */
export const allChecks = (program: Program): Question => ({
  kind: 'always',
  text: 'Does every check hold?',
  targets: program.checks.map((c) => ({ at: c.at, property: c.property, check: c.id })),
});

const unsigned = (widthBits: number) => ({ low: 0n, high: (1n << BigInt(widthBits)) - 1n });
const signed = (widthBits: number) => ({
  low: -(1n << BigInt(widthBits - 1)),
  high: (1n << BigInt(widthBits - 1)) - 1n,
});

/** `bool f(unsigned x, unsigned y) { return x + y == y + x; }` with a check that it never returns false. */
export function exampleF(widthBits: number): { program: Program; x: SymbolTerm; y: SymbolTerm } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('f');
  const range = unsigned(widthBits);
  const x = p.declare({ name: 'x', role: 'parameter', range }, intSort);
  const y = p.declare({ name: 'y', role: 'parameter', range }, intSort);
  const result = p.declare({ name: 'result', role: 'result' }, boolSort);
  const wrap = (a: Term): Term => t.wrapUnsigned(a, widthBits);
  const done = p.location();
  p.edge(p.entry, done, [{ kind: 'assign', target: result, value: t.equal(wrap(t.add(x, y)), wrap(t.add(y, x))) }]);
  p.edge(done, p.exit, []);
  b.check({ kind: 'result', at: done, property: result, text: 'f returns true', failure: 'f returns false' });
  p.finish();
  return { program: b.build('f'), x, y };
}

/** The exhaustive test of f as a program: two loops over all values of an unsigned type. */
export function exampleExhaustiveTest(widthBits: number): Program {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const range = unsigned(widthBits);
  const top = t.int(range.high);
  const x = p.declare({ name: 'x', role: 'local', range }, intSort);
  const y = p.declare({ name: 'y', role: 'local', range }, intSort);
  const ok = p.declare({ name: 'ok', role: 'temporary', internal: true }, boolSort);
  const wrap = (a: Term): Term => t.wrapUnsigned(a, widthBits);
  const outer = p.location({ loop: { keyword: 'for' } });
  const inner = p.location({ loop: { keyword: 'for' } });
  const tested = p.location();
  const error = p.location();
  const next = p.location();
  const nextX = p.location();
  const assume = (condition: Term): Step => ({ kind: 'assume', condition });
  const assign = (target: SymbolTerm, value: Term): Step => ({ kind: 'assign', target, value });
  p.edge(p.entry, outer, [assign(x, t.int(0))]);
  p.edge(outer, inner, [assign(y, t.int(0))]);
  p.edge(inner, tested, [assign(ok, t.equal(wrap(t.add(x, y)), wrap(t.add(y, x))))]);
  p.edge(tested, error, [assume(t.not(ok))]);
  p.edge(tested, next, [assume(ok)]);
  p.edge(error, next, []);
  p.edge(next, nextX, [assume(t.equal(y, top))]);
  p.edge(next, inner, [assume(t.not(t.equal(y, top))), assign(y, wrap(t.add(y, t.int(1))))]);
  p.edge(nextX, p.exit, [assume(t.equal(x, top))]);
  p.edge(nextX, outer, [assume(t.not(t.equal(x, top))), assign(x, wrap(t.add(x, t.int(1))))]);
  b.event({ at: error, kind: 'print', text: 'Error!\n', args: [] });
  b.check({ kind: 'unreachable', at: error, property: t.false, text: '"Error!" is not printed', failure: 'it is' });
  p.finish();
  return b.build('main');
}

/** `g`: subtract y from x while x > y; with the guard `y > 0` or without it (g2). */
export function exampleG(options: { guarded: boolean; widthBits?: number }): {
  program: Program;
  x: SymbolTerm;
  y: SymbolTerm;
} {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('g');
  const range = options.widthBits === undefined ? {} : { range: signed(options.widthBits) };
  const x = p.declare({ name: 'x', role: 'parameter', ...range }, intSort);
  const y = p.declare({ name: 'y', role: 'parameter', ...range }, intSort);
  const head = p.location({ loop: { keyword: 'while', conditionText: 'x > y' } });
  const body = p.location();
  const assume = (condition: Term): Step => ({ kind: 'assume', condition });
  const positive = t.greater(y, t.int(0));
  if (options.guarded) {
    p.edge(p.entry, head, [assume(positive)]);
    p.edge(p.entry, p.exit, [assume(t.not(positive))]);
  } else p.edge(p.entry, head, []);
  p.edge(head, body, [assume(t.greater(x, y))]);
  p.edge(head, p.exit, [assume(t.not(t.greater(x, y)))]);
  const difference = t.subtract(x, y);
  if (options.widthBits !== undefined) {
    const { low, high } = signed(options.widthBits);
    const property = t.and(t.lessEqual(t.int(low), difference), t.lessEqual(difference, t.int(high)));
    b.check({ kind: 'overflow', at: body, property, text: '`x - y` does not overflow', failure: '`x - y` overflows' });
    p.edge(body, head, [assume(property), { kind: 'assign', target: x, value: difference }]);
  } else p.edge(body, head, [{ kind: 'assign', target: x, value: difference }]);
  p.finish();
  return { program: b.build('g'), x, y };
}

/** Collatz from n >= 1: over an unsigned type that wraps, or over the integers (width 0). */
export function exampleCollatz(widthBits: number): { program: Program; n: SymbolTerm } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('collatz');
  const n = p.declare(
    { name: 'n', role: 'parameter', ...(widthBits > 0 ? { range: unsigned(widthBits) } : {}) },
    intSort,
  );
  const wrap = (a: Term): Term => (widthBits > 0 ? t.wrapUnsigned(a, widthBits) : a);
  const head = p.location({ loop: { keyword: 'while', conditionText: 'n > 1' } });
  const body = p.location();
  const more = t.greater(n, t.int(1));
  const even = t.equal(t.apply(widthBits > 0 ? 'rem' : 'mod', [n, t.int(2)]), t.int(0));
  const half = t.apply(widthBits > 0 ? 'quot' : 'div', [n, t.int(2)]);
  const odd = wrap(t.add(wrap(t.multiply(t.int(3), n)), t.int(1)));
  p.edge(p.entry, head, []);
  p.edge(head, body, [{ kind: 'assume', condition: more }]);
  p.edge(head, p.exit, [{ kind: 'assume', condition: t.not(more) }]);
  p.edge(body, head, [
    { kind: 'assume', condition: even },
    { kind: 'assign', target: n, value: half },
  ]);
  p.edge(body, head, [
    { kind: 'assume', condition: t.not(even) },
    { kind: 'assign', target: n, value: odd },
  ]);
  p.finish();
  return { program: b.build('collatz'), n };
}

/** Recursive Fibonacci on the integers, called with a constant; `sum` holds the result. */
export function exampleFibonacci(argument: number): { program: Program; sum: SymbolTerm } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const f = b.procedure('fib');
  const n = f.declare({ name: 'n', role: 'parameter' }, intSort);
  const r = f.declare({ name: 'result', role: 'result' }, intSort);
  const first = f.declare({ name: 'a', role: 'local' }, intSort);
  const second = f.declare({ name: 'b', role: 'local' }, intSort);
  const small = t.less(n, t.int(2));
  const one = f.location();
  const two = f.location();
  f.edge(f.entry, f.exit, [
    { kind: 'assume', condition: small },
    { kind: 'assign', target: r, value: n },
  ]);
  f.edge(f.entry, one, [{ kind: 'assume', condition: t.not(small) }]);
  f.edge(one, two, [{ kind: 'call', callee: 'fib', args: [t.subtract(n, t.int(1))], results: [first] }]);
  f.edge(two, f.exit, [
    { kind: 'call', callee: 'fib', args: [t.subtract(n, t.int(2))], results: [second] },
    { kind: 'assign', target: r, value: t.add(first, second) },
  ]);
  f.finish();
  const m = b.procedure('main');
  const sum = m.declare({ name: 'sum', role: 'local' }, intSort);
  m.edge(m.entry, m.exit, [{ kind: 'call', callee: 'fib', args: [t.int(argument)], results: [sum] }]);
  m.finish();
  return { program: b.build('main'), sum };
}

/** Fills a[i] = i * i for i below `length`, then adds up the elements. */
export function exampleSquares(length: number): { program: Program; sum: SymbolTerm } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const a = p.declare({ name: 'a', role: 'local' }, arraySort(intSort, intSort));
  const i = p.declare({ name: 'i', role: 'local' }, intSort);
  const sum = p.declare({ name: 'sum', role: 'local' }, intSort);
  const fill = p.location({ loop: { keyword: 'for' } });
  const add = p.location({ loop: { keyword: 'for' } });
  const more = t.less(i, t.int(length));
  p.edge(p.entry, fill, [
    { kind: 'assign', target: i, value: t.int(0) },
    { kind: 'assign', target: sum, value: t.int(0) },
  ]);
  p.edge(fill, fill, [
    { kind: 'assume', condition: more },
    { kind: 'assign', target: a, value: t.apply('store', [a, i, t.multiply(i, i)]) },
    { kind: 'assign', target: i, value: t.add(i, t.int(1)) },
  ]);
  p.edge(fill, add, [
    { kind: 'assume', condition: t.not(more) },
    { kind: 'assign', target: i, value: t.int(0) },
  ]);
  p.edge(add, add, [
    { kind: 'assume', condition: more },
    { kind: 'assign', target: sum, value: t.add(sum, t.apply('select', [a, i])) },
    { kind: 'assign', target: i, value: t.add(i, t.int(1)) },
  ]);
  p.edge(add, p.exit, [{ kind: 'assume', condition: t.not(more) }]);
  p.finish();
  return { program: b.build('main'), sum };
}
