/**
 * Adjacent string literals and formatted strings (language reference 2.4.2, 2.4.3) as Python 3.11 reads them: an f-string is first a
 * string token; its expression parts, found by counting brackets and quotes, are then read as if in round brackets, may contain
 * neither backslash nor `#`, and format specifications nest twice at most. Their tokens come from the same source text, so that their
 * places are exact.
 */
import type { Constant, Expression, FormattedValue, JoinedStr } from './ast.ts';
import { Cursor } from './cursor.ts';
import { insideParentheses } from './expressions.ts';
import { decodeBytes, decodeText, type StringToken, stringToken, type Text } from './string-literal.ts';
import { SyntaxFault } from './syntax-fault.ts';
import { tokenize } from './tokenizer.ts';

/** One or more string tokens side by side make one literal. */
export function strings(c: Cursor): Expression {
  const start = c.start;
  const parts: StringToken[] = [];
  while (c.kind === 'string') {
    parts.push(stringToken(c.text, c.start));
    c.advance();
  }
  const place = c.place(start);
  const bytes = parts[0]!.bytes;
  if (parts.some((part) => part.bytes !== bytes)) {
    throw new SyntaxFault('cannot mix bytes and nonbytes literals', place.start, place.end);
  }
  if (bytes) {
    const all = parts.flatMap((part) => [...decodeBytes(c.source, part.start, part.end, part.raw)]);
    return { kind: 'Constant', value: { type: 'bytes', value: Uint8Array.from(all) }, ...place };
  }
  const pieces = new Pieces();
  for (const part of parts) {
    if (!part.formatted) pieces.text(decodeText(c.source, part.start, part.end, part.raw), part.start, part.end);
    else new FormattedString(c, part.raw, part.end).read(part.start, 0, pieces);
  }
  if (parts.some((part) => part.formatted)) return { kind: 'JoinedStr', values: pieces.values(), ...place };
  return { ...pieces.only(), ...place };
}

/** Collects literal text and values; adjacent text becomes one constant, empty text none. */
class Pieces {
  readonly #values: Expression[] = [];
  #text = '';
  #exact = true;
  #start = -1;
  #end = -1;

