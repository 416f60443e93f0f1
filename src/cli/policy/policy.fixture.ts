/** Short ways to write policies and requests in tests; `decision` asks the engine and the evaluator and wants them equal. */
import { Budget } from '../../base/budget.ts';
import { decide } from '../../engines/policy/decide.ts';
import { type PolicyDocument, type PolicyType, readPolicy } from '../../frontends/iam/document.ts';
import { evaluate } from '../../frontends/iam/evaluation.ts';
import { requestFormula } from '../../frontends/iam/fixing.ts';
import { all, not } from '../../frontends/iam/formulas.ts';
import { Lowering, type LoweringOptions } from '../../frontends/iam/lowering.ts';
import type { Caller, Request } from '../../frontends/iam/request.ts';

export type Json = Record<string, unknown>;

export const user = (account = '111122223333', name = 'alice'): Caller => ({
  kind: 'identity',
  arn: `arn:aws:iam::${account}:user/${name}`,
});
export const role = (account = '111122223333', name = 'reader', session = 'session'): Caller => ({
  kind: 'identity',
  arn: `arn:aws:iam::${account}:role/${name}`,
  session,
});
export const anonymous: Caller = { kind: 'anonymous' };

export function document(
  statements: Json | readonly Json[],
  type: PolicyType = 'identity',
  version: string | null = '2012-10-17',
): PolicyDocument {
  const list = (Array.isArray(statements) ? statements : [statements]) as readonly Json[];
  const filled = list.map((s) => ({
    Effect: 'Allow',
    ...('Principal' in s ||
    'NotPrincipal' in s ||
    type === 'identity' ||
    type === 'scp' ||
    type === 'boundary' ||
    type === 'session'
      ? {}
      : { Principal: '*' }),
    ...('Action' in s || 'NotAction' in s ? {} : { Action: '*' }),
    ...('Resource' in s || 'NotResource' in s || type === 'trust' ? {} : { Resource: '*' }),
    ...s,
  }));
  const text = JSON.stringify({ ...(version ? { Version: version } : {}), Statement: filled }, undefined, 1);
  const read = readPolicy({ path: 'policy.json', text }, type);
  if (!read.ok) throw new Error(read.error.map((e) => e.message).join('\n'));
  return read.value;
}

export interface RequestParts {
  readonly caller?: Caller;
  readonly action?: string;
  readonly resource?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Keys that describe the caller are filled in as AWS does, if the context does not name them. */
export function request(parts: RequestParts = {}): Request {
  const caller = parts.caller ?? user();
  const context = new Map<string, string | readonly string[]>(
    Object.entries({ ...callerContext(caller), ...parts.context }).map(([k, v]) => [k.toLowerCase(), v]),
  );
  return {
    caller,
    action: parts.action ?? 's3:GetObject',
    resource: parts.resource ?? 'arn:aws:s3:::bucket/key',
    context,
  };
}

function callerContext(caller: Caller): Record<string, string> {
  if (caller.kind === 'anonymous') return { 'aws:principalaccount': 'anonymous', 'aws:principaltype': 'Anonymous' };
  if (caller.kind !== 'identity') return {};
  const fields = caller.arn.split(':');
  const kind = fields[5]!.split('/')[0]!;
  const name = fields[5]!.split('/').at(-1)!;
  const types: Record<string, string> = {
    user: 'User',
    role: 'AssumedRole',
    root: 'Account',
    'federated-user': 'FederatedUser',
  };
  return {
    'aws:principalarn': caller.arn,
    'aws:principalaccount': fields[4]!,
    'aws:principaltype': types[kind]!,
    'aws:principalisawsservice': 'false',
    ...(kind === 'user' ? { 'aws:username': name } : {}),
  };
}

export type Said = 'allow' | 'no' | 'unclear';

/** What the evaluator says of this request and what the engine says; they have to agree. */
export function decision(policy: PolicyDocument, asked: Request, options: LoweringOptions = {}): Said {
  const evaluated = evaluate(policy, asked, options.colonCrossing ? { colonCrossing: true } : {}).decision;
  const plain: Said = evaluated === 'allow' ? 'allow' : evaluated === 'unclear' ? 'unclear' : 'no';
  const symbolic = engineDecision(policy, asked, options);
  if (plain !== symbolic) {
    throw new Error(
      `the evaluator says ${plain}, the engine ${symbolic}: ${describe(asked)} under ${policy.source.text}`,
    );
  }
  return plain;
}

export const describe = (asked: Request): string => JSON.stringify({ ...asked, context: [...asked.context] });

/** Is the request one of those that the dimensions hold (well-formed ARNs, twelve-digit accounts, …)? */
export function expressible(policy: PolicyDocument, asked: Request): boolean {
  const keys = new Set(policy.statements.flatMap((s) => s.conditions.map((c) => c.key.toLowerCase())));
  const lowering = new Lowering([policy], { axioms: false, binding: new Map() });
  lowering.grants(policy);
  const formula = requestFormula(lowering, asked, keys, true);
  return decide({ dimensions: lowering.dimensions, formula }, new Budget()).kind === 'point';
}

export function engineDecision(policy: PolicyDocument, asked: Request, options: LoweringOptions = {}): Said {
  const keys = new Set(policy.statements.flatMap((s) => s.conditions.map((c) => c.key.toLowerCase())));
  const binding = new Map<string, string | null>();
  for (const found of policy.source.text.matchAll(/\$\{([^},]*:[^},]*)/g)) {
    const key = found[1]!.trim().toLowerCase();
    const value = asked.context.get(key);
    binding.set(key, typeof value === 'string' ? value : null);
  }
  const run = (positive: boolean) => {
    // axioms off: the request is given; what is impossible is not our question here
    const lowering = new Lowering([policy], { ...options, axioms: false, linkPrincipal: true, binding });
    const grants = lowering.grants(policy);
    const formula = all([positive ? grants : not(grants), requestFormula(lowering, asked, keys, true)]);
    return decide({ dimensions: lowering.dimensions, formula }, new Budget({ stepLimit: 1_000_000 }));
  };
  const found = run(true);
  if (found.kind === 'point') return 'allow';
  if (found.kind === 'none') return 'no';
  return 'unclear';
}
