import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Source } from '../../../base/span.ts';
import { diagnose, fail, unsupported } from '../diagnostics.ts';
import { nearest } from '../nearest.ts';
import type { DataModel } from '../types/data-model.ts';
import { evaluateCondition } from './condition.ts';
import { Expander, type ExpansionState } from './expansion.ts';
import { standardHeader, standardHeaderNames } from './headers/index.ts';
import { type Macro, parseMacro, sameMacro } from './macro.ts';
import { predefinedMacros } from './predefined.ts';
import { scan } from './scanner.ts';
import { SourceFile } from './source-file.ts';
import type { Token } from './token.ts';

/**
 * Translation phases 1 to 4 [C11 5.1.1.2]: directives, includes, macros. No input or output happens here: standard headers are
 * our own short declarations, and the user's files come through `include`. `#line` does not change the positions we report,
 * which are always those of the text that the user gave us.
 */
export interface PreprocessorOptions {
  readonly model: DataModel;
  /** Finds a file named in the user's `#include`; undefined if there is none. `from` is the path of the including file. */
  readonly include?: (name: string, from: string) => Source | undefined;
  /** Macros given from outside: name and body. */
  readonly defines?: ReadonlyMap<string, string>;
  /** The text is one of ours: messages avoid pointing into it. */
  readonly builtIn?: boolean;
}

export interface Preprocessed {
  readonly tokens: Token[];
  readonly file: SourceFile;
  readonly warnings: Diagnostic[];
}

const deepestInclude = 200;
/** Tokens that macros may make, all together. */
const mostExpandedTokens = 1_000_000;
const knownBuiltins =
  /^__builtin_(?:expect|unreachable|constant_p|types_compatible_p|choose_expr|offsetof|alloca|va_(?:start|end|arg|copy)|abort|trap|malloc|free|mem(?:cpy|set|move|cmp)|str(?:len|cpy|cmp)|popcount(?:l|ll)?|(?:add|sub|mul)_overflow(?:_p)?|(?:bswap(?:16|32|64)|c[lt]z(?:l|ll)?|ffs(?:l|ll)?|parity(?:l|ll)?|assume_aligned|prefetch))$|^__(?:sync|atomic)_\w+$/;

interface Frame {
  readonly file: SourceFile;
  readonly tokens: readonly Token[];
  index: number;
  readonly conditionals: Conditional[];
}

interface Conditional {
  readonly directive: Token;
  /** A branch of this group has been taken already. */
  taken: boolean;
  seenElse: boolean;
}

/** Preprocesses one translation unit. Throws Failure for an error in the user's text. */
export function preprocess(source: Source, options: PreprocessorOptions): Preprocessed {
  return new Preprocessor(source, options).run();
}

function unknownHeaderHint(name: string): string {
  const near = nearest(name, standardHeaderNames());
  return near.length > 0 ? `did you mean <${near[0]}>?` : 'this standard header is not among those that Tertium knows';
}

class Preprocessor {
  readonly #options: PreprocessorOptions;
  readonly #main: SourceFile;
  readonly #frames: Frame[] = [];
  readonly #state: ExpansionState;
  readonly #once = new Set<string>();
  readonly #warnings: Diagnostic[] = [];
  readonly #headers = new Map<string, SourceFile>();
  #counter = 0;
  #packBytes: number | undefined;
  readonly #packStack: (number | undefined)[] = [];
  readonly #savedMacros = new Map<string, (Macro | undefined)[]>();

  constructor(source: Source, options: PreprocessorOptions) {
    this.#options = options;
    this.#main = new SourceFile(source, options.builtIn);
    this.#state = { macros: new Map(), dynamic: this.#dynamicMacros(), remainingTokens: mostExpandedTokens };
  }

