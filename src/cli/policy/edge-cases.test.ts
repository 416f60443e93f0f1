// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like that
/**
 * The 70 edge cases of the policy language, one test each, named by its row; the source of each is the IAM
 * user guide unless the row says otherwise. Wherever a row is about one request, engine and evaluator must agree.
 */
import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import { decide } from '../../engines/policy/decide.ts';
import { type Bundle, bundleFormula, documentsOf, emptyBundle, evaluateBundle } from '../../frontends/iam/bundle.ts';
import { type PolicyType, readPolicy } from '../../frontends/iam/document.ts';
import { evaluate } from '../../frontends/iam/evaluation.ts';
import { requestFormula } from '../../frontends/iam/fixing.ts';
import { all } from '../../frontends/iam/formulas.ts';
import { Lowering } from '../../frontends/iam/lowering.ts';
import type { Request } from '../../frontends/iam/request.ts';
import { blockPublicAccess } from '../../frontends/iam/s3-block-public-access.ts';
import { loadServiceData } from '../../frontends/iam/service-data.ts';
import { anonymous, decision, document, type Json, request, role, user } from './policy.fixture.ts';
import { grantedAccess, newAccess, publicAccess } from './questions.ts';

const codesOf = (statement: Json, type: PolicyType = 'identity', version = '2012-10-17'): string[] => {
  const text = JSON.stringify({ Version: version, Statement: [statement] });
  const read = readPolicy({ path: 'p.json', text }, type);
  return read.ok ? [] : read.error.map((e) => e.code);
};
const base = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const condition = (operator: string, key: string, value: unknown, more: Json = {}) =>
  document({ ...more, Condition: { [operator]: { [key]: value } } });
const withKey = (key: string, value?: string | readonly string[]) =>
  request(value === undefined ? {} : { context: { [key]: value } });
const isPublic = (statements: Json | readonly Json[], type: PolicyType = 'resource') =>
  publicAccess([document(statements, type)]).solution.kind;

function bundled(bundle: Partial<Bundle>, asked: Request): boolean {
  const whole: Bundle = { ...emptyBundle, resourceAccount: '111122223333', ...bundle };
  const plain = evaluateBundle(whole, asked);
  const lowering = new Lowering(documentsOf(whole), { axioms: false });
  const formula = all([bundleFormula(lowering, whole), requestFormula(lowering, asked, [], true)]);
  const symbolic = decide({ dimensions: lowering.dimensions, formula }, new Budget()).kind;
  expect(symbolic).toBe(plain === true ? 'point' : plain === false ? 'none' : 'unsure');
  return plain === true;
}

