import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './command-line.ts';
import { root } from './imports.ts';

/** The built program as a process: exit status, streams, Ctrl-C. `npm test` builds it; a bare vitest run may find none. */
const cli = join(root, 'dist', 'cli.cjs');
const folder = temporaryFolder();
const run = (...argv: string[]) =>
  spawnSync(process.execPath, [cli, ...argv], { cwd: folder.path, encoding: 'utf8', timeout: 60_000 });

folder.write('g.c', 'void g(int x, int y) {\n  if (y > 0)\n    while (x > y)\n      x = x - y;\n}\n');
folder.write('g2.c', 'void g2(int x, int y) {\n  while (x > y)\n    x = x - y;\n}\n');
// Nobody knows: the loop looks for an odd perfect number.
folder.write(
  'perfect.c',
  `void perfect(void) {
  for (unsigned long long n = 1;; n += 2) {
    unsigned long long sum = 0;
    for (unsigned long long d = 1; d < n; d++) if (n % d == 0) sum += d;
    if (sum == n) return;
  }
}
`,
);

describe.runIf(existsSync(cli))('the program', () => {
  test('without arguments: a tour; help and version', () => {
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('tertium terminates') });
    expect(run('--help').stdout).toContain('--certificate');
    expect(run('help', 'check').stdout).toContain('overflow');
    expect(run('version').stdout).toMatch(/^tertium \d+\.\d+\.\d+\n$/);
    expect(run('help', 'everything').status).toBe(2);
  });

  test('the exit status answers the question', () => {
    expect(run('terminates', 'g.c').status).toBe(0);
    expect(run('terminates', 'g2.c').status).toBe(1);
    expect(run('terminates', 'nowhere.c').status).toBe(2);
    expect(run('terminates', 'perfect.c', '--timeout', '300ms').status).toBe(3);
  });

  test('answers go to stdout, the rest to stderr', () => {
    const said = run('terminates', 'g.c', '--certificate', 'g.json', '--quiet');
    expect(said.stdout).toBe('Does `g` always return control to its caller? Yes.\n');
    expect(said.stderr).toContain('g.json');
  });

  test('a closed pipe is no error', async () => {
    const child = spawn('/bin/sh', ['-c', `"$0" "$1" help | head -1; exit 0`, process.execPath, cli], {
      cwd: folder.path,
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
  });

  test('Ctrl-C ends the question and tells what is known', async () => {
    // A signal before the program listens just ends it: then it gets more time to start.
    for (const waitMs of [2_000, 5_000, 15_000, 30_000]) {
      const child = spawn(process.execPath, [cli, 'terminates', 'perfect.c', '--timeout', '5m'], { cwd: folder.path });
      let stdout = '';
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      child.kill('SIGINT');
      const status = await ended;
      if (status === null) continue;
      expect(status).toBe(3);
      expect(stdout).toMatch(/Don't know\./);
      return;
    }
    expect.unreachable('the program never listened');
  }, 120_000);

  test('Ctrl-C while properties are looked at: those that are known are told, the others are open', async () => {
    folder.write(
      'mixed.c',
      `#include <assert.h>
void mixed(int x) {
  assert(x != 7);
  for (unsigned long long n = 1;; n += 2) {
    unsigned long long sum = 0;
    for (unsigned long long d = 1; d < n; d++) if (n % d == 0) sum += d;
    assert(sum != n);
    assert(sum + 1 != n || n < 1000000);
  }
}
`,
    );
    for (const waitMs of [3_000, 8_000, 20_000]) {
      const child = spawn(process.execPath, [cli, 'check', 'mixed.c', '--timeout', '5m'], { cwd: folder.path });
      let stdout = '';
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      child.kill('SIGINT');
      const status = await ended;
      if (status !== 1) continue;
      expect(stdout).toMatch(/with x = 7.* is false at line 3/);
      expect(stdout).toMatch(/fails +line 3 +assertion/);
      expect(stdout).toMatch(/open +line 7 +assertion/);
      return;
    }
    expect.unreachable('the program never listened');
  }, 120_000);

  test("a program too large to interrupt is cut off, and the answer is don't know", () => {
    const sum = 'x + '.repeat(6_000);
    folder.write('large.c', `unsigned f(unsigned x) { while (x != 77) x = ${sum}1; return x; }\n`);
    const said = run('terminates', 'large.c', '--timeout', '500ms', '--json');
    expect(said.status).toBe(3);
    expect(JSON.parse(said.stdout)).toMatchObject({ status: 3 });
    const small = run('check', 'large.c', '--timeout', '2s');
    expect([0, 3]).toContain(small.status);
    expect(small.stderr).toBe('');
  });

  test('several questions at once leave nothing behind', () => {
    const [first, second] = [run('g2.c', '--json'), run('g2.c', '--json')];
    // Which engine comes first depends on the clock; what it answers does not.
    expect(answersOf(first.stdout)).toEqual(answersOf(second.stdout));
    expect(first.stderr).toBe('');
  });
});

const answersOf = (json: string): unknown[] =>
  (JSON.parse(json) as { answers: { question: { text: string }; answer: string }[] }).answers.map((a) => [
    a.question.text,
    a.answer,
  ]);
