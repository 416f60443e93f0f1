import { unsupported } from '../diagnostics.ts';
import { textOf } from '../preprocessor/source-file.ts';
import { integerBounds, integerOf, isInteger } from '../types/ctype.ts';
import type { Typed, TypedOf } from '../types/typed.ts';
import { allocate } from './allocation.ts';
import { assertion } from './calls.ts';
import { truthValue } from './conditions.ts';
import { keepOver, lowerEffect, lowerValue } from './expressions.ts';
import { arithmetic, convertInteger, type Value } from './integers.ts';
import { lowerFloatBuiltin } from './math-library.ts';
import { lowerPlace, writePlace } from './places.ts';
import type { FunctionState } from './state.ts';
import { lowerThreadBuiltin } from './threads.ts';
import { copyArguments, startArguments } from './variadic.ts';

/** Compiler builtins that are no ordinary functions. Undefined: it has no value. */
export function lowerBuiltin(f: FunctionState, e: TypedOf<'builtin'>, _used: boolean): Value | undefined {
  switch (e.name) {
    case 'assert':
      assertion(f, e.args[0]!, e.range);
      return undefined;
    case 'unreachable':
      f.require(
        { kind: 'unreachable', property: f.terms.false, text: '{} is never reached', failure: '{} is reached' },
        e.range,
      );
      f.emit({ kind: 'assume', condition: f.terms.false });
      f.stop();
      return undefined;
    case 'trap':
      f.abort(e.range);
      return undefined;
    case 'ignore':
      for (const arg of e.args) lowerEffect(f, arg);
      return undefined;
    case 'atomic-begin':
    case 'atomic-end':
    case 'thread-self':
    case 'thread-wait':
    case 'thread-result':
      return lowerThreadBuiltin(f, e);
    case 'alloca':
      return allocate(f, lowerValue(f, e.args[0]!), 'alloca', false, e.range);
    case 'va_start':
      startArguments(f, e);
      return undefined;
    case 'va_copy':
      copyArguments(f, e);
      return undefined;
    case 'va_end':
      return undefined;
    case 'add_overflow':
    case 'sub_overflow':
    case 'mul_overflow':
    case 'add_overflow_p':
    case 'sub_overflow_p':
    case 'mul_overflow_p':
      return overflowing(f, e);
    case 'popcount':
    case 'parity':
    case 'clz':
    case 'ctz':
    case 'ffs':
    case 'clrsb':
    case 'bswap':
      return bitCount(f, e);
    default:
      return lowerFloatBuiltin(f, e) ?? unsupported('C0606', `the builtin \`${textOf(e.range)}\``, e.range);
  }
}

/** The exact result, stored modulo the width of its target; the value says whether that changed it. */
function overflowing(f: FunctionState, e: TypedOf<'builtin'>): Value {
  const [a, b, result] = e.args as [Typed, Typed, Typed];
  const predicate = e.name.endsWith('_p');
  const to = predicate ? result.type : result.type.kind === 'pointer' ? result.type.to : result.type;
  if (!isInteger(a.type) || !isInteger(b.type) || !isInteger(to) || f.unit.options.integers === 'math')
    return unsupported('C0606', `the builtin \`${textOf(e.range)}\``, e.range);
  const op = e.name.startsWith('add') ? '+' : e.name.startsWith('sub') ? '-' : '*';
  const { llong } = f.unit.types;
  const left = keepOver(f, lowerValue(f, a), integerOf(a.type), [b, result]);
  const right = keepOver(f, lowerValue(f, b), integerOf(b.type), [result]);
  const context = f.arithmetic(e.range);
  const exact = arithmetic({ ...context, model: 'math' }, op, left, right, llong);
  const type = integerOf(to);
  const fitted = convertInteger({ ...context, model: 'wrap' }, exact, type);
  if (predicate) lowerEffect(f, result);
  else {
    const range = result.range;
    const target: Typed = { kind: 'dereference', pointer: result, type: to, range };
    writePlace(f, lowerPlace(f, target), fitted, e.range);
  }
  return truthValue(f, f.terms.not(f.terms.equal(exact.term, fitted.term)));
}

/** Builtins on the bits of one integer, written out bit by bit. */
function bitCount(f: FunctionState, e: TypedOf<'builtin'>): Value {
  const operand: Typed = e.args[0]!;
  if (!isInteger(operand.type) || f.unit.options.integers === 'math') {
    return unsupported('C0606', `the builtin \`${textOf(e.range)}\``, e.range);
  }
  const { terms } = f;
  const type = integerOf(operand.type);
  const width = type.bits;
  const value = f.save(lowerValue(f, operand), type, 'bits');
  // The bits of the two's complement word, lowest first.
  const bit = (i: number): Value['term'] =>
    terms.apply('mod', [terms.apply('div', [value.term, terms.int(1n << BigInt(i))]), terms.int(2)]);
  const bits = Array.from({ length: width }, (_, i) => bit(i));
  const isSet = bits.map((b) => terms.equal(b, terms.int(1)));
  const zero = terms.equal(value.term, terms.int(0));
  const nonZero = (): void =>
    f.require(
      {
        kind: 'shift',
        property: terms.not(zero),
        text: 'the argument of {} is not 0',
        failure: 'the argument of {} is 0',
      },
      e.range,
    );
  switch (e.name) {
    case 'popcount':
      return { term: terms.sum(bits), low: 0n, high: BigInt(width) };
    case 'parity':
      return { term: terms.apply('mod', [terms.sum(bits), terms.int(2)]), low: 0n, high: 1n };
    case 'ctz':
    case 'ffs': {
      if (e.name === 'ctz') nonZero();
      const offset = e.name === 'ffs' ? 1 : 0;
      let term = terms.int(e.name === 'ffs' ? 0 : width) as Value['term'];
      for (let i = width - 1; i >= 0; i--) term = terms.ite(isSet[i]!, terms.int(i + offset), term);
      return { term, low: 0n, high: BigInt(width) };
    }
    case 'clz': {
      nonZero();
      let term = terms.int(width) as Value['term'];
      for (let i = 0; i < width; i++) term = terms.ite(isSet[i]!, terms.int(width - 1 - i), term);
      return { term, low: 0n, high: BigInt(width) };
    }
    case 'clrsb': {
      const sign = isSet[width - 1]!;
      let term = terms.int(width - 1) as Value['term'];
      for (let i = 0; i < width - 1; i++) {
        term = terms.ite(terms.equal(isSet[i]!, sign), term, terms.int(width - 2 - i));
      }
      return { term, low: 0n, high: BigInt(width - 1) };
    }
    default: {
      const bytes = Array.from({ length: width / 8 }, (_, i) =>
        terms.multiply(
          terms.apply('mod', [terms.apply('div', [value.term, terms.int(1n << BigInt(8 * i))]), terms.int(256)]),
          terms.int(1n << BigInt(width - 8 - 8 * i)),
        ),
      );
      return { term: terms.sum(bytes), ...integerBounds(type) };
    }
  }
}
