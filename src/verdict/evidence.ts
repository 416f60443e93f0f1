import type { LocationId } from '../program/program.ts';
import type { Trace } from '../program/trace.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import type { Contract } from './contracts.ts';
import type { Proof } from './proof.ts';
import type { TerminationProof } from './termination/proof.ts';

/**
 * What supports a yes or a no, so that someone else can check it. One small checker for each kind stands in this folder.
 */
export type Evidence = WholeEvidence | PartsEvidence;

export type WholeEvidence =
  | TraceEvidence
  | LassoEvidence
  | ExhaustiveEvidence
  | InvariantEvidence
  | UnwindingEvidence
  | RankingEvidence
  | RecurrentSetEvidence;

/** A run that brings control to a target: with its property false (always), or true (ever). */
export interface TraceEvidence {
  readonly kind: 'trace';
  readonly trace: Trace;
  /** Steps after which the target is met; a bound for the replay. */
  readonly steps: number;
}

/** A run in which the whole state occurs twice, so that it can go on for ever the same way. Steps count edges. */
export interface LassoEvidence {
  readonly kind: 'lasso';
  readonly trace: Trace;
  readonly firstStep: number;
  readonly secondStep: number;
}

/**
 * All runs were made: every combination of the values at the start and of the inputs on the way. The checker makes them
 * again; states at loop heads that are known to be fine are not visited twice. `stepLimit` bounds the whole work.
 */
export interface ExhaustiveEvidence {
  readonly kind: 'exhaustive';
  readonly stepLimit: number;
}

/**
 * An inductive invariant: a formula at each location of a set that cuts every cycle and holds the entry. One proof for
 * each obligation that safety-obligations.ts makes, in its order.
 */
export interface InvariantEvidence {
  readonly kind: 'invariant';
  readonly at: ReadonlyMap<LocationId, Term>;
  readonly encoding: 'paths' | 'blocks';
  /** What the invariant takes for granted of calls that return; their obligations come first. */
  readonly contracts?: readonly Contract[];
  readonly proofs: readonly Proof[];
}

/**
 * Every run goes through its loops at most `bound` times, turns that it cannot leave not counted, and none of those meets a
 * target; see unwinding-check.ts.
 */
export interface UnwindingEvidence {
  readonly kind: 'unwinding';
  readonly bound: number;
  readonly freeTurns: number;
  readonly nodeLimit: number;
  readonly proofs: readonly Proof[];
}

/**
 * What never happens was shown in parts: each for some of the question's targets (by their places in its list), with evidence
 * of its own. Together the parts are about every target.
 */
export interface PartsEvidence {
  readonly kind: 'parts';
  readonly parts: readonly { readonly targets: readonly number[]; readonly evidence: WholeEvidence }[];
}

/** A termination argument; see termination/proof.ts. */
export interface RankingEvidence {
  readonly kind: 'ranking';
  /** An inductive invariant at each location of a set that cuts every cycle and holds the entry. */
  readonly at: Invariants;
  readonly argument: TerminationProof;
  /** What the argument takes for granted of calls that return; their obligations come first. */
  readonly contracts?: readonly Contract[];
  /** One for each obligation that termination/check.ts makes, in its order. */
  readonly proofs: readonly Proof[];
}

/**
 * A set of states that a run can reach and never has to leave: from every state of the set at a location, one of the
 * cases can be carried out and ends in the set again.
 */
export interface RecurrentSetEvidence {
  readonly kind: 'recurrent-set';
  /** Brings control to a location of the set, in a state of the set, after `stemSteps` edges. */
  readonly stem: Trace;
  readonly stemSteps: number;
  readonly sets: readonly RecurrentSet[];
  /** One for each obligation that recurrent-set-obligations.ts makes, in its order. */
  readonly proofs: readonly Proof[];
}

export interface RecurrentSet {
  readonly at: LocationId;
  /** A formula over the state variables. */
  readonly set: Term;
  readonly cases: readonly RecurrentCase[];
}

/** A path, by its edges, from the set's location to a location with a set (its own or another), at least one edge long. */
export interface RecurrentCase {
  /** States of the set to which this case applies; the cases' guards must cover the set. */
  readonly guard: Term;
  readonly edges: readonly number[];
  /** The value of each havoc on the path, in order, as a term over the state at its start. */
  readonly inputs: readonly Term[];
}

export type Invariants = ReadonlyMap<LocationId, Term>;
export type Assignment = ReadonlyMap<SymbolTerm, Term>;
