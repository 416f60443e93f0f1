/**
 * Expressions, evaluated from left to right (language reference 6.16). What a later part may change is kept in a temporary. `and`, `or`,
 * conditional expressions and chained comparisons become terms where no part can fail or have effects, and control flow otherwise.
 */
import { unreachable } from '../../../base/unreachable.ts';
import type { Term } from '../../../terms/term.ts';
import { type ComparisonOperator, type ConstantValue, children, type Expression, type Node } from '../ast.ts';
import type { Body, Point } from './body.ts';
import { builtinNamed } from './builtin-names.ts';
import { evaluateCall } from './calls.ts';
import { compare, isDisplay } from './comparisons.ts';
import { demand } from './narrowing.ts';
import { binaryOperation, unaryOperation } from './operators.ts';
import { failUnless } from './raising.ts';
import { truth, truthOfType } from './truth.ts';
import { narrowBy } from './type-tests.ts';
import { boolType, functionType, join, moduleOf, noneType, objectType, textType, unboundType } from './types.ts';
import { nothing, type Value } from './value.ts';

const longestText = 400;

export function evaluate(body: Body, node: Expression): Value {
  if (!body.alive) return nothing;
  return body.unit.nested(() => evaluateKind(body, node));
}

function evaluateKind(body: Body, node: Expression): Value {
  const { values, unit } = body;
  switch (node.kind) {
    case 'Constant':
      return constant(body, node.value);
    case 'Name':
      return loadName(body, node);
    case 'NamedExpr': {
      const value = evaluate(body, node.value);
      if (!body.alive) return nothing;
      assignName(body, node.target.id, node, value);
      // The value as the variable now holds it: the term may read what the assignment changed.
      return body.alive ? body.load(variableKey(body, node.target.id)!) : nothing;
    }
    case 'BinOp': {
      const [left, right] = evaluateAll(body, [node.left, node.right]);
      return body.alive ? binaryOperation(body, node.op, left!, right!, node) : nothing;
    }
    case 'UnaryOp':
      if (node.op === 'Not') {
        const negated = body.trial(() => condition(body, node));
        if (negated) return values.bool(negated);
      }
      return unaryOperation(body, node.op, evaluate(body, node.operand), node);
    case 'BoolOp':
    case 'IfExp':
      return body.trial(() => select(body, node)) ?? chooseByControl(body, node);
    case 'Compare':
      return evaluateComparison(body, node);
    case 'Call':
      return evaluateCall(body, node);
    case 'Lambda':
      return functionObject(body, node);
    case 'Attribute':
      return attribute(body, node);
    case 'JoinedStr':
      return formattedText(body, node);
    case 'List':
    case 'Tuple':
    case 'Set':
      return display(body, node, node.elts);
    case 'Dict':
      if (node.keys.includes(null)) return body.unsupported(node, '`**` in a dictionary');
      return display(
        body,
        node,
        node.keys.flatMap((key, i) => [key!, node.values[i]!]),
      );
    case 'Subscript':
      return body.unsupported(node, `the subscript \`${unit.text(node)}\``);
    case 'ListComp':
    case 'SetComp':
    case 'DictComp':
    case 'GeneratorExp':
      return body.unsupported(node, 'a comprehension');
    case 'Await':
    case 'Yield':
    case 'YieldFrom':
      return body.unsupported(node, node.kind === 'Await' ? '`await`' : '`yield`');
    case 'Starred':
    case 'Slice':
    case 'FormattedValue':
      return body.unsupported(node, `\`${unit.text(node)}\``);
    default:
      return unreachable(node);
  }
}

function constant(body: Body, value: ConstantValue): Value {
  const { values } = body;
  switch (value.type) {
    case 'None':
      return values.object(noneType);
    case 'Ellipsis':
      return values.object(objectType('an ellipsis'));
    case 'bool':
    case 'int':
      return values.constant(value.value);
    case 'float':
      return values.object(objectType('a float'));
    case 'complex':
      return values.object(objectType('a complex number'));
    case 'str':
      if (!value.exact || value.value.length > longestText) return values.object(objectType('a string'));
      return values.object(textType(value.value));
    case 'bytes':
      return values.object(objectType('bytes'));
    default:
      return unreachable(value);
  }
}

