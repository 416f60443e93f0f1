import type { Interval } from '../../terms/interval.ts';
import * as I from '../../terms/interval.ts';
import { RangeAnalysis } from '../../terms/range.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';

/**
 * A term seen as `sum of coefficient * symbol + rest`, where what is not linear is put into the interval `rest`
 * (linearisation, [Mine-VMCAI'06]). Wraps that are idle in the given ranges disappear.
 */
export interface LinearView {
  readonly coefficients: ReadonlyMap<SymbolTerm, bigint>;
  readonly rest: Interval;
}

export class Linearizer {
  readonly #ranges: RangeAnalysis;
  readonly #cache = new Map<Term, LinearView>();

  constructor(ranges: ReadonlyMap<SymbolTerm, Interval>) {
    this.#ranges = new RangeAnalysis(ranges);
  }

  interval(term: Term): Interval {
    return this.#ranges.of(term);
  }

  truth(term: Term): boolean | undefined {
    return this.#ranges.truth(term);
  }

  view(term: Term): LinearView {
    if (term.depth > 500) return { coefficients: new Map(), rest: this.interval(term) };
    let made = this.#cache.get(term);
    if (!made) {
      made = this.#make(term);
      this.#cache.set(term, made);
    }
    return made;
  }

  #make(term: Term): LinearView {
    if (term.kind === 'symbol') return { coefficients: new Map([[term, 1n]]), rest: I.point(0n) };
    if (term.kind !== 'apply') return this.#opaque(term);
    const [a, b] = term.args;
    switch (term.op) {
      case '+':
        return term.args.map((t) => this.view(t)).reduce((x, y) => combine(x, y, 1n));
      case '-':
        return combine(this.view(a!), this.view(b!), -1n);
      case 'neg':
        return combine({ coefficients: new Map(), rest: I.point(0n) }, this.view(a!), -1n);
      case '*': {
        const constants = term.args.map((t) => this.interval(t));
        const varying = term.args.filter((_, i) => !I.isPoint(constants[i]!));
        if (varying.length > 1) return this.#opaque(term);
        const factor = constants.reduce((p, c) => (I.isPoint(c) ? p * c.low! : p), 1n);
        if (varying.length === 0) return { coefficients: new Map(), rest: I.point(factor) };
        return combine({ coefficients: new Map(), rest: I.point(0n) }, this.view(varying[0]!), factor);
      }
      case 'wrap.unsigned':
      case 'wrap.signed': {
        const inside = this.interval(a!);
        const range = term.op === 'wrap.unsigned' ? I.unsignedRange(term.index) : I.signedRange(term.index);
        return I.within(inside, range) ? this.view(a!) : this.#opaque(term);
      }
      case 'ite': {
        const known = this.truth(a!);
        if (known !== undefined) return this.view(known ? b! : term.args[2]!);
        return this.#opaque(term);
      }
      default:
        return this.#opaque(term);
    }
  }

  #opaque(term: Term): LinearView {
    return { coefficients: new Map(), rest: this.interval(term) };
  }
}

/** x + factor * y. */
export function combine(x: LinearView, y: LinearView, factor: bigint): LinearView {
  const coefficients = new Map(x.coefficients);
  for (const [symbol, c] of y.coefficients) {
    const sum = (coefficients.get(symbol) ?? 0n) + factor * c;
    if (sum === 0n) coefficients.delete(symbol);
    else coefficients.set(symbol, sum);
  }
  return { coefficients, rest: I.add(x.rest, I.multiply(I.point(factor), y.rest)) };
}
