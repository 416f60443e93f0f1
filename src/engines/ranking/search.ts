import type { Program } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';
import type { Progress } from '../../verdict/claim.ts';
import { locationOf, type TerminationProof } from '../../verdict/termination/proof.ts';
import type { Spend } from './convex-piece.ts';
import { type Ranked, rankAll, rankNested, rankSome } from './rank.ts';
import { componentsOf, type Item, nodesOf } from './transition-set.ts';

/**
 * The search for a termination argument, from cheap to dear: components, impossible transitions, functions; what is left
 * again. A generator, so that other engines get their turns.
 */
export interface SearchContext {
  readonly program: Program;
  readonly spend: Spend;
}

/** Returns undefined when the set could not be dealt with; `stuck` then holds a component that is left. */
export class ArgumentSearch {
  readonly #context: SearchContext;
  stuck: readonly Item[] = [];

  constructor(context: SearchContext) {
    this.#context = context;
  }

  *prove(items: readonly Item[], features: readonly Term[]): Generator<Progress, TerminationProof | undefined> {
    const parts = componentsOf(items);
    if (items.length === 0) return { kind: 'done' };
    const proofs: TerminationProof[] = [];
    for (const part of parts) {
      const proof: TerminationProof | undefined = yield* this.#component(part, features);
      if (!proof) return undefined;
      proofs.push(proof);
    }
    return { kind: 'components', parts: proofs };
  }

  *#component(items: readonly Item[], features: readonly Term[]): Generator<Progress, TerminationProof | undefined> {
    const { program, spend } = this.#context;
    const impossible = items.filter((i) => i.pieces.list.length === 0);
    if (impossible.length > 0) {
      const rest = yield* this.prove(
        items.filter((i) => !impossible.includes(i)),
        features,
      );
      return rest && { kind: 'infeasible', transitions: impossible.map((i) => i.transition.id), rest };
    }
    yield { text: 'looking for a measure', at: locationOf(nodesOf(items)[0]!) };
    const set = { items, features };
    let ranked: Ranked | undefined;
    for (const shared of nodesOf(items).length === 1 ? [true] : [true, false]) {
      ranked ??= rankAll(program, set, shared, spend) ?? (yield* quietly(rankSome(program, set, shared, spend)));
    }
    if (ranked) {
      const rest = yield* this.#without(items, ranked.strict, features);
      return (
        rest && {
          kind: 'rank',
          functions: ranked.functions[0]!,
          strict: ranked.strict.map((i) => i.transition.id),
          rest,
        }
      );
    }
    for (const depth of [2, 3]) {
      const nested = yield* quietly(rankNested(program, set, depth, true, spend));
      if (!nested) continue;
      const rest = yield* this.#without(items, nested.strict, features);
      return (
        rest && {
          kind: 'nested',
          functions: nested.functions,
          strict: nested.strict.map((i) => i.transition.id),
          rest,
        }
      );
    }
    this.stuck = items;
    return undefined;
  }

  #without(
    items: readonly Item[],
    gone: readonly Item[],
    features: readonly Term[],
  ): Generator<Progress, TerminationProof | undefined> {
    return this.prove(
      items.filter((i) => !gone.includes(i)),
      features,
    );
  }
}

function* quietly<T>(inner: Generator<undefined, T>): Generator<Progress, T> {
  for (;;) {
    const next = inner.next();
    if (next.done) return next.value;
    yield { text: 'looking for a measure' };
  }
}
