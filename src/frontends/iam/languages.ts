/**
 * Policy texts as regular languages. `*` is any run of characters, `?` one character (rows 4-6). ARNs match field by
 * field: in the first five of the six colon-separated fields a wildcard does not cross a colon (row 8; the documented
 * labels of AWS need this reading), unless the switch `colonCrossing` is on. Policy variables and template symbols are
 * kept as pieces of their own.
 */
import type { CharSet, Item, Language, Sequence } from '../../program/space.ts';
import type { Text } from './document.ts';

export const anyChar: CharSet = { negated: true, chars: '' };
export const notColon: CharSet = { negated: true, chars: ':' };
export const notSlash: CharSet = { negated: true, chars: '/' };
export const digit: CharSet = { negated: false, chars: '0123456789' };

export const one = (set: CharSet): Item => ({ set, star: false });
export const many = (set: CharSet): Item => ({ set, star: true });
const literalItems = new Map<string, Item>();

export function literal(char: string): Item {
  let item = literalItems.get(char);
  if (!item) {
    item = { set: { negated: false, chars: char }, star: false };
    literalItems.set(char, item);
  }
  return item;
}

export const literals = (text: string): Item[] => Array.from(text, literal);
export const union = (...alternatives: Sequence[]): Language => ({ kind: 'union', alternatives });
export const text = (value: string): Language => ({ kind: 'text', text: value });
export const repeat = (item: Item, times: number): Item[] => Array.from({ length: times }, () => item);

/** A piece of a policy text, after escapes such as `${*}` are read. */
export type Piece =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'wild'; readonly char: '*' | '?' }
  | { readonly kind: 'variable'; readonly key: string; readonly fallback?: string; readonly raw: string }
  | { readonly kind: 'symbol'; readonly name: string };

/**
 * Splits a text. Variables are read only if `variables` (Version 2012-10-17, and a place where AWS substitutes them:
 * rows 52, 57); `wildcards` says whether `*` and `?` are wildcards here (row 40).
 */
export function pieces(value: Text, variables: boolean, wildcards: boolean): Piece[] {
  const out: Piece[] = [];
  const plain = (source: string): void => {
    let rest = source;
    while (rest.length > 0) {
      const found = variables ? /^\$\{([^{}]*)\}/.exec(rest) : null;
      if (found) {
        rest = rest.slice(found[0].length);
        const inner = found[1]!;
        if (inner === '*' || inner === '?' || inner === '$') {
          out.push({ kind: 'char', char: inner }); // row 55
          continue;
        }
        const parts = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inner);
        if (parts?.[1]?.includes(':')) {
          out.push({
            kind: 'variable',
            key: parts[1].toLowerCase(),
            raw: found[0],
            ...(parts[2] === undefined ? {} : { fallback: parts[2] }),
          });
          continue;
        }
        for (const char of found[0]) out.push({ kind: 'char', char });
        continue;
      }
      const char = String.fromCodePoint(rest.codePointAt(0)!);
      rest = rest.slice(char.length);
      if (wildcards && (char === '*' || char === '?')) out.push({ kind: 'wild', char });
      else out.push({ kind: 'char', char });
    }
  };
  if (!value.parts) plain(value.text);
  else {
    for (const part of value.parts) {
      if ('text' in part) plain(part.text);
      else out.push({ kind: 'symbol', name: part.symbol });
    }
  }
  return out;
}

export interface Pattern {
  /** What it surely matches if it has neither variables nor symbols; otherwise the widest it could match. */
  readonly sequence: Sequence;
  /** Set if the text itself is the only match. */
  readonly only?: string;
  /** Variables and symbols that it leans on, in order; with them the pattern is only an upper bound. */
  readonly open: readonly Piece[];
  /** The pattern with each variable as one private character, to compare patterns that use the same variable. */
  readonly marked: Sequence;
  /** A variable that has no value and no default: matches nothing (row 53). */
  readonly missing: boolean;
}

/** Values for variables that are settled: a text, or null for a missing key. */
export type Binding = ReadonlyMap<string, string | null>;

const markOf = (name: string, marks: Map<string, string>): string => {
  let mark = marks.get(name);
  if (mark === undefined) {
    mark = String.fromCodePoint(0xf0000 + marks.size);
    marks.set(name, mark);
  }
  return mark;
};

/** Shared by all patterns of one lowering, so that equal variables get equal marks. */
export type Marks = Map<string, string>;

