import { Failure, fail, unsupported } from '../diagnostics.ts';
import { suggestion } from '../nearest.ts';
import type { Expression, TypeName } from '../parser/ast.ts';
import { characterValue } from '../preprocessor/literal.ts';
import { cover, type Range } from '../preprocessor/source-file.ts';
import {
  type CType,
  compatible,
  findField,
  formatType,
  integerBounds,
  isArithmetic,
  isInteger,
  isScalar,
  pointerTo,
  qualified,
  type RecordInfo,
  type RecordType,
  unqualified,
  voidType,
} from '../types/ctype.ts';
import { alignOf, sizeOf } from '../types/layout.ts';
import type { FunctionSymbol, Typed, TypedStatement, Variable } from '../types/typed.ts';
import { builtinCall } from './builtins.ts';
import { elaborateCall } from './calls.ts';
import { constantInteger } from './constant.ts';
import type { Context } from './context.ts';
import { assignable, convert, isNullConstant } from './conversion.ts';
import { compoundLiteral, literalObject } from './initializers.ts';
import { binary, compoundAssign, increment, promoted, unary } from './operators.ts';
import { statementExpression } from './statements.ts';
import { typeOfName, variableSize } from './type-names.ts';

/**
 * Types of expressions [C11 6.5]. `elaborate` may give an lvalue or a function; `rvalue` makes a value of it. Long because it has
 * one case for each form of expression.
 */

export function elaborate(e: Context, x: Expression): Typed {
  return e.deeper(x.range, () => elaborateHere(e, x));
}

/** The value of an expression: lvalues are loaded, arrays and functions become pointers. */
export const value = (e: Context, x: Expression): Typed => rvalue(e, elaborate(e, x));

export function isLvalue(t: Typed): boolean {
  switch (t.kind) {
    case 'variable':
    case 'string':
    case 'dereference':
    case 'compound-literal':
      return true;
    case 'member':
      return isLvalue(t.object);
    case 'real':
    case 'imaginary':
      return isLvalue(t.operand);
    default:
      return false;
  }
}

export function rvalue(_e: Context, t: Typed): Typed {
  if (t.type.kind === 'function') return { kind: 'address', lvalue: t, type: pointerTo(t.type), range: t.range };
  if (t.type.kind === 'array') {
    markAddressTaken(t);
    return { kind: 'address', lvalue: t, type: pointerTo(t.type.element), range: t.range };
  }
  if (!isLvalue(t)) return t;
  if (t.type.kind === 'record' && !t.type.info.layout) fail('C0330', `${formatType(t.type)} is incomplete`, t.range);
  if (t.type.kind === 'void') return t;
  if (t.type.kind === 'opaque') unsupported('C0353', `the type ${formatType(t.type)}`, t.range);
  return { kind: 'load', lvalue: t, type: unqualified(t.type), range: t.range };
}

/** Remembers that a variable lives in memory: something may point to it. */
export function markAddressTaken(t: Typed): void {
  if (t.kind === 'variable') t.variable.addressTaken = true;
  else if (t.kind === 'compound-literal') t.variable.addressTaken = true;
  else if (t.kind === 'member') markAddressTaken(t.object);
  else if (t.kind === 'real' || t.kind === 'imaginary') markAddressTaken(t.operand);
}

/** A scalar value, for conditions and `!`, `&&`, `||`. */
export function scalar(e: Context, x: Expression, where: string): Typed {
  const t = value(e, x);
  if (!isScalar(t.type)) fail('C0331', `${where} must be a number or a pointer, not ${formatType(t.type)}`, x.range);
  return t;
}

export const integerNode = (number: bigint, type: CType, range: Range): Typed => ({
  kind: 'integer',
  value: number,
  type,
  range,
});

