import { gcd } from '../base/rational.ts';

/**
 * Integer polynomials over numbered unknowns, the arithmetic of transition systems: lowering solves
 * equations with it, engines compose and iterate updates. A monomial's key is
 * its unknowns in ascending order, joined by `*`; the constant stands apart. Immutable once made.
 */
export interface Polynomial {
  readonly constant: bigint;
  readonly monomials: ReadonlyMap<string, Monomial>;
}

export interface Monomial {
  readonly coefficient: bigint;
  /** Ascending, with repetition: x*x*y has three. Never empty. */
  readonly unknowns: readonly number[];
}

const none: ReadonlyMap<string, Monomial> = new Map();

/** Products with more monomials or a higher degree than this are refused (`undefined`). */
export const largestProduct = { monomials: 5_000, degree: 64 };

export const constant = (value: bigint): Polynomial => ({ constant: value, monomials: none });

/** Shared, since large systems name the same few hundred unknowns a hundred thousand times. */
const units: Polynomial[] = Array.from({ length: 2048 }, (_, number) => unit(number));

export const unknown = (number: number): Polynomial => units[number] ?? unit(number);

function unit(number: number): Polynomial {
  return { constant: 0n, monomials: new Map([[String(number), { coefficient: 1n, unknowns: [number] }]]) };
}

export const isConstant = (p: Polynomial): boolean => p.monomials.size === 0;

export const isLinear = (p: Polynomial): boolean => {
  for (const m of p.monomials.values()) if (m.unknowns.length > 1) return false;
  return true;
};

/** a + factor * b */
export function addScaled(a: Polynomial, b: Polynomial, factor: bigint): Polynomial {
  if (factor === 0n) return a;
  const monomials = new Map(a.monomials);
  for (const [key, m] of b.monomials) {
    const coefficient = (monomials.get(key)?.coefficient ?? 0n) + factor * m.coefficient;
    if (coefficient === 0n) monomials.delete(key);
    else monomials.set(key, { coefficient, unknowns: m.unknowns });
  }
  return { constant: a.constant + factor * b.constant, monomials };
}

export const add = (a: Polynomial, b: Polynomial): Polynomial => addScaled(a, b, 1n);
export const subtract = (a: Polynomial, b: Polynomial): Polynomial => addScaled(a, b, -1n);
export const scale = (a: Polynomial, factor: bigint): Polynomial => addScaled(constant(0n), a, factor);

/** The product; undefined when it is larger than `largestProduct`. */
export function multiply(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (isConstant(a)) return scale(b, a.constant);
  if (isConstant(b)) return scale(a, b.constant);
  if ((a.monomials.size + 1) * (b.monomials.size + 1) > largestProduct.monomials) return undefined;
  let sum = constant(a.constant * b.constant);
  sum = addScaled(sum, { constant: 0n, monomials: a.monomials }, b.constant);
  sum = addScaled(sum, { constant: 0n, monomials: b.monomials }, a.constant);
  for (const m of a.monomials.values()) {
    const row = new Map<string, Monomial>();
    for (const n of b.monomials.values()) {
      const unknowns = [...m.unknowns, ...n.unknowns].sort((x, y) => x - y);
      if (unknowns.length > largestProduct.degree) return undefined;
      row.set(unknowns.join('*'), { coefficient: m.coefficient * n.coefficient, unknowns });
    }
    sum = add(sum, { constant: 0n, monomials: row });
  }
  return sum;
}

/** Every unknown that occurs. */
export function unknownsOf(p: Polynomial): Set<number> {
  const result = new Set<number>();
  for (const m of p.monomials.values()) for (const u of m.unknowns) result.add(u);
  return result;
}

/** Replaces unknowns by polynomials, all at once; undefined when a product becomes too large. */
export function substitute(
  p: Polynomial,
  definition: (unknown: number) => Polynomial | undefined,
): Polynomial | undefined {
  let touched = false;
  for (const m of p.monomials.values()) if (m.unknowns.some((u) => definition(u))) touched = true;
  if (!touched) return p;
  let sum = constant(p.constant);
  for (const [key, m] of p.monomials) {
    if (!m.unknowns.some((u) => definition(u))) {
      sum = add(sum, { constant: 0n, monomials: new Map([[key, m]]) });
      continue;
    }
    let product: Polynomial | undefined = constant(m.coefficient);
    for (const u of m.unknowns) {
      product = multiply(product, definition(u) ?? unknown(u));
      if (!product) return undefined;
    }
    sum = add(sum, product);
  }
  return sum;
}

/** The greatest common divisor of the monomials' coefficients; 0 for a constant. */
export function content(p: Polynomial): bigint {
  let result = 0n;
  for (const m of p.monomials.values()) {
    result = gcd(result, m.coefficient);
    if (result === 1n) break;
  }
  return result;
}

/** requires: the divisor divides every coefficient and the constant. */
export function divideExactly(p: Polynomial, divisor: bigint): Polynomial {
  const monomials = new Map<string, Monomial>();
  for (const [key, m] of p.monomials)
    monomials.set(key, { coefficient: m.coefficient / divisor, unknowns: m.unknowns });
  return { constant: p.constant / divisor, monomials };
}

/** Equal strings if and only if equal polynomials. */
export function polynomialKey(p: Polynomial): string {
  const parts = [...p.monomials].map(([key, m]) => `${m.coefficient}:${key}`);
  return `${parts.sort().join(' ')} ${p.constant}`;
}

/** The value at a point; every unknown that occurs must have one. */
export function evaluatePolynomial(p: Polynomial, at: (unknown: number) => bigint): bigint {
  let sum = p.constant;
  for (const m of p.monomials.values()) {
    let product = m.coefficient;
    for (const u of m.unknowns) product *= at(u);
    sum += product;
  }
  return sum;
}

/** The coefficient of the unknown alone; its occurrences in products do not count. */
export const coefficientOf = (p: Polynomial, u: number): bigint => p.monomials.get(String(u))?.coefficient ?? 0n;

export function occursInProduct(p: Polynomial, u: number): boolean {
  for (const m of p.monomials.values()) if (m.unknowns.length > 1 && m.unknowns.includes(u)) return true;
  return false;
}
