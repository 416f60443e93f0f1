import { type OperatorName, operators } from '../../../terms/operator.ts';
import { floatSort } from '../../../terms/sort.ts';
import type { Term } from '../../../terms/term.ts';
import { floatToNumber, integerToFloat, numberToFloat } from '../../../terms/value.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { type CType, formatType, type IntegerType, integerBounds } from '../types/ctype.ts';
import type { ArithmeticOperator, Comparison, Typed, TypedOf } from '../types/typed.ts';
import { realPart } from './complex.ts';
import { keepOver, lowerValue, typeOf } from './expressions.ts';
import { isMath, type Value } from './integers.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';

/**
 * Floating-point arithmetic as terms: IEEE 754 binary32 and binary64 (C11 Annex F), each operation rounded once to nearest,
 * ties to even, in the format of its type. So nothing overflows into undefined behaviour and division by zero is defined;
 * what is undefined is the conversion to an integer type that does not hold the whole part [C11 6.3.1.4]: a check of kind
 * `conversion`, or, when nobody looks, anything.
 *
 * Gives up on `long double`, whose format differs between machines, but where only doubles pass through it: then conversions
 * and comparisons are exact. Annotations compute with real numbers, so that there only comparisons of plain values are
 * lowered.
 */
export type FloatingType = CType & { readonly kind: 'floating' };

const refuse = (range: Range): never => unsupported('C0605', `floating-point arithmetic (\`${textOf(range)}\`)`, range);

export const widthOf = (type: FloatingType): 32 | 64 => (type.format === 'float' ? 32 : 64);

export const widthOfTerm = (term: Term): 32 | 64 =>
  term.sort.kind === 'float' && term.sort.format === 'binary32' ? 32 : 64;

export function floatConstant(f: FunctionState, value: number, width: 32 | 64): Term {
  return f.terms.value(numberToFloat(value, width === 32 ? 'binary32' : 'binary64'), floatSort(width));
}

/** An operator on floats; of constants, its value. */
export function floatOperation(f: FunctionState, op: OperatorName, args: readonly Term[], index = 0): Term {
  const term = f.terms.apply(op, args, index);
  const values = args.flatMap((a) => (a.kind === 'value' ? [a.value] : []));
  return values.length === args.length ? f.terms.value(operators[op].evaluate(values, index), term.sort) : term;
}

/** What every answer about floats rests on. */
function assumeIeee(f: FunctionState, range: Range): void {
  f.unit.assume(
    'float and double are IEEE 754 binary32 and binary64; every operation rounds once, to nearest (no excess precision, no contraction)',
    range,
  );
}

/** The value of an expression that computes with floats: a constant, a sum, a negation. What only moves a float is lowered elsewhere. */
export function lowerFloat(f: FunctionState, e: Typed): Value {
  const type = e.type;
  if (type.kind !== 'floating' || type.format === 'long double') return refuse(e.range);
  switch (e.kind) {
    case 'floating':
      if (f.annotation && !Number.isInteger(e.value)) return refuse(e.range);
      return { term: floatConstant(f, e.value, widthOf(type)) };
    case 'builtin':
      return { term: floatConstant(f, e.name === 'inf' ? Number.POSITIVE_INFINITY : Number.NaN, widthOf(type)) };
    case 'negate':
      return { term: floatOperation(f, 'fp.neg', [lowerValue(f, e.operand).term]) };
    case 'convert': {
      if (e.operand.type.kind === 'complex') {
        const part = realPart(f, e.operand);
        return convertScalar(f, part.value, part.type, type, e.range);
      }
      const exact = throughLongDouble(e.operand);
      if (exact) return convertScalar(f, lowerValue(f, exact), typeOf(exact), type, e.range);
      return convertScalar(f, lowerValue(f, e.operand), typeOf(e.operand), type, e.range);
    }
    case 'arithmetic': {
      const spine: TypedOf<'arithmetic'>[] = [];
      let first: Typed = e;
      while (first.kind === 'arithmetic') {
        spine.push(first);
        first = first.left;
      }
      let left = lowerValue(f, first);
      for (let node = spine.pop(); node; node = spine.pop()) {
        left = keepOver(f, left, typeOf(node.left), [node.right]);
        const right = lowerValue(f, node.right);
        left = { term: floatArithmetic(f, node.op, left.term, right.term, node.range) };
      }
      return left;
    }
    default:
      return refuse(e.range);
  }
}

/**
 * The double or integer whose value a `long double` expression has exactly: a conversion to long double and back changes
 * nothing, whatever its format, if it holds every double.
 */
export function throughLongDouble(e: Typed): Typed | undefined {
  if (e.type.kind !== 'floating' || e.type.format !== 'long double') return undefined;
  if (e.kind === 'floating') return e.inexact ? undefined : { ...e, type: { kind: 'floating', format: 'double' } };
  if (e.kind === 'negate') {
    const operand = throughLongDouble(e.operand);
    return operand?.type.kind === 'floating' ? { ...e, operand, type: operand.type } : undefined;
  }
  if (e.kind !== 'convert') return undefined;
  const { operand } = e;
  if (operand.type.kind === 'floating') return operand.type.format === 'long double' ? undefined : operand;
  // What fits a double without rounding.
  const small = operand.type.kind === 'integer' && operand.type.bits <= 32;
  return small ? { ...e, type: { kind: 'floating', format: 'double' } } : undefined;
}

/** The sides of a comparison of long doubles as doubles, where both are exactly that. */
export function doublesOf(e: TypedOf<'compare'>): TypedOf<'compare'> {
  const [left, right] = [asDouble(e.left), asDouble(e.right)];
  return left && right ? { ...e, left, right } : e;
}

