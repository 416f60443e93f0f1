import { floorDivide, gcd } from '../../base/rational.ts';

/**
 * Polynomials with integer coefficients over numbered atoms. A monomial is a product of atoms; monomials are numbered by a
 * `Monomials` table, and number 0 is the empty product, so a polynomial's constant is its coefficient at 0.
 * To linear reasoning a monomial of degree two or more is just another unknown.
 */
export type Polynomial = ReadonlyMap<number, bigint>;

/** A product with more monomials, or a monomial with more factors, is not computed. */
const largestProduct = 4096;
const largestDegree = 16;

export class Monomials {
  readonly #factors: (readonly number[])[] = [[]];
  readonly #numbers = new Map<string, number>([['', 0]]);

  get size(): number {
    return this.#factors.length;
  }

  /** The atoms of a monomial in ascending order; x*x has its atom twice. */
  factors(monomial: number): readonly number[] {
    return this.#factors[monomial]!;
  }

  /** The number of the product of these atoms, in any order. */
  of(atoms: readonly number[]): number {
    const sorted = [...atoms].sort((a, b) => a - b);
    const key = sorted.join('*');
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const made = this.#factors.length;
    this.#factors.push(sorted);
    this.#numbers.set(key, made);
    return made;
  }

  /** undefined where the product would grow beyond the limits above. */
  multiply(a: Polynomial, b: Polynomial): Polynomial | undefined {
    if (a.size * b.size > largestProduct) return undefined;
    const result = new Map<number, bigint>();
    for (const [m, x] of a) {
      for (const [n, y] of b) {
        const factors = m === 0 ? this.#factors[n]! : n === 0 ? this.#factors[m]! : undefined;
        if (!factors && this.#factors[m]!.length + this.#factors[n]!.length > largestDegree) return undefined;
        const monomial = m === 0 ? n : n === 0 ? m : this.of([...this.#factors[m]!, ...this.#factors[n]!]);
        addCoefficient(result, monomial, x * y);
      }
    }
    return result;
  }
}

export const constant = (value: bigint): Polynomial => (value === 0n ? new Map() : new Map([[0, value]]));

export const constantPart = (p: Polynomial): bigint => p.get(0) ?? 0n;

/** The value of a polynomial without unknowns, else undefined. */
export function constantValue(p: Polynomial): bigint | undefined {
  return p.size === 0 ? 0n : p.size === 1 ? p.get(0) : undefined;
}

export function addCoefficient(target: Map<number, bigint>, monomial: number, coefficient: bigint): void {
  const sum = (target.get(monomial) ?? 0n) + coefficient;
  if (sum === 0n) target.delete(monomial);
  else target.set(monomial, sum);
}

/** target += factor * source. */
export function addMultiple(target: Map<number, bigint>, source: Polynomial, factor: bigint): void {
  if (factor === 0n) return;
  for (const [monomial, coefficient] of source) addCoefficient(target, monomial, factor * coefficient);
}

/** a + factor * b. */
export function plus(a: Polynomial, b: Polynomial, factor = 1n): Polynomial {
  const result = new Map(a);
  addMultiple(result, b, factor);
  return result;
}

export function times(p: Polynomial, factor: bigint): Polynomial {
  const result = new Map<number, bigint>();
  addMultiple(result, p, factor);
  return result;
}

/** The greatest common divisor of all coefficients but the constant; 0 for a constant. */
export function content(p: Polynomial): bigint {
  let result = 0n;
  for (const [monomial, coefficient] of p) {
    if (monomial === 0) continue;
    result = gcd(result, coefficient);
    if (result === 1n) break;
  }
  return result;
}

/**
 * The strongest p' >= 0 that p >= 0 gives over the integers by division: g*f + c >= 0 means f + floor(c/g) >= 0.
 * A constant stays what it is.
 */
export function tighten(p: Polynomial): Polynomial {
  const divisor = content(p);
  if (divisor <= 1n) return p;
  const result = new Map<number, bigint>();
  for (const [monomial, coefficient] of p) {
    const quotient = monomial === 0 ? floorDivide(coefficient, divisor) : coefficient / divisor;
    if (quotient !== 0n) result.set(monomial, quotient);
  }
  return result;
}

/** One string per polynomial. */
export function polynomialKey(p: Polynomial): string {
  return [...p]
    .sort(([a], [b]) => a - b)
    .map(([monomial, coefficient]) => `${monomial}:${coefficient}`)
    .join(',');
}
