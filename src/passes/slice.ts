import { defaultInRange, Machine, TraceChoices } from '../program/interpreter.ts';
import { type Edge, mainProcedure, type Procedure, type Program, type Step } from '../program/program.ts';
import type { Question, Task } from '../program/question.ts';
import type { Trace } from '../program/trace.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import { type Value, valueKey } from '../terms/value.ts';
import type { Evidence, LassoEvidence, RecurrentSetEvidence } from '../verdict/evidence.ts';
import type { Pass } from './pass.ts';

/**
 * Removes variables that cannot influence where control goes, nor the properties asked about (Weiser 1981,
 * [Weiser-ICSE'81], for data only: locations and edges keep their numbers). Every run of the original is one of the slice and
 * the other way round, since the removed steps never block.
 */
export const slice: Pass = {
  name: 'slice',
  apply(task) {
    const { program } = task;
    const main = mainProcedure(program);
    const calls = main.edges.some((e) => e.steps.some((s) => s.kind === 'call'));
    const kept = calls ? undefined : relevantVariables(program, task.question);
    if (!kept || [...program.variables.keys()].every((s) => kept.has(s))) return { task, restore: (e) => e };
    const sliced: Task = { ...task, program: sliceProgram(program, main, kept) };
    return { task: sliced, restore: (evidence) => restore(program, sliced.program, evidence) };
  },
};

/** Those that some condition, check or property reads, and those that such a variable's value is made of. */
export function relevantVariables(program: Program, question: Question): ReadonlySet<SymbolTerm> {
  const relevant = new Set<SymbolTerm>();
  const sources = new Map<SymbolTerm, SymbolTerm[]>();
  const work: SymbolTerm[] = [];
  const mark = (terms: readonly Term[]): void => {
    for (const s of freeSymbols(terms)) {
      if (relevant.has(s)) continue;
      relevant.add(s);
      work.push(s);
    }
  };
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assume') mark([step.condition]);
      if (step.kind !== 'assign') continue;
      const list = sources.get(step.target) ?? [];
      list.push(...freeSymbols([step.value]));
      sources.set(step.target, list);
    }
  }
  mark(program.checks.map((c) => c.property));
  if (question.kind !== 'terminates') mark(question.targets.map((t) => t.property));
  for (let s = work.pop(); s; s = work.pop()) mark(sources.get(s) ?? []);
  return relevant;
}

function sliceProgram(program: Program, main: Procedure, kept: ReadonlySet<SymbolTerm>): Program {
  const keeps = (s: SymbolTerm): boolean => kept.has(s);
  const stays = (step: Step): boolean => (step.kind !== 'assign' && step.kind !== 'havoc') || keeps(step.target);
  const procedure: Procedure = {
    ...main,
    params: main.params.filter(keeps),
    results: main.results.filter(keeps),
    locals: main.locals.filter(keeps),
    edges: main.edges.map((e) => (e.steps.every(stays) ? e : { ...e, steps: e.steps.filter(stays) })),
  };
  return {
    ...program,
    variables: new Map([...program.variables].filter(([s]) => keeps(s))),
    globals: program.globals.filter(keeps),
    procedures: new Map([...program.procedures].map(([name, p]) => [name, name === main.name ? procedure : p])),
    events: [],
    hints: program.hints.filter((h) => freeSymbols([h.term]).every(keeps)),
  };
}

function restore(original: Program, sliced: Program, evidence: Evidence): Evidence {
  switch (evidence.kind) {
    case 'trace':
      return { ...evidence, trace: complete(original, sliced, evidence.trace, evidence.steps).trace };
    case 'lasso':
      return restoreLasso(original, sliced, evidence);
    case 'recurrent-set':
      return {
        ...evidence,
        stem: complete(original, sliced, evidence.stem, evidence.stemSteps).trace,
        sets: evidence.sets.map((s) => ({
          ...s,
          cases: s.cases.map((c) => ({ ...c, inputs: completeInputs(original, sliced, c.edges, c.inputs) })),
        })),
        proofs: [],
      };
    case 'invariant':
    case 'unwinding':
    case 'ranking':
      return { ...evidence, proofs: [] };
    case 'exhaustive':
    case 'parts':
      return evidence;
  }
}

