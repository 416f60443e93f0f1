/**
 * Who calls, as one string, so that every key that describes the caller is a pattern over it and needs no equation:
 * an ARN for a root, user, role (sessions too, row 17) or federated user; `anonymous`; `service/NAME`;
 * `federated/PROVIDER` for a web or SAML identity that is not yet anyone's; `named/ID` for canonical ids and CloudFront
 * identities. The ARN is what aws:PrincipalArn holds (row 18: the role's, not the session's).
 */
import type { Item, Language, Sequence } from '../../program/space.ts';
import { anyChar, digit, literals, many, notColon, notSlash, one, repeat, text, union } from './languages.ts';

const nameChar = { negated: true, chars: '*:?' } as const;
const partition: Item[] = [...literals('arn:aws'), many({ negated: false, chars: '-abcdefghijklmnopqrstuvwxyz' })];
const account: Item[] = repeat(one(digit), 12);
const name: Item[] = [one(nameChar), many(nameChar)];

export const rootSequence: Sequence = [...partition, ...literals(':iam::'), ...account, ...literals(':root')];
export const userSequence: Sequence = [...partition, ...literals(':iam::'), ...account, ...literals(':user/'), ...name];
export const roleSequence: Sequence = [...partition, ...literals(':iam::'), ...account, ...literals(':role/'), ...name];
export const federatedUserSequence: Sequence = [
  ...partition,
  ...literals(':sts::'),
  ...account,
  ...literals(':federated-user/'),
  ...name,
];
const rest: Item[] = [one(anyChar), many(anyChar)];
export const serviceSequence: Sequence = [...literals('service/'), ...rest];
export const federatedSequence: Sequence = [...literals('federated/'), ...rest];
export const namedSequence: Sequence = [...literals('named/'), ...rest];

export const anonymous: Language = text('anonymous');
export const root = union(rootSequence);
export const users = union(userSequence);
export const roles = union(roleSequence);
export const federatedUsers = union(federatedUserSequence);
export const services = union(serviceSequence);
export const federated = union(federatedSequence);
export const named = union(namedSequence);

export const principalDomain: readonly Language[] = [
  union(userSequence, roleSequence, rootSequence, federatedUserSequence),
  anonymous,
  union(serviceSequence, federatedSequence, namedSequence),
];

/** Everything that has an ARN, and so aws:PrincipalArn: an AWS identity of some account. */
export const identities: Language = union([...literals('arn:'), many(anyChar)]);

/** Principals whose ARN has its account number in a language over digits. */
export const ofAccount = (items: readonly Item[]): Language =>
  union([
    ...literals('arn:'),
    many(notColon),
    ...literals(':'),
    many(notColon),
    ...literals('::'),
    ...items,
    ...literals(':'),
    many(anyChar),
  ]);

/** Users whose last path part is in a language without slashes: what aws:username holds. */
export const userNamed = (items: readonly Item[]): Language => {
  const head = [...literals('arn:'), many(notColon), ...literals(':iam::'), many(notColon), ...literals(':user/')];
  return union([...head, ...items], [...head, many(anyChar), ...literals('/'), ...items]);
};

/** The role behind `arn:…:sts::ACCOUNT:assumed-role/ROLE/SESSION`; its own ARN may have a path. */
export const roleOfSession = (partitionName: string, accountNumber: string, role: string): Language => {
  const head = literals(`arn:${partitionName}:iam::${accountNumber}:role/`);
  return union([...head, ...literals(role)], [...head, many(anyChar), ...literals('/'), ...literals(role)]);
};

export const sessionDomain: readonly Language[] = [union([one(notSlash), many({ negated: true, chars: '*/:?' })])];

export const strangers = [
  'arn:aws:iam::999999999999:user/mallory',
  'arn:aws:iam::999999999999:role/stranger',
  'anonymous',
  'federated/accounts.google.com',
  'service/ec2.amazonaws.com',
] as const;

/** The account number in a principal string, if it has one. */
export const accountOf = (principal: string): string | undefined =>
  /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
