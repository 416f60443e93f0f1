/**
 * The library. One call asks one question about one source and gives a sealed verdict with its evidence:
 *
 *     import { terminates } from 'tertium';
 *     const [answer] = await terminates({ path: 'g.c', text: 'void g(int x, int y) { if (y > 0) while (x > y) x = x - y; }' });
 *     answer.verdict.answer;   // 'yes'
 *
 * Nothing is read from disk but what `include` reads; nothing is printed. A source that cannot be read throws SourceError,
 * which holds the diagnostics; not knowing is an answer, never an exception.
 */
import { type Answer, ask as askFrontEnd } from './ask.ts';
import { type Diagnostic, formatDiagnostic } from './base/diagnostic.ts';
import type { Source } from './base/span.ts';
import { languageOf, languages } from './cli/languages.ts';
import { makeProver } from './cli/prover.ts';
import { type Meaning, requestFor, sentenceFits, unlookedAt, withSentence } from './cli/request.ts';
import { knownSentences, readSentence } from './cli/sentence.ts';
import type { RequestedEvent } from './program/front-end.ts';
import type { CheckKind } from './program/program.ts';
import { type Rechecked, recheck as recheckCertificate } from './recheck.ts';

export type { Answer } from './ask.ts';
export type { Diagnostic } from './base/diagnostic.ts';
export type { Source, Span } from './base/span.ts';
export type { RequestedEvent } from './program/front-end.ts';
export type { CheckKind } from './program/program.ts';
export type { Assumption, Question, Subject, Task } from './program/question.ts';
export type { Rechecked } from './recheck.ts';
export type { Claim, Reason } from './verdict/claim.ts';
export type { Evidence } from './verdict/evidence.ts';
export type { DontKnow, No, Verdict, Yes } from './verdict/verdict.ts';
export { isVerdict } from './verdict/verdict.ts';
export { knownSentences };

export interface Options {
  /** The function to start from, with any arguments. Absent: main, or the only one. */
  readonly functionName?: string;
  /** For each question; default 5000. */
  readonly timeoutMs?: number;
  /** Limits the work instead of the time, so that the answer does not depend on the machine. */
  readonly stepLimit?: number;
  readonly seed?: number;
  readonly integers?: 'c' | 'wrap' | 'math';
  readonly dataModel?: 'lp64' | 'ilp32';
  readonly checks?: ReadonlySet<CheckKind>;
  /** Whether malloc and its like may return null (default), or always succeed. */
  readonly allocation?: 'may-fail' | 'succeeds';
  /** By its path's ending if absent. */
  readonly language?: 'c' | 'python' | 'its';
  /** Finds included files; the default finds none. */
  readonly include?: (path: string, from: string) => Source | undefined;
}

export class SourceError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], source: Source) {
    super(diagnostics.map((d) => formatDiagnostic(d, [source])).join('\n'));
    this.diagnostics = diagnostics;
  }
}

/** Does the event never happen? Without an event: does no assertion fail? Throws SourceError. */
export const always = (source: Source, options: Options & { event?: RequestedEvent } = {}): Promise<Answer> =>
  one(source, { question: 'always', ...eventOf(options) }, options);

/** Can the event happen? Throws SourceError. */
export const ever = (source: Source, event: RequestedEvent, options: Options = {}): Promise<Answer> =>
  one(source, { question: 'ever', event }, options);

/** Does every run end? Throws SourceError. */
export const terminates = (source: Source, options: Options = {}): Promise<Answer> =>
  one(source, { question: 'terminates' }, options);

/** Can nothing go wrong? Throws SourceError. */
export const check = (source: Source, options: Options = {}): Promise<Answer> =>
  one(source, { question: 'check' }, options);

/**
 * A sentence out of `knownSentences`, or, without one, the sensible questions about the source. Throws SourceError, and
 * RangeError for a sentence that is not known.
 */
export async function ask(source: Source, sentence?: string, options: Options = {}): Promise<readonly Answer[]> {
  if (sentence === undefined) return all(source, { question: 'sensible' }, options);
  const read = readSentence(sentence);
  if (read.kind === 'unknown') throw new RangeError(`not a known sentence: ${sentence}`);
  return all(source, read.meaning, options, sentence);
}

export interface RecheckOptions {
  /** Finds a source that the certificate names; the path is relative to the certificate's folder. */
  readonly source: (path: string) => Source | undefined;
  readonly include?: (path: string, from: string) => Source | undefined;
}

/** Checks a certificate with no engine and no solver. Throws RangeError with the reason when it does not hold. */
export async function recheck(certificate: string, options: RecheckOptions): Promise<Rechecked> {
  const result = await recheckCertificate(certificate, {
    source: options.source,
    include: options.include ?? (() => undefined),
    frontEnd: async (name) => languages.find((l) => l.name === name)?.load(),
    sentence: sentenceFits,
  });
  if (!result.ok) throw new RangeError(result.error);
  return result.value;
}

const eventOf = (options: { event?: RequestedEvent }): { event?: RequestedEvent } =>
  options.event ? { event: options.event } : {};

async function one(source: Source, meaning: Meaning, options: Options): Promise<Answer> {
  const [answer] = await all(source, meaning, options);
  if (!answer) throw new Error('the front end made no question');
  return answer;
}

async function all(source: Source, meaning: Meaning, options: Options, sentence?: string): Promise<readonly Answer[]> {
  const language = languageOf(source.path, options.language);
  if (!language) throw new RangeError(`${source.path}: its language is not known`);
  const frontEnd = withSentence(await language.load(), sentence);
  const named = options.functionName === undefined ? {} : { functionName: options.functionName };
  const unlooked = unlookedAt(frontEnd, meaning, options);
  if (unlooked) throw new RangeError(unlooked.message);
  const request = requestFor(frontEnd, { ...named, ...meaning }, options, options.include ?? (() => undefined));
  const asking = askFrontEnd(frontEnd, [source], request, {
    timeoutMs: options.timeoutMs ?? 5_000,
    prover: makeProver(),
    ...(options.stepLimit === undefined ? {} : { stepLimit: options.stepLimit }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  if (!asking.ok) throw new SourceError(asking.error, source);
  const answers: Answer[] = [];
  for await (const answer of asking.value.answers) answers.push(answer);
  return answers;
}
