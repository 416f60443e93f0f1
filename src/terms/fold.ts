import type { TermFactory } from './factory.ts';
import * as I from './interval.ts';
import { EvaluationLimit, operators } from './operator.ts';
import type { RangeAnalysis } from './range.ts';
import { type ApplyTerm, children, isFalse, isTrue, type Term } from './term.ts';
import { rebuild } from './traversal.ts';
import type { Value } from './value.ts';

/**
 * Constant folding, bottom up: what symbolic execution applies on the fly. Each law is a row below; all of them keep the value of
 * every term (property-tested). Deliberately small and linear: the full set of rewrite rules is in rules/. With an analysis
 * of ranges it keeps the value only in states within these ranges: what has one value there is that value, and wraps that
 * are idle there disappear.
 */
export class Folder {
  readonly #factory: TermFactory;
  readonly #ranges: RangeAnalysis | undefined;
  readonly #done = new Map<Term, Term>();

  constructor(factory: TermFactory, ranges?: RangeAnalysis) {
    this.#factory = factory;
    this.#ranges = ranges;
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
    const t = this.#factory;
    if (args.every((a) => a.kind === 'value')) {
      try {
        const value = operators[shape.op].evaluate(
          args.map((a) => (a as { value: Value }).value),
          shape.index,
        );
        return t.value(value, shape.sort);
      } catch (error) {
        if (!(error instanceof EvaluationLimit)) throw error;
        return rebuild(t, shape, args);
      }
    }
    const folded = this.#law(shape, args) ?? rebuild(t, shape, args);
    return this.#ranges && folded.kind === 'apply' ? this.#inRanges(folded, this.#ranges) : folded;
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

  #law(shape: ApplyTerm, args: readonly Term[]): Term | undefined {
    const t = this.#factory;
    const [a, b, c] = args as [Term, Term, Term];
    switch (shape.op) {
      case 'not':
        return a.kind === 'apply' && a.op === 'not' ? a.args[0]! : undefined;
      case 'and':
      case 'or':
        return this.#junction(shape.op, args);
      case 'implies':
        if (isTrue(a)) return b;
        if (isFalse(a) || isTrue(b) || a === b) return t.true;
        return isFalse(b) ? this.#not(a) : undefined;
      case 'xor':
        if (a === b) return t.false;
        if (a.kind === 'value') return isTrue(a) ? this.#not(b) : b;
        return b.kind === 'value' ? (isTrue(b) ? this.#not(a) : a) : undefined;
      case '=':
        if (a === b) return t.true;
        if (a.sort.kind === 'bool' && a.kind === 'value') return isTrue(a) ? b : this.#not(b);
        if (a.sort.kind === 'bool' && b.kind === 'value') return isTrue(b) ? a : this.#not(a);
        return this.#compareIte(shape, a, b);
      case '<=':
      case '>=':
        return a === b ? t.true : this.#compareIte(shape, a, b);
      case '<':
      case '>':
        return a === b ? t.false : this.#compareIte(shape, a, b);
      case 'ite':
        if (a.kind === 'value') return isTrue(a) ? b : c;
        if (b === c) return b;
        if (isTrue(b) && isFalse(c)) return a;
        if (isFalse(b) && isTrue(c)) return this.#not(a);
        return undefined;
      case '+':
        return this.#sum(args);
      case '-':
        if (a === b && a.sort.kind === 'int') return t.int(0);
        if (isInt(b, 0n)) return a;
        // (x + k) - l and (x - k) - l keep one constant, so that counters stay small.
        if (b.kind === 'value' && a.sort.kind === 'int') return this.#sum([a, t.int(-(b.value as bigint))]);
        return undefined;
      case '*':
        return this.#product(args);
      case 'div':
      case 'quot':
        return isInt(b, 1n) ? a : undefined;
      case 'wrap.unsigned':
      case 'wrap.signed':
        // wrap(wrap(x)) of the same kind and width.
        return a.kind === 'apply' && a.op === shape.op && a.index === shape.index ? a : undefined;
      case 'select':
        return this.#select(a, b);
      case 'store':
        // A second store at the same place hides the first.
        return a.kind === 'apply' && a.op === 'store' && a.args[1] === b ? this.#store(a.args[0]!, b, c) : undefined;
      default:
        return undefined;
    }
  }

  #not(a: Term): Term {
    if (a.kind === 'value') return this.#factory.bool(!isTrue(a));
    return a.kind === 'apply' && a.op === 'not' ? a.args[0]! : this.#factory.not(a);
  }

