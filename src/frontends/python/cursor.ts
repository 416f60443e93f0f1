/**
 * A place in the token sequence, with the few questions and moves that the grammar needs. A parser that guesses (`match`,
 * parenthesised `with`) remembers `at` and returns to it.
 */
import type { Place } from './ast.ts';
import { SyntaxFault } from './syntax-fault.ts';
import { keywords, type TokenKind, type Tokens } from './tokenizer.ts';

/** Nested constructs deeper than this are refused, so that no walk over the tree can exhaust the stack. */
export const nestingLimit = 1000;

export class Cursor {
  readonly source: string;
  readonly tokens: Tokens;
  at = 0;
  /** The end of the last token that was consumed, line structure aside. */
  lastEnd = 0;
  /** How many rules are open, see `nested`. */
  depth: number;

  constructor(source: string, tokens: Tokens, depth = 0) {
    this.source = source;
    this.tokens = tokens;
    this.depth = depth;
  }

  get text(): string {
    return this.tokens.texts[this.at]!;
  }
  get kind(): TokenKind {
    return this.tokens.kinds[this.at]!;
  }
  get start(): number {
    return this.tokens.starts[this.at]!;
  }
  get end(): number {
    return this.tokens.ends[this.at]!;
  }

  /** The text of a later token; empty beyond the end. */
  peek(distance: number): string {
    return this.tokens.texts[this.at + distance] ?? '';
  }
  peekKind(distance: number): TokenKind {
    return this.tokens.kinds[this.at + distance] ?? 'end';
  }

  /** Is this operator or keyword next? (No string, number or name has such a text.) */
  is(text: string): boolean {
    return this.tokens.texts[this.at] === text;
  }

  advance(): void {
    const kind = this.kind;
    if (kind === 'fault') throw this.tokens.fault!;
    if (kind !== 'newline' && kind !== 'indent' && kind !== 'dedent') this.lastEnd = this.end;
    if (kind !== 'end') this.at += 1;
  }

  accept(text: string): boolean {
    if (this.tokens.texts[this.at] !== text) return false;
    this.advance();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(`'${text}'`);
  }

  acceptKind(kind: TokenKind): boolean {
    if (this.kind !== kind) return false;
    this.advance();
    return true;
  }

  expectKind(kind: TokenKind, expected: string): void {
    if (!this.acceptKind(kind)) throw this.unexpected(expected);
  }

  name(expected = 'a name'): string {
    if (this.kind !== 'name') throw this.unexpected(expected);
    const text = this.text;
    this.advance();
    return text;
  }

  /** The place from `start` to the last consumed token. */
  place(start: number): Place {
    return { start, end: this.lastEnd };
  }

  /** What to say about a token that does not fit here. */
  unexpected(expected: string, hint?: string): SyntaxFault {
    const kind = this.kind;
    if (kind === 'fault') return this.tokens.fault!;
    const structure: Partial<Record<TokenKind, string>> = {
      newline: 'unexpected end of the line',
      indent: 'unexpected indent',
      dedent: 'unexpected end of the block',
      end: 'unexpected end of the source',
    };
    const text = this.text.length > 40 ? `${this.text.slice(0, 40)}…` : this.text;
    const reserved =
      kind === 'keyword' && expected === 'a name' && keywords.has(text) ? `'${text}' is a keyword` : undefined;
    const start = kind === 'newline' ? this.lastEnd : this.start;
    return new SyntaxFault(structure[kind] ?? `unexpected '${text}'`, start, kind === 'newline' ? start : this.end, {
      expected,
      hint: hint ?? reserved,
    });
  }

  /** Runs a rule one level deeper. */
  nested<T>(rule: () => T): T {
    if (this.depth >= nestingLimit) throw nestedTooDeeply(this.start, this.end);
    this.depth += 1;
    try {
      return rule();
    } finally {
      this.depth -= 1;
    }
  }

  /**
   * Tries `rule`; if it does not fit, goes back and returns its fault instead, so that the caller can try another rule and
   * report the fault that came further.
   */
  attempt<T>(rule: () => T): T | SyntaxFault {
    const { at, lastEnd } = this;
    try {
      return rule();
    } catch (fault) {
      if (!(fault instanceof SyntaxFault)) throw fault;
      this.at = at;
      this.lastEnd = lastEnd;
      return fault;
    }
  }
}

export function nestedTooDeeply(start: number, end: number): SyntaxFault {
  return new SyntaxFault(`nested more than ${nestingLimit} levels deep`, start, end, {
    severity: 'unsupported',
    hint: 'split the expression or the statement',
  });
}
