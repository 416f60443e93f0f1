import type { Span } from '../../../base/span.ts';
import {
  byLocation,
  type Check,
  type Edge,
  type Event,
  type Hint,
  isFlat,
  type Location,
  type LocationId,
  mainProcedure,
  type Procedure,
  type Program,
  type Step,
  type Variable,
} from '../../../program/program.ts';
import { Folder } from '../../../terms/fold.ts';
import { intSort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { freeSymbols, substitute } from '../../../terms/traversal.ts';
import { Failure } from '../diagnostics.ts';
import { onCycles } from '../memory/objects.ts';
import type { Memory } from '../memory/operations.ts';
import type { ThreadOperations } from './operations.ts';
import { type Access, Accesses, edgesFrom, sharedObjects, type Touch } from './sharing.ts';

/**
 * A program with threads as one sequential program that has a run for each interleaving of their steps (sequential
 * consistency). Every place where a thread may start runs at most once, so each has one thread, with variables of its own.
 *
 * Before a step that other threads may notice (or that may depend on them) any thread may go on. What a thread does between
 * two such steps is its own business and need not be interleaved (partial orders: [Godefroid-POPL'97]): steps on objects that
 * no other thread uses, or that nobody changes. Conservatively, others also get their turn before what may end or block the
 * whole run, and before loops without such a step, in which a thread could stay for ever while others go on.
 *
 * Locations of the product are where all threads are; where that becomes too large, each thread has a variable that says
 * where it waits, keeps its own locations, and returns to one common location to take turns.
 *
 * A thread that must wait is a run that goes no further; other runs come by when it need not. So nothing here says whether
 * threads block each other for ever, nor whether the program ends.
 *
 * Gives up, by name, on threads that are started in loops, on recursion, and on atomic sections that begin on some paths only.
 *
 * One long file: its passes, from taking the graph apart to putting the product together, work on the same threads in turn.
 */
export interface Interleaved {
  readonly program: Program;
  /** Some thread is started. */
  readonly several: boolean;
  /** Allocations that are made at most once, although all edges are on a cycle now. */
  readonly once?: ReadonlySet<Step>;
}

export interface InterleavingOptions {
  readonly pointerBytes: number;
  readonly races: boolean;
  /** How many edges the product may have that keeps places in its locations. */
  readonly productEdges: number;
}

export function interleave(
  program: Program,
  memory: Memory,
  operations: ThreadOperations,
  options: InterleavingOptions,
): Interleaved {
  return operations.several ? new Product(program, memory, operations, options).run() : { program, several: false };
}

/** `starts`: the thread that begins on this edge. */
type RawEdge = Omit<Edge, 'id'> & { readonly starts?: Thread };

interface Thread {
  readonly number: number;
  readonly name: string;
  readonly entry: LocationId;
  /** Where it waits: 0 before it starts, the place of a location in `yields` plus 1, or more when it has ended. */
  readonly place: SymbolTerm;
  readonly result: SymbolTerm;
  /** Stands for the place of a thread that has ended, until it is known how many places there are. */
  readonly end: SymbolTerm;
  /** Other threads may run while it is here. */
  readonly concurrent: Set<LocationId>;
  readonly locations: Set<LocationId>;
  edges: RawEdge[];
  readonly yields: LocationId[];
}

/** What a thread is about to do at a location: the step, and what must hold for it. */
interface Pending {
  readonly guard: readonly Term[];
  readonly touch: Touch;
  readonly origin: Span | undefined;
}

function refuse(code: string, message: string, span?: Span): never {
  throw new Failure({ severity: 'unsupported', code, message, ...(span ? { span } : {}) });
}

class Product {
  readonly #program: Program;
  readonly #memory: Memory;
  readonly #ops: ThreadOperations;
  readonly #options: InterleavingOptions;
  readonly #main: Procedure;
  readonly #variables: Map<SymbolTerm, Variable>;
  readonly #globals: SymbolTerm[];
  readonly #locations: Map<LocationId, Location>;
  readonly #depth = new Map<LocationId, number>();
  /** What checks and events read, by location. */
  readonly #lookedAt = new Map<LocationId, Term[]>();
  readonly #pending = new Map<LocationId, Pending[]>();
  #nextLocation: number;

  constructor(program: Program, memory: Memory, ops: ThreadOperations, options: InterleavingOptions) {
    this.#program = program;
    this.#memory = memory;
    this.#ops = ops;
    this.#options = options;
    this.#main = mainProcedure(program);
    this.#variables = new Map(program.variables);
    this.#globals = [...program.globals];
    this.#locations = new Map(this.#main.locations);
    let next = 0;
    for (const p of program.procedures.values()) for (const id of p.locations.keys()) next = Math.max(next, id + 1);
    this.#nextLocation = next;
    const look = (at: LocationId, terms: readonly Term[]): void => {
      this.#lookedAt.set(at, [...(this.#lookedAt.get(at) ?? []), ...terms]);
    };
    for (const c of program.checks) look(c.at, [c.property]);
    for (const e of program.events) look(e.at, e.args);
  }

  run(): Interleaved {
    const main = this.#main;
    const starts = main.edges.filter((e) => this.#creates(e));
    if (!isFlat(this.#program)) {
      const other = [...this.#program.procedures.values()].find((p) => p !== main);
      refuse('C0643', `threads together with recursion (\`${other?.name ?? main.name}\`)`, other?.origin);
    }
    const cyclic = onCycles(main.edges);
    const out = edgesFrom(main.edges);
    for (const e of starts) {
      if (out.get(e.from)!.some((x) => cyclic.has(x)))
        refuse('C0644', 'a thread that is started in a loop, or more than once', e.origin);
    }
    const threads = this.#threads(starts, out);
    for (const thread of threads) this.#rewrite(thread, threads, starts, out);
    this.#findConcurrent(threads, starts, out);
    for (const thread of threads) this.#measureDepth(thread);
    const inOrder: Edge[] = [];
    for (const thread of threads) for (const e of thread.edges) inOrder.push({ ...e, id: inOrder.length });
    for (const [i, e] of starts.entries())
      inOrder.push({ from: e.from, to: threads[i + 1]!.entry, steps: [], id: inOrder.length });
    const branching: Program = {
      ...this.#program,
      variables: this.#variables,
      globals: this.#globals,
      procedures: new Map([[main.name, { ...main, edges: inOrder }]]),
    };
    const accesses = new Accesses(branching, this.#memory, this.#options.pointerBytes);
    const once = accesses.once;
    const shared = this.#shared(threads, accesses);
    const noticed = (list: readonly Access[]): boolean => list.some((a) => shared.has(a.object));
    for (const thread of threads) this.#waitInLoops(thread, accesses, noticed);
    for (const thread of threads) this.#split(thread, threads, accesses, noticed);
    for (const thread of threads) this.#failInTurn(thread, accesses, noticed);
    for (const thread of threads) this.#leaveLoops(thread);
    const product = this.#unfold(threads, accesses) ?? this.#schedule(threads, accesses);
    return { program: product, several: threads.length > 1, once };
  }

  #creates = (edge: Edge): boolean => {
    const first = edge.steps[0];
    return first?.kind === 'assign' && first.target === this.#ops.create;
  };

  // Taking the graph apart

  #declare(name: string, about: Partial<Variable>): SymbolTerm {
    const symbol = this.#program.terms.fresh(name, intSort);
    this.#variables.set(symbol, { name, internal: true, role: 'global', ...about, symbol });
    this.#globals.push(symbol);
    return symbol;
  }

  #threads(starts: readonly Edge[], out: ReadonlyMap<LocationId, readonly Edge[]>): Thread[] {
    const entries = [this.#main.entry, ...starts.map((e) => e.to)];
    const seen = new Set<LocationId>();
    return entries.map((entry, number) => {
      const name = number === 0 ? 'main' : `thread ${number}`;
      const locations = new Set<LocationId>([entry]);
      for (const at of locations) {
        if (seen.has(at)) throw new Error('INVARIANT broken: two threads share a location');
        seen.add(at);
        for (const e of out.get(at) ?? []) if (!this.#creates(e)) locations.add(e.to);
      }
      const result = this.#declare(`result of ${name}`, { pointer: true });
      this.#memory.mayHoldAddress.add(result);
      return {
        number,
        name,
        entry,
        place: this.#declare(`place of ${name}`, { range: { low: 0n } }),
        result,
        end: this.#program.terms.fresh(`end of ${name}`, intSort),
        concurrent: new Set<LocationId>(),
        locations,
        edges: [],
        yields: [],
      };
    });
  }

  /** The number that the program knows a thread by. */
  #id = (thread: Thread): Term => this.#program.terms.int(thread.number + 1);

  /** A thread's edges, with what they ask about threads answered, and starts of threads in their maker's steps. */
  #rewrite(
    thread: Thread,
    threads: readonly Thread[],
    starts: readonly Edge[],
    out: ReadonlyMap<LocationId, readonly Edge[]>,
  ): void {
    const t = this.#program.terms;
    const self = new Map<Term, Term>([[this.#ops.self, this.#id(thread)]]);
    const now = (term: Term): Term => substitute(t, term, self);
    const asked = (term: Term, array: SymbolTerm): Term | undefined =>
      term.kind === 'apply' && term.op === 'select' && term.args[0] === array ? term.args[1]! : undefined;
    const answer = (step: Step): Step => {
      if (step.kind === 'assume') {
        const waitsFor = asked(step.condition, this.#ops.ended);
        if (waitsFor === undefined) return { ...step, condition: now(step.condition) };
        // A number that belongs to no thread waits for nothing.
        const done = threads.map((x) =>
          t.implies(t.equal(now(waitsFor), this.#id(x)), t.or(this.#isAt(x, 0), this.#hasEnded(x))),
        );
        return { kind: 'assume', condition: t.all(done) };
      }
      if (step.kind !== 'assign') return step;
      const of = asked(step.value, this.#ops.result);
      if (of === undefined) {
        const value = now(step.value);
        return value === step.value ? step : { ...step, value };
      }
      let value: Term = t.int(0);
      for (const x of threads) value = t.ite(t.equal(now(of), this.#id(x)), x.result, value);
      return { ...step, value };
    };
    for (const at of thread.locations) {
      const begun = starts.findIndex((e) => e.from === at);
      const before: Step[] = [];
      if (begun >= 0) {
        const made = threads[begun + 1]!;
        const [first, ...rest] = starts[begun]!.steps;
        const target = (first as Extract<Step, { kind: 'assign' }>).value as SymbolTerm;
        before.push({ kind: 'assign', target, value: this.#id(made) }, ...rest.map(answer));
      }
      for (const e of out.get(at) ?? []) {
        const made = begun >= 0 ? { starts: threads[begun + 1]! } : {};
        if (!this.#creates(e)) thread.edges.push({ ...e, ...made, steps: [...before, ...e.steps.map(answer)] });
      }
    }
  }

  #isAt = (thread: Thread, place: number): Term =>
    this.#program.terms.equal(thread.place, this.#program.terms.int(place));

  #hasEnded = (thread: Thread): Term => this.#program.terms.equal(thread.place, thread.end);

  #findConcurrent(
    threads: readonly Thread[],
    starts: readonly Edge[],
    out: ReadonlyMap<LocationId, readonly Edge[]>,
  ): void {
    for (const thread of threads) {
      const { concurrent } = thread;
      if (thread.number > 0) for (const at of thread.locations) concurrent.add(at);
      for (const e of starts) {
        if (!thread.locations.has(e.from)) continue;
        for (const x of out.get(e.from)!) if (!this.#creates(x)) concurrent.add(x.to);
      }
      const from = edgesFrom(thread.edges);
      for (const at of concurrent) for (const e of from.get(at) ?? []) concurrent.add(e.to);
    }
  }

  /** How many atomic sections are open at each location. */
  #measureDepth(thread: Thread): void {
    const from = edgesFrom(thread.edges);
    this.#depth.set(thread.entry, 0);
    const work = [thread.entry];
    for (let at = work.pop(); at !== undefined; at = work.pop()) {
      for (const e of from.get(at) ?? []) {
        let depth = this.#depth.get(at)!;
        for (const s of e.steps) depth = this.#deeper(depth, s);
        const known = this.#depth.get(e.to);
        if (known === undefined) {
          this.#depth.set(e.to, depth);
          work.push(e.to);
        } else if (known !== depth) {
          refuse('C0645', 'an atomic section that begins or ends on some paths only', e.origin);
        }
      }
    }
  }

  #deeper(depth: number, step: Step): number {
    if (step.kind !== 'assign') return depth;
    if (step.target === this.#ops.begin) return depth + 1;
    return step.target === this.#ops.end ? Math.max(0, depth - 1) : depth;
  }

  #shared(threads: readonly Thread[], accesses: Accesses): ReturnType<typeof sharedObjects> {
    const outside = new Set(this.#program.globals);
    return sharedObjects(
      threads.map((thread) => {
        const list: Access[] = [];
        for (const e of thread.edges) {
          if (!thread.concurrent.has(e.from)) continue;
          for (const s of e.steps) {
            if ((s.kind === 'assign' || s.kind === 'havoc') && outside.has(s.target))
              refuse('C0647', `\`${s.target.name}\` is changed by threads, but not kept in memory`, e.origin);
            list.push(...accesses.ofStep(s));
          }
        }
        for (const at of thread.concurrent)
          for (const term of this.#lookedAt.get(at) ?? []) list.push(...accesses.ofTerm(term));
        return list;
      }),
    );
  }

  /**
   * A loop that only looks at what others do and keeps nothing of it: a thread that goes round might as well have waited
   * before it, so its rounds are left out, but for the last one.
   */
  #waitInLoops(thread: Thread, accesses: Accesses, noticed: (list: readonly Access[]) => boolean): void {
    const all = thread.edges.filter((e) => thread.concurrent.has(e.from));
    const from = edgesFrom(all);
    const inLoops = onCycles(all.map((e, id) => ({ ...e, id })));
    const cyclic = new Set([...inLoops].map((e) => `${e.from} ${e.to}`));
    const isCyclic = (e: RawEdge): boolean => cyclic.has(`${e.from} ${e.to}`);
    const taken = new Set<LocationId>();
    for (const head of thread.concurrent) {
      if (taken.has(head) || this.#depth.get(head) !== 0) continue;
      const loop = new Set<LocationId>([head]);
      for (const at of loop) for (const e of from.get(at) ?? []) if (isCyclic(e)) loop.add(e.to);
      const inside = all.filter((e) => loop.has(e.from) && isCyclic(e));
      if (inside.length === 0) continue;
      const enteredElsewhere = all.some((e) => loop.has(e.to) && e.to !== head && !(loop.has(e.from) && isCyclic(e)));
      if (enteredElsewhere || loop.has(thread.entry)) continue;
      for (const at of loop) taken.add(at);
      const looksFirst = (from.get(head) ?? []).every((e) => e.steps.some((s) => noticed(accesses.ofStep(s))));
      if (looksFirst && inside.every((e) => this.#keepsNothing(e, head, from, accesses))) {
        const waits = this.#newLocation(this.#locations.get(head)?.origin);
        thread.concurrent.add(waits);
        this.#depth.set(waits, 0);
        thread.edges = thread.edges.map((e) =>
          e.to === head && loop.has(e.from) && isCyclic(e) ? { ...e, to: waits } : e,
        );
      }
    }
  }

  /** An edge of a loop changes nothing but what is forgotten at its head. */
  #keepsNothing(
    edge: RawEdge,
    head: LocationId,
    from: ReadonlyMap<LocationId, readonly RawEdge[]>,
    accesses: Accesses,
  ): boolean {
    if (edge.starts || this.#program.events.some((e) => e.at === edge.from)) return false;
    return edge.steps.every((s) => {
      if (s.kind === 'assume') return true;
      if (s.kind === 'call' || accesses.ofStep(s).some((a) => a.write) || !this.#variables.has(s.target)) return false;
      return !this.#globals.includes(s.target) && !this.#isLive(s.target, head, from);
    });
  }

  /** A variable may be read at or after a location before it is written. */
  #isLive(variable: SymbolTerm, start: LocationId, from: ReadonlyMap<LocationId, readonly RawEdge[]>): boolean {
    const reads = (term: Term): boolean => freeSymbols([term]).includes(variable);
    const seen = new Set<LocationId>([start]);
    for (const at of seen) {
      if ((this.#lookedAt.get(at) ?? []).some(reads)) return true;
      if (at === this.#main.exit && this.#main.results.includes(variable)) return true;
      for (const e of from.get(at) ?? []) {
        let written = false;
        for (const s of e.steps) {
          if (s.kind === 'assume' ? reads(s.condition) : s.kind === 'assign' && reads(s.value)) return true;
          written = s.kind !== 'assume' && s.kind !== 'call' && s.target === variable;
          if (written) break;
        }
        if (!written) seen.add(e.to);
      }
    }
    return false;
  }

  // Where threads take turns

  #newLocation(origin: Span | undefined): LocationId {
    const id = this.#nextLocation++;
    this.#locations.set(id, { id, ...(origin ? { origin } : {}) });
    return id;
  }

  /** Cuts a thread's edges so that each step that others may notice comes first after a place where threads take turns. */
  #split(
    thread: Thread,
    threads: readonly Thread[],
    accesses: Accesses,
    noticed: (list: readonly Access[]) => boolean,
  ): void {
    const places = new Set<Term>(threads.map((x) => x.place));
    const yields = new Set<LocationId>(thread.number > 0 ? [thread.entry] : []);
    const edges: RawEdge[] = [];
    const from = edgesFrom(thread.edges);
    const isExit = (s: Step): boolean => s.kind === 'assign' && s.target === this.#ops.exit;
    // The objects of a thread's functions end with it.
    const lives = new Set<SymbolTerm>();
    const stops = new Set<LocationId>();
    for (const e of thread.edges) {
      for (const s of e.steps) if (s.kind === 'assign' && accesses.objects.byAlive.has(s.target)) lives.add(s.target);
      if (e.steps.some(isExit)) stops.add(e.to);
    }
    const die = [...lives].map((target): Step => ({ kind: 'assign', target, value: this.#program.terms.false }));
    const dies = die.some((s) => noticed(accesses.ofStep(s)));
    const waits = (s: Step): boolean =>
      s.kind === 'assume' && freeSymbols([s.condition]).some((symbol) => places.has(symbol));
    for (const at of thread.locations) {
      const leaving = from.get(at) ?? [];
      const free = thread.concurrent.has(at) && this.#depth.get(at) === 0;
      if (free) {
        const looks = (this.#lookedAt.get(at) ?? []).some((term) => noticed(accesses.ofTerm(term)));
        if (looks || (leaving.length === 0 && !stops.has(at))) yields.add(at);
      }
      for (const edge of leaving) {
        if (!thread.concurrent.has(at)) {
          this.#push(thread, edges, edge.from, edge, edge.steps, die);
          continue;
        }
        const origin = edge.origin ? { origin: edge.origin } : {};
        let current = at;
        let steps: Step[] = [];
        let depth = this.#depth.get(at)!;
        let used = false;
        let leading = true;
        for (const step of edge.steps) {
          const opens = step.kind === 'assign' && step.target === this.#ops.begin;
          const chooses = step.kind === 'assume' && leading && leaving.length > 1;
          const visible =
            depth === 0 &&
            (opens ||
              noticed(accesses.ofStep(step)) ||
              waits(step) ||
              (dies && isExit(step)) ||
              (step.kind === 'assume' && !chooses));
          if (visible) {
            if (current !== at || used || !leading) {
              const next = this.#newLocation(edge.origin);
              this.#depth.set(next, 0);
              thread.concurrent.add(next);
              this.#push(thread, edges, current, { from: current, to: next, steps, ...origin }, steps, die);
              current = next;
              steps = [];
            }
            used = true;
            yields.add(current);
            if (this.#options.races && !opens) this.#note(current, steps, step, accesses, edge.origin);
          }
          depth = this.#deeper(depth, step);
          if (step.kind !== 'assume') leading = false;
          steps.push(step);
        }
        this.#push(thread, edges, current, edge, steps, die);
      }
    }
    thread.edges = edges;
    for (const at of yields) thread.yields.push(at);
  }

  #note(at: LocationId, before: readonly Step[], step: Step, accesses: Accesses, origin: Span | undefined): void {
    const guard = before.flatMap((s) => (s.kind === 'assume' ? [s.condition] : []));
    const list = accesses.touches(step).map((touch) => ({ guard, touch, origin }));
    this.#pending.set(at, [...(this.#pending.get(at) ?? []), ...list]);
  }

  /** An edge without what is said about threads; `die` ends the objects of a thread. */
  #push(
    thread: Thread,
    edges: RawEdge[],
    from: LocationId,
    edge: RawEdge,
    steps: readonly Step[],
    die: readonly Step[],
  ): void {
    const kept: Step[] = [];
    let { to } = edge;
    for (const step of steps) {
      if (step.kind === 'assign' && (step.target === this.#ops.begin || step.target === this.#ops.end)) continue;
      if (step.kind === 'assign' && step.target === this.#ops.exit) {
        kept.push({ kind: 'assign', target: thread.result, value: step.value }, ...die);
        to = finished;
        break;
      }
      kept.push(step);
    }
    const starts = edge.starts ? { starts: edge.starts } : {};
    edges.push({ from, to, steps: kept, ...starts, ...(edge.origin ? { origin: edge.origin } : {}) });
  }

  /**
   * A check that fails ends the run: after a step that others may notice, they get their turn before it, since what they do
   * then may fail as well.
   */
  #failInTurn(thread: Thread, accesses: Accesses, noticed: (list: readonly Access[]) => boolean): void {
    const turns = new Set(thread.yields);
    const from = edgesFrom(thread.edges);
    const writes = (e: RawEdge): boolean =>
      e.starts !== undefined || e.steps.some((s) => noticed(accesses.ofStep(s).filter((a) => a.write)));
    const changed = new Set<LocationId>(thread.edges.filter(writes).map((e) => e.to));
    for (const at of changed) {
      if (turns.has(at)) continue;
      for (const e of from.get(at) ?? []) changed.add(e.to);
    }
    const checked = new Set(this.#program.checks.map((c) => c.at));
    for (const at of changed) {
      const free = thread.concurrent.has(at) && this.#depth.get(at) === 0;
      if (free && checked.has(at) && !turns.has(at)) thread.yields.push(at);
    }
  }

  /** Before a loop in which a thread might stay for ever without taking turns, the others get theirs. */
  #leaveLoops(thread: Thread): void {
    const turns = new Set(thread.yields);
    const inside = thread.edges.filter((e) => thread.concurrent.has(e.from) && !turns.has(e.to) && e.to !== finished);
    const cyclic = onCycles(inside.map((e, id) => ({ ...e, id })));
    const heads = new Set([...cyclic].map((e) => e.from));
    const within = new Set([...cyclic].map((e) => `${e.from} ${e.to}`));
    const edges: RawEdge[] = [];
    for (const e of thread.edges) {
      const enters = heads.has(e.to) && !within.has(`${e.from} ${e.to}`) && this.#depth.get(e.to) === 0;
      if (!enters || !thread.concurrent.has(e.to)) {
        edges.push(e);
        continue;
      }
      const next = this.#newLocation(e.origin);
      thread.yields.push(next);
      const { starts: _, ...rest } = e;
      edges.push({ ...e, to: next }, { ...rest, from: next, steps: [] });
    }
    thread.edges = edges;
    // What was the head of a loop in the source is none where each round goes by the scheduler.
    for (const at of thread.concurrent) {
      const location = this.#locations.get(at);
      if (!location?.loop || heads.has(at)) continue;
      const { loop: _, ...rest } = location;
      this.#locations.set(at, rest);
    }
  }

  // Putting it together

  /**
   * The product with the places of all threads in its locations: no loop is there that no thread has, and where threads wait
   * need not be computed with. Undefined when it becomes too large. A check is made on an edge of its own, to its location.
   */
  #unfold(threads: readonly Thread[], accesses: Accesses): Program | undefined {
    const t = this.#program.terms;
    const folder = new Folder(t);
    const main = this.#main;
    const edges: Edge[] = [];
    const locations = new Map<LocationId, Location>();
    const checks: Check[] = [...this.#program.checks];
    const events: Event[] = [];
    const hints: Hint[] = [];
    const from = threads.map((thread) => edgesFrom(thread.edges));
    const last = threads.map((thread) => thread.yields.length + 1);
    const placeOf = threads.map((thread) => new Map(thread.yields.map((at, i) => [at, i + 1] as const)));
    const conditions = new Map<LocationId, Term>();
    for (const c of this.#program.checks) conditions.set(c.at, t.and(conditions.get(c.at) ?? t.true, c.property));
    const eventsAt = byLocation(this.#program.events);
    const hintsAt = byLocation(this.#program.hints);
    const apart = new Set<LocationId>();
    const ids = new Map<string, LocationId>();
    const work: (() => void)[] = [];
    const add = (e: Omit<Edge, 'id'>): void => {
      edges.push({ ...e, id: edges.length });
    };
    const keep = (at: LocationId): void => {
      locations.set(at, this.#locations.get(at)!);
    };
    const note = (original: LocationId, at: LocationId): void => {
      for (const e of eventsAt.get(original) ?? []) events.push({ ...e, at });
      for (const h of hintsAt.get(original) ?? []) hints.push({ ...h, at });
    };
    /** `places`: of all threads; that of the thread that moves does not matter. */
    const inside = (k: number, places: readonly number[], at: LocationId): LocationId => {
      const alone = !threads[k]!.concurrent.has(at);
      const ends = !alone && (from[k]!.get(at) ?? []).length === 0;
      const others = places.map((p, i) => (i === k ? -1 : p));
      const key = alone || ends ? `${at}` : `${k}:${others.join(',')}:${at}`;
      const known = ids.get(key);
      if (known !== undefined) return known;
      const origin = this.#locations.get(at)?.origin;
      const id = alone || ends ? at : this.#nextLocation++;
      ids.set(key, id);
      if (alone || ends) keep(at);
      else locations.set(id, { id, ...(origin ? { origin } : {}) });
      note(at, id);
      work.push(() => {
        const property = alone || ends ? t.true : (conditions.get(at) ?? t.true);
        const holds: Step[] = property === t.true ? [] : [{ kind: 'assume', condition: property }];
        if (holds.length > 0) {
          keep(at);
          apart.add(at);
          add({ from: id, to: at, steps: [{ kind: 'assume', condition: t.not(property) }] });
        }
        const now = new Map<Term, Term>(threads.map((x, i) => [x.end, t.int(last[i]!)]));
        for (const [i, x] of threads.entries()) now.set(x.place, t.int(i === k ? running : places[i]!));
        const cache = new Map<Term, Term>();
        for (const { starts, ...e } of from[k]!.get(at) ?? []) {
          const steps = e.steps.map(
            (s): Step =>
              s.kind === 'assume' ? { ...s, condition: folder.fold(substitute(t, s.condition, now, cache)) } : s,
          );
          if (steps.some((s) => s.kind === 'assume' && s.condition === t.false)) continue;
          const next = [...places];
          if (starts) next[starts.number] = 1;
          const waiting = e.to === finished ? last[k] : placeOf[k]!.get(e.to);
          if (waiting !== undefined) next[k] = waiting;
          const to = waiting === undefined ? inside(k, next, e.to) : between(next);
          add({ ...e, from: id, to, steps: [...holds, ...steps.filter((s) => !isTrivial(t, s))] });
        }
      });
      return id;
    };
    const between = (places: readonly number[]): LocationId => {
      const key = places.join(',');
      const known = ids.get(key);
      if (known !== undefined) return known;
      const waiting = places.map((p, i) => threads[i]!.yields[p - 1]);
      const origins = waiting.flatMap((at) => (at === undefined ? [] : [this.#locations.get(at)?.origin]));
      const id = this.#newLocation(origins[0]);
      keep(id);
      ids.set(key, id);
      work.push(() => {
        for (const [k, at] of waiting.entries()) {
          if (at === undefined) continue;
          const origin = this.#locations.get(at)?.origin;
          add({ from: id, to: inside(k, places, at), steps: [], ...(origin ? { origin } : {}) });
        }
        if (this.#options.races) {
          for (const race of this.#racesAt(waiting, accesses)) {
            const at = this.#newLocation(race.origin);
            keep(at);
            add({ from: id, to: at, steps: [{ kind: 'assume', condition: t.not(race.property) }] });
            checks.push({ ...race, at });
            apart.add(at);
          }
        }
        const over = places.every((p, i) => p === last[i] || (i > 0 && p === 0));
        if (over) {
          // The program ends with its last thread.
          const end = this.#newLocation(main.origin);
          keep(end);
          add({ from: id, to: end, steps: [] });
          events.push({ kind: 'exit', text: 'the last thread ends', args: [t.int(0)], at: end });
        }
      });
      return id;
    };
    const entry = this.#newLocation(main.origin);
    keep(entry);
    keep(main.exit);
    const begin = inside(
      0,
      threads.map(() => 0),
      main.entry,
    );
    const steps = threads.map((x): Step => ({ kind: 'assign', target: x.result, value: t.int(0) }));
    add({ from: entry, to: begin, steps });
    for (let item = work.pop(); item; item = work.pop()) {
      if (edges.length > this.#options.productEdges) return undefined;
      item();
    }
    const procedure = { ...main, entry, edges, locations };
    const places = new Set<SymbolTerm>(threads.map((x) => x.place));
    return {
      ...this.#program,
      variables: this.#variables,
      globals: this.#globals.filter((s) => !places.has(s)),
      procedures: new Map([[main.name, procedure]]),
      checks: checks
        .filter((c) => locations.has(c.at))
        .map((c, id) => ({ ...c, id, ...(apart.has(c.at) ? { failuresOnly: true } : {}) })),
      events,
      hints,
    };
  }

  #schedule(threads: readonly Thread[], accesses: Accesses): Program {
    const t = this.#program.terms;
    const edges: Edge[] = [];
    const add = (e: RawEdge): void => {
      edges.push({ ...e, id: edges.length });
    };
    const scheduler = this.#newLocation(this.#main.origin);
    const checks: Check[] = [...this.#program.checks];
    const events: Event[] = [...this.#program.events];
    const last = (thread: Thread): number => thread.yields.length + 1;
    for (const thread of threads)
      this.#variables.set(thread.place, {
        ...this.#variables.get(thread.place)!,
        range: { low: 0n, high: BigInt(last(thread)) },
      });
    const ends = new Map<Term, Term>(threads.map((thread) => [thread.end, t.int(last(thread))]));
    const settle = (term: Term): Term => substitute(t, term, ends);
    let mainExits = false;
    for (const thread of threads) {
      const place = new Map(thread.yields.map((at, i) => [at, i + 1]));
      for (const { starts, ...e } of thread.edges) {
        const steps = e.steps.map((s): Step => (s.kind === 'assume' ? { ...s, condition: settle(s.condition) } : s));
        if (starts) steps.push({ kind: 'assign', target: starts.place, value: t.int(1) });
        const waiting = e.to === finished ? last(thread) : place.get(e.to);
        if (e.to === finished && thread.number === 0) mainExits = true;
        if (waiting === undefined) add({ ...e, steps });
        else {
          steps.push({ kind: 'assign', target: thread.place, value: t.int(waiting) });
          add({ ...e, steps, to: scheduler });
        }
      }
      for (const [at, i] of place) {
        const origin = this.#locations.get(at)?.origin;
        const steps: Step[] = [{ kind: 'assume', condition: this.#isAt(thread, i) }];
        add({ from: scheduler, to: at, steps, ...(origin ? { origin } : {}) });
      }
    }
    if (mainExits) {
      // The program ends with its last thread.
      const end = this.#newLocation(this.#main.origin);
      const all = threads.map((x) => t.or(this.#isAt(x, last(x)), x.number === 0 ? t.false : this.#isAt(x, 0)));
      add({ from: scheduler, to: end, steps: [{ kind: 'assume', condition: t.all(all) }] });
      events.push({ kind: 'exit', text: 'the last thread ends', args: [t.int(0)], at: end });
    }
    if (this.#options.races) {
      for (const [k, one] of threads.entries()) {
        for (const other of threads.slice(k + 1)) {
          for (const [i, a] of one.yields.entries()) {
            for (const [j, b] of other.yields.entries()) {
              const both = t.and(this.#isAt(one, i + 1), this.#isAt(other, j + 1));
              for (const race of this.#racesAt([a, b], accesses))
                checks.push({ ...race, at: scheduler, property: t.implies(both, race.property) });
            }
          }
        }
      }
    }
    const entry = this.#newLocation(this.#main.origin);
    const steps = threads.flatMap((x): Step[] => [
      { kind: 'assign', target: x.place, value: t.int(0) },
      { kind: 'assign', target: x.result, value: t.int(0) },
    ]);
    add({ from: entry, to: this.#main.entry, steps });
    const procedure = { ...this.#main, entry, edges, locations: this.#locations };
    return {
      ...this.#program,
      variables: this.#variables,
      globals: this.#globals,
      procedures: new Map([[this.#main.name, procedure]]),
      checks: checks.map((c, id) => ({ ...c, id })),
      events,
    };
  }

  /** Nobody changes what another thread is about to use: for threads that wait at these locations. */
  #racesAt(waiting: readonly (LocationId | undefined)[], accesses: Accesses): Omit<Check, 'at'>[] {
    const t = this.#program.terms;
    const found: Omit<Check, 'at'>[] = [];
    for (const [k, a] of waiting.entries()) {
      for (const b of waiting.slice(k + 1)) {
        if (a === undefined || b === undefined) continue;
        for (const x of this.#pending.get(a) ?? []) {
          for (const y of this.#pending.get(b) ?? []) {
            if (!x.touch.write && !y.touch.write) continue;
            const [object] = accesses.common(x.touch, y.touch);
            if (!object) continue;
            const both = t.all([...x.guard, ...y.guard, accesses.overlap(x.touch, y.touch)]);
            const { origin } = x.touch.write ? x : y;
            found.push({
              id: 0,
              kind: 'race',
              property: t.not(both),
              text: `no other thread uses \`${object.name}\` while it is changed`,
              failure: `two threads use \`${object.name}\` at once, and one of them changes it`,
              ...(origin ? { origin } : {}),
            });
          }
        }
      }
    }
    return found;
  }
}

/** The place of the thread that moves: it has begun, and not ended. */
const running = -1;

const isTrivial = (t: Program['terms'], step: Step): boolean => step.kind === 'assume' && step.condition === t.true;

/** Stands for the location where a thread has ended. */
const finished: LocationId = -1;
