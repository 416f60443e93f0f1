import type { Budget } from '../base/budget.ts';
import type { Prover, RefuteOptions } from '../solvers/prover.ts';
import type { TermFactory } from '../terms/factory.ts';
import type { SymbolTerm } from '../terms/term.ts';
import type { Value } from '../terms/value.ts';
import type { Obligation, Obligations } from '../verdict/obligation.ts';
import type { Proof } from '../verdict/proof.ts';

/** Every obligation proved, in order; or the first that is not, with a state that breaks it where one was found. */
export type Proofs =
  | { readonly kind: 'proved'; readonly proofs: readonly Proof[] }
  | {
      readonly kind: 'open';
      readonly obligation: Obligation;
      readonly model?: ReadonlyMap<SymbolTerm, Value>;
      readonly reason: string;
    }
  | { readonly kind: 'malformed'; readonly why: string };

export async function proveObligations(
  factory: TermFactory,
  obligations: Obligations,
  prover: Prover,
  budget: Budget,
  options: RefuteOptions = {},
): Promise<Proofs> {
  if (obligations.kind === 'malformed') return obligations;
  const proofs: Proof[] = [];
  for (const obligation of obligations.list) {
    const result = await prover.refute(factory, obligation.refute, budget, options);
    switch (result.kind) {
      case 'refuted':
        proofs.push(result.proof);
        break;
      case 'model':
        return { kind: 'open', obligation, model: result.values, reason: 'it does not hold' };
      case 'unknown':
        return { kind: 'open', obligation, reason: result.reason };
    }
  }
  return { kind: 'proved', proofs };
}
