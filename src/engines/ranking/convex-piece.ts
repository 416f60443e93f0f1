import { formatRational, type Rational, rational } from '../../base/rational.ts';
import type { LocationId, Program } from '../../program/program.ts';
import { type Int, negate, toBigInt } from '../../solvers/linear/integer.ts';
import { Simplex, type Sum } from '../../solvers/linear/simplex.ts';
import type { Term } from '../../terms/term.ts';
import { type Polynomial, polynomialKey, times } from '../../verdict/arithmetic/polynomial.ts';
import { falseLiteral, type Literal, not, Problem, trueLiteral } from '../../verdict/arithmetic/problem.ts';
import { after, type Transition } from '../../verdict/termination/transitions.ts';

/**
 * A transition as a union of convex polyhedra over its monomials: disjunctions are split, what `Problem` names by atoms
 * (quotients, choices, products) is an unknown with its linear facts. A piece may hold more than the transition does, never less:
 * what is not understood, or too much to split, is left out. Nothing here is trusted; the argument found is proved in the end.
 */
export interface Bound {
  /** Number of a form in the problem. */
  readonly form: number;
  readonly relation: '>=' | '<=';
  readonly at: bigint;
  /** The invariants' conjuncts that it comes from. */
  readonly tags: readonly Tag[];
}

/** A conjunct of an invariant. */
export interface Tag {
  readonly at: LocationId;
  readonly conjunct: number;
}

export interface TaggedCondition {
  readonly term: Term;
  readonly tag: Tag | undefined;
}

/** What minimising a sum over a piece found. Values are by monomial, over a common denominator. */
export type Extreme =
  | { readonly kind: 'point'; readonly values: (monomial: number) => Rational; readonly least: Rational }
  | { readonly kind: 'ray'; readonly values: (monomial: number) => Rational }
  | { readonly kind: 'empty'; readonly needs: readonly Tag[] }
  | { readonly kind: 'unknown' };

export type Corner = Extract<Extreme, { readonly kind: 'point' | 'ray' }>;

const mostRemembered = 24;

export type Spend = (cost: number) => boolean;

/** More pieces than this for one transition: its disjunctions are left out. */
const mostPieces = 40;

/** The pieces of a transition, and over them the values of the features before and after. */
export interface Pieces {
  readonly list: readonly ConvexPiece[];
  /** The invariants' conjuncts by which the transition is impossible, when there is no piece. */
  readonly needs: readonly Tag[];
}

/** `formulas` are made known to the pieces' problem, for `impliesFormula`; they constrain nothing. */
export function piecesOf(
  program: Program,
  transition: Transition,
  conditions: readonly TaggedCondition[],
  features: readonly Term[],
  spend: Spend,
  formulas: readonly Term[] = [],
): Pieces {
  const t = program.terms;
  const then = features.map((f) => after(program, transition, f));
  const problem = new Problem(
    t.all([
      ...conditions.map((c) => c.term),
      ...features.map((f) => t.equal(f, f)),
      ...then.map((f) => t.equal(f, f)),
      ...formulas.map((f) => t.or(f, t.true)),
    ]),
  );
  const before = features.map((f) => problem.polynomialOf(f));
  const behind = then.map((f) => problem.polynomialOf(f));
  const literals: TaggedLiteral[] = [];
  for (const { term, tag } of conditions) literals.push({ literal: problem.literalOf(term), tags: tag ? [tag] : none });
  for (const literal of problem.definitions) literals.push({ literal, tags: none });
  const split = splitDisjunctions(problem, literals, spend);
  return {
    list: split.leaves.map((bounds) => new ConvexPiece(problem, bounds, before, behind)),
    needs: split.needs,
  };
}

const none: readonly Tag[] = [];

interface TaggedLiteral {
  readonly literal: Literal;
  readonly tags: readonly Tag[];
}

interface Branch {
  readonly bounds: readonly Bound[];
  readonly held: ReadonlyMap<Literal, readonly Tag[]>;
  readonly pending: readonly { readonly options: readonly Literal[]; readonly tags: readonly Tag[] }[];
  readonly todo: readonly TaggedLiteral[];
}

