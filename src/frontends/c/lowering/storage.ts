import { floatSort, intSort, type Sort } from '../../../terms/sort.ts';
import type { SymbolTerm } from '../../../terms/term.ts';
import type { AccessType } from '../memory/operations.ts';
import {
  type CType,
  type Field,
  formatType,
  type IntegerType,
  integerOf,
  isInteger,
  type PointerType,
  unqualified,
} from '../types/ctype.ts';
import type { Variable } from '../types/typed.ts';

/**
 * Where variables live. A variable whose address nothing takes, and that is a scalar or a structure of scalars, is kept in
 * *registers*: one symbol of the program for each scalar in it. All others are objects in memory (memory/operations.ts).
 */

/** What one symbol, or one access to memory, holds: a number or an address. */
export type ScalarType = IntegerType | PointerType | (CType & { readonly kind: 'floating' });

/** A scalar inside a variable: the names of the members that lead to it, and its type. */
export interface Leaf {
  readonly path: string;
  readonly type: ScalarType;
  /** Bytes from the start of the variable. */
  readonly offset: number;
  /** Set for a bit-field. */
  readonly bitField?: { readonly offsetBits: number; readonly widthBits: number };
}

export interface Cell extends Leaf {
  readonly symbol: SymbolTerm;
}

export type Storage = ReadonlyMap<string, Cell>;

const mostLeaves = 200;

/** The scalars of a type that fits registers; undefined for arrays, unions, and what has too many parts. */
export function leavesOf(type: CType): readonly Leaf[] | undefined {
  const out: Leaf[] = [];
  return collect(type, '', 0, out) ? out : undefined;
}

function collect(type: CType, path: string, offset: number, out: Leaf[]): boolean {
  if (out.length > mostLeaves) return false;
  const scalar = scalarType(type);
  if (scalar) {
    out.push({ path, type: scalar, offset });
    return true;
  }
  if (type.kind === 'void') return true;
  if (type.kind === 'complex' && type.format !== 'long double') {
    const part: ScalarType = { kind: 'floating', format: type.format };
    const prefix = path === '' ? '' : `${path}.`;
    const size = type.format === 'float' ? 4 : 8;
    out.push({ path: `${prefix}re`, type: part, offset }, { path: `${prefix}im`, type: part, offset: offset + size });
    return true;
  }
  if (type.kind !== 'record' || type.info.which !== 'struct') return false;
  for (const field of type.info.layout?.fields ?? []) {
    const inner = fieldPath(path, field);
    if (field.bitField && isInteger(field.type)) {
      if (field.name === undefined) continue;
      const offsetBits = field.bitField.bitOffset - 8 * field.offset;
      const bitField = { offsetBits, widthBits: field.bitField.widthBits };
      out.push({ path: inner, type: bitFieldType(field), offset: offset + field.offset, bitField });
    } else if (!collect(field.type, inner, offset + field.offset, out)) {
      return false;
    }
  }
  return true;
}

/** The scalar type of a C type that one symbol can hold. An argument list is the address of its next argument. */
export function scalarType(type: CType): ScalarType | undefined {
  if (isInteger(type)) return integerOf(type);
  if (type.kind === 'pointer') return unqualified(type);
  if (type.kind === 'va-list') return { kind: 'pointer', to: { kind: 'void' } };
  if (type.kind === 'floating' && type.format !== 'long double') return unqualified(type);
  return undefined;
}

export const fieldPath = (path: string, field: Field): string =>
  `${path}${path === '' ? '' : '.'}${field.name ?? `<${field.index}>`}`;

/** The type whose values a bit-field holds: that of the declaration, with its own width. */
export function bitFieldType(field: Field): IntegerType {
  const declared = integerOf(field.type as Parameters<typeof integerOf>[0]);
  return declared.name === '_Bool' ? declared : { ...declared, bits: field.bitField!.widthBits };
}

/** Values with parts: structures, unions, complex numbers. */
export const isAggregate = (type: CType): boolean => type.kind === 'record' || type.kind === 'complex';

/** Whether a variable is an object in memory. */
export const inMemory = (variable: Variable): boolean => variable.addressTaken || leavesOf(variable.type) === undefined;

export function sortOf(type: ScalarType): Sort {
  return type.kind === 'floating' ? floatSort(type.format === 'float' ? 32 : 64) : intSort;
}

/** How a scalar is read from memory. `declared` is the type of the storage that holds a bit-field. */
export function accessType(type: ScalarType, pointerBytes: number, bitField?: Leaf['bitField']): AccessType {
  switch (type.kind) {
    case 'pointer':
      return { kind: 'pointer', sizeBytes: pointerBytes };
    case 'floating':
      return type.format === 'float'
        ? { kind: 'float', format: 'binary32', sizeBytes: 4 }
        : { kind: 'float', format: 'binary64', sizeBytes: 8 };
    case 'integer':
      return bitField ? { kind: 'integer', type, bitField } : { kind: 'integer', type };
  }
}

/** What a type that has no cell is called in a message. */
export function refusedType(type: CType): { code: string; what: string } {
  switch (type.kind) {
    case 'pointer':
      return { code: 'C0601', what: 'a pointer' };
    case 'array':
      return { code: 'C0602', what: 'an array' };
    case 'record':
      return { code: 'C0603', what: `a ${type.info.which === 'union' ? 'union' : 'structure'}` };
    case 'floating':
      return { code: 'C0605', what: type.format === 'long double' ? '`long double`' : 'floating-point arithmetic' };
    case 'complex':
      return { code: 'C0605', what: 'complex arithmetic' };
    default:
      return { code: 'C0604', what: `a value of type ${formatType(type)}` };
  }
}