describe('actions and resources', () => {
  it('row 1: actions ignore case', () => {
    expect(decision(document({ Action: 'S3:getobject' }), request())).toBe('allow');
  });
  it('row 2: a blank in an action is invalid', () => {
    expect(codesOf({ ...base, Action: ' s3:GetObject' })).toEqual(['IAM-ACTION']);
    expect(codesOf({ ...base, Action: 's3:Get Object' })).toEqual(['IAM-ACTION']);
  });
  it('row 3: no wildcard in the service part', () => {
    expect(codesOf({ ...base, Action: '*:GetObject' })).toEqual(['IAM-ACTION']);
    expect(codesOf({ ...base, Action: 's*:Get*' })).toEqual(['IAM-ACTION']);
    expect(codesOf({ ...base, Action: '*' })).toEqual([]);
  });
  it('row 4: ? is exactly one character', () => {
    const policy = document({ Action: 's3:Get?bject' });
    expect(decision(policy, request({ action: 's3:GetObject' }))).toBe('allow');
    expect(decision(policy, request({ action: 's3:Getbject' }))).toBe('no');
  });
  it('row 5: resources are case-sensitive', () => {
    const policy = document({ Resource: 'arn:aws:s3:::b*' });
    expect(decision(policy, request({ resource: 'arn:aws:s3:::B1' }))).toBe('no');
    expect(decision(policy, request({ resource: 'arn:aws:s3:::b1' }))).toBe('allow');
  });
  it('row 6: * crosses slashes', () => {
    expect(decision(document({ Resource: 'arn:aws:s3:::b/*' }), request({ resource: 'arn:aws:s3:::b/x/y' }))).toBe(
      'allow',
    );
  });
  it('row 7: the bucket is none of its objects', () => {
    expect(decision(document({ Resource: 'arn:aws:s3:::b/*' }), request({ resource: 'arn:aws:s3:::b' }))).toBe('no');
  });
  it('row 8: * stays inside its ARN field, unless the switch says otherwise', () => {
    const policy = document({ Resource: 'arn:aws:ecs:*:*:task-definition/A:*' });
    const asked = request({ resource: 'arn:aws:ecs:::task-definition/A:task-definition/B:' });
    expect(decision(policy, asked)).toBe('allow'); // the sixth field is free text
    const narrow = document({ Resource: 'arn:aws:ecs:*:task-definition/A:x:y' });
    const wide = request({ resource: 'arn:aws:ecs:r:1:task-definition/A:x:y' });
    expect(decision(narrow, wide)).toBe('no');
    expect(decision(narrow, wide, { colonCrossing: true })).toBe('allow');
  });
  it('row 9: every S3 ARN is not every resource', () => {
    const all = document({ Resource: '*' });
    const s3 = document({ Resource: 'arn:aws:s3:::*' });
    expect(newAccess(all, s3).kind).toBe('yes');
    expect(newAccess(s3, all).kind).toBe('no');
  });
  it('row 10: no Resource in a trust policy is every resource', () => {
    const policy = document({ Action: 'sts:AssumeRole', Principal: { AWS: '111122223333' } }, 'trust');
    expect(decision(policy, request({ action: 'sts:AssumeRole', resource: 'arn:aws:iam::1:role/x' }))).toBe('allow');
  });
  it('row 11: NotResource with Allow grants everything else', () => {
    const policy = document({ NotResource: 'arn:aws:s3:::b/*' });
    expect(decision(policy, request({ action: 'ec2:RunInstances', resource: 'arn:aws:ec2:r:1:instance/i' }))).toBe(
      'allow',
    );
    expect(decision(policy, request({ resource: 'arn:aws:s3:::b/x' }))).toBe('no');
  });
  it('row 12: NotAction covers actions that do not exist yet', () => {
    const policy = document({ NotAction: 'iam:*' });
    expect(decision(policy, request({ action: 'brandnew:DoIt' }))).toBe('allow');
    expect(decision(policy, request({ action: 'iam:CreateUser' }))).toBe('no');
    const deny = document([{ Action: '*' }, { Effect: 'Deny', NotAction: 's3:*' }]);
    expect(decision(deny, request({ action: 'brandnew:DoIt' }))).toBe('no');
  });
  it('row 68: an action on a resource type that it never has', async () => {
    const policy = document({ Action: 's3:ListBucket', Resource: 'arn:aws:s3:::bucket/*' });
    // the checks of AWS do not see it, and without the action-resource model neither do we
    expect(grantedAccess([policy], [{ actions: ['s3:ListBucket'] }]).kind).toBe('yes');
    const { actionsOf } = await loadServiceData();
    expect(grantedAccess([policy], [{ actions: ['s3:ListBucket'] }], { actionsOf }).kind).toBe('no');
    const objects = document({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' });
    expect(grantedAccess([objects], [{ actions: ['s3:GetObject'] }], { actionsOf }).kind).toBe('yes');
  });
});

describe('principals', () => {
  const resource = (principal: unknown, more: Json = {}) => document({ Principal: principal, ...more }, 'resource');
  it('row 13: "*" and {"AWS": "*"} are everyone, anonymous too, but not in trust policies', () => {
    expect(decision(resource('*'), request({ caller: anonymous }))).toBe('allow');
    expect(decision(resource({ AWS: '*' }), request({ caller: anonymous }))).toBe('allow');
    const trust = document({ Principal: '*', Action: 'sts:AssumeRole' }, 'trust');
    expect(decision(trust, request({ caller: anonymous, action: 'sts:AssumeRole' }))).toBe('no');
    expect(decision(trust, request({ caller: user('999999999999'), action: 'sts:AssumeRole' }))).toBe('allow');
  });
  it('row 14: an account number is the account root, and that is the whole account', () => {
    for (const principal of ['111122223333', 'arn:aws:iam::111122223333:root']) {
      expect(decision(resource({ AWS: principal }), request({ caller: role() }))).toBe('allow');
      expect(decision(resource({ AWS: principal }), request({ caller: user('444455556666') }))).toBe('no');
    }
  });
  it('row 15: a partial wildcard in a principal is invalid', () => {
    for (const AWS of ['arn:aws:iam::111122223333:*', 'arn:aws:iam::*:role/X']) {
      expect(codesOf({ ...base, Principal: { AWS } }, 'resource')).toEqual(['IAM-PRINCIPAL']);
    }
  });
  it('row 16: the unique id of a deleted principal matches nobody', () => {
    expect(isPublic({ Principal: { AWS: 'AROADBQP57FF2AEXAMPLE' } })).toBe('no');
    expect(decision(resource({ AWS: 'AIDACKCEVSQ6C2EXAMPLE' }), request())).toBe('no');
  });
  it('row 17: a role ARN covers its sessions', () => {
    const policy = resource({ AWS: 'arn:aws:iam::111122223333:role/reader' });
    expect(decision(policy, request({ caller: role('111122223333', 'reader', 'whatever') }))).toBe('allow');
    const session = resource({ AWS: 'arn:aws:sts::111122223333:assumed-role/reader/one' });
    expect(decision(session, request({ caller: role('111122223333', 'reader', 'one') }))).toBe('allow');
    expect(decision(session, request({ caller: role('111122223333', 'reader', 'two') }))).toBe('no');
  });
  it('row 18: aws:PrincipalArn of a session is the role', () => {
    const policy = (arn: string) => resource('*', { Condition: { ArnEquals: { 'aws:PrincipalArn': arn } } });
    expect(decision(policy('arn:aws:iam::111122223333:role/reader'), request({ caller: role() }))).toBe('allow');
    expect(decision(policy('arn:aws:sts::111122223333:assumed-role/reader/*'), request({ caller: role() }))).toBe('no');
  });
  it('row 19: Deny with NotPrincipal spares only who is listed with account and session', () => {
    const deny = (...AWS: string[]) =>
      document([{ Principal: '*' }, { Effect: 'Deny', NotPrincipal: { AWS } }], 'resource');
    const account = 'arn:aws:iam::111122223333:root';
    const roleArn = 'arn:aws:iam::111122223333:role/reader';
    const session = 'arn:aws:sts::111122223333:assumed-role/reader/session';
    expect(decision(deny(account, 'arn:aws:iam::111122223333:user/alice'), request())).toBe('allow');
    expect(decision(deny(account, roleArn, session), request({ caller: role() }))).toBe('allow');
    expect(decision(deny(roleArn), request({ caller: role() }))).toBe('unclear');
    expect(decision(deny(roleArn), request({ caller: user('444455556666') }))).toBe('no');
  });
  it('row 20: Allow with NotPrincipal is public', () => {
    expect(isPublic({ NotPrincipal: { AWS: '111122223333' } })).toBe('yes');
  });
  it('row 21: a web identity provider is public', () => {
    expect(isPublic({ Principal: { Federated: 'graph.facebook.com' } })).toBe('yes');
    expect(blockPublicAccess(resource({ Federated: 'graph.facebook.com' })).answer).toBe('yes');
  });
  it('row 22: Cognito without an audience is public, with one it is not', () => {
    const trust = (more: Json) =>
      isPublic({ Principal: { Federated: 'cognito-identity.amazonaws.com' }, ...more }, 'trust');
    expect(trust({})).toBe('yes');
    expect(trust({ Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'us-east-1:pool' } } })).toBe(
      'no',
    );
  });
  it('row 23: a service principal is not public', () => {
    expect(isPublic({ Principal: { Service: 'sns.amazonaws.com' } })).toBe('no');
  });
});

