import { PathEncoder, pathsBetween, reachableLocations, stateRanges } from '../program/path.ts';
import { type LocationId, mainProcedure, type Program, stateVariables } from '../program/program.ts';
import type { Target } from '../program/question.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import type { Invariants } from './evidence.ts';
import type { Obligation, Obligations } from './obligation.ts';

/**
 * The obligations of an inductive invariant (Floyd 1967, [Floyd-1967]): it holds at the entry in every state, every path
 * between annotated locations preserves it, and wherever a target is met on the way its property follows.
 *
 * requires: the program is flat. Malformed: the annotated locations miss the entry or do not cut every cycle, a formula
 * speaks of what is not a state variable, or there are too many paths.
 */
export function invariantObligations(program: Program, at: Invariants, targets: readonly Target[]): Obligations {
  const main = mainProcedure(program);
  const malformed = checkShape(program, at);
  if (malformed) return { kind: 'malformed', why: malformed };
  const t = program.terms;
  const list: Obligation[] = [];
  const ranges = stateRanges(program);
  const entry = at.get(main.entry)!;
  list.push({ refute: t.all([...ranges, t.not(entry)]), text: 'the invariant holds at the start', to: main.entry });
  const reachable = reachableLocations(program);
  const starts = [...at.keys()].filter((l) => reachable.has(l));
  const found = pathsBetween(program, starts, new Set(at.keys()));
  if (found.kind === 'uncut-cycle')
    return { kind: 'malformed', why: `a cycle through location ${found.through} has no invariant` };
  if (found.kind === 'too-many') return { kind: 'malformed', why: `more than ${found.limit} paths` };
  const encoder = new PathEncoder(program);
  for (const path of found.paths) {
    const symbolic = encoder.encode(path);
    const before = [...ranges, at.get(path.from)!, ...symbolic.condition];
    const after = encoder.after(symbolic, at.get(path.to)!);
    const origin = path.edges.find((e) => e.origin)?.origin;
    list.push({
      refute: t.all([...before, t.not(after)]),
      text: path.from === path.to ? 'the invariant is kept' : 'the invariant is reached',
      from: path.from,
      to: path.to,
      ...(origin ? { origin } : {}),
    });
  }
  const byLocation = new Map<LocationId, Target[]>();
  for (const target of targets) byLocation.set(target.at, [...(byLocation.get(target.at) ?? []), target]);
  for (const stop of [...found.stops, ...found.paths.filter((p) => !at.has(p.to))]) {
    const met = byLocation.get(stop.to);
    if (!met) continue;
    const symbolic = encoder.encode(stop);
    const before = [...ranges, at.get(stop.from)!, ...symbolic.condition];
    for (const target of met) {
      list.push({
        refute: t.all([...before, t.not(encoder.after(symbolic, target.property))]),
        text: 'the property follows from the invariant',
        from: stop.from,
        to: stop.to,
      });
    }
  }
  return { kind: 'obligations', list };
}

function checkShape(program: Program, at: Invariants): string | undefined {
  const main = mainProcedure(program);
  if (!at.has(main.entry)) return 'the entry has no invariant';
  const state = new Set<SymbolTerm>(stateVariables(program));
  for (const [location, formula] of at) {
    if (!main.locations.has(location)) return `there is no location ${location}`;
    if (formula.sort.kind !== 'bool') return `the invariant at location ${location} is not a formula`;
    const foreign = freeSymbols([formula]).find((s) => !state.has(s));
    if (foreign) return `the invariant at location ${location} speaks of ${foreign.name}`;
  }
  return undefined;
}

/** For an `ever` question with answer no: its targets must never be met, so their negations must always hold. */
export const negatedTargets = (program: Program, targets: readonly Target[]): Target[] =>
  targets.map((target): Target => ({ ...target, property: program.terms.not(target.property) as Term }));
