import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { type Range, spanOf } from './preprocessor/source-file.ts';

/**
 * How the C front end stops. Inside it, a user's error unwinds as a `Failure` (recursive descent has no better way out);
 * `caught` turns it into a Result at the border of each phase, so no caller outside ever sees an exception.
 */
export class Failure extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

export interface Details {
  readonly expected?: string;
  readonly hint?: string;
}

/** A diagnostic of the C front end; `code` is stable and starts with `C`. */
export function diagnose(
  severity: Diagnostic['severity'],
  code: string,
  message: string,
  range?: Range,
  details: Details = {},
): Diagnostic {
  return { severity, code, message, ...(range ? { span: spanOf(range) } : {}), ...details };
}

/** Stops with an error in the user's text. */
export function fail(code: string, message: string, range?: Range, details: Details = {}): never {
  throw new Failure(diagnose('error', code, message, range, details));
}

/** Stops with a construct that we do not model. */
export function unsupported(code: string, message: string, range?: Range, details: Details = {}): never {
  throw new Failure(diagnose('unsupported', code, message, range, details));
}

/** Runs a phase and catches its Failure; any other exception is a bug of ours and passes through. */
export function caught<T>(phase: () => T): Result<T, Diagnostic> {
  try {
    return ok(phase());
  } catch (problem) {
    if (problem instanceof Failure) return err(problem.diagnostic);
    throw problem;
  }
}
