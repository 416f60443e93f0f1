/**
 * Proofs that a formula over the integers has no model, as plain data (JSON; an integer is a number where that is exact, else
 * a decimal string). checkRefutation in check.ts is the only judge of them.
 *
 * The formula becomes a `Problem` (problem.ts): numbered literals, of which each is a conjunction gate, a bound `form >= k` or an
 * opaque Bool; the root literal and the definitions of the atoms are facts. A proof is a list of steps. Each derives a clause (a
 * disjunction of literals), and the last one must derive the empty clause.
 *
 *     bound        ------------------------------   names the literal (form >= at), numbered next if it is new; no clause
 *                   form >= at  or  form < at
 *
 *     arithmetic    L1, ..., Ln  refuted below
 *                  ----------------------------      the Li are bounds
 *                    not L1  or ... or  not Ln
 *
 *     resolution    by unit propagation over the hints (in order), the negation of the clause is contradictory
 *                  ------------------------------------------------------------------------------------------
 *                    clause
 *
 *     congruence   ------------------------------------------------   reads a[i], a[j] of one array
 *                    i = j  implies  a[i] = a[j]
 *
 * Literals are 2*variable, plus 1 where negated. A hint n >= 0 is the n-th step (one that derived a clause); a hint -v is the
 * gate of variable v.
 *
 * A refutation works on facts of the form p >= 0, numbered from 0: first the premises (a negated bound is form <= at - 1), then what
 * is derived. Each new fact is tightened on entry: g*f + c >= 0 with g the gcd of the coefficients of f's monomials
 * becomes f + floor(c/g) >= 0 (sound since monomials take integer values).
 *
 *     cut       p1 >= 0, ..., pn >= 0         product   p >= 0, q >= 0        square   -----------
 *              ------------------------ mi>=0           ----------------               p*p >= 0
 *               m1*p1 + ... + mn*pn >= 0                  p*q >= 0
 *
 *     times     p >= 0, -p >= 0               branch     p <= at  |  p >= at + 1     (each new fact in its own half)
 *              -----------------                        -------------------------
 *                 p*q >= 0                                  both halves closed
 *
 *     farkas    p1 >= 0, ..., pn >= 0
 *              ------------------------ mi >= 0, and m1*p1 + ... + mn*pn is a negative constant
 *                     closed
 */
export interface ArithmeticProof {
  readonly steps: readonly ProofStep[];
}

export type ProofStep =
  | { readonly rule: 'bound'; readonly form: Form; readonly at: Integer }
  | { readonly rule: 'arithmetic'; readonly premises: readonly number[]; readonly refutation: Refutation }
  | { readonly rule: 'resolution'; readonly clause: readonly number[]; readonly hints: readonly number[] }
  | { readonly rule: 'congruence'; readonly left: number; readonly right: number };

/** Derivations in order; the last one, and no other, closes (farkas or branch). */
export type Refutation = readonly Derivation[];

export type Derivation =
  | { readonly rule: 'cut'; readonly of: Combination }
  | { readonly rule: 'product'; readonly left: number; readonly right: number }
  | { readonly rule: 'square'; readonly form: Form }
  | { readonly rule: 'times'; readonly fact: number; readonly opposite: number; readonly form: Form }
  | { readonly rule: 'farkas'; readonly of: Combination }
  | {
      readonly rule: 'branch';
      readonly form: Form;
      readonly at: Integer;
      readonly low: Refutation;
      readonly high: Refutation;
    };

/** [fact, multiplier] pairs. */
export type Combination = readonly (readonly [number, Integer])[];

/** A sum of terms [coefficient, atom, atom, ...]; no atoms for the constant. */
export type Form = readonly (readonly [Integer, ...number[]])[];

export type Integer = number | string;

/** Deeper branches are neither made nor accepted. */
export const deepestBranch = 400;

export const integer = (value: bigint): Integer =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : String(value);
