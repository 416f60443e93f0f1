/**
 * Lexical analysis (language reference, chapter 2): logical lines, indentation, names, literals, operators, comments.
 * Offsets are UTF-16 code units. Line ends are \n, \r\n and \r. The first fault becomes a last token of kind `fault`, so that a
 * syntax error further up is reported first, as a reader expects. Limits are CPython's own (100 levels of indentation, 200 open
 * brackets) and one of ours on the number of tokens, so that memory stays bounded.
 */
import { endOfNumber } from './number-literal.ts';
import { SyntaxFault } from './syntax-fault.ts';

export type TokenKind =
  | 'name'
  | 'keyword'
  | 'number'
  | 'string'
  | 'operator'
  | 'newline'
  | 'indent'
  | 'dedent'
  | 'end'
  | 'fault';

/** Token i is `texts[i]`, of `kinds[i]`, at [`starts[i]`, `ends[i]`). Names are in Unicode normal form KC. */
export interface Tokens {
  readonly kinds: TokenKind[];
  readonly texts: string[];
  readonly starts: number[];
  readonly ends: number[];
  readonly comments: { readonly start: number; readonly end: number }[];
  fault: SyntaxFault | undefined;
}

export const keywords: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

export const tokenLimit = 1_000_000;
const indentationLimit = 100;
const bracketLimit = 200;
const tabSize = 8;

const operators = new Set(
  (
    '** // >> << <= >= == != <> -> += -= *= /= %= &= |= ^= @= := ... **= //= >>= <<= ' +
    '+ - * / % @ & | ^ ~ < > ( ) [ ] { } , : . ; ='
  ).split(' '),
);
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const stringPrefix = /^(?:[rubf]|[bf]r|r[bf])$/i;
const identifier = /^[_\p{XID_Start}]\p{XID_Continue}*$/u;

const code = (c: string): number => c.charCodeAt(0);
const newlineCode = code('\n');
const returnCode = code('\r');

function isIdentifierCode(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || (c >= 48 && c <= 57) || c >= 128;
}

/**
 * Reads `text` from `from` until `until`. With `insideBrackets` there is one logical line without indentation (the expression
 * part of an f-string) and the end of the range closes it.
 */
export function tokenize(
  text: string,
  range: { readonly from?: number; readonly until?: number; readonly insideBrackets?: boolean } = {},
): Tokens {
  const tokens: Tokens = { kinds: [], texts: [], starts: [], ends: [], comments: [], fault: undefined };
  const until = range.until ?? text.length;
  try {
    new Tokenizer(text, range.from ?? 0, until, range.insideBrackets ?? false, tokens).run();
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    tokens.fault = fault;
    tokens.kinds.push('fault');
    tokens.texts.push('');
    tokens.starts.push(fault.start);
    tokens.ends.push(fault.end);
  }
  return tokens;
}

class Tokenizer {
  readonly #text: string;
  readonly #until: number;
  readonly #nested: boolean;
  readonly #tokens: Tokens;
  #at: number;
  /** Open brackets, innermost last. */
  readonly #brackets: { readonly text: string; readonly at: number }[] = [];
  /** Columns of the open blocks with tabs to multiples of 8, and with tabs as one column (to detect mixtures). */
  readonly #columns: number[] = [0];
  readonly #alternativeColumns: number[] = [0];

  constructor(text: string, from: number, until: number, nested: boolean, tokens: Tokens) {
    this.#text = text;
    this.#at = from;
    this.#until = until;
    this.#nested = nested;
    this.#tokens = tokens;
  }