/** Literals of containers are made, but not modelled: only their elements are evaluated. */
function display(body: Body, node: Expression, elements: readonly Expression[]): Value {
  if (elements.some((e) => e.kind === 'Starred')) return body.unsupported(node, '`*` in a list, tuple or set');
  // Making a set or dictionary hashes its elements or keys, which fails for lists and sets.
  const isHashed = (i: number): boolean => node.kind === 'Set' || (node.kind === 'Dict' && i % 2 === 0);
  const found = evaluateAll(body, elements);
  if (!body.alive) return nothing;
  const unhashable = found.some(
    (v, i) => isHashed(i) && v.types.some((type) => /^object (?!a string$|a float$)/.test(type)),
  );
  if (unhashable) return body.unsupported(node, `the hash of an element of \`${body.unit.text(node)}\``);
  const names = { List: 'a list', Tuple: 'a tuple', Set: 'a set', Dict: 'a dictionary' };
  return body.values.object(objectType(names[node.kind as keyof typeof names]));
}

function functionObject(body: Body, node: Expression & { kind: 'Lambda' }): Value {
  const info = body.unit.functionOfNode.get(node)!;
  const simple = [...node.args.defaults, ...node.args.kw_defaults].every((d) => d === null || d.kind === 'Constant');
  if (info.obstacle ?? !simple)
    return body.values.object(objectType(info.obstacle ?? 'a lambda with computed defaults'));
  return body.values.object(functionType(info.id));
}

function attribute(body: Body, node: Expression & { kind: 'Attribute' }): Value {
  const value = evaluate(body, node.value);
  if (!body.alive) return nothing;
  const module = value.types.length === 1 ? moduleOf(value.types[0]!) : undefined;
  const found = module === undefined ? undefined : builtinNamed(`${module}.${node.attr}`);
  return found ? body.values.object(found) : body.unsupported(node, `the attribute \`${body.unit.text(node)}\``);
}

/** The text itself is not modelled; the parts are evaluated, since they may fail. */
function formattedText(body: Body, node: Expression & { kind: 'JoinedStr' }): Value {
  for (const part of node.values) {
    if (part.kind !== 'FormattedValue') continue;
    if (part.format_spec) return body.unsupported(part, 'a format specification');
    const value = evaluate(body, part.value);
    if (!body.alive) return nothing;
    noteDigits(body, value);
    demand(
      body,
      value,
      (type) => !/^(?:object (?!a (?:string|float)$)|module)/.test(type),
      () => {
        body.unsupported(part, 'the text of such an object');
      },
    );
  }
  return body.alive ? body.values.object(objectType('a string')) : nothing;
}

/** CPython refuses to write integers of more than 4,300 digits. */
export function noteDigits(body: Body, value: Value): void {
  if (body.dry || !value.payload || value.payload.kind === 'value' || value.payload.sort.kind === 'bool') return;
  body.unit.assume({
    kind: 'environment',
    text: 'no integer that is turned into text has more than 4,300 digits (CPython raises ValueError then)',
  });
}

// ---- names

/** In place of a variable of the function around this one. No Python name is spelt so. */
export const closureKey = '(closure)';

/** The variable that a name means here, or `closureKey`; undefined for names that the module does not bind. */
export function variableKey(body: Body, name: string): string | undefined {
  const home = body.scope.resolve(name);
  if (!home.parent) return body.unit.binds(name) ? `::${name}` : undefined;
  return home === body.scope ? name : closureKey;
}

