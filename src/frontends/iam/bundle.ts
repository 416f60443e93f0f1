/**
 * Several policies at once: how AWS combines identity and resource policies, permissions boundaries, session policies,
 * service and resource control policies and endpoint policies, in one account and across accounts (IAM user
 * guide, "reference_policies_evaluation-logic"). The formula here and `evaluateBundle` beside it are written apart.
 */
import type { Formula } from '../../program/space.ts';
import type { PolicyDocument, PrincipalElement, Statement } from './document.ts';
import { type EvaluationOptions, matches, type Truth } from './evaluation.ts';
import { all, any, both, either, no, not, unknown, yes } from './formulas.ts';
import { literals } from './languages.ts';
import type { Lowering } from './lowering.ts';
import * as who from './principals.ts';
import type { Request } from './request.ts';

export interface Bundle {
  readonly identity: readonly PolicyDocument[];
  readonly resource?: PolicyDocument;
  readonly boundary: readonly PolicyDocument[];
  readonly session: readonly PolicyDocument[];
  /** Root, each organizational unit, account: every level must allow (row 61). */
  readonly serviceControl: readonly (readonly PolicyDocument[])[];
  readonly resourceControl: readonly PolicyDocument[];
  readonly endpoint: readonly PolicyDocument[];
  /** The account that owns the resource. */
  readonly resourceAccount: string;
  /** KMS keys and role trust policies must allow even in the same account. */
  readonly resourceMustAllow: boolean;
  /** S3 RestrictPublicBuckets is on and the resource policy is public. */
  readonly restrictedToOwner: boolean;
}

export const emptyBundle: Omit<Bundle, 'resourceAccount'> = {
  identity: [],
  boundary: [],
  session: [],
  serviceControl: [],
  resourceControl: [],
  endpoint: [],
  resourceMustAllow: false,
  restrictedToOwner: false,
};

export const documentsOf = (bundle: Bundle): PolicyDocument[] => [
  ...bundle.identity,
  ...(bundle.resource ? [bundle.resource] : []),
  ...bundle.boundary,
  ...bundle.session,
  ...bundle.serviceControl.flat(),
  ...bundle.resourceControl,
  ...bundle.endpoint,
];

/**
 * What a grant names: `direct` a user, session or federated user (not limited by implicit denies of boundary and session
 * policies, row 59), `role` a role (limited, row 60), `account` a whole account (which then decides by its identity
 * policies, row 14), `everyone`, or `other` callers that have no identity side.
 */
type Grantee = 'direct' | 'role' | 'account' | 'everyone' | 'other';

