import type { TermFactory } from './factory.ts';
import { ArrayFolding, type Making } from './folding/arrays.ts';
import { Choices, largestChoice, leavesOf, mapLeaves } from './folding/choices.ts';
import { atMost, type Comparison, divided, equation, linearOf, linearTerm } from './folding/linear.ts';
import * as I from './interval.ts';
import { EvaluationLimit, type OperatorName, operators } from './operator.ts';
import type { RangeAnalysis } from './range.ts';
import type { Sort } from './sort.ts';
import { type ApplyTerm, children, isFalse, isTrue, type Term } from './term.ts';
import type { Value } from './value.ts';

/**
 * Folding, bottom up: what symbolic execution applies on the fly. Each law is a row below; all of them keep the value of
 * every term (property-tested). Deliberately small and linear: the full set of rewrite rules is in rules/. With an analysis
 * of ranges it keeps the value only in states within these ranges: what has one value there is that value, and wraps that
 * are idle there disappear.
 *
 * Short sums have one spelling, and so have comparisons (folding/linear.ts): what was assumed once is known when it comes up again.
 * Operators on choices between constants are carried out on the constants (folding/choices.ts), and chains of stores
 * are tables (folding/arrays.ts): a concrete program folds to constants.
 */
export class Folder {
  readonly #factory: TermFactory;
  readonly #ranges: RangeAnalysis | undefined;
  readonly #done = new Map<Term, Term>();
  readonly #choices = new Choices();
  readonly #arrays: ArrayFolding;

  constructor(factory: TermFactory, ranges?: RangeAnalysis) {
    this.#factory = factory;
    this.#ranges = ranges;
    const making: Making = { terms: factory, ranges, ite: (c, a, b) => this.make('ite', [c, a, b]) };
    this.#arrays = new ArrayFolding(making);
  }

