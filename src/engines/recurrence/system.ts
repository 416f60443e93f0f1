import { checkedAt } from '../../program/path.ts';
import {
  type Edge,
  type LocationId,
  mainProcedure,
  type Program,
  type Step,
  stateVariables,
} from '../../program/program.ts';
import { constant, type Polynomial, unknown, unknownsOf } from '../../terms/polynomial.ts';
import { alternatives, conjunction, type Formula, formulaUnknowns, negation } from '../../terms/polynomial-formula.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { type Rule, simplify } from './rule.ts';
import { TermReader } from './term-reader.ts';

/**
 * A flat program as polynomial rules: one or more for each edge (its choices and disjunctions taken apart, up to a limit;
 * what exceeds it is left out, which a search for one infinite run may do). Only variables that can influence control
 * are seen; Bool variables are 0 or 1.
 */
export interface System {
  /** The variables that may be read from each location on; what a rule does to others at its end is left out of it. */
  readonly live: ReadonlyMap<LocationId, ReadonlySet<number>>;
  readonly variables: readonly SymbolTerm[];
  readonly entry: LocationId;
  readonly rules: readonly Rule[];
  /** Declared ranges of the variables: they hold in every state. */
  readonly facts: readonly Formula[];
  /** The same, by variable. */
  readonly ranges: readonly { readonly low?: bigint; readonly high?: bigint }[];
}

/** An edge with more alternatives than this is left out. */
export const alternativesLimit = 16;

export function systemOf(program: Program, relevant: ReadonlySet<SymbolTerm>): System {
  const variables = stateVariables(program).filter(
    (s) => relevant.has(s) && (s.sort.kind === 'int' || s.sort.kind === 'bool'),
  );
  const numberOf = new Map(variables.map((s, i) => [s, i]));
  const main = mainProcedure(program);
  const facts: Formula[] = [];
  for (const [i, s] of variables.entries()) facts.push(...boundsOf(program, s, unknown(i)));
  // A run ends at its first failing check, so what is checked where an edge starts is part of its guard.
  const checked = checkedAt(program);
  const guarded = (e: Edge): Edge => {
    const conditions = checked.get(e.from) ?? [];
    return { ...e, steps: [...conditions.map((condition): Step => ({ kind: 'assume', condition })), ...e.steps] };
  };
  const all = main.edges.flatMap((e) => rulesOf(program, guarded(e), numberOf));
  const live = liveVariables(all, variables.length);
  const rules = all.map((r) => ({ ...r, after: new Map([...r.after].filter(([v]) => live.get(r.to)?.has(v))) }));
  const ranges = variables.map((s) =>
    s.sort.kind === 'bool' ? { low: 0n, high: 1n } : (program.variables.get(s)?.range ?? {}),
  );
  return { live, variables, entry: main.entry, rules, facts, ranges };
}

/** lowest <= value <= highest, for the declared range of a variable or the two values of a Bool. */
function boundsOf(program: Program, symbol: SymbolTerm, value: Polynomial): Formula[] {
  const reader = new TermReader(new Map(), alternativesLimit);
  if (symbol.sort.kind === 'bool') {
    return [reader.atMost(constant(0n), value), reader.atMost(value, constant(1n))];
  }
  const range = program.variables.get(symbol)?.range;
  const result: Formula[] = [];
  if (range?.low !== undefined) result.push(reader.atMost(constant(range.low), value));
  if (range?.high !== undefined) result.push(reader.atMost(value, constant(range.high)));
  return result;
}

interface Thread {
  readonly guard: readonly Formula[];
  readonly values: ReadonlyMap<SymbolTerm, Polynomial>;
}

function rulesOf(program: Program, edge: Edge, numberOf: ReadonlyMap<SymbolTerm, number>): Rule[] {
  const n = numberOf.size;
  const start = new Map<SymbolTerm, Polynomial>();
  for (const [s, i] of numberOf) start.set(s, unknown(i));
  const unknowns: ('input' | 'auxiliary')[] = [];
  const definitions: Formula[] = [];
  const newAuxiliary = (): Polynomial => {
    unknowns.push('auxiliary');
    return unknown(n + unknowns.length - 1);
  };
  let threads: Thread[] = [{ guard: [], values: start }];
  for (const step of edge.steps) {
    const next: Thread[] = [];
    if (step.kind === 'call') return [];
    if (step.kind === 'havoc') {
      unknowns.push('input');
      const value = unknown(n + unknowns.length - 1);
      const bounds = boundsOf(program, step.target, value);
      for (const t of threads) {
        const values = numberOf.has(step.target) ? new Map(t.values).set(step.target, value) : t.values;
        next.push({ guard: [...t.guard, ...bounds], values });
      }
    } else {
      for (const t of threads) {
        const reader = new TermReader(t.values, alternativesLimit, newAuxiliary, definitions);
        if (step.kind === 'assume') {
          next.push({ ...t, guard: [...t.guard, reader.formula(step.condition)] });
          continue;
        }
        if (!numberOf.has(step.target)) {
          next.push(t);
          continue;
        }
        const options =
          step.target.sort.kind === 'bool' ? boolOptions(reader.formula(step.value)) : reader.integer(step.value);
        for (const { when, value } of options) {
          next.push({ guard: [...t.guard, when], values: new Map(t.values).set(step.target, value) });
        }
      }
    }
    if (next.length > alternativesLimit) return [];
    threads = next;
  }
  const rules: Rule[] = [];
  for (const t of threads) {
    const after = new Map<number, Polynomial>();
    for (const [s, i] of numberOf) {
      const value = t.values.get(s)!;
      if (value !== start.get(s)) after.set(i, value);
    }
    for (const conjuncts of alternatives(conjunction(t.guard), alternativesLimit)) {
      const guard = simplify(conjuncts);
      if (guard) rules.push({ from: edge.from, to: edge.to, edges: [edge.id], guard, definitions, after, unknowns });
    }
  }
  return rules;
}

/** Backward liveness over rules. A location without rules has no live variables. */
function liveVariables(rules: readonly Rule[], n: number): Map<LocationId, ReadonlySet<number>> {
  const live = new Map<LocationId, Set<number>>();
  const into = new Map<LocationId, Rule[]>();
  for (const r of rules) {
    into.set(r.to, [...(into.get(r.to) ?? []), r]);
    live.set(r.from, live.get(r.from) ?? new Set());
    live.set(r.to, live.get(r.to) ?? new Set());
  }
  const work = new Set<Rule>(rules);
  for (const r of work) {
    work.delete(r);
    const set = live.get(r.from)!;
    const size = set.size;
    const read = (u: number): void => {
      if (u < n) set.add(u);
    };
    for (const f of [...r.guard, ...r.definitions]) for (const u of formulaUnknowns(f)) read(u);
    for (const v of live.get(r.to)!) {
      const value = r.after.get(v);
      if (value) for (const u of unknownsOf(value)) read(u);
      else read(v);
    }
    if (set.size > size) for (const earlier of into.get(r.from) ?? []) work.add(earlier);
  }
  return live;
}

const boolOptions = (f: Formula): { when: Formula; value: Polynomial }[] => [
  { when: f, value: constant(1n) },
  { when: negation(f), value: constant(0n) },
];
