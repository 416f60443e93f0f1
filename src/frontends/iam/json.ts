/**
 * Strict JSON (RFC 8259) with places, because policies need what JSON.parse hides: duplicate keys (row 27) and where a
 * value stands. Nesting and size are limited; the first error is reported and nothing is guessed at.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { LineMap, type Source, type Span } from '../../base/span.ts';

/** `start` and `end` are offsets in UTF-16 units. A `token` is text that is only known when the template is deployed. */
export type JsonNode = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'object'; readonly members: readonly Member[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string; readonly parts?: readonly Part[] }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'token'; readonly name: string }
);

/** A text with unresolved pieces: constant text, or the name of a symbol. */
export type Part = { readonly text: string } | { readonly symbol: string };

export interface Member {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: JsonNode;
}

export interface JsonDocument {
  readonly root: JsonNode;
  readonly lines: LineMap;
}

export const jsonLimits = { maxDepth: 100, maxLength: 8 * 1024 * 1024 } as const;

class Refusal extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

export function readJson(source: Source): Result<JsonDocument, Diagnostic[]> {
  const lines = new LineMap(source);
  if (source.text.length > jsonLimits.maxLength) {
    return err([
      { code: 'JSON-SIZE', severity: 'error', message: `The file is larger than ${jsonLimits.maxLength} characters.` },
    ]);
  }
  try {
    const reader = new Reader(source.text, lines);
    return ok({ root: reader.document(), lines });
  } catch (error) {
    if (error instanceof Refusal) return err([error.diagnostic]);
    throw error;
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly #text: string;
  readonly #lines: LineMap;
  #at = 0;
  #depth = 0;

  constructor(text: string, lines: LineMap) {
    this.#text = text;
    this.#lines = lines;
  }

  #refuse(code: string, message: string, start: number, end: number, hint?: string): never {
    const span: Span = this.#lines.span(start, Math.max(start, Math.min(end, this.#text.length)));
    throw new Refusal({ code, severity: 'error', message, span, ...(hint ? { hint } : {}) });
  }

  #unexpected(expected: string): never {
    const char = this.#text[this.#at];
    const found = char === undefined ? 'the end of the file' : JSON.stringify(char);
    this.#refuse('JSON-SYNTAX', `Expected ${expected}, found ${found}.`, this.#at, this.#at + 1);
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 32 || code === 9 || code === 10 || code === 13) this.#at++;
      else return;
    }
  }

  document(): JsonNode {
    this.#space();
    const root = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected('the end of the file after the first value');
    return root;
  }

  #value(): JsonNode {
    const start = this.#at;
    const char = this.#text[this.#at];
    if (char === '{' || char === '[') {
      if (++this.#depth > jsonLimits.maxDepth) {
        this.#refuse('JSON-DEPTH', `Nested more than ${jsonLimits.maxDepth} levels deep.`, start, start + 1);
      }
      const node = char === '{' ? this.#object() : this.#array();
      this.#depth--;
      return node;
    }
    if (char === '"') {
      const value = this.#string();
      return { kind: 'string', value, start, end: this.#at };
    }
    if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return this.#number();
    for (const [word, node] of [
      ['true', { kind: 'boolean', value: true }],
      ['false', { kind: 'boolean', value: false }],
      ['null', { kind: 'null' }],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return { ...node, start, end: this.#at };
      }
    }
    return this.#unexpected('a value');
  }

  #object(): JsonNode {
    const start = this.#at++;
    const members: Member[] = [];
    const seen = new Map<string, number>();
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return { kind: 'object', members, start, end: this.#at };
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#unexpected('a name in double quotes');
      const keyStart = this.#at;
      const key = this.#string();
      const keyEnd = this.#at;
      const before = seen.get(key);
      if (before !== undefined) {
        const line = this.#lines.position(before).line;
        this.#refuse(
          'JSON-DUPLICATE',
          `The name ${JSON.stringify(key)} stands twice in one object (first on line ${line}).`,
          keyStart,
          keyEnd,
          'Most readers keep one of the two silently. Merge them, for instance into a list of values.',
        );
      }
      seen.set(key, keyStart);
      this.#space();
      if (this.#text[this.#at] !== ':') this.#unexpected('":"');
      this.#at++;
      this.#space();
      members.push({ key, keyStart, keyEnd, value: this.#value() });
      this.#space();
      const next = this.#text[this.#at];
      if (next === ',') {
        this.#at++;
        continue;
      }
      if (next === '}') {
        this.#at++;
        return { kind: 'object', members, start, end: this.#at };
      }
      this.#unexpected('"," or "}"');
    }
  }

  #array(): JsonNode {
    const start = this.#at++;
    const items: JsonNode[] = [];
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return { kind: 'array', items, start, end: this.#at };
    }
    for (;;) {
      this.#space();
      items.push(this.#value());
      this.#space();
      const next = this.#text[this.#at];
      if (next === ',') {
        this.#at++;
        continue;
      }
      if (next === ']') {
        this.#at++;
        return { kind: 'array', items, start, end: this.#at };
      }
      this.#unexpected('"," or "]"');
    }
  }

  #number(): JsonNode {
    const start = this.#at;
    const match = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    match.lastIndex = start;
    const found = match.exec(this.#text);
    if (!found) return this.#unexpected('a number');
    this.#at += found[0].length;
    if (/[0-9.eE+-]/.test(this.#text[this.#at] ?? '')) this.#unexpected('the end of the number');
    return { kind: 'number', text: found[0], start, end: this.#at };
  }

  #string(): string {
    const start = this.#at++;
    let value = '';
    let from = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) this.#refuse('JSON-SYNTAX', 'This string is not closed.', start, start + 1);
      if (code === 34) {
        value += this.#text.slice(from, this.#at++);
        return value;
      }
      if (code < 32) {
        this.#refuse('JSON-SYNTAX', 'A string holds a control character (a line break?).', this.#at, this.#at + 1);
      }
      if (code !== 92) {
        this.#at++;
        continue;
      }
      value += this.#text.slice(from, this.#at);
      const mark = this.#text[this.#at + 1];
      if (mark === 'u') {
        const hex = this.#text.slice(this.#at + 2, this.#at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) {
          this.#refuse('JSON-SYNTAX', 'After \\u come four hexadecimal digits.', this.#at, this.#at + 6);
        }
        value += String.fromCharCode(Number.parseInt(hex, 16));
        this.#at += 6;
      } else {
        const char = mark === undefined ? undefined : simpleEscapes[mark];
        if (char === undefined) {
          this.#refuse('JSON-SYNTAX', 'Not an escape that JSON knows.', this.#at, this.#at + 2);
        }
        value += char;
        this.#at += 2;
      }
      from = this.#at;
    }
  }
}
