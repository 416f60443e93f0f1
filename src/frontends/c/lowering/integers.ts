import type { CheckKind } from '../../../program/program.ts';
import type { TermFactory } from '../../../terms/factory.ts';
import type { Term } from '../../../terms/term.ts';
import { type IntegerType, integerBounds } from '../types/ctype.ts';
import type { ArithmeticOperator, Comparison } from '../types/typed.ts';

/**
 * C's integer arithmetic as terms over the mathematical integers (docs/decisions/001), in one of three models:
 * `c`: unsigned wraps, signed overflow is undefined: a check when overflow is looked at, wrapping when it is not;
 * `wrap`: everything wraps; `math`: mathematical integers, no widths at all.
 *
 * Every value carries bounds that hold whenever it is computed, so that checks and wraps appear only where they can matter:
 * the sum of two `unsigned char` never overflows an int.
 */
export type IntegerModel = 'c' | 'wrap' | 'math';

export interface Value {
  readonly term: Term;
  /** Inclusive bounds; absent where there are none (mathematical integers). */
  readonly low?: bigint;
  readonly high?: bigint;
}

/** What must hold for an operation to be defined; `text` and `failure` are clauses about the operation `{}`. */
export interface Requirement {
  readonly kind: CheckKind;
  readonly property: Term;
  readonly text: string;
  readonly failure: string;
}

/** Called for each requirement that the bounds do not settle. */
export type Require = (requirement: Requirement) => void;

export interface ArithmeticContext {
  readonly terms: TermFactory;
  readonly model: IntegerModel;
  /** Is this kind of failure looked at? Then a run ends there, and what follows may rely on it. */
  readonly checked: (kind: CheckKind) => boolean;
  readonly require: Require;
  /** A value of the type about which nothing is known: what an undefined operation gives when nobody looks. */
  readonly anything: (type: IntegerType) => Value;
}

export const isMath = (model: IntegerModel, type: IntegerType): boolean => model === 'math' && type.name !== '_Bool';

export function constantValue(terms: TermFactory, value: bigint): Value {
  return { term: terms.int(value), low: value, high: value };
}

/** The bounds that every value of the type has. */
export function typeBounds(model: IntegerModel, type: IntegerType): { low?: bigint; high?: bigint } {
  return isMath(model, type) ? {} : integerBounds(type);
}

const within = (v: Value, low: bigint, high: bigint): boolean =>
  v.low !== undefined && v.high !== undefined && v.low >= low && v.high <= high;

const asConstant = (v: Value): bigint | undefined => (v.low !== undefined && v.low === v.high ? v.low : undefined);

/** The conversion of an integer to an integer type [C11 6.3.1.2, 6.3.1.3]. */
export function convertInteger(c: ArithmeticContext, v: Value, type: IntegerType): Value {
  const { terms } = c;
  if (type.name === '_Bool') {
    if (within(v, 0n, 1n)) return v;
    return { term: terms.ite(terms.equal(v.term, terms.int(0)), terms.int(0), terms.int(1)), low: 0n, high: 1n };
  }
  if (isMath(c.model, type)) return v;
  const { low, high } = integerBounds(type);
  if (within(v, low, high)) return v;
  const constant = asConstant(v);
  if (constant !== undefined) {
    return constantValue(terms, type.signed ? BigInt.asIntN(type.bits, constant) : BigInt.asUintN(type.bits, constant));
  }
  const term = type.signed ? terms.wrapSigned(v.term, type.bits) : terms.wrapUnsigned(v.term, type.bits);
  return { term, low, high };
}

/** The requirement that a value lies in a range, as small as its bounds allow; undefined if it surely does. */
export function inRange(terms: TermFactory, v: Value, low: bigint, high: bigint): Term | undefined {
  const parts: Term[] = [];
  if (v.low === undefined || v.low < low) parts.push(terms.lessEqual(terms.int(low), v.term));
  if (v.high === undefined || v.high > high) parts.push(terms.lessEqual(v.term, terms.int(high)));
  return parts.length === 0 ? undefined : terms.all(parts);
}

