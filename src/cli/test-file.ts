import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { FrontEndRequest } from '../program/front-end.ts';
import { testFile } from '../replay/c-harness.ts';
import { compilerFlags, harnessOf } from '../replay/c-replay.ts';
import type { ReportedAnswer } from '../reports/report.ts';
import { runTable } from '../reports/run-table.ts';
import { answerWords } from '../reports/wording.ts';

/** `--emit-test`: the first counterexample or witness among the answers, as a C test that includes the user's source. */
export function saveTest(
  path: string,
  workingFolder: string,
  answers: readonly (ReportedAnswer & { readonly wrapped?: boolean })[],
  options: Pick<FrontEndRequest['options'], 'integers' | 'dataModel' | 'checks'>,
): { text: string; failed: boolean } {
  const full = resolve(workingFolder, path);
  const none = (why: string, failed = false) => ({ text: `tertium: ${path} is not written: ${why}`, failed });
  if (options.integers === 'math') return none('no machine has mathematical integers');
  let why = 'there is no counterexample';
  for (const { verdict, task, wrapped } of answers) {
    if (verdict.answer === 'dont-know') continue;
    const { evidence } = verdict;
    if (evidence.kind !== 'trace' && evidence.kind !== 'lasso' && evidence.kind !== 'recurrent-set') continue;
    if (task.subject.language !== 'c') {
      why = 'tests are written for C only';
      continue;
    }
    const source = resolve(workingFolder, task.subject.path);
    if (source === full) return none('it is the file that was asked about', true);
    const beside = (file: string): string => relative(dirname(full), file).replaceAll('\\', '/');
    const include = beside(source);
    const others = (task.subject.alongside ?? []).map((file) => ` ${beside(resolve(workingFolder, file))}`).join('');
    try {
      const harness = harnessOf(task, evidence, readFileSync(source, 'utf8'), include);
      if (typeof harness === 'string') {
        why = harness;
        continue;
      }
      const table = runTable(task, evidence);
      const inputs = table.inputs.map((i) => `${i.name} = ${i.value}`).join(', ');
      const failure = table.met?.check?.failure;
      const line = table.met?.check?.origin?.start.line;
      const integers = wrapped ? 'wrap' : options.integers;
      const flags = compilerFlags({ ...options, integers }).map((f) => ` ${f}`);
      const name = basename(full);
      const program = name.replace(/\.c$/, '') || 'test';
      const text = testFile(harness, [
        `${verdict.question.text} ${answerWords[verdict.answer]}.`,
        ...(inputs === '' ? [] : [`For example with ${inputs}${failure ? ':' : '.'}`]),
        ...(failure ? [`${failure}${line === undefined ? '' : ` at line ${line}`}.`] : []),
        '',
        `This test includes ${include}. To build and run it here:`,
        `  cc -g -fsanitize=address,undefined -fno-sanitize-recover=all${flags.join('')} ${name}${others} -lm -o ${program} && ./${program}`,
        ...(failure ? ['While the failure is there, it ends with a message and a status other than 0.'] : []),
      ]);
      writeFileSync(full, text);
    } catch (error) {
      return none(`${(error as NodeJS.ErrnoException).code ?? String(error)}`, true);
    }
    return { text: `tertium: the counterexample is a C test in ${path}, which says how to build it`, failed: false };
  }
  return none(why);
}
