import { type Program, stateVariables } from '../program/program.ts';
import type { Trace } from '../program/trace.ts';
import type { Unwinding } from '../program/unwinding.ts';
import { evaluate } from '../terms/evaluate.ts';
import type { SymbolTerm } from '../terms/term.ts';
import { defaultValue, type Value } from '../terms/value.ts';

/** Follows a model through the unwinding to the first target it meets. */
export function traceOf(program: Program, unwinding: Unwinding, model: ReadonlyMap<SymbolTerm, Value>) {
  const value = (symbol: SymbolTerm): Value => model.get(symbol) ?? defaultFor(program, symbol);
  const initial = new Map(stateVariables(program).map((s) => [s, value(s)] as const));
  const meets = new Map<number, (typeof unwinding.met)[number][]>();
  for (const m of unwinding.met) meets.set(m.node, [...(meets.get(m.node) ?? []), m]);
  const havocs: Value[] = [];
  const decisions: number[] = [];
  let at = 0;
  for (;;) {
    if (meets.get(at)?.some((m) => evaluate(m.condition, value) === true)) {
      const trace: Trace = { initial, havocs, decisions };
      return { kind: 'trace', trace, steps: decisions.length } as const;
    }
    const arc = unwinding.nodes[at]!.arcs.find((a) => evaluate(a.condition, value) === true);
    if (arc?.to === undefined) return undefined;
    havocs.push(...arc.inputs.map(value));
    decisions.push(arc.edge.id);
    at = arc.to;
  }
}

/** An input the model does not mention may hold anything: the nearest value to the default in its range. */
function defaultFor(program: Program, symbol: SymbolTerm): Value {
  const value = defaultValue(symbol.sort);
  const base = symbol.name.replace(/\?\d+$/, '');
  const known = program.variables.get(symbol) ?? program.variables.get(program.terms.symbol(base, symbol.sort));
  const range = known?.range;
  if (typeof value !== 'bigint' || !range) return value;
  if (range.low !== undefined && value < range.low) return range.low;
  if (range.high !== undefined && value > range.high) return range.high;
  return value;
}
