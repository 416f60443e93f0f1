import type { Range } from '../preprocessor/source-file.ts';
import type { Variable } from './typed.ts';

/** The types of C [C11 6.2.5] after names are resolved. Records and enumerations have identity; all others are compared by shape. */
export type CType = Qualified &
  (
    | { readonly kind: 'void' }
    | IntegerType
    | { readonly kind: 'floating'; readonly format: FloatingFormat }
    | { readonly kind: 'complex'; readonly format: FloatingFormat }
    | EnumType
    | PointerType
    | ArrayType
    | FunctionType
    | RecordType
    | { readonly kind: 'va-list' }
    /** GNU vector types and the like: known to exist, not modelled. */
    | { readonly kind: 'opaque'; readonly text: string; readonly size: number; readonly align: number }
  );

export interface Qualified {
  readonly const?: boolean;
  readonly volatile?: boolean;
  readonly atomic?: boolean;
  /** In bytes, where a `typedef` with `aligned` gave the type another alignment than its own. */
  readonly align?: number;
}

export type FloatingFormat = 'float' | 'double' | 'long double';

export interface IntegerType extends Qualified {
  readonly kind: 'integer';
  /** As C spells it: `unsigned int`, `_Bool`, `char`. */
  readonly name: string;
  readonly signed: boolean;
  /** Width of its values, sign included; 1 for `_Bool`. */
  readonly bits: number;
  /** Size of its objects in bytes. */
  readonly size: number;
  /** Integer conversion rank [C11 6.3.1.1]. */
  readonly rank: number;
}

export interface EnumType extends Qualified {
  readonly kind: 'enum';
  readonly info: EnumInfo;
}

export interface EnumInfo {
  readonly tag: string | undefined;
  /** The integer type it is compatible with; set when the list of enumerators is complete. */
  underlying: IntegerType;
  complete: boolean;
  readonly range: Range;
}

export interface PointerType extends Qualified {
  readonly kind: 'pointer';
  readonly to: CType;
}

export interface ArrayType extends Qualified {
  readonly kind: 'array';
  readonly element: CType;
  /** Elements; undefined while unknown (`int a[]`) and for variable-length arrays. */
  readonly length: number | undefined;
  /** The variable that holds the number of elements of a variable-length array. */
  readonly variableLength?: Variable;
}

export interface FunctionType extends Qualified {
  readonly kind: 'function';
  readonly result: CType;
  readonly parameters: readonly CType[];
  readonly variadic: boolean;
  /** False for `f()` and K&R definitions: nothing is known about the arguments. */
  readonly prototype: boolean;
}

export interface RecordType extends Qualified {
  readonly kind: 'record';
  readonly info: RecordInfo;
}

export interface RecordInfo {
  readonly which: 'struct' | 'union';
  readonly tag: string | undefined;
  readonly id: number;
  readonly range: Range;
  /** Undefined while the type is incomplete. */
  layout: RecordLayout | undefined;
}

export interface RecordLayout {
  readonly fields: readonly Field[];
  readonly size: number;
  readonly align: number;
}

export interface Field {
  /** Absent for an anonymous structure or union member, and for unnamed bit-fields. */
  readonly name: string | undefined;
  readonly type: CType;
  /** Bytes from the start of the record; for a bit-field, of the first byte it touches. */
  readonly offset: number;
  readonly bitField?: {
    /** From the start of the record, little endian. */ readonly bitOffset: number;
    readonly widthBits: number;
  };
  readonly index: number;
  readonly range: Range;
}

export const voidType: CType = { kind: 'void' };

export const pointerTo = (to: CType): PointerType => ({ kind: 'pointer', to });

export function unqualified<T extends CType>(type: T): T {
  if (!type.const && !type.volatile && !type.atomic && (type.align === undefined || type.kind === 'opaque'))
    return type;
  const { const: _c, volatile: _v, atomic: _a, align, ...rest } = type;
  return (type.kind === 'opaque' ? { ...rest, align } : rest) as T;
}

export function qualified(type: CType, q: Qualified): CType {
  if (!q.const && !q.volatile && !q.atomic) return type;
  // The qualifiers of an array are those of its elements [C11 6.7.3p9].
  if (type.kind === 'array') return { ...type, element: qualified(type.element, q) };
  return {
    ...type,
    ...(q.const ? { const: true } : {}),
    ...(q.volatile ? { volatile: true } : {}),
    ...(q.atomic ? { atomic: true } : {}),
  };
}

export const isInteger = (type: CType): type is IntegerType | EnumType =>
  type.kind === 'integer' || type.kind === 'enum';
export const isArithmetic = (type: CType): boolean =>
  isInteger(type) || type.kind === 'floating' || type.kind === 'complex';
