import { unsupported } from '../diagnostics.ts';
import { textOf } from '../preprocessor/source-file.ts';
import { type CType, compatible, type FunctionType } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf, TypedUnit } from '../types/typed.ts';
import { callFunction } from './calls.ts';
import { expressionsIn, expressionsOf, planParts } from './effects.ts';
import { lowerValue } from './expressions.ts';
import type { Value } from './integers.ts';
import type { RecordValue } from './records.ts';
import type { FunctionState } from './state.ts';
import { leavesOf } from './storage.ts';

/**
 * Calls through pointers. The callee is one of the functions whose address the program takes and whose type fits the call;
 * which one, the pointer's value decides. A pointer to anything else, or to a function of another type, is undefined
 * behaviour [C11 6.3.2.3p8]: a check that fails.
 */
export function callThroughPointer(
  f: FunctionState,
  e: TypedOf<'call'>,
  as?: 'record',
): Value | RecordValue | undefined {
  const { terms, unit } = f;
  const pointer = f.save(lowerValue(f, e.callee), { kind: 'pointer', to: { kind: 'void' } }, 'function pointer');
  const type = e.callee.type.kind === 'pointer' ? e.callee.type.to : e.callee.type;
  if (type.kind !== 'function') return unsupported('C0607', `this call (\`${textOf(e.range)}\`)`, e.range);
  const candidates = takenFunctions(unit.unit).filter((symbol) => fits(type, symbol.type));
  const leaves = leavesOf(e.type);
  if (!leaves && candidates.length > 1)
    return unsupported(
      'C0607',
      `a call through a pointer that returns a union or array (\`${textOf(e.range)}\`)`,
      e.range,
    );
  const isOne = candidates.map((symbol) => terms.equal(pointer.term, unit.functionObject(symbol).base));
  if (unit.checked('pointer')) {
    f.require(
      {
        kind: 'pointer',
        property: terms.any(isOne),
        text: `the pointer called in {} leads to a function of its type`,
        failure: `{} calls through a pointer that leads to no function of its type`,
      },
      e.range,
    );
  } else {
    f.emit({ kind: 'assume', condition: terms.any(isOne) });
  }
  if (candidates.length === 0) {
    f.stop();
    return noValue(f, e, as);
  }
  // The arguments are evaluated once in each branch, which is once on every run.
  const results = (leaves ?? []).map((leaf) => ({ leaf, symbol: f.temporary('result of the call', leaf.type) }));
  const after = f.newLocation();
  let only: RecordValue | undefined;
  for (const [i, symbol] of candidates.entries()) {
    const here = f.newLocation();
    const next = f.newLocation();
    if (i === candidates.length - 1) {
      f.emit({ kind: 'assume', condition: isOne[i]! });
      f.jump(here);
    } else {
      f.branch(isOne[i]!, here, next);
    }
    f.resume(here);
    const value = as === 'record' ? callFunction(f, symbol, e, true, 'record') : callFunction(f, symbol, e, true);
    if (f.alive && value !== undefined) {
      if ('kind' in value && value.kind === 'memory') only = value;
      else if ('kind' in value) {
        for (const { leaf, symbol: target } of results)
          f.emit({ kind: 'assign', target, value: value.parts.get(leaf.path)!.value.term });
      } else if (results[0]) f.emit({ kind: 'assign', target: results[0].symbol, value: value.term });
    }
    f.jump(after);
    f.resume(next);
  }
  f.resumeIfReached(after);
  if (only) return only;
  const values = results.map(({ leaf, symbol }) => ({ leaf, value: { term: symbol, ...f.boundsOf(leaf.type) } }));
  if (as === 'record') return { kind: 'scalars', parts: new Map(values.map((v) => [v.leaf.path, v])) };
  return values[0]?.value;
}

function noValue(f: FunctionState, e: TypedOf<'call'>, as?: 'record'): Value | RecordValue | undefined {
  const leaves = leavesOf(e.type) ?? [];
  const parts = leaves.map((leaf) => [leaf.path, { leaf, value: f.anything(leaf.type) }] as const);
  return as === 'record' ? { kind: 'scalars', parts: new Map(parts) } : parts[0]?.[1].value;
}

function fits(called: FunctionType, type: FunctionType): boolean {
  const same = (a: CType, b: CType): boolean => compatible(a, b);
  if (!same(called.result, type.result)) return false;
  if (called.prototype && type.prototype)
    return (
      called.variadic === type.variadic &&
      called.parameters.length === type.parameters.length &&
      called.parameters.every((p, i) => same(p, type.parameters[i]!))
    );
  // Without a prototype on one side, the numbers of arguments are not compared [C11 6.5.2.2p6].
  return true;
}

const known = new WeakMap<TypedUnit, readonly FunctionSymbol[]>();

/** The functions of a unit whose address is used other than for calling them at once, in order of definition. */
export function takenFunctions(unit: TypedUnit): readonly FunctionSymbol[] {
  const found = known.get(unit);
  if (found) return found;
  const taken = new Set<FunctionSymbol>();
  const look = (root: Typed): void => {
    const called = new Set<Typed>();
    for (const e of expressionsIn(root)) {
      if (e.kind === 'call') called.add(e.callee);
      if (e.kind === 'address' && e.lvalue.kind === 'function' && !called.has(e)) taken.add(e.lvalue.symbol);
    }
  };
  for (const symbol of unit.functions.values())
    if (symbol.body) for (const root of expressionsOf(symbol.body.statement)) look(root);
  for (const variable of unit.globals)
    for (const part of variable.initializer ? planParts(variable.initializer) : []) look(part);
  const list = [...unit.functions.values()].filter((symbol) => taken.has(symbol));
  known.set(unit, list);
  return list;
}
