/**
 * Comparisons of two values (language reference 6.10): numbers by value, None and single objects by identity, values of unlike
 * types as unequal. Chains are in expressions.ts.
 */
import type { Term } from '../../../terms/term.ts';
import type { ComparisonOperator, Expression, Node } from '../ast.ts';
import type { Body } from './body.ts';
import { demand, demandNumber, describeTypes, isObject } from './narrowing.ts';
import {
  boolType,
  builtinOf,
  classOf,
  exceptionOf,
  intType,
  isNumeric,
  noneType,
  numberType,
  type Type,
  textOf,
} from './types.ts';
import { NeedsExactTypes } from './unit.ts';
import type { Value } from './value.ts';

/** `left op right` as a formula. False after a failure, where control does not go on. */
export function compare(body: Body, op: ComparisonOperator, left: Value, right: Value, node: Node): Term {
  const { values } = body;
  const t = values.terms;
  switch (op) {
    case 'Eq':
      return equality(body, left, right, node, equalTypes);
    case 'NotEq':
      return values.not(equality(body, left, right, node, equalTypes));
    case 'Is':
      return equality(body, left, right, node, identicalTypes);
    case 'IsNot':
      return values.not(equality(body, left, right, node, identicalTypes));
    case 'Lt':
    case 'LtE':
    case 'Gt':
    case 'GtE': {
      const a = demandNumber(body, left, node);
      const b = body.alive ? demandNumber(body, right, node) : left;
      if (!body.alive || a.types.length === 0 || b.types.length === 0) return t.false;
      return order(body, op, values.asInt(a), values.asInt(b));
    }
    case 'In':
    case 'NotIn':
      body.unsupported(node, `\`in\` on ${describeTypes(right.types)}`);
      return t.false;
  }
}

const orders = { Lt: '<', LtE: '<=', Gt: '>', GtE: '>=' } as const;

function order(body: Body, op: keyof typeof orders, a: Term, b: Term): Term {
  const t = body.values.terms;
  if (a.kind === 'value' && b.kind === 'value') {
    const [x, y] = [a.value as bigint, b.value as bigint];
    return t.bool(op === 'Lt' ? x < y : op === 'LtE' ? x <= y : op === 'Gt' ? x > y : x >= y);
  }
  return t.apply(orders[op], [a, b]);
}

type Verdict = boolean | 'payload' | 'open';

function equality(body: Body, left: Value, right: Value, node: Node, decide: (a: Type, b: Type) => Verdict): Term {
  const { values } = body;
  const t = values.terms;
  const open = (a: Type, others: readonly Type[]): boolean => others.some((b) => decide(a, b) === 'open');
  const what = `the comparison \`${body.unit.text(node)}\` of ${describeTypes(left.types)} with ${describeTypes(right.types)}`;
  const a = demand(
    body,
    left,
    (type) => !open(type, right.types),
    () => {
      body.unsupported(node, what);
    },
  );
  if (!body.alive || a.types.length === 0 || right.types.length === 0) return t.false;
  const cases = new Map<Type, Type[]>();
  for (const s of a.types) {
    for (const u of right.types) if (decide(s, u) !== false) cases.set(s, [...(cases.get(s) ?? []), u]);
  }
  const formulas: Term[] = [];
  for (const [s, partners] of cases) {
    const byPayload = partners.filter((u) => decide(s, u) === 'payload');
    const always = partners.filter((u) => decide(s, u) === true);
    const is = (value: Value, types: readonly Type[]): Term =>
      values.term(values.hasType(value, (u) => types.includes(u)));
    if (always.length > 0) formulas.push(values.all([is(a, [s]), is(right, always)]));
    if (byPayload.length > 0) {
      formulas.push(values.all([is(a, [s]), is(right, byPayload), equalPayloads(body, a, right)]));
    }
  }
  const numbersOnly = [...a.types, ...right.types].every(isNumeric);
  if (numbersOnly && decide === equalTypes) return equalPayloads(body, a, right);
  return values.any(formulas);
}

function equalPayloads(body: Body, a: Value, b: Value): Term {
  const { values } = body;
  const t = values.terms;
  const bools = a.payload!.sort.kind === 'bool' && b.payload!.sort.kind === 'bool';
  const x = bools ? a.payload! : values.asInt(a);
  const y = bools ? b.payload! : values.asInt(b);
  if (x.kind === 'value' && y.kind === 'value') return t.bool(x === y);
  if (bools && x === t.true) return y;
  if (bools && y === t.true) return x;
  if (bools && (x === t.false || y === t.false)) return values.not(x === t.false ? y : x);
  return t.equal(x, y);
}

/** Types of which there is one object only. (A `def` may be carried out several times.) */
const isSingle = (type: Type): boolean =>
  type === noneType || classOf(type) !== undefined || builtinOf(type) !== undefined;

/** Whether values of the two types are equal (`==`). */
function equalTypes(a: Type, b: Type): Verdict {
  if (isNumeric(a) && isNumeric(b)) return 'payload';
  if (a === noneType || b === noneType) return isObject(a) || isObject(b) ? 'open' : a === b;
  if (textOf(a) !== undefined && textOf(b) !== undefined) return a === b;
  if (isObject(a) || isObject(b) || (exceptionOf(a) && exceptionOf(b))) return 'open';
  if (a === b) return isSingle(a) ? true : 'open';
  return false;
}

/** Whether values of the two types are the same object (`is`). That of equal integers or texts is not fixed by the language. */
function identicalTypes(a: Type, b: Type): Verdict {
  if (a === boolType && b === boolType) return 'payload';
  const number = a === numberType || b === numberType;
  if (number && isNumeric(a) && isNumeric(b) && (a === boolType || b === boolType)) throw new NeedsExactTypes();
  if (isNumeric(a) && isNumeric(b)) return a === boolType || b === boolType ? false : 'open';
  if (textOf(a) !== undefined && textOf(b) !== undefined) return a === b ? 'open' : false;
  if (a === b) return isSingle(a) ? true : 'open';
  if (isObject(a) && isObject(b)) return 'open';
  if (a === intType || b === intType) return isObject(a) || isObject(b) ? 'open' : false;
  return isObject(a) || isObject(b) ? (a === noneType || b === noneType ? false : 'open') : false;
}

/** Is this the literal of a tuple, list or set, whose elements `in` may compare one by one? */
export const isDisplay = (node: Expression): node is Expression & { kind: 'Tuple' | 'List' | 'Set' } =>
  (node.kind === 'Tuple' || node.kind === 'List' || node.kind === 'Set') &&
  node.elts.every((e) => e.kind !== 'Starred');
