/**
 * The characters that a set of patterns can tell apart, as finitely many *symbols*: characters that belong to exactly
 * the same character sets share one. The last symbol, "other", stands for every character that no set names. Exact, and
 * what keeps automata over all of Unicode small.
 */
import type { CharSet, Sequence } from '../../program/space.ts';

export interface Alphabet {
  readonly count: number;
  /** The symbols of a character set, ascending. */
  symbols(set: CharSet): readonly number[];
  symbolOf(char: string): number;
  /** A character of this symbol; `avoid` lists characters not wanted if there is a choice. */
  character(symbol: number, avoid?: ReadonlySet<string>): string;
}

/** What we would rather see in a witness where any character does. */
const pleasant = 'xabcdefghijklmnopqrstuvwyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.,=@+ !#$%&()/:;<>[]^`{|}~';

export function alphabetOf(sequences: Iterable<Sequence>): Alphabet {
  const sets = new Map<string, CharSet>();
  const keyOf = (set: CharSet): string => (set.negated ? '^' : '=') + set.chars;
  for (const sequence of sequences) for (const item of sequence) sets.set(keyOf(item.set), item.set);
  const signatureOf = new Map<string, number[]>();
  const distinct = [...sets.values()];
  distinct.forEach((set, index) => {
    for (const char of set.chars) {
      const list = signatureOf.get(char);
      if (list) list.push(index);
      else signatureOf.set(char, [index]);
    }
  });
  const classes = new Map<string, number>();
  const charsOf: string[][] = [];
  const symbolOfChar = new Map<string, number>();
  for (const [char, list] of signatureOf) {
    const key = list.join(',');
    let symbol = classes.get(key);
    if (symbol === undefined) {
      symbol = charsOf.length;
      classes.set(key, symbol);
      charsOf.push([]);
    }
    charsOf[symbol]!.push(char);
    symbolOfChar.set(char, symbol);
  }
  const other = charsOf.length;
  const symbolsOfSet = new Map<string, readonly number[]>();
  const symbols = (set: CharSet): readonly number[] => {
    const key = keyOf(set);
    let list = symbolsOfSet.get(key);
    if (!list) {
      const named = new Set<number>();
      for (const char of set.chars) named.add(symbolOfChar.get(char)!);
      const all: number[] = [];
      if (set.negated) {
        for (let s = 0; s <= other; s++) if (!named.has(s)) all.push(s);
      } else all.push(...[...named].sort((a, b) => a - b));
      list = all;
      symbolsOfSet.set(key, list);
    }
    return list;
  };
  return {
    count: other + 1,
    symbols,
    symbolOf: (char) => symbolOfChar.get(char) ?? other,
    character(symbol, avoid) {
      if (symbol < other) {
        const options = charsOf[symbol]!;
        const wanted = (c: string) => !avoid?.has(c);
        return (
          options.filter((c) => wanted(c)).sort((a, b) => rank(a) - rank(b))[0] ??
          options.reduce((a, b) => (rank(a) <= rank(b) ? a : b))
        );
      }
      for (const char of pleasant) if (!symbolOfChar.has(char) && !avoid?.has(char)) return char;
      for (let code = 0xc0; ; code++) {
        const char = String.fromCodePoint(code);
        if (!symbolOfChar.has(char) && !avoid?.has(char)) return char;
      }
    },
  };
}

function rank(char: string): number {
  const index = pleasant.indexOf(char);
  return index < 0 ? pleasant.length + char.codePointAt(0)! : index;
}
