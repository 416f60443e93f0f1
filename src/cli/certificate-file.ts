import { writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Answer } from '../ask.ts';
import type { Source } from '../base/span.ts';
import type { FrontEndRequest } from '../program/front-end.ts';
import type { ReportedAnswer } from '../reports/report.ts';
import {
  type CertifiedClaim,
  type DecidedClaim,
  hashSource,
  writeCertificate,
} from '../verdict/certificate/certificate.ts';
import type { Verdict } from '../verdict/verdict.ts';

type CertifiedAnswer = Pick<Answer, 'verdict' | 'supporting' | 'task' | 'wrapped'> & Pick<ReportedAnswer, 'properties'>;

export interface Certified {
  readonly language: string;
  readonly request: FrontEndRequest;
  readonly sentence?: string;
  readonly sources: readonly Source[];
  /** How many of the sources were given; the others are included by them. */
  readonly units: number;
  /** In the order of the tasks. */
  readonly answers: readonly CertifiedAnswer[];
}

/** Writes the evidence behind all answers that are yes or no. */
export function saveCertificate(
  path: string,
  workingFolder: string,
  certified: Certified,
): { text: string; failed: boolean } {
  const full = resolve(workingFolder, path);
  const claims = certified.answers.flatMap((answer, index) => certifiedClaim(answer, index));
  if (claims.length === 0)
    return { text: `tertium: there is no answer to certify; ${path} is not written`, failed: false };
  const named = (source: Source): string =>
    relative(dirname(full), resolve(workingFolder, source.path)).replaceAll('\\', '/');
  const { include: _include, ...options } = certified.request.options;
  const text = writeCertificate({
    language: certified.language,
    sources: certified.sources.map((s) => ({ path: named(s), sha256: hashSource(s) })),
    units: certified.units,
    request: { ...certified.request, options },
    ...(certified.sentence === undefined ? {} : { sentence: certified.sentence }),
    claims,
  });
  try {
    writeFileSync(full, text);
  } catch (error) {
    return {
      text: `tertium: ${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      failed: true,
    };
  }
  return { text: `tertium: the evidence is in ${path}; check it with: tertium recheck ${path}`, failed: false };
}

function certifiedClaim(answer: CertifiedAnswer, index: number): CertifiedClaim[] {
  const claim = claimOf(answer.verdict);
  const parts = certifiedParts(answer, index);
  if (!claim) return parts;
  const side = answer.wrapped ? undefined : answer.supporting.map(claimOf).find((c) => c?.answer === 'yes');
  return [
    {
      task: index,
      question: answer.verdict.question.text,
      wrapped: answer.wrapped ?? false,
      claim,
      ...(side ? { side } : {}),
    },
    ...parts,
  ];
}

/** The answers about some of the properties, each once, where they are not the answer to the whole question. */
function certifiedParts({ verdict, task, properties = [] }: CertifiedAnswer, index: number): CertifiedClaim[] {
  const { question } = task;
  if (question.kind !== 'always' || verdict.answer === 'yes') return [];
  const parts = new Map(properties.filter((p) => p.task !== task).map((p) => [p.verdict, p.task]));
  return [...parts].flatMap(([part, about]) => {
    const claim = claimOf(part);
    if (!claim || about.question.kind !== 'always') return [];
    const targets = about.question.targets.map((t) => question.targets.indexOf(t));
    return [{ task: index, targets, question: part.question.text, wrapped: false, claim }];
  });
}

function claimOf(verdict: Verdict): DecidedClaim | undefined {
  if (verdict.answer === 'dont-know') return undefined;
  const { by, answer, evidence } = verdict;
  return { by, answer, evidence };
}
