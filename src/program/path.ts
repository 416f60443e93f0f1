import type { TermFactory } from '../terms/factory.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { substitute } from '../terms/traversal.ts';
import {
  type Edge,
  type LocationId,
  mainProcedure,
  outgoing,
  type Procedure,
  type Program,
  rangeConstraint,
  stateVariables,
} from './program.ts';

/**
 * Paths between cut points, and their meaning as formulas: the large-block view of a flat program (Beyer et al. 2009,
 * [BeyerCGKS-FMCAD'09]). A path is carried out symbolically from a state of plain symbols: its *condition* says when it
 * can be taken, its *post* says what every assigned variable then holds, as terms over the state before and over one
 * input symbol for each havoc. Trusted: obligations are made from this file.
 */
export interface Path {
  readonly from: LocationId;
  readonly to: LocationId;
  readonly edges: readonly Edge[];
}

export interface SymbolicPath extends Path {
  /** Conjuncts, in order; the ranges of the inputs are among them. The ranges of the state before are not. */
  readonly condition: readonly Term[];
  /** What differs after; a variable that is absent keeps its value. */
  readonly post: ReadonlyMap<SymbolTerm, Term>;
  /**
   * One symbol for each havoc in order, `x?0`, `y?1`, …, and the variables they were given to. The names depend on the path
   * alone, so that an obligation made twice is the same term; front ends never use `?` in names.
   */
  readonly inputs: readonly { readonly symbol: SymbolTerm; readonly target: SymbolTerm }[];
}

/** Carries out edges symbolically, beginning with an empty path. Immutable: `extend` makes a new one. */
export class PathEncoder {
  readonly #program: Program;
  readonly #factory: TermFactory;
  readonly #properties: ReadonlyMap<LocationId, readonly Term[]>;

  /** requires: the program is flat. */
  constructor(program: Program) {
    this.#program = program;
    this.#factory = program.terms;
    this.#properties = checkedAt(program);
  }

  start(at: LocationId): SymbolicPath {
    return { from: at, to: at, edges: [], condition: [], post: new Map(), inputs: [] };
  }

  extend(path: SymbolicPath, edge: Edge): SymbolicPath {
    const condition = [...path.condition];
    const inputs = [...path.inputs];
    const post = new Map(path.post);
    let cache = new Map<Term, Term>();
    const now = (term: Term): Term => substitute(this.#factory, term, post, cache);
    // A run ends at its first failing check: what is checked at a location holds when it is left.
    for (const property of this.#properties.get(edge.from) ?? []) condition.push(now(property));
    for (const step of edge.steps) {
      switch (step.kind) {
        case 'assume':
          condition.push(now(step.condition));
          break;
        case 'assign': {
          const value = now(step.value);
          post.set(step.target, value);
          cache = new Map();
          break;
        }
        case 'havoc': {
          const symbol = this.#factory.symbol(`${step.target.name}?${inputs.length}`, step.target.sort);
          inputs.push({ symbol, target: step.target });
          const range = rangeConstraint(this.#program, step.target, symbol);
          if (range) condition.push(range);
          post.set(step.target, symbol);
          cache = new Map();
          break;
        }
        case 'call':
          throw new Error('PathEncoder needs a flat program');
      }
    }
    return { from: path.from, to: edge.to, edges: [...path.edges, edge], condition, post, inputs };
  }

  encode(path: Path): SymbolicPath {
    let encoded = this.start(path.from);
    for (const edge of path.edges) encoded = this.extend(encoded, edge);
    return encoded;
  }

  /** A term over the state after a path, as a term over the state before it. */
  after(path: SymbolicPath, term: Term): Term {
    return substitute(this.#factory, term, path.post);
  }
}

/** The properties checked at each location that has a check. */
export function checkedAt(program: Program): ReadonlyMap<LocationId, readonly Term[]> {
  const result = new Map<LocationId, Term[]>();
  for (const check of program.checks) {
    const list = result.get(check.at);
    if (list) list.push(check.property);
    else result.set(check.at, [check.property]);
  }
  return result;
}

export type PathSearch =
  | { readonly kind: 'paths'; readonly paths: readonly Path[]; readonly stops: readonly Path[] }
  | { readonly kind: 'uncut-cycle'; readonly through: LocationId }
  | { readonly kind: 'too-many'; readonly limit: number };

/**
 * All paths from each of `starts` to the next location of `cuts` (`paths`; at least one edge), and all proper prefixes
 * of them (`stops`: from a start, by zero or more edges, to a location that is not a cut, or to the start itself), where
 * checks in between are met. `limit` bounds the number of stops.
 * 'uncut-cycle': some cycle avoids the cuts, so that nothing can be concluded from them.
 */
export function pathsBetween(
  program: Program,
  starts: readonly LocationId[],
  cuts: ReadonlySet<LocationId>,
  limit = 10_000,
): PathSearch {
  const out = outgoing(mainProcedure(program));
  const paths: Path[] = [];
  const stops: Path[] = [];
  for (const start of starts) {
    const stack: { path: Path; visited: ReadonlySet<LocationId> }[] = [
      { path: { from: start, to: start, edges: [] }, visited: new Set() },
    ];
    while (stack.length > 0) {
      const { path, visited } = stack.pop()!;
      stops.push(path);
      if (stops.length + paths.length > limit) return { kind: 'too-many', limit };
      for (const edge of [...out.get(path.to)!].reverse()) {
        const next: Path = { from: start, to: edge.to, edges: [...path.edges, edge] };
        if (cuts.has(edge.to)) paths.push(next);
        else if (visited.has(edge.to)) return { kind: 'uncut-cycle', through: edge.to };
        else stack.push({ path: next, visited: new Set([...visited, edge.to]) });
      }
    }
  }
  return { kind: 'paths', paths, stops };
}

/** Targets of back edges of a depth-first search from a procedure's entry: they cut every cycle that can be reached. */
export function loopHeads(procedure: Procedure): ReadonlySet<LocationId> {
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

/** Locations that cut every cycle: the entry first, then the loop heads. */
export function cutPoints(program: Program): LocationId[] {
  const main = mainProcedure(program);
  return [...new Set([main.entry, ...loopHeads(main)])];
}

/** The locations that a run can reach at all, by the graph alone. */
export function reachableLocations(program: Program): ReadonlySet<LocationId> {
  const main = mainProcedure(program);
  const out = outgoing(main);
  const reached = new Set<LocationId>([main.entry]);
  const work = [main.entry];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    for (const edge of out.get(at)!) {
      if (reached.has(edge.to)) continue;
      reached.add(edge.to);
      work.push(edge.to);
    }
  }
  return reached;
}

/** The declared ranges of all state variables, as conjuncts over the plain symbols. */
export function stateRanges(program: Program): Term[] {
  return stateVariables(program)
    .map((s) => rangeConstraint(program, s))
    .filter((c): c is Term => c !== undefined);
}
