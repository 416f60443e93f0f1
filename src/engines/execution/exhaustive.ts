import { isFlat, type Program } from '../../program/program.ts';
import type { Target, Task } from '../../program/question.ts';
import type { Claim, Progress, Reason } from '../../verdict/claim.ts';
import type { LassoEvidence } from '../../verdict/evidence.ts';
import { readsGarbage } from '../../verdict/exhaustive-check.ts';
import type { Engine, Tools } from '../engine.ts';
import { formatCount } from './count.ts';
import { DepthFirstInputs, InfinitelyMany } from './depth-first-search.ts';
import { traceOf } from './inputs.ts';
import { Layout } from './layout.ts';
import { Pace, stepsPerBudgetStep } from './pace.ts';
import { inputSymbols } from './program-tables.ts';
import type { Runner, Status } from './protocol.ts';
import { makeRunner } from './runner.ts';

const name = 'exhaustive testing';

/**
 * Makes every run, when the inputs have few enough values: the state space of an 8- or 16-bit type, or a program without
 * inputs. States at loop heads are remembered, so that termination questions end too. The checker makes all runs again in
 * the interpreter, which bounds what can be claimed; a run that meets a target, or never ends, is claimed by its trace.
 */
export const exhaustiveTesting: Engine = {
  name,
  answers: () => true,
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { program, question } = task;
    const giveUp = (kind: Reason['kind'] & ('exhausted' | 'budget'), text: string): Claim => ({
      by: name,
      answer: 'dont-know',
      reason: { kind, text },
    });
    const limit = checkableSteps(tools);
    const targets: readonly Target[] = question.kind === 'terminates' ? [] : question.targets;
    const space = initialSpace(program, targets);
    if (typeof space === 'string') return giveUp('exhausted', `not all inputs can be tried: ${space}`);
    if (space > BigInt(limit)) {
      return giveUp('exhausted', `there are ${formatCount(space)} inputs, too many to try them all`);
    }
    const garbage = readsGarbage(program);
    if (garbage) return giveUp('exhausted', `${garbage} reads a variable that may hold anything`);
    const ends = question.kind === 'terminates';
    const inputs = new DepthFirstInputs(program, new Layout(program), { targets, memory: true, endOnCycle: ends });
    const runner = makeRunner(program, inputs, {
      targets,
      wanted: question.kind === 'ever',
      ask: true,
      sweep: true,
      heads: isFlat(program),
    });
    const pace = new Pace(tools.budget.now);
    let steps = 0;
    for (;;) {
      let status: Status;
      try {
        status = runner.run(Math.min(pace.begin(), limit - steps));
      } catch (error) {
        if (!(error instanceof InfinitelyMany)) throw error;
        return giveUp('exhausted', `not all inputs can be tried: ${error.message}`);
      }
      pace.end();
      steps += runner.used;
      if (inputs.failure) return giveUp('exhausted', `not all inputs can be tried: ${inputs.failure}`);
      switch (status) {
        case 'met': {
          const trace = traceOf(program, runner.layout, runner.inputSlots, inputs.taken, runner.steps);
          if (!trace) return giveUp('budget', 'the run that was found is too long to write down');
          const answer = question.kind === 'ever' ? 'yes' : 'no';
          return { by: name, answer, evidence: { kind: 'trace', trace, steps: runner.steps } };
        }
        case 'repeated': {
          const evidence = lasso(program, runner, inputs);
          if (!evidence) return giveUp('budget', 'the run that was found is too long to write down');
          return { by: name, answer: 'no', evidence };
        }
        case 'swept':
          return {
            by: name,
            answer: question.kind === 'ever' ? 'no' : 'yes',
            evidence: { kind: 'exhaustive', stepLimit: steps + 1 },
          };
        case 'limit':
        case 'deep':
          return giveUp('exhausted', runner.why || 'the call stack grew too deep');
        default:
          break;
      }
      if (steps >= limit) {
        return giveUp(
          'budget',
          `${formatCount(runner.runs)} runs did not cover all inputs within ${formatCount(limit)} steps`,
        );
      }
      if (!tools.budget.spend(Math.ceil(runner.used / stepsPerBudgetStep)) || tools.budget.expired) {
        return giveUp('budget', `${formatCount(runner.runs)} runs did not cover all inputs in time`);
      }
      yield { text: `${formatCount(runner.runs)} runs made` };
    }
  },
};

/**
 * How many interpreter steps the checker may be asked for: a part of the time that is left, at about a million a second.
 * Whether a claim is made depends on the time limit; what is claimed does not.
 */
export function checkableSteps(tools: Tools): number {
  const ms = tools.budget.remainingMs;
  return Math.floor(Math.max(500_000, Math.min(20_000_000, Number.isFinite(ms) ? ms * 150 : 20_000_000)));
}

/** The number of initial states that differ; a clause that says why it is not finite. */
export function initialSpace(program: Program, targets: readonly Target[]): bigint | string {
  let space = 1n;
  for (const symbol of inputSymbols(program, targets)) {
    const variable = program.variables.get(symbol);
    const { low, high } = variable?.range ?? {};
    if (symbol.sort.kind === 'bool') space *= 2n;
    else if (symbol.sort.kind === 'int' && low !== undefined && high !== undefined) space *= high - low + 1n;
    else {
      const many = symbol.sort.kind === 'float' ? 'too many' : 'infinitely many';
      return `${variable?.name ?? 'an input'} has ${many} values`;
    }
  }
  return space;
}

/**
 * The run goes round once more, with the same choices: what is no longer read may differ the first time, and is the same the
 * second.
 */
function lasso(program: Program, runner: Runner, inputs: DepthFirstInputs): LassoEvidence | undefined {
  const { firstStep, secondStep, firstPosition, secondPosition } = inputs.repetition!;
  const { values, owners } = inputs.taken;
  const again = <T>(list: readonly T[]): T[] => [
    ...list.slice(0, secondPosition),
    ...list.slice(firstPosition, secondPosition),
  ];
  const recorded = { values: again(values), owners: again(owners) };
  const period = secondStep - firstStep;
  const trace = traceOf(program, runner.layout, runner.inputSlots, recorded, secondStep + period);
  return trace && { kind: 'lasso', trace, firstStep: secondStep, secondStep: secondStep + period };
}
