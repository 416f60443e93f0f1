import type { OperatorName } from '../../../terms/operator.ts';
import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import type { CType } from '../types/ctype.ts';
import type { ArithmeticOperator, Typed, TypedOf } from '../types/typed.ts';
import { calledFunction } from './effects.ts';
import { keepOver, lowerValue, typeOf } from './expressions.ts';
import { convertFloat, type FloatingType, floatArithmetic, floatConstant, floatOperation, widthOf } from './floats.ts';
import type { Value } from './integers.ts';
import { lowerPlace } from './places.ts';
import { lowerRecord, type RecordValue, writeRecord } from './records.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';
import { leavesOf } from './storage.ts';

/**
 * Complex numbers as two floats [C11 6.2.5p13], kept as a structure of a real and an imaginary part. A real operand stays
 * real (Annex G): it has no imaginary part that could turn an infinity into a NaN. Products whose parts are both NaN are mended
 * as Annex G.5.1 says. How libraries divide by a complex number differs in the last bits and at the edges: the quotient may
 * be anything, and the answer says so.
 */
export type ComplexType = CType & { readonly kind: 'complex' };

/** Without `im`: a real operand. */
interface Complex {
  readonly re: Term;
  readonly im: Term | undefined;
}

export const partType = (type: ComplexType): FloatingType => ({ kind: 'floating', format: type.format });

/** The value of an expression of complex type. */
export function lowerComplex(f: FunctionState, e: Typed): RecordValue {
  return recordOf(f, e.type as ComplexType, componentsOf(f, e));
}

function recordOf(f: FunctionState, type: ComplexType, value: Complex): RecordValue {
  const im = value.im ?? floatConstant(f, 0, widthOf(partType(type)));
  const parts = leavesOf(type)!.map(
    (leaf) => [leaf.path, { leaf, value: { term: leaf.path === 're' ? value.re : im } }] as const,
  );
  return { kind: 'scalars', parts: new Map(parts) };
}

const refuse = (range: Range): never => unsupported('C0605', `complex arithmetic (\`${textOf(range)}\`)`, range);

/** The parts of an expression of complex type, or the value of a real one. */
export function componentsOf(f: FunctionState, e: Typed): Complex {
  if (f.annotation) return refuse(e.range);
  if (e.type.kind !== 'complex') return { re: lowerValue(f, e).term, im: undefined };
  if (!leavesOf(e.type)) return refuse(e.range);
  const part = partType(e.type);
  const op = (name: OperatorName, ...args: Term[]): Term => floatOperation(f, name, args);
  switch (e.kind) {
    case 'floating':
      return { re: floatConstant(f, 0, widthOf(part)), im: floatConstant(f, e.value, widthOf(part)) };
    case 'convert': {
      const { operand } = e;
      if (operand.type.kind !== 'complex') {
        const value = lowerValue(f, operand);
        return { re: convertScalar(f, value, typeOf(operand), part, e.range).term, im: undefined };
      }
      const { re, im } = componentsOf(f, operand);
      const from = partType(operand.type);
      return { re: convertFloat(f, re, from, part), im: im && convertFloat(f, im, from, part) };
    }
    case 'negate': {
      const { re, im } = componentsOf(f, e.operand);
      return { re: op('fp.neg', re), im: im && op('fp.neg', im) };
    }
    case 'complement': {
      const { re, im } = componentsOf(f, e.operand);
      return { re, im: im ? op('fp.neg', im) : op('fp.neg', floatConstant(f, 0, widthOf(part))) };
    }
    case 'arithmetic': {
      const left = kept(f, componentsOf(f, e.left), part, e.right);
      return complexArithmetic(f, e.op, left, componentsOf(f, e.right), part, e.range);
    }
    case 'compound-assign': {
      const value = lowerCompoundComplex(f, e);
      return scalarsOf(value, e.range);
    }
    case 'call': {
      const callee = calledFunction(e);
      if (callee && !callee.body && /^conjf?$/.test(callee.name) && e.args.length === 1) {
        const { re, im } = componentsOf(f, e.args[0]!);
        return { re, im: im && op('fp.neg', im) };
      }
      return scalarsOf(lowerRecord(f, e), e.range);
    }
    case 'load':
    case 'comma':
    case 'assign':
    case 'statement-expression':
    case 'conditional':
      return scalarsOf(lowerRecord(f, e), e.range);
    default:
      return refuse(e.range);
  }
}

