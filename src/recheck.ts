import { err, ok, type Result } from './base/result.ts';
import type { Source } from './base/span.ts';
import type { FrontEnd, FrontEndRequest } from './program/front-end.ts';
import type { Task } from './program/question.ts';
import { SortError } from './terms/factory.ts';
import { EvaluationLimit } from './terms/operator.ts';
import {
  hashSource,
  readCertificate,
  type UnreadCertificate,
  type UnreadClaim,
} from './verdict/certificate/certificate.ts';
import { Malformed } from './verdict/certificate/reader.ts';
import { check } from './verdict/check.ts';
import { partTask } from './verdict/properties.ts';
import { openAssumptions, sideTask, suspectChecks, withAssumptions, wrapsAround } from './verdict/side-conditions.ts';
import type { Verdict } from './verdict/verdict.ts';

/**
 * Certificate and sources in, verdicts out, with no engine and no solver loaded: the sources are read again by the same
 * front end, every claim is checked against the program that comes out. What has to be believed is lowering, the
 * checkers, and, on rungs 3 and 4, the solvers that the verdict names.
 */
export interface Rechecked {
  readonly answers: readonly {
    readonly verdict: Verdict;
    readonly supporting: readonly Verdict[];
    readonly task: Task;
  }[];
  readonly sources: readonly Source[];
}

export interface RecheckWorld {
  /** Finds a file that the certificate names, or that a source includes; undefined when there is none. */
  readonly source: (path: string) => Source | undefined;
  readonly include: FrontEndRequest['options']['include'];
  readonly frontEnd: (language: string) => Promise<FrontEnd | undefined>;
  /** Whether the user's sentence asks what the request asks. */
  readonly sentence: (sentence: string, request: FrontEndRequest) => boolean;
}

/** The error says why the certificate does not hold. Never throws on a bad certificate. */
export async function recheck(text: string, world: RecheckWorld): Promise<Result<Rechecked, string>> {
  const certificate = readCertificate(text);
  if (!certificate.ok) return certificate;
  const { sources, language, claims } = certificate.value;
  const frontEnd = await world.frontEnd(language);
  if (!frontEnd) return err(`there is no language ${language.slice(0, 40)}`);
  if (claims.length === 0) return err('the certificate claims nothing');
  if (sources.length === 0) return err('the certificate names no source');
  const given: Source[] = [];
  for (const { path } of sources.slice(0, Math.max(1, certificate.value.units ?? 1))) {
    const found = world.source(path);
    if (!found) return err(`there is no file ${path}`);
    given.push(found);
  }
  try {
    return recheckClaims(certificate.value, frontEnd, given, world);
  } catch (error) {
    // Whatever the evidence makes the checkers stumble over is the certificate's fault, and not accepted.
    if (error instanceof Malformed || error instanceof SortError || error instanceof EvaluationLimit) {
      return err(error.message);
    }
    return err(`the evidence cannot be checked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function recheckClaims(
  certificate: UnreadCertificate,
  frontEnd: FrontEnd,
  given: readonly Source[],
  world: RecheckWorld,
): Result<Rechecked, string> {
  const asked: FrontEndRequest = {
    ...certificate.request,
    options: { ...certificate.request.options, include: world.include },
  };
  const { sentence } = certificate;
  if (sentence !== undefined && !world.sentence(sentence, asked)) {
    return err('the sentence in the certificate does not ask what its request asks');
  }
  const readings = new Map<boolean, readonly Task[] | string>();
  let read = given;
  const tasksOf = (wrapped: boolean): readonly Task[] | string => {
    const known = readings.get(wrapped);
    if (known) return known;
    const options = wrapped ? { ...asked.options, integers: 'wrap' as const } : asked.options;
    const reading = frontEnd.read(given, { ...asked, options });
    let result: readonly Task[] | string;
    if (!reading.ok) result = `the source cannot be read: ${reading.error[0]?.message}`;
    else {
      read = reading.value.sources;
      result = differingSource(certificate, read) ?? reading.value.tasks;
    }
    readings.set(wrapped, result);
    return result;
  };
  const answers: Rechecked['answers'][number][] = [];
  const inOrder = certificate.claims.every((c, i, all) => i === 0 || all[i - 1]!.task < c.task + (c.targets ? 1 : 0));
  if (!inOrder) return err('the claims are not in the order of their questions, one for each, then one for each part');
  for (const item of certificate.claims) {
    // Each claim is read into a program of its own, so that what one brings does not meet another.
    readings.clear();
    const tasks = tasksOf(item.wrapped);
    if (typeof tasks === 'string') return err(tasks);
    const task = tasks[item.task];
    if (!task) return err('the question does not come out of the sources again');
    const named = askedTask(task, item.targets, tasks.length === 1 ? sentence : undefined);
    if (typeof named === 'string') return err(named);
    if (named.question.text !== item.question) return err('the question does not come out of the sources again');
    const answer = recheckClaim(named, item);
    if (typeof answer === 'string') return err(`${item.question} ${answer}`);
    answers.push(answer);
  }
  return ok({ answers, sources: read });
}

/** The task as it was asked: in the user's own words, or about some of its properties only. */
function askedTask(task: Task, targets: readonly number[] | undefined, sentence: string | undefined): Task | string {
  if (targets) {
    const { question } = task;
    if (question.kind !== 'always' || targets.some((i) => question.targets[i] === undefined)) {
      return 'a claim is about a part that the question does not have';
    }
    return partTask(task, targets);
  }
  return sentence === undefined ? task : { ...task, question: { ...task.question, text: sentence } };
}

function differingSource(certificate: UnreadCertificate, read: readonly Source[]): string | undefined {
  if (read.length !== certificate.sources.length) return 'the certificate is about other sources';
  const changed = read.findIndex((s, i) => hashSource(s) !== certificate.sources[i]!.sha256);
  return changed < 0 ? undefined : `${read[changed]!.path} has changed since the certificate was made`;
}

function recheckClaim(task: Task, item: UnreadClaim): Rechecked['answers'][number] | string {
  const claim = item.claim(task.program);
  const suspects = task.question.kind === 'terminates' && claim.answer === 'yes' ? suspectChecks(task) : [];
  const supporting: Verdict[] = [];
  let asked = item.wrapped ? withAssumptions(task, [wrapsAround]) : task;
  if (suspects.length > 0) {
    const side = sideTask(task);
    const safe = item.side ? check(side, [item.side(task.program)]) : undefined;
    if (safe) supporting.push(safe);
    if (safe?.answer !== 'yes') {
      if (suspects.some((c) => c.kind === 'overflow')) return 'nothing shows that no signed overflow happens';
      asked = withAssumptions(asked, openAssumptions(suspects));
    }
  }
  const verdict = check(asked, [claim]);
  if (verdict.answer === 'dont-know') return verdict.reasons[0]?.text ?? 'the evidence did not check';
  return { verdict, supporting, task: asked };
}
