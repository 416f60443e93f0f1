import { fail, unsupported } from '../diagnostics.ts';
import type { Range } from '../preprocessor/source-file.ts';
import {
  type CType,
  compatible,
  formatType,
  isArithmetic,
  isBool,
  isInteger,
  isScalar,
  unqualified,
} from '../types/ctype.ts';
import type { Typed } from '../types/typed.ts';
import { constantInteger } from './constant.ts';
import type { Context } from './context.ts';

/** Conversions between types [C11 6.3, 6.5.16.1]: silent ones become nodes, wrong ones become messages. */

/** A node of the type: the operand itself when its type is that already. */
export function convert(_e: Context, operand: Typed, type: CType, explicit = false): Typed {
  const wanted = unqualified(type);
  const have = operand.type;
  const same =
    wanted.kind === have.kind &&
    ((wanted.kind === 'integer' && have.kind === 'integer' && wanted.name === have.name) ||
      ((wanted.kind === 'floating' || wanted.kind === 'complex') &&
        (have.kind === 'floating' || have.kind === 'complex') &&
        wanted.format === have.format) ||
      (wanted.kind === 'record' && have.kind === 'record' && wanted.info === have.info));
  if (same) return operand;
  return { kind: 'convert', operand, explicit, type: wanted, range: operand.range };
}

export function isNullConstant(e: Typed): boolean {
  if (isInteger(e.type)) return constantInteger(e) === 0n;
  return (
    e.kind === 'convert' &&
    e.explicit &&
    e.type.kind === 'pointer' &&
    e.type.to.kind === 'void' &&
    isInteger(e.operand.type) &&
    constantInteger(e.operand) === 0n
  );
}

/** Converts as by assignment. `what` says what happens: "initialising", "passing argument 2 of f", "returning". */
export function assignable(e: Context, value: Typed, to: CType, what: string, range: Range = value.range): Typed {
  const type = unqualified(to);
  const from = value.type;
  const bad = (): never =>
    fail('C0320', `${what} a ${formatType(type)} with a value of type ${formatType(from)}`, range, {
      expected: formatType(type),
    });
  if (from.kind === 'void') fail('C0321', 'the value of an expression of type void is used', range);
  for (const t of [type, from]) {
    if (t.kind === 'opaque') unsupported('C0353', `the type ${formatType(t)}`, range);
  }
  if (isArithmetic(type) && isArithmetic(from)) return convert(e, value, type);
  if (type.kind === 'record' || type.kind === 'va-list') {
    if (!compatible(type, unqualified(from))) bad();
    return value;
  }
  if (type.kind === 'pointer') {
    if (from.kind === 'pointer') {
      const loose = type.to.kind === 'void' || from.to.kind === 'void' || isNullConstant(value);
      if (!loose && !compatible(unqualified(type.to), unqualified(from.to))) {
        e.warn('C0322', `${what} a ${formatType(type)} with a ${formatType(from)}`, range);
      }
      return convert(e, value, type);
    }
    if (isInteger(from)) {
      if (!isNullConstant(value)) e.warn('C0323', `${what} a pointer with an integer, without a cast`, range);
      return convert(e, value, type);
    }
    return bad();
  }
  if (isBool(type) && isScalar(from)) return convert(e, value, type);
  if (isInteger(type) && from.kind === 'pointer') {
    e.warn('C0323', `${what} an integer with a pointer, without a cast`, range);
    return convert(e, value, type);
  }
  return bad();
}
