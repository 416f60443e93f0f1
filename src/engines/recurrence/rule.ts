import type { LocationId } from '../../program/program.ts';
import { type Polynomial, substitute, unknown } from '../../terms/polynomial.ts';
import {
  conjunction,
  type Formula,
  formulaKey,
  isFalsity,
  isTruth,
  substituteFormula,
  tighten,
} from '../../terms/polynomial-formula.ts';

/**
 * A path through the program as one guarded polynomial update. State variables are the unknowns 0 … n-1 of its system; from
 * n on come the path's own unknowns: an *input* for each havoc, in order, which we may choose, and *auxiliary* ones for what is
 * not a polynomial (a quotient, an array element), which we may not.
 */
export interface Rule {
  readonly from: LocationId;
  readonly to: LocationId;
  /** The numbers of the edges of the path, at least one. */
  readonly edges: readonly number[];
  /** Conjuncts: when the path can be taken. */
  readonly guard: readonly Formula[];
  /** What holds of the auxiliary unknowns by their meaning. */
  readonly definitions: readonly Formula[];
  /** The values after of what changes. */
  readonly after: ReadonlyMap<number, Polynomial>;
  readonly unknowns: readonly ('input' | 'auxiliary')[];
}

export const valueAfter = (rule: Rule, variable: number): Polynomial => rule.after.get(variable) ?? unknown(variable);

/** A formula over the state after the rule, as one over the state before and the rule's unknowns. */
export function formulaAfter(rule: Rule, f: Formula): Formula | undefined {
  return substituteFormula(f, (u) => rule.after.get(u));
}

/**
 * First one rule, then the other. requires: second.from = first.to. Undefined: the guards contradict each other at sight, or a
 * product is too large. `n` is the number of state variables.
 */
export function compose(first: Rule, second: Rule, n: number): Rule | undefined {
  const offset = first.unknowns.length;
  const now = (u: number): Polynomial | undefined => (u < n ? first.after.get(u) : unknown(u + offset));
  const guard = [...first.guard];
  for (const f of second.guard) {
    const replaced = substituteFormula(f, now);
    if (!replaced) return undefined;
    guard.push(replaced);
  }
  const simplified = simplify(guard);
  if (!simplified) return undefined;
  const definitions = [...first.definitions];
  for (const f of second.definitions) {
    const replaced = substituteFormula(f, now);
    if (!replaced) return undefined;
    definitions.push(replaced);
  }
  const after = new Map(first.after);
  for (const [variable, p] of second.after) {
    const value = substitute(p, now);
    if (!value) return undefined;
    after.set(variable, value);
  }
  return {
    from: first.from,
    to: second.to,
    edges: [...first.edges, ...second.edges],
    guard: simplified,
    definitions,
    after,
    unknowns: [...first.unknowns, ...second.unknowns],
  };
}

/** Flat conjuncts in lowest terms without repetition; undefined when one is false. */
export function simplify(conjuncts: readonly Formula[]): Formula[] | undefined {
  const seen = new Set<string>();
  const result: Formula[] = [];
  const work = [...conjuncts].reverse();
  for (let f = work.pop(); f; f = work.pop()) {
    if (f.kind === 'and') {
      work.push(...[...f.parts].reverse());
      continue;
    }
    const tight = tighten(f);
    if (isFalsity(tight)) return undefined;
    if (isTruth(tight)) continue;
    const key = formulaKey(tight);
    if (seen.has(key)) continue;
    seen.add(key);
    result.push(tight);
  }
  return result;
}

/** The rule with polynomials over the state in place of some of its unknowns (numbered from n). */
export function instantiate(rule: Rule, chosen: ReadonlyMap<number, Polynomial>): Rule | undefined {
  const look = (u: number): Polynomial | undefined => chosen.get(u);
  const guard = substituteFormula(conjunction(rule.guard), look);
  const simplified = guard && simplify([guard]);
  if (!simplified) return undefined;
  const definitions = substituteFormula(conjunction(rule.definitions), look);
  if (!definitions) return undefined;
  const after = new Map<number, Polynomial>();
  for (const [variable, p] of rule.after) {
    const value = substitute(p, look);
    if (!value) return undefined;
    after.set(variable, value);
  }
  return { ...rule, guard: simplified, definitions: simplify([definitions]) ?? [], after };
}
