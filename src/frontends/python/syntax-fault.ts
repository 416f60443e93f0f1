import type { Diagnostic } from '../../base/diagnostic.ts';
import type { LineMap } from '../../base/span.ts';

/**
 * A syntax error on its way out of tokenizer or parser. It is thrown only inside this folder and turned into a Diagnostic
 * by `parseModule`: recursive descent would otherwise carry a Result through every rule of the grammar.
 */
export class SyntaxFault extends Error {
  readonly start: number;
  readonly end: number;
  readonly severity: 'error' | 'unsupported';
  readonly expected: string | undefined;
  readonly hint: string | undefined;

  constructor(
    message: string,
    start: number,
    end: number,
    more: { expected?: string | undefined; hint?: string | undefined; severity?: 'error' | 'unsupported' } = {},
  ) {
    super(message);
    this.start = start;
    this.end = Math.max(end, start);
    this.severity = more.severity ?? 'error';
    this.expected = more.expected;
    this.hint = more.hint;
  }

  diagnostic(map: LineMap): Diagnostic {
    return {
      code: this.severity === 'error' ? 'PY-SYNTAX' : 'PY-UNSUPPORTED',
      severity: this.severity,
      message: this.message,
      span: map.span(this.start, this.end),
      ...(this.expected === undefined ? {} : { expected: this.expected }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}
