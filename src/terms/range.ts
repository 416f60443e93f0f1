import { unreachable } from '../base/unreachable.ts';
import type { FloatInterval } from './float-interval.ts';
import * as F from './float-interval.ts';
import type { Interval } from './interval.ts';
import * as I from './interval.ts';
import { type OperatorName, roundIntegral } from './operator.ts';
import { ScopedMap } from './scoped-map.ts';
import { children, type SymbolTerm, type Term } from './term.ts';
import { ArrayValue, floatToNumber, isFloatValue, type Value } from './value.ts';

/**
 * Ranges of terms from ranges of symbols: interval evaluation ([Moore-1966]), bottom up, each distinct term once. Sound:
 * in every state in which the symbols lie in their ranges, the term's value lies in its range. Occurrences are taken as
 * independent, so `x - x` is not seen to be 0 (the rewrite rules see that).
 *
 * For an array symbol, the declared range is that of its elements (innermost, if arrays are nested).
 */
export type SymbolRanges = ReadonlyMap<SymbolTerm, Interval>;

/** What is known of a term: an interval for Int (and for the elements of an array), a truth value for Bool. */
interface Known {
  readonly interval: Interval;
  readonly truth: boolean | undefined;
  /** Of a float term; absent if nothing is known. */
  readonly float?: FloatInterval;
}

const nothing: Known = { interval: I.everything, truth: undefined };
const number = (interval: Interval): Known => ({ interval, truth: undefined });
const truth = (value: boolean | undefined): Known =>
  value === undefined ? nothing : { interval: I.everything, truth: value };

export class RangeAnalysis {
  readonly #symbols: SymbolRanges;
  readonly #known = new ScopedMap<Term, Known>();

  /** The ranges may gain symbols later, as long as no term with them has been asked about. */
  constructor(symbols: SymbolRanges = new Map()) {
    this.#symbols = symbols;
  }

  /** Opens a scope: `pop` forgets what was found in it, so that symbols which came up in it may get other ranges. */
  push(): void {
    this.#known.push();
  }

  pop(): void {
    this.#known.pop();
  }

  /** The interval of an Int term, or of an array's elements; unbounded for other sorts. */
  of(term: Term): Interval {
    return this.#analyse(term).interval;
  }

  /** The interval of a Float term. */
  float(term: Term): FloatInterval {
    return this.#analyse(term).float ?? F.anyFloat;
  }

  /** Whether a Bool term is the same in all states within the ranges; undefined if that is not seen. */
  truth(term: Term): boolean | undefined {
    return this.#analyse(term).truth;
  }

