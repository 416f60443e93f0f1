import type { Span } from '../base/span.ts';
import type { Check, CheckKind } from '../program/program.ts';
import type { Question, Task } from '../program/question.ts';
import type { Verdict } from './verdict.ts';

/**
 * A question about checks, taken apart into its properties: what the source or its language demands at one place. Inlining makes
 * copies of a check; they are one property, and stand or fall together.
 *
 * A run ends at its first failing check. So a property that holds while others fail or are open holds on every run up to that
 * first failure; only together with all others does it hold without a condition.
 */
export interface Property {
  readonly kind: CheckKind;
  /** What is demanded, as a clause, and what goes wrong. */
  readonly text: string;
  readonly failure: string;
  readonly origin?: Span;
  /** Its places in the question's list of targets. */
  readonly targets: readonly number[];
}

export interface PropertyResult {
  readonly property: Property;
  readonly result: 'holds' | 'fails' | 'open';
  /** The answer to `task`, which may be about several properties at once. */
  readonly verdict: Verdict;
  readonly task: Task;
}

/** The properties of a question whose targets are all checks that must hold, by line; none for any other question. */
export function propertiesOf(task: Task): readonly Property[] {
  const { program, question } = task;
  if (question.kind !== 'always') return [];
  const checks = new Map(program.checks.map((c) => [c.id, c]));
  const found = new Map<string, { check: Check; targets: number[] }>();
  for (const [index, target] of question.targets.entries()) {
    const check = target.check === undefined ? undefined : checks.get(target.check);
    if (!check) return [];
    const key = keyOf(check, index);
    const same = found.get(key);
    if (same) same.targets.push(index);
    else found.set(key, { check, targets: [index] });
  }
  const list = [...found.values()].map(({ check, targets }): Property => {
    const { kind, text, failure, origin } = check;
    return { kind, text, failure, ...(origin ? { origin } : {}), targets };
  });
  const offset = (p: Property): number => p.origin?.start.offset ?? 0;
  return list.sort((a, b) =>
    a.origin?.path === b.origin?.path ? offset(a) - offset(b) : a.targets[0]! - b.targets[0]!,
  );
}

/** Without a place, every check is its own property. */
const keyOf = ({ kind, text, origin }: Check, index: number): string =>
  origin ? `${kind} ${origin.path} ${origin.start.offset} ${origin.end.offset} ${text}` : `${index}`;

/** The question about some of the targets. requires: places in the question's list, of an always or ever question. */
export function partTask(task: Task, targets: readonly number[]): Task {
  const { question } = task;
  if (question.kind === 'terminates') throw new Error('a termination question has no parts');
  const chosen = targets.map((i) => question.targets[i]!);
  return { ...task, question: { ...question, text: partText(task, question, targets), targets: chosen } };
}

function partText(task: Task, question: Question & { kind: 'always' | 'ever' }, targets: readonly number[]): string {
  if (question.kind === 'ever') return question.text;
  const all = propertiesOf(task);
  const wanted = new Set(targets);
  const some = all.filter((p) => p.targets.some((i) => wanted.has(i)));
  if (some.length !== 1) return `Do ${some.length} of the ${all.length} properties hold?`;
  const { text, origin } = some[0]!;
  return `Is it certain that ${text}${origin ? ` at line ${origin.start.line}` : ''}?`;
}
