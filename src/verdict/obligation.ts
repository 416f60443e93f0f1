import type { Span } from '../base/span.ts';
import type { LocationId } from '../program/program.ts';
import type { TermFactory } from '../terms/factory.ts';
import type { Term } from '../terms/term.ts';
import type { Proof, ProofChecker } from './proof.ts';

/** Something to be proved, as the formula that must have no model, and what it says in words. */
export interface Obligation {
  readonly refute: Term;
  readonly text: string;
  readonly from?: LocationId;
  readonly to?: LocationId;
  readonly origin?: Span;
}

export type Obligations =
  | { readonly kind: 'obligations'; readonly list: readonly Obligation[] }
  /** The evidence is not of a form that obligations can be made from. */
  | { readonly kind: 'malformed'; readonly why: string };

export type EvidenceResult =
  | { readonly kind: 'accepted'; readonly rung: Rung; readonly tools: readonly string[]; readonly obligations: number }
  | { readonly kind: 'rejected'; readonly why: string };

/** The ladder of trust, highest first: a lower number asks for less trust. */
export type Rung = 1 | 2 | 3 | 4;

export const rungNames: Readonly<Record<Rung, string>> = { 1: 'replayed', 2: 'checked', 3: 're-proved', 4: 'trusted' };

/** Checks every proof against its obligation; the rung is the lowest that any of them needs. */
export function checkProofs(
  factory: TermFactory,
  obligations: Obligations,
  proofs: readonly Proof[],
  checkProof: ProofChecker,
): EvidenceResult {
  if (obligations.kind === 'malformed') return { kind: 'rejected', why: obligations.why };
  const { list } = obligations;
  if (list.length !== proofs.length) {
    return { kind: 'rejected', why: `${list.length} obligations, but ${proofs.length} proofs` };
  }
  const tools = new Set<string>();
  let rung: Rung = 2;
  for (const [i, obligation] of list.entries()) {
    const result = checkProof(factory, obligation.refute, proofs[i]!);
    if (result.kind === 'rejected') return { kind: 'rejected', why: `${obligation.text}: ${result.why}` };
    if (result.kind === 'trusted') {
      for (const tool of result.tools) tools.add(tool);
      if (result.tools.length === 0) return { kind: 'rejected', why: `${obligation.text}: no tool is named` };
      if (rung < 3) rung = 3;
      if (result.tools.length === 1) rung = 4;
    }
  }
  return { kind: 'accepted', rung, tools: [...tools], obligations: list.length };
}
