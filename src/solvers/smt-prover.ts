import type { Budget } from '../base/budget.ts';
import type { TermFactory } from '../terms/factory.ts';
import type { SymbolRanges } from '../terms/range.ts';
import { reduction } from '../terms/rules/simplify.ts';
import type { Term } from '../terms/term.ts';
import { solveHornClauses } from './horn.ts';
import { confirmedModel } from './model-check.ts';
import type { HornReply, Prover, RefuteOptions, RefuteResult } from './prover.ts';
import type { SmtPort } from './smt-port.ts';
import type { SolverAnswer, SolverSource } from './solver.ts';

/**
 * The prover that asks SMT solvers. With more than one source, all are asked, and a
 * refutation names all that agree: two that do not share code are worth more than one (rung 3). A model settles the matter,
 * whoever found it, since evaluation has confirmed it.
 */
export class SmtProver implements Prover {
  readonly #sources: readonly SolverSource[];
  readonly #hornPort: (() => SmtPort) | undefined;

  /** `hornPort` leads to a z3 for Horn clauses, best one of its own: they may take long. */
  constructor(sources: readonly SolverSource[], hornPort?: () => SmtPort) {
    this.#sources = sources;
    this.#hornPort = hornPort;
  }

  async solveHorn(script: string, budget: Budget): Promise<HornReply> {
    if (!this.#hornPort) return { kind: 'unknown', reason: 'no solver for Horn clauses is given' };
    return solveHornClauses(this.#hornPort(), script, budget);
  }

  async refute(
    factory: TermFactory,
    formula: Term,
    budget: Budget,
    options: RefuteOptions = {},
  ): Promise<RefuteResult> {
    if (options.checkedOnly) return { kind: 'unknown', reason: 'only solvers could go on from here' };
    const ranges = options.ranges ?? new Map();
    const agreed: string[] = [];
    const reasons: string[] = [];
    for (const source of this.#sources) {
      const answer = await this.#ask(factory, source, formula, ranges, budget);
      if (answer.kind === 'refuted') agreed.push(source.name);
      else if (answer.kind === 'unknown') reasons.push(answer.reason.text);
      else {
        const values = confirmedModel(answer.model, [formula], ranges);
        if (typeof values !== 'string') return { kind: 'model', values };
        reasons.push(`the model of ${source.name} is not one: ${values}`);
      }
    }
    if (agreed.length > 0) return { kind: 'refuted', proof: { kind: 'trusted', tools: agreed } };
    return { kind: 'unknown', reason: reasons.join('; ') || 'no solver is given' };
  }

  /** The formula as it is; rewritten only where it has no translation otherwise. */
  async #ask(
    factory: TermFactory,
    source: SolverSource,
    formula: Term,
    ranges: SymbolRanges,
    budget: Budget,
  ): Promise<SolverAnswer> {
    let answer = await this.#solve(source, formula, ranges, budget);
    if (answer.kind === 'unknown' && answer.reason.kind === 'unsupported') {
      const reduced = reduction(factory, formula);
      if (reduced !== formula) answer = await this.#solve(source, reduced, ranges, budget);
    }
    return answer;
  }

  async #solve(source: SolverSource, formula: Term, ranges: SymbolRanges, budget: Budget): Promise<SolverAnswer> {
    const solver = source.open({ ranges });
    try {
      solver.assert(formula);
      return await solver.solve([], budget);
    } finally {
      await solver.close();
    }
  }
}
