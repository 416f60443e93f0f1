/**
 * The program that a question is about: the module's own code, or one function called with any arguments after the module was loaded.
 */
import type { Diagnostic } from '../../../base/diagnostic.ts';
import { inlineCalls, recursiveProcedures } from '../../../program/inline.ts';
import type { LocationId, Program } from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { children, type Expression, type FunctionDef, type Module, type Node, type Statement } from '../ast.ts';
import { namesBoundAt, nodesOf } from '../bound-names.ts';
import { rememberOrigin, type StoredValue } from '../replay.ts';
import { Body, type Environment } from './body.ts';
import { isLiteral } from './calls.ts';
import { evaluate } from './expressions.ts';
import { bodyOf, bottom, type Instance, instanceOf, makePending, makeProcedure, summaryOf } from './instances.ts';
import { type AskedParameter, askedParameters } from './parameters.ts';
import { execute } from './statements.ts';
import {
  functionOf,
  functionType,
  isNumeric,
  moduleType,
  objectType,
  payloadKind,
  type Types,
  typesOf,
  unboundType,
} from './types.ts';
import { type FunctionInfo, TooComplex, type Unit } from './unit.ts';
import type { Value } from './value.ts';

export interface AskedProgram {
  readonly program: Program;
  readonly exit: LocationId;
  /** What the function returns, at its exit; absent for the module. */
  readonly result?: Value;
  /** Whether the result is an int or a bool; absent for the module. */
  readonly isNumber?: Term;
  readonly parameters: readonly AskedParameter[];
  /** Hold whatever is asked. */
  readonly assumptions: readonly Assumption[];
  readonly unsupported: readonly Diagnostic[];
}

// ---- the module's own code

export function moduleProgram(unit: Unit): AskedProgram {
  const { module, symbols } = unit.module;
  stable(unit, () => {
    const body = new Body(unit, symbols.module, undefined, new Map());
    execute(body, module.body);
  });
  const procedure = unit.builder.procedure('module');
  const body = new Body(unit, symbols.module, procedure, new Map());
  execute(body, module.body);
  body.leave(new Map());
  procedure.finish(unit.span(module));
  makePending(unit);
  return finish(unit, 'module', procedure.exit, { globals: [] });
}

/** Repeats a dry run until no summary changes: the least fixed point of the types. */
function stable(unit: Unit, dryRun: () => void): void {
  do {
    unit.summariesChanged = false;
    unit.visited.clear();
    unit.loopEnvironments.clear();
    dryRun();
  } while (unit.summariesChanged);
}

/** Programs with more edges than this, calls written out, are refused. */
const edgeLimit = 50_000;

interface Finished {
  readonly asked?: readonly AskedParameter[];
  readonly parameters?: readonly StoredValue[];
  readonly globals: readonly StoredValue[];
  readonly result?: Value;
}

function finish(unit: Unit, name: string, exit: LocationId, made: Finished): AskedProgram {
  const { result, parameters } = made;
  const program = unit.builder.build(name);
  if (recursiveProcedures(program).size > 0) {
    unit.assume({ kind: 'environment', text: "CPython's limit on the depth of recursion is not reached" });
  }
  const flat = inlineCalls(program, edgeLimit);
  if (flat === 'too-large') throw new TooComplex('the program is too large once its calls are written out');
  const assumptions = [...unit.assumptions.values()];
  const { unsupported } = unit;
  const isNumber = result && unit.values.term(unit.values.hasType(result, isNumeric));
  const returned = result && isNumber ? { result, isNumber } : {};
  rememberOrigin(flat, {
    globals: made.globals,
    typeOfTag: unit.values.typeOfTag,
    ...(parameters ? { parameters } : {}),
  });
  return { program: flat, exit, ...returned, parameters: made.asked ?? [], assumptions, unsupported };
}

// ---- one function

export function functionProgram(unit: Unit, node: FunctionDef): AskedProgram {
  const info = unit.functionOfNode.get(node)!;
  if (info.obstacle) throw new TooComplex(`a question about ${info.obstacle} is not modelled`);
  const parameters = askedParameters(unit, node);
  const globals = globalsFor(unit, info);
  const types = parameters.map((p) => p.types);
  const instance = instanceOf(info, false, types, new Map([...globals].map(([key, g]) => [key, g.types])));
  stable(unit, () => {
    summaryOf(unit, instance);
  });
  return realise(unit, instance, parameters, globals);
}

