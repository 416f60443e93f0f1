import type { Surroundings } from './surroundings.ts';

/**
 * One line on stderr that says what is being done and for how long, from one second on; only on a terminal. It is wiped
 * before anything else is written.
 */
export class ProgressLine {
  readonly #surroundings: Surroundings;
  readonly #began: number;
  #text = 'thinking';
  #shown = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#began = surroundings.now();
    if (!surroundings.stderrIsTerminal) return;
    this.#timer = setInterval(() => this.#draw(), 250);
    this.#timer.unref();
  }

  say(text: string): void {
    this.#text = text;
    if (this.#timer) this.#draw();
  }

  #drawn = 0;

  #draw(): void {
    const now = this.#surroundings.now();
    const elapsedMs = now - this.#began;
    if (elapsedMs < 1_000 || now - this.#drawn < 100) return;
    this.#drawn = now;
    const line = `  ${(elapsedMs / 1_000).toFixed(0)} s: ${this.#text}`;
    this.#surroundings.warn(`\r\u001b[K${line.slice(0, this.#surroundings.columns - 1)}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#surroundings.warn('\r\u001b[K');
    this.#shown = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.clear();
  }
}
