import type { Budget } from '../../base/budget.ts';
import { proofView } from '../../program/no-return.ts';
import type { Program } from '../../program/program.ts';
import type { Question, Target, Task } from '../../program/question.ts';
import { type Unwinding, type UnwindingOptions, unwindInSteps } from '../../program/unwinding.ts';
import { isTrue } from '../../terms/term.ts';
import { checkEvidence } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import { cutOffObligation } from '../../verdict/unwinding-check.ts';
import type { Engine, Tools } from '../engine.ts';
import { traceOf } from '../unwound-trace.ts';
import { Refutations } from './refutations.ts';

const name = 'bounded unwinding';

/**
 * Bounded model checking with growing bounds (Biere et al. 1999, [BiereCCZ-TACAS'99]): looks for a run that meets a target with
 * each loop gone through at most 1, 2, 3, 4, 6, 8, … times. When some bound is enough for every run, the unwinding is complete
 * and proves the absence of such a run. Otherwise it says how far it looked. What is refuted at one bound is not asked again
 * at the next.
 */
export const boundedUnwinding: Engine = {
  name,
  answers: (question: Question) => question.kind !== 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { question } = task;
    const program = proofView(task.program);
    const recursive = program !== task.program;
    const giveUp = (kind: 'budget' | 'solver' | 'approximated' | 'unsupported', text: string): Claim => ({
      by: name,
      answer: 'dont-know',
      reason: { kind, text },
    });
    if (question.kind === 'terminates') return giveUp('unsupported', 'it looks for runs to a target');
    const wanted = question.kind === 'ever';
    let freeTurns = yield* usefulFreeTurns(program, question.targets, wanted, firstLook, tools.budget);
    let looksAgain = freeTurns === 0;
    const refutations = new Refutations(program, question.targets, tools);
    let looked: string | undefined;
    let open: string | undefined;
    for (const bound of bounds) {
      if (!tools.budget.open) break;
      if (looksAgain && bound >= laterLookAt) {
        looksAgain = false;
        freeTurns = yield* usefulFreeTurns(program, question.targets, wanted, laterLook, tools.budget);
      }
      const shape = { bound, freeTurns, nodeLimit };
      const unwinding = yield* inTurns(program, question.targets, { ...shape, wanted }, tools.budget);
      if (unwinding === undefined) break;
      if (unwinding === 'too-large') {
        looked ??= 'the program is too large to unwind';
        break;
      }
      if (!tools.budget.spend(unwinding.nodes.length)) break;
      yield { text: `unwinding loops ${bound} times` };
      const found = await refutations.look(unwinding);
      if (found.kind === 'model') {
        if (recursive)
          return giveUp('approximated', 'calls were taken to return anything, and then the property can fail');
        const evidence = traceOf(program, unwinding, found.values);
        const answer = wanted ? 'yes' : 'no';
        if (evidence && checkEvidence(task, answer, evidence).kind === 'accepted')
          return { by: name, answer, evidence };
        return giveUp('solver', 'a counterexample could not be replayed');
      }
      if (found.kind === 'unknown') {
        open ??= `${found.reason} at bound ${bound}`;
        if (unwinding.cutOff.length === 0) break;
        continue;
      }
      if (open === undefined) {
        looked = `no such run goes through its loops at most ${bound} times`;
        yield { text: looked, known: true };
      }
      if (open !== undefined || unwinding.cutOff.some(isTrue) || !asksForCompleteness(bound)) continue;
      const cut = cutOffObligation(program, unwinding);
      const rest = await tools.prover.refute(program.terms, cut.refute, tools.budget);
      if (rest.kind !== 'refuted') continue;
      const proofs = await refutations.proofs(unwinding);
      if (proofs === undefined) continue;
      const evidence = { kind: 'unwinding', ...shape, proofs: [...proofs, rest.proof] } as const;
      return { by: name, answer: wanted ? 'no' : 'yes', evidence };
    }
    if (open !== undefined) return giveUp('solver', looked ? `${open}; ${looked}` : open);
    return giveUp('budget', looked ?? 'the budget was used up');
  },
};

const bounds = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 4096];
const nodeLimit = 150_000;
/** More turns than this are not gone through for free. */
const mostFreeTurns = 20_000;
/** How many locations are visited to see whether free turns come to an end: at first, and after the small bounds. */
const firstLook = 3_000;
const laterLook = 30_000;
const laterLookAt = 12;

/** Whether a bound is enough is asked only now and then: it costs as much as the search itself. */
const asksForCompleteness = (bound: number): boolean => bound <= 3 || (bound & (bound - 1)) === 0;

/** Turns that no run can leave need no bound where they come to an end; loops without any way out must be bounded. */
async function* usefulFreeTurns(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  visits: number,
  budget: Budget,
): AsyncGenerator<Progress, number> {
  const shape = { bound: 1, freeTurns: mostFreeTurns, nodeLimit: visits, wanted };
  const unwinding = yield* inTurns(program, targets, shape, budget);
  return unwinding === undefined || unwinding === 'too-large' || unwinding.cutOff.some(isTrue) ? 0 : mostFreeTurns;
}

/** Unwinds, and lets others have their turn now and then; undefined when the budget ends first. */
async function* inTurns(
  program: Program,
  targets: readonly Target[],
  options: UnwindingOptions,
  budget: Budget,
): AsyncGenerator<Progress, Unwinding | 'too-large' | undefined> {
  const work = unwindInSteps(program, targets, options);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    if (!budget.open) return undefined;
    yield { text: `unwinding loops ${options.bound} times` };
  }
}
