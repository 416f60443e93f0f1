import type { Budget } from '../../base/budget.ts';
import type { Task } from '../../program/question.ts';
import { checkEvidence } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import type { Engine, Tools } from '../engine.ts';

/**
 * Runs engines until one claims an answer whose evidence checks. Engines stand in stages: those of a stage take turns
 * (each advances to its next progress report, in a fixed order, so that the same budget in steps gives the same answer);
 * the next stage starts when all have spoken or the stage's share of the budget is used up, and what is still running
 * goes on beside it.
 */
export interface Stage {
  /** Loads the engines when the stage begins: an easy question pays for nothing else. */
  readonly engines: () => Promise<readonly Engine[]>;
  /** What the stage may use before the next one joins in. In milliseconds of the injected clock. */
  readonly aloneMs: number;
}

export interface PortfolioOptions {
  readonly onProgress?: (engine: string, progress: Progress) => void;
}

interface Runner {
  readonly engine: Engine;
  readonly budget: Budget;
  readonly generator: AsyncGenerator<Progress, Claim>;
  readonly stage: number;
  pending?: Promise<IteratorResult<Progress, Claim>>;
}

/** Of so many rounds, engines of early stages take part in one. */
const patience = 3;
const pollMs = 2;
const aloneMs = 50;

export async function runPortfolio(
  task: Task,
  stages: readonly Stage[],
  tools: Tools,
  options: PortfolioOptions = {},
): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  const running: Runner[] = [];
  const { budget } = tools;
  try {
    for (const [index, stage] of stages.entries()) {
      for (const engine of await stage.engines()) {
        if (!engine.answers(task.question)) continue;
        const share = budget.share({});
        running.push({ engine, budget: share, stage: index, generator: engine.run(task, { ...tools, budget: share }) });
      }
      const last = index === stages.length - 1;
      const alone = budget.share({ timeoutMs: last ? Number.POSITIVE_INFINITY : stage.aloneMs });
      for (let round = 0; running.length > 0 && alone.open && budget.open; round++) {
        // Engines that have had their time alone, and more, step back when the last ones begin.
        const due = running.filter((r) => !last || index - r.stage <= 1 || round % patience === 0);
        const decided = await turn(task, running, due.length > 0 ? due : running, claims, options);
        if (decided) return claims;
      }
    }
  } finally {
    for (const runner of running) {
      runner.budget.stop();
      // An engine that waits for a solver ends when the solver answers; nobody waits for it.
      void runner.generator.return(outOfBudget(runner.engine.name)).catch(() => undefined);
    }
  }
  for (const runner of running) claims.push(outOfBudget(runner.engine.name));
  return claims;
}

/** One turn for each runner; true when an answer with checked evidence has come. */
async function turn(
  task: Task,
  running: Runner[],
  due: readonly Runner[],
  claims: Claim[],
  options: PortfolioOptions,
): Promise<boolean> {
  for (const runner of [...due]) {
    runner.pending ??= runner.generator
      .next()
      .catch((error: unknown) => ({ done: true, value: crashed(runner.engine.name, error) }) as const);
    const result = await within(runner.pending, running.length > 1 ? pollMs : aloneMs);
    if (result === 'waiting') continue;
    delete runner.pending;
    if (!result.done) {
      options.onProgress?.(runner.engine.name, result.value);
      continue;
    }
    running.splice(running.indexOf(runner), 1);
    const claim = result.value;
    if (claim.answer === 'dont-know') {
      claims.push(claim);
      continue;
    }
    const checked = checkEvidence(task, claim.answer, claim.evidence);
    claims.push(claim);
    if (checked.kind === 'accepted') return true;
  }
  return false;
}

/** The promise's result if it comes in time. Lets the event loop turn, so that solvers' messages and Ctrl-C get through. */
async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | 'waiting'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise<'waiting'>((resolve) => {
    timer = setTimeout(() => resolve('waiting'), timeoutMs);
  });
  const result = await Promise.race([promise, pause]);
  clearTimeout(timer);
  if (result !== 'waiting') await new Promise<void>((resolve) => setImmediate(resolve));
  return result;
}

const outOfBudget = (by: string): Claim => ({
  by,
  answer: 'dont-know',
  reason: { kind: 'budget', text: 'the time or step limit was reached' },
});

/** A crash of an engine is our bug; the user gets the other engines' answer and sees this reason. */
const crashed = (by: string, error: unknown): Claim => ({
  by,
  answer: 'dont-know',
  reason: {
    kind: 'solver',
    text: `internal error in ${by}: ${error instanceof Error ? error.message : String(error)}`,
  },
});
