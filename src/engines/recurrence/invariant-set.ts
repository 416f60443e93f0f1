import type { LocationId } from '../../program/program.ts';
import { addScaled, constant, type Polynomial, subtract, unknown } from '../../terms/polynomial.ts';
import {
  compare,
  conjunction,
  evaluateFormula,
  type Formula,
  formulaKey,
  formulaUnknowns,
  negation,
} from '../../terms/polynomial-formula.ts';
import type { LocatedSet } from './evidence.ts';
import type { Queries } from './query.ts';
import { formulaAfter, type Rule, simplify } from './rule.ts';
import type { Move, Visited } from './strategy.ts';
import type { System } from './system.ts';

/**
 * Recurrent sets over several locations and paths: the invariants of a deterministic run that goes on (Flanagan & Leino 2001,
 * Houdini [FlanaganL-FME'01]). Candidates are what held in all states seen in the second half of a long run: conjuncts of the
 * guards, the same one step later, bounds of variables, then of sums and differences. Candidates that some move breaks are
 * dropped until all that is left is kept. If then some move is always possible, the sets are closed.
 */
export async function invariantSets(
  trail: readonly Visited[],
  system: System,
  queries: Queries,
): Promise<{ sets: LocatedSet[]; from: number } | undefined> {
  const { facts } = system;
  const n = system.variables.length;
  const from = trail.length >> 1;
  const tail = trail.slice(from);
  const states = new Map<LocationId, (readonly bigint[])[]>();
  const moves = new Map<LocationId, Map<Rule, Move>>();
  for (const { at, state, move } of tail) {
    states.set(at, [...(states.get(at) ?? []), state]);
    const list = moves.get(at) ?? new Map<Rule, Move>();
    list.set(move.rule, move);
    moves.set(at, list);
  }
  // The last move must not leave what was seen.
  if (!states.has(tail[tail.length - 1]!.move.rule.to)) return undefined;
  for (const level of [0, 1, 2]) {
    const candidates = new Map<LocationId, Formula[]>();
    for (const [at, seen] of states) candidates.set(at, candidatesAt(at, seen, moves, system, level));
    const search = new Weakening(candidates, moves, facts, n, queries);
    if (!(await search.weaken())) return undefined;
    const sets = await search.covered();
    if (sets) return { sets, from };
    if (!queries.open) return undefined;
  }
  return undefined;
}

const pairVariables = 10;
const candidatesLimit = 160;

function candidatesAt(
  at: LocationId,
  states: readonly (readonly bigint[])[],
  moves: ReadonlyMap<LocationId, ReadonlyMap<Rule, Move>>,
  system: System,
  level: number,
): Formula[] {
  const live = [...(system.live.get(at) ?? [])].sort((a, b) => a - b);
  const found = new Map<string, Formula>();
  const offer = (f: Formula): void => {
    for (const part of simplify([f]) ?? []) {
      const key = formulaKey(part);
      if (found.size >= candidatesLimit || found.has(key)) continue;
      for (const u of formulaUnknowns(part)) if (!live.includes(u)) return;
      if (states.every((s) => evaluateFormula(part, (u) => s[u]!))) found.set(key, part);
    }
  };
  const here = [...(moves.get(at)?.values() ?? [])];
  for (const { resolved } of here) for (const f of resolved.guard) offer(f);
  for (const { resolved } of here) {
    for (const next of moves.get(resolved.to)?.values() ?? []) {
      for (const f of next.resolved.guard) {
        const after = formulaAfter(resolved, f);
        if (after) offer(after);
      }
    }
  }
  if (level >= 1) for (const v of live) bounds(unknown(v), states, offer);
  if (level >= 2 && live.length <= pairVariables) {
    for (const [i, v] of live.entries()) {
      for (const w of live.slice(i + 1)) {
        bounds(subtract(unknown(v), unknown(w)), states, offer);
        bounds(addScaled(unknown(v), unknown(w), 1n), states, offer);
      }
    }
  }
  return [...found.values()];
}

