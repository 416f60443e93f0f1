import type { Budget } from './base/budget.ts';
import type { Task } from './program/question.ts';
import { check } from './verdict/check.ts';
import type { PartsEvidence } from './verdict/evidence.ts';
import { type Property, type PropertyResult, partTask, propertiesOf } from './verdict/properties.ts';
import { replayTrace } from './verdict/trace-check.ts';
import type { Decided, Verdict } from './verdict/verdict.ts';

/**
 * One question about many checks, settled property by property: after a no, the failing property is set aside and the others
 * are asked about again, so that independent failures are all found; after a don't know, the set is halved, so that what can
 * be settled is. Every result has a verdict with evidence of its own; several properties may share one.
 *
 * Gives up when the budget is used up: what is left is open.
 */
export interface Settled {
  /** The answer to the whole question: as before, or what the parts add up to where it was open. */
  readonly verdict: Verdict;
  readonly results: readonly PropertyResult[];
}

/** Asks the engines about a task, within a budget. */
export type Asking = (task: Task, budget: Budget) => Promise<Verdict>;

const leastShareMs = 100;

export async function settleProperties(
  task: Task,
  verdict: Verdict,
  asking: Asking,
  budget: Budget,
  onSettled?: (settled: number, of: number) => void,
): Promise<Settled> {
  const all = propertiesOf(task);
  const results = new Map<Property, PropertyResult>();
  const settle = (properties: readonly Property[], result: PropertyResult['result'], by: Verdict, of: Task): void => {
    for (const property of properties) results.set(property, { property, result, verdict: by, task: of });
    onSettled?.(results.size, all.length);
  };
  /** Sets still to be asked about; `known` is an answer that is there already. */
  const work: { properties: readonly Property[]; known?: Verdict; whole?: boolean }[] = [
    { properties: all, known: verdict, whole: true },
  ];
  for (let item = work.pop(); item; item = work.pop()) {
    const { properties } = item;
    const part = item.whole ? task : partTask(task, targetsOf(properties));
    const answer = item.known ?? (await ask(part, asking, budget, work.length + (properties.length > 1 ? 1 : 0)));
    if (answer.answer === 'yes') settle(properties, 'holds', answer, part);
    else if (answer.answer === 'no') {
      const failing = failingProperty(part, answer, task, properties);
      settle(failing ? [failing] : properties, failing ? 'fails' : 'open', answer, part);
      const rest = properties.filter((p) => p !== failing);
      if (failing && rest.length > 0) work.push({ properties: rest });
    } else if (properties.length === 1 || !budget.open || noYes(task)) settle(properties, 'open', answer, part);
    else {
      const middle = Math.ceil(properties.length / 2);
      // The first half is asked about first.
      work.push({ properties: properties.slice(middle) }, { properties: properties.slice(0, middle) });
    }
  }
  const inOrder = all.map((p) => results.get(p)!);
  return { verdict: verdict.answer === 'dont-know' ? together(task, verdict, inOrder) : verdict, results: inOrder };
}

const targetsOf = (properties: readonly Property[]): number[] =>
  properties.flatMap((p) => p.targets).sort((a, b) => a - b);

/** Every set that waits, and the halves of this one, get a share; what one leaves over is for the others. */
async function ask(part: Task, asking: Asking, budget: Budget, waiting: number): Promise<Verdict> {
  if (!budget.open) {
    const reason = { kind: 'budget', text: 'the time was used up before it was looked at alone' } as const;
    return check(part, [{ by: 'properties', answer: 'dont-know', reason }]);
  }
  return asking(part, budget.share({ timeoutMs: Math.max(leastShareMs, budget.remainingMs / (waiting + 1)) }));
}

/** The property that the run of a no shows to fail. */
function failingProperty(
  part: Task,
  answer: Verdict,
  whole: Task,
  properties: readonly Property[],
): Property | undefined {
  const { question } = part;
  if (answer.answer !== 'no' || answer.evidence.kind !== 'trace' || question.kind !== 'always') return undefined;
  const { met } = replayTrace(part.program, question.targets, false, answer.evidence);
  if (!met || whole.question.kind !== 'always') return undefined;
  const index = whole.question.targets.indexOf(met);
  return properties.find((p) => p.targets.includes(index));
}

/** An approximation stands against every yes: asking about less does not help. */
const noYes = (task: Task): boolean => task.assumptions.some((a) => a.kind === 'approximation' && a.side === 'under');

/** A failing property answers the whole question, and so do all, if they hold. */
function together(task: Task, open: Verdict, results: readonly PropertyResult[]): Verdict {
  const decided = (r: PropertyResult): Decided & Verdict => r.verdict as Decided & Verdict;
  const failing = results.find((r) => r.result === 'fails');
  if (failing) {
    const { by, evidence } = decided(failing);
    return check(task, [{ by, answer: 'no', evidence }]);
  }
  if (results.length === 0 || results.some((r) => r.result !== 'holds')) return open;
  const parts: PartsEvidence['parts'][number][] = [];
  const indexOf = new Map<Task, number>();
  for (const result of results) {
    const known = indexOf.get(result.task);
    const { evidence } = decided(result);
    if (evidence.kind === 'parts') return open;
    if (known === undefined) {
      indexOf.set(result.task, parts.length);
      parts.push({
        targets: targetsOf(results.filter((r) => r.task === result.task).map((r) => r.property)),
        evidence,
      });
    }
  }
  const engines = [...new Set(results.map((r) => decided(r).by))].join(', ');
  const verdict = check(task, [{ by: engines, answer: 'yes', evidence: { kind: 'parts', parts } }]);
  return verdict.answer === 'yes' ? verdict : open;
}
