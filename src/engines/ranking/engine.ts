import { isFlat, type LocationId, mainProcedure } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import type { Claim, Progress, Reason } from '../../verdict/claim.ts';
import type { RankingEvidence } from '../../verdict/evidence.ts';
import { terminationObligations } from '../../verdict/termination/check.ts';
import { locationOf, type TerminationProof } from '../../verdict/termination/proof.ts';
import { components, type Transition, transitionsOf } from '../../verdict/termination/transitions.ts';
import { annotatedLocations } from '../abstract-interpretation/engine.ts';
import { interpretAbstractly } from '../abstract-interpretation/fixpoint.ts';
import type { Engine, Tools } from '../engine.ts';
import { proveObligations } from '../prove-obligations.ts';
import type { Spend } from './convex-piece.ts';
import { ArgumentSearch, type Effort } from './search.ts';
import { makeItems, relevantVariables, taggedConditions } from './transition-set.ts';

const name = 'ranking';

/**
 * Proves that every run ends: functions that fall for each strongly connected component, by removal of transitions. First with
 * no invariants; what is left, with those of abstract interpretation.
 */
export const ranking: Engine = {
  name,
  answers: (question: Question) => question.kind === 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { program } = task;
    const giveUp = (text: string, kind: Reason['kind'] = 'exhausted'): Claim => ({
      by: name,
      answer: 'dont-know',
      reason: { kind, text } as Reason,
    });
    if (!isFlat(program)) return giveUp('the program has recursive calls');
    const spend = spender(tools);
    const locations = annotatedLocations(program);
    const t = program.terms;
    const plain = new Map<LocationId, Term>(locations.map((l) => [l, t.true]));
    const base = transitionsOf(program, plain);
    if (base.kind === 'malformed') return giveUp(base.why);
    yield { text: `${base.list.length} transitions between ${locations.length} locations` };

    let at = plain;
    const parts: TerminationProof[] = [];
    let list: readonly Transition[] = base.list;
    for (let index = 0; ; index++) {
      const component = components(list)[index];
      if (!component) break;
      let proof: TerminationProof | undefined;
      let search: ArgumentSearch | undefined;
      for (const { strength, effort } of passes) {
        let current: readonly Transition[] = component;
        if (strength === 'invariants') {
          if (at === plain) {
            const abstract = interpretAbstractly(program, tools.budget.share({ stepLimit: 4_000_000 }));
            if (!abstract) continue;
            const main = mainProcedure(program);
            at = new Map(locations.map((l) => [l, l === main.entry ? t.true : abstract.invariant(l)]));
            const again = transitionsOf(program, at);
            if (again.kind === 'malformed') return giveUp(again.why);
            list = again.list;
            yield { text: 'invariants found by abstract interpretation' };
          }
          const ids = new Set(component.map((c) => c.id));
          current = list.filter((c) => ids.has(c.id));
        }
        const features = relevantVariables(program, current);
        const items = makeItems(
          program,
          current.map((transition) => ({ transition, conditions: taggedConditions(transition, at) })),
          features,
          spend,
        );
        search = new ArgumentSearch(program, spend);
        proof = yield* search.prove(items, features, effort);
        if (proof || !tools.budget.open) break;
      }
      if (!proof) {
        if (!tools.budget.open) return giveUp('the time or step limit was reached', 'budget');
        const where = locationOf(search?.stuck[0]?.transition.from ?? component[0]!.from);
        const origin = mainProcedure(program).locations.get(where)?.origin;
        return giveUp(
          `no measure was found for the loop ${origin ? `at line ${origin.start.line}` : `at location ${where}`}`,
        );
      }
      // A component proved alone is one component again.
      parts.push(proof.kind === 'components' && proof.parts.length === 1 ? proof.parts[0]! : proof);
    }
    const argument: TerminationProof = { kind: 'components', parts };
    const evidence: RankingEvidence = { kind: 'ranking', at, argument, proofs: [] };
    yield { text: 'an argument is found; its obligations are proved' };
    const proofs = await proveObligations(t, terminationObligations(program, evidence), tools.prover, tools.budget);
    if (proofs.kind === 'proved') return { by: name, answer: 'yes', evidence: { ...evidence, proofs: proofs.proofs } };
    if (proofs.kind === 'malformed') return giveUp(`the argument is malformed: ${proofs.why}`);
    if (!tools.budget.open) return giveUp('the time or step limit was reached', 'budget');
    return giveUp(`an obligation of the argument is open: ${proofs.obligation.text}: ${proofs.reason}`);
  },
};

/** From cheap to dear. */
const passes: readonly { readonly strength: 'plain' | 'invariants'; readonly effort: Effort }[] = [
  { strength: 'plain', effort: { nesting: 1, splits: 0 } },
  { strength: 'invariants', effort: { nesting: 3, splits: 0 } },
  { strength: 'invariants', effort: { nesting: 2, splits: 3 } },
];

const stepsBetweenLooksAtTheClock = 500;

/** Steps from the budget; looks at the clock now and then. */
function spender(tools: Tools): Spend {
  let sinceLook = 0;
  let expired = false;
  return (cost) => {
    if (expired || !tools.budget.spend(cost)) return false;
    sinceLook += cost;
    if (sinceLook >= stepsBetweenLooksAtTheClock) {
      sinceLook = 0;
      expired = tools.budget.expired;
    }
    return !expired;
  };
}
