import { type Answer, ask } from '../ask.ts';
import type { Budget } from '../base/budget.ts';
import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts';
import type { Source } from '../base/span.ts';
import type { FrontEndRequest } from '../program/front-end.ts';
import type { NativeReplay, Remark, ReportedAnswer, ReportedProperty } from '../reports/report.ts';
import type { Progress } from '../verdict/claim.ts';
import { propertiesOf } from '../verdict/properties.ts';
import type { Asked, Settings } from './arguments.ts';
import { type ExitStatus, statusOf } from './exit-status.ts';
import { guardLimitMs, needsGuard, runGuarded } from './guard.ts';
import { languageOf, languages, strangerIn } from './languages.ts';
import { ProgressLine } from './progress.ts';
import { makeProver } from './prover.ts';
import { meaningOf, requestFor, unlookedAt, withSentence } from './request.ts';
import { includer, readProgram } from './source-file.ts';
import { terminalStyle } from './style.ts';
import type { Surroundings } from './surroundings.ts';

/** A question about a file: read, ask, report, exit status. */
export async function answerQuestion(
  asked: Asked & { readonly settings: Settings },
  surroundings: Surroundings,
): Promise<ExitStatus> {
  const { settings } = asked;
  const fail = (message: string, hint?: string): ExitStatus => {
    surroundings.warn(`tertium: ${message}\n${hint ? `  ${hint}\n` : ''}`);
    return 2;
  };
  const program = readProgram(asked.targets, surroundings.workingFolder);
  if (!program.ok) return fail(program.error);
  const { sources, functionName } = program.value;
  const path = program.value.paths[0]!;
  const meaning = meaningOf(asked, functionName);
  if (!meaning.ok) return fail(meaning.error.message, meaning.error.hint);
  const language = languageOf(path, settings.language);
  if (!language) {
    const known = languages.map((l) => `${l.name} (${l.extensions.join(', ')})`).join('; ');
    const what = settings.language ? `there is no language ${settings.language}` : `${path}: its language is not known`;
    return fail(what, `languages: ${known}; --language NAME says which one it is`);
  }
  const stranger = strangerIn(program.value.paths, language, settings.language);
  if (stranger !== undefined) return fail(stranger);
  const frontEnd = withSentence(await language.load(), asked.sentence);
  const unlooked = unlookedAt(frontEnd, meaning.value, settings);
  if (unlooked) return fail(unlooked.message, unlooked.hint);
  const request = requestFor(frontEnd, meaning.value, settings, includer(surroundings.workingFolder));

  const session = new Session(settings, surroundings);
  const asking = ask(frontEnd, sources, request, {
    timeoutMs: settings.timeoutMs,
    seed: settings.seed,
    prover: makeProver({ reprove: settings.reprove }),
    onBudget: (budget) => session.started(budget),
    onProgress: (_task, engine, progress) => session.progress(engine, progress),
  });
  if (!asking.ok) return session.unread(asking.error, sources);
  const { tasks } = asking.value;
  if (surroundings.command && needsGuard(tasks, surroundings.environment)) {
    session.close();
    // A question about several properties may take its time twice: as a whole, and one by one.
    const questions = tasks.length + tasks.filter((t) => propertiesOf(t).length > 1).length;
    const limitMs = guardLimitMs(questions, settings.timeoutMs);
    return runGuarded(surroundings.command, limitMs, surroundings, () => session.cutOff());
  }
  session.read(asking.value.warnings, asking.value.sources, tasks.length);
  try {
    for await (const answer of asking.value.answers) {
      session.whole();
      const run = async (a: Pick<Answer, 'verdict' | 'task' | 'wrapped'>): Promise<Replayed> => {
        const nativeReplay = settings.run ? await replayed(a, request, surroundings) : undefined;
        return nativeReplay ? { nativeReplay } : {};
      };
      // A no is final: it is said before its properties are looked at, so that nothing is lost if that is cut short.
      const final = answer.verdict.answer === 'no' ? await run(answer) : undefined;
      if (final && answer.settle) await session.say(answer, final);
      const settled = await answer.settle?.((n, of) => session.settled(n, of));
      const whole = settled ? { ...answer, verdict: settled.verdict } : answer;
      const results = settled?.results ?? [];
      const properties: ReportedProperty[] = [];
      for (const r of results) properties.push({ ...r, ...(r.result === 'fails' ? await run(r) : {}) });
      await session.answered(whole, { ...(final ?? (await run(whole))), ...(settled ? { properties } : {}) });
      if (session.interrupted) break;
    }
  } finally {
    session.close();
  }
  if (settings.certificate !== undefined) {
    const { saveCertificate } = await import('./certificate-file.ts');
    const sentence = asked.sentence === undefined ? {} : { sentence: asked.sentence };
    const { answers, sources } = session;
    session.note(
      saveCertificate(settings.certificate, surroundings.workingFolder, {
        language: language.name,
        units: program.value.paths.length,
        request,
        sources,
        answers,
        ...sentence,
      }),
    );
  }
  if (settings.emitTest !== undefined) {
    const { saveTest } = await import('./test-file.ts');
    session.note(saveTest(settings.emitTest, surroundings.workingFolder, session.answers, request.options));
  }
  return session.finish();
}

