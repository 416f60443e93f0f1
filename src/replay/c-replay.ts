import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Task } from '../program/question.ts';
import type { NativeReplay } from '../reports/report.ts';
import { isFloatValue, type Value } from '../terms/value.ts';
import { type End, type Expectation, expectationOf, type InputValue, type Witness } from './expectation.ts';
import { type NativeRun, runLimited } from './native-run.ts';

/**
 * Runs a counterexample in C for real: a generated harness calls the function with the values, a second file gives the
 * answers of the nondeterministic functions in order, the installed compiler builds both, with sanitizers when it can. All of
 * it happens in a temporary folder with limits of time, memory and output.
 */
export interface CReplayOptions {
  readonly integers: 'c' | 'wrap' | 'math';
  readonly dataModel: 'lp64' | 'ilp32';
  readonly workingFolder: string;
}

const compileTimeoutMs = 20_000;
const runTimeoutMs = 3_000;

export async function replayC(task: Task, witness: Witness, options: CReplayOptions): Promise<NativeReplay> {
  const cannot = (text: string): NativeReplay => ({ kind: 'cannot-run', text });
  if (options.integers === 'math') return cannot('not run: no machine has mathematical integers');
  const expected = expectationOf(task, witness);
  if (!expected) return cannot('not run: the run ends at nothing that can be seen from outside');
  if (expected.end.kind === 'event' && expected.end.values.some(isFloatValue) && expected.end.event.kind === 'return')
    return cannot('not run: what the function returns is a floating-point number');
  const name = task.subject.functionName;
  const values = [...expected.params, ...expected.globals, ...expected.inputs];
  if (values.some((v) => literal(v) === undefined)) return cannot('not run: a value has no C literal');
  if (name === undefined || (name === 'main' && expected.params.length > 0)) {
    return cannot('not run: it starts from something other than a function with arguments');
  }
  const folder = mkdtempSync(join(tmpdir(), 'tertium-replay-'));
  try {
    const source = resolve(options.workingFolder, task.subject.path);
    const whole = name === 'main';
    writeFileSync(join(folder, 'support.c'), supportFile(expected.inputs));
    if (!whole) writeFileSync(join(folder, 'harness.c'), harnessFile(source, name, expected));
    const built = await compile(folder, whole ? source : 'harness.c', options);
    if (built !== undefined) return cannot(built);
    const run = await runLimited(join(folder, 'program'), [], {
      timeoutMs: runTimeoutMs,
      folder,
      environment: {
        UBSAN_OPTIONS: 'print_stacktrace=0',
        ASAN_OPTIONS: 'detect_leaks=0:hard_rss_limit_mb=1000:abort_on_error=1',
      },
    });
    return judge(run, expected.end, whole);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What went wrong, or undefined. */
async function compile(folder: string, source: string, options: CReplayOptions): Promise<string | undefined> {
  const wrap = options.integers === 'wrap' ? ['-fwrapv'] : [];
  const overflow = options.integers === 'wrap' ? ['-fno-sanitize=signed-integer-overflow'] : [];
  const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', ...overflow];
  const common = ['-std=gnu11', '-O0', '-w', ...wrap, ...(options.dataModel === 'ilp32' ? ['-m32'] : [])];
  const files = ['-o', 'program', source, 'support.c', '-lm'];
  let message = '';
  for (const extra of [sanitizers, []]) {
    const run = await runLimited('cc', [...common, ...extra, ...files], { timeoutMs: compileTimeoutMs, folder });
    if (run.kind === 'not-started') return 'not run: there is no compiler `cc`';
    if (run.kind === 'ended' && run.status === 0) return undefined;
    message = run.stderr.split('\n').find((l) => l.includes('error')) ?? 'the compiler gave up';
  }
  return `not run: the compiler refused: ${message.trim().slice(0, 160)}`;
}

function harnessFile(source: string, name: string, expected: Expectation): string {
  const args = expected.params.map((p) => literal(p)!).join(', ');
  const returns =
    expected.end.kind === 'event' && expected.end.event.kind === 'return' && expected.end.values.length > 0;
  const call = returns
    ? `  printf("tertium-returned %lld\\n", (long long) ${name}(${args}));`
    : `  ${name}(${args});\n  puts("tertium-returned");`;
  return [
    '#define main tertium_user_main',
    `#include ${JSON.stringify(source)}`,
    '#undef main',
    'int printf(const char *, ...); int puts(const char *);',
    'int main(void) {',
    ...expected.globals.map((g) => `  ${g.name} = ${literal(g)};`),
    call,
    '  return 0;',
    '}',
    '',
  ].join('\n');
}

/** Other functions of the file may ask for these, although this run does not. */
const usualInputs: readonly (readonly [string, string])[] = [
  ['bool', '_Bool'],
  ['char', 'char'],
  ['uchar', 'unsigned char'],
  ['short', 'short'],
  ['ushort', 'unsigned short'],
  ['int', 'int'],
  ['uint', 'unsigned int'],
  ['unsigned', 'unsigned int'],
  ['long', 'long'],
  ['ulong', 'unsigned long'],
  ['longlong', 'long long'],
  ['ulonglong', 'unsigned long long'],
  ['size_t', 'unsigned long'],
  ['float', 'float'],
  ['double', 'double'],
].map(([suffix, type]) => [`__VERIFIER_nondet_${suffix}`, type!] as const);

/** The functions that the outside world answers, and those that mark what must not be reached. */
function supportFile(inputs: readonly InputValue[]): string {
  const types = new Map<string, string>(usualInputs);
  for (const input of inputs) types.set(input.name.replace(/\(.*\)$/, ''), input.typeText);
  const values = inputs.map((i) =>
    isFloatValue(i.value) ? `${i.value.bits}ULL` : `(unsigned long long) ${literal(i)}`,
  );
  const mark = '__attribute__((weak))';
  return [
    '#include <stdio.h>',
    '#include <stdlib.h>',
    `static unsigned long long values[] = { ${[...values, '0'].join(', ')} };`,
    'static unsigned next;',
    `static unsigned long long value(void) { return next < ${values.length} ? values[next++] : 0; }`,
    ...[...types].map(([name, type]) => {
      const word = floatWords[type];
      const result = word ? `((union { ${word} bits; ${type} f; }) { (${word}) value() }).f` : `(${type}) value()`;
      return `${mark} ${type} ${name}(void) { return ${result}; }`;
    }),
    'static void reached(void) { fflush(stdout); fputs("tertium-reached\\n", stderr); abort(); }',
    `${mark} void reach_error(void) { reached(); }`,
    `${mark} void __VERIFIER_error(void) { reached(); }`,
    `${mark} void __VERIFIER_assert(int condition) { if (!condition) reached(); }`,
    `${mark} void __VERIFIER_assume(int condition) { if (!condition) { fputs("tertium-blocked\\n", stderr); exit(0); } }`,
    '',
  ].join('\n');
}

/** The integers that have the bits of a float. */
const floatWords: Readonly<Record<string, string>> = { float: 'unsigned', double: 'unsigned long long' };

/** A C expression for a value; undefined for what has none. */
function literal({ value, typeText }: { value: Value; typeText: string }): string | undefined {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (isFloatValue(value)) {
    const type = value.format === 'binary32' ? 'float' : 'double';
    return `((union { ${floatWords[type]} bits; ${type} f; }) { ${value.bits}ULL }).f`;
  }
  if (typeof value !== 'bigint' || !/^[\w ]+$/.test(typeText)) return undefined;
  if (value >= 1n << 64n || value < -(1n << 63n)) return undefined;
  const text =
    value === -(1n << 63n) ? '(-9223372036854775807LL - 1)' : value >= 1n << 63n ? `${value}ULL` : `${value}LL`;
  return `(${typeText}) ${value < 0n ? `(${text})` : text}`;
}

function judge(run: NativeRun, end: End, whole: boolean): NativeReplay {
  const same = (text: string): NativeReplay => ({ kind: 'same', text: `cc: ${text}` });
  const different = (text: string): NativeReplay => ({ kind: 'different', text: `cc: ${text}` });
  if (run.kind === 'not-started') return { kind: 'cannot-run', text: 'not run: the built program does not start' };
  if (run.stderr.includes('tertium-blocked')) return different('an assumption of the program fails on this run');
  const sanitizer = /(?::(\d+)(?::\d+)?: runtime error: ([^\n]*))|(?:ERROR: AddressSanitizer: (\S+))/.exec(run.stderr);
  const ended = run.kind === 'timeout' ? `still running after ${runTimeoutMs / 1000} s` : `ended with ${status(run)}`;
  switch (end.kind) {
    case 'endless':
      if (run.kind === 'timeout') return same(`${ended}, as it must be`);
      return different(sanitizer ? `stopped by the sanitizer: ${sanitizer[2] ?? sanitizer[3]}` : `it ${ended}`);
    case 'event': {
      const { event, values } = end;
      if (event.kind === 'return') {
        const expected = values.length === 0 ? 'tertium-returned' : `tertium-returned ${decimal(values[0]!)}`;
        const said = run.stdout.split('\n').find((l) => l.startsWith('tertium-returned'));
        if (whole) {
          const code = values.length === 0 ? 0n : BigInt.asUintN(8, values[0] as bigint);
          return run.kind === 'ended' && run.status === Number(code) ? same(`it ${ended}`) : different(`it ${ended}`);
        }
        if (said === expected) return same(`it returned ${decimal(values[0] ?? true)}`);
        return different(said ? `it returned ${said.slice('tertium-returned '.length)}` : `it ${ended}`);
      }
      const literalText = event.text.split(/%[^%]/)[0]!.replaceAll('%%', '%');
      return run.stdout.includes(literalText)
        ? same(`it printed ${JSON.stringify(literalText.trim())}`)
        : different(`the text was not printed; it ${ended}`);
    }
    case 'check': {
      const { check } = end;
      const line = check.origin?.start.line;
      if (check.kind === 'assertion' || check.kind === 'unreachable') {
        const failed =
          run.stderr.includes('tertium-reached') || /[Aa]ssert/.test(run.stderr) || run.signal === 'SIGABRT';
        return failed && !sanitizer ? same('the same failure') : different(`it ${ended}`);
      }
      if (sanitizer) {
        const found = sanitizer[1] === undefined ? undefined : Number(sanitizer[1]);
        const where = found === undefined ? '' : ` at line ${found}`;
        const text = `the sanitizer stopped it${where}: ${sanitizer[2] ?? sanitizer[3]}`;
        return found === undefined || line === undefined || found === line ? same(text) : different(text);
      }
      if (check.kind === 'division' && run.signal === 'SIGFPE') return same('a floating-point exception (SIGFPE)');
      return different(`no sanitizer stopped it; it ${ended}`);
    }
  }
}

const status = (run: NativeRun): string => (run.signal ? run.signal : `status ${run.status}`);

const decimal = (value: Value): string => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