/** Brings the exact result of an operation into its type: nothing, a wrap, or a check that it fits. */
function fitted(c: ArithmeticContext, exact: Value, type: IntegerType): Value {
  if (isMath(c.model, type)) return exact;
  const { low, high } = integerBounds(type);
  if (within(exact, low, high)) return exact;
  const kind = type.signed ? 'overflow' : 'unsigned-overflow';
  if ((type.signed && c.model === 'wrap') || !c.checked(kind)) return convertInteger(c, exact, type);
  const property = inRange(c.terms, exact, low, high);
  if (property) c.require({ kind, property, text: '{} does not overflow', failure: '{} overflows' });
  const bound = (own: bigint | undefined, limit: bigint, pick: (a: bigint, b: bigint) => bigint): bigint =>
    own === undefined ? limit : pick(own, limit);
  return {
    term: exact.term,
    low: bound(exact.low, low, (a, b) => max(a, b)),
    high: bound(exact.high, high, (a, b) => min(a, b)),
  };
}

export function negate(c: ArithmeticContext, v: Value, type: IntegerType): Value {
  const constant = asConstant(v);
  const exact: Value =
    constant !== undefined
      ? constantValue(c.terms, -constant)
      : { term: c.terms.negate(v.term), ...bounds(v.high && -v.high, v.low && -v.low, v) };
  return fitted(c, exact, type);
}

/** `~v`: -v-1 in two's complement, and the same modulo 2^w for unsigned types. */
export function complement(c: ArithmeticContext, v: Value, type: IntegerType): Value {
  const unsigned = !type.signed && !isMath(c.model, type);
  const top = unsigned ? integerBounds(type).high : -1n;
  const constant = asConstant(v);
  if (constant !== undefined) return constantValue(c.terms, top - constant);
  return {
    term: c.terms.subtract(c.terms.int(top), v.term),
    ...(v.low !== undefined && v.high !== undefined ? { low: top - v.high, high: top - v.low } : {}),
  };
}

/** Bounds, when the value they came from had both. */
function bounds(low: bigint | undefined, high: bigint | undefined, from: Value): { low?: bigint; high?: bigint } {
  return from.low !== undefined && from.high !== undefined && low !== undefined && high !== undefined
    ? { low, high }
    : {};
}

export function min(...values: readonly bigint[]): bigint {
  let least = values[0]!;
  for (const value of values) if (value < least) least = value;
  return least;
}

