import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import type { Access, Address, Subscript } from '../memory/operations.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { type CType, type Field, isInteger } from '../types/ctype.ts';
import { alignOf } from '../types/layout.ts';
import type { Typed, TypedOf, Variable } from '../types/typed.ts';
import { lowerInitializer } from './assignments.ts';
import { keepOver, lowerValue } from './expressions.ts';
import { convertInteger, inRange, negate, type Value } from './integers.ts';
import { lowerRecord, type RecordValue } from './records.ts';
import type { FunctionState } from './state.ts';
import {
  accessType,
  bitFieldType,
  type Cell,
  fieldPath,
  inMemory,
  isAggregate,
  leavesOf,
  refusedType,
  type ScalarType,
  scalarType,
} from './storage.ts';

/** Lvalues as places: registers of the program, or addresses in memory. */
export type Place =
  | { readonly kind: 'register'; readonly variable: Variable; readonly path: string; readonly type: CType }
  | MemoryPlace
  /** A part of a structure that is a value only: `f().x`. */
  | { readonly kind: 'part'; readonly whole: RecordValue; readonly path: string; readonly type: CType };

export interface MemoryPlace {
  readonly kind: 'memory';
  readonly address: Address;
  readonly type: CType;
  /** The object is a variable in scope, and each subscript was checked: no access here can be invalid. */
  readonly certain: boolean;
  readonly field?: Field;
}

/**
 * The place of an lvalue, with its effects and the checks that its subscripts are within their arrays. `use`: `address` when
 * only the address is wanted, which may lie one past the end.
 */
export function lowerPlace(f: FunctionState, lvalue: Typed, use: 'access' | 'address' = 'access'): Place {
  switch (lvalue.kind) {
    case 'variable':
      return variablePlace(f, lvalue.variable, lvalue);
    case 'compound-literal': {
      lowerInitializer(f, lvalue.variable, lvalue.initializer);
      return variablePlace(f, lvalue.variable, lvalue);
    }
    case 'string':
      return memory(f.unit.literalObject(lvalue).base, lvalue.type, true);
    case 'function':
      return memory(f.unit.functionObject(lvalue.symbol).base, lvalue.type, true);
    case 'member':
      return memberPlace(f, lvalue, use);
    case 'dereference':
      return dereferencePlace(f, lvalue, use);
    case 'real':
    case 'imaginary':
      return partPlace(f, lvalue, use);
    default:
      if (isAggregate(lvalue.type)) return { kind: 'part', whole: lowerRecord(f, lvalue), path: '', type: lvalue.type };
      return unsupported('C0604', `this object (\`${textOf(lvalue.range)}\`)`, lvalue.range);
  }
}

const memory = (start: Term, type: CType, certain: boolean): MemoryPlace => ({
  kind: 'memory',
  address: { start, subscripts: [] },
  type,
  certain,
});

function variablePlace(f: FunctionState, variable: Variable, at: Typed): Place {
  if (!inMemory(variable)) return { kind: 'register', variable, path: '', type: at.type };
  const object = f.object(variable);
  return memory(object.base, at.type, object.sizeBytes !== undefined);
}

function memberPlace(f: FunctionState, e: TypedOf<'member'>, use: 'access' | 'address'): Place {
  const place = lowerPlace(f, e.object, use === 'address' ? 'address' : 'access');
  const { field, type } = e;
  switch (place.kind) {
    case 'register':
    case 'part':
      if (place.kind === 'part' && place.whole.kind === 'memory') {
        return { ...shifted(f, memory(place.whole.address, place.type, true), field.offset), type, field };
      }
      return { ...place, path: fieldPath(place.path, field), type };
    case 'memory':
      return { ...shifted(f, place, field.offset), type, field };
  }
}

