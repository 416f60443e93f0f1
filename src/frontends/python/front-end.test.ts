import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import type { FrontEndRequest } from '../../program/front-end.ts';
import { type CheckKind, isFlat } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { formatTerm } from '../../terms/print.ts';
import { pythonFrontEnd } from './front-end.ts';
import { pythonStart } from './replay.ts';
import { interpret, interpretCall } from './testing/interpret.ts';
import { oracle, pythonIsHere } from './testing/oracle.ts';
import { randomCalls, randomPrograms } from './testing/random-programs.ts';
import { snippets } from './testing/snippets.ts';

const options = {
  integers: 'math',
  dataModel: 'lp64',
  checks: pythonFrontEnd.defaultChecks,
  include: () => undefined,
} as const;

const read = (text: string, request: Partial<FrontEndRequest> = {}) =>
  pythonFrontEnd.read([{ path: 'a.py', text }], { question: 'check', options, ...request });

function tasksOf(text: string, request: Partial<FrontEndRequest> = {}): readonly Task[] {
  const result = read(text, request);
  if (!result.ok) throw new Error(result.error.map((d) => formatDiagnostic(d)).join('\n'));
  return result.value.tasks;
}

const messages = (text: string, request: Partial<FrontEndRequest> = {}): string[] => {
  const result = read(text, request);
  return (result.ok ? result.value.warnings : result.error).map((d) => formatDiagnostic(d));
};

const assumptions = (text: string, request: Partial<FrontEndRequest> = {}): string[] =>
  tasksOf(text, request)[0]!.assumptions.map((a) => a.text);

const g = `def g(x, y):
   assert isinstance(x, int) and isinstance(y, int)
   if y > 0:
      while x > y:
         # invariant: y > 0
         #@ loop variant x
         x = x - y
`;

describe('a function over integers', () => {
  it('becomes a loop over its parameters alone', () => {
    const [task] = tasksOf(g, { question: 'terminates' });
    const { program } = task!;
    expect(isFlat(program)).toBe(true);
    const main = program.procedures.get(program.main)!;
    expect(main.params.map((p) => p.name)).toEqual(['x', 'y']);
    expect(main.locals).toEqual([]);
    const head = [...main.locations.values()].find((l) => l.loop)!;
    expect(head.loop).toMatchObject({ keyword: 'while', conditionText: 'x > y', origin: { start: { line: 4 } } });
    expect(program.hints.map((h) => [h.kind, h.at, formatTerm(h.term)])).toEqual([
      ['invariant', head.id, 'y > 0'],
      ['variant', head.id, 'x'],
    ]);
    expect(task!.question.text).toBe('Does `g` always return control to its caller?');
  });

  it('takes asserted types for termination, and names them otherwise', () => {
    expect(assumptions(g, { question: 'terminates' })).toEqual([]);
    expect(assumptions(g)[0]).toBe('x is an int, as the assertion in line 2 demands');
    expect(assumptions('def f(x): assert x > 0\n')).toEqual(['x is an int (the program does not say so)']);
    expect(assumptions('def f(x: bool): assert x\n')).toEqual([
      'x is of type bool, as its annotation says (Python does not check it)',
    ]);
  });

  it('tells an int from a bool only where the program can', () => {
    const parameters = (text: string): string[] => {
      const { program } = tasksOf(text)[0]!;
      return program.procedures.get(program.main)!.params.map((p) => p.name);
    };
    expect(parameters('def f(x):\n  assert x + 1 > 0\n')).toEqual(['x']);
    expect(parameters('def f(x):\n  assert not isinstance(x, bool)\n')).toEqual(['x', 'x.type']);
    expect(parameters('def f(x: int | None):\n  assert x is None or x > 0\n')).toEqual(['x', 'x.type']);
  });

  it('knows globals that never change, and no others', () => {
    const text = (more: string): string => `limit = 10\n${more}\ndef f(x): assert x < limit\n`;
    expect(assumptions(text(''))).toHaveLength(1);
    expect(assumptions(text('def set(n):\n  global limit\n  limit = n'), { functionName: 'f' })).toContain(
      'the global limit has the type that the module gave it, and any value',
    );
  });
});

