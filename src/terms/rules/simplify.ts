import { Budget } from '../../base/budget.ts';
import type { TermFactory } from '../factory.ts';
import type { FloatInterval } from '../float-interval.ts';
import { type OperatorName, operators } from '../operator.ts';
import { impliedRanges, RangeAnalysis, type SymbolRanges } from '../range.ts';
import type { Term } from '../term.ts';
import { rebuild } from '../traversal.ts';
import { numberToFloat } from '../value.ts';
import { arithmeticRules, distribution } from './arithmetic.ts';
import { arrayRules } from './array.ts';
import { booleanRules } from './boolean.ts';
import { solvedEquation } from './equation.ts';
import { floatRules } from './float.ts';
import { machineRules } from './machine.ts';
import { TermOrder } from './order.ts';
import type { Rule, RuleContext } from './rule.ts';

/**
 * Brings terms to a normal form by the rules: arguments first, then the rules in their fixed order until none applies.
 * Deterministic. When the budget ends, what is left is simply not rewritten: the result is equal to the term all the same.
 * Bodies of quantifiers are left alone, since ranges do not speak of bound symbols.
 */
export const defaultRules: readonly Rule[] = [
  ...booleanRules,
  ...arithmeticRules,
  ...machineRules,
  ...arrayRules,
  ...floatRules,
];

/** With rules that help proofs but make terms larger. */
export const provingRules: readonly Rule[] = [...defaultRules, distribution, solvedEquation];

export interface Rewriting {
  readonly rule: string;
  readonly before: Term;
  readonly after: Term;
}

export interface SimplifyOptions {
  /** Ranges within which the result must equal the term. */
  readonly ranges?: SymbolRanges;
  readonly rules?: readonly Rule[];
  /** One step a rewriting. */
  readonly budget?: Budget;
  /** Called with each rewriting, in order. */
  readonly onStep?: (step: Rewriting) => void;
}

const defaultStepLimit = 100_000;

export function simplify(terms: TermFactory, root: Term, options: SimplifyOptions = {}): Term {
  return new Simplifier(terms, options).simplify(root);
}

type Work =
  | { readonly kind: 'visit'; readonly term: Term }
  | { readonly kind: 'rebuild'; readonly term: Term }
  | { readonly kind: 'link'; readonly terms: readonly Term[]; readonly to: Term };

/** Keeps what it found, for terms that share parts. */
export class Simplifier {
  readonly #context: RuleContext;
  readonly #rules: ReadonlyMap<OperatorName, readonly Rule[]>;
  readonly #normal = new Map<Term, Term>();
  readonly #budget: Budget | undefined;
  readonly #onStep: ((step: Rewriting) => void) | undefined;
  #steps = defaultStepLimit;

  constructor(terms: TermFactory, options: SimplifyOptions = {}) {
    this.#context = { terms, ranges: new RangeAnalysis(options.ranges), order: new TermOrder() };
    this.#rules = byHead(options.rules ?? defaultRules);
    this.#budget = options.budget;
    this.#onStep = options.onStep;
  }

