import type { Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import { subterms } from '../../terms/traversal.ts';

/**
 * Values at which programs change their behaviour: the constants that occur in them and their neighbours (boundary value
 * analysis, [Myers-1979]). In order of first occurrence; at most `limit`.
 */
export function interestingValues(program: Program, targets: readonly Target[], limit = 400): readonly bigint[] {
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
  const found = new Set<bigint>();
  for (const term of subterms(roots)) {
    if (term.kind !== 'value' || typeof term.value !== 'bigint') continue;
    for (const v of [term.value, term.value + 1n, term.value - 1n]) if (found.size < limit) found.add(v);
  }
  return [...found];
}
