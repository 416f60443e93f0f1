import {
  add,
  addScaled,
  constant,
  isLinear,
  type Polynomial,
  scale,
  substitute,
  subtract,
  unknown,
} from '../../terms/polynomial.ts';
import { compare, disjunction, type Formula } from '../../terms/polynomial-formula.ts';
import type { Model, Queries } from './query.ts';
import { type Rule, simplify, valueAfter } from './rule.ts';
import type { System } from './system.ts';

/**
 * Geometric non-termination arguments with one ray (Leike & Heizmann 2018, [LeikeH-TACAS'18]): a state x and a direction y with
 * x' = x + y after one turn, where y is multiplied by a factor f in each turn, and the guard holds along the whole ray
 * { x + k*y | k >= 0 }. For a given f all of this is linear, choices included: they are i + k*j. A fixpoint is y = 0. The set
 * found is the ray itself.
 *
 * Differs: integers, one ray, f among few values. Gives up on products, on auxiliary unknowns, and where the choices move with
 * k while no variable counts k in steps of one.
 */
export interface Candidate {
  /** The rule's inputs (numbered from n) as polynomials over the state. */
  readonly inputs: ReadonlyMap<number, Polynomial>;
  readonly set: readonly Formula[];
}

export const rayFactors: readonly bigint[] = [1n, 2n];

/**
 * `stem` leads to the rule's location: the ray starts in a state at its end. Without one, it starts anywhere.
 * The model gives the stem's unknowns their values.
 */
export async function findRay(
  rule: Rule,
  system: System,
  queries: Queries,
  factor: bigint,
  stem?: Rule,
): Promise<{ candidate: Candidate; model: Model } | undefined> {
  if (rule.unknowns.includes('auxiliary') || ![...rule.after.values()].every(isLinear)) return undefined;
  const { facts } = system;
  const n = system.variables.length;
  const live = [...(system.live.get(rule.from) ?? [])].sort((a, b) => a - b);
  const stemCount = stem?.unknowns.length ?? 0;
  const k = rule.unknowns.length;
  const choice = n + stemCount;
  const direction = choice + k;
  const drift = direction + n;
  const start = (v: number): Polynomial => (stem ? valueAfter(stem, v) : unknown(v));
  const atStart = (u: number): Polynomial => (u < n ? start(u) : unknown(choice + u - n));
  const alongRay = (u: number): Polynomial => unknown(u < n ? direction + u : drift + u - n);
  const conditions: Formula[] = [...facts, ...(stem ? [...stem.guard, ...stem.definitions] : [])];
  for (const f of [...rule.guard, ...facts]) {
    const held = holdsAlong(f, atStart, alongRay);
    if (!held) return undefined;
    conditions.push(...held);
  }
  for (const v of live) {
    const after = rule.after.get(v);
    const first = after ? substitute(after, atStart) : start(v);
    const later = after ? substitute(linearPart(after), alongRay) : unknown(direction + v);
    if (!first || !later) return undefined;
    conditions.push(compare('=', subtract(first, add(start(v), unknown(direction + v)))));
    conditions.push(compare('=', addScaled(later, unknown(direction + v), -factor)));
  }
  const simplified = simplify(conditions);
  if (!simplified) return undefined;
  const model = await queries.model(simplified);
  if (model === 'none' || model === 'unknown') return undefined;
  const value = (u: number): bigint => model.get(u) ?? 0n;
  const origin: bigint[] = [];
  for (let v = 0; v < n; v++) origin.push(evaluateAt(start(v), value));
  const candidate = rayCandidate(
    origin,
    Array.from({ length: n }, (_, v) => value(direction + v)),
    Array.from({ length: k }, (_, i) => value(choice + i)),
    Array.from({ length: k }, (_, i) => value(drift + i)),
    live,
  );
  return candidate && { candidate, model };
}

function evaluateAt(p: Polynomial, value: (u: number) => bigint): bigint {
  const result = substitute(p, (u) => constant(value(u)));
  return result!.constant;
}

/** What makes a guard's conjunct hold at the start and on; undefined for what is not linear. */
function holdsAlong(
  f: Formula,
  atStart: (u: number) => Polynomial,
  alongRay: (u: number) => Polynomial,
): Formula[] | undefined {
  if (f.kind !== 'compare' || !isLinear(f.polynomial)) return undefined;
  const here = substitute(f.polynomial, atStart);
  const along = substitute(linearPart(f.polynomial), alongRay);
  if (!here || !along) return undefined;
  if (f.op === '=') return [compare('=', here), compare('=', along)];
  if (f.op === '<=') return [compare('<=', here), compare('<=', along)];
  const below: Formula = { kind: 'and', parts: [compare('<=', add(here, constant(1n))), compare('<=', along)] };
  const above: Formula = {
    kind: 'and',
    parts: [compare('<=', add(scale(here, -1n), constant(1n))), compare('<=', scale(along, -1n))],
  };
  return [disjunction([below, above])];
}

const linearPart = (p: Polynomial): Polynomial => ({ constant: 0n, monomials: p.monomials });

function rayCandidate(
  origin: readonly bigint[],
  y: readonly bigint[],
  choices: readonly bigint[],
  drifts: readonly bigint[],
  live: readonly number[],
): Candidate | undefined {
  const n = origin.length;
  const inputs = new Map<number, Polynomial>();
  const set: Formula[] = [];
  const size = (v: number): bigint => (y[v]! < 0n ? -y[v]! : y[v]!);
  let counter = -1;
  for (const v of live) if (y[v] !== 0n && (counter < 0 || size(v) < size(counter))) counter = v;
  const unit = counter >= 0 && size(counter) === 1n;
  if (drifts.some((d) => d !== 0n) && !unit) return undefined;
  // With a unit step, k is plus or minus the distance of the counting variable from its origin.
  const distance = (v: number): Polynomial => subtract(unknown(v), constant(origin[v]!));
  for (const [i, c] of choices.entries()) {
    const moved = drifts[i] === 0n ? constant(0n) : scale(distance(counter), drifts[i]! * y[counter]!);
    inputs.set(n + i, add(constant(c), moved));
  }
  for (const v of live) {
    if (v === counter) set.push(compare('<=', scale(distance(v), y[v]! > 0n ? -1n : 1n)));
    else if (y[v] === 0n) set.push(compare('=', distance(v)));
    else set.push(compare('=', addScaled(scale(distance(v), y[counter]!), distance(counter), -y[v]!)));
  }
  return { inputs, set };
}
