/**
 * The finite partition of a string dimension by its groups of atoms (atoms that every literal names together or not at
 * all): which combinations of "in this group, not in that one" have a member, and one member of each. Single texts are classes of their own; everything else comes from one automaton over
 * the remaining patterns. Exact: a combination is left out only if it has no member in the domain.
 */
import type { Budget } from '../../base/budget.ts';
import type { Language, Sequence } from '../../program/space.ts';
import { type Automaton, automatonOf, pathTo, run } from './automaton.ts';

export interface StringClass {
  readonly representative: string;
  /** Groups that hold of all members, ascending. */
  readonly atoms: readonly number[];
}

export function stringClasses(
  groups: readonly (readonly Language[])[],
  domain: readonly Language[] | undefined,
  preferred: readonly string[],
  budget: Budget,
  maxStates: number,
  /** If given: only texts in one of these groups matter, the rest is left out. */
  needed?: ReadonlySet<number>,
): StringClass[] | undefined {
  const patterns: Language[] = [];
  const atomOfPattern: number[] = [];
  const atomsOfText = new Map<string, number[]>();
  groups.forEach((group, index) => {
    const alternatives: Sequence[] = [];
    for (const language of group) {
      if (language.kind === 'union') {
        alternatives.push(...language.alternatives);
        continue;
      }
      const list = atomsOfText.get(language.text);
      if (list) list.push(index);
      else atomsOfText.set(language.text, [index]);
    }
    if (alternatives.length === 0) return;
    patterns.push({ kind: 'union', alternatives });
    atomOfPattern.push(index);
  });
  const wholeDomain: Language[] = domain ? [...domain] : [everything];
  const domainTexts = new Set<string>();
  for (const language of wholeDomain) if (language.kind === 'text') domainTexts.add(language.text);
  for (const text of domainTexts) if (!atomsOfText.has(text)) atomsOfText.set(text, []);

  let neededPatterns: Set<number> | undefined;
  if (needed) {
    neededPatterns = new Set();
    atomOfPattern.forEach((atom, p) => {
      if (needed.has(atom)) neededPatterns!.add(p);
    });
  }
  const automaton = automatonOf(patterns, wholeDomain, budget, maxStates, neededPatterns);
  if (!automaton) return undefined;

  const classes: StringClass[] = [];
  const byPatterns = new Map<string, number>();
  const better = new Map<string, string>();
  for (const text of preferred) {
    if (atomsOfText.has(text)) continue;
    const state = automaton.states[run(automaton, text)];
    if (!state?.inDomain) continue;
    const key = state.accepts.join(',');
    if (!better.has(key)) better.set(key, text);
  }
  const pending = new Map<string, number>();
  automaton.states.forEach((state, index) => {
    if (!state.inDomain) return;
    if (neededPatterns && !state.accepts.some((p) => neededPatterns.has(p))) return;
    const key = state.accepts.join(',');
    if (byPatterns.has(key)) return;
    const word = better.get(key) ?? shortestWord(automaton, index, atomsOfText);
    if (word === undefined) {
      if (!pending.has(key)) pending.set(key, index);
      return;
    }
    pending.delete(key);
    byPatterns.set(key, classes.length);
    classes.push({ representative: word, atoms: state.accepts.map((p) => atomOfPattern[p]!) });
  });
  if (pending.size > 0) {
    for (const [key, word] of wordsOutside(automaton, atomsOfText, pending)) {
      const state = automaton.states[pending.get(key)!]!;
      classes.push({ representative: word, atoms: state.accepts.map((p) => atomOfPattern[p]!) });
    }
  }
  for (const [text, own] of atomsOfText) {
    const state = automaton.states[run(automaton, text)];
    const reached = state && !neededPatterns; // with `needed` the automaton leaves words out
    const inDomain =
      domainTexts.has(text) || (reached ? state.inDomain : wholeDomain.some((language) => holds(language, text)));
    if (!inDomain) continue;
    const accepted = reached ? state.accepts : patterns.flatMap((p, i) => (holds(p, text) ? [i] : []));
    const all = [...new Set([...accepted.map((p) => atomOfPattern[p]!), ...own])].sort((a, b) => a - b);
    if (needed && !all.some((group) => needed.has(group))) continue;
    classes.push({ representative: text, atoms: all });
  }
  const rank = new Map(preferred.map((text, index) => [text, index] as const));
  const rankOf = (c: StringClass) => rank.get(c.representative) ?? Number.MAX_SAFE_INTEGER;
  const sorted = classes
    .map((c, index) => ({ c, index }))
    .sort((a, b) => rankOf(a.c) - rankOf(b.c) || a.index - b.index)
    .map((x) => x.c);
  const merged = new Map<string, StringClass>();
  for (const c of sorted) {
    const key = c.atoms.join(',');
    if (!merged.has(key)) merged.set(key, c);
  }
  return [...merged.values()];
}

