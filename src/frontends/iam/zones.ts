/**
 * Who counts as a stranger. Two notions, each as a formula and, apart from it, as a plain test for replays:
 * - `public`: a caller that has nothing to do with any account, organization, network or source that the policy names by
 *   a fixed value; whatever a stranger can own is reachable through a wildcard; keys that callers choose are free.
 * - a trust zone: a caller outside the accounts, organizations, networks and providers that the user lists.
 * AWS service principals are neither (row 23): they are a finding of their own (see lint).
 */
import type { Formula, Sequence } from '../../program/space.ts';
import type { PolicyDocument } from './document.ts';
import { all, either, not } from './formulas.ts';
import { withAccount } from './keys.ts';
import { anyChar, literals, many, union } from './languages.ts';
import type { Lowering } from './lowering.ts';
import * as who from './principals.ts';
import type { Request } from './request.ts';

export interface Zone {
  readonly accounts: readonly string[];
  readonly organizations?: readonly string[];
  readonly organizationPaths?: readonly string[];
  readonly vpcs?: readonly string[];
  readonly endpoints?: readonly string[];
  readonly federated?: readonly string[];
}

export interface Names {
  readonly accounts: readonly string[];
  readonly organizations: readonly string[];
  readonly vpcs: readonly string[];
  readonly endpoints: readonly string[];
  /** Resource names of fixed account-less ARNs (buckets) under aws:SourceArn. */
  readonly buckets: readonly string[];
  readonly userIds: readonly string[];
  /** Fixed values of identity provider keys (audience, application, subject), by key. */
  readonly provider: ReadonlyMap<string, readonly string[]>;
}

const accountKeys = ['aws:sourceaccount', 'aws:sourceowner', 's3:dataaccesspointaccount', 'aws:vpceaccount'] as const;
const arnKeys = ['aws:sourcearn', 's3:dataaccesspointarn', 'aws:sourcevpcarn'] as const;
const organizationKeys = ['aws:sourceorgid', 'aws:vpceorgid'] as const;
const pathKeys = ['aws:sourceorgpaths', 'aws:vpceorgpaths'] as const;
const callerKeys = ['aws:principalarn', 'aws:principalaccount', 'kms:calleraccount'] as const;
const isProviderKey = (key: string): boolean => /:(aud|app_id|azp|sub|amr)$/.test(key);

/** The fixed values by which the documents name accounts, organizations, networks and sources. */
export function namesIn(documents: readonly PolicyDocument[]): Names {
  const accounts = new Set<string>();
  const organizations = new Set<string>();
  const vpcs = new Set<string>();
  const endpoints = new Set<string>();
  const buckets = new Set<string>();
  const userIds = new Set<string>();
  const provider = new Map<string, Set<string>>();
  const accountsOf = (text: string): void => {
    for (const found of text.matchAll(/(?<!\d)\d{12}(?!\d)/g)) accounts.add(found[0]);
  };
  const named: ReadonlySet<string> = new Set([...accountKeys, ...arnKeys, ...callerKeys]);
  for (const document of documents) {
    for (const statement of document.statements) {
      for (const { value } of statement.principal?.entries ?? []) accountsOf(value.text);
      for (const { key, use, values } of statement.conditions) {
        const lower = key.toLowerCase();
        for (const { text } of values) {
          const fixed = use.operator.wildcards ? !/[*?]/.test(text) : true;
          if (named.has(lower)) accountsOf(text);
          if (lower === 'aws:principalorgid' || lower === 'aws:sourceorgid' || lower === 'aws:vpceorgid') {
            if (fixed) organizations.add(text);
          } else if (lower.endsWith('orgpaths') && lower !== 'aws:resourceorgpaths') {
            const head = text.split('/')[0]!;
            if (!use.operator.wildcards || !/[*?]/.test(head)) organizations.add(head);
          } else if (lower === 'aws:sourcevpc') {
            if (fixed) vpcs.add(text);
          } else if (lower === 'aws:sourcevpce') {
            if (fixed) endpoints.add(text);
          } else if (lower === 'aws:sourcearn') {
            const fields = text.split(':');
            const bucket = fields.slice(5).join(':').split('/')[0] ?? '';
            if (fields[4] === '' && bucket !== '' && !/[*?]/.test(bucket)) buckets.add(bucket);
          } else if (lower === 'aws:userid') {
            const id = text.split(':')[0]!;
            if (!use.operator.wildcards || !/[*?]/.test(id)) userIds.add(id);
          } else if (isProviderKey(lower) && fixed) {
            if (!provider.has(lower)) provider.set(lower, new Set());
            provider.get(lower)!.add(text);
          }
        }
      }
    }
  }
  return {
    accounts: [...accounts],
    organizations: [...organizations],
    vpcs: [...vpcs],
    endpoints: [...endpoints],
    buckets: [...buckets],
    userIds: [...userIds],
    provider: new Map([...provider].map(([k, v]) => [k, [...v]])),
  };
}

