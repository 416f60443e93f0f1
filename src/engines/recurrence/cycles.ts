import type { LocationId } from '../../program/program.ts';
import type { Example, Examples } from './example.ts';
import { closure, group } from './reduction.ts';
import { compose, type Rule } from './rule.ts';

/**
 * Cycles of the rule graph as single rules, shortest first: from each location every way back to it that meets no location
 * with a smaller number and no other location more than `visits` times, and that can be taken from some state.
 * `undefined` stands for a step of the search that found nothing.
 */
export async function* cycles(
  rules: readonly Rule[],
  n: number,
  limits: { readonly length: number; readonly visits: number },
  examples: Examples,
): AsyncGenerator<Rule | undefined> {
  const out = group(rules, (r) => r.from);
  const into = group(rules, (r) => r.to);
  const returning = new Map<LocationId, ReadonlySet<LocationId>>();
  interface CyclePath {
    readonly rule: Rule;
    readonly last: Rule;
    readonly before?: Example;
    readonly visited: ReadonlyMap<LocationId, number>;
  }
  let paths: CyclePath[] = [];
  for (const at of [...out.keys()].sort((a, b) => a - b)) {
    const back = closure([at], (l) => (into.get(l) ?? []).map((r) => r.from).filter((from) => from >= at));
    returning.set(at, back);
    for (const rule of out.get(at)!) {
      if (rule.to >= at && back.has(rule.to)) paths.push({ rule, last: rule, visited: new Map([[rule.to, 1]]) });
    }
  }
  for (let length = 1; length <= limits.length && paths.length > 0; length++) {
    const next: CyclePath[] = [];
    for (const path of paths) {
      const start = path.rule.from;
      const example = await examples.of(path.rule, path.before, path.last);
      yield example && path.rule.to === start ? path.rule : undefined;
      if (!example || length === limits.length || (path.rule.to === start && limits.visits === 1)) continue;
      for (const rule of out.get(path.rule.to) ?? []) {
        const visits = (path.visited.get(rule.to) ?? 0) + 1;
        if (visits > limits.visits || rule.to < start || !returning.get(start)!.has(rule.to)) continue;
        if (next.length >= pathsLimit) break;
        const longer = compose(path.rule, rule, n);
        if (!longer) continue;
        next.push({ rule: longer, last: rule, before: example, visited: new Map(path.visited).set(rule.to, visits) });
      }
    }
    paths = next;
  }
}

/** Longer paths are given up when there are more than this of one length. */
const pathsLimit = 10_000;
