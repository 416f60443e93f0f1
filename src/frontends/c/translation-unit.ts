import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { Source } from '../../base/span.ts';
import { caught, diagnose } from './diagnostics.ts';
import { elaborateUnit } from './elaboration/unit.ts';
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
  /** The user's files that were read, the main one first. */
  readonly sources: readonly Source[];
}

export function readTranslationUnit(source: Source, options: ReadOptions): Result<TranslationUnit, Diagnostic> {
  const sources = new Map([[source.path, source]]);
  const include = (name: string, from: string): Source | undefined => {
    const found = options.include?.(name, from);
    if (found) sources.set(found.path, found);
    return found;
  };
  // A NUL byte means that this is no text; say so instead of naming the first stray character.
  if (source.text.includes('\0')) return err(diagnose('error', 'C0100', `${source.path} is a binary file, not C text`));
  return withinStack(source, () =>
    caught(() => {
      const preprocessed = preprocess(source, { ...options, include });
      const { unit, warnings } = parse(preprocessed);
      const typed = elaborateUnit(unit, options.model);
      return {
        unit: typed,
        warnings: [...preprocessed.warnings, ...warnings, ...typed.warnings],
        sources: [...sources.values()],
      };
    }),
  );
}

/** Limits of nesting stop the reading long before the stack ends; what slips through them ends here, as a don't know. */
function withinStack<T>(source: Source, read: () => Result<T, Diagnostic>): Result<T, Diagnostic> {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof RangeError) || !/call stack/i.test(problem.message)) throw problem;
    const message = `something in ${source.path} is nested too deeply to be read`;
    return err(diagnose('unsupported', 'C0203', message, undefined, { hint: 'split long chains and deep nesting' }));
  }
}