  #analyse(root: Term): Known {
    const found = this.#known.get(root);
    if (found) return found;
    const stack = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      if (this.#known.has(term)) {
        stack.pop();
        continue;
      }
      const missing = term.kind === 'apply' ? children(term).filter((c) => !this.#known.has(c)) : [];
      if (missing.length > 0) {
        for (const m of missing) stack.push(m);
        continue;
      }
      this.#known.set(term, this.#one(term));
      stack.pop();
    }
    return this.#known.get(root)!;
  }

  #one(term: Term): Known {
    switch (term.kind) {
      case 'value':
        return knownValue(term.value);
      case 'symbol':
        return term.sort.kind === 'float'
          ? { ...nothing, float: this.#symbols.get(term)?.float ?? F.anyFloat }
          : number(declared(this.#symbols.get(term)));
      case 'forall':
      case 'exists':
        return nothing;
      case 'apply':
        return apply(
          term,
          term.args.map((a) => this.#known.get(a)!),
        );
      default:
        return unreachable(term);
    }
  }
}

/** A declared range with its bounds the wrong way round holds in no state: any answer is sound, this one is safe. */
function declared(range: Interval | undefined): Interval {
  if (!range) return I.everything;
  const { low, high } = range;
  return low !== undefined && high !== undefined && low > high ? I.point(low) : { low, high };
}

function knownValue(value: Value): Known {
  if (typeof value === 'bigint') return number(I.point(value));
  if (typeof value === 'boolean') return truth(value);
  if (isFloatValue(value)) return { ...nothing, float: F.floatPoint(floatToNumber(value)) };
  if (value instanceof ArrayValue) {
    let result = knownValue(value.default).interval;
    for (const { element } of value.entries.values()) result = I.hull(result, knownValue(element).interval);
    return number(result);
  }
  return nothing;
}

function apply(term: Extract<Term, { kind: 'apply' }>, args: readonly Known[]): Known {
  const range = (i: number): Interval => args[i]!.interval;
  const truths = args.map((a) => a.truth);
  switch (term.op) {
    case 'not':
      return truth(truths[0] === undefined ? undefined : !truths[0]);
    case 'and':
      return truth(truths.includes(false) ? false : truths.includes(undefined) ? undefined : true);
    case 'or':
      return truth(truths.includes(true) ? true : truths.includes(undefined) ? undefined : false);
    case 'implies':
      return truth(
        truths[0] === false || truths[1] === true ? true : truths[0] && truths[1] === false ? false : undefined,
      );
    case 'xor':
      return truth(truths[0] === undefined || truths[1] === undefined ? undefined : truths[0] !== truths[1]);
    case '=':
      return truth(equal(term.args, args));
    case 'ite': {
      const [condition, a, b] = args as [Known, Known, Known];
      if (condition.truth !== undefined) return condition.truth ? a : b;
      const float = a.float && b.float && F.floatHull(a.float, b.float);
      return {
        interval: I.hull(a.interval, b.interval),
        truth: a.truth === b.truth ? a.truth : undefined,
        ...(float ? { float } : {}),
      };
    }
    case '<=':
      return truth(atMost(term, range(0), range(1)));
    case '>=':
      return truth(atMost(term, range(1), range(0)));
    case '<':
      return truth(opposite(atMost(term, range(1), range(0))));
    case '>':
      return truth(opposite(atMost(term, range(0), range(1))));
    case 'select':
      return number(range(0));
    case 'store':
      return number(I.hull(range(0), range(2)));
    case 'fp.bits': {
      const { sort } = term.args[0]!;
      return number(I.unsignedRange(sort.kind === 'float' && sort.format === 'binary32' ? 32 : 64));
    }
    default:
      if (isFloatOperator(term.op)) return floatOperator(term.op, term, args);
      return term.sort.kind === 'int'
        ? number(
            arithmetic(
              term.op,
              term.index,
              args.map((a) => a.interval),
            ),
          )
        : nothing;
  }
}

/** What a float operator makes of what is known of its arguments. */
function floatOperator(op: FloatOperator, term: Extract<Term, { kind: 'apply' }>, args: readonly Known[]): Known {
  const first = term.args[0]!.sort;
  const format = term.sort.kind === 'float' ? term.sort.format : first.kind === 'float' ? first.format : 'binary64';
  const [a, b] = args.map((x) => x.float ?? F.anyFloat) as [FloatInterval, FloatInterval];
  const float = (interval: FloatInterval): Known => ({ ...nothing, float: interval });
  switch (op) {
    case 'fp.add':
      return float(F.addFloats(a, b, format));
    case 'fp.sub':
      return float(F.subtractFloats(a, b, format));
    case 'fp.mul':
      return float(F.multiplyFloats(a, b, format));
    case 'fp.div':
      return float(F.divideFloats(a, b, format));
    case 'fp.rem':
      return float(F.remainderFloats(a, b));
    case 'fp.neg':
      return float(F.negateFloat(a));
    case 'fp.abs':
      return float(F.absoluteFloat(a));
    case 'fp.sqrt':
      return float(F.squareRoot(a, format));
    case 'fp.round':
      return float(F.monotone(a, (x) => roundIntegral(x, term.index)));
    case 'fp.convert':
      return float(F.monotone(a, (x) => (format === 'binary32' ? Math.fround(x) : x)));
    case 'fp.of.int': {
      const { low, high } = args[0]!.interval;
      return float(F.floatsOfIntegers(low, high, format));
    }
    case 'fp.to.int':
      return number(F.integersOfFloats(a, term.index));
    case 'fp.bits':
      return number(I.unsignedRange(format === 'binary32' ? 32 : 64));
    case 'fp.of.bits':
      return nothing;
    case 'fp.lt':
      return truth(F.isLess(a, b));
    case 'fp.le':
      return truth(F.isAtMost(a, b));
    case 'fp.eq':
      return truth(F.isSameNumber(a, b));
    case 'fp.isNaN':
      return truth(F.isNaNIn(a));
    case 'fp.isInfinite':
      return truth(F.isInfiniteIn(a));
    case 'fp.isNegative':
      return truth(F.isNegativeIn(a));
    default:
      return unreachable(op);
  }
}

type FloatOperator = Extract<OperatorName, `fp.${string}`>;

const isFloatOperator = (op: OperatorName): op is Extract<OperatorName, `fp.${string}`> => op.startsWith('fp.');

type ArithmeticOperator = Exclude<
  Extract<Term, { kind: 'apply' }>['op'],
  'not' | 'and' | 'or' | 'implies' | 'xor' | '=' | 'ite' | '<=' | '<' | '>=' | '>' | 'select' | 'store' | `fp.${string}`
>;

/** What an Int operator makes of intervals. */
export function arithmetic(op: ArithmeticOperator, index: number, args: readonly Interval[]): Interval {
  const [a, b] = args as [Interval, Interval];
  switch (op) {
    case '+':
      return args.reduce(I.add);
    case '*':
      return args.reduce(I.multiply);
    case '-':
      return I.subtract(a, b);
    case 'neg':
      return I.negate(a);
    case 'div':
      return I.floorQuotient(a, b);
    case 'mod':
      return I.floorRemainder(a, b);
    case 'quot':
      return I.truncatedQuotient(a, b);
    case 'rem':
      return I.truncatedRemainder(a, b);
    case 'abs':
      return I.absolute(a);
    case 'pow':
      return I.powers(a, b);
    case 'bit.and':
      return I.bitwise('and', a, b);
    case 'bit.or':
      return I.bitwise('or', a, b);
    case 'bit.xor':
      return I.bitwise('xor', a, b);
    case 'bit.not':
      return I.complement(a);
    case 'shift.left':
      return I.shiftsLeft(a, b);
    case 'shift.right':
      return I.shiftsRight(a, b);
    case 'wrap.unsigned':
      return I.wrapped(a, index, false);
    case 'wrap.signed':
      return I.wrapped(a, index, true);
    default:
      return unreachable(op);
  }
}

function equal(terms: readonly Term[], known: readonly Known[]): boolean | undefined {
  if (terms[0] === terms[1]) return true;
  const [a, b] = known as [Known, Known];
  switch (terms[0]!.sort.kind) {
    case 'bool':
      return a.truth === undefined || b.truth === undefined ? undefined : a.truth === b.truth;
    case 'int':
      if (I.disjoint(a.interval, b.interval)) return false;
      return I.isPoint(a.interval) && I.sameInterval(a.interval, b.interval) ? true : undefined;
    case 'float':
      return F.areDifferent(a.float ?? F.anyFloat, b.float ?? F.anyFloat) ? false : undefined;
    default:
      return undefined;
  }
}

const opposite = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);

/** Whether a <= b always (true), never (false). */
function atMost(term: Term, a: Interval, b: Interval): boolean | undefined {
  if (children(term)[0]!.sort.kind !== 'int') return undefined;
  if (children(term)[0] === children(term)[1]) return true;
  if (a.high !== undefined && b.low !== undefined && a.high <= b.low) return true;
  if (a.low !== undefined && b.high !== undefined && a.low > b.high) return false;
  return undefined;
}

/** A literal: a formula that is said to hold, or not to. */
interface Literal {
  readonly atom: Term;
  readonly positive: boolean;
}

/** What must hold for all the formulas to hold: conjuncts, and what `not` makes of disjunctions and implications. */
function literals(formulas: readonly Term[]): Literal[] {
  const result: Literal[] = [];
  const stack: Literal[] = [];
  const seen = [new Set<Term>(), new Set<Term>()] as const;
  const push = (terms: readonly Term[], positive: boolean): void => {
    for (let i = terms.length - 1; i >= 0; i--) stack.push({ atom: terms[i]!, positive });
  };
  push(formulas, true);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { atom, positive } = next;
    const visited = seen[positive ? 1 : 0];
    if (visited.has(atom)) continue;
    visited.add(atom);
    const op = atom.kind === 'apply' ? atom.op : undefined;
    const args = children(atom);
    if (op === 'not') push(args, !positive);
    else if (op === (positive ? 'and' : 'or')) push(args, positive);
    else if (op === 'implies' && !positive) {
      push([args[1]!], false);
      push([args[0]!], true);
    } else result.push(next);
  }
  return result;
}

