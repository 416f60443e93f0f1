import {
  addScaled,
  coefficientOf,
  constant,
  type Polynomial,
  scale,
  unknown,
  unknownsOf,
} from '../../terms/polynomial.ts';
import { formulaUnknowns } from '../../terms/polynomial-formula.ts';
import type { Queries } from './query.ts';
import { findRay, rayFactors } from './ray.ts';
import { instantiate, type Rule } from './rule.ts';
import type { System } from './system.ts';

/**
 * Ways to resolve a rule's inputs, as polynomials over the state (Skolem functions): what a geometric argument or a model
 * suggests (or a run: `suggestion` holds values for all unknowns), and for each input the variable it overwrites, the bounds that the guard gives it, and small constants.
 */
export type Choice = ReadonlyMap<number, Polynomial>;

const combinationsLimit = 24;

export async function choicesFor(
  rule: Rule,
  system: System,
  queries: Queries,
  suggestion?: readonly bigint[],
): Promise<{ choice: Choice; rule: Rule }[]> {
  const { facts } = system;
  const n = system.variables.length;
  const inputs = rule.unknowns.flatMap((kind, i) => (kind === 'input' ? [n + i] : []));
  const used = usedUnknowns(rule);
  const result: { choice: Choice; rule: Rule }[] = [];
  const seen = new Set<string>();
  const offer = (choice: Choice): void => {
    const key = inputs.map(
      (u) => JSON.stringify([...(choice.get(u)?.monomials.keys() ?? [])]) + choice.get(u)?.constant,
    );
    if (seen.has(key.join())) return;
    seen.add(key.join());
    const made = instantiate(rule, choice);
    if (made) result.push({ choice, rule: made });
  };
  const free = inputs.filter((u) => used.has(u));
  const unused = new Map(inputs.filter((u) => !used.has(u)).map((u) => [u, constant(0n)]));
  if (free.length === 0) {
    offer(unused);
    return result;
  }
  if (suggestion) offer(new Map([...unused, ...free.map((u) => [u, constant(suggestion[u - n]!)] as const)]));
  const model = await queries.model([...facts, ...rule.definitions, ...rule.guard]);
  if (model === 'none') return [];
  for (const factor of rayFactors) {
    const ray = await findRay(rule, system, queries, factor);
    if (!ray) continue;
    offer(new Map([...unused, ...ray.candidate.inputs]));
    break;
  }
  const options = free.map((u) => optionsFor(rule, u, n, model === 'unknown' ? undefined : model.get(u)));
  // The first option of all, the second of all, …; then every combination, up to a limit.
  const most = Math.max(...options.map((o) => o.length));
  for (let i = 0; i < most; i++) {
    offer(new Map([...unused, ...free.map((u, k) => [u, options[k]![Math.min(i, options[k]!.length - 1)]!] as const)]));
  }
  let combinations: Polynomial[][] = [[]];
  for (const list of options) {
    if (combinations.length * list.length > combinationsLimit) {
      combinations = combinations.map((c) => [...c, list[0]!]);
    } else combinations = combinations.flatMap((c) => list.map((o) => [...c, o]));
  }
  for (const c of combinations) offer(new Map([...unused, ...free.map((u, k) => [u, c[k]!] as const)]));
  return result;
}

export function usedUnknowns(rule: Rule): Set<number> {
  const used = new Set<number>();
  for (const f of [...rule.guard, ...rule.definitions]) formulaUnknowns(f, used);
  for (const p of rule.after.values()) for (const u of unknownsOf(p)) used.add(u);
  return used;
}

/** What an input may be resolved to: at least one polynomial over the state. */
export function optionsFor(rule: Rule, u: number, n: number, suggested: bigint | undefined): Polynomial[] {
  const options = new Map<string, Polynomial>();
  const offer = (p: Polynomial): void => {
    if ([...unknownsOf(p)].every((v) => v < n)) {
      options.set(`${[...p.monomials].map(([k, m]) => `${m.coefficient}*${k}`).join()} ${p.constant}`, p);
    }
  };
  for (const [v, p] of rule.after) {
    const c = coefficientOf(p, u);
    if (c !== 1n && c !== -1n) continue;
    // The value for which the variable stays what it is: c*u + rest = v.
    const rest = addScaled(p, unknown(u), -c);
    if (![...unknownsOf(rest)].includes(u)) offer(scale(addScaled(unknown(v), rest, -1n), c));
  }
  for (const f of rule.guard) {
    if (f.kind !== 'compare') continue;
    const c = coefficientOf(f.polynomial, u);
    if (c !== 1n && c !== -1n) continue;
    const rest = addScaled(f.polynomial, unknown(u), -c);
    if ([...unknownsOf(rest)].includes(u)) continue;
    const bound = scale(rest, -c);
    if (f.op !== '!=') offer(bound);
    else for (const d of [1n, -1n]) offer({ ...bound, constant: bound.constant + d });
  }
  if (suggested !== undefined) offer(constant(suggested));
  for (const c of [0n, 1n, -1n]) offer(constant(c));
  return [...options.values()];
}
