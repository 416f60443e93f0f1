import { unreachable } from '../../base/unreachable.ts';
import * as I from '../interval.ts';
import type { RangeAnalysis } from '../range.ts';
import { ScopedMap } from '../scoped-map.ts';
import { formatSort } from '../sort.ts';
import type { ApplyTerm, SymbolTerm, Term } from '../term.ts';
import { ArrayValue, isFloatValue, type Value } from '../value.ts';
import type { ArrayLayout } from './array-layout.ts';
import {
  fitsSigned,
  floatApplication,
  floatBits,
  floatConstant,
  formatOfFloat,
  formatOfWidth,
  indices,
  isFloat,
  widthOfFormat,
} from './float-form.ts';
import { type Declarations, Unsupported } from './script.ts';

/**
 * Integer terms of finite range as bit-vectors, exactly. Interval evaluation gives every term a *format*: the least width
 * that holds its range, unsigned where the range has no negative number. `bits(t, w)` is the value of t modulo 2^w: ring
 * and bitwise operators need only the same low bits of their operands, and a wrap to w bits or more is nothing, so that
 * C's unsigned x * y is one multiplication of 32 bits. Where low bits do not determine the result (comparison, division,
 * right shift, array index) the operands are taken at a width that holds them exactly.
 *
 * Floats are of SMT-LIB's own theory (float-form.ts).
 *
 * Gives up (Unsupported) on symbols without bounds where their exact value matters, on widths beyond `widest`, on
 * quantifiers, reals, nested arrays, and powers with a varying base and exponent.
 */
export class BitvectorForm {
  readonly kind = 'bitvector';
  readonly #script: Declarations;
  readonly #ranges: RangeAnalysis;
  readonly #layouts: ReadonlyMap<Term, ArrayLayout>;
  readonly #texts = new ScopedMap<string, string>();
  #waiting: Job[] = [];

  /** `layouts` may gain array terms later. */
  constructor(script: Declarations, ranges: RangeAnalysis, layouts: ReadonlyMap<Term, ArrayLayout>) {
    this.#script = script;
    this.#ranges = ranges;
    this.#layouts = layouts;
  }

  push(): void {
    this.#texts.push();
  }

  pop(): void {
    this.#texts.pop();
  }

  /** An expression of sort Bool; declarations and definitions that it needs go to the script. */
  text(formula: Term): string {
    return this.#run({ kind: 'whole', term: formula });
  }

  format(term: Term): Format {
    const found = formatOf(this.#ranges.of(term));
    if (!found) throw new Unsupported('a number without bounds in bit-vectors');
    return found;
  }

  #run(goal: Job): string {
    const stack = [goal];
    while (stack.length > 0) {
      const job = stack[stack.length - 1]!;
      const key = jobKey(job);
      if (this.#texts.has(key)) {
        stack.pop();
        continue;
      }
      this.#waiting = [];
      const text = job.kind === 'bits' ? this.#bits(job.term, job.widthBits) : this.#whole(job.term);
      if (this.#waiting.length > 0) {
        for (let i = this.#waiting.length - 1; i >= 0; i--) stack.push(this.#waiting[i]!);
        continue;
      }
      this.#texts.set(
        key,
        this.#script.share(text, job.kind === 'bits' ? vectorSort(job.widthBits) : this.#sort(job.term)),
      );
      stack.pop();
    }
    return this.#texts.get(jobKey(goal))!;
  }