  run(): void {
    let atLineStart = !this.#nested;
    let lineHasTokens = false;
    for (;;) {
      if (atLineStart) {
        atLineStart = false;
        lineHasTokens = false;
        if (this.#indentation()) {
          // A blank or comment line: it has no tokens and does not count for indentation.
          if (this.#at >= this.#until) break;
          this.#lineEnd();
          atLineStart = true;
          continue;
        }
      }
      this.#skipSpaces();
      if (this.#at >= this.#until) break;
      const c = this.#text.charCodeAt(this.#at);
      if (c === newlineCode || c === returnCode) {
        const start = this.#at;
        this.#lineEnd();
        if (this.#nested || this.#brackets.length > 0) continue;
        if (lineHasTokens) this.#push('newline', '', start, this.#at);
        atLineStart = true;
        continue;
      }
      if (c === 92) {
        this.#continuation();
        continue;
      }
      lineHasTokens = true;
      this.#token(c);
    }
    const open = this.#brackets.at(-1);
    if (open) {
      throw new SyntaxFault(`'${open.text}' was never closed`, open.at, open.at + 1, {
        expected: `'${closing[open.text]}'`,
      });
    }
    if (lineHasTokens && !this.#nested) this.#push('newline', '', this.#until, this.#until);
    for (let i = this.#columns.length; i > 1; i -= 1) this.#push('dedent', '', this.#until, this.#until);
    this.#push('end', '', this.#until, this.#until);
  }

  #push(kind: TokenKind, text: string, start: number, end: number): void {
    const tokens = this.#tokens;
    if (tokens.kinds.length >= tokenLimit) {
      throw new SyntaxFault(`the source has more than ${tokenLimit.toLocaleString('en')} tokens`, start, end, {
        severity: 'unsupported',
        hint: 'ask about a part of it',
      });
    }
    tokens.kinds.push(kind);
    tokens.texts.push(text);
    tokens.starts.push(start);
    tokens.ends.push(end);
  }

  /** Steps over one line end (\n, \r\n or \r). */
  #lineEnd(): void {
    if (this.#text.charCodeAt(this.#at) === returnCode && this.#text.charCodeAt(this.#at + 1) === newlineCode)
      this.#at += 2;
    else this.#at += 1;
  }

  #skipSpaces(): void {
    for (; this.#at < this.#until; this.#at += 1) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 35) {
        if (this.#nested) {
          throw new SyntaxFault("f-string expression part cannot include '#'", this.#at, this.#at + 1);
        }
        this.#comment();
        return;
      }
      if (c !== 32 && c !== 9 && c !== 12) return;
    }
  }

  #comment(): void {
    const start = this.#at;
    while (this.#at < this.#until) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === newlineCode || c === returnCode) break;
      this.#at += 1;
    }
    this.#tokens.comments.push({ start, end: this.#at });
  }

  /** A backslash that joins two physical lines. */
  #continuation(): void {
    const next = this.#text.charCodeAt(this.#at + 1);
    if (next !== newlineCode && next !== returnCode) {
      throw new SyntaxFault(
        'unexpected character after line continuation character',
        this.#at,
        Math.min(this.#at + 2, this.#until),
        { expected: 'the end of the line' },
      );
    }
    this.#at += 1;
    this.#lineEnd();
    if (this.#at >= this.#until) {
      throw new SyntaxFault('the source ends after a line continuation character', this.#until, this.#until, {
        expected: 'the rest of the line',
      });
    }
  }

  /** Reads the white space at the start of a logical line; true if the line is blank, then with its comment skipped. */
  #indentation(): boolean {
    let column = 0;
    let alternative = 0;
    let joinedColumn = 0;
    for (; this.#at < this.#until; this.#at += 1) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 32) {
        column += 1;
        alternative += 1;
      } else if (c === 9) {
        column = (Math.floor(column / tabSize) + 1) * tabSize;
        alternative += 1;
      } else if (c === 12) {
        column = 0;
        alternative = 0;
      } else if (c === 92) {
        // Indentation does not continue over joined lines: that of the first line counts.
        joinedColumn ||= column;
        this.#continuation();
        this.#at -= 1;
      } else break;
    }
    const c = this.#at < this.#until ? this.#text.charCodeAt(this.#at) : newlineCode;
    if (c === 35) {
      this.#comment();
      return true;
    }
    if (c === newlineCode || c === returnCode) return true;
    this.#block(joinedColumn || column, joinedColumn || alternative);
    return false;
  }

  /** Opens or closes blocks for a line that starts at this column. */
  #block(column: number, alternative: number): void {
    const mixed = (): SyntaxFault =>
      new SyntaxFault('inconsistent use of tabs and spaces in indentation', this.#at, this.#at, {
        expected: 'the same characters as on the lines before',
      });
    let top = this.#columns.length - 1;
    if (column > this.#columns[top]!) {
      if (this.#columns.length >= indentationLimit) {
        throw new SyntaxFault('too many levels of indentation', this.#at, this.#at, {
          expected: `at most ${indentationLimit - 1} nested blocks`,
        });
      }
      if (alternative <= this.#alternativeColumns[top]!) throw mixed();
      this.#columns.push(column);
      this.#alternativeColumns.push(alternative);
      this.#push('indent', '', this.#at, this.#at);
      return;
    }
    while (column < this.#columns[top]!) {
      this.#columns.pop();
      this.#alternativeColumns.pop();
      top -= 1;
      this.#push('dedent', '', this.#at, this.#at);
    }
    if (column !== this.#columns[top]) {
      throw new SyntaxFault('unindent does not match any outer indentation level', this.#at, this.#at, {
        expected: `one of the columns ${this.#columns.map((c) => c + 1).join(', ')}`,
      });
    }
    if (alternative !== this.#alternativeColumns[top]) throw mixed();
  }

  #token(c: number): void {
    const start = this.#at;
    const text = this.#text;
    if (isIdentifierCode(c) && !(c >= 48 && c <= 57)) {
      this.#name(start);
      return;
    }
    const next = text.charCodeAt(start + 1);
    if ((c >= 48 && c <= 57) || (c === 46 && next >= 48 && next <= 57)) {
      this.#at = Math.min(endOfNumber(text, start), this.#until);
      this.#push('number', text.slice(start, this.#at), start, this.#at);
      return;
    }
    if (c === 34 || c === 39) {
      this.#string(start);
      return;
    }
    for (let length = 3; length >= 1; length -= 1) {
      const operator = text.slice(start, Math.min(start + length, this.#until));
      if (operator.length < length || !operators.has(operator)) continue;
      this.#at += length;
      if (length === 1) this.#bracket(operator, start);
      this.#push('operator', operator, start, this.#at);
      return;
    }
    throw invalidCharacter(String.fromCodePoint(text.codePointAt(start)!), start);
  }

  #bracket(operator: string, start: number): void {
    if (operator in closing) {
      if (this.#brackets.length >= bracketLimit) {
        throw new SyntaxFault('too many nested parentheses', start, start + 1, {
          expected: `at most ${bracketLimit} open brackets`,
        });
      }
      this.#brackets.push({ text: operator, at: start });
    } else if (operator === ')' || operator === ']' || operator === '}') {
      const open = this.#brackets.pop();
      if (!open) throw new SyntaxFault(`unmatched '${operator}'`, start, start + 1);
      if (closing[open.text] !== operator) {
        throw new SyntaxFault(
          `closing parenthesis '${operator}' does not match opening parenthesis '${open.text}'`,
          start,
          start + 1,
          { expected: `'${closing[open.text]}'` },
        );
      }
    }
  }

  #name(start: number): void {
    const text = this.#text;
    let ascii = true;
    let at = start;
    for (; at < this.#until; at += 1) {
      const c = text.charCodeAt(at);
      if (!isIdentifierCode(c)) break;
      if (c >= 128) ascii = false;
    }
    let name = text.slice(start, at);
    const quote = text.charCodeAt(at);
    if (ascii && at < this.#until && (quote === 34 || quote === 39) && name.length <= 2 && stringPrefix.test(name)) {
      this.#at = at;
      this.#string(start);
      return;
    }
    this.#at = at;
    if (!ascii) {
      if (!identifier.test(name)) throw invalidIdentifier(name, start);
      name = name.normalize('NFKC');
    }
    this.#push(ascii && keywords.has(name) ? 'keyword' : 'name', name, start, at);
  }

  /** A string literal from `start` (its prefix) whose quote is at the current place. */
  #string(start: number): void {
    const text = this.#text;
    const quote = text[this.#at]!;
    const triple = text.startsWith(quote.repeat(3), this.#at) && this.#at + 3 <= this.#until;
    const end = triple ? quote.repeat(3) : quote;
    const quoteCode = code(quote);
    let at = this.#at + end.length;
    for (; ; at += 1) {
      if (at >= this.#until) throw unterminated(text, start, this.#at, this.#until, triple);
      const c = text.charCodeAt(at);
      if (c === 92) {
        at += text.charCodeAt(at + 1) === returnCode && text.charCodeAt(at + 2) === newlineCode ? 2 : 1;
      } else if (!triple && (c === newlineCode || c === returnCode)) {
        throw unterminated(text, start, this.#at, at, false);
      } else if (c === quoteCode && (!triple || text.startsWith(end, at))) break;
    }
    at += end.length;
    if (at > this.#until) throw unterminated(text, start, this.#at, this.#until, triple);
    this.#push('string', text.slice(start, at), start, at);
    this.#at = at;
  }
}

function unterminated(text: string, start: number, quoteAt: number, end: number, triple: boolean): SyntaxFault {
  const quote = text[quoteAt]!;
  return new SyntaxFault(
    triple ? 'unterminated triple-quoted string literal' : 'unterminated string literal',
    start,
    end,
    {
      expected: `a closing ${triple ? quote.repeat(3) : quote}`,
    },
  );
}

const codePointName = (point: number): string => `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;

function invalidCharacter(character: string, at: number): SyntaxFault {
  const point = character.codePointAt(0)!;
  if (point === 0) return new SyntaxFault('source code cannot contain null bytes', at, at + 1);
  const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
  const message = printable
    ? `invalid character '${character}' (${codePointName(point)})`
    : `invalid non-printable character ${codePointName(point)}`;
  return new SyntaxFault(message, at, at + character.length, { expected: 'a character of the Python language' });
}

/** Names the first character of `name` that may not stand there. */
function invalidIdentifier(name: string, start: number): SyntaxFault {
  let offset = 0;
  for (const character of name) {
    if (!identifier.test(offset === 0 ? character : `a${character}`))
      return invalidCharacter(character, start + offset);
    offset += character.length;
  }
  return invalidCharacter(name, start);
}