function granteeOf(kind: string, text: string): Grantee {
  if (kind !== 'AWS') return 'other';
  if (text === '*') return 'everyone';
  if (/^\d{12}$/.test(text) || text.endsWith(':root')) return 'account';
  if (/:role\//.test(text)) return 'role';
  return /:(user|assumed-role|federated-user)\//.test(text) ? 'direct' : 'other';
}

/** The statement with only those principals that are of one kind; undefined if there is none. */
function only(statement: Statement, grantee: Grantee): Statement | undefined {
  const principal = statement.principal;
  if (!principal) return grantee === 'everyone' ? statement : undefined;
  if (principal.negated) return grantee === 'everyone' ? statement : undefined;
  const entries = principal.entries.filter((e) => granteeOf(e.kind, e.value.text) === grantee);
  if (entries.length === 0) return undefined;
  const kept: PrincipalElement = { ...principal, entries };
  return { ...statement, principal: kept };
}

const undocumented = 'a grant to everyone under a boundary or session policy of the same account is not documented';

export function bundleFormula(lowering: Lowering, bundle: Bundle): Formula {
  const allowsAny = (documents: readonly PolicyDocument[]): Formula => any(documents.map((d) => lowering.allows(d)));
  const deniesAny = (documents: readonly PolicyDocument[]): Formula => any(documents.map((d) => lowering.denies(d)));
  const limited = (documents: readonly PolicyDocument[]): Formula =>
    documents.length === 0 ? yes : allowsAny(documents);
  const identity = lowering.caller(who.identities);
  const same = lowering.caller(who.ofAccount(literals(bundle.resourceAccount)));
  const denied = either(
    deniesAny([
      ...bundle.identity,
      ...bundle.boundary,
      ...bundle.session,
      ...bundle.resourceControl,
      ...bundle.endpoint,
    ]),
    bundle.resource ? lowering.denies(bundle.resource) : no,
    both(identity, deniesAny(bundle.serviceControl.flat())),
  );
  const guard = either(not(identity), all(bundle.serviceControl.map((level) => allowsAny(level))));
  const limits = both(limited(bundle.boundary), limited(bundle.session));
  const inside = both(allowsAny(bundle.identity), limits);
  const granted = (grantee: Grantee): Formula => {
    const { resource } = bundle;
    if (!resource) return no;
    return any(
      resource.statements.flatMap((s) => {
        const kept = s.effect === 'Allow' ? only(s, grantee) : undefined;
        return kept ? [lowering.statement(kept, resource)] : [];
      }),
    );
  };
  const anyGrant = bundle.resource ? lowering.allows(bundle.resource) : no;
  const bounded = bundle.boundary.length + bundle.session.length > 0;
  const everyone = both(granted('everyone'), bounded ? either(limits, unknown(undocumented)) : yes);
  const byResource = either(granted('direct'), both(granted('role'), limits), everyone);
  const sameAccount = bundle.resourceMustAllow
    ? either(byResource, both(granted('account'), inside))
    : either(inside, byResource);
  return all([
    not(denied),
    guard,
    either(
      both(not(identity), anyGrant),
      both(identity, same, sameAccount),
      both(identity, not(same), inside, anyGrant),
    ),
    limited(bundle.endpoint),
    bundle.restrictedToOwner ? either(same, lowering.caller(who.services)) : yes,
  ]);
}

const conj = (...values: Truth[]): Truth =>
  values.includes(false) ? false : values.includes(undefined) ? undefined : true;
const disj = (...values: Truth[]): Truth =>
  values.includes(true) ? true : values.includes(undefined) ? undefined : false;
const neg = (value: Truth): Truth => (value === undefined ? undefined : !value);

/** The same on one request, from the evaluator's results alone. */
export function evaluateBundle(bundle: Bundle, request: Request, options: EvaluationOptions = {}): Truth {
  const some = (documents: readonly PolicyDocument[], effect: 'Allow' | 'Deny'): Truth =>
    disj(
      ...documents.flatMap((d) =>
        d.statements.filter((s) => s.effect === effect).map((s) => matches(s, d, request, options)),
      ),
      false,
    );
  const { caller } = request;
  const isIdentity = caller.kind === 'identity';
  const always = [
    ...bundle.identity,
    ...bundle.boundary,
    ...bundle.session,
    ...bundle.resourceControl,
    ...bundle.endpoint,
  ];
  const denied = disj(
    some(bundle.resource ? [...always, bundle.resource] : always, 'Deny'),
    isIdentity ? some(bundle.serviceControl.flat(), 'Deny') : false,
  );
  const endpoint = bundle.endpoint.length === 0 ? true : some(bundle.endpoint, 'Allow');
  const grant = bundle.resource ? some([bundle.resource], 'Allow') : false;
  const restricted = bundle.restrictedToOwner;
  if (!isIdentity) return conj(neg(denied), endpoint, grant, restricted ? caller.kind === 'service' : true);
  const guard = conj(true, ...bundle.serviceControl.map((level) => some(level, 'Allow')));
  const boundary = bundle.boundary.length === 0 ? true : some(bundle.boundary, 'Allow');
  const session = bundle.session.length === 0 ? true : some(bundle.session, 'Allow');
  const identitySide = conj(some(bundle.identity, 'Allow'), boundary, session);
  const sameAccount = caller.arn.split(':')[4] === bundle.resourceAccount;
  let decided: Truth;
  if (!sameAccount) decided = conj(identitySide, grant, !restricted);
  else {
    const ways: Truth[] = bundle.resourceMustAllow ? [] : [identitySide];
    for (const statement of bundle.resource?.statements ?? []) {
      if (statement.effect !== 'Allow') continue;
      const names = statement.principal && !statement.principal.negated ? statement.principal.entries : undefined;
      const kinds = new Set(names ? names.map((e) => `${e.kind} ${e.value.text}`) : ['AWS *']);
      for (const name of kinds) {
        const [kind, text] = [name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1)];
        const entry = names?.filter((e) => e.kind === kind && e.value.text === text);
        const alone: Statement = entry
          ? { ...statement, principal: { ...statement.principal!, entries: entry } }
          : statement;
        const matched = matches(alone, bundle.resource!, request, options);
        if (kind !== 'AWS') continue;
        if (text === '*') {
          const bounded = bundle.boundary.length + bundle.session.length > 0;
          const limits = conj(boundary, session);
          ways.push(conj(matched, !bounded || limits === true ? true : undefined));
        } else if (/^\d+$/.test(text) || text.endsWith(':root')) {
          if (bundle.resourceMustAllow) ways.push(conj(matched, identitySide));
        } else if (text.includes(':role/')) ways.push(conj(matched, boundary, session));
        else ways.push(matched);
      }
    }
    decided = disj(...ways, false);
  }
  return conj(neg(denied), guard, endpoint, decided);
}