describe('questions', () => {
  it('are about the module if it does something, else about its functions', () => {
    const text = 'def f(): return True\ndef k(): return 1\n';
    expect(tasksOf(text, { question: 'sensible' }).map((t) => t.question.text)).toEqual([
      'Is it certain that `f` never returns False?',
      'Does `f` always return control to its caller?',
      'Does `k` always return control to its caller?',
    ]);
    expect(messages(text)[0]).toContain('hint: name one of f, k');
    expect(tasksOf(`${text}f()\n`)[0]!.question.text).toBe('Does nothing go wrong in the program?');
    expect(messages(text, { functionName: 'ff' })[0]).toMatch(/error\[unknown-function\].*\n {2}hint: did you mean f/);
  });

  it('find prints by their literal part and results by their value', () => {
    const text = 'def f(x):\n  print("at", x)\n  return x == 3\n';
    const [print] = tasksOf(text, { question: 'ever', event: { kind: 'print', text: 'at' } });
    expect(print!.question).toMatchObject({ kind: 'ever', text: 'Can `f` print "at"?' });
    const [returns] = tasksOf(text, { question: 'always', event: { kind: 'returns', value: false } });
    expect(returns!.question.text).toBe('Is it certain that `f` never returns False?');
    expect(messages('x = 1\n', { question: 'ever', event: { kind: 'returns', value: 1n } })[0]).toContain(
      'the code of a module returns nothing',
    );
  });

  it('look at the chosen kinds of failure only; the others still end the run', () => {
    const text = 'def f(x):\n  y = 1 // x\n  assert x != 0\n';
    const kinds = (checks: CheckKind[]): string[] => {
      const { program } = tasksOf(text, { options: { ...options, checks: new Set(checks) } })[0]!;
      return program.checks.map((c) => `${c.kind}: ${c.failure}`);
    };
    expect(kinds(['assertion', 'division'])).toEqual([
      'division: `1 // x` divides by zero (ZeroDivisionError)',
      'assertion: the assertion `x != 0` fails (AssertionError)',
    ]);
    expect(kinds(['assertion'])).toHaveLength(1);
    expect(kinds(['exception'])).toEqual(['division: `1 // x` divides by zero (ZeroDivisionError)']);
  });
});

describe('what is not modelled', () => {
  it('is named with its line, if it can be reached', () => {
    expect(messages('def f(x):\n  return x / 2\n')[0]).toBe(
      'a.py:2:10: not supported[PY-UNSUPPORTED]: true division, which gives a float (`x / 2`), is not modelled',
    );
    expect(messages('def f(x):\n  return 1\n  return x / 2\n')).toEqual([]);
    expect(messages('def f(x):\n  if isinstance(x, str): return x[0]\n  return 1\n')).toEqual([]);
    expect(messages('with open("a") as f: pass\n')[0]).toContain('a with statement is not modelled');
  });

  it('includes functions of other tools whose meaning is theirs; their declarations are no definitions', () => {
    expect(messages('x = nondet_int()\n__ESBMC_cover(x > 1)\n')[0]).toContain(
      '`__ESBMC_cover(x > 1)` of an unknown value',
    );
    const declared = 'def nondet_int() -> int: ...\nx = nondet_int() + 1\nassert x != 3\n';
    expect(messages(declared)).toEqual([]);
    expect(tasksOf(declared)[0]!.program.checks.map((c) => c.kind)).toEqual(['assertion']);
  });

  it('leaves witnesses before it possible, and no proof', () => {
    const text = 'def f(x):\n  assert x != 5\n  y = [x]\n  return y[0]\n';
    const [task] = tasksOf(text);
    expect(task!.assumptions.at(-1)).toMatchObject({ kind: 'approximation', side: 'under' });
    expect(messages('def f(x):\n  y = [x]\n  return y[0]\n')[0]).toContain('the subscript `y[0]` is not modelled');
  });

  it('never makes the reading fail', () => {
    for (const text of snippets) {
      for (const question of ['sensible', 'check', 'terminates', 'always'] as const) {
        expect(read(text, { question })).toHaveProperty('ok');
      }
    }
  });

  it('includes programs that are too deep or too large', () => {
    const chain = Array.from({ length: 400 }, (_, i) => `def f${i}(x): return f${i + 1}(x + 1) + 1\n`).join('');
    const sum = `x = 1${' + x'.repeat(900)}\n`;
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `def f${i}(x): return f${i + 1}(x) + f${i + 1}(x + 1)\n`,
    ).join('');
    expect(messages(`${chain}def f400(x): return ${'x + '.repeat(900)}1\nf0(1)\n`)[0]).toMatch(/too deeply/);
    expect(read(`y = 1\n${sum.replaceAll(' x', ' y')}`).ok).toBe(true);
    expect(messages(`${doubling}def f40(x): return x\nassert f0(1)\n`)[0]).toMatch(/too large/);
  });
});

