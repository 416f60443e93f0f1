import { type CType, type EnumType, type IntegerType, integerOf, isInteger, unqualified } from './ctype.ts';
import type { DataModel } from './data-model.ts';

/** The integer and floating types of a data model, and the conversions between them [C11 6.3.1]. */
export class BasicTypes {
  readonly model: DataModel;
  readonly bool: IntegerType;
  readonly char: IntegerType;
  readonly schar: IntegerType;
  readonly uchar: IntegerType;
  readonly short: IntegerType;
  readonly ushort: IntegerType;
  readonly int: IntegerType;
  readonly uint: IntegerType;
  readonly long: IntegerType;
  readonly ulong: IntegerType;
  readonly llong: IntegerType;
  readonly ullong: IntegerType;
  readonly int128: IntegerType;
  readonly uint128: IntegerType;
  readonly size: IntegerType;
  readonly ptrdiff: IntegerType;
  readonly wchar: IntegerType;
  readonly float: CType = { kind: 'floating', format: 'float' };
  readonly double: CType = { kind: 'floating', format: 'double' };
  readonly longDouble: CType = { kind: 'floating', format: 'long double' };

  constructor(model: DataModel) {
    this.model = model;
    const make = (name: string, signed: boolean, bits: number, rank: number): IntegerType => ({
      kind: 'integer',
      name,
      signed,
      bits,
      size: Math.max(1, bits / 8),
      rank,
    });
    this.bool = make('_Bool', false, 1, 0);
    this.char = make('char', model.charSigned, 8, 1);
    this.schar = make('signed char', true, 8, 1);
    this.uchar = make('unsigned char', false, 8, 1);
    this.short = make('short', true, model.shortBits, 2);
    this.ushort = make('unsigned short', false, model.shortBits, 2);
    this.int = make('int', true, model.intBits, 3);
    this.uint = make('unsigned int', false, model.intBits, 3);
    this.long = make('long', true, model.longBits, 4);
    this.ulong = make('unsigned long', false, model.longBits, 4);
    this.llong = make('long long', true, model.longLongBits, 5);
    this.ullong = make('unsigned long long', false, model.longLongBits, 5);
    this.int128 = make('__int128', true, 128, 6);
    this.uint128 = make('unsigned __int128', false, 128, 6);
    this.size = model.pointerBits === 64 ? this.ulong : this.uint;
    this.ptrdiff = model.pointerBits === 64 ? this.long : this.int;
    this.wchar = this.int;
  }

  /** `_BitInt(n)`: its rank lies between those of the standard types around its width; it is never promoted. */
  bitInt(bits: number, signed: boolean): IntegerType {
    const bytes = Math.ceil(bits / 8);
    const size = bytes <= 1 ? 1 : bytes <= 2 ? 2 : bytes <= 4 ? 4 : Math.ceil(bytes / 8) * 8;
    return {
      kind: 'integer',
      name: `${signed ? '' : 'unsigned '}_BitInt(${bits})`,
      signed,
      bits,
      size,
      rank: 0.5 + bits / 1000,
    };
  }

  unsignedOf(type: IntegerType): IntegerType {
    if (!type.signed) return type;
    switch (type.name) {
      case 'int':
        return this.uint;
      case 'long':
        return this.ulong;
      case 'long long':
        return this.ullong;
      case '__int128':
        return this.uint128;
      case 'short':
        return this.ushort;
      case 'char':
      case 'signed char':
        return this.uchar;
      default:
        return this.bitInt(type.bits, false);
    }
  }

  /** The integer promotions; a bit-field is promoted by its width. */
  promote(type: IntegerType | EnumType, bitFieldBits?: number): IntegerType {
    const integer = integerOf(type);
    if (integer.name.includes('_BitInt')) return integer;
    if (bitFieldBits !== undefined && bitFieldBits < this.int.bits + (integer.signed ? 1 : 0)) return this.int;
    return integer.rank < this.int.rank ? this.int : integer;
  }

  /** The usual arithmetic conversions: the common type of two arithmetic types. */
  common(a: CType, b: CType): CType {
    if (a.kind === 'complex' || b.kind === 'complex') {
      const format = this.#widest(a, b);
      return { kind: 'complex', format };
    }
    if (a.kind === 'floating' || b.kind === 'floating') return { kind: 'floating', format: this.#widest(a, b) };
    if (!isInteger(a) || !isInteger(b)) throw new Error('common type of non-arithmetic types');
    const left = this.promote(a);
    const right = this.promote(b);
    if (left.name === right.name) return left;
    if (left.name.includes('_BitInt') || right.name.includes('_BitInt')) return this.#commonBitInt(left, right);
    if (left.signed === right.signed) return left.rank >= right.rank ? left : right;
    const [signed, unsigned] = left.signed ? [left, right] : [right, left];
    if (unsigned.rank >= signed.rank) return unsigned;
    if (signed.bits > unsigned.bits) return signed;
    return this.unsignedOf(signed);
  }

  #commonBitInt(a: IntegerType, b: IntegerType): IntegerType {
    if (a.bits !== b.bits) return a.bits > b.bits ? a : b;
    // Equal widths: a standard type outranks a bit-precise one; unsigned wins within a rank.
    const standard = !a.name.includes('_BitInt') ? a : !b.name.includes('_BitInt') ? b : undefined;
    if (!standard) return a.signed ? b : a;
    return a.signed && b.signed ? standard : this.unsignedOf(standard);
  }

  #widest(a: CType, b: CType): 'float' | 'double' | 'long double' {
    const formats = ['float', 'double', 'long double'] as const;
    const rank = (t: CType): number => (t.kind === 'floating' || t.kind === 'complex' ? formats.indexOf(t.format) : 0);
    return formats[Math.max(rank(a), rank(b))]!;
  }

  /** The default argument promotions, for arguments that no prototype types. */
  promoteArgument(type: CType): CType {
    if (isInteger(type)) return this.promote(type);
    if (type.kind === 'floating' && type.format === 'float') return this.double;
    return unqualified(type);
  }
}