describe('conditions', () => {
  it('row 24: operators and keys are joined by AND', () => {
    const policy = document({
      Condition: { StringEquals: { 'x:a': '1', 'x:b': '2' }, Bool: { 'aws:SecureTransport': 'true' } },
    });
    const context = { 'x:a': '1', 'x:b': '2', 'aws:SecureTransport': 'true' };
    expect(decision(policy, request({ context }))).toBe('allow');
    expect(decision(policy, request({ context: { ...context, 'x:b': '3' } }))).toBe('no');
    expect(decision(policy, request({ context: { ...context, 'aws:SecureTransport': 'false' } }))).toBe('no');
  });
  it('row 25: several values of a positive operator are joined by OR', () => {
    const policy = condition('StringEquals', 'x:a', ['1', '2']);
    expect(['1', '2', '3'].map((v) => decision(policy, withKey('x:a', v)))).toEqual(['allow', 'allow', 'no']);
  });
  it('row 26: several values of a negated operator are joined by NOR', () => {
    const policy = condition('StringNotEquals', 'x:a', ['1', '2']);
    expect(['1', '2', '3'].map((v) => decision(policy, withKey('x:a', v)))).toEqual(['no', 'no', 'allow']);
  });
  it('row 27: the same operator and key twice is invalid', () => {
    const inner = '{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"x:a":"1","x:a":"2"}}}';
    const twice = readPolicy({ path: 'p', text: `{"Version":"2012-10-17","Statement":${inner}}` }, 'identity');
    expect(!twice.ok && twice.error[0]!.code).toBe('JSON-DUPLICATE');
    expect(codesOf({ ...base, Condition: { StringEquals: { 'x:a': '1', 'X:A': '2' } } })).toEqual(['IAM-DUPLICATE']);
  });
  it('row 28: StringEquals on a missing key is false', () => {
    expect(decision(condition('StringEquals', 'x:a', '1'), request())).toBe('no');
  });
  it('row 29: StringNotEquals on a missing key is true', () => {
    expect(decision(condition('StringNotEquals', 'x:a', '1'), request())).toBe('allow');
  });
  it('row 30: IfExists on a missing key is true', () => {
    expect(decision(condition('StringEqualsIfExists', 'x:a', '1'), request())).toBe('allow');
    expect(decision(condition('StringEqualsIfExists', 'x:a', '1'), withKey('x:a', '2'))).toBe('no');
  });
  it('row 31: IfExists does not rescue a negated Deny', () => {
    const policy = document([{}, { Effect: 'Deny', Condition: { StringNotEqualsIfExists: { 'x:a': '1' } } }]);
    expect(decision(policy, request())).toBe('no');
    expect(decision(policy, withKey('x:a', '1'))).toBe('allow');
  });
  it('row 32: Deny on MultiFactorAuthPresent=false misses long-term keys', () => {
    const deny = (operator: string) =>
      document([{}, { Effect: 'Deny', Condition: { [operator]: { 'aws:MultiFactorAuthPresent': 'false' } } }]);
    expect(decision(deny('Bool'), request())).toBe('allow');
    expect(decision(deny('BoolIfExists'), request())).toBe('no');
  });
  it('row 33: Null true is missing, Null false is there', () => {
    expect(decision(condition('Null', 'x:a', 'true'), request())).toBe('allow');
    expect(decision(condition('Null', 'x:a', 'true'), withKey('x:a', '1'))).toBe('no');
    expect(decision(condition('Null', 'x:a', 'false'), withKey('x:a', '1'))).toBe('allow');
    expect(decision(condition('Null', 'x:a', false), request())).toBe('no');
  });
  it('row 34: NullIfExists is invalid', () => {
    expect(codesOf({ ...base, Condition: { NullIfExists: { 'x:a': 'true' } } })).toEqual(['IAM-OPERATOR']);
    expect(codesOf({ ...base, Condition: { 'ForAnyValue:Null': { 'x:a': 'true' } } })).toEqual(['IAM-OPERATOR']);
  });
  it('row 35: ForAllValues on a missing key allows', () => {
    const policy = condition('ForAllValues:StringEquals', 'aws:TagKeys', ['a', 'b']);
    expect(decision(policy, request())).toBe('allow');
    expect(decision(policy, withKey('aws:TagKeys', ['a']))).toBe('allow');
    expect(decision(policy, withKey('aws:TagKeys', ['a', 'c']))).toBe('no');
  });
  it('row 36: ForAnyValue with a negated operator on a missing key is false', () => {
    const policy = condition('ForAnyValue:StringNotEquals', 'aws:TagKeys', 'a');
    expect(decision(policy, request())).toBe('no');
    expect(decision(policy, withKey('aws:TagKeys', ['a', 'c']))).toBe('allow');
    expect(decision(policy, withKey('aws:TagKeys', ['a']))).toBe('no');
  });
  it('row 37: a multi-valued key without a set operator is undocumented', () => {
    expect(decision(condition('StringEquals', 'aws:TagKeys', 'a'), withKey('aws:TagKeys', ['a']))).toBe('unclear');
    expect(decision(condition('StringEquals', 'aws:TagKeys', 'a'), request())).toBe('no');
  });
  it('row 38: a set operator on a single-valued key sees one element', () => {
    const policy = document({ Condition: { 'ForAnyValue:StringLike': { 'aws:RequestedRegion': 'eu-*' } } });
    expect(decision(policy, withKey('aws:RequestedRegion', 'eu-west-1'))).toBe('allow');
    expect(decision(policy, withKey('aws:RequestedRegion', 'us-east-1'))).toBe('no');
  });
  it('row 39: StringLike * is a test for presence', () => {
    expect(decision(condition('StringLike', 'x:a', '*'), request())).toBe('no');
    expect(decision(condition('StringLike', 'x:a', '*'), withKey('x:a', ''))).toBe('allow');
  });
  it('row 40: StringEquals knows no wildcard', () => {
    expect(decision(condition('StringEquals', 'x:a', 'a*'), withKey('x:a', 'ab'))).toBe('no');
    expect(decision(condition('StringEquals', 'x:a', 'a*'), withKey('x:a', 'a*'))).toBe('allow');
  });
  it('row 41: StringEqualsIgnoreCase folds case', () => {
    expect(decision(condition('StringEqualsIgnoreCase', 'x:a', 'Grün'), withKey('x:a', 'gRÜN'))).toBe('allow');
    expect(decision(condition('StringEqualsIgnoreCase', 'x:a', 'Grün'), withKey('x:a', 'grun'))).toBe('no');
  });
  it('row 42: key names ignore case', () => {
    const policy = condition('IpAddress', 'AWS:sourceip', '203.0.113.0/24');
    expect(decision(policy, withKey('aws:SourceIp', '203.0.113.7'))).toBe('allow');
    expect(decision(condition('StringEquals', 'aws:RequestTag/TEAM', 'x'), withKey('aws:RequestTag/team', 'x'))).toBe(
      'allow',
    );
  });
  it('row 43: ArnEquals is ArnLike: field by field, case-sensitive', () => {
    for (const operator of ['ArnEquals', 'ArnLike']) {
      const policy = condition(operator, 'aws:SourceArn', 'arn:aws:sns:*:123456789012:top*');
      expect(decision(policy, withKey('aws:SourceArn', 'arn:aws:sns:us-east-1:123456789012:topic:sub'))).toBe('allow');
      expect(decision(policy, withKey('aws:SourceArn', 'arn:aws:sns:us-east-1:x:123456789012:topic'))).toBe('no');
      expect(decision(policy, withKey('aws:SourceArn', 'arn:aws:sns:us-east-1:123456789012:Topic'))).toBe('no');
    }
  });
  it('row 44: ArnNotLike matches what is no ARN', () => {
    const policy = condition('ArnNotLike', 'x:arn', 'arn:aws:sns:*:*:*');
    expect(decision(policy, withKey('x:arn', 'nonsense'))).toBe('allow');
    expect(decision(policy, withKey('x:arn', 'arn:aws:sns:r:a:t'))).toBe('no');
  });
  it('row 45: an address without prefix is that address', () => {
    const four = condition('IpAddress', 'aws:SourceIp', '203.0.113.7');
    expect(decision(four, withKey('aws:SourceIp', '203.0.113.7'))).toBe('allow');
    expect(decision(four, withKey('aws:SourceIp', '203.0.113.8'))).toBe('no');
    const six = condition('IpAddress', 'aws:SourceIp', '2001:db8::1');
    expect(decision(six, withKey('aws:SourceIp', '2001:DB8:0:0:0:0:0:1'))).toBe('allow');
    expect(decision(six, withKey('aws:SourceIp', '2001:db8::2'))).toBe('no');
  });
  it('row 46: IPv4 ranges never match IPv6 addresses', () => {
    expect(decision(condition('IpAddress', 'aws:SourceIp', '0.0.0.0/0'), withKey('aws:SourceIp', '2001:db8::1'))).toBe(
      'no',
    );
    expect(
      decision(condition('NotIpAddress', 'aws:SourceIp', '0.0.0.0/0'), withKey('aws:SourceIp', '2001:db8::1')),
    ).toBe('allow');
  });
  it('row 47: two halves of the address space are everyone', () => {
    const halves = { Condition: { IpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } } };
    expect(isPublic(halves)).toBe('yes');
    expect(blockPublicAccess(document(halves, 'resource')).answer).toBe('yes');
    const slashEights = Array.from({ length: 256 }, (_, i) => `${i}.0.0.0/8`);
    expect(isPublic({ Condition: { IpAddress: { 'aws:SourceIp': slashEights } } })).toBe('yes');
    expect(isPublic({ Condition: { IpAddress: { 'aws:SourceIp': ['52.0.0.0/8', '10.0.0.0/8'] } } })).toBe('no');
  });
  it('row 48: through a VPC endpoint aws:SourceIp is missing', () => {
    const deny = document([{}, { Effect: 'Deny', Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }]);
    expect(decision(deny, withKey('aws:SourceVpce', 'vpce-1'))).toBe('no');
    expect(
      decision(condition('IpAddress', 'aws:SourceIp', '203.0.113.0/24'), withKey('aws:SourceVpce', 'vpce-1')),
    ).toBe('no');
    const impossible = {
      Condition: { IpAddress: { 'aws:SourceIp': '1.2.3.0/24' }, StringLike: { 'aws:SourceVpc': '*' } },
    };
    expect(grantedAccess([document(impossible)], [{}]).kind).toBe('no');
  });
  it('row 49: numbers are compared as numbers', () => {
    expect(decision(condition('NumericEquals', 'x:n', '10'), withKey('x:n', '10.0'))).toBe('allow');
    expect(decision(condition('NumericEquals', 'x:n', '1000'), withKey('x:n', '1e3'))).toBe('allow');
    expect(decision(condition('NumericLessThan', 'x:n', '10'), withKey('x:n', '9.99'))).toBe('allow');
    const nonsense = request({ context: { 'x:n': '10abc' } });
    expect(decisionOf(condition('NumericEquals', 'x:n', '10'), nonsense)).toBe('no');
  });
  it('row 50: ISO 8601 and epoch seconds are the same instants', () => {
    const policy = condition('DateEquals', 'aws:CurrentTime', '2020-01-01T00:00:00Z');
    expect(decision(policy, withKey('aws:CurrentTime', '2020-01-01T00:00:00Z'))).toBe('allow');
    expect(decision(policy, withKey('aws:CurrentTime', '1577836800'))).toBe('allow');
    expect(decision(policy, withKey('aws:CurrentTime', '2020-01-01T01:00:00+01:00'))).toBe('allow');
    expect(decision(policy, withKey('aws:CurrentTime', '1577836801'))).toBe('no');
  });
  it('row 51: Bool ignores case', () => {
    expect(decision(condition('Bool', 'aws:SecureTransport', 'TRUE'), withKey('aws:SecureTransport', 'true'))).toBe(
      'allow',
    );
    expect(decision(condition('Bool', 'aws:SecureTransport', true), withKey('aws:SecureTransport', 'false'))).toBe(
      'no',
    );
  });
});