/** The real or imaginary part of a complex object. */
function partPlace(f: FunctionState, e: TypedOf<'real' | 'imaginary'>, use: 'access' | 'address'): Place {
  const place = lowerPlace(f, e.operand, use);
  if (e.operand.type.kind !== 'complex') {
    if (e.kind === 'real') return place;
    return unsupported('C0604', `this object (\`${textOf(e.range)}\`)`, e.range);
  }
  const { type } = e;
  if (place.kind === 'memory') {
    return { ...shifted(f, place, e.kind === 'real' ? 0 : (f.unit.sizeOf(type) ?? 0)), type };
  }
  const path = `${place.path}${place.path === '' ? '' : '.'}${e.kind === 'real' ? 're' : 'im'}`;
  return { ...place, path, type };
}

function shifted(f: FunctionState, place: MemoryPlace, bytes: number): MemoryPlace {
  const { start, subscripts } = place.address;
  const { field: _, ...rest } = place;
  return bytes === 0 ? rest : { ...rest, address: { start: plus(f, start, BigInt(bytes)), subscripts } };
}

/** base + offset, with constants gathered. */
export function plus(f: FunctionState, term: Term, offset: bigint): Term {
  const { terms } = f;
  if (offset === 0n) return term;
  if (term.kind === 'value') return terms.int((term.value as bigint) + offset);
  if (term.kind === 'apply' && term.op === '+' && term.args.length === 2 && term.args[1]!.kind === 'value')
    return plus(f, term.args[0]!, (term.args[1]!.value as bigint) + offset);
  return terms.add(term, terms.int(offset));
}

function dereferencePlace(f: FunctionState, e: TypedOf<'dereference'>, use: 'access' | 'address'): Place {
  const { pointer } = e;
  if (pointer.kind === 'pointer-add') {
    const stride = strideOf(f, pointer.type, e.range);
    const array =
      pointer.pointer.kind === 'address' && pointer.pointer.lvalue.type.kind === 'array'
        ? pointer.pointer.lvalue
        : undefined;
    const outer = array ? lowerPlace(f, array, use) : pointerPlace(f, pointer.pointer, use);
    if (outer.kind !== 'memory') return unsupported('C0602', `this array (\`${textOf(e.range)}\`)`, e.range);
    const saved = { ...outer, address: keepAddress(f, outer.address, [pointer.index]) };
    let index = lowerValue(f, pointer.index);
    if (pointer.subtract) index = negate({ ...f.arithmetic(e.range), model: 'math' }, index, f.unit.types.llong);
    const length = array?.type.kind === 'array' && !isOpenEnd(array) ? array.type.length : undefined;
    if (array?.type.kind === 'array' && array.type.variableLength && use === 'access')
      requireWithin(f, index, array.type.variableLength, e);
    const count = stride.count ? undefined : length || undefined;
    return subscript(f, saved, { index: times(f, index, stride), strideBytes: stride.bytes, count }, e, use);
  }
  if (pointer.kind === 'address' && pointer.lvalue.type.kind === 'array') {
    const outer = lowerPlace(f, pointer.lvalue, use);
    if (outer.kind !== 'memory') return unsupported('C0602', `this array (\`${textOf(e.range)}\`)`, e.range);
    const { field: _, ...rest } = outer;
    return { ...rest, type: e.type };
  }
  return { ...pointerPlace(f, pointer, use), type: e.type };
}

/**
 * The last member of a structure behind a pointer: an array there is as long as the object allows, whatever length it is
 * declared with (compilers take it so, too).
 */
function isOpenEnd(array: Typed): boolean {
  let at = array;
  while (at.kind === 'member') {
    const { type } = at.object;
    const fields = type.kind === 'record' ? (type.info.layout?.fields ?? []) : [];
    const union = type.kind === 'record' && type.info.which === 'union';
    if (!union && at.field.index !== fields.length - 1) return false;
    at = at.object;
  }
  return at !== array && at.kind === 'dereference';
}

