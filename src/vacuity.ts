import type { Budget } from './base/budget.ts';
import { type Edge, mainProcedure, outgoing, type Program, type Step } from './program/program.ts';
import type { Task } from './program/question.ts';
import type { Verdict } from './verdict/verdict.ts';

/**
 * A yes may hold only because the user's assumptions contradict each other, so that no run comes to what was asked about
 * ([BeerBER-FMSD'01]). Then it is marked: where the targets can never be reached, but could be without the assumptions.
 * Assumptions are known by their shape: the only way on from a location, blocked by a condition that is no check's.
 */
export async function isVacuous(
  task: Task,
  answer: (task: Task, budget: Budget) => Promise<Verdict>,
  budget: Budget,
): Promise<boolean> {
  const { program, question } = task;
  if (question.kind !== 'always' || question.targets.length === 0) return false;
  const apart = new Set(program.checks.filter((c) => c.failuresOnly).map((c) => c.id));
  if (question.targets.some((target) => target.check !== undefined && apart.has(target.check))) return false;
  const free = withoutAssumptions(program);
  if (free === program) return false;
  const reached = (p: Program): Task => ({
    ...task,
    program: p,
    question: {
      kind: 'ever',
      text: 'Can control come to what is asked about?',
      targets: question.targets.map(({ at }) => ({ at, property: program.terms.true })),
    },
  });
  const share = () => budget.share({ timeoutMs: Math.min(longestMs, budget.remainingMs / 4) });
  if ((await answer(reached(program), share())).answer !== 'no') return false;
  return (await answer(reached(free), share())).answer === 'yes';
}

/** What the search for a run may take, in milliseconds: an unmarked yes is still a yes. */
const longestMs = 400;

/** The program without the user's assumptions; the same object if there are none. */
function withoutAssumptions(program: Program): Program {
  const main = mainProcedure(program);
  const checked = new Set(program.checks.map((c) => `${c.at} ${c.property.id}`));
  const out = outgoing(main);
  let dropped = false;
  const edges = main.edges.map((edge): Edge => {
    if (out.get(edge.from)!.length > 1) return edge;
    const steps = edge.steps.filter(
      (step: Step) => step.kind !== 'assume' || checked.has(`${edge.from} ${step.condition.id}`),
    );
    if (steps.length === edge.steps.length) return edge;
    dropped = true;
    return { ...edge, steps };
  });
  if (!dropped) return program;
  return { ...program, procedures: new Map([...program.procedures, [main.name, { ...main, edges }]]) };
}
