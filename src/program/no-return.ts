import type { SymbolTerm, Term } from '../terms/term.ts';
import { substitute } from '../terms/traversal.ts';
import { variablesOf } from './interpreter.ts';
import { liveAtEntry } from './liveness.ts';
import { byLocation, type Edge, isFlat, type Procedure, type Program, type Step, type Variable } from './program.ts';

/**
 * Programs with recursive calls as flat ones, after Cook, Podelski and Rybalchenko 2009 ([CookPR-FMSD'09], "no return!"): a
 * call either *enters* the callee and never comes back, or is *skipped*, its results and the globals it may write being
 * any values. A run of the original that never ends, or that meets a check, follows in each frame the call that does not
 * return; so it is a run of the flat program. Proofs about the flat program hence hold for the original.
 *
 * Without skips the flat program has only real runs (those in which no call returns): for witnesses.
 *
 * A *summary* of a procedure is a formula over its parameters (their values when it is called) and its results: what holds of
 * every call that returns. A skip then assumes it. `bodyView` is the program by which a summary is proved, in the way of
 * Hoare 1971 ([Hoare-1971]): the summary of every call inside is assumed, since a call that returns has only finitely
 * many calls below it.
 *
 * Trusted: the checker makes its obligations from the result. Deterministic in its input.
 */
export type Summaries = ReadonlyMap<string, Term>;

export function withoutReturns(
  program: Program,
  options: { readonly skip: boolean; readonly summaries?: Summaries },
): Program {
  if (isFlat(program)) return program;
  const main = program.procedures.get(program.main)!;
  const variables = new Map(program.variables);
  const reached = calledFrom(program, main);
  const locals = new Set<SymbolTerm>([...main.locals]);
  const locations = new Map(main.locations);
  for (const procedure of reached) {
    for (const [id, location] of procedure.locations) locations.set(id, location);
    if (procedure !== main) for (const s of variablesOf(procedure)) locals.add(s);
  }
  let nextEdge = 0;
  for (const p of program.procedures.values()) for (const e of p.edges) nextEdge = Math.max(nextEdge, e.id + 1);
  const edges: Edge[] = [];
  const temporary = (like: SymbolTerm): SymbolTerm => {
    const symbol = declareLike(program, variables, like, '^');
    locals.add(symbol);
    return symbol;
  };
  const live = new Map<Procedure, readonly SymbolTerm[]>();
  for (const procedure of reached) {
    const needed = liveAtEntry(procedure, byLocation(program.checks), byLocation(program.events));
    live.set(
      procedure,
      [...procedure.locals, ...procedure.results].filter((s) => needed.has(s)),
    );
  }
  for (const procedure of reached) {
    for (const edge of procedure.edges) {
      const at = edge.steps.findIndex((s) => s.kind === 'call');
      if (at < 0) {
        edges.push(edge);
        continue;
      }
      const before = edge.steps.slice(0, at);
      const call = edge.steps[at] as Extract<Step, { kind: 'call' }>;
      const callee = program.procedures.get(call.callee)!;
      const origin = edge.origin ? { origin: edge.origin } : {};
      // All arguments are evaluated before any parameter changes: the callee may be the caller itself.
      const temporaries = callee.params.map(temporary);
      const enter: Step[] = [
        ...before,
        ...temporaries.map((target, i): Step => ({ kind: 'assign', target, value: call.args[i]! })),
        ...callee.params.map((target, i): Step => ({ kind: 'assign', target, value: temporaries[i]! })),
        ...live.get(callee)!.map((target): Step => ({ kind: 'havoc', target })),
      ];
      edges.push({ id: nextEdge++, from: edge.from, to: callee.entry, steps: enter, ...origin });
      if (!options.skip) continue;
      const skip = skipped(program, edge, at, options.summaries, temporary);
      edges.push({ id: nextEdge++, from: edge.from, to: edge.to, steps: skip, ...origin });
    }
  }
  const flat: Procedure = { ...main, locals: [...locals], locations, edges };
  return { ...program, variables, procedures: new Map([[main.name, flat]]) };
}

