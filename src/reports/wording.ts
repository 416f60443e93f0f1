import type { Span } from '../base/span.ts';
import type { Assumption } from '../program/question.ts';
import type { Proof } from '../verdict/proof.ts';
import type { Decided, Verdict } from '../verdict/verdict.ts';

/** The fixed phrases of all reports, in one place. */

export const answerWords: Readonly<Record<Verdict['answer'], string>> = {
  yes: 'Yes',
  no: 'No',
  'dont-know': "Don't know",
};

/** The rung of the ladder of trust, in a sentence that says what was and was not believed. */
export function trustWords(verdict: Decided): string {
  switch (verdict.rung) {
    case 1:
      return verdict.evidence.kind === 'exhaustive'
        ? 'replayed: every run was made, one by one; no solver involved'
        : 'replayed: the run was made again, step by step; no solver involved';
    case 2:
      return `checked: ${count(verdict.obligations, 'proof')}, each verified by a small exact checker; no solver`;
    case 3:
      return `re-proved: ${list(verdict.tools)} agree independently; their word is believed`;
    case 4:
      return `trusted: ${list(verdict.tools)} said so; its word is believed`;
  }
}

export const count = (n: number, noun: string): string => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;

export function list(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? 'nobody';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

const methodNames = { arithmetic: 'exact arithmetic', folding: 'folding constants', rewriting: 'rewriting' } as const;

function methodName(proof: Proof): string {
  if (proof.kind === 'trusted') return `the word of ${list(proof.tools)}`;
  return proof.kind === 'instances' ? `${methodName(proof.rest)} on single elements` : methodNames[proof.kind];
}

/** "3 by exact arithmetic, 1 by rewriting". */
export function proofWords(proofs: readonly Proof[]): string {
  const methods = new Map<string, number>();
  for (const proof of proofs) {
    const method = methodName(proof);
    methods.set(method, (methods.get(method) ?? 0) + 1);
  }
  return [...methods].map(([method, n]) => `${n} by ${method}`).join(', ');
}

export function assumptionWords(assumption: Assumption): string {
  switch (assumption.kind) {
    case 'environment':
      return assumption.text;
    case 'approximation':
      return `${assumption.text} (approximated from ${assumption.side === 'over' ? 'above' : 'below'})`;
    case 'trusted':
      return `${assumption.text} (on the word of ${assumption.tool})`;
  }
}

/** "line 3"; with its file if that is not the one that was asked about. */
export const lineOf = (span: Span, askedPath: string): string =>
  span.path === askedPath ? `line ${span.start.line}` : `line ${span.start.line} of ${span.path}`;