function elaborateHere(e: Context, x: Expression): Typed {
  const { range } = x;
  switch (x.kind) {
    case 'name':
      return resolveName(e, x.name, range);
    case 'number':
      return numberNode(e, x);
    case 'character': {
      const type = /^L/.test(x.text)
        ? e.types.wchar
        : /^u'/.test(x.text)
          ? e.types.ushort
          : /^U/.test(x.text)
            ? e.types.uint
            : e.types.int;
      return integerNode(characterValue(x.text, range, e.model.charSigned), type, range);
    }
    case 'string': {
      const element =
        x.encoding === 'L'
          ? e.types.wchar
          : x.encoding === 'u'
            ? e.types.ushort
            : x.encoding === 'U'
              ? e.types.uint
              : e.types.char;
      const type: CType = { kind: 'array', element, length: x.units.length + 1 };
      return { kind: 'string', units: x.units, type, range };
    }
    case 'truth':
      return integerNode(x.value ? 1n : 0n, e.types.int, range);
    case 'unary':
      return unary(e, x.op, x.operand, range);
    case 'postfix':
      return increment(e, elaborate(e, x.operand), x.op === '++' ? 1 : -1, true, range);
    case 'binary':
      return binaryChain(e, x);
    case 'assign': {
      const target = modifiable(e, elaborate(e, x.target));
      if (x.op !== '=') return compoundAssign(e, target, x.op, x.value, range);
      const assigned = assignable(e, value(e, x.value), target.type, 'assigning', x.value.range);
      return { kind: 'assign', target, value: assigned, type: unqualified(target.type), range };
    }
    case 'conditional':
      return conditional(e, x);
    case 'comma':
      return commaChain(e, x);
    case 'call':
      return (x.callee.kind === 'name' && builtinCall(e, x.callee.name, x.args, x)) || elaborateCall(e, x);
    case 'member':
      return member(e, x);
    case 'index': {
      const pointer = binary(e, '+', value(e, x.array), value(e, x.index), range);
      if (pointer.type.kind !== 'pointer') fail('C0332', 'only arrays and pointers can be indexed', range);
      return dereference(pointer, range);
    }
    case 'cast':
      return withSizes(e, range, () => cast(e, typeOfName(e, x.type), value(e, x.operand), range));
    case 'compound-literal':
      return compoundLiteral(e, typeOfName(e, x.type), x.initializer, range);
    case 'sizeof':
      return withSizes(e, range, () => sizeofNode(e, x.operand, x.alignment, range));
    case 'statement-expression':
      return statementExpression(e, x.body, range);
    case 'generic':
      return generic(e, x);
    case 'offsetof':
      return offsetof(e, x);
    case 'va-arg': {
      const list = elaborate(e, x.list);
      return { kind: 'va-arg', list, type: unqualified(typeOfName(e, x.type)), range };
    }
    case 'types-compatible': {
      const same = compatible(unqualified(typeOfName(e, x.left)), unqualified(typeOfName(e, x.right)));
      return integerNode(same ? 1n : 0n, e.types.int, range);
    }
    case 'label-address':
      return { kind: 'label-address', label: x.label, type: pointerTo(voidType), range };
  }
}

function resolveName(e: Context, name: string, range: Range): Typed {
  const entry = e.lookup(name);
  switch (entry?.kind) {
    case 'variable':
      if (entry.refused) throw new Failure(entry.refused);
      return { kind: 'variable', variable: entry, type: entry.type, range };
    case 'function':
      e.usedFunctions.add(entry);
      return functionNode(entry, range);
    case 'enumerator':
      return integerNode(entry.value, entry.type, range);
    case 'typedef':
      return fail('C0333', `\`${name}\` is a type, not a value`, range);
    default:
  }
  if (name === 'true' || name === 'false') {
    e.warn('C0334', `\`${name}\` needs <stdbool.h> before C23`, range);
    return integerNode(name === 'true' ? 1n : 0n, e.types.int, range);
  }
  if (name === '__func__' || name === '__FUNCTION__' || name === '__PRETTY_FUNCTION__') {
    const units = [...new TextEncoder().encode(e.current?.name ?? '')];
    const type: CType = { kind: 'array', element: { ...e.types.char, const: true }, length: units.length + 1 };
    return { kind: 'string', units, type, range };
  }
  if (/^__(?:ESBMC|CPROVER)_/.test(name))
    unsupported('C0347', `\`${name}\`, which another tool gives a meaning of its own`, range);
  const quotes = /[“”„‘’]/.test(name) ? { hint: 'these are typographic quotes; C needs " or \'' } : undefined;
  fail('C0335', `\`${name}\` is not declared`, range, quotes ?? headerHint(name) ?? e.similarNames(name));
}

