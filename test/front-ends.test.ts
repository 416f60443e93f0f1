import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languages } from '../src/cli/languages.ts';
import { type ContractSample, frontEndContract } from '../src/program/front-end.contract.ts';
import { root } from './imports.ts';

/** Every front end keeps the contract of program/front-end.contract.ts. */
const essay = (name: string, functionName?: string): ContractSample => ({
  path: name,
  text: readFileSync(join(root, 'examples', 'essay', name), 'utf8'),
  ...(functionName === undefined ? {} : { functionName }),
});

const samples: Readonly<Record<string, readonly ContractSample[]>> = {
  c: [
    essay('g.c'),
    essay('exhaustive-test.c'),
    essay('collatz-char.c'),
    {
      path: 'more.c',
      functionName: 'f',
      text: `#include <assert.h>
#define TWICE(x) ((x) * 2)
enum colour { red, green = 4 };
static int total;
static int add(int a, short b) { total += a; return a + b; }
int f(unsigned char n, _Bool b) {
  int i, s = 0;
  for (i = 0; i < n && !b; ++i) { if (i % 3 == 0) continue; s = add(s, (short)TWICE(i)); }
  switch (s) { case green: return 1; default: break; }
  do { s >>= 1; } while (s > 10);
again:
  if (s-- > 0) goto again;
  assert(s < 0 || b ? s : n);
  return s ? -1 : ~total;
}
`,
    },
  ],
  python: [
    essay('g.py'),
    essay('collatz.py'),
    {
      path: 'more.py',
      functionName: 'f',
      text: `def add(a: int, b: int) -> int:
    return a + b

def f(n: int, b: bool) -> int:
    s = 0
    for i in range(n):
        if i % 3 == 0:
            continue
        s, t = add(s, i // 2), s
        if not (0 <= s < 100) or b:
            break
    else:
        s = -1
    while s > 10:
        s >>= 1
    assert s <= 10, 'small'
    if n < 0:
        raise ValueError('negative')
    return s if b else ~s
`,
    },
  ],
  its: [
    {
      path: 'down.koat',
      text: `(GOAL COMPLEXITY)
(STARTTERM (FUNCTIONSYMBOLS start))
(VAR x y)
(RULES
  start(x, y) -> loop(x, y)
  loop(x, y) -> loop(x - 1, y + 1) :|: x > 0 && y < 7
)
`,
    },
  ],
};

for (const { name, load } of languages) frontEndContract(await load(), samples[name] ?? []);
