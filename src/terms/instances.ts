import type { TermFactory } from './factory.ts';
import type { QuantifiedTerm, SymbolTerm, Term } from './term.ts';
import { freeSymbols, substitute, subterms } from './traversal.ts';

/**
 * Quantified formulas over arrays without their quantifiers: what claims that something exists gets a witness symbol
 * (Skolem), what speaks of all elements is said of the elements that the formula reads or writes (Bradley, Manna, Sipma 2006,
 * [BradleyMS-VMCAI'06]). A model of the formula gives one of the result; so if the result has none, neither has the formula. On the
 * array property fragment the converse holds too, but for bounds of the quantified index that nothing reads; nothing rests on it.
 *
 * Trusted: the checker refutes the result instead of the formula. Gives up (undefined) where a quantifier stands under
 * another operator than `and or not implies`, where one stands inside another, and on too many instances.
 */
export function withoutQuantifiers(factory: TermFactory, formula: Term): Term | undefined {
  return instantiated(factory, [formula])?.[0];
}

const mostPlaces = 40;
const mostInstances = 400;
const deepest = 500;

export const isQuantified = (formula: Term): boolean =>
  subterms([formula]).some((x) => x.kind === 'forall' || x.kind === 'exists');

/** Several formulas at once: elements that one of them reads count for all. */
export function instantiated(factory: TermFactory, formulas: readonly Term[]): readonly Term[] | undefined {
  const work = new Instantiation(factory, formulas);
  return work.result();
}

class Instantiation {
  readonly #t: TermFactory;
  readonly #formulas: readonly Term[];
  /** The terms in which a quantifier occurs. */
  readonly #quantified: Set<Term>;
  readonly #free: ReadonlySet<string>;
  /** The number of the next witness. */
  #next = 0;

  constructor(factory: TermFactory, formulas: readonly Term[]) {
    this.#t = factory;
    this.#formulas = formulas;
    const quantified = new Set<Term>();
    const names = new Set<string>();
    for (const term of subterms(formulas)) {
      if (term.kind === 'symbol') names.add(term.name);
      if (term.kind === 'forall' || term.kind === 'exists') quantified.add(term);
      else if (term.kind === 'apply' && term.args.some((a) => quantified.has(a))) quantified.add(term);
    }
    this.#quantified = quantified;
    this.#free = names;
  }

  result(): readonly Term[] | undefined {
    if (this.#quantified.size === 0) return this.#formulas;
    const general: QuantifiedTerm[] = [];
    const opened: Term[] = [];
    for (const f of this.#formulas) {
      const open = this.#walk(f, true, 0, (quantifier, positive, depth) => {
        if ((quantifier.kind === 'forall') !== positive) return this.#witnessed(quantifier, positive, depth);
        if (this.#quantified.has(quantifier.body)) return undefined;
        general.push(quantifier);
        return quantifier;
      });
      if (!open) return undefined;
      opened.push(open);
    }
    if (general.length === 0) return opened;
    const places = placesOf(opened, general);
    const made: Term[] = [];
    for (const f of opened) {
      const done = this.#walk(f, true, 0, (quantifier, positive) => this.#instances(quantifier, positive, places));
      if (!done) return undefined;
      made.push(done);
    }
    return made;
  }

  /** The formula with each quantifier replaced; `positive` says whether it stands under an even number of negations. */
  #walk(
    formula: Term,
    positive: boolean,
    depth: number,
    replace: (quantifier: QuantifiedTerm, positive: boolean, depth: number) => Term | undefined,
  ): Term | undefined {
    if (formula.kind === 'forall' || formula.kind === 'exists') return replace(formula, positive, depth);
    if (!this.#quantified.has(formula)) return formula;
    if (formula.kind !== 'apply' || depth > deepest) return undefined;
    if (!['and', 'or', 'not', 'implies'].includes(formula.op)) return undefined;
    const args: Term[] = [];
    // Of alternatives only one needs witnesses, so they share them.
    const alternatives = (formula.op === 'and') !== positive && formula.op !== 'not';
    const start = this.#next;
    let end = start;
    for (const [i, arg] of formula.args.entries()) {
      if (alternatives) this.#next = start;
      const flips = formula.op === 'not' || (formula.op === 'implies' && i === 0);
      const done = this.#walk(arg, flips ? !positive : positive, depth + 1, replace);
      if (!done) return undefined;
      args.push(done);
      end = Math.max(end, this.#next);
    }
    this.#next = end;
    const made = this.#t.apply(formula.op, args);
    if (args.some((a) => this.#quantified.has(a))) this.#quantified.add(made);
    return made;
  }

  /** The body for a new symbol: something that is as it says, or that breaks it. */
  #witnessed(quantifier: QuantifiedTerm, positive: boolean, depth: number): Term | undefined {
    if (this.#quantified.has(quantifier.body)) return undefined;
    const named = new Map<Term, Term>();
    for (const b of quantifier.bound) {
      const name = `${b.name}?e${this.#next++}`;
      if (b.sort.kind !== 'int' || this.#free.has(name)) return undefined;
      named.set(b, this.#t.symbol(name, b.sort));
    }
    return this.#walk(substitute(this.#t, quantifier.body, named), positive, depth + 1, () => undefined);
  }

  #instances(quantifier: QuantifiedTerm, positive: boolean, places: Places): Term | undefined {
    if (quantifier.bound.some((b) => b.sort.kind !== 'int')) return undefined;
    const at = [...places.of(quantifier)];
    if (at.length > mostPlaces || at.length ** quantifier.bound.length > mostInstances) return undefined;
    let tuples: Map<Term, Term>[] = [new Map()];
    for (const b of quantifier.bound) {
      tuples = tuples.flatMap((tuple) => at.map((place) => new Map<Term, Term>([...tuple, [b, place]])));
    }
    const instances = tuples.map((tuple) => substitute(this.#t, quantifier.body, tuple));
    return positive ? this.#t.all(instances) : this.#t.any(instances);
  }
}

/** Which terms index which arrays, arrays being told apart by the symbols that they are made of. */
class Places {
  readonly #indices = new Map<SymbolTerm, Set<Term>>();

  add(array: Term, index: Term): void {
    for (const symbol of arraySymbols(array)) {
      const known = this.#indices.get(symbol);
      if (known) known.add(index);
      else this.#indices.set(symbol, new Set([index]));
    }
  }

  of(quantifier: QuantifiedTerm): ReadonlySet<Term> {
    const result = new Set<Term>();
    for (const symbol of arraySymbols(quantifier.body)) {
      for (const index of this.#indices.get(symbol) ?? []) result.add(index);
    }
    return result;
  }
}

function placesOf(formulas: readonly Term[], general: readonly QuantifiedTerm[]): Places {
  const bound = new Set(general.flatMap((g) => g.bound));
  const places = new Places();
  const ground = new Map<Term, boolean>();
  const reads: { array: Term; index: Term }[] = [];
  for (const term of subterms(formulas)) {
    const parts = term.kind === 'apply' ? term.args : [];
    ground.set(
      term,
      term.kind === 'symbol'
        ? !bound.has(term)
        : term.kind !== 'forall' && term.kind !== 'exists' && parts.every((p) => ground.get(p)),
    );
    if (term.kind !== 'apply' || (term.op !== 'select' && term.op !== 'store')) continue;
    const [array, index] = term.args as [Term, Term];
    if (index.sort.kind === 'int' && ground.get(index)) reads.push({ array, index });
  }
  for (const { array, index } of reads) places.add(array, index);
  return places;
}

const arraySymbols = (term: Term): SymbolTerm[] => freeSymbols([term]).filter((s) => s.sort.kind === 'array');
