import type { LocationId, Program } from '../../program/program.ts';
import { mainProcedure } from '../../program/program.ts';
import { constant, type Polynomial } from '../../terms/polynomial.ts';
import type { Formula } from '../../terms/polynomial-formula.ts';
import { Speller } from '../../terms/polynomial-spelling.ts';
import type { Sort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { defaultValue, type Value } from '../../terms/value.ts';
import type { RecurrentSetEvidence } from '../../verdict/evidence.ts';
import type { Run } from './run.ts';
import type { System } from './system.ts';

/** A set at a location with the ways to go on from it. */
export interface LocatedSet {
  readonly at: LocationId;
  readonly set: readonly Formula[];
  readonly cases: readonly {
    readonly guard: readonly Formula[];
    readonly edges: readonly number[];
    /** The inputs of the path in order, as polynomials over the state. */
    readonly inputs: readonly Polynomial[];
  }[];
}

/** A closed set at one location with the cycle that stays in it. */
export interface ClosedSet {
  readonly at: LocationId;
  readonly set: readonly Formula[];
  readonly edges: readonly number[];
  readonly inputs: readonly Polynomial[];
}

export const asLocated = ({ at, set, edges, inputs }: ClosedSet): LocatedSet => ({
  at,
  set,
  cases: [{ guard: [], edges, inputs }],
});

/** The evidence in the program's own terms; its obligations are still to be proved. */
export function recurrentSet(
  program: Program,
  system: System,
  run: Run,
  closed: readonly LocatedSet[],
): RecurrentSetEvidence {
  const t = program.terms;
  const symbolOf = (u: number): Term => {
    const symbol = system.variables[u]!;
    return symbol.sort.kind === 'bool' ? t.ite(symbol, t.int(1), t.int(0)) : symbol;
  };
  const speller = new Speller(t, symbolOf);
  const edges = new Map(mainProcedure(program).edges.map((e) => [e.id, e]));
  const targets = (path: readonly number[]): SymbolTerm[] =>
    path.flatMap((id) => edges.get(id)!.steps.flatMap((s) => (s.kind === 'havoc' ? [s.target] : [])));
  const input = (p: Polynomial, target: SymbolTerm): Term => {
    if (target.sort.kind === 'int') return speller.polynomial(p);
    if (target.sort.kind === 'bool') return t.greaterEqual(speller.polynomial(p), t.int(1));
    return t.value(defaultValue(target.sort), target.sort);
  };
  const stemTargets = targets(run.edges);
  return {
    kind: 'recurrent-set',
    stem: {
      initial: new Map(system.variables.map((s, i) => [s, asValue(run.initial[i]!, s.sort)])),
      havocs: stemTargets.map((s, i) => asValue(run.inputs[i] ?? 0n, s.sort)),
      decisions: run.edges,
    },
    stemSteps: run.edges.length,
    sets: closed.map(({ at, set, cases }) => ({
      at,
      set: t.all(set.map((f) => speller.formula(f))),
      cases: cases.map((c) => ({
        guard: t.all(c.guard.map((f) => speller.formula(f))),
        edges: c.edges,
        inputs: targets(c.edges).map((s, i) => input(c.inputs[i] ?? constant(0n), s)),
      })),
    })),
    proofs: [],
  };
}

function asValue(number: bigint, sort: Sort): Value {
  if (sort.kind === 'int') return number;
  return sort.kind === 'bool' ? number >= 1n : defaultValue(sort);
}
