import { type Choices, defaultInRange, Machine, TraceChoices } from '../program/interpreter.ts';
import { witnessView } from '../program/no-return.ts';
import {
  type Check,
  type Edge,
  type Event,
  type Location,
  type LocationId,
  mainProcedure,
  type Program,
} from '../program/program.ts';
import type { Target, Task } from '../program/question.ts';
import type { Trace } from '../program/trace.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import type { Value } from '../terms/value.ts';
import type { Evidence } from '../verdict/evidence.ts';
import { freeStatics, isInside, isPartOf, type PointerArgument, pointerArguments } from './pointer-arguments.ts';
import { namedIn, relevance } from './run-relevance.ts';
import { spelling } from './spelling.ts';
import { addressWords, elementCount, objectAt, type State, shortValue, valueWords } from './value-words.ts';
import { list } from './wording.ts';

/**
 * A run as a small table: one row per loop turn, one column per variable of the user's that the run reads or writes. The run
 * is made again from its trace; of long runs the first and the last rows are kept.
 */
export interface RunTable {
  /** What the run starts from: parameters and what came from outside, in order. */
  readonly inputs: readonly { readonly name: string; readonly value: string }[];
  /** What matters to the end of the run comes first. */
  readonly columns: readonly string[];
  /** How many of the columns matter to it. */
  readonly mattering: number;
  readonly rows: readonly Row[];
  /** Rows that were left out, after `rows[keptAtStart - 1]`. */
  readonly omitted: number;
  readonly omittedAfter: number;
  readonly steps: number;
  /** The check that fails or the event that happens at the end. */
  readonly met?: {
    readonly target: Target;
    readonly check?: Check;
    readonly event?: Event;
    /** The arguments of the event. */
    readonly eventValues?: readonly string[];
    readonly location: Location;
    /** What the failing expression is made of, where the inputs do not say it already: "i = 10". */
    readonly where: readonly string[];
  };
  /** What was printed on the way, at most some lines. */
  readonly printed: readonly string[];
}

export interface Row {
  readonly label: string;
  readonly line?: number;
  readonly values: readonly string[];
  readonly note?: string;
}

type RunEvidence = Extract<Evidence, { kind: 'trace' | 'lasso' | 'recurrent-set' }>;

const keptAtStart = 4;
const keptAtEnd = 4;
/** Of longer runs, the last edges say which variables matter. */
const longestHistory = 50_000;
const mostInputs = 20;

interface Moment {
  readonly label: string;
  readonly line: number | undefined;
  readonly step: number;
  readonly values: ReadonlyMap<SymbolTerm, Value>;
}

