import type { Variable } from '../../../program/program.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import type { MemoryObject } from './objects.ts';
import { hull, isConstant, type Offsets, plus, union } from './offsets.ts';
import type { Place, PointsTo } from './points-to.ts';
import type { Representation } from './representation.ts';

/**
 * A region: the objects that share storage. Usually one object; heap objects among which a pointer can choose at run time
 * share arrays indexed by address (one heap for each structure, [Burstall-1972]) when there are many of them.
 */
export interface Region {
  readonly id: number;
  readonly members: readonly MemoryObject[];
  readonly many: boolean;
  readonly name: string;
  /** In bytes, if it is the same for all. */
  readonly sizeBytes: number | undefined;
  readonly heap: boolean;
  /** Nobody has to free what the library made for itself (streams, texts of the environment). */
  readonly owed: boolean;
  /** Set when addresses are given out. */
  base: bigint;
  /** Between the objects of a region of many; else the bytes kept free for it. */
  spacing: bigint;
  representation: Representation;
  variables: readonly SymbolTerm[];
  /** Array indices count this many bytes. */
  unit: number;
  /** Of a region of many: the address of the next one. */
  next: SymbolTerm | undefined;
  /** Bool, or an array of Bool by address. */
  alive: SymbolTerm | undefined;
  /** Where it is not the same for all: Int, or an array by address. */
  size: SymbolTerm | undefined;
}

/** One way in which the atom of a place can point into a region. */
export interface Target {
  readonly region: Region;
  /** The offsets of the atom: a constant, or one set with strides. */
  readonly offsets: Offsets;
}

export const isPinned = (t: Target): boolean => isConstant(t.offsets);

export class Regions {
  readonly all: readonly Region[];
  readonly #of = new Map<MemoryObject, Region>();

  constructor(objects: readonly MemoryObject[], together: readonly PointsTo[]) {
    const parent = new Map<MemoryObject, MemoryObject>();
    const find = (o: MemoryObject): MemoryObject => {
      let at = o;
      for (let p = parent.get(at); p; p = parent.get(at)) at = p;
      return at;
    };
    for (const pts of together) {
      const heap = [...pts.objects.keys()].filter((o) => o.site && o.site.how !== 'alloca' && o.site.how !== 'other');
      if (heap.length < 2 || (heap.length <= fewSingles && !heap.some((o) => o.many))) continue;
      const [first, ...rest] = heap;
      for (const o of rest) if (find(o) !== find(first!)) parent.set(find(o), find(first!));
    }
    const groups = new Map<MemoryObject, MemoryObject[]>();
    for (const o of objects) groups.set(find(o), [...(groups.get(find(o)) ?? []), o]);
    this.all = [...groups.values()].map((members, id): Region => {
      const first = members[0]!;
      const region: Region = {
        id,
        members,
        many: first.many || members.length > 1,
        name: first.name,
        sizeBytes: members.every((m) => m.sizeBytes === first.sizeBytes) ? first.sizeBytes : undefined,
        heap: first.site !== undefined && first.site.how !== 'alloca',
        owed: first.site !== undefined && first.site.how !== 'alloca' && first.site.how !== 'other',
        base: 0n,
        spacing: 0n,
        representation: { period: 0, slots: [] },
        variables: [],
        unit: 1,
        next: undefined,
        alive: undefined,
        size: undefined,
      };
      for (const m of members) this.#of.set(m, region);
      return region;
    });
  }

  of(object: MemoryObject): Region {
    return this.#of.get(object)!;
  }

  /** How the atom of a place can point to data, by region. `write`: constants are no targets. */
  targets(pts: PointsTo, write = false): readonly Target[] {
    const byRegion = new Map<Region, readonly Offsets[]>();
    for (const [object, offsets] of pts.objects) {
      if (object.declared?.kind === 'function' || (write && object.declared?.readOnly)) continue;
      const region = this.of(object);
      byRegion.set(region, union(byRegion.get(region) ?? [], offsets));
    }
    const result: Target[] = [];
    for (const [region, list] of [...byRegion].sort(([a], [b]) => a.id - b.id)) {
      const sets = list.every(isConstant) ? list : [hull(list)];
      for (const offsets of sets) result.push({ region, offsets });
    }
    return result;
  }
}

/** Heap objects that are made once are kept apart as long as a pointer chooses among so few. */
const fewSingles = 3;

/** The offsets that an access reaches by way of a target. */
export function reached(target: Target, place: Place): Offsets {
  return plus(
    target.offsets,
    place.constant,
    place.parts.map((p) => ({ stride: p.stride, count: p.count ?? Number.POSITIVE_INFINITY })),
  );
}

export type Declare = (about: Omit<Variable, 'symbol'>, sort: Term['sort']) => SymbolTerm;