/** The steps of an edge with the call among them skipped: its results, and the globals it may write, are any that fit its summary. */
function skipped(
  program: Program,
  edge: Edge,
  at: number,
  summaries: Summaries | undefined,
  temporary: (like: SymbolTerm) => SymbolTerm,
): Step[] {
  const call = edge.steps[at] as Extract<Step, { kind: 'call' }>;
  const callee = program.procedures.get(call.callee)!;
  const rest = edge.steps.slice(at + 1);
  if (rest.some((s) => s.kind === 'call')) throw new Error('two calls on one edge: lower them on edges of their own');
  const steps: Step[] = edge.steps.slice(0, at);
  const summary = summaries?.get(callee.name);
  const known = new Map<SymbolTerm, Term>();
  if (summary) {
    // The arguments are those before the call: its results may go into the variables they are made of.
    for (const [i, param] of callee.params.entries()) {
      const target = temporary(param);
      known.set(param, target);
      steps.push({ kind: 'assign', target, value: call.args[i]! });
    }
  }
  for (const target of new Set([...call.results, ...globalsWritten(program, callee)])) {
    steps.push({ kind: 'havoc', target });
  }
  if (summary) {
    // A result that nobody takes has some value too.
    for (const [i, result] of callee.results.entries()) {
      const taken = call.results[i];
      if (taken) known.set(result, taken);
      else {
        const target = temporary(result);
        known.set(result, target);
        steps.push({ kind: 'havoc', target });
      }
    }
    steps.push({ kind: 'assume', condition: substitute(program.terms, summary, known) });
  }
  return [...steps, ...rest];
}

/** The flat program whose every run that ends at the exit of a procedure is a call of it that returns; `before` holds its arguments. */
export interface BodyView {
  readonly program: Program;
  /** For each parameter, the variable that keeps its value at the call. */
  readonly before: ReadonlyMap<SymbolTerm, SymbolTerm>;
}

export function bodyView(program: Program, name: string, summaries: Summaries): BodyView {
  const procedure = program.procedures.get(name)!;
  const variables = new Map(program.variables);
  const locals = new Set<SymbolTerm>(procedure.locals);
  const declare = (like: SymbolTerm, mark: string): SymbolTerm => {
    const symbol = declareLike(program, variables, like, mark);
    locals.add(symbol);
    return symbol;
  };
  const before = new Map(procedure.params.map((p) => [p, declare(p, '^0')]));
  let nextEdge = 0;
  let entry = 0;
  for (const p of program.procedures.values()) {
    for (const e of p.edges) nextEdge = Math.max(nextEdge, e.id + 1);
    for (const l of p.locations.keys()) entry = Math.max(entry, l + 1);
  }
  const keep = procedure.params.map((p): Step => ({ kind: 'assign', target: before.get(p)!, value: p }));
  const edges: Edge[] = [{ id: nextEdge, from: entry, to: procedure.entry, steps: keep }];
  for (const edge of procedure.edges) {
    const at = edge.steps.findIndex((s) => s.kind === 'call');
    if (at < 0) edges.push(edge);
    else edges.push({ ...edge, steps: skipped(program, edge, at, summaries, (like) => declare(like, '^')) });
  }
  const locations = new Map(procedure.locations).set(entry, { id: entry });
  const flat: Procedure = { ...procedure, locals: [...locals], locations, edges, entry };
  return { program: { ...program, variables, procedures: new Map([[name, flat]]), main: name }, before };
}

function declareLike(
  program: Program,
  variables: Map<SymbolTerm, Variable>,
  like: SymbolTerm,
  mark: string,
): SymbolTerm {
  const symbol = program.terms.symbol(`${like.name}${mark}`, like.sort);
  const range = variables.get(like)?.range;
  variables.set(symbol, {
    name: symbol.name,
    role: 'temporary',
    internal: true,
    symbol,
    ...(range ? { range } : {}),
  });
  return symbol;
}

/** Main and what is called from it, each once, main first. */
function calledFrom(program: Program, main: Procedure): Procedure[] {
  const found = new Set([main]);
  for (const procedure of found) {
    for (const edge of procedure.edges) {
      for (const step of edge.steps) if (step.kind === 'call') found.add(program.procedures.get(step.callee)!);
    }
  }
  return [...found];
}

/** The globals that a procedure, or what it calls, may write. */
function globalsWritten(program: Program, procedure: Procedure): SymbolTerm[] {
  const globals = new Set(program.globals);
  const written = new Set<SymbolTerm>();
  for (const p of calledFrom(program, procedure)) {
    for (const edge of p.edges) {
      for (const step of edge.steps) {
        if ((step.kind === 'assign' || step.kind === 'havoc') && globals.has(step.target)) written.add(step.target);
        if (step.kind === 'call') for (const r of step.results) if (globals.has(r)) written.add(r);
      }
    }
  }
  return [...written];
}

/** The flat program that proofs about a program are made for: the program itself where it is flat. */
export const proofView = (program: Program, summaries?: Summaries): Program =>
  withoutReturns(program, { skip: true, ...(summaries ? { summaries } : {}) });

/** The flat program whose runs are runs of the program. */
export const witnessView = (program: Program): Program => withoutReturns(program, { skip: false });