/** Makes the table of a run; undefined if there is nothing of the user's in it to show. */
export function runTable(task: Task, evidence: RunEvidence): RunTable {
  const { question } = task;
  const program = evidence.kind === 'recurrent-set' ? witnessView(task.program) : task.program;
  const trace = evidence.kind === 'recurrent-set' ? evidence.stem : evidence.trace;
  const steps = lengthOf(evidence);
  const choices = new RecordedChoices(program, trace);
  const machine = new Machine(program, choices);
  const atStart = machine.state();
  // Lowering gives pointer parameters their objects, and static objects their values, on the first edge.
  let begun = atStart;
  let first: Edge | undefined;
  const locations = new Map<LocationId, Location>();
  for (const p of program.procedures.values()) for (const [id, l] of p.locations) locations.set(id, l);
  const targetsAt = new Map<LocationId, Target[]>();
  if (evidence.kind === 'trace' && question.kind !== 'terminates') {
    for (const t of question.targets) targetsAt.set(t.at, [...(targetsAt.get(t.at) ?? []), t]);
  }
  const wanted = question.kind === 'ever';
  let eventValues: readonly string[] | undefined;
  // A set that is never left is better seen with some turns inside it; where inputs are needed there, the run stops at it.
  const turnsInside = evidence.kind === 'recurrent-set' && needsNoInputs(evidence) ? 3 : 0;
  let inside = 0;
  const head: Moment[] = [];
  const tail: Moment[] = [];
  const turns = new Map<LocationId, number>();
  const printed: string[] = [];
  let moments = 0;
  const used = new Set<SymbolTerm>();
  const seenEdges = new Set<number>();
  const taken: Edge[] = [];
  let met: Target | undefined;
  const record = (moment: Moment): void => {
    moments++;
    if (head.length < keptAtStart) head.push(moment);
    else {
      tail.push(moment);
      if (tail.length > keptAtEnd) tail.shift();
    }
  };
  machine.run({
    stepLimit: steps + 1_000 * turnsInside,
    onEdge: (edge) => {
      taken.push(edge);
      first ??= edge;
      if (taken.length > 2 * longestHistory) taken.splice(0, longestHistory);
      if (seenEdges.has(edge.id)) return;
      seenEdges.add(edge.id);
      for (const s of symbolsOf(edge)) used.add(s);
    },
    onEvent: (event, args) => {
      if (event.kind === 'print' && printed.length < 20) printed.push(rendered(event, args));
    },
    onLocation: (at, m) => {
      if (m.steps === 1) begun = m.state();
      met = targetsAt.get(at)?.find((t) => m.evaluate(t.property) === wanted);
      const location = locations.get(at)!;
      if (met) {
        const args = program.events.find((e) => e.at === at)?.args ?? [];
        eventValues = args.map((a) => argumentWords(program, a, m.evaluate(a)));
      }
      const beyond = m.steps >= steps;
      const last =
        met !== undefined || (beyond && inside >= turnsInside && (turnsInside === 0 || location.loop !== undefined));
      if (beyond && location.loop) inside++;
      if (location.loop || last) {
        const turn = turns.get(at) ?? 0;
        turns.set(at, turn + 1);
        const label = location.loop ? (turn === 0 ? 'before' : `turn ${turn}`) : 'end';
        const line = (location.loop?.origin ?? location.origin)?.start.line;
        record({ label, line, step: m.steps, values: m.state() });
      }
      return last;
    },
  });
  for (const target of met ? [met] : []) for (const s of freeSymbols([target.property])) used.add(s);
  const found = [...atStart.keys(), ...lastValues(tail, head).keys()].filter(
    (s, i, all) => all.indexOf(s) === i && used.has(s) && visible(program, s),
  );
  const tier = met ? relevance(taken, met.property) : () => 0;
  const shown = met ? [0, 1, 2].flatMap((n) => found.filter((s) => tier(s) === n)) : found;
  const kept = [...head, ...tail];
  const severalHeads = turns.size > 1;
  const inputs = inputsOf(program, atStart, begun, choices, used);
  const pointers = pointerArguments(program, begun);
  for (const s of freeStatics(program, first, pointers)) {
    if (!used.has(s) || tier(s) === 2 || inputs.length >= mostInputs) continue;
    inputs.push({ name: spelling(program)(s.name), value: valueWords(program, s, begun.get(s), begun) });
  }
  const atEnd = machine.state();
  const where = (target: Target): readonly string[] => {
    const check = target.check === undefined ? undefined : program.checks.find((c) => c.id === target.check);
    // What is read without a value has none worth telling.
    if (!check || check.kind === 'uninitialised') return [];
    const known = new Set(inputs.map((i) => `${i.name} = ${i.value}`));
    const symbols = namedIn(check.failure, target.property, taken, program, (s) => visible(program, s));
    const led = check.address && ledTo(program, machine.evaluate(check.address), atEnd);
    const named = symbols.some((s) => s === check.address);
    return (led && !named ? [led] : []).concat(
      symbols.flatMap((s) => {
        const { name } = program.variables.get(s)!;
        const count = s.sort.kind === 'array' ? elementCount(program, name, atEnd) : undefined;
        if (s.sort.kind === 'array') {
          const about = check.kind === 'bounds' || check.kind === 'pointer';
          const said = !about || count === undefined || new RegExp(`\\b${count}\\b`).test(check.failure);
          return said ? [] : [`${name} has ${elements(count)}`];
        }
        const text = `${name} = ${valueWords(program, s, atEnd.get(s), atEnd)}`;
        return known.has(text) ? [] : [text];
      }),
    );
  };
  return {
    inputs,
    columns: shown.map((s) => spelling(program)(s.name)),
    mattering: shown.filter((s) => tier(s) < 2).length,
    rows: kept.map((m) => ({
      label: m.label,
      ...(m.line !== undefined && severalHeads ? { line: m.line } : {}),
      values: shown.map((s) => valueWords(program, s, m.values.get(s), m.values)),
      ...noteOf(evidence, m),
    })),
    omitted: moments - kept.length,
    omittedAfter: head.length,
    steps: machine.steps,
    ...(met
      ? {
          met: {
            ...describe(program, met, locations.get(met.at)!),
            where: where(met),
            ...(eventValues ? { eventValues } : {}),
          },
        }
      : {}),
    printed,
  };
}