/**
 * The ranges that formulas impose on symbols by what they say at top level: `value <= x`, `x < value`, `x = value`, and so
 * on. They hold in every state in which all the formulas hold.
 */
export function impliedRanges(formulas: readonly Term[]): Map<SymbolTerm, Interval> {
  const ranges = new Map<SymbolTerm, Interval>();
  const bound = (symbol: SymbolTerm, next: Interval): void => {
    const old = ranges.get(symbol) ?? I.everything;
    // Contradictory bounds: no state satisfies the formulas, so that any range is sound.
    ranges.set(symbol, I.intersect(old, next) ?? old);
  };
  for (const { atom, positive } of literals(formulas)) {
    if (atom.kind !== 'apply') continue;
    if (atom.op.startsWith('fp.')) {
      floatBound(atom, positive, ranges);
      continue;
    }
    if (atom.args.length !== 2) continue;
    const [left, right] = atom.args as [Term, Term];
    if (left.sort.kind !== 'int') continue;
    const flipped = left.kind === 'value';
    const symbol = flipped ? right : left;
    const limit = flipped ? left : right;
    if (symbol.kind !== 'symbol' || limit.kind !== 'value') continue;
    const value = limit.value as bigint;
    const relation = normalRelation(atom.op, !positive, flipped);
    switch (relation) {
      case '<=':
        bound(symbol, { high: value });
        break;
      case '<':
        bound(symbol, { high: value - 1n });
        break;
      case '>=':
        bound(symbol, { low: value });
        break;
      case '>':
        bound(symbol, { low: value + 1n });
        break;
      case '=':
        bound(symbol, I.point(value));
        break;
      case undefined:
        break;
      default:
        unreachable(relation);
    }
  }
  return ranges;
}

