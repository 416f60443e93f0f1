import type { Term } from '../../../terms/term.ts';
import { freeSymbols } from '../../../terms/traversal.ts';
import { unsupported } from '../diagnostics.ts';
import { constantInteger } from '../elaboration/constant.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { formatType, type IntegerType, integerOf, isInteger, wrapInteger } from '../types/ctype.ts';
import type { Typed, TypedOf, Variable } from '../types/typed.ts';
import { lowerAssign, lowerCompoundAssign, lowerIncrement, moved } from './assignments.ts';
import { lowerBuiltin } from './builtins.ts';
import { lowerCall } from './calls.ts';
import { lowerComplex, lowerCompoundComplex, lowerPart, realPart } from './complex.ts';
import { branchOn, chosen, lowerCondition, nonZero, truthValue } from './conditions.ts';
import { calledFunction, checkSequencing, effectFree, expressionsIn, isPseudo, rootVariable } from './effects.ts';
import { lowerFloat, throughLongDouble } from './floats.ts';
import {
  type ArithmeticContext,
  arithmetic,
  complement,
  constantValue,
  convertInteger,
  max,
  min,
  negate,
  negation,
  type Value,
} from './integers.ts';
import { lowerAddressOf, lowerPlace, readPlace, scaled, strideOf, times } from './places.ts';
import { lowerRecord } from './records.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';
import { lowerStatement } from './statements.ts';
import { inMemory, isAggregate, refusedType, type ScalarType, scalarType } from './storage.ts';
import { lowerArgument } from './variadic.ts';

/**
 * Expressions as terms over the program's variables, with their side effects emitted in order. A value is valid as long as
 * no variable in it changes; `checkSequencing` refuses expressions in which that could happen, but for calls, before which
 * values are saved.
 */

/** The outermost expression of a statement: its order of effects is checked here. */
export function lowerFull(f: FunctionState, e: Typed): void {
  sequence(f, e);
  lowerEffect(f, e);
}

export function lowerFullValue(f: FunctionState, e: Typed): Value {
  sequence(f, e);
  return lowerValue(f, e);
}

export function sequence(f: FunctionState, e: Typed): void {
  checkSequencing(
    e,
    (symbol) => f.unit.footprints.get(symbol),
    (name) =>
      f.unit.assume(
        `calls inside one expression run from left to right (C leaves the order open, and it matters for \`${name}\` here)`,
        e.range,
      ),
    (name) =>
      f.unit.assume(
        `where \`${name}\` is changed twice in one expression, the assignment around the other comes last (C leaves it undefined)`,
        e.range,
      ),
  );
}

/** Only the effects of an expression. */
export function lowerEffect(f: FunctionState, e: Typed): void {
  switch (e.kind) {
    case 'convert':
      lowerEffect(f, e.operand);
      return;
    case 'load':
      if (scalarType(e.type)) readPlace(f, lowerPlace(f, e.lvalue), e.lvalue.range);
      else if (isAggregate(e.type)) lowerRecord(f, e);
      else refuseValue(e);
      return;
    case 'variable':
    case 'member':
    case 'integer':
    case 'floating':
    case 'string':
    case 'function':
      if (!effectFree(e)) unsupported('C0604', `this expression (\`${textOf(e.range)}\`)`, e.range);
      return;
    case 'comma': {
      const spine: Typed[] = [];
      let first: Typed = e;
      while (first.kind === 'comma') {
        spine.push(first.right);
        first = first.left;
      }
      lowerEffect(f, first);
      for (const next of spine.reverse()) lowerEffect(f, next);
      return;
    }
    case 'assign':
      lowerAssign(f, e);
      return;
    case 'compound-assign':
      if (e.type.kind === 'complex') lowerCompoundComplex(f, e);
      else lowerCompoundAssign(f, e);
      return;
    case 'increment':
      lowerIncrement(f, e, false);
      return;
    case 'call':
      lowerCall(f, e, false);
      return;
    case 'builtin':
      lowerBuiltin(f, e, false);
      return;
    case 'statement-expression':
      lowerStatement(f, e.body);
      if (e.value) lowerEffect(f, e.value);
      return;
    case 'logical': {
      const right = f.newLocation(e.right.range);
      const after = f.newLocation();
      if (e.op === '&&') branchOn(f, e.left, right, after);
      else branchOn(f, e.left, after, right);
      f.resume(right);
      lowerEffect(f, e.right);
      f.jump(after);
      f.resume(after);
      return;
    }
    case 'conditional': {
      const yes = f.newLocation(e.consequent?.range ?? e.range);
      const no = f.newLocation(e.otherwise.range);
      const after = f.newLocation();
      branchOn(f, e.condition, yes, no);
      f.resume(yes);
      if (e.consequent) lowerEffect(f, e.consequent);
      f.jump(after);
      f.resume(no);
      lowerEffect(f, e.otherwise);
      f.jump(after);
      f.resume(after);
      return;
    }
    case 'dereference':
      // The value of a void or incomplete object: only what leads to it is evaluated.
      lowerEffect(f, e.pointer);
      return;
    default:
      if (e.type.kind === 'complex') lowerComplex(f, e);
      else lowerValue(f, e);
  }
}