describe('policy variables', () => {
  const home = (version: string | null, more: Json = {}) =>
    document({ Resource: 'arn:aws:s3:::home/${aws:username}/*', ...more }, 'identity', version);
  const at = (path: string) => ({ resource: `arn:aws:s3:::home/${path}` });
  it('row 52: without Version 2012-10-17 they are literal text', () => {
    expect(decision(home('2012-10-17'), request(at('alice/x')))).toBe('allow');
    for (const version of ['2008-10-17', null]) {
      expect(decision(home(version), request(at('alice/x')))).toBe('no');
      expect(decision(home(version), request(at('${aws:username}/x')))).toBe('allow');
      const statement = { Condition: { StringEquals: { 'x:a': '${aws:username}' } } };
      const policy = document(statement, 'identity', version);
      expect(decision(policy, request({ context: { 'x:a': 'alice' } }))).toBe('no');
      expect(decision(policy, request({ context: { 'x:a': '${aws:username}' } }))).toBe('allow');
      // by the question too: under 2008 the two texts are different constants
      expect(newAccess(policy, document(statement)).kind).toBe('yes');
    }
  });
  it('row 53: a variable without a value', () => {
    expect(decision(home('2012-10-17'), request({ caller: role(), ...at('alice/x') }))).toBe('no');
    const positive = condition('StringEquals', 'x:a', '${aws:username}');
    const negative = condition('StringNotEquals', 'x:a', '${aws:username}');
    expect(decision(positive, request({ caller: role(), context: { 'x:a': 'alice' } }))).toBe('no');
    expect(decision(negative, request({ caller: role(), context: { 'x:a': 'alice' } }))).toBe('allow');
  });
  it('row 54: a default value', () => {
    const policy = document({ Resource: "arn:aws:s3:::home/${aws:username, 'anon'}/*" });
    expect(decision(policy, request({ caller: role(), ...at('anon/x') }))).toBe('allow');
    expect(decision(policy, request(at('anon/x')))).toBe('no');
  });
  it('row 55: ${*} is a star, not a wildcard', () => {
    const policy = document({ Resource: 'arn:aws:s3:::home/${*}${?}${$}' });
    expect(decision(policy, request(at('*?$')))).toBe('allow');
    expect(decision(policy, request(at('abc')))).toBe('no');
  });
  it('row 56: a star inside a value is literal', () => {
    const policy = document({ Resource: 'arn:aws:s3:::home/${aws:PrincipalTag/team}/x' });
    const asked = (path: string) => request({ ...at(path), context: { 'aws:PrincipalTag/team': '*' } });
    expect(decision(policy, asked('*/x'))).toBe('allow');
    expect(decision(policy, asked('a/x'))).toBe('no');
  });
  it('row 57: before the fifth colon nothing is substituted', () => {
    const policy = document({ Resource: 'arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:q' });
    expect(decision(policy, request({ resource: 'arn:aws:sqs:us-east-1:111122223333:q' }))).toBe('no');
  });
  it('row 58: a variable under Bool is undocumented', () => {
    const policy = condition('Bool', 'aws:SecureTransport', '${aws:PrincipalTag/secure}');
    const context = { 'aws:SecureTransport': 'true', 'aws:PrincipalTag/secure': 'true' };
    expect(codesOf({ ...base, Condition: { Bool: { 'aws:SecureTransport': '${aws:PrincipalTag/secure}' } } })).toEqual(
      [],
    );
    expect(decision(policy, request({ context }))).toBe('unclear');
  });
});