/** The original's trace that takes the same edges, and the states of the slice at each location on the way. */
function complete(
  original: Program,
  sliced: Program,
  trace: Trace,
  steps: number,
  onState?: (machine: Machine) => void,
): { trace: Trace; edges: Edge[] } {
  const values: Value[] = [];
  const recording = new RecordingChoices(sliced, trace, values);
  const machine = new Machine(sliced, recording);
  const edges: Edge[] = [];
  machine.run({
    stepLimit: steps,
    stopAtChecks: false,
    onEdge: (e) => edges.push(e),
    onLocation: (_at, m) => {
      onState?.(m);
      return m.steps >= steps;
    },
  });
  const byId = new Map(mainProcedure(original).edges.map((e) => [e.id, e]));
  const havocs: Value[] = [];
  let next = 0;
  for (const edge of edges) {
    const keptTargets = edge.steps.flatMap((s) => (s.kind === 'havoc' ? [s.target] : []));
    let k = 0;
    for (const step of byId.get(edge.id)!.steps) {
      if (step.kind !== 'havoc') continue;
      if (keptTargets[k] === step.target) {
        havocs.push(values[next++]!);
        k++;
      } else havocs.push(defaultInRange(original, step.target));
    }
  }
  return { trace: { initial: trace.initial, havocs, decisions: edges.map((e) => e.id) }, edges };
}

/** What a trace decides, with every value that a havoc got written down. */
class RecordingChoices extends TraceChoices {
  readonly #program: Program;
  readonly #values: Value[];

  constructor(program: Program, trace: Trace, values: Value[]) {
    super(trace);
    this.#program = program;
    this.#values = values;
  }

  override havoc(symbol: SymbolTerm): Value {
    const value = super.havoc(symbol) ?? defaultInRange(this.#program, symbol);
    this.#values[super.mark() - 1] = value;
    return value;
  }
}

function completeInputs(
  original: Program,
  sliced: Program,
  edges: readonly number[],
  inputs: readonly Term[],
): readonly Term[] {
  const inOriginal = new Map(mainProcedure(original).edges.map((e) => [e.id, e]));
  const inSlice = new Map(mainProcedure(sliced).edges.map((e) => [e.id, e]));
  const result: Term[] = [];
  let next = 0;
  for (const id of edges) {
    const kept = (inSlice.get(id)?.steps ?? []).flatMap((s) => (s.kind === 'havoc' ? [s.target] : []));
    let k = 0;
    for (const step of inOriginal.get(id)?.steps ?? []) {
      if (step.kind !== 'havoc') continue;
      if (kept[k] === step.target) {
        result.push(inputs[next++]!);
        k++;
      } else result.push(original.terms.value(defaultInRange(original, step.target), step.target.sort));
    }
  }
  return result;
}

/** What was removed may differ where the slice's state repeats: then the repeated state is a recurrent set of one state. */
function restoreLasso(original: Program, sliced: Program, evidence: LassoEvidence): Evidence {
  const { firstStep, secondStep } = evidence;
  let state: ReadonlyMap<SymbolTerm, Value> = new Map();
  let at = mainProcedure(sliced).entry;
  const inputs: Value[] = [];
  const { trace, edges } = complete(original, sliced, evidence.trace, secondStep, (m) => {
    if (m.steps !== firstStep) return;
    state = m.state();
    at = m.at;
  });
  const completed: LassoEvidence = { ...evidence, trace };
  if (repeats(original, completed)) return completed;
  const byId = new Map(mainProcedure(original).edges.map((e) => [e.id, e]));
  const havocsIn = (list: readonly Edge[]): number =>
    list.reduce((n, e) => n + byId.get(e.id)!.steps.filter((s) => s.kind === 'havoc').length, 0);
  const before = havocsIn(edges.slice(0, firstStep));
  const cycle = edges.slice(firstStep);
  inputs.push(...trace.havocs.slice(before, before + havocsIn(cycle)));
  const t = original.terms;
  const targets = cycle.flatMap((e) => byId.get(e.id)!.steps.flatMap((s) => (s.kind === 'havoc' ? [s.target] : [])));
  const recurrent: RecurrentSetEvidence = {
    kind: 'recurrent-set',
    stem: { ...trace, decisions: trace.decisions!.slice(0, firstStep) },
    stemSteps: firstStep,
    sets: [
      {
        at,
        set: t.all([...state].map(([s, v]) => t.equal(s, t.value(v, s.sort)))),
        cases: [
          {
            guard: t.true,
            edges: cycle.map((e) => e.id),
            inputs: inputs.map((v, i) => t.value(v, targets[i]!.sort)),
          },
        ],
      },
    ],
    proofs: [],
  };
  return recurrent;
}

function repeats(program: Program, evidence: LassoEvidence): boolean {
  const machine = new Machine(program, new TraceChoices(evidence.trace));
  const keys: string[] = [];
  machine.run({
    stepLimit: evidence.secondStep,
    onLocation: (at, m) => {
      if (m.steps === evidence.firstStep || m.steps === evidence.secondStep) {
        keys.push(`${at} ${[...m.state()].map(([s, v]) => `${s.id}=${valueKey(v)}`).join(';')}`);
      }
      return m.steps >= evidence.secondStep;
    },
  });
  return keys.length === 2 && keys[0] === keys[1];
}
