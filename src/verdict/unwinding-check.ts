import { isFlat, type Program } from '../program/program.ts';
import type { Target } from '../program/question.ts';
import { type Unwinding, unwind } from '../program/unwinding.ts';
import type { Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import type { Obligation, Obligations } from './obligation.ts';

/**
 * The obligations of a complete unwinding: no run of at most `bound` turns of each loop meets a target, and no run goes
 * further. Then every run has been covered.
 */
export interface UnwindingEvidenceShape {
  readonly bound: number;
  readonly nodeLimit: number;
}

export function unwindProgram(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  evidence: UnwindingEvidenceShape,
): Unwinding | 'too-large' {
  return unwind(program, targets, { bound: evidence.bound, nodeLimit: evidence.nodeLimit, wanted });
}

export function unwindingObligations(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  evidence: UnwindingEvidenceShape,
): Obligations {
  const { bound, nodeLimit } = evidence;
  if (!Number.isSafeInteger(bound) || bound < 0)
    return { kind: 'malformed', why: 'the bound is not a number of turns' };
  if (!Number.isSafeInteger(nodeLimit) || nodeLimit > 10_000_000)
    return { kind: 'malformed', why: 'no sensible node limit' };
  if (!isFlat(program)) return { kind: 'malformed', why: 'the program has calls' };
  const unwinding = unwindProgram(program, targets, wanted, evidence);
  if (unwinding === 'too-large') return { kind: 'malformed', why: 'the unwinding is too large' };
  return { kind: 'obligations', list: [metObligation(program, unwinding), cutOffObligation(program, unwinding)] };
}

export const metObligation = (program: Program, unwinding: Unwinding): Obligation => ({
  refute: withRanges(
    program,
    unwinding,
    unwinding.met.map((m) => m.condition),
  ),
  text: 'no unwound run meets a target',
});

export const cutOffObligation = (program: Program, unwinding: Unwinding): Obligation => ({
  refute: withRanges(program, unwinding, unwinding.cutOff),
  text: 'no run goes on beyond the bound',
});

/** One of the formulas holds, with the ranges of the symbols that occur. */
function withRanges(program: Program, unwinding: Unwinding, formulas: readonly Term[]): Term {
  const t = program.terms;
  const any = t.any(formulas);
  const needed = new Set(freeSymbols([any]));
  const ranges = unwinding.ranges.filter((r) => freeSymbols([r]).some((s) => needed.has(s)));
  return t.all([...ranges, any]);
}
