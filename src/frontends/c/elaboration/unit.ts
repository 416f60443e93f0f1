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
import { Linkage } from './linkage.ts';

/** The typed tree of a translation unit. Throws Failure at the first error. */
export function elaborateUnit(unit: TranslationUnit, model: DataModel): TypedUnit {
  const e = new Context(new BasicTypes(model), (name) => libraryDeclarations(name, model));
  e.definedHere = functionsDefined([unit]);
  for (const declaration of unit.declarations) elaborateExternal(e, declaration);
  return finished(e, model);
}

/** Several units as one program. Each is read for itself first, to know what they have in common. */
export function linkUnits(units: readonly TranslationUnit[], model: DataModel): TypedUnit {
  const linkage = new Linkage(units.map((unit) => elaborateUnit(unit, model)));
  const e = new Context(new BasicTypes(model), (name) => libraryDeclarations(name, model), linkage);
  e.definedHere = functionsDefined(units);
  const names = unitNames(units.map((unit) => unit.range.file.path));
  for (const [index, unit] of units.entries()) {
    e.beginUnit(index, names[index]!);
    for (const declaration of unit.declarations) elaborateExternal(e, declaration);
  }
  return finished(e, model);
}

const functionsDefined = (units: readonly TranslationUnit[]): ReadonlySet<string> =>
  new Set(
    units.flatMap((unit) => unit.declarations.map((d) => (d.kind === 'function' ? (d.declarator.name ?? '') : ''))),
  );

function finished(e: Context, model: DataModel): TypedUnit {
  const records = e.fileRecords;
  // The models of the library stand outside: they declare what they need for themselves.
  e.linkage = undefined;
  addLibraryBodies(e, { read: (names, own) => libraryDefinitions(names, own, model) });
  finishGlobals(e);
  const warnings: readonly Diagnostic[] = e.warnings;
  return { functions: e.functions, globals: e.globals, records, warnings, types: e.types, models: e.models };
}

/** Short names for the units: the names of their files without folder and ending, with a number where these are the same. */
function unitNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const stem = path
      .replace(/^.*[\\/]/, '')
      .replace(/\.[^.]*$/, '')
      .replace(/\W/g, '_');
    let name = stem;
    for (let i = 2; taken.has(name); i++) name = `${stem}${i}`;
    taken.add(name);
    return name;
  });
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
