import type { Prover } from '../solvers/prover.ts';
import { ProverChain } from '../solvers/prover-chain.ts';

/** The prover of the command line: own arithmetic first; a solver is loaded only when that does not settle it. */
export function makeProver(): Prover {
  return new ProverChain();
}
