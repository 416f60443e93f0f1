import type { Term } from '../../../terms/term.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type IntegerType, integerOf, isInteger } from '../types/ctype.ts';
import type { Typed, TypedOf } from '../types/typed.ts';
import { compareComplex, isNonZeroComplex } from './complex.ts';
import { effectFree, expressionsIn } from './effects.ts';
import { foldable, keepOver, lowerEffect, lowerValue, requireSameObject, typeOf } from './expressions.ts';
import { compareFloats, doublesOf, isNonZeroFloat } from './floats.ts';
import { compare, constantValue, negation, type Value } from './integers.ts';
import { floatPredicate } from './math-library.ts';
import type { FunctionState } from './state.ts';
import type { ScalarType } from './storage.ts';

/**
 * Conditions as Boolean terms, and control that branches on them. `&&`, `||` and `!` without effects are one formula; with
 * effects they split control.
 */

/** The condition that a scalar is not 0. */
export function lowerCondition(f: FunctionState, e: Typed): Term {
  const { terms } = f;
  if (isInteger(e.type) && !f.annotation) {
    const constant = foldable(f, e, integerOf(e.type)) ?? (e.kind === 'integer' ? e.value : undefined);
    if (constant !== undefined) return terms.bool(constant !== 0n);
  }
  switch (e.kind) {
    case 'compare': {
      if (e.left.type.kind === 'complex' || e.right.type.kind === 'complex') return compareComplex(f, e);
      const sides = doublesOf(e);
      const type = typeOf(sides.left);
      const left = keepOver(f, lowerValue(f, sides.left), type, [sides.right]);
      const right = lowerValue(f, sides.right);
      if (type.kind === 'floating') return compareFloats(f, e, e.op, left.term, right.term);
      if (type.kind === 'pointer') comparePointers(f, e, left, right);
      return compareValues(f, e, left, right);
    }
    case 'call':
    case 'builtin': {
      const predicate = f.annotation ? undefined : floatPredicate(f, e);
      if (predicate) return predicate;
      break;
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
  if (e.type.kind === 'complex') return isNonZeroComplex(f, e);
  return nonZero(f, lowerValue(f, e), typeOf(e), e.range);
}

/** The condition that a scalar value is not 0. */
export function nonZero(f: FunctionState, value: Value, type: ScalarType, range: Range): Term {
  const { terms } = f;
  if (type.kind === 'floating') return isNonZeroFloat(f, value.term, range);
  if (value.term.kind === 'value') return terms.bool(value.term.value !== 0n);
  return truthOf(f, value.term) ?? terms.not(terms.equal(value.term, terms.int(0)));
}

/** `<` and its like compare places in one object [C11 6.5.8p5]; against a constant (usually null) they compare numbers. */
function comparePointers(f: FunctionState, e: TypedOf<'compare'>, left: Value, right: Value): void {
  const isNull = (v: Value): boolean => v.term === f.terms.int(0);
  if (!isNull(left) && !isNull(right)) f.unit.addressesCompared = true;
  if (e.op === '==' || e.op === '!=' || f.annotation || !f.unit.checked('pointer')) return;
  const isNumber = (side: Typed): boolean => (side.kind === 'convert' ? isNumber(side.operand) : isInteger(side.type));
  if (isNumber(e.left) || isNumber(e.right)) return;
  requireSameObject(f, left.term, right.term, e.range, 'compares');
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
  // Where the right side reads memory, control splits, so that what it requires stands at a place of its own.
  if (e.kind === 'logical' && (e.op === '&&' || e.op === '||') && !(effectFree(e) && !readsMemory(e.right))) {
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

function readsMemory(e: Typed): boolean {
  for (const part of expressionsIn(e)) if (part.kind === 'dereference') return true;
  return false;
}

/** The 0/1 value of `&&` or `||` whose right side has effects. */
export function chosen(f: FunctionState, e: TypedOf<'logical'>, type: IntegerType): Value {
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

export function truthValue(f: FunctionState, condition: Term): Value {
  const { terms } = f;
  if (condition === terms.true) return constantValue(terms, 1n);
  if (condition === terms.false) return constantValue(terms, 0n);
  return { term: terms.ite(condition, terms.int(1), terms.int(0)), low: 0n, high: 1n };
}