function splitDisjunctions(
  problem: Problem,
  literals: readonly TaggedLiteral[],
  spend: Spend,
): { leaves: readonly (readonly Bound[])[]; needs: readonly Tag[] } {
  const leaves: (readonly Bound[])[] = [];
  const needs = new Map<string, Tag>();
  const need = (tags: readonly Tag[]): void => {
    for (const tag of tags) needs.set(`${tag.at} ${tag.conjunct}`, tag);
  };
  const rounded = quotients(problem);
  const work: Branch[] = [{ bounds: [], held: new Map(), pending: [], todo: literals }];
  let first: readonly Bound[] | undefined;
  let branches = 0;
  for (let branch = work.pop(); branch; branch = work.pop()) {
    if (++branches > 8 * mostPieces || leaves.length >= mostPieces || !spend(1)) {
      return { leaves: first ? [first] : [[]], needs: [] };
    }
    const settled = propagate(problem, branch);
    if ('impossible' in settled) {
      need(settled.impossible);
      continue;
    }
    first ??= settled.bounds;
    const conflict = emptiness(problem, settled.bounds, spend);
    if (conflict) {
      for (const tags of conflict) need(tags);
      continue;
    }
    const choice = settled.pending[0];
    if (!choice) {
      for (const leaf of fixQuotients(problem, settled.bounds, rounded, spend))
        leaves.push(withProducts(problem, leaf));
      continue;
    }
    const pending = settled.pending.slice(1);
    for (const option of [...choice.options].reverse()) {
      work.push({ ...settled, pending, todo: [{ literal: option, tags: choice.tags }] });
    }
  }
  return { leaves, needs: [...needs.values()] };
}

type Settled = Omit<Branch, 'todo'>;

/** Takes conjunctions apart until only real choices are left. */
function propagate(problem: Problem, branch: Branch): Settled | { readonly impossible: readonly Tag[] } {
  const bounds = [...branch.bounds];
  const held = new Map(branch.held);
  let pending = [...branch.pending];
  const stack = [...branch.todo].reverse();
  for (;;) {
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { literal, tags } = item;
      if (literal === trueLiteral || held.has(literal)) continue;
      const opposite = literal === falseLiteral ? none : held.get(not(literal));
      if (opposite) return { impossible: [...tags, ...opposite] };
      held.set(literal, tags);
      const variable = problem.variables[literal >> 1]!;
      const negated = (literal & 1) === 1;
      switch (variable.kind) {
        case 'true':
        case 'opaque':
          break;
        case 'bound':
          bounds.push(
            negated
              ? { form: variable.form, relation: '<=', at: variable.at - 1n, tags }
              : { form: variable.form, relation: '>=', at: variable.at, tags },
          );
          break;
        case 'and':
          if (negated) pending.push({ options: variable.inputs.map(not), tags });
          else for (const input of variable.inputs) stack.push({ literal: input, tags });
      }
    }
    const kept: typeof pending = [];
    for (const choice of pending) {
      if (choice.options.some((o) => held.has(o) || o === trueLiteral)) continue;
      const options = choice.options.filter((o) => !held.has(not(o)) && o !== falseLiteral);
      const lost = choice.options.filter((o) => !options.includes(o)).flatMap((o) => held.get(not(o)) ?? none);
      const tags = lost.length === 0 ? choice.tags : [...choice.tags, ...lost];
      if (options.length === 0) return { impossible: tags };
      if (options.length === 1) stack.push({ literal: options[0]!, tags });
      else kept.push({ options, tags });
    }
    pending = kept;
    if (stack.length === 0) return { bounds, held, pending };
  }
}

/** The tags behind a contradiction between the bounds; undefined if they have a rational solution. */
function emptiness(problem: Problem, bounds: readonly Bound[], spend: Spend): readonly (readonly Tag[])[] | undefined {
  const system = new System(problem);
  for (const bound of bounds) {
    const conflict = system.assert(bound);
    if (conflict) return conflict;
  }
  const result = system.simplex.check(spend);
  return result.kind === 'conflict' ? result.conflict.map((c) => c.reason) : undefined;
}

const mostProducts = 150;

/**
 * Where products of unknowns occur: the bounds multiplied pairwise (those between unknowns that occur in products, and an
 * equation with each such unknown), so that linear reasoning sees what follows, as with Handelman's theorem in degree two.
 */
