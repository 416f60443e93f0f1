/**
 * The syntactic notion of "public" of S3 Block Public Access (S3 user guide, "access-control-block-public-access",
 * section "The meaning of public"): a policy starts as public and is not public only if every Allow is
 * limited to fixed values, without wildcard and without policy variable, of a listed principal or key. Deny statements
 * are not looked at (undocumented; said in the assumptions). Keys that only newer tools count make the answer unknown.
 */
import type { Condition, PolicyDocument, Statement } from './document.ts';
import { readAddressRange } from './values.ts';

export interface BucketSettings {
  readonly blockPublicAcls?: boolean;
  readonly ignorePublicAcls?: boolean;
  readonly blockPublicPolicy?: boolean;
  readonly restrictPublicBuckets?: boolean;
}

export interface BlockPublicAccessOptions {
  readonly accessPoint?: boolean;
  /** An access point that only a VPC reaches is never public. */
  readonly vpcOrigin?: boolean;
}

export type BlockPublicAccessAnswer =
  | { readonly answer: 'yes'; readonly statement: Statement; readonly why: string }
  | { readonly answer: 'no'; readonly why: string }
  | { readonly answer: 'dont-know'; readonly statement: Statement; readonly why: string };

/** Limits whose values must hold no wildcard. */
const plainKeys = new Set([
  'aws:principalorgid',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:dataaccesspointaccount',
]);

/** Limits that newer tools count and the guide of 2023 does not list. */
const newerKeys = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgpaths',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:principalservicenameslist',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
  'aws:sourcevpcarn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
]);

type Limit = 'limits' | 'does not' | 'unknown';

export function blockPublicAccess(
  document: PolicyDocument,
  options: BlockPublicAccessOptions = {},
): BlockPublicAccessAnswer {
  if (options.vpcOrigin) return { answer: 'no', why: 'an access point with VPC origin is never public' };
  let open: BlockPublicAccessAnswer | undefined;
  for (const statement of document.statements) {
    if (statement.effect !== 'Allow') continue;
    const principal = principalLimit(statement);
    if (principal === 'limits') continue;
    const limits = statement.conditions.map((c) => conditionLimit(c, options));
    if (limits.includes('limits')) continue;
    if (principal === 'unknown' || limits.includes('unknown')) {
      open ??= {
        answer: 'dont-know',
        statement,
        why: 'the only limits are of kinds that the S3 user guide does not list and newer tools do',
      };
      continue;
    }
    return { answer: 'yes', statement, why: 'it grants to everyone, without a limit to fixed values that counts' };
  }
  return open ?? { answer: 'no', why: 'every grant is limited to fixed values' };
}

function principalLimit(statement: Statement): Limit {
  const principal = statement.principal;
  if (!principal || principal.negated) return 'does not';
  let worst: Limit = 'limits';
  for (const { kind, value } of principal.entries) {
    if (value.parts) worst = worst === 'limits' ? 'unknown' : worst;
    else if (kind === 'Federated' || value.text === '*') worst = 'does not'; // row 21
  }
  return worst;
}

function conditionLimit(condition: Condition, options: BlockPublicAccessOptions): Limit {
  const { use, values } = condition;
  const key = condition.key.toLowerCase();
  if (use.operator.negated || use.ifExists || use.quantifier === 'all' || use.operator.family === 'null') {
    return 'does not';
  }
  if (values.some((v) => v.parts)) return plainKeys.has(key) || newerKeys.has(key) ? 'unknown' : 'does not';
  const texts = values.map((v) => v.text);
  if (texts.some((t) => t.includes('${'))) return 'does not';
  if (key === 'aws:sourceip') return use.operator.family === 'address' ? addressLimit(texts) : 'does not';
  const wild = texts.some((t) => /[*?]/.test(t));
  if (key === 'aws:userid') return wild || texts.some((t) => /^AROA[^:]*:/.test(t)) ? 'does not' : 'limits';
  if (key === 's3:dataaccesspointarn') {
    const fixed = options.accessPoint
      ? (t: string) => !/[*?]/.test(t)
      : (t: string) => /^arn:[^*?:]*:s3:[^*?:]*:\d{12}:accesspoint\/[^?]*$/.test(t);
    return texts.every(fixed) ? 'limits' : 'does not';
  }
  if (plainKeys.has(key)) return wild ? 'does not' : 'limits';
  return newerKeys.has(key) ? 'unknown' : 'does not';
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((t) => readAddressRange(t)!);

/** Public if a range is broader than /8 (v4) or /32 (v6), private ranges apart, or if together they are everything. */
function addressLimit(texts: readonly string[]): Limit {
  const ranges = texts.map(readAddressRange);
  for (const range of ranges) {
    if (!range) return 'unknown';
    const isPrivate = privateRanges.some(
      (p) => p.family === range.family && p.low <= range.low && range.high <= p.high,
    );
    if (!isPrivate && range.prefixBits < (range.family === 4 ? 8 : 32)) return 'does not';
  }
  const four = ranges.filter((r) => r?.family === 4).sort((a, b) => (a!.low < b!.low ? -1 : 1));
  let reached = -1n;
  for (const range of four) {
    if (range!.low > reached + 1n) break;
    if (range!.high > reached) reached = range!.high;
  }
  return reached === (1n << 32n) - 1n ? 'does not' : 'limits';
}

/** What the four settings do with a bucket whose policy is or is not public, in sentences. */
export function settingsEffects(isPublic: boolean, settings: BucketSettings): string[] {
  const out: string[] = [];
  if (settings.blockPublicPolicy) {
    out.push(
      isPublic
        ? 'BlockPublicPolicy: S3 would refuse to attach this policy (one that is attached already stays).'
        : 'BlockPublicPolicy: S3 accepts this policy.',
    );
  }
  if (settings.restrictPublicBuckets) {
    out.push(
      isPublic
        ? 'RestrictPublicBuckets: while it is attached, only AWS services and the owner’s account get in, whatever else the policy grants.'
        : 'RestrictPublicBuckets: changes nothing while the policy is not public.',
    );
  }
  if (settings.blockPublicAcls) out.push('BlockPublicAcls: refuses public ACLs; says nothing about policies.');
  if (settings.ignorePublicAcls) out.push('IgnorePublicAcls: public ACLs have no effect; says nothing about policies.');
  return out;
}
