import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { textOf } from '../preprocessor/source-file.ts';
import { integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { truthValue } from './conditions.ts';
import { keepOver, lowerValue, typeOf } from './expressions.ts';
import { convertInteger, type Value } from './integers.ts';
import type { RecordValue } from './records.ts';
import type { FunctionState } from './state.ts';
import { type ScalarType, scalarType } from './storage.ts';

/** Questions about memory that verification tools answer as functions: is this readable, how large is the object, … */

interface Known {
  readonly value: Value | undefined;
}

export function lowerIntrinsic(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Known | undefined;
export function lowerIntrinsic(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  as: 'record',
): RecordValue | undefined;
export function lowerIntrinsic(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  as?: 'record',
): Known | RecordValue | undefined {
  const match = /^__(?:ESBMC|CPROVER)_(\w+)$/.exec(symbol.name);
  if (!match || as === 'record') return undefined;
  const { memory } = f.unit;
  const { args } = e;
  const address = (i: number): Term => lowerValue(f, args[i]!).term;
  const truth = (property: Term): Known => ({ value: truthValue(f, property) });
  const number = (term: Term): Known => {
    const { result } = symbol.type;
    const type = isInteger(result) ? integerOf(result) : f.unit.types.size;
    return { value: f.number(convertInteger(f.arithmetic(e.range), { term }, type)) };
  };
  switch (match[1]) {
    case 'r_ok':
    case 'w_ok':
    case 'rw_ok': {
      if (args.length < 1) return undefined;
      const first = keepOver(f, lowerValue(f, args[0]!), typeOf(args[0]!), args.slice(1));
      const size = args[1] ? lowerValue(f, args[1]).term : f.terms.int(pointeeBytes(f, args[0]!) ?? 1);
      const readable = memory.validRange(first.term, size, match[1] !== 'r_ok');
      // Nothing is read or written where the size is 0.
      return truth(f.terms.or(f.terms.equal(size, f.terms.int(0)), readable));
    }
    case 'init_object': {
      // Its argument's object holds anything from here on.
      if (args.length !== 1) return undefined;
      f.emit(memory.fill(address(0), 'anything'));
      return { value: undefined };
    }
    case 'same_object': {
      if (args.length !== 2) return undefined;
      const first = keepOver(f, lowerValue(f, args[0]!), typeOf(args[0]!), [args[1]!]);
      const second = address(1);
      return truth(f.terms.or(f.terms.equal(first.term, second), memory.sameObject(first.term, second)));
    }
    case 'POINTER_OFFSET':
      return args.length === 1 ? number(memory.offsetOf(address(0))) : undefined;
    case 'POINTER_OBJECT':
      return args.length === 1 ? number(memory.objectOf(address(0))) : undefined;
    case 'OBJECT_SIZE':
    case 'get_object_size':
      return args.length === 1 ? number(memory.sizeOf(address(0))) : undefined;
    case 'DYNAMIC_OBJECT':
    case 'is_dynamic':
      return args.length === 1 ? truth(memory.isDynamic(address(0))) : undefined;
    case 'LIVE_OBJECT':
      return args.length === 1 ? truth(memory.isLive(address(0))) : undefined;
    default:
      return undefined;
  }
}

/**
 * `__CPROVER_uninterpreted_f(…)`: some function of its arguments, always the same one. It is an array that holds any values
 * and never changes; a body that the program may give it does not count.
 */
export function lowerUninterpreted(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Value | undefined {
  if (!/^__(?:ESBMC|CPROVER)_uninterpreted_\w+$/.test(symbol.name) || e.args.length === 0) return undefined;
  const { terms } = f;
  const result = scalarType(e.type);
  if (result?.kind !== 'integer') return undefined;
  const values: { value: Value; type: ScalarType }[] = [];
  for (const arg of e.args) {
    const type = typeOf(arg);
    if (type.kind === 'floating') return unsupported('C0605', `this argument (\`${textOf(arg.range)}\`)`, arg.range);
    for (const v of values) v.value = keepOver(f, v.value, v.type, [arg]);
    values.push({ value: lowerValue(f, arg), type });
  }
  let term: Term = f.unit.uninterpreted(symbol, values.length);
  for (const { value } of values) term = terms.apply('select', [term, value.term]);
  return convertInteger(
    { ...f.arithmetic(e.range), model: f.unit.options.integers === 'math' ? 'math' : 'wrap' },
    { term },
    result,
  );
}

function pointeeBytes(f: FunctionState, e: Typed): number | undefined {
  const at = e.kind === 'convert' ? e.operand : e;
  return at.type.kind === 'pointer' ? f.unit.sizeOf(at.type.to) : undefined;
}
