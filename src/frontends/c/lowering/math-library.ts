import type { Term } from '../../../terms/term.ts';
import { textOf } from '../preprocessor/source-file.ts';
import { integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, TypedOf } from '../types/typed.ts';
import { componentsOf } from './complex.ts';
import { truthValue } from './conditions.ts';
import { calledFunction } from './effects.ts';
import { keepOver, lowerValue, typeOf } from './expressions.ts';
import { floatConstant, floatOperation, throughLongDouble, wholeNumber, widthOfTerm } from './floats.ts';
import type { Value } from './integers.ts';
import { type MemoryPlace, writePlace } from './places.ts';
import type { FunctionState } from './state.ts';
import { approximated, approximations } from './transcendentals.ts';

/**
 * math.h and the compiler's builtins on floats. What IEEE 754 fixes is computed exactly; of the rest (sin, pow, …) only what
 * holds for every good library is known (transcendentals.ts), and the answer says so. The sign of a NaN is fixed by nothing:
 * it may be either. That a function sets errno, or raises an exception of fenv.h, is not modelled.
 */
interface Known {
  readonly value: Value | undefined;
}

export function lowerMathCall(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Known | undefined {
  const name = baseName(symbol.name);
  if (e.args[0]?.type.kind === 'complex' && e.type.kind === 'floating') {
    if (/^crealf?$/.test(symbol.name)) return { value: { term: componentsOf(f, e.args[0]).re } };
    if (/^cimagf?$/.test(symbol.name)) {
      const { re, im } = componentsOf(f, e.args[0]);
      return { value: { term: im ?? floatConstant(f, 0, widthOfTerm(re)) } };
    }
    return undefined;
  }
  if (name === undefined || (e.type.kind !== 'floating' && !isInteger(e.type))) return undefined;
  if (!e.args.some((a) => a.type.kind === 'floating')) return name === 'nan' ? notANumber(f, e) : undefined;
  if (e.type.kind === 'floating' && e.type.format === 'long double') return undefined;
  const args = e.args;
  const [first, second] = args;
  const values: Value[] = [];
  for (const arg of args) {
    for (const [i, v] of values.entries()) values[i] = keepOver(f, v, typeOf(args[i]!), [arg]);
    values.push(lowerValue(f, throughLongDouble(arg) ?? arg));
  }
  const [x, y] = values.map((v) => v.term) as [Term, Term];
  const float = (term: Term): Known => ({ value: { term } });
  const truth = (condition: Term): Known => ({ value: truthValue(f, condition) });
  const op = (...given: Parameters<typeof floatOperation> extends [unknown, ...infer R] ? R : never): Term =>
    floatOperation(f, ...given);
  if (values.length === 1) {
    const exact = unary[name];
    if (exact) return float(op(exact.op, [x], exact.index ?? 0));
  }
  switch (`${name}/${values.length}`) {
    case 'fmod/2':
      return float(op('fp.rem', [x, y]));
    case 'remainder/2':
    case 'drem/2':
      return float(remainder(f, saved(f, x, 'dividend'), saved(f, y, 'divisor')));
    case 'fmin/2':
    case 'fmax/2':
      return float(extreme(f, name === 'fmin', saved(f, x, 'first'), saved(f, y, 'second'), e));
    case 'fdim/2': {
      const [a, b] = [saved(f, x, 'first'), saved(f, y, 'second')];
      const zero = floatConstant(f, 0, widthOfTerm(x));
      const difference = op('fp.sub', [a, b]);
      const known = f.terms.ite(op('fp.le', [a, b]), zero, difference);
      return float(known);
    }
    case 'copysign/2':
      return float(f.terms.ite(sign(f, saved(f, y, 'sign'), e), op('fp.neg', [op('fp.abs', [x])]), op('fp.abs', [x])));
    case 'isnan/1':
      return truth(op('fp.isNaN', [x]));
    case 'isinf/1':
      return { value: nonZeroIf(f, op('fp.isInfinite', [x]), e) };
    case 'finite/1':
    case 'isfinite/1':
      return truth(isNumber(f, saved(f, x, 'argument')));
    case 'signbit/1':
      return { value: nonZeroIf(f, sign(f, saved(f, x, 'argument'), e), e) };
    case 'fpclassify/1': {
      const a = saved(f, x, 'argument');
      return {
        value: classified(
          f,
          a,
          [0n, 1n, 4n, 3n, 2n].map((n) => ({ term: f.terms.int(n), low: n, high: n })),
        ),
      };
    }
    case 'lrint/1':
    case 'llrint/1':
    case 'lround/1':
    case 'llround/1': {
      if (!isInteger(e.type)) return undefined;
      const rounded = op('fp.round', [x], name.endsWith('rint') ? 5 : 4);
      // What does not fit gives a number that is not specified.
      return { value: wholeNumber(f, rounded, integerOf(e.type), e.range, undefined) };
    }
    case 'ldexp/2':
    case 'scalbn/2':
    case 'scalbln/2': {
      const scaled = scaledBy(f, x, values[1]!);
      if (scaled) return float(scaled);
      break;
    }
    case 'modf/2': {
      if (second?.type.kind !== 'pointer') return undefined;
      const a = saved(f, x, 'argument');
      const whole = op('fp.round', [a], 1);
      store(f, e, 1, values[1]!.term, whole);
      const zero = floatConstant(f, 0, widthOfTerm(x));
      const part = f.terms.ite(op('fp.isInfinite', [a]), zero, op('fp.sub', [a, whole]));
      // The part has the sign of the argument, also when it is 0.
      return float(signed(f, op('fp.isNegative', [a]), part));
    }
    case 'frexp/2': {
      if (second?.type.kind !== 'pointer') return undefined;
      return float(splitExponent(f, saved(f, x, 'argument'), e, values[1]!.term));
    }
    default:
  }
  const facts =
    first && e.type.kind === 'floating' && args.every((a) => a.type.kind === 'floating' || isInteger(a.type));
  if (!facts || !approximations.has(name)) return undefined;
  return {
    value: approximated(
      f,
      name,
      values.map((v, i) => saved(f, v.term, `argument ${i + 1}`)),
      e,
    ),
  };
}

const others =
  /^(?:j[01n]|y[01n]|cabs|carg|cproj|c?(?:sin|cos|tan|asin|acos|atan)h?|cexp|clog|cpow|csqrt|ilogb|remquo|nexttoward)[fl]?$/;

/** A function of math.h or complex.h, whoever declared it. */
export const isMathFunction = (name: string): boolean => baseName(name) !== undefined || others.test(name);

/** The function without the letter of its type: `fabsf` is `fabs`. Also the names behind the macros of older headers. */
function baseName(name: string): string | undefined {
  const plain = name.replace(/^__(?=(?:isnan|isinf|finite|signbit|fpclassify)[fl]?$)/, '').replace(/^__builtin_/, '');
  if (known.has(plain)) return plain;
  const shorter = plain.replace(/[fl]$/, '');
  return shorter !== plain && known.has(shorter) ? shorter : undefined;
}

const unary: Readonly<Record<string, { readonly op: Parameters<typeof floatOperation>[1]; readonly index?: number }>> =
  {
    fabs: { op: 'fp.abs' },
    sqrt: { op: 'fp.sqrt' },
    trunc: { op: 'fp.round', index: 1 },
    floor: { op: 'fp.round', index: 2 },
    ceil: { op: 'fp.round', index: 3 },
    round: { op: 'fp.round', index: 4 },
    rint: { op: 'fp.round', index: 5 },
    nearbyint: { op: 'fp.round', index: 5 },
    roundeven: { op: 'fp.round', index: 5 },
  };

const known: ReadonlySet<string> = new Set([
  ...Object.keys(unary),
  ...approximations,
  ...'fmod remainder drem fmin fmax fdim copysign isnan isinf finite isfinite signbit fpclassify'.split(' '),
  ...'lrint llrint lround llround ldexp scalbn scalbln modf frexp nan'.split(' '),
]);

/** A term that is used more than once. */
function saved(f: FunctionState, term: Term, name: string): Term {
  if (term.kind === 'value' || term.kind === 'symbol' || term.sort.kind !== 'float') return term;
  const format = term.sort.format === 'binary32' ? 'float' : 'double';
  return f.save({ term }, { kind: 'floating', format }, name).term;
}

function notANumber(f: FunctionState, e: TypedOf<'call'>): Known | undefined {
  if (e.type.kind !== 'floating' || e.type.format === 'long double') return undefined;
  return { value: { term: floatConstant(f, Number.NaN, e.type.format === 'float' ? 32 : 64) } };
}

const isNumber = (f: FunctionState, x: Term): Term =>
  floatOperation(f, 'fp.lt', [
    floatOperation(f, 'fp.abs', [x]),
    floatConstant(f, Number.POSITIVE_INFINITY, widthOfTerm(x)),
  ]);

/** The sign bit as a condition. */
function sign(f: FunctionState, x: Term, e: TypedOf<'call' | 'builtin'>): Term {
  const negative = floatOperation(f, 'fp.isNegative', [x]);
  const unordered = floatOperation(f, 'fp.isNaN', [x]);
  if (unordered === f.terms.false) return negative;
  f.approximate('the sign of a NaN is not computed: it may be either', e.range);
  const { terms } = f;
  const either = f.anything(f.unit.types.bool);
  return terms.ite(unordered, terms.equal(either.term, terms.int(1)), negative);
}

/** The float with the sign that a condition gives. */
function signed(f: FunctionState, negative: Term, x: Term): Term {
  const size = floatOperation(f, 'fp.abs', [x]);
  const minus = floatOperation(f, 'fp.neg', [size]);
  if (negative.kind === 'value') return negative.value === true ? minus : size;
  return f.terms.ite(negative, minus, size);
}

/** `isinf(x)` and `signbit(x)` as conditions: which number stands for true does not matter then. */
export function floatPredicate(f: FunctionState, e: TypedOf<'call' | 'builtin'>): Term | undefined {
  const callee = e.kind === 'call' ? calledFunction(e) : undefined;
  const name = e.kind === 'builtin' ? e.name : callee && !callee.body ? baseName(callee.name) : undefined;
  const [arg] = e.args;
  if ((name !== 'isinf' && name !== 'signbit') || arg?.type.kind !== 'floating' || e.args.length !== 1)
    return undefined;
  const x = saved(f, lowerValue(f, throughLongDouble(arg) ?? arg).term, 'argument');
  return name === 'isinf' ? floatOperation(f, 'fp.isInfinite', [x]) : sign(f, x, e);
}

/** Some number other than 0 where the condition holds, else 0: what C says of isinf and signbit. */
function nonZeroIf(f: FunctionState, condition: Term, e: TypedOf<'call' | 'builtin'>): Value {
  const { terms } = f;
  if (condition === terms.false) return { term: terms.int(0), low: 0n, high: 0n };
  f.approximate(`\`${textOf(e.range)}\` is some number other than 0 where it is true`, e.range);
  const some = f.anything(f.unit.types.int);
  f.emit({ kind: 'assume', condition: terms.not(terms.equal(some.term, terms.int(0))) });
  return { term: terms.ite(condition, some.term, terms.int(0)), ...f.boundsOf(f.unit.types.int) };
}

/** The lesser or greater of two; the other one if one is NaN. Of two zeros it may be either. */
function extreme(f: FunctionState, least: boolean, x: Term, y: Term, e: TypedOf<'call'>): Term {
  const { terms } = f;
  const first = floatOperation(f, 'fp.lt', least ? [x, y] : [y, x]);
  const nan = (a: Term): Term => floatOperation(f, 'fp.isNaN', [a]);
  const chosen = terms.ite(first, x, y);
  let ordered = chosen;
  const couldBeZero = (a: Term): boolean =>
    a.kind !== 'value' || floatOperation(f, 'fp.eq', [a, floatConstant(f, 0, widthOfTerm(a))]) === terms.true;
  if (couldBeZero(x) && couldBeZero(y)) {
    f.unit.assume(`\`${textOf(e.callee.range)}\` of two zeros may give either of them`, e.range);
    const either = f.anything(f.unit.types.bool);
    const pick = terms.ite(terms.equal(either.term, terms.int(1)), x, y);
    ordered = terms.ite(floatOperation(f, 'fp.eq', [x, y]), pick, chosen);
  }
  return terms.ite(nan(x), y, terms.ite(nan(y), x, ordered));
}

/** The remainder that is nearest to 0 [C11 7.12.10.2], from the remainders of truncated division by |y| and by 2|y|. */
function remainder(f: FunctionState, x: Term, y: Term): Term {
  const { terms } = f;
  const op = (name: Parameters<typeof floatOperation>[1], ...args: Term[]): Term => floatOperation(f, name, args);
  const [a, b] = [op('fp.abs', x), op('fp.abs', y)];
  const two = saved(f, op('fp.rem', a, op('fp.add', b, b)), 'remainder');
  const odd = op('fp.le', b, two);
  const one = saved(f, terms.ite(odd, op('fp.sub', two, b), two), 'remainder');
  const rest = saved(f, op('fp.sub', b, one), 'rest');
  const up = terms.or(op('fp.lt', rest, one), terms.and(op('fp.eq', rest, one), odd));
  const nearest = saved(f, terms.ite(up, op('fp.sub', one, b), one), 'remainder');
  return terms.ite(op('fp.isNegative', x), op('fp.neg', nearest), nearest);
}

/** x * 2^n by one exact multiplication; undefined if 2^n is not known to be a normal float. */
function scaledBy(f: FunctionState, x: Term, count: Value): Term | undefined {
  const width = widthOfTerm(x);
  const most = width === 32 ? 127n : 1023n;
  if (count.low === undefined || count.high === undefined || count.low < 1n - most || count.high > most)
    return undefined;
  const { terms } = f;
  const exponent = terms.add(count.term, terms.int(most));
  const bits = terms.multiply(exponent, terms.int(1n << (width === 32 ? 23n : 52n)));
  const constant = count.term.kind === 'value' ? 2 ** Number(count.low) : undefined;
  const factor = constant === undefined ? terms.apply('fp.of.bits', [bits], width) : floatConstant(f, constant, width);
  return floatOperation(f, 'fp.mul', [x, factor]);
}

/** frexp: x = result * 2^exponent with the result in [1/2, 1). */
function splitExponent(f: FunctionState, x: Term, e: TypedOf<'call'>, pointer: Term): Term {
  const { terms } = f;
  const width = widthOfTerm(x);
  const [fraction, most, bias] = width === 32 ? [23n, 255n, 126n] : [52n, 2047n, 1022n];
  const unit = terms.int(1n << fraction);
  const two54 = floatConstant(f, 2 ** 54, width);
  const least = floatConstant(f, width === 32 ? 2 ** -126 : 2 ** -1022, width);
  const size = floatOperation(f, 'fp.abs', [x]);
  const small = floatOperation(f, 'fp.lt', [size, least]);
  const normal = saved(f, terms.ite(small, floatOperation(f, 'fp.mul', [size, two54]), size), 'normal');
  const bits = f.save({ term: floatOperation(f, 'fp.bits', [normal]) }, f.unit.types.ullong, 'bits').term;
  const biased = terms.apply('mod', [terms.apply('div', [bits, unit]), terms.int(most + 1n)]);
  const exponent = terms.subtract(biased, terms.ite(small, terms.int(bias + 54n), terms.int(bias)));
  const part = terms.apply(
    'fp.of.bits',
    [terms.add(terms.apply('mod', [bits, unit]), terms.multiply(terms.int(bias), unit))],
    width,
  );
  const zero = floatOperation(f, 'fp.eq', [x, floatConstant(f, 0, width)]);
  const regular = terms.and(isNumber(f, x), terms.not(zero));
  // For NaN and the infinities the exponent is not specified.
  const other = f.anything(f.unit.types.int);
  const stored = terms.ite(regular, exponent, terms.ite(zero, terms.int(0), other.term));
  store(f, e, 1, pointer, stored);
  return terms.ite(regular, signed(f, floatOperation(f, 'fp.isNegative', [x]), part), x);
}

/** Stores through a pointer argument. */
function store(f: FunctionState, e: TypedOf<'call'>, index: number, pointer: Term, value: Term): void {
  const { type, range } = e.args[index]!;
  if (type.kind !== 'pointer') return;
  const place: MemoryPlace = {
    kind: 'memory',
    address: { start: pointer, subscripts: [] },
    type: type.to,
    certain: false,
  };
  writePlace(f, place, { term: value }, range);
}

// Builtins of the compiler

/** Undefined if the builtin is not about floats. */
export function lowerFloatBuiltin(f: FunctionState, e: TypedOf<'builtin'>): Value | undefined {
  const { terms } = f;
  const op = (name: Parameters<typeof floatOperation>[1], ...args: Term[]): Term => floatOperation(f, name, args);
  const argument = (i: number): Term => {
    const arg = e.args[i]!;
    return saved(f, lowerValue(f, throughLongDouble(arg) ?? arg).term, 'argument');
  };
  switch (e.name) {
    case 'isnan':
      return truthValue(f, op('fp.isNaN', argument(0)));
    case 'isinf':
      return nonZeroIf(f, op('fp.isInfinite', argument(0)), e);
    case 'isinf_sign': {
      const x = argument(0);
      const by = terms.ite(op('fp.isNegative', x), terms.int(-1), terms.int(1));
      return { term: terms.ite(op('fp.isInfinite', x), by, terms.int(0)), low: -1n, high: 1n };
    }
    case 'isfinite':
      return truthValue(f, isNumber(f, argument(0)));
    case 'isnormal': {
      const x = argument(0);
      return truthValue(f, terms.and(isNumber(f, x), op('fp.le', leastNormal(f, x), op('fp.abs', x))));
    }
    case 'signbit':
      return nonZeroIf(f, sign(f, argument(0), e), e);
    case 'fpclassify': {
      const kinds = e.args.slice(0, 5).map((a) => lowerValue(f, a));
      return classified(f, argument(5), kinds);
    }
    case 'isgreater':
    case 'isgreaterequal':
    case 'isless':
    case 'islessequal':
    case 'islessgreater':
    case 'isunordered': {
      const first = e.args[0]!;
      const x = keepOver(f, { term: argument(0) }, typeOf(throughLongDouble(first) ?? first), [e.args[1]!]).term;
      const y = argument(1);
      const [less, more] = [op('fp.lt', x, y), op('fp.lt', y, x)];
      switch (e.name) {
        case 'isgreater':
          return truthValue(f, more);
        case 'isgreaterequal':
          return truthValue(f, op('fp.le', y, x));
        case 'isless':
          return truthValue(f, less);
        case 'islessequal':
          return truthValue(f, op('fp.le', x, y));
        case 'islessgreater':
          return truthValue(f, terms.or(less, more));
        default:
          return truthValue(f, terms.or(op('fp.isNaN', x), op('fp.isNaN', y)));
      }
    }
    default:
      return undefined;
  }
}

const leastNormal = (f: FunctionState, x: Term): Term =>
  floatConstant(f, widthOfTerm(x) === 32 ? 2 ** -126 : 2 ** -1022, widthOfTerm(x));

/** One of five numbers, for NaN, infinity, normal, subnormal and zero. */
function classified(f: FunctionState, x: Term, kinds: readonly Value[]): Value {
  const { terms } = f;
  const [nan, infinite, normal, subnormal, zero] = kinds.map((k) => k.term) as [Term, Term, Term, Term, Term];
  const size = floatOperation(f, 'fp.abs', [x]);
  const tiny = floatOperation(f, 'fp.lt', [size, leastNormal(f, x)]);
  const isZero = floatOperation(f, 'fp.eq', [x, floatConstant(f, 0, widthOfTerm(x))]);
  const number = terms.ite(isZero, zero, terms.ite(tiny, subnormal, normal));
  const term = terms.ite(
    floatOperation(f, 'fp.isNaN', [x]),
    nan,
    terms.ite(floatOperation(f, 'fp.isInfinite', [x]), infinite, number),
  );
  return { term, ...f.boundsOf(f.unit.types.int) };
}
