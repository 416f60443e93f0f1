import { fail, unsupported } from '../diagnostics.ts';
import type { Expression } from '../parser/ast.ts';
import { headerThatDeclares } from '../preprocessor/headers/index.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type CType, formatType, integerOf, isArithmetic, isInteger, pointerTo, voidType } from '../types/ctype.ts';
import type { Typed } from '../types/typed.ts';
import { elaborateCall } from './calls.ts';
import { constant, constantInteger } from './constant.ts';
import type { Context } from './context.ts';
import { convert } from './conversion.ts';
import { elaborate, integerNode, scalar, value } from './expressions.ts';
import { promoted } from './operators.ts';

const quantifiers = new Set(['__ESBMC_forall', '__ESBMC_exists']);

/** Clauses of function and loop contracts, written as calls: without a proof of the contract they do nothing [ESBMC]. */
const contractClauses = new Set([
  '__ESBMC_requires',
  '__ESBMC_ensures',
  '__ESBMC_assigns',
  '__ESBMC_loop_assigns',
  '__ESBMC_contract',
  '__ESBMC_unroll',
]);

/**
 * `__ESBMC_forall(&i, condition)`: the builtin `forall` of the variable and the condition; i is bound in it, and its value
 * outside stays what it is.
 */
function quantifier(e: Context, name: string, args: readonly Expression[], range: Range): Typed {
  const [place, condition, ...more] = args;
  if (!place || !condition || more.length > 0)
    fail('C0361', `${name} takes 2 arguments but is given ${args.length}`, range);
  if (place.kind !== 'unary' || place.op !== '&') {
    return unsupported('C0365', `\`${name}\` of anything but \`&variable\``, place.range);
  }
  const bound = elaborate(e, place.operand);
  if (bound.kind !== 'variable' || !isInteger(bound.type))
    return unsupported('C0365', `\`${name}\` of anything but an integer variable`, place.range);
  const typed = scalar(e, condition, 'a quantified condition');
  return { kind: 'builtin', name: name.replace('__ESBMC_', ''), args: [bound, typed], type: e.types.bool, range };
}

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
  const declared = e.lookup(name);
  if (quantifiers.has(name) && (!declared || (declared.kind === 'function' && !declared.body)))
    return quantifier(e, name, args, range);
  if (contractClauses.has(name) && !declared) {
    e.warn('C0367', `\`${name}\` is not used: contracts are not looked at`, range);
    return { kind: 'builtin', name: 'ignore', args: [], type: voidType, range };
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
    case '__tertium_shift_overflow':
      return unsupported('C0365', 'what ESBMC calls an overflow of a shift', range);
    case '__tertium_wrapping_add':
    case '__tertium_wrapping_sub':
      count(2);
      return wrapping(e, short.endsWith('add') ? '+' : '-', value(e, args[0]!), value(e, args[1]!), range);
    case '__tertium_atomic_begin':
    case '__tertium_atomic_end':
      count(0);
      return node(short.slice('__tertium_'.length).replace('_', '-'), [], voidType);
    case '__tertium_thread_self':
      count(0);
      return node('thread-self', [], types.ulong);
    case '__tertium_thread_wait':
      count(1);
      return node('thread-wait', [convert(e, value(e, args[0]!), types.ulong)], voidType);
    case '__tertium_thread_result':
      count(1);
      return node('thread-result', [convert(e, value(e, args[0]!), types.ulong)], pointerTo(voidType));
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
    case 'stack_save':
      count(0);
      return node(short, [], pointerTo(voidType));
    case 'stack_restore':
      count(1);
      return node(short, [value(e, args[0]!)], voidType);
    case 'return_address':
    case 'frame_address':
      count(1);
      return node(short, [convert(e, value(e, args[0]!), types.uint)], pointerTo(voidType));
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
    case 'nansf':
    case 'nansl':
      return node('nan', [], short.endsWith('f') ? types.float : short.endsWith('l') ? types.longDouble : types.double);
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
  const checked = /^__(mem(?:cpy|move|set)|mempcpy|st(?:r|p)n?cpy|strn?cat)_chk$/.exec(short);
  // The last argument is the size of the target where the compiler knows it; bounds are checked here anyway.
  if (checked) return elaborateCall(e, { ...at, callee: nameAt(checked[1]!, at.callee), args: args.slice(0, -1) });
  if (/^(?:__sync|__atomic|__tertium)_/.test(name) || !knownFunction(e, short))
    unsupported('C0365', `the compiler builtin \`${name}\``, range);
  return undefined;
}

const nameAt = (name: string, { range }: Expression): Expression => ({ kind: 'name', name, range });

/** A builtin that is another name for a function: of the library, or one that the program declares. */
const knownFunction = (e: Context, name: string): boolean =>
  e.lookupGlobal(name)?.kind === 'function' || headerThatDeclares(name) !== undefined;

/** The sum or difference modulo the width of `a`, without undefined behaviour: what atomic operations compute. */
function wrapping(e: Context, op: '+' | '-', a: Typed, b: Typed, range: Range): Typed {
  if (!isInteger(a.type) || !isInteger(b.type)) {
    return unsupported('C0365', `an atomic operation on a ${formatType(a.type)}`, range);
  }
  const type = integerOf(a.type);
  const wide = type.bits === 1 ? e.types.uint : e.types.unsignedOf(type);
  const [left, right] = [convert(e, convert(e, a, wide), e.types.promote(wide)), convert(e, b, wide)];
  const result = e.types.promote(wide);
  // A narrow unsigned type is promoted to int, which holds every sum of two of its values.
  const sum: Typed = { kind: 'arithmetic', op, left, right: convert(e, right, result), type: result, range };
  return convert(e, convert(e, sum, wide), type);
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