export const isScalar = (type: CType): boolean => isArithmetic(type) || type.kind === 'pointer';
export const isBool = (type: CType): boolean => type.kind === 'integer' && type.name === '_Bool';
export const isCharacter = (type: CType): boolean =>
  type.kind === 'integer' && type.size === 1 && type.name !== '_Bool' && type.name.endsWith('char');

/** The integer type behind an integer or enumeration. */
export const integerOf = (type: IntegerType | EnumType): IntegerType =>
  type.kind === 'enum' ? type.info.underlying : (unqualified(type) as IntegerType);

/** Smallest and largest value. */
export function integerBounds(type: IntegerType): { low: bigint; high: bigint } {
  if (!type.signed) return { low: 0n, high: (1n << BigInt(type.bits)) - 1n };
  const half = 1n << BigInt(type.bits - 1);
  return { low: -half, high: half - 1n };
}

/** The value that a conversion to the type gives: modulo its width (for signed types, as every compiler defines it). */
export function wrapInteger(value: bigint, type: IntegerType): bigint {
  if (type.name === '_Bool') return value === 0n ? 0n : 1n;
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

/** All fields that a name can select, those of anonymous members included, with the path to each. */
export function findField(info: RecordInfo, name: string): Field[] | undefined {
  for (const field of info.layout?.fields ?? []) {
    if (field.name === name) return [field];
    if (field.name === undefined && field.type.kind === 'record') {
      const inner = findField(field.type.info, name);
      if (inner) return [field, ...inner];
    }
  }
  return undefined;
}

/** Compatible types [C11 6.2.7], qualifiers at the top ignored; `depth` bounds the walk through nested pointers. */
export function compatible(a: CType, b: CType, depth = 0): boolean {
  if (a === b || depth > 50) return true;
  if (a.kind === 'enum' && b.kind !== 'enum') return compatible(a.info.underlying, b, depth);
  if (b.kind === 'enum' && a.kind !== 'enum') return compatible(a, b.info.underlying, depth);
  switch (a.kind) {
    case 'void':
    case 'va-list':
      return a.kind === b.kind;
    case 'integer':
      return b.kind === 'integer' && a.name === b.name;
    case 'floating':
    case 'complex':
      return b.kind === a.kind && a.format === b.format;
    case 'enum':
      return b.kind === 'enum' && a.info === b.info;
    case 'pointer':
      return b.kind === 'pointer' && sameQualifiers(a.to, b.to) && compatible(a.to, b.to, depth + 1);
    case 'array':
      return (
        b.kind === 'array' &&
        (a.length === undefined || b.length === undefined || a.length === b.length) &&
        compatible(a.element, b.element, depth + 1)
      );
    case 'record':
      return b.kind === 'record' && a.info === b.info;
    case 'function':
      return (
        b.kind === 'function' &&
        compatible(a.result, b.result, depth + 1) &&
        (!a.prototype ||
          !b.prototype ||
          (a.variadic === b.variadic &&
            a.parameters.length === b.parameters.length &&
            a.parameters.every((p, i) => compatible(unqualified(p), unqualified(b.parameters[i]!), depth + 1))))
      );
    case 'opaque':
      return b.kind === 'opaque' && a.text === b.text;
  }
}

const sameQualifiers = (a: CType, b: CType): boolean => !a.const === !b.const && !a.volatile === !b.volatile;

/** A type longer than this is cut in messages. */
const longestType = 200;

/** How C writes the type. */
export function formatType(type: CType, inner = ''): string {
  if (inner.length > longestType) return `… ${inner.slice(0, longestType)} …`;
  const q = `${type.const ? 'const ' : ''}${type.volatile ? 'volatile ' : ''}${type.atomic ? '_Atomic ' : ''}`;
  const named = (name: string): string => `${q}${name}${inner && !inner.startsWith('[') ? ' ' : ''}${inner}`;
  switch (type.kind) {
    case 'void':
      return named('void');
    case 'integer':
      return named(type.name);
    case 'floating':
      return named(type.format);
    case 'complex':
      return named(`${type.format} _Complex`);
    case 'enum':
      return named(`enum ${type.info.tag ?? '<unnamed>'}`);
    case 'record':
      return named(`${type.info.which} ${type.info.tag ?? '<unnamed>'}`);
    case 'va-list':
      return named('va_list');
    case 'opaque':
      return named(type.text);
    case 'pointer': {
      const star = `*${q.trimEnd()}${q && inner ? ' ' : ''}${inner}`;
      return formatType(type.to, type.to.kind === 'array' || type.to.kind === 'function' ? `(${star})` : star);
    }
    case 'array':
      return formatType(type.element, `${inner}[${type.length ?? ''}]`);
    case 'function': {
      const parameters = type.parameters.map((p) => formatType(p));
      if (type.variadic) parameters.push('...');
      const list = parameters.length > 0 ? parameters.join(', ') : type.prototype ? 'void' : '';
      return formatType(type.result, `${inner}(${list})`);
    }
  }
}