describe('several policies together', () => {
  const grant = (principal: string) => document({ Principal: { AWS: principal } }, 'resource');
  const nothing = document({ Action: 'iam:GetUser' }, 'boundary');
  it('row 59: a grant to a user passes an implicit deny of the boundary', () => {
    const resource = grant('arn:aws:iam::111122223333:user/alice');
    expect(bundled({ resource, boundary: [nothing] }, request())).toBe(true);
  });
  it('row 60: a grant to a role does not', () => {
    const resource = grant('arn:aws:iam::111122223333:role/reader');
    expect(bundled({ resource, boundary: [nothing] }, request({ caller: role() }))).toBe(false);
    expect(bundled({ resource }, request({ caller: role() }))).toBe(true);
  });
  it('row 61: an SCP level with Deny only denies everything', () => {
    const identity = [document({})];
    const full = document({}, 'scp');
    const denyOnly = document({ Effect: 'Deny', Action: 'iam:*' }, 'scp');
    expect(bundled({ identity, serviceControl: [[full], [full, denyOnly]] }, request())).toBe(true);
    expect(bundled({ identity, serviceControl: [[full], [denyOnly]] }, request())).toBe(false);
  });
  it('cross-account access needs both sides', () => {
    const identity = [document({})];
    const asked = request({ caller: user('444455556666') });
    expect(bundled({ identity }, asked)).toBe(false);
    expect(bundled({ identity, resource: grant('444455556666') }, asked)).toBe(true);
    expect(bundled({ resource: grant('444455556666') }, asked)).toBe(false);
  });
  it('a KMS key policy must allow even in the same account', () => {
    const identity = [document({})];
    expect(bundled({ identity, resourceMustAllow: true }, request())).toBe(false);
    expect(bundled({ identity, resourceMustAllow: true, resource: grant('111122223333') }, request())).toBe(true);
  });
});

