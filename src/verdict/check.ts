import { unreachable } from '../base/unreachable.ts';
import { InvalidChoice } from '../program/interpreter.ts';
import { proofView, witnessView } from '../program/no-return.ts';
import { isFlat, type Program } from '../program/program.ts';
import type { Task } from '../program/question.ts';
import type { Claim, Reason } from './claim.ts';
import { type Contract, contractObligations, summariesOf } from './contracts.ts';
import type { Evidence, LassoEvidence } from './evidence.ts';
import { checkExhaustive } from './exhaustive-check.ts';
import { invariantObligations, negatedTargets } from './invariant-check.ts';
import { checkProofs, type EvidenceResult, type Obligations } from './obligation.ts';
import { checkParts, partsObligations, partsOf } from './parts-check.ts';
import { checkProof } from './proof-check.ts';
import { checkStem, recurrentSetObligations } from './recurrent-set-check.ts';
import { terminationObligations } from './termination/check.ts';
import { approximationsMet, checkDescent, checkLasso, checkTrace } from './trace-check.ts';
import { unwindingObligations } from './unwinding-check.ts';
import { type DontKnow, type No, seal, type Verdict, type Yes } from './verdict.ts';

/** Two engines proved opposite answers and both passed: our bug. Everything stops. */
export class Contradiction extends Error {}

/**
 * Makes the verdict from the claims (rule 1). Pure: no clock, no files, no solver; obligations are made here, from the
 * original task. The claim that asks for the least trust wins. A claim whose evidence does not check becomes a reason
 * `rejected`.
 */
export function check(task: Task, claims: readonly Claim[], options: { vacuous?: boolean } = {}): Verdict {
  const common = { question: task.question, subject: task.subject, assumptions: task.assumptions };
  const reasons: (Reason & { by: string })[] = [];
  let best: Yes | No | undefined;
  for (const claim of claims) {
    if (claim.answer === 'dont-know') {
      reasons.push({ ...claim.reason, by: claim.by });
      continue;
    }
    const result = checkEvidence(task, claim.answer, claim.evidence);
    if (result.kind === 'rejected') {
      reasons.push({
        kind: 'rejected',
        text: `the evidence of ${claim.by} did not check: ${result.why}`,
        by: claim.by,
      });
      continue;
    }
    const blocked = blockedBy(task, claim.answer, claim.evidence);
    if (blocked) {
      reasons.push({ kind: 'approximated', text: blocked, by: claim.by });
      continue;
    }
    if (best && best.answer !== claim.answer) {
      throw new Contradiction(
        `${best.by} proved ${best.answer}, ${claim.by} proved ${claim.answer}: ${task.question.text}`,
      );
    }
    const { rung, tools, obligations } = result;
    if (best && best.rung <= rung) continue;
    const { by, evidence } = claim;
    const vacuous = options.vacuous ?? false;
    best = { ...common, answer: claim.answer, by, evidence, rung, tools, obligations, vacuous };
  }
  if (best) return seal(best);
  const verdict: DontKnow = { ...common, answer: 'dont-know', reasons };
  return seal(verdict);
}

/** An over-approximated program supports only proofs, an under-approximated one only witnesses. */
function blockedBy(task: Task, answer: 'yes' | 'no', evidence: Evidence): string | undefined {
  const proof = task.question.kind === 'ever' ? answer === 'no' : answer === 'yes';
  const side = proof ? 'under' : 'over';
  let met: ReadonlySet<string> | undefined;
  for (const a of task.assumptions) {
    if (a.kind !== 'approximation' || a.side !== side) continue;
    // A run that comes by no place where the program departs from its source is a run of the source.
    if (a.marked && evidence.kind === 'trace') {
      met ??= approximationsMet(task.program, evidence);
      if (!met.has(a.text)) continue;
    }
    return `${a.text}, so this answer is not certain`;
  }
  return undefined;
}

