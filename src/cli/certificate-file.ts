import { writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Answer } from '../ask.ts';
import type { Source } from '../base/span.ts';
import type { FrontEndRequest } from '../program/front-end.ts';
import {
  type CertifiedClaim,
  type DecidedClaim,
  hashSource,
  writeCertificate,
} from '../verdict/certificate/certificate.ts';
import type { Verdict } from '../verdict/verdict.ts';

export interface Certified {
  readonly language: string;
  readonly request: FrontEndRequest;
  readonly sentence?: string;
  readonly sources: readonly Source[];
  /** In the order of the tasks. */
  readonly answers: readonly Answer[];
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

function certifiedClaim(answer: Answer, index: number): CertifiedClaim[] {
  const claim = claimOf(answer.verdict);
  if (!claim) return [];
  const side = answer.wrapped ? undefined : answer.supporting.map(claimOf).find((c) => c?.answer === 'yes');
  return [
    {
      task: index,
      question: answer.verdict.question.text,
      wrapped: answer.wrapped ?? false,
      claim,
      ...(side ? { side } : {}),
    },
  ];
}

function claimOf(verdict: Verdict): DecidedClaim | undefined {
  if (verdict.answer === 'dont-know') return undefined;
  const { by, answer, evidence } = verdict;
  return { by, answer, evidence };
}