  /** Drops units and repetitions; a formula beside its negation decides. Nested ones of the same kind are opened. */
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

  #sum(args: readonly Term[]): Term | undefined {
    if (args[0]!.sort.kind !== 'int') return undefined;
    const t = this.#factory;
    let constant = 0n;
    const rest: Term[] = [];
    for (const arg of args) {
      const parts = arg.kind === 'apply' && arg.op === '+' ? arg.args : [arg];
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
    if (args.some((a) => isInt(a, 0n))) return t.int(0);
    const rest = args.filter((a) => !isInt(a, 1n));
    if (rest.length === args.length) return undefined;
    return rest.length === 0 ? t.int(1) : rest.length === 1 ? rest[0]! : t.apply('*', rest);
  }

  /** A comparison of a constant with an `ite` of constants is decided by its condition. */
  #compareIte(shape: ApplyTerm, a: Term, b: Term): Term | undefined {
    const flipped = a.kind === 'value';
    const choice = flipped ? b : a;
    const constant = flipped ? a : b;
    if (constant.kind !== 'value' || choice.kind !== 'apply' || choice.op !== 'ite') return undefined;
    if (choice.depth > deepestChoice) return undefined;
    const [condition, x, y] = choice.args as [Term, Term, Term];
    if (x.kind !== 'value' && y.kind !== 'value') return undefined;
    const compare = (z: Term): Term => this.apply(shape, flipped ? [constant, z] : [z, constant]);
    const left = compare(x);
    const right = compare(y);
    if (left.kind !== 'value' && right.kind !== 'value') return undefined;
    if (left === right) return left;
    if (isTrue(left)) return isFalse(right) ? condition : this.#junction('or', [condition, right]);
    if (isFalse(left))
      return isTrue(right) ? this.#not(condition) : this.#junction('and', [this.#not(condition), right]);
    return isTrue(right)
      ? this.#junction('or', [this.#not(condition), left])
      : this.#junction('and', [condition, left]);
  }

  /** Reads through stores at indices that are seen to differ, and into both branches of a choice of arrays. */
  #select(array: Term, index: Term, depth = 0): Term | undefined {
    const t = this.#factory;
    let here = array;
    for (;;) {
      if (here.kind === 'value' && index.kind !== 'value') break;
      if (here.kind !== 'apply' || here.op !== 'store') break;
      if (here.args[1] === index) return here.args[2]!;
      if (!distinct(here.args[1]!, index)) break;
      here = here.args[0]!;
    }
    if (here.kind === 'value' && index.kind === 'value') {
      return t.value(
        operators.select.evaluate([here.value, index.value], 0),
        (array.sort as { element: Term['sort'] }).element,
      );
    }
    if (here.kind === 'apply' && here.op === 'ite' && index.kind === 'value' && depth < 6) {
      const [condition, x, y] = here.args as [Term, Term, Term];
      const left = this.#select(x, index, depth + 1) ?? t.apply('select', [x, index]);
      const right = this.#select(y, index, depth + 1) ?? t.apply('select', [y, index]);
      return left === right ? left : t.ite(condition, left, right);
    }
    return here === array ? undefined : t.apply('select', [here, index]);
  }

  #store(array: Term, index: Term, element: Term): Term {
    return this.#factory.apply('store', [array, index, element]);
  }
}

/** A comparison is not pushed into choices nested deeper than this. */
const deepestChoice = 100;

const isInt = (term: Term, value: bigint): boolean => term.kind === 'value' && term.value === value;

/** Indices that differ in every state: two constants, or the same sum with two constants. */
function distinct(a: Term, b: Term): boolean {
  if (a.sort.kind !== 'int') return false;
  const x = offset(a);
  const y = offset(b);
  return x.base === y.base && x.constant !== y.constant;
}

function offset(term: Term): { base: string; constant: bigint } {
  if (term.kind === 'value') return { base: '', constant: term.value as bigint };
  if (term.kind === 'apply' && term.op === '+') {
    const constant = term.args.find((p) => p.kind === 'value');
    const rest = term.args.filter((p) => p.kind !== 'value');
    return {
      base: rest.map((r) => r.id).join(','),
      constant: constant ? ((constant as { value: Value }).value as bigint) : 0n,
    };
  }
  return { base: String(term.id), constant: 0n };
}
