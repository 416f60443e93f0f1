import type { Program } from '../../program/program.ts';
import { mainProcedure, stateVariables } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import type { NodeKey } from '../../verdict/termination/proof.ts';
import { after } from '../../verdict/termination/transitions.ts';
import type { Item } from './transition-set.ts';

/**
 * Predicates by which a node may be split in two: comparisons in the guards of what leaves it, the same one step earlier, and
 * the signs of the steps that variables take. A set that splits well falls apart into components.
 */
export function splitPredicates(program: Program, items: readonly Item[], node: NodeKey, most: number): Term[] {
  const t = program.terms;
  const state = new Set<SymbolTerm>(stateVariables(program));
  const found = new Map<number, Term>();
  const add = (term: Term): void => {
    if (found.size >= most || term.depth > 30) return;
    const symbols = freeSymbols([term]);
    if (symbols.length === 0 || !symbols.every((s) => state.has(s))) return;
    if (!found.has(term.id) && !found.has(t.not(term).id)) found.set(term.id, term);
  };
  const guards: Term[] = [];
  for (const { transition, conditions } of items) {
    if (transition.from !== node) continue;
    for (const { term, given } of conditions) if (!given) guards.push(...comparisons(term));
  }
  for (const g of guards) {
    if (g.kind === 'apply' && g.op === '=') add(t.less(g.args[0]!, g.args[1]!));
    add(g);
  }
  const updates: Term[] = [];
  for (const { transition } of items) {
    if (transition.from !== node || transition.to !== node) continue;
    for (const [variable, value] of transition.post) {
      if (variable.sort.kind !== 'int' || !state.has(variable)) continue;
      if (freeSymbols([value]).length === 0) continue;
      updates.push(t.less(variable, value), t.less(value, variable));
    }
  }
  for (const u of updates) add(u);
  for (const { transition } of items) {
    if (transition.to !== node || transition.from !== node) continue;
    for (const g of guards) add(after(program, transition, g));
  }
  return [...found.values()];
}

/** Comparisons of integers inside a formula; an equation gives its two halves. */
export function comparisons(root: Term): Term[] {
  const result: Term[] = [];
  const stack = [root];
  for (let term = stack.pop(); term; term = stack.pop()) {
    if (term.kind !== 'apply') continue;
    switch (term.op) {
      case '<':
      case '<=':
      case '>':
      case '>=':
        if (term.args[0]!.sort.kind === 'int') result.push(term);
        break;
      case '=':
        if (term.args[0]!.sort.kind === 'int') result.push(term);
        else stack.push(...term.args);
        break;
      case 'and':
      case 'or':
      case 'not':
      case 'implies':
        stack.push(...term.args);
    }
  }
  return result;
}

/** The conditions of a program, and the integer variables in them; temporaries are left out. */
export interface ConditionTerms {
  readonly conditions: readonly Term[];
  readonly variables: readonly SymbolTerm[];
}

export function conditionTerms(program: Program): ConditionTerms {
  const state = new Set<SymbolTerm>(stateVariables(program));
  const conditions: Term[] = [];
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) if (step.kind === 'assume') conditions.push(step.condition);
  }
  const variables = freeSymbols(conditions).filter(
    (s) => s.sort.kind === 'int' && state.has(s) && program.variables.get(s)?.role !== 'temporary',
  );
  return { conditions, variables };
}
