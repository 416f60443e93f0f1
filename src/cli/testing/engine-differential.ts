import { ask } from '../../ask.ts';
import { cFrontEnd } from '../../frontends/c/front-end.ts';
import { memoryProgramText, memoryRequest } from '../../frontends/c/testing/memory-differential.ts';
import { type NativeRun, runNatively } from '../../frontends/c/testing/native-batch.ts';
import { randomMemoryProgram } from '../../frontends/c/testing/random-memory-program.ts';
import { parameterTypes, randomArguments } from '../../frontends/c/testing/random-program.ts';
import { expectationOf } from '../../replay/expectation.ts';
import { makeProver } from '../prover.ts';

/**
 * Random C programs with memory through the engines: does anything go wrong? A yes is contradicted by a native run with the
 * sanitizers that ends in undefined behaviour, a no by a native run on the inputs of its counterexample that does not.
 */
export interface EngineTally {
  yes: number;
  no: number;
  dontKnow: number;
  readonly contradictions: { readonly seed: number; readonly what: string }[];
}

export const newEngineTally = (): EngineTally => ({ yes: 0, no: 0, dontKnow: 0, contradictions: [] });

const prover = makeProver();

export async function askSeed(seed: number, timeoutMs: number, runsEach: number, tally: EngineTally): Promise<void> {
  const program = randomMemoryProgram(seed, `p${seed}`);
  const source = { path: `${program.name}.c`, text: memoryProgramText(program) };
  const asked = ask(cFrontEnd, [source], memoryRequest, { timeoutMs, prover });
  if (!asked.ok) {
    tally.dontKnow++;
    return;
  }
  for await (const { verdict, task } of asked.value.answers) {
    if (verdict.answer === 'dont-know') {
      tally.dontKnow++;
      return;
    }
    const say = (args: readonly bigint[], run: NativeRun, text: string): void => {
      const { ended, output, report } = run;
      tally.contradictions.push({
        seed,
        what: `${verdict.answer} (${verdict.by}), ${text}: (${args.join()}) ends by ${ended}: ${output} ${report?.slice(0, 500)}`,
      });
    };
    if (verdict.answer === 'yes') {
      tally.yes++;
      const runs = Array.from({ length: runsEach }, (_, k) => randomArguments(seed * 31 + k));
      const native = runNatively([{ program, runs }], 'memory')[0]!;
      for (const [k, run] of native.entries()) if (run.ended === 'undefined-behaviour') say(runs[k]!, run, 'but a run');
      return;
    }
    tally.no++;
    const evidence = verdict.evidence;
    const expected = evidence.kind === 'trace' ? expectationOf(task, evidence) : undefined;
    const inputs = new Map(expected?.inputs.map((i) => [i.name, i.value]));
    const args = parameterTypes.map((_, i) => (inputs.get(`__VERIFIER_nondet_argument${i}()`) ?? 0n) as bigint);
    const run = runNatively([{ program, runs: [args] }], 'memory')[0]![0]!;
    const failure = expected?.end.kind === 'check' ? expected.end.check.failure : '';
    if (run.ended !== 'undefined-behaviour') say(args, run, `(${failure}), but its run`);
  }
}
