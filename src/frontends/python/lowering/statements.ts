/** Statements (language reference, chapters 7 and 8) on the modelled values. */
import { unreachable } from '../../../base/unreachable.ts';
import type { ClassDef, Expression, FunctionDef, Statement } from '../ast.ts';
import type { Body } from './body.ts';
import { builtinNamed, importedName, isConvention } from './builtin-names.ts';
import { defaultKey, defaultOf, isLiteral } from './calls.ts';
import { className } from './exception-classes.ts';
import { assignName, branch, closureKey, conditionFormula, evaluate, evaluateAll, variableKey } from './expressions.ts';
import { returnKey } from './instances.ts';
import { executeFor, executeWhile } from './loops.ts';
import { demand } from './narrowing.ts';
import { binaryOperation } from './operators.ts';
import { type Failure, failUnless, newException, raise, raiseValue, typeError } from './raising.ts';
import { executeTry } from './try.ts';
import { narrowBy } from './type-tests.ts';
import {
  builtinOf,
  classOf,
  classType,
  exceptionOf,
  functionType,
  moduleOf,
  moduleType,
  noneType,
  objectType,
  type Types,
  unboundType,
} from './types.ts';
import type { Value } from './value.ts';

export function execute(body: Body, statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (!body.alive) return;
    body.begin(statement);
    body.unit.nested(() => executeOne(body, statement));
  }
}

function executeOne(body: Body, node: Statement): void {
  const { unit, values } = body;
  switch (node.kind) {
    case 'Expr':
      evaluate(body, node.value);
      return;
    case 'Assign':
      assign(body, node.targets, node.value);
      return;
    case 'AnnAssign':
      annotated(body, node);
      return;
    case 'AugAssign': {
      const { target } = node;
      if (target.kind !== 'Name') {
        body.unsupported(node, `the assignment to \`${unit.text(target)}\``);
        return;
      }
      const [left, right] = evaluateAll(body, [target, node.value]);
      if (!body.alive) return;
      const value = binaryOperation(body, node.op, left!, right!, node);
      assignName(body, target.id, target, value);
      return;
    }
    case 'If': {
      const { yes, no } = branch(body, node.test);
      const ends = [[yes, node.body] as const, [no, node.orelse] as const].map(([point, statements]) => {
        body.resume(point);
        execute(body, statements);
        return body.alive ? body.point() : undefined;
      });
      body.join(ends);
      return;
    }
    case 'While':
      executeWhile(body, node);
      return;
    case 'For':
    case 'AsyncFor':
      if (node.kind === 'For') executeFor(body, node);
      else body.unsupported(node, 'an async for statement');
      return;
    case 'Break':
      body.jump(body.jumps.break!);
      return;
    case 'Continue':
      body.jump(body.jumps.continue!);
      return;
    case 'Pass':
      return;
    case 'Return': {
      const value = node.value ? evaluate(body, node.value) : values.object(noneType);
      if (!body.alive) return;
      body.store(returnKey, value);
      body.jump(body.jumps.return);
      return;
    }
    case 'Assert':
      executeAssert(body, node);
      return;
    case 'Raise':
      executeRaise(body, node);
      return;
    case 'Try':
    case 'TryStar':
      if (node.kind === 'Try') executeTry(body, node);
      else body.unsupported(node, '`except*`');
      return;
    case 'Delete':
      for (const target of node.targets) {
        if (!body.alive) return;
        if (target.kind !== 'Name') body.unsupported(node, `\`${unit.text(node)}\``);
        else {
          evaluate(body, target);
          assignName(body, target.id, target, values.object(unboundType));
        }
      }
      return;
    case 'Global':
      return;
    case 'FunctionDef':
    case 'AsyncFunctionDef':
      define(body, node);
      return;
    case 'ClassDef':
      defineClass(body, node);
      return;
    case 'Import':
      for (const { name, asname } of node.names) {
        if (!unit.isStandardModule(name)) body.unsupported(node, `the import of ${name}`);
        const bound = asname ? name : name.split('.')[0]!;
        assignName(body, asname ?? bound, node, values.object(moduleType(bound)));
      }
      return;
    case 'ImportFrom':
      importFrom(body, node);
      return;
    case 'Nonlocal':
      body.unsupported(node, '`nonlocal`');
      return;
    case 'With':
    case 'AsyncWith':
    case 'Match':
      body.unsupported(node, statementNames[node.kind]);
      return;
    default:
      unreachable(node);
  }
}

