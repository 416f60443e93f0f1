import type { Diagnostic } from '../../../base/diagnostic.ts';
import { type Details, diagnose, fail, unsupported } from '../diagnostics.ts';
import { suggestion } from '../nearest.ts';
import { cover, type Range } from '../preprocessor/source-file.ts';
import type { Token } from '../preprocessor/token.ts';

/**
 * Where the parser stands: the tokens, the names in scope that are types (C cannot be parsed without them), the depth of
 * nesting, and the warnings so far. ACSL comments are taken out of the stream and found again by the token behind them.
 */

/** C11 asks for 63 nested parentheses and 127 nested blocks; we stop well before our own stack does. */
export const deepestNesting = 400;

const spellings: Readonly<Record<string, string>> = {
  __const: 'const',
  __const__: 'const',
  __volatile: 'volatile',
  __volatile__: 'volatile',
  __restrict: 'restrict',
  __restrict__: 'restrict',
  __inline: 'inline',
  __inline__: 'inline',
  __signed: 'signed',
  __signed__: 'signed',
  __typeof: 'typeof',
  __typeof__: 'typeof',
  __asm: 'asm',
  __asm__: 'asm',
  __attribute: '__attribute__',
  static_assert: '_Static_assert',
  __alignof: '_Alignof',
  __alignof__: '_Alignof',
  __thread: '_Thread_local',
  __complex: '_Complex',
  __complex__: '_Complex',
  __real: '__real__',
  __imag: '__imag__',
  __int128_t: '__int128',
  _ExtInt: '_BitInt',
  __float128: '_Float128',
};

/** The spelling of C11, for the GNU variants of keywords. */
export const keyword = (text: string): string => (Object.hasOwn(spellings, text) ? spellings[text]! : text);

const keywords = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long register ' +
    'restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof ' +
    '_Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local typeof asm __attribute__ ' +
    '__extension__ __int128 __label__ __real__ __imag__ __auto_type _BitInt'
  ).split(' '),
);

/** Keywords by which a statement starts; what resembles one was probably meant as one. */
export const statementWords = [
  'return',
  'while',
  'switch',
  'break',
  'continue',
  'default',
  'else',
  'case',
  'goto',
  'for',
  'if',
  'do',
];

/** The header that defines a type that programs miss. */
export function typeHint(name: string): Details {
  if (/^(?:class|namespace|using|template|public|private|new|delete|virtual|cout|nullptr)$/.test(name))
    return { hint: 'this looks like C++; only C is read' };
  const header = /^u?int(?:\d+|_least\d+|_fast\d+|ptr|max)_t$/.test(name)
    ? 'stdint.h'
    : /^(?:size_t|ptrdiff_t|wchar_t)$/.test(name)
      ? 'stddef.h'
      : name === 'FILE'
        ? 'stdio.h'
        : /^(?:pthread_|sem_)\w*t$/.test(name)
          ? 'pthread.h'
          : undefined;
  return { hint: header === undefined ? `is the type \`${name}\` declared?` : `is #include <${header}> missing?` };
}

export const isKeyword = (text: string): boolean => keywords.has(keyword(text));

/** How a token is called in messages. */
export const nameOf = (token: Token): string => (token.kind === 'end' ? 'end of the file' : `\`${token.text}\``);

export class Cursor {
  readonly warnings: Diagnostic[] = [];
  /** ACSL: `==>` and chained comparisons are understood, and `\true`. */
  acsl = false;
  #tokens: readonly Token[];
  #annotations: ReadonlyMap<number, Token[]>;
  readonly #usedAnnotations = new Set<Token>();
  readonly #scopes: Map<string, boolean>[] = [new Map([['__builtin_va_list', true]])];
  #at = 0;
  #depth = 0;

  constructor(all: readonly Token[]) {
    const tokens: Token[] = [];
    const annotations = new Map<number, Token[]>();
    for (const token of all) {
      if (token.kind !== 'annotation') {
        tokens.push(token);
        continue;
      }
      const list = annotations.get(tokens.length);
      if (list) list.push(token);
      else annotations.set(tokens.length, [token]);
    }
    this.#tokens = tokens;
    this.#annotations = annotations;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  /** The token `ahead` places on; the end token beyond the end. */
  peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  get previous(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)]!;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** From the start of `first` to the end of the token read last. */
  since(first: Range): Range {
    return cover(first, this.previous);
  }

  /** Is the current token this punctuator or keyword? */
  is(text: string): boolean {
    const token = this.token;
    return (token.kind === 'punctuator' || token.kind === 'identifier') && keyword(token.text) === text;
  }

  peekIs(ahead: number, text: string): boolean {
    const token = this.peek(ahead);
    return (token.kind === 'punctuator' || token.kind === 'identifier') && keyword(token.text) === text;
  }

  accept(text: string): Token | undefined {
    return this.is(text) ? this.next() : undefined;
  }

