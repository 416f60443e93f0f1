import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { type IntegerType, integerOf, isInteger } from '../types/ctype.ts';
import type { InitializerPlan, PathStep, Typed, TypedOf, Variable } from '../types/typed.ts';
import { lowerCall } from './calls.ts';
import { keepOver, lowerEffect, lowerValue, refuseValue, sequence } from './expressions.ts';
import { arithmetic, constantValue, convertInteger, type Value } from './integers.ts';
import type { FunctionState } from './state.ts';
import { lowerStatement } from './statements.ts';
import { type Cell, fieldPath, placeOf, refusedType, type Storage } from './storage.ts';

/** Assignments and increments of integers, and structures as the integers in them. */

export function cellOf(f: FunctionState, lvalue: Typed): Cell {
  const place = placeOf(lvalue);
  if (lvalue.kind === 'compound-literal') initializeLiteral(f, lvalue);
  return f.cell(place.variable, place.path, { type: place.type, range: lvalue.range });
}

function initializeLiteral(f: FunctionState, e: TypedOf<'compound-literal'>): void {
  lowerInitializer(f, e.variable, e.initializer);
}

/** Stores a value into a cell; a bit-field keeps its low bits. Gives what the cell then holds. */
function store(f: FunctionState, cell: Cell, value: Value, range: Range): Value {
  const fitted = convertInteger(f.arithmetic(range), value, cell.type);
  f.emit({ kind: 'assign', target: cell.symbol, value: fitted.term });
  const { low, high } = fitted;
  return { term: cell.symbol, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
}

export function lowerAssign(f: FunctionState, e: TypedOf<'assign'>): Value | undefined {
  if (e.type.kind === 'record') {
    const place = placeOf(e.target);
    copyRecord(f, f.storage(place.variable), place.path, lowerRecord(f, e.value));
    return undefined;
  }
  const cell = cellOf(f, e.target);
  const value = lowerValue(f, e.value);
  return store(f, cell, value, e.range);
}

export function lowerCompoundAssign(f: FunctionState, e: TypedOf<'compound-assign'>): Value {
  const cell = cellOf(f, e.target);
  if (!isInteger(e.computeType)) {
    const { code, what } = refusedType(e.computeType);
    return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
  }
  const type = integerOf(e.computeType);
  const before = keepOver(f, f.read(cell), cell.type, [e.value]);
  const right = lowerValue(f, e.value);
  const context = f.arithmetic(e.range);
  const old = convertInteger(context, before, type);
  return store(f, cell, arithmetic(context, e.op, old, right, type), e.range);
}

export function lowerIncrement(f: FunctionState, e: TypedOf<'increment'>, used: boolean): Value {
  const cell = cellOf(f, e.target);
  const context = f.arithmetic(e.range);
  let old = f.read(cell);
  if (used && e.postfix) old = f.save(old, cell.type, 'old');
  const before = f.read(cell);
  let result: Value;
  if (cell.type.name === '_Bool') {
    // `++` makes a _Bool true; `--` turns it round.
    const one = constantValue(f.terms, 1n);
    result = e.delta === 1 ? one : { term: f.terms.subtract(one.term, before.term), low: 0n, high: 1n };
  } else {
    const type = f.unit.types.promote(cell.type, cell.widthBits);
    const promoted = convertInteger(context, before, type);
    result = arithmetic(context, e.delta === 1 ? '+' : '-', promoted, constantValue(f.terms, 1n), type);
  }
  const after = store(f, cell, result, e.range);
  return e.postfix ? old : after;
}

// Structures, as the integers in them

/** The integers of a structure's value, by path. */
export type RecordValue = ReadonlyMap<string, { readonly value: Value; readonly type: IntegerType }>;

export function lowerRecord(f: FunctionState, e: Typed): RecordValue {
  switch (e.kind) {
    case 'load': {
      const place = placeOf(e.lvalue);
      if (e.lvalue.kind === 'compound-literal') initializeLiteral(f, e.lvalue);
      return recordAt(f, f.storage(place.variable), place.path, e);
    }
    case 'comma':
      lowerEffect(f, e.left);
      return lowerRecord(f, e.right);
    case 'assign': {
      lowerAssign(f, e);
      const place = placeOf(e.target);
      return recordAt(f, f.storage(place.variable), place.path, e);
    }
    case 'call':
      return lowerCall(f, e, true, 'record');
    case 'statement-expression':
      lowerStatement(f, e.body);
      return e.value ? lowerRecord(f, e.value) : refuseValue(e);
    default: {
      const { code, what } = refusedType(e.type);
      return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
    }
  }
}

function recordAt(f: FunctionState, storage: Storage, path: string, e: Typed): RecordValue {
  if (e.type.kind === 'record' && e.type.info.which === 'union') unsupported('C0603', 'a union', e.range);
  const prefix = path === '' ? '' : `${path}.`;
  const result = new Map<string, { value: Value; type: IntegerType }>();
  for (const [key, cell] of storage) {
    if (key.startsWith(prefix)) result.set(key.slice(prefix.length), { value: f.read(cell), type: cell.type });
  }
  return result;
}

export function copyRecord(f: FunctionState, storage: Storage, path: string, value: RecordValue): void {
  const prefix = path === '' ? '' : `${path}.`;
  for (const [key, part] of value) {
    const cell = storage.get(prefix + key);
    if (cell && cell.symbol !== part.value.term)
      f.emit({ kind: 'assign', target: cell.symbol, value: part.value.term });
  }
}

/** Carries out an initialiser: zero first where it says so, then each value in order. */
export function lowerInitializer(f: FunctionState, variable: Variable, plan: InitializerPlan): void {
  const storage = f.storage(variable);
  const given = new Set(
    plan.entries.map((entry) => entry.path.map((s) => (s.kind === 'field' ? s.field.index : s.index)).join('.')),
  );
  if (plan.zero && !(given.size === 1 && given.has(''))) {
    for (const cell of storage.values()) f.emit({ kind: 'assign', target: cell.symbol, value: f.terms.int(0) });
  }
  for (const entry of plan.entries) {
    const { range } = entry.value;
    sequence(f, entry.value);
    const place = fieldsPath(entry.path);
    if (place !== undefined && entry.type.kind === 'record') {
      copyRecord(f, storage, place, lowerRecord(f, entry.value));
      continue;
    }
    const cell = place === undefined ? undefined : storage.get(place);
    if (cell) store(f, cell, lowerValue(f, entry.value), range);
    // What is no integer has no cell; that matters only where it is used, and is refused there.
    else lowerEffect(f, entry.value);
  }
}

/** The path through members; undefined if it leads into an array. */
function fieldsPath(steps: readonly PathStep[]): string | undefined {
  let path = '';
  for (const step of steps) {
    if (step.kind === 'element') return undefined;
    path = fieldPath(path, step.field);
  }
  return path;
}
