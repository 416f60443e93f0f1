import type { SymbolTerm } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type CType, type Field, formatType, type IntegerType, integerOf, isInteger } from '../types/ctype.ts';
import type { Typed, Variable } from '../types/typed.ts';

/**
 * Where variables live in the program: an integer is one symbol, a structure is one symbol for each integer in it. Nothing
 * here has an address; what needs one is refused where it is used.
 */

/** An integer inside a variable: the names of the members that lead to it, and its type. */
export interface Leaf {
  readonly path: string;
  readonly type: IntegerType;
  /** Set for a bit-field. */
  readonly widthBits: number | undefined;
}

export interface Cell extends Leaf {
  readonly symbol: SymbolTerm;
}

export type Storage = ReadonlyMap<string, Cell>;

const mostLeaves = 1000;

/** The integers in a type. Members that are no integers are left out: using them is refused. */
export function leavesOf(type: CType, path = '', out: Leaf[] = []): Leaf[] {
  if (isInteger(type)) {
    out.push({ path, type: integerOf(type), widthBits: undefined });
  } else if (type.kind === 'record' && type.info.which === 'struct') {
    for (const field of type.info.layout?.fields ?? []) {
      if (out.length > mostLeaves) break;
      const inner = fieldPath(path, field);
      if (field.bitField && isInteger(field.type)) {
        if (field.name === undefined) continue;
        out.push({ path: inner, type: bitFieldType(field), widthBits: field.bitField.widthBits });
      } else {
        leavesOf(field.type, inner, out);
      }
    }
  }
  return out;
}

export const fieldPath = (path: string, field: Field): string =>
  `${path}${path === '' ? '' : '.'}${field.name ?? `<${field.index}>`}`;

/** The type whose values a bit-field holds: that of the declaration, with its own width. */
function bitFieldType(field: Field): IntegerType {
  const declared = integerOf(field.type as Parameters<typeof integerOf>[0]);
  return declared.name === '_Bool' ? declared : { ...declared, bits: field.bitField!.widthBits };
}

/** A variable, and the path to the part of it that an lvalue denotes. */
export interface Place {
  readonly variable: Variable;
  readonly path: string;
  readonly type: CType;
}

/** The place that an lvalue denotes. Fails `unsupported` for what is reached through pointers, arrays and unions. */
export function placeOf(lvalue: Typed): Place {
  const fields: Field[] = [];
  let at = lvalue;
  while (at.kind === 'member') {
    if (at.object.type.kind === 'record' && at.object.type.info.which === 'union') {
      unsupported('C0603', 'a union', lvalue.range);
    }
    fields.push(at.field);
    at = at.object;
  }
  if (at.kind === 'dereference') return unsupported('C0601', dereferenceName(at), lvalue.range);
  if (at.kind === 'string') return unsupported('C0602', 'a string as an object', lvalue.range);
  if (at.kind !== 'variable' && at.kind !== 'compound-literal')
    return unsupported('C0604', 'this object', lvalue.range);
  let path = '';
  for (const field of fields.reverse()) path = fieldPath(path, field);
  return { variable: at.variable, path, type: lvalue.type };
}

function dereferenceName(e: Extract<Typed, { kind: 'dereference' }>): string {
  const { pointer } = e;
  const isElement =
    pointer.kind === 'pointer-add' &&
    pointer.pointer.kind === 'address' &&
    pointer.pointer.lvalue.type.kind === 'array';
  return isElement ? 'an array' : 'an access through a pointer';
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
    case 'complex':
      return { code: 'C0605', what: 'floating-point arithmetic' };
    default:
      return { code: 'C0604', what: `a value of type ${formatType(type)}` };
  }
}
