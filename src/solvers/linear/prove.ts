import type { Budget } from '../../base/budget.ts';
import { evaluate, NotEvaluable, UnboundSymbol } from '../../terms/evaluate.ts';
import { EvaluationLimit } from '../../terms/operator.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import { ArrayValue, defaultValue, type Value, valueKey } from '../../terms/value.ts';
import type { Polynomial } from '../../verdict/arithmetic/polynomial.ts';
import { Problem } from '../../verdict/arithmetic/problem.ts';
import type { ArithmeticProof } from '../../verdict/arithmetic/proof.ts';
import { refineProducts } from './products.ts';
import { Search } from './search.ts';

/**
 * Refutes a formula over the integers with a proof that checkRefutation accepts, or finds a model that evaluation confirms.
 * Complete in principle for linear integer arithmetic with bounded variables; products are refined by lemmas at the
 * candidate's point for some rounds; opaque operators (non-constant shifts, bit operations, powers, reals, floats, quantifiers)
 * may end in `unknown`.
 */
export type ProveResult =
  | { readonly kind: 'refuted'; readonly proof: ArithmeticProof }
  | { readonly kind: 'model'; readonly values: ReadonlyMap<SymbolTerm, Value> }
  | { readonly kind: 'unknown'; readonly reason: string };

const refinementRounds = 60;
const stepsBetweenLooksAtTheClock = 64;

/** requires: formula has sort Bool. Spends about one step for each row of a pivot, and for each decision. */
export function prove(formula: Term, budget: Budget): ProveResult {
  let sinceLook = 0;
  let expired = budget.expired;
  const spend = (cost: number): boolean => {
    if (!budget.spend(cost) || expired) return false;
    sinceLook += cost;
    if (sinceLook >= stepsBetweenLooksAtTheClock) {
      sinceLook = 0;
      expired = budget.expired;
    }
    return !expired;
  };
  const problem = new Problem(formula);
  const search = new Search(problem, spend);
  for (let round = 0; ; round++) {
    const result = search.solve();
    if (result.kind !== 'candidate') return result;
    const values = candidateValues(formula, problem, search);
    if (holds(formula, values)) return { kind: 'model', values };
    if (round >= refinementRounds) return { kind: 'unknown', reason: 'nonlinear products need too many lemmas' };
    if (!refineReads(problem, search) && !refineProducts(problem, search)) {
      return { kind: 'unknown', reason: `the linear view does not determine ${opaqueWords(problem)}` };
    }
  }
}

/** The value of a polynomial in the candidate; what does not matter is 0. */
function polynomialValue(p: Polynomial, search: Search): bigint {
  let sum = 0n;
  for (const [monomial, coefficient] of p) sum += coefficient * (search.theory.valueOf(monomial) ?? 0n);
  return sum;
}

function candidateValues(formula: Term, problem: Problem, search: Search): Map<SymbolTerm, Value> {
  const values = new Map<SymbolTerm, Value>();
  const opaque = new Map<Term, number>();
  for (const [v, variable] of problem.variables.entries())
    if (variable.kind === 'opaque') opaque.set(variable.term, 2 * v);
  const arrays = new Map<Term, Map<string, { index: Value; element: Value }>>();
  for (const [number, atom] of problem.atoms.entries()) {
    if (atom.read?.array.kind !== 'symbol') continue;
    const entries = arrays.get(atom.read.array) ?? new Map();
    const index = polynomialValue(atom.read.index, search);
    const element = search.theory.valueOf(problem.monomials.of([number]));
    if (element !== undefined) entries.set(valueKey(index), { index, element });
    arrays.set(atom.read.array, entries);
  }
  for (const symbol of freeSymbols([formula])) {
    let value = defaultValue(symbol.sort);
    if (symbol.sort.kind === 'int') {
      const atom = problem.atomOfSymbol(symbol);
      if (atom !== undefined) value = search.theory.valueOf(problem.monomials.of([atom])) ?? 0n;
    } else if (symbol.sort.kind === 'bool') {
      const literal = opaque.get(symbol);
      value = literal !== undefined && search.truth(literal) === true;
    } else if (symbol.sort.kind === 'array') {
      const entries = arrays.get(symbol);
      if (entries) value = new ArrayValue(defaultValue(symbol.sort.element), entries);
    }
    values.set(symbol, value);
  }
  return values;
}

function holds(formula: Term, values: ReadonlyMap<SymbolTerm, Value>): boolean {
  try {
    return evaluate(formula, (symbol) => values.get(symbol)) === true;
  } catch (error) {
    if (error instanceof UnboundSymbol || error instanceof NotEvaluable || error instanceof EvaluationLimit)
      return false;
    throw error;
  }
}

/** Adds congruences of reads whose indices, but not values, are equal in the candidate; false if there are none. */
function refineReads(problem: Problem, search: Search): boolean {
  const first = new Map<string, { atom: number; value: bigint | undefined }>();
  const pairs: [number, number][] = [];
  for (const [number, atom] of problem.atoms.entries()) {
    if (!atom.read) continue;
    const value = search.theory.valueOf(problem.monomials.of([number]));
    if (value === undefined) continue;
    const key = `${atom.read.array.id} ${polynomialValue(atom.read.index, search)}`;
    const known = first.get(key);
    if (!known) first.set(key, { atom: number, value });
    else if (known.value !== value) pairs.push([known.atom, number]);
  }
  let added = false;
  for (const [left, right] of pairs) added = search.congruence(left, right) || added;
  return added;
}

function opaqueWords(problem: Problem): string {
  const names = new Set<string>();
  for (const atom of problem.atoms) if (atom.term?.kind === 'apply') names.add(atom.term.op);
  for (const variable of problem.variables) {
    if (variable.kind !== 'opaque' || variable.term.kind === 'symbol') continue;
    names.add(variable.term.kind === 'apply' ? variable.term.op : variable.term.kind);
  }
  if (problem.monomials.size > 1) names.add('products');
  return names.size === 0 ? 'the formula' : [...names].sort().join(', ');
}