describe('who is public', () => {
  const where = (operator: string, key: string, value: unknown) => ({ Condition: { [operator]: { [key]: value } } });
  it('row 62: a fixed organization', () => {
    expect(isPublic(where('StringEquals', 'aws:PrincipalOrgID', 'o-a1b2c3d4e5'))).toBe('no');
    expect(blockPublicAccess(document(where('StringEquals', 'aws:PrincipalOrgID', 'o-a1'), 'resource')).answer).toBe(
      'no',
    );
  });
  it('row 63: what the caller chooses does not count', () => {
    expect(isPublic(where('Bool', 'aws:SecureTransport', 'true'))).toBe('yes');
    expect(isPublic(where('StringEquals', 'aws:UserAgent', 'secret'))).toBe('yes');
    expect(isPublic(where('StringLike', 'aws:Referer', 'https://example.com/*'))).toBe('yes');
  });
  it('row 64: everyone but one organization', () => {
    expect(isPublic(where('StringNotEquals', 'aws:PrincipalOrgID', 'o-a1b2c3d4e5'))).toBe('yes');
  });
  it('row 65: Deny for all outside one organization', () => {
    const statements = [{}, { Effect: 'Deny', ...where('StringNotEquals', 'aws:PrincipalOrgID', 'o-a1b2c3d4e5') }];
    expect(isPublic(statements)).toBe('no');
    expect(blockPublicAccess(document(statements, 'resource')).answer).toBe('yes');
  });
  it('row 66: any bucket as the source', () => {
    expect(isPublic(where('StringLike', 'aws:SourceArn', 'arn:aws:s3:::*'))).toBe('yes');
    expect(isPublic(where('StringLike', 'aws:SourceArn', 'arn:aws:s3:::my-bucket'))).toBe('no');
  });
  it('row 67: a service for one account', () => {
    const statement = {
      Principal: { Service: 's3.amazonaws.com' },
      ...where('StringEquals', 'aws:SourceAccount', '111122223333'),
    };
    expect(isPublic(statement)).toBe('no');
  });
  it('row 69: roles have no aws:username', () => {
    const policy = condition('StringLike', 'aws:username', '*');
    expect(decision(policy, request())).toBe('allow');
    expect(decision(policy, request({ caller: role() }))).toBe('no');
    const roleOnly = document({
      Condition: { StringLike: { 'aws:username': '*' }, ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } },
    });
    expect(grantedAccess([roleOnly], [{}]).kind).toBe('no');
  });
  it('row 70: long-term keys have no aws:MultiFactorAuthPresent', () => {
    const policy = document({
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' }, Null: { 'aws:TokenIssueTime': 'true' } },
    });
    expect(grantedAccess([policy], [{}]).kind).toBe('no');
  });
});

/** For requests that the engine's dimensions do not hold (a text where a number belongs): the evaluator alone. */
function decisionOf(policy: Parameters<typeof evaluate>[0], asked: Request): string {
  const { decision: said } = evaluate(policy, asked);
  return said === 'allow' ? 'allow' : said === 'unclear' ? 'unclear' : 'no';
}
