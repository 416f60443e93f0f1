import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { type CType, type IntegerType, integerOf, isInteger } from '../types/ctype.ts';
import type { InitializerEntry, InitializerPlan, TypedOf, Variable } from '../types/typed.ts';
import { keepOver, lowerEffect, lowerValue, sequence, typeOf } from './expressions.ts';
import { floatArithmetic } from './floats.ts';
import { arithmetic, constantValue, convertInteger, negate, type Value } from './integers.ts';
import {
  keepAddress,
  lowerPlace,
  type MemoryPlace,
  type Place,
  placeType,
  plus,
  readPlace,
  scaled,
  strideOf,
  times,
  writePlace,
} from './places.ts';
import { lowerRecord, writeRecord } from './records.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';
import { fieldPath, inMemory, isAggregate, leavesOf, refusedType, scalarType } from './storage.ts';

/** Assignments, increments and initialisers. */

export function lowerAssign(f: FunctionState, e: TypedOf<'assign'>): Value | undefined {
  if (isAggregate(e.type)) {
    const value = lowerRecord(f, e.value);
    writeRecord(f, lowerPlace(f, e.target), value, e.range);
    return undefined;
  }
  const place = keepPlace(f, lowerPlace(f, e.target), [e.value]);
  const value = f.into(e.target, () => lowerValue(f, e.value));
  return writePlace(f, place, value, e.range);
}

/** Saves what a place depends on, if what is evaluated next may change it. */
function keepPlace(f: FunctionState, place: Place, next: readonly TypedOf<'assign'>['value'][]): Place {
  return place.kind === 'memory' ? { ...place, address: keepAddress(f, place.address, next) } : place;
}

export function lowerCompoundAssign(f: FunctionState, e: TypedOf<'compound-assign'>): Value {
  const atomic = isOneStep(f, e.target);
  // What is added is evaluated before the step [C11 6.5.16.2p3].
  const given = atomic ? f.save(lowerValue(f, e.value), typeOf(e.value), 'given') : undefined;
  const place = keepPlace(f, lowerPlace(f, e.target), [e.value]);
  return atomic ? indivisibly(f, () => compoundAssign(f, e, place, given)) : compoundAssign(f, e, place, given);
}

/** A change of an atomic object is one step to other threads. */
const isOneStep = (f: FunctionState, target: TypedOf<'increment'>['target']): boolean =>
  f.unit.threads.several && target.type.atomic === true;

function indivisibly<T>(f: FunctionState, body: () => T): T {
  f.emit(f.unit.threads.atomic('begin'));
  const result = body();
  f.emit(f.unit.threads.atomic('end'));
  return result;
}

function compoundAssign(
  f: FunctionState,
  e: TypedOf<'compound-assign'>,
  place: Place,
  given: Value | undefined,
): Value {
  const { type } = placeType(f, place, e.target.range);
  const before = keepOver(f, readPlace(f, place, e.target.range), type, [e.value]);
  const context = f.arithmetic(e.range);
  if (type.kind === 'pointer') {
    const stride = strideOf(f, type, e.range);
    let index = times(f, given ?? lowerValue(f, e.value), stride);
    if (e.op === '-') index = negate({ ...context, model: 'math' }, index, f.unit.types.llong);
    return writePlace(f, place, { term: moved(f, before, index, stride.bytes) }, e.range);
  }
  const compute = scalarType(e.computeType);
  if (!compute || compute.kind === 'pointer') {
    const { code, what } = refusedType(e.computeType);
    return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
  }
  // Shifts keep the type of their right side; everything else computes in the common type.
  const right = given ?? lowerValue(f, e.value);
  const old = convertScalar(f, before, type, compute, e.range);
  const result =
    compute.kind === 'floating'
      ? { term: floatArithmetic(f, e.op, old.term, right.term, e.range) }
      : arithmetic(context, e.op, old, right, compute);
  return writePlace(f, place, convertScalar(f, result, compute, type, e.range), e.range);
}

/** pointer + index, with constants gathered. */
export function moved(f: FunctionState, pointer: Value, index: Value, strideBytes: number): Value['term'] {
  if (index.term.kind === 'value') return plus(f, pointer.term, (index.term.value as bigint) * BigInt(strideBytes));
  return f.terms.add(pointer.term, scaled(f, index.term, strideBytes));
}

export function lowerIncrement(f: FunctionState, e: TypedOf<'increment'>, used: boolean): Value {
  const place = lowerPlace(f, e.target);
  return isOneStep(f, e.target) ? indivisibly(f, () => increment(f, e, place, used)) : increment(f, e, place, used);
}

function increment(f: FunctionState, e: TypedOf<'increment'>, place: Place, used: boolean): Value {
  const { type, widthBits } = placeType(f, place, e.target.range);
  const context = f.arithmetic(e.range);
  let old = readPlace(f, place, e.target.range);
  const before = old;
  if (used && e.postfix) old = f.save(old, type, 'old');
  let result: Value;
  if (type.kind === 'pointer') {
    const stride = strideOf(f, type, e.range);
    result = { term: moved(f, before, times(f, constantValue(f.terms, BigInt(e.delta)), stride), stride.bytes) };
  } else if (type.kind === 'floating') {
    const one = convertScalar(f, constantValue(f.terms, 1n), f.unit.types.int, type, e.range);
    result = { term: floatArithmetic(f, e.delta === 1 ? '+' : '-', before.term, one.term, e.range) };
  } else if (type.name === '_Bool') {
    // `++` makes a _Bool true; `--` turns it round.
    const one = constantValue(f.terms, 1n);
    result = e.delta === 1 ? one : { term: f.terms.subtract(one.term, before.term), low: 0n, high: 1n };
  } else {
    const promoted = f.unit.types.promote(type, widthBits);
    const value = convertInteger(context, before, promoted);
    result = arithmetic(context, e.delta === 1 ? '+' : '-', value, constantValue(f.terms, 1n), promoted);
  }
  const after = writePlace(f, place, result, e.range);
  return e.postfix ? old : after;
}