function loadName(body: Body, node: Expression & { kind: 'Name' }): Value {
  const key = variableKey(body, node.id);
  if (key === closureKey) return body.unsupported(node, `the variable ${node.id} of the function around this one`);
  if (key === undefined) return unboundName(body, node);
  const value = body.load(key);
  if (!value.types.includes(unboundType)) return value;
  if (key.startsWith('::') && builtinNamed(node.id)) {
    return body.unsupported(node, `the name ${node.id}, which is built in and assigned to later,`);
  }
  const local = !key.startsWith('::');
  failUnless(
    body,
    body.values.hasType(value, (type) => type !== unboundType),
    {
      className: local ? 'UnboundLocalError' : 'NameError',
      node,
      text: `the variable ${node.id} has a value`,
      failure: `the variable ${node.id} has no value`,
      message: local
        ? `cannot access local variable '${node.id}' where it is not associated with a value`
        : `name '${node.id}' is not defined`,
    },
  );
  const bound = value.types.filter((type) => type !== unboundType);
  if (!body.alive || bound.length === 0) return nothing;
  body.narrow(key, bound);
  return body.load(key);
}

/** Built-in names, the conventions of verification tools, and names that nobody defines. */
function unboundName(body: Body, node: Expression & { kind: 'Name' }): Value {
  const builtin = builtinNamed(node.id);
  if (builtin) return body.values.object(builtin);
  failUnless(body, false, {
    className: 'NameError',
    node,
    text: `the name ${node.id} is defined`,
    failure: `the name ${node.id} is not defined`,
    message: `name '${node.id}' is not defined`,
  });
  return nothing;
}

export function assignName(body: Body, name: string, node: Node, value: Value): void {
  if (!body.alive) return;
  const key = variableKey(body, name);
  if (key === closureKey || key === undefined) body.unsupported(node, `the assignment to ${name}`);
  else body.store(key, value);
}

// ---- order of evaluation

const effects = new WeakMap<Node, boolean>();

/** Might evaluating this change a variable? */
export function mayAssign(node: Node): boolean {
  const known = effects.get(node);
  if (known !== undefined) return known;
  const own = node.kind === 'NamedExpr' || node.kind === 'Call' || node.kind === 'Await' || node.kind === 'Yield';
  const found = own || children(node).some(mayAssign);
  effects.set(node, found);
  return found;
}

export function evaluateAll(body: Body, nodes: readonly Expression[]): Value[] {
  const found: Value[] = [];
  for (const [i, node] of nodes.entries()) {
    let value = evaluate(body, node);
    if (!body.alive) return [];
    if (nodes.slice(i + 1).some(mayAssign) && node.kind !== 'Constant') value = body.freeze(value);
    found.push(value);
  }
  return found;
}

// ---- choices

type Choice = Expression & { kind: 'BoolOp' | 'IfExp' };

/** The value of a choice as a term. Only in a trial: all parts are evaluated. */
function select(body: Body, node: Choice): Value {
  const { values } = body;
  if (node.kind === 'IfExp') {
    const test = condition(body, node.test);
    const [yes, no] = [evaluate(body, node.body), evaluate(body, node.orelse)];
    if (test.kind === 'value') return test.value ? yes : no;
    return values.select(test, yes, no, join(yes.types, no.types));
  }
  const parts = node.values.map((value) => evaluate(body, value));
  const onlyBools = parts.every((part) => part.types.length === 1 && part.types[0] === boolType);
  if (onlyBools) {
    const payloads = parts.map((part) => part.payload!);
    return values.bool(node.op === 'And' ? values.all(payloads) : values.any(payloads));
  }
  return parts.reduceRight((rest, part, i) => {
    const test = truth(body, part, node.values[i]!);
    const ends = node.op === 'And' ? values.not(test) : test;
    if (ends.kind === 'value') return ends.value ? part : rest;
    const own = narrowByTruth(body, part, node.op === 'Or');
    return values.select(ends, own, rest, join(own.types, rest.types));
  });
}

/** The value where its truth is known. */
function narrowByTruth(body: Body, value: Value, isTrue: boolean): Value {
  const types = value.types.filter((type) => truthOfType(type) !== !isTrue);
  return types.length > 0 ? body.values.narrow(value, types) : value;
}

