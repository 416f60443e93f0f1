import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { compile, decide, withFreeUnknowns } from '../../engines/policy/index.ts';
import { taskOf } from '../../engines/policy/space-program.ts';
import { runPortfolio } from '../../engines/portfolio/portfolio.ts';
import { stagesFor } from '../../engines/portfolio/stages.ts';
import { readPolicy } from '../../frontends/iam/document.ts';
import { all, not } from '../../frontends/iam/formulas.ts';
import { Lowering } from '../../frontends/iam/lowering.ts';
import { ProverChain } from '../../solvers/prover-chain.ts';
import { Random, randomPolicy } from './sampling.ts';

describe('policies as programs', () => {
  it('the general engines give the answers of the policy engine', async () => {
    const random = new Random(77);
    const prover = new ProverChain();
    const counts = { yes: 0, no: 0 };
    for (let i = 0; i < 20; i++) {
      const read = readPolicy({ path: 'p', text: JSON.stringify(randomPolicy(random, 'identity')) }, 'identity');
      if (!read.ok) throw new Error(read.error[0]!.message);
      const policy = read.value;
      // half of them against themselves with a statement less: often nothing is new
      const old = i % 2 === 0 ? policy : { ...policy, statements: policy.statements.slice(1) };
      const lowering = new Lowering([policy]);
      const formula = all([
        lowering.grants(policy),
        not(lowering.grants(old)),
        ...lowering.axioms().map((a) => a.formula),
      ]);
      const { space } = withFreeUnknowns({ dimensions: lowering.dimensions, formula });
      const direct = decide(space, new Budget());
      const result = compile(space, new Budget(), { maxStates: 60_000 });
      if ('failed' in result) throw new Error(result.failed);
      const task = taskOf(result.compiled, 'Does the policy allow something new?', 'p');
      const claims = await runPortfolio(task, await stagesFor(task.question), {
        budget: new Budget({ timeoutMs: 20_000 }),
        prover,
        seed: 1,
      });
      const answer = claims.find((c) => c.answer !== 'dont-know')?.answer;
      expect(answer).toBe(direct.kind === 'point' ? 'yes' : 'no');
      counts[answer as 'yes' | 'no']++;
    }
    expect(counts.yes).toBeGreaterThan(0);
    expect(counts.no).toBeGreaterThan(0);
  });
});
