import {
  addScaled,
  isConstant,
  occursInProduct,
  type Polynomial,
  polynomialKey,
  scale,
  substitute,
  unknown,
  unknownsOf,
} from '../../terms/polynomial.ts';
import {
  alternatives,
  compare,
  type Formula,
  formulaUnknowns,
  isFalsity,
  isTruth,
  substituteFormula,
  tighten,
} from '../../terms/polynomial-formula.ts';

/**
 * Turns a transition formula into a guarded update: Gaussian elimination over the equations with a unit coefficient,
 * which is exact over the integers. What equations define becomes a value, the rest of the primed variables and
 * temporaries become inputs, and every other conjunct stays a condition.
 */
export interface Update {
  /** Over the state before and the inputs. */
  readonly conditions: readonly Formula[];
  /** Unknowns that no equation defines and something uses: they may hold any value that the conditions allow. */
  readonly inputs: readonly number[];
  /** For each variable, its value after, over the state before and the inputs. */
  readonly after: readonly Polynomial[];
}

/** A disjunctive formula is split into at most this many updates; beyond, disjunctions stay conditions. */
export const splitLimit = 32;

/** The updates that a formula over `variableCount` variables stands for. */
export function updatesOf(formula: Formula, variableCount: number): Update[] {
  return alternatives(formula, splitLimit).map((conjuncts) => solve(conjuncts, variableCount));
}

function solve(conjuncts: readonly Formula[], n: number): Update {
  const definitions = new Map<number, Polynomial>();
  /** Definitions whose right-hand side still has unknowns that may be defined later. */
  const open = new Set<number>();
  /** False, and nothing changed, when some definition would grow too large to write out. */
  const define = (u: number, value: Polynomial): boolean => {
    const changed: [number, Polynomial][] = [];
    for (const v of open) {
      const old = definitions.get(v)!;
      if (!unknownsOf(old).has(u)) continue;
      const replaced = substitute(old, (w) => (w === u ? value : undefined));
      if (!replaced) return false;
      changed.push([v, replaced]);
    }
    for (const [v, replaced] of changed) definitions.set(v, replaced);
    definitions.set(u, value);
    if ([...unknownsOf(value)].some((w) => w >= n)) open.add(u);
    return true;
  };
  const lookup = (u: number): Polynomial | undefined => definitions.get(u);
  let equations: Polynomial[] = [];
  const others: Formula[] = [];
  for (const c of withEquations(conjuncts)) {
    if (c.kind === 'compare' && c.op === '=') equations.push(c.polynomial);
    else others.push(c);
  }
  for (let progress = true; progress; ) {
    progress = false;
    const left: Polynomial[] = [];
    for (const equation of equations) {
      const simple = plainCopy(equation, n);
      if (simple && !definitions.has(simple.unknown) && open.size === 0) {
        definitions.set(simple.unknown, simple.value);
        progress = true;
        continue;
      }
      const p = substitute(equation, lookup);
      const pivot = p && !isConstant(p) ? choosePivot(p, n) : undefined;
      if (pivot && define(pivot.unknown, pivot.value)) progress = true;
      else left.push(equation);
    }
    equations = left;
  }
  const conditions: Formula[] = [];
  for (const f of [...equations.map((polynomial): Formula => ({ kind: 'compare', op: '=', polynomial })), ...others]) {
    const replaced = substituteFormula(f, lookup);
    if (!replaced) return verbatim(conjuncts, n);
    if (!isTruth(replaced)) conditions.push(replaced);
  }
  const after = Array.from({ length: n }, (_, i) => definitions.get(n + i) ?? unknown(n + i));
  const projected = project(withoutDuplicates(conditions), after, n);
  return { conditions: projected, inputs: inputsOf(projected, after, n), after };
}

/**
 * Removes temporaries that only bound other things, by Fourier-Motzkin elimination; with a coefficient of 1 or -1 on one
 * side it is exact over the integers (Schrijver 1986, [Schrijver-1986]). Only where it does not add conditions.
 */
function project(conditions: readonly Formula[], after: readonly Polynomial[], n: number): readonly Formula[] {
  const kept = new Set<number>();
  for (const p of after) for (const u of unknownsOf(p)) kept.add(u);
  let result = conditions;
  for (const u of inputsOf(conditions, after, n)) {
    if (kept.has(u)) continue;
    const without = result.filter((f) => !formulaUnknowns(f).has(u));
    const bounds = result.filter((f) => formulaUnknowns(f).has(u));
    const upper: Polynomial[] = [];
    const lower: Polynomial[] = [];
    const simple = bounds.every((f) => {
      if (f.kind !== 'compare' || f.op !== '<=' || occursInProduct(f.polynomial, u)) return false;
      (f.polynomial.monomials.get(String(u))!.coefficient > 0n ? upper : lower).push(f.polynomial);
      return true;
    });
    const unit = (list: readonly Polynomial[]): boolean =>
      list.every((p) => p.monomials.get(String(u))!.coefficient ** 2n === 1n);
    if (!simple || !(unit(upper) || unit(lower)) || upper.length * lower.length > bounds.length) continue;
    const combined = lower.flatMap((l) => upper.map((h) => combine(l, h, u)));
    result = withoutDuplicates([...without, ...combined.filter((f) => !isTruth(f))]);
  }
  return result;
}

