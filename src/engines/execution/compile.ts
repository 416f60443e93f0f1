import { defaultInRange } from '../../program/interpreter.ts';
import { liveInMain } from '../../program/liveness.ts';
import { cutPoints } from '../../program/path.ts';
import {
  type Check,
  type Edge,
  type Event,
  type LocationId,
  mainProcedure,
  outgoing,
  type Procedure,
  type Program,
} from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import { RangeAnalysis, type SymbolRanges } from '../../terms/range.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import { Constants, convert, type Names, type Piece, TermFacts, TermWriter } from './expression.ts';
import { type CallSite, fits, isInt32, isUint32, Layout, ownVariables, type Representation } from './layout.ts';
import { runtime, runtimeNames } from './runtime.ts';

/**
 * A program as one JavaScript function: variables are locals, locations are cases of one switch in a loop, and a location
 * with a single way in stands where it is reached. It does what program/interpreter.ts does, faster; the interpreter stays
 * the reference and checks whatever is claimed. The text is written from numbers alone, so no input can get into it.
 *
 * Four forms of one program: speculative or exact numbers (expression.ts), and fast or plain. Plain code has a case for
 * every location, so that it can stop after any step and go on from anywhere; fast code stops only at its own cases, with a
 * few steps left over. The runner changes between the forms.
 */
export interface CompileOptions {
  readonly targets: readonly Target[];
  /** A target is met when its property has this value. */
  readonly wanted: boolean;
  /** At a location where more than one edge can be taken, ask the inputs which; otherwise the first that can. */
  readonly ask: boolean;
  /** Runs follow one another in generated code, as long as the inputs advance; ends are counted. */
  readonly sweep: boolean;
  readonly events: boolean;
  /** Watch for a repeated state at cut points of main (Brent's algorithm). */
  readonly cycles: boolean;
  /** Ask the inputs at every cut point whether this state is known. */
  readonly heads: boolean;
  /** Tell the inputs of each edge taken for the first time. */
  readonly coverage: boolean;
  readonly depthLimit: number;
}

export const statuses = [
  'paused',
  'ended',
  'check-failed',
  'blocked',
  'met',
  'deep',
  'too-large',
  'elsewhere',
  'swept',
  'repeated',
  'limit',
] as const;
export type Status = (typeof statuses)[number];
const code = Object.fromEntries(statuses.map((s, i) => [s, i])) as Record<Status, number>;

/** What generated code reads and writes between calls. */
export interface State {
  /** Slots held as numbers, and after them a second copy for the state that cycle detection compares with. */
  readonly numbers: Float64Array;
  /** Slots held otherwise, and their second copy. */
  readonly others: unknown[];
  readonly frames: unknown[];
  /** A location; `atStart` before a run has begun. */
  at: number;
  /** Steps of the present run. */
  steps: number;
  /** Steps that may be taken before the code must pause; after it, what is left. */
  fuel: number;
  depth: number;
  runs: number;
  /** Index of the target met or the check failed; why a limit was hit. */
  hit: number;
  why: string;
  /** Set when the events of the present location have been reported. */
  reported: boolean;
  /** Brent's algorithm: label and step of the state kept, and how many visits until the next is kept. */
  keptAt: number;
  keptStep: number;
  power: number;
  lap: number;
  /** 1 for each edge that was taken, if coverage is wanted. */
  readonly covered: Uint8Array;
}

export const atStart = -1;

/** Where values that a program does not determine come from; see inputs.ts. */
export interface Inputs {
  /** A number where the integer fits in 53 bits, else a bigint; a boolean; or another Value. */
  next(slot: number): unknown;
  /** One of the edges, by position among the location's, of which bit i of `enabled` says whether i can be taken. */
  edge(at: LocationId, enabled: number): number;
  mark(): number;
  reset(mark: number): void;
  /** After a run: whether there is another. */
  advance(steps: number, status: number): boolean;
  /**
   * At a cut point of main, with the values of main's slots: 0 go on; 1 end this run, the state is known; 2 the state has
   * occurred on this run. May be called again at the same step, after a pause.
   */
  head(at: LocationId, steps: number, values: readonly unknown[]): number;
  event(index: number, values: readonly unknown[]): void;
  /** An edge, by its number, is taken for the first time. */
  novel(edge: number): void;
}

export type Code = (state: State, inputs: Inputs) => Status;

export class CompileLimit extends Error {}

const longestText = 4_000_000;
const deepestInline = 30;
/** Edges to choose from are told apart by the bits of an int32. */
const mostChoices = 30;