const lengthOf = (evidence: RunEvidence): number =>
  evidence.kind === 'recurrent-set'
    ? evidence.stemSteps
    : evidence.kind === 'lasso'
      ? evidence.secondStep
      : evidence.steps;

const needsNoInputs = (evidence: Extract<Evidence, { kind: 'recurrent-set' }>): boolean =>
  evidence.sets.every((s) => s.cases.every((c) => c.inputs.length === 0));

function noteOf(evidence: RunEvidence, moment: Moment): { note?: string } {
  if (evidence.kind === 'recurrent-set')
    return moment.step === evidence.stemSteps ? { note: 'from here on, always' } : {};
  if (evidence.kind !== 'lasso') return {};
  if (moment.step === evidence.firstStep) return { note: 'this state' };
  return moment.step === evidence.secondStep ? { note: 'the same state again' } : {};
}

const lastValues = (tail: readonly Moment[], head: readonly Moment[]): ReadonlyMap<SymbolTerm, Value> =>
  (tail[tail.length - 1] ?? head[head.length - 1])?.values ?? new Map();

const visible = (program: Program, symbol: SymbolTerm): boolean => {
  const variable = program.variables.get(symbol);
  return variable !== undefined && !variable.internal && variable.role !== 'temporary' && variable.role !== 'result';
};

function* symbolsOf(edge: Edge): Iterable<SymbolTerm> {
  const of = (term: Term): SymbolTerm[] => freeSymbols([term]);
  for (const step of edge.steps) {
    if (step.kind === 'assign') yield* [step.target, ...of(step.value)];
    else if (step.kind === 'havoc') yield step.target;
    else if (step.kind === 'assume') yield* of(step.condition);
    else for (const a of step.args) yield* of(a);
  }
}

const elements = (count: bigint): string => `${count} element${count === 1n ? '' : 's'}`;

const argumentWords = (program: Program, term: Term, value: Value): string =>
  term.kind === 'symbol' ? valueWords(program, term, value) : shortValue(value);

/** Where an access that is not allowed leads. */
function ledTo(program: Program, address: Value, state: State): string | undefined {
  if (typeof address !== 'bigint') return undefined;
  if (address >= 0n && address < 4096n) return address === 0n ? 'the pointer is null' : 'the pointer is next to null';
  return objectAt(program, address) ? `it leads to ${addressWords(program, address, state)}` : 'it leads to no object';
}

function describe(program: Program, target: Target, location: Location): Omit<NonNullable<RunTable['met']>, 'where'> {
  const check = target.check === undefined ? undefined : program.checks.find((c) => c.id === target.check);
  const event = program.events.find((e) => e.at === target.at);
  return { target, location, ...(check ? { check } : {}), ...(event ? { event } : {}) };
}

