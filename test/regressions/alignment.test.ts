import { describe, expect, test } from 'vitest';
import { reads, temporaryFolder, tertium } from '../command-line.ts';

/** 2026-11-26: what an expression adds to the address of an object was not part of its alignment. See SOUNDNESS.md. */
const folder = temporaryFolder();

describe.runIf(reads('c'))('the alignment of an address that something was added to', () => {
  test.each([
    [
      'a number that is not known',
      'int f(int n) { static int w[2]; if (n < 0 || n > 3) return 0; return *(int *) ((char *) w + n); }',
      1,
    ],
    ['a constant', 'int f(int n) { static int w[2]; return n ? *(int *) ((char *) w + 1) : 0; }', 1],
    [
      'whole elements',
      'int f(int n) { static int w[9]; if (n < 0 || n > 3) return 0; return *(int *) ((char *) w + 4 * n + 8); }',
      0,
    ],
  ] as const)('%s', async (name, source, status) => {
    const file = `${name.replaceAll(' ', '-')}.c`;
    folder.write(file, `${source}\n`);
    const said = await tertium(['check', file, '--checks', 'alignment,pointer'], { workingFolder: folder.path });
    expect(said.status).toBe(status);
  });
});
