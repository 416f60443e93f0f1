import { describe, expect, it } from 'vitest';
import { ask } from '../../src/ask.ts';
import { makeProver } from '../../src/cli/prover.ts';
import { cFrontEnd } from '../../src/frontends/c/front-end.ts';

/** Wrong answers about memory that we gave while it was built; see SOUNDNESS.md. */
async function answerTo(text: string): Promise<string> {
  const asking = ask(
    cFrontEnd,
    [{ path: 'a.c', text }],
    {
      question: 'check',
      options: {
        integers: 'c',
        dataModel: 'lp64',
        checks: cFrontEnd.defaultChecks,
        include: () => undefined,
        allocation: 'succeeds',
      },
    },
    { timeoutMs: 20_000, prover: makeProver() },
  );
  if (!asking.ok) throw new Error(asking.error[0]!.message);
  for await (const { verdict } of asking.value.answers) return verdict.answer;
  throw new Error('no answer');
}

describe('what a program may not conclude from where objects lie', () => {
  it('a number made into a pointer may be an address of the program', async () => {
    const text = '#include <assert.h>\nint main(void) { char *a = (char *)0x100; char *b = ""; assert(a != b); }';
    expect(await answerTo(text)).not.toBe('yes');
  });

  it('no object is better aligned than it has to be', async () => {
    const text = `#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
int main(void) { int *p = malloc(4); assert(((uintptr_t)p & 63) == 0); free(p); }`;
    expect(await answerTo(text)).not.toBe('yes');
  });
});

describe('objects and what may be done to them', () => {
  it('elements of a constant array are constant', async () => {
    const text = `const char b[] = "abc";
int main(int argc, char **argv) { char a[2]; char *c = argc == 1 ? a : (char *)b; *c = 0; return 0; }`;
    expect(await answerTo(text)).toBe('no');
  });

  it('an array of variable length may be larger than all of memory', async () => {
    const text = 'int main(unsigned n, char **m) { if (n > 30) { int a[n][n]; a[1][2] = 0; } return 0; }';
    expect(await answerTo(text)).toBe('no');
  });

  it('a function of the library that we do not know is not any function', async () => {
    const text =
      '#include <assert.h>\n#include <sys/socket.h>\nint main(void) { assert(listen(0, 1) == 7); return 0; }';
    expect(await answerTo(text).catch(() => 'refused')).not.toBe('no');
  });

  it('nor is one that works on numbers alone', async () => {
    const text =
      '#include <assert.h>\n#include <complex.h>\nint main(void) { assert(cabs(3.0 + 4.0 * I) == 5.0); return 0; }';
    expect(await answerTo(text).catch(() => 'refused')).not.toBe('no');
  });
});
