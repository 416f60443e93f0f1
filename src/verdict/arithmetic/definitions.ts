import { floorDivide, gcd } from '../../base/rational.ts';
import { power } from '../../terms/operator.ts';
import { type ApplyTerm, isTrue, type Term } from '../../terms/term.ts';
import { constant, constantValue, content, type Polynomial, plus, polynomialKey, times } from './polynomial.ts';
import { falseLiteral, type Literal, not, type Problem, trueLiteral } from './problem.ts';

/**
 * What the operators mean, in sums, products, bounds and gates. Sums and products are computed. Everything that rounds
 * (div, mod, wrap, shifts, bit masks with constants) is written with one operation, the floor quotient by a positive constant,
 * whose argument is first reduced: floor((d*A + B)/d) = A + floor(B/d). So `wrap` is a ring homomorphism by
 * construction: wrap(wrap(x) + y) and wrap(y + x) become the same polynomial. The rest (ite, abs, truncating or
 * non-constant division, bit operations, reads) are named atoms with the facts stated here; for non-constant bit operations and
 * shifts the facts are only the useful ones, and `pow` has none.
 */

const largestConstantBits = 4096;
const largestExponent = 16n;
const deepestArray = 500;

export class Definitions {
  readonly #problem: Problem;

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  /** requires: the arguments of the Int term are translated. */
  polynomial(term: Term): Polynomial {
    if (term.kind === 'value') return constant(term.value as bigint);
    if (term.kind !== 'apply') return this.#opaque(term);
    const { op, args } = term;
    const p = this.#problem;
    const arg = (i: number): Polynomial => p.polynomialOf(args[i]!);
    switch (op) {
      case '+':
        return args.slice(1).reduce((sum, a) => plus(sum, p.polynomialOf(a)), arg(0));
      case '-':
        return plus(arg(0), arg(1), -1n);
      case 'neg':
        return times(arg(0), -1n);
      case '*': {
        let product: Polynomial | undefined = arg(0);
        for (let i = 1; i < args.length && product; i++) product = p.monomials.multiply(product, arg(i));
        return product ?? this.#opaque(term);
      }
      case 'pow':
        return this.#power(term, arg(0), arg(1));
      case 'ite':
        return this.#choice(term, p.literalOf(args[0]!), arg(1), arg(2));
      case 'abs': {
        const a = arg(0);
        return this.#choice(term, p.nonNegative(a), a, times(a, -1n));
      }
      case 'div':
        return this.#floorDivision(term, arg(0), arg(1));
      case 'mod':
        return this.#remainder(arg(0), arg(1), this.#floorDivision(term, arg(0), arg(1)), term);
      case 'quot':
        return this.#truncatingDivision(term, arg(0), arg(1));
      case 'rem':
        return this.#remainder(arg(0), arg(1), this.#truncatingDivision(term, arg(0), arg(1)), term);
      case 'wrap.unsigned':
        return this.#wrap(arg(0), term.index, 0n);
      case 'wrap.signed':
        return this.#wrap(arg(0), term.index, 1n << BigInt(term.index - 1));
      case 'bit.not':
        return plus(constant(-1n), arg(0), -1n);
      case 'bit.and':
        return this.#bitAnd(arg(0), arg(1));
      case 'bit.or': {
        const sum = plus(arg(0), arg(1));
        return plus(sum, this.#bitAnd(arg(0), arg(1)), -1n);
      }
      case 'bit.xor': {
        const sum = plus(arg(0), arg(1));
        return plus(sum, this.#bitAnd(arg(0), arg(1)), -2n);
      }
      case 'shift.left':
      case 'shift.right':
        return this.#shift(term, arg(0), arg(1));
      case 'select':
        return this.#read(args[0]!, arg(1), term, 0) ?? this.#opaque(term);
      default:
        return this.#opaque(term);
    }
  }

  /** requires: the arguments of the Bool term are translated. */
  literal(term: Term): Literal {
    const p = this.#problem;
    if (term.kind === 'value') return isTrue(term) ? trueLiteral : falseLiteral;
    if (term.kind !== 'apply') return p.opaque(term);
    const { op, args } = term;
    const kind = args[0]!.sort.kind;
    const literal = (i: number): Literal => p.literalOf(args[i]!);
    const polynomial = (i: number): Polynomial => p.polynomialOf(args[i]!);
    switch (op) {
      case 'not':
        return not(literal(0));
      case 'and':
        return p.and(args.map((a) => p.literalOf(a)));
      case 'or':
        return p.or(args.map((a) => p.literalOf(a)));
      case 'implies':
        return p.implies(literal(0), literal(1));
      case 'xor':
        return not(p.equivalent(literal(0), literal(1)));
      case 'ite':
        return p.and([p.implies(literal(0), literal(1)), p.implies(not(literal(0)), literal(2))]);
      case '=':
        if (kind === 'bool') return p.equivalent(literal(0), literal(1));
        if (kind === 'int') return p.equal(polynomial(0), polynomial(1));
        return args[0] === args[1] ? trueLiteral : p.opaque(term);
      case '<=':
        return kind === 'int' ? p.lessEqual(polynomial(0), polynomial(1)) : p.opaque(term);
      case '<':
        return kind === 'int' ? p.less(polynomial(0), polynomial(1)) : p.opaque(term);
      case '>=':
        return kind === 'int' ? p.lessEqual(polynomial(1), polynomial(0)) : p.opaque(term);
      case '>':
        return kind === 'int' ? p.less(polynomial(1), polynomial(0)) : p.opaque(term);
      default:
        return p.opaque(term);
    }
  }

  #opaque(term: Term): Polynomial {
    return this.#problem.atom(`t${term.id}`, { term }, () => []);
  }

  /** condition ? a : b */
  #choice(term: Term, condition: Literal, a: Polynomial, b: Polynomial): Polynomial {
    const p = this.#problem;
    if (condition === trueLiteral) return a;
    if (condition === falseLiteral) return b;
    const difference = constantValue(plus(b, a, -1n));
    if (difference === 0n) return a;
    return p.atom(`?${condition},${polynomialKey(a)};${polynomialKey(b)}`, { term }, (self) => {
      const facts = [p.implies(condition, p.equal(self, a)), p.implies(not(condition), p.equal(self, b))];
      if (difference !== undefined) {
        // The branches differ by a constant, so the value lies between them: helps the linear relaxation.
        const [low, high] = difference > 0n ? [a, b] : [b, a];
        facts.push(p.lessEqual(low, self), p.lessEqual(self, high));
      }
      return facts;
    });
  }

