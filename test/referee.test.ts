import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../src/base/budget.ts';
import { runPortfolio } from '../src/engines/portfolio/portfolio.ts';
import { stagesFor } from '../src/engines/portfolio/stages.ts';
import type { Question, Task } from '../src/program/question.ts';
import { ProverChain } from '../src/solvers/prover-chain.ts';
import { SmtProver } from '../src/solvers/smt-prover.ts';
import { Z3Wasm } from '../src/solvers/z3-wasm.ts';
import { check } from '../src/verdict/check.ts';
import { explore } from './support/explicit-state.ts';
import { randomProgram, randomSubject } from './support/random-program.ts';

const z3 = new Z3Wasm();
/** Asks the solver soon, so that it has its say too. */
const withSolver = new ProverChain(async () => new SmtProver([z3], () => z3.port()), 200);

/** Every answer of the whole portfolio on random programs is compared with explicit-state search. */
const ownProver = new ProverChain();

const runs = Number(process.env.TERTIUM_REFEREE_RUNS ?? 60);

describe('the portfolio against explicit-state search', () => {
  afterAll(() => z3.close());

  for (const { name, widthBits, array, prover, share } of [
    { name: '3 bits', widthBits: 3, array: false, prover: ownProver, share: 1 },
    { name: 'unbounded', widthBits: 0, array: false, prover: ownProver, share: 1 },
    { name: '2 bits and an array, with a solver', widthBits: 2, array: true, prover: withSolver, share: 0.5 },
  ]) {
    it(`never contradicts it (${name})`, { timeout: 60_000 + 1_000 * runs }, async () => {
      let decided = 0;
      for (let seed = 1; seed <= runs * share; seed++) {
        const program = randomProgram({
          seed,
          variables: 2 + (seed % 2),
          statements: 4 + (seed % 5),
          widthBits,
          inputs: seed % 3 === 0,
          array,
        });
        const truth = explore(program);
        const safety: Question = {
          kind: 'always',
          text: 'does the property hold?',
          targets: program.checks.map((c) => ({ at: c.at, property: c.property, check: c.id })),
        };
        for (const question of [safety, { kind: 'terminates', text: 'does it end?' } as Question]) {
          const task: Task = { program, question, assumptions: [], subject: randomSubject };
          const tools = { budget: new Budget({ stepLimit: 60_000 }), prover, seed: 1 };
          const verdict = check(task, await runPortfolio(task, await stagesFor(question), tools));
          if (verdict.answer === 'dont-know') {
            const rejected = verdict.reasons.filter((r) => r.kind === 'rejected');
            expect(rejected, `seed ${seed}, ${question.kind}`).toEqual([]);
            continue;
          }
          decided++;
          const expected = question.kind === 'terminates' ? truth.terminates : truth.safe;
          if (expected === undefined) continue;
          expect(verdict.answer, `seed ${seed}, ${question.kind}, by ${verdict.by}`).toBe(expected ? 'yes' : 'no');
        }
      }
      expect(decided).toBeGreaterThanOrEqual((runs * share) / 2);
    });
  }
});
