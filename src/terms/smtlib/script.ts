import { quoteSymbol } from '../s-expression.ts';
import { ScopedMap } from '../scoped-map.ts';
import type { SymbolTerm } from '../term.ts';

/** A shape that a translation does not cover. Expected: it becomes an `unsupported` answer, never a guess. */
export class Unsupported extends Error {}

/** Longer expressions get a name, so that the text stays linear in the number of distinct subterms. In characters. */
export const longestInline = 120;

/** Where a translation puts what its expressions rest on. */
export interface Declarations {
  command(line: string): void;
  /** The spelling of a symbol if it is declared already. */
  declared(symbol: SymbolTerm): string | undefined;
  declare(symbol: SymbolTerm, sort: string): string;
  /** The expression, or the name it is given where it is long. */
  share(expression: string, sort: string): string;
  /** Defines a function once: `definition` is all that follows the name. */
  useFunction(name: string, definition: string): string;
  /** Declares a constant once, with facts that define it. */
  constant(name: string, sort: string, facts: (name: string) => readonly string[]): string;
}

/**
 * The commands of a script as they come up, with scopes. User symbols are spelt `v.name` and what we define `d.number`, so
 * that neither meets the other or a function of a theory.
 */
export class Script implements Declarations {
  #lines: string[] = [];
  #nextName = 0;
  readonly #symbols = new ScopedMap<SymbolTerm, string>();
  readonly #functions = new ScopedMap<string, true>();

  command(line: string): void {
    this.#lines.push(line);
  }

  /** All commands since the last call. */
  take(): string {
    const text = this.#lines.join('\n');
    this.#lines = [];
    return text.length > 0 ? `${text}\n` : text;
  }

  declared(symbol: SymbolTerm): string | undefined {
    return this.#symbols.get(symbol);
  }

  declaredSymbols(): IterableIterator<SymbolTerm> {
    return this.#symbols.keys();
  }

  declare(symbol: SymbolTerm, sort: string): string {
    const name = symbolName(symbol);
    this.#symbols.set(symbol, name);
    this.command(`(declare-const ${name} ${sort})`);
    return name;
  }

  share(expression: string, sort: string): string {
    if (expression.length <= longestInline) return expression;
    const name = `d.${this.#nextName++}`;
    this.command(`(define-fun ${name} () ${sort} ${expression})`);
    return name;
  }

  useFunction(name: string, definition: string): string {
    if (!this.#functions.has(name)) {
      this.#functions.set(name, true);
      this.command(`(define-fun ${name} ${definition})`);
    }
    return name;
  }

  constant(name: string, sort: string, facts: (name: string) => readonly string[]): string {
    if (!this.#functions.has(name)) {
      this.#functions.set(name, true);
      this.command(`(declare-const ${name} ${sort})`);
      for (const fact of facts(name)) this.command(`(assert ${fact})`);
    }
    return name;
  }

  push(): void {
    this.command('(push 1)');
    this.#symbols.push();
    this.#functions.push();
  }

  pop(): void {
    this.command('(pop 1)');
    this.#symbols.pop();
    this.#functions.pop();
  }
}

export const symbolName = (symbol: SymbolTerm): string => quoteSymbol(`v.${symbol.name}`);
