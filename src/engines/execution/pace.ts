/**
 * How many steps to run before an engine lets others have a turn: adapts to the clock, about ten milliseconds a piece. What an
 * engine finds does not depend on where the pieces end.
 */
export class Pace {
  readonly #now: () => number;
  #steps = 4_000;
  #started = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Steps of the next piece; the clock starts. */
  begin(): number {
    this.#started = this.#now();
    return this.#steps;
  }

  /** After a piece that was used up. */
  end(): void {
    const ms = this.#now() - this.#started;
    const factor = ms <= 0 ? 4 : Math.min(4, Math.max(0.25, 10 / ms));
    this.#steps = Math.max(1_000, Math.min(50_000_000, Math.round(this.#steps * factor)));
  }
}

/** Steps of compiled code that cost as much as one step of an engine that works on terms. */
export const stepsPerBudgetStep = 50;
