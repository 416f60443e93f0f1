/** `tertium policy can WHO ACTION RESOURCE`: one caller, one action, one resource, under all policies that are given. */
import { existsSync, readFileSync } from 'node:fs';
import { Budget } from '../../base/budget.ts';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import type { Source } from '../../base/span.ts';
import { type Bundle, emptyBundle } from '../../frontends/iam/bundle.ts';
import { findPolicies } from '../../frontends/iam/discovery.ts';
import type { PolicyDocument, PolicyType } from '../../frontends/iam/document.ts';
import type { Caller } from '../../frontends/iam/request.ts';
import { loadKeyCounts } from '../../frontends/iam/service-data.ts';
import { answerCan } from './answers.ts';
import { every, flag, last, type PolicyArguments } from './arguments.ts';
import type { PolicyIo } from './index.ts';
import { splitPair } from './job.ts';
import { publicByBlockPublicAccess } from './questions.ts';
import { renderAnswer } from './report.ts';

export async function runCan(args: PolicyArguments, io: PolicyIo): Promise<0 | 1 | 2 | 3> {
  const [who, action, resource] = args.operands;
  if (who === undefined || action === undefined || resource === undefined || args.operands.length !== 3) {
    io.warn('tertium policy can: give WHO (an ARN, "anonymous" or a service), ACTION and RESOURCE\n');
    return 2;
  }
  const caller = readCaller(who);
  if (!caller) {
    io.warn(
      `tertium policy can: ${JSON.stringify(who)} is no caller: give an ARN, "anonymous" or name.amazonaws.com\n`,
    );
    return 2;
  }
  if (!/^[a-z0-9-]+:[A-Za-z0-9_.-]+$/i.test(action)) {
    io.warn(`tertium policy can: ${JSON.stringify(action)} is no action; it looks like s3:GetObject\n`);
    return 2;
  }
  let failed = false;
  const read = async (paths: readonly string[], type: PolicyType): Promise<PolicyDocument[]> => {
    const out: PolicyDocument[] = [];
    for (const path of paths) {
      if (!existsSync(path)) {
        io.warn(`tertium policy can: there is no file ${path}\n`);
        failed = true;
        continue;
      }
      const source: Source = { path, text: readFileSync(path, 'utf8') };
      const found = await findPolicies(source, { type });
      const problems = found.ok ? found.value.problems : found.error;
      for (const p of problems) io.warn(`${formatDiagnostic(p, [source])}\n`);
      if (problems.length > 0) failed = true;
      if (found.ok) out.push(...found.value.documents);
    }
    return out;
  };
  const resourcePolicies = await read(every(args, 'resource-policy'), /:role\//.test(resource) ? 'trust' : 'resource');
  const serviceControl: PolicyDocument[][] = [];
  for (const level of every(args, 'scp')) serviceControl.push(await read(level.split(','), 'scp'));
  const ownAccount = caller.kind === 'identity' ? caller.arn.split(':')[4]! : '';
  const account =
    last(args, 'account') ?? (/^\d{12}$/.test(resource.split(':')[4] ?? '') ? resource.split(':')[4]! : ownAccount);
  if (!/^\d{12}$/.test(account)) {
    io.warn('tertium policy can: say with --account which account owns the resource\n');
    return 2;
  }
  const restricted = flag(args, 'restrict-public-buckets') && resourcePolicies[0] !== undefined;
  const bundle: Bundle = {
    ...emptyBundle,
    identity: await read(every(args, 'identity'), 'identity'),
    boundary: await read(every(args, 'boundary'), 'boundary'),
    session: await read(every(args, 'session'), 'session'),
    resourceControl: await read(every(args, 'rcp'), 'rcp'),
    endpoint: await read(every(args, 'endpoint-policy'), 'endpoint'),
    serviceControl,
    resourceAccount: account,
    resourceMustAllow: flag(args, 'resource-must-allow') || /^arn:[^:]*:kms:|:role\//.test(resource),
    restrictedToOwner: restricted && publicByBlockPublicAccess(resourcePolicies[0]!, {}).answer !== 'no',
    ...(resourcePolicies[0] ? { resource: resourcePolicies[0] } : {}),
  };
  if (failed) return 2;
  const context = new Map<string, string | readonly string[]>();
  for (const pair of every(args, 'context')) {
    const [key, value] = splitPair(pair);
    context.set(key.toLowerCase(), value.startsWith('=') ? value.slice(1).split(',') : value);
  }
  const answer = answerCan(
    { bundle, caller, action, resource, context },
    {
      options: {
        ...(await loadKeyCounts()),
        budget: new Budget({ stepLimit: 4_000_000, timeoutMs: 1000 * Number(last(args, 'timeout-s') ?? '20') }),
      },
      thorough: true,
    },
  );
  io.write(
    flag(args, 'json') || last(args, 'format') === 'json'
      ? `${JSON.stringify(answer, undefined, 2)}\n`
      : renderAnswer(answer),
  );
  return answer.answer === 'yes' ? 0 : answer.answer === 'no' ? 1 : 3;
}

export function readCaller(who: string): Caller | undefined {
  if (who === 'anonymous') return { kind: 'anonymous' };
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(who)) return { kind: 'service', name: who };
  const session = /^(arn:[^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/.exec(who);
  if (session) {
    return { kind: 'identity', arn: `${session[1]}:iam::${session[2]}:role/${session[3]}`, session: session[4]! };
  }
  if (/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(who)) return { kind: 'identity', arn: who, session: 'session' };
  return /^arn:[^:]+:(iam|sts)::\d{12}:(root$|user\/.|federated-user\/.)/.test(who)
    ? { kind: 'identity', arn: who }
    : undefined;
}
