import { unreachable } from '../../base/unreachable.ts';
import type { Program } from '../../program/program.ts';
import { toBigInt } from '../../solvers/linear/integer.ts';
import { instantiated, isQuantified } from '../../terms/instances.ts';
import type { Term } from '../../terms/term.ts';
import { type Polynomial, polynomialKey, times } from '../../verdict/arithmetic/polynomial.ts';
import { falseLiteral, type Literal, not, Problem, trueLiteral } from '../../verdict/arithmetic/problem.ts';
import { after, type Transition } from '../../verdict/termination/transitions.ts';
import { type Bound, ConvexPiece, type Spend, System } from './convex-piece.ts';
import { hasNoIntegers } from './integer-equations.ts';

/**
 * A transition as a union of convex polyhedra over its monomials: disjunctions are split, what `Problem` names by atoms
 * (quotients, choices, products) is an unknown with its linear facts. A piece may hold more than the transition does, never less:
 * what is not understood, or too much to split, is left out. Nothing here is trusted; the argument found is proved in the end.
 */

/** More pieces than this for one transition: its disjunctions are left out. */
const mostPieces = 40;

/** `formulas` are made known to the pieces' problem, for `impliesFormula`; they constrain nothing. */
export function piecesOf(
  program: Program,
  transition: Transition,
  conditions: readonly Term[],
  features: readonly Term[],
  spend: Spend,
  formulas: readonly Term[] = [],
): ConvexPiece[] {
  const t = program.terms;
  const then = features.map((f) => after(program, transition, f));
  const mentioned = [...features.map((f) => t.equal(f, f)), ...then.map((f) => t.equal(f, f))];
  const spoken = formulas.map((f) => t.or(f, t.true));
  const known = ofSingleElements(program, conditions, [...mentioned, ...spoken]);
  const problem = new Problem(t.all([...known, ...mentioned, ...spoken]));
  const before = features.map((f) => problem.polynomialOf(f));
  const behind = then.map((f) => problem.polynomialOf(f));
  const literals = [...known.map((c) => problem.literalOf(c)), ...problem.definitions];
  return splitDisjunctions(problem, literals, spend).map((bounds) => new ConvexPiece(problem, bounds, before, behind));
}

/** What conditions say of all elements, said of those that are spoken of; what cannot be is left out. */
function ofSingleElements(program: Program, conditions: readonly Term[], others: readonly Term[]): readonly Term[] {
  if (!conditions.some(isQuantified)) return conditions;
  const plain = others.filter((f) => !isQuantified(f));
  const opened = instantiated(program.terms, [...conditions, ...plain]);
  return opened ? opened.slice(0, conditions.length) : conditions.filter((c) => !isQuantified(c));
}

interface Branch {
  readonly bounds: readonly Bound[];
  readonly held: ReadonlySet<Literal>;
  /** Disjunctions that are still open. */
  readonly pending: readonly (readonly Literal[])[];
  readonly todo: readonly Literal[];
}

function splitDisjunctions(
  problem: Problem,
  literals: readonly Literal[],
  spend: Spend,
): readonly (readonly Bound[])[] {
  const leaves: (readonly Bound[])[] = [];
  const rounded = quotients(problem);
  const work: Branch[] = [{ bounds: [], held: new Set(), pending: [], todo: literals }];
  let first: readonly Bound[] | undefined;
  let branches = 0;
  for (let branch = work.pop(); branch; branch = work.pop()) {
    if (++branches > 8 * mostPieces || leaves.length >= mostPieces || !spend(1)) return [first ?? []];
    const settled = propagate(problem, branch);
    if (!settled) continue;
    first ??= settled.bounds;
    if (isEmpty(problem, settled.bounds, spend)) continue;
    const choice = settled.pending[0];
    if (!choice) {
      for (const leaf of fixQuotients(problem, settled.bounds, rounded, spend)) {
        if (!hasNoIntegers(problem, leaf)) leaves.push(withProducts(problem, leaf));
      }
      continue;
    }
    const pending = settled.pending.slice(1);
    for (const option of [...choice].reverse()) work.push({ ...settled, pending, todo: [option] });
  }
  return leaves;
}

type Settled = Omit<Branch, 'todo'>;

