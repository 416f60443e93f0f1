import type { Budget } from '../base/budget.ts';
import type { TermFactory } from '../terms/factory.ts';
import { Folder } from '../terms/fold.ts';
import { isQuantified, withoutQuantifiers } from '../terms/instances.ts';
import { reduction } from '../terms/rules/simplify.ts';
import { isFalse, type Term } from '../terms/term.ts';
import { subterms } from '../terms/traversal.ts';
import { prove } from './linear/prove.ts';
import { confirmedModel } from './model-check.ts';
import type { HornReply, Prover, RefuteOptions, RefuteResult } from './prover.ts';

/**
 * Deciders one after another, cheapest and most checkable first: folding, exact linear arithmetic with proofs (rung 2), both
 * again after rewriting (wraps that ranges show idle, choices, arrays), then whatever solver is given (rung 3 or 4), which is loaded only when it is reached.
 */
export class ProverChain implements Prover {
  readonly #fallback: (() => Promise<Prover>) | undefined;
  #loaded: Promise<Prover> | undefined;
  /** Steps for linear arithmetic before a solver is asked. */
  readonly #linearSteps: number;
  #breathedMs = 0;

  constructor(fallback?: () => Promise<Prover>, linearSteps = 20_000) {
    this.#fallback = fallback;
    this.#linearSteps = linearSteps;
  }

  async refute(
    factory: TermFactory,
    formula: Term,
    budget: Budget,
    options: RefuteOptions = {},
  ): Promise<RefuteResult> {
    await this.#breathe(budget);
    if (isQuantified(formula)) return this.#refuteQuantified(factory, formula, budget, options);
    const folded = new Folder(factory).fold(formula);
    if (isFalse(folded)) return { kind: 'refuted', proof: { kind: 'folding' } };
    const limited = this.#fallback !== undefined && !options.checkedOnly;
    const large = limited && subterms([formula]).length > largestRewritten;
    const stepLimit = large ? this.#linearSteps / 10 : this.#linearSteps;
    const linear = prove(formula, limited ? budget.share({ stepLimit }) : budget);
    if (linear.kind === 'refuted') return { kind: 'refuted', proof: { kind: 'arithmetic', proof: linear.proof } };
    if (linear.kind === 'model') return linear;
    if (!large) {
      const share = limited ? budget.share({ stepLimit: this.#linearSteps }) : budget;
      const rewritten = rewriteAndProve(factory, formula, share);
      if (rewritten) return rewritten;
    }
    if (!limited || !budget.open) return linear;
    this.#loaded ??= this.#fallback!();
    const solver = await this.#loaded;
    return solver.refute(factory, formula, budget, options);
  }

  /** By its instances. A model of these need not be one of the formula. */
  async #refuteQuantified(
    factory: TermFactory,
    formula: Term,
    budget: Budget,
    options: RefuteOptions,
  ): Promise<RefuteResult> {
    const instances = withoutQuantifiers(factory, formula);
    if (!instances) return { kind: 'unknown', reason: 'its quantifiers are out of reach' };
    const found = await this.refute(factory, instances, budget, options);
    if (found.kind === 'refuted') return { kind: 'refuted', proof: { kind: 'instances', rest: found.proof } };
    return found.kind === 'unknown' ? found : { kind: 'unknown', reason: 'its instances do not refute it' };
  }

  async solveHorn(script: string, budget: Budget): Promise<HornReply> {
    if (!this.#fallback) return { kind: 'unknown', reason: 'no solver is given' };
    this.#loaded ??= this.#fallback();
    const solver = await this.#loaded;
    return solver.solveHorn?.(script, budget) ?? { kind: 'unknown', reason: 'no solver for Horn clauses is given' };
  }

  /** Lets the event loop turn now and then: other engines' turns, solvers' replies and Ctrl-C must get through. */
  async #breathe(budget: Budget): Promise<void> {
    const nowMs = budget.now();
    if (nowMs - this.#breathedMs < breathMs) return;
    this.#breathedMs = nowMs;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** How long questions may be answered without a look at anything else. */
const breathMs = 10;

/** Larger formulas go to a solver, if there is one, without being rewritten first. In distinct subterms. */
const largestRewritten = 600;

/** What the rules make of the formula, refuted; or a model of it that is one of the formula too. */
function rewriteAndProve(factory: TermFactory, formula: Term, budget: Budget): RefuteResult | undefined {
  if (!budget.open) return undefined;
  const reduced = reduction(factory, formula);
  if (isFalse(reduced)) return { kind: 'refuted', proof: { kind: 'rewriting' } };
  if (reduced === formula) return undefined;
  const linear = prove(reduced, budget);
  if (linear.kind === 'refuted') {
    return { kind: 'refuted', proof: { kind: 'rewriting', rest: { kind: 'arithmetic', proof: linear.proof } } };
  }
  if (linear.kind === 'unknown') return undefined;
  const values = confirmedModel(linear.values, [formula], new Map());
  return typeof values === 'string' ? undefined : { kind: 'model', values };
}
