import type { Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import { subterms } from '../../terms/traversal.ts';
import { floatToNumber, isFloatValue } from '../../terms/value.ts';

/**
 * Values at which programs change their behaviour: the constants that occur in them and their neighbours (boundary value
 * analysis, [Myers-1979]). In order of first occurrence; at most `limit`.
 */
export function interestingValues(program: Program, targets: readonly Target[], limit = 400): readonly bigint[] {
  const found = new Set<bigint>();
  for (const term of subterms(termsOf(program, targets))) {
    if (term.kind !== 'value' || typeof term.value !== 'bigint') continue;
    for (const v of [term.value, term.value + 1n, term.value - 1n]) if (found.size < limit) found.add(v);
  }
  return [...found];
}

/** Where floats change their behaviour: the kinds of IEEE 754 and their bounds, and the program's constants. As numbers. */
export function interestingFloats(program: Program, targets: readonly Target[], limit = 400): readonly number[] {
  const found = new Set<number>();
  for (const term of subterms(termsOf(program, targets))) {
    if (term.kind !== 'value' || found.size >= limit) continue;
    const { value } = term;
    const x = isFloatValue(value) ? floatToNumber(value) : typeof value === 'bigint' ? Number(value) : Number.NaN;
    if (!Number.isNaN(x)) found.add(x).add(-x);
  }
  return [...found, ...boundaryFloats];
}

const boundaryFloats = [
  0,
  -0,
  1,
  -1,
  0.5,
  0.1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  2 ** -126,
  2 ** -149,
  2 ** -1022,
  2 ** -1074,
  -(2 ** -1074),
  1 + 2 ** -52,
  1 + 2 ** -23,
  2 ** 24,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 63,
  2 ** 64,
];

function termsOf(program: Program, targets: readonly Target[]): Term[] {
  const roots: Term[] = [];
  for (const procedure of program.procedures.values()) {
    for (const edge of procedure.edges) {
      for (const step of edge.steps) {
        if (step.kind === 'assign') roots.push(step.value);
        else if (step.kind === 'assume') roots.push(step.condition);
        else if (step.kind === 'call') roots.push(...step.args);
      }
    }
  }
  for (const check of program.checks) roots.push(check.property);
  for (const target of targets) roots.push(target.property);
  return roots;
}
