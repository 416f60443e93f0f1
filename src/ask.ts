import { Budget } from './base/budget.ts';
import type { Diagnostic } from './base/diagnostic.ts';
import { err, ok, type Result } from './base/result.ts';
import type { Source } from './base/span.ts';
import { runPortfolio, type Stage } from './engines/portfolio/portfolio.ts';
import { stagesFor } from './engines/portfolio/stages.ts';
import type { FrontEnd, FrontEndRequest } from './program/front-end.ts';
import { withLoopContracts } from './program/loop-contracts.ts';
import type { Assumption, Task } from './program/question.ts';
import { type Asking, type Settled, settleProperties } from './properties.ts';
import { selfReference } from './self-reference.ts';
import type { Prover } from './solvers/prover.ts';
import { isVacuous } from './vacuity.ts';
import { check } from './verdict/check.ts';
import type { Claim, Progress } from './verdict/claim.ts';
import { propertiesOf } from './verdict/properties.ts';
import { openAssumptions, sideTask, suspectChecks, withAssumptions, wrapsAround } from './verdict/side-conditions.ts';
import type { Verdict } from './verdict/verdict.ts';

/**
 * The whole flow: sources → front end → tasks → engines → check → answers.
 */
export interface AskOptions {
  /** For each question. */
  readonly timeoutMs: number;
  readonly stepLimit?: number;
  readonly seed?: number;
  readonly prover: Prover;
  /** Asks the engine of this name alone: for measuring. */
  readonly onlyEngine?: string;
  /** Takes the user's loop invariants as contracts; see program/loop-contracts.ts. */
  readonly loopContracts?: boolean;
  /** Leaves the user's hints out: for measuring. */
  readonly withoutHints?: boolean;
  readonly onProgress?: (task: Task, engine: string, progress: Progress) => void;
  /** Called with the budget of each question, so that a caller can stop it. */
  readonly onBudget?: (budget: Budget) => void;
  readonly now?: () => number;
}

/** The code of the warning that a hint is not used. */
const unusedHint = 'C0520';

export interface Answer {
  readonly verdict: Verdict;
  /** Side questions that the answer rests on, with their own evidence: "no signed overflow". */
  readonly supporting: readonly Verdict[];
  readonly task: Task;
  /** The answer is about the program whose signed overflow wraps around. */
  readonly wrapped?: boolean;
  /**
   * For a question about checks: the result of each property, and what they add up to. Asking for it may take as long as the
   * question itself; the rest of the answer does not wait for it.
   */
  readonly settle?: (onSettled?: (settled: number, of: number) => void) => Promise<Settled>;
}

export interface Answers {
  readonly answers: AsyncIterable<Answer>;
  readonly tasks: readonly Task[];
  readonly warnings: readonly Diagnostic[];
  readonly sources: readonly Source[];
}

export function ask(
  frontEnd: FrontEnd,
  sources: readonly Source[],
  request: FrontEndRequest,
  options: AskOptions,
): Result<Answers, readonly Diagnostic[]> {
  const reading = frontEnd.read(sources, request);
  if (!reading.ok) return reading;
  const { warnings, sources: read } = reading.value;
  // As contracts, hints are part of the question: one that cannot be read leaves nothing to answer.
  const unread = options.loopContracts && !options.withoutHints ? warnings.filter((w) => w.code === unusedHint) : [];
  if (unread.length > 0) return err(unread.map((w) => ({ ...w, severity: 'unsupported' as const })));
  const tasks = reading.value.tasks.map((task) => {
    if (options.withoutHints) return { ...task, program: { ...task.program, hints: [] } };
    return options.loopContracts ? withLoopContracts(task) : task;
  });
  const wrapping = (): Task[] => {
    const again = frontEnd.read(sources, { ...request, options: { ...request.options, integers: 'wrap' } });
    return again.ok ? [...again.value.tasks] : [];
  };
  return ok({ answers: answerAll(tasks, wrapping, options), tasks, warnings, sources: read });
}

async function* answerAll(tasks: readonly Task[], wrapping: () => Task[], options: AskOptions): AsyncGenerator<Answer> {
  for (const [index, task] of tasks.entries()) {
    const budget = budgetOf(options);
    options.onBudget?.(budget);
    yield await answer(task, () => wrapping()[index], budget, options);
  }
}

async function answer(
  task: Task,
  wrapping: () => Task | undefined,
  budget: Budget,
  options: AskOptions,
): Promise<Answer> {
  const paradox = await selfReference(task, async (other) => check(other, await claimsFor(other, budget, options)));
  if (paradox) return { verdict: check(task, [paradox]), supporting: [], task };
  const claims = await claimsFor(task, budget, options);
  const verdict = check(task, claims);
  if (task.question.kind === 'always') {
    const asking = async (other: Task, share: Budget) => check(other, await claimsFor(other, share, options));
    const vacuous = verdict.answer === 'yes' && (await isVacuous(task, asking, budget));
    const whole = vacuous ? check(task, claims, { vacuous }) : verdict;
    return { verdict: whole, supporting: [], task, ...byProperty(task, whole, asking, options) };
  }
  if (task.question.kind !== 'terminates' || verdict.answer === 'no') return { verdict, supporting: [], task };
  return guardTermination(task, verdict, wrapping, budget, options);
}