  text(text: Text, start: number, end: number): void {
    if (this.#start < 0) this.#start = start;
    this.#end = end;
    this.#text += text.value;
    this.#exact &&= text.exact;
  }

  value(value: FormattedValue): void {
    this.#flush();
    this.#values.push(value);
  }

  values(): Expression[] {
    this.#flush();
    return this.#values;
  }

  only(): Constant {
    const value = { type: 'str' as const, value: this.#text, exact: this.#exact };
    return { kind: 'Constant', value, start: this.#start, end: this.#end };
  }

  #flush(): void {
    if (this.#text !== '') this.#values.push(this.only());
    this.#text = '';
    this.#exact = true;
    this.#start = -1;
  }
}

/** Format specifications may contain expressions, whose specifications may contain none. */
const specificationDepth = 2;
const bracketLimit = 200;

class FormattedString {
  readonly #c: Cursor;
  readonly #source: string;
  readonly #raw: boolean;
  readonly #end: number;

  constructor(c: Cursor, raw: boolean, end: number) {
    this.#c = c;
    this.#source = c.source;
    this.#raw = raw;
    this.#end = end;
  }

  /** Reads literal text and values from `at`; a nested specification ends before its `}`. Returns the offset behind. */
  read(from: number, depth: number, pieces: Pieces): number {
    let at = from;
    while (at < this.#end) {
      at = this.#literal(at, depth, pieces);
      if (at >= this.#end || this.#source[at] === '}') break;
      if (this.#source[at] === '{' && !(depth === 0 && this.#source[at + 1] === '{' && at + 1 < this.#end)) {
        at = this.#replacement(at, depth, pieces);
      }
    }
    return at;
  }

  /** Literal text up to a single brace. At the outermost level `{{` and `}}` stand for a brace. */
  #literal(from: number, depth: number, pieces: Pieces): number {
    const source = this.#source;
    let start = from;
    let at = from;
    const flush = (end: number): void => {
      if (end > start) pieces.text(decodeText(source, start, end, this.#raw), start, end);
    };
    while (at < this.#end) {
      let c = source[at]!;
      at += 1;
      if (!this.#raw && c === '\\' && at < this.#end) {
        c = source[at]!;
        at += 1;
        if (c === 'N') {
          if (source[at] === '{' && at < this.#end) {
            const close = source.indexOf('}', at);
            at = close < 0 || close >= this.#end ? this.#end : close + 1;
          }
          continue;
        }
      }
      if (c !== '{' && c !== '}') continue;
      if (depth === 0) {
        if (at < this.#end && source[at] === c) {
          flush(at);
          at += 1;
          start = at;
          continue;
        }
        if (c === '}') {
          throw new SyntaxFault("f-string: single '}' is not allowed", at - 1, at, { expected: "'}}'" });
        }
      }
      at -= 1;
      break;
    }
    flush(at);
    return at;
  }

  /** `{expression=!conversion:specification}`; returns the offset behind it. */
  #replacement(open: number, depth: number, pieces: Pieces): number {
    if (depth >= specificationDepth) {
      throw new SyntaxFault('f-string: expressions nested too deeply', open, open + 1);
    }
    const source = this.#source;
    const expressionEnd = this.#expressionEnd(open + 1);
    const value = this.#expression(open + 1, expressionEnd);
    let at = expressionEnd;
    const closed = (): string => {
      if (at >= this.#end) throw new SyntaxFault("f-string: expecting '}'", open, this.#end, { expected: "'}'" });
      return source[at]!;
    };
    let shown: string | undefined;
    if (closed() === '=') {
      at += 1;
      while (at < this.#end && /\s/.test(source[at]!)) at += 1;
      shown = source.slice(open + 1, at);
    }
    let conversion: FormattedValue['conversion'] = '';
    if (closed() === '!') {
      const letter = source[at + 1] ?? '';
      if (at + 1 >= this.#end || (letter !== 's' && letter !== 'r' && letter !== 'a')) {
        throw new SyntaxFault('f-string: invalid conversion character', at, Math.min(at + 2, this.#end), {
          expected: "'s', 'r', or 'a'",
        });
      }
      conversion = letter;
      at += 2;
    }
    let format_spec: JoinedStr | null = null;
    if (closed() === ':') {
      const specification = new Pieces();
      const start = at + 1;
      at = this.read(start, depth + 1, specification);
      format_spec = { kind: 'JoinedStr', values: specification.values(), start, end: at };
    }
    if (closed() !== '}') throw new SyntaxFault("f-string: expecting '}'", at, at + 1, { expected: "'}'" });
    at += 1;
    if (shown !== undefined) {
      pieces.text({ value: shown.replace(/\r\n?/g, '\n'), exact: true }, open + 1, expressionEnd);
      if (conversion === '' && !format_spec) conversion = 'r';
    }
    pieces.value({ kind: 'FormattedValue', value, conversion, format_spec, start: open, end: at });
    return at;
  }

  /** Finds the `=`, `!`, `:` or `}` that ends an expression part. */
  #expressionEnd(from: number): number {
    const source = this.#source;
    const brackets: string[] = [];
    let quote = '';
    let at = from;
    for (; at < this.#end; at += 1) {
      const c = source[at]!;
      if (c === '\\') throw new SyntaxFault('f-string expression part cannot include a backslash', at, at + 1);
      if (quote) {
        if (source.startsWith(quote, at)) {
          at += quote.length - 1;
          quote = '';
        }
        continue;
      }
      if (c === "'" || c === '"') {
        quote = source.startsWith(c.repeat(3), at) && at + 3 <= this.#end ? c.repeat(3) : c;
        at += quote.length - 1;
      } else if (c === '(' || c === '[' || c === '{') {
        if (brackets.length >= bracketLimit) throw new SyntaxFault('f-string: too many nested parenthesis', at, at + 1);
        brackets.push(c === '(' ? ')' : c === '[' ? ']' : '}');
      } else if (c === '#') {
        throw new SyntaxFault("f-string expression part cannot include '#'", at, at + 1);
      } else if (brackets.length === 0 && /[!:}=<>]/.test(c)) {
        if (at + 1 < this.#end && source[at + 1] === '=' && /[!=<>]/.test(c)) at += 1;
        else if (c !== '<' && c !== '>') break;
      } else if (c === ')' || c === ']' || c === '}') {
        if (brackets.length === 0) throw new SyntaxFault(`f-string: unmatched '${c}'`, at, at + 1);
        if (brackets.pop() !== c) {
          throw new SyntaxFault(`f-string: closing parenthesis '${c}' does not match`, at, at + 1);
        }
      }
    }
    if (quote) throw new SyntaxFault('f-string: unterminated string', from, this.#end, { expected: quote });
    const open = brackets.at(-1);
    if (open) throw new SyntaxFault('f-string: unclosed bracket', from, this.#end, { expected: `'${open}'` });
    return at;
  }

  #expression(start: number, end: number): Expression {
    if (/^\s*$/.test(this.#source.slice(start, end))) {
      throw new SyntaxFault('f-string: empty expression not allowed', start - 1, end + 1, {
        expected: 'an expression',
      });
    }
    return this.#c.nested(() => {
      const inner = new Cursor(
        this.#source,
        tokenize(this.#source, { from: start, until: end, insideBrackets: true }),
        this.#c.depth,
      );
      const inside = insideParentheses(inner, '');
      if (inner.kind !== 'end') throw inner.unexpected("'!', ':', '=' or '}'");
      if (inside.form !== 'tuple') return inside.value;
      return { kind: 'Tuple', elts: inside.elts, ...inner.place(inner.tokens.starts[0]!) };
    });
  }
}