// Initialisers

/** Carries out an initialiser: zero first where it says so, then each value in order. */
export function lowerInitializer(f: FunctionState, variable: Variable, plan: InitializerPlan): void {
  if (inMemory(variable)) {
    initializeObject(f, variable, plan);
    return;
  }
  const storage = f.storage(variable);
  const place: Place = { kind: 'register', variable, path: '', type: variable.type };
  const given = new Set(
    plan.entries.map((entry) => entry.path.map((s) => (s.kind === 'field' ? s.field.index : s.index)).join('.')),
  );
  if (plan.zero && !(given.size === 1 && given.has(''))) {
    for (const cell of storage.values()) {
      const zero = convertScalar(f, constantValue(f.terms, 0n), f.unit.types.int, cell.type, plan.range);
      f.emit({ kind: 'assign', target: cell.symbol, value: zero.term });
      f.hasValue(cell.symbol);
    }
  }
  for (const entry of plan.entries) {
    const { range } = entry.value;
    sequence(f, entry.value);
    let path = '';
    for (const step of entry.path) if (step.kind === 'field') path = fieldPath(path, step.field);
    const part: Place = { ...place, path, type: entry.type };
    if (isAggregate(entry.type)) writeRecord(f, part, lowerRecord(f, entry.value), range);
    else if (storage.has(path))
      writePlace(
        f,
        part,
        f.into(variable, () => lowerValue(f, entry.value)),
        range,
      );
    else lowerEffect(f, entry.value);
  }
}

/** Begins the life of a local object in memory; it holds anything unless what follows gives it a value. */
export function beginObject(f: FunctionState, variable: Variable): MemoryPlace {
  const object = f.object(variable);
  if (object.alive) f.emit({ kind: 'assign', target: object.alive, value: f.terms.true });
  f.scopes.at(-1)?.declared.push(variable);
  return {
    kind: 'memory',
    address: { start: object.base, subscripts: [] },
    type: variable.type,
    certain: true,
  };
}

function initializeObject(f: FunctionState, variable: Variable, plan: InitializerPlan): void {
  const place = beginObject(f, variable);
  const base = place.address.start;
  const { unit } = f;
  if (plan.zero) f.emit(unit.memory.fill(base, 'zero'));
  else if (!whole(plan.entries, variable.type)) f.emit(unit.memory.fill(base, 'anything'));
  for (const entry of plan.entries) {
    const { range } = entry.value;
    sequence(f, entry.value);
    const part = partOf(f, place, entry);
    if (entry.value.kind === 'string' && entry.type.kind === 'array') {
      storeString(f, part, entry.value, entry.type, range);
    } else if (isAggregate(entry.type)) {
      writeRecord(f, part, lowerRecord(f, entry.value), range);
    } else if (scalarType(entry.type)) {
      writePlace(f, part, lowerValue(f, entry.value), range);
    } else {
      const { code, what } = refusedType(entry.type);
      unsupported(code, `${what} (\`${textOf(range)}\`)`, range);
    }
  }
}

/** One value for all of a scalar or record. */
const whole = (entries: readonly InitializerEntry[], type: CType): boolean =>
  entries.length === 1 && entries[0]!.path.length === 0 && (leavesOf(type)?.length ?? 0) > 0;

function partOf(f: FunctionState, place: MemoryPlace, entry: InitializerEntry): MemoryPlace {
  let offset = 0n;
  let { type } = place;
  let field: MemoryPlace['field'];
  for (const step of entry.path) {
    field = undefined;
    if (step.kind === 'field') {
      offset += BigInt(step.field.offset);
      field = step.field;
      type = step.field.type;
    } else if (type.kind === 'array') {
      offset += BigInt(step.index) * BigInt(f.unit.sizeOf(type.element) ?? 0);
      type = type.element;
    }
  }
  const address = { start: plus(f, place.address.start, offset), subscripts: [] };
  return { kind: 'memory', address, type: entry.type, certain: true, ...(field ? { field } : {}) };
}

/** The characters of a literal, with zeros up to the end of the array. */
export function storeString(
  f: FunctionState,
  place: MemoryPlace,
  literal: TypedOf<'string'>,
  type: CType,
  range: Range,
): void {
  if (type.kind !== 'array' || !isInteger(type.element)) return;
  const element: IntegerType = integerOf(type.element);
  const length = type.length ?? literal.units.length + 1;
  for (let i = 0; i < length; i++) {
    const unit = BigInt(literal.units[i] ?? 0);
    const value = element.signed ? BigInt.asIntN(element.bits, unit) : unit;
    const start = plus(f, place.address.start, BigInt(i * element.size));
    const cell: MemoryPlace = { kind: 'memory', address: { start, subscripts: [] }, type: element, certain: true };
    writePlace(f, cell, constantValue(f.terms, value), range);
  }
}