export function max(...values: readonly bigint[]): bigint {
  let most = values[0]!;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** Two values with both bounds known. */
function bounded(a: Value, b: Value): { al: bigint; ah: bigint; bl: bigint; bh: bigint } | undefined {
  if (a.low === undefined || a.high === undefined || b.low === undefined || b.high === undefined) return undefined;
  return { al: a.low, ah: a.high, bl: b.low, bh: b.high };
}

/** `a op b`, both already of `type` (for shifts: a of `type`, b of `countType`). */
export function arithmetic(c: ArithmeticContext, op: ArithmeticOperator, a: Value, b: Value, type: IntegerType): Value {
  const { terms } = c;
  const r = bounded(a, b);
  switch (op) {
    case '+':
      return fitted(c, { term: terms.add(a.term, b.term), ...(r && { low: r.al + r.bl, high: r.ah + r.bh }) }, type);
    case '-':
      return fitted(
        c,
        { term: terms.subtract(a.term, b.term), ...(r && { low: r.al - r.bh, high: r.ah - r.bl }) },
        type,
      );
    case '*': {
      const products = r && [r.al * r.bl, r.al * r.bh, r.ah * r.bl, r.ah * r.bh];
      const exact = {
        term: terms.multiply(a.term, b.term),
        ...(products && { low: min(...products), high: max(...products) }),
      };
      return fitted(c, exact, type);
    }
    case '/':
    case '%':
      return divide(c, op, a, b, type);
    case '&':
    case '|':
    case '^':
      return bitwise(c, op, a, b, type);
    case '<<':
    case '>>':
      return shift(c, op, a, b, type);
  }
}

function divide(c: ArithmeticContext, op: '/' | '%', a: Value, b: Value, type: IntegerType): Value {
  const { terms, model } = c;
  const mayBeZero = b.low === undefined || b.high === undefined || (b.low <= 0n && b.high >= 0n);
  const nonZero = terms.not(terms.equal(b.term, terms.int(0)));
  if (mayBeZero && c.checked('division')) {
    c.require({ kind: 'division', property: nonZero, text: 'the divisor of {} is not 0', failure: '{} divides by 0' });
  }
  const signedMachine = type.signed && !isMath(model, type);
  const { low: least } = signedMachine ? integerBounds(type) : { low: 0n };
  const mayOverflow =
    signedMachine &&
    (a.low === undefined || a.low <= least) &&
    (b.low === undefined || b.low <= -1n) &&
    (b.high === undefined || b.high >= -1n);
  if (mayOverflow && model === 'c' && c.checked('overflow')) {
    const property = terms.not(terms.and(terms.equal(a.term, terms.int(least)), terms.equal(b.term, terms.int(-1))));
    c.require({ kind: 'overflow', property, text: '{} does not overflow', failure: '{} overflows' });
  }
  let result: Value;
  if (op === '/') {
    const exact = { term: terms.apply('quot', [a.term, b.term]), ...quotientBounds(a, b) };
    result =
      mayOverflow && (model === 'wrap' || !c.checked('overflow'))
        ? convertInteger(c, exact, type)
        : clamp(exact, model, type);
  } else {
    result = { term: terms.apply('rem', [a.term, b.term]), ...remainderBounds(a, b) };
  }
  if (mayBeZero && !c.checked('division')) return orAnything(c, nonZero, result, type);
  return result;
}

/** Narrows bounds to the type's: used where a check or the type guarantees them. */
function clamp(v: Value, model: IntegerModel, type: IntegerType): Value {
  if (isMath(model, type)) return v;
  const { low, high } = integerBounds(type);
  return {
    term: v.term,
    low: v.low === undefined || v.low < low ? low : v.low,
    high: v.high === undefined || v.high > high ? high : v.high,
  };
}

function quotientBounds(a: Value, b: Value): { low?: bigint; high?: bigint } {
  const r = bounded(a, b);
  if (!r) return {};
  // Division by 0 has the value 0 (terms/operator.ts), which these bounds include.
  if (r.bl > 0n) {
    const candidates = [r.al / r.bl, r.al / r.bh, r.ah / r.bl, r.ah / r.bh];
    return { low: min(...candidates), high: max(...candidates) };
  }
  const size = max(r.al < 0n ? -r.al : r.al, r.ah < 0n ? -r.ah : r.ah);
  if (r.al >= 0n && r.bl >= 0n) return { low: 0n, high: r.ah };
  return { low: -size, high: size };
}

function remainderBounds(a: Value, b: Value): { low?: bigint; high?: bigint } {
  const r = bounded(a, b);
  if (!r) return {};
  // The remainder has the sign of a and is at most |a|; below |b| unless b is 0, whose remainder is a.
  const size = max(r.bl < 0n ? -r.bl : r.bl, r.bh < 0n ? -r.bh : r.bh) - 1n;
  const mayBeZero = r.bl <= 0n && r.bh >= 0n;
  const limit = (bound: bigint): bigint => (mayBeZero ? bound : min(bound, size));
  return { low: r.al < 0n ? -limit(-r.al) : 0n, high: r.ah > 0n ? limit(r.ah) : 0n };
}

function bitwise(c: ArithmeticContext, op: '&' | '|' | '^', a: Value, b: Value, type: IntegerType): Value {
  const name = op === '&' ? 'bit.and' : op === '|' ? 'bit.or' : 'bit.xor';
  const term = c.terms.apply(name, [a.term, b.term]);
  const r = bounded(a, b);
  if (!r) return { term };
  const { al, ah, bl, bh } = r;
  if (op === '&' && (al >= 0n || bl >= 0n)) {
    return { term, low: 0n, high: al >= 0n && bl >= 0n ? min(ah, bh) : al >= 0n ? ah : bh };
  }
  if (al >= 0n && bl >= 0n) {
    const width = BigInt(max(ah, bh).toString(2).length);
    return { term, low: 0n, high: (1n << width) - 1n };
  }
  // Two's complement of the common width is closed under these operators.
  return { term, ...typeBounds(c.model, type) };
}

function shift(c: ArithmeticContext, op: '<<' | '>>', a: Value, count: Value, type: IntegerType): Value {
  const { terms, model } = c;
  const math = isMath(model, type);
  const limit = math ? undefined : BigInt(type.bits - 1);
  const good = limit === undefined ? count.low !== undefined && count.low >= 0n : within(count, 0n, limit);
  const inside =
    limit === undefined ? terms.lessEqual(terms.int(0), count.term) : (inRange(terms, count, 0n, limit) ?? terms.true);
  if (!good && c.checked('shift')) {
    const text =
      limit === undefined ? 'the shift count of {} is not negative' : `the shift count of {} is between 0 and ${limit}`;
    const failure = limit === undefined ? '{} shifts by a negative count' : '{} shifts by a count out of range';
    c.require({ kind: 'shift', property: inside, text, failure });
  }
  const constant = asConstant(count);
  let result: Value;
  if (op === '<<') {
    const factor = constant !== undefined && constant >= 0n && constant < 4096n ? 1n << constant : undefined;
    const term =
      factor !== undefined
        ? terms.multiply(a.term, terms.int(factor))
        : terms.apply('shift.left', [a.term, count.term]);
    // For a variable count in range, at most a * 2^(width-1).
    const most = factor ?? (limit === undefined ? undefined : 1n << limit);
    const least = factor ?? 1n;
    const exact: Value =
      most === undefined || a.low === undefined || a.high === undefined
        ? { term }
        : { term, low: min(a.low * most, a.low * least), high: max(a.high * most, a.high * least) };
    if (type.signed && model === 'c' && !math && c.checked('overflow') && (a.low === undefined || a.low < 0n)) {
      const property = terms.lessEqual(terms.int(0), a.term);
      c.require({
        kind: 'overflow',
        property,
        text: '{} shifts no negative number',
        failure: '{} shifts a negative number',
      });
    }
    result = fitted(c, exact, type);
  } else {
    // Rounds to minus infinity: what every compiler does with negative numbers.
    const factor = constant !== undefined && constant >= 0n && constant < 4096n ? 1n << constant : undefined;
    const term =
      factor !== undefined
        ? terms.apply('div', [a.term, terms.int(factor)])
        : terms.apply('shift.right', [a.term, count.term]);
    const exactBounds =
      a.low === undefined || a.high === undefined
        ? {}
        : factor !== undefined
          ? { low: a.low >> constant!, high: a.high >> constant! }
          : { low: a.low < 0n ? a.low : 0n, high: a.high > 0n ? a.high : -1n };
    result = { term, ...exactBounds };
  }
  if (!good && !c.checked('shift')) return orAnything(c, inside, result, type);
  return result;
}

/** The result if the operation is defined, anything of the type otherwise. */
function orAnything(c: ArithmeticContext, defined: Term, result: Value, type: IntegerType): Value {
  const other = c.anything(type);
  return { term: c.terms.ite(defined, result.term, other.term), ...typeBounds(c.model, type) };
}

export function compare(terms: TermFactory, op: Comparison, a: Term, b: Term): Term {
  switch (op) {
    case '<':
      return terms.less(a, b);
    case '>':
      return terms.greater(a, b);
    case '<=':
      return terms.lessEqual(a, b);
    case '>=':
      return terms.greaterEqual(a, b);
    case '==':
      return terms.equal(a, b);
    case '!=':
      return terms.not(terms.equal(a, b));
  }
}

const opposites = { '<': '>=', '>=': '<', '>': '<=', '<=': '>' } as const;

/** The negation of a condition, with the comparison turned round where that is the same. */
export function negation(terms: TermFactory, condition: Term): Term {
  if (condition === terms.true) return terms.false;
  if (condition === terms.false) return terms.true;
  if (condition.kind === 'apply') {
    if (condition.op === 'not') return condition.args[0]!;
    if (condition.op === '<' || condition.op === '<=' || condition.op === '>' || condition.op === '>=') {
      return terms.apply(opposites[condition.op], condition.args);
    }
  }
  return terms.not(condition);
}
