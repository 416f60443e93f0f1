/**
 * Boolean search over the classes of a compiled space: assert, propagate by intersecting class sets, split on the `or`
 * with the fewest cases left, and jump back over splits that a refutation did not need. A finished refutation is a
 * `CoverProof`: the tree of splits, each leaf a dimension that has no class left. The literature's frame is DPLL(T)
 * with one theory per dimension; because dimensions are independent, a theory check is one intersection.
 *
 * An `or` labelled `grant` is split before all others that are not forced: it says which statement allows the request,
 * and that decides most of the rest.
 */
import type { Budget } from '../../base/budget.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { CoverProof, Point, PointValue } from '../../program/space.ts';
import { and, type Bits, first, has, isEmpty, meets, within } from './bits.ts';
import type { Compiled, CompiledDimension, Node } from './compile.ts';

export type Found =
  | {
      readonly kind: 'point';
      readonly point: Point;
      readonly classes: readonly (number | readonly number[] | undefined)[];
    }
  | { readonly kind: 'none'; readonly proof: CoverProof }
  | { readonly kind: 'budget' };

interface Entry {
  readonly bits: Bits;
  readonly level: number;
}

interface Cell {
  readonly current: Bits;
  readonly entries: readonly Entry[];
  /** `strings` only: sets of which the value must have a member. */
  readonly required: readonly Entry[];
}

interface Pending {
  readonly node: Node & { kind: 'or' };
  readonly path: readonly number[];
  readonly level: number;
}

interface State {
  readonly cells: (Cell | undefined)[];
  pending: Pending[];
}

interface Refutation {
  readonly proof: CoverProof;
  readonly used: ReadonlySet<number>;
}

const maxDepth = 3000;

class OutOfBudget extends Error {}

export function search(compiled: Compiled, budget: Budget): Found {
  const state: State = {
    cells: compiled.dimensions.map((d) => (d ? { current: d.universe, entries: [], required: [] } : undefined)),
    pending: [],
  };
  try {
    const searcher = new Searcher(compiled, budget);
    const clash = searcher.assert(state, compiled.root, [], 0);
    if (clash) return { kind: 'none', proof: clash.proof };
    const refuted = searcher.solve(state, 1);
    if (refuted) return { kind: 'none', proof: refuted.proof };
    return { kind: 'point', ...searcher.model! };
  } catch (error) {
    if (error instanceof OutOfBudget) return { kind: 'budget' };
    throw error;
  }
}

class Searcher {
  readonly #compiled: Compiled;
  readonly #budget: Budget;
  #ticks = 0;
  model: { point: Point; classes: (number | readonly number[] | undefined)[] } | undefined;

  constructor(compiled: Compiled, budget: Budget) {
    this.#compiled = compiled;
    this.#budget = budget;
  }

