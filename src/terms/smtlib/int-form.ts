import { unreachable } from '../../base/unreachable.ts';
import * as I from '../interval.ts';
import { operators } from '../operator.ts';
import type { RangeAnalysis, SymbolRanges } from '../range.ts';
import { ScopedMap } from '../scoped-map.ts';
import { formatSort, type Sort, sameSort } from '../sort.ts';
import type { ApplyTerm, QuantifiedTerm, SymbolTerm, Term, ValueTerm } from '../term.ts';
import { ArrayValue, isFloatValue, isRational, type Value } from '../value.ts';
import {
  fitsSigned,
  floatApplication,
  floatBits,
  floatConstant,
  formatOfFloat,
  formatOfWidth,
  indices,
  isFloat,
} from './float-form.ts';
import { type Declarations, longestInline, symbolName, Unsupported } from './script.ts';

/**
 * Terms as SMT-LIB over Int, Real, Bool and arrays. SMT-LIB's `div` and `mod` are Euclidean and unspecified for 0, so that
 * ours are spelt out from them by functions; wraps are `mod`; bitwise operators go through bit-vectors of a width that
 * holds the operands, by x | y = x + y - (x & y) and x ^ y = x + y - 2(x & y) (both hold for infinite two's complement).
 *
 * Floats are of SMT-LIB's own theory (float-form.ts), and numbers go to it and back by way of bit-vectors.
 *
 * Gives up (Unsupported) on bitwise operators of operands without bounds, on shifts by counts beyond 256,
 * on floats of integers without bounds, and on powers with a varying base and exponent.
 */
export class IntForm {
  readonly kind = 'int';
  readonly #script: Declarations;
  readonly #ranges: RangeAnalysis;
  readonly #texts = new ScopedMap<Term, string>();
  readonly #facts: SymbolRanges;
  readonly #bases = new Map<Term, readonly SymbolTerm[]>();
  readonly #depth: number;

  /** `ranges` must not speak of symbols that are bound in what is translated; `facts` are asserted of free ones. */
  constructor(script: Declarations, ranges: RangeAnalysis, facts: SymbolRanges, depth = 0) {
    this.#script = script;
    this.#ranges = ranges;
    this.#facts = facts;
    this.#depth = depth;
  }

  push(): void {
    this.#texts.push();
  }

  pop(): void {
    this.#texts.pop();
  }

  /** An expression for the term; declarations and definitions that it needs go to the script. */
  text(root: Term): string {
    const stack = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      if (this.#texts.has(term)) {
        stack.pop();
        continue;
      }
      const missing = term.kind === 'apply' ? term.args.filter((a) => !this.#texts.has(a)) : [];
      if (missing.length > 0) {
        for (let i = missing.length - 1; i >= 0; i--) stack.push(missing[i]!);
        continue;
      }
      const text = this.#one(term);
      this.#texts.set(term, term.kind === 'apply' ? this.#script.share(text, formatSort(term.sort)) : text);
      stack.pop();
    }
    return this.#texts.get(root)!;
  }

