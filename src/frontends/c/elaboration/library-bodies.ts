import type { Model } from '../library/index.ts';
import type { ExternalDeclaration } from '../parser/ast.ts';
import { conventionsName, headerThatDeclares } from '../preprocessor/headers/index.ts';
import { type CType, compatible, isInteger, type PointerType } from '../types/ctype.ts';
import type { FunctionSymbol } from '../types/typed.ts';
import type { Context } from './context.ts';
import { elaborateExternal } from './declarations.ts';

/**
 * Library functions that the program uses and that have no body of their own get one: their model, written in C (library/). It
 * is read in a scope of its own, where only the functions that it defines are the program's, so that no name of the program
 * changes its meaning. A function that the program declares with another type than the library's keeps no body.
 */
export interface LibrarySource {
  /** What is defined for these names, and for all that it needs: names, and the declarations of all of them together. */
  read(
    names: readonly string[],
    own: ReadonlyMap<string, Exclude<Model, string>>,
  ): {
    readonly names: readonly string[];
    readonly declarations: readonly ExternalDeclaration[];
  };
}

export function addLibraryBodies(e: Context, library: LibrarySource): void {
  const functions = [...e.usedFunctions].filter((f) => !f.body).map((f) => f.name);
  const variables = e.globals.filter((g) => g.external).map((g) => g.name);
  markNamesakes(e);
  const { names, declarations } = library.read([...new Set([...functions, ...variables])], e.models);
  if (names.length === 0) return;
  const before = new Map<FunctionSymbol, CType>();
  for (const name of names) {
    const symbol = e.functions.get(name);
    if (symbol && !symbol.body) before.set(symbol, symbol.type);
  }
  e.isolated(names, ['__tertium_file'], () => {
    for (const declaration of declarations) {
      const defined = declaration.kind === 'function' ? e.functions.get(declaration.declarator.name ?? '') : undefined;
      // The program's own definition wins.
      if (defined?.body) continue;
      const result = e.attempt(() => elaborateExternal(e, declaration));
      if (!result.ok && defined) defined.body = undefined;
    }
  });
  for (const symbol of before.keys()) if (symbol.body && !fits(symbol)) symbol.body = undefined;
}

/** Functions that only share their name with one of the library: another number of parameters, or a structure for a scalar. */
function markNamesakes(e: Context): void {
  for (const symbol of e.usedFunctions) {
    const { name, type } = symbol;
    if (symbol.body || symbol.library || !type.prototype) continue;
    const header = headerThatDeclares(name);
    if (header === undefined || header === conventionsName) continue;
    const theirs = e.libraryFunction(
      name,
      (declaration) => void e.attempt(() => elaborateExternal(e, declaration)),
    )?.type;
    if (!theirs?.prototype) continue;
    const own = type.parameters;
    const differs = theirs.parameters.some((p, i) => (p.kind === 'record') !== (own[i]?.kind === 'record'));
    if (differs || own.length !== theirs.parameters.length) symbol.namesake = true;
  }
}

/** Callers and the model agree on what is passed; pointers are pointers, whatever to. */
function fits({ type, body }: FunctionSymbol): boolean {
  const own = body!.parameters.map((p) => p.type);
  if (type.prototype && type.parameters.length !== own.length) return false;
  return own.every((parameter, i) => !type.prototype || alike(type.parameters[i]!, parameter));
}

function alike(a: CType, b: CType): boolean {
  if (isPointer(a) && isPointer(b)) return true;
  return (isInteger(a) && isInteger(b)) || compatible(a, b);
}

const isPointer = (type: CType): type is PointerType => type.kind === 'pointer';