/** Macros and types of well-known headers that are missed without them. */
function headerHint(name: string): { hint: string } | undefined {
  const header = /^(?:NULL|size_t|ptrdiff_t)$/.test(name)
    ? 'stddef.h'
    : /^U?(?:INT|LONG|LLONG|CHAR|SHRT|SCHAR)_(?:MAX|MIN|BIT)$/.test(name)
      ? 'limits.h'
      : /^(?:U?INT\d+_(?:MAX|MIN)|SIZE_MAX|U?INTPTR_(?:MAX|MIN))$/.test(name)
        ? 'stdint.h'
        : /^(?:stdin|stdout|stderr|EOF)$/.test(name)
          ? 'stdio.h'
          : /^E[A-Z]{3,}$|^errno$/.test(name)
            ? 'errno.h'
            : undefined;
  return header === undefined ? undefined : { hint: `is #include <${header}> missing?` };
}

export const functionNode = (symbol: FunctionSymbol, range: Range): Typed => ({
  kind: 'function',
  symbol,
  type: symbol.type,
  range,
});

function numberNode(e: Context, x: Extract<Expression, { kind: 'number' }>): Typed {
  const { literal, range } = x;
  const { types } = e;
  if (literal.kind === 'floating') {
    const type = literal.suffix === 'f' ? types.float : literal.suffix === 'l' ? types.longDouble : types.double;
    const rounded = literal.value;
    if (!literal.imaginary) return { kind: 'floating', value: rounded, type, range, inexact: literal.inexact };
    const complex: CType = { kind: 'complex', format: type.kind === 'floating' ? type.format : 'double' };
    return { kind: 'floating', value: rounded, imaginary: true, type: complex, range };
  }
  if (literal.imaginary) {
    return {
      kind: 'floating',
      value: Number(literal.value),
      imaginary: true,
      type: { kind: 'complex', format: 'double' },
      range,
    };
  }
  const { unsigned, decimal, longs } = literal;
  const candidates = [
    ...(longs === 0 ? [types.int, types.uint] : []),
    ...(longs <= 1 ? [types.long, types.ulong] : []),
    types.llong,
    types.ullong,
  ].filter((t) => (unsigned ? !t.signed : t.signed || !decimal));
  const type = candidates.find((t) => literal.value <= integerBounds(t).high);
  if (type) return integerNode(literal.value, type, range);
  if (literal.value <= integerBounds(types.ullong).high) {
    e.warn('C0336', 'this constant is so large that it is unsigned', range);
    return integerNode(literal.value, types.ullong, range);
  }
  fail('C0336', 'this constant fits no integer type', range);
}

/** Chains like `a + b + c …` are walked in a loop: a long sum must not use up the stack. */
function binaryChain(e: Context, x: Extract<Expression, { kind: 'binary' }>): Typed {
  const chain: Extract<Expression, { kind: 'binary' }>[] = [];
  let first: Expression = x;
  while (first.kind === 'binary') {
    chain.push(first);
    first = first.left;
  }
  let left = value(e, first);
  for (const node of chain.reverse()) left = binary(e, node.op, left, value(e, node.right), node.range);
  return left;
}

function commaChain(e: Context, x: Extract<Expression, { kind: 'comma' }>): Typed {
  const chain: Extract<Expression, { kind: 'comma' }>[] = [];
  let first: Expression = x;
  while (first.kind === 'comma') {
    chain.push(first);
    first = first.left;
  }
  let left = value(e, first);
  for (const node of chain.reverse()) {
    const right = value(e, node.right);
    left = { kind: 'comma', left, right, type: right.type, range: node.range };
  }
  return left;
}

export function modifiable(_e: Context, t: Typed): Typed {
  if (!isLvalue(t))
    fail('C0337', 'this cannot be assigned to', t.range, { expected: 'a variable, a member or `*pointer`' });
  if (t.type.kind === 'array') fail('C0337', 'an array cannot be assigned to', t.range);
  if (t.type.const) fail('C0338', 'this is const and cannot be assigned to', t.range);
  return t;
}

export function dereference(pointer: Typed, range: Range): Typed {
  if (pointer.type.kind !== 'pointer') fail('C0332', `a ${formatType(pointer.type)} is no pointer`, range);
  // `*&x` is x.
  if (pointer.kind === 'address' && pointer.type.to === pointer.lvalue.type) return { ...pointer.lvalue, range };
  return { kind: 'dereference', pointer, type: pointer.type.to, range };
}

function conditional(e: Context, x: Extract<Expression, { kind: 'conditional' }>): Typed {
  const { range } = x;
  const condition = scalar(e, x.condition, 'a condition');
  const consequent = x.consequent ? value(e, x.consequent) : undefined;
  const otherwise = value(e, x.otherwise);
  const type = conditionalType(e, consequent ?? condition, otherwise, range);
  const typed = (t: Typed): Typed => (type.kind === 'void' || type.kind === 'record' ? t : convert(e, t, type));
  return {
    kind: 'conditional',
    condition,
    consequent: consequent && typed(consequent),
    otherwise: typed(otherwise),
    type,
    range,
  };
}

