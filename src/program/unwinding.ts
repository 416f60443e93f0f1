import type { TermFactory } from '../terms/factory.ts';
import { Folder } from '../terms/fold.ts';
import * as I from '../terms/interval.ts';
import { RangeAnalysis } from '../terms/range.ts';
import { intSort } from '../terms/sort.ts';
import { isFalse, isTrue, type SymbolTerm, type Term } from '../terms/term.ts';
import { checkedAt } from './path.ts';
import {
  type Edge,
  type LocationId,
  mainProcedure,
  outgoing,
  type Program,
  rangeConstraint,
  stateVariables,
} from './program.ts';
import type { Target } from './question.ts';
import { weakTopologicalOrder } from './weak-topological-order.ts';

/**
 * Unwinds a flat program into an acyclic one and carries it out symbolically, merging where paths meet (bounded model
 * checking as in CBMC, [ClarkeKL-TACAS'04]). Each loop is gone through at most `bound` times per entry, where turns in which
 * no run can leave the loop do not count, up to `freeTurns` of them; runs that would go on are collected in `cutOff`. Inputs are the symbols `x?0`, `y?1`, … in order of creation; the state at the start
 * is the plain symbols.
 *
 * Trusted: obligations are made from this file. Terms are folded on the fly (terms/fold.ts) within the ranges of
 * inputs and start, so that conditions which these decide are pruned, and idle wraps disappear.
 *
 * Gives up ('too-large') beyond `nodeLimit` visits of locations.
 */
export interface Unwinding {
  readonly nodes: readonly UnwoundNode[];
  /** Each time a target can be met: the formula says by which starts and inputs, and that the property is not `wanted`. */
  readonly met: readonly { readonly node: number; readonly target: Target; readonly condition: Term }[];
  /** One formula for each loop head where the bound was reached and a further turn is not excluded. */
  readonly cutOff: readonly Term[];
  /** Ranges of the inputs and of the state at the start, by symbol: hypotheses of every obligation. */
  readonly ranges: ReadonlyMap<SymbolTerm, Term>;
}

export interface UnwoundNode {
  readonly at: LocationId;
  /** When this node is reached. */
  readonly guard: Term;
  readonly arcs: UnwoundArc[];
}

export interface UnwoundArc {
  readonly edge: Edge;
  /** A node, or undefined where the bound or a constant condition ends the unwinding. */
  readonly to: number | undefined;
  /** When the edge can be taken from this node (the guard of the node not repeated). */
  readonly condition: Term;
  readonly inputs: readonly SymbolTerm[];
}

interface Arrival {
  readonly from: number;
  readonly arc: number;
  readonly guard: Term;
  readonly local: Term;
  readonly values: ReadonlyMap<SymbolTerm, Term>;
}

interface Move {
  readonly edge: Edge;
  readonly local: Term;
  /** Conditions on the state before the edge, of which none speaks of the edge's own inputs. */
  readonly stateConditions: readonly Term[];
  readonly values: ReadonlyMap<SymbolTerm, Term>;
  readonly inputs: readonly SymbolTerm[];
}

export interface UnwindingOptions {
  readonly bound: number;
  readonly freeTurns: number;
  readonly nodeLimit: number;
  /** A target is met when its property has this value. */
  readonly wanted: boolean;
}

