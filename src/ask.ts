import { Budget } from './base/budget.ts';
import type { Diagnostic } from './base/diagnostic.ts';
import { ok, type Result } from './base/result.ts';
import type { Source } from './base/span.ts';
import { runPortfolio } from './engines/portfolio/portfolio.ts';
import { stagesFor } from './engines/portfolio/stages.ts';
import type { FrontEnd, FrontEndRequest } from './program/front-end.ts';
import type { CheckKind } from './program/program.ts';
import type { Assumption, Task } from './program/question.ts';
import type { Prover } from './solvers/prover.ts';
import { check } from './verdict/check.ts';
import type { Claim, Progress } from './verdict/claim.ts';
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
  readonly onProgress?: (task: Task, engine: string, progress: Progress) => void;
  /** Called with the budget of each question, so that a caller can stop it. */
  readonly onBudget?: (budget: Budget) => void;
  readonly now?: () => number;
}

export interface Answer {
  readonly verdict: Verdict;
  /** Side questions that the answer rests on, with their own evidence: "no signed overflow". */
  readonly supporting: readonly Verdict[];
  readonly task: Task;
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
  const { tasks, warnings, sources: read } = reading.value;
  const wrapping = (): Task[] => {
    const again = frontEnd.read(sources, { ...request, options: { ...request.options, integers: 'wrap' } });
    return again.ok ? [...again.value.tasks] : [];
  };
  return ok({ answers: answerAll(tasks, wrapping, options), tasks, warnings, sources: read });
}

async function* answerAll(tasks: readonly Task[], wrapping: () => Task[], options: AskOptions): AsyncGenerator<Answer> {
  for (const [index, task] of tasks.entries()) {
    const budget = new Budget({
      timeoutMs: options.timeoutMs,
      ...(options.stepLimit === undefined ? {} : { stepLimit: options.stepLimit }),
      ...(options.now ? { now: options.now } : {}),
    });
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
  const verdict = check(task, await claimsFor(task, budget, options));
  if (task.question.kind !== 'terminates' || verdict.answer === 'no') return { verdict, supporting: [], task };
  return guardTermination(task, verdict, wrapping, budget, options);
}

/** Runs the engines on one task. */
async function claimsFor(task: Task, budget: Budget, options: AskOptions): Promise<readonly Claim[]> {
  const tools = { budget, prover: options.prover, seed: options.seed ?? 1 };
  return runPortfolio(task, await stagesFor(task.question), tools, {
    ...(options.onProgress
      ? { onProgress: (engine: string, progress: Progress) => options.onProgress!(task, engine, progress) }
      : {}),
  });
}

/** After these the standard says nothing about what the program does next. */
const undefinedBehaviour: ReadonlySet<CheckKind> = new Set([
  'overflow',
  'division',
  'shift',
  'bounds',
  'pointer',
  'free',
  'uninitialised',
  'conversion',
  'race',
]);

/**
 * A run ends at its first failing check, so "yes, it ends" could hide undefined behaviour. Such a yes stands only if that
 * behaviour is proved absent, or, for signed overflow, if the program also ends when overflow wraps around. What is left
 * open is an assumption beside the answer (SOUNDNESS.md, conventions).
 */
async function guardTermination(
  task: Task,
  verdict: Verdict,
  wrapping: () => Task | undefined,
  budget: Budget,
  options: AskOptions,
): Promise<Answer> {
  const suspects = task.program.checks.filter((c) => undefinedBehaviour.has(c.kind));
  if (suspects.length === 0) return { verdict, supporting: [], task };
  let open = suspects;
  const supporting: Verdict[] = [];
  if (verdict.answer === 'yes') {
    const overflow = suspects.some((c) => c.kind === 'overflow');
    const side: Task = {
      ...task,
      question: {
        kind: 'always',
        text: overflow
          ? 'Does no signed overflow, nor other undefined behaviour, happen?'
          : 'Does no undefined behaviour happen?',
        targets: suspects.map((c) => ({ at: c.at, property: c.property, check: c.id })),
      },
    };
    const safe = check(
      side,
      await claimsFor(side, budget.share({ timeoutMs: Math.max(500, budget.remainingMs / 2) }), options),
    );
    if (safe.answer === 'yes') return { verdict, supporting: [safe], task };
    supporting.push(safe);
    open = suspects.filter((c) => c.kind !== 'overflow');
    if (!overflow) return { verdict: restate(task, verdict, [openAssumption(open)]), supporting, task };
  }
  if (!suspects.some((c) => c.kind === 'overflow')) return { verdict, supporting, task };
  const wrapped = wrapping();
  if (!wrapped) return { verdict: withhold(task, verdict), supporting, task };
  const note: Assumption = {
    kind: 'environment',
    text: 'signed overflow, where it happens, wraps around (the C standard leaves it undefined)',
  };
  const assumptions = open.length > 0 && verdict.answer === 'yes' ? [note, openAssumption(open)] : [note];
  const other: Task = { ...wrapped, assumptions: [...wrapped.assumptions, ...assumptions] };
  const second = check(other, await claimsFor(other, budget, options));
  if (second.answer === 'yes') return { verdict: second, supporting, task: other };
  return { verdict: withhold(task, verdict), supporting, task };
}

const openAssumption = (open: readonly { readonly text: string }[]): Assumption => ({
  kind: 'environment',
  text: `not proved, so assumed: ${open
    .slice(0, 3)
    .map((c) => c.text)
    .join('; ')}${open.length > 3 ? `; and ${open.length - 3} more` : ''}`,
});

/** The same answer with more assumptions beside it. */
function restate(task: Task, verdict: Verdict, more: readonly Assumption[]): Verdict {
  if (verdict.answer === 'dont-know') return verdict;
  const { by, answer, evidence } = verdict;
  return check({ ...task, assumptions: [...task.assumptions, ...more] }, [{ by, answer, evidence }]);
}

/** Turns a yes that overflow could spoil into a don't know that says so. */
function withhold(task: Task, verdict: Verdict): Verdict {
  if (verdict.answer !== 'yes') return verdict;
  const text =
    'every run without signed overflow ends, but whether overflow can happen, and what the program does after it, is open';
  return check(task, [{ by: verdict.by, answer: 'dont-know', reason: { kind: 'exhausted', text } }]);
}
