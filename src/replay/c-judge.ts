import { basename } from 'node:path';
import type { Check, CheckKind } from '../program/program.ts';
import type { NativeReplay } from '../reports/report.ts';
import type { Value } from '../terms/value.ts';
import { blockedMark, type Harness, reachedMark, returnedMark } from './c-harness.ts';
import type { NativeRun } from './native-run.ts';

/**
 * Whether a native run showed what our own run shows: the kind of failure that a sanitizer reports must be the kind that was
 * claimed, at its line where it names one in the user's file.
 */
export interface JudgeOptions {
  /** The user's file. */
  readonly path: string;
  readonly runTimeoutMs: number;
}

export interface SanitizerReport {
  readonly text: string;
  /** In the user's file, if it is named. */
  readonly line?: number;
}

/** What sanitizers say about each kind. Overflow stands for all of signed arithmetic: -INT_MIN and INT_MIN / -1 too. */
const messages: Partial<Record<CheckKind, RegExp>> = {
  overflow: /signed integer overflow|cannot be represented|negation of|outside the range/,
  division: /division by zero|remainder by zero/,
  shift: /shift|passing zero to/,
  bounds:
    /out of bounds|buffer-(?:over|under)flow|insufficient space|applying (?:non-)?zero offset|pointer index|dynamic-stack|container-overflow|SEGV|unknown-crash|negative-size-param|variable length array bound|pointer expression/,
  pointer:
    /null pointer|SEGV|use-after|out of bounds|buffer-(?:over|under)flow|insufficient space|misaligned|wild|unknown-crash|memcpy-param-overlap|negative-size-param|applying|pointer index|invalid|null argument|nonnull|BUS/,
  alignment: /misaligned|SEGV|BUS/,
  free: /free|not malloc|SEGV|bad-free|alloc-dealloc/,
  leak: /leak/,
};

export function judge(run: NativeRun, { expected, functionName }: Harness, options: JudgeOptions): NativeReplay {
  const { end } = expected;
  const same = (text: string): NativeReplay => ({ kind: 'same', text: `cc: ${text}` });
  const different = (text: string): NativeReplay => ({ kind: 'different', text: `cc: ${text}` });
  if (run.kind === 'not-started') return { kind: 'cannot-run', text: 'not run: the built program does not start' };
  if (run.stderr.includes(blockedMark)) return different('an assumption of the program fails on this run');
  const report = sanitizerReport(run.stderr, options.path);
  const ended =
    run.kind === 'timeout' ? `was still running after ${options.runTimeoutMs / 1000} s` : `ended with ${status(run)}`;
  switch (end.kind) {
    case 'endless':
      if (run.kind === 'timeout') return same(`it ${ended}, as it must be`);
      return different(report ? `stopped by the sanitizer: ${report.text}` : `it ${ended}`);
    case 'event': {
      const { event, values } = end;
      if (event.kind === 'return') {
        if (functionName === 'main') {
          const code = values.length === 0 ? 0n : BigInt.asUintN(8, values[0] as bigint);
          return run.kind === 'ended' && run.status === Number(code) ? same(`it ${ended}`) : different(`it ${ended}`);
        }
        const said = run.stdout.split('\n').find((l) => l.startsWith(returnedMark));
        if (said === undefined) return different(report ? `the sanitizer stopped it: ${report.text}` : `it ${ended}`);
        const value = said.slice(returnedMark.length + 1);
        const wanted = values.length === 0 || run.status === 1 || value === decimal(values[0]!);
        return wanted ? same(`it returned ${value}`.trim()) : different(`it returned ${value}`);
      }
      const literalText = event.text.split(/%[^%]/)[0]!.replaceAll('%%', '%');
      return run.stdout.includes(literalText)
        ? same(`it printed ${JSON.stringify(literalText.trim())}`)
        : different(`the text was not printed; it ${ended}`);
    }
    case 'check':
      return failed(run, end.check, report, `it ${ended}`);
  }
}

function failed(run: NativeRun, check: Check, report: SanitizerReport | undefined, ended: string): NativeReplay {
  const same = (text: string): NativeReplay => ({ kind: 'same', text: `cc: ${text}` });
  const different = (text: string): NativeReplay => ({ kind: 'different', text: `cc: ${text}` });
  if (check.kind === 'assertion' || check.kind === 'unreachable') {
    if (report) return different(`the sanitizer stopped it before: ${report.text}`);
    const seen = run.stderr.includes(reachedMark) || /[Aa]ssert/.test(run.stderr) || run.signal === 'SIGABRT';
    return seen ? same('the same failure') : different(ended);
  }
  if (check.kind === 'leak' && /LeakSanitizer has encountered a fatal error/.test(run.stderr)) {
    return { kind: 'cannot-run', text: 'not run: the leak detector does not work here' };
  }
  if (report) {
    const line = check.origin?.start.line;
    const where = report.line === undefined ? '' : ` at line ${report.line}`;
    const text = `the sanitizer stopped it${where}: ${report.text}`;
    const kind = messages[check.kind]?.test(report.text) ?? true;
    const place = report.line === undefined || line === undefined || check.kind === 'leak' || report.line === line;
    return kind && place ? same(text) : different(text);
  }
  if (check.kind === 'division' && run.signal === 'SIGFPE') return same('a floating-point exception (SIGFPE)');
  if ((check.kind === 'pointer' || check.kind === 'bounds') && /^SIG(?:SEGV|BUS)$/.test(run.signal ?? '')) {
    return same(`a memory fault (${run.signal})`);
  }
  if (check.kind === 'free' && run.signal === 'SIGABRT') return same('the allocator ended it (SIGABRT)');
  return different(`no sanitizer stopped it (undefined behaviour need not show); ${ended}`);
}

/** The first thing that a sanitizer complains about. */
export function sanitizerReport(stderr: string, path: string): SanitizerReport | undefined {
  const name = basename(path);
  const undefinedBehaviour = /^(.*?):(\d+):\d+: runtime error: ([^\n]*)/m.exec(stderr);
  const address = /ERROR: (?:Address|Leak)Sanitizer: ([^\n]*)/.exec(stderr);
  if (undefinedBehaviour && (!address || undefinedBehaviour.index < address.index)) {
    const [, file, line, text] = undefinedBehaviour;
    return { text: text!, ...(basename(file!) === name ? { line: Number(line) } : {}) };
  }
  if (!address) return undefined;
  // The first frame in the user's file says where.
  const stack = stderr.slice(address.index);
  for (const [, file, line] of stack.matchAll(/^\s*#\d+ 0x[0-9a-f]+ in .*? (\S+?):(\d+)(?::\d+)?\s*$/gm)) {
    if (basename(file!) === name) return { text: short(address[1]!), line: Number(line) };
  }
  return { text: short(address[1]!) };
}

/** Without addresses, which differ from run to run. */
const short = (text: string): string =>
  text
    .replace(/ (?:on|in)(?: unknown)? address .*$/, '')
    .replace(/ 0x[0-9a-f]+.*$/, '')
    .replace(/: \d+ byte.*$/, '')
    .replace(/ \(.*$/, '');

const status = (run: NativeRun): string => (run.signal ? run.signal : `status ${run.status}`);

const decimal = (value: Value): string => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
