import type { Budget } from '../../base/budget.ts';
import { liveInMain } from '../../program/liveness.ts';
import { type LocationId, mainProcedure, outgoing, type Program, stateVariables } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { isFalse, isTrue } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import type { Progress } from '../../verdict/claim.ts';
import type { Invariants } from '../../verdict/evidence.ts';
import { locationOf } from '../../verdict/termination/proof.ts';
import { after, type Transition, transitionsOf } from '../../verdict/termination/transitions.ts';
import { AbstractState, Frame } from '../abstract-interpretation/abstract-state.ts';
import { interpretAbstractly, transfer } from '../abstract-interpretation/fixpoint.ts';
import type { Tools } from '../engine.ts';
import { elementCandidates } from '../invariant-inference/element-candidates.ts';
import { largestInductivePart } from '../invariant-inference/houdini.ts';
import { isIntArray, sampleStates } from '../invariant-inference/samples.ts';
import { impliesFormula, type Spend } from './convex-piece.ts';
import { guessEquations } from './equations.ts';
import { hintedInvariants } from './hints.ts';
import { linkCandidates } from './link-candidates.ts';
import { piecesOf } from './pieces.ts';
import { comparisons, conditionTerms } from './predicates.ts';
import { conjuncts } from './transition-set.ts';

/** Conjuncts of conjuncts, too. */
const allConjuncts = (term: Term): readonly Term[] =>
  conjuncts(term).flatMap((c) => (c === term ? [c] : allConjuncts(c)));

/**
 * Invariants for termination arguments, in growing strength: intervals and octagons; where there are arrays, what holds of
 * all their elements; intervals and octagons for every way through the branches before the first loop apart, so that the
 * invariant is a disjunction; and on top of those the comparisons of the program's own text that turn out to be inductive
 * (Houdini, [FlanaganL-FME'01]); last, where there are arrays, the same with what holds of parts of them, by the prover.
 */
export type Strength = 'none' | 'abstract' | 'elements' | 'links' | 'strengthened' | 'segments';

/** The invariants reached so far; each stage adds conjuncts to those before, so that what was proved with less still holds. */
export class InvariantStages {
  readonly #program: Program;
  readonly #locations: readonly LocationId[];
  readonly #tools: Tools;
  readonly #budget: Budget;
  readonly #spend: Spend;
  readonly #done = new Set<Strength>();
  invariants: Invariants;

  constructor(program: Program, locations: readonly LocationId[], tools: Tools, spend: Spend) {
    this.#program = program;
    this.#locations = locations;
    this.#tools = tools;
    this.#budget = tools.budget;
    this.#spend = spend;
    this.invariants = new Map(locations.map((l) => [l, program.terms.true]));
  }

