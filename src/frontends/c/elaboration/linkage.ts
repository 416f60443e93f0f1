import type { Range } from '../preprocessor/source-file.ts';
import { type CType, compatible, type EnumInfo, type RecordInfo, type RecordLayout } from '../types/ctype.ts';
import type { FunctionSymbol, TypedUnit, Variable } from '../types/typed.ts';

/**
 * What the translation units of one program have in common [C11 6.2.2, 6.2.7]: functions and variables with external linkage,
 * and the types that mean the same everywhere. Units are elaborated one after the other into the same symbols, so that
 * linking is over when the last is read. A structure is one type in all units if each unit that defines its tag defines the
 * same; otherwise every unit keeps its own, as C allows while no such object passes from one to the other.
 */
export class Linkage {
  readonly functions = new Map<string, FunctionSymbol>();
  readonly variables = new Map<string, Variable>();
  /** Tags of structures and unions that mean the same in every unit: `struct s`. */
  readonly sharedTags: ReadonlySet<string>;
  readonly records = new Map<string, RecordInfo>();
  /** Types without a tag and enumerations, by the place of their definition, which is in a header that units share. */
  readonly places = new Map<string, RecordInfo | EnumInfo>();
  /** Functions with internal linkage whose names occur in other units too. */
  readonly #clashing: ReadonlySet<string>;
  readonly #definitions = new Map<Variable, { readonly unit: number; readonly range: Range }>();

  constructor(units: readonly TypedUnit[]) {
    this.sharedTags = sharedTags(units);
    this.#clashing = clashingNames(units);
  }

  /** The name under which a function with internal linkage is known in the whole program. */
  internalName(name: string, unitName: string): string {
    return this.#clashing.has(name) ? `${name}.${unitName}` : name;
  }

  /** Notes a definition; the place of another unit's definition of the same variable. */
  define(variable: Variable, unit: number, range: Range): Range | undefined {
    const known = this.#definitions.get(variable);
    if (!known) this.#definitions.set(variable, { unit, range });
    return known && known.unit !== unit ? known.range : undefined;
  }
}

export const placeOf = (range: Range): string => `${range.file.path}:${range.start}`;

/** The same members at the same places, of the same types. */
export function sameLayout(a: RecordLayout, b: RecordLayout, same = compatible): boolean {
  return (
    a.size === b.size &&
    a.align === b.align &&
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => {
      const other = b.fields[i]!;
      return (
        field.name === other.name &&
        field.offset === other.offset &&
        field.bitField?.bitOffset === other.bitField?.bitOffset &&
        field.bitField?.widthBits === other.bitField?.widthBits &&
        same(field.type, other.type)
      );
    })
  );
}

/**
 * The largest set of tags such that all definitions of a tag agree, where the types inside may use tags of the set: tags that
 * do not fit are taken out until nothing changes.
 */
function sharedTags(units: readonly TypedUnit[]): Set<string> {
  const definitions = new Map<string, RecordInfo[]>();
  for (const { records } of units) {
    for (const [key, info] of records) definitions.set(key, [...(definitions.get(key) ?? []), info]);
  }
  const shared = new Set(definitions.keys());
  for (let size = -1; size !== shared.size; ) {
    size = shared.size;
    for (const key of [...shared]) {
      const complete = definitions.get(key)!.filter((info) => info.layout);
      const agree = complete.every((info) =>
        sameLayout(info.layout!, complete[0]!.layout!, (a, b) => sameShape(a, b, shared, 0)),
      );
      if (!agree) shared.delete(key);
    }
  }
  return shared;
}

/** Deeper types are taken to differ. */
const deepestShape = 200;

function sameShape(a: CType, b: CType, shared: ReadonlySet<string>, depth: number): boolean {
  if (depth > deepestShape || !a.const !== !b.const || !a.volatile !== !b.volatile || !a.atomic !== !b.atomic)
    return false;
  const inner = (x: CType, y: CType): boolean => sameShape(x, y, shared, depth + 1);
  switch (a.kind) {
    case 'record':
      if (b.kind !== 'record' || a.info.which !== b.info.which || a.info.tag !== b.info.tag) return false;
      if (a.info.tag !== undefined) return shared.has(`${a.info.which} ${a.info.tag}`);
      return !!a.info.layout && !!b.info.layout && sameLayout(a.info.layout, b.info.layout, inner);
    case 'enum':
      return b.kind === 'enum' && a.info.tag === b.info.tag && a.info.underlying.name === b.info.underlying.name;
    case 'pointer':
      return b.kind === 'pointer' && inner(a.to, b.to);
    case 'array':
      return b.kind === 'array' && a.length === b.length && inner(a.element, b.element);
    case 'function':
      return (
        b.kind === 'function' &&
        a.variadic === b.variadic &&
        a.prototype === b.prototype &&
        a.parameters.length === b.parameters.length &&
        inner(a.result, b.result) &&
        a.parameters.every((p, i) => inner(p, b.parameters[i]!))
      );
    default:
      return compatible(a, b);
  }
}

function clashingNames(units: readonly TypedUnit[]): Set<string> {
  const count = new Map<string, number>();
  const internal = new Set<string>();
  for (const { functions } of units) {
    for (const symbol of functions.values()) {
      count.set(symbol.name, (count.get(symbol.name) ?? 0) + 1);
      if (symbol.internal) internal.add(symbol.name);
    }
  }
  return new Set([...internal].filter((name) => count.get(name)! > 1));
}
