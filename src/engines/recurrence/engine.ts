import { relevantVariables } from '../../passes/slice.ts';
import { witnessView } from '../../program/no-return.ts';
import { isFlat, type LocationId, type Program } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { constant, polynomialKey } from '../../terms/polynomial.ts';
import { evaluateFormula, type Formula, formulaKey } from '../../terms/polynomial-formula.ts';
import { obligationsOf } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import type { RecurrentSetEvidence } from '../../verdict/evidence.ts';
import { checkStem } from '../../verdict/recurrent-set-check.ts';
import type { Engine, Tools } from '../engine.ts';
import { proveObligations } from '../prove-obligations.ts';
import { choicesFor } from './choices.ts';
import { closedSets } from './closed-set.ts';
import { cycles } from './cycles.ts';
import { endlessDescent } from './descent.ts';
import { asLocated, type ClosedSet, type LocatedSet, recurrentSet } from './evidence.ts';
import { Examples } from './example.ts';
import { invariantSets } from './invariant-set.ts';
import { Queries } from './query.ts';
import { findRay, rayFactors } from './ray.ts';
import { group, reduce, withoutDeadEnds } from './reduction.ts';
import { compose, type Rule } from './rule.ts';
import { Random, type Run, runOf, Walker } from './run.ts';
import { StateGraph, type StateNode } from './state-graph.ts';
import { exampleInto, stems } from './stem.ts';
import { Strategies } from './strategy.ts';
import { type System, systemOf } from './system.ts';

/**
 * Non-termination by closed recurrent sets (Gupta et al. 2008, [GuptaHMRX-POPL'08]; Chen et al. 2014, [ChenCFNO-TACAS'14]). Random
 * walks look for a repeated state; then rounds of growing limits put together cycles, closed sets of them, and symbolic
 * runs from the entry into such a set. All of it works on polynomial rules over the variables that matter; a claim is made
 * when the obligations on the task's own program are proved.
 */
export const recurrence: Engine = {
  name: 'recurrent sets',
  answers: (question) => question.kind === 'terminates',
  async *run(task, tools): AsyncGenerator<Progress, Claim> {
    const by = recurrence.name;
    // Of a recursive program: the runs in which no call returns.
    const program = witnessView(task.program);
    if (!isFlat(task.program)) {
      const descent = endlessDescent(task.program, tools.seed, tools.budget);
      for (let next = descent.next(); ; next = descent.next()) {
        if (!next.done) yield { text: 'following calls' };
        else if (next.value) return { by, answer: 'no', evidence: next.value };
        else break;
      }
    }
    const queries = new Queries(tools.prover, tools.budget);
    const system = systemOf(program, relevantVariables(program, task.question));
    const search = new RecurrenceSearch(task, program, tools, await withoutDeadEnds(reduce(system), queries), queries);
    const evidence = yield* search.run();
    if (evidence) return { by, answer: 'no', evidence };
    if (!tools.budget.open) {
      return {
        by,
        answer: 'dont-know',
        reason: { kind: 'budget', text: 'the search for an infinite run was cut off' },
      };
    }
    return { by, answer: 'dont-know', reason: { kind: 'exhausted', text: search.summary } };
  },
};

interface Round {
  readonly cycleLength: number;
  readonly cycleVisits: number;
  readonly cycles: number;
  readonly fuel: number;
  readonly queriesPerCycle: number;
  readonly stemNodes: number;
  readonly stemVisits: number;
  readonly walks: number;
  readonly walkSteps: number;
}

const rounds: readonly Round[] = [
  {
    cycleLength: 2,
    cycleVisits: 1,
    cycles: 60,
    fuel: 2,
    queriesPerCycle: 25,
    stemNodes: 120,
    stemVisits: 2,
    walks: 8,
    walkSteps: 200,
  },
  {
    cycleLength: 6,
    cycleVisits: 3,
    cycles: 300,
    fuel: 4,
    queriesPerCycle: 60,
    stemNodes: 600,
    stemVisits: 3,
    walks: 16,
    walkSteps: 1_000,
  },
  {
    cycleLength: 12,
    cycleVisits: 6,
    cycles: 1_500,
    fuel: 6,
    queriesPerCycle: 200,
    stemNodes: 4_000,
    stemVisits: 8,
    walks: 40,
    walkSteps: 4_000,
  },
];

