import { fail, unsupported } from '../diagnostics.ts';
import type { Macro } from './macro.ts';
import { scan } from './scanner.ts';
import { cover, type Range, SourceFile } from './source-file.ts';
import { hide, hides, intersect, type Token, unite } from './token.ts';

/**
 * Macro expansion by Dave Prosser's algorithm ([Prosser-1986], the one behind C11 6.10.3): every token carries the set of macro names that
 * it may not expand to any more, which makes endless recursion impossible. What remains is exponential growth, so all
 * tokens made count against one budget.
 */

export interface ExpansionState {
  readonly macros: Map<string, Macro>;
  /** Macros whose value depends on the place: __LINE__, __FILE__, __COUNTER__. */
  readonly dynamic: ReadonlyMap<string, (at: Token) => Pick<Token, 'kind' | 'text'>>;
  remainingTokens: number;
}

/** Nesting of macro arguments inside macro arguments. */
const deepestArguments = 200;

/** Turns a reader of raw tokens into a reader of expanded tokens. */
export class Expander {
  readonly #state: ExpansionState;
  readonly #read: () => Token;
  readonly #depth: number;
  /** Tokens to be read before the reader goes on; the next one is last. */
  readonly #pending: Token[] = [];

  constructor(state: ExpansionState, read: () => Token, depth = 0) {
    this.#state = state;
    this.#read = read;
    this.#depth = depth;
  }

