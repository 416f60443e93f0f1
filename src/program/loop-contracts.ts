import type { SymbolTerm, Term } from '../terms/term.ts';
import {
  type Check,
  type Edge,
  type Location,
  type LocationId,
  mainProcedure,
  type Program,
  type Step,
} from './program.ts';
import type { Target, Task } from './question.ts';
import { weakTopologicalOrder } from './weak-topological-order.ts';

/**
 * Reads the user's loop invariants as contracts, as deductive verifiers do (Floyd 1967, [Floyd-1967]): a loop with a hint is
 * replaced by one turn from any state that satisfies the hint. The hint itself becomes a check, on entry and after the turn.
 * Then *yes* means that the hints hold and suffice, and *no* that one fails or is too weak.
 *
 * requires: the program is flat. Loops without a hint stay as they are.
 */
export function withLoopContracts(task: Task): Task {
  const { program, question } = task;
  if (question.kind !== 'always') return task;
  const hinted = new Map<LocationId, Term[]>();
  for (const hint of program.hints) {
    if (hint.kind === 'invariant') hinted.set(hint.at, [...(hinted.get(hint.at) ?? []), hint.term]);
  }
  const main = mainProcedure(program);
  const { heads, loops } = weakTopologicalOrder(program);
  const t = program.terms;
  const locations = new Map<LocationId, Location>(main.locations);
  let nextLocation = Math.max(...[...program.procedures.values()].flatMap((p) => [...p.locations.keys()])) + 1;
  let nextEdge = Math.max(...[...program.procedures.values()].flatMap((p) => p.edges.map((e) => e.id)), 0) + 1;
  let edges: Edge[] = [...main.edges];
  const checks: Check[] = [...program.checks];
  const targets: Target[] = [...question.targets];
  const place = (like: LocationId): LocationId => {
    const { origin } = locations.get(like)!;
    locations.set(nextLocation, { id: nextLocation, ...(origin ? { origin } : {}) });
    return nextLocation++;
  };
  for (const [head, invariants] of hinted) {
    if (!heads.has(head)) continue;
    const inside = (l: LocationId): boolean => loops.get(l)?.includes(head) ?? l >= nextLocation;
    const invariant = t.all(invariants);
    const changed = new Set<SymbolTerm>();
    for (const e of main.edges) {
      if (!inside(e.from) || !inside(e.to)) continue;
      for (const s of e.steps) if (s.kind === 'assign' || s.kind === 'havoc') changed.add(s.target);
    }
    const demand = (at: LocationId, when: string): void => {
      const { origin } = locations.get(head)!;
      const check: Check = {
        id: checks.length,
        kind: 'assertion',
        at,
        property: invariant,
        text: `the loop invariant holds ${when}`,
        failure: `the loop invariant fails ${when}`,
        ...(origin ? { origin } : {}),
      };
      checks.push(check);
      targets.push({ at, property: invariant, check: check.id });
    };
    const before = place(head);
    const after = place(head);
    demand(before, 'when the loop is entered');
    demand(after, 'after a turn');
    const any: Step[] = [...changed].map((target) => ({ kind: 'havoc', target }));
    edges = edges.map((e) => (e.to === head ? { ...e, to: inside(e.from) ? after : before } : e));
    edges.push({ id: nextEdge++, from: before, to: head, steps: [...any, { kind: 'assume', condition: invariant }] });
  }
  const procedures = new Map(program.procedures).set(main.name, { ...main, locations, edges });
  const contracted: Program = { ...program, procedures, checks };
  return { ...task, program: contracted, question: { ...question, targets } };
}
