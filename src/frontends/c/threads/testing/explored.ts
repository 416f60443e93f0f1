import { type LocationId, mainProcedure, outgoing, type Program } from '../../../../program/program.ts';
import { evaluator } from '../../../../terms/evaluator.ts';
import type { SymbolTerm, Term } from '../../../../terms/term.ts';
import { defaultValue, type Value, valueKey } from '../../../../terms/value.ts';

export interface Explored {
  /** All that main can return. */
  readonly results: ReadonlySet<bigint>;
  readonly reached: ReadonlySet<LocationId>;
}

/** All runs of a flat program without inputs; what is not initialised is 0. Checks end no run. */
export function explore(program: Program, stateLimit = 200_000): Explored {
  const main = mainProcedure(program);
  const out = outgoing(main);
  const results = new Set<bigint>();
  const reached = new Set<LocationId>();
  const seen = new Set<string>();
  const symbols = [...program.globals, ...main.params, ...main.results, ...main.locals];
  const evaluators = new Map<Term, ReturnType<typeof evaluator>>();
  const value = (term: Term, state: ReadonlyMap<SymbolTerm, Value>): Value => {
    let made = evaluators.get(term);
    if (!made) {
      made = evaluator(term);
      evaluators.set(term, made);
    }
    return made((s) => state.get(s));
  };
  const first = new Map(symbols.map((s) => [s, defaultValue(s.sort)] as const));
  const work = [{ at: main.entry, state: first }];
  for (let item = work.pop(); item; item = work.pop()) {
    const { at, state } = item;
    const key = `${at} ${symbols.map((s) => valueKey(state.get(s)!)).join(' ')}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > stateLimit) throw new Error('too many states');
    reached.add(at);
    if (at === main.exit) results.add(state.get(main.results[0]!) as bigint);
    for (const edge of out.get(at)!) {
      const next = new Map(state);
      let open = true;
      for (const step of edge.steps) {
        if (step.kind === 'assume') open = value(step.condition, next) === true;
        else if (step.kind === 'assign') next.set(step.target, value(step.value, next));
        else if (step.kind === 'havoc') next.set(step.target, defaultValue(step.target.sort));
        if (!open) break;
      }
      if (open) work.push({ at: edge.to, state: next });
    }
  }
  return { results, reached };
}
