/**
 * The finite partition of ordered dimensions: numbers are cut at the bounds that literals name, addresses at the ends of
 * their ranges. Exact rationals; an IPv4 address never equals an IPv6 one.
 */
import { compare, type Rational, rational } from '../../base/rational.ts';
import type { Atom } from '../../program/space.ts';

export interface NumberClass {
  /** undefined: something that is no number. */
  readonly value: Rational | undefined;
  readonly atoms: readonly number[];
}

/** Reads `n` or `n/d`. */
export function readRational(text: string): Rational {
  const [numerator, denominator] = text.split('/');
  return rational(BigInt(numerator!), BigInt(denominator ?? '1'));
}

export const writeRational = (r: Rational): string =>
  r.denominator === 1n ? String(r.numerator) : `${r.numerator}/${r.denominator}`;

export function numberClasses(atoms: readonly Atom[], garbage: boolean, preferred: readonly string[]): NumberClass[] {
  const bounds: Rational[] = [];
  for (const atom of atoms) if (atom.kind === 'number') bounds.push(readRational(atom.bound));
  bounds.sort(compare);
  const cuts = bounds.filter((b, i) => i === 0 || compare(bounds[i - 1]!, b) !== 0);
  const values: Rational[] = [];
  const wanted = preferred.map(readRational);
  const between = (low: Rational | undefined, high: Rational | undefined): Rational => {
    const liked = wanted.find((w) => (!low || compare(low, w) < 0) && (!high || compare(w, high) < 0));
    if (liked) return liked;
    if (!low) return high ? rational(floor(high) - (high.denominator === 1n ? 1n : 0n)) : rational(0n);
    const next = rational(floor(low) + 1n);
    if (!high || compare(next, high) < 0) return next;
    return rational(
      low.numerator * high.denominator + high.numerator * low.denominator,
      2n * low.denominator * high.denominator,
    );
  };
  cuts.forEach((cut, i) => {
    values.push(between(cuts[i - 1], cut));
    values.push(cut);
  });
  values.push(between(cuts[cuts.length - 1], undefined));
  const classes: NumberClass[] = values.map((value) => ({
    value,
    atoms: atoms.flatMap((atom, i) => (atom.kind === 'number' && holds(atom.relation, value, atom.bound) ? [i] : [])),
  }));
  const isWanted = (c: NumberClass) => wanted.some((w) => c.value !== undefined && compare(w, c.value) === 0);
  classes.sort((a, b) => Number(isWanted(b)) - Number(isWanted(a)));
  if (garbage) classes.push({ value: undefined, atoms: [] });
  return classes;
}

const floor = (r: Rational): bigint => {
  const q = r.numerator / r.denominator;
  return r.numerator < 0n && q * r.denominator !== r.numerator ? q - 1n : q;
};

function holds(relation: '=' | '<' | '<=' | '>' | '>=', value: Rational, bound: string): boolean {
  const order = compare(value, readRational(bound));
  return { '=': order === 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[relation];
}

export interface AddressClass {
  /** undefined: something that is no address. */
  readonly range: { readonly family: 4 | 6; readonly low: bigint; readonly high: bigint } | undefined;
  readonly atoms: readonly number[];
}

const top = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;

export function addressClasses(
  atoms: readonly Atom[],
  garbage: boolean,
  preferred: readonly { family: 4 | 6; address: bigint }[],
): AddressClass[] {
  const classes: AddressClass[] = [];
  for (const family of [4, 6] as const) {
    const starts = new Set<bigint>([0n]);
    for (const atom of atoms) {
      if (atom.kind !== 'address' || atom.family !== family) continue;
      starts.add(atom.low);
      if (atom.high < top[family]) starts.add(atom.high + 1n);
    }
    const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    sorted.forEach((low, i) => {
      const high = i + 1 < sorted.length ? sorted[i + 1]! - 1n : top[family];
      const inside = atoms.flatMap((a, index) =>
        a.kind === 'address' && a.family === family && a.low <= low && high <= a.high ? [index] : [],
      );
      classes.push({ range: { family, low, high }, atoms: inside });
    });
  }
  const liked = (c: AddressClass): boolean =>
    c.range !== undefined &&
    preferred.some((p) => p.family === c.range!.family && p.address >= c.range!.low && p.address <= c.range!.high);
  classes.sort((a, b) => Number(liked(b)) - Number(liked(a)));
  if (garbage) classes.push({ range: undefined, atoms: [] });
  return classes;
}