/** More programs: TERTIUM_RANDOM_PROGRAMS=2000. */
const count = Number(process.env.TERTIUM_RANDOM_PROGRAMS ?? 120);

interface Answer {
  readonly output: string;
  readonly exception: string | null;
  readonly line: number | null;
  readonly result?: number | boolean | null;
}

describe.skipIf(!pythonIsHere)('the lowered program, against CPython', () => {
  it('prints the same and ends the same way', () => {
    const programs = randomPrograms(42, count);
    const answers = oracle<Answer>(
      './run-programs.py',
      programs.map((text) => ({ text })),
    );
    let compared = 0;
    for (const [i, text] of programs.entries()) {
      const ours = interpret(text);
      if ('unsupported' in ours) continue;
      compared += 1;
      const { output, exception, line } = answers[i]!;
      expect({ text, ...ours }).toMatchObject({ text, output, exception, line });
    }
    expect(compared).toBeGreaterThan(count * 0.9);
  });

  it('returns the same for the same arguments', () => {
    // A parameter may be a bool where it is 0 or 1: what is printed of it is compared as a number.
    const asNumbers = (output: string): string => output.replace(/\bTrue\b/g, '1').replace(/\bFalse\b/g, '0');
    const calls = randomCalls(43, count);
    const answers = oracle<Answer>(
      './run-programs.py',
      calls.map(({ text, functionName, args }) => ({ text, call: functionName, args })),
    );
    let compared = 0;
    for (const [i, { text, functionName, args }] of calls.entries()) {
      const { output, exception, line, result } = answers[i]!;
      const ours = interpretCall(text, functionName, args, result ?? null);
      if ('unsupported' in ours) continue;
      compared += 1;
      expect({ text, args, ...ours, output: asNumbers(ours.output) }).toMatchObject({
        text,
        args,
        output: asNumbers(output),
        exception,
        line,
      });
    }
    expect(compared).toBeGreaterThan(count * 0.9);
  });

  it('starts from values that Python can be given', () => {
    const text = `def f(a: int, b=None, *, c: bool):
    if a > 5 and c:
        x = nondet_int()
        __ESBMC_assume(x > 2)
        if x == 3:
            return 10 // (a - 7)
    return 1
`;
    const [task] = tasksOf(text);
    const { params } = task!.program.procedures.get(task!.program.main)!;
    const start = (a: bigint, c: boolean): unknown => {
      const initial = new Map(params.map((p) => [p, p.name === 'a' ? a : p.name === 'c' ? c : 0n] as const));
      return pythonStart(task!, { initial, havocs: [] });
    };
    expect(start(7n, true)).toEqual({ args: ['7', '0', 'c=True'], globals: [] });
    const [union] = tasksOf('def f(x: int | None):\n  assert x is None or x > 0\n');
    const [payload, tag] = union!.program.procedures.get(union!.program.main)!.params;
    const numbers = [0n, 1n, 2n, 3n, 4n].map((n) =>
      pythonStart(union!, {
        initial: new Map([
          [payload!, 5n],
          [tag!, n],
        ]),
        havocs: [],
      }),
    );
    expect(
      numbers
        .map((n) => n?.args[0])
        .filter((a) => a !== undefined)
        .sort(),
    ).toEqual(['5', 'None']);
  });
});
