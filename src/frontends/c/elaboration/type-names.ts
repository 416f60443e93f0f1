import { fail } from '../diagnostics.ts';
import type {
  Declarator,
  Expression,
  MemberDeclaration,
  ParameterDeclaration,
  Specifiers,
  TypeName,
  TypeSpecifier,
} from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import {
  type CType,
  type EnumInfo,
  type IntegerType,
  integerBounds,
  isInteger,
  pointerTo,
  qualified,
  type RecordInfo,
  unqualified,
  voidType,
} from '../types/ctype.ts';
import { layoutRecord, type MemberShape, sizeOf } from '../types/layout.ts';
import type { Variable } from '../types/typed.ts';
import { alignment, attributedType, refuseRecordAttributes } from './attributes.ts';
import { constantInteger } from './constant.ts';
import type { Context } from './context.ts';
import { convert } from './conversion.ts';
import { elaborate, rvalue } from './expressions.ts';
import { placeOf, sameLayout } from './linkage.ts';

/** From type syntax to types: specifiers, records, enumerations, declarators. */

/** The constant value of an expression that must be one. */
export function requireConstant(e: Context, expression: Expression, what: string): bigint {
  const typed = rvalue(e, elaborate(e, expression));
  const value = isInteger(typed.type) ? constantInteger(typed) : undefined;
  if (value === undefined) fail('C0301', `${what} must be an integer constant`, expression.range);
  return value;
}

export function specifiedType(e: Context, specifiers: Specifiers): CType {
  const { qualifiers } = specifiers;
  const base = baseType(e, specifiers.type, specifiers);
  return qualified(attributedType(e, base, specifiers.attributes), qualifiers);
}

export function typeOfName(e: Context, name: TypeName): CType {
  return declaredType(e, specifiedType(e, name.specifiers), name.declarator);
}

function baseType(e: Context, type: TypeSpecifier, specifiers: Specifiers): CType {
  switch (type.kind) {
    case 'builtin':
      return builtinType(e, type.words, type.range);
    case 'bit-int': {
      const width = Number(requireConstant(e, type.width, 'the width'));
      if (width < (type.unsigned ? 1 : 2) || width > 4096)
        fail('C0303', `a _BitInt cannot have ${width} bits here`, type.range);
      return e.types.bitInt(width, !type.unsigned);
    }
    case 'implicit-int':
      e.warn('C0304', 'a declaration without a type means int; this left C in 1999', specifiers.range);
      return e.types.int;
    case 'typedef-name': {
      if (type.name === '__builtin_va_list') return { kind: 'va-list' };
      const entry = e.lookup(type.name);
      if (entry?.kind !== 'typedef') fail('C0305', `\`${type.name}\` is not a type here`, type.range);
      return entry.type;
    }
    case 'typeof': {
      if (type.operand.kind === 'type-name') return typeOfName(e, type.operand);
      return elaborate(e, type.operand).type;
    }
    case 'atomic':
      return qualified(typeOfName(e, type.type), { atomic: true });
    case 'auto-type':
      return fail('C0306', '`__auto_type` needs an initialiser', type.range);
    case 'record':
      return recordType(e, type);
    case 'enum':
      return enumType(e, type);
  }
}

function builtinType(e: Context, words: readonly string[], range: Range): CType {
  const { types } = e;
  const count = (word: string): number => words.filter((w) => w === word).length;
  const rest = words.filter((w) => !['signed', 'unsigned', 'long', 'short', 'int', '_Complex'].includes(w));
  const bad = (): never => fail('C0307', `\`${words.join(' ')}\` is not a type`, range);
  const signed = count('signed') > 0;
  const unsigned = count('unsigned') > 0;
  const longs = count('long');
  const shorts = count('short');
  if ((signed && unsigned) || rest.length > 1 || longs > 2 || shorts > 1 || (longs > 0 && shorts > 0)) bad();
  const complex = count('_Complex') > 0;
  const word = rest[0];
  const floating = (format: 'float' | 'double' | 'long double'): CType =>
    signed || unsigned || shorts > 0 || count('int') > 0 ? bad() : { kind: complex ? 'complex' : 'floating', format };
  switch (word) {
    case 'void':
      return words.length > 1 ? bad() : voidType;
    case '_Bool':
      return words.length > 1 ? bad() : types.bool;
    case 'char':
      return longs + shorts + count('int') > 0 ? bad() : signed ? types.schar : unsigned ? types.uchar : types.char;
    case 'float':
    case '_Float32':
      return longs > 0 ? bad() : floating('float');
    case 'double':
      return longs > 1 ? bad() : floating(longs === 1 ? 'long double' : 'double');
    case '_Float64':
    case '_Float32x':
      return floating('double');
    case '__int128':
      return unsigned ? types.uint128 : types.int128;
    case undefined:
      if (complex && !words.includes('long') && words.length > 1)
        return { kind: 'opaque', text: words.join(' '), size: 8, align: 4 };
      if (complex)
        return words.length === 1 || (words.length === 2 && longs === 1)
          ? floating(longs === 1 ? 'long double' : 'double')
          : bad();
      if (shorts > 0) return unsigned ? types.ushort : types.short;
      if (longs === 2) return unsigned ? types.ullong : types.llong;
      if (longs === 1) return unsigned ? types.ulong : types.long;
      return unsigned ? types.uint : types.int;
    default:
      return { kind: 'opaque', text: words.join(' '), size: 16, align: 16 };
  }
}