/** From l <= 0 and h <= 0, where u has a negative coefficient in l and a positive one in h: what follows without u. */
function combine(l: Polynomial, h: Polynomial, u: number): Formula {
  const a = -l.monomials.get(String(u))!.coefficient;
  const b = h.monomials.get(String(u))!.coefficient;
  return compare('<=', addScaled(scale(l, b), h, a));
}

/** The update without any elimination: every primed variable and temporary is an input. */
function verbatim(conjuncts: readonly Formula[], n: number): Update {
  const after = Array.from({ length: n }, (_, i) => unknown(n + i));
  return { conditions: conjuncts, inputs: inputsOf(conjuncts, after, n), after };
}

function inputsOf(conditions: readonly Formula[], after: readonly Polynomial[], n: number): number[] {
  const used = new Set<number>();
  for (const f of conditions) formulaUnknowns(f, used);
  for (const p of after) for (const u of unknownsOf(p)) used.add(u);
  return [...used].filter((u) => u >= n).sort((a, b) => a - b);
}

/** x' = y for variables x and y: most equations of large systems. */
function plainCopy(p: Polynomial, n: number): { unknown: number; value: Polynomial } | undefined {
  if (p.monomials.size !== 2 || p.constant !== 0n) return undefined;
  const [a, b] = p.monomials.values();
  if (a!.coefficient + b!.coefficient !== 0n || a!.coefficient ** 2n !== 1n) return undefined;
  const [u] = a!.unknowns;
  const [v] = b!.unknowns;
  if (a!.unknowns.length > 1 || b!.unknowns.length > 1) return undefined;
  if (u! < n && v! >= n && v! < 2 * n) return { unknown: v!, value: unknown(u!) };
  return v! < n && u! >= n && u! < 2 * n ? { unknown: u!, value: unknown(v!) } : undefined;
}

/**
 * The unknown to solve an equation for, with its value: a temporary that is a function of the state before, else a primed
 * variable, else a temporary. Only an unknown that occurs once, with coefficient 1 or -1, can be solved for exactly.
 */
function choosePivot(p: Polynomial, n: number): { unknown: number; value: Polynomial } | undefined {
  let primed: number | undefined;
  let temporary: number | undefined;
  let afterOrTemporary = 0;
  for (const u of unknownsOf(p)) if (u >= n) afterOrTemporary++;
  for (const m of p.monomials.values()) {
    if (m.unknowns.length !== 1 || (m.coefficient !== 1n && m.coefficient !== -1n)) continue;
    const u = m.unknowns[0]!;
    if (u < n || occursInProduct(p, u)) continue;
    if (u < 2 * n) primed ??= u;
    else temporary ??= u;
  }
  const chosen = temporary !== undefined && afterOrTemporary === 1 ? temporary : (primed ?? temporary);
  if (chosen === undefined) return undefined;
  const { coefficient } = p.monomials.get(String(chosen))!;
  const rest = addScaled(p, unknown(chosen), -coefficient);
  return { unknown: chosen, value: scale(rest, -coefficient) };
}

/** Brings comparisons to lowest terms (tightening over the integers), and joins p <= 0 and -p <= 0 to p = 0. */
function withEquations(conjuncts: readonly Formula[]): Formula[] {
  const result: (Formula | undefined)[] = [];
  const inequalities = new Map<string, number>();
  for (const f of conjuncts) {
    const tight = tighten(f);
    if (tight.kind !== 'compare' || tight.op !== '<=') {
      result.push(tight);
      continue;
    }
    const key = polynomialKey(tight.polynomial);
    if (inequalities.has(key)) continue;
    const opposite = inequalities.get(polynomialKey(scale(tight.polynomial, -1n)));
    if (opposite !== undefined) result[opposite] = { kind: 'compare', op: '=', polynomial: tight.polynomial };
    else {
      inequalities.set(key, result.length);
      result.push(tight);
    }
  }
  return result.filter((f): f is Formula => f !== undefined);
}

function withoutDuplicates(conditions: readonly Formula[]): Formula[] {
  const seen = new Set<string>();
  const result: Formula[] = [];
  for (const raw of conditions) {
    const f = tighten(raw);
    if (isFalsity(f)) return [f];
    if (isTruth(f)) continue;
    if (f.kind === 'compare') {
      const key = `${f.op} ${polynomialKey(f.polynomial)}`;
      if (seen.has(key)) continue;
      seen.add(key);
    }
    result.push(f);
  }
  return result;
}

/** Whether a value is the variable itself. */
export const isUnchanged = (p: Polynomial, variable: number): boolean =>
  p.monomials.size === 1 && p.constant === 0n && p.monomials.get(String(variable))?.coefficient === 1n;