export const integerType = (e: Typed): IntegerType => {
  if (isInteger(e.type)) return integerOf(e.type);
  const { code, what } = refusedType(e.type);
  return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
};

/** The type of a scalar expression; fails for what is none. */
export const typeOf = (e: Typed): ScalarType => {
  const type = scalarType(e.type);
  if (type) return type;
  const { code, what } = refusedType(e.type);
  return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
};

/** The value of a scalar expression. */
export function lowerValue(f: FunctionState, e: Typed): Value {
  const type = typeOf(e);
  if (type.kind === 'integer') {
    const constant = f.annotation ? undefined : foldable(f, e, type);
    if (constant !== undefined) return constantValue(f.terms, constant);
  } else if (type.kind === 'floating' && computesFloat(e)) {
    return lowerFloat(f, e);
  }
  switch (e.kind) {
    case 'integer':
      return constantValue(f.terms, e.value);
    case 'load': {
      const bound = e.lvalue.kind === 'variable' ? f.bound?.get(e.lvalue.variable) : undefined;
      return bound ?? readPlace(f, lowerPlace(f, e.lvalue), e.lvalue.range);
    }
    case 'member':
      return readPlace(f, lowerPlace(f, e), e.range);
    case 'address':
      return lowerAddressOf(f, e.lvalue);
    case 'pointer-add':
      return pointerAdd(f, e);
    case 'label-address':
      return { term: f.unit.labelObject(e.label, e.range).base };
    case 'pointer-difference':
      return pointerDifference(f, e);
    case 'real':
    case 'imaginary':
      return lowerPart(f, e);
    case 'va-arg':
      return lowerArgument(f, e, type);
    case 'convert':
      return lowerConversion(f, e, type);
    case 'negate':
      return negate(f.arithmetic(e.range), lowerValue(f, e.operand), integerType(e));
    case 'complement':
      return complement(f.arithmetic(e.range), lowerValue(f, e.operand), integerType(e));
    case 'arithmetic':
      return lowerArithmetic(f, e);
    case 'compare':
    case 'not':
      return truthValue(f, lowerCondition(f, e));
    case 'logical':
      return f.annotation || pure(e) ? truthValue(f, lowerCondition(f, e)) : chosen(f, e, integerType(e));
    case 'conditional':
      return lowerConditional(f, e, type);
    case 'comma': {
      const spine: Typed[] = [];
      let first: Typed = e;
      while (first.kind === 'comma') {
        spine.push(first.right);
        first = first.left;
      }
      lowerEffect(f, first);
      const rest = spine.reverse();
      for (const next of rest.slice(0, -1)) lowerEffect(f, next);
      return lowerValue(f, rest.at(-1)!);
    }
    case 'assign':
      return lowerAssign(f, e) ?? refuseValue(e);
    case 'compound-assign':
      return lowerCompoundAssign(f, e);
    case 'increment':
      return lowerIncrement(f, e, true);
    case 'call':
      return (f.annotation ? callInAnnotation(f, e) : lowerCall(f, e, true)) ?? refuseValue(e);
    case 'builtin':
      return lowerBuiltin(f, e, true) ?? refuseValue(e);
    case 'statement-expression':
      lowerStatement(f, e.body);
      return e.value ? lowerValue(f, e.value) : refuseValue(e);
    default:
      return refuseValue(e);
  }
}

/** What computes with floats; a load, a call, a choice and the like only move them. */
const computesFloat = (e: Typed): boolean =>
  e.kind === 'floating' ||
  e.kind === 'arithmetic' ||
  e.kind === 'negate' ||
  e.kind === 'convert' ||
  (e.kind === 'builtin' && (e.name === 'inf' || e.name === 'nan'));

/**
 * Evaluated without control flow of its own: it changes nothing. What it reads from memory is read even where C would not
 * evaluate it; that harms nothing, since its checks are weakened by the conditions around it.
 */
export const pure = effectFree;

/** pointer + index: the number that the address is; that it stays in its object is looked at where it is used. */
function pointerAdd(f: FunctionState, e: TypedOf<'pointer-add'>): Value {
  const pointer = keepOver(f, lowerValue(f, e.pointer), typeOf(e.pointer), [e.index]);
  const stride = strideOf(f, e.type, e.range);
  const { bytes: strideBytes } = stride;
  let index = times(f, lowerValue(f, e.index), stride);
  if (e.subtract) index = negate({ ...f.arithmetic(e.range), model: 'math' }, index, f.unit.types.llong);
  return { term: moved(f, pointer, index, strideBytes) };
}

