import { formatDiagnostic } from '../../../base/diagnostic.ts';
import type { FrontEndRequest } from '../../../program/front-end.ts';
import type { CheckKind } from '../../../program/program.ts';
import type { Task } from '../../../program/question.ts';
import { cFrontEnd } from '../front-end.ts';
import { type InterpretedRun, runInterpreted } from './interpreted-run.ts';
import { type NativeRun, runNatively } from './native-batch.ts';
import { randomMemoryProgram } from './random-memory-program.ts';
import { parameterTypes, type RandomProgram, randomArguments } from './random-program.ts';

/**
 * Random programs with memory: our interpreter on the lowered program against the compiler with its sanitizers. Output, returned
 * value, kind of end, and what kind of undefined behaviour, must agree. What the sanitizers cannot see (an index that stays
 * inside the whole object, an overflow whose result the compiler drops) is counted, and listed for a person to look at.
 */
export interface Tally {
  compared: number;
  undefinedRuns: number;
  /** Undefined for us, unseen by the sanitizers. */
  unseen: { readonly seed: number; readonly failure: string }[];
  /** Runs that compute an address outside of an array without using it, which the sanitizer reports and we do not. */
  addressesOnly: number;
  /** Programs that we cannot read, by what is missing. */
  readonly refused: Map<string, number[]>;
  /** The order of calls is open. */
  open: number;
  outOfSteps: number;
  readonly differences: Difference[];
}

export interface Difference {
  readonly seed: number;
  readonly args: string;
  readonly what: string;
}

export const newTally = (): Tally => ({
  compared: 0,
  undefinedRuns: 0,
  unseen: [],
  addressesOnly: 0,
  refused: new Map(),
  open: 0,
  outOfSteps: 0,
  differences: [],
});

const header = '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n';
const checks: ReadonlySet<CheckKind> = new Set(['overflow', 'division', 'shift', 'bounds', 'pointer', 'free']);

/** With a `main` that calls it with inputs: only main starts with all objects as they are initialised. */
export function memoryProgramText(program: RandomProgram): string {
  const inputs = parameterTypes.map((_, i) => `__VERIFIER_nondet_argument${i}`);
  const declarations = inputs.map((name, i) => `extern ${parameterTypes[i]} ${name}(void);\n`).join('');
  const call = `${program.name}(${inputs.map((name) => `${name}()`).join(', ')})`;
  return `${header}${program.text}\n${declarations}int main(void) { return ${call}; }\n`;
}

export const memoryRequest: FrontEndRequest = {
  question: 'check',
  functionName: 'main',
  options: { integers: 'c', dataModel: 'lp64', checks, allocation: 'succeeds', include: () => undefined },
};

export const readMemoryProgram = (program: RandomProgram): ReturnType<typeof cFrontEnd.read> =>
  cFrontEnd.read([{ path: `${program.name}.c`, text: memoryProgramText(program) }], memoryRequest);

/** Compares the programs of some seeds, on a few runs each. */
export function compareSeeds(seeds: readonly number[], runsEach: number, tally: Tally): void {
  const batch: { seed: number; program: RandomProgram; task: Task; runs: bigint[][] }[] = [];
  for (const seed of seeds) {
    const program = randomMemoryProgram(seed, `p${seed}`);
    let reading: ReturnType<typeof cFrontEnd.read>;
    try {
      reading = readMemoryProgram(program);
    } catch (problem) {
      tally.differences.push({ seed, args: '', what: `lowering throws: ${(problem as Error).stack}` });
      continue;
    }
    if (!reading.ok) {
      const problem = reading.error[0]!;
      if (problem.severity !== 'unsupported') {
        const text = formatDiagnostic(problem, [{ path: `${program.name}.c`, text: memoryProgramText(program) }]);
        tally.differences.push({ seed, args: '', what: `not read: ${text}` });
      }
      const key = `${problem.code} ${problem.message.replace(/`[^`]*`/g, '`…`')}`;
      tally.refused.set(key, [...(tally.refused.get(key) ?? []), seed]);
      continue;
    }
    const task = reading.value.tasks[0]!;
    if (task.assumptions.some((a) => a.text.includes('from left to right'))) {
      tally.open++;
      continue;
    }
    batch.push({
      seed,
      program,
      task,
      runs: Array.from({ length: runsEach }, (_, k) => randomArguments(seed * 31 + k)),
    });
  }
  const native = batch.length > 0 ? runNatively(batch, 'memory') : [];
  for (const [i, { seed, program, task, runs }] of batch.entries()) {
    for (const [k, args] of runs.entries()) {
      const told = { seed, args: args.join() };
      let ours: InterpretedRun | 'out-of-steps';
      try {
        ours = runInterpreted(task.program, args);
      } catch (problem) {
        tally.differences.push({ ...told, what: `the interpreter throws: ${(problem as Error).stack}` });
        continue;
      }
      if (ours === 'out-of-steps') tally.outOfSteps++;
      else {
        let theirs = native[i]![k]!;
        if (ours.ended !== 'undefined-behaviour' && /index -?\d+ out of bounds/.test(theirs.report ?? '')) {
          theirs = runNatively([{ program, runs: [args] }], 'accesses')[0]![0]!;
          if (theirs.ended === ours.ended) tally.addressesOnly++;
        }
        compareRun(told, ours, theirs, tally);
      }
    }
  }
}

function compareRun(told: Omit<Difference, 'what'>, ours: InterpretedRun, theirs: NativeRun, tally: Tally): void {
  const say = (what: string): void => {
    tally.differences.push({
      ...told,
      what: `${what}\n  ours:   ${ours.ended} ${ours.returned ?? ''} ${ours.kind ?? ''} ${ours.failure ?? ''}\n          ${ours.output}\n  theirs: ${theirs.ended} ${theirs.returned ?? ''} ${summary(theirs.report)}\n          ${theirs.output}`,
    });
  };
  if (ours.ended === 'undefined-behaviour') {
    tally.undefinedRuns++;
    const cut = theirs.output.startsWith(ours.output);
    if (theirs.ended !== 'undefined-behaviour' || (cut && theirs.output !== ours.output)) {
      if (!cut) say('the output differs before the undefined behaviour');
      else
        tally.unseen.push({
          seed: told.seed,
          failure: `${ours.kind} ${ours.failure}; native: ${summary(theirs.report)}`,
        });
      return;
    }
    if (theirs.output !== ours.output) say('the output differs before the undefined behaviour');
    else if (!sameKind(ours.kind!, theirs.report ?? '')) say('the kinds of undefined behaviour differ');
    else tally.compared++;
    return;
  }
  if (theirs.ended !== ours.ended) say('the ends differ');
  else if (theirs.output !== ours.output) say('the outputs differ');
  else if (theirs.returned !== ours.returned) say('the results differ');
  else tally.compared++;
}

/** The first line of a report that says what went wrong. */
function summary(report = ''): string {
  return /(?:runtime error: |AddressSanitizer: )[^\n]*/.exec(report)?.[0] ?? report.slice(0, 200);
}

function sameKind(kind: CheckKind, report: string): boolean {
  const what = summary(report);
  if (/division by zero/.test(what)) return kind === 'division';
  if (/cannot be represented in type|negation of/.test(what) && !/shift/.test(what)) return kind === 'overflow';
  // A negative number shifted to the left counts as overflow here.
  if (/shift/.test(what)) return kind === 'shift' || kind === 'overflow';
  if (/attempting (?:double-free|free)/.test(what)) return kind === 'free';
  return kind === 'bounds' || kind === 'pointer';
}
