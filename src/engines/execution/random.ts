import type { Question, Task } from '../../program/question.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import type { Engine, Tools } from '../engine.ts';
import { Campaign } from './campaign.ts';
import { checkableSteps } from './exhaustive.ts';
import { stepsPerBudgetStep } from './pace.ts';

const name = 'testing';

/** What was tested is told as progress; this is why it is no answer. */
const giveUp = (kind: 'exhausted' | 'budget'): Claim => ({
  by: name,
  answer: 'dont-know',
  reason: { kind, text: 'testing found no run that decides it' },
});

/** Compiled steps after which testing has had its share, whatever the budget. */
const mostSteps = 4_000_000_000;
const msBetweenYields = 8;

/**
 * Runs the program on inputs: boxes of small inputs completely, and random ones with the values at which programs tend to
 * change their behaviour. Finds runs that meet a target, and states that repeat; otherwise it tells what was covered, at
 * which rate, and how long the rest would take. The same seed and step budget give the same claim; only rates follow the
 * clock, which is the budget's.
 */
export const testing: Engine = {
  name,
  answers: (_question: Question) => true,
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { budget } = tools;
    const now = budget.now;
    const campaign = new Campaign(task, tools.seed, checkableSteps(tools));
    // The rest of the time belongs to engines that may come to an answer.
    const half = budget.share({ timeoutMs: budget.remainingMs / 2 });
    let spent = 0;
    let resumed = now();
    for (;;) {
      const before = campaign.steps;
      const found = campaign.work();
      if (found) return { by: name, ...found };
      const t = now();
      const open = half.spend(Math.ceil((campaign.steps - before) / stepsPerBudgetStep));
      if (!open || campaign.steps > mostSteps || campaign.finished || half.expired) {
        yield { text: campaign.summary(spent + t - resumed), known: true };
        return campaign.finished ? giveUp('exhausted') : giveUp('budget');
      }
      if (t - resumed < msBetweenYields) continue;
      spent += t - resumed;
      yield { text: campaign.summary(spent), known: true };
      resumed = now();
    }
  },
};
