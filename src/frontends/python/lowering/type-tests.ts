/**
 * `isinstance(x, int)`, `x is None`, `x` itself: what a test tells about the types of a variable. And the meaning of `isinstance`
 * on the modelled types.
 */
import type { Term } from '../../../terms/term.ts';
import type { Expression } from '../ast.ts';
import type { Body } from './body.ts';
import { builtinNamed } from './builtin-names.ts';
import { closureKey, evaluate, variableKey } from './expressions.ts';
import { demand, isObject } from './narrowing.ts';
import { truthOfType } from './truth.ts';
import {
  boolType,
  builtinOf,
  classOf,
  exceptionOf,
  intType,
  noneType,
  numberType,
  type Type,
  textOf,
} from './types.ts';
import { NeedsExactTypes } from './unit.ts';

/** Built-in classes whose instances are told from numbers, None and texts. */
const knownClasses = new Set([
  'int',
  'bool',
  'str',
  'float',
  'complex',
  'list',
  'dict',
  'tuple',
  'set',
  'bytes',
  'object',
]);

/** Whether an object of a type is an instance of a class; undefined if that is not modelled. */
function isInstance(body: Body, type: Type, cls: Type): boolean | undefined {
  const name = builtinOf(cls);
  const exceptionClass = classOf(cls);
  const exception = exceptionOf(type);
  if (isObject(type)) return undefined;
  if (exceptionClass !== undefined)
    return exception ? body.unit.classes.isSubclass(exception.className, exceptionClass) : false;
  if (name === undefined || !knownClasses.has(name)) return undefined;
  if (name === 'object') return true;
  if (type === boolType) return name === 'bool' || name === 'int';
  if (type === intType) return name === 'int';
  if (type === numberType) {
    if (name === 'bool') throw new NeedsExactTypes();
    return name === 'int';
  }
  if (textOf(type) !== undefined) return name === 'str';
  if (type === noneType || exception || builtinOf(type) || classOf(type)) return false;
  return undefined;
}

/** The classes that the second argument of isinstance names; undefined if it is not a name or a tuple of names. */
function classesNamed(body: Body, node: Expression): readonly Type[] | undefined {
  if (node.kind === 'Tuple') {
    const parts = node.elts.map((elt) => classesNamed(body, elt));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  if (node.kind !== 'Name') return undefined;
  const key = variableKey(body, node.id);
  if (key === undefined) {
    const found = builtinNamed(node.id);
    return found && (builtinOf(found) !== undefined || classOf(found) !== undefined) ? [found] : undefined;
  }
  const types = key === closureKey ? [] : body.typesOf(key);
  return types.length === 1 && classOf(types[0]!) !== undefined ? types : undefined;
}

export function isTypeTest(node: Expression): node is Expression & { kind: 'Call' } {
  return (
    node.kind === 'Call' &&
    node.func.kind === 'Name' &&
    node.func.id === 'isinstance' &&
    node.args.length === 2 &&
    node.keywords.length === 0
  );
}

/** `isinstance(value, classes)` as a formula. */
export function typeTest(body: Body, node: Expression & { kind: 'Call' }): Term {
  const { values } = body;
  const value = evaluate(body, node.args[0]!);
  const classes = body.alive ? classesNamed(body, node.args[1]!) : undefined;
  if (!body.alive) return values.terms.false;
  const text = `\`${body.unit.text(node)}\``;
  if (!classes) {
    body.unsupported(node, text);
    return values.terms.false;
  }
  const known = demand(
    body,
    value,
    (type) => classes.every((cls) => isInstance(body, type, cls) !== undefined),
    () => {
      body.unsupported(node, text);
    },
  );
  if (!body.alive || known.types.length === 0) return values.terms.false;
  return values.term(values.hasType(known, (type) => classes.some((cls) => isInstance(body, type, cls) === true)));
}

/** Records what the truth of a condition, which was just tested, tells about the types of variables. */
export function narrowBy(body: Body, node: Expression, holds: boolean): void {
  if (!body.alive) return;
  if (node.kind === 'UnaryOp' && node.op === 'Not') {
    narrowBy(body, node.operand, !holds);
    return;
  }
  if (node.kind === 'BoolOp') {
    if ((node.op === 'And') === holds) for (const value of node.values) narrowBy(body, value, holds);
    return;
  }
  if (node.kind === 'Name') {
    keep(body, node, (type) => truthOfType(type) !== !holds);
    return;
  }
  if (isTypeTest(node) && node.args[0]!.kind === 'Name' && variableKey(body, 'isinstance') === undefined) {
    const classes = classesNamed(body, node.args[1]!);
    if (classes)
      keep(body, node.args[0]!, (type) => classes.some((cls) => isInstance(body, type, cls) === true) === holds);
    return;
  }
  if (node.kind === 'Compare' && node.ops.length === 1 && node.left.kind === 'Name') {
    const [op] = node.ops;
    const [right] = node.comparators;
    const isNone = right!.kind === 'Constant' && right!.value.type === 'None';
    if (isNone && (op === 'Is' || op === 'IsNot')) {
      const none = (op === 'Is') === holds;
      keep(body, node.left, (type) => (type === noneType) === none);
    }
  }
}

function keep(body: Body, node: Expression & { kind: 'Name' }, passes: (type: Type) => boolean): void {
  const key = variableKey(body, node.id);
  if (key === undefined || key === closureKey) return;
  const types = body.typesOf(key);
  const kept = types.filter(passes);
  if (kept.length > 0 && kept.length < types.length) body.narrow(key, kept);
}
