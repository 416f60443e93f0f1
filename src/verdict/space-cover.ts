/**
 * The checker for "this request space is empty". It trusts nothing of the engine: it walks the proof's case splits
 * through the formula, collects at each leaf the literals that must hold about the named dimension, and shows by its own
 * small search that no value satisfies them: for texts, subset simulation of the patterns from their definition; for
 * numbers and addresses, trying every bound and a point between neighbours, since literals are constant in between.
 * Gives up with `too-large` (not "valid") when a text leaf has more than `maxStates` states.
 */
import { compare, type Rational, rational } from '../base/rational.ts';
import type { Atom, CharSet, CoverProof, Dimension, Formula, Literal, Sequence, Space } from '../program/space.ts';

export interface CoverLimits {
  readonly maxStates: number;
}

/** undefined: the proof holds. Otherwise why it does not (or that it is too large to say). */
export function checkCover(
  space: Space,
  proof: CoverProof,
  limits: CoverLimits = { maxStates: 200_000 },
): string | undefined {
  return new Checker(space, limits).check(proof, new Map(), 0);
}

class Checker {
  readonly #space: Space;
  readonly #limits: CoverLimits;
  readonly #known = new Map<string, boolean | 'too-large'>();
  readonly #identity = new Map<Literal, number>();

  constructor(space: Space, limits: CoverLimits) {
    this.#space = space;
    this.#limits = limits;
  }

