import { type BodyView, bodyView, type Summaries } from '../../program/no-return.ts';
import { PathEncoder, pathsBetween, stateRanges } from '../../program/path.ts';
import { isFlat, type LocationId, type Procedure, type Program } from '../../program/program.ts';
import { evaluate } from '../../terms/evaluate.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { substitute } from '../../terms/traversal.ts';
import { defaultValue, type Value } from '../../terms/value.ts';
import type { Progress } from '../../verdict/claim.ts';
import type { Contract } from '../../verdict/contracts.ts';
import { annotatedLocations } from '../abstract-interpretation/engine.ts';
import { interpretAbstractly } from '../abstract-interpretation/fixpoint.ts';
import type { Tools } from '../engine.ts';
import { contractCandidates } from './contract-candidates.ts';

/**
 * Contracts of the procedures that are called: of the candidates, the largest part that their bodies keep when all of them are
 * assumed of the calls inside (Houdini over procedures, [FlanaganL-FME'01]). Loops in bodies get the invariants that
 * abstract interpretation finds. Results are claims: whoever uses them proves their obligations.
 */
export async function* inferContracts(
  program: Program,
  tools: Tools,
): AsyncGenerator<Progress, readonly Contract[], void> {
  if (isFlat(program)) return [];
  const t = program.terms;
  const kept = new Map<string, Term[]>();
  for (const procedure of calledProcedures(program)) {
    yield { text: `guessing what ${procedure.name} returns` };
    const results = new Set<SymbolTerm>(procedure.results);
    if (procedure.params.some((p) => results.has(p))) continue;
    kept.set(procedure.name, contractCandidates(program, procedure, tools.seed));
  }
  const summaries = (): Summaries => new Map([...kept].filter(([, c]) => c.length > 0).map(([n, c]) => [n, t.all(c)]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [name, candidates] of kept) {
      if (candidates.length === 0) continue;
      const body = new Body(program, name, summaries(), tools);
      if (!body.usable) {
        kept.set(name, []);
        changed = true;
        break;
      }
      yield { text: `checking what ${name} returns` };
      const lost = await body.lost(candidates);
      if (!tools.budget.open) return [];
      if (lost.size === 0) continue;
      changed = true;
      kept.set(
        name,
        candidates.filter((c) => !lost.has(c)),
      );
    }
  }
  for (const [name, candidates] of kept) kept.set(name, await withoutImplied(program, candidates, tools));
  const found = summaries();
  const contracts: Contract[] = [];
  for (const [procedure, summary] of found) {
    const at = new Body(program, procedure, found, tools).at;
    if (at) contracts.push({ procedure, summary, at });
  }
  return contracts;
}

function calledProcedures(program: Program): Procedure[] {
  const names = new Set<string>();
  for (const p of program.procedures.values()) {
    for (const e of p.edges) for (const s of e.steps) if (s.kind === 'call') names.add(s.callee);
  }
  return [...names].map((n) => program.procedures.get(n)!);
}

const mostPaths = 600;
const stepsPerQuery = 20_000;

/** The body of a procedure with invariants, and its ways to the exit. */
class Body {
  readonly #view: BodyView;
  readonly #tools: Tools;
  /** Conjuncts that hold at the exit after a way there, and what is needed to speak of that moment. */
  readonly #ends: { readonly before: readonly Term[]; readonly after: (term: Term) => Term }[] = [];
  readonly at: ReadonlyMap<LocationId, Term> | undefined;
  readonly usable: boolean = false;

  constructor(program: Program, name: string, summaries: Summaries, tools: Tools) {
    this.#tools = tools;
    this.#view = bodyView(program, name, summaries);
    const flat = this.#view.program;
    const locations = annotatedLocations(flat);
    const { entry, exit } = flat.procedures.get(name)!;
    if (locations.length === 1) this.at = new Map([[entry, program.terms.true]]);
    else {
      const abstract = interpretAbstractly(flat, tools.budget.share({ stepLimit: 2_000_000 }));
      if (!abstract) return;
      this.at = new Map(locations.map((l) => [l, l === entry ? program.terms.true : abstract.invariant(l)]));
    }
    const found = pathsBetween(flat, locations, new Set(locations), mostPaths);
    if (found.kind !== 'paths') return;
    this.usable = true;
    const encoder = new PathEncoder(flat);
    const ranges = stateRanges(flat);
    for (const stop of [...found.stops, ...found.paths]) {
      if (stop.to !== exit) continue;
      const path = encoder.encode(stop);
      const before = [...ranges, this.at.get(stop.from)!, ...path.condition];
      this.#ends.push({ before, after: (term) => encoder.after(path, term) });
    }
  }

  /** The candidates that some way to the exit is not seen to keep. */
  async lost(candidates: readonly Term[]): Promise<Set<Term>> {
    const t = this.#view.program.terms;
    const { prover, budget } = this.#tools;
    const lost = new Set<Term>();
    for (const { before, after } of this.#ends) {
      const goals = new Map(candidates.map((c) => [c, after(substitute(t, c, this.#view.before))]));
      for (const [c, goal] of goals) {
        if (lost.has(c)) continue;
        const share = budget.share({ stepLimit: stepsPerQuery });
        const result = await prover.refute(t, t.all([...before, t.not(goal)]), share, { checkedOnly: true });
        if (result.kind === 'refuted') continue;
        lost.add(c);
        if (result.kind !== 'model') continue;
        for (const [other, g] of goals) if (!lost.has(other) && isFalseIn(g, result.values)) lost.add(other);
      }
    }
    return lost;
  }
}

function isFalseIn(term: Term, values: ReadonlyMap<SymbolTerm, Value>): boolean {
  try {
    return evaluate(term, (s) => values.get(s) ?? defaultValue(s.sort)) === false;
  } catch {
    return false;
  }
}

/** Without what follows from the rest; guarded and later ones go first. */
async function withoutImplied(program: Program, candidates: readonly Term[], tools: Tools): Promise<Term[]> {
  const t = program.terms;
  let rest = [...candidates];
  const guarded = (c: Term): number => (c.kind === 'apply' && c.op === 'implies' ? 0 : 1);
  for (const c of [...candidates].reverse().sort((a, b) => guarded(a) - guarded(b))) {
    const others = rest.filter((o) => o !== c);
    const share = tools.budget.share({ stepLimit: stepsPerQuery });
    const result = await tools.prover.refute(t, t.all([...others, t.not(c)]), share, { checkedOnly: true });
    if (result.kind === 'refuted') rest = others;
  }
  return rest;
}