const everything: Language = { kind: 'union', alternatives: [[{ set: { negated: true, chars: '' }, star: true }]] };

const holds = (language: Language, text: string): boolean =>
  language.kind === 'text' ? language.text === text : language.alternatives.some((s) => fits(s, text));

/** A word that leads to this state and is none of the texts, if changing characters of the shortest one is enough. */
function shortestWord(automaton: Automaton, state: number, texts: ReadonlyMap<string, unknown>): string | undefined {
  const path = pathTo(automaton, state);
  const word = path.map((symbol) => automaton.alphabet.character(symbol)).join('');
  if (!texts.has(word)) return word;
  const avoid = new Set<string>();
  for (const text of texts.keys()) for (const char of text) avoid.add(char);
  const other = path.map((symbol) => automaton.alphabet.character(symbol, avoid)).join('');
  return texts.has(other) ? undefined : other;
}

interface TrieNode {
  readonly next: Map<string, TrieNode>;
  isText: boolean;
}

/**
 * For each wanted combination a shortest word that is none of the texts, or nothing if all its words are texts: a
 * breadth-first search over pairs (state, place in the trie of the texts, or "left the trie").
 */
function wordsOutside(
  automaton: Automaton,
  texts: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, number>,
): Map<string, string> {
  const root: TrieNode = { next: new Map(), isText: false };
  for (const text of texts.keys()) {
    let node = root;
    for (const char of text) {
      let next = node.next.get(char);
      if (!next) {
        next = { next: new Map(), isText: false };
        node.next.set(char, next);
      }
      node = next;
    }
    node.isText = true;
  }
  const found = new Map<string, string>();
  type Point = { state: number; node: TrieNode | undefined; parent: Point | undefined; char: string };
  const seenOutside = new Set<number>();
  const queue: Point[] = [{ state: 0, node: root, parent: undefined, char: '' }];
  for (let i = 0; i < queue.length && found.size < wanted.size; i++) {
    const point = queue[i]!;
    const state = automaton.states[point.state]!;
    if (state.inDomain && !point.node?.isText) {
      const key = state.accepts.join(',');
      if (wanted.has(key) && !found.has(key)) {
        let word = '';
        for (let p: Point | undefined = point; p; p = p.parent) word = p.char + word;
        found.set(key, word);
      }
    }
    const symbols = new Map<number, number>(state.moves);
    if (state.elsewhereSymbol >= 0) {
      // every unlisted symbol: one stands for all outside the trie, but trie characters need their own
      symbols.set(state.elsewhereSymbol, state.elsewhere);
    }
    const children = new Set(point.node?.next.keys() ?? []);
    for (const char of children) {
      const symbol = automaton.alphabet.symbolOf(char);
      const target = state.moves.get(symbol) ?? state.elsewhere;
      if (target >= 0) queue.push({ state: target, node: point.node!.next.get(char), parent: point, char });
    }
    for (const [symbol, target] of symbols) {
      if (target < 0 || seenOutside.has(target)) continue;
      const char = automaton.alphabet.character(symbol, children);
      if (children.has(char)) continue; // every character of this symbol continues a text
      seenOutside.add(target);
      queue.push({ state: target, node: undefined, parent: point, char });
    }
    if (point.node && state.elsewhereSymbol >= 0 && state.elsewhere >= 0 && !seenOutside.has(state.elsewhere)) {
      for (let symbol = 0; symbol < automaton.alphabet.count; symbol++) {
        if (state.moves.has(symbol)) continue;
        const char = automaton.alphabet.character(symbol, children);
        if (children.has(char)) continue;
        seenOutside.add(state.elsewhere);
        queue.push({ state: state.elsewhere, node: undefined, parent: point, char });
        break;
      }
    }
  }
  return found;
}

/** Does a sequence match a text? By its definition, for the few texts that the automaton does not reach. */
export function fits(sequence: Sequence, text: string): boolean {
  const chars = [...text];
  let current = new Set<number>([0]);
  const close = (set: Set<number>): Set<number> => {
    for (const p of set) if (sequence[p]?.star) set.add(p + 1);
    return set;
  };
  close(current);
  for (const char of chars) {
    const next = new Set<number>();
    for (const p of current) {
      const item = sequence[p];
      if (item && item.set.chars.includes(char) !== item.set.negated) next.add(item.star ? p : p + 1);
    }
    current = close(next);
  }
  return current.has(sequence.length);
}