function scalarsOf(value: RecordValue, range: Range): Complex {
  if (value.kind === 'memory') return refuse(range);
  return { re: value.parts.get('re')!.value.term, im: value.parts.get('im')!.value.term };
}

/** Saves the parts if what comes next may change them. */
function kept(f: FunctionState, { re, im }: Complex, type: FloatingType, next: Typed): Complex {
  const keep = (term: Term): Term => keepOver(f, { term }, type, [next]).term;
  return { re: keep(re), im: im && keep(im) };
}

/** A complex target, whose value is computed in a complex type; or a real one, which keeps the real part. */
export function lowerCompoundComplex(f: FunctionState, e: TypedOf<'compound-assign'>): RecordValue {
  const { target, computeType } = e;
  if (target.type.kind !== 'complex' || computeType.kind !== 'complex') return refuse(e.range);
  const place = lowerPlace(f, target);
  const part = partType(computeType);
  const before = componentsOf(f, { kind: 'load', lvalue: target, type: target.type, range: target.range });
  const own = partType(target.type);
  const widened = { re: convertFloat(f, before.re, own, part), im: before.im && convertFloat(f, before.im, own, part) };
  const left = kept(f, widened, part, e.value);
  const result = complexArithmetic(f, e.op, left, componentsOf(f, e.value), part, e.range);
  const back = {
    re: f.save({ term: convertFloat(f, result.re, part, own) }, own).term,
    im: result.im && f.save({ term: convertFloat(f, result.im, part, own) }, own).term,
  };
  const value = recordOf(f, target.type, back);
  writeRecord(f, place, value, e.range);
  return value;
}

function complexArithmetic(
  f: FunctionState,
  op: ArithmeticOperator,
  x: Complex,
  y: Complex,
  type: FloatingType,
  range: Range,
): Complex {
  const compute = (o: ArithmeticOperator, a: Term, b: Term): Term => floatArithmetic(f, o, a, b, range);
  switch (op) {
    case '+':
      return { re: compute('+', x.re, y.re), im: x.im && y.im ? compute('+', x.im, y.im) : (x.im ?? y.im) };
    case '-':
      return {
        re: compute('-', x.re, y.re),
        im: x.im && y.im ? compute('-', x.im, y.im) : (x.im ?? (y.im && floatOperation(f, 'fp.neg', [y.im]))),
      };
    case '*':
      if (!x.im || !y.im) {
        const [real, other] = x.im ? [y, x] : [x, y];
        return { re: compute('*', x.re, y.re), im: other.im && compute('*', other.im, real.re) };
      }
      return product(f, [x.re, x.im, y.re, y.im], type, range);
    case '/':
      if (!y.im) return { re: compute('/', x.re, y.re), im: x.im && compute('/', x.im, y.re) };
      f.approximate('division by a complex number is not computed: the quotient may be any', range);
      return { re: f.anything(type).term, im: f.anything(type).term };
    default:
      return refuse(range);
  }
}

