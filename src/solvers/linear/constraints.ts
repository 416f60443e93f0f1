import { type Rational, rational } from '../../base/rational.ts';
import { type Int, toBigInt } from './integer.ts';
import { type Conflict, Simplex, type SimplexResult, type Sum } from './simplex.ts';

/**
 * Linear constraints over the rationals that come and go with push and pop: what engines use to ask many related questions. A
 * conflict names the constraints that cannot hold together, with their Farkas multipliers. Equal sums share a row.
 */
export class LinearConstraints<R> {
  readonly #simplex = new Simplex<R>();
  readonly #sums = new Map<string, number>();
  readonly #spend: (cost: number) => boolean;

  constructor(spend: (cost: number) => boolean) {
    this.#spend = spend;
  }

  variable(): number {
    return this.#simplex.variable();
  }

  /** A variable that equals the sum; its bounds are those of the sum. */
  sum(sum: Sum): number {
    const sorted = sum.filter(([, c]) => c !== 0).sort(([a], [b]) => a - b);
    if (sorted.length === 1 && sorted[0]![1] === 1) return sorted[0]![0];
    const key = sorted.map(([x, c]) => `${x}:${c}`).join(',');
    let x = this.#sums.get(key);
    if (x === undefined) {
      x = this.#simplex.define(sorted);
      this.#sums.set(key, x);
    }
    return x;
  }

  /** The conflict if one shows at once; `check` finds the others. */
  assert(sum: Sum, relation: '<=' | '=' | '>=', bound: Int, reason: R): Conflict<R> | undefined {
    const x = this.sum(sum);
    const below = relation === '<=' ? undefined : this.#simplex.assertLower(x, bound, reason);
    return below ?? (relation === '>=' ? undefined : this.#simplex.assertUpper(x, bound, reason));
  }

  push(): void {
    this.#simplex.push();
  }

  pop(): void {
    this.#simplex.pop();
  }

  check(): SimplexResult<R> {
    return this.#simplex.check(this.#spend);
  }

  /** Moves to a point where the sum is largest. requires: `check` said feasible, and nothing changed since. */
  maximise(sum: Sum): 'optimal' | 'unbounded' | 'budget' {
    return this.#simplex.maximise(this.sum(sum), this.#spend);
  }

  /** requires: `check` said feasible. */
  value(x: number): Rational {
    return rational(toBigInt(this.#simplex.numerator(x)), toBigInt(this.#simplex.denominator(x)));
  }
}