export class Compiler {
  readonly layout: Layout;
  readonly options: CompileOptions;
  readonly program: Program;
  /** Slots of main that are read before they are written: the inputs at the start. */
  readonly inputSlots: ReadonlySet<number>;
  readonly #facts: TermFacts;
  readonly #out = new Map<LocationId, readonly Edge[]>();
  readonly #procedureAt = new Map<LocationId, Procedure>();
  readonly #checks = new Map<LocationId, Check[]>();
  readonly #events = new Map<LocationId, number[]>();
  readonly #targets = new Map<LocationId, number[]>();
  readonly #waysIn = new Map<LocationId, number>();
  /** Where code must be able to come back to: heads of loops and entries of callees. */
  readonly #heads = new Set<LocationId>();
  readonly #cuts: ReadonlySet<LocationId>;
  readonly #edgeNumber = new Map<number, number>();

  constructor(program: Program, options: CompileOptions) {
    this.program = program;
    this.options = options;
    this.layout = new Layout(program);
    const ranges = new Map() as Map<SymbolTerm, NonNullable<ReturnType<Layout['range']>>>;
    for (const s of this.layout.slots) {
      const range = this.layout.range(s);
      if (range) ranges.set(s, range);
    }
    this.#facts = new TermFacts(new RangeAnalysis(ranges as SymbolRanges));
    for (const procedure of program.procedures.values()) {
      for (const [at, edges] of outgoing(procedure)) {
        this.#out.set(at, edges);
        this.#procedureAt.set(at, procedure);
      }
      for (const edge of procedure.edges) {
        this.#waysIn.set(edge.to, (this.#waysIn.get(edge.to) ?? 0) + 1);
        this.#edgeNumber.set(edge.id, this.#edgeNumber.size);
      }
      for (const at of loopHeads(procedure)) this.#heads.add(at);
      if (procedure.name !== program.main) this.#heads.add(procedure.entry);
    }
    for (const check of program.checks) push(this.#checks, check.at, check);
    program.events.forEach((event: Event, i) => {
      push(this.#events, event.at, i);
    });
    options.targets.forEach((target, i) => {
      push(this.#targets, target.at, i);
    });
    this.#cuts = new Set(options.cycles || options.heads ? cutPoints(program) : []);
    const live = inputSymbols(program, options.targets);
    this.inputSlots = new Set(this.layout.mainSlots.filter((i) => live.has(this.layout.slots[i]!)));
  }

  get edgeCount(): number {
    return this.#edgeNumber.size;
  }

  /** Number of an edge among all, as in `State.covered`. */
  edgeNumber(edge: Edge): number {
    return this.#edgeNumber.get(edge.id)!;
  }

  /** Whether speculative code would differ from exact code: some integer is not known to fit in 53 bits. */
  get speculates(): boolean {
    return this.layout.slots.some((s) => s.sort.kind === 'int' && this.layout.representation(s, false) === 'bigint');
  }

  /** Throws CompileLimit when the code gets too long, and what `new Function` throws where it is forbidden. */
  compile(form: { readonly speculative: boolean; readonly plain: boolean }): Code {
    const writer = new CodeWriter(this, form.speculative, form.plain, {
      facts: this.#facts,
      out: this.#out,
      procedureAt: this.#procedureAt,
      checks: this.#checks,
      events: this.#events,
      targets: this.#targets,
      waysIn: this.#waysIn,
      heads: this.#heads,
      cuts: this.#cuts,
    });
    const { text, constants } = writer.write();
    const make = new Function('R', 'K', text) as (
      r: typeof runtime,
      k: readonly unknown[],
    ) => (s: State, i: Inputs) => number;
    const run = make(runtime, constants);
    return (state, inputs) => statuses[run(state, inputs)]!;
  }

  newState(): State {
    const n = this.layout.slots.length;
    return {
      numbers: new Float64Array(2 * n),
      others: new Array(2 * n).fill(undefined),
      frames: [],
      at: atStart,
      steps: 0,
      fuel: 0,
      depth: 0,
      runs: 0,
      hit: -1,
      why: '',
      reported: false,
      keptAt: -1,
      keptStep: 0,
      power: 1,
      lap: 1,
      covered: new Uint8Array(this.edgeCount),
    };
  }
}

/** The variables of main, and globals, whose value at the start matters: read before written, also by targets. */
export const inputSymbols = (program: Program, targets: readonly Target[]): ReadonlySet<SymbolTerm> =>
  liveInMain(program, targets).get(mainProcedure(program).entry) ?? new Set();

interface Tables {
  readonly facts: TermFacts;
  readonly out: ReadonlyMap<LocationId, readonly Edge[]>;
  readonly procedureAt: ReadonlyMap<LocationId, Procedure>;
  readonly checks: ReadonlyMap<LocationId, readonly Check[]>;
  readonly events: ReadonlyMap<LocationId, readonly number[]>;
  readonly targets: ReadonlyMap<LocationId, readonly number[]>;
  readonly waysIn: ReadonlyMap<LocationId, number>;
  readonly heads: ReadonlySet<LocationId>;
  readonly cuts: ReadonlySet<LocationId>;
}

class CodeWriter {
  readonly #compiler: Compiler;
  readonly #layout: Layout;
  readonly #options: CompileOptions;
  readonly #speculative: boolean;
  readonly #plain: boolean;
  readonly #tables: Tables;
  readonly #constants = new Constants();
  readonly #lines: string[] = [];
  readonly #labels = new Map<LocationId, number>();
  readonly #pending: LocationId[] = [];
  readonly #mainProcedure: Procedure;
  #length = 0;
  #fresh = 0;
  /** The label whose code is being written. */
  #current = 0;
  /** How many more locations with several ways in may be written where they are reached, instead of jumped to. */
  #copies = 0;
  /** Most steps from the present label to where code can pause again. */
  #longestPath = 0;
  /** Where the present label's test for pausing stands among the lines; -1 if it ends before. */
  #pauseLine = -1;

  constructor(compiler: Compiler, speculative: boolean, plain: boolean, tables: Tables) {
    this.#compiler = compiler;
    this.#layout = compiler.layout;
    this.#options = compiler.options;
    this.#speculative = speculative;
    this.#plain = plain;
    this.#tables = tables;
    this.#mainProcedure = mainProcedure(compiler.program);
  }

  write(): { text: string; constants: readonly unknown[] } {
    const { slots } = this.#layout;
    const n = slots.length;
    const { cycles } = this.#options;
    this.#copies = 2 * this.#tables.out.size + 20;
    if (this.#plain) for (const at of this.#tables.out.keys()) this.#label(at);
    this.#emit('case 0: L0: for (;;) {');
    this.#writeStart();
    this.#emit('}');
    for (let at = this.#pending.shift(); at !== undefined; at = this.#pending.shift()) {
      this.#longestPath = 1;
      const label = this.#labels.get(at)!;
      this.#current = label;
      this.#emit(`case ${label}: L${label}: for (;;) {`);
      this.#pauseLine = -1;
      this.#writeLocation(at, 0, 0);
      if (this.#pauseLine >= 0) {
        this.#lines[this.#pauseLine] =
          `if (fuel < ${this.#longestPath}) { loc = ${at}; status = ${code.paused}; break main; }`;
      }
      this.#emit('}');
    }
    const body = this.#lines.join('\n');
    const load: string[] = [];
    const save: string[] = [];
    for (const [i, s] of slots.entries()) {
      load.push(`let v${i} = ${this.#load(s, i)};`);
      save.push(this.#isNumber(s) ? `N[${i}] = v${i};` : `O[${i}] = v${i};`);
      if (cycles && i < this.#layout.mainSlots.length) {
        load.push(`let c${i} = ${this.#load(s, n + i)};`);
        save.push(this.#isNumber(s) ? `N[${n + i}] = c${i};` : `O[${n + i}] = c${i};`);
      }
    }
    const locations = [...this.#labels];
    const labelOf = this.#constants.add(new Map([[atStart, 0], ...locations]));
    const text = `"use strict";
const { ${runtimeNames.join(', ')} } = R;
const labelOf = ${labelOf};
return function (S, H) {
const N = S.numbers, O = S.others, F = S.frames, covered = S.covered;
let at = labelOf.get(S.at);
if (at === undefined) return ${code.elsewhere};
let loc = S.at, status = 0, fuel = S.fuel, steps = S.steps, from = fuel, depth = S.depth, runs = S.runs, mk = -1;
let reported = S.reported, hit = -1;
${cycles ? 'let kept = S.keptAt, keptStep = S.keptStep, power = S.power, lap = S.lap;' : ''}
${load.join('\n')}
try {
main: for (;;) {
switch (at) {
${body}
default: throw new Error('INVARIANT broken: no such label');
}
}
} catch (e) {
if (e instanceof TooLarge) status = ${code['too-large']};
else if (e instanceof EvaluationLimit) { status = ${code.limit}; S.why = e.message; }
else throw e;
if (mk >= 0) H.reset(mk);
}
S.at = loc; S.fuel = fuel; S.steps = steps + (from - fuel); S.depth = depth; S.runs = runs; S.reported = reported; S.hit = hit;
${cycles ? 'S.keptAt = kept; S.keptStep = keptStep; S.power = power; S.lap = lap;' : ''}
${save.join('\n')}
return status;
};`;
    if (text.length > longestText) throw new CompileLimit('the program is too long to compile');
    return { text, constants: this.#constants.values };
  }

  #emit(line: string): void {
    this.#length += line.length + 1;
    if (this.#length > longestText) throw new CompileLimit('the program is too long to compile');
    this.#lines.push(line);
  }

  #isNumber(symbol: SymbolTerm): boolean {
    return this.#layout.representation(symbol, this.#speculative) === 'number';
  }

  /** Loading says which numbers are 32-bit, so that the machine code keeps them in integer registers. */
  #load(symbol: SymbolTerm, index: number): string {
    switch (this.#layout.representation(symbol, this.#speculative)) {
      case 'number': {
        const range = this.#layout.range(symbol) ?? {};
        return isInt32(range) ? `N[${index}] | 0` : isUint32(range) ? `N[${index}] >>> 0` : `N[${index}]`;
      }
      case 'bigint':
        return `O[${index}] ?? 0n`;
      case 'boolean':
        return `O[${index}] ?? false`;
      case 'value':
        return `O[${index}]`;
    }
  }

  /** The label of a location; label 0 is the start of a run. */
  #label(at: LocationId): number {
    let label = this.#labels.get(at);
    if (label === undefined) {
      label = this.#labels.size + 1;
      this.#labels.set(at, label);
      this.#pending.push(at);
    }
    return label;
  }

  /** A jump to the label whose code this is stays in its loop; the machine code then knows the variables' types. */
  #jump(label: number): string {
    return label === this.#current ? `continue L${label};` : `at = ${label}; continue main;`;
  }

  #temporary = (): string => `t${this.#fresh++}`;

  #terms(): TermWriter {
    return new TermWriter(this.#tables.facts, this.#constants, this.#speculative, this.#temporary);
  }

  #flush(writer: TermWriter): void {
    for (const s of writer.statements) this.#emit(s);
    writer.statements.length = 0;
  }

  /** A condition over the variables as they are, written out. */
  #condition(term: Term, names: Names): string {
    const writer = this.#terms();
    const piece = writer.write(term, names);
    this.#flush(writer);
    return piece.js;
  }

  readonly #plainNames: Names = (symbol) => {
    const slot = this.#layout.slot(symbol);
    if (slot === undefined) throw new CompileLimit(`${symbol.name} is not a variable of the program`);
    return { js: `v${slot}`, representation: this.#layout.representation(symbol, this.#speculative) };
  };

  /** A Value as a literal or constant in a representation; undefined if the number form cannot hold it. */
  #constant(value: Value, representation: Representation): string {
    switch (representation) {
      case 'number':
        if (typeof value === 'bigint' && !fits({ low: value, high: value }, -(2n ** 53n) + 1n, 2n ** 53n - 1n)) {
          return `narrow(${value}n)`;
        }
        return String(value);
      case 'bigint':
        return `${value}n`;
      case 'boolean':
        return String(value);
      case 'value':
        return this.#constants.add(value);
    }
  }

  #default(symbol: SymbolTerm): string {
    return this.#constant(
      defaultInRange(this.#layout.program, symbol),
      this.#layout.representation(symbol, this.#speculative),
    );
  }

