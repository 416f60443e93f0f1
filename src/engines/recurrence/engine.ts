import { relevantVariables } from '../../passes/slice.ts';
import { isFlat, type LocationId } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { constant, polynomialKey, subtract, unknown } from '../../terms/polynomial.ts';
import { compare, evaluateFormula, type Formula, formulaKey } from '../../terms/polynomial-formula.ts';
import { obligationsOf } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import type { RecurrentSetEvidence } from '../../verdict/evidence.ts';
import type { Engine, Tools } from '../engine.ts';
import { proveObligations } from '../prove-obligations.ts';
import { choicesFor } from './choices.ts';
import { closedSets } from './closed-set.ts';
import { cycles } from './cycles.ts';
import { asLocated, type ClosedSet, type LocatedSet, recurrentSet } from './evidence.ts';
import { invariantSets } from './invariant-set.ts';
import { Queries } from './query.ts';
import { findRay, rayFactors } from './ray.ts';
import { group, reduce } from './reduction.ts';
import { compose, type Rule } from './rule.ts';
import { Random, type Run, runOfModel, Walker } from './run.ts';
import { modelInto, stems } from './stem.ts';
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
    if (!isFlat(task.program)) {
      return { by, answer: 'dont-know', reason: { kind: 'unsupported', text: 'the program is recursive' } };
    }
    const search = new RecurrenceSearch(task, tools);
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
    cycleVisits: 1,
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
    cycleVisits: 2,
    cycles: 1500,
    fuel: 6,
    queriesPerCycle: 200,
    stemNodes: 4000,
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
  readonly at: LocationId;
  readonly state: readonly bigint[];
  readonly rule: Rule;
  readonly chosen: readonly bigint[];
  /** How many edges and inputs came before. */
  readonly edges: number;
  readonly inputs: number;
}

class RecurrenceSearch {
  readonly #task: Task;
  readonly #tools: Tools;
  readonly #system: System;
  readonly #reduced: System;
  readonly #queries: Queries;
  readonly #sets = new Map<LocationId, ClosedSet[]>();
  readonly #cyclesAt = new Map<LocationId, Rule[]>();
  readonly #failed = new Set<string>();
  readonly #segments = new Set<string>();
  readonly #walker: Walker;
  readonly #plans: Strategies;
  readonly #strategyTries = new Map<string, number>();
  #cycleCount = 0;

  constructor(task: Task, tools: Tools) {
    this.#task = task;
    this.#tools = tools;
    this.#system = systemOf(task.program, relevantVariables(task.program, task.question));
    this.#reduced = reduce(this.#system);
    this.#queries = new Queries(tools.prover, tools.budget);
    const random = new Random(tools.seed);
    this.#walker = new Walker(
      group(this.#reduced.rules, (r) => r.from),
      random,
    );
    this.#plans = new Strategies(this.#reduced, this.#walker, random);
  }

  get summary(): string {
    const sets = [...this.#sets.values()].reduce((sum, list) => sum + list.length, 0);
    return `no infinite run found: ${this.#cycleCount} cycles, ${sets} closed sets, none reached`;
  }

  get #n(): number {
    return this.#system.variables.length;
  }

