/**
 * All patterns of one dimension at once as one deterministic automaton, found from the start state by breadth-first
 * search, so that the first accepting state of a combination of patterns gives a shortest word for it. A state is the
 * set of places where the patterns stand (subset construction). For globs it stays small: a place before an active star
 * that could have eaten everything in between is dominated by it and dropped (at most |p|+1 live states a glob).
 * Gives up (undefined) when the state budget is used up: n patterns `*x*` have 2^n combinations.
 */
import type { Budget } from '../../base/budget.ts';
import type { Language, Sequence } from '../../program/space.ts';
import { type Alphabet, alphabetOf } from './alphabet.ts';

export interface Automaton {
  readonly alphabet: Alphabet;
  readonly states: readonly State[];
}

export interface State {
  /** Patterns that accept here, ascending. */
  readonly accepts: readonly number[];
  /** Does the domain accept here? */
  readonly inDomain: boolean;
  /** Target by symbol; symbols not listed go to `elsewhere`. -1: dead. */
  readonly moves: ReadonlyMap<number, number>;
  readonly elsewhere: number;
  /** A symbol that is not listed in moves, or -1 if all are. */
  readonly elsewhereSymbol: number;
  readonly parent: number;
  readonly parentSymbol: number;
}

interface Place {
  readonly symbols: readonly number[];
  /** Symbols that this place tells apart from the rest. */
  readonly special: readonly number[];
  readonly wide: boolean;
  readonly member: Uint8Array;
  readonly star: boolean;
  /** Pattern that accepts at this place (its end), -1 for the domain, or undefined. */
  readonly end?: number;
  /** Places from here on up to this one are dominated when this star is active. */
  readonly dominatesFrom: number;
  /** The pattern that the place belongs to (-1: the domain). */
  readonly owner: number;
  /** Every continuation is accepted: all other places of the same pattern are dominated. */
  readonly universal: boolean;
}

const alternativesOf = (language: Language): readonly Sequence[] =>
  language.kind === 'union' ? language.alternatives : [];

/** requires: patterns and domain hold no texts (they are treated apart, see partition.ts). */
export function automatonOf(
  patterns: readonly Language[],
  domain: readonly Language[],
  budget: Budget,
  maxStates: number,
  /** If given, only words in one of these patterns matter. */
  needed?: ReadonlySet<number>,
): Automaton | undefined {
  const all: { sequence: Sequence; end: number }[] = [];
  for (const language of domain) for (const sequence of alternativesOf(language)) all.push({ sequence, end: -1 });
  const put = (end: number): void => {
    for (const sequence of alternativesOf(patterns[end]!)) all.push({ sequence, end });
  };
  for (const end of needed ?? []) put(end);
  const neededCount = all.length;
  patterns.forEach((_, end) => {
    if (!needed?.has(end)) put(end);
  });
  const alphabet = alphabetOf(all.map((a) => a.sequence));
  const { places, starts } = placesOf(all, alphabet);

  let domainPlaces = 0;
  for (const { sequence, end } of all) if (end === -1) domainPlaces += sequence.length + 1;
  let neededPlaces = 0;
  for (const { sequence } of all.slice(0, neededCount)) neededPlaces += sequence.length + 1;
  const indexOf = new Map<string, number>();
  const sets: number[][] = [];
  const parents: number[] = [];
  const parentSymbols: number[] = [];
  const intern = (set: number[], parent: number, symbol: number): number => {
    if (set.length === 0) return -1;
    // the domain's places come first: a state without one leads to no word of the domain
    if (set[0]! >= domainPlaces) return -1;
    if (needed && !set.some((p) => p >= domainPlaces && p < neededPlaces)) return -1;
    const key = places.length < 0x10000 ? String.fromCharCode(...set) : set.join(',');
    let index = indexOf.get(key);
    if (index === undefined) {
      index = sets.length;
      indexOf.set(key, index);
      sets.push(set);
      parents.push(parent);
      parentSymbols.push(symbol);
    }
    return index;
  };
  const normal = (raw: number[]): number[] => normalise(raw, places);

  intern(normal(starts), -1, -1);
  const states: State[] = [];
  for (let s = 0; s < sets.length; s++) {
    if (sets.length > maxStates || !budget.spend() || ((s & 1023) === 1023 && budget.expired)) return undefined;
    const set = sets[s]!;
    const accepts: number[] = [];
    let inDomain = false;
    const special = new Set<number>();
    for (const p of set) {
      const place = places[p]!;
      if (place.end === -1) inDomain = true;
      else if (place.end !== undefined) {
        if (accepts[accepts.length - 1] !== place.end) accepts.push(place.end);
      }
      for (const symbol of place.special) special.add(symbol);
    }
    if (needed) accepts.sort((a, b) => a - b);
    const moves = new Map<number, number>();
    const listed = [...special].sort((a, b) => a - b);
    for (const symbol of listed) moves.set(symbol, intern(normal(step(set, places, symbol)), s, symbol));
    let elsewhere = -1;
    let elsewhereSymbol = -1;
    if (listed.length < alphabet.count) {
      elsewhereSymbol = alphabet.count - 1;
      while (special.has(elsewhereSymbol)) elsewhereSymbol--;
      elsewhere = intern(normal(step(set, places, elsewhereSymbol)), s, elsewhereSymbol);
    }
    states.push({
      accepts,
      inDomain,
      moves,
      elsewhere,
      elsewhereSymbol,
      parent: parents[s]!,
      parentSymbol: parentSymbols[s]!,
    });
  }
  return { alphabet, states };
}

