import type { FrontEnd, FrontEndRequest } from '../program/front-end.ts';
import type { CheckKind } from '../program/program.ts';
import type { Asked, Settings } from './arguments.ts';
import { includer } from './source-file.ts';

/** Turns settings into what a front end is asked. */
export function requestFor(
  frontEnd: FrontEnd,
  asked: Asked & { question: FrontEndRequest['question'] },
  functionName: string | undefined,
  settings: Settings,
  workingFolder: string,
): FrontEndRequest {
  const checks = new Set<CheckKind>(settings.checks ?? frontEnd.defaultChecks);
  for (const kind of settings.noChecks) checks.delete(kind);
  return {
    question: asked.question,
    ...(functionName === undefined ? {} : { functionName }),
    ...(asked.event ? { event: asked.event } : {}),
    options: {
      integers: settings.integers ?? (frontEnd.name === 'c' ? 'c' : 'math'),
      dataModel: settings.dataModel,
      checks,
      include: includer(workingFolder),
    },
  };
}

/** The same front end, with the user's own sentence as the text of its one question. */
export function withSentence(frontEnd: FrontEnd, sentence: string | undefined): FrontEnd {
  if (sentence === undefined) return frontEnd;
  return {
    ...frontEnd,
    read(sources, request) {
      const result = frontEnd.read(sources, request);
      if (!result.ok || result.value.tasks.length !== 1) return result;
      const task = result.value.tasks[0]!;
      const tasks = [{ ...task, question: { ...task.question, text: sentence } }];
      return { ok: true, value: { ...result.value, tasks } };
    },
  };
}