  /** An input for a slot, in the slot's representation. */
  #input(slot: number): string {
    const symbol = this.#layout.slots[slot]!;
    const next = `H.next(${slot})`;
    switch (this.#layout.representation(symbol, this.#speculative)) {
      case 'number':
        return this.#layout.representation(symbol, false) === 'number' ? next : `narrow(${next})`;
      case 'bigint':
        return `BigInt(${next})`;
      default:
        return next;
    }
  }

  #writeStart(): void {
    this.#emit(`loc = ${atStart};`);
    this.#longestPath = 1;
    this.#current = 0;
    const pause = this.#lines.length;
    this.#emit('');
    this.#emit('mk = H.mark();');
    const sets: string[] = [];
    for (const slot of this.#layout.mainSlots) {
      const symbol = this.#layout.slots[slot]!;
      const name = this.#temporary();
      this.#emit(`const ${name} = ${this.#compiler.inputSlots.has(slot) ? this.#input(slot) : this.#default(symbol)};`);
      sets.push(`v${slot} = ${name};`);
    }
    this.#emit(sets.join(' '));
    this.#emit('mk = -1; if (depth > 0) { F.length = 0; depth = 0; } steps = 0; from = fuel; reported = false;');
    if (this.#options.cycles) this.#emit('kept = -1; power = 1; lap = 1;');
    this.#arrive(this.#mainProcedure.entry, 0, 0);
    this.#lines[pause] = `if (fuel < ${this.#longestPath}) { status = ${code.paused}; break main; }`;
  }

  #exit(status: Status, at: LocationId, more = ''): string {
    const ends = status === 'ended' || status === 'blocked' || status === 'check-failed';
    if (ends && this.#options.sweep) {
      const done = `{ loc = ${at}; status = ${code.swept}; break main; }`;
      return `{ runs++; fuel--; if (!H.advance(steps + (from - fuel) - 1, ${code[status]})) ${done} ${this.#jump(0)} }`;
    }
    return `{ ${more}loc = ${at}; status = ${code[status]}; break main; }`;
  }

  /** What happens at a location, then its edges. `depth` counts inlined locations, `path` steps since the label. */
  #writeLocation(at: LocationId, depth: number, path: number): void {
    const { checks, events, targets, out } = this.#tables;
    const procedure = this.#tables.procedureAt.get(at)!;
    const outgoingEdges = out.get(at)!;
    if (path + 1 > this.#longestPath) this.#longestPath = path + 1;
    if (this.#speculative) this.#emit(`loc = ${at};`);
    for (const i of targets.get(at) ?? []) {
      const target = this.#options.targets[i]!;
      const holds = this.#condition(target.property, this.#plainNames);
      this.#emit(`if (${this.#options.wanted ? '' : '!'}(${holds})) ${this.#exit('met', at, `hit = ${i}; `)}`);
    }
    if (this.#tables.cuts.has(at) && at !== this.#mainProcedure.entry) this.#writeCut(at);
    for (const check of checks.get(at) ?? []) {
      const holds = this.#condition(check.property, this.#plainNames);
      this.#emit(`if (!(${holds})) ${this.#exit('check-failed', at, `hit = ${check.id}; `)}`);
    }
    if (this.#options.events && events.has(at)) {
      this.#emit('if (!reported) {');
      const calls: string[] = [];
      for (const i of events.get(at)!) {
        const writer = this.#terms();
        const args = this.#layout.program.events[i]!.args.map((a) => this.#asValue(writer.write(a, this.#plainNames)));
        this.#flush(writer);
        const names = args.map((js) => {
          const name = this.#temporary();
          this.#emit(`const ${name} = ${js};`);
          return name;
        });
        calls.push(`H.event(${i}, [${names.join(', ')}]);`);
      }
      this.#emit(calls.join(' '));
      this.#emit('reported = true; }');
    }
    if (at === procedure.exit && procedure !== this.#mainProcedure) {
      this.#writeReturn(procedure);
      return;
    }
    if (at === procedure.exit && this.#layout.sites.some((s) => s.callee === procedure)) {
      this.#emit('if (depth > 0) {');
      this.#writeReturn(procedure);
      this.#emit('}');
    }
    if (outgoingEdges.length === 0) {
      this.#emit(this.#exit('ended', at));
      return;
    }
    if (depth === 0) {
      this.#pauseLine = this.#lines.length;
      this.#emit('');
    }
    this.#writeEdges(at, outgoingEdges, depth, path);
  }

  #asValue(piece: Piece): string {
    return piece.representation === 'number' ? convert(piece, 'bigint', false) : piece.js;
  }

  #writeCut(at: LocationId): void {
    const { mainSlots, slots } = this.#layout;
    if (this.#options.heads) {
      const values = mainSlots.map((i) => `v${i}`).join(', ');
      this.#emit('if (depth === 0) {');
      const known = this.#temporary();
      this.#emit(`const ${known} = H.head(${at}, steps + (from - fuel), [${values}]);`);
      this.#emit(`if (${known} === 1) ${this.#exit('ended', at)}`);
      this.#emit(`if (${known} === 2) { loc = ${at}; status = ${code.repeated}; break main; }`);
      this.#emit('}');
    }
    if (this.#options.cycles) {
      const same = mainSlots.map((i) =>
        this.#layout.representation(slots[i]!, this.#speculative) === 'value'
          ? `sameValue(v${i}, c${i})`
          : `v${i} === c${i}`,
      );
      same.sort((a, b) => Number(a.startsWith('same')) - Number(b.startsWith('same')));
      const keep = mainSlots.map((i) => `c${i} = v${i};`).join(' ');
      const now = 'steps + (from - fuel)';
      this.#emit('if (depth === 0) {');
      this.#emit(
        `if (kept === ${at} && keptStep < ${now}${same.map((s) => ` && ${s}`).join('')}) { loc = ${at}; status = ${code.repeated}; break main; }`,
      );
      this.#emit(`if (--lap <= 0) { kept = ${at}; keptStep = ${now}; power *= 2; lap = power; ${keep} }`);
      this.#emit('}');
    }
  }

  #writeEdges(at: LocationId, edges: readonly Edge[], depth: number, path: number): void {
    if (this.#options.ask && edges.length > 1 && !exclusive(edges)) {
      if (edges.length > mostChoices) throw new CompileLimit('too many edges to choose from at one location');
      this.#writeChoice(at, edges, depth, path);
      return;
    }
    let previous: Edge | undefined;
    let open = true;
    for (const edge of edges) {
      const skipGuard = previous !== undefined && complementary(previous, edge);
      open = this.#writeEdge(edge, depth, path, skipGuard);
      if (!open) break;
      previous = edge;
    }
    if (open) this.#emit(this.#exit('blocked', at));
  }

  #writeChoice(at: LocationId, edges: readonly Edge[], depth: number, path: number): void {
    const mask = this.#temporary();
    this.#emit(`let ${mask} = 0;`);
    for (const [i, edge] of edges.entries()) {
      if (edge.steps.some((s) => s.kind === 'havoc' || s.kind === 'call')) {
        this.#emit(`${mask} |= ${1 << i};`);
        continue;
      }
      const block = this.#temporary();
      this.#emit(`${block}: {`);
      this.#writeSteps(edge, 0, new Map(), { blocked: `break ${block};`, dry: true });
      this.#emit(`${mask} |= ${1 << i};`);
      this.#emit('}');
    }
    this.#emit(
      `if (${mask} !== 0) { if ((${mask} & (${mask} - 1)) !== 0) { mk = H.mark(); ${mask} = 1 << H.edge(${at}, ${mask}); } }`,
    );
    for (const [i, edge] of edges.entries()) {
      this.#emit(`if (${mask} === ${1 << i}) {`);
      if (this.#writeEdge(edge, depth, path, false)) this.#emit(this.#exit('blocked', at));
      this.#emit('}');
    }
    this.#emit(this.#exit('blocked', at));
  }

  /** Writes one edge; false if what follows it cannot be reached (it cannot be blocked). */
  #writeEdge(edge: Edge, depth: number, path: number, skipGuard: boolean): boolean {
    const block = this.#temporary();
    const havocs = edge.steps.some((s) => s.kind === 'havoc');
    this.#emit(`${block}: {`);
    const mark = this.#temporary();
    if (havocs) this.#emit(`const ${mark} = H.mark(); if (mk < 0) mk = ${mark};`);
    const blocked = havocs ? `{ H.reset(${mark}); break ${block}; }` : `break ${block};`;
    const result = this.#writeSteps(edge, skipGuard ? 1 : 0, new Map(), { blocked, dry: false });
    if (result.kind === 'done') this.#writeArrival(edge, depth, path);
    this.#emit('}');
    return result.blocks;
  }

  #writeArrival(edge: Edge, depth: number, path: number): void {
    this.#emit('fuel--;');
    this.#arrive(edge.to, depth + 1, path + 1);
  }

  /** Goes to a location: its code stands here, or control jumps there. */
  #arrive(at: LocationId, depth: number, path: number): void {
    const { waysIn, heads } = this.#tables;
    if (!this.#plain && depth <= deepestInline && !heads.has(at) && this.#length < longestText / 4) {
      const copy = (waysIn.get(at) ?? 0) > 1;
      if (!copy || this.#copies-- > 0) {
        this.#writeLocation(at, Math.max(1, depth), path);
        return;
      }
    }
    this.#emit(this.#jump(this.#label(at)));
  }

  /**
   * Carries out the steps of an edge from one on, into constants; then sets the variables. A call pushes a frame and goes
   * to the callee's entry. `dry` only tests whether the edge can be taken.
   */
  #writeSteps(
    edge: Edge,
    first: number,
    changed: Map<SymbolTerm, Piece>,
    how: { readonly blocked: string; readonly dry: boolean; readonly beforeCommit?: string },
  ): { kind: 'done' | 'called'; blocks: boolean } {
    let blocks = false;
    const names: Names = (s) => changed.get(s) ?? this.#plainNames(s);
    for (let i = first; i < edge.steps.length; i++) {
      const step = edge.steps[i]!;
      switch (step.kind) {
        case 'assume': {
          const condition = this.#condition(step.condition, names);
          if (condition === 'true') break;
          blocks = true;
          this.#emit(`if (!(${condition})) ${how.blocked}`);
          break;
        }
        case 'assign':
          changed.set(step.target, this.#assigned(step.target, step.value, names));
          break;
        case 'havoc': {
          const slot = this.#layout.slot(step.target)!;
          const name = this.#temporary();
          this.#emit(`const ${name} = ${this.#input(slot)};`);
          changed.set(step.target, { ...this.#plainNames(step.target), js: name });
          break;
        }
        case 'call':
          if (how.dry) return { kind: 'called', blocks };
          this.#writeCall(edge, i, changed, names, how.beforeCommit ?? '');
          return { kind: 'called', blocks };
      }
    }
    if (!how.dry) this.#commit(edge, changed, how.beforeCommit ?? '');
    return { kind: 'done', blocks };
  }

  #commit(edge: Edge, changed: ReadonlyMap<SymbolTerm, Piece>, before: string): void {
    const sets = [...changed].map(([s, piece]) => `v${this.#layout.slot(s)!} = ${piece.js};`);
    const number = this.#compiler.edgeNumber(edge);
    const coverage = this.#options.coverage
      ? `if (covered[${number}] === 0) { covered[${number}] = 1; H.novel(${number}); }`
      : '';
    const events = this.#options.events ? 'reported = false;' : '';
    this.#emit(`${before} ${sets.join(' ')} mk = -1; ${events} ${coverage}`);
  }

  /** A value computed for a variable: in its representation, checked against its range, as a constant. */
  #assigned(target: SymbolTerm, value: Term, names: Names): Piece {
    const writer = this.#terms();
    const piece = writer.write(value, names);
    this.#flush(writer);
    return this.#ranged(target, piece, this.#tables.facts.interval(value));
  }

  #ranged(target: SymbolTerm, piece: Piece, interval: { low?: bigint | undefined; high?: bigint | undefined }): Piece {
    const representation = this.#layout.representation(target, this.#speculative);
    let js = piece.js;
    const range = this.#layout.range(target);
    const tests: string[] = [];
    if (range && target.sort.kind === 'int') {
      const literal = (v: bigint): string => (piece.representation === 'number' ? String(v) : `${v}n`);
      if (range.low !== undefined && (interval.low === undefined || interval.low < range.low)) {
        tests.push(`X < ${literal(range.low)}`);
      }
      if (range.high !== undefined && (interval.high === undefined || interval.high > range.high)) {
        tests.push(`X > ${literal(range.high)}`);
      }
    }
    if (tests.length > 0) {
      const name = this.#temporary();
      this.#emit(`const ${name} = ${js};`);
      const nameOf = this.#constants.add(target.name);
      this.#emit(`if (${tests.map((t) => t.replace('X', name)).join(' || ')}) outside(${nameOf}, ${name});`);
      js = name;
    }
    const made = this.#temporary();
    this.#emit(
      `const ${made} = ${convert({ js, representation: piece.representation }, representation, this.#speculative)};`,
    );
    return { js: made, representation };
  }

  #site(edge: Edge, step: number): CallSite {
    return this.#layout.sites.find((s) => s.edge === edge && s.step === step)!;
  }

  #writeCall(edge: Edge, index: number, changed: Map<SymbolTerm, Piece>, names: Names, before: string): void {
    const step = edge.steps[index]!;
    if (step.kind !== 'call') return;
    const site = this.#site(edge, index);
    const { callee } = site;
    this.#emit(`if (depth >= ${this.#options.depthLimit}) { loc = ${edge.from}; status = ${code.deep}; break main; }`);
    const args = callee.params.map((p, k) => this.#assigned(p, step.args[k]!, names));
    const owned = ownVariables(callee);
    this.#commit(edge, changed, before);
    this.#emit(`F.push(${owned.map((s) => `v${this.#layout.slot(s)!}, `).join('')}${site.id}); depth++;`);
    const parameters = new Map(callee.params.map((p, k) => [p, args[k]!]));
    for (const s of owned) {
      this.#emit(`v${this.#layout.slot(s)!} = ${parameters.get(s)?.js ?? this.#default(s)};`);
    }
    // A second call on the same edge belongs to the step already counted.
    if (before === '') this.#emit('fuel--;');
    this.#emit(this.#jump(this.#label(callee.entry)));
  }

  /** At a procedure's exit with a frame to return to: the rest of the caller's edge. */
  #writeReturn(procedure: Procedure): void {
    const sites = this.#layout.sites.filter((s) => s.callee === procedure);
    this.#emit('switch (F[F.length - 1]) {');
    for (const site of sites) {
      this.#emit(`case ${site.id}: {`);
      const owned = ownVariables(procedure);
      const changed = new Map<SymbolTerm, Piece>();
      const results = procedure.results.map((r) => this.#plainNames(r));
      for (const [k, s] of owned.entries()) {
        const name = this.#temporary();
        this.#emit(`const ${name} = F[F.length - ${owned.length + 1 - k}];`);
        changed.set(s, { ...this.#plainNames(s), js: name });
      }
      const call = site.edge.steps[site.step]!;
      if (call.kind === 'call') {
        for (const [k, r] of call.results.entries()) {
          const result = results[k];
          if (!result) continue;
          const interval = this.#layout.range(procedure.results[k]!) ?? {};
          // Read before the variables are set, since a result may be a variable of the callee itself.
          changed.set(r, this.#ranged(r, result, interval));
        }
      }
      const pop = `F.length -= ${owned.length + 1}; depth--;`;
      const error = `throw new Error('edge ${site.edge.id} assumes something after a call: lower it on an edge of its own');`;
      const havocs = site.edge.steps.slice(site.step + 1).some((s) => s.kind === 'havoc');
      if (havocs) this.#emit('mk = H.mark();');
      const rest = this.#writeSteps(site.edge, site.step + 1, changed, {
        blocked: error,
        dry: false,
        beforeCommit: pop,
      });
      if (rest.kind === 'done') this.#emit(this.#jump(this.#label(site.edge.to)));
      this.#emit('}');
    }
    this.#emit(`default: throw new Error('INVARIANT broken: no such call');`);
    this.#emit('}');
  }
}

