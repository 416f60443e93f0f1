import { liveInMain } from '../../program/liveness.ts';
import { cutPoints, loopHeads } from '../../program/path.ts';
import {
  type Check,
  type Edge,
  type LocationId,
  mainProcedure,
  outgoing,
  type Procedure,
  type Program,
} from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { Interval } from '../../terms/interval.ts';
import { RangeAnalysis } from '../../terms/range.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { Layout } from './layout.ts';
import type { CompileOptions } from './protocol.ts';
import { TermFacts } from './term-facts.ts';

/** What is known of a program before code is written: by location, by edge, by variable. */
export class ProgramTables {
  readonly options: CompileOptions;
  readonly layout: Layout;
  readonly facts: TermFacts;
  readonly out = new Map<LocationId, readonly Edge[]>();
  readonly procedureAt = new Map<LocationId, Procedure>();
  readonly checks = new Map<LocationId, Check[]>();
  /** Positions of events and targets in their lists. */
  readonly events = new Map<LocationId, number[]>();
  readonly targets = new Map<LocationId, number[]>();
  readonly waysIn = new Map<LocationId, number>();
  /** Where code must be able to come back to: heads of loops and entries of callees. */
  readonly heads = new Set<LocationId>();
  /** Where states are looked at: the cut points of main, if the options want that. */
  readonly cuts: ReadonlySet<LocationId>;
  /** A number for each edge, from 0, by its id. */
  readonly edgeNumber = new Map<number, number>();
  /** Slots of main that are read before they are written: the inputs at the start. */
  readonly inputSlots: ReadonlySet<number>;

  constructor(program: Program, options: CompileOptions) {
    this.options = options;
    this.layout = new Layout(program);
    const ranges = new Map<SymbolTerm, Interval>();
    for (const s of this.layout.slots) {
      const range = this.layout.range(s);
      if (range) ranges.set(s, range);
    }
    this.facts = new TermFacts(new RangeAnalysis(ranges));
    for (const procedure of program.procedures.values()) {
      for (const [at, edges] of outgoing(procedure)) {
        this.out.set(at, edges);
        this.procedureAt.set(at, procedure);
      }
      for (const edge of procedure.edges) {
        this.waysIn.set(edge.to, (this.waysIn.get(edge.to) ?? 0) + 1);
        this.edgeNumber.set(edge.id, this.edgeNumber.size);
      }
      for (const at of loopHeads(procedure)) this.heads.add(at);
      if (procedure.name !== program.main) this.heads.add(procedure.entry);
    }
    for (const check of program.checks) push(this.checks, check.at, check);
    for (const [i, event] of program.events.entries()) push(this.events, event.at, i);
    for (const [i, target] of options.targets.entries()) push(this.targets, target.at, i);
    this.cuts = new Set(options.cycles || options.heads ? cutPoints(program) : []);
    const live = inputSymbols(program, options.targets);
    this.inputSlots = new Set(this.layout.mainSlots.filter((i) => live.has(this.layout.slots[i]!)));
  }
}

/** The variables of main, and globals, whose value at the start matters: read before written, also by targets. */
export const inputSymbols = (program: Program, targets: readonly Target[]): ReadonlySet<SymbolTerm> =>
  liveInMain(program, targets).get(mainProcedure(program).entry) ?? new Set();

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
