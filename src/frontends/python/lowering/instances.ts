/**
 * Instances of functions: one for each combination of argument types, types of the shared globals, and whether an exception may be
 * caught by a caller. A summary says what an instance may return, raise and leave in the globals. Summaries are computed by dry runs
 * from the outermost call inwards, again and again until none changes: with recursion this is the least fixed point.
 */
import { invariant } from '../../../base/unreachable.ts';
import type { ProcedureBuilder } from '../../../program/builder.ts';
import { boolSort, intSort } from '../../../terms/sort.ts';
import type { SymbolTerm } from '../../../terms/term.ts';
import type { Arguments } from '../ast.ts';
import { Body, type Environment, environmentKey, joinAll } from './body.ts';
import { evaluate } from './expressions.ts';
import { raisedKey } from './raising.ts';
import { execute } from './statements.ts';
import { join, noneType, payloadKind, sameTypes, type Types, typesOf } from './types.ts';
import type { FunctionInfo, Unit } from './unit.ts';
import type { Value } from './value.ts';

export interface Instance {
  readonly key: string;
  readonly info: FunctionInfo;
  readonly guarded: boolean;
  readonly parameterTypes: readonly Types[];
  readonly globals: Environment;
}

export interface Summary {
  /** Empty: it never returns. */
  readonly result: Types;
  readonly raises: Types;
  /** The types of the shared globals afterwards; undefined: it neither returns nor raises. */
  readonly globals: Environment | undefined;
}

/** The pseudo-variable with the value to be returned. */
export const returnKey = '.return';

/** It neither returns nor raises, as far as is known. */
export const bottom: Summary = { result: [], raises: [], globals: undefined };

export function instanceOf(
  info: FunctionInfo,
  guarded: boolean,
  parameterTypes: readonly Types[],
  globals: Environment,
): Instance {
  const types = parameterTypes.map((t) => t.join('|')).join(',');
  const key = `${info.id} ${guarded} (${types}) ${environmentKey(globals)}`;
  return { key, info, guarded, parameterTypes, globals };
}

export const parameterNames = (args: Arguments): string[] =>
  [...args.posonlyargs, ...args.args, ...args.kwonlyargs].map((p) => p.arg);

export function summaryOf(unit: Unit, instance: Instance): Summary {
  const known = unit.summaries.get(instance.key) ?? bottom;
  if (unit.visited.has(instance.key)) return known;
  unit.visited.add(instance.key);
  const found = unit.nested(() => runDry(unit, instance));
  const globals = joinGlobals(known.globals, found.globals);
  const next: Summary = { result: join(known.result, found.result), raises: join(known.raises, found.raises), globals };
  const same =
    sameTypes(next.result, known.result) &&
    sameTypes(next.raises, known.raises) &&
    (globals === undefined) === (known.globals === undefined) &&
    (!globals || environmentKey(globals) === environmentKey(known.globals!));
  if (!same) {
    unit.summaries.set(instance.key, next);
    unit.summariesChanged = true;
  }
  return unit.summaries.get(instance.key) ?? bottom;
}

function joinGlobals(a: Environment | undefined, b: Environment | undefined): Environment | undefined {
  return a && b ? joinAll([a, b]) : (a ?? b);
}

function runDry(unit: Unit, instance: Instance): Summary {
  const body = bodyOf(unit, instance, undefined);
  const { returned, raised } = run(body, instance);
  let globals: Environment | undefined;
  let result: Types = [];
  let raises: Types = [];
  if (returned) {
    body.resume(returned);
    result = body.typesOf(returnKey);
    globals = unit.sharedPart(body.environment);
  }
  if (raised) {
    body.resume(raised);
    raises = body.typesOf(raisedKey);
    globals = joinGlobals(globals, unit.sharedPart(body.environment));
  }
  return { result, raises, globals };
}

export function bodyOf(unit: Unit, instance: Instance, procedure: ProcedureBuilder | undefined): Body {
  const environment = new Map(instance.globals);
  const names = parameterNames(instance.info.node.args);
  for (const [i, types] of instance.parameterTypes.entries()) environment.set(names[i]!, types);
  const body = new Body(unit, instance.info.scope, procedure, environment);
  if (instance.guarded) body.jumps = { ...body.jumps, raise: body.collector() };
  return body;
}

