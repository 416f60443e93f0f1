import type { Prover } from '../solvers/prover.ts';
import { ProverChain } from '../solvers/prover-chain.ts';

export interface ProverOptions {
  /** Ask the solvers that are installed (z3, cvc5, bitwuzla) as well: what two of them say is on rung 3. */
  readonly reprove: boolean;
}

/**
 * The prover of the command line: own rewriting and arithmetic first; a solver is loaded only when they do not settle it.
 */
export function makeProver(options: ProverOptions = { reprove: false }): Prover {
  return new ProverChain(async () => {
    const { SmtProver } = await import('../solvers/smt-prover.ts');
    const { Z3Wasm } = await import('../solvers/z3-wasm.ts');
    const embedded = new Z3Wasm();
    // Horn clauses may take long: they get an engine of their own, started when they come up.
    const horn = new Z3Wasm();
    const hornPort = () => horn.port();
    if (!options.reprove) return new SmtProver([embedded], hornPort);
    const { installedSolvers, SmtProcess } = await import('../solvers/smt-process.ts');
    const installed = (await installedSolvers()).map((command) => new SmtProcess(command));
    return new SmtProver([embedded, ...installed], hornPort);
  });
}
