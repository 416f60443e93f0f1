/**
 * Who outside the zone can do what, as few findings as possible [BackesEtAl-CAV'20]: start from "anyone, anything"; a
 * description is reported if it covers something that no finer one does, otherwise its refinements are looked at. The
 * building stones are the sets that the policy itself names, per dimension, ordered by inclusion (on class sets, so a
 * step is one search). A greedy set cover then drops findings that the others cover. Gives up after `maxQueries`.
 */
import type { Budget } from '../../base/budget.ts';
import {
  type Bits,
  compile,
  meets,
  minus,
  type Node,
  or,
  search,
  withFreeUnknowns,
  within,
} from '../../engines/policy/index.ts';
import type { PolicyDocument } from '../../frontends/iam/document.ts';
import { all, any } from '../../frontends/iam/formulas.ts';
import { Lowering, type LoweringOptions } from '../../frontends/iam/lowering.ts';
import type { Request } from '../../frontends/iam/request.ts';
import { writeAddress } from '../../frontends/iam/values.ts';
import { requestOf } from '../../frontends/iam/witness.ts';
import { outsideFormula, type Zone } from '../../frontends/iam/zones.ts';
import type { Atom, Formula, Sequence } from '../../program/space.ts';
import { defaultBudget } from './solution.ts';

export interface Finding {
  /** What is described, by dimension; dimensions that are not named are unrestricted. */
  readonly description: Readonly<Record<string, string>>;
  readonly request: Request;
}

export interface Findings {
  readonly findings: readonly Finding[];
  readonly complete: boolean;
  /** Unknowns were left free: findings are what may be allowed. */
  readonly unknowns: readonly string[];
}

interface Cell {
  readonly bits: Bits;
  readonly label: string;
}

export function outsideFindings(
  documents: readonly PolicyDocument[],
  zone: Zone,
  options: LoweringOptions & { budget?: Budget; maxQueries?: number } = {},
): Findings | undefined {
  const budget = options.budget ?? defaultBudget();
  const lowering = new Lowering(documents, options);
  const grants = any(documents.map((d) => lowering.grants(d)));
  const outside = outsideFormula(lowering, zone);
  const formula = all([grants, outside, ...lowering.axioms().map((a) => a.formula)]);
  const { space, names } = withFreeUnknowns({ dimensions: lowering.dimensions, formula });
  const result = compile(space, budget, { maxStates: 60_000 });
  if ('failed' in result) return undefined;
  const { compiled } = result;

  const cells = cellsOf(grants, lowering, (dimension, atoms) => {
    const d = compiled.dimensions[dimension];
    if (!d) return undefined;
    let bits: Bits | undefined;
    for (const a of atoms) bits = bits ? or(bits, d.inside.get(a)!) : d.inside.get(a)!;
    return bits;
  });
  const dims = [...cells.keys()].sort((a, b) => a - b);
  const top = dims.map((d): Cell => ({ bits: compiled.dimensions[d]!.universe, label: '' }));
  const childrenOf = dims.map((d) => refinements(cells.get(d)!));

  let queries = 0;
  let complete = true;
  const maxQueries = options.maxQueries ?? 60_000;
  const point = (extra: readonly Node[]): Request | undefined => {
    if (++queries > maxQueries || !budget.open) {
      complete = false;
      return undefined;
    }
    const found = search(
      { dimensions: compiled.dimensions, root: { kind: 'and', parts: [...extra, compiled.root] } },
      budget,
    );
    if (found.kind === 'budget') complete = false;
    return found.kind === 'point' ? requestOf(lowering, found.point, documents) : undefined;
  };
  const inside = (tuple: readonly Cell[], without?: boolean): Node[] =>
    dims.map((dimension, i) => {
      let { bits } = tuple[i]!;
      if (without) for (const child of childrenOf[i]!(tuple[i]!)) bits = minus(bits, child.bits);
      return { kind: 'set', dimension, bits };
    });

  const seen = new Set<string>();
  const work: (readonly Cell[])[] = [top];
  const found: { tuple: readonly Cell[]; request: Request }[] = [];
  for (let i = 0; i < work.length && complete; i++) {
    const tuple = work[i]!;
    if (found.some((f) => tuple.every((c, k) => within(c.bits, f.tuple[k]!.bits)))) continue;
    const request = point(inside(tuple, true));
    if (request) {
      found.push({ tuple, request });
      continue;
    }
    if (!point(inside(tuple))) continue; // nothing in here at all
    tuple.forEach((cell, k) => {
      for (const child of childrenOf[k]!(cell)) {
        const next = tuple.map((c, j) => (j === k ? child : c));
        const key = next.map((c) => c.label).join('\u0000');
        if (seen.has(key)) continue;
        seen.add(key);
        work.push(next);
      }
    });
  }
  const kept = cover(found, (f, others) =>
    point([
      ...inside(f.tuple),
      ...others.map(
        (o): Node =>
          outsideOf(
            o.tuple,
            dims,
            compiled.dimensions.map((d) => d?.universe),
          ),
      ),
    ]),
  );
  return {
    findings: kept.map(({ tuple, request }) => ({
      description: Object.fromEntries(
        tuple.flatMap((c, i) => (c.label === '' ? [] : [[lowering.dimensions[dims[i]!]!.name, c.label]])),
      ),
      request,
    })),
    complete,
    unknowns: names,
  };
}