const setsPerLocation = 40;
const raysPerLocation = 12;
const longestRepetition = 120;
/** In rules. */
const longestSegment = 60;
const segmentsPerWalk = 4;
const strategiesPerRound = 12;

interface Visit {
  readonly node: StateNode;
  readonly rule: Rule;
  readonly chosen: readonly bigint[];
}

class RecurrenceSearch {
  readonly #task: Task;
  /** Flat. */
  readonly #program: Program;
  readonly #tools: Tools;
  readonly #system: System;
  readonly #queries: Queries;
  readonly #sets = new Map<LocationId, ClosedSet[]>();
  readonly #cyclesAt = new Map<LocationId, Rule[]>();
  readonly #failed = new Set<string>();
  readonly #segments = new Set<string>();
  readonly #walker: Walker;
  readonly #examples: Examples;
  readonly #random: Random;
  readonly #states: StateGraph;
  readonly #plans: Strategies;
  readonly #strategyTries = new Map<string, number>();
  #cycleCount = 0;

  constructor(task: Task, program: Program, tools: Tools, system: System, queries: Queries) {
    this.#task = task;
    this.#program = program;
    this.#tools = tools;
    this.#system = system;
    this.#queries = queries;
    this.#random = new Random(tools.seed);
    this.#states = new StateGraph(this.#system);
    this.#walker = new Walker(
      group(this.#system.rules, (r) => r.from),
      this.#random,
    );
    this.#examples = new Examples(this.#walker, this.#queries, this.#system.facts, this.#n);
    this.#plans = new Strategies(this.#system, this.#walker, this.#random);
  }

  get summary(): string {
    const sets = [...this.#sets.values()].reduce((sum, list) => sum + list.length, 0);
    return `no infinite run found: ${this.#cycleCount} cycles, ${sets} closed sets, none reached`;
  }

  get #n(): number {
    return this.#system.variables.length;
  }

