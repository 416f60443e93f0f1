import type { Program } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';
import type { Progress } from '../../verdict/claim.ts';
import { locationOf, type TerminationProof } from '../../verdict/termination/proof.ts';
import type { Spend } from './convex-piece.ts';
import { splitPredicates } from './predicates.ts';
import { type Ranked, rankAll, rankNested, rankSome } from './rank.ts';
import { chain, chainable, type Rewritten, split, square } from './rewriting.ts';
import { componentsOf, type Item, makeItems, nodesOf } from './transition-set.ts';

/**
 * The search for a termination argument, from cheap to dear: components, impossible transitions, functions; what is left
 * again. Then nodes are chained away, and functions nested; then pairs of transitions, and nodes split in two by
 * predicates, as deep as `effort` allows. A generator, so that other engines get their turns.
 */
export interface Effort {
  /** Deepest nesting of functions; 1 is none. */
  readonly nesting: number;
  /** How many nodes may be split, one inside the other. */
  readonly splits: number;
}

type Search<T> = Generator<Progress, T>;

const mostPredicates = 24;
const mostTransitionsToSplit = 24;
/** Splits that look best and are split again. */
const beam = 3;

export class ArgumentSearch {
  readonly #program: Program;
  readonly #spend: Spend;
  /** The component that was left when a search failed. */
  stuck: readonly Item[] = [];

  constructor(program: Program, spend: Spend) {
    this.#program = program;
    this.#spend = spend;
  }

  /** undefined when no argument was found. */
  *prove(items: readonly Item[], features: readonly Term[], effort: Effort): Search<TerminationProof | undefined> {
    if (items.length === 0) return { kind: 'done' };
    const proofs: TerminationProof[] = [];
    for (const part of componentsOf(items)) {
      const proof: TerminationProof | undefined = yield* this.#component(part, features, effort);
      if (!proof) return undefined;
      proofs.push(proof);
    }
    return { kind: 'components', parts: proofs };
  }

  *#component(items: readonly Item[], features: readonly Term[], effort: Effort): Search<TerminationProof | undefined> {
    const program = this.#program;
    const spend = this.#spend;
    const impossible = items.filter((i) => i.pieces.length === 0);
    if (impossible.length > 0) {
      const rest = yield* this.#without(items, impossible, features, effort);
      return rest && { kind: 'infeasible', transitions: ids(impossible), rest };
    }
    yield { text: 'looking for a measure', at: locationOf(nodesOf(items)[0]!) };
    const set = { items, features };
    let ranked: Ranked | undefined;
    for (const shared of nodesOf(items).length === 1 ? [true] : [true, false]) {
      ranked ??= rankAll(program, set, shared, spend) ?? (yield* quietly(rankSome(program, set, shared, spend)));
    }
    if (ranked) {
      const rest = yield* this.#without(items, ranked.strict, features, effort);
      return rest && { kind: 'rank', functions: ranked.functions[0]!, strict: ids(ranked.strict), rest };
    }
    if (effort.nesting > 1) {
      const node = chainable(items);
      const chained = node === undefined ? undefined : chain(program, items, node);
      if (node !== undefined && chained) {
        const rest = yield* this.prove(this.#items(chained, features), features, effort);
        return rest && { kind: 'chain', node, rest };
      }
    }
    for (let depth = 2; depth <= effort.nesting; depth++) {
      const nested = yield* quietly(rankNested(program, set, depth, true, spend));
      if (!nested) continue;
      const rest = yield* this.#without(items, nested.strict, features, effort);
      return rest && { kind: 'nested', functions: nested.functions, strict: ids(nested.strict), rest };
    }
    if (effort.splits > 0 && items.length <= mostTransitionsToSplit) {
      const proof = yield* this.#split(items, features, effort);
      if (proof) return proof;
    }
    this.stuck = items;
    return undefined;
  }

  *#split(items: readonly Item[], features: readonly Term[], effort: Effort): Search<TerminationProof | undefined> {
    const program = this.#program;
    const inside: Effort = { nesting: 2, splits: 0 };
    if (items.length <= 4) {
      const rest = yield* this.prove(this.#items(square(program, items), features), features, inside);
      if (rest) return { kind: 'square', rest };
    }
    const tried: { node: string; predicate: Term; items: readonly Item[]; left: number }[] = [];
    for (const node of nodesOf(items)) {
      for (const predicate of splitPredicates(program, items, node, mostPredicates)) {
        if (!this.#spend(1)) return undefined;
        const halves = this.#items(split(program, items, node, predicate), features);
        const rest = yield* this.prove(halves, features, inside);
        if (rest) return { kind: 'split', node, predicate, rest };
        const possible = halves.filter((i) => i.pieces.length > 0).length;
        if (this.stuck.length < possible || possible > items.length) {
          tried.push({ node, predicate, items: halves, left: this.stuck.length });
        }
      }
    }
    if (effort.splits < 2) return undefined;
    tried.sort((a, b) => a.left - b.left);
    for (const { node, predicate, items: halves } of tried.slice(0, beam)) {
      const rest = yield* this.prove(halves, features, { nesting: 2, splits: effort.splits - 1 });
      if (rest) return { kind: 'split', node, predicate, rest };
    }
    return undefined;
  }

  #items(rewritten: readonly Rewritten[], features: readonly Term[]): Item[] {
    return makeItems(this.#program, rewritten, features, this.#spend);
  }

  #without(
    items: readonly Item[],
    gone: readonly Item[],
    features: readonly Term[],
    effort: Effort,
  ): Search<TerminationProof | undefined> {
    return this.prove(
      items.filter((i) => !gone.includes(i)),
      features,
      effort,
    );
  }
}

const ids = (items: readonly Item[]): number[] => items.map((i) => i.transition.id);

function* quietly<T>(inner: Generator<undefined, T>): Search<T> {
  for (;;) {
    const next = inner.next();
    if (next.done) return next.value;
    yield { text: 'looking for a measure' };
  }
}
