import { type Edge, mainProcedure, type Program } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import { elementIndex } from '../abstract-interpretation/fixpoint.ts';
import { isIntArray } from '../invariant-inference/samples.ts';

/**
 * Guesses about linked structures: of an array whose elements become indices of it again (`p = next[p]`), that they lead to
 * earlier indices, or to later ones, or nowhere (0); for all elements and for those before a variable that indexes the array;
 * and how such variables are ordered. So a walk along the links comes to an end. Guesses only.
 */
export function linkCandidates(program: Program, live: ReadonlySet<SymbolTerm>): Term[] {
  const t = program.terms;
  const k = elementIndex(program);
  const result = new Set<Term>();
  for (const [array, indices] of followedArrays(program)) {
    if (!live.has(array)) continue;
    const places = indices.filter((v) => live.has(v)).slice(0, mostPlaces);
    const element = t.apply('select', [array, k]);
    const nowhere = t.equal(element, t.int(0));
    const bodies = [
      t.lessEqual(t.int(0), element),
      t.or(nowhere, t.less(element, k)),
      t.or(nowhere, t.less(k, element)),
    ];
    const bounds = places.map((v) => t.less(element, v));
    for (const body of [...bodies, ...bounds]) result.add(t.quantify('forall', [k], body));
    for (const v of places) {
      for (const guard of [t.less(k, v), t.lessEqual(k, v)]) {
        for (const body of bodies) result.add(t.quantify('forall', [k], t.implies(guard, body)));
      }
      for (const w of places) if (v !== w) result.add(t.less(v, w)).add(t.lessEqual(v, w));
    }
  }
  return [...result].slice(0, mostCandidates);
}

const mostPlaces = 4;
const mostCandidates = 90;

/** Arrays whose elements flow into variables that index them, each with the variables that do, those that stores use first. */
function followedArrays(program: Program): Map<SymbolTerm, readonly SymbolTerm[]> {
  const { edges } = mainProcedure(program);
  const read = new Map<SymbolTerm, Set<SymbolTerm>>();
  const written = new Map<SymbolTerm, Set<SymbolTerm>>();
  for (const term of subterms([...valuesOf(edges), ...program.checks.map((c) => c.property)])) {
    if (term.kind !== 'apply' || (term.op !== 'select' && term.op !== 'store')) continue;
    const into = term.op === 'select' ? read : written;
    for (const array of freeSymbols([term.args[0]!])) {
      if (!isIntArray(array)) continue;
      const known = into.get(array) ?? new Set();
      for (const s of freeSymbols([term.args[1]!])) if (s.sort.kind === 'int') known.add(s);
      into.set(array, known);
    }
  }
  const flows = new Map<SymbolTerm, Set<SymbolTerm>>();
  for (const edge of edges) {
    for (const step of edge.steps) {
      if (step.kind !== 'assign' || step.target.sort.kind !== 'int') continue;
      for (const s of freeSymbols([step.value])) flows.set(s, (flows.get(s) ?? new Set()).add(step.target));
    }
  }
  const result = new Map<SymbolTerm, readonly SymbolTerm[]>();
  for (const [array, indices] of read) {
    const reached = new Set<SymbolTerm>([array]);
    for (const s of reached) for (const next of flows.get(s) ?? []) reached.add(next);
    if (![...indices].some((v) => reached.has(v))) continue;
    result.set(array, [...new Set([...(written.get(array) ?? []), ...indices])]);
  }
  return result;
}

function valuesOf(edges: readonly Edge[]): Term[] {
  return edges.flatMap((e) =>
    e.steps.flatMap((s) => (s.kind === 'assign' ? [s.value] : s.kind === 'assume' ? [s.condition] : [])),
  );
}
