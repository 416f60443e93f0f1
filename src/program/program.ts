import type { Span } from '../base/span.ts';
import type { TermFactory } from '../terms/factory.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';

/**
 * The one form that everything we reason about is translated into: a control-flow graph over typed terms.
 *
 * Meaning. A state gives every variable a value of its sort, inside its declared range. Execution starts at the entry of
 * `main` with all globals and parameters of main holding *any* value (front ends assign initial values on the first edge).
 * At a location, all checks there must hold, or the run ends as a failure; then every edge whose steps can be carried out
 * may be taken; an `assume` that is false blocks the edge.
 * A location without edges ends the procedure; a location where every edge is blocked ends the run (as after a failed check).
 * An `assign` outside the declared range of its target is a bug of the front end, and the interpreter throws.
 */
export interface Program {
  readonly terms: TermFactory;
  /** Globals, and the variables of all procedures: what they are called in the source and what they may hold. */
  readonly variables: ReadonlyMap<SymbolTerm, Variable>;
  readonly globals: readonly SymbolTerm[];
  readonly procedures: ReadonlyMap<string, Procedure>;
  readonly main: string;
  /** What must hold where; see Check. */
  readonly checks: readonly Check[];
  readonly events: readonly Event[];
  /** What the user claims about the program, to be proved before it is used. */
  readonly hints: readonly Hint[];
  /** Which addresses belong to which of the user's objects: for reports only. */
  readonly addresses?: readonly AddressRange[];
}

/** The addresses from `low` to `high` (inclusive) belong to an object, or to the objects that one expression made. */
export interface AddressRange {
  readonly name: string;
  readonly low: bigint;
  readonly high: bigint;
  /** Distance between two objects that the same expression made. */
  readonly spacing?: bigint;
}

/** Location numbers are unique over the whole program. */
export type LocationId = number;

export interface Location {
  readonly id: LocationId;
  readonly origin?: Span;
  /** Set on the head of a loop, where its condition is tested. */
  readonly loop?: LoopHead;
}

export interface LoopHead {
  readonly keyword: 'while' | 'for' | 'do' | 'goto' | 'recursion';
  /** The condition as the user wrote it, if there is one. */
  readonly conditionText?: string;
  readonly origin?: Span;
}

export interface Variable {
  readonly symbol: SymbolTerm;
  /** The user's own name; for what we made up (temporaries) `internal` is true. */
  readonly name: string;
  readonly typeText?: string;
  readonly origin?: Span;
  readonly internal?: boolean;
  /** Its values are addresses; reports print them by the name of the object that they lead to. */
  readonly pointer?: boolean;
  /** Of a copy that inlining made: the variable of the procedure that was copied. */
  readonly instanceOf?: SymbolTerm;
  /** Inclusive; a missing bound is none. Only for sort Int. */
  readonly range?: { readonly low?: bigint; readonly high?: bigint };
  readonly role: 'global' | 'parameter' | 'result' | 'local' | 'temporary';
}

export type Step =
  | { readonly kind: 'assign'; readonly target: SymbolTerm; readonly value: Term }
  /** Any value of the target's sort inside its declared range. `input` says that the value comes from outside (nondet, a parameter). */
  | { readonly kind: 'havoc'; readonly target: SymbolTerm; readonly input?: string }
  | { readonly kind: 'assume'; readonly condition: Term }
  | {
      readonly kind: 'call';
      readonly callee: string;
      readonly args: readonly Term[];
      readonly results: readonly SymbolTerm[];
      readonly origin?: Span;
    };

export interface Edge {
  readonly id: number;
  readonly from: LocationId;
  readonly to: LocationId;
  readonly steps: readonly Step[];
  readonly origin?: Span;
}

export interface Procedure {
  readonly name: string;
  readonly params: readonly SymbolTerm[];
  /** Hold the results when the exit is reached. */
  readonly results: readonly SymbolTerm[];
  /** Hold any value when the procedure is entered. */
  readonly locals: readonly SymbolTerm[];
  readonly entry: LocationId;
  /** Reached on return; has no edges. Other locations without edges are ends of the whole run (exit, abort). */
  readonly exit: LocationId;
  readonly locations: ReadonlyMap<LocationId, Location>;
  readonly edges: readonly Edge[];
  readonly origin?: Span;
  /** Set on our model of a function that is not in the user's text: its calls are what reports point at, not its inside. */
  readonly modelOf?: string;
}