  async *raise(wanted: Strength): AsyncGenerator<Progress, void> {
    if (wanted === 'none' || this.#done.has(wanted)) return;
    this.#done.add(wanted);
    if (wanted === 'abstract') {
      this.#add(abstractInvariants(this.#program, this.#locations, this.#budget));
      yield { text: 'intervals and octagons are computed' };
      return;
    }
    if (wanted !== 'strengthened') {
      if (!stateVariables(this.#program).some(isIntArray)) return;
      this.#add(await elementInvariants(this.#program, this.invariants, this.#tools, wanted));
      yield { text: 'invariants about the elements of arrays are computed' };
      return;
    }
    this.#add(invariantsByWay(this.#program, this.#locations, this.#budget));
    yield { text: 'invariants for each way in are computed' };
    const equations = guessEquations(this.#program, this.#locations, conditionTerms(this.#program), this.#budget);
    const guesses = [...hintedInvariants(this.#program), ...equations];
    const strengthening = strengthen(this.#program, this.invariants, guesses, this.#spend);
    for (let next = strengthening.next(); ; next = strengthening.next()) {
      if (next.done) {
        this.invariants = next.value;
        return;
      }
      yield { text: 'candidate invariants are tried' };
    }
  }

  #add(more: ReadonlyMap<LocationId, Term> | undefined): void {
    if (!more) return;
    const t = this.#program.terms;
    this.invariants = new Map(
      [...this.invariants].map(([l, formula]) => {
        const parts = [...conjuncts(formula), ...allConjuncts(more.get(l) ?? t.true)].filter((c) => !isTrue(c));
        return [l, t.all([...new Set(parts)])];
      }),
    );
  }
}

function abstractInvariants(
  program: Program,
  locations: readonly LocationId[],
  budget: Budget,
): Map<LocationId, Term> | undefined {
  const abstract = interpretAbstractly(program, budget.share({ stepLimit: 4_000_000 }));
  if (!abstract) return undefined;
  const { entry } = mainProcedure(program);
  return new Map(locations.map((l) => [l, l === entry ? program.terms.true : abstract.invariant(l)]));
}

const mostSegments = 50;

/** What random runs suggest of all elements of an array alike, or of segments and variables too, and is inductive. */
async function elementInvariants(
  program: Program,
  known: Invariants,
  tools: Tools,
  extent: 'elements' | 'links' | 'segments',
): Promise<ReadonlyMap<LocationId, Term> | undefined> {
  const { prover, seed } = tools;
  const budget = tools.budget.share({ timeoutMs: tools.budget.remainingMs / 3 });
  const samples =
    extent === 'links' ? undefined : sampleStates(program, [...known.keys()], seed, budget, { arrays: true });
  const { entry } = mainProcedure(program);
  const general = (c: Term): boolean => c.kind === 'forall' && !(c.body.kind === 'apply' && c.body.op === 'implies');
  const live = liveInMain(program);
  const elements =
    samples && elementCandidates(program, [...known.keys()], samples, live, { whole: extent === 'elements' });
  const comparisons = extent === 'segments' ? candidateFormulas(program).slice(0, mostCandidates) : [];
  const candidatesAt = (l: LocationId, formula: Term): Term[] => {
    if (l === entry || isFalse(formula)) return [];
    const present = new Set(conjuncts(formula));
    const isNew = (c: Term): boolean => !present.has(c);
    if (!samples) return linkCandidates(program, live.get(l) ?? new Set()).filter(isNew);
    const found = elements?.get(l) ?? [];
    if (extent === 'elements') return found.filter(general);
    return [...found.filter((c) => !general(c)).slice(0, mostSegments), ...comparisons].filter(isNew);
  };
  const candidates = new Map([...known].map(([l, formula]) => [l, candidatesAt(l, formula)]));
  const kept = await largestInductivePart(program, known, candidates, prover, budget);
  return kept && new Map([...known.keys()].map((l) => [l, program.terms.all(withoutWeaker(kept.get(l) ?? []))]));
}

/** Without what another says of more elements, and without `a <= b` beside `a < b`. */
function withoutWeaker(formulas: readonly Term[]): Term[] {
  const bodies = new Set<Term>();
  const upTo = new Set<string>();
  const less = new Set<string>();
  const key = (a: Term, b: Term): string => `${a.id} ${b.id}`;
  for (const f of formulas) {
    if (f.kind === 'forall') {
      bodies.add(f.body);
      const [guard, body] = f.body.kind === 'apply' && f.body.op === 'implies' ? f.body.args : [];
      if (guard?.kind === 'apply' && guard.op === '<=') upTo.add(`${key(guard.args[0]!, guard.args[1]!)} ${body!.id}`);
    } else if (f.kind === 'apply' && f.op === '<') less.add(key(f.args[0]!, f.args[1]!));
  }
  return formulas.filter((f) => {
    if (f.kind === 'apply' && f.op === '<=') return !less.has(key(f.args[0]!, f.args[1]!));
    if (f.kind !== 'forall' || f.body.kind !== 'apply' || f.body.op !== 'implies') return true;
    const [guard, body] = f.body.args as [Term, Term];
    if (bodies.has(body)) return false;
    const strict = guard.kind === 'apply' && guard.op === '<';
    return !(strict && upTo.has(`${key(guard.args[0]!, guard.args[1]!)} ${body.id}`));
  });
}

const mostWays = 8;
const mostStepsOnWays = 4000;

/** Intervals and octagons for each way from the entry to the first annotated location; undefined if there are too many ways, or one. */
function invariantsByWay(
  program: Program,
  locations: readonly LocationId[],
  budget: Budget,
): Map<LocationId, Term> | undefined {
  const variants = waysIn(program, new Set(locations));
  if (!variants || variants.length < 2) return undefined;
  const t = program.terms;
  const { entry } = mainProcedure(program);
  const alternatives = new Map<LocationId, Set<Term>>(locations.map((l) => [l, new Set()]));
  for (const variant of variants) {
    const abstract = interpretAbstractly(variant, budget.share({ stepLimit: 2_000_000 }));
    if (!abstract) return undefined;
    for (const l of locations) {
      const formula = abstract.invariant(l);
      if (!isFalse(formula)) alternatives.get(l)!.add(formula);
    }
  }
  return new Map(
    locations.map((l) => {
      const found = [...alternatives.get(l)!];
      return [l, l === entry || found.some(isTrue) ? t.true : t.any(found)];
    }),
  );
}

/** The program with one way from the entry to the first annotated location each; ways that intervals exclude are left out. */
function waysIn(program: Program, cuts: ReadonlySet<LocationId>): Program[] | undefined {
  const main = mainProcedure(program);
  const out = outgoing(main);
  const integers = stateVariables(program).filter((s) => s.sort.kind === 'int');
  const frame = new Frame(program, integers, integers.slice(0, 12));
  const result: Program[] = [];
  const stack: { at: LocationId; state: AbstractState; edges: (typeof main.edges)[number][] }[] = [
    { at: main.entry, state: AbstractState.top(frame), edges: [] },
  ];
  let steps = 0;
  for (let way = stack.pop(); way; way = stack.pop()) {
    if (++steps > mostStepsOnWays) return undefined;
    if (way.edges.length > 0 && cuts.has(way.at)) {
      if (result.length === mostWays) return undefined;
      result.push(withWay(program, way.edges));
      continue;
    }
    for (const edge of out.get(way.at)!) {
      const state = transfer(way.state, edge);
      if (state) stack.push({ at: edge.to, state, edges: [...way.edges, edge] });
    }
  }
  return result;
}

function withWay(program: Program, edges: readonly ReturnType<typeof mainProcedure>['edges'][number][]): Program {
  const main = mainProcedure(program);
  let next = Math.max(...main.locations.keys()) + 1;
  const locations = new Map(main.locations);
  const entry = next;
  const steps = edges.map((edge, i) => {
    const from = next++;
    locations.set(from, { id: from });
    return { ...edge, from, to: i === edges.length - 1 ? edge.to : next };
  });
  const procedure = { ...main, entry, locations, edges: [...steps, ...main.edges] };
  return { ...program, procedures: new Map([[program.main, procedure]]) };
}

const mostCandidates = 120;
const mostTransitions = 80;

/** Adds to the invariants what is inductive of the candidates; the same object if nothing is. */
function* strengthen(
  program: Program,
  given: Invariants,
  extra: readonly Term[],
  spend: Spend,
): Generator<undefined, Invariants> {
  const transitions = transitionsOf(program, given);
  if (transitions.kind === 'malformed' || transitions.list.length > mostTransitions) return given;
  const { entry } = mainProcedure(program);
  const pool = [...new Set([...extra, ...candidateFormulas(program)])].slice(0, mostCandidates);
  const candidates = new Map<LocationId, Set<Term>>();
  for (const [l, formula] of given) {
    if (l === entry || isFalse(formula)) continue;
    candidates.set(l, new Set(pool.filter((c) => !conjuncts(formula).includes(c))));
  }
  const fresh = new Set(transitions.list.map((x) => x.id));
  for (let changed = true; changed; ) {
    changed = false;
    for (const transition of transitions.list) {
      const wanted = candidates.get(locationOf(transition.to));
      if (!wanted || wanted.size === 0 || !fresh.delete(transition.id)) continue;
      yield;
      const lost = notImplied(program, transition, candidates, [...wanted], spend);
      if (lost.length === 0) continue;
      changed = true;
      for (const c of lost) wanted.delete(c);
      for (const other of transitions.list) if (other.from === transition.to) fresh.add(other.id);
    }
  }
  const t = program.terms;
  if (![...candidates.values()].some((c) => c.size > 0)) return given;
  return new Map(
    [...given].map(([l, formula]) => {
      const more = [...(candidates.get(l) ?? [])];
      if (more.length === 0) return [l, formula];
      return [l, t.all([...conjuncts(formula).filter((c) => !isTrue(c)), ...more])];
    }),
  );
}

function notImplied(
  program: Program,
  transition: Transition,
  candidates: ReadonlyMap<LocationId, ReadonlySet<Term>>,
  wanted: readonly Term[],
  spend: Spend,
): Term[] {
  const assumed = [...(candidates.get(locationOf(transition.from)) ?? [])];
  const conditions = [...transition.condition.flatMap(conjuncts), ...assumed];
  const then = wanted.map((c) => after(program, transition, c));
  const pieces = piecesOf(program, transition, conditions, [], spend, then);
  return wanted.filter((_, i) => !pieces.every((piece) => impliesFormula(piece, then[i]!, spend)));
}

/** The comparisons in the program's text, their negations, and equations as two comparisons each. */
function candidateFormulas(program: Program): Term[] {
  const t = program.terms;
  const state = new Set<SymbolTerm>(stateVariables(program));
  const result = new Set<Term>();
  const add = (term: Term): void => {
    const symbols = freeSymbols([term]);
    if (symbols.length === 0) return;
    if (symbols.every((s) => state.has(s) && program.variables.get(s)?.role !== 'temporary')) result.add(term);
  };
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assign' && step.value.sort.kind === 'int' && step.value.depth < 4) {
        if (!freeSymbols([step.value]).includes(step.target)) add(t.equal(step.target, step.value));
      }
      if (step.kind !== 'assume') continue;
      for (const c of comparisons(step.condition)) {
        if (c.kind !== 'apply') continue;
        const [a, b] = c.args as [Term, Term];
        add(t.lessEqual(a, b));
        add(t.lessEqual(b, a));
        if (c.op === '=') add(c);
        add(t.less(a, b));
        add(t.less(b, a));
      }
    }
  }
  for (const formula of simpleFormulas(program)) result.add(formula);
  return [...result];
}

const mostVariablesCompared = 5;

/** Signs of the variables that conditions speak of, and their order. */
function simpleFormulas(program: Program): Term[] {
  const t = program.terms;
  const variables = conditionTerms(program).variables.slice(0, mostVariablesCompared);
  const result: Term[] = [];
  for (const v of variables) {
    for (const c of [0, 1]) result.push(t.lessEqual(t.int(c), v), t.lessEqual(v, t.int(-c)));
  }
  for (const v of variables) for (const w of variables) if (v !== w) result.push(t.lessEqual(v, w), t.less(v, w));
  return result;
}
