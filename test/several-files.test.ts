import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, tertium } from './command-line.ts';

/** Several C files as one program: asked about, certified, replayed. */
const compiler = spawnSync('cc', ['--version']).status === 0;
const folder = temporaryFolder();
const ask = (...argv: string[]) => tertium(argv, { workingFolder: folder.path });

folder.write(
  'counter.h',
  'extern int counter;\nint next(int step);\nstatic inline int twice(int x) { return x + x; }\n',
);
folder.write(
  'counter.c',
  '#include "counter.h"\nint counter = 1;\nstatic int limit(int x) { return x > 100 ? 100 : x; }\nint next(int step) { counter = limit(counter + step); return counter; }\n',
);
folder.write(
  'main.c',
  '#include "counter.h"\n#include <assert.h>\nstatic int limit(int x) { return x < 0 ? 0 : x; }\nint main(void) {\n  assert(next(limit(-5)) == 1);\n  assert(next(twice(4)) == 9);\n  return counter;\n}\n',
);
folder.write(
  'wrong.c',
  '#include "counter.h"\n#include <assert.h>\nint main(void) {\n  assert(next(200) == 201);\n  return 0;\n}\n',
);

describe('several C files', () => {
  test('are one program', async () => {
    const said = await ask('check', 'main.c', 'counter.c');
    expect(said.stdout).toMatch(/Does nothing go wrong in the program\? Yes\./);
    expect(said.status).toBe(0);
    expect((await ask('check', 'counter.c', 'main.c')).status).toBe(0);
  });

  test('have certificates that name all of them', async () => {
    const certificate = join(folder.path, 'all.tertium.json');
    expect((await ask('check', 'main.c', 'counter.c', '--certificate', certificate)).status).toBe(0);
    const holds = await tertium(['recheck', certificate], { workingFolder: '/' });
    expect(holds.stdout).toMatch(/holds/);
    expect(holds.status).toBe(0);
    folder.write(
      'counter.c',
      '#include "counter.h"\nint counter = 1;\nint next(int step) { return counter += step; }\n',
    );
    const changed = await tertium(['recheck', certificate], { workingFolder: '/' });
    expect(changed.stdout).toMatch(/counter\.c has changed/);
    expect(changed.status).toBe(1);
    folder.write(
      'counter.c',
      '#include "counter.h"\nint counter = 1;\nstatic int limit(int x) { return x > 100 ? 100 : x; }\nint next(int step) { counter = limit(counter + step); return counter; }\n',
    );
  });

  test.skipIf(!compiler)('are compiled together to replay a counterexample', { timeout: 120_000 }, async () => {
    const said = await ask('check', 'wrong.c', 'counter.c', '--run');
    expect(said.status).toBe(1);
    expect(said.stdout).toMatch(/cc: the same failure/);
    // A failure in another file than the one that was asked about is named with its file.
    const inside = await ask('check', 'main.c', 'counter.c:next', '--run');
    expect(inside.stdout).toMatch(/counter\.c|line 4/);
    folder.write('user.c', 'int next(int);\nint run(int x) { return next(x); }\n');
    const other = await ask('check', 'user.c:run', 'counter.c', '--run');
    expect(other.stdout).toMatch(/counter\.c/);
    expect(other.stdout).toMatch(/cc: /);
  });

  test('may name the function that the question is about', async () => {
    expect((await ask('terminates', 'main.c', 'counter.c:next')).stdout).toMatch(/`next` always return.*Yes/);
    const two = await ask('terminates', 'main.c', 'counter.c:limit');
    expect(two.stderr).toMatch(/`limit` is defined in 2 files.*name one of limit\.main, limit\.counter/s);
    expect((await ask('terminates', 'main.c', 'counter.c:limit.counter')).stdout).toMatch(/always return.*Yes/);
  });

  test('are refused when they contradict each other or are no C', async () => {
    const twice = await ask('check', 'main.c', 'wrong.c', 'counter.c');
    expect(twice.status).toBe(2);
    expect(twice.stderr).toMatch(/`main` is defined twice/);
    expect(twice.stderr).toMatch(/the other is in main\.c, line 4/);
    folder.write('f.py', 'x = 1\n');
    expect((await ask('check', 'main.c', 'f.py')).stderr).toMatch(/f\.py is no C file/);
    expect((await ask('check', 'f.py', 'f.py')).stderr).toMatch(/f\.py is given twice/);
    expect((await ask('check', 'main.c:main', 'counter.c:next')).stderr).toMatch(/two functions are asked about/);
    expect((await ask('check', 'main.c', 'missing.c')).stderr).toMatch(/there is no file missing\.c/);
  });
});
