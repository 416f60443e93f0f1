import { fail, unsupported } from '../diagnostics.ts';
import type { AssignmentOperator, BinaryOperator, Expression, UnaryOperator } from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import {
  type CType,
  compatible,
  formatType,
  integerOf,
  isArithmetic,
  isInteger,
  isScalar,
  pointerTo,
  unqualified,
} from '../types/ctype.ts';
import { sizeOf } from '../types/layout.ts';
import type { ArithmeticOperator, Comparison, Typed } from '../types/typed.ts';
import type { Context } from './context.ts';
import { assignable, convert, isNullConstant } from './conversion.ts';
import {
  dereference,
  elaborate,
  isLvalue,
  markAddressTaken,
  modifiable,
  rvalue,
  scalar,
  value,
} from './expressions.ts';
import { variableSize } from './type-names.ts';

/** Operators [C11 6.5.2.4–6.5.16]: which operands they take, what they convert, what they give. */

/** The integer promotion of a value; a bit-field's width counts. */
export function promoted(e: Context, t: Typed): Typed {
  if (!isInteger(t.type)) return t;
  const width = bitFieldWidth(t);
  if (width !== undefined && width > e.types.int.bits && width < integerOf(t.type).bits) {
    // GCC computes in the width of the field, other compilers in that of its type.
    unsupported('C0354', 'arithmetic with a bit-field wider than int, on which compilers differ', t.range);
  }
  return convert(e, t, e.types.promote(t.type, width));
}

/** Set for the value of a bit-field, also when it comes out of an assignment or a comma (as GCC and Clang have it). */
function bitFieldWidth(start: Typed): number | undefined {
  let t = start;
  for (;;) {
    switch (t.kind) {
      case 'load':
        t = t.lvalue;
        break;
      case 'comma':
        t = t.right;
        break;
      case 'assign':
      case 'compound-assign':
      case 'increment':
        t = t.target;
        break;
      case 'statement-expression':
        if (!t.value) return undefined;
        t = t.value;
        break;
      case 'member':
        return t.field.bitField?.widthBits;
      default:
        return undefined;
    }
  }
}

export function unary(e: Context, op: UnaryOperator, operand: Expression, range: Range): Typed {
  switch (op) {
    case '&': {
      const object = elaborate(e, operand);
      if (object.type.kind === 'function')
        return { kind: 'address', lvalue: object, type: pointerTo(object.type), range };
      if (!isLvalue(object))
        fail('C0350', 'this has no address', range, { expected: 'a variable, a member or an element' });
      if (object.kind === 'member' && object.field.bitField) fail('C0350', 'a bit-field has no address', range);
      // `&*p` is p, whatever p points to.
      if (object.kind === 'dereference') return { ...object.pointer, type: pointerTo(object.type), range };
      markAddressTaken(object);
      return { kind: 'address', lvalue: object, type: pointerTo(object.type), range };
    }
    case '*': {
      const pointer = value(e, operand);
      if (pointer.type.kind !== 'pointer')
        fail('C0332', `\`*\` needs a pointer, not ${formatType(pointer.type)}`, range);
      return dereference(pointer, range);
    }
    case '++':
    case '--':
      return increment(e, elaborate(e, operand), op === '++' ? 1 : -1, false, range);
    case '!':
      return { kind: 'not', operand: scalar(e, operand, 'the operand of `!`'), type: e.types.int, range };
    case '+':
    case '-': {
      const t = promoted(e, value(e, operand));
      if (!isArithmetic(t.type)) fail('C0351', `\`${op}\` needs a number, not ${formatType(t.type)}`, range);
      return op === '+' ? { ...t, range } : { kind: 'negate', operand: t, type: t.type, range };
    }
    case '~': {
      const t = promoted(e, value(e, operand));
      if (!isInteger(t.type) && t.type.kind !== 'complex')
        fail('C0351', `\`~\` needs an integer, not ${formatType(t.type)}`, range);
      return { kind: 'complement', operand: t, type: t.type, range };
    }
    case '__real__':
    case '__imag__': {
      const object = elaborate(e, operand);
      // The parts of a complex variable are lvalues.
      const t = object.type.kind === 'complex' && isLvalue(object) ? object : rvalue(e, object);
      if (!isArithmetic(t.type)) fail('C0351', `\`${op}\` needs a number`, range);
      const type: CType = t.type.kind === 'complex' ? { kind: 'floating', format: t.type.format } : t.type;
      return { kind: op === '__real__' ? 'real' : 'imaginary', operand: t, type, range };
    }
    case '__extension__':
      return elaborate(e, operand);
  }
}

export function increment(e: Context, target: Typed, delta: 1 | -1, postfix: boolean, range: Range): Typed {
  const object = modifiable(e, target);
  if (!isScalar(object.type)) fail('C0351', `a ${formatType(object.type)} cannot be incremented`, range);
  if (object.type.kind === 'pointer') requireElementSize(e, object.type, range);
  return { kind: 'increment', target: object, delta, postfix, type: unqualified(object.type), range };
}

export function binary(e: Context, op: BinaryOperator, left: Typed, right: Typed, range: Range): Typed {
  for (const t of [left, right]) {
    if (t.type.kind === 'opaque') unsupported('C0353', `the type ${formatType(t.type)}`, t.range);
  }
  switch (op) {
    case '&&':
    case '||':
    case '==>':
    case '<==>':
    case '^^':
      for (const t of [left, right]) {
        if (!isScalar(t.type)) fail('C0331', `\`${op}\` needs numbers or pointers, not ${formatType(t.type)}`, t.range);
      }
      return { kind: 'logical', op, left, right, type: e.types.int, range };
    case '<':
    case '>':
    case '<=':
    case '>=':
    case '==':
    case '!=':
      return comparison(e, op, left, right, range);
    case '+':
    case '-':
      if (left.type.kind === 'pointer' || right.type.kind === 'pointer')
        return pointerArithmetic(e, op, left, right, range);
      return arithmetic(e, op, left, right, range);
    default:
      return arithmetic(e, op, left, right, range);
  }
}