/** The number of elements between two pointers into one object [C11 6.5.6p9]. */
function pointerDifference(f: FunctionState, e: TypedOf<'pointer-difference'>): Value {
  const { terms, unit } = f;
  const { bytes: strideBytes, count } = strideOf(f, e.left.type, e.range);
  const left = keepOver(f, lowerValue(f, e.left), typeOf(e.left), [e.right]);
  const right = lowerValue(f, e.right);
  const distance = terms.subtract(left.term, right.term);
  const divisor = count ? scaled(f, count, strideBytes) : terms.int(strideBytes);
  const exact = divisor === terms.int(1) ? distance : terms.apply('quot', [distance, divisor]);
  if (unit.checked('pointer') && !f.annotation) {
    requireSameObject(f, left.term, right.term, e.range, 'subtracts');
    const most = mostBytes / BigInt(strideBytes);
    return f.number({ term: exact, low: -most, high: most });
  }
  return f.number(convertInteger(f.arithmetic(e.range), { term: exact }, unit.types.ptrdiff));
}

/** No object is larger. */
const mostBytes = 1n << 40n;

export function requireSameObject(
  f: FunctionState,
  a: Value['term'],
  b: Value['term'],
  range: Range,
  what: string,
): void {
  f.require(
    {
      kind: 'pointer',
      property: f.unit.memory.sameObject(a, b),
      text: `the pointers in {} lead to one object`,
      failure: `{} ${what} pointers to different objects`,
    },
    range,
  );
}

/** A hint may call a function that only computes its result, `{ return expression; }`: its body stands for the call. */
export function computation(
  e: TypedOf<'call'>,
): { readonly parameters: readonly Variable[]; readonly result: Typed } | undefined {
  const body = calledFunction(e)?.body;
  if (body?.statement.kind !== 'compound') return undefined;
  const only = body.statement.items.filter((s) => s.kind !== 'empty');
  const result = only.length === 1 && only[0]!.kind === 'return' ? only[0]!.value : undefined;
  const known = result && effectFree(result) && body.parameters.length === e.args.length;
  return known && body.parameters.every((p) => isInteger(p.type)) ? { parameters: body.parameters, result } : undefined;
}

function callInAnnotation(f: FunctionState, e: TypedOf<'call'>): Value | undefined {
  const called = computation(e);
  if (!called) return undefined;
  const outer = f.bound;
  const values = e.args.map((arg) => lowerValue(f, arg));
  f.bound = new Map(called.parameters.map((p, i) => [p, values[i]!]));
  const result = lowerValue(f, called.result);
  f.bound = outer;
  return result;
}

export function refuseValue(e: Typed): never {
  const { code, what } = refusedType(e.type);
  const name = isInteger(e.type) ? 'this expression' : what;
  unsupported(code, `${name} (\`${textOf(e.range)}\`)`, e.range);
}

/** Constant expressions are computed here, unless that would hide an overflow or lose mathematical integers. */
export function foldable(f: FunctionState, e: Typed, type: IntegerType): bigint | undefined {
  if (e.kind === 'integer' || e.kind === 'load' || e.kind === 'call' || e.kind === 'assign') return undefined;
  if (f.unit.options.integers !== 'math') return constantInteger(e, f.unit.options.integers === 'c');
  // Over mathematical integers nothing wraps, so only what no conversion changes is the same.
  for (const part of expressionsIn(e)) if (part.kind === 'convert' || part.kind === 'complement') return undefined;
  const value = constantInteger(e);
  return value !== undefined && value === wrapInteger(value, type) && type.signed ? value : undefined;
}

function lowerConversion(f: FunctionState, e: TypedOf<'convert'>, type: ScalarType): Value {
  const operand = throughLongDouble(e.operand) ?? e.operand;
  if (operand.type.kind === 'complex' && !(type.kind === 'integer' && type.name === '_Bool')) {
    const part = realPart(f, operand);
    return convertScalar(f, part.value, part.type, type, e.range);
  }
  const from = operand.type.kind === 'complex' ? type : typeOf(operand);
  if (type.kind !== 'integer' || from.kind !== 'integer') {
    if (type.kind === 'integer' && type.name === '_Bool') return truthValue(f, lowerCondition(f, operand));
    const outer = f.allocated;
    if (type.kind === 'pointer' && type.to.kind !== 'void') f.allocated = type.to;
    const value = lowerValue(f, operand);
    f.allocated = outer;
    return convertScalar(f, value, from, type, e.range);
  }
  if (type.name === '_Bool') return truthValue(f, lowerCondition(f, operand));
  const value = lowerValue(f, operand);
  if (f.annotation) {
    // ACSL: values of C's types are integers; only a cast that the user wrote wraps.
    return e.explicit && f.unit.options.integers !== 'math'
      ? convertInteger({ ...f.arithmetic(e.range), model: 'wrap' }, value, type)
      : value;
  }
  const context = f.arithmetic(e.range);
  if (!e.explicit && f.unit.checked('conversion') && f.unit.options.integers !== 'math')
    checkConversion(f, context, value, type, e.range);
  return convertInteger(context, value, type);
}