const statementNames = {
  With: 'a with statement',
  AsyncWith: 'an async with statement',
  Match: 'a match statement',
};

function importFrom(body: Body, node: Statement & { kind: 'ImportFrom' }): void {
  const { module, level, names } = node;
  if (module === null || level > 0 || !body.unit.isStandardModule(module) || names.some((n) => n.name === '*')) {
    body.unsupported(node, `\`${body.unit.text(node)}\``);
    return;
  }
  for (const { name, asname } of names) {
    assignName(body, asname ?? name, node, body.values.object(importedName(module, name)));
  }
}

// ---- assignment

function assign(body: Body, targets: readonly Expression[], valueNode: Expression): void {
  const parts = displayFor(targets, valueNode);
  if (parts) {
    const found = evaluateAll(body, parts);
    if (body.alive) for (const target of targets) assignParts(body, target as Expression & { kind: 'Tuple' }, found);
    return;
  }
  let value = evaluate(body, valueNode);
  if (!body.alive) return;
  if (targets.length > 1) value = body.freeze(value);
  for (const target of targets) assignTo(body, target, value);
}

const isSequence = (node: Expression): node is Expression & { kind: 'Tuple' | 'List' } =>
  node.kind === 'Tuple' || node.kind === 'List';

/** The elements of a display on the right of `a, b = b, a`, if all targets take exactly these apart. */
function displayFor(targets: readonly Expression[], value: Expression): readonly Expression[] | undefined {
  if (!isSequence(value) || value.elts.some((e) => e.kind === 'Starred')) return undefined;
  const fits = (target: Expression, from: Expression): boolean => {
    if (!isSequence(target)) return true;
    return (
      isSequence(from) &&
      from.elts.length === target.elts.length &&
      from.elts.every((e, i) => e.kind !== 'Starred' && fits(target.elts[i]!, e))
    );
  };
  const flat = targets.every(
    (t) => isSequence(t) && t.elts.every((e) => !isSequence(e) && e.kind !== 'Starred') && fits(t, value),
  );
  return flat ? value.elts : undefined;
}

/** Assigns from left to right; what a later target needs of an earlier one's old value is kept. */
function assignParts(body: Body, target: Expression & { kind: 'Tuple' | 'List' }, found: readonly Value[]): void {
  const values = [...found];
  for (const [i, part] of target.elts.entries()) {
    const key = part.kind === 'Name' ? variableKey(body, part.id) : undefined;
    for (let j = i + 1; key !== undefined && j < values.length; j += 1) {
      if (body.dependsOn(values[j]!, key)) values[j] = body.freeze(values[j]!);
    }
    assignTo(body, part, values[i]!);
  }
}

function assignTo(body: Body, target: Expression, value: Value): void {
  if (!body.alive) return;
  if (target.kind === 'Name') assignName(body, target.id, target, value);
  else body.unsupported(target, `the assignment to \`${body.unit.text(target)}\``);
}

/** The annotation of a module's variable is evaluated; that of a local one is not. */
function annotated(body: Body, node: Statement & { kind: 'AnnAssign' }): void {
  const evaluated = !body.scope.parent || !node.simple;
  if (node.value) assign(body, [node.target], node.value);
  else if (node.target.kind !== 'Name') body.unsupported(node, `\`${body.unit.text(node)}\``);
  if (!body.alive || !evaluated || isPlainAnnotation(body, node.annotation)) return;
  body.unsupported(node.annotation, `the annotation \`${body.unit.text(node.annotation)}\``);
}

/** An annotation whose evaluation surely has no effect: a string, None, a name with a value, `list[int]`, `int | None`. */
function isPlainAnnotation(body: Body, node: Expression): boolean {
  switch (node.kind) {
    case 'Constant':
      return true;
    case 'Name':
      return typesOfName(body, node)?.includes(unboundType) === false;
    case 'Attribute':
      return (
        node.value.kind === 'Name' && typesOfName(body, node.value)?.every((t) => moduleOf(t) !== undefined) === true
      );
    case 'Subscript':
      return isGeneric(body, node.value) && isPlainAnnotation(body, node.slice);
    case 'Tuple':
    case 'List':
      return node.elts.every((e) => isPlainAnnotation(body, e));
    case 'BinOp': {
      const sides = [node.left, node.right];
      const constants = sides.filter((e) => e.kind === 'Constant');
      const onlyNone = constants.every((e) => e.value.type === 'None') && constants.length < 2;
      return node.op === 'BitOr' && onlyNone && sides.every((e) => e.kind === 'Constant' || isUnionPart(body, e));
    }
    default:
      return false;
  }
}