  /** The text of a job that is done; otherwise it is put on the waiting list, and the asker is asked again later. */
  #need(job: Job): string {
    const text = this.#texts.get(jobKey(job));
    if (text !== undefined) return text;
    this.#waiting.push(job);
    return '';
  }

  #low(term: Term, widthBits: number): string {
    if (widthBits > widest) throw new Unsupported(`bit-vectors of ${widthBits} bits`);
    return this.#need({ kind: 'bits', term, widthBits });
  }

  /** A Bool or array term. */
  #side(term: Term): string {
    return this.#need({ kind: 'whole', term });
  }

  #sort(term: Term): string {
    return term.sort.kind === 'array' ? this.#arraySort(term) : isFloat(term.sort) ? formatSort(term.sort) : 'Bool';
  }

  // Integers

  #bits(term: Term, widthBits: number): string {
    const known = formatOf(this.#ranges.of(term));
    if (known && known.widthBits < widthBits) {
      return extend(this.#low(term, known.widthBits), known.widthBits, widthBits, known.signed);
    }
    switch (term.kind) {
      case 'value':
        return constant(term.value as bigint, widthBits);
      case 'symbol': {
        const format = this.format(term);
        return truncate(this.#symbol(term), format.widthBits, widthBits);
      }
      case 'forall':
      case 'exists':
        throw new Unsupported('quantifiers in bit-vectors');
      case 'apply':
        return this.#arithmetic(term, widthBits);
      default:
        return unreachable(term);
    }
  }

  #symbol(symbol: SymbolTerm): string {
    const found = this.#script.declared(symbol);
    if (found !== undefined) return found;
    if (symbol.sort.kind === 'bool' || isFloat(symbol.sort))
      return this.#script.declare(symbol, formatSort(symbol.sort));
    if (symbol.sort.kind === 'array') return this.#script.declare(symbol, this.#arraySort(symbol));
    const range = this.#ranges.of(symbol);
    const format = this.format(symbol);
    const name = this.#script.declare(symbol, vectorSort(format.widthBits));
    for (const bound of rangeTests(name, range, format)) this.#script.command(`(assert ${bound})`);
    return name;
  }

  /** Low bits of an application whose own format, if it has one, is at least as wide. */
  #arithmetic(term: ApplyTerm, w: number): string {
    const { args } = term;
    const [a, b] = args as [Term, Term];
    const low = (t: Term) => this.#low(t, w);
    switch (term.op) {
      case '+':
        return `(bvadd ${args.map(low).join(' ')})`;
      case '*':
        return `(bvmul ${args.map(low).join(' ')})`;
      case '-':
        return `(bvsub ${low(a)} ${low(b)})`;
      case 'neg':
        return `(bvneg ${low(a)})`;
      case 'bit.and':
        return `(bvand ${low(a)} ${low(b)})`;
      case 'bit.or':
        return `(bvor ${low(a)} ${low(b)})`;
      case 'bit.xor':
        return `(bvxor ${low(a)} ${low(b)})`;
      case 'bit.not':
        return `(bvnot ${low(a)})`;
      case 'wrap.unsigned':
      case 'wrap.signed':
        // The format of a wrap is at most its index wide, so that here w <= index and the wrap changes no low bit.
        if (w > term.index) throw new Error('INVARIANT broken: a wrap is wider than its index');
        return low(a);
      case 'ite':
        return `(ite ${this.#side(a)} ${low(b)} ${low(args[2]!)})`;
      case 'abs':
        return `(ite ${this.#isNegative(a)} (bvneg ${low(a)}) ${low(a)})`;
      case 'div':
      case 'mod':
      case 'quot':
      case 'rem':
        return this.#division(term.op, a, b, w);
      case 'shift.left':
        return this.#shiftLeft(a, b, w);
      case 'shift.right':
        return this.#shiftRight(a, b, w);
      case 'pow':
        return this.#power(a, b, w);
      case 'select':
        return this.#select(term, w);
      case 'fp.to.int':
        return this.#floatToInteger(term, w);
      case 'fp.bits':
        return truncate(this.#floatBits(term), widthOfFormat(formatOfFloat(a)), w);
      default:
        throw new Unsupported(`no bit-vector form of ${term.op}`);
    }
  }

  #isNegative(term: Term): string {
    const { widthBits, signed } = this.format(term);
    return signed ? `(bvslt ${this.#low(term, widthBits)} ${constant(0n, widthBits)})` : 'false';
  }

  #division(op: 'div' | 'mod' | 'quot' | 'rem', a: Term, b: Term, w: number): string {
    const natural = (this.#ranges.of(a).low ?? -1n) >= 0n;
    const divisor = b.kind === 'value' ? (b.value as bigint) : 0n;
    if (divisor > 1n && (divisor & (divisor - 1n)) === 0n && (natural || op === 'div' || op === 'mod')) {
      // By 2^k: the bits above the low k, or those. The format of a remainder is at most k wide, so that here w <= k.
      return op === 'div' || op === 'quot' ? this.#shiftRightBy(a, I.bitLength(divisor) - 1, w) : this.#low(a, w);
    }
    const both = [this.format(a), this.format(b)] as const;
    const signed = both.some((f) => f.signed);
    // One bit more than both operands need: the least number divided by -1 must fit.
    const m = signed
      ? Math.max(...both.map((f) => f.widthBits + (f.signed ? 0 : 1))) + 1
      : Math.max(...both.map((f) => f.widthBits));
    const [x, y] = [this.#low(a, m), this.#low(b, m)];
    const zero = constant(0n, m);
    const guarded = (text: string) =>
      I.contains(this.#ranges.of(b), 0n) ? `(ite (= ${y} ${zero}) ${zero} ${text})` : text;
    const share = (text: string) => (this.#waiting.length > 0 ? '' : this.#script.share(text, vectorSort(m)));
    const result = (): string => {
      // SMT-LIB's remainders by 0 are the dividend, as ours.
      if (!signed) return op === 'div' || op === 'quot' ? guarded(`(bvudiv ${x} ${y})`) : `(bvurem ${x} ${y})`;
      switch (op) {
        case 'quot':
          return guarded(`(bvsdiv ${x} ${y})`);
        case 'rem':
          return `(bvsrem ${x} ${y})`;
        case 'mod':
          return `(bvsmod ${x} ${y})`;
        case 'div': {
          const quotient = share(`(bvsdiv ${x} ${y})`);
          const inexact = `(not (= (bvsrem ${x} ${y}) ${zero}))`;
          const down = `(and ${inexact} (not (= (bvslt ${x} ${zero}) (bvslt ${y} ${zero}))))`;
          return guarded(`(ite ${down} (bvsub ${quotient} ${constant(1n, m)}) ${quotient})`);
        }
        default:
          return unreachable(op);
      }
    };
    return resize(result(), m, w, signed);
  }

  /** The count as an unsigned vector of `widthBits`, negative counts as 0. requires: its format fits. */
  #count(count: Term, widthBits: number): string {
    const text = this.#low(count, widthBits);
    return this.format(count).signed ? `(ite ${this.#isNegative(count)} ${constant(0n, widthBits)} ${text})` : text;
  }

  #shiftLeft(a: Term, count: Term, w: number): string {
    if (count.kind === 'value') {
      const n = Number(count.value as bigint);
      if (n <= 0) return this.#low(a, w);
      return n >= w ? constant(0n, w) : `(concat ${this.#low(a, w - n)} ${constant(0n, n)})`;
    }
    const m = Math.max(w, this.format(count).widthBits);
    return truncate(`(bvshl ${extend(this.#low(a, w), w, m, false)} ${this.#count(count, m)})`, m, w);
  }

  #shiftRight(a: Term, count: Term, w: number): string {
    if (count.kind === 'value') return this.#shiftRightBy(a, Number(count.value as bigint), w);
    const value = this.format(a);
    const m = Math.max(value.widthBits, this.format(count).widthBits);
    return resize(
      `(${value.signed ? 'bvashr' : 'bvlshr'} ${this.#low(a, m)} ${this.#count(count, m)})`,
      m,
      w,
      value.signed,
    );
  }

  #shiftRightBy(a: Term, n: number, w: number): string {
    if (n <= 0) return this.#low(a, w);
    const known = formatOf(this.#ranges.of(a));
    if (!known || known.widthBits >= n + w) return `((_ extract ${n + w - 1} ${n}) ${this.#low(a, n + w)})`;
    const m = known.widthBits;
    const from = Math.min(n, m - 1);
    if (n >= m && !known.signed) return constant(0n, w);
    return extend(`((_ extract ${m - 1} ${from}) ${this.#low(a, m)})`, m - from, w, known.signed);
  }

  #power(base: Term, exponent: Term, w: number): string {
    if (exponent.kind === 'value') {
      const n = exponent.value as bigint;
      if (n <= 0n) return constant(n < 0n ? 0n : 1n, w);
      if (n > 64n) throw new Unsupported('a power with a large exponent');
      const x = this.#low(base, w);
      return n === 1n ? x : `(bvmul${` ${x}`.repeat(Number(n))})`;
    }
    const { low, high } = this.#ranges.of(exponent);
    if (base.kind !== 'value' || high === undefined || high > 256n) {
      throw new Unsupported('a power with a varying exponent');
    }
    const format = this.format(exponent);
    const count = this.#low(exponent, format.widthBits);
    const b = base.value as bigint;
    let text = constant(0n, w);
    for (let n = high; n >= 0n && n >= (low ?? 0n); n--) {
      text = `(ite (= ${count} ${constant(n, format.widthBits)}) ${constant(b ** n, w)} ${text})`;
      if (this.#waiting.length === 0) text = this.#script.share(text, vectorSort(w));
    }
    return text;
  }

  // Floats

  #floatToInteger(term: ApplyTerm, w: number): string {
    const format = formatOfFloat(term.args[0]!);
    const { index } = term;
    const text = this.#side(term.args[0]!);
    // Here w <= index, as the format of the term is `index` wide.
    return truncate(
      `(ite ${fitsSigned(text, format, index)} ((_ fp.to_sbv ${index}) RTZ ${text}) ${constant(0n, index)})`,
      index,
      w,
    );
  }

  /** A vector that stands for the bits: the theory has no function for them. Every NaN is the quiet one. */
  #floatBits(term: ApplyTerm): string {
    const [x] = term.args as [Term];
    const format = formatOfFloat(x);
    const text = this.#side(x);
    return this.#waiting.length > 0 ? '' : floatBits(this.#script, text, format, term.id);
  }

  #floatOfInteger(term: ApplyTerm): string {
    const [n] = term.args as [Term];
    const { widthBits, signed } = this.format(n);
    const text = this.#low(n, widthBits);
    return `((_ to_fp${signed ? '' : '_unsigned'} ${indices(formatOfWidth(term.index))}) RNE ${text})`;
  }

  // Formulas and arrays

  #whole(term: Term): string {
    switch (term.kind) {
      case 'value':
        if (typeof term.value === 'boolean') return String(term.value);
        return isFloatValue(term.value) ? floatConstant(term.value) : this.#arrayValue(term, term.value);
      case 'symbol':
        return this.#symbol(term);
      case 'forall':
      case 'exists':
        throw new Unsupported('quantifiers in bit-vectors');
      case 'apply':
        break;
      default:
        return unreachable(term);
    }
    const { op, args } = term;
    const [a, b] = args as [Term, Term];
    switch (op) {
      case 'not':
      case 'and':
      case 'or':
      case 'xor':
      case 'ite':
        return `(${op} ${args.map((t) => this.#side(t)).join(' ')})`;
      case 'implies':
        return `(=> ${this.#side(a)} ${this.#side(b)})`;
      case '=':
        return a.sort.kind === 'int' ? this.#equal(a, b) : `(= ${this.#side(a)} ${this.#side(b)})`;
      case '<=':
        return this.#compare('le', a, b);
      case '<':
        return this.#compare('lt', a, b);
      case '>=':
        return this.#compare('ge', a, b);
      case '>':
        return this.#compare('gt', a, b);
      case 'select':
        return `(select ${this.#side(a)} ${this.#index(a, b)})`;
      case 'store': {
        const element = args[2]!;
        const layout = this.#layout(term);
        const text =
          element.sort.kind === 'int' ? this.#low(element, elementFormat(layout).widthBits) : this.#side(element);
        return `(store ${this.#side(a)} ${this.#index(a, b)} ${text})`;
      }
      case 'fp.of.int':
        return this.#floatOfInteger(term);
      case 'fp.of.bits':
        return `((_ to_fp ${indices(formatOfWidth(term.index))}) ${this.#low(a, term.index)})`;
      default:
        if (!isFloat(a.sort)) throw new Unsupported(`no bit-vector form of ${op} on ${term.sort.kind}`);
        return floatApplication(
          op,
          term.index,
          term.sort,
          args.map((t) => this.#side(t)),
        );
    }
  }

  /** Two numbers in an interval of fewer than 2^n members are equal if their low n bits are. */
  #equal(a: Term, b: Term): string {
    const { low, high } = I.hull(this.#ranges.of(a), this.#ranges.of(b));
    if (low === undefined || high === undefined) throw new Unsupported('a number without bounds in bit-vectors');
    const n = Math.max(1, I.bitLength(high - low));
    return `(= ${this.#low(a, n)} ${this.#low(b, n)})`;
  }

  #compare(relation: 'le' | 'lt' | 'ge' | 'gt', a: Term, b: Term): string {
    if (a.sort.kind !== 'int') throw new Unsupported('real numbers in bit-vectors');
    const common = formatOf(I.hull(this.#ranges.of(a), this.#ranges.of(b)));
    if (!common) throw new Unsupported('a number without bounds in bit-vectors');
    const n = common.widthBits;
    return `(bv${common.signed ? 's' : 'u'}${relation} ${this.#low(a, n)} ${this.#low(b, n)})`;
  }

  #layout(array: Term): ArrayLayout {
    const layout = this.#layouts.get(array);
    if (!layout) throw new Error('INVARIANT broken: an array term without layout');
    return layout;
  }

  #arraySort(array: Term): string {
    const layout = this.#layout(array);
    const sort = array.sort.kind === 'array' ? array.sort.element : array.sort;
    const element = sort.kind === 'int' ? vectorSort(elementFormat(layout).widthBits) : formatSort(sort);
    return `(Array ${vectorSort(indexFormat(layout).widthBits)} ${element})`;
  }

  #index(array: Term, index: Term): string {
    return this.#low(index, indexFormat(this.#layout(array)).widthBits);
  }

  #select(term: ApplyTerm, w: number): string {
    const [array, index] = term.args as [Term, Term];
    const layout = this.#layout(array);
    const format = elementFormat(layout);
    const [a, i] = [this.#side(array), this.#index(array, index)];
    if (this.#waiting.length === 0) this.#assertElements(layout, format, i);
    return resize(`(select ${a} ${i})`, format.widthBits, w, format.signed);
  }

  /** Elements of array symbols lie in the symbol's range: said at each index that is read. */
  #assertElements(layout: ArrayLayout, format: Format, index: string): void {
    for (const symbol of layout.symbols) {
      const tests = rangeTests(`(select ${this.#symbol(symbol)} ${index})`, this.#ranges.of(symbol), format);
      for (const test of tests) this.#script.command(`(assert ${test})`);
    }
  }

  #arrayValue(term: Term, value: Value): string {
    if (!(value instanceof ArrayValue)) throw new Unsupported('a constant of this sort in bit-vectors');
    const layout = this.#layout(term);
    const element = (v: Value) =>
      typeof v === 'boolean'
        ? String(v)
        : isFloatValue(v)
          ? floatConstant(v)
          : constant(v as bigint, elementFormat(layout).widthBits);
    const indexWidth = indexFormat(layout).widthBits;
    let text = `((as const ${this.#arraySort(term)}) ${element(value.default)})`;
    for (const e of value.entries.values())
      text = `(store ${text} ${constant(e.index as bigint, indexWidth)} ${element(e.element)})`;
    return text;
  }
}

