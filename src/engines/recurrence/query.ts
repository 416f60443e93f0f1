import type { Budget } from '../../base/budget.ts';
import type { Prover } from '../../solvers/prover.ts';
import { TermFactory } from '../../terms/factory.ts';
import {
  type Formula,
  formulaKey,
  formulaUnknowns,
  isFalsity,
  isTruth,
  negation,
} from '../../terms/polynomial-formula.ts';
import { Speller } from '../../terms/polynomial-spelling.ts';
import { intSort } from '../../terms/sort.ts';
import type { SymbolTerm } from '../../terms/term.ts';

/** Values of unknowns; what is absent may have any value. */
export type Model = ReadonlyMap<number, bigint>;

/**
 * Questions about polynomial formulas, put to a prover. Each question is built in a factory of its own, so that a long search
 * leaves nothing behind. Answers only steer the search: what is claimed in the end is proved again as an obligation.
 */
export class Queries {
  readonly #prover: Prover;
  readonly #budget: Budget;
  /** Steps for one question. */
  readonly #stepLimit: number;
  count = 0;

  constructor(prover: Prover, budget: Budget, stepLimit = 3_000) {
    this.#prover = prover;
    this.#budget = budget;
    this.#stepLimit = stepLimit;
  }

  get open(): boolean {
    return this.#budget.open;
  }

  get budget(): Budget {
    return this.#budget;
  }

  /** A model of all the formulas together. */
  async model(formulas: readonly Formula[]): Promise<Model | 'none' | 'unknown'> {
    const relevant = formulas.filter((f) => !isTruth(f));
    if (relevant.some(isFalsity)) return 'none';
    if (relevant.length === 0) return new Map();
    this.count++;
    const factory = new TermFactory();
    const numbers = new Map<SymbolTerm, number>();
    const symbolOf = (u: number): SymbolTerm => {
      const symbol = factory.symbol(`u${u}`, intSort);
      numbers.set(symbol, u);
      return symbol;
    };
    const speller = new Speller(factory, symbolOf);
    const formula = factory.all(relevant.map((f) => speller.formula(f)));
    const budget = this.#budget.share({ stepLimit: this.#stepLimit });
    const result = await this.#prover.refute(factory, formula, budget, { checkedOnly: true });
    if (result.kind === 'refuted') return 'none';
    if (result.kind === 'unknown') return 'unknown';
    const model = new Map<number, bigint>();
    for (const [symbol, value] of result.values) model.set(numbers.get(symbol)!, value as bigint);
    return model;
  }

  /** Whether the conclusion is proved to follow. */
  async implies(premises: readonly Formula[], conclusion: Formula): Promise<boolean> {
    if (isTruth(conclusion)) return true;
    if (conclusion.kind === 'and') {
      for (const part of conclusion.parts) if (!(await this.implies(premises, part))) return false;
      return true;
    }
    const key = formulaKey(conclusion);
    if (premises.some((p) => formulaKey(p) === key)) return true;
    return (await this.model([...relevantTo(premises, conclusion), negation(conclusion)])) === 'none';
  }
}

/** The premises that are linked to the conclusion by common unknowns: the others cannot help, if all together are consistent. */
function relevantTo(premises: readonly Formula[], conclusion: Formula): Formula[] {
  const unknowns = formulaUnknowns(conclusion);
  const left = premises.map((f) => ({ f, of: formulaUnknowns(f) }));
  const result = new Set<Formula>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const { f, of } of left) {
      if (result.has(f) || ![...of].some((u) => unknowns.has(u))) continue;
      result.add(f);
      for (const u of of) unknowns.add(u);
      grown = true;
    }
  }
  return premises.filter((f) => result.has(f));
}
