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

export interface ArrayEntry {
  readonly index: Value;
  readonly element: Value;
}

/**
 * An immutable array. Versions of one array share one table ([Baker-1978], shallow binding): the version used last holds
 * the table, every other one holds the one entry in which it differs from a neighbour. So a program that stores into its
 * newest version pays for one entry, and going back to an old version costs the number of stores in between. After as many
 * stores as the table has entries the table is copied, so that an old version does not keep all later ones in memory.
 */
export class ArrayValue {
  readonly kind = 'array';
  readonly default: Value;
  #table: Map<string | number, ArrayEntry> | undefined;
  /** Stores since the table was made or copied. */
  #age = 0;
  /** Without a table: the version that is nearer to it, and what this one has at a key instead. */
  #nearer:
    | { readonly version: ArrayValue; readonly key: string | number; readonly entry: ArrayEntry | undefined }
    | undefined;

  constructor(defaultElement: Value, entries: ReadonlyMap<string, ArrayEntry> = new Map()) {
    this.default = defaultElement;
    this.#table = new Map();
    for (const entry of entries.values()) {
      if (!sameValue(entry.element, defaultElement)) this.#table.set(indexKey(entry.index), entry);
    }
  }

  /** Where the array differs from its default, by `valueKey` of the index, in order of the indices. */
  get entries(): ReadonlyMap<string, ArrayEntry> {
    const list = [...this.#own().values()].map((entry) => [valueKey(entry.index), entry] as const);
    list.sort(([a, x], [b, y]) => {
      if (typeof x.index === 'bigint' && typeof y.index === 'bigint') return x.index < y.index ? -1 : 1;
      return a < b ? -1 : 1;
    });
    return new Map(list);
  }

  /** Whether it holds its default everywhere. */
  get isUniform(): boolean {
    return this.#own().size === 0;
  }

  select(index: Value): Value {
    return this.#own().get(indexKey(index))?.element ?? this.default;
  }

  store(index: Value, element: Value): ArrayValue {
    const table = this.#own();
    const key = indexKey(index);
    const old = table.get(key);
    if (sameValue(old?.element ?? this.default, element)) return this;
    const next = new ArrayValue(this.default);
    if (this.#age >= Math.max(shortestSharing, table.size)) {
      this.#age = 0;
      next.#table = new Map(table);
    } else {
      next.#age = this.#age + 1;
      next.#table = table;
      this.#table = undefined;
      this.#nearer = { version: next, key, entry: old };
    }
    if (sameValue(element, this.default)) next.#table.delete(key);
    else next.#table.set(key, { index, element });
    return next;
  }

  /** Brings the table to this version. */
  #own(): Map<string | number, ArrayEntry> {
    if (this.#table) return this.#table;
    const path: ArrayValue[] = [];
    let holder: ArrayValue = this;
    while (!holder.#table) {
      path.push(holder);
      holder = holder.#nearer!.version;
    }
    const table = holder.#table;
    for (let version = path.pop(); version; version = path.pop()) {
      const { key, entry } = version.#nearer!;
      holder.#nearer = { version, key, entry: table.get(key) };
      holder.#table = undefined;
      if (entry) table.set(key, entry);
      else table.delete(key);
      version.#table = table;
      version.#age = holder.#age;
      version.#nearer = undefined;
      holder = version;
    }
    return table;
  }
}

/** Stores before a small table is copied. */
const shortestSharing = 32;

/** The key of an index in a table: a number where that is exact, else its spelling. */
function indexKey(index: Value): string | number {
  if (typeof index !== 'bigint') return valueKey(index);
  const number = Number(index);
  return Number.isSafeInteger(number) ? number : String(index);
}

export const isRational = (value: Value): value is Rational => typeof value === 'object' && 'numerator' in value;

export const isFloatValue = (value: Value): value is FloatValue =>
  typeof value === 'object' && 'kind' in value && value.kind === 'float';

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

/** The double of fewest digits that rounds to the float. */
function shortestFloat(number: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(number.toPrecision(digits));
    if (Math.fround(short) === number) return short;
  }
  return number;
}

function formatFloat(value: FloatValue): string {
  const number = floatToNumber(value);
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
  if (Object.is(number, -0)) return '-0.0';
  const digits = value.format === 'binary32' ? shortestFloat(number) : number;
  return Number.isInteger(digits) && Math.abs(digits) < 1e21 ? `${digits}.0` : `${digits}`;
}