function realise(
  unit: Unit,
  instance: Instance,
  parameters: readonly AskedParameter[],
  globals: ReadonlyMap<string, Global>,
): AskedProgram {
  const { info } = instance;
  // A name that no call of the function has: the asked function may also call itself.
  const name = `${info.name} (asked)`;
  const procedure = unit.builder.procedure(name);
  const body = bodyOf(unit, instance, procedure);
  const keywordOnly = new Set(info.node.args.kwonlyargs.map((p) => p.arg));
  const stored = parameters.map(({ name, types, node }): StoredValue => {
    const annotation = node.annotation ? { typeText: unit.text(node.annotation) } : {};
    const symbols = body.declareParameter(name, types, { origin: unit.span(node), ...annotation });
    constrain(unit, body, name, types);
    return storedValue(name, types, symbols, keywordOnly.has(name));
  });
  const free: StoredValue[] = [];
  for (const [key, { types, literal }] of globals) {
    if (literal) body.store(key, evaluate(body, literal));
    else constrain(unit, body, key, types);
    const kind = payloadKind(types);
    if (literal || !kind) continue;
    const name = key.slice(2);
    const symbols = types.length > 1 ? [body.slot(key, kind), body.slot(key, 'tag')] : [body.slot(key, kind)];
    if (!name.startsWith('.')) free.push(storedValue(name, types, symbols, false));
    unit.assume({
      kind: 'environment',
      text: `the global ${name} has the type that the module gave it, and any value`,
    });
  }
  const { result } = makeProcedure(body, instance, unit.summaries.get(instance.key) ?? bottom);
  const finished = procedure.finish(unit.span(info.node));
  makePending(unit);
  const { exit } = procedure;
  const args = result.payload ? [result.payload] : [];
  unit.builder.event({ kind: 'return', at: exit, text: '', args, origin: unit.span(info.node) });
  return finish(unit, finished.name, exit, { asked: parameters, parameters: stored, globals: free, result });
}

function storedValue(name: string, types: Types, symbols: readonly SymbolTerm[], keywordOnly: boolean): StoredValue {
  const payload = payloadKind(types) ? symbols[0] : undefined;
  return { name, keywordOnly, types, payload, tag: types.length > 1 ? symbols.at(-1) : undefined };
}

/** The tag of a variable that holds anything at first is one of its types. */
function constrain(unit: Unit, body: Body, key: string, types: Types): void {
  if (types.length <= 1) return;
  const t = unit.values.terms;
  const tag = body.slot(key, 'tag');
  const is = (type: string): Term => t.equal(tag, t.int(unit.values.number(type)));
  const parts = types.map(is);
  body.emit({ kind: 'assume', condition: t.any(parts) });
  if (types.includes('bool') && payloadKind(types) === 'int') {
    const x = body.slot(key, 'int');
    const isBit = t.or(t.equal(x, t.int(0)), t.equal(x, t.int(1)));
    body.emit({ kind: 'assume', condition: t.implies(is('bool'), isBit) });
  }
}

interface Global {
  readonly types: Types;
  /** The literal that it always holds. */
  readonly literal?: Expression;
}

/** The globals that a function and what it calls may use, as they are once the module was loaded. */
function globalsFor(unit: Unit, info: FunctionInfo): ReadonlyMap<string, Global> {
  const loaded = afterLoading(unit);
  const found = new Map<string, Global>();
  const work = [info];
  const seen = new Set(work);
  for (let next = work.pop(); next; next = work.pop()) {
    for (const name of globalNames(unit, next.node)) {
      const key = `::${name}`;
      if (found.has(key) || !unit.binds(name)) continue;
      const types = loaded.get(key) ?? typesOf(unboundType);
      const literal = onlyLiteral(unit, name);
      found.set(key, literal ? { types, literal } : { types });
      for (const type of types) {
        const id = functionOf(type);
        const called = id === undefined ? undefined : unit.functions[id]!;
        if (called && !seen.has(called)) {
          seen.add(called);
          work.push(called);
        }
      }
    }
  }
  for (const [key, types] of loaded) if (key.startsWith('::.')) found.set(key, { types });
  return found;
}