function pointerPlace(f: FunctionState, pointer: Typed, use: 'access' | 'address'): MemoryPlace {
  const type = pointer.type.kind === 'pointer' ? pointer.type.to : pointer.type;
  const address = lowerValue(f, pointer).term;
  const bytes = type.kind === 'void' || type.kind === 'function' ? 1 : alignOf(type, f.unit.types.model);
  if (use === 'access' && bytes > 1 && !f.annotation && f.unit.checked('alignment')) {
    const property = f.unit.memory.aligned(address, bytes);
    const text = `the address in {} is a multiple of ${bytes}`;
    f.require(
      { kind: 'alignment', property, text, failure: `{} uses an address that is no multiple of ${bytes}` },
      pointer.range,
    );
  }
  return memory(address, type, false);
}

/** One step into an array. A constant index within bounds becomes part of the start. */
function subscript(
  f: FunctionState,
  outer: MemoryPlace,
  step: { index: Value; strideBytes: number; count: number | undefined },
  e: TypedOf<'dereference'>,
  use: 'access' | 'address',
): MemoryPlace {
  const { index, strideBytes, count } = step;
  const { start, subscripts } = outer.address;
  const constant = index.term.kind === 'value' ? (index.term.value as bigint) : undefined;
  const { field: _, ...rest } = outer;
  if (constant !== undefined && (count === undefined || use === 'address' || (constant >= 0n && constant < count))) {
    const at = plus(f, start, constant * BigInt(strideBytes));
    return { ...rest, address: { start: at, subscripts }, type: e.type, certain: outer.certain && count !== undefined };
  }
  let checked = count !== undefined;
  if (count !== undefined && use === 'access') {
    const property = inRange(f.terms, index, 0n, BigInt(count) - 1n);
    if (property) {
      if (f.unit.checked('bounds')) {
        const text = `the index of {} is between 0 and ${count - 1}`;
        f.require({ kind: 'bounds', property, text, failure: `{} lies outside the array of ${count}` }, e.range);
      } else {
        checked = false;
      }
    }
  }
  const one: Subscript = { index: index.term, strideBytes, count: use === 'access' ? count : undefined };
  return {
    ...rest,
    address: { start, subscripts: [...subscripts, one] },
    type: e.type,
    certain: outer.certain && checked,
  };
}

/** The subscript of an array whose length was computed where it was declared. */
function requireWithin(f: FunctionState, index: Value, length: Variable, e: Typed): void {
  if (f.annotation || !f.unit.checked('bounds')) return;
  const { terms } = f;
  const end = f.read(f.storage(length).get('')!).term;
  const property = terms.and(terms.lessEqual(terms.int(0), index.term), terms.less(index.term, end));
  const text = 'the index of {} is within its array';
  f.require({ kind: 'bounds', property, text, failure: '{} lies outside its array' }, e.range);
}

/** How far apart two neighbours are that a pointer type leads to: so many bytes, times the lengths of inner arrays that are computed. */
export interface Stride {
  readonly bytes: number;
  readonly count: Term | undefined;
}

export function strideOf(f: FunctionState, type: CType, range: Range): Stride {
  let element = type.kind === 'pointer' ? type.to : type;
  let count: Term | undefined;
  let bytes = 1;
  while (element.kind === 'array' && f.unit.sizeOf(element) === undefined) {
    if (element.variableLength) {
      const length = f.read(f.storage(element.variableLength).get('')!).term;
      count = count === undefined ? length : f.terms.multiply(count, length);
    } else if (element.length !== undefined) bytes *= element.length;
    else break;
    element = element.element;
  }
  // GNU: void and functions count as one byte.
  const size = element.kind === 'void' || element.kind === 'function' ? 1 : f.unit.sizeOf(element);
  if (size === undefined) return unsupported('C0614', 'a pointer to what has no known size', range);
  return { bytes: bytes * size, count };
}

/** An index, counted in the innermost elements. */
export const times = (f: FunctionState, index: Value, stride: Stride): Value =>
  stride.count === undefined || index.term === f.terms.int(0)
    ? index
    : { term: f.terms.multiply(index.term, stride.count) };