  /** floor(a / divisor) for a positive constant divisor. */
  #floor(a: Polynomial, divisor: bigint, term?: Term): Polynomial {
    // Take out what divides: coefficients are reduced to the residue of least absolute value.
    const quotient = new Map<number, bigint>();
    const rest = new Map<number, bigint>();
    for (const [monomial, coefficient] of a) {
      const q = floorDivide(2n * coefficient + divisor - 1n, 2n * divisor);
      if (q !== 0n) quotient.set(monomial, q);
      const r = coefficient - q * divisor;
      if (r !== 0n) rest.set(monomial, r);
    }
    const value = constantValue(rest);
    if (value !== undefined) return plus(quotient, constant(floorDivide(value, divisor)));
    // floor((g*B + c)/(g*d)) = floor((B + floor(c/g))/d)
    const common = gcd(content(rest), divisor);
    if (common > 1n) {
      const reduced = new Map<number, bigint>();
      for (const [monomial, coefficient] of rest) {
        const q = monomial === 0 ? floorDivide(coefficient, common) : coefficient / common;
        if (q !== 0n) reduced.set(monomial, q);
      }
      return plus(quotient, this.#floor(reduced, divisor / common, term));
    }
    const p = this.#problem;
    const self = p.atom(`/${divisor};${polynomialKey(rest)}`, term ? { term } : {}, (q) => {
      const remainder = plus(rest, q, -divisor);
      return [p.nonNegative(remainder), p.less(remainder, constant(divisor))];
    });
    return plus(quotient, self);
  }

  #wrap(a: Polynomial, widthBits: number, shift: bigint): Polynomial {
    const modulus = 1n << BigInt(widthBits);
    return plus(a, this.#floor(plus(a, constant(shift)), modulus), -modulus);
  }