const beginning = (prefix: string): Sequence => [...literals(prefix), many(anyChar)];
const federatedOf = (account: string): Sequence => [
  ...literals('federated/'),
  many(anyChar),
  ...literals(`:${account}:`),
  many(anyChar),
];
const bucketArns = (bucket: string): Sequence[] => {
  const head = [
    ...literals('arn:'),
    many({ negated: true, chars: ':' }),
    ...literals(':'),
    many({ negated: true, chars: ':' }),
  ];
  const middle = [...literals(':'), many({ negated: true, chars: ':' }), ...literals('::')];
  return [
    [...head, ...middle, ...literals(bucket)],
    [...head, ...middle, ...literals(`${bucket}/`), many(anyChar)],
  ];
};

/** No key of these, as far as the documents mention it, has a value in these sequences. */
function none(lowering: Lowering, keys: readonly string[], sequences: readonly Sequence[]): Formula[] {
  if (sequences.length === 0) return [];
  return keys.filter((k) => lowering.mentions(k)).map((k) => not(lowering.holds(k, sequences)));
}

export function strangerFormula(lowering: Lowering, names: Names): Formula {
  const parts: Formula[] = [
    either(lowering.caller(who.anonymous), lowering.caller(who.identities), lowering.caller(who.federated)),
  ];
  if (names.accounts.length > 0) {
    parts.push(not(lowering.caller(...names.accounts.map((a) => who.ofAccount(literals(a))))));
    parts.push(not(lowering.caller(union(...names.accounts.map(federatedOf)))));
    parts.push(...none(lowering, accountKeys, names.accounts.map(literals)));
    parts.push(
      ...none(
        lowering,
        arnKeys,
        names.accounts.map((a) => withAccount(literals(a))),
      ),
    );
  }
  if (names.buckets.length > 0) parts.push(...none(lowering, ['aws:sourcearn'], names.buckets.flatMap(bucketArns)));
  if (names.organizations.length > 0) {
    const within = names.organizations.map((o) => beginning(`${o}/`));
    if (lowering.mentions('aws:principalorgid') || lowering.mentions('aws:principalorgpaths')) {
      parts.push(not(lowering.organizationIn([union(...within)])));
    }
    parts.push(...none(lowering, organizationKeys, names.organizations.map(literals)));
    parts.push(...none(lowering, pathKeys, within));
  }
  parts.push(...none(lowering, ['aws:sourcevpc'], names.vpcs.map(literals)));
  parts.push(...none(lowering, ['aws:sourcevpce'], names.endpoints.map(literals)));
  parts.push(
    ...none(
      lowering,
      ['aws:userid'],
      names.userIds.flatMap((u) => [literals(u), beginning(`${u}:`)]),
    ),
  );
  for (const [key, values] of names.provider) parts.push(...none(lowering, [key], values.map(literals)));
  return all(parts);
}

const insidePath = (path: string): Sequence[] => {
  const bare = path.replace(/\/$/, '');
  return [literals(bare), beginning(`${bare}/`)];
};

