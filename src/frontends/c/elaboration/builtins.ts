import { fail } from '../diagnostics.ts';
import type { Expression } from '../parser/ast.ts';
import { type CType, formatType, isArithmetic, isInteger, isScalar, pointerTo, voidType } from '../types/ctype.ts';
import type { Typed } from '../types/typed.ts';
import { constant, constantInteger } from './constant.ts';
import type { Context } from './context.ts';
import { convert } from './conversion.ts';
import { elaborate, integerNode, rvalue, scalar, value } from './expressions.ts';
import { promoted } from './operators.ts';

/**
 * Compiler builtins that are no ordinary functions: their arguments or results have no fixed type, or they must not be
 * evaluated. Undefined: not one of these, treat the name as a function (`__builtin_memcpy` is `memcpy`).
 */
export function builtinCall(
  e: Context,
  name: string,
  args: readonly Expression[],
  at: Extract<Expression, { kind: 'call' }>,
): Typed | undefined {
  const { range } = at;
  if (name === 'assert' && !e.lookup('assert')) {
    e.warn('C0362', '`assert` is used without <assert.h>; it is taken to be the usual one', range);
    return builtinCall(e, '__tertium_assert', args, at);
  }
  if (
    !name.startsWith('__builtin_') &&
    !name.startsWith('__tertium_') &&
    !name.startsWith('__sync_') &&
    !name.startsWith('__atomic_')
  ) {
    return undefined;
  }
  if (e.lookup(name)) return undefined;
  const count = (wanted: number): void => {
    if (args.length !== wanted) fail('C0361', `${name} takes ${wanted} arguments but is given ${args.length}`, range);
  };
  const node = (kind: string, typed: readonly Typed[], type: CType): Typed => ({
    kind: 'builtin',
    name: kind,
    args: typed,
    type,
    range,
  });
  const { types } = e;
  const short = name.replace(/^__builtin_/, '');
  switch (short) {
    case '__tertium_assert':
      count(1);
      return node('assert', [scalar(e, args[0]!, 'an assertion')], voidType);
    case 'expect':
    case 'expect_with_probability':
      if (args.length < 2) count(2);
      return convert(e, value(e, args[0]!), types.long);
    case 'assume_aligned':
      return value(e, args[0]!);
    case 'constant_p': {
      count(1);
      return integerNode(constant(value(e, args[0]!)) === undefined ? 0n : 1n, types.int, range);
    }
    case 'choose_expr': {
      count(3);
      const condition = constantInteger(value(e, args[0]!));
      if (condition === undefined) fail('C0301', 'the condition must be an integer constant', args[0]!.range);
      return elaborate(e, args[condition !== 0n ? 1 : 2]!);
    }
    case 'unreachable':
      count(0);
      return node('unreachable', [], voidType);
    case 'trap':
      return node('trap', [], voidType);
    case 'prefetch':
      return node(
        'ignore',
        args.map((a) => value(e, a)),
        voidType,
      );
    case 'object_size':
    case 'dynamic_object_size':
      return integerNode((1n << BigInt(types.size.bits)) - 1n, types.size, range);
    case 'alloca':
    case 'alloca_with_align':
      return node('alloca', [convert(e, value(e, args[0]!), types.size)], pointerTo(voidType));
    case 'va_start':
    case 'va_end':
    case 'va_copy':
      return node(
        short,
        args.map((a) => elaborate(e, a)),
        voidType,
      );
    case 'inf':
    case 'inff':
    case 'infl':
    case 'huge_val':
    case 'huge_valf':
    case 'huge_vall':
      return node(
        'inf',
        [],
        /^(?:inff|huge_valf)$/.test(short)
          ? types.float
          : /^(?:infl|huge_vall)$/.test(short)
            ? types.longDouble
            : types.double,
      );
    case 'nan':
    case 'nanf':
    case 'nanl':
    case 'nans':
      return node('nan', [], short === 'nanf' ? types.float : short === 'nanl' ? types.longDouble : types.double);
    case 'isnan':
    case 'isinf':
    case 'isinf_sign':
    case 'isfinite':
    case 'isnormal':
    case 'signbit':
      count(1);
      return node(short, [realArgument(e, args[0]!)], types.int);
    case 'fpclassify':
      count(6);
      return node(
        short,
        args.map((a, i) => (i < 5 ? convert(e, value(e, a), types.int) : realArgument(e, a))),
        types.int,
      );
    case 'isgreater':
    case 'isgreaterequal':
    case 'isless':
    case 'islessequal':
    case 'islessgreater':
    case 'isunordered': {
      count(2);
      const typed = args.map((a) => realArgument(e, a));
      const type = types.common(typed[0]!.type, typed[1]!.type);
      return node(
        short,
        typed.map((t) => convert(e, t, type)),
        types.int,
      );
    }
    default:
  }
  const overflow = /^(u|s)?(add|sub|mul)(l|ll)?_overflow(_p)?$/.exec(short);
  if (overflow) return overflowBuiltin(e, overflow, args, at);
  const bits = /^(popcount|clz|ctz|ffs|parity|clrsb)(l|ll)?$/.exec(short) ?? /^(bswap)(16|32|64|128)$/.exec(short);
  if (bits) {
    count(1);
    const type = bitArgument(e, bits[1]!, bits[2] ?? '');
    return node(bits[1]!, [convert(e, promoted(e, value(e, args[0]!)), type)], bits[1] === 'bswap' ? type : types.int);
  }
  if (name.startsWith('__sync_') || name.startsWith('__atomic_')) return atomicBuiltin(e, name, args, at);
  return undefined;
}

