import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { Source } from '../../base/span.ts';
import { caught, diagnose } from './diagnostics.ts';
import { elaborateUnit, linkUnits } from './elaboration/unit.ts';
import { parse } from './parser/parser.ts';
import { preprocess } from './preprocessor/preprocessor.ts';
import type { DataModel } from './types/data-model.ts';
import type { TypedUnit } from './types/typed.ts';

/**
 * From text to the typed tree: preprocess, parse, elaborate. Pure and synchronous; never throws on any text. The C that is
 * read is C11 with the GNU extensions that occur in practice; constructs that are understood but not modelled come through as
 * `unsupported` statements, and matter only where they are reached.
 */
export interface ReadOptions {
  readonly model: DataModel;
  readonly include?: (name: string, from: string) => Source | undefined;
  readonly defines?: ReadonlyMap<string, string>;
}

export interface TranslationUnit {
  readonly unit: TypedUnit;
  readonly warnings: readonly Diagnostic[];
  /** The user's files that were read, those given first. */
  readonly sources: readonly Source[];
}

export function readTranslationUnit(source: Source, options: ReadOptions): Result<TranslationUnit, Diagnostic> {
  return readProgram([source], options);
}

/** Several units are linked: what has external linkage in one is what the others declare. requires: at least one. */
export function readProgram(given: readonly Source[], options: ReadOptions): Result<TranslationUnit, Diagnostic> {
  const sources = new Map(given.map((source) => [source.path, source]));
  const include = (name: string, from: string): Source | undefined => {
    const found = options.include?.(name, from);
    if (found && !sources.has(found.path)) sources.set(found.path, found);
    return found;
  };
  // A NUL byte means that this is no text; say so instead of naming the first stray character.
  const binary = given.find((source) => source.text.includes('\0'));
  if (binary) return err(diagnose('error', 'C0100', `${binary.path} is a binary file, not C text`));
  const what = given.map((source) => source.path).join(', ');
  return withinStack(what, () =>
    caught(() => {
      const warnings: Diagnostic[] = [];
      const units = given.map((source) => {
        const preprocessed = preprocess(source, { ...options, include });
        const parsed = parse(preprocessed);
        warnings.push(...preprocessed.warnings, ...parsed.warnings);
        return parsed.unit;
      });
      const unit = units.length === 1 ? elaborateUnit(units[0]!, options.model) : linkUnits(units, options.model);
      return { unit, warnings: [...warnings, ...unit.warnings], sources: [...sources.values()] };
    }),
  );
}

/** Limits of nesting stop the reading long before the stack ends; what slips through them ends here, as a don't know. */
function withinStack<T>(what: string, read: () => Result<T, Diagnostic>): Result<T, Diagnostic> {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof RangeError) || !/call stack/i.test(problem.message)) throw problem;
    const message = `something in ${what} is nested too deeply to be read`;
    return err(diagnose('unsupported', 'C0203', message, undefined, { hint: 'split long chains and deep nesting' }));
  }
}
