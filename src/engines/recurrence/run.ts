import type { LocationId } from '../../program/program.ts';
import { addScaled, coefficientOf, evaluatePolynomial, unknown, unknownsOf } from '../../terms/polynomial.ts';
import { evaluateFormula, type Formula } from '../../terms/polynomial-formula.ts';
import type { Rule } from './rule.ts';

/** A concrete run through rules: where it started, what was chosen, and the states at the rules' ends. */
export interface Run {
  readonly initial: readonly bigint[];
  readonly edges: readonly number[];
  /** The values of the inputs (havocs) in order. */
  readonly inputs: readonly bigint[];
}

/** The run that goes through a stem as an example of it does. */
export const runOf = (stem: Rule, start: readonly bigint[], chosen: readonly bigint[]): Run => ({
  initial: start,
  edges: stem.edges,
  inputs: stem.unknowns.flatMap((kind, i) => (kind === 'input' ? [chosen[i]!] : [])),
});

export const stateAfter = (rule: Rule, state: readonly bigint[], chosen: readonly bigint[]): bigint[] => {
  const n = state.length;
  const at = (u: number): bigint => (u < n ? state[u]! : chosen[u - n]!);
  return state.map((old, v) => {
    const p = rule.after.get(v);
    return p ? evaluatePolynomial(p, at) : old;
  });
};

/** Numbers from a seed: the same seed, the same numbers ([Marsaglia-2003], xorshift). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  }

  /** 0 <= result < bound */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

export interface Taken {
  readonly rule: Rule;
  readonly chosen: readonly bigint[];
  readonly state: bigint[];
}

/** Larger values are not worth following: they only slow the walk down. */
export const largestMagnitude = 1n << 256n;

/**
 * Walks at random, choosing inputs inside the bounds that the guard gives them. Auxiliary unknowns are chosen like inputs:
 * their definitions leave one value as a rule.
 */
export class Walker {
  readonly #random: Random;
  readonly #out: ReadonlyMap<LocationId, readonly Rule[]>;
  /** Constants of the guards and their neighbours: values where behaviour changes. */
  readonly #constants: readonly bigint[];

  constructor(out: ReadonlyMap<LocationId, readonly Rule[]>, random: Random) {
    this.#out = out;
    this.#random = random;
    const constants = new Set<bigint>();
    for (const rules of out.values()) for (const r of rules) for (const f of r.guard) collectConstants(f, constants);
    this.#constants = [...constants];
  }

  /** A value to start with: small, of some size, or one that a guard names. */
  initial(size: number): bigint {
    const random = this.#random;
    if (this.#constants.length > 0 && random.below(3) === 0) {
      return random.pick(this.#constants) + BigInt(random.below(3) - 1);
    }
    return BigInt(random.below(size) - (random.below(2) === 0 ? 0 : size >> 1));
  }

  /** One rule from here, if possible one after which the run can go on; undefined when none was found that can be taken. */
  step(at: LocationId, state: readonly bigint[]): Taken | undefined {
    const rules = this.#out.get(at) ?? [];
    let last: Taken | undefined;
    for (let attempt = 0; attempt < 3; attempt++) {
      const taken = this.#any(rules, state);
      if (!taken) return last;
      last = taken;
      if (this.#any(this.#out.get(taken.rule.to) ?? [], taken.state)) return taken;
    }
    return last;
  }

  #any(rules: readonly Rule[], state: readonly bigint[]): Taken | undefined {
    if (rules.length === 0) return undefined;
    const first = this.#random.below(rules.length);
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[(first + i) % rules.length]!;
      const chosen = this.choose(rule, state);
      if (!chosen) continue;
      const next = stateAfter(rule, state, chosen);
      if (next.some((v) => v > largestMagnitude || v < -largestMagnitude)) continue;
      return { rule, chosen, state: next };
    }
    return undefined;
  }

  choose(rule: Rule, state: readonly bigint[]): bigint[] | undefined {
    const attempts = rule.unknowns.length === 0 ? 1 : 4;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const chosen = this.#attempt(rule, state, attempt);
      const at = (u: number): bigint => (u < state.length ? state[u]! : chosen[u - state.length]!);
      if ([...rule.definitions, ...rule.guard].every((f) => evaluateFormula(f, at))) return chosen;
      if (rule.unknowns.length === 0) return undefined;
    }
    return undefined;
  }

  #attempt(rule: Rule, state: readonly bigint[], attempt: number): bigint[] {
    const n = state.length;
    const chosen: bigint[] = [];
    const keep = new Map<number, bigint>();
    for (const [v, p] of rule.after) {
      if (p.constant === 0n && p.monomials.size === 1)
        for (const u of unknownsOf(p)) if (u >= n) keep.set(u, state[v]!);
    }
    for (const i of rule.unknowns.keys()) {
      let low: bigint | undefined;
      let high: bigint | undefined;
      const bound = (f: Formula): void => {
        if (f.kind === 'and') f.parts.forEach(bound);
        if (f.kind !== 'compare' || f.op === '!=') return;
        const c = coefficientOf(f.polynomial, n + i);
        if (c === 0n) return;
        const rest = addScaled(f.polynomial, unknown(n + i), -c);
        for (const u of unknownsOf(rest)) if (u >= n + i) return;
        const r = evaluatePolynomial(rest, (u) => (u < n ? state[u]! : chosen[u - n]!));
        // c*u + r <= 0
        const limit = divideDown(-r, c);
        if (c > 0n || f.op === '=') high = high === undefined || limit.down < high ? limit.down : high;
        if (c < 0n || f.op === '=') low = low === undefined || limit.up > low ? limit.up : low;
      };
      for (const f of rule.definitions) bound(f);
      for (const f of rule.guard) bound(f);
      const options = [0n, 1n, -1n, BigInt(this.#random.below(20)), -BigInt(this.#random.below(20))];
      const kept = keep.get(n + i);
      if (this.#constants.length > 0) options.push(this.#random.pick(this.#constants));
      if (kept !== undefined) options.push(kept, kept);
      if (low !== undefined) options.push(low, low, low + BigInt(this.#random.below(5)));
      if (high !== undefined) options.push(high, high, high - BigInt(this.#random.below(5)));
      let value = attempt === 0 && kept !== undefined ? kept : this.#random.pick(options);
      if (low !== undefined && value < low) value = low;
      if (high !== undefined && value > high) value = high;
      chosen.push(value);
    }
    return chosen;
  }
}

function collectConstants(f: Formula, into: Set<bigint>): void {
  if (into.size > 200) return;
  if (f.kind !== 'compare') for (const p of f.parts) collectConstants(p, into);
  else {
    const { constant } = f.polynomial;
    into.add(constant).add(-constant);
  }
}

function divideDown(a: bigint, b: bigint): { down: bigint; up: bigint } {
  const q = a / b;
  if (q * b === a) return { down: q, up: q };
  const negative = a < 0n !== b < 0n;
  return negative ? { down: q - 1n, up: q } : { down: q, up: q + 1n };
}