/** Takes conjunctions apart until only real choices are left; undefined where literals contradict one another. */
function propagate(problem: Problem, branch: Branch): Settled | undefined {
  const bounds = [...branch.bounds];
  const held = new Set(branch.held);
  let pending = [...branch.pending];
  const stack = [...branch.todo].reverse();
  for (;;) {
    for (let literal = stack.pop(); literal !== undefined; literal = stack.pop()) {
      if (literal === trueLiteral || held.has(literal)) continue;
      if (literal === falseLiteral || held.has(not(literal))) return undefined;
      held.add(literal);
      const variable = problem.variables[literal >> 1]!;
      switch (variable.kind) {
        case 'true':
        case 'opaque':
          break;
        case 'bound':
          bounds.push(asBound(variable, literal));
          break;
        case 'and':
          if (literal & 1) pending.push(variable.inputs.map(not));
          else for (const input of variable.inputs) stack.push(input);
          break;
        default:
          unreachable(variable);
      }
    }
    const kept: (readonly Literal[])[] = [];
    for (const choice of pending) {
      if (choice.some((o) => held.has(o) || o === trueLiteral)) continue;
      const options = choice.filter((o) => !held.has(not(o)) && o !== falseLiteral);
      if (options.length === 0) return undefined;
      if (options.length === 1) stack.push(options[0]!);
      else kept.push(options);
    }
    pending = kept;
    if (stack.length === 0) return { bounds, held, pending };
  }
}

const asBound = ({ form, at }: { readonly form: number; readonly at: bigint }, literal: Literal): Bound =>
  literal & 1 ? { form, relation: '<=', at: at - 1n } : { form, relation: '>=', at };

/** Whether the bounds have no rational solution. */
function isEmpty(problem: Problem, bounds: readonly Bound[], spend: Spend): boolean {
  const system = new System(problem);
  return !bounds.every((b) => system.assert(b)) || system.simplex.check(spend).kind === 'conflict';
}

const mostProducts = 150;

/**
 * Where products of unknowns occur: the bounds multiplied pairwise (those between unknowns that occur in products, and an
 * equation with each such unknown), so that linear reasoning sees what follows, as with Handelman's theorem in degree two.
 */
function withProducts(problem: Problem, bounds: readonly Bound[]): readonly Bound[] {
  const factors = new Set<number>();
  let cubic = false;
  for (let m = 0; m < problem.monomials.size; m++) {
    const atoms = problem.monomials.factors(m);
    if (atoms.length > 1) for (const a of atoms) factors.add(a);
    if (atoms.length > 2) cubic = true;
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
  const squares = integerSquares(problem, factors);
  const list = [...facts.values()];
  const result = [...bounds];
  const add = (p: Polynomial | undefined): void => {
    if (!p || result.length - bounds.length >= mostProducts) return;
    const literal = problem.nonNegative(p);
    const variable = problem.variables[literal >> 1]!;
    if (variable.kind !== 'bound') return;
    result.push(asBound(variable, literal));
  };
  for (const p of squares) {
    add(p);
    if (cubic) for (const q of list) if (q.size <= 2) add(problem.monomials.multiply(p, q));
  }
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

/** v*v >= v and v*v >= -v, which hold of integers, for unknowns that are squared somewhere. */
function integerSquares(problem: Problem, factors: ReadonlySet<number>): Polynomial[] {
  const squared = new Set<number>();
  for (let m = 0; m < problem.monomials.size; m++) {
    const atoms = problem.monomials.factors(m);
    for (let i = 1; i < atoms.length; i++) if (atoms[i] === atoms[i - 1]) squared.add(atoms[i]!);
  }
  const result: Polynomial[] = [];
  for (const a of factors) {
    if (!squared.has(a)) continue;
    const square = problem.monomials.of([a, a]);
    for (const c of [1n, -1n]) {
      result.push(
        new Map([
          [square, 1n],
          [problem.monomials.of([a]), c],
        ]),
      );
    }
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
      const fixed: Bound[] = [...item.bounds, { form, relation: '>=', at }, { form, relation: '<=', at }];
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
  for (const bound of bounds) if (!system.assert(bound)) return empty;
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
