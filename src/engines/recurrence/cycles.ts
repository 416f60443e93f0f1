import type { LocationId } from '../../program/program.ts';
import { group } from './reduction.ts';
import { compose, type Rule } from './rule.ts';

/**
 * Cycles of the rule graph as single rules, shortest first: at each location, every way back to it that meets no other
 * location more than `visits` times. Paths that are not `possible` are not followed.
 */
export async function* cycles(
  rules: readonly Rule[],
  n: number,
  limits: { readonly length: number; readonly visits: number },
  possible: (rule: Rule) => Promise<boolean>,
): AsyncGenerator<Rule> {
  const out = group(rules, (r) => r.from);
  let paths: { rule: Rule; visited: ReadonlyMap<LocationId, number>; start: number }[] = [];
  // A cycle is found from its location with the smallest number, at each of its visits.
  for (const at of [...out.keys()].sort((a, b) => a - b)) {
    for (const rule of out.get(at)!) paths.push({ rule, visited: new Map([[rule.to, 1]]), start: at });
  }
  for (let length = 1; length <= limits.length && paths.length > 0; length++) {
    const next: typeof paths = [];
    for (const path of paths) {
      if (!(await possible(path.rule))) continue;
      if (path.rule.to === path.start) yield path.rule;
      if (length === limits.length) continue;
      for (const rule of out.get(path.rule.to) ?? []) {
        const visits = (path.visited.get(rule.to) ?? 0) + 1;
        if (visits > limits.visits || rule.to < path.start) continue;
        if (path.rule.to === path.start && limits.visits === 1) continue;
        const longer = compose(path.rule, rule, n);
        if (longer) {
          next.push({ rule: longer, visited: new Map(path.visited).set(rule.to, visits), start: path.start });
        }
      }
    }
    paths = next.length > 20_000 ? next.slice(0, 20_000) : next;
  }
}
