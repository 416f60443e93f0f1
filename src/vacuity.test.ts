import { describe, expect, it } from 'vitest';
import { type Answer, ask } from './ask.ts';
import { cFrontEnd } from './frontends/c/front-end.ts';
import type { FrontEndRequest } from './program/front-end.ts';
import { ProverChain } from './solvers/prover-chain.ts';

/** The answer to: does nothing go wrong in a main with this body? x is any int. */
async function answerTo(body: string): Promise<Answer['verdict']> {
  const text = `#include <assert.h>
    extern void __VERIFIER_assume(int); extern int __VERIFIER_nondet_int(void);
    int main() { int x = __VERIFIER_nondet_int(); ${body} return 0; }`;
  const request: FrontEndRequest = {
    question: 'check',
    options: { integers: 'c', dataModel: 'lp64', checks: new Set(['assertion']), include: () => undefined },
  };
  const asked = ask(cFrontEnd, [{ path: 'x.c', text }], request, { timeoutMs: 20_000, prover: new ProverChain() });
  if (!asked.ok) throw new Error(asked.error[0]!.message);
  for await (const { verdict } of asked.value.answers) return verdict;
  throw new Error('no answer');
}

describe('a yes is marked as vacuous', () => {
  it('when the assumptions contradict each other', async () => {
    const verdict = await answerTo('__VERIFIER_assume(x > 0); __VERIFIER_assume(x < 0); assert(x == 5);');
    expect(verdict).toMatchObject({ answer: 'yes', vacuous: true });
  });

  it('but not when some run satisfies them', async () => {
    const verdict = await answerTo('__VERIFIER_assume(x > 0); __VERIFIER_assume(x < 9); assert(x != 20);');
    expect(verdict).toMatchObject({ answer: 'yes', vacuous: false });
  });

  it('nor when the target cannot be reached anyway', async () => {
    const verdict = await answerTo('__VERIFIER_assume(x > 0); if (x * 0 == 1) assert(x == 5);');
    expect(verdict).toMatchObject({ answer: 'yes', vacuous: false });
  });
});