  run(): Preprocessed {
    const defines = [...(this.#options.defines ?? [])].map(([name, body]) => `#define ${name} ${body}\n`).join('');
    this.#enter(this.#main, undefined);
    this.#enter(new SourceFile({ path: '<command line>', text: defines }, true), undefined);
    const predefined = predefinedMacros(this.#options.model);
    this.#enter(new SourceFile({ path: '<predefined>', text: predefined }, true), undefined);
    const expander = new Expander(this.#state, () => this.#read());
    const tokens: Token[] = [];
    for (;;) {
      const token = expander.next();
      if (token.kind === 'annotation') tokens.push(this.#annotation(token));
      else if (token.kind === 'identifier' && token.text === '_Pragma') this.#pragmaOperator(expander, token);
      else if (this.#packBytes !== undefined && (token.text === 'struct' || token.text === 'union')) {
        tokens.push({ ...token, packBytes: this.#packBytes });
      } else tokens.push(token);
      if (token.kind === 'end') return { tokens, file: this.#main, warnings: this.#warnings };
    }
  }

  /** Scans what an ACSL comment contains and expands macros in it; `@` is white space there. */
  #annotation(token: Token): Token {
    const end = token.text.startsWith('/*') ? token.end - 2 : token.end;
    const content = scan(token.file, token.start + 3, end, false).filter((t) => t.text !== '@');
    return { ...token, content: this.#expandLine(content, token) };
  }

  #dynamicMacros(): ExpansionState['dynamic'] {
    const quoted = (text: string): Pick<Token, 'kind' | 'text'> => ({ kind: 'string', text: JSON.stringify(text) });
    return new Map<string, (at: Token) => Pick<Token, 'kind' | 'text'>>([
      ['__LINE__', (at) => ({ kind: 'number', text: String(at.file.lineOf(at.start)) })],
      ['__FILE__', (at) => quoted(at.file.path)],
      ['__BASE_FILE__', () => quoted(this.#main.path)],
      ['__COUNTER__', () => ({ kind: 'number', text: String(this.#counter++) })],
      ['__INCLUDE_LEVEL__', () => ({ kind: 'number', text: String(this.#frames.length - 1) })],
      // The same input must give the same answer, so the clock stands still.
      ['__DATE__', () => quoted('Jan  1 1970')],
      ['__TIME__', () => quoted('00:00:00')],
    ]);
  }

  /** `_Pragma("…")` is `#pragma …`. */
  #pragmaOperator(expander: Expander, at: Token): void {
    const [open, text, close] = [expander.next(), expander.next(), expander.next()];
    if (open.text !== '(' || text.kind !== 'string' || close.text !== ')')
      fail('C0141', '`_Pragma` needs a string in parentheses', at);
    const content = text.text.replace(/^L?"|"$/g, '').replace(/\\(["\\])/g, '$1');
    const words = scan(new SourceFile({ path: at.file.path, text: content }), 0, content.length, false);
    this.#pragma(this.#frames.at(-1)!, words, at);
  }

  #enter(file: SourceFile, at: Token | undefined): void {
    if (this.#frames.length >= deepestInclude) {
      fail('C0142', `#include is nested more than ${deepestInclude} files deep`, at, {
        hint: 'does a file include itself?',
      });
    }
    this.#frames.push({ file, tokens: scan(file), index: 0, conditionals: [] });
  }

  /** The next token that is not part of a directive. */
  #read(): Token {
    for (;;) {
      const frame = this.#frames.at(-1)!;
      const token = frame.tokens[frame.index];
      if (!token) {
        const open = frame.conditionals.at(-1);
        if (open) {
          fail(
            'C0143',
            `\`#${frame.tokens[frame.tokens.indexOf(open.directive) + 1]?.text ?? 'if'}\` is never closed`,
            open.directive,
            {
              expected: '#endif',
            },
          );
        }
        if (this.#frames.length > 1) {
          this.#frames.pop();
          continue;
        }
        const end = frame.file.text.length;
        return {
          kind: 'end',
          text: '',
          file: frame.file,
          start: end,
          end,
          space: true,
          lineStart: true,
          hidden: undefined,
        };
      }
      frame.index++;
      if (token.text === '#' && token.lineStart && token.kind === 'punctuator') this.#directive(frame, token);
      else return token;
    }
  }

  /** The rest of the logical line, without annotations; advances past it. */
  #restOfLine(frame: Frame): Token[] {
    const line: Token[] = [];
    for (let token = frame.tokens[frame.index]; token && !token.lineStart; token = frame.tokens[frame.index]) {
      if (token.kind !== 'annotation') line.push(token);
      frame.index++;
    }
    return line;
  }

  #directive(frame: Frame, hash: Token): void {
    const line = this.#restOfLine(frame);
    const name = line[0];
    if (!name) return;
    const rest = line.slice(1);
    switch (name.text) {
      case 'define':
        this.#define(parseMacro(rest, name), rest[0]!);
        return;
      case 'undef':
        if (rest[0]?.kind !== 'identifier') fail('C0110', '#undef needs a name', rest[0] ?? name);
        this.#state.macros.delete(rest[0].text);
        return;
      case 'include':
      case 'include_next':
      case 'import':
        this.#include(rest, name);
        return;
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const group: Conditional = { directive: hash, taken: false, seenElse: false };
        frame.conditionals.push(group);
        if (this.#holds(name, rest)) group.taken = true;
        else this.#skipGroup(frame);
        return;
      }
      case 'elif':
      case 'elifdef':
      case 'elifndef':
      case 'else': {
        const group = frame.conditionals.at(-1);
        if (!group) fail('C0144', `\`#${name.text}\` without \`#if\``, name);
        if (group.seenElse) fail('C0144', `\`#${name.text}\` after \`#else\``, name);
        if (name.text === 'else') group.seenElse = true;
        this.#skipGroup(frame);
        return;
      }
      case 'endif':
        if (!frame.conditionals.pop()) fail('C0144', '`#endif` without `#if`', name);
        return;
      case 'error':
        fail('C0145', `#error ${rest.map((t) => t.text).join(' ')}`, name);
        return;
      case 'warning':
        this.#warnings.push(diagnose('warning', 'C0146', `#warning ${rest.map((t) => t.text).join(' ')}`, name));
        return;
      case 'pragma':
        this.#pragma(frame, rest, name);
        return;
      case 'line':
      case 'ident':
      case 'sccs':
        return;
      default:
        // `# 12 "file.c"`: a line marker in a file that was preprocessed before.
        if (name.kind === 'number') return;
        fail('C0147', `\`#${name.text}\` is not a directive`, name);
    }
  }

  #define(macro: Macro, at: Token): void {
    const old = this.#state.macros.get(macro.name);
    if (old && !sameMacro(old, macro) && !at.file.builtIn) {
      this.#warnings.push(diagnose('warning', 'C0118', `macro ${macro.name} is defined again, differently`, at));
    }
    this.#state.macros.set(macro.name, macro);
  }

  #pragma(frame: Frame, rest: Token[], at: Token): void {
    if (rest[0]?.text === 'once') {
      this.#once.add(frame.file.path);
    } else if (rest[0]?.text === 'pack') {
      this.#pack(rest.slice(1), at);
    } else if (rest[0]?.text === 'push_macro' || rest[0]?.text === 'pop_macro') {
      this.#saveMacro(rest[0].text === 'push_macro', rest, at);
    } else if (rest[0]?.text === 'scalar_storage_order') {
      unsupported('C0151', '`#pragma scalar_storage_order`', at);
    }
    // Other pragmas do not change what a program means (STDC FP_CONTRACT, GCC diagnostic, omp without -fopenmp, …).
  }

  /** `#pragma push_macro("X")` keeps the meaning of X until `pop_macro("X")` brings it back. */
  #saveMacro(push: boolean, rest: readonly Token[], at: Token): void {
    const name = rest[2]?.kind === 'string' ? rest[2].text.slice(1, -1) : undefined;
    if (name === undefined) fail('C0148', `\`#pragma ${rest[0]!.text}\` needs a name in quotes`, at);
    const stack = this.#savedMacros.get(name) ?? [];
    this.#savedMacros.set(name, stack);
    if (push) {
      stack.push(this.#state.macros.get(name));
    } else if (stack.length > 0) {
      const macro = stack.pop();
      if (macro) this.#state.macros.set(name, macro);
      else this.#state.macros.delete(name);
    }
  }

  /** `#pragma pack(n)`, `(push)`, `(push, n)`, `(pop)`, `()`: the alignment that structures declared from here on keep to. */
  #pack(words: readonly Token[], at: Token): void {
    const args = words.map((t) => t.text).filter((t) => t !== ',' && t !== '(' && t !== ')');
    const number = args.find((t) => /^\d+$/.test(t));
    if (args.some((t) => !/^(?:\d+|push|pop)$/.test(t)))
      fail('C0148', '`#pragma pack` with these words is not understood', at);
    if (args[0] === 'push') this.#packStack.push(this.#packBytes);
    if (args[0] === 'pop') this.#packBytes = this.#packStack.pop();
    else if (number !== undefined) this.#packBytes = Number(number) || undefined;
    else if (args.length === 0) this.#packBytes = undefined;
  }

  /** Skips to the next branch that is taken, or behind #endif. */
  #skipGroup(frame: Frame): void {
    const group = frame.conditionals.at(-1)!;
    let depth = 0;
    for (let token = frame.tokens[frame.index]; token; token = frame.tokens[frame.index]) {
      frame.index++;
      if (token.text !== '#' || !token.lineStart || token.kind !== 'punctuator') continue;
      const name = frame.tokens[frame.index];
      if (!name || name.lineStart) continue;
      const line = this.#restOfLine(frame);
      switch (name.text) {
        case 'if':
        case 'ifdef':
        case 'ifndef':
          depth++;
          break;
        case 'elif':
        case 'elifdef':
        case 'elifndef':
          if (depth > 0) break;
          if (group.seenElse) fail('C0144', `\`#${name.text}\` after \`#else\``, name);
          if (!group.taken && this.#holds(name, line.slice(1))) {
            group.taken = true;
            return;
          }
          break;
        case 'else':
          if (depth > 0) break;
          if (group.seenElse) fail('C0144', '`#else` after `#else`', name);
          group.seenElse = true;
          if (!group.taken) {
            group.taken = true;
            return;
          }
          break;
        case 'endif':
          if (depth === 0) {
            frame.conditionals.pop();
            return;
          }
          depth--;
          break;
        default:
      }
    }
  }

  #holds(name: Token, rest: readonly Token[]): boolean {
    if (name.text !== 'if' && name.text !== 'elif') {
      if (rest[0]?.kind !== 'identifier') fail('C0144', `\`#${name.text}\` needs a name`, rest[0] ?? name);
      return this.#defined(rest[0].text) === !name.text.includes('ndef');
    }
    return evaluateCondition(this.#expandLine(this.#replaceQueries(rest, name), name), name);
  }

  #defined(name: string): boolean {
    return (
      this.#state.macros.has(name) ||
      this.#state.dynamic.has(name) ||
      /^__has_(?:include|builtin|attribute)$/.test(name)
    );
  }

  #expandLine(tokens: readonly Token[], at: Token): Token[] {
    let i = 0;
    const end: Token = { ...at, kind: 'end', text: '' };
    const expander = new Expander(this.#state, () => tokens[i++] ?? end);
    const result: Token[] = [];
    for (let token = expander.next(); token.kind !== 'end'; token = expander.next()) result.push(token);
    return result;
  }

  /** `defined X`, `defined(X)`, `__has_include(…)`, `__has_builtin(…)`: replaced by 0 or 1 before expansion. */
  #replaceQueries(tokens: readonly Token[], at: Token): Token[] {
    const result: Token[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      const number = (value: boolean): Token => ({ ...token, kind: 'number', text: value ? '1' : '0' });
      if (token.text === 'defined') {
        const parenthesis = tokens[i + 1]?.text === '(';
        const name = tokens[parenthesis ? i + 2 : i + 1];
        if (name?.kind !== 'identifier') fail('C0130', '`defined` needs a name', name ?? token);
        if (parenthesis && tokens[i + 3]?.text !== ')')
          fail('C0130', '`defined(` is not closed', token, { expected: ')' });
        result.push(number(this.#defined(name.text)));
        i += parenthesis ? 3 : 1;
      } else if (
        /^__has_(?:include|include_next|builtin|attribute|c_attribute|feature|extension)$/.test(token.text) &&
        !this.#state.macros.has(token.text)
      ) {
        let close = i + 1;
        while (close < tokens.length && tokens[close]!.text !== ')') close++;
        if (tokens[i + 1]?.text !== '(' || close >= tokens.length)
          fail('C0130', `\`${token.text}\` needs parentheses`, at);
        const inner = tokens.slice(i + 2, close);
        if (token.text.startsWith('__has_include')) {
          const wanted = this.#headerName(inner, token);
          result.push(number(this.#find(wanted.name, wanted.angle, token) !== undefined));
        } else {
          result.push(number(token.text === '__has_builtin' && knownBuiltins.test(inner[0]?.text ?? '')));
        }
        i = close;
      } else {
        result.push(token);
      }
    }
    return result;
  }

  #headerName(tokens: readonly Token[], at: Token): { name: string; angle: boolean } {
    const first = tokens[0];
    if (first?.kind === 'string') return { name: first.text.slice(1, -1), angle: false };
    const last = tokens.findIndex((t) => t.text.startsWith('>'));
    if (first?.text === '<' && last > 0) {
      const close = tokens[last]!;
      const direct = first.file === close.file && close.start > first.start && first.hidden === undefined;
      const name = direct
        ? first.file.text.slice(first.end, close.start)
        : tokens
            .slice(1, last)
            .map((t) => (t.space ? ' ' : '') + t.text)
            .join('');
      return { name: name.trim(), angle: true };
    }
    fail('C0149', '#include needs a file', first ?? at, { expected: '<file> or "file"' });
  }

  #find(name: string, angle: boolean, at: Token): SourceFile | undefined {
    const own = (): SourceFile | undefined => {
      const source = this.#options.include?.(name, at.file.path);
      return source && new SourceFile(source);
    };
    const standard = (): SourceFile | undefined => {
      const known = this.#headers.get(name);
      if (known) return known;
      const text = standardHeader(name);
      if (text === undefined) return undefined;
      const file = new SourceFile({ path: `<${name}>`, text }, true);
      this.#headers.set(name, file);
      return file;
    };
    return angle || at.file.builtIn ? (standard() ?? own()) : (own() ?? standard());
  }

  #include(rest: readonly Token[], at: Token): void {
    const direct = rest[0]?.kind === 'string' || rest[0]?.text === '<';
    const { name, angle } = this.#headerName(direct ? rest : this.#expandLine(rest, at), at);
    const file = this.#find(name, angle, at);
    if (!file) {
      fail('C0150', `cannot find the file \`${name}\` that is included here`, rest[0] ?? at, {
        hint: angle ? unknownHeaderHint(name) : `there is no such file beside ${at.file.path}`,
      });
    }
    if (!this.#once.has(file.path)) this.#enter(file, at);
  }
}
