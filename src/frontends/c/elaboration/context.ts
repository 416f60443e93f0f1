import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Result } from '../../../base/result.ts';
import { caught, type Details, diagnose, unsupported } from '../diagnostics.ts';
import type { Model } from '../library/index.ts';
import { suggestion } from '../nearest.ts';
import type { ExternalDeclaration } from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import type { BasicTypes } from '../types/basic-types.ts';
import type { CType, EnumInfo, IntegerType, RecordInfo } from '../types/ctype.ts';
import type { DataModel } from '../types/data-model.ts';
import type { FunctionSymbol, TypedStatement, Variable } from '../types/typed.ts';
import type { Linkage } from './linkage.ts';

/** What elaboration knows at a point of the program: names, tags, the function it is in, and what it has collected. */

export type Entry =
  | Variable
  | FunctionSymbol
  | { readonly kind: 'typedef'; readonly type: CType; readonly builtIn: boolean }
  | { readonly kind: 'enumerator'; readonly value: bigint; readonly type: IntegerType };

export type Tag =
  | { readonly kind: 'record'; readonly info: RecordInfo }
  | { readonly kind: 'enum'; readonly info: EnumInfo };

interface Scope {
  readonly names: Map<string, Entry>;
  readonly tags: Map<string, Tag>;
}

const newScope = (): Scope => ({ names: new Map(), tags: new Map() });

/** A parser limits nesting to 400; chains of operators are walked in loops. This guards chains of members and indices. */
const deepest = 1000;
const mostSuggestions = 50;

export class Context {
  readonly types: BasicTypes;
  readonly warnings: Diagnostic[] = [];
  readonly functions = new Map<string, FunctionSymbol>();
  readonly globals: Variable[] = [];
  /** The functions that some expression names. */
  readonly usedFunctions = new Set<FunctionSymbol>();
  /** The functions that this file defines, from its first line on. */
  definedHere: ReadonlySet<string> = new Set();
  /** Functions of our own that are written for calls with formats, by format; and their texts, by name. */
  readonly formatted = new Map<string, FunctionSymbol>();
  readonly models = new Map<string, Exclude<Model, string>>();
  /** The function whose body is being read. */
  current: FunctionSymbol | undefined;
  /** Kept for statement expressions: the loops and switches around (see statements.ts). */
  surroundings: unknown;
  /** Sizes of variable-length arrays, to be computed before the statement at hand; undefined where none may occur. */
  pending: TypedStatement[] | undefined;
  /** Inside the parameters of a declaration: array sizes there need not be known. */
  inPrototype = false;
  /** Records whose members are known by now, in this unit. */
  readonly completed = new Set<RecordInfo>();
  /** What the units before this one have defined, when there are several. */
  linkage: Linkage | undefined;
  /** Of the unit at hand, among several. */
  unit = { index: 0, name: '' };
  readonly #newPlaces = new Map<string, RecordInfo | EnumInfo>();
  readonly #library: (name: string) => readonly ExternalDeclaration[];
  #scopes: Scope[] = [newScope()];
  #nextId = 0;
  #suggestions = 0;
  #depth = 0;
  readonly #warned = new Set<string>();

  constructor(types: BasicTypes, library: (name: string) => readonly ExternalDeclaration[], linkage?: Linkage) {
    this.types = types;
    this.#library = library;
    this.linkage = linkage;
  }

  /** Another unit begins: it sees no name of those before it, but is linked with them. */
  beginUnit(index: number, name: string): void {
    this.unit = { index, name };
    this.#scopes = [newScope()];
    this.completed.clear();
    for (const [place, info] of this.#newPlaces) {
      if (!this.linkage?.places.has(place)) this.linkage?.places.set(place, info);
    }
    this.#newPlaces.clear();
  }