function recordType(e: Context, type: Extract<TypeSpecifier, { kind: 'record' }>): CType {
  const { tag, which, members } = type;
  let info: RecordInfo | undefined;
  if (tag !== undefined) {
    // `struct s { … }` and `struct s;` declare a new type in an inner scope; `struct s x` finds an outer one.
    const known = e.lookupTag(tag, members !== undefined);
    if (known) {
      if (known.kind !== 'record' || known.info.which !== which)
        fail('C0308', `\`${tag}\` is another kind of tag`, type.range);
      info = known.info;
      if (members && e.completed.has(info)) fail('C0309', `\`${which} ${tag}\` is defined twice`, type.range);
    }
  }
  if (!info) {
    info = e.atFileScope ? sharedRecord(e, which, tag) : undefined;
    info ??= { which, tag, id: e.newId(), range: type.range, layout: undefined };
    if (e.atFileScope && tag !== undefined) e.linkage?.records.set(`${which} ${tag}`, info);
    if (tag !== undefined) e.defineTag(tag, { kind: 'record', info });
  }
  if (members) {
    const shapes = members.flatMap((member): MemberShape[] => {
      if (member.kind === 'static-assert') {
        if (requireConstant(e, member.condition, 'the condition') === 0n) failAssertion(member.message, member.range);
        return [];
      }
      return memberShapes(e, member);
    });
    checkMembers(e, shapes, which);
    const { attributes } = type;
    refuseRecordAttributes(attributes);
    const layout = layoutRecord(
      shapes,
      {
        which,
        packed: attributes.some((a) => a.name === 'packed'),
        packBytes: type.packBytes,
        align: alignment(e, attributes, []),
      },
      e.model,
    );
    // Another unit has the same definition: its members are the ones that count.
    if (info.layout === undefined || e.completed.has(info) || !e.linkage) info.layout = layout;
    e.completed.add(info);
    if (e.linkage && tag === undefined) info = sameElsewhere(e, info, type.range);
  }
  return { kind: 'record', info };
}

/** The type that other units know by this tag, if all agree on it. */
function sharedRecord(e: Context, which: string, tag: string | undefined): RecordInfo | undefined {
  const key = `${which} ${tag}`;
  return tag !== undefined && e.linkage?.sharedTags.has(key) ? e.linkage.records.get(key) : undefined;
}

/** A type without a tag, from a header that another unit has read too. */
function sameElsewhere(e: Context, info: RecordInfo, range: Range): RecordInfo {
  const place = placeOf(range);
  const known = e.linkage?.places.get(place);
  if (known && 'layout' in known && known.layout && info.layout && known.which === info.which) {
    if (sameLayout(known.layout, info.layout)) return known;
  }
  e.notePlace(place, info);
  return info;
}

export function failAssertion(message: string | undefined, range: Range): never {
  fail('C0310', `static assertion failed${message === undefined ? '' : `: ${message}`}`, range);
}

