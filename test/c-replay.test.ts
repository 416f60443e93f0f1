import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reads, temporaryFolder, tertium } from './command-line.ts';

/** Counterexamples in the real compiler: replayed with --run, and written as tests with --emit-test. */
const compiler = spawnSync('cc', ['--version']).status === 0;
if (!compiler && process.env.CI) console.warn('NOTICE: cc is not installed: no counterexample is replayed by it');

const folder = temporaryFolder();

interface Example {
  readonly name: string;
  readonly source: string;
  readonly ask: readonly string[];
  /** What --run says. */
  readonly said: RegExp;
  /** What the emitted test says. */
  readonly shown: RegExp;
}

const examples: readonly Example[] = [
  {
    name: 'overflow',
    source: 'int f(int x, int y) {\n  return x + y;\n}\n',
    ask: ['check', 'FILE'],
    said: /cc: the sanitizer stopped it at line 2: signed integer overflow/,
    shown: /overflow\.c:2:.*signed integer overflow/,
  },
  {
    name: 'division',
    source: 'unsigned f(unsigned x, unsigned y) {\n  if (x > 4000000000u)\n    return x / y;\n  return 0;\n}\n',
    ask: ['check', 'FILE'],
    said: /cc: the sanitizer stopped it at line 3: division by zero/,
    shown: /division by zero/,
  },
  {
    name: 'shift',
    source: 'unsigned f(int n) {\n  return 1u << n;\n}\n',
    ask: ['check', 'FILE'],
    said: /cc: the sanitizer stopped it at line 2: shift exponent/,
    shown: /shift exponent/,
  },
  {
    name: 'assertion',
    source: [
      '#include <assert.h>',
      'extern int __VERIFIER_nondet_int(void);',
      'unsigned char nondet_uchar();',
      'int sensor(int channel, unsigned);',
      'int main(void) {',
      '  int x = __VERIFIER_nondet_int();',
      '  unsigned char c = nondet_uchar();',
      '  unsigned u = nondet_uint();',
      '  if (u > 4000000000u && c > 200 && sensor(2, 5) == -17 && __VERIFIER_nondet_int() == 5) assert(x != 77);',
      '  return 0;',
      '}',
      '',
    ].join('\n'),
    ask: ['check', 'FILE'],
    said: /cc: the same failure/,
    shown: /Assertion `x != 77' failed/,
  },
  {
    name: 'reached',
    source: [
      'void reach_error(void);',
      'void __VERIFIER_assume(int);',
      'typedef unsigned long word;',
      'static word count;',
      'void tick(void) { count++; }',
      'int f(word a, long b, _Bool c) {',
      '  __VERIFIER_assume(a > 10000000000000000000u);',
      '  if (c && b < -5000000000 && count == 3) reach_error();',
      '  return 0;',
      '}',
      '',
    ].join('\n'),
    ask: ['check', 'FILE:f'],
    said: /cc: the same failure/,
    shown: /what must not be reached is reached/,
  },
  {
    name: 'out-of-bounds',
    source: 'int a[10];\nint f(int i, int n) {\n  a[i] = n;\n  return 0;\n}\n',
    ask: ['check', 'FILE'],
    said: /cc: the sanitizer stopped it at line 3: index -1 out of bounds/,
    shown: /out-of-bounds\.c:3.*out of bounds/,
  },
  {
    name: 'from-outside',
    source: [
      '#include <assert.h>',
      'struct pair { int first; long second; };',
      'static int seen[3];',
      'int f(const int *a, struct pair *p, char *s, int n) {',
      '  if (!a || !p || !s || n < 1) return 0;',
      "  if (p->first == 3 && p->second == -7 && s[0] == 'x' && seen[2] == 9) assert(a[0] + 5 != 12);",
      '  seen[n & 1] = n;',
      '  return 1;',
      '}',
      '',
    ].join('\n'),
    ask: ['check', 'FILE', '--checks', 'assertion', '--timeout', '20s'],
    said: /cc: the same failure/,
    shown: /Assertion .* failed/,
  },
  {
    name: 'null',
    source: 'int f(int *p) {\n  return *p;\n}\n',
    ask: ['check', 'FILE'],
    said: /cc: the sanitizer stopped it at line 2: load of null pointer/,
    shown: /null pointer/,
  },
  {
    name: 'allocation-fails',
    source:
      '#include <stdlib.h>\nint main(void) {\n  int *p = malloc(4);\n  if (!p) return 1;\n  int *q = malloc(4);\n  *q = 5;\n  free(p);\n  return 0;\n}\n',
    ask: ['check', 'FILE', '--checks', 'pointer'],
    said: /cc: the sanitizer stopped it at line 6/,
    shown: /null pointer|SEGV/,
  },
  {
    name: 'freed',
    source:
      '#include <stdlib.h>\nint f(int n) {\n  int *p = malloc(4);\n  if (!p) return 0;\n  *p = n;\n  if (n > 77) free(p);\n  return *p;\n}\n',
    ask: ['check', 'FILE', '--checks', 'pointer', '--malloc-fails', 'no'],
    said: /cc: the sanitizer stopped it at line 7: heap-use-after-free/,
    shown: /heap-use-after-free/,
  },
  {
    name: 'freed-twice',
    source:
      '#include <stdlib.h>\nint f(int n) {\n  int *p = malloc(4);\n  free(p);\n  if (n == 5) free(p);\n  return 0;\n}\n',
    ask: ['check', 'FILE', '--checks', 'free', '--malloc-fails', 'no'],
    said: /cc: the sanitizer stopped it at line 5: attempting double-free/,
    shown: /double-free/,
  },
  {
    name: 'leak',
    source:
      '#include <stdlib.h>\nint main(void) {\n  char *p = malloc(10);\n  if (p) *p = 1;\n  p = 0;\n  return 0;\n}\n',
    ask: ['check', 'FILE', '--checks', 'leak'],
    said: /cc: the sanitizer stopped it.*leak|the leak detector does not work here/,
    shown: /leak|LeakSanitizer/,
  },
  {
    name: 'returned',
    source: 'long f(long x) {\n  return x * 2 == -6000000000 ? x : 0;\n}\n',
    ask: ['ever', 'FILE', '--returns', '-3000000000'],
    said: /cc: it returned -3000000000/,
    shown: /it returned -3000000000/,
  },
  {
    name: 'ends-with-main',
    source: 'int sensor(void);\nint main(void) {\n  return sensor() == 9 ? 3 : 0;\n}\n',
    ask: ['ever', 'FILE', '--returns', '3'],
    said: /cc: it ended with status 3/,
    shown: /^$/,
  },
];

describe.runIf(reads('c') && compiler)('in the real compiler', () => {
  test.each(examples)('$name', async ({ name, source, ask, said, shown }) => {
    const file = `${name}.c`;
    folder.write(file, source);
    const argv = ask.map((a) => a.replace('FILE', file));
    const answer = await tertium([...argv, '--run', '--emit-test', `test-${file}`], { workingFolder: folder.path });
    expect(answer.stdout.replace(/\n {20,}/g, ' ')).toMatch(said);
    const text = readFileSync(join(folder.path, `test-${file}`), 'utf8');
    const command = /^ \*\s+(cc .*)$/m.exec(text)![1]!;
    const ran = spawnSync('sh', ['-c', command], { cwd: folder.path, encoding: 'utf8' });
    expect(`${ran.stdout}${ran.stderr}`).toMatch(shown);
    expect(ran.status).not.toBe(0);
  });

  test('a run that rests on values that nobody sets is not called different', async () => {
    folder.write(
      'unset.c',
      '#include <assert.h>\nint main(void) {\n  int x;\n  assert(x != 123456);\n  return 0;\n}\n',
    );
    const said = await tertium(['check', 'unset.c', '--run', '--json'], { workingFolder: folder.path });
    const { answers } = JSON.parse(said.stdout) as { answers: { nativeReplay: { kind: string; text: string } }[] };
    expect(answers[0]!.nativeReplay).toMatchObject({ kind: 'cannot-run', text: expect.stringMatching(/never sets/) });
  });

  test('a test passes once the source is mended', async () => {
    folder.write('mended.c', 'int f(int x) {\n  return x - 1;\n}\n');
    await tertium(['check', 'mended.c', '--emit-test', 'test-mended.c'], { workingFolder: folder.path });
    const text = readFileSync(join(folder.path, 'test-mended.c'), 'utf8');
    const command = /^ \*\s+(cc .*)$/m.exec(text)![1]!;
    const run = () => spawnSync('sh', ['-c', command], { cwd: folder.path }).status;
    expect(run()).not.toBe(0);
    folder.write('mended.c', 'int f(int x) {\n  return x > 0 ? x - 1 : 0;\n}\n');
    expect(run()).toBe(0);
  });
});

describe.runIf(reads('c'))('what cannot be run or written is said', () => {
  test.each([
    ['nothing fails', 'int f(int x) {\n  return x & 1;\n}\n', ['check', 'FILE'], /there is no counterexample/],
    [
      'mathematical integers',
      'int f(int x) {\n  return 1 / x;\n}\n',
      ['check', 'FILE', '--int', 'math'],
      /no machine has/,
    ],
  ] as const)('%s', async (name, source, ask, why) => {
    const file = `${name.replaceAll(' ', '-')}.c`;
    folder.write(file, source);
    const argv = ask.map((a) => a.replace('FILE', file));
    const said = await tertium([...argv, '--emit-test', `test-${file}`], { workingFolder: folder.path });
    expect(said.stderr).toMatch(why);
    expect(existsSync(join(folder.path, `test-${file}`))).toBe(false);
  });

  test('the file that was asked about is not written over', async () => {
    const source = 'int f(int x) {\n  return -x;\n}\n';
    folder.write('own.c', source);
    const said = await tertium(['check', 'own.c', '--emit-test', 'own.c'], { workingFolder: folder.path });
    expect(said.status).toBe(2);
    expect(readFileSync(join(folder.path, 'own.c'), 'utf8')).toBe(source);
  });
});