type Replayed = Pick<ReportedAnswer, 'nativeReplay'>;

/** Runs the counterexample or witness natively, where the answer rests on one. */
async function replayed(
  { verdict, task, wrapped }: Pick<Answer, 'verdict' | 'task' | 'wrapped'>,
  request: FrontEndRequest,
  { workingFolder }: Surroundings,
): Promise<NativeReplay | undefined> {
  if (verdict.answer === 'dont-know') return undefined;
  const { evidence } = verdict;
  if (evidence.kind !== 'trace' && evidence.kind !== 'lasso' && evidence.kind !== 'recurrent-set') return undefined;
  if (task.subject.language === 'c') {
    const { replayC } = await import('../replay/c-replay.ts');
    const { integers, dataModel, checks } = request.options;
    return replayC(task, evidence, { integers: wrapped ? 'wrap' : integers, dataModel, checks, workingFolder });
  }
  if (task.subject.language === 'python') {
    const { replayPython } = await import('../replay/python-replay.ts');
    const { pythonStart } = await import('../frontends/python/replay.ts');
    const start = pythonStart(task, evidence.kind === 'recurrent-set' ? evidence.stem : evidence.trace);
    return replayPython(task, evidence, start, workingFolder);
  }
  return { kind: 'cannot-run', text: 'not run: there is nothing to run it with' };
}

/** What has been answered so far; writes as it goes on a terminal, at the end otherwise. */
class Session {
  readonly #settings: Settings;
  readonly #surroundings: Surroundings;
  readonly #progress: ProgressLine;
  readonly #release: () => void;
  readonly answers: (ReportedAnswer & Pick<Answer, 'wrapped'>)[] = [];
  #warnings: readonly Diagnostic[] = [];
  sources: readonly Source[] = [];
  #asked = 0;
  #failed = false;
  #remarks = new Map<string, Remark>();
  /** What has been settled of the properties of a question that is answered as a whole. */
  #settled: string | undefined;
  /** The answer itself has been written already. */
  #said = false;
  #budget: Budget | undefined;
  interrupted = false;

