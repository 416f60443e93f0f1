/** Pairs of a policy and a request with our evaluator's answer, shaped for the oracle of scripts/policy-differential.mjs. */
import { readPolicy } from '../../frontends/iam/document.ts';
import { evaluate } from '../../frontends/iam/evaluation.ts';
import type { Caller, Request } from '../../frontends/iam/request.ts';
import { boundaryRequest, Random, randomPolicy } from './sampling.ts';

export interface DifferentialBatch {
  readonly mode: 'identity' | 'resource';
  readonly pairs: readonly { readonly sim: unknown; readonly ours: boolean }[];
}

const alice: Caller = { kind: 'identity', arn: 'arn:aws:iam::111122223333:user/alice' };
const bob: Caller = { kind: 'identity', arn: 'arn:aws:iam::444455556666:user/bob' };
const owner = '999988887777';
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Endless; every batch holds pairs of one mode. Pairs whose answer is undocumented are left out. */
export function* differentialPairs(seed: number): Generator<DifferentialBatch> {
  const random = new Random(seed);
  for (let round = 0; ; round++) {
    const mode = round % 5 === 4 ? 'resource' : 'identity';
    const pairs: { sim: unknown; ours: boolean }[] = [];
    while (pairs.length < 200) {
      const policy = randomPolicy(random, mode);
      const read = readPolicy({ path: 'random.json', text: JSON.stringify(policy) }, mode);
      if (!read.ok) throw new Error(read.error.map((e) => e.message).join(' '));
      for (let i = 0; i < 8; i++) {
        const drawn = boundaryRequest(random, [read.value], mode === 'identity' ? [alice] : [alice, bob]);
        const request =
          mode === 'identity'
            ? drawn
            : { ...drawn, action: random.pick(['s3:GetObject', 's3:PutObject']), resource: s3Object(drawn.resource) };
        if (diverges(request)) continue;
        const arn = (request.caller as Caller & { kind: 'identity' }).arn;
        const name = arn.split('/').at(-1)!;
        const context = new Map(request.context).set('aws:username', name);
        const { decision } = evaluate(read.value, { ...request, context });
        if (decision === 'unclear') continue;
        const contextVariables = Object.fromEntries(context);
        const account = mode === 'identity' ? '111122223333' : owner;
        pairs.push({
          ours: decision === 'allow',
          sim: {
            request: {
              principal: arn,
              action: request.action,
              resource: { resource: request.resource, accountId: account },
              contextVariables,
            },
            identityPolicies: [{ name: 'p', policy: mode === 'identity' ? policy : everything }],
            serviceControlPolicies: [],
            resourceControlPolicies: [],
            ...(mode === 'resource' ? { resourcePolicy: policy } : {}),
          },
        });
      }
    }
    yield { mode, pairs };
  }
}

const s3Object = (resource: string): string =>
  /^arn:aws:s3:::[a-z0-9.-]+\/./.test(resource) ? resource : 'arn:aws:s3:::bucket/key';

/** Where the oracle is known to differ: see docs/guide/policies.md. */
function diverges(request: Request): boolean {
  const source = request.context.get('aws:sourcearn');
  if (typeof source === 'string' && source.split(':').length < 6) return true; // malformed ARN under ArnNotLike
  return [...request.context.values()].some((v) => v === ''); // an empty text
}
