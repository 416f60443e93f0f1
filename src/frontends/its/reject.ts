import type { Diagnostic } from '../../base/diagnostic.ts';
import type { LineMap } from '../../base/span.ts';

/** Leaves a reader at the first thing that is wrong. Never crosses the front end's boundary: `read` catches it. */
export class Reject extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** Makes rejections with places from offsets into one text. */
export class Rejector {
  readonly lines: LineMap;
  constructor(lines: LineMap) {
    this.lines = lines;
  }

  malformed(place: { start: number; end: number }, message: string, expected?: string): Reject {
    return this.#make('ITS-SYNTAX', 'error', place, message, expected);
  }

  unsupported(place: { start: number; end: number }, message: string, expected?: string): Reject {
    return this.#make('ITS-UNSUPPORTED', 'unsupported', place, message, expected);
  }

  #make(
    code: string,
    severity: 'error' | 'unsupported',
    place: { start: number; end: number },
    message: string,
    expected: string | undefined,
  ): Reject {
    const span = this.lines.span(place.start, place.end);
    return new Reject({ code, severity, message, span, ...(expected ? { expected } : {}) });
  }
}