  constructor(settings: Settings, surroundings: Surroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#progress = new ProgressLine(surroundings);
    this.#release = surroundings.onInterrupt(() => {
      // The first Ctrl-C ends the question, and what is known so far is reported; the second ends the program.
      if (this.interrupted) process.exit(2);
      this.interrupted = true;
      this.#budget?.stop();
    });
  }

  started(budget: Budget): void {
    this.#budget = budget;
    if (this.#settled === undefined) this.#remarks = new Map();
    if (this.interrupted) budget.stop();
  }

  /** The question is answered as a whole; its properties may follow. */
  whole(): void {
    this.#settled = '';
  }

  settled(count: number, of: number): void {
    this.#settled = `${count} of ${of} properties settled; `;
    this.#progress.say(this.#settled.slice(0, -2));
  }

  progress(engine: string, { text, known }: Progress): void {
    if (this.#settled !== undefined) {
      this.#progress.say(`${this.#settled}${engine}: ${text}`);
      return;
    }
    // What is established stays until something better is; what is merely going on never hides it.
    if (known || !this.#remarks.get(engine)?.known) {
      this.#remarks.set(engine, { by: engine, text, known: known ?? false });
    }
    this.#progress.say(`${engine}: ${text}`);
  }

  read(warnings: readonly Diagnostic[], sources: readonly Source[], asked: number): void {
    this.#asked = asked;
    this.#warnings = warnings;
    this.sources = sources;
    for (const w of warnings) this.#surroundings.warn(`${formatDiagnostic(w, sources)}\n`);
  }

  /** Nothing could be asked: a mistake in the file (2), or something in it that is not modelled (3: don't know). */
  async unread(diagnostics: readonly Diagnostic[], sources: readonly Source[]): Promise<ExitStatus> {
    this.close();
    const unsupported = diagnostics.every((d) => d.severity !== 'error');
    const status: ExitStatus = unsupported ? 3 : 2;
    if (this.#settings.report === 'json') {
      const { renderJson } = await import('../reports/json.ts');
      this.#surroundings.write(renderJson({ answers: [], warnings: diagnostics, sources }, status));
      return status;
    }
    if (unsupported) this.#surroundings.write("Don't know.\n");
    for (const d of diagnostics) this.#surroundings.warn(`${formatDiagnostic(d, sources)}\n`);
    return status;
  }

  /** Says an answer whose properties are still to come. */
  async say(answer: Answer, more: Replayed): Promise<void> {
    if (this.#settings.report !== 'terminal') return;
    const { renderAnswer } = await import('../reports/terminal.ts');
    this.#progress.clear();
    this.#said = true;
    const style = terminalStyle(this.#settings, this.#surroundings);
    this.#surroundings.write(renderAnswer(this.#reported(answer, more), this.sources, style));
  }

  async answered(answer: Answer, more: Pick<ReportedAnswer, 'nativeReplay' | 'properties'>): Promise<void> {
    const reported = this.#reported(answer, more);
    this.#settled = undefined;
    this.answers.push(reported);
    this.#progress.clear();
    if (this.#settings.report !== 'terminal') return;
    const { renderAnswer, renderProperties } = await import('../reports/terminal.ts');
    const style = terminalStyle(this.#settings, this.#surroundings);
    this.#surroundings.write((this.#said ? renderProperties : renderAnswer)(reported, this.sources, style));
    this.#said = false;
  }

  #reported(
    { verdict, supporting, task, wrapped }: Answer,
    more: Pick<ReportedAnswer, 'nativeReplay' | 'properties'>,
  ): ReportedAnswer & Pick<Answer, 'wrapped'> {
    return {
      verdict,
      supporting,
      task,
      ...(wrapped ? { wrapped } : {}),
      ...more,
      remarks: [...this.#remarks.values()],
    };
  }

  close(): void {
    this.#progress.stop();
    this.#release();
  }

  /** The child that worked on it was ended from outside. */
  async cutOff(): Promise<void> {
    const message = 'the time limit was passed, and the work could not be interrupted otherwise';
    if (this.#settings.report === 'json') {
      const { renderJson } = await import('../reports/json.ts');
      const warnings: Diagnostic[] = [{ code: 'TIME-LIMIT', severity: 'warning', message }];
      this.#surroundings.write(renderJson({ answers: [], warnings, sources: this.sources, interrupted: true }, 3));
    } else if (this.#settings.report === 'terminal') this.#surroundings.write(`Don't know: ${message}.\n`);
    else this.#surroundings.warn(`tertium: don't know: ${message}\n`);
  }

  /** Something beside the answers: a sentence, and whether it means failure. */
  note(outcome: { readonly text: string; readonly failed: boolean }): void {
    this.#surroundings.warn(`${outcome.text}\n`);
    if (outcome.failed) this.#failed = true;
  }

  async finish(): Promise<ExitStatus> {
    const left = this.#asked - this.answers.length;
    const answers = this.answers.map((a) => a.verdict.answer);
    const open = left > 0 ? (['dont-know'] as const) : [];
    const status = statusOf([...answers, ...open, ...(this.#failed ? (['failed'] as const) : [])]);
    const report = {
      answers: this.answers,
      warnings: this.#warnings,
      sources: this.sources,
      ...(this.interrupted ? { interrupted: true } : {}),
    };
    if (this.#settings.report === 'json') {
      const { renderJson } = await import('../reports/json.ts');
      this.#surroundings.write(renderJson(report, status));
    } else if (this.#settings.report === 'sarif') {
      const { renderSarif } = await import('../reports/sarif.ts');
      this.#surroundings.write(renderSarif(report));
    } else if (left > 0) {
      this.#surroundings.write(`Interrupted: ${left} more question${left === 1 ? '' : 's'} not answered.\n`);
    }
    return status;
  }
}
