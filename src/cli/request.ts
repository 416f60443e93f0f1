import { err, ok, type Result } from '../base/result.ts';
import type { FrontEnd, FrontEndRequest, RequestedEvent } from '../program/front-end.ts';
import type { CheckKind } from '../program/program.ts';
import type { Asked, Settings, UsageError } from './arguments.ts';
import { knownSentences, readSentence } from './sentence.ts';

/** What is asked, once a sentence has been understood. */
export interface Meaning {
  readonly question: FrontEndRequest['question'];
  readonly functionName?: string;
  readonly event?: RequestedEvent;
  /** The kinds of failure that a sentence speaks of. */
  readonly checks?: ReadonlySet<CheckKind>;
}

export function meaningOf(
  asked: Asked & { readonly settings: Settings },
  functionName: string | undefined,
): Result<Meaning, UsageError> {
  const named = functionName === undefined ? {} : { functionName };
  if (asked.question !== 'ask') {
    return ok({ question: asked.question, ...named, ...(asked.event ? { event: asked.event } : {}) });
  }
  const read = readSentence(asked.sentence ?? '');
  if (read.kind === 'unknown') {
    const list = knownSentences.map((s) => `    ${s}`).join('\n');
    const hint = read.hint ? `${read.hint}\n  ` : '';
    return err({
      message: `I do not know the sentence ${JSON.stringify(asked.sentence)}`,
      hint: `${hint}The sentences I know (F is a function, or "it"):\n${list}`,
    });
  }
  const { meaning } = read;
  if (functionName !== undefined && meaning.functionName !== undefined && functionName !== meaning.functionName) {
    return err({
      message: `the sentence is about ${meaning.functionName}, but the file is given with :${functionName}`,
    });
  }
  if (meaning.checks && (asked.settings.checks || asked.settings.noChecks.size > 0)) {
    return err({ message: 'the sentence says which failures it is about', hint: 'leave out --checks and --no-checks' });
  }
  return ok({ ...named, ...meaning });
}

export interface RequestSettings {
  readonly integers?: 'c' | 'wrap' | 'math';
  readonly dataModel?: 'lp64' | 'ilp32';
  /** Absent: the usual ones of the language. */
  readonly checks?: ReadonlySet<CheckKind>;
  /** The usual ones too. */
  readonly usualChecks?: boolean;
  /** Every kind that the language looks at. */
  readonly allChecks?: boolean;
  readonly noChecks?: ReadonlySet<CheckKind>;
  readonly allocation?: 'may-fail' | 'succeeds';
}

/** Turns what is asked into what a front end is asked. */
export function requestFor(
  frontEnd: FrontEnd,
  meaning: Meaning,
  settings: RequestSettings,
  include: FrontEndRequest['options']['include'],
): FrontEndRequest {
  const checks = new Set<CheckKind>(meaning.checks ?? settings.checks ?? frontEnd.defaultChecks);
  const { usualChecks, allChecks } = settings;
  if ((usualChecks || allChecks) && !meaning.checks) for (const kind of frontEnd.defaultChecks) checks.add(kind);
  if (allChecks && !meaning.checks) for (const kind of frontEnd.otherChecks ?? []) checks.add(kind);
  for (const kind of settings.noChecks ?? []) checks.delete(kind);
  return {
    question: meaning.question,
    ...(meaning.functionName === undefined ? {} : { functionName: meaning.functionName }),
    ...(meaning.event ? { event: meaning.event } : {}),
    options: {
      integers: settings.integers ?? (frontEnd.name === 'c' ? 'c' : 'math'),
      dataModel: settings.dataModel ?? 'lp64',
      checks,
      ...(settings.allocation ? { allocation: settings.allocation } : {}),
      include,
    },
  };
}

/** A kind of failure that is asked about by name, but is not looked at in the language: then no answer means anything. */
export function unlookedAt(frontEnd: FrontEnd, meaning: Meaning, settings: RequestSettings): UsageError | undefined {
  const looked = new Set<CheckKind>([...frontEnd.defaultChecks, ...(frontEnd.otherChecks ?? [])]);
  const named = [...(meaning.checks ?? settings.checks ?? [])];
  // A sentence may speak of kinds of which some languages have only one.
  const missing = named.filter((k) => !looked.has(k));
  if (missing.length === 0 || (meaning.checks && missing.length < named.length)) return undefined;
  const list = [...looked].join(', ');
  return {
    message: `\`${missing[0]}\` is not looked at in this language`,
    hint: looked.size === 0 ? 'it has no such checks' : `what is looked at: ${list}`,
  };
}

/** The same front end, with the user's own sentence as the text of its one question. */
export function withSentence(frontEnd: FrontEnd, sentence: string | undefined): FrontEnd {
  if (sentence === undefined) return frontEnd;
  return {
    ...frontEnd,
    read(sources, request) {
      const result = frontEnd.read(sources, request);
      if (!result.ok || result.value.tasks.length !== 1) return result;
      const task = result.value.tasks[0]!;
      const tasks = [{ ...task, question: { ...task.question, text: sentence } }];
      return { ok: true, value: { ...result.value, tasks } };
    },
  };
}

/** Whether a sentence asks what a request asks: for certificates, which hold both. */
export function sentenceFits(sentence: string, request: FrontEndRequest): boolean {
  const read = readSentence(sentence);
  if (read.kind === 'unknown') return false;
  const { meaning } = read;
  if (meaning.question !== request.question || !sameEvent(meaning.event, request.event)) return false;
  if (meaning.functionName !== undefined && meaning.functionName !== request.functionName) return false;
  const { checks } = meaning;
  return (
    !checks || ([...checks].every((c) => request.options.checks.has(c)) && checks.size === request.options.checks.size)
  );
}

function sameEvent(a: RequestedEvent | undefined, b: RequestedEvent | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.kind === 'print') return b.kind === 'print' && a.text === b.text;
  if (a.kind === 'failure') return b.kind === 'failure';
  return b.kind === 'returns' && a.value === b.value && (a.other ?? false) === (b.other ?? false);
}
