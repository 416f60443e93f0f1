import { type Environment, evaluate, NotEvaluable } from '../terms/evaluate.ts';
import { contains, type Interval } from '../terms/interval.ts';
import { EvaluationLimit } from '../terms/operator.ts';
import type { SymbolRanges } from '../terms/range.ts';
import type { Model } from '../terms/smtlib.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import { ArrayValue, defaultValue, type Value } from '../terms/value.ts';

/**
 * Confirms a model by our own evaluation: every formula is true in it, every fact about ranges holds. The result has a value
 * for every free symbol of the formulas (one that the solver left out can have any). A sentence if it is no model.
 */
export function confirmedModel(candidate: Model, formulas: readonly Term[], ranges: SymbolRanges): Model | string {
  const model = new Map<SymbolTerm, Value>();
  for (const symbol of freeSymbols(formulas)) {
    const range = ranges.get(symbol) ?? {};
    const value = candidate.get(symbol) ?? anyValue(symbol, range);
    if (!inRange(value, range)) return `${symbol.name} is outside its range`;
    model.set(symbol, value);
  }
  const environment: Environment = (s) => model.get(s);
  try {
    for (const f of formulas) if (evaluate(f, environment) !== true) return 'a formula is false in it';
  } catch (error) {
    if (error instanceof EvaluationLimit || error instanceof NotEvaluable) return error.message;
    throw error;
  }
  return model;
}

function anyValue(symbol: SymbolTerm, range: Interval): Value {
  if (symbol.sort.kind === 'int') return contains(range, 0n) ? 0n : (range.low ?? range.high ?? 0n);
  return defaultValue(symbol.sort);
}

function inRange(value: Value, range: Interval): boolean {
  if (typeof value === 'bigint') return contains(range, value);
  if (!(value instanceof ArrayValue)) return true;
  return inRange(value.default, range) && [...value.entries.values()].every((e) => inRange(e.element, range));
}