function placesOf(all: readonly { sequence: Sequence; end: number }[], alphabet: Alphabet) {
  const places: Place[] = [];
  const starts: number[] = [];
  const kindOf = new Map<readonly number[], { special: readonly number[]; wide: boolean; member: Uint8Array }>();
  const describe = (symbols: readonly number[]) => {
    let kind = kindOf.get(symbols);
    if (!kind) {
      const member = new Uint8Array(alphabet.count);
      for (const symbol of symbols) member[symbol] = 1;
      const wide = symbols.length * 2 > alphabet.count;
      const special: number[] = [];
      for (let i = 0; i < alphabet.count; i++) if ((member[i] === 1) !== wide) special.push(i);
      kind = { special, wide, member };
      kindOf.set(symbols, kind);
    }
    return kind;
  };
  for (const { sequence, end } of all) {
    const base = places.length;
    starts.push(base);
    sequence.forEach((item, offset) => {
      const symbols = alphabet.symbols(item.set);
      const kind = describe(symbols);
      let dominatesFrom = base + offset;
      if (item.star) {
        while (dominatesFrom > base) {
          const before = places[dominatesFrom - 1]!;
          if (before.symbols !== symbols && !before.symbols.every((x) => kind.member[x] === 1)) break;
          dominatesFrom--;
        }
      }
      const universal = item.star && symbols.length === alphabet.count && offset === sequence.length - 1;
      places.push({ symbols, ...kind, star: item.star, dominatesFrom, owner: end, universal });
    });
    places.push({
      symbols: [],
      special: [],
      wide: false,
      member: new Uint8Array(0),
      star: false,
      end,
      dominatesFrom: places.length,
      owner: end,
      universal: false,
    });
  }
  return { places, starts };
}

function step(set: readonly number[], places: readonly Place[], symbol: number): number[] {
  const out: number[] = [];
  for (const p of set) {
    const place = places[p]!;
    if (place.member[symbol] !== 1) continue;
    out.push(place.star ? p : p + 1);
  }
  return out;
}

/** Closes under skipping stars, sorts, removes repetitions and dominated places. */
function normalise(raw: number[], places: readonly Place[]): number[] {
  const closed: number[] = [];
  for (const start of raw) {
    let p = start;
    closed.push(p);
    while (places[p]!.star) closed.push(++p);
  }
  closed.sort((a, b) => a - b);
  const done = new Map<number, number>();
  for (const p of closed) if (places[p]!.universal && !done.has(places[p]!.owner)) done.set(places[p]!.owner, p);
  const kept: number[] = [];
  let dominatedFrom = Number.POSITIVE_INFINITY;
  for (let i = closed.length - 1; i >= 0; i--) {
    const p = closed[i]!;
    if (p === closed[i + 1] || p >= dominatedFrom) continue;
    const place = places[p]!;
    const universal = done.size > 0 ? done.get(place.owner) : undefined;
    if (universal !== undefined && p !== universal && p !== universal + 1) continue;
    dominatedFrom = place.star ? place.dominatesFrom : Number.POSITIVE_INFINITY;
    kept.push(p);
  }
  return kept.reverse();
}

/** The state after a text, or -1. */
export function run(automaton: Automaton, text: string): number {
  let state = 0;
  for (const char of text) {
    const from = automaton.states[state];
    if (!from) return -1;
    const symbol = automaton.alphabet.symbolOf(char);
    state = from.moves.get(symbol) ?? from.elsewhere;
    if (state < 0) return -1;
  }
  return state;
}

/** The symbols of a shortest word that leads to a state. */
export function pathTo(automaton: Automaton, state: number): number[] {
  const symbols: number[] = [];
  for (let s = state; automaton.states[s]!.parent >= 0; s = automaton.states[s]!.parent) {
    symbols.push(automaton.states[s]!.parentSymbol);
  }
  return symbols.reverse();
}
