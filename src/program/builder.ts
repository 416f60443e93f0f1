import type { Span } from '../base/span.ts';
import type { TermFactory } from '../terms/factory.ts';
import type { Sort } from '../terms/sort.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import type {
  Check,
  CheckKind,
  Edge,
  Event,
  Hint,
  Location,
  LocationId,
  LoopHead,
  Procedure,
  Program,
  Step,
  Variable,
} from './program.ts';

/**
 * What front ends lower into: numbers locations, edges and checks, declares variables under names that are unique in the
 * program, and puts the finished `Program` together.
 */
export class ProgramBuilder {
  readonly terms: TermFactory;
  readonly #variables = new Map<SymbolTerm, Variable>();
  readonly #globals: SymbolTerm[] = [];
  readonly #procedures = new Map<string, Procedure>();
  readonly #checks: Check[] = [];
  readonly #events: Event[] = [];
  readonly #hints: Hint[] = [];
  #nextLocation = 0;
  #nextEdge = 0;

  constructor(terms: TermFactory) {
    this.terms = terms;
  }

  /** Declares a variable; its symbol is named after it, with a number where the name is taken. */
  declare(variable: Omit<Variable, 'symbol'>, sort: Sort): SymbolTerm {
    const symbol = this.terms.fresh(variable.name, sort);
    this.#variables.set(symbol, { ...variable, symbol });
    if (variable.role === 'global') this.#globals.push(symbol);
    return symbol;
  }

  variable(symbol: SymbolTerm): Variable {
    return this.#variables.get(symbol)!;
  }

  procedure(name: string): ProcedureBuilder {
    return new ProcedureBuilder(this, name);
  }

  check(check: {
    kind: CheckKind;
    at: LocationId;
    property: Term;
    text: string;
    failure: string;
    address?: Term;
    origin?: Span;
  }): Check {
    const made = { id: this.#checks.length, ...check };
    this.#checks.push(made);
    return made;
  }

  event(event: Event): void {
    this.#events.push(event);
  }

  hint(hint: Hint): void {
    this.#hints.push(hint);
  }

  /** For ProcedureBuilder only. */
  newLocationId(): LocationId {
    return this.#nextLocation++;
  }

  /** For ProcedureBuilder only. */
  newEdgeId(): number {
    return this.#nextEdge++;
  }

  /** For ProcedureBuilder only. */
  add(procedure: Procedure): void {
    this.#procedures.set(procedure.name, procedure);
  }

  /** requires: `main` names a finished procedure. */
  build(main: string): Program {
    if (!this.#procedures.has(main)) throw new Error(`no procedure ${main}`);
    return {
      terms: this.terms,
      variables: this.#variables,
      globals: this.#globals,
      procedures: this.#procedures,
      main,
      checks: this.#checks,
      events: this.#events,
      hints: this.#hints,
    };
  }
}

/** Builds one procedure; `entry` and `exit` exist from the start. */
export class ProcedureBuilder {
  readonly #program: ProgramBuilder;
  readonly #name: string;
  /** See Procedure. */
  modelOf: string | undefined;
  readonly #locations = new Map<LocationId, Location>();
  readonly #edges: Edge[] = [];
  readonly #params: SymbolTerm[] = [];
  readonly #results: SymbolTerm[] = [];
  readonly #locals: SymbolTerm[] = [];
  readonly entry: LocationId;
  readonly exit: LocationId;

  constructor(program: ProgramBuilder, name: string) {
    this.#program = program;
    this.#name = name;
    this.entry = this.location();
    this.exit = this.location();
  }

  location(about: { origin?: Span; loop?: LoopHead } = {}): LocationId {
    const id = this.#program.newLocationId();
    this.#locations.set(id, { id, ...about });
    return id;
  }

  /** Marks a location as a loop head, or gives it an origin, after the fact. */
  describe(id: LocationId, about: { origin?: Span; loop?: LoopHead }): void {
    this.#locations.set(id, { ...this.#locations.get(id)!, ...about });
  }

  edge(from: LocationId, to: LocationId, steps: readonly Step[], origin?: Span): Edge {
    const edge: Edge = { id: this.#program.newEdgeId(), from, to, steps, ...(origin ? { origin } : {}) };
    this.#edges.push(edge);
    return edge;
  }

  /** Declares a parameter, a result or a local of this procedure. */
  declare(variable: Omit<Variable, 'symbol'>, sort: Sort): SymbolTerm {
    const symbol = this.#program.declare(variable, sort);
    if (variable.role === 'parameter') this.#params.push(symbol);
    else if (variable.role === 'result') this.#results.push(symbol);
    else this.#locals.push(symbol);
    return symbol;
  }

  finish(origin?: Span): Procedure {
    const procedure: Procedure = {
      name: this.#name,
      params: this.#params,
      results: this.#results,
      locals: this.#locals,
      entry: this.entry,
      exit: this.exit,
      locations: this.#locations,
      edges: this.#edges,
      ...(origin ? { origin } : {}),
      ...(this.modelOf === undefined ? {} : { modelOf: this.modelOf }),
    };
    this.#program.add(procedure);
    return procedure;
  }
}