/** Wider vectors are refused. In bits. */
export const widest = 2048;

export interface Format {
  readonly widthBits: number;
  readonly signed: boolean;
}

/** The least format that holds an interval; undefined where it has no bounds. */
export function formatOf({ low, high }: I.Interval): Format | undefined {
  if (low === undefined || high === undefined) return undefined;
  if (low >= 0n) return { widthBits: Math.max(1, I.bitLength(high)), signed: false };
  return { widthBits: Math.max(I.bitLength(~low), high < 0n ? 0 : I.bitLength(high)) + 1, signed: true };
}

export function elementFormat(layout: ArrayLayout): Format {
  const format = layout.element && formatOf(layout.element);
  if (!format) throw new Unsupported('an array whose elements have no bounds');
  return format;
}

export function indexFormat(layout: ArrayLayout): Format {
  const format = formatOf(layout.index);
  if (!format) throw new Unsupported('an array index without bounds');
  const room = I.bitLength(BigInt(layout.comparisons));
  return { widthBits: format.widthBits + room, signed: format.signed };
}

interface BitsJob {
  readonly kind: 'bits';
  readonly term: Term;
  readonly widthBits: number;
}
type Job = BitsJob | { readonly kind: 'whole'; readonly term: Term };

const jobKey = (job: Job): string => (job.kind === 'bits' ? `${job.term.id}:${job.widthBits}` : `${job.term.id}`);

