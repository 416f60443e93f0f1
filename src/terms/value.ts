import { equals, formatRational, type Rational } from '../base/rational.ts';
import type { Sort } from './sort.ts';

/**
 * Program values: booleans, integers (bigint), exact rationals, total arrays, and IEEE floats as their bit patterns.
 * An array has a default and finitely many exceptions; it is immutable.
 */
export type Value = boolean | bigint | Rational | ArrayValue | FloatValue;

export interface FloatValue {
  readonly kind: 'float';
  readonly format: 'binary32' | 'binary64';
  /** The IEEE 754 interchange bits, 32 or 64 of them. Every NaN is stored as the one quiet NaN. */
  readonly bits: bigint;
}

export class ArrayValue {
  readonly kind = 'array';
  readonly default: Value;
  readonly entries: ReadonlyMap<string, { readonly index: Value; readonly element: Value }>;

  constructor(defaultElement: Value, entries: ArrayValue['entries'] = new Map()) {
    this.default = defaultElement;
    this.entries = entries;
  }

  select(index: Value): Value {
    return this.entries.get(valueKey(index))?.element ?? this.default;
  }

  store(index: Value, element: Value): ArrayValue {
    const entries = new Map(this.entries);
    const key = valueKey(index);
    if (sameValue(element, this.default)) entries.delete(key);
    else entries.set(key, { index, element });
    return new ArrayValue(this.default, entries);
  }
}

export const isRational = (value: Value): value is Rational => typeof value === 'object' && 'numerator' in value;

/** One string per value of a sort: equal keys if and only if equal values. */
export function valueKey(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (isRational(value)) return formatRational(value);
  if (value.kind === 'float') return `${value.format}:${value.bits.toString(16)}`;
  const entries = [...value.entries].map(([key, { element }]) => `${key}:${valueKey(element)}`).sort();
  return `[${valueKey(value.default)};${entries.join(',')}]`;
}

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (isRational(a)) return isRational(b) && equals(a, b);
  return !isRational(b) && valueKey(a) === valueKey(b);
}

/** Whether a value belongs to a sort. */
export function hasSort(value: Value, sort: Sort): boolean {
  switch (sort.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'real':
      return typeof value === 'object' && isRational(value);
    case 'float':
      return typeof value === 'object' && !isRational(value) && value.kind === 'float' && value.format === sort.format;
    case 'array':
      return (
        typeof value === 'object' &&
        !isRational(value) &&
        value.kind === 'array' &&
        hasSort(value.default, sort.element)
      );
  }
}

/** The value that an uninitialised thing of a sort gets where any will do: false, 0, an array of those. */
export function defaultValue(sort: Sort): Value {
  switch (sort.kind) {
    case 'bool':
      return false;
    case 'int':
      return 0n;
    case 'real':
      return { numerator: 0n, denominator: 1n };
    case 'float':
      return { kind: 'float', format: sort.format, bits: 0n };
    case 'array':
      return new ArrayValue(defaultValue(sort.element));
  }
}

export function formatValue(value: Value): string {
  if (typeof value === 'object' && !isRational(value)) {
    if (value.kind === 'float') return formatFloat(value);
    const entries = [...value.entries.values()].map((e) => `${formatValue(e.index)}: ${formatValue(e.element)}`);
    return `[${[...entries, `others: ${formatValue(value.default)}`].join(', ')}]`;
  }
  return valueKey(value);
}

/** The number that a float's bits stand for; exact, since both formats fit a JavaScript number. */
export function floatToNumber(value: FloatValue): number {
  const view = new DataView(new ArrayBuffer(8));
  if (value.format === 'binary32') {
    view.setUint32(0, Number(value.bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, value.bits);
  return view.getFloat64(0);
}

/** Rounds a JavaScript number to nearest-even into a format; NaN becomes the one quiet NaN. */
export function numberToFloat(number: number, format: FloatValue['format']): FloatValue {
  const view = new DataView(new ArrayBuffer(8));
  if (format === 'binary32') {
    if (Number.isNaN(number)) return { kind: 'float', format, bits: 0x7fc00000n };
    view.setFloat32(0, number);
    return { kind: 'float', format, bits: BigInt(view.getUint32(0)) };
  }
  if (Number.isNaN(number)) return { kind: 'float', format, bits: 0x7ff8000000000000n };
  view.setFloat64(0, number);
  return { kind: 'float', format, bits: view.getBigUint64(0) };
}

/** Interchange bits (the low 32 or 64 of an integer) as a float. */
export function bitsToFloat(bits: bigint, format: FloatValue['format']): FloatValue {
  const value: FloatValue = { kind: 'float', format, bits: BigInt.asUintN(format === 'binary32' ? 32 : 64, bits) };
  return Number.isNaN(floatToNumber(value)) ? numberToFloat(Number.NaN, format) : value;
}

/** Rounds an integer of any size to nearest, ties to even, in one step: rounding by way of a double could round twice. */
export function integerToFloat(value: bigint, format: FloatValue['format']): FloatValue {
  const size = value < 0n ? -value : value;
  const precision = format === 'binary32' ? 24 : 53;
  const extra = size.toString(2).length - precision;
  if (extra <= 0) return numberToFloat(Number(value), format);
  if (extra > 1100) return numberToFloat(value < 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, format);
  const shift = BigInt(extra);
  const kept = size >> shift;
  const rest = size - (kept << shift);
  const half = 1n << (shift - 1n);
  const rounded = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
  // `rounded` has at most `precision` bits (or is a power of two), so scaling it is exact, or overflows to infinity.
  const scaled = Number(rounded) * 2 ** extra;
  return numberToFloat(value < 0n ? -scaled : scaled, format);
}

function formatFloat(value: FloatValue): string {
  const number = floatToNumber(value);
  return Object.is(number, -0)
    ? '-0.0'
    : Number.isInteger(number) && Math.abs(number) < 1e21
      ? `${number}.0`
      : `${number}`;
}
