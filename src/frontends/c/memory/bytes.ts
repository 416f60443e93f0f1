import type { TermFactory } from '../../../terms/factory.ts';
import type { Term } from '../../../terms/term.ts';
import type { IntegerModel } from '../lowering/integers.ts';
import { isMath } from '../lowering/integers.ts';
import { integerBounds } from '../types/ctype.ts';
import type { AccessType } from './operations.ts';
import { isBool } from './representation.ts';

/** Values and the bits that stand for them, little endian; a value of `widthBits` bits is a natural number below 2^widthBits. */

/** The value of an access as bits. Pointers outside their width keep their value: they are never followed. */
export function toBits(t: TermFactory, value: Term, type: AccessType, widthBits: number): Term {
  switch (type.kind) {
    case 'float':
      return t.apply('fp.bits', [value]);
    case 'pointer':
      return t.wrapUnsigned(value, widthBits);
    case 'integer':
      return type.type.signed ? t.wrapUnsigned(value, widthBits) : value;
  }
}

/** Bits as the value of an access. */
export function fromBits(t: TermFactory, bits: Term, type: AccessType, widthBits: number): Term {
  switch (type.kind) {
    case 'float':
      return t.apply('fp.of.bits', [bits], type.format === 'binary32' ? 32 : 64);
    case 'pointer':
      return bits;
    case 'integer':
      if (isBool(type)) return t.ite(t.equal(bits, t.int(0)), t.int(0), t.int(1));
      return type.type.signed ? t.wrapSigned(bits, widthBits) : bits;
  }
}

/** The value, read as one type, of bits that hold another. */
export function convert(t: TermFactory, value: Term, from: AccessType, to: AccessType, widthBits: number): Term {
  if (from.kind === to.kind) {
    if (from.kind !== 'integer' || to.kind !== 'integer') return value;
    if (from.type.signed === to.type.signed && isBool(from) === isBool(to)) return value;
  }
  return fromBits(t, toBits(t, value, from, widthBits), to, widthBits);
}

/** A natural number from its bytes, least first. */
export function compose(t: TermFactory, bytes: readonly Term[]): Term {
  return t.sum(bytes.map((b, i) => (i === 0 ? b : t.multiply(t.int(1n << BigInt(8 * i)), b))));
}

export function byteOf(t: TermFactory, bits: Term, i: number, count: number): Term {
  if (count === 1) return bits;
  const shifted = i === 0 ? bits : t.apply('div', [bits, t.int(1n << BigInt(8 * i))]);
  return i === count - 1 ? shifted : t.wrapUnsigned(shifted, 8);
}

/** Some bits of a natural number. */
export function extract(t: TermFactory, bits: Term, lowBit: number, widthBits: number): Term {
  return t.wrapUnsigned(lowBit === 0 ? bits : t.apply('div', [bits, t.int(1n << BigInt(lowBit))]), widthBits);
}

/** A natural number with some bits replaced. */
export function insert(t: TermFactory, bits: Term, lowBit: number, widthBits: number, field: Term): Term {
  const scale = t.int(1n << BigInt(lowBit));
  const old = extract(t, bits, lowBit, widthBits);
  return t.add(bits, t.multiply(scale, t.subtract(field, old)));
}

/** The range of what is kept in a slot; undefined where there is none. */
export function slotRange(
  model: IntegerModel,
  type: AccessType,
  widthBits: number,
): { low: bigint; high: bigint } | undefined {
  if (type.kind !== 'integer' || isMath(model, type.type)) return undefined;
  if (isBool(type)) return { low: 0n, high: 1n };
  return integerBounds({ ...type.type, bits: widthBits });
}

/** A value that may be any integer, brought into the range of what is kept in a slot. */
export function clipped(t: TermFactory, model: IntegerModel, value: Term, type: AccessType, widthBits: number): Term {
  if (type.kind !== 'integer' || isMath(model, type.type)) return value;
  if (isBool(type)) return t.ite(t.equal(value, t.int(0)), t.int(0), t.int(1));
  return type.type.signed ? t.wrapSigned(value, widthBits) : t.wrapUnsigned(value, widthBits);
}