function conditionalType(e: Context, a: Typed, b: Typed, range: Range): CType {
  if (isArithmetic(a.type) && isArithmetic(b.type)) return e.types.common(promoted(e, a).type, promoted(e, b).type);
  if (a.type.kind === 'void' || b.type.kind === 'void') return voidType;
  if (a.type.kind === 'record' && compatible(a.type, b.type)) return a.type;
  const left = a.type;
  const right = b.type;
  if (left.kind === 'pointer' && right.kind === 'pointer') {
    const quals = { const: !!(left.to.const || right.to.const), volatile: !!(left.to.volatile || right.to.volatile) };
    if (isNullConstant(a)) return right;
    if (isNullConstant(b)) return left;
    if (left.to.kind === 'void' || right.to.kind === 'void') return pointerTo(qualified(voidType, quals));
    if (!compatible(unqualified(left.to), unqualified(right.to)))
      e.warn('C0322', 'the two pointers differ in type', range);
    return pointerTo(qualified(left.to, quals));
  }
  if (left.kind === 'pointer' && isInteger(right)) {
    if (!isNullConstant(b)) e.warn('C0323', 'a pointer on one side, an integer on the other', range);
    return left;
  }
  if (right.kind === 'pointer' && isInteger(left)) {
    if (!isNullConstant(a)) e.warn('C0323', 'a pointer on one side, an integer on the other', range);
    return right;
  }
  if (compatible(left, right)) return left;
  fail('C0339', `the two values have types ${formatType(left)} and ${formatType(right)}`, range);
}

function member(e: Context, x: Extract<Expression, { kind: 'member' }>): Typed {
  const object = elaborate(e, x.object);
  const base = x.arrow ? dereference(rvalue(e, object), object.range) : object;
  if (base.type.kind !== 'record') {
    const hint = !x.arrow && base.type.kind === 'pointer' ? { hint: 'it is a pointer: use ->' } : {};
    fail('C0340', `a ${formatType(base.type)} has no members`, x.range, hint);
  }
  const { info } = base.type;
  if (!info.layout) {
    const line = info.range.file.builtIn ? '' : `, in line ${info.range.file.lineOf(info.range.start)}`;
    const hint = `it is only declared${line}: its members are not known here`;
    fail('C0330', `${formatType(base.type)} is incomplete`, x.object.range, { hint });
  }
  const path = findField(info, x.name);
  if (!path)
    fail(
      'C0341',
      `${formatType(base.type)} has no member \`${x.name}\``,
      x.range,
      suggestion(x.name, memberNames(info)),
    );
  let result = base;
  for (const field of path) {
    const type = qualified(field.type, { const: !!result.type.const, volatile: !!result.type.volatile });
    result = { kind: 'member', object: result, field, type, range: x.range };
  }
  return result;
}

function memberNames(info: RecordInfo): string[] {
  return (info.layout?.fields ?? []).flatMap((f) =>
    f.name !== undefined ? [f.name] : f.type.kind === 'record' ? memberNames(f.type.info) : [],
  );
}

export function cast(e: Context, type: CType, operand: Typed, range: Range): Typed {
  const target = unqualified(type);
  if (target.kind === 'void') return { kind: 'convert', operand, explicit: true, type: voidType, range };
  if (target.kind === 'record' && operand.type.kind === 'record' && compatible(target, operand.type)) return operand;
  if (target.kind === 'record' && target.info.which === 'union') return castToUnion(e, target, operand, range);
  if (target.kind === 'opaque' || operand.type.kind === 'opaque') {
    return { kind: 'convert', operand, explicit: true, type: target, range };
  }
  if (!isScalar(target) || !isScalar(operand.type)) {
    fail('C0343', `a ${formatType(operand.type)} cannot be converted to ${formatType(target)}`, range);
  }
  const floats = (t: CType): boolean => t.kind === 'floating' || t.kind === 'complex';
  if ((target.kind === 'pointer' && floats(operand.type)) || (operand.type.kind === 'pointer' && floats(target))) {
    fail('C0343', `a ${formatType(operand.type)} cannot be converted to ${formatType(target)}`, range);
  }
  return { ...convert(e, operand, target, true), range };
}

