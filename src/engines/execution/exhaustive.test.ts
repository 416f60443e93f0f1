import { describe, expect, it } from 'vitest';
import { runEngine } from '../../../test/support/engine-run.ts';
import {
  allChecks,
  exampleCollatz,
  exampleExhaustiveTest,
  exampleF,
  exampleFibonacci,
  exampleG,
  task,
  terminates,
} from '../../../test/support/execution-examples.ts';
import { explore } from '../../../test/support/explicit-state.ts';
import { randomNumbers, randomProgram } from '../../../test/support/random-program.ts';
import { mainProcedure, type Program } from '../../program/program.ts';
import type { Question } from '../../program/question.ts';
import { checkEvidence } from '../../verdict/check.ts';
import type { Claim } from '../../verdict/claim.ts';
import { exhaust } from '../../verdict/exhaustive-check.ts';
import { exhaustiveTesting } from './exhaustive.ts';

const stepLimit = 1_000_000;

/** The answer, after its evidence has been checked. */
async function answer(program: Program, question: Question): Promise<{ claim: Claim; answer: string }> {
  const asked = task(program, question);
  const { claim } = await runEngine(exhaustiveTesting, asked, { stepLimit });
  if (claim.answer === 'dont-know') return { claim, answer: 'dont-know' };
  const result = checkEvidence(asked, claim.answer, claim.evidence);
  expect(result.kind === 'rejected' ? result.why : result.kind).toBe('accepted');
  return { claim, answer: claim.answer };
}

/** The same program with the guards of some edges left out, so that there is a choice of edges. */
function withChoices(program: Program, seed: number): Program {
  const below = randomNumbers(seed);
  const main = mainProcedure(program);
  const edges = main.edges.map((e) =>
    e.steps[0]?.kind === 'assume' && below(3) === 0 ? { ...e, steps: e.steps.slice(1) } : e,
  );
  return { ...program, procedures: new Map([[main.name, { ...main, edges }]]) };
}

describe('exhaustive testing', () => {
  it('settles Collatz over 8 and 16 bits', async () => {
    expect((await answer(exampleCollatz(8).program, terminates)).answer).toBe('yes');
    expect((await answer(exampleCollatz(16).program, terminates)).answer).toBe('yes');
    expect((await answer(exampleCollatz(32).program, terminates)).answer).toBe('dont-know');
  });

  it('finds the runs that never end', async () => {
    expect((await answer(exampleG({ guarded: true, widthBits: 6 }).program, terminates)).answer).toBe('yes');
    const { claim, answer: found } = await answer(exampleG({ guarded: false, widthBits: 6 }).program, terminates);
    expect(found).toBe('no');
    expect(claim.answer !== 'dont-know' && claim.evidence.kind).toBe('lasso');
  });

  it('makes the run of a program without inputs', async () => {
    const program = exampleExhaustiveTest(6);
    expect((await answer(program, terminates)).answer).toBe('yes');
    expect((await answer(program, allChecks(program))).answer).toBe('yes');
    expect((await answer(exampleFibonacci(12).program, terminates)).answer).toBe('yes');
  });

  it('tests all pairs of bytes, and says how many inputs are too many', async () => {
    const small = exampleF(8);
    expect((await answer(small.program, allChecks(small.program))).answer).toBe('yes');
    const { program } = exampleF(32);
    const { claim } = await answer(program, allChecks(program));
    expect(claim.answer === 'dont-know' && claim.reason.text).toBe(
      'there are 18,446,744,073,709,551,616 inputs, too many to try them all',
    );
  });

  it.each([false, true])('agrees with explicit-state search and the checker, step by step (%s)', async (choices) => {
    const counts = { yes: 0, no: 0, 'dont-know': 0 };
    for (let seed = 1; seed <= 120; seed++) {
      const made = randomProgram({
        seed,
        variables: 2,
        statements: 4 + (seed % 6),
        widthBits: 3,
        inputs: seed % 2 === 0,
      });
      const program = choices ? withChoices(made, seed) : made;
      const truth = explore(program);
      for (const question of [terminates, allChecks(program)]) {
        const { claim, answer: found } = await answer(program, question);
        counts[found as keyof typeof counts]++;
        const expected = question.kind === 'terminates' ? truth.terminates : truth.safe;
        if (found !== 'dont-know' && expected !== undefined) {
          expect(found, `seed ${seed}, ${question.kind}`).toBe(expected ? 'yes' : 'no');
        }
        if (claim.answer === 'dont-know' || claim.evidence.kind !== 'exhaustive') continue;
        const again = exhaust(program, {
          targets: question.kind === 'terminates' ? [] : question.targets,
          wanted: false,
          stepLimit,
          cyclesMatter: question.kind === 'terminates',
        });
        expect(again.kind === 'done' && again.steps + 1, `seed ${seed}, ${question.kind}`).toBe(
          claim.evidence.stepLimit,
        );
      }
    }
    expect(counts.yes).toBeGreaterThan(30);
    expect(counts.no).toBeGreaterThan(30);
  });

  it('gives the same claim whatever the clock says', async () => {
    const { program } = exampleG({ guarded: false, widthBits: 8 });
    const claims = [];
    for (const msPerLook of [0, 1, 100]) {
      claims.push((await runEngine(exhaustiveTesting, task(program, terminates), { stepLimit, msPerLook })).claim);
    }
    expect(claims[1]).toEqual(claims[0]);
    expect(claims[2]).toEqual(claims[0]);
  });
});
