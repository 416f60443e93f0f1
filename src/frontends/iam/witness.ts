/**
 * From a point of the request space to a request that a user could send: linked keys are filled in from the principal,
 * addresses, numbers and instants are written as AWS writes them.
 */
import type { Point, PointValue } from '../../program/space.ts';
import type { PolicyDocument } from './document.ts';
import { factsOf } from './keys.ts';
import type { Lowering } from './lowering.ts';
import { accountOf } from './principals.ts';
import type { Caller, Request } from './request.ts';
import { writeAddress } from './values.ts';

export function requestOf(lowering: Lowering, point: Point, documents: readonly PolicyDocument[]): Request {
  const at = (name: string): PointValue | undefined => {
    const index = lowering.indexOf(name);
    return index < 0 ? undefined : point[index];
  };
  const text = (name: string): string | undefined => {
    const value = at(name);
    return typeof value === 'string' ? value : undefined;
  };
  const principal = text('principal') ?? 'arn:aws:iam::999999999999:user/mallory';
  const caller = callerOf(principal, text('session') ?? 'session');
  const organization = text('organization');
  const context = new Map<string, string | readonly string[]>();
  const keys = new Set<string>();
  for (const document of documents) {
    for (const s of document.statements) for (const c of s.conditions) keys.add(c.key.toLowerCase());
  }
  for (const key of lowering.variables) keys.add(key);
  for (const dimension of lowering.dimensions) if (dimension.name.includes(':')) keys.add(dimension.name);
  for (const key of keys) {
    const value = derived(key, caller, principal, organization, text('kms:calleraccount is given') !== undefined);
    if (value !== 'not derived') {
      if (value !== undefined) context.set(key, value);
      continue;
    }
    const raw = at(key === 'aws:epochtime' ? 'aws:currenttime' : key);
    if (raw === undefined) continue;
    if (typeof raw === 'string') context.set(key, numberText(raw, key, lowering));
    else if (Array.isArray(raw)) context.set(key, raw as readonly string[]);
    else if (typeof raw === 'object' && 'family' in raw) context.set(key, writeAddress(raw.family, raw.address));
  }
  const resource = text('resource') ?? 'arn:aws:s3:::example-bucket/object';
  if (context.has('aws:sourceaccount') && context.has('aws:sourcearn')) {
    const account = String(context.get('aws:sourcearn')).split(':')[4];
    if (account) context.set('aws:sourceaccount', account);
  }
  for (const key of ['aws:resourceaccount', 's3:resourceaccount']) {
    const account = resource.split(':')[4];
    if (context.has(key) && account && /^\d{12}$/.test(account)) context.set(key, account);
  }
  return { caller, action: spelled(text('action') ?? 's3:getobject', documents), resource, context };
}

function callerOf(principal: string, session: string): Caller {
  if (principal === 'anonymous') return { kind: 'anonymous' };
  const [kind, ...rest] = principal.split('/');
  if (kind === 'service') return { kind: 'service', name: rest.join('/') };
  if (kind === 'federated') return { kind: 'federated', provider: rest.join('/') };
  if (kind === 'named') return { kind: 'named', id: rest.join('/') };
  return /:role\//.test(principal)
    ? { kind: 'identity', arn: principal, session }
    : { kind: 'identity', arn: principal };
}

function derived(
  key: string,
  caller: Caller,
  principal: string,
  organization: string | undefined,
  callerAccountGiven: boolean,
): string | readonly string[] | undefined | 'not derived' {
  const account = accountOf(principal);
  switch (key) {
    case 'aws:principalarn':
      return caller.kind === 'identity' ? caller.arn : undefined;
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      if (key === 'kms:calleraccount' && !callerAccountGiven) return undefined;
      return account ?? (caller.kind === 'anonymous' || caller.kind === 'federated' ? 'anonymous' : undefined);
    case 'aws:principaltype': {
      if (caller.kind !== 'identity')
        return caller.kind === 'anonymous' || caller.kind === 'federated' ? 'Anonymous' : undefined;
      if (caller.arn.endsWith(':root')) return 'Account';
      if (caller.arn.includes(':user/')) return 'User';
      return caller.arn.includes(':role/') ? 'AssumedRole' : 'FederatedUser';
    }
    case 'aws:principalisawsservice':
      return caller.kind === 'identity' ? 'false' : caller.kind === 'service' ? 'true' : undefined;
    case 'aws:principalservicename':
      return caller.kind === 'service' ? caller.name : undefined;
    case 'aws:username':
      return caller.kind === 'identity' && caller.arn.includes(':user/') ? caller.arn.split('/').at(-1) : undefined;
    case 'aws:principalorgid':
      return organization?.split('/')[0];
    case 'aws:principalorgpaths':
      return organization === undefined ? undefined : [organization];
    default:
      return 'not derived';
  }
}

function numberText(raw: string, key: string, lowering: Lowering): string {
  const dimension = lowering.dimensions[lowering.indexOf(key === 'aws:epochtime' ? 'aws:currenttime' : key)];
  if (dimension?.kind !== 'number' || !/^-?\d+(\/\d+)?$/.test(raw)) return raw;
  const decimal = decimalText(raw);
  const isDate = key === 'aws:currenttime' || factsOf(key, new Set()).type === 'date';
  if (!isDate || key === 'aws:epochtime' || !/^-?\d+$/.test(decimal)) return decimal;
  const date = new Date(Number(decimal) * 1000);
  const year = Number.isNaN(date.getTime()) ? -1 : date.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? date.toISOString().replace('.000Z', 'Z') : decimal;
}

/** n/d with d a divisor of a power of ten, as a decimal; otherwise rounded to 18 places. */
function decimalText(raw: string): string {
  const [n, d] = raw.split('/');
  if (d === undefined) return n!;
  const denominator = BigInt(d);
  let scale = 0;
  let power = 1n;
  while (power % denominator !== 0n && scale < 18) {
    power *= 10n;
    scale++;
  }
  const scaled = (BigInt(n!) * power) / denominator;
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, '0');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The action as the policies spell it, if they name it in full. */
function spelled(action: string, documents: readonly PolicyDocument[]): string {
  for (const document of documents) {
    for (const s of document.statements) {
      for (const value of s.action.values) if (value.text.toLowerCase() === action) return value.text;
    }
  }
  return action;
}