function withProducts(problem: Problem, bounds: readonly Bound[]): readonly Bound[] {
  const factors = new Set<number>();
  for (let m = 0; m < problem.monomials.size; m++) {
    const atoms = problem.monomials.factors(m);
    if (atoms.length > 1) for (const a of atoms) factors.add(a);
  }
  if (factors.size === 0) return bounds;
  const facts = new Map<string, Polynomial>();
  for (const { form, relation, at } of bounds) {
    const p = new Map<number, bigint>();
    for (const [m, c] of problem.forms[form]!) p.set(m, relation === '>=' ? c : -c);
    if (at !== 0n) p.set(0, relation === '>=' ? -at : at);
    const relevant = [...p.keys()].every((m) => problem.monomials.factors(m).every((a) => factors.has(a)));
    if (relevant && p.size <= 6) facts.set(polynomialKey(p), p);
  }
  const list = [...facts.values()];
  const result = [...bounds];
  const add = (p: Polynomial | undefined): void => {
    if (!p || result.length - bounds.length >= mostProducts) return;
    const literal = problem.nonNegative(p);
    const variable = problem.variables[literal >> 1]!;
    if (variable.kind !== 'bound') return;
    result.push(
      literal & 1
        ? { form: variable.form, relation: '<=', at: variable.at - 1n, tags: none }
        : { form: variable.form, relation: '>=', at: variable.at, tags: none },
    );
  };
  for (const [i, p] of list.entries()) {
    if (facts.has(polynomialKey(times(p, -1n)))) {
      for (const a of factors) {
        const product = problem.monomials.multiply(p, new Map([[problem.monomials.of([a]), 1n]]));
        add(product);
        if (product) add(times(product, -1n));
      }
      continue;
    }
    for (let j = i; j < list.length; j++) add(problem.monomials.multiply(p, list[j]!));
  }
  return result;
}

/** The atoms that floor a division by a constant: what wraps, remainders and shifts are made of. */
function quotients(problem: Problem): number[] {
  const result: number[] = [];
  for (const [number, atom] of problem.atoms.entries()) {
    if (atom.term === undefined && !atom.read && atom.definition.length === 2) result.push(number);
  }
  return result;
}

/** A quotient with at most so many values gets a piece for each. */
const mostValues = 3n;

/**
 * Quotients are integers: where only few values are possible they are fixed one by one, and the piece becomes linear there. A wrap
 * that is idle in the piece disappears so.
 */
function fixQuotients(
  problem: Problem,
  bounds: readonly Bound[],
  numbers: readonly number[],
  spend: Spend,
): readonly (readonly Bound[])[] {
  const result: (readonly Bound[])[] = [];
  const work: { bounds: readonly Bound[]; next: number }[] = [{ bounds, next: 0 }];
  for (let item = work.pop(); item; item = work.pop()) {
    const number = numbers[item.next];
    if (number === undefined || result.length + work.length >= mostPieces) {
      result.push(item.bounds);
      continue;
    }
    const monomial = problem.monomials.of([number]);
    const values = integerRange(problem, item.bounds, monomial, spend);
    const next = item.next + 1;
    if (values === undefined) {
      work.push({ bounds: item.bounds, next });
      continue;
    }
    const form = problem.form(new Map([[monomial, 1n]]), 1n);
    for (let at = values.high; at >= values.low; at--) {
      const fixed: Bound[] = [
        ...item.bounds,
        { form, relation: '>=', at, tags: none },
        { form, relation: '<=', at, tags: none },
      ];
      work.push({ bounds: fixed, next });
    }
  }
  return result;
}

/** The integers that an unknown can be, if few; `low > high` if none. */
function integerRange(
  problem: Problem,
  bounds: readonly Bound[],
  monomial: number,
  spend: Spend,
): { low: bigint; high: bigint } | undefined {
  const system = new System(problem);
  const empty = { low: 1n, high: 0n };
  for (const bound of bounds) if (system.assert(bound)) return empty;
  const x = system.known(monomial);
  if (x === undefined) return undefined;
  const ends: bigint[] = [];
  for (const direction of [1, -1]) {
    const feasible = system.simplex.check(spend);
    if (feasible.kind === 'conflict') return empty;
    if (feasible.kind === 'budget') return undefined;
    const goal = system.simplex.define([[x, direction]]);
    if (system.simplex.maximise(goal, spend) !== 'optimal') return undefined;
    ends.push(toBigInt(system.simplex.floor(goal)));
    system.simplex.remove(goal);
  }
  const [high, low] = [ends[0]!, -ends[1]!];
  return high - low < mostValues ? { low, high } : undefined;
}

