import type { Task } from '../program/question.ts';
import type { PartsEvidence, WholeEvidence } from './evidence.ts';
import type { EvidenceResult, Obligations } from './obligation.ts';
import { partTask } from './properties.ts';

/**
 * Evidence in parts: every part is checked as evidence for the question about its own targets, and the parts must be about
 * every target. What never happens is closed under this: if no run meets any target of any part, none meets a target.
 */
type Part = { readonly task: Task; readonly evidence: WholeEvidence };

/** The parts with their questions, or what is wrong with them. */
export function partsOf(task: Task, answer: 'yes' | 'no', { parts }: PartsEvidence): readonly Part[] | string {
  const { question } = task;
  if (question.kind === 'terminates') return 'termination is not shown in parts';
  if ((question.kind === 'always') !== (answer === 'yes')) return 'parts show what never happens';
  const open = new Set(question.targets.keys());
  for (const { targets } of parts) {
    if (targets.some((i) => question.targets[i] === undefined))
      return 'a part is about a target that is not asked about';
    for (const i of targets) open.delete(i);
  }
  if (open.size > 0) return `${open.size} targets are in no part`;
  return parts.map(({ targets, evidence }) => ({ task: partTask(task, targets), evidence }));
}

export function checkParts(
  parts: readonly Part[] | string,
  checkPart: (task: Task, evidence: WholeEvidence) => EvidenceResult,
): EvidenceResult {
  if (typeof parts === 'string') return { kind: 'rejected', why: parts };
  const tools = new Set<string>();
  let rung: Extract<EvidenceResult, { kind: 'accepted' }>['rung'] = 1;
  let obligations = 0;
  for (const { task, evidence } of parts) {
    const result = checkPart(task, evidence);
    if (result.kind === 'rejected') return result;
    for (const tool of result.tools) tools.add(tool);
    if (result.rung > rung) rung = result.rung;
    obligations += result.obligations;
  }
  return { kind: 'accepted', rung, tools: [...tools], obligations };
}

export function partsObligations(
  parts: readonly Part[] | string,
  obligationsOf: (task: Task, evidence: WholeEvidence) => Obligations,
): Obligations {
  if (typeof parts === 'string') return { kind: 'malformed', why: parts };
  const all = parts.map(({ task, evidence }) => obligationsOf(task, evidence));
  const wrong = all.find((o) => o.kind === 'malformed');
  if (wrong) return wrong;
  return { kind: 'obligations', list: all.flatMap((o) => (o.kind === 'obligations' ? o.list : [])) };
}
