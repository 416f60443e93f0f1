import type { Budget } from '../base/budget.ts';
import { evaluate, NotEvaluable } from '../terms/evaluate.ts';
import { EvaluationLimit } from '../terms/operator.ts';
import { impliedRanges, type SymbolRanges } from '../terms/range.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols } from '../terms/traversal.ts';
import type { Value } from '../terms/value.ts';
import { type Solver, type SolverAnswer, type SolverOptions, unknown } from './solver.ts';

/**
 * The plainest solver there is: it tries every state. For formulas whose symbols are Bool or Int in small ranges; a
 * reference for tests of the others, and quick where there are few states. One step of the budget a state.
 */
export class EnumeratingSolver implements Solver {
  readonly name = 'enumeration';
  readonly #ranges: SymbolRanges;
  readonly #frames: Term[][] = [[]];

  constructor(options: SolverOptions = {}) {
    this.#ranges = options.ranges ?? new Map();
  }

  assert(formula: Term): void {
    if (formula.sort.kind !== 'bool') throw new Error('only formulas can be asserted');
    this.#frames[this.#frames.length - 1]!.push(formula);
  }

  push(): void {
    this.#frames.push([]);
  }

  pop(): void {
    if (this.#frames.length === 1) throw new Error('pop without push');
    this.#frames.pop();
  }

  async solve(assuming: readonly Term[], budget: Budget): Promise<SolverAnswer> {
    const formulas = [...this.#frames.flat(), ...assuming];
    const implied = impliedRanges(formulas);
    const symbols = freeSymbols(formulas);
    const domains: { readonly first: bigint; readonly size: bigint }[] = [];
    for (const symbol of symbols) {
      const domain = domainOf(symbol, [this.#ranges.get(symbol) ?? {}, implied.get(symbol) ?? {}]);
      if (!domain) return unknown('unsupported', `${symbol.name} has no bounds`);
      domains.push(domain);
    }
    const state = new Map<SymbolTerm, Value>();
    const offsets = domains.map(() => 0n);
    if (domains.some((d) => d.size <= 0n)) return { kind: 'refuted' };
    try {
      for (;;) {
        if (!budget.spend() || budget.expired) return unknown('budget', 'too many states to try them all');
        symbols.forEach((s, i) => {
          const value = domains[i]!.first + offsets[i]!;
          state.set(s, s.sort.kind === 'bool' ? value === 1n : value);
        });
        if (formulas.every((f) => evaluate(f, (s) => state.get(s)) === true)) return { kind: 'model', model: state };
        let i = 0;
        while (i < offsets.length && ++offsets[i]! === domains[i]!.size) offsets[i++] = 0n;
        if (i === offsets.length) return { kind: 'refuted' };
      }
    } catch (error) {
      if (error instanceof NotEvaluable || error instanceof EvaluationLimit)
        return unknown('unsupported', error.message);
      throw error;
    }
  }

  async close(): Promise<void> {}
}

function domainOf(symbol: SymbolTerm, ranges: readonly { low?: bigint | undefined; high?: bigint | undefined }[]) {
  if (symbol.sort.kind === 'bool') return { first: 0n, size: 2n };
  if (symbol.sort.kind !== 'int') return undefined;
  let low: bigint | undefined;
  let high: bigint | undefined;
  for (const r of ranges) {
    if (r.low !== undefined && (low === undefined || r.low > low)) low = r.low;
    if (r.high !== undefined && (high === undefined || r.high < high)) high = r.high;
  }
  return low === undefined || high === undefined ? undefined : { first: low, size: high - low + 1n };
}
