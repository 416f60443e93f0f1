import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CheckKind } from '../program/program.ts';
import type { Task } from '../program/question.ts';
import type { NativeReplay } from '../reports/report.ts';
import {
  type Harness,
  harnessFault,
  needsFailingAllocation,
  prelude,
  programArguments,
  separateFiles,
  testFile,
} from './c-harness.ts';
import { judge } from './c-judge.ts';
import { expectationOf, type Witness } from './expectation.ts';
import { runLimited } from './native-run.ts';

/**
 * Runs a counterexample in C for real: with the text of c-harness.ts, which gives the function its arguments and answers the
 * nondeterministic functions in order; the installed compiler builds it, with sanitizers when it can. All of it happens in a
 * temporary folder with limits of time, memory and output.
 */
export interface CReplayOptions {
  readonly integers: 'c' | 'wrap' | 'math';
  readonly dataModel: 'lp64' | 'ilp32';
  readonly workingFolder: string;
  /** The kinds of failure that were looked at: what was not may happen without ending the run. */
  readonly checks: ReadonlySet<CheckKind>;
}

const compileTimeoutMs = 20_000;
const runTimeoutMs = 3_000;

/** What no compiler at hand notices when it happens. */
const unnoticed: ReadonlySet<CheckKind> = new Set(['conversion', 'uninitialised', 'race', 'result']);

/** The harness for a counterexample, or why there is none. */
export function harnessOf(task: Task, witness: Witness, sourceText: string, include: string): Harness | string {
  const expected = expectationOf(task, witness);
  if (!expected) return 'the run ends at nothing that can be seen from outside';
  const { functionName } = task.subject;
  if (functionName === undefined) return 'it starts from something other than a function';
  const { end } = expected;
  if (end.kind === 'check' && unnoticed.has(end.check.kind)) {
    return `no compiler at hand notices this kind of failure (${end.check.kind})`;
  }
  const severalFiles = (task.subject.alongside ?? []).length > 0;
  const harness: Harness = { include, sourceText, functionName, expected, severalFiles };
  return harnessFault(harness) ?? harness;
}

export async function replayC(task: Task, witness: Witness, options: CReplayOptions): Promise<NativeReplay> {
  const cannot = (why: string): NativeReplay => ({ kind: 'cannot-run', text: `not run: ${why}` });
  if (options.integers === 'math') return cannot('no machine has mathematical integers');
  const source = resolve(options.workingFolder, task.subject.path);
  let sourceText: string;
  try {
    sourceText = readFileSync(source, 'utf8');
  } catch {
    return cannot(`${task.subject.path} cannot be read`);
  }
  const harness = harnessOf(task, witness, sourceText, source);
  if (typeof harness === 'string') return cannot(harness);
  const { end } = harness.expected;
  const folder = mkdtempSync(join(tmpdir(), 'tertium-replay-'));
  try {
    const { support, main } = separateFiles(harness);
    writeFileSync(join(folder, 'support.c'), support);
    writeFileSync(join(folder, 'prelude.h'), `${prelude(harness).join('\n')}\n`);
    if (main !== undefined) writeFileSync(join(folder, 'harness.c'), main);
    writeFileSync(join(folder, 'test.c'), testFile(harness, ['']));
    // Of the program's other files, none may bring a second main.
    const others = (task.subject.alongside ?? []).map((path, i) => {
      const text = `#define main tertium_other_main_${i}\n#include ${JSON.stringify(resolve(options.workingFolder, path))}\n`;
      writeFileSync(join(folder, `other-${i}.c`), text);
      return `other-${i}.c`;
    });
    const failing = needsFailingAllocation(harness);
    if (failing && others.length > 0) return cannot('memory that cannot be had is imitated in one file only');
    const separate = failing ? undefined : [main === undefined ? source : 'harness.c', 'support.c'];
    const built = await compile(folder, separate, others, options);
    if (built !== undefined) return cannot(built);
    const leak = end.kind === 'check' && end.check.kind === 'leak';
    const count = harness.functionName === 'main' ? (programArguments(harness.expected) ?? 0) : 0;
    const run = await runLimited(
      join(folder, 'program'),
      Array.from({ length: count }, () => ''),
      {
        timeoutMs: runTimeoutMs,
        folder,
        environment: {
          UBSAN_OPTIONS: 'print_stacktrace=0',
          ASAN_OPTIONS: [
            `detect_leaks=${leak ? 1 : 0}`,
            'detect_stack_use_after_return=1',
            'allocator_may_return_null=1',
            'hard_rss_limit_mb=1000',
          ].join(':'),
        },
      },
    );
    const judged = judge(run, harness, { path: source, runTimeoutMs });
    const withArguments = harness.functionName === 'main' && harness.expected.params.length > 0;
    if (judged.kind !== 'different') return judged;
    if (withArguments) return cannot('it may depend on the arguments of main, and those are not rebuilt');
    if (!harness.expected.unset) return judged;
    const why = 'but the run takes values that the program never sets, and nobody can choose those';
    return { kind: 'cannot-run', text: `${judged.text}; ${why}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How the compiler has to read the program so that it means what was asked. */
export function compilerFlags(options: Pick<CReplayOptions, 'integers' | 'dataModel' | 'checks'>): string[] {
  const wraps = options.integers === 'wrap' || !options.checks.has('overflow');
  const off = [
    ...(wraps ? ['signed-integer-overflow'] : []),
    ...(options.checks.has('shift') ? [] : ['shift']),
    ...(options.checks.has('alignment') ? [] : ['alignment']),
  ];
  return [
    ...(wraps ? ['-fwrapv'] : []),
    ...(off.length > 0 ? [`-fno-sanitize=${off.join(',')}`] : []),
    ...(options.dataModel === 'ilp32' ? ['-m32'] : []),
  ];
}

/**
 * What went wrong, or undefined. In separate files first: there, no declaration of the user's contradicts a definition of ours;
 * in one file names of types are known. Without sanitizers if the compiler has none.
 */
async function compile(
  folder: string,
  separate: readonly string[] | undefined,
  others: readonly string[],
  options: CReplayOptions,
): Promise<string | undefined> {
  const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const common = ['-std=gnu11', '-g', '-O0', '-w'];
  const own = compilerFlags(options);
  let message = '';
  for (const [files, extra] of [
    [separate, sanitizers],
    [['test.c'], sanitizers],
    [separate ?? ['test.c'], []],
  ] as const) {
    if (!files) continue;
    const declared = files[0] === 'test.c' ? [] : ['-include', join(folder, 'prelude.h')];
    const flags = extra.length > 0 ? own : own.filter((f) => !f.startsWith('-fno-sanitize'));
    const args = [...common, ...declared, ...extra, ...flags, '-o', 'program', ...files, ...others, '-lm'];
    const run = await runLimited('cc', args, { timeoutMs: compileTimeoutMs, folder });
    if (run.kind === 'not-started') return 'there is no compiler `cc`';
    if (run.kind === 'ended' && run.status === 0) return undefined;
    const missing = /undefined reference to [`'](\w+)'/.exec(run.stderr)?.[1];
    message ||=
      missing !== undefined
        ? `nothing defines \`${missing}\``
        : (run.stderr.split('\n').find((l) => l.includes('error')) ?? 'the compiler gave up');
  }
  return `the compiler refused: ${message.trim().slice(0, 160)}`;
}
