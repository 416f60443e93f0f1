import type { Budget } from '../../base/budget.ts';
import { PathEncoder, pathsBetween, reachableLocations, stateRanges } from '../../program/path.ts';
import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import type { Prover } from '../../solvers/prover.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { instantiated } from '../../terms/instances.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { defaultValue, type Value } from '../../terms/value.ts';

/**
 * Houdini (Flanagan & Leino 2001, [FlanaganL-FME'01]): of the candidates at each location, the largest part that is
 * inductive together with `known`, by dropping what some transition breaks until nothing breaks.
 * Candidates that the prover cannot settle are dropped too. Undefined when the budget ends first or paths explode.
 */
export async function largestInductivePart(
  program: Program,
  known: ReadonlyMap<LocationId, Term>,
  candidates: ReadonlyMap<LocationId, readonly Term[]>,
  prover: Prover,
  budget: Budget,
): Promise<ReadonlyMap<LocationId, readonly Term[]> | undefined> {
  const t = program.terms;
  const reachable = reachableLocations(program);
  const starts = [...known.keys()].filter((l) => reachable.has(l));
  const found = pathsBetween(program, starts, new Set(known.keys()), 2_000);
  if (found.kind !== 'paths') return undefined;
  const encoder = new PathEncoder(program);
  const ranges = stateRanges(program);
  const paths = found.paths.map((p) => encoder.encode(p));
  const kept = new Map<LocationId, Set<Term>>([...candidates].map(([l, list]) => [l, new Set(list)]));
  const entry = mainProcedure(program).entry;
  // Nothing is known at the entry but the ranges.
  kept.set(entry, new Set());
  const pending = new Set(paths.keys());
  for (const index of pending) {
    pending.delete(index);
    const path = paths[index]!;
    const goals = kept.get(path.to);
    if (!goals || goals.size === 0) continue;
    const before = [...ranges, known.get(path.from)!, ...(kept.get(path.from) ?? []), ...path.condition];
    const dropped = await breaking(before, [...goals], (c) => encoder.after(path, c));
    if (dropped === undefined) return undefined;
    if (dropped.size === 0) continue;
    for (const c of dropped) goals.delete(c);
    for (const [other, p] of paths.entries()) if (p.from === path.to) pending.add(other);
  }
  return new Map([...kept].map(([l, set]) => [l, [...set]]));

  /** The goals that do not follow; undefined when the budget is used up. */
  async function breaking(
    before: readonly Term[],
    goals: readonly Term[],
    after: (c: Term) => Term,
  ): Promise<Set<Term> | undefined> {
    const dropped = new Set<Term>();
    // Without quantifiers, each goal apart: then a model tells which goals it breaks.
    const negated = goals.map((g) => t.not(after(g)));
    const opened = instantiated(t, [...before, t.any(negated)]);
    if (!opened) return new Set(goals);
    const premises = opened.slice(0, before.length);
    const breaches = opened[before.length]!;
    const parts = goals.length > 1 && breaches.kind === 'apply' ? breaches.args : [breaches];
    const open = new Map(goals.map((g, i) => [g, parts[i]!]));
    while (open.size > 0) {
      if (!budget.open) return undefined;
      const formula = t.all([...premises, t.any([...open.values()])]);
      const result = await prover.refute(t, formula, budget.share({ stepLimit: 30_000 }), { checkedOnly: true });
      if (result.kind === 'refuted') return dropped;
      if (result.kind === 'model') {
        const value = lookup(result.values);
        let broken = 0;
        for (const [goal, breach] of open) {
          if (evaluate(breach, value) !== true) continue;
          dropped.add(goal);
          open.delete(goal);
          broken++;
        }
        if (broken > 0) continue;
      }
      // Not settled together: one at a time.
      for (const [goal, breach] of open) {
        if (!budget.open) return undefined;
        const steps = budget.share({ stepLimit: 8_000 });
        const one = await prover.refute(t, t.all([...premises, breach]), steps, { checkedOnly: true });
        if (one.kind !== 'refuted') dropped.add(goal);
      }
      return dropped;
    }
    return dropped;
  }
}

const lookup =
  (model: ReadonlyMap<SymbolTerm, Value>) =>
  (symbol: SymbolTerm): Value =>
    model.get(symbol) ?? defaultValue(symbol.sort);
