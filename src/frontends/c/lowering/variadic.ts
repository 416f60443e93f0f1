import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import type { CType } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf, Variable } from '../types/typed.ts';
import { beginObject } from './assignments.ts';
import { keepOver, lowerValue, typeOf } from './expressions.ts';
import type { Value } from './integers.ts';
import { lowerPlace, type MemoryPlace, plus, readPlace, writePlace } from './places.ts';
import type { FunctionState } from './state.ts';
import { accessType, type ScalarType } from './storage.ts';

/**
 * Variable arguments. The caller puts them into an object, one after another in slots of 16 bytes; an argument list is the
 * address of the next slot. Reading past the last argument is an access outside that object; reading with a type of another
 * size gives what the bytes hold.
 */
const slotBytes = 16;

/** Puts the further arguments of a call into memory; gives their address. */
export function passArguments(f: FunctionState, symbol: FunctionSymbol, args: readonly Typed[], range: Range): Term {
  if (args.length === 0) return f.terms.int(0);
  const values: { value: Value; type: ScalarType }[] = [];
  for (const arg of args) {
    for (const v of values) v.value = keepOver(f, v.value, v.type, [arg]);
    values.push(widened(f, lowerValue(f, arg), typeOf(arg)));
  }
  const bytes: CType = { kind: 'array', element: f.unit.types.uchar, length: slotBytes * args.length };
  const variable: Variable = {
    kind: 'variable',
    id: -1,
    name: `arguments of ${symbol.name}`,
    type: bytes,
    storage: 'local',
    external: false,
    range,
    initializer: undefined,
    addressTaken: true,
    internal: true,
  };
  const place = beginObject(f, variable);
  for (const [i, { value, type }] of values.entries()) {
    const start = plus(f, place.address.start, BigInt(i * slotBytes));
    const slot: MemoryPlace = { ...place, address: { start, subscripts: [] }, type };
    writePlace(f, slot, value, range);
  }
  return place.address.start;
}

/** A small integer fills a word, as in registers: then a slot may be read as any type without being put together from pieces. */
function widened(f: FunctionState, value: Value, type: ScalarType): { value: Value; type: ScalarType } {
  if (type.kind !== 'integer' || type.size >= f.unit.pointerBytes) return { value, type };
  return { value, type: f.unit.types.llong };
}

/** `va_start(list, last)`. */
export function startArguments(f: FunctionState, e: TypedOf<'builtin'>): void {
  if (!f.furtherArguments) unsupported('C0606', `\`${textOf(e.range)}\` in a function without \`...\``, e.range);
  writePlace(f, lowerPlace(f, e.args[0]!), { term: f.furtherArguments }, e.range);
}

/** `va_copy(to, from)`. */
export function copyArguments(f: FunctionState, e: TypedOf<'builtin'>): void {
  const from = readPlace(f, lowerPlace(f, e.args[1]!), e.range);
  writePlace(f, lowerPlace(f, e.args[0]!), from, e.range);
}

/** `va_arg(list, type)`. */
export function lowerArgument(f: FunctionState, e: TypedOf<'va-arg'>, type: ScalarType): Value {
  const list = lowerPlace(f, e.list);
  const at = f.save(readPlace(f, list, e.range), { kind: 'pointer', to: { kind: 'void' } }, 'argument');
  writePlace(f, list, { term: plus(f, at.term, BigInt(slotBytes)) }, e.range);
  const certain = f.unit.checked('pointer');
  const access = { start: at.term, subscripts: [], type: accessType(type, f.unit.pointerBytes), certain };
  if (f.unit.checked('pointer')) {
    f.require(
      {
        kind: 'pointer',
        property: f.unit.memory.valid(access, false),
        text: 'there is an argument for {}',
        failure: '{} reads an argument that is not there',
      },
      e.range,
    );
  }
  const target = f.temporary('argument', type);
  f.emit({ kind: 'assign', target, value: f.unit.memory.load(access) });
  return { term: target, ...f.boundsOf(type) };
}
