import type { Program, Step } from './program/program.ts';
import type { Task } from './program/question.ts';
import type { Claim } from './verdict/claim.ts';
import type { Verdict } from './verdict/verdict.ts';

/**
 * A program that asks the very question that is asked about it: `terminates(h)` inside h. The call is tried with both
 * answers. If h returns when the call says no, and never returns when it says yes, then whatever is answered is false: the
 * diagonal argument of Turing 1936 ([Turing-1936]). No tool can know, and the reader gets the argument, not a time-out.
 */
export async function selfReference(task: Task, ask: (task: Task) => Promise<Verdict>): Promise<Claim | undefined> {
  const name = task.subject.functionName;
  if (task.question.kind !== 'terminates' || name === undefined) return undefined;
  const label = `terminates(${name})`;
  const asksItself = (p: Program): boolean =>
    [...p.procedures.values()].some((q) =>
      q.edges.some((e) => e.steps.some((s) => s.kind === 'havoc' && s.input === label)),
    );
  if (!asksItself(task.program)) return undefined;
  const ifYes = await ask(supposing(task, label, 1n));
  const ifNo = await ask(supposing(task, label, 0n));
  const text = argument(name, ifYes.answer, ifNo.answer);
  return text === undefined
    ? undefined
    : { by: 'self-reference', answer: 'dont-know', reason: { kind: 'paradox', text } };
}

function argument(name: string, ifYes: Verdict['answer'], ifNo: Verdict['answer']): string | undefined {
  if (ifYes === 'no' && ifNo === 'yes') {
    return (
      `no tool can know: \`${name}\` asks this very question about itself and then does the opposite. ` +
      `If the answer were yes, \`terminates(${name})\` would be true, and \`${name}\` would never return: so yes is false. ` +
      `If the answer were no, it would be false, and \`${name}\` would return: so no is false`
    );
  }
  if (ifYes === 'yes' && ifNo === 'no') {
    return (
      `both answers make themselves true: if the answer is yes, \`terminates(${name})\` is true and \`${name}\` returns; ` +
      `if it is no, \`terminates(${name})\` is false and \`${name}\` never returns`
    );
  }
  return undefined;
}

/** The task with the call answered; the assumption that it may answer anything goes. */
function supposing(task: Task, label: string, value: bigint): Task {
  const { program } = task;
  const answered = (step: Step): Step =>
    step.kind === 'havoc' && step.input === label
      ? { kind: 'assign', target: step.target, value: program.terms.value(value, step.target.sort) }
      : step;
  const procedures = new Map(
    [...program.procedures].map(([name, p]) => [
      name,
      { ...p, edges: p.edges.map((e) => ({ ...e, steps: e.steps.map(answered) })) },
    ]),
  );
  const assumptions = task.assumptions.filter((a) => !a.text.includes(label));
  return { ...task, program: { ...program, procedures }, assumptions };
}