const vectorSort = (widthBits: number): string => `(_ BitVec ${widthBits})`;
const constant = (value: bigint, widthBits: number): string => `(_ bv${BigInt.asUintN(widthBits, value)} ${widthBits})`;

function extend(text: string, from: number, to: number, signed: boolean): string {
  return from === to ? text : `((_ ${signed ? 'sign' : 'zero'}_extend ${to - from}) ${text})`;
}

function truncate(text: string, from: number, to: number): string {
  return from === to ? text : `((_ extract ${to - 1} 0) ${text})`;
}

const resize = (text: string, from: number, to: number, signed: boolean): string =>
  from < to ? extend(text, from, to, signed) : truncate(text, from, to);

/** Tests that a vector lies in a range, where its format allows more. */
function rangeTests(text: string, range: I.Interval, format: Format): string[] {
  const { widthBits, signed } = format;
  const full = signed ? I.signedRange(widthBits) : I.unsignedRange(widthBits);
  const le = signed ? 'bvsle' : 'bvule';
  const tests: string[] = [];
  if (range.low !== undefined && range.low > full.low!) tests.push(`(${le} ${constant(range.low, widthBits)} ${text})`);
  if (range.high !== undefined && range.high < full.high!)
    tests.push(`(${le} ${text} ${constant(range.high, widthBits)})`);
  return tests;
}
