/**
 * From a space to sets of class numbers. Every dimension gets its finite partition (over the atoms that the formula
 * uses, no others); every literal becomes the set of classes in which it holds. Class 0 of an optional dimension is
 * "missing". After this no string, address or number is looked at again until a point is written down.
 */
import type { Budget } from '../../base/budget.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { Atom, Dimension, Formula, Language, PointValue, Space } from '../../program/space.ts';
import { type Bits, emptyBits, fullBits, minus, or, put } from './bits.ts';
import { addressClasses, numberClasses, writeRational } from './order.ts';
import { stringClasses } from './partition.ts';

export interface CompiledDimension {
  readonly index: number;
  readonly dimension: Dimension;
  readonly count: number;
  /** The classes that exist (all, without 0 if the value is never missing). */
  readonly universe: Bits;
  /** By atom: the classes inside it. */
  readonly inside: ReadonlyMap<number, Bits>;
  readonly representatives: readonly (PointValue | undefined)[];
  /** Address dimensions: the range of each class. */
  readonly ranges?: readonly ({ family: 4 | 6; low: bigint; high: bigint } | undefined)[];
}

export type Node =
  | { readonly kind: 'true' | 'false' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Node[]; readonly label?: string }
  /** An `or` of which only this case is looked at. */
  | { readonly kind: 'case'; readonly index: number; readonly node: Node }
  | { readonly kind: 'set'; readonly dimension: number; readonly bits: Bits }
  | { readonly kind: 'some' | 'all'; readonly dimension: number; readonly bits: Bits };

export interface Compiled {
  readonly dimensions: readonly (CompiledDimension | undefined)[];
  readonly root: Node;
}

export interface Limits {
  readonly maxStates: number;
}

const falseNode: Node = { kind: 'false' };

/** One case of a top-level `or` (part `part` of the root): the others are left out. */
export interface Case {
  readonly part: number;
  readonly index: number;
}

/** `failed`: the budget did not suffice for the partition of this dimension. */
export function compile(
  space: Space,
  budget: Budget,
  limits: Limits,
  only?: Case,
): { readonly compiled: Compiled } | { readonly failed: string } {
  const formula = only ? oneCase(space.formula, only) : space.formula;
  const used = space.dimensions.map(() => new Map<number, number[]>());
  const mentioned = new Set<number>();
  collect(formula, used, mentioned);
  const dimensions: (CompiledDimension | undefined)[] = [];
  for (let i = 0; i < space.dimensions.length; i++) {
    if (!mentioned.has(i)) {
      dimensions.push(undefined);
      continue;
    }
    const needed = only ? required(formula, i) : undefined;
    const compiled = compileDimension(i, space.dimensions[i]!, used[i]!, budget, limits, needed);
    if (!compiled) return { failed: space.dimensions[i]!.name };
    dimensions.push(compiled);
  }
  if (!only) return { compiled: { dimensions, root: compileFormula(formula, dimensions) } };
  if (formula.kind !== 'and') throw new Error('INVARIANT broken: a case of a formula that is no "and"');
  const parts = formula.parts.map((part, i): Node => {
    const node = compileFormula(part, dimensions);
    return i === only.part ? { kind: 'case', index: only.index, node } : node;
  });
  return { compiled: { dimensions, root: { kind: 'and', parts } } };
}

function oneCase(formula: Formula, only: Case): Formula {
  if (formula.kind !== 'and') throw new Error('INVARIANT broken: a case of a formula that is no "and"');
  return {
    kind: 'and',
    parts: formula.parts.map((part, i) => (i === only.part && part.kind === 'or' ? part.parts[only.index]! : part)),
  };
}

/** The atoms of the shortest list of which the value must be in one, if the formula says so outright. */
function required(formula: Formula, dimension: number): ReadonlySet<number> | undefined {
  let best: readonly number[] | undefined;
  const stack: Formula[] = [formula];
  for (let f = stack.pop(); f; f = stack.pop()) {
    if (f.kind === 'and') stack.push(...f.parts);
    else if (f.kind === 'in' && f.dimension === dimension && !f.negated && !f.absent) {
      if (!best || f.atoms.length < best.length) best = f.atoms;
    }
  }
  return best && new Set(best);
}

/** For each dimension: its atoms, and for each atom the (numbered) lists of atoms in which literals name it. */
function collect(root: Formula, used: readonly Map<number, number[]>[], mentioned: Set<number>): void {
  const numberOf = used.map(() => new Map<string, number>());
  const stack: Formula[] = [root];
  for (let formula = stack.pop(); formula; formula = stack.pop()) {
    switch (formula.kind) {
      case 'and':
      case 'or':
        for (const part of formula.parts) stack.push(part);
        break;
      case 'in':
      case 'some':
      case 'all': {
        mentioned.add(formula.dimension);
        const lists = numberOf[formula.dimension]!;
        const key = formula.atoms.join(',');
        if (lists.has(key)) break;
        const number = lists.size;
        lists.set(key, number);
        const atoms = used[formula.dimension]!;
        for (const atom of formula.atoms) {
          const list = atoms.get(atom);
          if (!list) atoms.set(atom, [number]);
          else if (list[list.length - 1] !== number) list.push(number);
        }
        break;
      }
      case 'true':
      case 'false':
      case 'unknown':
        break;
      default:
        unreachable(formula);
    }
  }
}