/** The obligations that stand behind some evidence, for engines, exporters and the checker alike. */
export function obligationsOf(task: Task, answer: 'yes' | 'no', evidence: Evidence): Obligations {
  const none: Obligations = { kind: 'obligations', list: [] };
  const { question } = task;
  const contracts = evidence.kind === 'invariant' || evidence.kind === 'ranking' ? evidence.contracts : undefined;
  const program =
    evidence.kind === 'recurrent-set'
      ? witnessView(task.program)
      : proofView(task.program, contracts && summariesOf(contracts));
  const withContracts = (rest: Obligations): Obligations => afterContracts(task.program, contracts, rest);
  switch (evidence.kind) {
    case 'trace':
    case 'lasso':
    case 'exhaustive':
      return none;
    case 'invariant': {
      if (question.kind === 'terminates')
        return { kind: 'malformed', why: 'an invariant alone does not show termination' };
      const targets = question.kind === 'always' ? question.targets : negatedTargets(program, question.targets);
      if ((question.kind === 'always') !== (answer === 'yes')) {
        return { kind: 'malformed', why: 'an invariant shows what always holds' };
      }
      return withContracts(invariantObligations(program, evidence.at, targets));
    }
    case 'unwinding': {
      if (question.kind === 'terminates') return { kind: 'malformed', why: 'an unwinding is made for targets' };
      if ((question.kind === 'always') !== (answer === 'yes')) {
        return { kind: 'malformed', why: 'an unwinding shows what never happens' };
      }
      return unwindingObligations(program, question.targets, question.kind === 'ever', evidence);
    }
    case 'ranking':
      return question.kind === 'terminates' && answer === 'yes'
        ? withContracts(terminationObligations(program, evidence))
        : { kind: 'malformed', why: 'a ranking argument shows termination' };
    case 'recurrent-set':
      return question.kind === 'terminates' && answer === 'no'
        ? recurrentSetObligations(program, evidence)
        : { kind: 'malformed', why: 'a recurrent set shows non-termination' };
    case 'parts':
      return partsObligations(partsOf(task, answer, evidence), (part, e) => obligationsOf(part, answer, e));
    default:
      return unreachable(evidence);
  }
}

/** The obligations of the contracts, then those that rest on them. */
function afterContracts(
  program: Task['program'],
  contracts: readonly Contract[] | undefined,
  rest: Obligations,
): Obligations {
  if (!contracts || rest.kind === 'malformed') return rest;
  const first = contractObligations(program, contracts);
  return first.kind === 'malformed' ? first : { kind: 'obligations', list: [...first.list, ...rest.list] };
}

/** Checks one piece of evidence for one answer. Never throws on malformed evidence. */
export function checkEvidence(task: Task, answer: 'yes' | 'no', evidence: Evidence): EvidenceResult {
  try {
    return checkKind(task, answer, evidence);
  } catch (error) {
    if (error instanceof InvalidChoice) return { kind: 'rejected', why: error.message };
    throw error;
  }
}

function checkKind(task: Task, answer: 'yes' | 'no', evidence: Evidence): EvidenceResult {
  const { program, question } = task;
  const wrongKind = (why: string): EvidenceResult => ({ kind: 'rejected', why });
  switch (evidence.kind) {
    case 'trace': {
      if (question.kind === 'terminates') return wrongKind('a finite run says nothing about termination');
      if ((question.kind === 'ever') !== (answer === 'yes')) return wrongKind('a run cannot support this answer');
      return checkTrace(program, question.targets, question.kind === 'ever', evidence);
    }
    case 'lasso':
      if (question.kind !== 'terminates' || answer !== 'no') return wrongKind('a repeated state shows non-termination');
      return checkRepetition(program, evidence);
    case 'exhaustive':
      if (question.kind === 'terminates') {
        if (answer !== 'yes') return wrongKind('exhaustive testing supports yes here');
        return checkExhaustive(program, [], false, evidence.stepLimit, true);
      }
      if ((question.kind === 'always') !== (answer === 'yes')) return wrongKind('a run would be the evidence');
      return checkExhaustive(program, question.targets, question.kind === 'ever', evidence.stepLimit, false);
    case 'invariant':
    case 'unwinding':
    case 'ranking':
      return checkProofs(program.terms, obligationsOf(task, answer, evidence), evidence.proofs, checkProof);
    case 'recurrent-set': {
      const stem = checkStem(witnessView(program), evidence);
      if (stem) return wrongKind(stem);
      return checkProofs(program.terms, obligationsOf(task, answer, evidence), evidence.proofs, checkProof);
    }
    case 'parts':
      return checkParts(partsOf(task, answer, evidence), (part, e) => checkKind(part, answer, e));
    default:
      return unreachable(evidence);
  }
}

/** A repeated state, or the same arguments again deeper in a recursion that never comes back. */
function checkRepetition(program: Program, evidence: LassoEvidence): EvidenceResult {
  const result = checkLasso(program, evidence);
  if (result.kind === 'accepted' || isFlat(program)) return result;
  const descent = checkDescent(program, evidence);
  return descent.kind === 'accepted' ? descent : checkLasso(witnessView(program), evidence);
}