function realArgument(e: Context, x: Expression): Typed {
  const typed = value(e, x);
  if (!isArithmetic(typed.type) || typed.type.kind === 'complex')
    fail('C0364', `a floating value is needed, not ${formatType(typed.type)}`, x.range);
  return isInteger(typed.type) ? convert(e, typed, e.types.double) : typed;
}

function bitArgument(e: Context, name: string, suffix: string): CType {
  const { types } = e;
  switch (suffix) {
    case '16':
      return types.ushort;
    case '32':
      return types.uint;
    case '64':
      return types.ullong;
    case '128':
      return types.uint128;
    default: {
      const signed = name === 'ffs' || name === 'clrsb';
      const list = signed ? [types.int, types.long, types.llong] : [types.uint, types.ulong, types.ullong];
      return list[suffix.length]!;
    }
  }
}

/** `__builtin_add_overflow(a, b, &result)`: computed over the integers, then stored modulo the result's width. */
function overflowBuiltin(e: Context, match: RegExpExecArray, args: readonly Expression[], at: Expression): Typed {
  const { types } = e;
  if (args.length !== 3) fail('C0361', `this builtin takes 3 arguments but is given ${args.length}`, at.range);
  const [, sign, op, length, predicate] = match;
  let [a, b] = [value(e, args[0]!), value(e, args[1]!)];
  const result = value(e, args[2]!);
  if (sign) {
    const list = sign === 'u' ? [types.uint, types.ulong, types.ullong] : [types.int, types.long, types.llong];
    const type = list[length?.length ?? 0]!;
    [a, b] = [convert(e, a, type), convert(e, b, type)];
  }
  const to = predicate ? result.type : result.type.kind === 'pointer' ? result.type.to : voidType;
  if (!isInteger(a.type) || !isInteger(b.type) || !isInteger(to))
    fail('C0364', 'this builtin needs integers', at.range);
  return {
    kind: 'builtin',
    name: `${op}_overflow${predicate ?? ''}`,
    args: [a, b, result],
    type: types.bool,
    range: at.range,
  };
}

/** GCC's atomic builtins: typed by what the pointer points to. */
function atomicBuiltin(e: Context, name: string, args: readonly Expression[], at: Expression): Typed {
  const typed = args.map((a) => value(e, a));
  const first = typed[0]?.type;
  const to = first?.kind === 'pointer' && isScalar(first.to) ? first.to : voidType;
  const type = /_(?:store|clear|synchronize|release|thread_fence|signal_fence)(?:_n)?$/.test(name)
    ? voidType
    : /(?:bool_compare_and_swap|compare_exchange(?:_n)?|test_and_set)$/.test(name)
      ? e.types.bool
      : to;
  return { kind: 'builtin', name, args: typed.map((t) => rvalue(e, t)), type, range: at.range };
}
