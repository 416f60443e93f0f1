import { liveInMain } from '../../program/liveness.ts';
import { PathEncoder, pathsBetween, reachableLocations, type SymbolicPath, stateRanges } from '../../program/path.ts';
import {
  type LocationId,
  mainProcedure,
  type Program,
  rangeConstraint,
  stateVariables,
} from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import { Folder } from '../../terms/fold.ts';
import type { Interval } from '../../terms/interval.ts';
import { RangeAnalysis } from '../../terms/range.ts';
import { type HornAtom, type HornClause, type HornPredicate, hornScript } from '../../terms/smtlib/horn.ts';
import { Unsupported } from '../../terms/smtlib/script.ts';
import { isFalse, isTrue, type SymbolTerm, type Term } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import type { AbstractInvariants } from '../abstract-interpretation/fixpoint.ts';

/**
 * The safety of a flat program as constrained Horn clauses (Grebenshchikov et al. 2012, [GrebenshchikovLPR-PLDI'12]): one unknown
 * predicate for each annotated location but the entry, over the variables that are live there; a clause for each path
 * between them, and one that concludes false for each way to break a property. Invariants that are known already are put
 * into the premises, and wraps that are idle by them disappear.
 */
export interface HornSystem {
  readonly script: string;
  readonly predicates: ReadonlyMap<
    LocationId,
    { readonly predicate: HornPredicate; readonly variables: readonly SymbolTerm[] }
  >;
}

const pathLimit = 1_500;

/** `targets` have properties that must hold. A sentence where the clauses cannot be made. */
export function hornSystem(
  program: Program,
  targets: readonly Target[],
  locations: readonly LocationId[],
  known: AbstractInvariants,
): HornSystem | string {
  const t = program.terms;
  const main = mainProcedure(program);
  const reachable = reachableLocations(program);
  const starts = locations.filter((l) => reachable.has(l));
  const found = pathsBetween(program, starts, new Set(locations), pathLimit);
  if (found.kind !== 'paths') return 'too many paths';
  const live = liveInMain({ ...program, events: [] }, targets);
  const state = stateVariables(program);
  const predicates = new Map<LocationId, { predicate: HornPredicate; variables: readonly SymbolTerm[] }>();
  for (const l of starts) {
    if (l === main.entry) continue;
    const variables = state.filter((s) => live.get(l)?.has(s));
    predicates.set(l, { predicate: { name: `P.${l}`, sorts: variables.map((v) => v.sort) }, variables });
  }
  const encoder = new PathEncoder(program);
  const ranges = stateRanges(program);
  const declared = new Map<SymbolTerm, Interval>();
  for (const s of state) declareRange(program, declared, s, s);
  const clauses: HornClause[] = [];
  const add = (
    path: SymbolicPath,
    extra: readonly Term[],
    conclude: (fold: (x: Term) => Term) => HornAtom | undefined,
  ): void => {
    const before = known.states.get(path.from);
    if (!before) return;
    for (const { symbol, target } of path.inputs) declareRange(program, declared, symbol, target);
    const narrowed = new Map(declared);
    for (const s of state) if (s.sort.kind === 'int') narrowed.set(s, before.interval(s));
    const folder = new Folder(t, new RangeAnalysis(narrowed));
    const fold = (term: Term): Term => folder.fold(term);
    const constraint = [...path.condition, ...extra].map(fold);
    if (constraint.some(isFalse)) return;
    const source = predicates.get(path.from);
    const conclusion = conclude(fold);
    const premises = source ? [{ predicate: source.predicate, args: source.variables }] : [];
    const parts = [...constraint.filter((c) => !isTrue(c)), known.invariant(path.from)];
    const used = new Set(freeSymbols([...parts, ...(conclusion?.args ?? []), ...(source?.variables ?? [])]));
    const bounds = ranges.filter((r) => freeSymbols([r]).some((s) => used.has(s)));
    const inputs = path.inputs.map((i) => rangeConstraint(program, i.target, i.symbol)).filter((r) => r !== undefined);
    clauses.push({
      variables: [...used],
      premises,
      constraint: [...bounds, ...inputs.filter((r) => freeSymbols([r]).every((s) => used.has(s))), ...parts],
      ...(conclusion ? { conclusion } : {}),
    });
  };
  for (const path of found.paths) {
    const target = predicates.get(path.to);
    if (!target) continue;
    const symbolic = encoder.encode(path);
    add(symbolic, [], (fold) => ({
      predicate: target.predicate,
      args: target.variables.map((v) => fold(encoder.after(symbolic, v))),
    }));
  }
  const byLocation = new Map<LocationId, Target[]>();
  for (const target of targets) byLocation.set(target.at, [...(byLocation.get(target.at) ?? []), target]);
  for (const stop of found.stops) {
    const met = byLocation.get(stop.to);
    if (!met) continue;
    const symbolic = encoder.encode(stop);
    for (const target of met) add(symbolic, [t.not(encoder.after(symbolic, target.property))], () => undefined);
  }
  try {
    const script = hornScript(
      [...predicates.values()].map((p) => p.predicate),
      clauses,
      declared,
    );
    return { script, predicates };
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw error;
  }
}

function declareRange(
  program: Program,
  ranges: Map<SymbolTerm, Interval>,
  symbol: SymbolTerm,
  variable: SymbolTerm,
): void {
  const range = program.variables.get(variable)?.range;
  if (range && symbol.sort.kind === 'int') ranges.set(symbol, range);
}
