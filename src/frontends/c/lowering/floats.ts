import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import type { CType, IntegerType } from '../types/ctype.ts';
import type { ArithmeticOperator, Comparison, Typed, TypedOf } from '../types/typed.ts';
import type { Value } from './integers.ts';
import type { FunctionState } from './state.ts';

/** Floating-point arithmetic as terms. */
export type FloatingType = CType & { readonly kind: 'floating' };

const refuse = (range: Range): never => unsupported('C0605', `floating-point arithmetic (\`${textOf(range)}\`)`, range);

/** The value of an expression that computes with floats: a constant, a sum, a negation. What only moves a float is lowered elsewhere. */
export function lowerFloat(_f: FunctionState, e: Typed): Value {
  return refuse(e.range);
}

export function floatArithmetic(_f: FunctionState, _op: ArithmeticOperator, _a: Term, _b: Term, range: Range): Term {
  return refuse(range);
}

export function compareFloats(_f: FunctionState, e: TypedOf<'compare'>, _op: Comparison, _a: Term, _b: Term): Term {
  return refuse(e.range);
}

export const isNonZeroFloat = (_f: FunctionState, _term: Term, range: Range): Term => refuse(range);
export function floatOfInteger(f: FunctionState, term: Term, type: FloatingType): Term {
  return f.terms.apply('fp.of.int', [term], type.format === 'float' ? 32 : 64);
}
export function convertFloat(f: FunctionState, term: Term, from: FloatingType, to: FloatingType): Term {
  return from.format === to.format ? term : f.terms.apply('fp.convert', [term], to.format === 'float' ? 32 : 64);
}
export function integerOfFloat(
  _f: FunctionState,
  _term: Term,
  _from: FloatingType,
  _to: IntegerType,
  range: Range,
): Value {
  return refuse(range);
}
