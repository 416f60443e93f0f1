/** Runs one case of a policy benchmark (an `iam` manifest) and gives the answer to its question. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { type PolicyDocument, type PolicyType, readPolicy } from '../../frontends/iam/document.ts';
import type { Zone } from '../../frontends/iam/zones.ts';
import {
  type Access,
  grantedAccess,
  newAccess,
  outsideAccess,
  publicAccess,
  publicByBlockPublicAccess,
  type QuestionOptions,
} from './questions.ts';
import { Disagreement, type Solution } from './solution.ts';

export interface PolicyCase {
  readonly question: string;
  readonly policyType?: string;
  readonly policy: unknown;
  readonly reference?: unknown;
  readonly mode?: string;
  readonly resourceType?: string;
  readonly resourceConfig?: { readonly networkOrigin?: string };
  readonly access?: readonly Access[];
  readonly zone?: Zone;
}

export interface CaseAnswer {
  readonly answer: 'yes' | 'no' | 'dont-know';
  readonly reason?: string;
  readonly rung?: 'replayed' | 'checked';
}

export function runPolicyCase(record: PolicyCase, options: QuestionOptions = {}): CaseAnswer {
  const type = (record.policyType ?? 'resource') as PolicyType;
  const documents: PolicyDocument[] = [];
  for (const [path, json] of [
    ['policy.json', record.policy],
    ['reference.json', record.reference],
  ] as const) {
    if (json === undefined) continue;
    const read = readPolicy({ path, text: typeof json === 'string' ? json : JSON.stringify(json) }, type);
    if (!read.ok) return { answer: 'dont-know', reason: `invalid document: ${describe(read.error)}` };
    documents.push(read.value);
  }
  const [policy, reference] = documents;
  if (!policy) return { answer: 'dont-know', reason: 'no policy' };
  try {
    switch (record.question) {
      case 'no-new-access':
        if (!reference) return { answer: 'dont-know', reason: 'no reference policy' };
        return answerOf(newAccess(policy, reference, options));
      case 'public': {
        if (record.mode !== 's3-bpa') return answerOf(publicAccess([policy], options).solution);
        const found = publicByBlockPublicAccess(policy, {
          accessPoint: /AccessPoint/.test(record.resourceType ?? ''),
          vpcOrigin: record.resourceConfig?.networkOrigin === 'VPC',
        });
        return found.answer === 'dont-know' ? { answer: 'dont-know', reason: found.why } : { answer: found.answer }; // a rule on the text: there is nothing to replay or prove
      }
      case 'who-outside':
        return answerOf(outsideAccess([policy], record.zone ?? { accounts: [] }, options));
      case 'access-not-granted':
        return answerOf(grantedAccess([policy], record.access ?? [], options));
      default:
        return { answer: 'dont-know', reason: `unknown question ${record.question}` };
    }
  } catch (error) {
    if (error instanceof Disagreement) return { answer: 'dont-know', reason: `INTERNAL: ${error.message}` };
    throw error;
  }
}

const describe = (diagnostics: readonly Diagnostic[]): string => diagnostics.map((d) => d.message).join(' ');

function answerOf(solution: Solution): CaseAnswer {
  switch (solution.kind) {
    case 'yes':
      return { answer: 'yes', rung: 'replayed' };
    case 'no':
      return { answer: 'no', rung: 'checked' };
    case 'dont-know':
      return { answer: 'dont-know', reason: solution.reasons.join('; ') };
  }
}
