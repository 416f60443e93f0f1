import { isFlat, type Program } from '../program/program.ts';
import type { Target } from '../program/question.ts';
import { type Unwinding, unwind } from '../program/unwinding.ts';
import type { Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import type { Obligation, Obligations } from './obligation.ts';

/**
 * The obligations of a complete unwinding: for each target that may be met, that no unwound run meets it, in the order of
 * the targets; and that no run goes further than the unwinding. Then every run has been covered.
 */
export interface UnwindingEvidenceShape {
  readonly bound: number;
  readonly freeTurns: number;
  readonly nodeLimit: number;
}

export function unwindProgram(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  evidence: UnwindingEvidenceShape,
): Unwinding | 'too-large' {
  const { bound, freeTurns, nodeLimit } = evidence;
  return unwind(program, targets, { bound, freeTurns, nodeLimit, wanted });
}

export function unwindingObligations(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  evidence: UnwindingEvidenceShape,
): Obligations {
  const { bound, freeTurns, nodeLimit } = evidence;
  const natural = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  if (!natural(bound) || !natural(freeTurns)) return { kind: 'malformed', why: 'the bound is not a number of turns' };
  if (!natural(nodeLimit) || nodeLimit > 10_000_000) return { kind: 'malformed', why: 'no sensible node limit' };
  if (!isFlat(program)) return { kind: 'malformed', why: 'the program has calls' };
  const unwinding = unwindProgram(program, targets, wanted, evidence);
  if (unwinding === 'too-large') return { kind: 'malformed', why: 'the unwinding is too large' };
  const list = [...metObligations(program, targets, unwinding), cutOffObligation(program, unwinding)];
  return { kind: 'obligations', list };
}

/** One for each target that some unwound run may meet. */
export function metObligations(program: Program, targets: readonly Target[], unwinding: Unwinding): Obligation[] {
  const conditions = new Map<Target, Term[]>();
  for (const { target, condition } of unwinding.met) {
    const list = conditions.get(target);
    if (list) list.push(condition);
    else conditions.set(target, [condition]);
  }
  return targets
    .filter((target) => conditions.has(target))
    .map((target) => ({
      refute: withRanges(program, unwinding, conditions.get(target)!),
      text: 'no unwound run meets the target',
      to: target.at,
    }));
}

/** That no target at all is met. */
export const anyMetObligation = (program: Program, unwinding: Unwinding): Obligation => ({
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
  const ranges = freeSymbols([any]).flatMap((s) => unwinding.ranges.get(s) ?? []);
  return t.all([...ranges, any]);
}