/** (a + ib)(c + id), with infinities mended where both parts come out as NaN. */
function product(
  f: FunctionState,
  factors: readonly [Term, Term, Term, Term],
  type: FloatingType,
  range: Range,
): Complex {
  const { terms } = f;
  const op = (name: OperatorName, ...args: Term[]): Term => floatOperation(f, name, args);
  const [a, b, c, d] = factors.map((term) => f.save({ term }, type, 'factor').term) as [Term, Term, Term, Term];
  const products = (w: Term, x: Term, y: Term, z: Term): readonly [Term, Term] => [
    op('fp.sub', op('fp.mul', w, y), op('fp.mul', x, z)),
    op('fp.add', op('fp.mul', w, z), op('fp.mul', x, y)),
  ];
  // The assumption about floats.
  floatArithmetic(f, '*', a, c, range);
  const [re, im] = products(a, b, c, d).map((term) => f.save({ term }, type, 'product').term) as [Term, Term];
  const ordered = op('fp.eq', re, re);
  if (ordered.kind === 'value' && ordered.value === true) return { re, im };
  const width = widthOf(type);
  const [zero, one, infinity] = [0, 1, Number.POSITIVE_INFINITY].map((x) => floatConstant(f, x, width)) as [
    Term,
    Term,
    Term,
  ];
  const isInfinite = (x: Term): Term => op('fp.isInfinite', x);
  const withSign = (size: Term, x: Term): Term => terms.ite(op('fp.isNegative', x), op('fp.neg', size), size);
  const boxed = (x: Term): Term => withSign(terms.ite(isInfinite(x), one, zero), x);
  const settled = (x: Term): Term => terms.ite(op('fp.isNaN', x), withSign(zero, x), x);
  const first = terms.or(isInfinite(a), isInfinite(b));
  const second = terms.or(isInfinite(c), isInfinite(d));
  const partial = terms.any(
    [op('fp.mul', a, c), op('fp.mul', b, d), op('fp.mul', a, d), op('fp.mul', b, c)].map(isInfinite),
  );
  const mended = (x: Term, own: Term, other: Term): Term =>
    terms.ite(own, terms.ite(other, settled(boxed(x)), boxed(x)), terms.ite(terms.or(other, partial), settled(x), x));
  const [w, x] = [mended(a, first, second), mended(b, first, second)];
  const [y, z] = [mended(c, second, first), mended(d, second, first)];
  const again = terms.any([first, second, partial]);
  const lost = terms.all([op('fp.isNaN', re), op('fp.isNaN', im), again]);
  const [re2, im2] = products(w, x, y, z).map((term) => op('fp.mul', infinity, term)) as [Term, Term];
  return { re: terms.ite(lost, re2, re), im: terms.ite(lost, im2, im) };
}

/** `==` and `!=` of complex numbers. */
export function compareComplex(f: FunctionState, e: TypedOf<'compare'>): Term {
  const type = [e.left.type, e.right.type].find((t) => t.kind === 'complex') as ComplexType;
  if (e.op !== '==' && e.op !== '!=') return refuse(e.range);
  const part = partType(type);
  const left = kept(f, componentsOf(f, e.left), part, e.right);
  const right = componentsOf(f, e.right);
  const zero = floatConstant(f, 0, widthOf(part));
  const same = f.terms.and(
    floatOperation(f, 'fp.eq', [left.re, right.re]),
    floatOperation(f, 'fp.eq', [left.im ?? zero, right.im ?? zero]),
  );
  return e.op === '==' ? same : f.terms.not(same);
}

export function isNonZeroComplex(f: FunctionState, e: Typed): Term {
  const { re, im } = componentsOf(f, e);
  const width = widthOf(partType(e.type as ComplexType));
  const parts = (im ? [re, im] : [re]).map((x) => floatOperation(f, 'fp.eq', [x, floatConstant(f, 0, width)]));
  return f.terms.not(f.terms.all(parts));
}

/** The real part, for a conversion to a real type. */
export function realPart(f: FunctionState, e: Typed): { readonly value: Value; readonly type: FloatingType } {
  return { value: { term: componentsOf(f, e).re }, type: partType(e.type as ComplexType) };
}

/** `__real__ x` and `__imag__ x` of what is no object. */
export function lowerPart(f: FunctionState, e: TypedOf<'real' | 'imaginary'>): Value {
  const { operand } = e;
  if (operand.type.kind !== 'complex') {
    const value = lowerValue(f, operand);
    if (e.kind === 'real') return value;
    const type = typeOf(operand);
    return { term: type.kind === 'floating' ? floatConstant(f, 0, widthOf(type)) : f.terms.int(0) };
  }
  const { re, im } = componentsOf(f, operand);
  return { term: e.kind === 'real' ? re : (im ?? floatConstant(f, 0, widthOf(partType(operand.type)))) };
}
