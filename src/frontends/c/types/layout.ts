import type { CType, Field, RecordLayout } from './ctype.ts';
import type { DataModel } from './data-model.ts';

/** Sizes, alignments and record layouts as the System V ABIs fix them [SysV-ABI]; in bytes. */

/** Undefined for incomplete and variable-length types, and for functions. GNU gives void the size 1. */
export function sizeOf(type: CType, model: DataModel): number | undefined {
  switch (type.kind) {
    case 'void':
      return 1;
    case 'integer':
      return type.size;
    case 'floating':
      return floatingSize(type.format, model);
    case 'complex':
      return 2 * floatingSize(type.format, model);
    case 'enum':
      return type.info.complete ? type.info.underlying.size : undefined;
    case 'pointer':
      return model.pointerBits / 8;
    case 'array': {
      const element = sizeOf(type.element, model);
      return element === undefined || type.length === undefined ? undefined : element * type.length;
    }
    case 'record':
      return type.info.layout?.size;
    case 'va-list':
      return model.name === 'LP64' ? 24 : 4;
    case 'opaque':
      return type.size;
    case 'function':
      return undefined;
  }
}

function floatingSize(format: 'float' | 'double' | 'long double', model: DataModel): number {
  return format === 'float' ? 4 : format === 'double' ? 8 : model.longDoubleSize;
}

/** `inRecord`: i386 aligns 8-byte scalars to 4 inside structures; `_Alignof` reports the same there since GCC 8. */
export function alignOf(type: CType, model: DataModel): number {
  if (type.align !== undefined) return type.align;
  switch (type.kind) {
    case 'void':
    case 'function':
      return 1;
    case 'integer':
      return type.size === 8 ? model.eightByteAlign : type.size;
    case 'floating':
    case 'complex':
      return type.format === 'float' ? 4 : type.format === 'double' ? model.eightByteAlign : model.longDoubleAlign;
    case 'enum':
      return alignOf(type.info.underlying, model);
    case 'pointer':
      return model.pointerBits / 8;
    case 'array':
      return alignOf(type.element, model);
    case 'record':
      return type.info.layout?.align ?? 1;
    case 'va-list':
      return model.pointerBits / 8;
    case 'opaque':
      return type.align;
  }
}

export interface MemberShape extends Pick<Field, 'name' | 'type' | 'range'> {
  /** Width of a bit-field; 0 closes the current unit. */
  readonly bits: number | undefined;
  /** From `aligned` or _Alignas; in bytes. */
  readonly align: number | undefined;
  readonly packed: boolean;
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

export interface RecordOptions {
  readonly which: 'struct' | 'union';
  readonly packed: boolean;
  readonly packBytes: number | undefined;
  readonly align: number | undefined;
}

/** Lays out a record. requires: every member's type is complete, but for a flexible array at the end. */
export function layoutRecord(members: readonly MemberShape[], options: RecordOptions, model: DataModel): RecordLayout {
  const fields: Field[] = [];
  const union = options.which === 'union';
  let bit = 0;
  let align = 1;
  let size = 0;
  for (const member of members) {
    const packed = options.packed || member.packed;
    const natural = packed ? 1 : Math.min(alignOf(member.type, model), options.packBytes ?? Number.POSITIVE_INFINITY);
    const memberAlign = Math.max(natural, member.align ?? 1);
    const bytes = sizeOf(member.type, model) ?? 0;
    if (union) bit = 0;
    if (member.bits === undefined) {
      bit = roundUp(bit, 8 * memberAlign);
      fields.push({ name: member.name, type: member.type, offset: bit / 8, index: fields.length, range: member.range });
      bit += 8 * bytes;
      align = Math.max(align, memberAlign);
    } else if (member.bits === 0) {
      bit = roundUp(bit, 8 * alignOf(member.type, model));
    } else {
      const unit = 8 * bytes;
      if (member.align !== undefined) bit = roundUp(bit, 8 * member.align);
      // A bit-field may not cross a boundary of its declared type.
      if (
        !packed &&
        options.packBytes === undefined &&
        Math.floor(bit / unit) !== Math.floor((bit + member.bits - 1) / unit)
      ) {
        bit = roundUp(bit, unit);
      }
      const bitField = { bitOffset: bit, widthBits: member.bits };
      fields.push({
        name: member.name,
        type: member.type,
        offset: Math.floor(bit / 8),
        bitField,
        index: fields.length,
        range: member.range,
      });
      bit += member.bits;
      // Unnamed bit-fields do not raise the alignment of the record.
      if (member.name !== undefined) align = Math.max(align, memberAlign);
    }
    size = Math.max(size, Math.ceil(bit / 8));
  }
  align = Math.max(align, options.align ?? 1);
  return { fields, size: roundUp(size, align), align };
}
