/**
 * Questions about policies as functions, for programs. A policy is given as text (JSON; keeps places) or as an object.
 * Answers are plain data (`PolicyAnswer`); an invalid policy is an error value with file, line, column and reason, never
 * an exception. `Disagreement` is thrown only if two parts of Tertium contradict each other: our bug.
 *
 * ```ts
 * const answer = await policyCompare(oldText, newText, { type: 'identity' });
 * if (answer.ok && answer.value.answer === 'yes') console.log(answer.value.request);
 * ```
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type PolicyDocument, type PolicyType, readPolicy } from '../../frontends/iam/document.ts';
import { explainStatement } from '../../frontends/iam/explanation.ts';
import { loadKeyCounts, loadServiceData } from '../../frontends/iam/service-data.ts';
import type { Zone } from '../../frontends/iam/zones.ts';
import {
  answerCompare,
  answerGrants,
  answerPublic,
  answerWho,
  type Context,
  type PolicyAnswer,
  type PublicOptions,
} from './answers.ts';
import { type LintFinding, lint } from './lint.ts';
import type { Access, QuestionOptions } from './questions.ts';

export type PolicySource = string | Readonly<Record<string, unknown>>;

export interface PolicyOptions extends QuestionOptions {
  /** Default: identity for compare and grants, resource for public and who. */
  readonly type?: PolicyType;
  /** Look for the statements and axioms that a "no" needs (some milliseconds more). Default true. */
  readonly thorough?: boolean;
}

type Answered = Promise<Result<PolicyAnswer, Diagnostic[]>>;

const documentOf = (policy: PolicySource, type: PolicyType, path: string): Result<PolicyDocument, Diagnostic[]> =>
  readPolicy({ path, text: typeof policy === 'string' ? policy : JSON.stringify(policy, undefined, 2) }, type);

async function contextOf(options: PolicyOptions): Promise<Context> {
  const thorough = options.thorough !== false;
  return {
    options: { ...(await loadKeyCounts()), ...options },
    thorough,
    ...(thorough ? { loadData: loadServiceData } : {}),
  };
}

/** Can a stranger get in? */
export async function policyPublic(
  policy: PolicySource,
  options: PolicyOptions & Partial<PublicOptions> = {},
): Answered {
  const document = documentOf(policy, options.type ?? 'resource', 'policy');
  if (!document.ok) return document;
  return ok(await answerPublic(document.value, { notion: 'semantic', ...options }, await contextOf(options)));
}

/** Can someone outside the zone get in, and how? */
export async function policyWho(policy: PolicySource, zone: Zone, options: PolicyOptions = {}): Answered {
  const document = documentOf(policy, options.type ?? 'resource', 'policy');
  return document.ok ? ok(await answerWho(document.value, zone, await contextOf(options))) : document;
}

/** Does the new policy allow a request that the old one does not? */
export async function policyCompare(old: PolicySource, fresh: PolicySource, options: PolicyOptions = {}): Answered {
  const type = options.type ?? 'identity';
  const before = documentOf(old, type, 'old');
  const after = documentOf(fresh, type, 'new');
  if (!before.ok || !after.ok) return err([...(before.ok ? [] : before.error), ...(after.ok ? [] : after.error)]);
  return ok(await answerCompare(before.value, after.value, await contextOf(options)));
}

/** Does the policy allow one of these accesses? */
export async function policyGrants(
  policy: PolicySource,
  access: readonly Access[],
  options: PolicyOptions = {},
): Answered {
  const document = documentOf(policy, options.type ?? 'identity', 'policy');
  return document.ok ? ok(await answerGrants(document.value, access, await contextOf(options))) : document;
}

/** Statements that do nothing, each proved, and things that are known to surprise. */
export async function policyLint(
  policy: PolicySource,
  options: PolicyOptions = {},
): Promise<Result<readonly LintFinding[], Diagnostic[]>> {
  const document = documentOf(policy, options.type ?? 'identity', 'policy');
  if (!document.ok) return document;
  const { options: resolved } = await contextOf(options);
  return ok(lint(document.value, { ...resolved, data: await loadServiceData() }));
}

/** One sentence a statement. */
export function policyExplain(
  policy: PolicySource,
  type: PolicyType = 'identity',
): Result<readonly string[], Diagnostic[]> {
  const document = documentOf(policy, type, 'policy');
  return document.ok ? ok(document.value.statements.map((s) => explainStatement(s, document.value))) : document;
}

export type { Access, LintFinding, PolicyAnswer, PolicyType, Zone };