export type CheckKind =
  | 'assertion'
  | 'unreachable'
  | 'overflow'
  | 'unsigned-overflow'
  | 'division'
  | 'shift'
  | 'conversion'
  | 'bounds'
  | 'pointer'
  | 'alignment'
  | 'free'
  | 'leak'
  | 'uninitialised'
  | 'race'
  | 'exception'
  | 'result';

/**
 * Something that must hold whenever control is at a location. A run ends at its first failing check: no edge leaves the
 * location in a state where a property checked there is false (front ends need not repeat it as an assume).
 */
export interface Check {
  readonly id: number;
  readonly kind: CheckKind;
  readonly at: LocationId;
  readonly property: Term;
  /** What is checked, as a clause: "`x - y` does not overflow". */
  readonly text: string;
  /** What goes wrong, as a clause: "`x - y` overflows". */
  readonly failure: string;
  /** The address that is accessed, of a check of memory: so that a report can say what is wrong with it. */
  readonly address?: Term;
  readonly origin?: Span;
  /** Control comes to its location only on runs that fail it: that nothing comes there does not make a yes vacuous. */
  readonly failuresOnly?: boolean;
}

/** Something observable that happens when control passes a location (in order of occurrence on the run). */
export interface Event {
  readonly at: LocationId;
  /** `approximation`: from here on the run may be none of the source program, for the reason that the assumption of this text gives. */
  readonly kind: 'print' | 'return' | 'exit' | 'abort' | 'approximation';
  /** The literal text of a print with `%` conversions or `{}` left in. */
  readonly text: string;
  readonly args: readonly Term[];
  /** How a print renders its arguments: one entry per argument. */
  readonly formats?: readonly string[];
  readonly origin?: Span;
}

export interface Hint {
  readonly kind: 'invariant' | 'variant' | 'assert';
  readonly at: LocationId;
  readonly term: Term;
  readonly text: string;
  readonly origin?: Span;
}

/** The edges that leave each location of a procedure, in program order. */
export function outgoing(procedure: Procedure): ReadonlyMap<LocationId, readonly Edge[]> {
  const map = new Map<LocationId, Edge[]>();
  for (const id of procedure.locations.keys()) map.set(id, []);
  for (const edge of procedure.edges) map.get(edge.from)!.push(edge);
  return map;
}

export function mainProcedure(program: Program): Procedure {
  const main = program.procedures.get(program.main);
  if (!main) throw new Error(`the program has no procedure ${program.main}`);
  return main;
}

/** A program is flat when its main procedure calls nothing: engines work on flat programs. */
export function isFlat(program: Program): boolean {
  return mainProcedure(program).edges.every((e) => e.steps.every((s) => s.kind !== 'call'));
}

/** All variables of a flat program's state: globals, and main's parameters, results and locals. */
export function stateVariables(program: Program): readonly SymbolTerm[] {
  const main = mainProcedure(program);
  return [...new Set([...program.globals, ...main.params, ...main.results, ...main.locals])];
}

/** The constraint that a symbol lies in its declared range; undefined where there is none. */
export function rangeConstraint(program: Program, symbol: SymbolTerm, term: Term = symbol): Term | undefined {
  const range = program.variables.get(symbol)?.range;
  if (!range) return undefined;
  const t = program.terms;
  const parts: Term[] = [];
  if (range.low !== undefined) parts.push(t.lessEqual(t.int(range.low), term));
  if (range.high !== undefined) parts.push(t.lessEqual(term, t.int(range.high)));
  return parts.length === 0 ? undefined : t.all(parts);
}

/** What stands at each location. */
export function byLocation<T extends { readonly at: LocationId }>(
  items: readonly T[],
): ReadonlyMap<LocationId, readonly T[]> {
  const map = new Map<LocationId, T[]>();
  for (const item of items) {
    const list = map.get(item.at);
    if (list) list.push(item);
    else map.set(item.at, [item]);
  }
  return map;
}