/** Targets of back edges of a depth-first search from a procedure's entry: they cut every cycle that can be reached. */
function loopHeads(procedure: Procedure): ReadonlySet<LocationId> {
  const out = outgoing(procedure);
  const heads = new Set<LocationId>();
  const done = new Set<LocationId>();
  const active = new Set<LocationId>([procedure.entry]);
  const stack: { at: LocationId; next: number }[] = [{ at: procedure.entry, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const edge = out.get(top.at)![top.next++];
    if (!edge) {
      active.delete(top.at);
      done.add(top.at);
      stack.pop();
    } else if (active.has(edge.to)) heads.add(edge.to);
    else if (!done.has(edge.to)) {
      active.add(edge.to);
      stack.push({ at: edge.to, next: 0 });
    }
  }
  return heads;
}

/** Whether at most one of the edges can be taken in any state, by the look of their guards. */
export function exclusive(edges: readonly Edge[]): boolean {
  const guards = edges.map(leadingGuards);
  for (let i = 0; i < edges.length; i++) {
    for (let j = i + 1; j < edges.length; j++) {
      if (!guards[i]!.some((g) => guards[j]!.some((h) => opposed(g, h)))) return false;
    }
  }
  return true;
}

/** The conjuncts of the assumes before anything else on an edge. */
function leadingGuards(edge: Edge): Term[] {
  const result: Term[] = [];
  for (const step of edge.steps) {
    if (step.kind !== 'assume') break;
    const work = [step.condition];
    for (let t = work.pop(); t; t = work.pop()) {
      if (t.kind === 'apply' && t.op === 'and') work.push(...t.args);
      else result.push(t);
    }
  }
  return result;
}

const negations: Partial<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
const mirrored: Partial<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Whether two formulas cannot both hold: one is the other's negation, or the same term equals two values. */
function opposed(a: Term, b: Term): boolean {
  if (a.kind === 'apply' && a.op === 'not' && a.args[0] === b) return true;
  if (b.kind === 'apply' && b.op === 'not' && b.args[0] === a) return true;
  if (a.kind !== 'apply' || b.kind !== 'apply' || a.args.length !== 2 || b.args.length !== 2) return false;
  if (a.op === '=' && b.op === '=') {
    for (const [x, y] of [a.args, [a.args[1]!, a.args[0]!]] as const) {
      for (const [u, v] of [b.args, [b.args[1]!, b.args[0]!]] as const) {
        if (x === u && y !== v && y!.kind === 'value' && v!.kind === 'value') return true;
      }
    }
    return false;
  }
  const opposite = negations[a.op];
  if (!opposite) return false;
  const same = a.args[0] === b.args[0] && a.args[1] === b.args[1];
  const swapped = a.args[0] === b.args[1] && a.args[1] === b.args[0];
  return (same && b.op === opposite) || (swapped && b.op === mirrored[opposite]);
}

/** Whether an edge that follows a blocked one can always be taken as far as its first assume. */
function complementary(first: Edge, second: Edge): boolean {
  const a = first.steps[0];
  const b = second.steps[0];
  if (a?.kind !== 'assume' || b?.kind !== 'assume') return false;
  if (first.steps.slice(1).some((s) => s.kind === 'assume')) return false;
  const isNegation = (x: Term, y: Term): boolean => x.kind === 'apply' && x.op === 'not' && x.args[0] === y;
  if (isNegation(a.condition, b.condition) || isNegation(b.condition, a.condition)) return true;
  const [x, y] = [a.condition, b.condition];
  if (x.kind !== 'apply' || y.kind !== 'apply' || x.args.length !== 2 || y.args.length !== 2) return false;
  return negations[x.op] === y.op && x.args[0] === y.args[0] && x.args[1] === y.args[1];
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