function asDouble(e: Typed): Typed | undefined {
  const exact = throughLongDouble(e);
  if (exact?.type.kind !== 'floating' || exact.type.format === 'double') return exact;
  return {
    kind: 'convert',
    operand: exact,
    explicit: false,
    type: { kind: 'floating', format: 'double' },
    range: e.range,
  };
}

export function floatArithmetic(f: FunctionState, op: ArithmeticOperator, a: Term, b: Term, range: Range): Term {
  if (f.annotation) return refuse(range);
  assumeIeee(f, range);
  switch (op) {
    case '+':
      return floatOperation(f, 'fp.add', [a, b]);
    case '-':
      return floatOperation(f, 'fp.sub', [a, b]);
    case '*':
      return floatOperation(f, 'fp.mul', [a, b]);
    case '/':
      return floatOperation(f, 'fp.div', [a, b]);
    default:
      return refuse(range);
  }
}

export function compareFloats(f: FunctionState, e: TypedOf<'compare'>, op: Comparison, a: Term, b: Term): Term {
  void e;
  const { terms } = f;
  switch (op) {
    case '<':
      return floatOperation(f, 'fp.lt', [a, b]);
    case '>':
      return floatOperation(f, 'fp.lt', [b, a]);
    case '<=':
      return floatOperation(f, 'fp.le', [a, b]);
    case '>=':
      return floatOperation(f, 'fp.le', [b, a]);
    case '==':
      return floatOperation(f, 'fp.eq', [a, b]);
    case '!=': {
      const same = floatOperation(f, 'fp.eq', [a, b]);
      return same.kind === 'value' ? terms.bool(same.value !== true) : terms.not(same);
    }
  }
}

/** A float is true if it is not 0; NaN is true. */
export function isNonZeroFloat(f: FunctionState, term: Term, _range: Range): Term {
  const zero = floatOperation(f, 'fp.eq', [term, floatConstant(f, 0, widthOfTerm(term))]);
  return zero.kind === 'value' ? f.terms.bool(zero.value !== true) : f.terms.not(zero);
}

export function floatOfInteger(f: FunctionState, term: Term, type: FloatingType): Term {
  if (type.format === 'long double') throw new Error('INVARIANT broken: long double has no terms');
  return floatOperation(f, 'fp.of.int', [term], widthOf(type));
}

export function convertFloat(f: FunctionState, term: Term, from: FloatingType, to: FloatingType): Term {
  return from.format === to.format ? term : floatOperation(f, 'fp.convert', [term], widthOf(to));
}

/** Whole parts of any double. */
const widestWhole = 1025;

export function integerOfFloat(
  f: FunctionState,
  term: Term,
  _from: FloatingType,
  to: IntegerType,
  range: Range,
): Value {
  return wholeNumber(f, term, to, range, 'conversion');
}

/** The whole part of a float as an integer; where the type does not hold it: a failing check of that kind, or anything. */
export function wholeNumber(
  f: FunctionState,
  term: Term,
  to: IntegerType,
  range: Range,
  kind: 'conversion' | undefined,
): Value {
  const { terms, unit } = f;
  const math = isMath(unit.options.integers, to);
  const width = math ? widestWhole : to.signed ? to.bits : to.bits + 1;
  const bounds = math ? undefined : integerBounds(to);
  const fits = floatFits(f, term, bounds);
  const whole = floatOperation(f, 'fp.to.int', [term], width);
  if (fits === terms.true) {
    const constant = whole.kind === 'value' ? (whole.value as bigint) : undefined;
    return { term: whole, ...(constant === undefined ? bounds : { low: constant, high: constant }) };
  }
  if (kind && unit.checked(kind) && !f.annotation) {
    f.require(
      { kind, property: fits, text: `{} fits ${formatType(to)}`, failure: `{} does not fit ${formatType(to)}` },
      range,
    );
    return { term: whole, ...bounds };
  }
  const other = f.annotation ? { term: terms.int(0) } : f.anything(to);
  return { term: terms.ite(fits, whole, other.term), ...bounds };
}

/** The condition that the whole part lies between bounds: low - 1 < x < high + 1. Without bounds, that it is a number. */
function floatFits(f: FunctionState, term: Term, bounds: { low: bigint; high: bigint } | undefined): Term {
  const width = widthOfTerm(term);
  const format = width === 32 ? 'binary32' : 'binary64';
  const constant = (value: bigint): Term => f.terms.value(integerToFloat(value, format), floatSort(width));
  const both = (a: Term, b: Term): Term => {
    if (a === f.terms.false || b === f.terms.false) return f.terms.false;
    return a === f.terms.true ? b : b === f.terms.true ? a : f.terms.and(a, b);
  };
  if (!bounds) {
    const limit = floatConstant(f, Number.POSITIVE_INFINITY, width);
    return floatOperation(f, 'fp.lt', [floatOperation(f, 'fp.abs', [term]), limit]);
  }
  const below = integerToFloat(bounds.low - 1n, format);
  // Where the number below the least one is no float, there is none between the two.
  const number = floatToNumber(below);
  const exact = !Number.isFinite(number) || BigInt(number) === bounds.low - 1n;
  const above = exact
    ? floatOperation(f, 'fp.lt', [f.terms.value(below, floatSort(width)), term])
    : floatOperation(f, 'fp.le', [constant(bounds.low), term]);
  return both(above, floatOperation(f, 'fp.lt', [term, floatUpTo(f, bounds.high, width)]));
}

/** The least float that is at least high + 1; for the integer types of C, high + 1 itself, or infinity. */
function floatUpTo(f: FunctionState, high: bigint, width: 32 | 64): Term {
  const format = width === 32 ? 'binary32' : 'binary64';
  return f.terms.value(integerToFloat(high + 1n, format), floatSort(width));
}
