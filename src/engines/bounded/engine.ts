import { proofView } from '../../program/no-return.ts';
import { type Program, stateVariables } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import type { Trace } from '../../program/trace.ts';
import type { Unwinding } from '../../program/unwinding.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { isFalse, type SymbolTerm } from '../../terms/term.ts';
import { defaultValue, type Value } from '../../terms/value.ts';
import { checkEvidence } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import { cutOffObligation, metObligation, unwindProgram } from '../../verdict/unwinding-check.ts';
import type { Engine, Tools } from '../engine.ts';

const name = 'bounded unwinding';

/**
 * Bounded model checking with growing bounds (Biere et al. 1999, [BiereCCZ-TACAS'99]): looks for a run that meets a target with
 * each loop gone through at most 1, 2, 4, … times. When some bound is enough for every run, the unwinding is complete and
 * proves the absence of such a run. Otherwise it says how far it looked.
 */
export const boundedUnwinding: Engine = {
  name,
  answers: (question: Question) => question.kind !== 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { question } = task;
    const program = proofView(task.program);
    const recursive = program !== task.program;
    if (question.kind === 'terminates') {
      return { by: name, answer: 'dont-know', reason: { kind: 'unsupported', text: 'it looks for runs to a target' } };
    }
    const wanted = question.kind === 'ever';
    let looked: string | undefined;
    for (let bound = 1; bound <= largestBound; bound = bound < 4 ? bound + 1 : bound * 2) {
      if (!tools.budget.open) break;
      const shape = { bound, nodeLimit };
      const unwinding = unwindProgram(program, question.targets, wanted, shape);
      if (unwinding === 'too-large') break;
      if (!tools.budget.spend(unwinding.nodes.length)) break;
      yield { text: `unwinding loops ${bound} times` };
      const met = metObligation(program, unwinding);
      const found = await tools.prover.refute(program.terms, met.refute, tools.budget);
      if (found.kind === 'model' && recursive) {
        const text = 'calls were taken to return anything, and then the property can fail';
        return { by: name, answer: 'dont-know', reason: { kind: 'approximated', text } };
      }
      if (found.kind === 'model') {
        const evidence = traceOf(program, unwinding, found.values);
        const answer = wanted ? 'yes' : 'no';
        if (evidence && checkEvidence(task, answer, evidence).kind === 'accepted')
          return { by: name, answer, evidence };
        return {
          by: name,
          answer: 'dont-know',
          reason: { kind: 'solver', text: 'a counterexample could not be replayed' },
        };
      }
      if (found.kind === 'unknown') {
        const far = looked ? `; ${looked}` : '';
        return {
          by: name,
          answer: 'dont-know',
          reason: { kind: 'solver', text: `${found.reason} at bound ${bound}${far}` },
        };
      }
      looked = `no such run goes through its loops at most ${bound} times`;
      yield { text: looked };
      const cut = cutOffObligation(program, unwinding);
      if (unwinding.cutOff.length > 0 && unwinding.cutOff.every(isFalse)) continue;
      const rest = await tools.prover.refute(program.terms, cut.refute, tools.budget);
      if (rest.kind === 'refuted') {
        const proofs = [found.proof, rest.proof];
        return { by: name, answer: wanted ? 'no' : 'yes', evidence: { kind: 'unwinding', ...shape, proofs } };
      }
    }
    return {
      by: name,
      answer: 'dont-know',
      reason: { kind: 'budget', text: looked ?? 'the program is too large to unwind' },
    };
  },
};

const largestBound = 4096;
const nodeLimit = 60_000;

/** Follows a model through the unwinding to the first target it meets. */
export function traceOf(program: Program, unwinding: Unwinding, model: ReadonlyMap<SymbolTerm, Value>) {
  const value = (symbol: SymbolTerm): Value => model.get(symbol) ?? defaultFor(program, symbol);
  const initial = new Map(stateVariables(program).map((s) => [s, value(s)] as const));
  const meets = new Map<number, (typeof unwinding.met)[number][]>();
  for (const m of unwinding.met) meets.set(m.node, [...(meets.get(m.node) ?? []), m]);
  const havocs: Value[] = [];
  const decisions: number[] = [];
  let at = 0;
  for (;;) {
    if (meets.get(at)?.some((m) => evaluate(m.condition, value) === true)) {
      const trace: Trace = { initial, havocs, decisions };
      return { kind: 'trace', trace, steps: decisions.length } as const;
    }
    const arc = unwinding.nodes[at]!.arcs.find((a) => evaluate(a.condition, value) === true);
    if (arc?.to === undefined) return undefined;
    havocs.push(...arc.inputs.map(value));
    decisions.push(arc.edge.id);
    at = arc.to;
  }
}

/** An input the model does not mention may hold anything: the nearest value to the default in its range. */
function defaultFor(program: Program, symbol: SymbolTerm): Value {
  const value = defaultValue(symbol.sort);
  const base = symbol.name.replace(/\?\d+$/, '');
  const known = program.variables.get(symbol) ?? program.variables.get(program.terms.symbol(base, symbol.sort));
  const range = known?.range;
  if (typeof value !== 'bigint' || !range) return value;
  if (range.low !== undefined && value < range.low) return range.low;
  if (range.high !== undefined && value > range.high) return range.high;
  return value;
}
