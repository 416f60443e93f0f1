import { evaluateFormula, type Formula } from '../../terms/polynomial-formula.ts';
import type { Model, Queries } from './query.ts';
import type { Rule } from './rule.ts';
import { stateAfter, type Walker } from './run.ts';

/**
 * A concrete instance of a composed rule. When a rule is made longer, its example is tried first on the new part (as concolic
 * execution does, [GodefroidKS-PLDI'05]), so that most extensions ask the prover nothing.
 */
export interface Example {
  readonly start: readonly bigint[];
  /** Values of the rule's unknowns. */
  readonly chosen: readonly bigint[];
  readonly end: readonly bigint[];
}

const guesses = 40;

export class Examples {
  readonly #walker: Walker;
  readonly #queries: Queries;
  readonly #facts: readonly Formula[];
  readonly #n: number;

  constructor(walker: Walker, queries: Queries, facts: readonly Formula[], n: number) {
    this.#walker = walker;
    this.#queries = queries;
    this.#facts = facts;
    this.#n = n;
  }

  /**
   * An example of a whole rule. `before` is one of the rule without its `last` part. Undefined: there is none, or none is found.
   */
  async of(whole: Rule, before?: Example, last?: Rule): Promise<Example | undefined> {
    if (before && last) {
      const more = this.#walker.choose(last, before.end);
      if (more) {
        return { start: before.start, chosen: [...before.chosen, ...more], end: stateAfter(last, before.end, more) };
      }
    }
    const model = await this.#queries.model([...this.#facts, ...whole.definitions, ...whole.guard]);
    if (model === 'unknown') return this.#guess(whole);
    return model === 'none' ? undefined : this.fromModel(whole, model);
  }

  /** Where the prover does not know: random states. */
  #guess(rule: Rule): Example | undefined {
    for (let attempt = 0; attempt < guesses; attempt++) {
      const start = Array.from({ length: this.#n }, () => this.#walker.initial(attempt % 2 === 0 ? 8 : 100));
      if (!this.#facts.every((f) => evaluateFormula(f, (u) => start[u]!))) continue;
      const chosen = this.#walker.choose(rule, start);
      if (chosen) return { start, chosen, end: stateAfter(rule, start, chosen) };
    }
    return undefined;
  }

  fromModel(rule: Rule, model: Model): Example {
    const start = Array.from({ length: this.#n }, (_, v) => model.get(v) ?? 0n);
    const chosen = rule.unknowns.map((_, i) => model.get(this.#n + i) ?? 0n);
    return { start, chosen, end: stateAfter(rule, start, chosen) };
  }
}

/** Whether formulas over the state hold where the example ends. */
export const holdsAtEnd = (example: Example, formulas: readonly Formula[]): boolean =>
  formulas.every((f) => evaluateFormula(f, (u) => example.end[u]!));