  #one(term: Term): string {
    switch (term.kind) {
      case 'value':
        return valueText(term);
      case 'symbol':
        return this.#script.declared(term) ?? this.#declare(term);
      case 'apply':
        return this.#apply(
          term,
          term.args.map((a) => this.#texts.get(a)!),
        );
      case 'forall':
      case 'exists':
        return this.#quantified(term);
      default:
        return unreachable(term);
    }
  }

  #declare(symbol: SymbolTerm): string {
    checkSort(symbol.sort);
    const name = this.#script.declare(symbol, formatSort(symbol.sort));
    if (symbol.sort.kind === 'int') this.#assertFact(symbol, name);
    return name;
  }

  #assertFact(symbol: SymbolTerm, text: string): void {
    const fact = this.#facts.get(symbol);
    if (fact?.low !== undefined) this.#script.command(`(assert (<= ${integer(fact.low)} ${text}))`);
    if (fact?.high !== undefined) this.#script.command(`(assert (<= ${text} ${integer(fact.high)}))`);
  }

  /** An element that is read; inside a quantifier, the ranges of elements cannot be said and are left out. */
  #select(term: ApplyTerm, array: string, index: string): string {
    if (term.sort.kind === 'int' && this.#depth === 0 && this.#facts.size > 0) {
      for (const base of this.#baseSymbols(term.args[0]!)) {
        if (this.#facts.has(base)) this.#assertFact(base, `(select ${this.#texts.get(base)} ${index})`);
      }
    }
    return `(select ${array} ${index})`;
  }

  /** The array symbols that an array is built on by `store` and `ite`. */
  #baseSymbols(root: Term): readonly SymbolTerm[] {
    const stack = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      const parts =
        term.kind === 'apply' && term.sort.kind === 'array' ? term.args.filter((a) => sameSort(a.sort, term.sort)) : [];
      const missing = this.#bases.has(term) ? [] : parts.filter((p) => !this.#bases.has(p));
      if (missing.length > 0) {
        for (const m of missing) stack.push(m);
        continue;
      }
      stack.pop();
      if (this.#bases.has(term)) continue;
      const first = parts.length > 0 ? this.#bases.get(parts[0]!)! : [];
      const own = term.kind === 'symbol' ? [term] : [...new Set(parts.flatMap((p) => this.#bases.get(p)!))];
      this.#bases.set(term, parts.length === 1 ? first : own);
    }
    return this.#bases.get(root)!;
  }

  #apply(term: ApplyTerm, args: readonly string[]): string {
    const [a, b] = args as [string, string];
    const { op, index } = term;
    switch (op) {
      case 'div':
        return this.#call('t.div', '(ite (= b 0) 0 (ite (> b 0) (div a b) (div (- a) (- b))))', a, b);
      case 'mod':
        return this.#call('t.mod', '(ite (= b 0) a (ite (> b 0) (mod a b) (- (mod (- a) (- b)))))', a, b);
      case 'quot':
        return this.#call('t.quot', '(ite (= b 0) 0 (ite (>= a 0) (div a b) (- (div (- a) b))))', a, b);
      case 'rem':
        return this.#call('t.rem', '(ite (= b 0) a (ite (>= a 0) (mod a b) (- (mod (- a) b))))', a, b);
      case 'wrap.unsigned':
        return `(mod ${a} ${1n << BigInt(index)})`;
      case 'wrap.signed': {
        const half = 1n << BigInt(index - 1);
        return `(- (mod (+ ${a} ${half}) ${2n * half}) ${half})`;
      }
      case 'bit.not':
        return `(- (- ${a}) 1)`;
      case 'bit.and':
        return this.#bitAnd(term, a, b);
      case 'bit.or':
        return `(- (+ ${a} ${b}) ${this.#bitAnd(term, a, b)})`;
      case 'bit.xor':
        return `(- (+ ${a} ${b}) (* 2 ${this.#bitAnd(term, a, b)}))`;
      case 'shift.left':
        return `(* ${a} ${this.#powerOfTwo(term.args[1]!, b)})`;
      case 'shift.right':
        return `(div ${a} ${this.#powerOfTwo(term.args[1]!, b)})`;
      case 'pow':
        return this.#power(term, a, b);
      case 'select':
        return this.#select(term, a, b);
      case 'fp.of.int':
      case 'fp.of.bits':
        return this.#floatOf(term, a);
      case 'fp.to.int': {
        const vector = `((_ fp.to_sbv ${index}) RTZ ${a})`;
        return `(ite ${fitsSigned(a, formatOfFloat(term.args[0]!), index)} ${signedInteger(vector, index)} 0)`;
      }
      case 'fp.bits':
        return `(bv2nat ${floatBits(this.#script, a, formatOfFloat(term.args[0]!), term.id)})`;
      default: {
        if (isFloat(term.args[0]!.sort) && op !== '=') return floatApplication(op, index, term.sort, args);
        const name = operators[op].smtlib;
        if (name === undefined) throw new Unsupported(`no SMT-LIB form of ${op}`);
        return `(${name} ${args.join(' ')})`;
      }
    }
  }

  #floatOf(term: ApplyTerm, a: string): string {
    const to = indices(formatOfWidth(term.index));
    if (term.op === 'fp.of.bits') return `((_ to_fp ${to}) ((_ int2bv ${term.index}) ${a}))`;
    const { low, high } = this.#ranges.of(term.args[0]!);
    if (low === undefined || high === undefined) throw new Unsupported('a float of an integer without bounds');
    const bits = Math.max(I.bitLength(low < 0n ? ~low : low), I.bitLength(high < 0n ? ~high : high)) + 1;
    if (bits > 1024) throw new Unsupported(`a float of an integer of ${bits} bits`);
    return `((_ to_fp ${to}) RNE ((_ int2bv ${bits}) ${a}))`;
  }

  #call(name: string, body: string, a: string, b: string): string {
    this.#script.useFunction(name, `((a Int) (b Int)) Int ${body}`);
    return `(${name} ${a} ${b})`;
  }

  /** The bitwise and of the arguments of a bitwise operator. */
  #bitAnd(term: ApplyTerm, a: string, b: string): string {
    const [x, y] = term.args.map((t) => this.#ranges.of(t)) as [I.Interval, I.Interval];
    // A natural operand has only so many bits, and of the other no more of them matter.
    for (const natural of [x, y]) {
      if (natural.low !== undefined && natural.low >= 0n && natural.high !== undefined) {
        return this.#naturalAnd(a, b, Math.max(1, I.bitLength(natural.high)));
      }
    }
    // For negative y: x & y = x - (x & ~y), and ~y is natural.
    if (y.high !== undefined && y.high < 0n && y.low !== undefined) {
      return `(- ${a} ${this.#naturalAnd(a, `(- (- ${b}) 1)`, Math.max(1, I.bitLength(~y.low)))})`;
    }
    if (x.high !== undefined && x.high < 0n && x.low !== undefined) {
      return `(- ${b} ${this.#naturalAnd(b, `(- (- ${a}) 1)`, Math.max(1, I.bitLength(~x.low)))})`;
    }
    if (x.low === undefined || x.high === undefined || y.low === undefined || y.high === undefined) {
      throw new Unsupported(`the operands of ${term.op} have no bounds`);
    }
    const bits = Math.max(...[x.low, x.high, y.low, y.high].map((v) => I.bitLength(v < 0n ? ~v : v))) + 1;
    const half = 1n << BigInt(bits - 1);
    return `(- (mod (+ ${this.#naturalAnd(a, b, bits)} ${half}) ${2n * half}) ${half})`;
  }

  #naturalAnd(a: string, b: string, widthBits: number): string {
    if (widthBits > 1024) throw new Unsupported(`a bitwise operator on ${widthBits} bits`);
    const name = this.#script.useFunction(
      `t.and${widthBits}`,
      `((a Int) (b Int)) Int (bv2nat (bvand ((_ int2bv ${widthBits}) a) ((_ int2bv ${widthBits}) b)))`,
    );
    return `(${name} ${a} ${b})`;
  }

  /** 2 to the count, where negative counts count as 0. */
  #powerOfTwo(count: Term, text: string): string {
    const { low, high } = this.#ranges.of(count);
    if (high === undefined || high > 256n) throw new Unsupported('a shift by a count without a small bound');
    return this.#table(2n, low !== undefined && low > 0n ? low : 0n, high, text, 1n);
  }

  /** base to the count for the counts from low to high; `below` is the value for counts under 0. */
  #table(base: bigint, low: bigint, high: bigint, count: string, below: bigint): string {
    if (high < 0n) return integer(below);
    let text = integer(base ** high);
    for (let n = high - 1n; n >= low; n--) {
      text = this.#script.share(`(ite (= ${count} ${n}) ${integer(base ** n)} ${text})`, 'Int');
    }
    return low === 0n ? `(ite (< ${count} 0) ${integer(below)} ${text})` : text;
  }

  #power(term: ApplyTerm, a: string, b: string): string {
    const [base, exponent] = term.args as [Term, Term];
    if (exponent.kind === 'value') {
      const n = exponent.value as bigint;
      if (n < 0n) return '0';
      if (n === 0n) return '1';
      if (n > 64n) throw new Unsupported('a power with a large exponent');
      return n === 1n ? a : `(*${` ${a}`.repeat(Number(n))})`;
    }
    const { low, high } = this.#ranges.of(exponent);
    if (base.kind !== 'value' || high === undefined || high > 256n) {
      throw new Unsupported('a power with a varying exponent');
    }
    return this.#table(base.value as bigint, low !== undefined && low > 0n ? low : 0n, high, b, 0n);
  }

  /** Bound symbols live inside the expression: what depends on them is named by `let`. */
  #quantified(term: QuantifiedTerm): string {
    if (this.#depth >= 50) throw new Unsupported('quantifiers nested deeper than 50');
    const inner = new LetScript(this.#script, new Set(term.bound));
    const body = new IntForm(inner, this.#ranges, this.#facts, this.#depth + 1).text(term.body);
    const binders = term.bound.map((b) => `(${symbolName(b)} ${checkSort(b.sort)})`).join(' ');
    return `(${term.kind} (${binders}) ${inner.wrap(body)})`;
  }
}

/** Stands in for a script inside a quantifier. */
export class LetScript implements Declarations {
  readonly #outer: Declarations;
  readonly #bound: ReadonlySet<SymbolTerm>;
  readonly #bindings: string[] = [];
  constructor(outer: Declarations, bound: ReadonlySet<SymbolTerm>) {
    this.#outer = outer;
    this.#bound = bound;
  }

  command(line: string): void {
    this.#outer.command(line);
  }
  declared(symbol: SymbolTerm): string | undefined {
    return this.#bound.has(symbol) ? symbolName(symbol) : this.#outer.declared(symbol);
  }
  declare(symbol: SymbolTerm, sort: string): string {
    return this.#outer.declare(symbol, sort);
  }
  useFunction(name: string, definition: string): string {
    return this.#outer.useFunction(name, definition);
  }
  constant(): string {
    throw new Unsupported('the bits of a float under a quantifier');
  }
  share(expression: string, _sort: string): string {
    if (expression.length <= longestInline) return expression;
    const name = `l.${this.#bindings.length}`;
    this.#bindings.push(`(let ((${name} ${expression})) `);
    return name;
  }
  wrap(body: string): string {
    if (this.#bindings.length > 5000) throw new Unsupported('a quantified formula that is too large');
    return `${this.#bindings.join('')}${body}${')'.repeat(this.#bindings.length)}`;
  }
}

/** The spelling of a sort that this form covers; throws Unsupported for others. */
export function checkSort(sort: Sort): string {
  let s = sort;
  while (s.kind === 'array') {
    if (s.index.kind !== 'int' && s.index.kind !== 'bool')
      throw new Unsupported(`arrays indexed by ${formatSort(s.index)}`);
    s = s.element;
  }
  return formatSort(sort);
}

const integer = (value: bigint): string => (value < 0n ? `(- ${-value})` : `${value}`);

function valueText(term: ValueTerm): string {
  return formatConstant(term.value, term.sort);
}

function formatConstant(value: Value, sort: Sort): string {
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'boolean') return String(value);
  if (isRational(value))
    return `(/ ${value.numerator < 0n ? `(- ${-value.numerator}.0)` : `${value.numerator}.0`} ${value.denominator}.0)`;
  if (value instanceof ArrayValue && sort.kind === 'array') {
    let text = `((as const ${checkSort(sort)}) ${formatConstant(value.default, sort.element)})`;
    for (const { index, element } of value.entries.values()) {
      text = `(store ${text} ${formatConstant(index, sort.index)} ${formatConstant(element, sort.element)})`;
    }
    return text;
  }
  if (isFloatValue(value)) return floatConstant(value);
  throw new Unsupported('a constant of this sort');
}

const signedInteger = (vector: string, widthBits: number): string =>
  `(let ((f.n (bv2nat ${vector}))) (ite (>= f.n ${1n << BigInt(widthBits - 1)}) (- f.n ${1n << BigInt(widthBits)}) f.n))`;

/** Symbols that some quantifier in the formulas binds. */
export function boundSymbols(subterms: readonly Term[]): Set<SymbolTerm> {
  const bound = new Set<SymbolTerm>();
  for (const t of subterms) if (t.kind === 'forall' || t.kind === 'exists') for (const b of t.bound) bound.add(b);
  return bound;
}