const languageOf = (atom: Atom): Language => {
  if (atom.kind !== 'language') throw new Error('INVARIANT broken: a string dimension has string atoms');
  return atom.language;
};

function compileDimension(
  index: number,
  dimension: Dimension,
  used: ReadonlyMap<number, readonly number[]>,
  budget: Budget,
  limits: Limits,
  needed: ReadonlySet<number> | undefined,
): CompiledDimension | undefined {
  const ids = [...used.keys()].sort((a, b) => a - b);
  const atoms = ids.map((id) => dimension.atoms[id]!);
  const groupOf = new Map<number, number>();
  let classes: readonly { atoms: readonly number[] }[];
  let representatives: readonly (PointValue | undefined)[];
  let ranges: CompiledDimension['ranges'];
  switch (dimension.kind) {
    case 'boolean':
      classes = [{ atoms: [] }, { atoms: [0] }];
      representatives = [false, true];
      break;
    case 'string':
    case 'strings': {
      const groups: Language[][] = [];
      const groupOfLists = new Map<string, number>();
      ids.forEach((id, i) => {
        const key = used.get(id)!.join(',');
        let group = groupOfLists.get(key);
        if (group === undefined) {
          group = groups.length;
          groupOfLists.set(key, group);
          groups.push([]);
        }
        groups[group]!.push(languageOf(atoms[i]!));
        groupOf.set(id, group);
      });
      const found = stringClasses(
        groups,
        dimension.domain,
        dimension.preferred ?? [],
        budget,
        limits.maxStates,
        needed && dimension.kind === 'string' ? new Set([...needed].map((id) => groupOf.get(id)!)) : undefined,
      );
      if (!found) return undefined;
      classes = found;
      representatives = found.map((c) => c.representative);
      break;
    }
    case 'number': {
      const found = numberClasses(atoms, dimension.garbage ?? false, dimension.preferred ?? []);
      classes = found;
      representatives = found.map((c) => (c.value ? writeRational(c.value) : 'not a number'));
      break;
    }
    case 'address': {
      const liked = (dimension.preferred ?? []).map((text) => {
        const [family, address] = text.split(':');
        return { family: (family === '4' ? 4 : 6) as 4 | 6, address: BigInt(address!) };
      });
      const found = addressClasses(atoms, dimension.garbage ?? false, liked);
      classes = found;
      ranges = [undefined, ...found.map((c) => c.range)];
      representatives = found.map((c) => {
        if (!c.range) return 'not an address';
        const { family, low, high } = c.range;
        const like = liked.find((l) => l.family === family && l.address >= low && l.address <= high);
        return { family, address: like ? like.address : low };
      });
      break;
    }
    default:
      return unreachable(dimension.kind);
  }
  const count = classes.length + 1;
  const universe = fullBits(count);
  if (!dimension.optional) universe[0]! &= ~1;
  const inside = new Map<number, Bits>();
  if (groupOf.size > 0) {
    const bitsOf = new Map<number, Bits>();
    for (const [id, group] of groupOf) {
      if (!bitsOf.has(group)) bitsOf.set(group, emptyBits(count));
      inside.set(id, bitsOf.get(group)!);
    }
    classes.forEach((c, i) => {
      for (const group of c.atoms) put(bitsOf.get(group)!, i + 1);
    });
  } else {
    for (const id of dimension.kind === 'boolean' ? [0] : ids) inside.set(id, emptyBits(count));
    classes.forEach((c, i) => {
      for (const a of c.atoms) put(inside.get(dimension.kind === 'boolean' ? 0 : ids[a]!)!, i + 1);
    });
  }
  return {
    index,
    dimension,
    count,
    universe,
    inside,
    representatives: [undefined, ...representatives],
    ...(ranges ? { ranges } : {}),
  };
}

function compileFormula(formula: Formula, dimensions: readonly (CompiledDimension | undefined)[]): Node {
  switch (formula.kind) {
    case 'true':
    case 'false':
      return formula as Node;
    case 'unknown':
      return falseNode; // the caller replaced unknowns that may hold (see decide.ts)
    case 'and':
    case 'or':
      return {
        kind: formula.kind,
        parts: formula.parts.map((part) => compileFormula(part, dimensions)),
        ...(formula.label === undefined ? {} : { label: formula.label }),
      };
    case 'in': {
      const dimension = dimensions[formula.dimension]!;
      let bits = unionOf(dimension, formula.atoms);
      if (formula.negated) {
        bits = minus(dimension.universe, bits);
        bits[0]! &= ~1;
      }
      if (formula.absent && dimension.dimension.optional) put(bits, 0);
      return { kind: 'set', dimension: formula.dimension, bits };
    }
    case 'some':
    case 'all': {
      const dimension = dimensions[formula.dimension]!;
      let bits = unionOf(dimension, formula.atoms);
      if (formula.negated) {
        bits = minus(dimension.universe, bits);
        bits[0]! &= ~1;
      }
      return { kind: formula.kind, dimension: formula.dimension, bits };
    }
    default:
      return unreachable(formula);
  }
}

function unionOf(dimension: CompiledDimension, atoms: readonly number[]): Bits {
  let bits = emptyBits(dimension.count);
  for (const atom of atoms) bits = or(bits, dimension.inside.get(atom)!);
  return bits;
}
