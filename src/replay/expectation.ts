import { Machine } from '../program/interpreter.ts';
import { witnessView } from '../program/no-return.ts';
import { type Check, type Edge, type Event, mainProcedure, type Program } from '../program/program.ts';
import type { Task } from '../program/question.ts';
import type { Trace } from '../program/trace.ts';
import { freeStatics, isPartOf, type PointerArgument, pointerArguments } from '../reports/pointer-arguments.ts';
import { RecordedChoices } from '../reports/run-table.ts';
import type { SymbolTerm } from '../terms/term.ts';
import type { Value } from '../terms/value.ts';
import type { Evidence } from '../verdict/evidence.ts';

/**
 * What a native run has to be given, and what it has to show, as our own replay of the trace says: the arguments, the inputs
 * in order, and how it ends.
 */
export interface Expectation {
  readonly params: readonly InputValue[];
  /** What pointer parameters lead to, by their names. */
  readonly pointers: ReadonlyMap<string, PointerArgument>;
  /** Values of globals that the run starts from, for a function that is not the whole program. */
  readonly globals: readonly InputValue[];
  /** What came from outside on the way: the name of the function that was asked, and what it said. */
  readonly inputs: readonly InputValue[];
  readonly end: End;
  /** The run takes values that the program never sets (a variable or memory without one): nobody can choose those. */
  readonly unset: boolean;
}

export interface InputValue {
  readonly name: string;
  readonly typeText: string;
  readonly value: Value;
  /** The value is an address, which means nothing outside our own run. */
  readonly pointer?: boolean;
}

export type End =
  | { readonly kind: 'check'; readonly check: Check }
  | { readonly kind: 'event'; readonly event: Event; readonly values: readonly Value[] }
  | { readonly kind: 'endless' };

export type Witness = Extract<Evidence, { kind: 'trace' | 'lasso' | 'recurrent-set' }>;

/** undefined when the run meets a target that is neither a check nor an event. */
export function expectationOf(task: Task, witness: Witness): Expectation | undefined {
  const { question } = task;
  const program = witness.kind === 'recurrent-set' ? witnessView(task.program) : task.program;
  const trace: Trace = witness.kind === 'recurrent-set' ? witness.stem : witness.trace;
  const steps =
    witness.kind === 'trace' ? witness.steps : witness.kind === 'lasso' ? witness.secondStep : witness.stemSteps;
  const choices = new RecordedChoices(program, trace);
  const machine = new Machine(program, choices);
  const start = machine.state();
  // Lowering gives pointer parameters their objects, and static objects their values, on the first edge.
  let begun: ReadonlyMap<SymbolTerm, Value> = start;
  let firstEdge: Edge | undefined;
  const main = mainProcedure(program);
  let unset = main.locals.some((l) => trace.initial.has(l) && !program.variables.get(l)!.internal);
  let end: End | undefined = question.kind === 'terminates' ? { kind: 'endless' } : undefined;
  machine.run({
    stepLimit: steps,
    onEdge: (edge) => {
      if (firstEdge && edge.steps.some((s) => s.kind === 'havoc' && s.input === undefined)) unset = true;
      firstEdge ??= edge;
    },
    onLocation: (at, m) => {
      if (m.steps === 1) begun = m.state();
      if (question.kind === 'terminates') return m.steps >= steps;
      const wanted = question.kind === 'ever';
      const met = question.targets.find((t) => t.at === at && m.evaluate(t.property) === wanted);
      if (!met) return false;
      const check = program.checks.find((c) => c.id === met.check);
      const event = program.events.find((e) => e.at === at);
      if (check) end = { kind: 'check', check };
      else if (event) end = { kind: 'event', event, values: event.args.map((a) => m.evaluate(a)) };
      return true;
    },
  });
  if (!end) return undefined;
  const outside = outsideNames(program);
  const about = (symbol: SymbolTerm, name?: string): InputValue => {
    const variable = program.variables.get(symbol)!;
    return {
      name: name ?? variable.name,
      typeText: variable.typeText ?? '',
      value: start.get(symbol)!,
      ...(variable.pointer ? { pointer: true } : {}),
    };
  };
  const pointers = pointerArguments(program, begun);
  const havocked = new Set((firstEdge?.steps ?? []).flatMap((s) => (s.kind === 'havoc' ? [s.target] : [])));
  return {
    params: mainProcedure(program).params.map((p) => about(p)),
    pointers: new Map([...pointers.values()].map((p) => [p.name, p])),
    // A global that neither the trace nor the first edge speaks of holds what C gives it.
    globals: freeStatics(program, firstEdge, pointers)
      .filter((g) => trace.initial.has(g) || havocked.has(g))
      .map((g) => ({ ...about(g), value: begun.get(g)! })),
    inputs: choices.taken.flatMap(({ symbol, value }) => {
      const name = outside.get(symbol);
      const said = name !== undefined && [...pointers.values()].some((p) => isPartOf(name, p));
      return name === undefined || said ? [] : [{ ...about(symbol, name), value }];
    }),
    end,
    unset,
  };
}

/** Which havoc targets take what comes from outside, and from where. */
function outsideNames(program: Program): ReadonlyMap<SymbolTerm, string> {
  const names = new Map<SymbolTerm, string>();
  for (const procedure of program.procedures.values()) {
    for (const edge of procedure.edges) {
      for (const step of edge.steps) {
        if (step.kind === 'havoc' && step.input !== undefined) names.set(step.target, step.input);
      }
    }
  }
  return names;
}