  /** Reads this punctuator or keyword. `what` says where it was expected, `open` what it would close. */
  expect(text: string, what = '', open?: Range): Token {
    const token = this.accept(text);
    if (token) return token;
    const hint = open ? { hint: `to close what was opened in line ${open.file.lineOf(open.start)}` } : {};
    // What comes on a new line is not wrong: something is missing before it.
    if (this.#missingBefore(text)) {
      const { file, end } = this.previous;
      const at = { file, start: end - 1, end };
      fail('C0206', `a \`${text}\` is missing here${what ? `, ${what}` : ''}`, at, hint);
    }
    this.unexpected(`\`${text}\`${what ? ` ${what}` : ''}`, hint);
  }

  #missingBefore(text: string): boolean {
    const { token, previous } = this;
    if (text !== ';' && text !== ')' && text !== ']') return false;
    if (token.kind === 'other' || previous.file !== token.file || previous.end > token.start || token.start < 0)
      return false;
    return token.kind !== 'end' && token.file.lineOf(previous.end - 1) < token.file.lineOf(token.start);
  }

  expectName(what: string): Token {
    const token = this.token;
    if (token.kind !== 'identifier' || isKeyword(token.text)) this.unexpected(what);
    return this.next();
  }

  unexpected(expected: string, details: Details = {}): never {
    const token = this.token;
    if (token.kind === 'other') {
      const quote = token.text === '"' || token.text === "'";
      const what = quote ? `this ${token.text} is never closed` : `a stray \`${token.text}\` in the program`;
      fail('C0202', what, token, quote ? { expected: `${token.text} in the same line` } : { expected, ...details });
    }
    fail('C0201', `unexpected ${nameOf(token)}`, token, { expected, ...details });
  }

  warn(code: string, message: string, range: Range, details: Details = {}): void {
    if (!range.file.builtIn) this.warnings.push(diagnose('warning', code, message, range, details));
  }

  enter(): void {
    if (++this.#depth > deepestNesting) this.tooDeep();
  }

  tooDeep(): never {
    return unsupported('C0203', `this is nested more than ${deepestNesting} levels deep`, this.token, {
      hint: 'split the expression or the block',
    });
  }

  leave(): void {
    this.#depth--;
  }

  // Labels and jumps to them, by function.

  readonly #labels: { readonly names: Set<string>; readonly jumps: Token[] }[] = [];

  beginFunction(): void {
    this.#labels.push({ names: new Set(), jumps: [] });
  }

  label(name: string): void {
    this.#labels.at(-1)?.names.add(name);
  }

  jump(to: Token): void {
    this.#labels.at(-1)?.jumps.push(to);
  }

  /** Every jump needs its label; a nested function may jump to one of the function around it. */
  endFunction(): void {
    const { names, jumps } = this.#labels.pop()!;
    const around = this.#labels.at(-1);
    for (const jump of jumps) {
      if (names.has(jump.text)) continue;
      if (around) around.jumps.push(jump);
      else fail('C0397', `there is no label \`${jump.text}\` in this function`, jump, suggestion(jump.text, names));
    }
  }

  // Scopes of names: true for a type name, false for anything else.

  pushScope(): void {
    this.#scopes.push(new Map());
  }

  popScope(): void {
    this.#scopes.pop();
  }

  declare(name: string, isType: boolean): void {
    this.#scopes.at(-1)!.set(name, isType);
  }

  isTypeName(token: Token): boolean {
    if (token.kind !== 'identifier') return false;
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const known = this.#scopes[i]!.get(token.text);
      if (known !== undefined) return known;
    }
    return token.text === 'bool';
  }

  /** The program declares this type name itself. */
  isDeclaredType(name: string): boolean {
    return this.#scopes.some((scope) => scope.has(name));
  }

  /** Takes the annotations that stand directly before the current token. */
  takeAnnotations(): readonly Token[] {
    const list = this.#annotations.get(this.#at)?.filter((token) => !this.#usedAnnotations.has(token)) ?? [];
    for (const token of list) this.#usedAnnotations.add(token);
    return list;
  }

  /** Annotations that no statement took: they stand where we do not look for them. */
  get unusedAnnotations(): Token[] {
    return [...this.#annotations.values()].flat().filter((token) => !this.#usedAnnotations.has(token));
  }

  /** Runs `parse` on other tokens (an annotation's), with the same scopes. */
  within<T>(tokens: readonly Token[], parse: () => T): T {
    const saved = [this.#tokens, this.#annotations, this.#at, this.acsl] as const;
    this.#tokens = tokens;
    this.#annotations = new Map();
    this.#at = 0;
    const depth = this.#depth;
    try {
      return parse();
    } finally {
      [this.#tokens, this.#annotations, this.#at, this.acsl] = saved;
      this.#depth = depth;
    }
  }
}
