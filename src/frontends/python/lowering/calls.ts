/**
 * Calls (language reference 6.3.4): arguments are matched to parameters, missing ones take their defaults, what does not fit raises
 * TypeError. A call of a function of the module is a call step to the instance of the function for these argument types.
 */

import { boolSort, intSort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import type { Arguments, Expression, Node } from '../ast.ts';
import type { Body } from './body.ts';
import { callBuiltin, makeException } from './builtins.ts';
import { evaluate, evaluateAll } from './expressions.ts';
import { instanceOf, procedureNameOf, summaryOf } from './instances.ts';
import { demand, describeTypes, isObject } from './narrowing.ts';
import { failUnless, raiseValue, typeError } from './raising.ts';
import {
  builtinOf,
  classOf,
  functionOf,
  moduleOf,
  noneType,
  payloadKind,
  type Types,
  textOf,
  typesOf,
} from './types.ts';
import type { FunctionInfo } from './unit.ts';
import { nothing, type Value } from './value.ts';

type Call = Expression & { kind: 'Call' };

export function evaluateCall(body: Body, node: Call): Value {
  let callee = evaluate(body, node.func);
  if (!body.alive) return nothing;
  const text = `\`${body.unit.text(node)}\``;
  callee = demand(
    body,
    callee,
    (type) => !isObject(type) || callee.types.length === 1,
    () => {
      body.unsupported(node, `the call ${text}`);
    },
  );
  if (!body.alive || callee.types.length === 0) return nothing;
  if (callee.types.length > 1) return body.unsupported(node, `the call ${text} of ${describeTypes(callee.types)}`);
  const [type] = callee.types;
  const builtin = builtinOf(type!);
  if (builtin !== undefined) return callBuiltin(body, builtin, node);
  const cls = classOf(type!);
  if (cls !== undefined) return makeException(body, cls, node);
  const id = functionOf(type!);
  if (id !== undefined) return callFunction(body, body.unit.functions[id]!, node);
  if (isObject(type!)) return body.unsupported(node, `the call ${text} of ${describeTypes(callee.types)}`);
  evaluateAll(body, [...node.args, ...node.keywords.map((k) => k.value)]);
  if (!body.alive) return nothing;
  const notCallable =
    textOf(type!) !== undefined || type === noneType || moduleOf(type!) !== undefined || payloadKind([type!]);
  if (!notCallable) return body.unsupported(node, `the call ${text}`);
  failUnless(body, false, typeError(node, text, `${describeTypes(callee.types)} is not callable`));
  return nothing;
}

function callFunction(body: Body, info: FunctionInfo, node: Call): Value {
  const text = `\`${body.unit.text(node)}\``;
  if (info.obstacle) return body.unsupported(node, `the call ${text} of ${info.obstacle}`);
  if (node.args.some((a) => a.kind === 'Starred') || node.keywords.some((k) => k.arg === null)) {
    return body.unsupported(node, `\`*\` or \`**\` in the call ${text}`);
  }
  const given = evaluateAll(body, [...node.args, ...node.keywords.map((k) => k.value)]);
  if (!body.alive) return nothing;
  const matched = matchArguments(body, info, node, given);
  if (typeof matched === 'string') {
    failUnless(body, false, typeError(node, text, matched));
    return nothing;
  }
  if (matched.length === 0 && parameterCount(info.node.args) > 0) return body.unsupported(node, `the call ${text}`);
  return callInstance(body, info, matched, node);
}

const parameterCount = (args: Arguments): number => args.posonlyargs.length + args.args.length + args.kwonlyargs.length;

/** The value of each parameter, or what is wrong with the arguments. Empty if a default is not known. */
function matchArguments(body: Body, info: FunctionInfo, node: Call, given: readonly Value[]): Value[] | string {
  const { args } = info.node;
  const positional = [...args.posonlyargs, ...args.args];
  const names = [...positional, ...args.kwonlyargs].map((p) => p.arg);
  const found = new Map<string, Value>();
  if (node.args.length > positional.length) {
    return `${info.name} takes ${positional.length} positional arguments, ${node.args.length} are given`;
  }
  for (let i = 0; i < node.args.length; i += 1) found.set(names[i]!, given[i]!);
  for (const [i, { arg }] of node.keywords.entries()) {
    const name = arg!;
    if (!names.includes(name)) return `${info.name} has no parameter ${name}`;
    if (args.posonlyargs.some((p) => p.arg === name)) return `the parameter ${name} of ${info.name} is positional-only`;
    if (found.has(name)) return `${info.name} gets several values for ${name}`;
    found.set(name, given[node.args.length + i]!);
  }
  const values: Value[] = [];
  for (const name of names) {
    const value = found.get(name) ?? defaultValue(body, info, name);
    if (value === 'missing') return `the argument ${name} of ${info.name} is missing`;
    if (value === 'unknown') return [];
    values.push(value);
  }
  return values;
}

/** The default of a parameter: a literal, or the variable in which the `def` kept the value. */
function defaultValue(body: Body, info: FunctionInfo, name: string): Value | 'missing' | 'unknown' {
  const node = defaultOf(info.node.args, name);
  if (!node) return 'missing';
  if (isLiteral(node)) return evaluate(body, node);
  const key = defaultKey(info, name);
  const value = body.load(key);
  return value.types.length === 0 || value.types.includes('unbound') ? 'unknown' : value;
}

export const defaultKey = (info: FunctionInfo, name: string): string => `::.${info.name}.${name}@${info.node.start}`;

export function defaultOf(args: Arguments, name: string): Expression | undefined {
  const positional = [...args.posonlyargs, ...args.args];
  const index = positional.findIndex((p) => p.arg === name);
  if (index >= 0) return args.defaults[index - (positional.length - args.defaults.length)];
  const keyword = args.kwonlyargs.findIndex((p) => p.arg === name);
  return args.kw_defaults[keyword] ?? undefined;
}

/** A literal, perhaps with a sign: it means the same whenever it is evaluated. */
export function isLiteral(node: Expression): boolean {
  if (node.kind === 'UnaryOp')
    return node.op === 'USub' && node.operand.kind === 'Constant' && node.operand.value.type === 'int';
  return node.kind === 'Constant';
}

/** Carries out a call whose arguments are known. */
function callInstance(body: Body, info: FunctionInfo, args: readonly Value[], node: Node): Value {
  const { unit, values } = body;
  const guarded = body.jumps.raise !== undefined;
  const parameterTypes = args.map((value) => value.types);
  const globals = unit.sharedPart(body.environment);
  const instance = instanceOf(info, guarded, parameterTypes, globals);
  body.here();
  const summary = summaryOf(unit, instance);
  const results: SymbolTerm[] = [];
  const result = resultValue(body, summary.result, results);
  const outcome = typesOf(noneType, ...summary.raises);
  const raised = guarded && summary.raises.length > 0 ? resultValue(body, outcome, results) : undefined;
  if (!body.dry) {
    const terms = args.flatMap((value) => [value.payload, value.tag].filter((t): t is Term => t !== undefined));
    const callee = procedureNameOf(unit, instance);
    body.call({ kind: 'call', callee, args: terms, results, origin: unit.span(node) });
  }
  body.afterCall(summary.globals);
  if (!body.alive) return nothing;
  if (raised) {
    const { yes, no } = body.split(values.term(values.hasType(raised, (type) => type === noneType)));
    body.resume(summary.result.length > 0 ? no : body.point());
    raiseValue(body, values.narrow(raised, summary.raises));
    body.resume(summary.result.length > 0 ? yes : undefined);
    return body.alive ? result : nothing;
  }
  if (summary.result.length === 0) body.afterCall(undefined);
  return body.alive ? result : nothing;
}

/** Temporaries that receive a result of these types; they are added to `results`. */
function resultValue(body: Body, types: Types, results: SymbolTerm[]): Value {
  const kind = payloadKind(types);
  const payload = kind && body.temporary('result', kind === 'bool' ? boolSort : intSort);
  const tag = types.length > 1 ? body.temporary('result.type', intSort) : undefined;
  for (const symbol of [payload, tag]) if (symbol) results.push(symbol);
  return { types, ...(payload ? { payload } : {}), ...(tag ? { tag } : {}) };
}
