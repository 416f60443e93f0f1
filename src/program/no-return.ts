import type { SymbolTerm } from '../terms/term.ts';
import { variablesOf } from './interpreter.ts';
import { liveAtEntry } from './liveness.ts';
import {
  type Edge,
  isFlat,
  type LocationId,
  type Procedure,
  type Program,
  type Step,
  type Variable,
} from './program.ts';

/**
 * Programs with recursive calls as flat ones, after Cook, Podelski and Rybalchenko 2009 ([CookPR-FMSD'09], "no return!"): a
 * call either *enters* the callee and never comes back, or is *skipped*, its results and the globals it may write being
 * any values. A run of the original that never ends, or that meets a check, follows in each frame the call that does not
 * return; so it is a run of the flat program. Proofs about the flat program hence hold for the original.
 *
 * Without skips the flat program has only real runs (those in which no call returns): for witnesses.
 *
 * Trusted: the checker makes its obligations from the result. Deterministic in its input.
 */
export function withoutReturns(program: Program, options: { readonly skip: boolean }): Program {
  if (isFlat(program)) return program;
  const t = program.terms;
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
    const symbol = t.symbol(`${like.name}^`, like.sort);
    const known = variables.get(like);
    const made: Variable = {
      name: symbol.name,
      role: 'temporary',
      internal: true,
      symbol,
      ...(known?.range ? { range: known.range } : {}),
    };
    variables.set(symbol, made);
    locals.add(symbol);
    return symbol;
  };
  const live = new Map<Procedure, readonly SymbolTerm[]>();
  for (const procedure of reached) {
    const needed = liveAtEntry(procedure, group(program.checks), group(program.events));
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
      const changed = [...new Set([...call.results, ...globalsWritten(program, callee)])];
      const rest = edge.steps.slice(at + 1);
      if (rest.some((s) => s.kind === 'call'))
        throw new Error('two calls on one edge: lower them on edges of their own');
      const skip: Step[] = [...before, ...changed.map((target): Step => ({ kind: 'havoc', target })), ...rest];
      edges.push({ id: nextEdge++, from: edge.from, to: edge.to, steps: skip, ...origin });
    }
  }
  const flat: Procedure = { ...main, locals: [...locals], locations, edges };
  return { ...program, variables, procedures: new Map([[main.name, flat]]) };
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

function group<T extends { readonly at: LocationId }>(items: readonly T[]): ReadonlyMap<LocationId, readonly T[]> {
  const map = new Map<LocationId, T[]>();
  for (const item of items) map.set(item.at, [...(map.get(item.at) ?? []), item]);
  return map;
}

/** The flat program that proofs about a program are made for: the program itself where it is flat. */
export const proofView = (program: Program): Program => withoutReturns(program, { skip: true });

/** The flat program whose runs are runs of the program. */
export const witnessView = (program: Program): Program => withoutReturns(program, { skip: false });
