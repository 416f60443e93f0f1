import { describe, expect, test } from 'vitest';
import { reads, temporaryFolder, tertium } from '../command-line.ts';

/**
 * 2026-11-26: a kind of failure that a language does not look at made a question without targets, and such a question has a
 * reassuring answer. See SOUNDNESS.md.
 */
const folder = temporaryFolder();
folder.write('f.c', 'int f(int *a, int n) {\n  if (!a || n < 1) return 0;\n  return a[n];\n}\n');
folder.write('f.py', 'def f(x: int):\n    return 10 // x\n');
const ask = (...argv: string[]) => tertium(argv, { workingFolder: folder.path });

describe.runIf(reads('c') && reads('python'))('kinds of failure that are not looked at', () => {
  test.each([
    [['ask', 'can f ever go out of bounds?', 'f.py']],
    [['ask', 'can f ever raise an exception?', 'f.c']],
    [['check', 'f.c', '--checks', 'exception']],
    [['check', 'f.c', '--checks', 'default,result']],
    [['check', 'f.py', '--checks', 'overflow']],
  ])('%j is refused', async (argv) => {
    const said = await ask(...argv);
    expect(said.status).toBe(2);
    expect(said.stderr).toMatch(/is not looked at in this language/);
    expect(said.stdout).toBe('');
  });

  test('all stands for what is looked at', async () => {
    expect((await ask('check', 'f.py', '--checks', 'all')).status).toBe(1);
    expect((await ask('check', 'f.c', '--checks', 'all', '--no-checks', 'pointer')).status).not.toBe(2);
  });

  test('an index behind a pointer goes out of bounds too', async () => {
    expect((await ask('ask', 'can f ever go out of bounds?', 'f.c')).status).toBe(0);
  });
});