function checkConversion(
  f: FunctionState,
  context: ArithmeticContext,
  value: Value,
  type: IntegerType,
  range: Range,
): void {
  const converted = convertInteger(context, value, type);
  if (converted === value || converted.term.kind === 'value') return;
  f.require(
    {
      kind: 'conversion',
      property: f.terms.equal(converted.term, value.term),
      text: `{} fits ${formatType(type)}`,
      failure: `{} changes when it is converted to ${formatType(type)}`,
    },
    range,
  );
}

function lowerArithmetic(f: FunctionState, e: TypedOf<'arithmetic'>): Value {
  const spine: TypedOf<'arithmetic'>[] = [];
  let first: Typed = e;
  while (first.kind === 'arithmetic' && (first === e || foldable(f, first, integerType(first)) === undefined)) {
    spine.push(first);
    first = first.left;
  }
  let left = lowerValue(f, first);
  let leftType = integerType(first);
  for (let node = spine.pop(); node; node = spine.pop()) {
    left = keepOver(f, left, leftType, [node.right]);
    const right = lowerValue(f, node.right);
    const type = integerType(node);
    left = arithmetic(f.arithmetic(node.range), node.op, left, right, type);
    leftType = type;
  }
  return left;
}

/** Saves a value if evaluating what comes next may change a variable in it. */
export function keepOver(f: FunctionState, value: Value, type: ScalarType, next: readonly Typed[]): Value {
  if (value.term.kind === 'value' || f.annotation || next.every(effectFree)) return value;
  const symbols = new Set<Term>(freeSymbols([value.term]));
  for (const root of next) {
    for (const e of expressionsIn(root)) {
      const callee = calledFunction(e);
      const written = callee ? (f.unit.footprints.get(callee)?.writes ?? []) : [];
      const direct =
        e.kind === 'assign' || e.kind === 'compound-assign' || e.kind === 'increment'
          ? rootVariable(e.target)
          : undefined;
      for (const v of direct ? [...written, direct] : written) {
        if (isPseudo(v) || inMemory(v)) continue;
        for (const cell of f.storage(v).values()) if (symbols.has(cell.symbol)) return f.save(value, type);
      }
    }
  }
  return value;
}

function lowerConditional(f: FunctionState, e: TypedOf<'conditional'>, type: ScalarType): Value {
  const { terms } = f;
  const pureBranches = f.annotation || (effectFree(e.otherwise) && (!e.consequent || effectFree(e.consequent)));
  if (pureBranches && e.consequent) {
    const condition = lowerCondition(f, e.condition);
    if (condition === terms.true) return lowerValue(f, e.consequent);
    if (condition === terms.false) return lowerValue(f, e.otherwise);
    f.guards.push(condition);
    const yes = lowerValue(f, e.consequent);
    f.guards.pop();
    f.guards.push(negation(terms, condition));
    const no = lowerValue(f, e.otherwise);
    f.guards.pop();
    return { term: terms.ite(condition, yes.term, no.term), ...hull(yes, no) };
  }
  const target = f.temporary('choice', type);
  const yes = f.newLocation();
  const no = f.newLocation();
  const after = f.newLocation();
  let own: Value | undefined;
  if (e.consequent) {
    branchOn(f, e.condition, yes, no);
  } else {
    const saved = lowerValue(f, e.condition);
    own = f.save(saved, typeOf(e.condition));
    f.branch(nonZero(f, own, typeOf(e.condition), e.condition.range), yes, no);
  }
  const values: Value[] = [];
  const arms: [number, () => Value][] = [
    [
      yes,
      () => (e.consequent ? lowerValue(f, e.consequent) : convertScalar(f, own!, typeOf(e.condition), type, e.range)),
    ],
    [no, () => lowerValue(f, e.otherwise)],
  ];
  for (const [at, arm] of arms) {
    f.resume(at);
    const value = arm();
    values.push(value);
    f.emit({ kind: 'assign', target, value: value.term });
    f.jump(after);
  }
  f.resume(after);
  return { term: target, ...hull(values[0]!, values[1]!) };
}

function hull(a: Value, b: Value): { low?: bigint; high?: bigint } {
  if (a.low === undefined || a.high === undefined || b.low === undefined || b.high === undefined) return {};
  return { low: min(a.low, b.low), high: max(a.high, b.high) };
}