type Ends = Record<'returned' | 'raised', ReturnType<Body['point']> | undefined>;

/** Lowers the function's body; where it returns, and where an exception leaves it. */
export function run(body: Body, instance: Instance): Ends {
  const { node } = instance.info;
  const { jumps } = body;
  if (node.kind === 'Lambda') {
    const value = evaluate(body, node.body);
    if (body.alive) body.store(returnKey, value);
  } else {
    execute(body, node.body);
    if (body.alive) body.store(returnKey, body.values.object(noneType));
  }
  body.jump(jumps.return);
  const joined = (points: readonly ReturnType<Body['point']>[] | undefined): Ends['returned'] => {
    body.join(points ?? []);
    return body.alive ? body.point() : undefined;
  };
  return { returned: joined(jumps.return.points), raised: joined(jumps.raise?.points) };
}

/** The name of the instance's procedure; the first time, its code is put on the list of what is to be made. */
export function procedureNameOf(unit: Unit, instance: Instance): string {
  let name = unit.procedureNames.get(instance.key);
  if (name === undefined) {
    const taken = new Set(unit.procedureNames.values());
    name = instance.info.name;
    for (let i = 2; taken.has(name); i += 1) name = `${instance.info.name}#${i}`;
    unit.procedureNames.set(instance.key, name);
    unit.pending.push(instance);
  }
  return name;
}

/** Makes the procedures of all instances that are called. */
export function makePending(unit: Unit): void {
  for (let instance = unit.pending.pop(); instance; instance = unit.pending.pop()) {
    const procedure = unit.builder.procedure(unit.procedureNames.get(instance.key)!);
    const body = bodyOf(unit, instance, procedure);
    const names = parameterNames(instance.info.node.args);
    for (const [i, types] of instance.parameterTypes.entries()) body.declareParameter(names[i]!, types);
    const summary = unit.summaries.get(instance.key) ?? bottom;
    makeProcedure(body, instance, summary);
    procedure.finish(unit.span(instance.info.node));
  }
}

export interface Results {
  readonly result: Value;
  readonly raised: Value | undefined;
}

/** Lowers an instance for real, up to the exit of its procedure. requires: parameters are declared, the summary is final. */
export function makeProcedure(body: Body, instance: Instance, summary: Summary): Results {
  const result = declareResult(body, 'result', summary.result);
  const outcome = typesOf(noneType, ...summary.raises);
  const raised = instance.guarded && summary.raises.length > 0 ? declareResult(body, 'exception', outcome) : undefined;
  const { returned, raised: thrown } = run(body, instance);
  body.resume(returned);
  if (body.alive) {
    assignResult(
      body,
      result,
      body.values.widen(body.load(returnKey), checkedWithin(body.typesOf(returnKey), summary.result)),
    );
    if (raised) assignResult(body, raised, body.values.widen(body.values.object(noneType), outcome));
    body.leave(summary.globals!);
  }
  body.resume(thrown);
  if (body.alive && raised) {
    assignResult(body, raised, body.values.widen(body.load(raisedKey), outcome));
    body.leave(summary.globals!);
  }
  return { result, raised };
}

function checkedWithin(types: Types, bound: Types): Types {
  invariant(join(types, bound).join() === bound.join(), `types ${types} grew beyond the summary ${bound}`);
  return bound;
}

function declareResult(body: Body, name: string, types: Types): Value {
  const kind = payloadKind(types);
  const payload = kind && body.declareResult(name, kind === 'bool' ? boolSort : intSort);
  const tag = types.length > 1 ? body.declareResult(`${name}.type`, intSort) : undefined;
  return { types, ...(payload ? { payload } : {}), ...(tag ? { tag } : {}) };
}

function assignResult(body: Body, target: Value, value: Value): void {
  if (target.payload) body.emit({ kind: 'assign', target: target.payload as SymbolTerm, value: value.payload! });
  if (target.tag) body.emit({ kind: 'assign', target: target.tag as SymbolTerm, value: value.tag! });
}
