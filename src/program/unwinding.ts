import type { TermFactory } from '../terms/factory.ts';
import { Folder } from '../terms/fold.ts';
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
 * checking as in CBMC, [ClarkeKL-TACAS'04]). Each loop is gone through at most `bound` times per entry; runs that would
 * go on are collected in `cutOff`. Inputs are the symbols `x?0`, `y?1`, … in order of creation; the state at the start
 * is the plain symbols.
 *
 * Trusted: obligations are made from this file. Terms are folded on the fly (terms/fold.ts), so that constant conditions are
 * pruned.
 *
 * Gives up ('too-large') beyond `nodeLimit` visits of locations.
 */
export interface Unwinding {
  readonly nodes: readonly UnwoundNode[];
  /** Each time a target can be met: the formula says by which starts and inputs, and that the property is not `wanted`. */
  readonly met: readonly { readonly node: number; readonly target: Target; readonly condition: Term }[];
  /** One formula for each loop head where the bound was reached and a further turn is not excluded. */
  readonly cutOff: readonly Term[];
  /** Ranges of the inputs and of the state at the start: hypotheses of every obligation. */
  readonly ranges: readonly Term[];
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
  readonly nodeLimit: number;
  /** A target is met when its property has this value. */
  readonly wanted: boolean;
}

export function unwind(
  program: Program,
  targets: readonly Target[],
  options: UnwindingOptions,
): Unwinding | 'too-large' {
  return new Unwinder(program, targets, options).run();
}

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
  readonly #ranges: Term[] = [];
  readonly #pending = new Map<LocationId, Arrival[]>();
  /** How many times the head of a loop was entered from inside since control came to it from outside. */
  readonly #turns = new Map<LocationId, number>();
  readonly #folder: Folder;
  readonly #checked: ReadonlyMap<LocationId, readonly Term[]>;
  #inputs = 0;

  constructor(program: Program, targets: readonly Target[], options: UnwindingOptions) {
    this.#program = program;
    this.#t = program.terms;
    this.#folder = new Folder(program.terms);
    this.#checked = checkedAt(program);
    this.#options = options;
    for (const target of targets) this.#targetsAt.set(target.at, [...(this.#targetsAt.get(target.at) ?? []), target]);
    this.#out = outgoing(mainProcedure(program));
    this.#order = weakTopologicalOrder(program);
  }

  run(): Unwinding | 'too-large' {
    const { position } = this.#order;
    const entry = mainProcedure(this.#program).entry;
    for (const s of stateVariables(this.#program)) {
      const range = rangeConstraint(this.#program, s);
      if (range) this.#ranges.push(range);
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
      const at = this.#order.order[queue.pop()!]!;
      const arrivals = this.#pending.get(at)!;
      this.#pending.delete(at);
      this.#visit(at, arrivals, enqueue);
    }
    return { nodes: this.#nodes, met: this.#met, cutOff: this.#cutOff, ranges: this.#ranges };
  }

  #visit(at: LocationId, arrivals: readonly Arrival[], enqueue: (l: LocationId, a: Arrival) => void): void {
    const { guard, values } = this.#merge(arrivals);
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
    const symbol = this.#t.symbol(`choice?${this.#inputs++}`, intSort);
    this.#ranges.push(this.#t.lessEqual(this.#t.int(0), symbol), this.#t.less(symbol, this.#t.int(count)));
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
        const range = rangeConstraint(this.#program, step.target, symbol);
        if (range) this.#ranges.push(range);
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
    const arc = node.arcs.length;
    node.arcs.push({ edge, to: undefined, condition: local, inputs });
    if (this.#overBound(edge, reached)) return;
    enqueue(edge.to, { from: index, arc, guard: reached, local, values });
  }

  /** Counts turns of loops; an edge from outside starts the count of the loops it enters anew. */
  #overBound(edge: Edge, reached: Term): boolean {
    const { heads, loops } = this.#order;
    const from = loops.get(edge.from)!;
    if (!heads.has(edge.to)) return false;
    if (!from.includes(edge.to)) {
      if (!this.#pending.has(edge.to)) this.#turns.set(edge.to, 0);
      return false;
    }
    // One visit of the head may be reached by several edges of one turn; count when the first of them arrives.
    if (this.#pending.has(edge.to)) return false;
    const turns = (this.#turns.get(edge.to) ?? 0) + 1;
    if (turns > this.#options.bound) {
      this.#cutOff.push(reached);
      return true;
    }
    this.#turns.set(edge.to, turns);
    return false;
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
