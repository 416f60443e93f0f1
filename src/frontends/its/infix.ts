import { add, addScaled, constant, multiply, type Polynomial, scale } from '../../terms/polynomial.ts';
import {
  compare,
  conjunction,
  disjunction,
  type Formula,
  falsity,
  negation,
  truth,
} from '../../terms/polynomial-formula.ts';
import type { Rejector } from './reject.ts';

/**
 * Tokens and infix expressions of the two text forms, `.koat` and `.t2`: integers, identifiers, `+ - *`, comparisons (also
 * chained by `&&`, `||`, `/\`, `\/`, `!`) and parentheses. Comments: `//` and `#` to the end of a line, and C's.
 */
export interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'string' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /(\s+|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)|(\d+)|([A-Za-z_$][A-Za-z0-9_$'^.!@]*)|("[^"\n]*")|(:\|:|:=|<=|>=|==|!=|&&|\|\||\/\\|\\\/|->|[-+*/()[\]{},;:<>=!])/y;

export function tokens(text: string, reject: Rejector): Token[] {
  const result: Token[] = [];
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw reject.malformed({ start: at, end: at + 1 }, `the character \`${text[at]}\` has no meaning here`);
    const end = pattern.lastIndex;
    const kind = match[2] ? 'number' : match[3] ? 'name' : match[4] ? 'string' : match[5] ? 'symbol' : undefined;
    if (kind) result.push({ kind, text: match[0], start: at, end });
    at = end;
  }
  result.push({ kind: 'end', text: 'the end of the file', start: text.length, end: text.length });
  return result;
}

/** Reads from a list of tokens; the reader of a name gives its value (a temporary where it is new). */
export class InfixReader {
  readonly #tokens: readonly Token[];
  readonly #reject: Rejector;
  readonly #valueOf: (name: Token) => Polynomial;
  #next = 0;
  #depth = 0;

  constructor(list: readonly Token[], reject: Rejector, readName: (name: Token) => Polynomial) {
    this.#tokens = list;
    this.#reject = reject;
    this.#valueOf = readName;
  }

  get peek(): Token {
    return this.#tokens[this.#next]!;
  }

  at(...texts: string[]): boolean {
    return this.peek.kind !== 'string' && texts.includes(this.peek.text);
  }

  take(): Token {
    const token = this.peek;
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  accept(...texts: string[]): boolean {
    if (!this.at(...texts)) return false;
    this.#next++;
    return true;
  }

  expect(text: string): Token {
    if (!this.at(text)) throw this.wrong(`\`${text}\``);
    return this.take();
  }

  name(what: string): Token {
    if (this.peek.kind !== 'name' && this.peek.kind !== 'number') throw this.wrong(what);
    return this.take();
  }

  wrong(expected: string): Error {
    return this.#reject.malformed(this.peek, `\`${this.peek.text}\` is not expected here`, expected);
  }

  formula(): Formula {
    return this.#deeper(() => {
      const parts = [this.#conjunction()];
      while (this.accept('||', '\\/')) parts.push(this.#conjunction());
      return disjunction(parts);
    });
  }

  #conjunction(): Formula {
    const parts = [this.#literal()];
    while (this.accept('&&', '/\\', ',')) parts.push(this.#literal());
    return conjunction(parts);
  }

  #literal(): Formula {
    if (this.accept('!')) {
      this.expect('(');
      const inner = this.formula();
      this.expect(')');
      return negation(inner);
    }
    if (this.at('TRUE', 'true', 'True')) {
      this.take();
      return truth;
    }
    if (this.at('FALSE', 'false', 'False')) {
      this.take();
      return falsity;
    }
    if (this.at('(')) {
      // A parenthesis begins a formula or a term: try the term, since a comparison must follow it.
      const mark = this.#next;
      this.take();
      if (this.#closesFormula(mark)) {
        const inner = this.formula();
        this.expect(')');
        return inner;
      }
      this.#next = mark;
    }
    return this.#comparison();
  }

  /** Whether a comparison or connective stands inside the parenthesis that begins at `mark`, at its own level or deeper. */
  #closesFormula(mark: number): boolean {
    let level = 0;
    for (let i = mark; i < this.#tokens.length; i++) {
      const { text, kind } = this.#tokens[i]!;
      if (kind !== 'symbol' && kind !== 'name') continue;
      if (text === '(') level++;
      else if (text === ')' && --level === 0) return false;
      else if (formulaMarks.has(text)) return true;
    }
    return false;
  }

  #comparison(): Formula {
    let left = this.term();
    const parts: Formula[] = [];
    while (this.at('<', '<=', '>', '>=', '=', '==', '!=')) {
      const op = this.take().text;
      const right = this.term();
      const difference = addScaled(left, right, -1n);
      if (op === '=' || op === '==') parts.push(compare('=', difference));
      else if (op === '!=') parts.push(compare('!=', difference));
      else {
        const oriented = op[0] === '<' ? difference : scale(difference, -1n);
        parts.push(compare('<=', op.length === 1 ? add(oriented, constant(1n)) : oriented));
      }
      left = right;
    }
    if (parts.length === 0) throw this.wrong('a comparison: <, <=, =, !=, >= or >');
    return conjunction(parts);
  }

  term(): Polynomial {
    return this.#deeper(() => {
      let sum = this.#product();
      for (;;) {
        if (this.accept('+')) sum = add(sum, this.#product());
        else if (this.accept('-')) sum = addScaled(sum, this.#product(), -1n);
        else return sum;
      }
    });
  }

  #product(): Polynomial {
    const place = this.peek;
    let product = this.#factor();
    while (this.accept('*')) {
      const next = multiply(product, this.#factor());
      if (!next) throw this.#reject.unsupported(place, 'a product with too many monomials', 'a smaller polynomial');
      product = next;
    }
    return product;
  }

  #factor(): Polynomial {
    if (this.accept('-'))
      return scale(
        this.#deeper(() => this.#factor()),
        -1n,
      );
    if (this.accept('(')) {
      const inner = this.term();
      this.expect(')');
      return inner;
    }
    if (this.peek.kind === 'number') return constant(BigInt(this.take().text));
    if (this.peek.kind === 'name') return this.#valueOf(this.take());
    throw this.wrong('a variable, an integer or a parenthesis');
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > deepestExpression) {
      throw this.#reject.unsupported(this.peek, 'the expression is nested too deeply', `${deepestExpression} levels`);
    }
    const result = read();
    this.#depth--;
    return result;
  }
}

const deepestExpression = 500;
const formulaMarks = new Set(['<', '<=', '>', '>=', '=', '==', '!=', '&&', '||', '/\\', '\\/', '!', 'TRUE', 'FALSE']);
