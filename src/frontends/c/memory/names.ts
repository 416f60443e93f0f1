import type { CType } from '../types/ctype.ts';
import type { Region } from './regions.ts';
import type { Slot } from './representation.ts';

/** What a slot is called in reports: the object and the path of the member, as the user would write it. */
export function slotName(region: Region, slot: Slot, period: number): string {
  const first = region.members[0]!;
  const name = first.declared ? first.name : `*${first.site?.receiver ?? first.name}`;
  const type = first.declared?.type;
  const byte = Math.floor(slot.lowBit / 8);
  if (!type) {
    const element = first.site?.element;
    const path = element ? pathAt(element, byte, slot) : undefined;
    return `${name}${path ?? (byte === 0 ? '' : `+${byte}`)}`;
  }
  if (period > 0) {
    let element = type;
    while (element.kind === 'array') element = element.element;
    return `${name}${pathAt(element, byte, slot) ?? ''}`;
  }
  return `${name}${pathAt(type, byte, slot) ?? `+${byte}`}`;
}

export const slotTypeText = (slot: Slot): string => {
  switch (slot.type.kind) {
    case 'integer':
      return slot.type.type.name;
    case 'pointer':
      return 'pointer';
    case 'float':
      return slot.type.format === 'binary32' ? 'float' : 'double';
  }
};

/** `.member[3]` for the scalar at a byte of a type; undefined where there is no such scalar. */
function pathAt(type: CType, byte: number, slot: Slot): string | undefined {
  let path = '';
  let at = type;
  let offset = byte;
  for (let depth = 0; depth < 50; depth++) {
    if (at.kind === 'array') {
      const size = sizeOfType(at.element);
      if (size === undefined || size === 0) return undefined;
      path += `[${Math.floor(offset / size)}]`;
      offset %= size;
      at = at.element;
      continue;
    }
    if (at.kind === 'record') {
      const here = offset;
      const field = at.info.layout?.fields.find((f) => {
        if (f.bitField)
          return 8 * here + (slot.lowBit % 8) === f.bitField.bitOffset && slot.widthBits === f.bitField.widthBits;
        const size = sizeOfType(f.type);
        return here >= f.offset && (size === undefined || here < f.offset + size);
      });
      if (!field) return undefined;
      if (field.name !== undefined) path += `.${field.name}`;
      if (field.bitField) return path;
      offset -= field.offset;
      at = field.type;
      continue;
    }
    return offset === 0 ? path : undefined;
  }
  return undefined;
}

/** Sizes as far as names need them; undefined where the data model would be needed. */
function sizeOfType(type: CType): number | undefined {
  switch (type.kind) {
    case 'integer':
      return type.size;
    case 'enum':
      return type.info.underlying.size;
    case 'pointer':
      return undefined;
    case 'floating':
      return type.format === 'float' ? 4 : type.format === 'double' ? 8 : undefined;
    case 'record':
      return type.info.layout?.size;
    case 'array': {
      const size = sizeOfType(type.element);
      return size === undefined || type.length === undefined ? undefined : size * type.length;
    }
    case 'opaque':
      return type.size;
    default:
      return undefined;
  }
}
