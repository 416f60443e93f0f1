import type { Budget } from '../../base/budget.ts';
import { liveInMain } from '../../program/liveness.ts';
import { proofView } from '../../program/no-return.ts';
import { isFlat, type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import type { Prover } from '../../solvers/prover.ts';
import type { Term } from '../../terms/term.ts';
import { obligationsOf } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import { summariesOf } from '../../verdict/contracts.ts';
import type { InvariantEvidence } from '../../verdict/evidence.ts';
import { annotatedLocations, interpretInTurns } from '../abstract-interpretation/engine.ts';
import type { Engine, Tools } from '../engine.ts';
import { proveObligations } from '../prove-obligations.ts';
import { candidatesAt } from './candidates.ts';
import { inferContracts } from './contracts.ts';
import { elementCandidates } from './element-candidates.ts';
import { largestInductivePart } from './houdini.ts';
import { sampleStates } from './samples.ts';

const name = 'invariant inference';

/**
 * Guesses invariants from random runs and the program's text, keeps the inductive ones (Houdini) on top of what abstract
 * interpretation finds, and proves the property from them. First with linear guesses, then with products of two variables.
 */
export const invariantInference: Engine = {
  name,
  answers: (question: Question) => question.kind !== 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { question } = task;
    const giveUp = (text: string): Claim => ({ by: name, answer: 'dont-know', reason: { kind: 'exhausted', text } });
    if (question.kind === 'terminates') return giveUp('it is about what always holds');
    // Of recursive calls that return, what their contracts say is known.
    const contracts = isFlat(task.program) ? [] : yield* inferContracts(task.program, tools);
    const program = proofView(task.program, summariesOf(contracts));
    const wanted = question.targets.map((target) =>
      question.kind === 'always' ? target.property : program.terms.not(target.property),
    );
    const answer = question.kind === 'always' ? 'yes' : 'no';
    let last = 'no invariant was found that implies it';
    for (const polynomial of [false, true]) {
      const at = await inferInvariants(program, wanted, { ...tools, polynomial });
      if (!at) return giveUp('the invariants could not be computed within the budget');
      yield { text: polynomial ? 'polynomial invariants found' : 'linear invariants found' };
      const evidence: InvariantEvidence = {
        kind: 'invariant',
        at,
        encoding: 'paths',
        proofs: [],
        ...(contracts.length > 0 ? { contracts } : {}),
      };
      const proofs = await proveObligations(
        program.terms,
        obligationsOf(task, answer, evidence),
        tools.prover,
        tools.budget,
      );
      if (proofs.kind === 'proved') return { by: name, answer, evidence: { ...evidence, proofs: proofs.proofs } };
      if (proofs.kind === 'malformed') last = proofs.why;
    }
    return giveUp(last);
  },
};

/** Inductive invariants at the annotated locations; also for engines that need supporting invariants. */
export async function inferInvariants(
  program: Program,
  wanted: readonly Term[],
  options: { readonly prover: Prover; readonly budget: Budget; readonly seed: number; readonly polynomial: boolean },
): Promise<ReadonlyMap<LocationId, Term> | undefined> {
  const { budget, prover } = options;
  const base = await interpretInTurns(program, budget.share({ stepLimit: 4_000_000 }));
  const locations = annotatedLocations(program);
  const t = program.terms;
  const known = new Map(locations.map((l) => [l, base ? t.all([base.invariant(l), ...base.elements(l)]) : t.true]));
  const samples = sampleStates(program, locations, options.seed, budget, { arrays: true });
  const entry = mainProcedure(program).entry;
  const live = liveInMain(program);
  const elements = elementCandidates(program, locations, samples, live);
  const candidates = new Map<LocationId, readonly Term[]>();
  for (const location of locations) {
    if (location === entry) continue;
    candidates.set(location, [
      ...candidatesAt(program, location, samples, wanted, options.polynomial, live.get(location)),
      ...(elements.get(location) ?? []),
    ]);
  }
  const kept = await largestInductivePart(program, known, candidates, prover, budget);
  if (!kept) return undefined;
  return new Map(locations.map((l) => [l, t.all([known.get(l)!, ...(kept.get(l) ?? [])])]));
}
