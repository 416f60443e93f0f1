import type { Budget } from '../../base/budget.ts';
import { type Hint, mainProcedure, type Program, stateVariables } from '../../program/program.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { EvaluationLimit } from '../../terms/operator.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import { formatValue, type Value } from '../../terms/value.ts';
import type { Progress } from '../../verdict/claim.ts';
import { sampleStates } from '../invariant-inference/samples.ts';

/**
 * What the user says about a loop is used as a guess, never as a fact: stated invariants are candidates to be proved, stated
 * variants are features for measures. A statement that some run contradicts is reported with the state of that run.
 */
export function hintedInvariants(program: Program): Term[] {
  return usable(program)
    .filter((h) => h.kind !== 'variant' && h.term.sort.kind === 'bool')
    .map((h) => h.term);
}

export function hintedMeasures(program: Program): Term[] {
  return usable(program)
    .filter((h) => h.kind === 'variant' && h.term.sort.kind === 'int' && h.term.kind !== 'symbol')
    .map((h) => h.term);
}

/** Invariants that do not hold on some run, with where and how. */
export function refutedHints(program: Program, budget: Budget): Progress[] {
  const hints = usable(program).filter((h) => h.kind !== 'variant' && h.term.sort.kind === 'bool');
  if (hints.length === 0) return [];
  const locations = [...new Set(hints.map((h) => h.at))];
  const samples = sampleStates(program, locations, 1, budget.share({ stepLimit: 100_000 }));
  const result: Progress[] = [];
  for (const hint of hints) {
    const state = (samples.at.get(hint.at) ?? []).find((s) => fails(hint.term, samples.variables, s));
    if (!state) continue;
    const values = freeSymbols([hint.term]).map((s) => {
      const name = program.variables.get(s)?.name ?? s.name;
      return `${name} = ${formatValue(state[samples.variables.indexOf(s)]!)}`;
    });
    const line = hint.origin ? ` at line ${hint.origin.start.line}` : '';
    result.push({
      text: `the stated ${hint.kind} \`${hint.text}\`${line} is wrong: a run is there with ${values.join(', ')}`,
      at: hint.at,
    });
  }
  return result;
}

function usable(program: Program): readonly Hint[] {
  const state = new Set<SymbolTerm>(stateVariables(program));
  const { locations } = mainProcedure(program);
  return program.hints.filter((h) => locations.has(h.at) && freeSymbols([h.term]).every((s) => state.has(s)));
}

function fails(term: Term, variables: readonly SymbolTerm[], state: readonly Value[]): boolean {
  try {
    return evaluate(term, (s) => state[variables.indexOf(s)]) === false;
  } catch (error) {
    if (error instanceof EvaluationLimit) return false;
    throw error;
  }
}