/** The value of a choice by control flow: each way stores it in a pseudo-variable. */
function chooseByControl(body: Body, node: Choice): Value {
  const key = `.choice@${node.start}`;
  const ends: (Point | undefined)[] = [];
  const end = (value: Value): void => {
    if (!body.alive) return;
    body.store(key, value);
    ends.push(body.point());
    body.stop();
  };
  if (node.kind === 'IfExp') {
    const { yes, no } = branch(body, node.test);
    body.resume(yes);
    end(evaluate(body, node.body));
    body.resume(no);
    end(evaluate(body, node.orelse));
  } else {
    for (const [i, operand] of node.values.entries()) {
      const value = evaluate(body, operand);
      if (!body.alive) break;
      if (i === node.values.length - 1) {
        end(value);
        break;
      }
      const test = truth(body, value, operand);
      const { yes, no } = body.split(test);
      body.resume(node.op === 'And' ? no : yes);
      if (body.alive) narrowBy(body, operand, node.op === 'Or');
      end(narrowByTruth(body, value, node.op === 'Or'));
      body.resume(node.op === 'And' ? yes : no);
      if (body.alive) narrowBy(body, operand, node.op === 'And');
    }
  }
  body.join(ends);
  if (!body.alive) return nothing;
  const value = body.load(key);
  body.forget(key);
  return value;
}

// ---- conditions

/** An expression as a formula of its truth value. Only in a trial: all parts are evaluated. */
function condition(body: Body, node: Expression): Term {
  const { values } = body;
  if (node.kind === 'UnaryOp' && node.op === 'Not') return values.not(condition(body, node.operand));
  if (node.kind === 'BoolOp') {
    const parts: Term[] = [];
    for (const operand of node.values) {
      const part = condition(body, operand);
      // What is decided already spares the rest, which may not be evaluable then.
      if (part === values.terms.bool(node.op === 'Or')) return part;
      parts.push(part);
    }
    return node.op === 'And' ? values.all(parts) : values.any(parts);
  }
  return truth(body, evaluate(body, node), node);
}

export interface Ways {
  readonly yes: Point | undefined;
  readonly no: Point | undefined;
}

const noWays: Ways = { yes: undefined, no: undefined };

/**
 * A condition as one formula, where it is not to be split: its parts cannot fail, or it is a single test. Undefined for `and`,
 * `or` and `not` with parts that must be carried out one after the other; then nothing has happened.
 */
export function conditionFormula(body: Body, node: Expression): Term | undefined {
  const formula = body.trial(() => condition(body, node));
  if (formula) return formula;
  if (node.kind === 'BoolOp' || node.kind === 'UnaryOp' || node.kind === 'IfExp') return undefined;
  const value = evaluate(body, node);
  return truth(body, value, node);
}

/** Both ways out of a condition, with what each tells about the types of variables. Control stands nowhere afterwards. */
export function branch(body: Body, node: Expression): Ways {
  if (!body.alive) return noWays;
  return body.unit.nested(() => {
    const formula = body.trial(() => condition(body, node));
    const ways = formula ? splitBy(body, formula, node) : structuredBranch(body, node);
    body.stop();
    return ways;
  });
}

function splitBy(body: Body, formula: Term, node: Expression): Ways {
  const { yes, no } = body.split(formula);
  const narrowed = (way: Point | undefined, holds: boolean): Point | undefined => {
    body.resume(way);
    if (!body.alive) return undefined;
    narrowBy(body, node, holds);
    return body.point();
  };
  return { yes: narrowed(yes, true), no: narrowed(no, false) };
}

function structuredBranch(body: Body, node: Expression): Ways {
  if (node.kind === 'UnaryOp' && node.op === 'Not') {
    const { yes, no } = branch(body, node.operand);
    return { yes: no, no: yes };
  }
  if (node.kind === 'BoolOp') {
    const ended: (Point | undefined)[] = [];
    let going: Point | undefined = body.point();
    for (const operand of node.values) {
      body.resume(going);
      const { yes, no }: Ways = branch(body, operand);
      ended.push(node.op === 'And' ? no : yes);
      going = node.op === 'And' ? yes : no;
    }
    body.join(ended);
    const end = body.alive ? body.point() : undefined;
    return node.op === 'And' ? { yes: going, no: end } : { yes: end, no: going };
  }
  const value = evaluate(body, node);
  if (!body.alive) return noWays;
  const formula = truth(body, value, node);
  return body.alive ? splitBy(body, formula, node) : noWays;
}

