import type { LocationId } from '../../program/program.ts';
import { constant, type Polynomial } from '../../terms/polynomial.ts';
import { optionsFor, usedUnknowns } from './choices.ts';
import { group } from './reduction.ts';
import { instantiate, type Rule } from './rule.ts';
import { largestMagnitude, type Random, stateAfter, type Walker } from './run.ts';
import type { System } from './system.ts';

/**
 * A strategy resolves every choice: at each location an order in which rules are tried, and for each rule its inputs as
 * polynomials over the state. Under it the system is deterministic, so that a long run of it suggests what holds for ever.
 */
export interface Move {
  readonly rule: Rule;
  readonly choice: ReadonlyMap<number, Polynomial>;
  /** The rule with its inputs resolved. */
  readonly resolved: Rule;
}

export interface Visited {
  readonly at: LocationId;
  readonly state: readonly bigint[];
  readonly move: Move;
  /** The values of the rule's inputs. */
  readonly inputs: readonly bigint[];
}

export class Strategies {
  readonly #n: number;
  readonly #walker: Walker;
  readonly #random: Random;
  readonly #out: ReadonlyMap<LocationId, readonly Rule[]>;
  readonly #options = new Map<Rule, readonly (readonly [number, readonly Polynomial[]])[]>();

  constructor(system: System, walker: Walker, random: Random) {
    this.#n = system.variables.length;
    this.#walker = walker;
    this.#random = random;
    this.#out = group(system.rules, (r) => r.from);
  }

  /** A run under a new strategy; undefined when it ends before all the steps are done. */
  run(entry: LocationId, initial: readonly bigint[], steps: number): Visited[] | undefined {
    const order = new Map<LocationId, readonly Rule[]>();
    const moves = new Map<Rule, Move | undefined>();
    const trail: Visited[] = [];
    let at = entry;
    let state = initial;
    for (let i = 0; i < steps; i++) {
      let rules = order.get(at);
      if (!rules) {
        rules = this.#shuffled(this.#out.get(at) ?? []);
        order.set(at, rules);
      }
      let taken = false;
      for (const rule of rules) {
        if (!moves.has(rule)) moves.set(rule, this.#move(rule));
        const move = moves.get(rule);
        const chosen = move && this.#walker.choose(move.resolved, state);
        if (!chosen) continue;
        const now = state;
        const inputs = rule.unknowns.flatMap((kind, k) => {
          if (kind !== 'input') return [];
          const p = move.choice.get(this.#n + k);
          return [p ? valueOfPolynomial(p, now) : 0n];
        });
        trail.push({ at, state, move, inputs });
        state = stateAfter(move.resolved, state, chosen);
        at = rule.to;
        taken = true;
        break;
      }
      if (!taken) return undefined;
      if (state.some((v) => v > largestMagnitude || v < -largestMagnitude)) return trail;
    }
    return trail;
  }

  #move(rule: Rule): Move | undefined {
    let options = this.#options.get(rule);
    if (!options) {
      const used = usedUnknowns(rule);
      options = rule.unknowns.flatMap((kind, i) => {
        const u = this.#n + i;
        if (kind !== 'input') return [];
        return [[u, used.has(u) ? optionsFor(rule, u, this.#n, undefined) : [constant(0n)]] as const];
      });
      this.#options.set(rule, options);
    }
    const choice = new Map(options.map(([u, list]) => [u, this.#random.pick(list)]));
    const resolved = instantiate(rule, choice);
    return resolved && { rule, choice, resolved };
  }

  #shuffled(rules: readonly Rule[]): readonly Rule[] {
    const result = [...rules];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.#random.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}

function valueOfPolynomial(p: Polynomial, state: readonly bigint[]): bigint {
  let sum = p.constant;
  for (const m of p.monomials.values()) {
    let product = m.coefficient;
    for (const u of m.unknowns) product *= state[u]!;
    sum += product;
  }
  return sum;
}
