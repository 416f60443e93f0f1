import type { Budget } from '../../base/budget.ts';
import { proofView } from '../../program/no-return.ts';
import { cutPoints, pathsBetween } from '../../program/path.ts';
import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import { obligationsOf } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import type { InvariantEvidence } from '../../verdict/evidence.ts';
import type { Engine, Tools } from '../engine.ts';
import { proveObligations } from '../prove-obligations.ts';
import { type AbstractInvariants, interpretation } from './fixpoint.ts';

const name = 'abstract interpretation';

/**
 * Proves what always holds from the invariants that abstract interpretation finds: intervals and octagons. Gives up when the
 * invariants do not imply the property as far as is seen without a solver; it finds no counterexamples.
 */
export const abstractInterpretation: Engine = {
  name,
  answers: (question: Question) => question.kind !== 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { question } = task;
    const program = proofView(task.program);
    const giveUp = (text: string): Claim => ({ by: name, answer: 'dont-know', reason: { kind: 'exhausted', text } });
    if (question.kind === 'terminates') return giveUp('it is about what always holds');
    const result = await interpretInTurns(program, tools.budget.share({ stepLimit: 4_000_000 }));
    if (!result)
      return { by: name, answer: 'dont-know', reason: { kind: 'budget', text: 'the analysis took too many steps' } };
    const at = new Map<LocationId, Term>();
    for (const location of annotatedLocations(program)) {
      at.set(location, program.terms.all([result.invariant(location), ...result.elements(location)]));
    }
    const answer = question.kind === 'always' ? 'yes' : 'no';
    const evidence: InvariantEvidence = { kind: 'invariant', at, encoding: 'paths', proofs: [] };
    const obligations = obligationsOf(task, answer, evidence);
    const proofs = await proveObligations(program.terms, obligations, tools.prover, tools.budget, {
      checkedOnly: true,
    });
    if (proofs.kind === 'proved') return { by: name, answer, evidence: { ...evidence, proofs: proofs.proofs } };
    if (proofs.kind === 'malformed') return giveUp(proofs.why);
    return giveUp('intervals and octagons are too weak to prove it');
  },
};

/** How long the analysis works before the event loop turns, in milliseconds. */
const turnMs = 10;

/** Abstract interpretation that lets the event loop turn now and then. */
export async function interpretInTurns(program: Program, budget: Budget): Promise<AbstractInvariants | undefined> {
  const work = interpretation(program, budget);
  let beganMs = budget.now();
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    if (budget.now() - beganMs < turnMs) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    beganMs = budget.now();
  }
}

/**
 * Where to state invariants: at the cut points; where too many paths lie between those, also wherever paths meet.
 */
export function annotatedLocations(program: Program, pathLimit = 400): readonly LocationId[] {
  const cuts = cutPoints(program);
  const found = pathsBetween(program, cuts, new Set(cuts), pathLimit);
  if (found.kind === 'paths') return cuts;
  const main = mainProcedure(program);
  const incoming = new Map<LocationId, number>();
  for (const edge of main.edges) incoming.set(edge.to, (incoming.get(edge.to) ?? 0) + 1);
  return [...new Set([...cuts, ...[...main.locations.keys()].filter((l) => (incoming.get(l) ?? 0) > 1)])];
}