// ---- comparisons

function evaluateComparison(body: Body, node: Expression & { kind: 'Compare' }): Value {
  const formula = body.trial(() => comparisonChain(body, node));
  if (formula) return body.values.bool(formula);
  const [only] = node.comparators;
  if (node.comparators.length === 1) return singleComparison(body, node, node.left, node.ops[0]!, only!);
  return comparisonByControl(body, node);
}

/** A chain as a conjunction. Only in a trial. */
function comparisonChain(body: Body, node: Expression & { kind: 'Compare' }): Term {
  const parts: Term[] = [];
  let left = evaluate(body, node.left);
  for (const [i, op] of node.ops.entries()) {
    const right = node.comparators[i]!;
    if (isMembership(op) && isDisplay(right)) parts.push(membership(body, op, left, right, node));
    else {
      const value = evaluate(body, right);
      parts.push(compare(body, op, left, value, node));
      left = value;
    }
  }
  return body.values.all(parts);
}

const isMembership = (op: ComparisonOperator): boolean => op === 'In' || op === 'NotIn';

function singleComparison(
  body: Body,
  node: Expression,
  leftNode: Expression,
  op: ComparisonOperator,
  rightNode: Expression,
): Value {
  if (isMembership(op) && isDisplay(rightNode)) {
    const left = evaluate(body, leftNode);
    if (!body.alive) return nothing;
    const kept = rightNode.elts.some(mayAssign) ? body.freeze(left) : left;
    const formula = membership(body, op, kept, rightNode, node);
    return body.alive ? body.values.bool(formula) : nothing;
  }
  const [left, right] = evaluateAll(body, [leftNode, rightNode]);
  if (!body.alive) return nothing;
  const formula = compare(body, op, left!, right!, node);
  return body.alive ? body.values.bool(formula) : nothing;
}

/** `x in (a, b, c)`: equal to one of the elements. */
function membership(
  body: Body,
  op: ComparisonOperator,
  left: Value,
  right: Expression & { kind: 'Tuple' | 'List' | 'Set' },
  node: Node,
): Term {
  const elements = evaluateAll(body, right.elts);
  if (!body.alive) return body.values.terms.false;
  const found = body.values.any(elements.map((element) => compare(body, 'Eq', left, element, node)));
  return op === 'In' ? found : body.values.not(found);
}

function comparisonByControl(body: Body, node: Expression & { kind: 'Compare' }): Value {
  const key = `.chain@${node.start}`;
  const ends: (Point | undefined)[] = [];
  let left = evaluate(body, node.left);
  for (const [i, op] of node.ops.entries()) {
    if (!body.alive) break;
    const rightNode = node.comparators[i]!;
    if (isMembership(op)) return body.unsupported(node, '`in` in a chain of comparisons');
    if (mayAssign(rightNode)) left = body.freeze(left);
    let right = evaluate(body, rightNode);
    if (!body.alive) break;
    if (node.comparators.slice(i + 1).some(mayAssign)) right = body.freeze(right);
    const formula = compare(body, op, left, right, node);
    if (!body.alive) break;
    left = right;
    if (i === node.ops.length - 1) {
      body.store(key, body.values.bool(formula));
      ends.push(body.point());
      break;
    }
    const { yes, no } = body.split(formula);
    body.resume(no);
    if (body.alive) {
      body.store(key, body.values.constant(false));
      ends.push(body.point());
    }
    body.resume(yes);
  }
  body.join(ends);
  if (!body.alive) return nothing;
  const value = body.load(key);
  body.forget(key);
  return value;
}