  /** The folded term, with symbols replaced first. `replaced` must not change while a Folder is used with it. */
  fold(root: Term, replaced?: ReadonlyMap<Term, Term>, cache: Map<Term, Term> = this.#done): Term {
    const stack: Term[] = [root];
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      if (cache.has(term)) {
        stack.pop();
        continue;
      }
      if (term.kind === 'symbol' || term.kind === 'value') {
        cache.set(term, replaced?.get(term) ?? term);
        stack.pop();
        continue;
      }
      if (term.kind !== 'apply') {
        // Quantified formulas are left alone; replacing under a binder is the caller's business.
        cache.set(term, term);
        stack.pop();
        continue;
      }
      const early = term.op === 'ite' ? this.#branch(term, cache, stack) : undefined;
      if (early === 'waiting') continue;
      if (early) {
        cache.set(term, early);
        stack.pop();
        continue;
      }
      const missing = children(term).filter((c) => !cache.has(c));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      cache.set(
        term,
        this.apply(
          term,
          term.args.map((a) => cache.get(a)!),
        ),
      );
      stack.pop();
    }
    return cache.get(root)!;
  }

  /** Of an `ite` with a constant condition only the branch taken is folded. */
  #branch(term: ApplyTerm, cache: Map<Term, Term>, stack: Term[]): Term | 'waiting' | undefined {
    const condition = cache.get(term.args[0]!);
    if (condition === undefined) {
      stack.push(term.args[0]!);
      return 'waiting';
    }
    if (condition.kind !== 'value') return undefined;
    const taken = term.args[isTrue(condition) ? 1 : 2]!;
    const done = cache.get(taken);
    if (done) return done;
    stack.push(taken);
    return 'waiting';
  }

  /** The application of `shape`'s operator to folded arguments, folded. */
  apply(shape: ApplyTerm, args: readonly Term[]): Term {
    return this.make(shape.op, args, shape.index, shape.sort);
  }

  /** An application to folded arguments, folded. */
  make(op: OperatorName, args: readonly Term[], index = 0, sort?: Sort): Term {
    const t = this.#factory;
    if (op !== 'store' && args.every((a) => a.kind === 'value')) {
      try {
        const value = operators[op].evaluate(
          args.map((a) => (a as { value: Value }).value),
          index,
        );
        return t.value(value, sort ?? t.apply(op, args, index).sort);
      } catch (error) {
        if (!(error instanceof EvaluationLimit)) throw error;
        return t.apply(op, args, index);
      }
    }
    let folded = this.#law(op, args, index) ?? t.apply(op, args, index);
    if (this.#ranges && folded.kind === 'apply') folded = this.#inRanges(folded, this.#ranges);
    this.#choices.note(folded);
    return folded;
  }

  #inRanges(term: ApplyTerm, ranges: RangeAnalysis): Term {
    const t = this.#factory;
    if (term.sort.kind === 'bool') {
      const truth = ranges.truth(term);
      return truth === undefined ? term : t.bool(truth);
    }
    if (term.sort.kind !== 'int') return term;
    const range = ranges.of(term);
    if (I.isPoint(range)) return t.int(range.low!);
    if (term.op !== 'wrap.unsigned' && term.op !== 'wrap.signed') return term;
    const full = term.op === 'wrap.unsigned' ? I.unsignedRange(term.index) : I.signedRange(term.index);
    return I.within(ranges.of(term.args[0]!), full) ? term.args[0]! : term;
  }

  #law(op: OperatorName, args: readonly Term[], index: number): Term | undefined {
    const t = this.#factory;
    const [a, b, c] = args as [Term, Term, Term];
    switch (op) {
      case 'not':
        return a.kind === 'apply' && a.op === 'not' ? a.args[0]! : undefined;
      case 'and':
      case 'or':
        return this.#junction(op, args);
      case 'implies':
        if (isTrue(a)) return b;
        if (isFalse(a) || isTrue(b) || a === b) return t.true;
        return isFalse(b) ? this.#not(a) : undefined;
      case 'xor':
        if (a === b) return t.false;
        if (a.kind === 'value') return isTrue(a) ? this.#not(b) : b;
        return b.kind === 'value' ? (isTrue(b) ? this.#not(a) : a) : undefined;
      case 'ite':
        return this.#ite(a, b, c);
      case 'select':
        return this.#select(a, b);
      case 'store':
        return this.#store(a, b, c);
      default:
        return this.#onLeaves(op, args, index) ?? this.#arithmetic(op, args, index);
    }
  }

  #arithmetic(op: OperatorName, args: readonly Term[], index: number): Term | undefined {
    const t = this.#factory;
    const [a, b] = args as [Term, Term];
    const ints = a.sort.kind === 'int';
    switch (op) {
      case '=':
        if (a === b) return t.true;
        if (a.sort.kind === 'bool' && a.kind === 'value') return isTrue(a) ? b : this.#not(b);
        if (a.sort.kind === 'bool' && b.kind === 'value') return isTrue(b) ? a : this.#not(a);
        return ints ? this.#comparison(equation(t, a, b)) : this.#compareIte(op, a, b);
      case '<=':
        if (a === b) return t.true;
        return ints ? this.#comparison(atMost(t, a, b, 0n)) : this.#compareIte(op, a, b);
      case '>=':
        if (a === b) return t.true;
        return ints ? this.#comparison(atMost(t, b, a, 0n)) : this.#compareIte(op, a, b);
      case '<':
        if (a === b) return t.false;
        return ints ? this.#comparison(atMost(t, a, b, -1n)) : this.#compareIte(op, a, b);
      case '>':
        if (a === b) return t.false;
        return ints ? this.#comparison(atMost(t, b, a, -1n)) : this.#compareIte(op, a, b);
      case '+':
        return this.#linear(args.map((x) => [x, 1n])) ?? this.#sum(args);
      case '-': {
        const form = this.#linear([
          [a, 1n],
          [b, -1n],
        ]);
        if (form) return form;
        if (a === b && ints) return t.int(0);
        // (x + k) - l and (x - k) - l keep one constant, so that counters stay small.
        if (b.kind === 'value' && ints) return this.#sum([a, t.int(-(b.value as bigint))]);
        return undefined;
      }
      case 'neg':
        return this.#linear([[a, -1n]]);
      case '*':
        return this.#product(args);
      case 'div':
      case 'quot':
      case 'mod':
      case 'rem':
        return this.#division(op, a, b);
      case 'wrap.unsigned':
      case 'wrap.signed': {
        const inner = this.#withoutWraps(a, index);
        return inner === a ? undefined : this.make(op, [inner], index);
      }
      default:
        return undefined;
    }
  }

  #not(a: Term): Term {
    if (a.kind === 'value') return this.#factory.bool(!isTrue(a));
    return a.kind === 'apply' && a.op === 'not' ? a.args[0]! : this.#factory.not(a);
  }

  #ite(condition: Term, then: Term, otherwise: Term): Term | undefined {
    const t = this.#factory;
    if (condition.kind === 'value') return isTrue(condition) ? then : otherwise;
    if (then === otherwise) return then;
    if (condition.kind === 'apply' && condition.op === 'not')
      return this.make('ite', [condition.args[0]!, otherwise, then]);
    // What the same condition has decided already.
    const a = isChoice(then) && then.args[0] === condition ? then.args[1]! : then;
    const b = isChoice(otherwise) && otherwise.args[0] === condition ? otherwise.args[2]! : otherwise;
    if (a !== then || b !== otherwise) return this.make('ite', [condition, a, b]);
    if (a.sort.kind === 'bool') {
      if (isTrue(a)) return isFalse(b) ? condition : this.#junction('or', [condition, b]);
      if (isFalse(a)) return isTrue(b) ? this.#not(condition) : this.#junction('and', [this.#not(condition), b]);
      if (isTrue(b)) return this.#junction('or', [this.#not(condition), a]);
      if (isFalse(b)) return this.#junction('and', [condition, a]);
    }
    if (a.sort.kind === 'array') return this.#arrays.join(condition, a, b);
    // Both arms lead to the same: one condition is enough.
    if (isChoice(a) && a.args[2] === b) return t.ite(this.#junction('and', [condition, a.args[0]!]), a.args[1]!, b);
    if (isChoice(b) && b.args[1] === a) return t.ite(this.#junction('or', [condition, b.args[0]!]), a, b.args[2]!);
    return undefined;
  }

  /** An operator on constants and small choices between constants, carried out leaf by leaf. */
  #onLeaves(op: OperatorName, args: readonly Term[], index: number): Term | undefined {
    let product = 1;
    let choice: Term | undefined;
    for (const arg of args) {
      const leaves = this.#choices.leaves(arg);
      if (leaves === 1) continue;
      if (arg !== choice) product *= leaves;
      choice ??= arg;
      if (product > largestChoice) return undefined;
    }
    if (!choice) return undefined;
    return mapLeaves(
      choice,
      (leaf) =>
        this.make(
          op,
          args.map((arg) => (arg === choice ? leaf : arg)),
          index,
        ),
      (c, x, y) => this.make('ite', [c, x, y]),
    );
  }

  /** Drops units and repetitions; a formula beside its negation decides, and so do bounds that exclude each other. */
  #junction(op: 'and' | 'or', args: readonly Term[]): Term {
    const t = this.#factory;
    const unit = op === 'and' ? t.true : t.false;
    const zero = op === 'and' ? t.false : t.true;
    const kept = new Set<Term>();
    for (const arg of args) {
      const parts = arg.kind === 'apply' && arg.op === op && arg.args.length <= 8 ? arg.args : [arg];
      for (const part of parts) {
        if (part === zero) return zero;
        if (part === unit) continue;
        if (kept.has(part.kind === 'apply' && part.op === 'not' ? part.args[0]! : t.not(part))) return zero;
        kept.add(part);
      }
    }
    const list = [...kept];
    if (list.length > 1 && contradictoryBounds(list, op === 'and')) return zero;
    if (list.length === 2) {
      const merged = this.#complementary(op, list[0]!, list[1]!);
      if (merged) return merged;
    }
    return op === 'and' ? t.all(list) : t.any(list);
  }

  /** (g and c) or (g and not c) is g; the dual too. This is what merging the two arms of a branch gives. */
  #complementary(op: 'and' | 'or', x: Term, y: Term): Term | undefined {
    const inner = op === 'and' ? 'or' : 'and';
    const t = this.#factory;
    const parts = (z: Term): readonly Term[] => (z.kind === 'apply' && z.op === inner ? z.args : [z]);
    const left = parts(x);
    const right = parts(y);
    const rightSet = new Set(right);
    const onlyLeft = left.filter((p) => !rightSet.has(p));
    const leftSet = new Set(left);
    const onlyRight = right.filter((p) => !leftSet.has(p));
    const common = left.filter((p) => rightSet.has(p));
    const join = (list: readonly Term[]): Term => (inner === 'and' ? t.all(list) : t.any(list));
    // Absorption: g or (g and c) is g.
    if (onlyLeft.length === 0 || onlyRight.length === 0) return join(common);
    if (onlyLeft.length !== 1 || onlyRight.length !== 1) return undefined;
    if (this.#not(onlyLeft[0]!) !== onlyRight[0]) return undefined;
    return join(common);
  }

  #linear(parts: readonly (readonly [Term, bigint])[]): Term | undefined {
    if (parts[0]![0].sort.kind !== 'int') return undefined;
    const form = linearOf(parts);
    return form && linearTerm(this.#factory, form);
  }

  /** Long sums: only the constants are put together. */
  #sum(args: readonly Term[]): Term | undefined {
    if (args[0]!.sort.kind !== 'int') return undefined;
    const t = this.#factory;
    let constant = 0n;
    const rest: Term[] = [];
    for (const arg of args) {
      const parts = arg.kind === 'apply' && arg.op === '+' && arg.args.length <= longestOpened ? arg.args : [arg];
      for (const part of parts) {
        if (part.kind === 'value') constant += part.value as bigint;
        else rest.push(part);
      }
    }
    if (constant !== 0n) rest.push(t.int(constant));
    return t.sum(rest);
  }

  #product(args: readonly Term[]): Term | undefined {
    if (args[0]!.sort.kind !== 'int') return undefined;
    const t = this.#factory;
    let constant = 1n;
    const rest: Term[] = [];
    for (const arg of args) {
      if (arg.kind === 'value') constant *= arg.value as bigint;
      else rest.push(arg);
    }
    if (constant === 0n) return t.int(0);
    if (rest.length === 1) return this.#linear([[rest[0]!, constant]]);
    const product = rest.length === args.length ? undefined : t.apply('*', rest);
    return product && this.#linear([[product, constant]]);
  }

  /** The multiples of a constant divisor come out of the division. */
  #division(op: 'div' | 'quot' | 'mod' | 'rem', a: Term, b: Term): Term | undefined {
    if (b.kind !== 'value') return undefined;
    const k = b.value as bigint;
    const quotient = op === 'div' || op === 'quot';
    if (k === 1n) return quotient ? a : this.#factory.int(0);
    const parts = divided(this.#factory, a, k, op === 'quot' || op === 'rem', this.#ranges);
    if (!parts) return undefined;
    if (parts.exact) return quotient ? parts.whole : this.#factory.int(0);
    const rest = this.make(op, [parts.rest, b]);
    return quotient ? this.make('+', [parts.whole, rest]) : rest;
  }

  /** A sum within a wrap, without the wraps inside it that cannot matter: those that are as wide or wider. */
  #withoutWraps(sum: Term, widthBits: number): Term {
    if (!contains(sum, (x) => isWrap(x) && x.index >= widthBits)) return sum;
    const form = linearOf([[sum, 1n]]);
    if (!form || ![...form.coefficients.keys()].some((x) => isWrap(x) && x.index >= widthBits)) return sum;
    const parts = [...form.coefficients].map(([atom, c]) => {
      return [isWrap(atom) && atom.index >= widthBits ? atom.args[0]! : atom, c] as const;
    });
    const opened = linearOf(parts);
    if (!opened) return sum;
    return linearTerm(this.#factory, { ...opened, constant: opened.constant + form.constant });
  }

  #comparison(found: Comparison | undefined): Term | undefined {
    if (!found) return undefined;
    const t = this.#factory;
    if (found.kind === 'decided') return t.bool(found.truth);
    const { op, left, right, negated } = found;
    const atom = this.#compareIte(op, left, right) ?? t.apply(op, [left, right]);
    const truth = this.#ranges?.truth(atom);
    if (truth !== undefined) return t.bool(truth !== negated);
    return negated ? this.#not(atom) : atom;
  }

  /** A comparison of a constant with an `ite` that has a constant in one arm. */
  #compareIte(op: OperatorName, a: Term, b: Term): Term | undefined {
    const flipped = a.kind === 'value';
    const choice = flipped ? b : a;
    const constant = flipped ? a : b;
    if (constant.kind !== 'value' || !isChoice(choice)) return undefined;
    if (choice.depth > deepestChoice) return undefined;
    const [condition, x, y] = choice.args as [Term, Term, Term];
    if (x.kind !== 'value' && y.kind !== 'value') return undefined;
    const compare = (z: Term): Term => this.make(op, flipped ? [constant, z] : [z, constant]);
    const left = compare(x);
    const right = compare(y);
    if (left.kind !== 'value' && right.kind !== 'value') return undefined;
    return this.make('ite', [condition, left, right]);
  }

  /** A place that is a small choice is read leaf by leaf, so that what a pointer leads to stays known. */
  #select(array: Term, index: Term): Term {
    const leaves = this.#choices.leaves(index);
    if (leaves === 1 || leaves > largestChoice) return this.#arrays.select(array, index);
    return mapLeaves(
      index,
      (leaf) => this.#arrays.select(array, leaf),
      (c, x, y) => this.make('ite', [c, x, y]),
    );
  }

  /** A store at a small choice becomes a conditional store at each of its leaves. */
  #store(array: Term, index: Term, element: Term): Term {
    const leaves = this.#choices.leaves(index);
    if (leaves === 1 || leaves > largestChoice) return this.#arrays.store(array, index, element);
    const conditions = new Map<Term, Term[]>();
    for (const { path, leaf } of leavesOf(index)) {
      const here = this.#junction(
        'and',
        path.map(([c, holds]) => (holds ? c : this.#not(c))),
      );
      conditions.set(leaf, [...(conditions.get(leaf) ?? []), here]);
    }
    let result = array;
    for (const [leaf, ways] of conditions) {
      const old = this.#arrays.select(array, leaf);
      result = this.#arrays.store(result, leaf, this.make('ite', [this.#junction('or', ways), element, old]));
    }
    return result;
  }
}

