import type { Edge, LocationId, Procedure, Program, Step } from '../../../program/program.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { freeSymbols, substitute } from '../../../terms/traversal.ts';

/**
 * Copy propagation: what lowering kept in a temporary is put back where it is used, as long as nothing that it was computed
 * from has changed in between. Reads of memory leave many such temporaries; without them conditions speak of the user's own
 * variables again. A temporary that nobody reads any more is dropped.
 *
 * Forward data flow of available copies [Aho-Lam-Sethi-Ullman, 9.2]; terms that would grow large stay where they are.
 */
export function withoutCopies(program: Program): Program {
  const procedures = new Map<string, Procedure>();
  const rewritten = new Map<LocationId, ReadonlyMap<SymbolTerm, Term>>();
  for (const [name, procedure] of program.procedures) {
    const { edges, before } = propagate(program, procedure);
    for (const [at, copies] of before) rewritten.set(at, copies);
    procedures.set(name, { ...procedure, edges });
  }
  const now = (at: LocationId, term: Term): Term => put(program, term, rewritten.get(at) ?? new Map());
  const next: Program = {
    ...program,
    procedures,
    checks: program.checks.map((c) => ({
      ...c,
      property: now(c.at, c.property),
      ...(c.address ? { address: now(c.at, c.address) } : {}),
    })),
    events: program.events.map((e) => ({ ...e, args: e.args.map((a) => now(e.at, a)) })),
    hints: program.hints.map((h) => ({ ...h, term: now(h.at, h.term) })),
  };
  return withoutUnread(next);
}

type Copies = ReadonlyMap<SymbolTerm, Term>;

const largestDepth = 12;

function put(program: Program, term: Term, copies: Copies): Term {
  if (copies.size === 0) return term;
  const used = new Map<Term, Term>();
  for (const s of freeSymbols([term])) {
    const copy = copies.get(s);
    if (copy) used.set(s, copy);
  }
  return used.size === 0 ? term : substitute(program.terms, term, used);
}

function propagate(program: Program, procedure: Procedure): { edges: Edge[]; before: Map<LocationId, Copies> } {
  const isTemporary = (s: SymbolTerm): boolean => {
    const variable = program.variables.get(s);
    return variable?.role === 'temporary' && variable.internal === true;
  };
  const symbolsOf = new Map<Term, ReadonlySet<SymbolTerm>>();
  const symbols = (term: Term): ReadonlySet<SymbolTerm> => {
    let set = symbolsOf.get(term);
    if (!set) {
      set = new Set(freeSymbols([term]));
      symbolsOf.set(term, set);
    }
    return set;
  };
  const forget = (copies: Map<SymbolTerm, Term>, changed: SymbolTerm): void => {
    copies.delete(changed);
    for (const [s, term] of copies) if (symbols(term).has(changed)) copies.delete(s);
  };
  const globals = new Set(program.globals);
  const carry = (copies: Map<SymbolTerm, Term>, steps: readonly Step[], out?: Step[]): void => {
    for (const step of steps) {
      switch (step.kind) {
        case 'assign': {
          const value = put(program, step.value, copies);
          out?.push({ ...step, value });
          forget(copies, step.target);
          if (isTemporary(step.target) && value.depth <= largestDepth && !symbols(value).has(step.target))
            copies.set(step.target, value);
          break;
        }
        case 'havoc':
          out?.push(step);
          forget(copies, step.target);
          break;
        case 'assume':
          out?.push({ ...step, condition: put(program, step.condition, copies) });
          break;
        case 'call':
          out?.push({ ...step, args: step.args.map((a) => put(program, a, copies)) });
          for (const r of step.results) forget(copies, r);
          for (const [s, term] of copies) {
            if (globals.has(s) || [...symbols(term)].some((x) => globals.has(x))) copies.delete(s);
          }
          break;
      }
    }
  };
  const out = new Map<LocationId, Edge[]>();
  for (const edge of procedure.edges) {
    const list = out.get(edge.from);
    if (list) list.push(edge);
    else out.set(edge.from, [edge]);
  }
  // Optimistic: a location that has not been reached has every copy, so the first arrival gives its copies.
  const before = new Map<LocationId, Map<SymbolTerm, Term>>([[procedure.entry, new Map()]]);
  const work = new Set<LocationId>([procedure.entry]);
  for (const at of work) {
    work.delete(at);
    for (const edge of out.get(at) ?? []) {
      const copies = new Map(before.get(at)!);
      carry(copies, edge.steps);
      const known = before.get(edge.to);
      if (!known) {
        before.set(edge.to, copies);
        work.add(edge.to);
        continue;
      }
      let changed = false;
      for (const [s, term] of known) {
        if (copies.get(s) === term) continue;
        known.delete(s);
        changed = true;
      }
      if (changed) work.add(edge.to);
    }
  }
  const edges = procedure.edges.map((edge) => {
    const copies = new Map(before.get(edge.from) ?? []);
    if (copies.size === 0 && !edge.steps.some((s) => s.kind === 'assign' && isTemporary(s.target))) return edge;
    const steps: Step[] = [];
    carry(copies, edge.steps, steps);
    return { ...edge, steps };
  });
  return { edges, before };
}