  #dimension(index: number): CompiledDimension {
    return this.#compiled.dimensions[index]!;
  }

  /** Adds a node to what must hold; the refutation if that is impossible at once. */
  assert(state: State, root: Node, rootPath: readonly number[], level: number): Refutation | undefined {
    const stack: { node: Node; path: readonly number[] }[] = [{ node: root, path: rootPath }];
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { node, path } = item;
      switch (node.kind) {
        case 'true':
          break;
        case 'false':
          return { proof: { kind: 'false' }, used: new Set([level]) };
        case 'and':
          for (let i = node.parts.length - 1; i >= 0; i--) stack.push({ node: node.parts[i]!, path: [...path, i] });
          break;
        case 'case':
          stack.push({ node: node.node, path: [...path, node.index] });
          break;
        case 'or':
          state.pending.push({ node: node as Pending['node'], path, level });
          break;
        case 'set':
        case 'some':
        case 'all': {
          const clash = this.#restrict(state, node, level);
          if (clash) return clash;
          break;
        }
        default:
          unreachable(node);
      }
    }
    return undefined;
  }

  #restrict(state: State, node: Node & { kind: 'set' | 'some' | 'all' }, level: number): Refutation | undefined {
    const cell = state.cells[node.dimension]!;
    const dimension = this.#dimension(node.dimension);
    let next: Cell;
    if (node.kind === 'set') {
      if (within(cell.current, node.bits)) return undefined;
      next = {
        current: and(cell.current, node.bits),
        entries: [...cell.entries, { bits: node.bits, level }],
        required: cell.required,
      };
      state.cells[node.dimension] = next;
      return isEmpty(next.current) ? this.#setClash(dimension, next) : undefined;
    }
    if (node.kind === 'all') {
      const bits = node.bits.slice();
      bits[0]! |= 1;
      next = {
        current: and(cell.current, bits),
        entries: [...cell.entries, { bits, level }],
        required: cell.required,
      };
    } else {
      const present = dimension.universe.slice();
      present[0]! &= ~1;
      next = {
        current: and(cell.current, present),
        entries: [...cell.entries, { bits: present, level }],
        required: [...cell.required, { bits: node.bits, level }],
      };
    }
    state.cells[node.dimension] = next;
    const impossible =
      isEmpty(next.current) || next.required.some((r) => !meets(and(next.current, withoutMissing(r.bits)), r.bits));
    if (!impossible) return undefined;
    const used = new Set<number>();
    for (const e of next.entries) used.add(e.level);
    for (const r of next.required) used.add(r.level);
    return { proof: { kind: 'clash', dimension: node.dimension }, used };
  }

  /** A small set of entries whose intersection is empty: repeatedly keep the one that empties it. */
  #setClash(dimension: CompiledDimension, cell: Cell): Refutation {
    const used = new Set<number>();
    let kept = dimension.universe;
    const entries = [...cell.entries].sort((a, b) => a.level - b.level);
    while (!isEmpty(kept)) {
      let running = kept;
      let culprit: Entry | undefined;
      for (const entry of entries) {
        running = and(running, entry.bits);
        if (isEmpty(running)) {
          culprit = entry;
          break;
        }
      }
      if (!culprit) throw new Error('INVARIANT broken: a clash without a culprit');
      used.add(culprit.level);
      kept = and(kept, culprit.bits);
    }
    return { proof: { kind: 'clash', dimension: dimension.index }, used };
  }

  /** The refutation, or undefined with `model` set. */
  solve(state: State, level: number): Refutation | undefined {
    if (level > maxDepth || !this.#budget.spend()) throw new OutOfBudget();
    if ((++this.#ticks & 255) === 0 && this.#budget.expired) throw new OutOfBudget();
    let best: Pending | undefined;
    let bestScore = Number.POSITIVE_INFINITY;
    const open: Pending[] = [];
    for (const pending of state.pending) {
      let viable = 0;
      let holds = false;
      for (const part of pending.node.parts) {
        const status = this.#status(state, part);
        if (status === 1) {
          holds = true;
          break;
        }
        if (status === 0) viable++;
      }
      if (holds) continue;
      open.push(pending);
      const score = viable <= 1 ? viable : pending.node.label === 'grant' ? 1.5 : viable;
      if (score < bestScore) {
        bestScore = score;
        best = pending;
      }
    }
    if (!best) {
      this.model = this.#modelOf(state);
      return undefined;
    }
    const chosen = best;
    const rest = open.filter((p) => p !== chosen);
    const cases: CoverProof[] = [];
    const used = new Set<number>([chosen.level]);
    for (let i = 0; i < chosen.node.parts.length; i++) {
      const branch: State = { cells: state.cells.slice(), pending: rest.slice() };
      const refutation =
        this.assert(branch, chosen.node.parts[i]!, [...chosen.path, i], level) ?? this.solve(branch, level + 1);
      if (!refutation) return undefined;
      if (!refutation.used.has(level)) return refutation;
      cases.push(refutation.proof);
      for (const u of refutation.used) if (u !== level) used.add(u);
    }
    return { proof: { kind: 'split', path: chosen.path, cases }, used };
  }

  /** 1: holds already; -1: cannot hold; 0: open. */
  #status(state: State, node: Node): 1 | 0 | -1 {
    switch (node.kind) {
      case 'true':
        return 1;
      case 'false':
        return -1;
      case 'case':
        return this.#status(state, node.node);
      case 'and': {
        let all: 1 | 0 = 1;
        for (const part of node.parts) {
          const status = this.#status(state, part);
          if (status === -1) return -1;
          if (status === 0) all = 0;
        }
        return all;
      }
      case 'or': {
        let none: -1 | 0 = -1;
        for (const part of node.parts) {
          const status = this.#status(state, part);
          if (status === 1) return 1;
          if (status === 0) none = 0;
        }
        return none;
      }
      case 'set': {
        const current = state.cells[node.dimension]!.current;
        if (!meets(current, node.bits)) return -1;
        return within(current, node.bits) ? 1 : 0;
      }
      case 'all': {
        const cell = state.cells[node.dimension]!;
        const bits = node.bits.slice();
        bits[0]! |= 1;
        if (within(cell.current, bits)) return 1;
        const left = and(cell.current, bits);
        return isEmpty(left) || cell.required.some((r) => !meets(left, withoutMissing(r.bits))) ? -1 : 0;
      }
      case 'some': {
        const cell = state.cells[node.dimension]!;
        const bits = withoutMissing(node.bits);
        if (!meets(cell.current, bits)) return -1;
        if (within(cell.current, bits) || cell.required.some((r) => within(r.bits, bits))) return 1;
        return 0;
      }
      default:
        return unreachable(node);
    }
  }

  #modelOf(state: State): { point: Point; classes: (number | readonly number[] | undefined)[] } {
    const point: (PointValue | undefined)[] = [];
    const classes: (number | readonly number[] | undefined)[] = [];
    state.cells.forEach((cell, index) => {
      const dimension = this.#compiled.dimensions[index];
      if (!cell || !dimension) {
        point.push(undefined);
        classes.push(undefined);
        return;
      }
      if (dimension.dimension.kind === 'strings') {
        const chosen = new Set<number>();
        for (const r of cell.required) {
          const options = and(cell.current, withoutMissing(r.bits));
          if (![...chosen].some((c) => has(options, c))) chosen.add(first(options));
        }
        if (chosen.size === 0 && !has(cell.current, 0)) chosen.add(first(cell.current));
        const list = [...chosen].sort((a, b) => a - b);
        classes.push(list);
        point.push(list.length === 0 ? undefined : list.map((c) => dimension.representatives[c] as string));
      } else {
        const c = first(cell.current);
        classes.push(c);
        point.push(dimension.representatives[c]);
      }
    });
    return { point, classes };
  }
}

function withoutMissing(bits: Bits): Bits {
  if ((bits[0]! & 1) === 0) return bits;
  const copy = bits.slice();
  copy[0]! &= ~1;
  return copy;
}
