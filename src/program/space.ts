/**
 * A request space: finitely many independent *dimensions*, each a set of values (strings, finite sets of strings,
 * numbers, addresses, truth values), and a formula whose literals each speak about one dimension only. It is the common
 * language of the policy front end, which lowers into it, the policy engine, which decides it, and the small checker
 * (`verdict/space-cover.ts`), which verifies a "no". Plain data; no code here. Strings are sequences of code points.
 */

/** A finite or co-finite set of characters. `chars` holds the characters named, without repetition. */
export interface CharSet {
  readonly negated: boolean;
  readonly chars: string;
}

/** One place of a pattern: exactly one character of `set`, or (star) any number of them. */
export interface Item {
  readonly set: CharSet;
  readonly star: boolean;
}

export type Sequence = readonly Item[];

/** A regular language: one text, or a finite union of sequences (globs with character classes). */
export type Language =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'union'; readonly alternatives: readonly Sequence[] };

/** A set that a literal may name. All atoms of a dimension have the dimension's own kind. Bounds are inclusive. */
export type Atom =
  | { readonly kind: 'language'; readonly language: Language }
  | { readonly kind: 'number'; readonly relation: '=' | '<' | '<=' | '>' | '>='; readonly bound: string }
  | { readonly kind: 'address'; readonly family: 4 | 6; readonly low: bigint; readonly high: bigint };

export interface Dimension {
  readonly name: string;
  /** `strings`: the value is a non-empty finite set of strings. `boolean`: a free truth value. */
  readonly kind: 'string' | 'strings' | 'number' | 'address' | 'boolean';
  /** May the value be missing altogether? */
  readonly optional: boolean;
  /** string, strings: the values that exist, a union of languages; without it every string. */
  readonly domain?: readonly Language[];
  /** number, address: may the value also be something that is none? */
  readonly garbage?: boolean;
  readonly atoms: readonly Atom[];
  /** Values to prefer in witnesses, best first. */
  readonly preferred?: readonly string[];
}

/**
 * - `in`: the value is missing (if `absent`), or it is in one of `atoms` (if `negated`: in none of them).
 * - `some`: the set has a member that is in one (negated: in none) of the atoms; false when missing.
 * - `all`: every member is; true when missing.
 * - `unknown`: a truth value that the front end cannot determine; `name` says why. Equal names, equal values.
 */
export type Formula =
  | { readonly kind: 'true' | 'false' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[]; readonly label?: string }
  | Literal
  | { readonly kind: 'unknown'; readonly name: string; readonly negated: boolean };

export type Literal =
  | {
      readonly kind: 'in';
      readonly dimension: number;
      readonly atoms: readonly number[];
      readonly negated: boolean;
      readonly absent: boolean;
    }
  | {
      readonly kind: 'some' | 'all';
      readonly dimension: number;
      readonly atoms: readonly number[];
      readonly negated: boolean;
    };

export interface Space {
  readonly dimensions: readonly Dimension[];
  readonly formula: Formula;
}

/** What a point has in one dimension; undefined: missing. A number is written `n` or `n/d`. */
export type PointValue = string | readonly string[] | boolean | { readonly family: 4 | 6; readonly address: bigint };
export type Point = readonly (PointValue | undefined)[];

/**
 * Why a formula has no point. `split`: an `or` that must hold is gone through, one case per part, in order; `clash`: the
 * literals that must hold about this dimension leave no value. The path leads from the root to the `or`: the index of a
 * part at each step.
 */
export type CoverProof =
  | { readonly kind: 'split'; readonly path: readonly number[]; readonly cases: readonly CoverProof[] }
  | { readonly kind: 'clash'; readonly dimension: number }
  | { readonly kind: 'false' };