/** GNU: `(union u)value` is a union whose member of the value's type holds it; its other bytes are not specified. */
function castToUnion(e: Context, target: RecordType, operand: Typed, range: Range): Typed {
  const field = target.info.layout?.fields.find((f) => compatible(unqualified(f.type), operand.type));
  if (!field) {
    fail('C0342', `${formatType(target)} has no member of type ${formatType(operand.type)}`, range);
  }
  const entry = { path: [{ kind: 'field' as const, field }], type: field.type, value: operand };
  return literalObject(e, target, { zero: false, entries: [entry], range }, range);
}

/** `sizeof` of a variable-length array is computed from the length that was stored when it was declared. */
export function dynamicSize(e: Context, type: CType, range: Range): Typed {
  if (type.kind === 'array' && variableSize(type)) {
    const length: Typed = type.variableLength
      ? variableLoad(type.variableLength, range)
      : integerNode(BigInt(type.length ?? 0), e.types.size, range);
    return {
      kind: 'arithmetic',
      op: '*',
      left: length,
      right: dynamicSize(e, type.element, range),
      type: e.types.size,
      range,
    };
  }
  const size = sizeOf(type, e.model);
  if (size === undefined) fail('C0330', `${formatType(type)} is incomplete: its size is not known`, range);
  return integerNode(BigInt(size), e.types.size, range);
}

/** A type name in an expression may hold array sizes that are computed here: `sizeof(int[n])`, `(int (*)[n])p`. */
function withSizes(e: Context, range: Range, make: () => Typed): Typed {
  if (!e.current || e.inPrototype) return make();
  const saved = e.pending;
  const items: TypedStatement[] = [];
  e.pending = items;
  const typed = make();
  e.pending = saved;
  if (items.length === 0) return typed;
  return {
    kind: 'statement-expression',
    body: { kind: 'compound', items, range },
    value: typed,
    type: typed.type,
    range,
  };
}

export const variableLoad = (variable: Variable, range: Range): Typed => ({
  kind: 'load',
  lvalue: { kind: 'variable', variable, type: variable.type, range },
  type: unqualified(variable.type),
  range,
});

function sizeofNode(e: Context, operand: Expression | TypeName, alignment: boolean, range: Range): Typed {
  let type: CType;
  if (operand.kind === 'type-name') {
    type = typeOfName(e, operand);
  } else {
    // The operand is not evaluated: what it would mark as used in memory does not count.
    const typed = elaborate(e, operand);
    if (typed.kind === 'member' && typed.field.bitField) fail('C0344', 'the size of a bit-field', range);
    type = typed.type;
  }
  if (type.kind === 'function') return integerNode(1n, e.types.size, range);
  if (alignment) return integerNode(BigInt(alignOf(type, e.model)), e.types.size, range);
  const size = dynamicSize(e, type, range);
  return { ...size, range };
}

function generic(e: Context, x: Extract<Expression, { kind: 'generic' }>): Typed {
  const control = unqualified(value(e, x.control).type);
  let fallback: Expression | undefined;
  for (const { type, value: chosen } of x.associations) {
    if (!type) fallback = chosen;
    else if (compatible(control, typeOfName(e, type))) return elaborate(e, chosen);
  }
  if (!fallback) fail('C0345', `no branch of _Generic fits the type ${formatType(control)}`, x.range);
  return elaborate(e, fallback);
}

function offsetof(e: Context, x: Extract<Expression, { kind: 'offsetof' }>): Typed {
  let type = typeOfName(e, x.type);
  let offset = 0;
  for (const step of x.path) {
    if (step.kind === 'field') {
      const path = type.kind === 'record' ? findField(type.info, step.name) : undefined;
      if (!path) fail('C0341', `${formatType(type)} has no member \`${step.name}\``, step.range);
      for (const field of path) {
        if (field.bitField) fail('C0344', 'the offset of a bit-field', step.range);
        offset += field.offset;
        type = field.type;
      }
    } else {
      if (type.kind !== 'array') fail('C0332', 'only an array member can be indexed', step.range);
      const index = constantInteger(value(e, step.index));
      if (index === undefined) return unsupported('C0346', 'an offset that is not constant', step.range);
      type = type.element;
      offset += Number(index) * (sizeOf(type, e.model) ?? 0);
    }
  }
  return integerNode(BigInt(offset), e.types.size, cover(x.range, x.range));
}
