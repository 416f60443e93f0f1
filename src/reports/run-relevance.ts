import type { Edge, Program } from '../program/program.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';

/**
 * Which variables matter to the end of a run: a dynamic slice ([KorelL-IPL'88]), backwards over the edges that were taken. The
 * first tier are those whose values went into what is false at the end; the second, those that decided which way the run took.
 * Coarse: a call takes all its arguments to matter.
 */
export function relevance(edges: readonly Edge[], property: Term): (symbol: SymbolTerm) => 0 | 1 | 2 {
  const data = new Set<SymbolTerm>(freeSymbols([property]));
  const control = new Set<SymbolTerm>();
  const wanted = new Set(data);
  const deciding = new Set<SymbolTerm>();
  const symbols = memoized();
  for (let i = edges.length - 1; i >= 0; i--) {
    const { steps } = edges[i]!;
    for (let k = steps.length - 1; k >= 0; k--) {
      const step = steps[k]!;
      if (step.kind === 'assume') {
        for (const s of symbols(step.condition)) deciding.add(s);
      } else if (step.kind === 'assign') {
        // An array is changed, not replaced: what it was before still matters.
        if (wanted.delete(step.target)) for (const s of symbols(step.value)) wanted.add(s);
        if (deciding.delete(step.target)) for (const s of symbols(step.value)) deciding.add(s);
      } else if (step.kind === 'havoc') {
        wanted.delete(step.target);
        deciding.delete(step.target);
      } else {
        for (const a of step.args) for (const s of symbols(a)) wanted.add(s);
      }
    }
    for (const s of wanted) data.add(s);
    for (const s of deciding) control.add(s);
  }
  return (symbol) => (data.has(symbol) ? 0 : control.has(symbol) ? 1 : 2);
}

function memoized(): (term: Term) => readonly SymbolTerm[] {
  const known = new Map<Term, readonly SymbolTerm[]>();
  return (term) => {
    const found = known.get(term) ?? freeSymbols([term]);
    known.set(term, found);
    return found;
  };
}

/**
 * The variables that the failing expression speaks of, by their names in its text (in backquotes): each name once, the copy
 * that the property depends on first, else the one that was written last.
 */
export function namedIn(
  text: string,
  property: Term,
  edges: readonly Edge[],
  program: Program,
  visible: (symbol: SymbolTerm) => boolean,
): readonly SymbolTerm[] {
  const quoted = /`([^`]*)`/.exec(text)?.[1];
  if (quoted === undefined) return [];
  const names = [...new Set(quoted.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, ' ').match(/[A-Za-z_]\w*/g) ?? [])];
  const inProperty = new Set(freeSymbols([property]));
  return names.flatMap((name) => {
    const candidates = [...program.variables].filter(([s, v]) => v.name === name && visible(s)).map(([s]) => s);
    const chosen = candidates.find((s) => inProperty.has(s)) ?? lastWritten(candidates, edges) ?? candidates[0];
    return chosen ? [chosen] : [];
  });
}

function lastWritten(candidates: readonly SymbolTerm[], edges: readonly Edge[]): SymbolTerm | undefined {
  if (candidates.length < 2) return undefined;
  for (let i = edges.length - 1; i >= 0; i--) {
    for (const step of edges[i]!.steps) {
      if ((step.kind === 'assign' || step.kind === 'havoc') && candidates.includes(step.target)) return step.target;
    }
  }
  return undefined;
}
