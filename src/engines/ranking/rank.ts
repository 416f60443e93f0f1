import type { Program } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';
import type { NodeKey, RankingFunctions } from '../../verdict/termination/proof.ts';
import type { Spend } from './convex-piece.ts';
import { type Coefficients, type Demand, type DemandPart, Template } from './template.ts';
import { type Item, nodesOf, type TransitionSet } from './transition-set.ts';

/**
 * Functions for a component: first one that is bounded on all transitions and falls on as many as possible
 * ([AliasDFG-SAS'10]); then one that falls and is bounded on some transition at least; then nested ones
 * ([LeikeH-LMCS'15]).
 */
export interface Ranked {
  readonly functions: readonly RankingFunctions[];
  readonly strict: readonly Item[];
}

const before = (item: Item, fn = 0): DemandPart => ({
  sign: 1,
  function: fn,
  node: item.transition.from,
  when: 'before',
});
const after = (item: Item, fn = 0): DemandPart => ({ sign: -1, function: fn, node: item.transition.to, when: 'after' });

/** On every piece of an item: the parts sum up to at least so much. */
const demand = (item: Item, parts: readonly DemandPart[], least: Demand['least']): Demand[] =>
  item.pieces.map((piece) => ({ piece, parts, least }));

/** Bounded everywhere, falling on as many transitions as possible. */
export function rankAll(program: Program, set: TransitionSet, shared: boolean, spend: Spend): Ranked | undefined {
  const { items, features } = set;
  const template = new Template(features.length, 1, nodesOf(items), spend, shared);
  const columns = items.map(() => template.strictness());
  const demands = items.flatMap((item, i) => [
    ...demand(item, [before(item)], 0),
    ...demand(item, [before(item), after(item)], { column: columns[i]! }),
  ]);
  const result = template.solve(demands);
  if (result.kind !== 'found') return undefined;
  const strict = items.filter((_, i) => result.strict[columns[i]!]!);
  return finish(program, set, 1, result.coefficients, strict);
}

/** Falling and bounded on one transition at least, growing on none. Yields between candidates. */
export function* rankSome(
  program: Program,
  set: TransitionSet,
  shared: boolean,
  spend: Spend,
): Generator<undefined, Ranked | undefined> {
  const { items, features } = set;
  const nodes = nodesOf(items);
  // Which transitions can fall at all, bounded or not?
  const first = new Template(features.length, 1, nodes, spend, shared);
  const columns = items.map(() => first.strictness());
  const falling = first.solve(
    items.flatMap((item, i) => demand(item, [before(item), after(item)], { column: columns[i]! })),
  );
  if (falling.kind !== 'found') return undefined;
  const template = new Template(features.length, 1, nodes, spend, shared);
  for (const [i, candidate] of items.entries()) {
    if (!falling.strict[columns[i]!]!) continue;
    yield;
    const result = template.solve(
      items.flatMap((item) =>
        item === candidate
          ? [...demand(item, [before(item), after(item)], 1), ...demand(item, [before(item)], 0)]
          : demand(item, [before(item), after(item)], 0),
      ),
    );
    if (result.kind !== 'found') continue;
    const demandsOf = (item: Item): Demand[] => [
      ...demand(item, [before(item), after(item)], 1),
      ...demand(item, [before(item)], 0),
    ];
    // Others may fall and be bounded under this function as well.
    const strict = items.filter((i) => i === candidate || template.meets(demandsOf(i), result.coefficients));
    return finish(program, set, 1, result.coefficients, strict);
  }
  return undefined;
}

/** Nested functions: falling on all transitions, or on one while none grows on the others. */
export function* rankNested(
  program: Program,
  set: TransitionSet,
  depth: number,
  shared: boolean,
  spend: Spend,
): Generator<undefined, Ranked | undefined> {
  const { items, features } = set;
  const nodes = nodesOf(items);
  const choices: (readonly Item[])[] = [items];
  if (items.length > 1) for (const item of items) choices.push([item]);
  for (const strict of choices) {
    yield;
    const template = new Template(features.length, depth, nodes, spend, shared);
    const demands = items.flatMap((item) => nestedDemands(item, depth, strict.includes(item)));
    const result = template.solve(demands);
    if (result.kind === 'found') return finish(program, set, depth, result.coefficients, strict);
  }
  return undefined;
}

function nestedDemands(item: Item, depth: number, strict: boolean): Demand[] {
  const result: Demand[] = [];
  for (let fn = 0; fn < depth; fn++) {
    const parts = [before(item, fn), after(item, fn)];
    if (strict && fn > 0) parts.push(before(item, fn - 1));
    result.push(...demand(item, parts, strict ? 1 : 0));
  }
  if (strict) result.push(...demand(item, [before(item, depth - 1)], 0));
  return result;
}

function finish(
  program: Program,
  set: TransitionSet,
  depth: number,
  coefficients: Coefficients,
  strict: readonly Item[],
): Ranked {
  const nodes = nodesOf(set.items);
  const functions = Array.from(
    { length: depth },
    (_, fn): RankingFunctions =>
      new Map(
        nodes.map((node): [NodeKey, Term] => [node, functionTerm(program, set.features, coefficients(fn, node))]),
      ),
  );
  return { functions, strict };
}

/** The sum of coefficient * feature, and the constant. */
export function functionTerm(program: Program, features: readonly Term[], coefficients: readonly bigint[]): Term {
  const t = program.terms;
  const parts: Term[] = [];
  for (const [j, feature] of features.entries()) {
    const c = coefficients[j]!;
    if (c === 1n) parts.push(feature);
    else if (c !== 0n) parts.push(t.multiply(t.int(c), feature));
  }
  const constant = coefficients[features.length]!;
  if (constant !== 0n || parts.length === 0) parts.push(t.int(constant));
  return t.sum(parts);
}