/** The types of a variable or built-in name; undefined for a variable of the function around this one. */
function typesOfName(body: Body, node: Expression & { kind: 'Name' }): Types | undefined {
  const key = variableKey(body, node.id);
  if (key === undefined) return [builtinNamed(node.id) ?? unboundType];
  return key === closureKey ? undefined : body.typesOf(key);
}

/** `list`, `Optional`, `typing.List`: what may be subscripted in an annotation. */
function isGeneric(body: Body, node: Expression): boolean {
  if (node.kind === 'Attribute') return isPlainAnnotation(body, node);
  if (node.kind !== 'Name') return false;
  const types = typesOfName(body, node) ?? [];
  const known =
    /^(?:builtin (?:dict|list|set|tuple|type)|object the (?:built-in )?name (?:frozenset|(?:typing|collections\.abc)\.\w+))$/;
  return types.length === 1 && known.test(types[0]!);
}

function isUnionPart(body: Body, node: Expression): boolean {
  if (node.kind !== 'Name') return node.kind !== 'Attribute' && isPlainAnnotation(body, node);
  const types = typesOfName(body, node) ?? [];
  return (
    types.length === 1 &&
    (classOf(types[0]!) !== undefined ||
      /^(?:bool|bytes|complex|dict|float|int|list|object|set|str|tuple|type)$/.test(builtinOf(types[0]!) ?? ''))
  );
}

// ---- definitions

function define(body: Body, node: Statement & { kind: 'FunctionDef' | 'AsyncFunctionDef' }): void {
  const { unit, values } = body;
  const { args } = node;
  if (node.decorator_list.length > 0) {
    body.unsupported(node.decorator_list[0]!, `the decorator \`${unit.text(node.decorator_list[0]!)}\``);
    return;
  }
  const info = unit.functionOfNode.get(node)!;
  const parameters = [...args.posonlyargs, ...args.args, ...args.kwonlyargs];
  for (const { arg } of parameters) {
    const value = defaultOf(args, arg);
    if (!value || isLiteral(value)) continue;
    const found = evaluate(body, value);
    if (!body.alive) return;
    if (body.scope.parent) {
      body.unsupported(value, `the default \`${unit.text(value)}\` of a nested function`);
      return;
    }
    body.store(defaultKey(info, arg), found);
  }
  const annotations = [
    ...parameters.map((p) => p.annotation),
    args.vararg?.annotation,
    args.kwarg?.annotation,
    node.returns,
  ];
  const future = unit.module.module.body.some(
    (s) => s.kind === 'ImportFrom' && s.module === '__future__' && s.names.some((n) => n.name === 'annotations'),
  );
  const odd = future ? undefined : annotations.find((a) => a && !isPlainAnnotation(body, a));
  if (odd) body.unsupported(odd, `the annotation \`${unit.text(odd)}\``);
  if (isConvention(node.name) && isStub(node)) {
    // A declaration of a tool's function, so that other tools know its type.
    assignName(body, node.name, node, values.object(builtinNamed(node.name)!));
    return;
  }
  const value = info.obstacle ? objectType(info.obstacle) : functionType(info.id);
  assignName(body, node.name, node, values.object(value));
}

/** A body of `...` alone, perhaps with a docstring. */
const isStub = (node: FunctionDef): boolean =>
  node.body.every((s) => s.kind === 'Expr' && s.value.kind === 'Constant') &&
  node.body.some((s) => s.kind === 'Expr' && s.value.kind === 'Constant' && s.value.value.type === 'Ellipsis');

/** Exception classes without a body of their own are modelled; other classes are made if that has no effect, but not used. */
function defineClass(body: Body, node: ClassDef): void {
  const { unit } = body;
  const plain =
    node.keywords.length === 0 && node.decorator_list.length === 0 && node.body.every((s) => isInert(body, s));
  const bases = node.bases.map((base) => (base.kind === 'Name' ? typesOfName(body, base) : undefined));
  const known = bases.every(
    (types) => types?.length === 1 && (classOf(types[0]!) ?? /^(?:builtin|object a class)/.test(types[0]!)),
  );
  if (!plain || !known) {
    body.unsupported(node, `the class ${node.name}`);
    return;
  }
  const bare = node.body.every((s) => s.kind === 'Pass' || s.kind === 'Expr');
  const base = bases.length === 1 ? classOf(bases[0]![0]!) : undefined;
  if (base === undefined || !bare) {
    assignName(body, node.name, node, body.values.object(objectType('a class')));
    return;
  }
  const name = `${node.name}@${node.start}`;
  unit.classes.define(name, base);
  assignName(body, node.name, node, body.values.object(classType(name)));
}

