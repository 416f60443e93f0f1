import type { Span } from '../base/span.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { substitute } from '../terms/traversal.ts';
import { liveAtEntry } from './liveness.ts';
import {
  byLocation,
  type Check,
  type Edge,
  type Event,
  type Hint,
  type Location,
  type LocationId,
  type Procedure,
  type Program,
  type Step,
  type Variable,
} from './program.ts';

/**
 * Flattens a program: every call from main, from recursive procedures, and from what is inlined, is replaced by a copy of the
 * callee with its own variables. Recursive calls stay as they are. Part of lowering, hence trusted: front ends call it last, so that the
 * program that users' answers are about is already flat.
 *
 * What is copied from a model of a library function (Procedure.modelOf) stands where the user's text calls it, and says so.
 *
 * Gives up ('too-large') when the copy would have more than `edgeLimit` edges.
 */
export function inlineCalls(program: Program, edgeLimit = 200_000): Program | 'too-large' {
  const recursive = recursiveProcedures(program);
  const roots = [program.main, ...[...recursive].filter((name) => name !== program.main)].map(
    (n) => program.procedures.get(n)!,
  );
  const calls = roots.some((p) =>
    p.edges.some((e) => e.steps.some((s) => s.kind === 'call' && !recursive.has(s.callee))),
  );
  if (!calls) return program;
  const copier = new Copier(program, recursive, edgeLimit);
  for (const root of roots) if (!copier.copyRoot(root)) return 'too-large';
  return copier.finish();
}

/** The procedures that can call themselves, directly or through others. */
export function recursiveProcedures(program: Program): ReadonlySet<string> {
  const callees = new Map<string, Set<string>>();
  for (const [name, procedure] of program.procedures) {
    const set = new Set<string>();
    for (const edge of procedure.edges) for (const step of edge.steps) if (step.kind === 'call') set.add(step.callee);
    callees.set(name, set);
  }
  const result = new Set<string>();
  for (const name of program.procedures.keys()) {
    const seen = new Set<string>();
    const work = [...callees.get(name)!];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      for (const further of callees.get(next) ?? []) work.push(further);
    }
    if (seen.has(name)) result.add(name);
  }
  return result;
}

/** A call of a model: of what function, and where in the user's text. */
interface ModelCall {
  readonly name: string;
  readonly origin: Span | undefined;
}

class Copier {
  readonly #program: Program;
  readonly #recursive: ReadonlySet<string>;
  readonly #edgeLimit: number;
  readonly #variables: Map<SymbolTerm, Variable>;
  readonly #procedures = new Map<string, Procedure>();
  #locations = new Map<LocationId, Location>();
  #edges: Edge[] = [];
  #locals: SymbolTerm[] = [];
  #copied = 0;
  readonly #checks: Check[] = [];
  readonly #events: Event[] = [];
  readonly #hints: Hint[] = [];
  readonly #liveAtEntry = new Map<string, ReadonlySet<SymbolTerm>>();
  readonly #checksAt: ReadonlyMap<LocationId, readonly Check[]>;
  readonly #eventsAt: ReadonlyMap<LocationId, readonly Event[]>;
  readonly #hintsAt: ReadonlyMap<LocationId, readonly Hint[]>;
  #nextLocation: number;
  #nextEdge: number;

  constructor(program: Program, recursive: ReadonlySet<string>, edgeLimit: number) {
    this.#program = program;
    this.#recursive = recursive;
    this.#edgeLimit = edgeLimit;
    this.#variables = new Map(program.variables);
    this.#checksAt = byLocation(program.checks);
    this.#eventsAt = byLocation(program.events);
    this.#hintsAt = byLocation(program.hints);
    let locations = 0;
    let edges = 0;
    for (const p of program.procedures.values()) {
      for (const id of p.locations.keys()) locations = Math.max(locations, id + 1);
      for (const e of p.edges) edges = Math.max(edges, e.id + 1);
    }
    this.#nextLocation = locations;
    this.#nextEdge = edges;
  }

