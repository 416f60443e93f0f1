import { unreachable } from '../base/unreachable.ts';
import {
  content,
  divideExactly,
  evaluatePolynomial,
  isConstant,
  type Polynomial,
  polynomialKey,
  scale,
  substitute,
  unknownsOf,
} from './polynomial.ts';

/**
 * Formulas in negation normal form over comparisons of polynomials with 0. Over the integers p < 0 is
 * p + 1 <= 0, so that three comparisons do.
 */
export type Formula =
  | { readonly kind: 'compare'; readonly op: '<=' | '=' | '!='; readonly polynomial: Polynomial }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] };

export const truth: Formula = { kind: 'and', parts: [] };
export const falsity: Formula = { kind: 'or', parts: [] };

export const isTruth = (f: Formula): boolean => f.kind === 'and' && f.parts.length === 0;
export const isFalsity = (f: Formula): boolean => f.kind === 'or' && f.parts.length === 0;

/** `p op 0`; decided at once when p is a constant. */
export function compare(op: '<=' | '=' | '!=', polynomial: Polynomial): Formula {
  if (!isConstant(polynomial)) return { kind: 'compare', op, polynomial };
  const value = polynomial.constant;
  const holds = op === '<=' ? value <= 0n : op === '=' ? value === 0n : value !== 0n;
  return holds ? truth : falsity;
}

/** A conjunction without nested conjunctions. */
export function conjunction(parts: readonly Formula[]): Formula {
  const flat: Formula[] = [];
  for (const part of parts) {
    if (isFalsity(part)) return falsity;
    if (part.kind === 'and') for (const p of part.parts) flat.push(p);
    else flat.push(part);
  }
  return flat.length === 1 ? flat[0]! : { kind: 'and', parts: flat };
}

/** A disjunction without nested disjunctions. */
export function disjunction(parts: readonly Formula[]): Formula {
  const flat: Formula[] = [];
  for (const part of parts) {
    if (isTruth(part)) return truth;
    if (part.kind === 'or') for (const p of part.parts) flat.push(p);
    else flat.push(part);
  }
  return flat.length === 1 ? flat[0]! : { kind: 'or', parts: flat };
}

/** requires: the depth of the formula is bounded by its reader. */
export function negation(f: Formula): Formula {
  switch (f.kind) {
    case 'and':
      return disjunction(f.parts.map(negation));
    case 'or':
      return conjunction(f.parts.map(negation));
    case 'compare': {
      const { polynomial: p } = f;
      if (f.op === '=') return compare('!=', p);
      if (f.op === '!=') return compare('=', p);
      const opposite = scale(p, -1n);
      return compare('<=', { constant: opposite.constant + 1n, monomials: opposite.monomials });
    }
    default:
      return unreachable(f);
  }
}

export function formulaUnknowns(f: Formula, into: Set<number> = new Set()): Set<number> {
  if (f.kind === 'compare') for (const u of unknownsOf(f.polynomial)) into.add(u);
  else for (const part of f.parts) formulaUnknowns(part, into);
  return into;
}

/** Replaces unknowns; undefined when a product becomes too large. */
export function substituteFormula(
  f: Formula,
  definition: (unknown: number) => Polynomial | undefined,
): Formula | undefined {
  if (f.kind === 'compare') {
    const p = substitute(f.polynomial, definition);
    return p && (p === f.polynomial ? f : compare(f.op, p));
  }
  const parts: Formula[] = [];
  for (const part of f.parts) {
    const replaced = substituteFormula(part, definition);
    if (!replaced) return undefined;
    parts.push(replaced);
  }
  return f.kind === 'and' ? conjunction(parts) : disjunction(parts);
}

/**
 * The conjunctions that the formula is a disjunction of, when there are at most `limit`; disjunctions that would exceed
 * the limit stay as conjuncts. Each result is a list of conjuncts.
 */
export function alternatives(f: Formula, limit: number): readonly (readonly Formula[])[] {
  if (f.kind === 'compare') return [[f]];
  if (f.kind === 'or') {
    const all: (readonly Formula[])[] = [];
    for (const part of f.parts) {
      for (const alternative of alternatives(part, limit)) all.push(alternative);
      if (all.length > limit) return [[f]];
    }
    return all;
  }
  let result: (readonly Formula[])[] = [[]];
  const kept: Formula[] = [];
  for (const part of f.parts) {
    if (part.kind === 'compare') {
      kept.push(part);
      continue;
    }
    const some = alternatives(part, limit);
    if (some.length * result.length > limit) kept.push(part);
    else result = result.flatMap((r) => some.map((s) => [...r, ...s]));
  }
  return result.map((r) => [...kept, ...r]);
}

/** The truth value at a point; every unknown that is needed must have a value. */
export function evaluateFormula(f: Formula, at: (unknown: number) => bigint): boolean {
  if (f.kind !== 'compare') {
    const holds = (part: Formula): boolean => evaluateFormula(part, at);
    return f.kind === 'and' ? f.parts.every(holds) : f.parts.some(holds);
  }
  const value = evaluatePolynomial(f.polynomial, at);
  return f.op === '<=' ? value <= 0n : f.op === '=' ? value === 0n : value !== 0n;
}

/** A comparison in lowest terms, tightened over the integers: 2x + 1 <= 0 is x + 1 <= 0. Other formulas stay. */
export function tighten(f: Formula): Formula {
  if (f.kind !== 'compare') return f;
  const { polynomial: p, op } = f;
  const divisor = content(p);
  if (divisor <= 1n) return f;
  const remainder = ((p.constant % divisor) + divisor) % divisor;
  if (op === '<=') {
    // g*q + c <= 0 over the integers is q + ceil(c / g) <= 0.
    const up = remainder === 0n ? 0n : divisor - remainder;
    return { kind: 'compare', op, polynomial: divideExactly({ ...p, constant: p.constant + up }, divisor) };
  }
  if (remainder === 0n) return { kind: 'compare', op, polynomial: divideExactly(p, divisor) };
  return op === '=' ? falsity : truth;
}

/** Equal strings for equal formulas. */
export function formulaKey(f: Formula): string {
  if (f.kind === 'compare') return `${f.op} ${polynomialKey(f.polynomial)}`;
  return `(${f.kind} ${f.parts.map(formulaKey).join(';')})`;
}