function globalNames(unit: Unit, root: Node): Set<string> {
  const names = new Set<string>();
  for (const node of nodesOf([root])) {
    const scope = unit.module.symbols.scopes.get(node);
    if (scope) for (const name of scope.names.keys()) if (!scope.resolve(name).parent) names.add(name);
  }
  return names;
}

/** The types of the globals after the module's code; where that is not modelled, what its definitions alone say. */
function afterLoading(unit: Unit): Environment {
  const { module, symbols } = unit.module;
  let end: Environment | undefined;
  stable(unit, () => {
    const body = new Body(unit, symbols.module, undefined, new Map());
    execute(body, module.body);
    end = body.alive ? unit.sharedPart(body.environment) : undefined;
  });
  return end ?? definitions(unit, module);
}

function definitions(unit: Unit, module: Module): Environment {
  const types = new Map<string, Types>();
  const add = (name: string, type: string): void => {
    const key = `::${name}`;
    types.set(
      key,
      types.has(key) ? typesOf(objectType(`the global ${name}, which is assigned several times,`)) : typesOf(type),
    );
  };
  for (const node of module.body) {
    if (node.kind === 'FunctionDef') {
      const info = unit.functionOfNode.get(node)!;
      const plain = node.decorator_list.length === 0 && !info.obstacle;
      add(node.name, plain ? functionType(info.id) : objectType(info.obstacle ?? 'a decorated function'));
    } else if (node.kind === 'Import') {
      for (const { name, asname } of node.names)
        add(asname ?? name.split('.')[0]!, moduleType(asname ? name : name.split('.')[0]!));
    } else {
      const literal = literalOf(node);
      if (literal) add(literal.name, literal.type);
    }
  }
  for (const name of unit.module.symbols.module.names.keys()) {
    const key = `::${name}`;
    const count = bindings(unit, name);
    if (count > 0 && (!types.has(key) || count > 1))
      types.set(key, typesOf(objectType(`the global ${name}, whose value is not known,`)));
  }
  return types;
}

function literalOf(node: Statement): { readonly name: string; readonly type: string } | undefined {
  const target =
    node.kind === 'Assign' && node.targets.length === 1
      ? node.targets[0]!
      : node.kind === 'AnnAssign'
        ? node.target
        : undefined;
  const value = node.kind === 'Assign' || node.kind === 'AnnAssign' ? node.value : null;
  if (target?.kind !== 'Name' || !value || !isLiteral(value)) return undefined;
  const constant = value.kind === 'Constant' ? value.value : undefined;
  if (!constant || constant.type === 'int' || constant.type === 'bool')
    return { name: target.id, type: constant?.type ?? 'int' };
  return constant.type === 'None' ? { name: target.id, type: 'None' } : undefined;
}

/** How many places of the source may bind a global name: in the module's own code, and where a function says `global`. */
function bindings(unit: Unit, name: string): number {
  const { module, symbols } = unit.module;
  let count = 0;
  const stack: Node[] = [module];
  for (let node = stack.pop(); node; node = stack.pop()) {
    const scope = symbols.scopes.get(node);
    const own = !scope || scope.isComprehension || !scope.parent;
    if (namesBoundAt(node).includes(name)) count += 1;
    if (own) stack.push(...children(node));
    else if (scope.names.get(name)?.declared === 'global') count += 2;
    else
      for (const inner of nodesOf(children(node)))
        if (symbols.scopes.get(inner)?.names.get(name)?.declared === 'global') count += 2;
  }
  return count;
}

/** The literal of a global that is bound once, by an assignment of the module's own code outside any block. */
function onlyLiteral(unit: Unit, name: string): Expression | undefined {
  if (bindings(unit, name) !== 1) return undefined;
  for (const node of unit.module.module.body) {
    const found = literalOf(node);
    if (found?.name === name && (node.kind === 'Assign' || node.kind === 'AnnAssign')) return node.value ?? undefined;
  }
  return undefined;
}