  async *run(): AsyncGenerator<Progress, RecurrentSetEvidence | undefined> {
    if (this.#reduced.rules.length === 0) return undefined;
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
    const { program } = this.#task;
    const evidence = recurrentSet(program, this.#system, run, sets);
    const obligations = obligationsOf(this.#task, 'no', evidence);
    const result = await proveObligations(program.terms, obligations, this.#tools.prover, this.#tools.budget);
    return result.kind === 'proved' ? { ...evidence, proofs: result.proofs } : undefined;
  }

  /** Long runs under random strategies, and what holds on them for ever. */
  async *#strategies(count: number, steps: number): AsyncGenerator<Progress, RecurrentSetEvidence | undefined> {
    const { facts, entry } = this.#reduced;
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
      const found = await invariantSets(trail, facts, this.#n, this.#queries);
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
      const initial = this.#initialState(attempt);
      const found = await this.#walkFrom(initial, steps);
      if (found) return found;
      if (!this.#tools.budget.open) return undefined;
    }
    return undefined;
  }

  /** A state that comes back on a walk is a closed set; so is what a closed set is made of elsewhere, once the walk is in it. */
  async #walkFrom(initial: readonly bigint[], steps: number): Promise<RecurrentSetEvidence | undefined> {
    let at = this.#reduced.entry;
    let state = initial;
    const trail: Visit[] = [];
    const edges: number[] = [];
    const inputs: bigint[] = [];
    const seen = new Map<string, { edges: number; inputs: number }>();
    for (let i = 0; i < steps; i++) {
      const key = `${at}:${state.join()}`;
      const first = seen.get(key);
      if (first && edges.length - first.edges <= longestRepetition) {
        return this.#settle(
          { initial, edges: edges.slice(0, first.edges), inputs: inputs.slice(0, first.inputs) },
          {
            at,
            set: state.map((value, v) => compare('=', subtract(unknown(v), constant(value)))),
            edges: edges.slice(first.edges),
            inputs: inputs.slice(first.inputs).map(constant),
          },
        );
      }
      seen.set(key, { edges: edges.length, inputs: inputs.length });
      const found = await this.#inSet(at, state, () => ({ initial, edges: [...edges], inputs: [...inputs] }));
      if (found) return found;
      if (i % 256 === 255 && !this.#tools.budget.open) return undefined;
      const next = this.#walker.step(at, state);
      if (!next) break;
      trail.push({ at, state, rule: next.rule, chosen: next.chosen, edges: edges.length, inputs: inputs.length });
      edges.push(...next.rule.edges);
      for (const [k, kind] of next.rule.unknowns.entries()) if (kind === 'input') inputs.push(next.chosen[k]!);
      state = next.state;
      at = next.rule.to;
    }
    return this.#learn(trail, { initial, edges, inputs });
  }

  async #inSet(at: LocationId, state: readonly bigint[], run: () => Run): Promise<RecurrentSetEvidence | undefined> {
    for (const closed of this.#sets.get(at) ?? []) {
      if (!closed.set.every((f) => evaluateFormula(f, (u) => state[u]!))) continue;
      const found = await this.#settle(run(), closed);
      if (found) return found;
    }
    return undefined;
  }

  /** Cycles that a walk went through, among them those through inner loops, as candidates for closed sets. */
  async #learn(trail: readonly Visit[], run: Run): Promise<RecurrentSetEvidence | undefined> {
    const { facts } = this.#reduced;
    const lastVisit = new Map<LocationId, number>();
    const segments: { from: number; to: number }[] = [];
    for (const [i, { at }] of trail.entries()) {
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
        const visit = trail[i]!;
        const prefix = (): Run => ({
          initial: run.initial,
          edges: run.edges.slice(0, visit.edges),
          inputs: run.inputs.slice(0, visit.inputs),
        });
        const found = await this.#inSet(visit.at, visit.state, prefix);
        if (found) return found;
      }
      if (++tried >= segmentsPerWalk || !this.#queries.open) return undefined;
    }
    return undefined;
  }

  async *#findSets(round: Round): AsyncGenerator<Progress, void> {
    const { facts, rules } = this.#reduced;
    const seen = new Set<string>();
    this.#cyclesAt.clear();
    this.#cycleCount = 0;
    const possible = async (rule: Rule): Promise<boolean> =>
      this.#queries.open && (await this.#queries.model([...facts, ...rule.definitions, ...rule.guard])) !== 'none';
    const limits = { length: round.cycleLength, visits: round.cycleVisits };
    for await (const cycle of cycles(rules, this.#n, limits, possible)) {
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
    for (const { choice, rule } of await choicesFor(cycle, facts, this.#n, this.#queries, suggestion)) {
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
    const { facts } = this.#reduced;
    const goals = new Set([...this.#sets.keys(), ...this.#cyclesAt.keys()]);
    const limits = { nodes: round.stemNodes, visits: round.stemVisits, perLocation: Math.ceil(round.stemNodes / 3) };
    for await (const node of stems(this.#reduced, goals, this.#queries, limits)) {
      const stem: Rule = node.rule ?? emptyRule(this.#system.entry);
      for (const closed of this.#sets.get(node.at) ?? []) {
        const model = await modelInto(node, closed.set, facts, this.#queries);
        if (!model) continue;
        const found = await this.#settle(runOfModel(stem, model, this.#n), closed);
        if (found) return found;
      }
      for (const cycle of (this.#cyclesAt.get(node.at) ?? []).slice(0, raysPerLocation)) {
        for (const factor of rayFactors) {
          const ray = await findRay(cycle, facts, this.#n, this.#queries, factor, stem);
          if (!ray) continue;
          const inputs = cycle.unknowns.map((_, i) => ray.candidate.inputs.get(this.#n + i)!);
          const closed = { at: node.at, set: ray.candidate.set, edges: cycle.edges, inputs };
          const found = await this.#settle(runOfModel(stem, ray.model, this.#n), closed);
          if (found) return found;
        }
      }
      const run = runOfModel(stem, node.model, this.#n);
      const found = await this.#walkFrom(run.initial, 60);
      if (found) return found;
      yield { text: 'looking for a run into a closed set', at: node.at };
    }
    return undefined;
  }
}

const emptyRule = (at: LocationId): Rule => ({
  from: at,
  to: at,
  edges: [],
  guard: [],
  definitions: [],
  after: new Map(),
  unknowns: [],
});
