import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parameterTypes, type RandomProgram } from './random-program.ts';

/**
 * Runs many random programs under the real compiler: one translation unit, each run in a child process of its own, so that an
 * `exit`, a failing assertion or a report of the undefined-behaviour sanitizer ends that run only.
 */
export interface NativeRun {
  readonly output: string;
  /** Exit status of a run that called exit; -1 for one that returned. */
  readonly exitStatus: number;
  /** What the function returned; undefined if it did not. */
  readonly returned: bigint | undefined;
  /** Killed: a failed assertion or undefined behaviour. */
  readonly ended: 'returned' | 'exit' | 'assertion' | 'undefined-behaviour';
  /** What the sanitizers said, in mode `memory`. */
  readonly report?: string;
}

/**
 * Integer overflow reported or wrapping; or all that the sanitizers for memory and undefined behaviour find, with reports; or
 * that without indices that lead nowhere as long as nothing is accessed there.
 */
export type NativeMode = 'reported' | 'wraps' | 'memory' | 'accesses';

const flags: Readonly<Record<NativeMode, readonly string[]>> = {
  reported: ['-fsanitize=undefined', '-fno-sanitize-recover=undefined'],
  wraps: ['-fwrapv'],
  memory: [
    '-fsanitize=address,bounds,signed-integer-overflow,integer-divide-by-zero,shift,null',
    '-fno-sanitize-recover=all',
    '-fno-builtin',
  ],
  accesses: [
    '-fsanitize=address,signed-integer-overflow,integer-divide-by-zero,shift,null',
    '-fno-sanitize-recover=all',
    '-fno-builtin',
  ],
};

export function compilerIsThere(): boolean {
  return spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;
}

const literal = (value: bigint, type: string): string =>
  `(${type})${value < 0n ? `(-${-value - 1n}LL - 1)` : `${value}ULL`}`;

export function runNatively(
  programs: readonly { readonly program: RandomProgram; readonly runs: readonly (readonly bigint[])[] }[],
  mode: NativeMode = 'reported',
): NativeRun[][] {
  const folder = mkdtempSync(join(tmpdir(), 'tertium-differential-'));
  try {
    const cases: string[] = [];
    for (const { program, runs } of programs) {
      for (const args of runs) {
        const list = args.map((value, i) => literal(value, parameterTypes[i]!)).join(', ');
        cases.push(`  RUN(${program.name}(${list}))`);
      }
    }
    const text = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
#include <math.h>
#include <unistd.h>
#include <sys/wait.h>
${programs.map(({ program }) => program.text).join('\n')}
#define RUN(call) { fflush(stdout); pid_t child = fork(); if (child == 0) { \\
    int value = call; printf("\\n\\001returned %d", value); fflush(stdout); _Exit(77); } \\
  int status; waitpid(child, &status, 0); \\
  fprintf(stderr, "\\002"); \\
  printf("\\001%d %d\\002", WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0); }
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
${cases.join('\n')}
  return 0;
}
`;
    const source = join(folder, 'batch.c');
    const binary = join(folder, 'batch');
    writeFileSync(source, text);
    // The sanitizer's status, 70, tells its reports from failed assertions (SIGABRT).
    execFileSync('cc', ['-w', '-O0', '-std=gnu11', ...flags[mode], '-o', binary, source, '-lm'], {
      stdio: 'pipe',
      timeout: 300_000,
    });
    const result = spawnSync(binary, [], {
      encoding: 'latin1',
      maxBuffer: 1 << 28,
      timeout: 300_000,
      env: {
        ...process.env,
        UBSAN_OPTIONS: 'exitcode=70:silence_unsigned_overflow=1',
        ASAN_OPTIONS:
          'exitcode=70:detect_leaks=0:detect_stack_use_after_return=1:allocator_may_return_null=1:symbolize=0',
      },
    });
    if (result.status !== 0)
      throw new Error(`the batch ended with ${result.status ?? result.signal}: ${result.stderr.slice(0, 2000)}`);
    const parts = result.stdout.split('\x02').slice(0, -1);
    const reports = result.stderr.split('\x02');
    let next = 0;
    return programs.map(({ runs }) =>
      runs.map(() => {
        const report = mode === 'memory' || mode === 'accesses' ? { report: reports[next] ?? '' } : {};
        return { ...parseRun(parts[next++]!), ...report };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseRun(text: string): NativeRun {
  const end = text.lastIndexOf('\x01');
  const [status, signal] = text
    .slice(end + 1)
    .split(' ')
    .map(Number);
  const before = text.slice(0, end);
  const mark = before.lastIndexOf('\n\x01returned ');
  if (status === 77 && mark >= 0) {
    const returned = BigInt(before.slice(mark + '\n\x01returned '.length));
    return { output: before.slice(0, mark), exitStatus: -1, returned, ended: 'returned' };
  }
  if (signal === 6) return { output: before, exitStatus: -1, returned: undefined, ended: 'assertion' };
  if (signal !== 0 || status === 70)
    return { output: before, exitStatus: -1, returned: undefined, ended: 'undefined-behaviour' };
  return { output: before, exitStatus: status!, returned: undefined, ended: 'exit' };
}