/** Saves what an address is made of, if what is evaluated next may change it. */
export function keepAddress(f: FunctionState, address: Address, next: readonly Typed[]): Address {
  const { llong } = f.unit.types;
  const pointer: ScalarType = { kind: 'pointer', to: { kind: 'void' } };
  return {
    start: keepOver(f, { term: address.start }, pointer, next).term,
    subscripts: address.subscripts.map((s) => ({ ...s, index: keepOver(f, { term: s.index }, llong, next).term })),
  };
}

/** The number that an address is. */
export function addressTerm(f: FunctionState, address: Address): Term {
  const { terms } = f;
  let term = address.start;
  for (const { index, strideBytes } of address.subscripts) term = terms.add(term, scaled(f, index, strideBytes));
  return term;
}

export function scaled(f: FunctionState, index: Term, strideBytes: number): Term {
  const { terms } = f;
  if (index.kind === 'value') return terms.int((index.value as bigint) * BigInt(strideBytes));
  return strideBytes === 1 ? index : terms.multiply(index, terms.int(strideBytes));
}

/** The address of an lvalue, as a value. */
export function lowerAddressOf(f: FunctionState, lvalue: Typed): Value {
  const place = lowerPlace(f, lvalue, 'address');
  if (place.kind === 'memory') return { term: addressTerm(f, place.address) };
  return unsupported('C0604', `the address of this (\`${textOf(lvalue.range)}\`)`, lvalue.range);
}

// Reading and writing

/** The scalar type of a place; fails for what is no scalar. */
export function scalarOf(place: Place, range: Range): ScalarType {
  if (place.kind === 'memory' && place.field?.bitField && isInteger(place.field.type)) return bitFieldType(place.field);
  const type = scalarType(place.type);
  if (type) return type;
  const { code, what } = refusedType(place.type);
  return unsupported(code, `${what} (\`${textOf(range)}\`)`, range);
}

export function accessOf(f: FunctionState, place: MemoryPlace, range: Range): Access {
  const type = scalarOf(place, range);
  const bits = place.field?.bitField;
  const bitField = bits && { offsetBits: bits.bitOffset - 8 * place.field!.offset, widthBits: bits.widthBits };
  return { ...place.address, type: accessType(type, f.unit.pointerBytes, bitField), certain: isCertain(f, place) };
}

/** Whether an access there is allowed on every run that comes to it: by what it is, or because it is checked before. */
export const isCertain = (f: FunctionState, place: MemoryPlace): boolean =>
  (place.certain || f.unit.checked('pointer')) && !f.annotation;

/** Requires that the bytes may be read or written. `whole`: so many bytes, for what is no scalar. */
export function requireValid(f: FunctionState, place: MemoryPlace, write: boolean, range: Range, whole?: number): void {
  if (place.certain || f.annotation || !f.unit.checked('pointer')) return;
  const { memory: m } = f.unit;
  const property =
    whole === undefined ? m.valid(accessOf(f, place, range), write) : m.validBytes(place.address, whole, write);
  const [text, failure] = write
    ? ['{} may be written to', '{} writes where it must not']
    : ['{} may be read', '{} reads where it must not'];
  f.require({ kind: 'pointer', property, text, failure }, range, addressTerm(f, place.address));
}

/** The cell of a register place. */
function cellOf(f: FunctionState, place: Extract<Place, { kind: 'register' }>, range: Range) {
  const cell = f.storage(place.variable).get(place.path);
  if (cell) return cell;
  const { code, what } = refusedType(place.type);
  return unsupported(code, `${what} (\`${textOf(range)}\`)`, range);
}