function bounds(p: Polynomial, states: readonly (readonly bigint[])[], offer: (f: Formula) => void): void {
  let low: bigint | undefined;
  let high: bigint | undefined;
  for (const s of states) {
    let value = 0n;
    for (const m of p.monomials.values()) value += m.coefficient * s[m.unknowns[0]!]!;
    if (low === undefined || value < low) low = value;
    if (high === undefined || value > high) high = value;
  }
  for (const sign of [0n, 1n]) offer(compare('<=', subtract(constant(sign), p)));
  for (const sign of [0n, -1n]) offer(compare('<=', subtract(p, constant(sign))));
  if (low === high) offer(compare('=', subtract(p, constant(low!))));
  else {
    offer(compare('<=', addScaled(constant(low!), p, -1n)));
    offer(compare('<=', addScaled(p, constant(high!), -1n)));
  }
}

class Weakening {
  readonly #sets: Map<LocationId, Formula[]>;
  readonly #moves: ReadonlyMap<LocationId, ReadonlyMap<Rule, Move>>;
  readonly #facts: readonly Formula[];
  readonly #n: number;
  readonly #queries: Queries;

  constructor(
    sets: Map<LocationId, Formula[]>,
    moves: ReadonlyMap<LocationId, ReadonlyMap<Rule, Move>>,
    facts: readonly Formula[],
    n: number,
    queries: Queries,
  ) {
    this.#sets = sets;
    this.#moves = moves;
    this.#facts = facts;
    this.#n = n;
    this.#queries = queries;
  }

  /** Drops candidates until every move keeps all that are left. False: a product became too large, or no time is left. */
  async weaken(): Promise<boolean> {
    for (let changed = true; changed; ) {
      changed = false;
      for (const moves of this.#moves.values()) {
        for (const { resolved } of moves.values()) {
          if (!this.#queries.open) return false;
          const dropped = await this.#drop(resolved);
          if (dropped === undefined) return false;
          if (dropped) changed = true;
        }
      }
    }
    return true;
  }

  #before(rule: Rule): Formula[] {
    return [...this.#facts, ...rule.definitions, ...(this.#sets.get(rule.from) ?? []), ...rule.guard];
  }

  async #drop(rule: Rule): Promise<boolean | undefined> {
    let any = false;
    for (;;) {
      const target = this.#sets.get(rule.to)!;
      const after: Formula[] = [];
      for (const f of target) {
        const replaced = formulaAfter(rule, f);
        if (!replaced) return undefined;
        after.push(replaced);
      }
      const before = this.#before(rule);
      const kept = new Set(before.map(formulaKey));
      const goal = conjunction(after.filter((f) => !kept.has(formulaKey(f))));
      const model = await this.#queries.model([...before, negation(goal)]);
      if (model === 'none') return any;
      let left: Formula[] = [];
      if (model === 'unknown') {
        for (const [i, f] of target.entries()) if (await this.#queries.implies(before, after[i]!)) left.push(f);
      } else left = target.filter((_, i) => evaluateFormula(after[i]!, (u) => model.get(u) ?? 0n));
      if (left.length === target.length) return any;
      any = true;
      this.#sets.set(rule.to, left);
      if (model === 'unknown') return any;
    }
  }

  /** The sets with their cases, when in every state of a set some move is possible. */
  async covered(): Promise<LocatedSet[] | undefined> {
    const result: LocatedSet[] = [];
    for (const [at, moves] of this.#moves) {
      const set = this.#sets.get(at)!;
      const cases: LocatedSet['cases'][0][] = [];
      const blocked: Formula[] = [];
      for (const { rule, choice, resolved } of moves.values()) {
        const overState = resolved.guard.filter((f) => [...formulaUnknowns(f)].every((u) => u < this.#n));
        const owed = resolved.guard.filter((f) => !overState.includes(f));
        const premises = [...this.#facts, ...resolved.definitions, ...set, ...overState];
        for (const f of owed) if (!(await this.#queries.implies(premises, f))) return undefined;
        blocked.push(negation(conjunction(overState)));
        const known = new Set(set.map(formulaKey));
        cases.push({
          guard: moves.size === 1 ? [] : overState.filter((f) => !known.has(formulaKey(f))),
          edges: rule.edges,
          inputs: rule.unknowns.flatMap((kind, i) =>
            kind === 'input' ? [choice.get(this.#n + i) ?? constant(0n)] : [],
          ),
        });
      }
      const open = blocked.some((f) => f.kind === 'or' && f.parts.length === 0)
        ? 'none'
        : await this.#queries.model([...this.#facts, ...set, ...blocked]);
      if (open !== 'none') return undefined;
      result.push({ at, set, cases });
    }
    return result;
  }
}
