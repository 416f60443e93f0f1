import type { Budget } from '../../base/budget.ts';
import { checkedAt, cutPoints } from '../../program/path.ts';
import {
  type Edge,
  type LocationId,
  mainProcedure,
  outgoing,
  type Program,
  stateVariables,
} from '../../program/program.ts';
import { intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import { AbstractState, Frame } from './abstract-state.ts';

/**
 * Abstract interpretation of a flat program (Cousot & Cousot 1977, [CousotCousot-POPL'77]): locations in reverse postorder,
 * widening with thresholds at the heads of cycles, then a few descending rounds. The result over-approximates what can
 * hold at each location; it is a suggestion, to be proved as an inductive invariant.
 *
 * The octagon tracks at most `largestOctagon` variables, those that guards and updates relate; the rest have intervals.
 */
export interface AbstractInvariants {
  /** Locations that no run reaches, as far as is seen, have no state. */
  readonly states: ReadonlyMap<LocationId, AbstractState>;
  /** The state as a formula: `false` where unreachable. */
  invariant(location: LocationId): Term;
  /** What is known of the elements of arrays: formulas with a quantifier, true where unreachable. */
  elements(location: LocationId): readonly Term[];
}

const largestOctagon = 24;
const plainRounds = 2;
const mostRounds = 60;

export function interpretAbstractly(program: Program, budget: Budget): AbstractInvariants | undefined {
  const work = interpretation(program, budget);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/** The same, in turns: it yields after every few transfers, so that others get theirs. */
export function* interpretation(program: Program, budget: Budget): Generator<void, AbstractInvariants | undefined> {
  const main = mainProcedure(program);
  const out = outgoing(main);
  const order = reversePostorder(main.entry, out);
  const rank = new Map(order.map((l, i) => [l, i]));
  const heads = new Set(cutPoints(program));
  heads.delete(main.entry);
  for (const edge of main.edges) if ((rank.get(edge.to) ?? -1) <= (rank.get(edge.from) ?? -1)) heads.add(edge.to);
  const frame = makeFrame(program, main.edges);
  const thresholds = thresholdsOf(program, main.edges);
  const thresholdNumbers = [...new Set(thresholds.map(Number).filter((n) => Math.abs(n) < 2 ** 50))].sort(
    (a, b) => a - b,
  );
  const checked = checkedAt(program);
  const states = new Map<LocationId, AbstractState>([[main.entry, AbstractState.top(frame)]]);
  const visits = new Map<LocationId, number>();
  const cost = 1 + ((frame.tracked.length ** 2) >> 2);

  const pending = new Set<number>([0]);
  const first = (): number | undefined => {
    let least: number | undefined;
    for (const p of pending) if (least === undefined || p < least) least = p;
    return least;
  };
  for (let p = first(); p !== undefined; p = first()) {
    pending.delete(p);
    yield;
    const at = order[p]!;
    const state = states.get(at)!;
    for (const edge of out.get(at)!) {
      if (!budget.spend(cost) || budget.expired) return undefined;
      const after = transfer(state, edge, checked.get(at));
      if (!after) continue;
      const known = states.get(edge.to);
      if (!known) states.set(edge.to, after);
      else if (known.includes(after)) continue;
      else {
        const count = (visits.get(edge.to) ?? 0) + 1;
        visits.set(edge.to, count);
        if (count > mostRounds) return undefined;
        let next = known.join(after);
        if (heads.has(edge.to) && count > plainRounds) {
          next = known.widen(
            next,
            count > mostRounds / 3 ? [] : thresholds,
            count > mostRounds / 3 ? [] : thresholdNumbers,
          );
        }
        states.set(edge.to, next);
      }
      pending.add(rank.get(edge.to)!);
    }
  }

  const into = new Map<LocationId, Edge[]>();
  for (const edge of main.edges) into.set(edge.to, [...(into.get(edge.to) ?? []), edge]);
  for (let round = 0; round < 3; round++) {
    for (const at of order) {
      if (at === main.entry || !states.has(at)) continue;
      yield;
      let next: AbstractState | undefined;
      for (const edge of into.get(at) ?? []) {
        if (!budget.spend(cost) || budget.expired) return undefined;
        const before = states.get(edge.from);
        const after = before && transfer(before, edge, checked.get(edge.from));
        if (after) next = next ? next.join(after) : after;
      }
      if (next) states.set(at, next);
      else states.delete(at);
    }
  }
  return {
    states,
    invariant: (location) => {
      const state = states.get(location)?.copy();
      if (!state?.close()) return program.terms.false;
      return program.terms.all(state.formulas());
    },
    elements: (location) => states.get(location)?.elements(elementIndex(program)) ?? [],
  };
}

/** A symbol for the index of an element that no variable of the program has. */
export function elementIndex(program: Program): SymbolTerm {
  const names = new Set([...program.variables.keys()].map((v) => v.name));
  let name = 'k';
  for (let n = 1; names.has(name); n++) name = `k!${n}`;
  return program.terms.symbol(name, intSort);
}

/** The state after an edge; undefined when the edge is seen to be blocked. */
export function transfer(before: AbstractState, edge: Edge, checked: readonly Term[] = []): AbstractState | undefined {
  const state = before.copy();
  if (!state.close()) return undefined;
  for (const property of checked) if (!state.assume(property)) return undefined;
  for (const step of edge.steps) {
    switch (step.kind) {
      case 'assume':
        if (!state.assume(step.condition)) return undefined;
        break;
      case 'assign':
        state.assign(step.target, step.value);
        break;
      case 'havoc':
        state.havoc(step.target);
        break;
      case 'call':
        for (const r of step.results) state.havoc(r);
        break;
    }
  }
  return state;
}

function reversePostorder(entry: LocationId, out: ReadonlyMap<LocationId, readonly Edge[]>): LocationId[] {
  const order: LocationId[] = [];
  const seen = new Set([entry]);
  const stack = [{ at: entry, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const edge = out.get(top.at)![top.next++];
    if (!edge) {
      order.push(top.at);
      stack.pop();
    } else if (!seen.has(edge.to)) {
      seen.add(edge.to);
      stack.push({ at: edge.to, next: 0 });
    }
  }
  return order.reverse();
}

function makeFrame(program: Program, edges: readonly Edge[]): Frame {
  const integers = stateVariables(program).filter((s) => s.sort.kind === 'int' || s.sort.kind === 'bool');
  const ints = integers.filter((s) => s.sort.kind === 'int');
  const weight = new Map<SymbolTerm, number>();
  const count = (term: Term): void => {
    for (const s of freeSymbols([term])) weight.set(s, (weight.get(s) ?? 0) + 1);
  };
  for (const edge of edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assume') count(step.condition);
      else if (step.kind === 'assign') count(step.value);
    }
  }
  const tracked = [...ints]
    .filter((s) => (weight.get(s) ?? 0) > 0)
    .sort((a, b) => weight.get(b)! - weight.get(a)! || a.id - b.id)
    .slice(0, largestOctagon);
  return new Frame(program, ints, tracked);
}

/** The constants of the program, their neighbours, and the declared bounds: where widening stops first. */
function thresholdsOf(program: Program, edges: readonly Edge[]): bigint[] {
  const found = new Set<bigint>([0n, 1n, -1n]);
  const roots: Term[] = [];
  for (const edge of edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assume') roots.push(step.condition);
      else if (step.kind === 'assign') roots.push(step.value);
    }
  }
  for (const c of program.checks) roots.push(c.property);
  for (const term of subterms(roots)) {
    if (term.kind !== 'value' || typeof term.value !== 'bigint') continue;
    for (const d of [-1n, 0n, 1n]) found.add(term.value + d).add(-term.value + d);
    if (found.size > 200) break;
  }
  for (const v of program.variables.values()) {
    if (v.range?.low !== undefined) found.add(v.range.low);
    if (v.range?.high !== undefined) found.add(v.range.high);
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