  simplify(root: Term): Term {
    const stack: Work[] = [{ kind: 'visit', term: root }];
    for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
      switch (work.kind) {
        case 'visit':
          this.#visit(work.term, stack);
          break;
        case 'rebuild':
          this.#rebuild(work.term, stack);
          break;
        case 'link': {
          const normal = this.#normal.get(work.to)!;
          for (const t of work.terms) this.#normal.set(t, normal);
          break;
        }
      }
    }
    return this.#normal.get(root)!;
  }

  #visit(term: Term, stack: Work[]): void {
    if (this.#normal.has(term)) return;
    if (term.kind !== 'apply') {
      this.#normal.set(term, term);
      return;
    }
    stack.push({ kind: 'rebuild', term });
    for (let i = term.args.length - 1; i >= 0; i--) stack.push({ kind: 'visit', term: term.args[i]! });
  }

  #rebuild(term: Term, stack: Work[]): void {
    if (this.#normal.has(term) || term.kind !== 'apply') return;
    const { terms } = this.#context;
    const built = rebuild(
      terms,
      term,
      term.args.map((a) => this.#normal.get(a)!),
    );
    const known = this.#normal.get(built);
    const next = known ?? this.#rewritten(built);
    if (known !== undefined || next === undefined) {
      const normal = known ?? built;
      this.#normal.set(term, normal);
      this.#normal.set(built, normal);
      return;
    }
    stack.push({ kind: 'link', terms: [term, built], to: next }, { kind: 'visit', term: next });
  }

  #rewritten(term: Term): Term | undefined {
    if (term.kind !== 'apply') return undefined;
    if (this.#steps <= 0 || this.#budget?.open === false) return undefined;
    for (const rule of this.#rules.get(term.op)!) {
      const after = rule.apply(term, this.#context);
      if (after === undefined) continue;
      this.#steps--;
      this.#budget?.spend();
      this.#onStep?.({ rule: rule.name, before: term, after });
      return after;
    }
    return undefined;
  }
}

function byHead(rules: readonly Rule[]): Map<OperatorName, Rule[]> {
  const map = new Map<OperatorName, Rule[]>();
  for (const op of Object.values(operators)) map.set(op.name, []);
  for (const rule of rules) for (const op of rule.heads) map.get(op)!.push(rule);
  return map;
}

/** Rewritings in a reduction; a fixed number, so that a reduction can be made again. */
const reductionStepLimit = 20_000;

/**
 * A formula that is equal to the given one: rewritten under the ranges that it implies itself (where they do not hold it is
 * false anyway), with these ranges as conjuncts. So `false` is a refutation. Depends on nothing but the formula, so that a
 * checker can make it again.
 */
export function reduction(terms: TermFactory, formula: Term, onStep?: (step: Rewriting) => void): Term {
  const ranges = impliedRanges([formula]);
  const budget = new Budget({ stepLimit: reductionStepLimit });
  const result = simplify(terms, formula, { ranges, rules: provingRules, budget, ...(onStep ? { onStep } : {}) });
  if (result === terms.false) return result;
  const parts: Term[] = result === terms.true ? [] : [result];
  for (const [symbol, { low, high, float }] of ranges) {
    if (float && symbol.sort.kind === 'float') parts.push(...floatConditions(terms, symbol, symbol.sort.format, float));
    if (low !== undefined) parts.push(terms.lessEqual(terms.int(low), symbol));
    if (high !== undefined) parts.push(terms.lessEqual(symbol, terms.int(high)));
  }
  return terms.all(parts);
}

/** The conditions that say what a float interval says. */
function floatConditions(
  terms: TermFactory,
  symbol: Term,
  format: 'binary32' | 'binary64',
  { low, high, nan }: FloatInterval,
): Term[] {
  const constant = (x: number): Term => terms.value(numberToFloat(x, format), symbol.sort);
  const unordered = terms.apply('fp.isNaN', [symbol]);
  const parts: Term[] = [];
  if (low > Number.NEGATIVE_INFINITY) parts.push(terms.apply('fp.le', [constant(low), symbol]));
  if (high < Number.POSITIVE_INFINITY) parts.push(terms.apply('fp.le', [symbol, constant(high)]));
  if (nan) return parts.length === 0 ? [] : [terms.or(unordered, terms.all(parts))];
  return parts.length === 0 ? [terms.not(unordered)] : parts;
}

/** The steps by which the rules bring a formula to false; undefined if they do not. */
export function refutationByRewriting(terms: TermFactory, formula: Term): Rewriting[] | undefined {
  const steps: Rewriting[] = [];
  return reduction(terms, formula, (step) => steps.push(step)) === terms.false ? steps : undefined;
}

/**
 * Checks such steps: each is what the named rule says, and from the formula they lead to false. The ranges are those that
 * the formula implies: where they do not hold, the formula is false anyway. Undefined when all is well, else what is wrong.
 */
export function checkRefutation(terms: TermFactory, formula: Term, steps: readonly Rewriting[]): string | undefined {
  const rules = new Map(provingRules.map((r) => [r.name, r]));
  const context: RuleContext = { terms, ranges: new RangeAnalysis(impliedRanges([formula])), order: new TermOrder() };
  const next = new Map<Term, Term>();
  for (const [i, { rule: name, before, after }] of steps.entries()) {
    const rule = rules.get(name);
    if (!rule) return `step ${i + 1}: there is no rule ${name}`;
    if (before.kind !== 'apply' || !rule.heads.includes(before.op) || rule.apply(before, context) !== after) {
      return `step ${i + 1}: the rule ${name} does not say so`;
    }
    next.set(before, after);
  }
  const result = follow(terms, formula, next, steps.length + 1);
  return result === terms.false ? undefined : 'the steps do not lead to false';
}

/** Rewrites a term, arguments first, by steps that are given as a map. At most `limit` of them a term, so that it ends. */
function follow(terms: TermFactory, root: Term, next: ReadonlyMap<Term, Term>, limit: number): Term | undefined {
  const normal = new Map<Term, Term>();
  let steps = 0;
  const stack: Work[] = [{ kind: 'visit', term: root }];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    if (work.kind === 'link') {
      for (const t of work.terms) normal.set(t, normal.get(work.to)!);
      continue;
    }
    const { term } = work;
    if (normal.has(term)) continue;
    if (term.kind !== 'apply') {
      normal.set(term, term);
    } else if (work.kind === 'visit') {
      stack.push({ kind: 'rebuild', term });
      for (let i = term.args.length - 1; i >= 0; i--) stack.push({ kind: 'visit', term: term.args[i]! });
    } else {
      const built = rebuild(
        terms,
        term,
        term.args.map((a) => normal.get(a)!),
      );
      const after = normal.get(built) ?? next.get(built);
      if (after === undefined) {
        normal.set(term, built);
        normal.set(built, built);
      } else if (normal.has(built)) normal.set(term, after);
      else {
        if (++steps > limit) return undefined;
        stack.push({ kind: 'link', terms: [term, built], to: after }, { kind: 'visit', term: after });
      }
    }
  }
  return normal.get(root);
}