  /** Copies one procedure that stays; false when there is too much to copy. */
  copyRoot(main: Procedure): boolean {
    this.#locations = new Map();
    this.#edges = [];
    this.#locals = [...main.locals];
    const work: {
      procedure: Procedure;
      names: ReadonlyMap<Term, Term>;
      places: ReadonlyMap<LocationId, LocationId>;
      model: ModelCall | undefined;
    }[] = [];
    const identity = new Map([...main.locations.keys()].map((id) => [id, id] as const));
    for (const [id, location] of main.locations) this.#locations.set(id, location);
    this.#copyAnnotations(main, new Map(), identity, undefined);
    work.push({ procedure: main, names: new Map(), places: identity, model: undefined });
    for (let item = work.pop(); item; item = work.pop()) {
      const { procedure, names, places, model } = item;
      const rename = (t: Term): Term => substitute(this.#program.terms, t, names);
      const target = (s: SymbolTerm): SymbolTerm => (names.get(s) as SymbolTerm | undefined) ?? s;
      for (const edge of procedure.edges) {
        if (this.#copied++ > this.#edgeLimit) return false;
        let from = places.get(edge.from)!;
        let steps: Step[] = [];
        const origin = at(edge, model);
        const close = (to: LocationId): void => {
          this.#edges.push({ id: this.#nextEdge++, from, to, steps, ...origin });
          from = to;
          steps = [];
        };
        for (const step of edge.steps) {
          if (step.kind === 'assign')
            steps.push({ kind: 'assign', target: target(step.target), value: rename(step.value) });
          else if (step.kind === 'havoc') steps.push(havoc(step, target(step.target), model));
          else if (step.kind === 'assume') steps.push({ kind: 'assume', condition: rename(step.condition) });
          else if (this.#recursive.has(step.callee)) {
            steps.push({ ...step, args: step.args.map(rename), results: step.results.map(target) });
          } else {
            const callee = this.#program.procedures.get(step.callee);
            if (!callee) throw new Error(`no procedure ${step.callee}`);
            const inside = modelCall(callee, model, step.origin ?? edge.origin);
            const copy = this.#instantiate(callee, inside);
            const parameters = callee.params.map((p) => copy.names.get(p) as SymbolTerm);
            // Arguments are over the caller's variables, parameters are new ones: assigning in order is simultaneous.
            for (const [i, p] of parameters.entries()) {
              steps.push({ kind: 'assign', target: p, value: rename(step.args[i]!) });
            }
            for (const local of this.#live(callee))
              steps.push({ kind: 'havoc', target: copy.names.get(local) as SymbolTerm });
            close(copy.places.get(callee.entry)!);
            work.push({ procedure: callee, ...copy, model: inside });
            from = copy.places.get(callee.exit)!;
            step.results.forEach((r, i) => {
              const value = copy.names.get(callee.results[i]!);
              if (value) steps.push({ kind: 'assign', target: target(r), value });
            });
          }
        }
        close(places.get(edge.to)!);
      }
    }
    this.#procedures.set(main.name, { ...main, locals: this.#locals, locations: this.#locations, edges: this.#edges });
    return true;
  }

  finish(): Program {
    return {
      ...this.#program,
      variables: this.#variables,
      procedures: this.#procedures,
      checks: this.#checks.map((c, id) => ({ ...c, id })),
      events: this.#events,
      hints: this.#hints,
    };
  }

  #instantiate(
    callee: Procedure,
    model: ModelCall | undefined,
  ): { names: Map<Term, Term>; places: Map<LocationId, LocationId> } {
    const names = new Map<Term, Term>();
    for (const symbol of [...callee.params, ...callee.results, ...callee.locals]) {
      const variable = this.#program.variables.get(symbol)!;
      const copy = this.#program.terms.fresh(variable.name, symbol.sort);
      const about = model ? { internal: true, ...at(variable, model) } : {};
      this.#variables.set(copy, { ...variable, ...about, symbol: copy, instanceOf: variable.instanceOf ?? symbol });
      this.#locals.push(copy);
      names.set(symbol, copy);
    }
    const places = new Map<LocationId, LocationId>();
    for (const [id, location] of callee.locations) {
      const copy = this.#nextLocation++;
      places.set(id, copy);
      const loop = location.loop && model ? { loop: { ...location.loop, ...at(location.loop, model) } } : {};
      this.#locations.set(copy, { ...location, ...loop, id: copy, ...at(location, model) });
    }
    this.#copyAnnotations(callee, names, places, model);
    return { names, places };
  }

  #copyAnnotations(
    procedure: Procedure,
    names: ReadonlyMap<Term, Term>,
    places: ReadonlyMap<LocationId, LocationId>,
    model: ModelCall | undefined,
  ): void {
    const rename = (t: Term): Term => substitute(this.#program.terms, t, names);
    for (const id of procedure.locations.keys()) {
      const place = places.get(id)!;
      for (const c of this.#checksAt.get(id) ?? []) {
        const address = c.address && { address: rename(c.address) };
        this.#checks.push({ ...c, ...told(c, model), at: place, property: rename(c.property), ...address });
      }
      for (const e of this.#eventsAt.get(id) ?? [])
        this.#events.push({ ...e, ...at(e, model), at: place, args: e.args.map(rename) });
      for (const h of this.#hintsAt.get(id) ?? [])
        this.#hints.push({ ...h, ...at(h, model), at: place, term: rename(h.term) });
    }
  }

  /** Locals and results that may be read before they are written: only those need a havoc at the call. */
  #live(procedure: Procedure): ReadonlySet<SymbolTerm> {
    const known = this.#liveAtEntry.get(procedure.name);
    if (known) return known;
    const live = liveAtEntry(procedure, this.#checksAt, this.#eventsAt);
    const own = new Set([...procedure.locals, ...procedure.results].filter((s) => live.has(s)));
    this.#liveAtEntry.set(procedure.name, own);
    return own;
  }
}

/** What a model calls is inside the same call of the user's; but a function of the user's that it calls stands for itself. */
function modelCall(callee: Procedure, around: ModelCall | undefined, origin: Span | undefined): ModelCall | undefined {
  if (callee.modelOf === undefined) return undefined;
  return around ?? { name: callee.modelOf, origin };
}

function at(item: { readonly origin?: Span }, model: ModelCall | undefined): { origin?: Span } {
  const origin = model ? model.origin : item.origin;
  return origin ? { origin } : {};
}

function told(check: Check, model: ModelCall | undefined): { text?: string; failure?: string; origin?: Span } {
  if (!model) return {};
  const { name } = model;
  return { text: `in \`${name}\`, ${check.text}`, failure: `in \`${name}\`, ${check.failure}`, ...at(check, model) };
}

function havoc(step: Extract<Step, { kind: 'havoc' }>, target: SymbolTerm, model: ModelCall | undefined): Step {
  return step.input !== undefined && model ? { ...step, target, input: `${model.name}()` } : { ...step, target };
}