function memberShapes(e: Context, member: MemberDeclaration): MemberShape[] {
  const base = specifiedType(e, member.specifiers);
  const { attributes, alignments } = member.specifiers;
  const own = (declarator: Declarator | undefined): Pick<MemberShape, 'align' | 'packed'> => {
    const all = [...attributes, ...(declarator?.attributes ?? [])];
    return { align: alignment(e, all, alignments), packed: all.some((a) => a.name === 'packed') };
  };
  if (member.members.length === 0) {
    if (base.kind === 'record' && base.info.layout && base.info.tag === undefined) {
      return [{ name: undefined, type: base, bits: undefined, range: member.range, ...own(undefined) }];
    }
    if (base.kind === 'record' && base.info.layout)
      e.warn('C0311', 'this member has no name and declares nothing', member.range);
    return [];
  }
  return member.members.map(({ declarator, bits, range }): MemberShape => {
    const type = declaredType(e, attributedType(e, base, declarator.attributes), declarator);
    let width: number | undefined;
    if (bits) {
      if (!isInteger(type)) fail('C0312', 'a bit-field must have an integer type', range);
      width = Number(requireConstant(e, bits, 'the width of a bit-field'));
      const limit = type.kind === 'enum' ? type.info.underlying.bits : type.bits;
      if (width < 0 || width > limit) fail('C0312', `a bit-field of ${width} bits does not fit its type`, range);
      if (width === 0 && declarator.name !== undefined)
        fail('C0312', 'a bit-field of width 0 cannot have a name', range);
    }
    return { name: declarator.name, type, bits: width, range, ...own(declarator) };
  });
}

function checkMembers(e: Context, shapes: readonly MemberShape[], which: string): void {
  const seen = new Set<string>();
  for (const [i, shape] of shapes.entries()) {
    if (shape.name !== undefined) {
      if (seen.has(shape.name)) fail('C0313', `member \`${shape.name}\` appears twice`, shape.range);
      seen.add(shape.name);
    }
    if (shape.type.kind === 'function') fail('C0313', 'a member cannot be a function', shape.range);
    const flexible =
      shape.type.kind === 'array' && shape.type.length === undefined && (i === shapes.length - 1 || which === 'union');
    if (!flexible && sizeOf(shape.type, e.model) === undefined) {
      fail('C0313', `member \`${shape.name ?? ''}\` has an incomplete type`, shape.range);
    }
  }
}

function enumType(e: Context, type: Extract<TypeSpecifier, { kind: 'enum' }>): CType {
  const { tag, enumerators } = type;
  let info: EnumInfo | undefined;
  if (tag !== undefined) {
    const known = e.lookupTag(tag, enumerators !== undefined);
    if (known) {
      if (known.kind !== 'enum') fail('C0308', `\`${tag}\` is another kind of tag`, type.range);
      info = known.info;
      if (enumerators && info.complete) fail('C0309', `\`enum ${tag}\` is defined twice`, type.range);
    }
  }
  if (!info) {
    info = { tag, underlying: e.types.uint, complete: false, range: type.range };
    if (tag !== undefined) e.defineTag(tag, { kind: 'enum', info });
  }
  if (!enumerators) return { kind: 'enum', info };
  let next = 0n;
  let low = 0n;
  let high = 0n;
  const { int, uint, long, ulong, llong, ullong } = e.types;
  const fits = (t: IntegerType): boolean => low >= integerBounds(t).low && high <= integerBounds(t).high;
  const names: { name: string; value: bigint; range: Range }[] = [];
  for (const enumerator of enumerators) {
    const value = enumerator.value ? requireConstant(e, enumerator.value, 'the value of an enumerator') : next;
    next = value + 1n;
    if (value < low) low = value;
    if (value > high) high = value;
    const old = e.lookupHere(enumerator.name);
    if (old) fail('C0314', `\`${enumerator.name}\` is already declared in this scope`, enumerator.range);
    const own = [int, uint, long, ulong, llong, ullong].find(
      (t) => value >= integerBounds(t).low && value <= integerBounds(t).high,
    );
    e.define(enumerator.name, { kind: 'enumerator', value, type: own ?? int });
    names.push({ name: enumerator.name, value, range: enumerator.range });
  }
  // GNU: unsigned int unless a value is negative; wider only if needed.
  const { schar, uchar, short, ushort } = e.types;
  const packed = type.attributes.some((a) => a.name === 'packed');
  const candidates =
    low < 0n
      ? [...(packed ? [schar, short] : []), int, long, llong]
      : [...(packed ? [uchar, ushort] : []), uint, ulong, ullong];
  const underlying = candidates.find(fits);
  if (!underlying) fail('C0314', 'the values of this enumeration fit no integer type', type.range);
  info.underlying = underlying;
  info.complete = true;
  if (e.linkage) {
    const known = e.linkage.places.get(placeOf(type.range));
    if (known && 'underlying' in known && known.underlying === underlying && known.tag === tag) {
      info = known;
      if (tag !== undefined) e.defineTag(tag, { kind: 'enum', info });
    } else e.notePlace(placeOf(type.range), info);
  }
  // Enumerators are int where that suffices, else all of them have the type of the enumeration.
  if (!fits(int)) for (const { name, value } of names) e.define(name, { kind: 'enumerator', value, type: underlying });
  return { kind: 'enum', info };
}

