import type { Term } from '../../../terms/term.ts';
import { integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { truthValue } from './conditions.ts';
import { keepOver, lowerValue, typeOf } from './expressions.ts';
import { convertInteger, type Value } from './integers.ts';
import type { RecordValue } from './records.ts';
import type { FunctionState } from './state.ts';

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
      return truth(readable);
    }
    case 'same_object': {
      if (args.length !== 2) return undefined;
      const first = keepOver(f, lowerValue(f, args[0]!), typeOf(args[0]!), [args[1]!]);
      return truth(memory.sameObject(first.term, address(1)));
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

function pointeeBytes(f: FunctionState, e: Typed): number | undefined {
  const at = e.kind === 'convert' ? e.operand : e;
  return at.type.kind === 'pointer' ? f.unit.sizeOf(at.type.to) : undefined;
}