function inputsOf(
  program: Program,
  atStart: ReadonlyMap<SymbolTerm, Value>,
  begun: ReadonlyMap<SymbolTerm, Value>,
  choices: RecordedChoices,
  used: ReadonlySet<SymbolTerm>,
): { name: string; value: string }[] {
  const main = mainProcedure(program);
  const pointers = pointerArguments(program, begun);
  const inputs = main.params.map((p) => {
    const pointer = pointers.get(p);
    const value = pointer ? argumentText(program, pointer, begun) : valueWords(program, p, atStart.get(p));
    return { name: program.variables.get(p)!.name, value };
  });
  const outside = new Map<SymbolTerm, string>();
  for (const p of program.procedures.values()) {
    for (const edge of p.edges) {
      for (const step of edge.steps) {
        if (step.kind === 'havoc' && step.input !== undefined) outside.set(step.target, step.input);
      }
    }
  }
  for (const { symbol, value } of choices.taken) {
    const input = outside.get(symbol);
    if (input === undefined || !used.has(symbol)) continue;
    if ([...pointers.values()].some((p) => isPartOf(input, p))) continue;
    // That an allocation does not fail is no news.
    if (value === false && / fails$/.test(input)) continue;
    const variable = program.variables.get(symbol)!;
    inputs.push({ name: variable.internal ? input : variable.name, value: valueWords(program, symbol, value) });
  }
  return inputs.slice(0, mostInputs);
}

const mostCells = 4;

/** `null`, or `2 elements {5, 7}`. */
function argumentText(program: Program, pointer: PointerArgument, state: ReadonlyMap<SymbolTerm, Value>): string {
  if (pointer.elements === null) return 'null';
  const cells = pointer.contents.filter((c) => isInside(c, pointer)).slice(0, mostCells);
  const texts = cells.map(({ path, symbol, variable, value }) => {
    // What is in there may not lead anywhere, whatever number it is.
    const text =
      variable.pointer && typeof value === 'bigint' && value !== 0n
        ? 'a pointer to nowhere'
        : valueWords(program, symbol, value, state);
    return path === '' ? text : `${path} = ${text}`;
  });
  if (texts.length === 0) return elements(pointer.elements);
  return `${elements(pointer.elements)} ${cells.some((c) => c.path !== '') ? 'with ' : ''}${list(texts)}`;
}

/** The trace's choices, remembered with the variables they went to. */
export class RecordedChoices implements Choices {
  readonly #inner: TraceChoices;
  readonly #program: Program;
  readonly taken: { symbol: SymbolTerm; value: Value }[] = [];

  constructor(program: Program, trace: Trace) {
    this.#inner = new TraceChoices(trace);
    this.#program = program;
  }

  initial(symbol: SymbolTerm): Value | undefined {
    return this.#inner.initial(symbol);
  }

  havoc(symbol: SymbolTerm): Value | undefined {
    const value = this.#inner.havoc(symbol);
    this.taken.push({ symbol, value: value ?? defaultInRange(this.#program, symbol) });
    return value;
  }

  edge(at: LocationId): readonly number[] | undefined {
    return this.#inner.edge(at);
  }

  mark(): number {
    return this.#inner.mark();
  }

  reset(mark: number): void {
    this.#inner.reset(mark);
    this.taken.length = Math.min(this.taken.length, mark);
  }
}

/** The text of a print with its arguments put in for `%` conversions or `{}`, near enough for a report. */
function rendered(event: Event, args: readonly Value[]): string {
  let next = 0;
  const text = event.text.replace(/%[-+ #0-9.]*[hlzjt]*[a-zA-Z]|\{[^{}]*\}/g, (match) => {
    const value = args[next++];
    return value === undefined ? match : shortValue(value);
  });
  return text.replace(/\n$/, '').slice(0, 200);
}