function mismatch(op: string, left: Typed, right: Typed, range: Range): never {
  fail('C0352', `\`${op}\` does not work on ${formatType(left.type)} and ${formatType(right.type)}`, range);
}

/** The type in which `left op right` is computed; undefined if the operator does not take these. */
function computeType(e: Context, op: ArithmeticOperator, left: Typed, right: Typed): CType | undefined {
  const integersOnly = op === '%' || op === '&' || op === '|' || op === '^' || op === '<<' || op === '>>';
  if (
    integersOnly
      ? !isInteger(left.type) || !isInteger(right.type)
      : !isArithmetic(left.type) || !isArithmetic(right.type)
  ) {
    return undefined;
  }
  if (op === '<<' || op === '>>') return promoted(e, left).type;
  return e.types.common(promoted(e, left).type, promoted(e, right).type);
}

function arithmetic(e: Context, op: ArithmeticOperator, left: Typed, right: Typed, range: Range): Typed {
  const type = computeType(e, op, left, right);
  if (!type) mismatch(op, left, right, range);
  const second = op === '<<' || op === '>>' ? promoted(e, right) : convert(e, promoted(e, right), type);
  return { kind: 'arithmetic', op, left: convert(e, promoted(e, left), type), right: second, type, range };
}

function requireElementSize(e: Context, type: CType, range: Range): void {
  if (type.kind !== 'pointer') return;
  const known = type.to.kind === 'function' || variableSize(type.to) || sizeOf(type.to, e.model) !== undefined;
  if (!known) fail('C0330', `${formatType(type.to)} is incomplete: its size is not known`, range);
}

function pointerArithmetic(e: Context, op: '+' | '-', left: Typed, right: Typed, range: Range): Typed {
  if (left.type.kind === 'pointer' && right.type.kind === 'pointer') {
    if (op === '+') mismatch(op, left, right, range);
    if (!compatible(unqualified(left.type.to), unqualified(right.type.to))) {
      e.warn('C0322', 'pointers to different types are subtracted', range);
    }
    requireElementSize(e, left.type, range);
    return { kind: 'pointer-difference', left, right, type: e.types.ptrdiff, range };
  }
  const [pointer, index] = left.type.kind === 'pointer' ? [left, right] : [right, left];
  if (!isInteger(index.type) || (op === '-' && pointer === right)) mismatch(op, left, right, range);
  requireElementSize(e, pointer.type, range);
  return { kind: 'pointer-add', pointer, index: promoted(e, index), subtract: op === '-', type: pointer.type, range };
}

function comparison(e: Context, op: Comparison, left: Typed, right: Typed, range: Range): Typed {
  const { int } = e.types;
  if (isArithmetic(left.type) && isArithmetic(right.type)) {
    const type = e.types.common(promoted(e, left).type, promoted(e, right).type);
    return {
      kind: 'compare',
      op,
      left: convert(e, promoted(e, left), type),
      right: convert(e, promoted(e, right), type),
      type: int,
      range,
    };
  }
  const pointerish = (t: Typed): boolean => t.type.kind === 'pointer' || isInteger(t.type);
  if (!pointerish(left) || !pointerish(right)) mismatch(op, left, right, range);
  const pointer = left.type.kind === 'pointer' ? left.type : right.type;
  const other = left.type.kind === 'pointer' ? right : left;
  if (isInteger(other.type)) {
    if (!isNullConstant(other)) e.warn('C0323', 'a pointer is compared with an integer', range);
  } else if (
    pointer.kind === 'pointer' &&
    other.type.kind === 'pointer' &&
    pointer.to.kind !== 'void' &&
    other.type.to.kind !== 'void' &&
    !isNullConstant(left) &&
    !isNullConstant(right) &&
    !compatible(unqualified(pointer.to), unqualified(other.type.to))
  ) {
    e.warn('C0322', 'pointers to different types are compared', range);
  }
  const typed = (t: Typed): Typed => (isInteger(t.type) ? convert(e, t, pointer) : t);
  return { kind: 'compare', op, left: typed(left), right: typed(right), type: int, range };
}

export function compoundAssign(
  e: Context,
  target: Typed,
  op: AssignmentOperator,
  operand: Expression,
  range: Range,
): Typed {
  const operator = op.slice(0, -1) as ArithmeticOperator;
  const right = value(e, operand);
  const type = unqualified(target.type);
  if (type.kind === 'pointer') {
    if ((operator !== '+' && operator !== '-') || !isInteger(right.type)) mismatch(op, target, right, range);
    requireElementSize(e, type, range);
    return { kind: 'compound-assign', op: operator, target, value: promoted(e, right), computeType: type, type, range };
  }
  const compute = computeType(e, operator, rvalue(e, target), right);
  if (!compute) mismatch(op, target, right, range);
  const operandType = operator === '<<' || operator === '>>' ? promoted(e, right).type : compute;
  const converted = convert(e, promoted(e, right), operandType);
  // Checks that the result can go back, as an assignment would.
  assignable(e, { kind: 'integer', value: 0n, type: compute, range }, target.type, 'assigning', range);
  return { kind: 'compound-assign', op: operator, target, value: converted, computeType: compute, type, range };
}