/** The type a declarator makes from the type before it. */
export function declaredType(e: Context, base: CType, declarator: Declarator): CType {
  let type = base;
  for (let i = declarator.derivations.length - 1; i >= 0; i--) {
    const step = declarator.derivations[i]!;
    switch (step.kind) {
      case 'pointer':
        type = qualified(pointerTo(type), step.qualifiers);
        break;
      case 'array':
        if (type.kind === 'function') fail('C0315', 'an array of functions', step.range);
        if (
          type.kind === 'void' ||
          (sizeOf(type, e.model) === undefined && !variableSize(type) && !(e.inPrototype && type.kind === 'array'))
        ) {
          fail('C0315', 'an array whose elements have no known size', step.range);
        }
        type = arrayType(e, type, step.size, step.range, declarator.name ?? 'array');
        break;
      case 'function': {
        if (type.kind === 'function' || type.kind === 'array') {
          fail('C0316', `a function cannot return ${type.kind === 'array' ? 'an array' : 'a function'}`, step.range);
        }
        e.pushScope();
        const { pending, inPrototype } = e;
        e.pending = undefined;
        e.inPrototype = true;
        const parameters = step.parameters.map((p) => prototypeParameter(e, p));
        e.pending = pending;
        e.inPrototype = inPrototype;
        e.popScope();
        const onlyVoid =
          parameters.length === 1 &&
          parameters[0]!.kind === 'void' &&
          step.parameters[0]!.declarator.name === undefined;
        type = {
          kind: 'function',
          result: unqualified(type),
          parameters: onlyVoid ? [] : parameters,
          variadic: step.variadic,
          prototype: step.names === undefined,
        };
        break;
      }
    }
  }
  return type;
}

/** A later parameter's array size may name this one. */
function prototypeParameter(e: Context, p: ParameterDeclaration): CType {
  const base = attributedType(e, specifiedType(e, p.specifiers), p.declarator.attributes);
  const type = parameterType(e, declaredType(e, base, p.declarator));
  const { name } = p.declarator;
  if (name !== undefined) e.define(name, newVariable(e, name, type, 'parameter', p.range));
  return type;
}

export function newVariable(
  e: Context,
  name: string,
  type: CType,
  storage: Variable['storage'],
  range: Range,
): Variable {
  const id = e.newId();
  return {
    kind: 'variable',
    id,
    name,
    type,
    storage,
    external: false,
    range,
    initializer: undefined,
    addressTaken: false,
  };
}

/** A type whose size is known only when the program runs. */
export const variableSize = (type: CType): boolean =>
  type.kind === 'array' && (type.variableLength !== undefined || variableSize(type.element));

function arrayType(e: Context, element: CType, size: Expression | undefined, range: Range, name: string): CType {
  if (!size) return { kind: 'array', element, length: undefined };
  const typed = rvalue(e, elaborate(e, size));
  if (!isInteger(typed.type)) fail('C0317', 'the size of an array must be an integer', size.range);
  const value = constantInteger(typed);
  if (value !== undefined) {
    if (value < 0n) fail('C0317', 'the size of an array is negative', size.range);
    if (value > 2n ** 47n) fail('C0317', 'the array is too large', size.range);
    return { kind: 'array', element, length: Number(value) };
  }
  if (!e.pending) {
    if (e.atFileScope) fail('C0317', 'the size of an array outside functions must be constant', size.range);
    return { kind: 'array', element, length: undefined };
  }
  const variable: Variable = { ...newVariable(e, `${name}.length`, e.types.size, 'local', range), internal: true };
  e.pending.push({ kind: 'vla-size', variable, value: convert(e, typed, e.types.size), range: size.range });
  return { kind: 'array', element, length: undefined, variableLength: variable };
}

/** Arrays and functions as parameters are pointers. */
export function parameterType(_e: Context, type: CType): CType {
  if (type.kind === 'array') return pointerTo(type.element);
  if (type.kind === 'function') return pointerTo(type);
  return type;
}
