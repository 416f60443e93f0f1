// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like that
/**
 * Random policies, and requests drawn at the boundaries of a policy's atoms: for each key missing, each literal, a near
 * miss, something fresh; the same for action, resource and principal. For differential tests and to attack every "no".
 * Deterministic by seed.
 */
import type { PolicyDocument } from '../../frontends/iam/document.ts';
import type { Caller, Request } from '../../frontends/iam/request.ts';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** 0 <= result < count. */
  below(count: number): number {
    // xorshift32 [Marsaglia-JSS'03]
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % count;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  some<T>(list: readonly T[], most: number): T[] {
    const count = 1 + this.below(most);
    return [...new Set(Array.from({ length: count }, () => this.pick(list)))];
  }
}

const actions = [
  's3:GetObject',
  's3:Get*',
  's3:*',
  's3:PutObject',
  'S3:get?bject',
  'ec2:RunInstances',
  'iam:*',
  '*',
  's3:*Object',
];
const resources = [
  '*',
  'arn:aws:s3:::bucket/*',
  'arn:aws:s3:::bucket',
  'arn:aws:s3:::b*/k?y',
  'arn:aws:ec2:*:111122223333:instance/*',
  'arn:aws:sqs:us-*:*:q*',
  'arn:aws:s3:::home/${aws:username}/*',
];
type Values = readonly (string | boolean | number)[];
const conditions: readonly (readonly [readonly string[], string, Values])[] = [
  [
    ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    'aws:RequestedRegion',
    ['us-east-1', 'EU-west-1', 'eu-west-1'],
  ],
  [['StringLike', 'StringNotLike'], 'aws:UserAgent', ['curl*', '*bot*', 'a?c', '*']],
  [
    ['StringEquals', 'StringLike', 'StringNotEquals'],
    'aws:PrincipalTag/team',
    ['red', 'blue', 're*', '${aws:username}'],
  ],
  [['StringEquals', 'StringLike', 'StringNotLike'], 'aws:PrincipalOrgID', ['o-a1b2c3d4e5', 'o-z9y8x7w6v5']],
  [
    [
      'NumericEquals',
      'NumericNotEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
    'aws:MultiFactorAuthAge',
    ['10', 100, '7'],
  ],
  [
    ['DateLessThan', 'DateGreaterThanEquals', 'DateEquals', 'DateNotEquals'],
    'aws:CurrentTime',
    ['2024-01-01T00:00:00Z', '2030-06-30T12:00:00Z'],
  ],
  [['Bool'], 'aws:SecureTransport', ['true', false]],
  [['Bool'], 'aws:MultiFactorAuthPresent', ['true', 'false']],
  [['IpAddress', 'NotIpAddress'], 'aws:SourceIp', ['203.0.113.0/24', '10.0.0.0/8', '198.51.100.7/32', '2001:db8::/32']],
  [
    ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    'aws:SourceArn',
    ['arn:aws:sns:*:123456789012:topic*', 'arn:aws:s3:::src', 'arn:aws:sqs:us-east-1:123456789012:q?'],
  ],
  [['Null'], 'aws:PrincipalTag/team', ['true', 'false']],
  [['Null'], 'aws:SourceArn', ['true', 'false']],
  [
    [
      'ForAllValues:StringEquals',
      'ForAnyValue:StringEquals',
      'ForAllValues:StringLike',
      'ForAnyValue:StringNotEquals',
      'ForAllValues:StringNotLike',
    ],
    'aws:TagKeys',
    ['a', 'b', 'c*'],
  ],
];
const principals = [
  '*',
  '111122223333',
  'arn:aws:iam::111122223333:root',
  'arn:aws:iam::111122223333:user/alice',
  'arn:aws:iam::444455556666:user/bob',
  '444455556666',
];

export function randomPolicy(random: Random, kind: 'identity' | 'resource'): Record<string, unknown> {
  const statements: Record<string, unknown>[] = [];
  const count = 1 + random.below(4);
  for (let i = 0; i < count; i++) {
    const statement: Record<string, unknown> = { Effect: random.chance(70) ? 'Allow' : 'Deny' };
    if (kind === 'resource') {
      const AWS = random.some(principals, 2);
      statement.Principal = AWS.includes('*') && random.chance(50) ? '*' : { AWS };
    }
    statement[random.chance(85) ? 'Action' : 'NotAction'] = random.some(actions, 3);
    const notResource = random.chance(15);
    const list = random.some(notResource ? resources.filter((r) => !r.includes('$')) : resources, 3);
    statement[notResource ? 'NotResource' : 'Resource'] = list;
    const used: Record<string, Record<string, unknown>> = {};
    for (let c = random.below(4); c > 0; c--) {
      const [operators, key, values] = random.pick(conditions);
      let operator = random.pick(operators);
      // ForAnyValue with IfExists on a missing key: the oracle says false, the user guide's words for IfExists say true
      if (operator !== 'Null' && !operator.startsWith('ForAny') && random.chance(15)) operator += 'IfExists';
      const chosen = random.some(values, 2);
      const keys = (used[operator] ??= {});
      keys[key] = operator === 'Null' || operator.startsWith('Bool') ? chosen[0] : chosen;
    }
    if (Object.keys(used).length > 0) statement.Condition = used;
    statements.push(statement);
  }
  return { Version: '2012-10-17', Statement: statements };
}

/** Texts near a pattern: filled in, cut, prolonged, in the other case. */
function near(random: Random, pattern: string): string {
  const filled = pattern
    .replaceAll('*', () => random.pick(['', 'x', 'x/y', 'bucket', 'us-east-1']))
    .replaceAll('?', () => random.pick(['e', 'x', '']));
  switch (random.below(7)) {
    case 0:
      return `${filled}x`;
    case 1:
      return filled.slice(0, -1);
    case 2:
      return filled.toUpperCase();
    case 3:
      return filled.replace(/[a-z](?=[^a-z]*$)/, 'z');
    default:
      return filled;
  }
}

function valueFor(random: Random, operator: string, texts: readonly string[]): string {
  const text = random.pick(texts);
  if (/ip/i.test(operator)) {
    const [address, prefix] = text.split('/') as [string, string?];
    if (address.includes(':')) return random.pick(['2001:db8::1', '2001:db9::1', '203.0.113.9']);
    const parts = address.split('.').map(Number);
    const last = Number(prefix ?? '32') >= 24 ? 3 : 1;
    parts[last] = Math.max(0, Math.min(255, parts[last]! + random.pick([-1, 0, 1, 255])));
    return random.chance(10) ? '2001:db8::1' : parts.join('.');
  }
  if (/^Numeric/.test(operator)) return String(Number(text) + random.pick([-1, 0, 1, 50]));
  if (/^Date/.test(operator)) {
    return new Date(Date.parse(text) + random.pick([-1000, 0, 1000])).toISOString().replace('.000Z', 'Z');
  }
  if (/^Bool/.test(operator)) return random.pick(['true', 'false']);
  return near(random, text);
}

/** A request at the boundaries of what the policies name. */
export function boundaryRequest(
  random: Random,
  documents: readonly PolicyDocument[],
  callers: readonly Caller[],
): Request {
  const statements = documents.flatMap((d) => d.statements);
  const focus = random.pick(statements);
  const from = <T>(pick: (s: (typeof statements)[number]) => readonly T[]): T | undefined => {
    const list = pick(random.chance(70) ? focus : random.pick(statements));
    return list.length === 0 ? undefined : random.pick(list);
  };
  const caller = random.pick(callers);
  const user = caller.kind === 'identity' && caller.arn.includes(':user/') ? caller.arn.split('/').at(-1)! : 'alice';
  const action = near(random, from((s) => s.action.values.map((v) => v.text)) ?? 's3:GetObject');
  const raw = from((s) => s.resource?.values.map((v) => v.text) ?? []) ?? '*';
  const filled = near(
    random,
    raw === '*'
      ? 'arn:aws:s3:::bucket/key'
      : raw.replaceAll(/\$\{aws:username\}/gi, random.chance(80) ? user : 'other'),
  );
  const context = new Map<string, string | readonly string[]>();
  for (const statement of statements) {
    for (const c of statement.conditions) {
      const key = c.key.toLowerCase();
      if (context.has(key) && !(statement === focus && random.chance(70))) continue;
      if (random.chance(statement === focus ? 15 : 35)) continue;
      if (c.use.operator.family === 'null') {
        if (!context.has(key)) context.set(key, key === 'aws:sourcearn' ? 'arn:aws:s3:::src' : 'red');
        continue;
      }
      const texts = c.values.map((v) => v.text.replaceAll(/\$\{aws:username\}/gi, user));
      if (c.use.quantifier !== undefined) {
        const set = Array.from({ length: 1 + random.below(2) }, () => near(random, random.pick(texts)) || 'q');
        context.set(key, [...new Set(set)]);
      } else context.set(key, valueFor(random, c.use.operator.name, texts));
    }
  }
  return { caller, action: wellFormedAction(action), resource: wellFormedArn(filled), context };
}

const wellFormedAction = (text: string): string => {
  const [service = 's3', name = ''] = text.toLowerCase().split(':');
  return `${/^[a-z0-9-]+$/.test(service) ? service : 's3'}:${name.replaceAll(/[^a-z0-9]/g, '') || 'getobject'}`;
};

const wellFormedArn = (text: string): string =>
  /^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:[\s\S]+$/.test(text) ? text : 'arn:aws:s3:::bucket/key';
