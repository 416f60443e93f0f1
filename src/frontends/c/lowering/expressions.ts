import type { Term } from '../../../terms/term.ts';
import { freeSymbols } from '../../../terms/traversal.ts';
import { unsupported } from '../diagnostics.ts';
import { constantInteger } from '../elaboration/constant.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { formatType, type IntegerType, integerOf, isInteger, wrapInteger } from '../types/ctype.ts';
import type { InitializerPlan, PathStep, Typed, TypedOf, Variable } from '../types/typed.ts';
import { lowerBuiltin } from './builtins.ts';
import { lowerCall } from './calls.ts';
import { calledFunction, checkSequencing, effectFree, ending, expressionsIn, output, rootVariable } from './effects.ts';
import {
  type ArithmeticContext,
  arithmetic,
  compare,
  complement,
  constantValue,
  convertInteger,
  max,
  min,
  negate,
  negation,
  type Value,
} from './integers.ts';
import type { FunctionState } from './state.ts';
import { lowerStatement } from './statements.ts';
import { type Cell, fieldPath, placeOf, refusedType, type Storage } from './storage.ts';

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
  );
}

/** Only the effects of an expression. */
export function lowerEffect(f: FunctionState, e: Typed): void {
  switch (e.kind) {
    case 'convert':
      lowerEffect(f, e.operand);
      return;
    case 'load':
    case 'variable':
    case 'member':
    case 'integer':
    case 'floating':
    case 'string':
    case 'function':
      if (!effectFree(e)) unsupported('C0604', `this expression (\`${textOf(e.range)}\`)`, e.range);
      requirePlainReads(e);
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
      lowerCompoundAssign(f, e);
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
    default:
      if (e.type.kind === 'pointer' && effectFree(e)) {
        requirePlainReads(e);
        return;
      }
      lowerValue(f, e);
  }
}

/**
 * A value that nobody uses is not computed. But reading it is part of the program, and may fail: so every object that is read
 * must be one that we model.
 */
function requirePlainReads(e: Typed): void {
  for (const part of expressionsIn(e)) if (part.kind === 'load') placeOf(part.lvalue);
}

const integerType = (e: Typed): IntegerType => {
  if (isInteger(e.type)) return integerOf(e.type);
  const { code, what } = refusedType(e.type);
  return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
};

