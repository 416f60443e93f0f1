import {
  addMultiple,
  type Monomials,
  type Polynomial,
  polynomialKey,
  tighten,
} from '../../verdict/arithmetic/polynomial.ts';
import type { Literal } from '../../verdict/arithmetic/problem.ts';
import { type Derivation, type Form, integer, type Refutation } from '../../verdict/arithmetic/proof.ts';
import { type Int, toBigInt } from './integer.ts';
import type { Conflict } from './simplex.ts';

/** The reason of a bound: a fact `polynomial >= 0`, and how it is derived. In the words of proof.ts. */
export type Fact = { readonly polynomial: Polynomial } & (
  | { readonly kind: 'premise'; readonly literal: Literal }
  | { readonly kind: 'half' }
  | { readonly kind: 'cut'; readonly of: readonly (readonly [Fact, Int])[] }
  | { readonly kind: 'product'; readonly left: Fact; readonly right: Fact }
  | { readonly kind: 'square'; readonly form: Polynomial }
  | { readonly kind: 'times'; readonly fact: Fact; readonly opposite: Fact; readonly form: Polynomial }
);

/** A refutation with facts by reference: derivations in order, then what closes. */
export interface RefutationTree {
  readonly derived: readonly Fact[];
  readonly end:
    | { readonly kind: 'farkas'; readonly conflict: Conflict<Fact> }
    | {
        readonly kind: 'branch';
        readonly form: Polynomial;
        readonly at: Int;
        readonly low: Fact;
        readonly high: Fact;
        readonly lowTree: RefutationTree;
        readonly highTree: RefutationTree;
      };
}

export function cut(of: readonly (readonly [Fact, Int])[]): Fact {
  const sum = new Map<number, bigint>();
  for (const [fact, multiplier] of of) addMultiple(sum, fact.polynomial, toBigInt(multiplier));
  return { kind: 'cut', of, polynomial: tighten(sum) };
}

/** Adds a fact and all that it rests on. */
export function markUsed(used: Set<Fact>, facts: Iterable<Fact>): void {
  const stack = [...facts];
  for (let fact = stack.pop(); fact; fact = stack.pop()) {
    if (used.has(fact)) continue;
    used.add(fact);
    switch (fact.kind) {
      case 'cut':
        for (const [part] of fact.of) stack.push(part);
        break;
      case 'product':
        stack.push(fact.left, fact.right);
        break;
      case 'times':
        stack.push(fact.fact, fact.opposite);
        break;
    }
  }
}

export function writeForm(p: Polynomial, monomials: Monomials): Form {
  return [...p].map(([monomial, coefficient]) => [integer(coefficient), ...monomials.factors(monomial)] as const);
}

/** A tree as proof data: the premises it uses, and derivations with facts by number. */
export function writeRefutation(
  tree: RefutationTree,
  used: ReadonlySet<Fact>,
  monomials: Monomials,
): { premises: Literal[]; refutation: Refutation } {
  const numbers = new Map<Fact, number>();
  const premises: Literal[] = [];
  for (const fact of used) {
    if (fact.kind !== 'premise') continue;
    numbers.set(fact, premises.length);
    premises.push(fact.literal);
  }
  return { premises, refutation: write(tree, premises.length) };

  // Depth is limited by that of branches.
  function write(node: RefutationTree, count: number): Refutation {
    const result: Derivation[] = [];
    let next = count;
    for (const fact of node.derived) {
      if (!used.has(fact)) continue;
      result.push(derivation(fact));
      numbers.set(fact, next++);
    }
    const { end } = node;
    if (end.kind === 'farkas') {
      result.push({ rule: 'farkas', of: end.conflict.map(({ reason, multiplier }) => pair(reason, multiplier)) });
    } else {
      numbers.set(end.low, next);
      numbers.set(end.high, next);
      const low = write(end.lowTree, next + 1);
      const high = write(end.highTree, next + 1);
      result.push({ rule: 'branch', form: writeForm(end.form, monomials), at: integer(toBigInt(end.at)), low, high });
    }
    return result;
  }

  function pair(fact: Fact, multiplier: Int): readonly [number, number | string] {
    return [numbers.get(fact)!, integer(toBigInt(multiplier))];
  }

  function derivation(fact: Fact): Derivation {
    switch (fact.kind) {
      case 'cut':
        return { rule: 'cut', of: fact.of.map(([part, multiplier]) => pair(part, multiplier)) };
      case 'product':
        return { rule: 'product', left: numbers.get(fact.left)!, right: numbers.get(fact.right)! };
      case 'square':
        return { rule: 'square', form: writeForm(fact.form, monomials) };
      case 'times':
        return {
          rule: 'times',
          fact: numbers.get(fact.fact)!,
          opposite: numbers.get(fact.opposite)!,
          form: writeForm(fact.form, monomials),
        };
      default:
        throw new Error(`INVARIANT broken: a ${fact.kind} is not derived`);
    }
  }
}

/** The primitive form that a tightened fact bounds, and how: `form >= at`, or `form <= at` where upper. */
export function asBound(p: Polynomial): { key: string; form: Polynomial; upper: boolean; at: bigint } | undefined {
  let leading = Number.POSITIVE_INFINITY;
  for (const monomial of p.keys()) if (monomial !== 0 && monomial < leading) leading = monomial;
  if (leading === Number.POSITIVE_INFINITY) return undefined;
  const upper = p.get(leading)! < 0n;
  const form = new Map<number, bigint>();
  for (const [monomial, coefficient] of p) if (monomial !== 0) form.set(monomial, upper ? -coefficient : coefficient);
  const constant = p.get(0) ?? 0n;
  return { key: polynomialKey(form), form, upper, at: upper ? constant : -constant };
}