  #floorDivision(term: Term, a: Polynomial, b: Polynomial): Polynomial {
    const divisor = constantValue(b);
    if (divisor === 0n) return constant(0n);
    if (divisor !== undefined) return divisor > 0n ? this.#floor(a, divisor) : this.#floor(times(a, -1n), -divisor);
    const p = this.#problem;
    return p.atom(`div;${polynomialKey(a)};${polynomialKey(b)}`, { term }, (q) => {
      const product = p.monomials.multiply(b, q);
      const byZero = p.implies(p.isZero(b), p.isZero(q));
      if (!product) return [byZero];
      const r = plus(a, product, -1n);
      const positive = p.positive(b);
      const negative = p.positive(times(b, -1n));
      const zero = constant(0n);
      return [
        byZero,
        p.implies(positive, p.nonNegative(r)),
        p.implies(positive, p.less(r, b)),
        p.implies(negative, p.lessEqual(r, zero)),
        p.implies(negative, p.less(b, r)),
        // Immediate consequences, which save multiplying inequalities.
        p.implies(p.and([p.nonNegative(a), positive]), p.and([p.nonNegative(q), p.lessEqual(q, a)])),
        p.implies(p.and([p.nonNegative(a), positive, p.less(a, b)]), p.isZero(q)),
        p.implies(p.and([p.positive(a), p.positive(plus(b, constant(-1n)))]), p.less(q, a)),
      ];
    });
  }

  #truncatingDivision(term: Term, a: Polynomial, b: Polynomial): Polynomial {
    const p = this.#problem;
    const zero = constant(0n);
    const divisor = constantValue(b);
    if (divisor === 0n) return zero;
    if (divisor !== undefined && divisor < 0n) {
      return times(this.#truncatingDivision(term, a, constant(-divisor)), -1n);
    }
    if (divisor === 1n) return a;
    const value = constantValue(a);
    if (divisor !== undefined && value !== undefined) return constant(value / divisor);
    return p.atom(`quot;${polynomialKey(a)};${polynomialKey(b)}`, { term }, (q) => {
      const nonNegative = p.nonNegative(a);
      const nonPositive = p.lessEqual(a, zero);
      if (divisor !== undefined) {
        const r = plus(a, q, -divisor);
        return [
          p.implies(nonNegative, p.and([p.nonNegative(r), p.nonNegative(q)])),
          p.implies(nonPositive, p.and([p.lessEqual(r, zero), p.lessEqual(q, zero)])),
          p.less(r, b),
          p.less(times(b, -1n), r),
        ];
      }
      const product = p.monomials.multiply(b, q);
      const positive = p.positive(b);
      const negative = p.positive(times(b, -1n));
      const facts = [
        p.implies(p.isZero(b), p.isZero(q)),
        p.implies(p.and([nonNegative, positive]), p.and([p.nonNegative(q), p.lessEqual(q, a)])),
        p.implies(p.and([nonPositive, positive]), p.and([p.lessEqual(q, zero), p.lessEqual(a, q)])),
        p.implies(p.and([nonNegative, negative]), p.lessEqual(q, zero)),
        p.implies(p.and([nonPositive, negative]), p.nonNegative(q)),
        p.implies(p.and([p.positive(a), p.positive(plus(b, constant(-1n)))]), p.less(q, a)),
      ];
      if (!product) return facts;
      const r = plus(a, product, -1n);
      const minus = times(b, -1n);
      return [
        ...facts,
        p.implies(nonNegative, p.nonNegative(r)),
        p.implies(nonPositive, p.lessEqual(r, zero)),
        p.implies(positive, p.and([p.less(r, b), p.less(minus, r)])),
        p.implies(negative, p.and([p.less(r, minus), p.less(b, r)])),
      ];
    });
  }

  /** a - b*quotient; opaque where the product is too large. */
  #remainder(a: Polynomial, b: Polynomial, quotient: Polynomial, term: Term): Polynomial {
    const product = this.#problem.monomials.multiply(b, quotient);
    return product ? plus(a, product, -1n) : this.#opaque(term);
  }

  #power(term: ApplyTerm, base: Polynomial, exponent: Polynomial): Polynomial {
    const count = constantValue(exponent);
    if (count === undefined) return this.#opaque(term);
    if (count < 0n) return constant(0n);
    const value = constantValue(base);
    if (value !== undefined) {
      const bits = BigInt(value.toString(2).length) * count;
      const trivial = value >= -1n && value <= 1n;
      return trivial || bits <= BigInt(largestConstantBits) ? constant(power(value, count)) : this.#opaque(term);
    }
    if (count > largestExponent) return this.#opaque(term);
    let result: Polynomial | undefined = constant(1n);
    for (let i = 0n; i < count && result; i++) result = this.#problem.monomials.multiply(result, base);
    return result ?? this.#opaque(term);
  }

  #shift(term: ApplyTerm, a: Polynomial, by: Polynomial): Polynomial {
    const p = this.#problem;
    const left = term.op === 'shift.left';
    const count = constantValue(by);
    if (count !== undefined) {
      if (count <= 0n) return a;
      if (count > BigInt(largestConstantBits)) return this.#opaque(term);
      return left ? times(a, 1n << count) : this.#floor(a, 1n << count);
    }
    return p.atom(`${term.op};${polynomialKey(a)};${polynomialKey(by)}`, { term }, (self) => {
      const nonNegative = p.nonNegative(a);
      const none = p.implies(p.lessEqual(by, constant(0n)), p.equal(self, a));
      if (left)
        return [none, p.implies(nonNegative, p.lessEqual(a, self)), p.implies(not(nonNegative), p.lessEqual(self, a))];
      return [
        none,
        p.implies(nonNegative, p.and([p.nonNegative(self), p.lessEqual(self, a)])),
        p.implies(not(nonNegative), p.and([p.lessEqual(a, self), p.less(self, constant(0n))])),
      ];
    });
  }

  #bitAnd(a: Polynomial, b: Polynomial): Polynomial {
    const x = constantValue(a);
    const y = constantValue(b);
    if (x !== undefined && y !== undefined) return constant(x & y);
    if (x !== undefined) return this.#mask(b, x);
    if (y !== undefined) return this.#mask(a, y);
    const p = this.#problem;
    const keys = [polynomialKey(a), polynomialKey(b)].sort();
    if (keys[0] === keys[1]) return a;
    return p.atom(`&;${keys[0]};${keys[1]}`, {}, (self) => {
      const aIsNatural = p.nonNegative(a);
      const bIsNatural = p.nonNegative(b);
      const minusOne = constant(-1n);
      return [
        p.implies(aIsNatural, p.and([p.nonNegative(self), p.lessEqual(self, a)])),
        p.implies(bIsNatural, p.and([p.nonNegative(self), p.lessEqual(self, b)])),
        p.implies(not(aIsNatural), p.lessEqual(self, b)),
        p.implies(not(bIsNatural), p.lessEqual(self, a)),
        p.implies(p.equal(a, b), p.equal(self, a)),
        p.implies(p.equal(a, minusOne), p.equal(self, b)),
        p.implies(p.equal(b, minusOne), p.equal(self, a)),
      ];
    });
  }

  /** a & mask for a constant: each run of ones from bit i up to bit j is 2^i * ((a div 2^i) mod 2^(j-i)). */
  #mask(a: Polynomial, mask: bigint): Polynomial {
    if (mask < 0n) return plus(a, this.#mask(a, -mask - 1n), -1n);
    let result = constant(0n);
    let low = 0n;
    let rest = mask;
    while (rest !== 0n) {
      while ((rest & 1n) === 0n) {
        rest >>= 1n;
        low++;
      }
      let high = low;
      while ((rest & 1n) === 1n) {
        rest >>= 1n;
        high++;
      }
      const bits = plus(this.#floor(a, 1n << low), this.#floor(a, 1n << high), -(1n << (high - low)));
      result = plus(result, times(bits, 1n << low));
      low = high;
    }
    return result;
  }

  /**
   * array[index] for an Int element: through stores and choices down to a read that stays a named atom. undefined where the
   * index is no Int or the array is nested too deeply. `term` is what the new atoms are called after.
   */
  #read(array: Term, index: Polynomial | undefined, term: Term, depth: number): Polynomial | undefined {
    const p = this.#problem;
    if (index === undefined || depth > deepestArray) return undefined;
    const layers: ApplyTerm[] = [];
    let base = array;
    while (base.kind === 'apply' && base.op === 'store') {
      layers.push(base);
      base = base.args[0]!;
    }
    let result: Polynomial;
    if (base.kind === 'apply' && base.op === 'ite') {
      const whenTrue = this.#read(base.args[1]!, index, term, depth + 1);
      const whenFalse = this.#read(base.args[2]!, index, term, depth + 1);
      if (!whenTrue || !whenFalse) return undefined;
      result = this.#choice(term, p.literalOf(base.args[0]!), whenTrue, whenFalse);
    } else {
      result = p.atom(`[${base.id};${polynomialKey(index)}`, { term, read: { array: base, index } }, () => []);
    }
    for (let i = layers.length - 1; i >= 0; i--) {
      const [, at, element] = layers[i]!.args;
      result = this.#choice(term, p.equal(index, p.polynomialOf(at!)), p.polynomialOf(element!), result);
    }
    return result;
  }
}
