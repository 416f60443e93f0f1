import { proofView } from '../../program/no-return.ts';
import { isFlat, type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import { obligationsOf } from '../../verdict/check.ts';
import type { Claim, Progress, Reason } from '../../verdict/claim.ts';
import { type Contract, summariesOf } from '../../verdict/contracts.ts';
import type { Invariants, RankingEvidence } from '../../verdict/evidence.ts';
import { locationOf, type TerminationProof } from '../../verdict/termination/proof.ts';
import { components, type Transition, transitionsOf } from '../../verdict/termination/transitions.ts';
import { annotatedLocations } from '../abstract-interpretation/engine.ts';
import type { Engine, Tools } from '../engine.ts';
import { inferContracts } from '../invariant-inference/contracts.ts';
import { proveObligations } from '../prove-obligations.ts';
import type { Spend } from './convex-piece.ts';
import { hintedMeasures, refutedHints } from './hints.ts';
import { InvariantStages, type Strength } from './invariants.ts';
import { ArgumentSearch, type Effort } from './search.ts';
import { conditionsOf, makeItems, relevantReads, relevantVariables } from './transition-set.ts';

const name = 'ranking';

/**
 * Proves that every run ends: functions that fall for each strongly connected component, by removal of transitions. First with
 * no invariants; what is left, with stronger and stronger ones. Gives up where no function of a template fits.
 */
export const ranking: Engine = {
  name,
  answers: (question: Question) => question.kind === 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    if (isFlat(task.program)) return yield* attempt(task, tools, passes, []);
    // Recursion: what calls return matters for some measures only.
    const claim = yield* attempt(task, tools, passes.slice(0, 2), []);
    if (claim.answer !== 'dont-know' || !tools.budget.open) return claim;
    const contracts = yield* inferContracts(task.program, tools);
    return yield* attempt(task, tools, passes, contracts);
  },
};

/** One search, with what is known of calls that return. */
async function* attempt(
  task: Task,
  tools: Tools,
  passes: readonly Pass[],
  contracts: readonly Contract[],
): AsyncGenerator<Progress, Claim> {
  const program = proofView(task.program, summariesOf(contracts));
  const giveUp = (text: string, kind: 'exhausted' | 'budget' = 'exhausted'): Claim => {
    const reason: Reason = { kind, text };
    return { by: name, answer: 'dont-know', reason };
  };
  const spend = spender(tools);
  const locations = annotatedLocations(program);
  const stages = new InvariantStages(program, locations, tools, spend);
  const first = transitionsOf(program, stages.invariants);
  if (first.kind === 'malformed') return giveUp(first.why);
  yield { text: `${first.list.length} transitions between ${locations.length} locations` };
  const refuted = refutedHints(program, tools.budget);
  yield* refuted;

  const parts: TerminationProof[] = [];
  let list: readonly Transition[] = first.list;
  for (let index = 0; ; index++) {
    const component = components(list)[index];
    if (!component) break;
    const ids = new Set(component.map((c) => c.id));
    let proof: TerminationProof | undefined;
    let stuck = component;
    for (const { strength, effort } of passes) {
      const before = stages.invariants;
      yield* stages.raise(strength);
      if (stages.invariants !== before) {
        const again = transitionsOf(program, stages.invariants);
        if (again.kind === 'malformed') return giveUp(again.why);
        list = again.list;
      } else if (strength !== 'none' && !effort.always) continue;
      const current = list.filter((c) => ids.has(c.id));
      const search = new ArgumentSearch(program, spend);
      proof = yield* searchIn(program, search, current, stages.invariants, effort, spend);
      if (proof || !tools.budget.open) break;
      stuck = search.stuck.map((i) => i.transition);
    }
    if (!proof) {
      if (!tools.budget.open) return giveUp('the time or step limit was reached', 'budget');
      const loop = loopWords(program, stuck[0]?.from ?? component[0]!.from);
      return giveUp([`no measure was found for ${loop}`, ...refuted.map((r) => r.text)].join('; '));
    }
    // A component proved alone is one component again.
    parts.push(proof.kind === 'components' && proof.parts.length === 1 ? proof.parts[0]! : proof);
  }
  const argument: TerminationProof = { kind: 'components', parts };
  const evidence: RankingEvidence = {
    kind: 'ranking',
    at: stages.invariants,
    argument,
    ...(contracts.length > 0 ? { contracts } : {}),
    proofs: [],
  };
  yield { text: 'an argument is found; its obligations are proved' };
  const obligations = obligationsOf(task, 'yes', evidence);
  const proofs = await proveObligations(program.terms, obligations, tools.prover, tools.budget);
  if (proofs.kind === 'proved') return { by: name, answer: 'yes', evidence: { ...evidence, proofs: proofs.proofs } };
  if (proofs.kind === 'malformed') return giveUp(`the argument is malformed: ${proofs.why}`);
  if (!tools.budget.open) return giveUp('the time or step limit was reached', 'budget');
  return giveUp(`an obligation of the argument is open: ${proofs.obligation.text}: ${proofs.reason}`);
}

function searchIn(
  program: Program,
  search: ArgumentSearch,
  transitions: readonly Transition[],
  invariants: Invariants,
  effort: Effort,
  spend: Spend,
): Generator<Progress, TerminationProof | undefined> {
  const features: readonly Term[] = [
    ...hintedMeasures(program),
    ...relevantVariables(program, transitions),
    ...relevantReads(program, transitions),
  ];
  const starting = transitions.map((transition) => ({
    transition,
    conditions: conditionsOf(transition, invariants),
  }));
  return search.prove(makeItems(program, starting, features, spend), features, effort);
}

interface Pass {
  readonly strength: Strength;
  /** `always`: also where the invariants have not become stronger since the pass before. */
  readonly effort: Effort & { readonly always: boolean };
}

/** From cheap to dear. */
const passes: readonly Pass[] = [
  { strength: 'none', effort: { nesting: 1, splits: 0, always: true } },
  { strength: 'abstract', effort: { nesting: 3, splits: 0, always: true } },
  { strength: 'links', effort: { nesting: 2, splits: 1, always: false } },
  { strength: 'elements', effort: { nesting: 2, splits: 0, always: false } },
  { strength: 'strengthened', effort: { nesting: 2, splits: 0, always: false } },
  { strength: 'segments', effort: { nesting: 2, splits: 0, always: false } },
  { strength: 'strengthened', effort: { nesting: 2, splits: 3, always: true } },
];

function loopWords(program: Program, node: string): string {
  const location: LocationId = locationOf(node);
  const about = mainProcedure(program).locations.get(location);
  const origin = about?.loop?.origin ?? about?.origin;
  return origin ? `the loop at line ${origin.start.line}` : `the loop at location ${location}`;
}

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