export function outsideFormula(lowering: Lowering, zone: Zone): Formula {
  const parts: Formula[] = [
    either(
      lowering.caller(who.anonymous),
      lowering.caller(who.identities),
      lowering.caller(who.federated),
      lowering.namedCallers(),
    ),
  ];
  const { accounts } = zone;
  if (accounts.length > 0) {
    parts.push(not(lowering.caller(...accounts.map((a) => who.ofAccount(literals(a))))));
    parts.push(not(lowering.caller(union(...accounts.map(federatedOf)))));
    parts.push(...none(lowering, accountKeys, accounts.map(literals)));
    parts.push(
      ...none(
        lowering,
        arnKeys,
        accounts.map((a) => withAccount(literals(a))),
      ),
    );
  }
  for (const provider of zone.federated ?? []) {
    parts.push(not(lowering.caller({ kind: 'text', text: `federated/${provider}` })));
  }
  const organizations = zone.organizations ?? [];
  const paths = [
    ...organizations.map((o) => beginning(`${o}/`)),
    ...(zone.organizationPaths ?? []).flatMap(insidePath),
  ];
  if (paths.length > 0) {
    if (lowering.mentions('aws:principalorgid') || lowering.mentions('aws:principalorgpaths')) {
      parts.push(not(lowering.organizationIn([union(...paths)])));
    }
    parts.push(...none(lowering, organizationKeys, organizations.map(literals)));
    parts.push(...none(lowering, pathKeys, paths));
  }
  parts.push(...none(lowering, ['aws:sourcevpc'], (zone.vpcs ?? []).map(literals)));
  parts.push(...none(lowering, ['aws:sourcevpce'], (zone.endpoints ?? []).map(literals)));
  return all(parts);
}

// ---- the same, on one request, for replays

const one = (request: Request, key: string): string | undefined => {
  const value = request.context.get(key);
  return typeof value === 'string' ? value : undefined;
};
const several = (request: Request, key: string): readonly string[] => {
  const value = request.context.get(key);
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
};

function callerAccount(request: Request): string | undefined {
  const { caller } = request;
  if (caller.kind === 'identity') return caller.arn.split(':')[4];
  return caller.kind === 'federated' ? caller.provider.split(':')[4] : undefined;
}

export function isStranger(request: Request, names: Names): boolean {
  const { caller } = request;
  if (caller.kind === 'service' || caller.kind === 'named') return false;
  const account = callerAccount(request);
  if (account !== undefined && names.accounts.includes(account)) return false;
  for (const key of accountKeys) if (names.accounts.includes(one(request, key) ?? '')) return false;
  for (const key of arnKeys) if (names.accounts.includes(one(request, key)?.split(':')[4] ?? '')) return false;
  const source = one(request, 'aws:sourcearn')?.split(':');
  if (source && source[4] === '' && names.buckets.includes(source.slice(5).join(':').split('/')[0]!)) return false;
  const organizations = [one(request, 'aws:principalorgid'), ...organizationKeys.map((k) => one(request, k))];
  for (const key of ['aws:principalorgpaths', ...pathKeys]) {
    for (const path of several(request, key)) organizations.push(path.split('/')[0]);
  }
  if (organizations.some((o) => o !== undefined && names.organizations.includes(o))) return false;
  if (names.vpcs.includes(one(request, 'aws:sourcevpc') ?? '')) return false;
  if (names.endpoints.includes(one(request, 'aws:sourcevpce') ?? '')) return false;
  if (names.userIds.includes(one(request, 'aws:userid')?.split(':')[0] ?? '')) return false;
  for (const [key, values] of names.provider) if (several(request, key).some((v) => values.includes(v))) return false;
  return true;
}

export function isOutside(request: Request, zone: Zone): boolean {
  const { caller } = request;
  if (caller.kind === 'service') return false;
  const account = callerAccount(request);
  if (account !== undefined && zone.accounts.includes(account)) return false;
  if (caller.kind === 'federated' && zone.federated?.includes(caller.provider)) return false;
  for (const key of accountKeys) if (zone.accounts.includes(one(request, key) ?? '')) return false;
  for (const key of arnKeys) if (zone.accounts.includes(one(request, key)?.split(':')[4] ?? '')) return false;
  for (const key of ['aws:principalorgid', ...organizationKeys]) {
    if (zone.organizations?.includes(one(request, key) ?? '')) return false;
  }
  for (const key of ['aws:principalorgpaths', ...pathKeys]) {
    for (const path of several(request, key)) {
      if (zone.organizations?.includes(path.split('/')[0]!)) return false;
      const slashed = path.endsWith('/') ? path : `${path}/`;
      if (zone.organizationPaths?.some((p) => slashed.startsWith(p.endsWith('/') ? p : `${p}/`))) return false;
    }
  }
  if (zone.vpcs?.includes(one(request, 'aws:sourcevpc') ?? '')) return false;
  return !zone.endpoints?.includes(one(request, 'aws:sourcevpce') ?? '');
}
