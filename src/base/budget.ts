/**
 * How much work a question may cost. Engines count *steps* (so that the same input with the same budget gives the same
 * bytes out, rule 9) and look at the clock only through `expired`, the outer safety net that the command line sets.
 */
export class Budget {
  #steps: number;
  readonly #deadlineMs: number;
  readonly #now: () => number;
  readonly #parent: Budget | undefined;

  /** requires: stepLimit >= 0. `timeoutMs` counts from now; Infinity means that only steps limit. */
  constructor(options: { stepLimit?: number; timeoutMs?: number; now?: () => number; parent?: Budget } = {}) {
    this.#steps = options.stepLimit ?? Number.POSITIVE_INFINITY;
    this.#now = options.now ?? options.parent?.now ?? (() => performance.now());
    this.#deadlineMs = this.#now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#parent = options.parent;
  }

  get now(): () => number {
    return this.#now;
  }

  /** Takes steps; false once they are used up (here or in a parent). */
  spend(steps = 1): boolean {
    this.#steps -= steps;
    const inParent = this.#parent ? this.#parent.spend(steps) : true;
    return this.#steps >= 0 && inParent;
  }

  /** Ends the budget at once, for what shares it too: another engine has the answer, or the user pressed Ctrl-C. */
  stop(): void {
    this.#steps = Number.NEGATIVE_INFINITY;
  }

  get exhausted(): boolean {
    return this.#steps < 0 || (this.#parent?.exhausted ?? false);
  }

  get expired(): boolean {
    return this.#now() > this.#deadlineMs || (this.#parent?.expired ?? false);
  }

  /** True while both steps and time remain. */
  get open(): boolean {
    return !this.exhausted && !this.expired;
  }

  get remainingMs(): number {
    return Math.max(0, Math.min(this.#deadlineMs - this.#now(), this.#parent?.remainingMs ?? Number.POSITIVE_INFINITY));
  }

  /** A share of this budget for one engine; what it uses is taken from here too. */
  share(options: { stepLimit?: number; timeoutMs?: number }): Budget {
    return new Budget({ ...options, parent: this });
  }
}