/** Drops assignments and havocs of internal temporaries that nothing reads, until none is left. */
function withoutUnread(program: Program): Program {
  const removable = (s: SymbolTerm): boolean => {
    const variable = program.variables.get(s);
    return variable?.role === 'temporary' && variable.internal === true;
  };
  const uses = new Map<SymbolTerm, number>();
  const count = (term: Term, by: number): void => {
    for (const s of freeSymbols([term])) uses.set(s, (uses.get(s) ?? 0) + by);
  };
  for (const c of program.checks) {
    count(c.property, 1);
    if (c.address) count(c.address, 1);
  }
  for (const e of program.events) for (const a of e.args) count(a, 1);
  for (const h of program.hints) count(h.term, 1);
  const assignments = new Map<SymbolTerm, Term[]>();
  for (const p of program.procedures.values()) {
    for (const edge of p.edges) {
      for (const step of edge.steps) {
        if (step.kind === 'assign') {
          count(step.value, 1);
          if (removable(step.target))
            assignments.set(step.target, [...(assignments.get(step.target) ?? []), step.value]);
        } else if (step.kind === 'assume') count(step.condition, 1);
        else if (step.kind === 'call') {
          for (const a of step.args) count(a, 1);
          for (const r of step.results) uses.set(r, (uses.get(r) ?? 0) + 1);
        }
      }
    }
  }
  const dead = new Set<SymbolTerm>();
  const work = [...program.variables.keys()].filter((s) => removable(s) && !uses.get(s));
  for (let s = work.pop(); s; s = work.pop()) {
    if (dead.has(s)) continue;
    dead.add(s);
    for (const value of assignments.get(s) ?? []) {
      count(value, -1);
      for (const other of freeSymbols([value])) if (removable(other) && !uses.get(other)) work.push(other);
    }
  }
  if (dead.size === 0) return program;
  const procedures = new Map<string, Procedure>();
  for (const [name, p] of program.procedures) {
    const gone = (step: Step): boolean =>
      (step.kind === 'assign' && dead.has(step.target)) ||
      (step.kind === 'havoc' && step.input === undefined && dead.has(step.target));
    const edges = p.edges.map((edge) =>
      edge.steps.some(gone) ? { ...edge, steps: edge.steps.filter((s) => !gone(s)) } : edge,
    );
    const stays = (s: SymbolTerm): boolean => !dead.has(s) || p.results.includes(s);
    const inputs = new Set<SymbolTerm>();
    for (const edge of edges) for (const step of edge.steps) if (step.kind === 'havoc') inputs.add(step.target);
    procedures.set(name, { ...p, edges, locals: p.locals.filter((s) => stays(s) || inputs.has(s)) });
  }
  return { ...program, procedures };
}