  /** Remembers a type by the place of its definition, for the units to come. */
  notePlace(place: string, info: RecordInfo | EnumInfo): void {
    if (!this.#newPlaces.has(place)) this.#newPlaces.set(place, info);
  }

  get fileRecords(): Map<string, RecordInfo> {
    const records = new Map<string, RecordInfo>();
    for (const [tag, entry] of this.#scopes[0]!.tags) {
      if (entry.kind === 'record') records.set(`${entry.info.which} ${tag}`, entry.info);
    }
    return records;
  }

  get model(): DataModel {
    return this.types.model;
  }

  newId(): number {
    return this.#nextId++;
  }

  warn(code: string, message: string, range: Range, details: Details = {}): void {
    if (range.file.builtIn) return;
    const key = `${code} ${message} ${range.file.path} ${range.start}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.warnings.push(diagnose('warning', code, message, range, details));
  }

  /** Runs `body` one level deeper. */
  deeper<T>(range: Range, body: () => T): T {
    if (++this.#depth > deepest) {
      unsupported('C0203', 'this is nested too deeply', range, { hint: 'split the expression or the block' });
    }
    const result = body();
    this.#depth--;
    return result;
  }

  /** Runs `body`; when it fails, scopes and depth are as before it. */
  attempt<T>(body: () => T): Result<T, Diagnostic> {
    const saved = {
      scopes: [...this.#scopes],
      depth: this.#depth,
      pending: this.pending,
      surroundings: this.surroundings,
    };
    const result = caught(body);
    if (!result.ok) {
      this.#scopes = saved.scopes;
      this.#depth = saved.depth;
      this.pending = saved.pending;
      this.surroundings = saved.surroundings;
    }
    return result;
  }

  resetDepth(): void {
    this.#depth = 0;
  }

  // Scopes

  get atFileScope(): boolean {
    return this.#scopes.length === 1;
  }

  pushScope(): void {
    this.#scopes.push(newScope());
  }

  popScope(): void {
    this.#scopes.pop();
  }

  /** Runs `body` with the scopes inside the file's scope put aside. */
  withFileScope<T>(body: () => T): T {
    const saved = this.#scopes;
    this.#scopes = [saved[0]!];
    const result = body();
    this.#scopes = saved;
    return result;
  }

  lookup(name: string): Entry | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const entry = this.#scopes[i]!.names.get(name);
      if (entry) return entry;
    }
    return undefined;
  }

  lookupHere(name: string): Entry | undefined {
    return this.#scopes.at(-1)!.names.get(name);
  }

  lookupGlobal(name: string): Entry | undefined {
    return this.#scopes[0]!.names.get(name);
  }

  define(name: string, entry: Entry): void {
    this.#scopes.at(-1)!.names.set(name, entry);
  }

  defineGlobally(name: string, entry: Entry): void {
    this.#scopes[0]!.names.set(name, entry);
  }

  lookupTag(name: string, here = false): Tag | undefined {
    if (here) return this.#scopes.at(-1)!.tags.get(name);
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const tag = this.#scopes[i]!.tags.get(name);
      if (tag) return tag;
    }
    return undefined;
  }

  defineTag(name: string, tag: Tag): void {
    this.#scopes.at(-1)!.tags.set(name, tag);
  }

  /**
   * The declaration of a known function that the program uses without declaring it, read from our own header in a scope of
   * its own; `elaborate` reads one declaration.
   */
  libraryFunction(name: string, elaborate: (declaration: ExternalDeclaration) => void): FunctionSymbol | undefined {
    const declarations = this.#library(name);
    if (declarations.length === 0) return undefined;
    const saved = this.#scopes;
    this.#scopes = [newScope()];
    for (const declaration of declarations) elaborate(declaration);
    const found = this.#scopes[0]!.names.get(name);
    this.#scopes = saved;
    return found?.kind === 'function' ? found : undefined;
  }

  /**
   * Runs `body` at file scope in a scope of its own, which holds of the program's names only these functions and global
   * variables, and these tags.
   */
  isolated(names: readonly string[], tags: readonly string[], body: () => void): void {
    const saved = this.#scopes;
    const scope = newScope();
    for (const name of names) {
      const entry = this.functions.get(name) ?? saved[0]!.names.get(name);
      if (entry?.kind === 'function' || entry?.kind === 'variable') scope.names.set(name, entry);
    }
    for (const name of tags) {
      const tag = saved[0]!.tags.get(name);
      if (tag) scope.tags.set(name, tag);
    }
    this.#scopes = [scope];
    body();
    this.#scopes = saved;
  }

  /** Names in scope that resemble this one, for messages. */
  similarNames(name: string): Details {
    // Looking through all names costs; after some mistakes nobody reads the next suggestion.
    if (++this.#suggestions > mostSuggestions) return {};
    const all = this.#scopes.flatMap((scope) => [...scope.names.keys()]);
    // Names of ours are not what anybody meant.
    return suggestion(
      name,
      all.filter((other) => !other.startsWith('__')),
    );
  }
}