/** How to settle each property of a question about checks, with as much time again as the question had. */
function byProperty(task: Task, whole: Verdict, asking: Asking, options: AskOptions): Pick<Answer, 'settle'> {
  if (propertiesOf(task).length === 0) return {};
  return {
    settle: async (onSettled) => {
      const budget = budgetOf(options);
      options.onBudget?.(budget);
      const settled = await settleProperties(task, whole, asking, budget, onSettled);
      const { verdict } = settled;
      if (verdict === whole || verdict.answer !== 'yes' || !(await isVacuous(task, asking, budget))) return settled;
      const { by, answer, evidence } = verdict;
      return { ...settled, verdict: check(task, [{ by, answer, evidence }], { vacuous: true }) };
    },
  };
}

function budgetOf(options: AskOptions): Budget {
  return new Budget({
    timeoutMs: options.timeoutMs,
    ...(options.stepLimit === undefined ? {} : { stepLimit: options.stepLimit }),
    ...(options.now ? { now: options.now } : {}),
  });
}

/** Runs the engines on one task. */
async function claimsFor(task: Task, budget: Budget, options: AskOptions): Promise<readonly Claim[]> {
  const tools = { budget, prover: options.prover, seed: options.seed ?? 1 };
  const claims = await runPortfolio(task, only(options.onlyEngine, stagesFor(task.question)), tools, {
    ...(options.onProgress
      ? { onProgress: (engine: string, progress: Progress) => options.onProgress!(task, engine, progress) }
      : {}),
  });
  if (!claims.some((c) => c.answer !== 'dont-know')) return claims;
  const { shrinkClaim } = await import('./passes/shrink-witness.ts');
  return claims.map((claim) => shrinkClaim(task, claim));
}

function only(engine: string | undefined, stages: readonly Stage[]): readonly Stage[] {
  if (engine === undefined) return stages;
  return stages.map((s) => ({ ...s, engines: async () => (await s.engines()).filter((e) => e.name === engine) }));
}

/** How long it is tried to prove what otherwise stands as an assumption beside the answer. */
const mostMsForAssumptions = 3_000;

/** Makes sure that no yes hides undefined behaviour; the rules stand in verdict/side-conditions.ts. */
async function guardTermination(
  task: Task,
  verdict: Verdict,
  wrapping: () => Task | undefined,
  budget: Budget,
  options: AskOptions,
): Promise<Answer> {
  const suspects = suspectChecks(task);
  if (suspects.length === 0) return { verdict, supporting: [], task };
  const overflow = suspects.some((c) => c.kind === 'overflow');
  const supporting: Verdict[] = [];
  if (verdict.answer === 'yes') {
    const side = sideTask(task);
    const half = Math.max(500, budget.remainingMs / 2);
    const share = budget.share({ timeoutMs: overflow ? half : Math.min(half, mostMsForAssumptions) });
    const safe = check(side, await claimsFor(side, share, options));
    supporting.push(safe);
    if (safe.answer === 'yes') return { verdict, supporting, task };
    if (!overflow) return { verdict: restate(task, verdict, openAssumptions(suspects)), supporting, task };
  }
  if (!overflow) return { verdict, supporting, task };
  const wrapped = wrapping();
  if (!wrapped) return { verdict: withhold(task, verdict), supporting, task };
  const other = withAssumptions(wrapped, [wrapsAround, ...openAssumptions(suspectChecks(wrapped))]);
  const second = check(other, await claimsFor(other, budget, options));
  if (second.answer === 'yes') return { verdict: second, supporting, task: other, wrapped: true };
  return { verdict: withhold(task, verdict), supporting, task };
}

/** The same answer with more assumptions beside it. */
function restate(task: Task, verdict: Verdict, more: readonly Assumption[]): Verdict {
  if (verdict.answer === 'dont-know') return verdict;
  const { by, answer, evidence } = verdict;
  return check(withAssumptions(task, more), [{ by, answer, evidence }]);
}

/** Turns a yes that overflow could spoil into a don't know that says so. */
function withhold(task: Task, verdict: Verdict): Verdict {
  if (verdict.answer !== 'yes') return verdict;
  const text =
    'every run without signed overflow ends, but whether overflow can happen, and what the program does after it, is open';
  return check(task, [{ by: verdict.by, answer: 'dont-know', reason: { kind: 'exhausted', text } }]);
}
