import { children, type Term } from '../term.ts';
import { valueKey } from '../value.ts';

/**
 * A total order on terms that depends only on their structure, not on when they were made: symbols by name first, then
 * applications by depth, operator and a hash of the whole, then values. (Two different terms with equal hashes, one pair in
 * 2^53, fall back to their age.)
 */
export class TermOrder {
  readonly #hashes = new Map<Term, number>();

  readonly compare = (a: Term, b: Term): number => {
    if (a === b) return 0;
    const rank = ranks[a.kind] - ranks[b.kind];
    if (rank !== 0) return rank;
    if (a.kind === 'symbol' && b.kind === 'symbol') return compareText(a.name, b.name);
    if (a.kind === 'value' && b.kind === 'value') return compareText(valueKey(a.value), valueKey(b.value));
    if (a.depth !== b.depth) return a.depth - b.depth;
    if (a.kind === 'apply' && b.kind === 'apply') {
      if (a.op !== b.op) return compareText(a.op, b.op);
      if (a.index !== b.index) return a.index - b.index;
    }
    return this.#hash(a) - this.#hash(b) || a.id - b.id;
  };

  sort(terms: readonly Term[]): Term[] {
    return [...terms].sort(this.compare);
  }

  #hash(root: Term): number {
    const stack = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      const missing = this.#hashes.has(term) ? [] : children(term).filter((c) => !this.#hashes.has(c));
      if (missing.length > 0) {
        for (const m of missing) stack.push(m);
        continue;
      }
      stack.pop();
      if (!this.#hashes.has(term)) this.#hashes.set(term, this.#hashOne(term));
    }
    return this.#hashes.get(root)!;
  }

  #hashOne(term: Term): number {
    const mixer = new Mixer();
    switch (term.kind) {
      case 'symbol':
        mixer.text(term.name);
        break;
      case 'value':
        mixer.text(`=${valueKey(term.value)}`);
        break;
      case 'apply':
        mixer.text(`${term.op}#${term.index}`);
        break;
      case 'forall':
      case 'exists':
        mixer.text(`${term.kind} ${term.bound.map((b) => b.name).join(' ')}`);
        break;
    }
    for (const c of children(term)) mixer.number(this.#hashes.get(c)!);
    return mixer.result();
  }
}

const ranks = { symbol: 0, apply: 1, forall: 2, exists: 3, value: 4 } as const;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Two 32-bit multiplicative hashes (FNV-1a with different primes), together 53 bits. */
class Mixer {
  #a = 0x811c9dc5;
  #b = 0x9747b28c;

  #mix(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193);
    this.#b = Math.imul((this.#b ^ word) + (this.#b >>> 13), 0x5bd1e995);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
  }

  number(value: number): void {
    this.#mix(value | 0);
    this.#mix(Math.floor(value / 2 ** 32));
  }

  result(): number {
    return (this.#a >>> 0) * 2 ** 21 + (this.#b >>> 11);
  }
}