/** A comparison is not pushed into choices nested deeper than this. */
const deepestChoice = 100;
/** Sums of more parts are not opened. */
const longestOpened = 64;
/** Among more formulas no contradictory bounds are looked for. */
const mostBounds = 40;

const isChoice = (term: Term): term is ApplyTerm => term.kind === 'apply' && term.op === 'ite';
const isWrap = (term: Term): term is ApplyTerm =>
  term.kind === 'apply' && (term.op === 'wrap.unsigned' || term.op === 'wrap.signed');

/** Whether a short sum has such a part. */
function contains(sum: Term, test: (part: Term) => boolean): boolean {
  if (test(sum)) return true;
  if (sum.kind !== 'apply' || !['+', '-', '*', 'neg'].includes(sum.op)) return false;
  return sum.args.some((a) => test(a) || (a.kind === 'apply' && a.op === '*' && a.args.some(test)));
}

/** Whether no value lies within all bounds that a conjunction gives some term (with `wanted` false: its negated parts). */
function contradictoryBounds(parts: readonly Term[], wanted: boolean): boolean {
  if (parts.length > mostBounds) return false;
  const bounds = new Map<Term, I.Interval>();
  for (const part of parts) {
    const negated = part.kind === 'apply' && part.op === 'not';
    const atom = negated ? part.args[0]! : part;
    if (atom.kind !== 'apply' || (atom.op !== '<=' && atom.op !== '=')) continue;
    const [left, right] = atom.args as [Term, Term];
    if (right.kind !== 'value' || typeof right.value !== 'bigint' || left.sort.kind !== 'int') continue;
    const holds = negated !== wanted;
    if (atom.op === '=' && !holds) continue;
    const bound: I.Interval =
      atom.op === '=' ? I.point(right.value) : holds ? { high: right.value } : { low: right.value + 1n };
    const both = I.intersect(bounds.get(left) ?? I.everything, bound);
    if (!both) return true;
    bounds.set(left, both);
  }
  return false;
}
