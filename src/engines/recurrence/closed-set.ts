import { addScaled, constant, isConstant, type Polynomial, scale, subtract } from '../../terms/polynomial.ts';
import { compare, type Formula, formulaKey, formulaUnknowns } from '../../terms/polynomial-formula.ts';
import type { Queries } from './query.ts';
import { formulaAfter, type Rule, simplify } from './rule.ts';

/**
 * Closed sets of a cycle without choices: conjunctions R with R => guard and R => R after one turn. The search begins with the
 * guard. A conjunct e <= 0 that one turn may break is repaired in one of two ways: e does not grow (e' - e <= 0, eventual
 * monotonicity as in acceleration [FrohnG-IJCAR'22]), or it holds after the turn as well (weakest precondition). Repairs may
 * need repairs; `fuel` bounds how many. Disequalities and disjunctions are decided one way or the other.
 *
 * Gives up where the set would have to speak of auxiliary unknowns.
 */
export interface ClosedSetOptions {
  /** How many conjuncts may be added. */
  readonly fuel: number;
  /** How many questions the search may ask. */
  readonly queries: number;
  /** How many sets are wanted. */
  readonly sets: number;
}

export async function closedSets(
  rule: Rule,
  facts: readonly Formula[],
  n: number,
  queries: Queries,
  options: ClosedSetOptions,
): Promise<Formula[][]> {
  return new ClosedSetSearch(rule, facts, n, queries, options).run();
}

class ClosedSetSearch {
  readonly #rule: Rule;
  readonly #facts: readonly Formula[];
  readonly #n: number;
  readonly #queries: Queries;
  readonly #limit: number;
  readonly #options: ClosedSetOptions;
  readonly #found: Formula[][] = [];
  readonly #seen = new Set<string>();
  /** Conjuncts of the guard that speak of auxiliary unknowns: the set has to imply them. */
  readonly #owed: Formula[] = [];

  constructor(rule: Rule, facts: readonly Formula[], n: number, queries: Queries, options: ClosedSetOptions) {
    this.#rule = rule;
    this.#facts = facts;
    this.#n = n;
    this.#queries = queries;
    this.#options = options;
    this.#limit = queries.count + options.queries;
  }

  async run(): Promise<Formula[][]> {
    const start: Formula[] = [];
    for (const f of this.#rule.guard) (this.#overState(f) ? start : this.#owed).push(f);
    await this.#extend(start, new Set(), this.#options.fuel);
    return this.#found;
  }

  get #open(): boolean {
    return this.#found.length < this.#options.sets && this.#queries.count < this.#limit && this.#queries.open;
  }

  #overState(f: Formula): boolean {
    for (const u of formulaUnknowns(f)) if (u >= this.#n) return false;
    return true;
  }

  /** `kept`: keys of conjuncts that are known to be kept by one turn; stronger sets keep them too. */
  async #extend(candidate: readonly Formula[], kept: ReadonlySet<string>, fuel: number): Promise<void> {
    if (!this.#open) return;
    const set = simplify(candidate);
    if (!set) return;
    const key = set.map(formulaKey).sort().join(' & ');
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if ((await this.#queries.model([...this.#facts, ...set])) === 'none') return;
    const known = new Set(kept);
    const premises = [...this.#facts, ...this.#rule.definitions, ...set];
    for (const f of set) {
      if (known.has(formulaKey(f))) continue;
      const next = formulaAfter(this.#rule, f);
      if (!next) return;
      if (await this.#queries.implies(premises, next)) known.add(formulaKey(f));
      else {
        if (fuel > 0) await this.#repair(set, f, next, known, fuel - 1);
        return;
      }
    }
    for (const f of this.#owed) if (!(await this.#queries.implies(premises, f))) return;
    this.#found.push(set);
  }

  async #repair(
    set: readonly Formula[],
    broken: Formula,
    next: Formula,
    kept: ReadonlySet<string>,
    fuel: number,
  ): Promise<void> {
    const others = set.filter((f) => f !== broken);
    if (broken.kind !== 'compare') {
      for (const part of broken.parts) await this.#extend([...others, part], kept, fuel);
      return;
    }
    const { polynomial: p } = broken;
    if (broken.op === '=') {
      // As an equation after the turn too: polynomial identities come out as chains of these.
      if (this.#overState(next)) await this.#extend([...set, next], kept, fuel);
      await this.#extend([...others, compare('<=', p), compare('<=', scale(p, -1n))], kept, fuel + 1);
      return;
    }
    if (broken.op === '!=') {
      await this.#extend([...others, compare('<=', plusOne(p))], kept, fuel);
      await this.#extend([...others, compare('<=', plusOne(scale(p, -1n)))], kept, fuel);
      return;
    }
    const growth = this.#growth(p);
    if (growth && isConstant(growth) && growth.constant > 0n) return;
    if (growth && !isConstant(growth)) {
      const monotone = compare('<=', growth);
      if (this.#overState(monotone)) await this.#extend([...set, monotone], kept, fuel);
    }
    if (this.#overState(next)) await this.#extend([...set, next], kept, fuel);
  }

  /** By how much one turn increases the polynomial. */
  #growth(p: Polynomial): Polynomial | undefined {
    const next = formulaAfter(this.#rule, { kind: 'compare', op: '<=', polynomial: p });
    if (next?.kind === 'compare') return subtract(next.polynomial, p);
    return undefined;
  }
}

const plusOne = (p: Polynomial): Polynomial => addScaled(p, constant(1n), 1n);