/** Bounds on forms, in a simplex tableau with a variable for each monomial. */
class System {
  readonly simplex = new Simplex<readonly Tag[]>();
  readonly #problem: Problem;
  readonly #columns = new Map<number, number>();
  readonly #forms = new Map<number, number>();

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  column(monomial: number): number {
    let x = this.#columns.get(monomial);
    if (x === undefined) {
      x = this.simplex.variable();
      this.#columns.set(monomial, x);
    }
    return x;
  }

  get monomials(): IterableIterator<number> {
    return this.#columns.keys();
  }

  known(monomial: number): number | undefined {
    return this.#columns.get(monomial);
  }

  form(number: number): number {
    let x = this.#forms.get(number);
    if (x === undefined) {
      const form = this.#problem.forms[number]!;
      const sum = this.sum(form);
      x = sum.length === 1 && sum[0]![1] === 1 ? sum[0]![0] : this.simplex.define(sum);
      this.#forms.set(number, x);
    }
    return x;
  }

  sum(form: Polynomial): Sum {
    return [...form].filter(([m]) => m !== 0).map(([m, c]) => [this.column(m), small(c)]);
  }

  /** The tags of a contradiction that shows at once. */
  assert(bound: Bound, at: bigint = bound.at): readonly (readonly Tag[])[] | undefined {
    const x = this.form(bound.form);
    const conflict =
      bound.relation === '>='
        ? this.simplex.assertLower(x, small(at), bound.tags)
        : this.simplex.assertUpper(x, small(at), bound.tags);
    return conflict?.map((c) => c.reason);
  }

  value(monomial: number): Rational {
    const x = this.#columns.get(monomial);
    if (x === undefined) return { numerator: 0n, denominator: 1n };
    return rational(toBigInt(this.simplex.numerator(x)), toBigInt(this.simplex.denominator(x)));
  }
}

const small = (a: bigint): Int => (a >= -9007199254740991n && a <= 9007199254740991n ? Number(a) : a);

export class ConvexPiece {
  /** The features' values. */
  readonly before: readonly Polynomial[];
  readonly after: readonly Polynomial[];
  readonly bounds: readonly Bound[];
  readonly problem: Problem;
  #polyhedron: System | undefined;
  #cone: System | undefined;
  readonly #extremes = new Map<string, Corner>();

  constructor(
    problem: Problem,
    bounds: readonly Bound[],
    before: readonly Polynomial[],
    behind: readonly Polynomial[],
  ) {
    this.problem = problem;
    this.bounds = bounds;
    this.before = before;
    this.after = behind;
  }

  /** Points and rays found so far. */
  get extremes(): Iterable<Corner> {
    return this.#extremes.values();
  }

  remember(extreme: Corner): void {
    if (this.#extremes.size >= mostRemembered) return;
    const parts = [...this.before, ...this.after].map((p) => formatRational(evaluate(p, extreme.values)));
    this.#extremes.set(`${extreme.kind} ${parts.join(' ')}`, extreme);
  }

  #main(): System {
    if (!this.#polyhedron) {
      this.#polyhedron = new System(this.problem);
      for (const bound of this.bounds) this.#polyhedron.assert(bound);
    }
    return this.#polyhedron;
  }

