import type { Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { Unwinding } from '../../program/unwinding.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import type { Value } from '../../terms/value.ts';
import type { Proof } from '../../verdict/proof.ts';
import { metObligations } from '../../verdict/unwinding-check.ts';
import type { Tools } from '../engine.ts';

export type Look =
  | { readonly kind: 'none' }
  | { readonly kind: 'model'; readonly values: ReadonlyMap<SymbolTerm, Value> }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Steps for one target with deciders whose proofs can be checked, and for all targets of one bound. */
const stepsPerTarget = 4_000;
const stepsPerBound = 40_000;
/** Larger conditions go to a solver at once. In distinct subterms. */
const largestChecked = 500;

/**
 * Refutes the conditions under which an unwinding meets targets, over growing bounds. A condition that was refuted at one
 * bound comes up again as the same term at the next, and is not asked again. First each target alone with deciders whose
 * proofs are checked, then all that is open in one question to a solver; only where that does not settle it, one by one.
 */
export class Refutations {
  readonly #program: Program;
  readonly #targets: readonly Target[];
  readonly #tools: Tools;
  /** Refuted conditions, and which tools said so: none where a proof was found. */
  readonly #refuted = new Map<Term, readonly string[]>();

  constructor(program: Program, targets: readonly Target[], tools: Tools) {
    this.#program = program;
    this.#targets = targets;
    this.#tools = tools;
  }

  async look(unwinding: Unwinding): Promise<Look> {
    const t = this.#program.terms;
    const { prover, budget } = this.#tools;
    const cheap = budget.share({ stepLimit: stepsPerBound });
    const open: { readonly target: Target; readonly conditions: readonly Term[] }[] = [];
    for (const [target, conditions] of this.#unsettled(unwinding)) {
      if (!budget.open) return { kind: 'unknown', reason: 'the budget is used up' };
      const formula = this.#formula(unwinding, conditions);
      const steps = cheap.share({ stepLimit: stepsPerTarget });
      const small = cheap.open && subterms([formula]).length <= largestChecked;
      const found = small ? await prover.refute(t, formula, steps, { checkedOnly: true }) : undefined;
      if (found?.kind === 'model') return found;
      if (found?.kind === 'refuted') this.#note(conditions, []);
      else open.push({ target, conditions });
    }
    if (open.length === 0) return { kind: 'none' };
    const together = await this.#ask(
      unwinding,
      open.flatMap((o) => o.conditions),
      open.length > 1 ? 0.3 : 1,
    );
    if (together.kind !== 'unknown' || open.length === 1) return together;
    let unknown: Look = { kind: 'none' };
    for (const [i, { conditions }] of open.entries()) {
      if (!budget.open) return together;
      const alone = await this.#ask(unwinding, conditions, 1 / (open.length - i));
      if (alone.kind === 'model') return alone;
      if (alone.kind === 'unknown') unknown = alone;
    }
    return unknown;
  }

  /** Proofs of the obligations about targets. requires: `look` at this unwinding gave `none`. */
  async proofs(unwinding: Unwinding): Promise<readonly Proof[] | undefined> {
    const { prover, budget } = this.#tools;
    const byTarget = new Map<Target, Term[]>();
    for (const m of unwinding.met) byTarget.set(m.target, [...(byTarget.get(m.target) ?? []), m.condition]);
    const obligations = metObligations(this.#program, this.#targets, unwinding);
    const met = this.#targets.filter((target) => byTarget.has(target));
    const result: Proof[] = [];
    for (const [i, { refute }] of obligations.entries()) {
      const tools = byTarget.get(met[i]!)!.map((c) => this.#refuted.get(c)!);
      const asked = tools.filter((names) => names.length > 0);
      // Each part was refuted by these tools or has a proof; so the whole is refuted by those that all parts name.
      const agreed = (asked[0] ?? []).filter((name) => asked.every((names) => names.includes(name)));
      if (agreed.length > 0) {
        result.push({ kind: 'trusted', tools: agreed });
        continue;
      }
      const found = await prover.refute(this.#program.terms, refute, budget);
      if (found.kind !== 'refuted') return undefined;
      result.push(found.proof);
    }
    return result;
  }

  async #ask(unwinding: Unwinding, conditions: readonly Term[], part: number): Promise<Look> {
    const { prover, budget } = this.#tools;
    const share = budget.share({ timeoutMs: budget.remainingMs * part });
    const found = await prover.refute(this.#program.terms, this.#formula(unwinding, conditions), share);
    if (found.kind !== 'refuted') return found;
    this.#note(conditions, found.proof.kind === 'trusted' ? found.proof.tools : []);
    return { kind: 'none' };
  }

  #note(conditions: readonly Term[], tools: readonly string[]): void {
    for (const c of conditions) this.#refuted.set(c, tools);
  }

  #unsettled(unwinding: Unwinding): Map<Target, Term[]> {
    const result = new Map<Target, Term[]>();
    for (const { target, condition } of unwinding.met) {
      if (this.#refuted.has(condition)) continue;
      const list = result.get(target);
      if (list) list.push(condition);
      else result.set(target, [condition]);
    }
    return result;
  }

  #formula(unwinding: Unwinding, conditions: readonly Term[]): Term {
    const t = this.#program.terms;
    const any = t.any(conditions);
    return t.all([...freeSymbols([any]).flatMap((s) => unwinding.ranges.get(s) ?? []), any]);
  }
}