export function readPlace(f: FunctionState, place: Place, range: Range): Value {
  switch (place.kind) {
    case 'register':
      return readRegister(f, cellOf(f, place, range), range);
    case 'part': {
      if (place.whole.kind === 'memory') break;
      const part = place.whole.parts.get(place.path);
      if (part) return part.value;
      break;
    }
    case 'memory': {
      const type = scalarOf(place, range);
      requireValid(f, place, false, range);
      const loaded = f.unit.memory.load(accessOf(f, place, range));
      if (f.annotation) return { term: loaded, ...f.boundsOf(type) };
      const target = f.temporary(bareName(textOf(range)), type);
      if (f.unit.threads.several && f.unit.checked('race')) readAlone(f, place, target, loaded);
      else f.emit({ kind: 'assign', target, value: loaded });
      return { term: target, ...f.boundsOf(type) };
    }
  }
  const { code, what } = refusedType(place.type);
  return unsupported(code, `${what} (\`${textOf(range)}\`)`, range);
}

/** Where races are looked at: only what C evaluates is read, and what is atomic takes part in none. */
function readAlone(f: FunctionState, place: MemoryPlace, target: SymbolTerm, loaded: Term): void {
  const after = f.newLocation();
  if (f.guards.length > 0) {
    const read = f.newLocation();
    f.emit({ kind: 'havoc', target });
    f.branch(f.terms.all(f.guards), read, after);
    f.resume(read);
  }
  if (place.type.atomic) f.emit(f.unit.threads.atomic('begin'));
  f.emit({ kind: 'assign', target, value: loaded });
  if (place.type.atomic) f.emit(f.unit.threads.atomic('end'));
  f.jump(after);
  f.resume(after);
}

function readRegister(f: FunctionState, cell: Cell, range: Range): Value {
  const shadow = f.shadow(cell);
  if (shadow) {
    const [text, failure] = ['{} has a value when it is read', '{} is read before it has a value'];
    f.require({ kind: 'uninitialised', property: shadow, text, failure }, range);
  }
  return f.read(cell);
}

const bareName = (text: string): string => (text.length <= 40 ? text : 'loaded');

/** The type of what a place holds: for a register bit-field, with its own width. */
export function placeType(
  f: FunctionState,
  place: Place,
  range: Range,
): { type: ScalarType; widthBits: number | undefined } {
  if (place.kind === 'register') {
    const cell = cellOf(f, place, range);
    return { type: cell.type, widthBits: cell.bitField?.widthBits };
  }
  const field = place.kind === 'memory' ? place.field : undefined;
  return { type: scalarOf(place, range), widthBits: field?.bitField?.widthBits };
}

/** Stores a value of the place's own type; a bit-field keeps its low bits. Gives what the place then holds. */
export function writePlace(f: FunctionState, place: Place, value: Value, range: Range): Value {
  const { type } = placeType(f, place, range);
  const fitted = type.kind === 'integer' ? convertInteger(f.arithmetic(range), value, type) : value;
  switch (place.kind) {
    case 'register': {
      const { symbol } = cellOf(f, place, range);
      f.emit({ kind: 'assign', target: symbol, value: fitted.term });
      f.hasValue(symbol);
      return { ...fitted, term: symbol };
    }
    case 'memory': {
      requireValid(f, place, true, range);
      // The value of the assignment is what was stored, however memory changes later.
      const stored = f.save(fitted, type, 'stored');
      const races = f.unit.threads.several && f.unit.checked('race');
      const alone = races && place.type.atomic;
      if (alone) f.emit(f.unit.threads.atomic('begin'));
      f.emit(f.unit.memory.store(accessOf(f, place, range), stored.term));
      if (alone) f.emit(f.unit.threads.atomic('end'));
      // An edge of its own says where it stands.
      if (races) f.separate();
      return stored;
    }
    case 'part':
      return unsupported('C0604', `a change of a value that is kept nowhere (\`${textOf(range)}\`)`, range);
  }
}

/** Whether a type's values are kept as scalars where they pass through expressions and calls. */
export const fitsRegisters = (type: CType): boolean => leavesOf(type) !== undefined;