  /** `chosen`: the case assumed for each `or` that was split on the way here, by its path. */
  check(proof: CoverProof, chosen: Map<string, number>, depth: number): string | undefined {
    if (depth > 3100) return 'the proof is nested too deeply';
    switch (proof.kind) {
      case 'false':
        return this.#holds(chosen, (f) => f.kind === 'false')
          ? undefined
          : 'a leaf claims "false" where nothing is false';
      case 'clash': {
        const dimension = this.#space.dimensions[proof.dimension];
        if (!dimension) return 'a leaf names no dimension';
        const literals: Literal[] = [];
        this.#holds(chosen, (f) => {
          if ((f.kind === 'in' || f.kind === 'some' || f.kind === 'all') && f.dimension === proof.dimension) {
            literals.push(f);
          }
          return false;
        });
        const empty = this.#empty(dimension, proof.dimension, literals);
        if (empty === 'too-large') return `too large to check: ${dimension.name}`;
        return empty ? undefined : `a leaf claims that ${dimension.name} has no value left, but it has`;
      }
      case 'split': {
        const key = proof.path.join('.');
        let node: Formula = this.#space.formula;
        for (let i = 0; i < proof.path.length; i++) {
          if (node.kind !== 'and' && node.kind !== 'or') return 'a split names a path that does not exist';
          if (node.kind === 'or' && chosen.get(proof.path.slice(0, i).join('.')) !== proof.path[i]) {
            return 'a split is inside a case that was not assumed';
          }
          const next: Formula | undefined = node.parts[proof.path[i]!];
          if (!next) return 'a split names a path that does not exist';
          node = next;
        }
        if (node.kind !== 'or') return 'a split names something that is no "or"';
        if (chosen.has(key)) return 'a split is repeated';
        if (proof.cases.length !== node.parts.length) return 'a split leaves out cases';
        for (let i = 0; i < proof.cases.length; i++) {
          chosen.set(key, i);
          const problem = this.check(proof.cases[i]!, chosen, depth + 1);
          chosen.delete(key);
          if (problem !== undefined) return problem;
        }
        return undefined;
      }
    }
  }

  /** Visits every formula that must hold under the assumed cases; true as soon as `found` says so. */
  #holds(chosen: ReadonlyMap<string, number>, found: (formula: Formula) => boolean): boolean {
    const stack: { formula: Formula; path: string }[] = [{ formula: this.#space.formula, path: '' }];
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { formula, path } = item;
      if (found(formula)) return true;
      const inside = (i: number) => (path === '' ? String(i) : `${path}.${i}`);
      if (formula.kind === 'and') {
        formula.parts.forEach((part, i) => {
          stack.push({ formula: part, path: inside(i) });
        });
      } else if (formula.kind === 'or') {
        const i = chosen.get(path);
        if (i !== undefined) stack.push({ formula: formula.parts[i]!, path: inside(i) });
      }
    }
    return false;
  }

  #empty(dimension: Dimension, index: number, literals: readonly Literal[]): boolean | 'too-large' {
    const ids = literals.map((l) => {
      let id = this.#identity.get(l);
      if (id === undefined) {
        id = this.#identity.size;
        this.#identity.set(l, id);
      }
      return id;
    });
    const key = `${index}:${[...new Set(ids)].sort((a, b) => a - b).join(',')}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known =
        dimension.kind === 'strings' ? this.#emptySet(dimension, literals) : this.#emptyScalar(dimension, literals);
      this.#known.set(key, known);
    }
    return known;
  }

  #emptySet(dimension: Dimension, literals: readonly Literal[]): boolean | 'too-large' {
    const everywhere = literals.filter((l) => l.kind === 'all');
    let large = false;
    for (const some of literals.filter((l) => l.kind === 'some')) {
      const empty = noText(dimension, [some, ...everywhere], this.#limits);
      if (empty === true) return true;
      if (empty === 'too-large') large = true;
    }
    return large ? 'too-large' : false;
  }

  #emptyScalar(dimension: Dimension, literals: readonly Literal[]): boolean | 'too-large' {
    if (literals.some((l) => l.kind !== 'in')) return false;
    const sets = literals as readonly (Literal & { kind: 'in' })[];
    if (dimension.optional && sets.every((l) => l.absent)) return false;
    switch (dimension.kind) {
      case 'boolean':
        return ![false, true].some((value) => sets.every((l) => (l.atoms.length > 0 && value) !== l.negated));
      case 'number':
        return (
          !numberPoints(dimension.atoms).some((point) =>
            sets.every((l) => l.atoms.some((a) => numberIn(dimension.atoms[a]!, point)) !== l.negated),
          ) && !(dimension.garbage && sets.every((l) => l.negated))
        );
      case 'address':
        return (
          !addressPoints(dimension.atoms).some((point) =>
            sets.every((l) => l.atoms.some((a) => addressIn(dimension.atoms[a]!, point)) !== l.negated),
          ) && !(dimension.garbage && sets.every((l) => l.negated))
        );
      case 'string':
      case 'strings':
        return noText(dimension, sets, this.#limits);
    }
  }
}

// ---- numbers and addresses

const toRational = (text: string): Rational => {
  const [n, d = '1'] = text.split('/') as [string, string?];
  return rational(BigInt(n), BigInt(d));
};

function numberPoints(atoms: readonly Atom[]): Rational[] {
  const bounds = atoms.flatMap((a) => (a.kind === 'number' ? [toRational(a.bound)] : [])).sort(compare);
  const points: Rational[] = [...bounds];
  bounds.forEach((b, i) => {
    const next = bounds[i + 1];
    if (next) {
      points.push(
        rational(
          b.numerator * next.denominator + next.numerator * b.denominator,
          2n * b.denominator * next.denominator,
        ),
      );
    }
  });
  const low = bounds[0] ?? rational(0n);
  const high = bounds[bounds.length - 1] ?? rational(0n);
  points.push(rational(low.numerator - low.denominator, low.denominator));
  points.push(rational(high.numerator + high.denominator, high.denominator));
  return points;
}

function numberIn(atom: Atom, point: Rational): boolean {
  if (atom.kind !== 'number') return false;
  const order = compare(point, toRational(atom.bound));
  switch (atom.relation) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

type AddressPoint = { readonly family: 4 | 6; readonly value: bigint };

function addressPoints(atoms: readonly Atom[]): AddressPoint[] {
  const points: AddressPoint[] = [
    { family: 4, value: 0n },
    { family: 6, value: 0n },
  ];
  for (const atom of atoms) {
    if (atom.kind !== 'address') continue;
    points.push({ family: atom.family, value: atom.low });
    if (atom.high + 1n < 1n << (atom.family === 4 ? 32n : 128n))
      points.push({ family: atom.family, value: atom.high + 1n });
  }
  return points;
}

const addressIn = (atom: Atom, point: AddressPoint): boolean =>
  atom.kind === 'address' && atom.family === point.family && atom.low <= point.value && point.value <= atom.high;

// ---- texts

const inSet = (set: CharSet, char: string): boolean => set.chars.includes(char) !== set.negated;

function belongs(sequence: Sequence, text: string): boolean {
  let places = close(sequence, [0]);
  for (const char of text) places = advance(sequence, places, char);
  return places.includes(sequence.length);
}

/** Sorted places, closed under skipping starred items. */
function close(sequence: Sequence, places: readonly number[]): number[] {
  const out = new Set<number>();
  for (const start of places) {
    let p = start;
    out.add(p);
    while (sequence[p]?.star) out.add(++p);
  }
  return [...out].sort((a, b) => a - b);
}

function advance(sequence: Sequence, places: readonly number[], char: string): number[] {
  const next: number[] = [];
  for (const p of places) {
    const item = sequence[p];
    if (item && inSet(item.set, char)) next.push(item.star ? p : p + 1);
  }
  return close(sequence, next);
}

const sequencesOf = (atom: Atom): readonly Sequence[] => {
  if (atom.kind !== 'language') return [];
  if (atom.language.kind === 'union') return atom.language.alternatives;
  return [Array.from(atom.language.text, (char) => ({ set: { negated: false, chars: char }, star: false }))];
};

function memberOf(atom: Atom, text: string): boolean {
  if (atom.kind !== 'language') return false;
  if (atom.language.kind === 'text') return atom.language.text === text;
  return atom.language.alternatives.some((s) => belongs(s, text));
}

/**
 * Has no text of the domain all these memberships? A union is empty if each of its atoms is, given the rest; an atom that
 * a negated literal names too is empty at once, a single text is tried, and only what remains is searched.
 */
function noText(dimension: Dimension, literals: readonly Literal[], limits: CoverLimits): boolean | 'too-large' {
  const domain: readonly Atom[] | undefined = dimension.domain?.map((language) => ({ kind: 'language', language }));
  const excluded = new Set(literals.flatMap((l) => (l.negated ? l.atoms : [])));
  const left = (l: Literal): number[] => l.atoms.filter((a) => !excluded.has(a));
  let positive: Literal | undefined;
  for (const l of literals) if (!l.negated && (!positive || left(l).length < left(positive).length)) positive = l;
  if (!positive) return noTextAtAll(dimension, undefined, literals, limits);
  for (const a of left(positive)) {
    const atom = dimension.atoms[a]!;
    if (atom.kind === 'language' && atom.language.kind === 'text') {
      const { text } = atom.language;
      const inDomain = !domain || domain.some((d) => memberOf(d, text));
      if (inDomain && literals.every((l) => l.atoms.some((b) => memberOf(dimension.atoms[b]!, text)) !== l.negated)) {
        return false;
      }
      continue;
    }
    const empty = noTextAtAll(dimension, atom, literals, limits);
    if (empty !== true) return empty;
  }
  return true;
}

interface Track {
  readonly sequence: Sequence;
  /** Literal number, -1 for the domain, -2 for the atom that the text must be in. */
  readonly owner: number;
}

/** Subset simulation of all patterns side by side over the characters that they tell apart; dead ones are dropped. */
function noTextAtAll(
  dimension: Dimension,
  within: Atom | undefined,
  literals: readonly Literal[],
  limits: CoverLimits,
): boolean | 'too-large' {
  const tracks: Track[] = [];
  for (const sequence of within ? sequencesOf(within) : []) tracks.push({ sequence, owner: -2 });
  for (const language of dimension.domain ?? []) {
    for (const sequence of sequencesOf({ kind: 'language', language })) tracks.push({ sequence, owner: -1 });
  }
  literals.forEach((literal, owner) => {
    for (const a of literal.atoms) {
      const atom = dimension.atoms[a]!;
      // a single text outside the atom says nothing about the texts inside
      if (
        within &&
        atom.kind === 'language' &&
        atom.language.kind === 'text' &&
        !memberOf(within, atom.language.text)
      ) {
        continue;
      }
      for (const sequence of sequencesOf(atom)) tracks.push({ sequence, owner });
    }
  });
  const characters = representatives(tracks);
  const needed = new Set<number>(within ? [-2] : []);
  if (dimension.domain) needed.add(-1);
  literals.forEach((l, owner) => {
    if (!l.negated) needed.add(owner);
  });
  type State = readonly { readonly track: number; readonly places: readonly number[] }[];
  const seen = new Set<string>();
  const queue: State[] = [tracks.map((t, track) => ({ track, places: close(t.sequence, [0]) }))];
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at]!;
    const accepted = new Set<number>();
    for (const { track, places } of state) {
      const { sequence, owner } = tracks[track]!;
      if (places[places.length - 1] === sequence.length) accepted.add(owner);
    }
    const fits =
      (!within || accepted.has(-2)) &&
      (!dimension.domain || accepted.has(-1)) &&
      literals.every((literal, owner) => accepted.has(owner) !== literal.negated);
    if (fits) return false;
    for (const char of characters) {
      const next: { track: number; places: readonly number[] }[] = [];
      const alive = new Set<number>();
      for (const { track, places } of state) {
        const moved = advance(tracks[track]!.sequence, places, char);
        if (moved.length === 0) continue;
        next.push({ track, places: moved });
        alive.add(tracks[track]!.owner);
      }
      let live = true;
      for (const owner of needed) if (!alive.has(owner)) live = false;
      if (!live) continue;
      const key = next.map((n) => `${n.track}:${n.places.join(' ')}`).join('|');
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > limits.maxStates) return 'too-large';
      queue.push(next);
    }
  }
  return true;
}

/** One character for each class that the patterns' sets tell apart, and one that no set names. */
function representatives(tracks: readonly Track[]): string[] {
  const sets = new Map<string, CharSet>();
  for (const t of tracks) for (const item of t.sequence) sets.set(`${item.set.negated}${item.set.chars}`, item.set);
  const all = [...sets.values()];
  const bySignature = new Map<string, string>();
  const characters = new Set<string>();
  for (const set of all) for (const char of set.chars) characters.add(char);
  let fresh = 0x100000;
  while (characters.has(String.fromCodePoint(fresh))) fresh++;
  characters.add(String.fromCodePoint(fresh));
  const naming = new Map<string, number[]>();
  all.forEach((set, i) => {
    for (const char of set.chars) {
      const list = naming.get(char);
      if (list) list.push(i);
      else naming.set(char, [i]);
    }
  });
  for (const char of characters) bySignature.set((naming.get(char) ?? []).join(','), char);
  return [...bySignature.values()];
}