  async *run(): AsyncGenerator<Progress, RecurrentSetEvidence | undefined> {
    if (this.#system.rules.length === 0) return undefined;
    const repeated = (yield* this.#walks(16, 100)) ?? (yield* this.#walks(8, 1_000));
    if (repeated) return repeated;
    for (const [number, round] of rounds.entries()) {
      if (!this.#tools.budget.open) return undefined;
      yield* this.#findSets(round);
      yield { text: `round ${number + 1}: looking for a run into a closed set` };
      const walked = yield* this.#walks(round.walks, round.walkSteps);
      if (walked) return walked;
      const planned = yield* this.#strategies(round.walks * 8, 300);
      if (planned) return planned;
      const found = yield* this.#findStem(round);
      if (found) return found;
    }
    return undefined;
  }

  /** Proves the obligations of a run into a closed set. */
  async #settle(run: Run, closed: ClosedSet): Promise<RecurrentSetEvidence | undefined> {
    const key = `${closed.at} ${closed.edges.join()} ${closed.set.map(formulaKey).sort().join('&')}`;
    if (this.#failed.has(key)) return undefined;
    const evidence = await this.#proved(run, [asLocated(closed)]);
    if (!evidence) this.#failed.add(key);
    return evidence;
  }

  async #proved(run: Run, sets: readonly LocatedSet[]): Promise<RecurrentSetEvidence | undefined> {
    const program = this.#program;
    const evidence = recurrentSet(program, this.#system, run, sets);
    // What is no polynomial, an array element say, may turn out otherwise than a walk took it to be.
    if (checkStem(program, evidence)) return undefined;
    const obligations = obligationsOf(this.#task, 'no', evidence);
    const result = await proveObligations(program.terms, obligations, this.#tools.prover, this.#tools.budget);
    return result.kind === 'proved' ? { ...evidence, proofs: result.proofs } : undefined;
  }

  /** Long runs under random strategies, and what holds on them for ever. */
  async *#strategies(count: number, steps: number): AsyncGenerator<Progress, RecurrentSetEvidence | undefined> {
    const { entry } = this.#system;
    let learnt = 0;
    for (let attempt = 0; attempt < count; attempt++) {
      yield { text: 'following a strategy' };
      if (!this.#tools.budget.open || learnt >= strategiesPerRound) return undefined;
      const initial = this.#initialState(attempt);
      const trail = this.#plans.run(entry, initial, steps);
      if (!trail) continue;
      const key = [...new Set(trail.slice(trail.length >> 1).map((v) => v.move))]
        .map((m) => `${m.rule.edges.join()}|${[...m.choice.values()].map(polynomialKey).join()}`)
        .sort()
        .join(' ');
      const tries = this.#strategyTries.get(key) ?? 0;
      this.#strategyTries.set(key, tries + 1);
      if (tries >= 3) continue;
      learnt++;
      const found = await invariantSets(trail, this.#system, this.#queries);
      if (!found) continue;
      const stem = trail.slice(0, found.from);
      const run: Run = {
        initial,
        edges: stem.flatMap((v) => v.move.rule.edges),
        inputs: stem.flatMap((v) => v.inputs),
      };
      const evidence = await this.#proved(run, found.sets);
      if (evidence) return evidence;
    }
    return undefined;
  }

  #initialState(attempt: number): bigint[] {
    const size = attempt % 3 === 0 ? 3 : attempt % 3 === 1 ? 12 : 200;
    return this.#system.ranges.map(({ low, high }) => {
      const value = attempt === 0 ? 0n : this.#walker.initial(size);
      return low !== undefined && value < low ? low : high !== undefined && value > high ? high : value;
    });
  }

  /** Walks from random states at the entry. */
  async *#walks(count: number, steps: number): AsyncGenerator<Progress, RecurrentSetEvidence | undefined> {
    for (let attempt = 0; attempt < count; attempt++) {
      yield { text: 'walking at random' };
      const nodes = attempt % 4 === 3 ? this.#states.nodes : [];
      const found =
        nodes.length > 0
          ? await this.#walkOn(this.#random.pick(nodes), steps)
          : await this.#walkFrom(this.#initialState(attempt), steps);
      if (found) return found;
      if (!this.#tools.budget.open) return undefined;
    }
    return undefined;
  }

  /** A cycle of states is a closed set; so is what a closed set is made of elsewhere, once the walk is in it. */
  async #walkFrom(initial: readonly bigint[], steps: number): Promise<RecurrentSetEvidence | undefined> {
    return this.#walkOn(this.#states.start(this.#system.entry, initial), steps);
  }

  async #walkOn(start: StateNode, steps: number): Promise<RecurrentSetEvidence | undefined> {
    let node = start;
    let state = start.state;
    const trail: Visit[] = [];
    for (let i = 0; i < steps; i++) {
      const here = node;
      const found = await this.#inSet(here);
      if (found) return found;
      if (i % 256 === 255 && !this.#tools.budget.open) return undefined;
      const next = this.#walker.step(node.at, state);
      if (!next) break;
      trail.push({ node, rule: next.rule, chosen: next.chosen });
      const step = this.#states.step(node, next.rule, next.chosen, next.state);
      if (step.cycle && step.cycle.closed.edges.length <= longestRepetition) {
        const settled = await this.#settle(step.cycle.run, step.cycle.closed);
        if (settled) return settled;
      }
      node = step.node;
      state = node.state;
    }
    return this.#learn(trail);
  }

  async #inSet(node: StateNode): Promise<RecurrentSetEvidence | undefined> {
    for (const closed of this.#sets.get(node.at) ?? []) {
      if (!closed.set.every((f) => evaluateFormula(f, (u) => node.state[u]!))) continue;
      const found = await this.#settle(this.#states.runTo(node), closed);
      if (found) return found;
    }
    return undefined;
  }

  /** Cycles that a walk went through, among them those through inner loops, as candidates for closed sets. */
  async #learn(trail: readonly Visit[]): Promise<RecurrentSetEvidence | undefined> {
    const { facts } = this.#system;
    const lastVisit = new Map<LocationId, number>();
    const segments: { from: number; to: number }[] = [];
    for (const [i, { node }] of trail.entries()) {
      const { at } = node;
      const before = lastVisit.get(at);
      if (before !== undefined && i - before <= longestSegment) segments.push({ from: before, to: i });
      lastVisit.set(at, i);
    }
    let tried = 0;
    for (const { from, to } of segments.reverse()) {
      const parts = trail.slice(from, to);
      const key = parts.map((p) => `${p.rule.edges.join()}|${p.rule.guard.length}`).join(' ');
      if (this.#segments.has(key)) continue;
      this.#segments.add(key);
      let rule: Rule | undefined = parts[0]!.rule;
      for (const p of parts.slice(1)) rule = rule && compose(rule, p.rule, this.#n);
      if (!rule) continue;
      const chosen = parts.flatMap((p) => p.chosen);
      await this.#setsOf(rule, facts, { fuel: 2, queriesPerCycle: 30 }, chosen);
      for (const i of [from, to]) {
        const found = await this.#inSet(trail[i]!.node);
        if (found) return found;
      }
      if (++tried >= segmentsPerWalk || !this.#queries.open) return undefined;
    }
    return undefined;
  }

  async *#findSets(round: Round): AsyncGenerator<Progress, void> {
    const { facts, rules } = this.#system;
    const seen = new Set<string>();
    this.#cyclesAt.clear();
    this.#cycleCount = 0;
    const limits = { length: round.cycleLength, visits: round.cycleVisits };
    let steps = 0;
    for await (const cycle of cycles(rules, this.#n, limits, this.#examples)) {
      if (++steps > round.cycles * 10 || !this.#queries.open) return;
      if (!cycle) {
        if (steps % 8 === 0) yield { text: `${this.#cycleCount} cycles` };
        continue;
      }
      const key = `${cycle.from} ${cycle.edges.join()} ${cycle.guard.map(formulaKey).join('&')}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (++this.#cycleCount > round.cycles || !this.#queries.open) return;
      const list = this.#cyclesAt.get(cycle.from) ?? [];
      list.push(cycle);
      this.#cyclesAt.set(cycle.from, list);
      await this.#setsOf(cycle, facts, round);
      yield { text: `${this.#cycleCount} cycles`, at: cycle.from };
    }
  }

  /** Closed sets of one cycle, under several ways to choose its inputs. */
  async #setsOf(
    cycle: Rule,
    facts: readonly Formula[],
    effort: { readonly fuel: number; readonly queriesPerCycle: number },
    suggestion?: readonly bigint[],
  ): Promise<void> {
    const limit = this.#queries.count + effort.queriesPerCycle * 4;
    for (const { choice, rule } of await choicesFor(cycle, this.#system, this.#queries, suggestion)) {
      if (this.#queries.count > limit || !this.#queries.open) return;
      const sets = await closedSets(rule, facts, this.#n, this.#queries, {
        fuel: effort.fuel,
        queries: effort.queriesPerCycle,
        sets: 3,
      });
      const inputs = cycle.unknowns.flatMap((kind, i) =>
        kind === 'input' ? [choice.get(this.#n + i) ?? constant(0n)] : [],
      );
      for (const set of sets) this.#addSet({ at: cycle.from, set, edges: cycle.edges, inputs });
      if (sets.some((s) => s.length === 0)) return;
    }
  }

  #addSet(closed: ClosedSet): void {
    const list = this.#sets.get(closed.at) ?? [];
    const key = closed.set.map(formulaKey).sort().join('&');
    if (list.length >= setsPerLocation || list.some((c) => c.set.map(formulaKey).sort().join('&') === key)) return;
    list.push(closed);
    list.sort((a, b) => a.set.length - b.set.length);
    this.#sets.set(closed.at, list);
  }

  async *#findStem(round: Round): AsyncGenerator<Progress, RecurrentSetEvidence | undefined> {
    const { facts } = this.#system;
    const goals = new Set([...this.#sets.keys(), ...this.#cyclesAt.keys()]);
    const limits = { nodes: round.stemNodes, visits: round.stemVisits, perLocation: Math.ceil(round.stemNodes / 3) };
    for await (const node of stems(this.#system, goals, this.#queries, this.#examples, limits)) {
      for (const closed of this.#sets.get(node.at) ?? []) {
        const example = await exampleInto(node, closed.set, facts, this.#queries, this.#examples);
        if (!example) continue;
        const found = await this.#settle(runOf(node.rule, example.start, example.chosen), closed);
        if (found) return found;
      }
      for (const cycle of (this.#cyclesAt.get(node.at) ?? []).slice(0, raysPerLocation)) {
        for (const factor of rayFactors) {
          const ray = await findRay(cycle, this.#system, this.#queries, factor, node.rule);
          if (!ray) continue;
          const inputs = cycle.unknowns.map((_, i) => ray.candidate.inputs.get(this.#n + i)!);
          const closed = { at: node.at, set: ray.candidate.set, edges: cycle.edges, inputs };
          const { start, chosen } = this.#examples.fromModel(node.rule, ray.model);
          const found = await this.#settle(runOf(node.rule, start, chosen), closed);
          if (found) return found;
        }
      }
      const found = await this.#walkFrom(node.example.start, 60);
      if (found) return found;
      yield { text: 'looking for a run into a closed set', at: node.at };
    }
    return undefined;
  }
}
