import { Budget } from '../../src/base/budget.ts';
import type { Engine } from '../../src/engines/engine.ts';
import type { Task } from '../../src/program/question.ts';
import type { Prover } from '../../src/solvers/prover.ts';
import type { Claim, Progress } from '../../src/verdict/claim.ts';

export const noProver: Prover = { refute: async () => ({ kind: 'unknown', reason: 'no prover' }) };

/** Runs an engine to its claim under a step budget and a clock that the test controls (one millisecond a look). */
export async function runEngine(
  engine: Engine,
  task: Task,
  options: { stepLimit: number; seed?: number; msPerLook?: number; prover?: Prover },
): Promise<{ claim: Claim; progress: Progress[] }> {
  let looks = 0;
  const budget = new Budget({ stepLimit: options.stepLimit, now: () => looks++ * (options.msPerLook ?? 1) });
  const generator = engine.run(task, { budget, prover: options.prover ?? noProver, seed: options.seed ?? 1 });
  const progress: Progress[] = [];
  for (;;) {
    const next = await generator.next();
    if (next.done) return { claim: next.value, progress };
    progress.push(next.value);
  }
}
