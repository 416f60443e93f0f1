import { LineMap, type Source, type Span } from '../../../base/span.ts';

/**
 * One file as the translation phases see it [C11 5.1.1.2]. Phase 2 joins lines that end in a backslash, so the scanner works
 * on a *logical* text; offsets in tokens and ranges are logical, and `spanOf` maps them back to the user's own characters.
 * Trigraphs (phase 1) are left alone, as every compiler does by default.
 */
export class SourceFile {
  readonly path: string;
  readonly original: string;
  /** The text after line splicing. */
  readonly text: string;
  /** True for the headers that we ship: messages avoid pointing into them. */
  readonly builtIn: boolean;
  /** Logical offset after which the k-th splice removed characters, and how many were removed up to there. */
  readonly #splices: number[] = [];
  readonly #removed: number[] = [];
  #lines: LineMap | undefined;

  constructor(source: Source, builtIn = false) {
    this.path = source.path;
    this.original = source.text;
    this.builtIn = builtIn;
    this.text = this.#splice(source.text);
  }

  #splice(text: string): string {
    if (!/\\[ \t]*\r?\n/.test(text)) return text;
    const parts: string[] = [];
    const pattern = /\\[ \t]*\r?\n/g;
    let from = 0;
    let length = 0;
    let removed = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      parts.push(text.slice(from, match.index));
      length += match.index - from;
      from = match.index + match[0].length;
      removed += match[0].length;
      this.#splices.push(length);
      this.#removed.push(removed);
    }
    parts.push(text.slice(from));
    return parts.join('');
  }

  /** The offset in the user's text of a logical offset. */
  originalOffset(offset: number): number {
    const splices = this.#splices;
    if (splices.length === 0) return offset;
    let low = 0;
    let high = splices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (splices[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? offset : offset + this.#removed[low - 1]!;
  }

  get lines(): LineMap {
    this.#lines ??= new LineMap({ path: this.path, text: this.original });
    return this.#lines;
  }

  /** Line in the user's text, from 1. */
  lineOf(offset: number): number {
    return this.lines.position(this.originalOffset(offset)).line;
  }
}

/** A piece of one file: logical offsets, `end` exclusive. Cheap to keep on every token and node. */
export interface Range {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

export function spanOf(range: Range): Span {
  const { file } = range;
  const start = file.originalOffset(range.start);
  const end = range.end > range.start ? file.originalOffset(range.end - 1) + 1 : start;
  return file.lines.span(start, end);
}

/** From the start of one range to the end of another; only the first if they lie in different files. */
export function cover(first: Range, last: Range): Range {
  if (first.file !== last.file || last.end < first.start) return first;
  if (first.start <= last.start && first.end >= last.end) return first;
  return { file: first.file, start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) };
}

/** Longer texts are cut in messages. */
const longestText = 120;

/** The user's text of a range on one line: line breaks and runs of blanks become one blank; a long one is cut. */
export function textOf(range: Range): string {
  const end = Math.min(range.end, range.start + 2 * longestText);
  const text = range.file.text.slice(range.start, end).replace(/\s+/g, ' ');
  return end < range.end || text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}