function outsideOf(tuple: readonly Cell[], dims: readonly number[], universes: readonly (Bits | undefined)[]): Node {
  return {
    kind: 'or',
    parts: tuple.map((c, i): Node => ({ kind: 'set', dimension: dims[i]!, bits: minus(universes[dims[i]!]!, c.bits) })),
  };
}

/** Drops findings all of whose requests the others cover, the narrowest first. */
function cover<T extends { tuple: readonly Cell[] }>(
  found: readonly T[],
  left: (f: T, others: readonly T[]) => Request | undefined,
): T[] {
  let kept = [...found];
  if (kept.length > 150) return kept;
  for (const f of found) {
    const others = kept.filter((k) => k !== f);
    if (
      others.length > 0 &&
      others.some((o) => o.tuple.every((c, i) => meets(c.bits, f.tuple[i]!.bits))) &&
      !left(f, others)
    ) {
      kept = others;
    }
  }
  return kept;
}

/** The sets that the formula's positive literals name, per dimension, each atom also on its own. */
function cellsOf(
  formula: Formula,
  lowering: Lowering,
  bitsOf: (dimension: number, atoms: readonly number[]) => Bits | undefined,
): Map<number, Cell[]> {
  const cells = new Map<number, Map<string, Cell>>();
  const stack: Formula[] = [formula];
  for (let f = stack.pop(); f; f = stack.pop()) {
    if (f.kind === 'and' || f.kind === 'or') {
      stack.push(...f.parts);
      continue;
    }
    if (f.kind !== 'in' || f.negated || f.absent || f.atoms.length === 0) continue;
    const dimension = lowering.dimensions[f.dimension]!;
    if (dimension.kind === 'boolean') continue;
    const list = cells.get(f.dimension) ?? new Map<string, Cell>();
    cells.set(f.dimension, list);
    const groups = f.atoms.length > 12 ? [f.atoms] : f.atoms.map((a) => [a]);
    for (const atoms of groups) {
      const bits = bitsOf(f.dimension, atoms);
      const label = atoms.map((a) => atomText(dimension.atoms[a]!)).join(', ');
      if (bits && !list.has(label))
        list.set(label, { bits, label: label.length > 300 ? `${label.slice(0, 300)}…` : label });
    }
  }
  return new Map([...cells].map(([d, list]) => [d, [...list.values()]]));
}

const sameBits = (a: Bits, b: Bits): boolean => within(a, b) && within(b, a);

/** The largest cells strictly inside a cell. */
function refinements(cells: readonly Cell[]): (cell: Cell) => readonly Cell[] {
  const known = new Map<string, readonly Cell[]>();
  return (cell) => {
    let list = known.get(cell.label);
    if (!list) {
      const smaller = cells.filter((c) => within(c.bits, cell.bits) && !sameBits(c.bits, cell.bits));
      const distinct = smaller.filter((c, i) => smaller.findIndex((d) => sameBits(c.bits, d.bits)) === i);
      list = distinct.filter((c) => !distinct.some((d) => d !== c && within(c.bits, d.bits)));
      known.set(cell.label, list);
    }
    return list;
  };
}

export function sequenceText(sequence: Sequence): string {
  return sequence
    .map((item) => {
      if (item.star) return '*';
      if (!item.set.negated && [...item.set.chars].length === 1) return item.set.chars;
      if (!item.set.negated && item.set.chars.length === 2) return item.set.chars[0]!.toLowerCase();
      return item.set.chars === '0123456789' ? '#' : '?';
    })
    .join('')
    .replace(/\?\*/g, '*');
}

function atomText(atom: Atom): string {
  switch (atom.kind) {
    case 'language':
      return atom.language.kind === 'text'
        ? atom.language.text
        : atom.language.alternatives.map(sequenceText).join(' or ');
    case 'number':
      return `${atom.relation} ${atom.bound}`;
    case 'address': {
      const size = atom.high - atom.low + 1n;
      const width = atom.family === 4 ? 32 : 128;
      return `${writeAddress(atom.family, atom.low)}/${width - (size.toString(2).length - 1)}`;
    }
  }
}