/** Statements of a class body that only define: functions, literals, docstrings. */
function isInert(body: Body, node: Statement): boolean {
  switch (node.kind) {
    case 'Pass':
      return true;
    case 'Expr':
      return node.value.kind === 'Constant';
    case 'Assign':
      return node.targets.every((t) => t.kind === 'Name') && isLiteral(node.value);
    case 'AnnAssign':
      return (
        node.target.kind === 'Name' &&
        (!node.value || isLiteral(node.value)) &&
        isPlainAnnotation(body, node.annotation)
      );
    case 'FunctionDef': {
      const { args } = node;
      const parameters = [...args.posonlyargs, ...args.args, ...args.kwonlyargs];
      const defaults = [...args.defaults, ...args.kw_defaults].every((d) => d === null || isLiteral(d));
      const annotations = [
        ...parameters.map((p) => p.annotation),
        args.vararg?.annotation,
        args.kwarg?.annotation,
        node.returns,
      ];
      const inert =
        node.decorator_list.length === 0 && node.name !== '__init_subclass__' && node.name !== '__set_name__';
      return inert && defaults && annotations.every((a) => !a || isPlainAnnotation(body, a));
    }
    default:
      return false;
  }
}

// ---- assert and raise

function executeAssert(body: Body, node: Statement & { kind: 'Assert' }): void {
  const text = body.unit.text(node.test);
  const literal = node.msg?.kind === 'Constant' && node.msg.value.type === 'str' ? node.msg.value.value : undefined;
  const failure: Failure = {
    className: 'AssertionError',
    node,
    text: `the assertion \`${text}\` holds`,
    failure: `the assertion \`${text}\` fails`,
    kind: 'assertion',
    ...(node.msg && literal === undefined ? {} : { message: literal ?? '' }),
  };
  if (!body.jumps.raise && (!node.msg || isLiteral(node.msg))) {
    const formula = conditionFormula(body, node.test);
    if (formula) {
      failUnless(body, formula, failure);
      narrowBy(body, node.test, true);
      return;
    }
  }
  const { yes, no } = branch(body, node.test);
  body.resume(no);
  if (body.alive) {
    if (node.msg && !isLiteral(node.msg)) evaluate(body, node.msg);
    raise(body, failure);
  }
  body.resume(yes);
}

function executeRaise(body: Body, node: Statement & { kind: 'Raise' }): void {
  const { unit } = body;
  if (!node.exc) {
    if (body.handled === undefined) {
      raise(body, {
        className: 'RuntimeError',
        node,
        text: 'an exception is active at `raise`',
        failure: 'no active exception to reraise',
      });
    } else raiseValue(body, body.load(body.handled));
    return;
  }
  const found = evaluate(body, node.exc);
  if (!body.alive) return;
  if (node.cause) evaluate(body, node.cause);
  if (!body.alive) return;
  const isRaisable = (type: string): boolean => exceptionOf(type) !== undefined || classOf(type) !== undefined;
  const raisable = demand(body, found, isRaisable, (rest) => {
    if (rest.types.some((type) => type.startsWith('object'))) body.unsupported(node, `\`${unit.text(node)}\``);
    else raise(body, typeError(node, `\`${unit.text(node)}\``, 'exceptions must derive from BaseException'));
  });
  if (!body.alive || raisable.types.length === 0) return;
  // The place of the raise is what counts, not that where the object was made.
  if (raisable.types.length > 1) {
    raiseValue(
      body,
      demand(
        body,
        raisable,
        (type) => exceptionOf(type) !== undefined,
        () => {
          body.unsupported(node, `\`${unit.text(node)}\` with several types`);
        },
      ),
    );
    return;
  }
  const [type] = raisable.types;
  const made = exceptionOf(type!);
  const name = made?.className ?? classOf(type!)!;
  const old = made && unit.failures.get(type!);
  const message = made ? old?.message : '';
  const raised = newException(body, {
    className: name,
    node,
    text: `\`${unit.text(node)}\` is not reached`,
    failure: `\`${unit.text(node)}\` raises ${className(name)}`,
    kind: 'exception',
    ...(message === undefined ? {} : { message }),
  });
  raiseValue(body, raised);
}
