import type { Diagnostic } from '../../../base/diagnostic.ts';
import { libraryModel, libraryPrelude, type Model, modelsFor } from '../library/index.ts';
import type { ExternalDeclaration, TranslationUnit } from '../parser/ast.ts';
import { parse } from '../parser/parser.ts';
import { headerThatDeclares } from '../preprocessor/headers/index.ts';
import { preprocess } from '../preprocessor/preprocessor.ts';
import { BasicTypes } from '../types/basic-types.ts';
import type { DataModel } from '../types/data-model.ts';
import type { TypedUnit } from '../types/typed.ts';
import { Context } from './context.ts';
import { elaborateExternal, finishGlobals } from './declarations.ts';
import { addLibraryBodies } from './library-bodies.ts';

/** The typed tree of a translation unit. Throws Failure at the first error. */
export function elaborateUnit(unit: TranslationUnit, model: DataModel): TypedUnit {
  const e = new Context(new BasicTypes(model), (name) => libraryDeclarations(name, model));
  const defined = unit.declarations.filter((d) => d.kind === 'function').map((d) => d.declarator.name ?? '');
  e.definedHere = new Set(defined);
  for (const declaration of unit.declarations) elaborateExternal(e, declaration);
  addLibraryBodies(e, { read: (names, own) => libraryDefinitions(names, own, model) });
  finishGlobals(e);
  const warnings: readonly Diagnostic[] = e.warnings;
  return { functions: e.functions, globals: e.globals, warnings, types: e.types, models: e.models };
}

/** The declarations of the header that declares a name; none if no header does. */
function libraryDeclarations(name: string, model: DataModel): readonly ExternalDeclaration[] {
  const header = headerThatDeclares(name);
  if (header === undefined) return [];
  const source = { path: `<uses ${name}>`, text: `#include <${header}>\n` };
  return parse(preprocess(source, { model })).unit.declarations;
}

/** The models of library functions, and of all that they use. */
function libraryDefinitions(
  wanted: readonly string[],
  own: ReadonlyMap<string, Exclude<Model, string>>,
  model: DataModel,
): { names: readonly string[]; declarations: readonly ExternalDeclaration[] } {
  const names = modelsFor(wanted, own);
  if (names.length === 0) return { names, declarations: [] };
  const text = [libraryPrelude, ...names.map((name) => (own.get(name) ?? libraryModel(name))!.text)].join('\n');
  const source = { path: '<library>', text };
  return { names, declarations: parse(preprocess(source, { model, builtIn: true })).unit.declarations };
}
