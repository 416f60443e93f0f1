import type { Check, CheckKind } from '../program/program.ts';
import type { Assumption, Task } from '../program/question.ts';

/**
 * A run ends at its first failing check, so "yes, it ends" could hide undefined behaviour. Such a yes stands only if that
 * behaviour is proved absent (the side task), or, for signed overflow, if the program also ends when overflow wraps around.
 * What is left open is an assumption beside the answer (SOUNDNESS.md, conventions). The flow (ask.ts) and the rechecking of
 * certificates share these rules.
 */

/** After these the standard says nothing about what the program does next. */
const undefinedBehaviour: ReadonlySet<CheckKind> = new Set([
  'overflow',
  'division',
  'shift',
  'bounds',
  'pointer',
  'alignment',
  'free',
  'uninitialised',
  'conversion',
  'race',
]);

/**
 * The checks behind whose failure a termination answer could hide. Only C leaves behaviour undefined: in Python a division by
 * zero raises an exception, which ends the run.
 */
export const suspectChecks = (task: Task): readonly Check[] =>
  task.subject.language === 'c' ? task.program.checks.filter((c) => undefinedBehaviour.has(c.kind)) : [];

/** The question that none of the suspects fails. requires: there is one. */
export function sideTask(task: Task): Task {
  const suspects = suspectChecks(task);
  const overflow = suspects.some((c) => c.kind === 'overflow');
  return {
    ...task,
    question: {
      kind: 'always',
      text: overflow
        ? 'Does no signed overflow, nor other undefined behaviour, happen?'
        : 'Does no undefined behaviour happen?',
      targets: suspects.map((c) => ({ at: c.at, property: c.property, check: c.id })),
    },
  };
}

export const wrapsAround: Assumption = {
  kind: 'environment',
  text: 'signed overflow, where it happens, wraps around (the C standard leaves it undefined)',
};

/** What was not proved, as an assumption; none for no checks. */
export function openAssumptions(open: readonly Check[]): readonly Assumption[] {
  if (open.length === 0) return [];
  const more = open.length > 3 ? `; and ${open.length - 3} more` : '';
  const texts = open.slice(0, 3).map((c) => c.text);
  return [{ kind: 'environment', text: `not proved, so assumed: ${texts.join('; ')}${more}` }];
}

export const withAssumptions = (task: Task, more: readonly Assumption[]): Task => ({
  ...task,
  assumptions: [...task.assumptions, ...more],
});
