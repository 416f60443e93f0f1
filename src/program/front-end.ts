import type { Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import type { Source } from '../base/span.ts';
import type { CheckKind } from './program.ts';
import type { Task } from './question.ts';

/**
 * The plug of a front end: sources and a request in, tasks out. Reading is pure and deterministic: the same sources and
 * request give the same locations, symbols and tasks, for `recheck` reads a certificate against a second reading.
 * It never throws on any text (also binary, huge or endlessly nested ones): what is wrong, or not modelled, is a Diagnostic.
 */
export interface FrontEnd {
  /** The language, as in Subject. */
  readonly name: Task['subject']['language'];
  /** File name endings with their dot: `.c`, `.h`. */
  readonly extensions: readonly string[];
  /** The kinds that `check` and the sensible questions look at when the user names none. */
  readonly defaultChecks: ReadonlySet<CheckKind>;
  /** The kinds that are looked at when they are named. About any further kind nothing can be asked. */
  readonly otherChecks?: ReadonlySet<CheckKind>;
  /** The first source is the one asked about. Errors: at least one diagnostic of severity error or unsupported. */
  read(sources: readonly Source[], request: FrontEndRequest): Result<Reading, readonly Diagnostic[]>;
}

export interface Reading {
  /** At least one. */
  readonly tasks: readonly Task[];
  readonly warnings: readonly Diagnostic[];
  /** Every file that was read, the includes too: a certificate names them with their hashes. */
  readonly sources: readonly Source[];
}

export interface FrontEndRequest {
  /**
   * - always: the event never happens; without an event, no check of the chosen kinds that the *user wrote* (assertion,
   *   unreachable, exception) fails. One task.
   * - ever: the event can happen. One task; an event must be given.
   * - terminates: every run ends. One task.
   * - check: no check of the chosen kinds fails. One task.
   * - sensible: what a person would ask of this function or file: it ends, nothing goes wrong, a Boolean function never
   *   returns false. Several tasks, each with its sentence.
   */
  readonly question: 'always' | 'ever' | 'terminates' | 'check' | 'sensible';
  /**
   * Where to start, with any arguments. Absent: `main` (in Python the module's own code, when it does anything), else the
   * only function; several without main: for `sensible` all of them, otherwise an error that lists them.
   * An unknown name: an error of code `unknown-function` whose hint names the nearest.
   */
  readonly functionName?: string;
  readonly event?: RequestedEvent;
  readonly options: FrontEndOptions;
}

export type RequestedEvent =
  /** Something is printed that contains this text (a print whose literal part does). */
  | { readonly kind: 'print'; readonly text: string }
  /** The function returns the value; with `other`, any value but this one. For main: its exit status. */
  | { readonly kind: 'returns'; readonly value: bigint | boolean; readonly other?: boolean }
  /** A check of the chosen kinds fails. */
  | { readonly kind: 'failure' };

export interface FrontEndOptions {
  /**
   * c: the standard (unsigned wraps; signed overflow is undefined: a failing `overflow` check when that kind is chosen, and
   * wrapping when it is not); wrap: every machine integer wraps and nothing overflows; math: mathematical integers.
   */
  readonly integers: 'c' | 'wrap' | 'math';
  readonly dataModel: 'lp64' | 'ilp32';
  /** Which kinds of failures are looked at; the others are not checked and not assumed. */
  readonly checks: ReadonlySet<CheckKind>;
  /** Whether memory allocation can fail (C's default) or always succeeds. */
  readonly allocation?: 'may-fail' | 'succeeds';
  /** Finds an included or imported file of the user; undefined when there is none. `path` is as written, `from` the includer. */
  include(path: string, from: string): Source | undefined;
}
