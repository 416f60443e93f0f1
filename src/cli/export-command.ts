import { ask } from '../ask.ts';
import { formatDiagnostic } from '../base/diagnostic.ts';
import { obligationsAsSmtlib } from '../reports/obligations-smtlib.ts';
import { obligationsAsWhy3 } from '../reports/obligations-why3.ts';
import { obligationsOf } from '../verdict/check.ts';
import type { Asked, Settings } from './arguments.ts';
import type { ExitStatus } from './exit-status.ts';
import { statusOf } from './exit-status.ts';
import { languageOf, strangerIn } from './languages.ts';
import { makeProver } from './prover.ts';
import { meaningOf, requestFor, unlookedAt } from './request.ts';
import { includer, readProgram } from './source-file.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * `tertium export`: asks, and writes the obligations behind each decided answer for other provers to re-prove. Answers whose
 * evidence is a replayed run have none. The exit status is that of the answers.
 */
export async function exportObligations(
  asked: Asked & { readonly settings: Settings },
  format: 'smtlib' | 'why3',
  surroundings: Surroundings,
): Promise<ExitStatus> {
  const { settings } = asked;
  const program = readProgram(asked.targets, surroundings.workingFolder);
  if (!program.ok) {
    surroundings.warn(`tertium: ${program.error}\n`);
    return 2;
  }
  const { sources, functionName } = program.value;
  const path = program.value.paths[0]!;
  const language = languageOf(path, settings.language);
  if (!language) {
    surroundings.warn(`tertium: ${path}: its language is not known\n`);
    return 2;
  }
  const stranger = strangerIn(program.value.paths, language, settings.language);
  if (stranger !== undefined) {
    surroundings.warn(`tertium: ${stranger}\n`);
    return 2;
  }
  const frontEnd = await language.load();
  const meaning = meaningOf(asked, functionName);
  if (!meaning.ok) {
    surroundings.warn(`tertium: ${meaning.error.message}\n`);
    return 2;
  }
  const unlooked = unlookedAt(frontEnd, meaning.value, settings);
  if (unlooked) {
    surroundings.warn(`tertium: ${unlooked.message}\n  ${unlooked.hint}\n`);
    return 2;
  }
  const request = requestFor(frontEnd, meaning.value, settings, includer(surroundings.workingFolder));
  const asking = ask(frontEnd, sources, request, {
    timeoutMs: settings.timeoutMs,
    seed: settings.seed,
    prover: makeProver(),
  });
  if (!asking.ok) {
    for (const d of asking.error) surroundings.warn(`${formatDiagnostic(d, sources)}\n`);
    return asking.error.every((d) => d.severity !== 'error') ? 3 : 2;
  }
  const answers: ('yes' | 'no' | 'dont-know')[] = [];
  for await (const { verdict, task } of asking.value.answers) {
    answers.push(verdict.answer);
    if (verdict.answer === 'dont-know') {
      surroundings.warn(`tertium: ${verdict.question.text} Don't know, so there is nothing to export.\n`);
      continue;
    }
    const obligations = obligationsOf(task, verdict.answer, verdict.evidence);
    if (obligations.kind === 'malformed') throw new Error(`INVARIANT broken: ${obligations.why}`);
    const title = `${verdict.question.text} ${verdict.answer === 'yes' ? 'Yes' : 'No'}, if all of these hold.`;
    const write = format === 'why3' ? obligationsAsWhy3 : obligationsAsSmtlib;
    const { text, written, left } = write(obligations.list, title);
    if (obligations.list.length === 0) {
      surroundings.warn(
        `tertium: ${verdict.question.text} The evidence is a run that was replayed: nothing is left to prove.\n`,
      );
      continue;
    }
    surroundings.write(text);
    surroundings.warn(`tertium: ${written} obligations written${left > 0 ? `, ${left} could not be` : ''}\n`);
  }
  return statusOf(answers);
}
