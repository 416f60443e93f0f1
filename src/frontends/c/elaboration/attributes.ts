import { unsupported } from '../diagnostics.ts';
import type { Attribute, Expression, TypeName } from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type CType, isInteger } from '../types/ctype.ts';
import { alignOf } from '../types/layout.ts';
import type { Context } from './context.ts';
import { requireConstant, typeOfName } from './type-names.ts';

/**
 * What GNU attributes change. Most only advise the compiler and are ignored (`unused`, `format`, `section`, …). Some change
 * a type (`vector_size`, `mode`, `aligned`, `packed`), and a few change what runs when: those are refused, since to ignore
 * them would be wrong.
 */

/** `vector_size`, `mode` and, on a type name, `aligned` change a type. */
export function attributedType(e: Context, base: CType, attributes: readonly Attribute[]): CType {
  let type = base;
  for (const attribute of attributes) {
    const { name, argument, range } = attribute;
    if ((name === 'vector_size' || name === 'ext_vector_type') && argument) {
      const count = Number(requireConstant(e, argument, 'a vector size'));
      const size = name === 'vector_size' ? count : 16;
      type = {
        kind: 'opaque',
        text: `vector of ${count} ${name === 'vector_size' ? 'bytes' : 'elements'}`,
        size,
        align: size,
      };
    } else if (name === 'mode' && argument?.kind === 'name') {
      type = modeType(e, type, argument.name, range);
    }
  }
  return type;
}

/** A `typedef` with `aligned` makes a type of another alignment, also a smaller one. */
export function alignedType(e: Context, type: CType, attributes: readonly Attribute[]): CType {
  const align = alignment(e, attributes, []);
  return align === undefined || align === alignOf(type, e.model) ? type : { ...type, align };
}

function modeType(e: Context, type: CType, mode: string, range: Range): CType {
  const bits = {
    QI: 8,
    byte: 8,
    HI: 16,
    SI: 32,
    DI: 64,
    TI: 128,
    word: e.model.longBits,
    pointer: e.model.pointerBits,
  }[mode.replace(/^__(.*)__$/, '$1')];
  if (bits === undefined || !isInteger(type)) return unsupported('C0302', `the machine mode \`${mode}\``, range);
  const signed = type.kind === 'enum' || type.signed;
  const { types } = e;
  const all = signed
    ? [types.schar, types.short, types.int, types.long, types.llong, types.int128]
    : [types.uchar, types.ushort, types.uint, types.ulong, types.ullong, types.uint128];
  return all.find((t) => t.bits === bits)!;
}

/** The largest alignment asked for; in bytes. */
export function alignment(
  e: Context,
  attributes: readonly Attribute[],
  alignments: readonly (Expression | TypeName)[],
): number | undefined {
  const wanted: number[] = [];
  for (const attribute of attributes) {
    if (attribute.name !== 'aligned') continue;
    wanted.push(attribute.argument ? Number(requireConstant(e, attribute.argument, 'an alignment')) : e.model.maxAlign);
  }
  for (const item of alignments) {
    wanted.push(
      item.kind === 'type-name'
        ? alignOf(typeOfName(e, item), e.model)
        : Number(requireConstant(e, item, 'an alignment')),
    );
  }
  return wanted.length > 0 ? Math.max(...wanted) : undefined;
}

/** Attributes by which code runs that no statement calls, or another function runs than the one that is named. */
const changesWhatRuns = new Set(['constructor', 'destructor', 'alias', 'ifunc', 'weakref', 'naked']);

export function refuseFunctionAttributes(attributes: readonly Attribute[]): void {
  for (const { name, range } of attributes) {
    if (changesWhatRuns.has(name)) unsupported('C0355', `the attribute \`${name}\``, range);
  }
}

/** `cleanup(f)` calls a function when the variable goes out of scope. */
export function refuseVariableAttributes(attributes: readonly Attribute[]): void {
  for (const { name, range } of attributes) {
    if (name === 'cleanup' || name === 'alias' || name === 'weakref')
      unsupported('C0355', `the attribute \`${name}\``, range);
  }
}

/** Attributes that lay a record out in a way that we do not know. */
export function refuseRecordAttributes(attributes: readonly Attribute[]): void {
  for (const { name, range } of attributes) {
    if (name === 'scalar_storage_order' || name === 'ms_struct')
      unsupported('C0355', `the attribute \`${name}\``, range);
  }
}
