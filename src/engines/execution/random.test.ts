import { describe, expect, it } from 'vitest';
import { runEngine } from '../../../test/support/engine-run.ts';
import {
  allChecks,
  exampleCollatz,
  exampleExhaustiveTest,
  exampleF,
  exampleG,
  task,
  terminates,
} from '../../../test/support/execution-examples.ts';
import { explore } from '../../../test/support/explicit-state.ts';
import { randomProgram } from '../../../test/support/random-program.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Program } from '../../program/program.ts';
import type { Question, Target } from '../../program/question.ts';
import { TermFactory } from '../../terms/factory.ts';
import { intSort } from '../../terms/sort.ts';
import type { Term } from '../../terms/term.ts';
import { checkEvidence } from '../../verdict/check.ts';
import type { Claim } from '../../verdict/claim.ts';
import { testing } from './random.ts';

/** The claim, after its evidence has been checked. */
async function claimOf(program: Program, question: Question, stepLimit = 200_000, seed = 1): Promise<Claim> {
  const asked = task(program, question);
  const { claim } = await runEngine(testing, asked, { stepLimit, seed });
  if (claim.answer !== 'dont-know') {
    const result = checkEvidence(asked, claim.answer, claim.evidence);
    expect(result.kind === 'rejected' ? result.why : result.kind).toBe('accepted');
  }
  return claim;
}

/** What is known in the end. */
async function knownOf(program: Program, question: Question, stepLimit = 200_000): Promise<string | undefined> {
  const { progress } = await runEngine(testing, task(program, question), { stepLimit });
  return progress.filter((p) => p.known).at(-1)?.text;
}

/** `main(x, y)` with one location before the exit, where a property is asked for. */
function straight(make: (t: TermFactory, x: Term, y: Term) => Term): { program: Program; target: Target } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const range = { low: -(2n ** 31n), high: 2n ** 31n - 1n };
  const x = p.declare({ name: 'x', role: 'parameter', range }, intSort);
  const y = p.declare({ name: 'y', role: 'parameter', range }, intSort);
  p.edge(p.entry, p.exit, []);
  p.finish();
  return { program: b.build('main'), target: { at: p.entry, property: make(t, x, y) } };
}

const always = (target: Target): Question => ({ kind: 'always', text: 'always?', targets: [target] });
const ever = (target: Target): Question => ({ kind: 'ever', text: 'ever?', targets: [target] });

describe('testing', () => {
  it('finds repeated states', async () => {
    const claim = await claimOf(exampleG({ guarded: false, widthBits: 32 }).program, terminates);
    expect(claim.answer).toBe('no');
    const unbounded = await claimOf(exampleG({ guarded: false }).program, terminates);
    expect(unbounded.answer).toBe('no');
  });

  it('finds constants, equal inputs and bounds of types', async () => {
    const constant = straight((t, x, y) =>
      t.not(t.and(t.equal(x, t.int(123_456_789)), t.equal(y, t.int(-987_654_321)))),
    );
    expect((await claimOf(constant.program, always(constant.target))).answer).toBe('no');
    const near = straight((t, x, y) => t.and(t.greater(x, t.int(1_000_000)), t.equal(y, t.add(x, t.int(1)))));
    expect((await claimOf(near.program, ever(near.target))).answer).toBe('yes');
    const least = straight((t, x, y) => t.and(t.equal(x, t.int(-(2n ** 31n))), t.equal(y, t.int(2n ** 31n - 1n))));
    expect((await claimOf(least.program, ever(least.target))).answer).toBe('yes');
  });

  it('gives small runs', async () => {
    const { program, target } = straight((t, x, y) => t.not(t.greater(t.subtract(x, y), t.int(1_000))));
    const claim = await claimOf(program, always(target));
    const values = claim.answer === 'no' && claim.evidence.kind === 'trace' && claim.evidence.trace.initial.values();
    expect([...(values || [])]).toEqual([1001n, 0n]);
  });

  it('says what was tested, at which rate, and how long the rest would take', async () => {
    const { program } = exampleF(32);
    expect(await knownOf(program, allChecks(program))).toMatch(
      /^tested: nothing fails for every x and y from 0 to [\d,]+ and on [\d,]+ random inputs; [\d,]+ runs a second; trying all 18,446,744,073,709,551,616 inputs would take more than [\d,]+ years$/,
    );
    expect(await knownOf(exampleCollatz(0).program, terminates)).toMatch(
      /^tested: every run ends for every n from -[\d,]+ to [\d,]+ and on [\d,]+ random inputs; [\d,]+ runs a second$/,
    );
    expect(await knownOf(exampleExhaustiveTest(32), terminates)).toMatch(
      /^the program takes no inputs; its run has not ended after [\d,]+ steps$/,
    );
  });

  it('makes every run of a space that is small for it', async () => {
    const { program } = exampleF(10);
    expect(await knownOf(program, allChecks(program), 2_000_000)).toMatch(
      /^nothing fails: all 1,048,576 runs were made, too many for the checker to make again; /,
    );
  });

  it('covers boxes completely, also where only new values are tried', async () => {
    // Fails for one value only, which the random part does not know: the box must come to it.
    const { program, target } = straight((t, x) => {
      const square = t.multiply(x, x);
      return t.not(t.equal(t.add(square, t.multiply(t.int(3), x)), t.int(77_777n * 77_777n - 3n * 77_777n)));
    });
    const claim = await claimOf(program, always(target), 2_000_000);
    const values = claim.answer === 'no' && claim.evidence.kind === 'trace' && claim.evidence.trace.initial.values();
    expect([...(values || [])][0]).toBe(-77_777n);
  });

  it('is never contradicted by explicit-state search', async () => {
    let found = 0;
    for (let seed = 1; seed <= 80; seed++) {
      const program = randomProgram({
        seed,
        variables: 2,
        statements: 4 + (seed % 6),
        widthBits: 3,
        inputs: seed % 2 === 0,
      });
      const truth = explore(program);
      for (const question of [terminates, allChecks(program)]) {
        const claim = await claimOf(program, question, 20_000);
        const expected = question.kind === 'terminates' ? truth.terminates : truth.safe;
        if (claim.answer === 'no') {
          found++;
          expect(expected, `seed ${seed}, ${question.kind}`).not.toBe(true);
        }
      }
    }
    expect(found).toBeGreaterThan(40);
  });

  it('claims the same whatever the clock says', async () => {
    const { program } = exampleG({ guarded: false, widthBits: 32 });
    const question = allChecks(program);
    const claims: Claim[] = [];
    for (const msPerLook of [0, 3, 50]) {
      const asked = task(program, question);
      claims.push((await runEngine(testing, asked, { stepLimit: 100_000, seed: 5, msPerLook })).claim);
    }
    expect(claims[0]!.answer).toBe('no');
    expect(claims[1]).toEqual(claims[0]);
    expect(claims[2]).toEqual(claims[0]);
  });
});
