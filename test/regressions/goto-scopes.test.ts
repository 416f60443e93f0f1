import { describe, expect, test } from 'vitest';
import { reads, temporaryFolder, tertium } from '../command-line.ts';

/** 2026-11-26: a jump that leaves no block ended the objects of all blocks. See SOUNDNESS.md. */
const folder = temporaryFolder();

describe.runIf(reads('c'))('the objects of the blocks around a jump', () => {
  test.each([
    ['live on', 'int main(void) { int x = 3, *p = &x; { if (*p) goto out; out: ; } return *p; }', 0],
    [
      'live on when a loop is made',
      'int main(void) { int x = 3, *p = &x; again: if (--*p) goto again; return *p; }',
      0,
    ],
    ['end when they are left', 'int main(void) { int *p; { int x = 3; p = &x; goto out; } out: return *p; }', 1],
  ] as const)('%s', async (name, source, status) => {
    const file = `${name.replaceAll(' ', '-')}.c`;
    folder.write(file, `${source}\n`);
    const said = await tertium(['check', file], { workingFolder: folder.path });
    expect(said.status).toBe(status);
  });
});
