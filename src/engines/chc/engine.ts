import { proofView } from '../../program/no-return.ts';
import { type LocationId, mainProcedure } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import { readDefinitions } from '../../terms/smtlib/definitions.ts';
import type { Term } from '../../terms/term.ts';
import { obligationsOf } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import type { InvariantEvidence } from '../../verdict/evidence.ts';
import { annotatedLocations, interpretInTurns } from '../abstract-interpretation/engine.ts';
import type { Engine, Tools } from '../engine.ts';
import { proveObligations } from '../prove-obligations.ts';
import { hornSystem } from './system.ts';

const name = 'Horn clauses';

/**
 * Lets a solver for constrained Horn clauses look for the invariants (Spacer, [KomuravelliGC-FMSD'16]), reads them back, and
 * proves them with our own prover: the solver is trusted for nothing. Finds no counterexamples: where the clauses derive
 * false, it leaves that to bounded unwinding.
 */
export const hornClauses: Engine = {
  name,
  answers: (question: Question) => question.kind !== 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { question } = task;
    const program = proofView(task.program);
    const t = program.terms;
    const { prover, budget } = tools;
    const giveUp = (text: string): Claim => ({ by: name, answer: 'dont-know', reason: { kind: 'exhausted', text } });
    if (question.kind === 'terminates') return giveUp('it is about what always holds');
    if (!prover.solveHorn) return giveUp('no solver for Horn clauses is given');
    const answer = question.kind === 'always' ? 'yes' : 'no';
    const targets = question.targets.map((target) =>
      question.kind === 'always' ? target : { ...target, property: t.not(target.property) },
    );
    const base = await interpretInTurns(program, budget.share({ stepLimit: 4_000_000 }));
    if (!base) return giveUp('the analysis before took too many steps');
    const locations = annotatedLocations(program, 100);
    const system = hornSystem(program, targets, locations, base);
    if (typeof system === 'string') return giveUp(system);
    yield { text: `${system.predicates.size} unknown invariants as Horn clauses` };
    const reply = await prover.solveHorn(system.script, budget);
    if (reply.kind === 'unknown') return giveUp(reply.reason);
    if (reply.kind === 'derives-false') return giveUp('a run that breaks the property exists');
    const definitions = readDefinitions(reply.definitions);
    if (!definitions) return giveUp('the definitions of the solver cannot be read');
    const at = new Map<LocationId, Term>();
    for (const location of locations) {
      const known = base.invariant(location);
      const unknown = system.predicates.get(location);
      if (!unknown || location === mainProcedure(program).entry) {
        at.set(location, known);
        continue;
      }
      // A predicate that the model leaves out may be anything: true.
      const define = definitions.get(unknown.predicate.name);
      const found = define ? define(t, unknown.variables) : t.true;
      if (!found) return giveUp('the definitions of the solver cannot be read');
      at.set(location, t.and(known, found));
    }
    yield { text: 'invariants found' };
    const evidence: InvariantEvidence = { kind: 'invariant', at, encoding: 'paths', proofs: [] };
    const proofs = await proveObligations(t, obligationsOf(task, answer, evidence), prover, budget);
    if (proofs.kind === 'proved') return { by: name, answer, evidence: { ...evidence, proofs: proofs.proofs } };
    return giveUp(proofs.kind === 'malformed' ? proofs.why : `${proofs.obligation.text}: ${proofs.reason}`);
  },
};
