import { liveAtEntry } from '../../src/program/liveness.ts';
import { type LocationId, mainProcedure, outgoing, type Program, type Step } from '../../src/program/program.ts';
import { evaluate } from '../../src/terms/evaluate.ts';
import type { SymbolTerm } from '../../src/terms/term.ts';
import { type Value, valueKey } from '../../src/terms/value.ts';

/**
 * Explicit-state search over a flat program, written apart from the interpreter and the engines: the referee of the
 * property tests. Unbounded variables are followed up to a bound; beyond it the answer is undefined.
 */
export interface Truth {
  /** Every run ends. */
  readonly terminates: boolean | undefined;
  /** No check fails. */
  readonly safe: boolean | undefined;
}

type State = { at: LocationId; values: Value[] };

export function explore(program: Program, bound = 40n, stateLimit = 60_000): Truth {
  const main = mainProcedure(program);
  const variables = [...main.params, ...main.locals];
  const position = new Map<SymbolTerm, number>(variables.map((v, i) => [v, i]));
  const out = outgoing(main);
  let complete = true;
  let safe = true;
  const domain = (v: SymbolTerm): bigint[] => {
    const range = program.variables.get(v)?.range;
    const low = range?.low ?? -bound;
    const high = range?.high ?? bound;
    if (range?.low === undefined || range.high === undefined) complete = false;
    const values: bigint[] = [];
    for (let i = low; i <= high; i++) values.push(i);
    return values;
  };
  const key = (s: State): string => `${s.at}:${s.values.map(valueKey).join(',')}`;
  const lookup = (s: Value[]) => (symbol: SymbolTerm) => s[position.get(symbol)!];

  const apply = (values: Value[], steps: readonly Step[]): Value[][] => {
    let current: Value[][] = [values];
    for (const step of steps) {
      const next: Value[][] = [];
      for (const state of current) {
        if (step.kind === 'assume') {
          if (evaluate(step.condition, lookup(state)) === true) next.push(state);
        } else if (step.kind === 'assign') {
          const copy = [...state];
          copy[position.get(step.target)!] = evaluate(step.value, lookup(state));
          next.push(copy);
        } else if (step.kind === 'havoc') {
          for (const value of domain(step.target)) {
            const copy = [...state];
            copy[position.get(step.target)!] = value;
            next.push(copy);
          }
        }
      }
      current = next;
    }
    return current;
  };

  const successors = (s: State): State[] => {
    for (const check of program.checks) {
      if (check.at === s.at && evaluate(check.property, lookup(s.values)) === false) {
        safe = false;
        return [];
      }
    }
    const result: State[] = [];
    for (const edge of out.get(s.at)!) {
      for (const values of apply(s.values, edge.steps)) {
        if (
          values.some(
            (v, i) =>
              typeof v === 'bigint' && (v > bound || v < -bound) && !program.variables.get(variables[i]!)?.range,
          )
        ) {
          complete = false;
          continue;
        }
        result.push({ at: edge.to, values });
      }
    }
    return result;
  };

  // Iterative depth-first search with colours: a grey successor is a cycle.
  const colour = new Map<string, 'grey' | 'black'>();
  let cycle = false;
  const live = liveAtEntry(main, new Map(), new Map());
  let starts: Value[][] = [variables.map(() => 0n)];
  for (const v of main.params) {
    if (!live.has(v)) continue;
    starts = starts.flatMap((s) => domain(v).map((value) => s.map((old, i) => (i === position.get(v) ? value : old))));
  }
  for (const values of starts) {
    const root: State = { at: main.entry, values };
    if (colour.has(key(root))) continue;
    const stack: { state: State; rest: State[] }[] = [{ state: root, rest: successors(root) }];
    colour.set(key(root), 'grey');
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const next = top.rest.pop();
      if (!next) {
        colour.set(key(top.state), 'black');
        stack.pop();
        continue;
      }
      const seen = colour.get(key(next));
      if (seen === 'grey') cycle = true;
      if (seen) continue;
      if (colour.size > stateLimit) return { terminates: cycle ? false : undefined, safe: safe ? undefined : false };
      colour.set(key(next), 'grey');
      stack.push({ state: next, rest: successors(next) });
    }
  }
  return {
    terminates: cycle ? false : complete ? true : undefined,
    safe: safe ? (complete ? true : undefined) : false,
  };
}