/** The value of an integer expression. */
export function lowerValue(f: FunctionState, e: Typed): Value {
  const type = integerType(e);
  const constant = f.annotation ? undefined : foldable(f, e, type);
  if (constant !== undefined) return constantValue(f.terms, constant);
  switch (e.kind) {
    case 'integer':
      return constantValue(f.terms, e.value);
    case 'load': {
      const bound = e.lvalue.kind === 'variable' ? f.bound?.get(e.lvalue.variable) : undefined;
      return bound ?? f.read(cellOf(f, e.lvalue));
    }
    case 'convert':
      return lowerConversion(f, e, type);
    case 'negate':
      return negate(f.arithmetic(e.range), lowerValue(f, e.operand), type);
    case 'complement':
      return complement(f.arithmetic(e.range), lowerValue(f, e.operand), type);
    case 'arithmetic':
      return lowerArithmetic(f, e);
    case 'compare':
    case 'not':
      return truthValue(f, lowerCondition(f, e));
    case 'logical':
      return f.annotation || effectFree(e) ? truthValue(f, lowerCondition(f, e)) : chosen(f, e, type);
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

function refuseValue(e: Typed): never {
  const { code, what } = refusedType(e.type);
  const name = isInteger(e.type) ? 'this expression' : what;
  unsupported(code, `${name} (\`${textOf(e.range)}\`)`, e.range);
}

/** Constant expressions are computed here, unless that would hide an overflow or lose mathematical integers. */
function foldable(f: FunctionState, e: Typed, type: IntegerType): bigint | undefined {
  if (e.kind === 'integer' || e.kind === 'load' || e.kind === 'call' || e.kind === 'assign') return undefined;
  if (f.unit.options.integers !== 'math') return constantInteger(e, f.unit.options.integers === 'c');
  // Over mathematical integers nothing wraps, so only what no conversion changes is the same.
  for (const part of expressionsIn(e)) if (part.kind === 'convert' || part.kind === 'complement') return undefined;
  const value = constantInteger(e);
  return value !== undefined && value === wrapInteger(value, type) && type.signed ? value : undefined;
}

function truthValue(f: FunctionState, condition: Term): Value {
  const { terms } = f;
  if (condition === terms.true) return constantValue(terms, 1n);
  if (condition === terms.false) return constantValue(terms, 0n);
  return { term: terms.ite(condition, terms.int(1), terms.int(0)), low: 0n, high: 1n };
}

function lowerConversion(f: FunctionState, e: TypedOf<'convert'>, type: IntegerType): Value {
  const { operand } = e;
  if (!isInteger(operand.type)) {
    const { code, what } = refusedType(operand.type);
    return unsupported(code, `${what} (\`${textOf(operand.range)}\`)`, operand.range);
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
export function keepOver(f: FunctionState, value: Value, type: IntegerType, next: readonly Typed[]): Value {
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
        if (v === output || v === ending) continue;
        for (const cell of f.storage(v).values()) if (symbols.has(cell.symbol)) return f.save(value, type);
      }
    }
  }
  return value;
}

/** The condition that a scalar is not 0. */
export function lowerCondition(f: FunctionState, e: Typed): Term {
  const { terms } = f;
  if (isInteger(e.type) && !f.annotation) {
    const constant = foldable(f, e, integerOf(e.type)) ?? (e.kind === 'integer' ? e.value : undefined);
    if (constant !== undefined) return terms.bool(constant !== 0n);
  }
  switch (e.kind) {
    case 'compare': {
      if (!isInteger(e.left.type)) {
        const { code, what } = refusedType(e.left.type);
        return unsupported(code, `${what} (\`${textOf(e.left.range)}\`)`, e.left.range);
      }
      const left = keepOver(f, lowerValue(f, e.left), integerType(e.left), [e.right]);
      const right = lowerValue(f, e.right);
      return compareValues(f, e, left, right);
    }
    case 'not':
      return negation(terms, lowerCondition(f, e.operand));
    case 'logical':
      return f.annotation || effectFree(e)
        ? pureLogical(f, e)
        : terms.not(terms.equal(lowerValue(f, e).term, terms.int(0)));
    case 'convert':
      // Conversions between integers keep whether a 0/1 value is 0; to _Bool they keep it always.
      if (
        isInteger(e.operand.type) &&
        isInteger(e.type) &&
        (integerOf(e.type).name === '_Bool' || isTruth(e.operand))
      ) {
        return lowerCondition(f, e.operand);
      }
      break;
    default:
  }
  const value = lowerValue(f, e);
  if (value.term.kind === 'value') return terms.bool(value.term.value !== 0n);
  return truthOf(f, value.term) ?? terms.not(terms.equal(value.term, terms.int(0)));
}

/** The condition c of a value that was made as `c ? 1 : 0`. */
function truthOf(f: FunctionState, term: Term): Term | undefined {
  const { terms } = f;
  if (term.kind !== 'apply' || term.op !== 'ite') return undefined;
  const [condition, one, zero] = term.args;
  return one === terms.int(1) && zero === terms.int(0) ? condition : undefined;
}

/** Its value is 0 or 1 by what it is. */
function isTruth(e: Typed): boolean {
  return (
    e.kind === 'compare' || e.kind === 'not' || e.kind === 'logical' || (e.kind === 'convert' && isTruth(e.operand))
  );
}

/** `(a < b) == 0` and the like stay conditions; the rest compares integers. */
function compareValues(f: FunctionState, e: TypedOf<'compare'>, left: Value, right: Value): Term {
  const { terms } = f;
  if ((e.op === '==' || e.op === '!=') && right.low === 0n && right.high === 0n) {
    const condition = truthOf(f, left.term);
    if (condition) return e.op === '!=' ? condition : negation(terms, condition);
  }
  return compare(terms, e.op, left.term, right.term);
}

/** `&&` and `||` without effects: one formula; what the right side requires is required only where it is evaluated. */
function pureLogical(f: FunctionState, e: TypedOf<'logical'>): Term {
  const { terms } = f;
  const spine: TypedOf<'logical'>[] = [];
  let first: Typed = e;
  while (
    first.kind === 'logical' &&
    (first === e || first.op === e.op) &&
    (e.op === '&&' || e.op === '||' || first === e)
  ) {
    spine.push(first);
    first = first.left;
  }
  const conjuncts: Term[] = [lowerCondition(f, first)];
  const guarded = f.guards.length;
  for (let node = spine.pop(); node; node = spine.pop()) {
    const left = conjuncts.at(-1)!;
    switch (node.op) {
      case '&&':
      case '==>':
        f.guards.push(left);
        break;
      case '||':
        f.guards.push(negation(terms, left));
        break;
      case '<==>':
      case '^^':
        break;
    }
    conjuncts.push(lowerCondition(f, node.right));
  }
  f.guards.length = guarded;
  const [left, right] = conjuncts;
  switch (e.op) {
    case '&&':
      return connect(f, conjuncts, terms.true, terms.false, 'and');
    case '||':
      return connect(f, conjuncts, terms.false, terms.true, 'or');
    case '==>':
      return terms.implies(left!, right!);
    case '<==>':
      return terms.equal(left!, right!);
    case '^^':
      return terms.apply('xor', [left!, right!]);
  }
}

function connect(f: FunctionState, parts: readonly Term[], neutral: Term, absorbing: Term, op: 'and' | 'or'): Term {
  const rest = parts.filter((p) => p !== neutral);
  if (rest.includes(absorbing)) return absorbing;
  return rest.length === 0 ? neutral : rest.length === 1 ? rest[0]! : f.terms.apply(op, rest);
}

/** Sends control to `yes` or `no`, whatever effects the condition has. */
export function branchOn(f: FunctionState, e: Typed, yes: number, no: number): void {
  if (e.kind === 'not') {
    branchOn(f, e.operand, no, yes);
    return;
  }
  if (e.kind === 'logical' && (e.op === '&&' || e.op === '||') && !effectFree(e)) {
    const right = f.newLocation(e.right.range);
    if (e.op === '&&') branchOn(f, e.left, right, no);
    else branchOn(f, e.left, yes, right);
    f.resume(right);
    branchOn(f, e.right, yes, no);
    return;
  }
  if (e.kind === 'comma') {
    lowerEffect(f, e.left);
    branchOn(f, e.right, yes, no);
    return;
  }
  f.branch(lowerCondition(f, e), yes, no);
}

/** The 0/1 value of `&&` or `||` whose right side has effects. */
function chosen(f: FunctionState, e: TypedOf<'logical'>, type: IntegerType): Value {
  const target = f.temporary('truth', type);
  const yes = f.newLocation();
  const no = f.newLocation();
  const after = f.newLocation();
  branchOn(f, e, yes, no);
  for (const [at, value] of [
    [yes, 1n],
    [no, 0n],
  ] as const) {
    f.resume(at);
    f.emit({ kind: 'assign', target, value: f.terms.int(value) });
    f.jump(after);
  }
  f.resume(after);
  return { term: target, low: 0n, high: 1n };
}

function lowerConditional(f: FunctionState, e: TypedOf<'conditional'>, type: IntegerType): Value {
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
    own = f.save(saved, integerType(e.condition));
    f.branch(terms.not(terms.equal(own.term, terms.int(0))), yes, no);
  }
  const values: Value[] = [];
  const arms: [number, () => Value][] = [
    [yes, () => (e.consequent ? lowerValue(f, e.consequent) : convertInteger(f.arithmetic(e.range), own!, type))],
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

// Assignments

export function cellOf(f: FunctionState, lvalue: Typed): Cell {
  const place = placeOf(lvalue);
  if (lvalue.kind === 'compound-literal') initializeLiteral(f, lvalue);
  return f.cell(place.variable, place.path, { type: place.type, range: lvalue.range });
}

function initializeLiteral(f: FunctionState, e: TypedOf<'compound-literal'>): void {
  lowerInitializer(f, e.variable, e.initializer);
}

/** Stores a value into a cell; a bit-field keeps its low bits. Gives what the cell then holds. */
function store(f: FunctionState, cell: Cell, value: Value, range: Range): Value {
  const fitted = convertInteger(f.arithmetic(range), value, cell.type);
  f.emit({ kind: 'assign', target: cell.symbol, value: fitted.term });
  const { low, high } = fitted;
  return { term: cell.symbol, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
}

function lowerAssign(f: FunctionState, e: TypedOf<'assign'>): Value | undefined {
  if (e.type.kind === 'record') {
    const place = placeOf(e.target);
    copyRecord(f, f.storage(place.variable), place.path, lowerRecord(f, e.value));
    return undefined;
  }
  const cell = cellOf(f, e.target);
  const value = lowerValue(f, e.value);
  return store(f, cell, value, e.range);
}

function lowerCompoundAssign(f: FunctionState, e: TypedOf<'compound-assign'>): Value {
  const cell = cellOf(f, e.target);
  if (!isInteger(e.computeType)) {
    const { code, what } = refusedType(e.computeType);
    return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
  }
  const type = integerOf(e.computeType);
  const before = keepOver(f, f.read(cell), cell.type, [e.value]);
  const right = lowerValue(f, e.value);
  const context = f.arithmetic(e.range);
  const old = convertInteger(context, before, type);
  return store(f, cell, arithmetic(context, e.op, old, right, type), e.range);
}

function lowerIncrement(f: FunctionState, e: TypedOf<'increment'>, used: boolean): Value {
  const cell = cellOf(f, e.target);
  const context = f.arithmetic(e.range);
  let old = f.read(cell);
  if (used && e.postfix) old = f.save(old, cell.type, 'old');
  const before = f.read(cell);
  let result: Value;
  if (cell.type.name === '_Bool') {
    // `++` makes a _Bool true; `--` turns it round.
    const one = constantValue(f.terms, 1n);
    result = e.delta === 1 ? one : { term: f.terms.subtract(one.term, before.term), low: 0n, high: 1n };
  } else {
    const type = f.unit.types.promote(cell.type, cell.widthBits);
    const promoted = convertInteger(context, before, type);
    result = arithmetic(context, e.delta === 1 ? '+' : '-', promoted, constantValue(f.terms, 1n), type);
  }
  const after = store(f, cell, result, e.range);
  return e.postfix ? old : after;
}

// Structures, as the integers in them

/** The integers of a structure's value, by path. */
export type RecordValue = ReadonlyMap<string, { readonly value: Value; readonly type: IntegerType }>;

export function lowerRecord(f: FunctionState, e: Typed): RecordValue {
  switch (e.kind) {
    case 'load': {
      const place = placeOf(e.lvalue);
      if (e.lvalue.kind === 'compound-literal') initializeLiteral(f, e.lvalue);
      return recordAt(f, f.storage(place.variable), place.path, e);
    }
    case 'comma':
      lowerEffect(f, e.left);
      return lowerRecord(f, e.right);
    case 'assign': {
      lowerAssign(f, e);
      const place = placeOf(e.target);
      return recordAt(f, f.storage(place.variable), place.path, e);
    }
    case 'call':
      return lowerCall(f, e, true, 'record');
    case 'statement-expression':
      lowerStatement(f, e.body);
      return e.value ? lowerRecord(f, e.value) : refuseValue(e);
    default: {
      const { code, what } = refusedType(e.type);
      return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
    }
  }
}

function recordAt(f: FunctionState, storage: Storage, path: string, e: Typed): RecordValue {
  if (e.type.kind === 'record' && e.type.info.which === 'union') unsupported('C0603', 'a union', e.range);
  const prefix = path === '' ? '' : `${path}.`;
  const result = new Map<string, { value: Value; type: IntegerType }>();
  for (const [key, cell] of storage) {
    if (key.startsWith(prefix)) result.set(key.slice(prefix.length), { value: f.read(cell), type: cell.type });
  }
  return result;
}

export function copyRecord(f: FunctionState, storage: Storage, path: string, value: RecordValue): void {
  const prefix = path === '' ? '' : `${path}.`;
  for (const [key, part] of value) {
    const cell = storage.get(prefix + key);
    if (cell && cell.symbol !== part.value.term)
      f.emit({ kind: 'assign', target: cell.symbol, value: part.value.term });
  }
}

/** Carries out an initialiser: zero first where it says so, then each value in order. */
export function lowerInitializer(f: FunctionState, variable: Variable, plan: InitializerPlan): void {
  const storage = f.storage(variable);
  const given = new Set(
    plan.entries.map((entry) => entry.path.map((s) => (s.kind === 'field' ? s.field.index : s.index)).join('.')),
  );
  if (plan.zero && !(given.size === 1 && given.has(''))) {
    for (const cell of storage.values()) f.emit({ kind: 'assign', target: cell.symbol, value: f.terms.int(0) });
  }
  for (const entry of plan.entries) {
    const { range } = entry.value;
    sequence(f, entry.value);
    const place = fieldsPath(entry.path);
    if (place !== undefined && entry.type.kind === 'record') {
      copyRecord(f, storage, place, lowerRecord(f, entry.value));
      continue;
    }
    const cell = place === undefined ? undefined : storage.get(place);
    if (cell) store(f, cell, lowerValue(f, entry.value), range);
    // What is no integer has no cell; that matters only where it is used, and is refused there.
    else lowerEffect(f, entry.value);
  }
}

/** The path through members; undefined if it leads into an array. */
function fieldsPath(steps: readonly PathStep[]): string | undefined {
  let path = '';
  for (const step of steps) {
    if (step.kind === 'element') return undefined;
    path = fieldPath(path, step.field);
  }
  return path;
}
