/** Places in the user's own text. Offsets count UTF-16 code units from 0; lines and columns count from 1. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export interface Span {
  readonly path: string;
  readonly start: Position;
  readonly end: Position;
}

/** Finds lines and columns of offsets in a text by binary search over its line starts. */
export class LineMap {
  readonly path: string;
  readonly text: string;
  readonly #starts: number[];

  constructor(source: Source) {
    this.path = source.path;
    this.text = source.text;
    this.#starts = [0];
    for (let i = source.text.indexOf('\n'); i >= 0; i = source.text.indexOf('\n', i + 1)) this.#starts.push(i + 1);
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset, line: low + 1, column: offset - this.#starts[low]! + 1 };
  }

  span(start: number, end: number): Span {
    return { path: this.path, start: this.position(start), end: this.position(end) };
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** The text of a line (from 1), without its line break; empty outside the file. */
  line(number: number): string {
    const start = this.#starts[number - 1];
    if (start === undefined) return '';
    const end = this.#starts[number];
    return this.text.slice(start, end === undefined ? undefined : end - 1).replace(/\r$/, '');
  }
}

export const formatPosition = (span: Span): string => `${span.path}:${span.start.line}:${span.start.column}`;