export function unwind(
  program: Program,
  targets: readonly Target[],
  options: UnwindingOptions,
): Unwinding | 'too-large' {
  const work = unwindInSteps(program, targets, options);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/** The same, in pieces of work. */
export function unwindInSteps(
  program: Program,
  targets: readonly Target[],
  options: UnwindingOptions,
): Generator<void, Unwinding | 'too-large'> {
  return new Unwinder(program, targets, options).run();
}

/** Locations visited in one piece of work. */
const visitsInOnePiece = 500;

class Unwinder {
  readonly #program: Program;
  readonly #t: TermFactory;
  readonly #options: UnwindingOptions;
  readonly #targetsAt = new Map<LocationId, Target[]>();
  readonly #out: ReadonlyMap<LocationId, readonly Edge[]>;
  readonly #order;
  readonly #nodes: UnwoundNode[] = [];
  readonly #met: { node: number; target: Target; condition: Term }[] = [];
  readonly #cutOff: Term[] = [];
  readonly #ranges = new Map<SymbolTerm, Term>();
  readonly #pending = new Map<LocationId, Arrival[]>();
  /** How many times the head of a loop was entered from inside since control came to it from outside. */
  readonly #turns = new Map<LocationId, { counted: number; free: number }>();
  /** Heads of loops that some run may have left since the head was last visited. */
  readonly #left = new Set<LocationId>();
  readonly #symbolRanges = new Map<SymbolTerm, I.Interval>();
  readonly #folder: Folder;
  readonly #checked: ReadonlyMap<LocationId, readonly Term[]>;
  #inputs = 0;

  constructor(program: Program, targets: readonly Target[], options: UnwindingOptions) {
    this.#program = program;
    this.#t = program.terms;
    this.#checked = checkedAt(program);
    this.#folder = new Folder(program.terms, new RangeAnalysis(this.#symbolRanges));
    this.#options = options;
    for (const target of targets) this.#targetsAt.set(target.at, [...(this.#targetsAt.get(target.at) ?? []), target]);
    this.#out = outgoing(mainProcedure(program));
    this.#order = weakTopologicalOrder(program);
  }

  *run(): Generator<void, Unwinding | 'too-large'> {
    const { position } = this.#order;
    const entry = mainProcedure(this.#program).entry;
    for (const s of stateVariables(this.#program)) {
      this.#declare(s, s);
    }
    // A binary heap of positions would do; the number of pending locations is small, so a sorted list does too.
    const queue: number[] = [];
    const enqueue = (location: LocationId, arrival: Arrival | undefined): void => {
      const list = this.#pending.get(location);
      if (list) {
        if (arrival) list.push(arrival);
        return;
      }
      this.#pending.set(location, arrival ? [arrival] : []);
      const p = position.get(location)!;
      let i = queue.length;
      while (i > 0 && queue[i - 1]! < p) i--;
      queue.splice(i, 0, p);
    };
    enqueue(entry, undefined);
    while (queue.length > 0) {
      if (this.#nodes.length >= this.#options.nodeLimit) return 'too-large';
      if (this.#nodes.length % visitsInOnePiece === visitsInOnePiece - 1) yield;
      const at = this.#next(queue);
      const arrivals = this.#pending.get(at)!;
      this.#pending.delete(at);
      this.#visit(at, arrivals, enqueue);
    }
    return { nodes: this.#nodes, met: this.#met, cutOff: this.#cutOff, ranges: this.#ranges };
  }

  /** The first pending location; but before a further turn of a loop, all that is pending inside it. */
  #next(queue: number[]): LocationId {
    const { order, heads, loops } = this.#order;
    let i = queue.length - 1;
    for (; i > 0; i--) {
      const at = order[queue[i]!]!;
      if (!heads.has(at) || !loops.get(order[queue[i - 1]!]!)!.includes(at)) break;
      if (!this.#goesOn(at, this.#pending.get(at)!)) break;
    }
    return order[queue.splice(i, 1)[0]!]!;
  }

  /** Whether control comes to the head of a loop from inside it. */
  #goesOn(head: LocationId, arrivals: readonly Arrival[]): boolean {
    return arrivals.some((a) => this.#order.loops.get(this.#nodes[a.from]!.at)!.includes(head));
  }

  /** Notes a symbol of the unwound program, with the range of the variable it stands for. */
  #declare(symbol: SymbolTerm, variable: SymbolTerm): void {
    const range = rangeConstraint(this.#program, variable, symbol);
    if (!range) return;
    this.#ranges.set(symbol, range);
    this.#symbolRanges.set(symbol, this.#program.variables.get(variable)!.range!);
  }

  #visit(at: LocationId, arrivals: readonly Arrival[], enqueue: (l: LocationId, a: Arrival) => void): void {
    const { guard, values } = this.#merge(arrivals);
    if (this.#order.heads.has(at) && this.#ends(at, arrivals, guard)) return;
    const index = this.#nodes.length;
    const node: UnwoundNode = { at, guard, arcs: [] };
    this.#nodes.push(node);
    for (const a of arrivals) {
      const arcs = this.#nodes[a.from]!.arcs;
      arcs[a.arc] = { ...arcs[a.arc]!, to: index };
    }
    for (const target of this.#targetsAt.get(at) ?? []) {
      const property = this.#now(target.property, values);
      const failing = this.#simplify(this.#options.wanted ? property : this.#t.not(property));
      const condition = this.#simplify(this.#t.and(guard, failing));
      if (!isFalse(condition)) this.#met.push({ node: index, target, condition });
    }
    // A run ends at its first failing check: what is checked here holds when the location is left.
    const checked = (this.#checked.get(at) ?? []).map((property) => this.#now(property, values));
    const leaving = checked.length > 0 ? this.#simplify(this.#t.all([guard, ...checked])) : guard;
    if (isFalse(leaving)) return;
    const moves = this.#out
      .get(at)!
      .map((edge) => this.#carryOut(edge, values))
      .filter((m) => m !== undefined);
    const selector = this.#exclusive(moves) ? undefined : this.#choice(moves.length);
    for (const [i, move] of moves.entries()) {
      const local = selector ? this.#t.and(move.local, this.#t.equal(selector, this.#t.int(i))) : move.local;
      this.#take(index, node, leaving, { ...move, local: this.#simplify(local) }, enqueue);
    }
  }

  /** Whether at most one of the moves is possible in any state: each pair's conditions are seen to contradict. */
  #exclusive(moves: readonly Move[]): boolean {
    for (let i = 0; i < moves.length; i++) {
      for (let j = i + 1; j < moves.length; j++) {
        if (!this.#contradict(moves[i]!, moves[j]!)) return false;
      }
    }
    return true;
  }

  #contradict(a: Move, b: Move): boolean {
    // Conditions on inputs of the edge itself do not exclude the other edge: only those over the state count.
    const t = this.#t;
    for (const c of a.stateConditions) {
      for (const d of b.stateConditions) {
        if (
          (d.kind === 'apply' && d.op === 'not' && d.args[0] === c) ||
          (c.kind === 'apply' && c.op === 'not' && c.args[0] === d)
        ) {
          return true;
        }
        if (isFalse(this.#simplify(t.and(c, d)))) return true;
      }
    }
    return false;
  }

  /** An input that chooses among several edges which may be possible in the same state. */
  #choice(count: number): SymbolTerm {
    const symbol = this.#t.symbol(`choice.${count}?${this.#inputs++}`, intSort);
    this.#symbolRanges.set(symbol, I.between(0n, BigInt(count - 1)));
    this.#ranges.set(
      symbol,
      this.#t.and(this.#t.lessEqual(this.#t.int(0), symbol), this.#t.less(symbol, this.#t.int(count))),
    );
    return symbol;
  }

  /** The edge from a state; undefined when it is blocked in every state. */
  #carryOut(edge: Edge, before: ReadonlyMap<SymbolTerm, Term>): Move | undefined {
    let values: Map<SymbolTerm, Term> | undefined;
    const conditions: Term[] = [];
    const stateConditions: Term[] = [];
    const inputs: SymbolTerm[] = [];
    for (const step of edge.steps) {
      const current = values ?? before;
      if (step.kind === 'assume') {
        const condition = this.#now(step.condition, current);
        if (isFalse(condition)) return undefined;
        if (isTrue(condition)) continue;
        conditions.push(condition);
        if (inputs.length === 0) stateConditions.push(condition);
        continue;
      }
      values ??= new Map(before);
      if (step.kind === 'assign') values.set(step.target, this.#now(step.value, current));
      else if (step.kind === 'havoc') {
        const symbol = this.#t.symbol(`${step.target.name}?${this.#inputs++}`, step.target.sort);
        this.#declare(symbol, step.target);
        values.set(step.target, symbol);
        inputs.push(symbol);
      } else throw new Error('unwinding needs a flat program');
    }
    return { edge, local: this.#t.all(conditions), stateConditions, values: values ?? before, inputs };
  }

  #take(index: number, node: UnwoundNode, guard: Term, move: Move, enqueue: (l: LocationId, a: Arrival) => void): void {
    const { edge, local, values, inputs } = move;
    const reached = this.#simplify(this.#t.and(guard, local));
    if (isFalse(reached)) return;
    const { loops } = this.#order;
    const around = loops.get(edge.to)!;
    for (const head of loops.get(edge.from)!) if (!around.includes(head)) this.#left.add(head);
    const arc = node.arcs.length;
    node.arcs.push({ edge, to: undefined, condition: local, inputs });
    enqueue(edge.to, { from: index, arc, guard: reached, local, values: this.#within(local, values) });
  }

  /**
   * The values where a condition holds: Bool inputs that it decides are replaced in integers. So the address that an
   * allocation gives is a constant again once it is seen not to be null.
   */
  #within(local: Term, values: ReadonlyMap<SymbolTerm, Term>): ReadonlyMap<SymbolTerm, Term> {
    const t = this.#t;
    const decided = new Map<Term, Term>();
    for (const part of local.kind === 'apply' && local.op === 'and' ? local.args : [local]) {
      const positive = part.kind === 'apply' && part.op === 'not' ? part.args[0]! : part;
      if (positive.kind === 'symbol') decided.set(positive, t.bool(positive === part));
    }
    if (decided.size === 0) return values;
    let result: Map<SymbolTerm, Term> | undefined;
    const cache = new Map<Term, Term>();
    for (const [symbol, value] of values) {
      if (value.sort.kind !== 'int' || value.kind !== 'apply') continue;
      const now = this.#folder.fold(value, decided, cache);
      if (now === value) continue;
      result ??= new Map(values);
      result.set(symbol, now);
    }
    return result ?? values;
  }

  /** Counts a turn of a loop that control comes to with a guard; true at the bound, where the unwinding ends. */
  #ends(head: LocationId, arrivals: readonly Arrival[], guard: Term): boolean {
    const left = this.#left.delete(head);
    if (!this.#goesOn(head, arrivals)) {
      this.#turns.set(head, { counted: 0, free: 0 });
      return false;
    }
    const turns = this.#turns.get(head)!;
    if (!left && turns.free < this.#options.freeTurns) {
      turns.free++;
      return false;
    }
    if (turns.counted < this.#options.bound) {
      turns.counted++;
      return false;
    }
    this.#cutOff.push(guard);
    return true;
  }

  #merge(arrivals: readonly Arrival[]): { guard: Term; values: ReadonlyMap<SymbolTerm, Term> } {
    if (arrivals.length === 0) return { guard: this.#t.true, values: new Map() };
    if (arrivals.length === 1) return { guard: arrivals[0]!.guard, values: arrivals[0]!.values };
    let guard = arrivals[0]!.guard;
    let parent: number | undefined = arrivals[0]!.from;
    let values = arrivals[0]!.values;
    for (const arrival of arrivals.slice(1)) {
      const changed = new Map(values);
      // Arcs exclude each other, so a run comes by one arrival only; from one node the local condition tells which.
      if (arrival.from !== parent) parent = undefined;
      const choice = parent === undefined ? arrival.guard : arrival.local;
      for (const symbol of new Set([...values.keys(), ...arrival.values.keys()])) {
        const old = values.get(symbol) ?? symbol;
        const other = arrival.values.get(symbol) ?? symbol;
        if (old !== other) changed.set(symbol, this.#simplify(this.#t.ite(choice, other, old)));
      }
      guard = this.#simplify(this.#t.or(guard, arrival.guard));
      values = changed;
    }
    return { guard, values };
  }

  #now(term: Term, values: ReadonlyMap<SymbolTerm, Term>): Term {
    return this.#folder.fold(term, values, new Map());
  }

  #simplify(term: Term): Term {
    return this.#folder.fold(term);
  }
}
