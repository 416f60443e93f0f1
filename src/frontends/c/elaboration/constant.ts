import { type CType, integerBounds, integerOf, isInteger, wrapInteger } from '../types/ctype.ts';
import type { Typed, TypedOf } from '../types/typed.ts';

/**
 * The value of an integer constant expression [C11 6.6]; undefined when the expression is not constant, or when evaluating it
 * would overflow or divide by zero. Floating subterms are computed in doubles (long double in double too: not exact, so a
 * long double subterm makes the result undefined unless it is a small integer). `strict`: nothing that the standard leaves undefined.
 */
export function constantInteger(e: Typed, strict = false): bigint | undefined {
  const value = constant(e, 0, strict);
  return typeof value === 'bigint' ? value : undefined;
}

/** Every level of a long sum is asked for, and each asks for all below it: so the values of sums are kept. */
const values = new WeakMap<Typed, { readonly value: Constant }>();
const strictValues = new WeakMap<Typed, { readonly value: Constant }>();

type Constant = bigint | number | undefined;

const deepest = 1500;

export function constant(e: Typed, depth = 0, strict = false): Constant {
  if (depth > deepest) return undefined;
  switch (e.kind) {
    case 'integer':
      return e.value;
    case 'floating':
      if (e.inexact && e.type.kind === 'floating' && e.type.format === 'long double') return undefined;
      return e.imaginary ? undefined : e.value;
    case 'convert':
      return convertConstant(constant(e.operand, depth + 1, strict), e.type);
    case 'negate':
    case 'complement': {
      const operand = constant(e.operand, depth + 1, strict);
      if (operand === undefined) return undefined;
      if (typeof operand === 'number') return e.kind === 'negate' ? rounded(-operand, e.type) : undefined;
      return checked(e.kind === 'negate' ? -operand : ~operand, e.type);
    }
    case 'not': {
      const operand = constant(e.operand, depth + 1, strict);
      return operand === undefined ? undefined : truth(operand === 0n || operand === 0);
    }
    case 'arithmetic': {
      // The left spine of a long sum is walked in a loop.
      const known = strict ? strictValues : values;
      const spine: TypedOf<'arithmetic'>[] = [];
      let first: Typed = e;
      while (first.kind === 'arithmetic' && !known.has(first)) {
        spine.push(first);
        first = first.left;
      }
      let value = known.has(first) ? known.get(first)!.value : constant(first, depth + 1, strict);
      for (let node = spine.pop(); node; node = spine.pop()) {
        if (value !== undefined) {
          value = arithmetic(node.op, value, constant(node.right, depth + 1, strict), node.type, strict);
        }
        known.set(node, { value });
      }
      return value;
    }
    case 'compare': {
      const left = constant(e.left, depth + 1, strict);
      const right = constant(e.right, depth + 1, strict);
      return left === undefined || right === undefined ? undefined : compareConstants(e.op, left, right);
    }
    case 'logical': {
      if (e.op !== '&&' && e.op !== '||') return undefined;
      const left = isTrue(constant(e.left, depth + 1, strict));
      if (left === undefined) return undefined;
      if (e.op === '&&' ? !left : left) return truth(left);
      const right = isTrue(constant(e.right, depth + 1, strict));
      return right === undefined ? undefined : truth(right);
    }
    case 'conditional': {
      const condition = constant(e.condition, depth + 1, strict);
      const holds = isTrue(condition);
      if (holds === undefined) return undefined;
      if (!holds) return constant(e.otherwise, depth + 1, strict);
      return e.consequent ? constant(e.consequent, depth + 1, strict) : convertConstant(condition, e.type);
    }
    case 'builtin':
      return e.name === 'inf' ? Number.POSITIVE_INFINITY : e.name === 'nan' ? Number.NaN : undefined;
    default:
      return undefined;
  }
}

const truth = (condition: boolean): bigint => (condition ? 1n : 0n);
const isTrue = (value: Constant): boolean | undefined =>
  value === undefined ? undefined : value !== 0n && value !== 0;

function rounded(value: number, type: CType): number {
  return type.kind === 'floating' && type.format === 'float' ? Math.fround(value) : value;
}

/** The value if its type can hold it; unsigned types wrap. */
function checked(value: bigint, type: CType): bigint | undefined {
  if (!isInteger(type)) return undefined;
  const integer = integerOf(type);
  if (!integer.signed) return wrapInteger(value, integer);
  const { low, high } = integerBounds(integer);
  return value < low || value > high ? undefined : value;
}

export function convertConstant(value: Constant, type: CType): Constant {
  if (value === undefined) return undefined;
  if (isInteger(type)) {
    const integer = integerOf(type);
    if (typeof value === 'bigint') return wrapInteger(value, integer);
    if (integer.name === '_Bool') return truth(value !== 0);
    if (!Number.isFinite(value)) return undefined;
    const truncated = BigInt(Math.trunc(value));
    const { low, high } = integerBounds(integer);
    return truncated < low || truncated > high ? undefined : truncated;
  }
  if (type.kind === 'floating') {
    if (type.format === 'long double' && typeof value === 'bigint' && (value > 2n ** 53n || value < -(2n ** 53n)))
      return undefined;
    return rounded(Number(value), type);
  }
  // A null pointer constant stays recognisable: `(void *)0`.
  if (type.kind === 'pointer' && typeof value === 'bigint') return value;
  return undefined;
}

function arithmetic(op: string, a: Constant, b: Constant, type: CType, strict: boolean): Constant {
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === 'number' || typeof b === 'number') {
    const x = Number(a);
    const y = Number(b);
    if (type.kind !== 'floating' || type.format === 'long double') return undefined;
    switch (op) {
      case '+':
        return rounded(x + y, type);
      case '-':
        return rounded(x - y, type);
      case '*':
        return rounded(x * y, type);
      case '/':
        return rounded(x / y, type);
      default:
        return undefined;
    }
  }
  switch (op) {
    case '+':
      return checked(a + b, type);
    case '-':
      return checked(a - b, type);
    case '*':
      return checked(a * b, type);
    case '/':
      return b === 0n ? undefined : checked(a / b, type);
    case '%':
      // The quotient must exist too: the smallest number divided by -1 overflows, and so its remainder is undefined.
      return b === 0n || checked(a / b, type) === undefined ? undefined : checked(a % b, type);
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
    case '>>': {
      if (!isInteger(type) || b < 0n || b >= BigInt(integerOf(type).bits)) return undefined;
      // Shifting a negative number to the left is undefined; compilers compute it all the same.
      if (op === '<<' && strict && a < 0n) return undefined;
      return op === '>>' ? a >> b : checked(a << b, type);
    }
    default:
      return undefined;
  }
}

function compareConstants(op: string, a: bigint | number, b: bigint | number): bigint | undefined {
  switch (op) {
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '==':
      // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number are compared by value
      return truth(a == b);
    case '!=':
      // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number are compared by value
      return truth(a != b);
    default:
      return undefined;
  }
}
