/**
 * What is known of condition keys ("reference_policies_condition-keys"): what values they take, whether they
 * hold several, when they are missing. Keys that are not listed are free: any text, single-valued unless a set operator
 * is used or the service data says otherwise.
 */
import type { Language } from '../../program/space.ts';
import { anyChar, digit, literals, many, notColon, one, repeat, text, union } from './languages.ts';

export type KeyType = 'text' | 'number' | 'date' | 'bool' | 'address';

export interface KeyFacts {
  readonly type?: KeyType;
  readonly multi?: boolean;
  readonly always?: boolean;
  readonly domain?: readonly Language[];
  readonly preferred?: readonly string[];
}

const word = { negated: true, chars: '$*/:? ' } as const;
const nameOf = (prefix: string): Language => union([...literals(prefix), one(word), many(word)]);

export const accountDomain: readonly Language[] = [union(repeat(one(digit), 12))];
export const organizationDomain: readonly Language[] = [nameOf('o-')];
/** Six fields, the first five without wildcards, the last not empty. */
const arnField = { negated: true, chars: '*:?' } as const;
export const arnSequence = [
  ...literals('arn:'),
  one(arnField),
  many(arnField),
  ...literals(':'),
  one(arnField),
  many(arnField),
  ...literals(':'),
  many(arnField),
  ...literals(':'),
  many(arnField),
  ...literals(':'),
  one(anyChar),
  many(anyChar),
];
const emptyAccountArn = [
  ...literals('arn:'),
  one(arnField),
  many(arnField),
  ...literals(':'),
  one(arnField),
  many(arnField),
  ...literals(':'),
  many(arnField),
  ...literals('::'),
  one(anyChar),
  many(anyChar),
];
const accountArn = [
  ...literals('arn:'),
  one(arnField),
  many(arnField),
  ...literals(':'),
  one(arnField),
  many(arnField),
  ...literals(':'),
  many(arnField),
  ...literals(':'),
  ...repeat(one(digit), 12),
  ...literals(':'),
  one(anyChar),
  many(anyChar),
];
/** ARNs of things that an account owns: the account is missing (S3) or has twelve digits. */
export const ownedArnDomain: readonly Language[] = [union(emptyAccountArn, accountArn)];
export const noAccountArn: Language = union(emptyAccountArn);
/** ARN field 5 in a language of account numbers. */
export const withAccount = (account: ReturnType<typeof literals>): ReturnType<typeof literals> => [
  ...literals('arn:'),
  many(notColon),
  ...literals(':'),
  many(notColon),
  ...literals(':'),
  many(notColon),
  ...literals(':'),
  ...account,
  ...literals(':'),
  many(anyChar),
];
const pathDomain: readonly Language[] = [
  union([...literals('o-'), one(word), many(word), ...literals('/'), many(anyChar)]),
];
const truth: readonly Language[] = [text('true'), text('false')];

const account: KeyFacts = { domain: accountDomain, preferred: ['999999999999', '888888888888'] };
const organization: KeyFacts = { domain: organizationDomain, preferred: ['o-stranger00'] };
const arn: KeyFacts = { domain: ownedArnDomain };
const paths: KeyFacts = { domain: pathDomain, multi: true };

const facts: Readonly<Record<string, KeyFacts>> = {
  'aws:sourceaccount': account,
  'aws:sourceowner': account,
  'aws:resourceaccount': account,
  'aws:vpceaccount': account,
  's3:dataaccesspointaccount': account,
  's3:resourceaccount': account,
  'aws:sourceorgid': organization,
  'aws:resourceorgid': organization,
  'aws:vpceorgid': organization,
  'aws:sourceorgpaths': paths,
  'aws:resourceorgpaths': paths,
  'aws:vpceorgpaths': paths,
  'aws:sourcearn': { ...arn, preferred: ['arn:aws:sns:us-east-1:999999999999:topic', 'arn:aws:s3:::stranger-bucket'] },
  'aws:sourcevpcarn': arn,
  's3:dataaccesspointarn': arn,
  'aws:sourcevpc': { domain: [nameOf('vpc-')], preferred: ['vpc-0stranger'] },
  'aws:sourcevpce': { domain: [nameOf('vpce-')], preferred: ['vpce-0stranger'] },
  'aws:sourceip': { type: 'address', preferred: ['4:3405803786', '6:42540766411282592856903984951653826561'] },
  'aws:vpcsourceip': { type: 'address', preferred: ['4:167772170'] },
  'aws:securetransport': { type: 'bool', domain: truth, always: true },
  'aws:viaawsservice': { type: 'bool', domain: truth, always: true },
  'aws:multifactorauthpresent': { type: 'bool', domain: truth },
  'aws:multifactorauthage': { type: 'number', preferred: ['60'] },
  'aws:tokenissuetime': { type: 'date' },
  'aws:currenttime': { type: 'date', always: true, preferred: ['1790000000'] },
  'aws:epochtime': { type: 'date', always: true, preferred: ['1790000000'] },
  'aws:requestedregion': { always: true, preferred: ['us-east-1', 'eu-west-1'] },
  'aws:useragent': { always: true, preferred: ['curl/8.0'] },
  'aws:referer': { preferred: ['https://example.com/'] },
  'aws:userid': { always: true, preferred: ['AIDAEXAMPLESTRANGER1', 'AROAEXAMPLESTRANGER1:session'] },
  'aws:tagkeys': { multi: true, preferred: ['Owner', 'Project'] },
  'aws:calledvia': { multi: true },
  'aws:principalservicenameslist': { multi: true },
  'aws:principalorgpaths': paths,
};

export function factsOf(key: string, multiValued: ReadonlySet<string>): KeyFacts {
  const known = facts[key];
  if (known) return known;
  return multiValued.has(key) || multiValued.has(key.replace(/\/.*$/, '/*')) ? { multi: true } : {};
}

/** Keys that say who calls; they are linked to the principal. */
export const principalKeys: ReadonlySet<string> = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:username',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'kms:calleraccount',
]);
