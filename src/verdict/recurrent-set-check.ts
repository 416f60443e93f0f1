import { Machine, TraceChoices } from '../program/interpreter.ts';
import { PathEncoder, stateRanges } from '../program/path.ts';
import { type Edge, mainProcedure, type Program, rangeConstraint, stateVariables } from '../program/program.ts';
import { sameSort } from '../terms/sort.ts';
import type { Term } from '../terms/term.ts';
import { freeSymbols, substitute } from '../terms/traversal.ts';
import type { RecurrentSetEvidence } from './evidence.ts';
import type { Obligation, Obligations } from './obligation.ts';

/**
 * The obligations of a closed recurrent set (Gupta et al. 2008, [GuptaHMRX-POPL'08]; Chen et al. 2014, [ChenCFNO-TACAS'14]):
 * the guards of the cases cover the set; under its guard each case's path can be taken with the inputs given, and ends in
 * the set of its last location. With a real run into the set, some run never ends. Ranges of the state hold throughout.
 */
export function recurrentSetObligations(program: Program, evidence: RecurrentSetEvidence): Obligations {
  const malformed = (why: string): Obligations => ({ kind: 'malformed', why });
  const t = program.terms;
  const main = mainProcedure(program);
  const edges = new Map(main.edges.map((e) => [e.id, e]));
  const state = new Set(stateVariables(program));
  const setAt = new Map(evidence.sets.map((s) => [s.at, s.set]));
  if (setAt.size !== evidence.sets.length) return malformed('two sets at one location');
  const overState = (term: Term): boolean => freeSymbols([term]).every((s) => state.has(s));
  const ranges = stateRanges(program);
  const encoder = new PathEncoder(program);
  const list: Obligation[] = [];
  for (const { at, set, cases } of evidence.sets) {
    if (set.sort.kind !== 'bool' || !overState(set)) return malformed('a set is not a formula over the state');
    if (cases.some((c) => c.guard.sort.kind !== 'bool' || !overState(c.guard) || !c.inputs.every(overState))) {
      return malformed('a case speaks of more than the state');
    }
    const guards = cases.map((c) => t.not(c.guard));
    list.push({
      refute: t.all([...ranges, set, ...guards]),
      text: 'in every state of the set some case applies',
      from: at,
    });
    for (const item of cases) {
      const path: Edge[] = [];
      let here = at;
      for (const id of item.edges) {
        const edge = edges.get(id);
        if (!edge || edge.from !== here) return malformed(`edge ${id} does not continue the path`);
        path.push(edge);
        here = edge.to;
      }
      const target = setAt.get(here);
      if (path.length === 0 || target === undefined) return malformed('a path does not lead from set to set');
      const symbolic = encoder.encode({ from: at, to: here, edges: path });
      if (symbolic.inputs.length !== item.inputs.length) return malformed('inputs and havocs differ in number');
      const inputs = new Map<Term, Term>();
      for (const [i, input] of symbolic.inputs.entries()) {
        // A later input may not depend on an earlier one's symbol: all are terms over the state at the start.
        const value = item.inputs[i]!;
        if (!sameSort(value.sort, input.symbol.sort)) return malformed('an input has the wrong sort');
        inputs.set(input.symbol, value);
      }
      const given = (term: Term): Term => substitute(t, term, inputs);
      const possible = symbolic.condition.map(given);
      for (const [i, input] of symbolic.inputs.entries()) {
        const range = rangeConstraint(program, input.target, item.inputs[i]!);
        if (range) possible.push(range);
      }
      const before = [...ranges, set, item.guard];
      if (possible.length > 0) {
        list.push({ refute: t.all([...before, t.not(t.all(possible))]), text: 'the loop goes on', from: at, to: here });
      }
      const after = given(encoder.after(symbolic, target));
      list.push({ refute: t.all([...before, t.not(after)]), text: 'one turn stays in the set', from: at, to: here });
    }
  }
  return { kind: 'obligations', list };
}

/** Replays the stem; undefined if it ends in the set, else what is wrong. */
export function checkStem(program: Program, evidence: RecurrentSetEvidence): string | undefined {
  const machine = new Machine(program, new TraceChoices(evidence.stem));
  const setAt = new Map(evidence.sets.map((s) => [s.at, s.set]));
  let inside = false;
  machine.run({
    stepLimit: evidence.stemSteps,
    onLocation: (at, m) => {
      if (m.steps !== evidence.stemSteps || m.depth > 0) return false;
      const set = setAt.get(at);
      inside = set !== undefined && m.evaluate(set) === true;
      return true;
    },
  });
  return inside ? undefined : 'the stem does not lead into the set';
}