/** What a comparison with a constant says of a float. */
function floatBound(
  atom: Extract<Term, { kind: 'apply' }>,
  positive: boolean,
  ranges: Map<SymbolTerm, Interval>,
): void {
  const [left, right] = atom.args as [Term, Term | undefined];
  const note = (symbol: SymbolTerm, float: FloatInterval): void => {
    const old = ranges.get(symbol)?.float ?? F.anyFloat;
    const met = F.floatMeet(old, float);
    // Contradictory bounds: no state satisfies the formulas, so that any range is sound.
    if (met.low <= met.high || met.nan) ranges.set(symbol, { float: met });
  };
  if (atom.op === 'fp.isNaN') {
    if (left.kind === 'symbol' && !positive) note(left, { ...F.anyFloat, nan: false });
    return;
  }
  if (!right) return;
  const flipped = left.kind === 'value';
  const symbol = flipped ? right : left;
  const limit = flipped ? left : right;
  if (symbol.kind !== 'symbol' || limit.kind !== 'value' || !isFloatValue(limit.value)) return;
  const { format } = limit.value;
  const x = floatToNumber(limit.value);
  // A comparison with NaN is false; that it is not true says nothing.
  if (Number.isNaN(x)) return;
  const above = (low: number, nan: boolean): void => note(symbol, { low, high: Number.POSITIVE_INFINITY, nan });
  const below = (high: number, nan: boolean): void => note(symbol, { low: Number.NEGATIVE_INFINITY, high, nan });
  switch (atom.op) {
    case 'fp.eq':
      if (positive) note(symbol, { low: x, high: x, nan: false });
      return;
    case 'fp.le':
      if (positive) (flipped ? above : below)(x, false);
      else if (flipped) below(F.nextDown(x, format), true);
      else above(F.nextUp(x, format), true);
      return;
    case 'fp.lt':
      if (!positive) (flipped ? below : above)(x, true);
      else if (flipped) above(F.nextUp(x, format), false);
      else below(F.nextDown(x, format), false);
      return;
    default:
  }
}

type Relation = '<=' | '<' | '>=' | '>' | '=';

function normalRelation(op: string, negated: boolean, flipped: boolean): Relation | undefined {
  const negations: Record<string, Relation> = { '<=': '>', '<': '>=', '>=': '<', '>': '<=' };
  const mirrors: Record<string, Relation> = { '<=': '>=', '<': '>', '>=': '<=', '>': '<', '=': '=' };
  const positive = negated ? negations[op] : op in mirrors ? (op as Relation) : undefined;
  return positive && flipped ? mirrors[positive] : positive;
}
