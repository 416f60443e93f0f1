import type { Program } from '../../program/program.ts';
import type { RankingEvidence } from '../evidence.ts';
import type { EvidenceResult, Obligations } from '../obligation.ts';
import type { ProofChecker } from '../proof.ts';

/** The obligations of a termination argument, in the order in which its proofs stand. */
export function terminationObligations(_program: Program, _evidence: RankingEvidence): Obligations {
  return { kind: 'malformed', why: 'no termination argument is given' };
}

/** Checks the structure of a termination argument and its proofs. */
export function checkTermination(
  _program: Program,
  _evidence: RankingEvidence,
  _checkProof: ProofChecker,
): EvidenceResult {
  return { kind: 'rejected', why: 'no termination argument is given' };
}
