/** Placeholder shape until the ranking checker lands; see evidence.ts. */
export type TerminationProof = { readonly kind: 'none' };