  /** The directions in which the piece goes on for ever, cut to the cube from -1 to 1. */
  #recession(): System {
    if (!this.#cone) {
      const cone = new System(this.problem);
      for (const bound of this.bounds) cone.assert(bound, 0n);
      this.#cone = cone;
    }
    return this.#cone;
  }

  /** Where the polynomial is least over the piece, or a direction in which it falls for ever. */
  minimise(polynomial: Polynomial, spend: Spend): Extreme {
    const main = this.#main();
    const sum = main.sum(polynomial);
    const objective = sum.length === 0 ? undefined : main.simplex.define(sum.map(([x, c]) => [x, negate(c)]));
    const feasible = main.simplex.check(spend);
    const outcome =
      feasible.kind !== 'feasible'
        ? feasible.kind
        : objective === undefined
          ? 'optimal'
          : main.simplex.maximise(objective, spend);
    let result: Extreme = { kind: 'unknown' };
    if (feasible.kind === 'conflict') {
      result = { kind: 'empty', needs: feasible.conflict.flatMap((c) => c.reason) };
    } else if (outcome === 'optimal') {
      const values = new Map<number, Rational>();
      for (const m of main.monomials) values.set(m, main.value(m));
      const value = (m: number): Rational => values.get(m) ?? { numerator: 0n, denominator: 1n };
      result = { kind: 'point', values: value, least: evaluate(polynomial, value) };
    } else if (outcome === 'unbounded') result = this.#ray(polynomial, spend);
    if (objective !== undefined) main.simplex.remove(objective);
    return result;
  }

  #ray(polynomial: Polynomial, spend: Spend): Extreme {
    const cone = this.#recession();
    const sum = cone.sum(polynomial);
    for (const m of cone.monomials) {
      cone.simplex.assertLower(cone.column(m), -1, none);
      cone.simplex.assertUpper(cone.column(m), 1, none);
    }
    const objective = cone.simplex.define(sum.map(([x, c]) => [x, negate(c)]));
    const feasible = cone.simplex.check(spend);
    const outcome = feasible.kind === 'feasible' ? cone.simplex.maximise(objective, spend) : 'budget';
    let result: Extreme = { kind: 'unknown' };
    if (outcome === 'optimal' && cone.simplex.numerator(objective) > 0) {
      const values = new Map<number, Rational>();
      for (const m of cone.monomials) values.set(m, cone.value(m));
      result = { kind: 'ray', values: (m) => values.get(m) ?? { numerator: 0n, denominator: 1n } };
    }
    cone.simplex.remove(objective);
    return result;
  }

  /**
   * Whether `polynomial >= 0` (integer coefficients) holds all over the piece, and which invariants that needs; as few as is easy.
   */
  implies(polynomial: Polynomial, spend: Spend): { readonly holds: boolean; readonly needs: readonly Tag[] } {
    const system = new System(this.problem);
    const no = { holds: false, needs: [] };
    const conclude = (reasons: readonly (readonly Tag[])[]): { holds: boolean; needs: Tag[] } => ({
      holds: true,
      needs: [...new Set(reasons.flat())],
    });
    const constant = polynomial.get(0) ?? 0n;
    const sum = system.sum(polynomial);
    if (sum.length === 0 && constant >= 0n) return conclude([]);
    if (sum.length > 0) {
      const x = system.simplex.define(sum);
      system.simplex.assertUpper(x, small(-constant - 1n), none);
    }
    for (const late of [false, true]) {
      for (const bound of this.bounds) {
        if (bound.tags.length > 0 !== late) continue;
        const conflict = system.assert(bound);
        if (conflict) return conclude(conflict);
      }
      const result = system.simplex.check(spend);
      if (result.kind === 'conflict') return conclude(result.conflict.map((c) => c.reason));
      if (result.kind === 'budget') return no;
    }
    return no;
  }
}

/** Whether a comparison or a conjunction of comparisons, known to the problem, holds all over a piece. */
export function impliesFormula(piece: ConvexPiece, formula: Term, spend: Spend): boolean {
  const { problem } = piece;
  const stack: Literal[] = [problem.literalOf(formula)];
  for (let literal = stack.pop(); literal !== undefined; literal = stack.pop()) {
    if (literal === trueLiteral) continue;
    const variable = problem.variables[literal >> 1]!;
    if (variable.kind === 'and' && (literal & 1) === 0) {
      stack.push(...variable.inputs);
      continue;
    }
    const fact = problem.fact(literal);
    if (!fact || !piece.implies(fact, spend).holds) return false;
  }
  return true;
}

export function evaluate(p: Polynomial, values: (monomial: number) => Rational): Rational {
  let numerator = 0n;
  let denominator = 1n;
  for (const [m, c] of p) {
    if (m === 0) {
      numerator += c * denominator;
      continue;
    }
    const v = values(m);
    if (v.numerator === 0n) continue;
    if (v.denominator === denominator) numerator += c * v.numerator;
    else {
      numerator = numerator * v.denominator + c * v.numerator * denominator;
      denominator *= v.denominator;
    }
  }
  return rational(numerator, denominator);
}