export function patternOf(
  list: readonly Piece[],
  options: { wild: CharSet; ignoreCase: boolean; binding: Binding | undefined; marks: Marks },
): Pattern {
  const sequence: Item[] = [];
  const marked: Item[] = [];
  const open: Piece[] = [];
  let only: string | undefined = '';
  let missing = false;
  const put = (item: Item): void => {
    sequence.push(item);
    marked.push(item);
  };
  const putText = (value: string): void => {
    for (const char of value) {
      const item = options.ignoreCase ? folded(char) : literal(char);
      if (item.set.chars !== char) only = undefined;
      put(item);
      if (only !== undefined) only += char;
    }
  };
  for (const piece of list) {
    switch (piece.kind) {
      case 'char':
        putText(piece.char);
        break;
      case 'wild':
        only = undefined;
        put(piece.char === '*' ? many(options.wild) : one(options.wild));
        break;
      case 'variable': {
        const bound = options.binding?.get(piece.key);
        if (bound !== undefined) {
          const value = bound ?? piece.fallback;
          if (value === undefined) missing = true;
          else putText(value);
          break;
        }
        only = undefined;
        open.push(piece);
        sequence.push(many(anyChar));
        // a value compared without case is not the same letter as one compared with it
        const how = options.ignoreCase ? 'folded ' : '';
        marked.push(literal(markOf(`${how}${piece.key},${piece.fallback ?? ''}`, options.marks)));
        break;
      }
      case 'symbol':
        only = undefined;
        open.push(piece);
        sequence.push(many(anyChar));
        marked.push(literal(markOf(`symbol ${piece.name}`, options.marks)));
        break;
    }
  }
  return { sequence, open, marked, missing, ...(only === undefined ? {} : { only }) };
}

/** ASCII and simple one-to-one Unicode case folding (row 41). */
function folded(char: string): Item {
  const forms = new Set([char]);
  for (const form of [char.toLowerCase(), char.toUpperCase()]) if ([...form].length === 1) forms.add(form);
  return { set: { negated: false, chars: [...forms].sort().join('') }, star: false };
}

export type ArnPattern = Pattern | 'all' | 'short';

/**
 * An ARN pattern: `all` for `*` alone, `short` for one with fewer than six fields (what those match is not documented).
 * Variables in the first five fields are not substituted (row 57).
 */
export function arnPattern(
  list: readonly Piece[],
  options: { binding: Binding | undefined; marks: Marks; colonCrossing: boolean },
): ArnPattern {
  if (list.length > 0 && list.every((p) => p.kind === 'wild' && p.char === '*')) return 'all';
  const colons: number[] = [];
  list.forEach((piece, i) => {
    if (colons.length < 5 && piece.kind === 'char' && piece.char === ':') colons.push(i);
  });
  const more = { ignoreCase: false, binding: options.binding, marks: options.marks };
  if (colons.length < 5) return 'short';
  const head = list.slice(0, colons[4]! + 1);
  const wild = options.colonCrossing ? anyChar : notColon;
  const first = patternOf(head, { wild, ...more });
  const rest = patternOf(list.slice(colons[4]! + 1), { wild: anyChar, ...more });
  return {
    sequence: [...first.sequence, ...rest.sequence],
    marked: [...first.marked, ...rest.marked],
    open: [...first.open, ...rest.open],
    // not substituted there (row 57), and no field holds the colon of its literal text
    missing: rest.missing || head.some((piece) => piece.kind === 'variable'),
    ...(first.only === undefined || rest.only === undefined ? {} : { only: first.only + rest.only }),
  };
}

export const languageOf = (pattern: Pattern): Language =>
  pattern.only === undefined ? union(pattern.sequence) : text(pattern.only);

/** The words of a sequence without some characters; undefined if it needs one of them. */
export function without(sequence: Sequence, chars: string): Sequence | undefined {
  const out: Item[] = [];
  for (const item of sequence) {
    const set = item.set;
    if (set.negated) {
      out.push({ set: { negated: true, chars: [...new Set(set.chars + chars)].sort().join('') }, star: item.star });
      continue;
    }
    const left = [...set.chars].filter((c) => !chars.includes(c)).join('');
    if (left === '') {
      if (item.star) continue;
      return undefined;
    }
    out.push(left === set.chars ? item : { set: { negated: false, chars: left }, star: item.star });
  }
  return out;
}

/** Does a text belong to a sequence? Small and slow; for constants at lowering time. */
export function belongs(sequence: Sequence, value: string): boolean {
  const chars = [...value];
  let places = new Set<number>([0]);
  const skip = (set: Set<number>): Set<number> => {
    for (const p of set) if (sequence[p]?.star) set.add(p + 1);
    return set;
  };
  skip(places);
  for (const char of chars) {
    const next = new Set<number>();
    for (const p of places) {
      const item = sequence[p];
      if (item && item.set.chars.includes(char) !== item.set.negated) next.add(item.star ? p : p + 1);
    }
    places = skip(next);
  }
  return places.has(sequence.length);
}
