import type { MemoryObject } from './objects.ts';
import {
  type Dimension,
  expand,
  gcd,
  greatest,
  isConstant,
  least,
  modulo,
  type Offsets,
  offsetsKey,
} from './offsets.ts';
import { type AccessType, accessKey } from './operations.ts';

/**
 * How the bytes of an object are kept, from all accesses that may touch it: in *slots*, disjoint runs of bits that hold one
 * value each. Without a period each slot is one variable (or, of many objects made in one place, one array over their
 * addresses). With a period, slots repeat and each is one array over the elements. Accesses of different shapes that
 * overlap are split into slots of one byte.
 */
export interface Slot {
  readonly lowBit: number;
  readonly widthBits: number;
  readonly type: AccessType;
  /** One byte of something that is looked at in more than one way. */
  readonly byte: boolean;
}

export interface Representation {
  /** Bytes after which the slots repeat; 0: they do not. */
  readonly period: number;
  readonly slots: readonly Slot[];
}

/** One way in which an object is accessed: the byte offsets, and which bits from there. */
export interface Shape {
  readonly offsets: Offsets;
  readonly lowBit: number;
  readonly widthBits: number;
  readonly type: AccessType;
}

export const shapeOf = (offsets: Offsets, type: AccessType): Shape => {
  if (type.kind === 'integer' && type.bitField) {
    return { offsets, lowBit: type.bitField.offsetBits, widthBits: type.bitField.widthBits, type };
  }
  const bytes = type.kind === 'integer' ? type.type.size : type.sizeBytes;
  return { offsets, lowBit: 0, widthBits: 8 * bytes, type };
};

export const shapeKey = (s: Shape): string =>
  `${offsetsKey(s.offsets)}/${s.lowBit}+${s.widthBits} ${accessKey(s.type)}`;

const mostSlots = 2_000;
/** Inner subscripts are written out up to this many places. */
export const mostInner = 64;

export const byteType: AccessType = {
  kind: 'integer',
  type: { kind: 'integer', name: 'unsigned char', signed: false, bits: 8, size: 1, rank: 1 },
};

export type Refusal = { readonly refused: string };

export function represent(object: MemoryObject, shapes: readonly Shape[]): Representation | Refusal {
  const inside = shapes.filter((s) => mayLieInside(object, s));
  if (inside.every((s) => isConstant(s.offsets))) {
    const slots = slotsOf(inside, 0);
    if (!slots) return { refused: 'is accessed in too many different ways' };
    return slots.length > mostSlots
      ? { refused: `is accessed at more than ${mostSlots} different places` }
      : { period: 0, slots };
  }
  let smallest = 0;
  const strides = new Set<number>();
  for (const s of inside) {
    for (const d of s.offsets.dimensions) {
      smallest = gcd(smallest, d.stride);
      strides.add(d.stride);
    }
  }
  const candidates = [...new Set([smallest, ...[...strides].sort((a, b) => a - b)])];
  let mixed: Representation | undefined;
  for (const period of candidates) {
    if (!fits(inside, period)) continue;
    const slots = slotsOf(inside, period);
    if (!slots || slots.length > mostSlots) continue;
    if (!slots.some((s) => s.byte)) return { period, slots };
    mixed ??= { period, slots };
  }
  if (mixed) return mixed;
  return { period: 1, slots: [{ lowBit: 0, widthBits: 8, type: byteType, byte: true }] };
}

/** An access that can never be inside the object needs no place. */
function mayLieInside(object: MemoryObject, shape: Shape): boolean {
  const bytes = Math.ceil((shape.lowBit + shape.widthBits) / 8);
  if (greatest(shape.offsets) < 0) return false;
  return object.sizeBytes === undefined || Math.max(0, least(shape.offsets)) + bytes <= object.sizeBytes;
}

/** Can every subscript be either whole periods, or be written out? */
function fits(shapes: readonly Shape[], period: number): boolean {
  return shapes.every((s) => {
    let inner = 1;
    for (const d of s.offsets.dimensions) if (d.stride % period !== 0) inner *= d.count;
    return inner <= mostInner;
  });
}

/** The places inside one period that a set of offsets can mean. requires: `fits`. */
export function residues(offsets: Offsets, period: number): readonly number[] {
  const inner: readonly Dimension[] = offsets.dimensions.filter((d) => period === 0 || d.stride % period !== 0);
  const list = expand({ first: offsets.first, dimensions: inner });
  return period === 0 ? list : [...new Set(list.map((x) => modulo(x, period)))];
}

/** Disjoint slots such that each access is one slot or some whole bytes; undefined if an access crosses the period. */
function slotsOf(shapes: readonly Shape[], period: number): readonly Slot[] | undefined {
  interface Interval {
    low: number;
    high: number;
    readonly type: AccessType;
  }
  const intervals = new Map<string, Interval>();
  for (const s of shapes) {
    for (const r of residues(s.offsets, period)) {
      const low = 8 * r + s.lowBit;
      const high = low + s.widthBits;
      if (period > 0 && high > 8 * period) return undefined;
      if (low < 0) continue;
      const key = `${low}:${high}`;
      const old = intervals.get(key);
      intervals.set(key, { low, high, type: old ? common(old.type, s.type) : s.type });
      if (intervals.size > 20 * mostSlots) return undefined;
    }
  }
  const sorted = [...intervals.values()].sort((a, b) => a.low - b.low || a.high - b.high);
  const slots: Slot[] = [];
  for (let i = 0; i < sorted.length; ) {
    let high = sorted[i]!.high;
    let j = i + 1;
    while (j < sorted.length && sorted[j]!.low < high) high = Math.max(high, sorted[j++]!.high);
    if (j === i + 1) {
      const { low, type } = sorted[i]!;
      slots.push({ lowBit: low, widthBits: high - low, type, byte: false });
    } else {
      // Whole bytes; bytes that a bit-field next door needs as well are taken with it.
      let first = Math.floor(sorted[i]!.low / 8);
      let end = Math.ceil(high / 8);
      for (let grown = true; grown; ) {
        grown = false;
        while (slots.length > 0 && slots[slots.length - 1]!.lowBit + slots[slots.length - 1]!.widthBits > 8 * first) {
          first = Math.min(first, Math.floor(slots.pop()!.lowBit / 8));
        }
        while (j < sorted.length && sorted[j]!.low < 8 * end) {
          end = Math.max(end, Math.ceil(sorted[j++]!.high / 8));
          grown = true;
        }
      }
      for (let b = first; b < end; b++) slots.push({ lowBit: 8 * b, widthBits: 8, type: byteType, byte: true });
    }
    i = j;
  }
  return slots;
}

/** What a slot holds that is accessed in two ways, at the same bits. */
function common(a: AccessType, b: AccessType): AccessType {
  if (accessKey(a) === accessKey(b)) return a;
  if (a.kind === 'pointer') return b.kind === 'float' ? a : a;
  if (b.kind === 'pointer') return b;
  if (a.kind === 'float' || b.kind === 'float') {
    if (a.kind === 'integer') return plain(a);
    return b.kind === 'integer' ? plain(b) : a;
  }
  return isBool(a) ? b : a;
}

/** An integer that holds all bits: `_Bool` does not. */
const plain = (type: Extract<AccessType, { kind: 'integer' }>): AccessType => (isBool(type) ? byteType : type);

export const isBool = (type: AccessType): boolean => type.kind === 'integer' && type.type.name === '_Bool';