  #take(): Token {
    return this.#pending.pop() ?? this.#read();
  }

  #push(tokens: readonly Token[], at: Token): void {
    this.#state.remainingTokens -= tokens.length + 1;
    if (this.#state.remainingTokens < 0) {
      unsupported('C0113', 'macro expansion produces too many tokens', at, { hint: 'is a macro growing without end?' });
    }
    for (let i = tokens.length - 1; i >= 0; i--) this.#pending.push(tokens[i]!);
  }

  /** The next token after expansion; kind `end` when the reader has no more. */
  next(): Token {
    for (;;) {
      const token = this.#take();
      if (token.kind !== 'identifier') return token;
      const dynamic = this.#state.dynamic.get(token.text);
      if (dynamic) return { ...token, ...dynamic(token) };
      const macro = this.#state.macros.get(token.text);
      if (!macro || hides(token.hidden, token.text)) return token;
      if (!macro.parameters) {
        const hidden = hide(token.hidden, macro.name);
        this.#push(this.#settle(this.#substitute(macro, [], token), token, token, hidden), token);
        continue;
      }
      const after = this.#take();
      if (after.text !== '(' || after.kind !== 'punctuator') {
        this.#pending.push(after);
        return token;
      }
      const { args, close } = this.#collect(macro, token);
      const hidden = hide(intersect(token.hidden, close.hidden), macro.name);
      this.#push(this.#settle(this.#substitute(macro, args, token), token, cover(token, close), hidden), token);
    }
  }

  /** Gives body tokens the place of the macro's use, and all tokens the hide set. */
  #settle(tokens: readonly Token[], use: Token, place: Range, hidden: Token['hidden']): Token[] {
    return tokens.map((token, i) => {
      const own = token.start >= 0;
      return {
        kind: token.kind,
        text: token.text,
        file: own ? token.file : place.file,
        start: own ? token.start : place.start,
        end: own ? token.end : place.end,
        space: i === 0 ? use.space : token.space,
        lineStart: false,
        hidden: unite(token.hidden, hidden),
      };
    });
  }

  #collect(macro: Macro, name: Token): { args: Token[][]; close: Token } {
    const parameters = macro.parameters!;
    const args: Token[][] = [[]];
    let depth = 0;
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end') {
        fail('C0114', `the arguments of macro ${macro.name} are not closed`, name, { expected: ')' });
      }
      if (token.kind === 'annotation') continue;
      if (token.kind === 'punctuator') {
        if (token.text === ')' && depth === 0) {
          this.#checkCount(macro, args, name);
          return { args, close: token };
        }
        if (token.text === '(') depth++;
        else if (token.text === ')') depth--;
        else if (token.text === ',' && depth === 0 && !(macro.variadic && args.length === parameters.length)) {
          args.push([]);
          continue;
        }
      }
      args.at(-1)!.push(token.lineStart ? { ...token, lineStart: false, space: true } : token);
    }
  }

  #checkCount(macro: Macro, args: Token[][], name: Token): void {
    const wanted = macro.parameters!.length;
    if (wanted === 0 && args.length === 1 && args[0]!.length === 0) args.pop();
    if (macro.variadic && args.length === wanted - 1) args.push([]);
    if (args.length !== wanted) {
      fail(
        'C0115',
        `macro ${macro.name} takes ${wanted} argument${wanted === 1 ? '' : 's'} but is given ${args.length}`,
        name,
      );
    }
  }

  #expanded(tokens: readonly Token[], at: Token): Token[] {
    if (this.#depth >= deepestArguments) unsupported('C0116', 'macro arguments are nested too deeply', at);
    let i = 0;
    const end: Token = { ...at, kind: 'end', text: '' };
    const inner = new Expander(this.#state, () => tokens[i++] ?? end, this.#depth + 1);
    const result: Token[] = [];
    for (let token = inner.next(); token.kind !== 'end'; token = inner.next()) {
      if (--this.#state.remainingTokens < 0) unsupported('C0113', 'macro expansion produces too many tokens', at);
      result.push(token);
    }
    return result;
  }

  /** The body with arguments in place. Tokens of the body itself have `start` -1 until `#settle`. */
  #substitute(macro: Macro, args: readonly Token[][], use: Token): Token[] {
    const { body } = macro;
    const parameters = macro.parameters ?? [];
    const expandedArgs: (Token[] | undefined)[] = [];
    const argument = (name: string): number => (macro.parameters ? parameters.indexOf(name) : -1);
    const last = parameters.length - 1;
    const out: Token[] = [];
    let pasting = false;

    const add = (tokens: readonly Token[]): void => {
      if (pasting) {
        pasting = false;
        const left = out.pop();
        const right = tokens[0];
        if (!left || left.text === '') out.push(...(tokens.length > 0 ? tokens : [placemarker(use)]));
        else if (!right || right.text === '') out.push(left, ...tokens.slice(1));
        else out.push(paste(left, right, use), ...tokens.slice(1));
      } else {
        for (const token of tokens) out.push(token);
      }
    };

    const run = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        const token = body[i]!;
        if (token.text === '##' && token.kind === 'punctuator') {
          pasting = true;
          // GNU: `, ## __VA_ARGS__` drops the comma when there are no further arguments.
          if (macro.variadic && out.at(-1)?.text === ',' && argument(body[i + 1]?.text ?? '') === last) {
            pasting = false;
            if (args[last]!.length === 0) out.pop();
            else add(args[last]!);
            i++;
          }
          continue;
        }
        if (macro.parameters && token.text === '#' && token.kind === 'punctuator') {
          const index = argument(body[i + 1]?.text ?? '');
          if (index >= 0) {
            add([stringify(args[index]!, token, use)]);
            i++;
            continue;
          }
        }
        if (macro.variadic && token.text === '__VA_OPT__' && body[i + 1]?.text === '(') {
          let depth = 0;
          let close = i + 1;
          for (; close < to; close++) {
            if (body[close]!.text === '(') depth++;
            else if (body[close]!.text === ')' && --depth === 0) break;
          }
          if (args[last]!.length > 0) run(i + 2, close);
          i = close;
          continue;
        }
        const index = token.kind === 'identifier' ? argument(token.text) : -1;
        if (index < 0) {
          add([{ ...token, start: -1, end: -1, lineStart: false }]);
        } else if (pasting || body[i + 1]?.text === '##') {
          add(args[index]!.length > 0 ? spaced(args[index]!, token.space) : [placemarker(use)]);
        } else {
          expandedArgs[index] ??= this.#expanded(args[index]!, use);
          add(spaced(expandedArgs[index]!, token.space));
        }
      }
    };
    run(0, body.length);
    return out.filter((token) => token.text !== '');
  }
}

const placemarker = (use: Token): Token => ({ ...use, kind: 'other', text: '', start: -1, end: -1, hidden: undefined });

const spaced = (tokens: readonly Token[], space: boolean): Token[] =>
  tokens.map((token, i) => (i === 0 ? { ...token, space } : token));

function stringify(tokens: readonly Token[], hash: Token, use: Token): Token {
  let text = '';
  for (const [i, token] of tokens.entries()) {
    if (i > 0 && token.space) text += ' ';
    text += token.kind === 'string' || token.kind === 'character' ? token.text.replace(/[\\"]/g, '\\$&') : token.text;
  }
  return { ...use, kind: 'string', text: `"${text}"`, start: -1, end: -1, space: hash.space, hidden: undefined };
}

function paste(left: Token, right: Token, use: Token): Token {
  const text = left.text + right.text;
  const made = scan(new SourceFile({ path: use.file.path, text }), 0, text.length, false);
  if (made.length !== 1 || made[0]!.kind === 'other') {
    fail('C0117', `\`##\` makes \`${text}\`, which is not a token`, use);
  }
  const place = left.start >= 0 ? left : right;
  return { ...place, kind: made[0]!.kind, text, space: left.space, hidden: intersect(left.hidden, right.hidden) };
}
