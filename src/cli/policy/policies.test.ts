// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like that
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPolicies } from '../../frontends/iam/discovery.ts';
import { readPolicy } from '../../frontends/iam/document.ts';
import { evaluate } from '../../frontends/iam/evaluation.ts';
import { explainStatement } from '../../frontends/iam/explanation.ts';
import { blockPublicAccess } from '../../frontends/iam/s3-block-public-access.ts';
import { actionsLike, loadServiceData } from '../../frontends/iam/service-data.ts';
import { type PolicyCase, runPolicyCase } from './bench-case.ts';
import { outsideFindings } from './findings.ts';
import { runPolicyCommand } from './index.ts';
import { lint } from './lint.ts';
import { decision, document, expressible, request, role, user } from './policy.fixture.ts';
import { newAccess, publicAccess } from './questions.ts';
import { boundaryRequest, Random, randomPolicy } from './sampling.ts';

const shared = process.env.TERTIUM_SHARED ?? '../shared';

const random = (seed: number, kind: 'identity' | 'resource' = 'identity') => {
  const source = new Random(seed);
  const next = () => {
    const read = readPolicy({ path: 'random.json', text: JSON.stringify(randomPolicy(source, kind)) }, kind);
    if (!read.ok) throw new Error(read.error[0]!.message);
    return read.value;
  };
  return { source, next };
};

const drawn = (
  source: Random,
  documents: Parameters<typeof boundaryRequest>[1],
  callers = [user(), user('444455556666', 'bob'), role()],
) => {
  const raw = boundaryRequest(source, documents, callers);
  return request({
    caller: raw.caller,
    action: raw.action,
    resource: raw.resource,
    context: Object.fromEntries(raw.context),
  });
};

describe('engine and evaluator, written apart', () => {
  it.each(['identity', 'resource'] as const)('agree on requests at the boundaries of random %s policies', (kind) => {
    const { source, next } = random(kind === 'identity' ? 11 : 12, kind);
    let asked = 0;
    let allowed = 0;
    while (asked < 400) {
      const policy = next();
      for (let i = 0; i < 6; i++) {
        const one = drawn(source, [policy]);
        if (!expressible(policy, one)) continue;
        asked++;
        if (decision(policy, one) === 'allow') allowed++;
      }
    }
    expect(allowed).toBeGreaterThan(asked / 20);
  });

  it('no sampled request breaks a proved "no", and every "yes" is replayed', () => {
    const { source, next } = random(21);
    let proved = 0;
    for (let round = 0; round < 60; round++) {
      const old = next();
      // drop or repeat statements: many of these pairs allow nothing new
      const kept = old.statements.filter((s) => s.effect === 'Deny' || source.chance(70));
      const fresh = { ...old, statements: kept };
      const solution = newAccess(fresh, old);
      if (solution.kind === 'yes') {
        expect(evaluate(fresh, solution.request).decision).toBe('allow');
        expect(evaluate(old, solution.request).decision).not.toBe('allow');
        continue;
      }
      if (solution.kind !== 'no') continue;
      proved++;
      if (kept.length === 0) continue;
      for (let i = 0; i < 1000; i++) {
        const one = drawn(source, [fresh, old]);
        if (evaluate(fresh, one).decision === 'allow') expect(evaluate(old, one).decision).not.toMatch(/deny/);
      }
    }
    expect(proved).toBeGreaterThan(20);
  });
});

describe('relations between questions', () => {
  it('a policy is no more than itself, and less after a Deny', () => {
    const { next } = random(31);
    for (let i = 0; i < 40; i++) {
      const policy = next();
      expect(newAccess(policy, policy).kind).toBe('no');
      const denied = {
        ...policy,
        statements: [...policy.statements, ...next().statements.map((s) => ({ ...s, effect: 'Deny' as const }))],
      };
      expect(newAccess(denied, policy).kind).toBe('no');
    }
  });

  it('comparing is transitive', () => {
    const { next } = random(41);
    for (let i = 0; i < 40; i++) {
      const [a, b, c] = [next(), next(), next()] as const;
      if (newAccess(a, b).kind === 'no' && newAccess(b, c).kind === 'no') expect(newAccess(a, c).kind).toBe('no');
    }
  });

  it('patterns with the same variable are compared, whatever its value', () => {
    const home = (...paths: string[]) => document({ Resource: paths.map((p) => `arn:aws:s3:::home/${p}`) });
    expect(newAccess(home('${aws:username}/docs/*'), home('${aws:username}/*')).kind).toBe('no');
    expect(newAccess(home('${aws:username}/*'), home('*')).kind).toBe('no');
    expect(newAccess(home('${aws:username}/*'), home('${aws:username}/docs/*')).kind).toBe('yes');
    expect(newAccess(home('*'), home('${aws:username}/*')).kind).toBe('yes');
    expect(newAccess(home('${aws:userid}/*'), home('${aws:username}/*')).kind).toBe('yes');
  });
});

describe('documented examples of "public" (S3 user guide)', () => {
  const one = (more: Record<string, unknown>) =>
    document({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', ...more }, 'resource');
  const when = (operator: string, key: string, value: unknown) => one({ Condition: { [operator]: { [key]: value } } });
  it('a wildcard VPC is public, a fixed one is not', () => {
    expect(publicAccess([when('StringLike', 'aws:SourceVpc', 'vpc-*')]).solution.kind).toBe('yes');
    expect(publicAccess([when('StringEquals', 'aws:SourceVpc', 'vpc-91237329')]).solution.kind).toBe('no');
  });
  it('one public statement makes the policy public', () => {
    const fixed = { Principal: { AWS: '111122223333' } };
    expect(publicAccess([document([fixed, {}], 'resource')]).solution.kind).toBe('yes');
    expect(publicAccess([document([fixed], 'resource')]).solution.kind).toBe('no');
  });
});

describe('the syntactic rule of S3 Block Public Access (S3 user guide, "The meaning of public")', () => {
  const ask = (more: Record<string, unknown>, options: Parameters<typeof blockPublicAccess>[1] = {}) =>
    blockPublicAccess(document({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', ...more }, 'resource'), options)
      .answer;
  const when = (operator: string, key: string, value: unknown, options = {}) =>
    ask({ Condition: { [operator]: { [key]: value } } }, options);
  const ap = (name: string) => `arn:aws:s3:us-west-2:111122223333:accesspoint/${name}`;
  it.each([
    ['everyone', ask({}), 'yes'],
    ['a web identity provider', ask({ Principal: { Federated: 'graph.facebook.com' } }), 'yes'],
    ['one account', ask({ Principal: { AWS: '111122223333' } }), 'no'],
    ['one service', ask({ Principal: { Service: 'cloudtrail.amazonaws.com' } }), 'no'],
    ['NotPrincipal', ask({ NotPrincipal: { AWS: '111122223333' } }), 'yes'],
    ['any VPC', when('StringLike', 'aws:SourceVpc', 'vpc-*'), 'yes'],
    ['one VPC', when('StringEquals', 'aws:SourceVpc', 'vpc-91237329'), 'no'],
    ['one VPC, or the key missing', when('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-91237329'), 'yes'],
    ['any VPC but one', when('StringNotEquals', 'aws:SourceVpc', 'vpc-91237329'), 'yes'],
    ['one organization', when('StringEquals', 'aws:PrincipalOrgID', 'o-a1b2c3d4e5'), 'no'],
    ['a range up to /8', when('IpAddress', 'aws:SourceIp', '52.0.0.0/8'), 'no'],
    ['a range broader than /8', when('IpAddress', 'aws:SourceIp', '52.0.0.0/7'), 'yes'],
    ['an IPv6 range up to /32', when('IpAddress', 'aws:SourceIp', '2600:1f00::/32'), 'no'],
    ['an IPv6 range broader than /32', when('IpAddress', 'aws:SourceIp', '2600::/31'), 'yes'],
    ['a private range', when('IpAddress', 'aws:SourceIp', '172.16.0.0/12'), 'no'],
    ['one source account', when('StringEquals', 'aws:SourceAccount', '111122223333'), 'no'],
    ['a topic of any account', when('ArnLike', 'aws:SourceArn', 'arn:aws:sns:us-east-1:*:alerts'), 'yes'],
    [
      'one KMS key',
      when(
        'StringEquals',
        's3:x-amz-server-side-encryption-aws-kms-key-id',
        'arn:aws:kms:us-east-1:111122223333:key/1',
      ),
      'no',
    ],
    ['one user id', when('StringEquals', 'aws:userid', 'AIDAEXAMPLEEXAMPLE123'), 'no'],
    ['the sessions of a role', when('StringLike', 'aws:userid', 'AROAEXAMPLE:*'), 'yes'],
    ['a policy variable', when('StringEquals', 'aws:SourceVpc', '${aws:PrincipalTag/vpc}'), 'yes'],
    ['access points of one account, in a bucket policy', when('ArnLike', 's3:DataAccessPointArn', ap('*')), 'no'],
    [
      'the same in an access point policy',
      when('ArnLike', 's3:DataAccessPointArn', ap('*'), { accessPoint: true }),
      'yes',
    ],
    [
      'access points of one account, by number',
      when('StringEquals', 's3:DataAccessPointAccount', '111122223333'),
      'no',
    ],
    ['an access point with VPC origin', ask({}, { accessPoint: true, vpcOrigin: true }), 'no'],
    ['what only newer tools count', when('StringEquals', 'aws:PrincipalAccount', '111122223333'), 'dont-know'],
    ['nothing but a Deny', ask({ Effect: 'Deny' }), 'no'],
  ])('%s', (_, said, expected) => expect(said).toBe(expected));
});

// ---- malformed documents

const good = [
  '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:GetObject","s3:Put*"],"Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}',
  '{\n  "Version": "2012-10-17",\n  "Statement": {\n    "Effect": "Deny",\n    "NotAction": "iam:*",\n    "NotResource": ["arn:aws:s3:::b"],\n    "Condition": { "Bool": { "aws:SecureTransport": "false" } }\n  }\n}',
];

/** Ways to break a document, each sure to make it invalid. */
const breaks: readonly ((text: string, random: Random) => string)[] = [
  (t, r) => t.slice(0, 1 + r.below(t.length - 1)),
  (t) => t.replace('"Effect"', '"effect"'),
  (t) => t.replace(/"(Allow|Deny)"/, (_, w: string) => `"${w.toUpperCase()}"`),
  (t) => t.replace('"Statement"', '"Statements"'),
  (t) => t.replace(/"(Not)?Action":/, (w) => `${w}"s3:GetObject",${w}`),
  (t) => t.replace(/"(Not)?Action"/, '"Actions"'),
  (t) => t.replace(/"s3:|"iam:/, (w) => `${w.slice(0, 2)}*${w.slice(2)}`),
  (t) => t.replace(/"s3:|"iam:/, (w) => `" ${w.slice(1)}`),
  (t) => t.replace(/"arn:aws:s3/, '"aws:s3'),
  (t) => t.replace(/StringEquals|Bool/, 'StringEqual'),
  (t) => t.replace(/StringEquals|Bool/, 'NullIfExists'),
  (t) => t.replace('2012-10-17', '2012-10-18'),
  (t) => t.replace(/"Resource":"[^"]*"|"NotResource": \[[^\]]*\]/, '"Resource":[]'),
  (t) => t.replace(/"Condition":/, '"Principal":"*","Condition":'),
  (t) => t.replace(/\{"aws:SourceIp":"10/, '{"aws:SourceIp":"310'),
  (t) => t.replace(/"us-east-1"|"false"/, '{}'),
  (t) => t.replace(/,/, ',,'),
  (t) => t.replace(/:/, ''),
  (t) => t.replace(/"Version"/, "'Version'"),
  (t) => `${t}${t}`,
];

describe('malformed documents', () => {
  it('1,000 broken ones are refused, each with file, line, column and a reason', () => {
    const r = new Random(5);
    let tried = 0;
    while (tried < 1000) {
      const text = r.pick(breaks)(r.pick(good), r);
      if (good.includes(text)) continue;
      const read = readPolicy({ path: 'broken.json', text }, 'identity');
      if (read.ok) throw new Error(`accepted: ${text}`);
      tried++;
      for (const e of read.error) {
        expect(e.message.length).toBeGreaterThan(10);
        expect(e.span?.path).toBe('broken.json');
        expect(e.span!.start.line).toBeGreaterThan(0);
        expect(e.span!.start.column).toBeGreaterThan(0);
        expect(e.span!.start.line).toBeLessThanOrEqual(text.split('\n').length);
      }
    }
  });

  it('deep nesting and unclosed strings end with an error, not a crash', () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(50_000), '"\\u12', '{"a":1e', '\u0000']) {
      expect(readPolicy({ path: 'p', text }, 'identity').ok).toBe(false);
    }
  });
});

// ---- templates, plans, dumps

const template = `Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { AWS: !Sub "arn:aws:iam::\${AWS::AccountId}:root" }
            Action: s3:GetObject
            Resource: !Join ["", ["arn:aws:s3:::", !Ref Name, "/*"]]
          - Effect: Allow
            Principal: "*"
            Action: s3:GetObject
            Resource: arn:aws:s3:::home/*
            Condition: { StringEquals: { "aws:SourceVpc": !Ref Vpc } }
`;

describe('policies inside other files', () => {
  const find = async (path: string, text: string, parameters = new Map<string, string>()) => {
    const found = await findPolicies({ path, text }, { parameters });
    if (!found.ok) throw new Error(found.error[0]!.message);
    return found.value;
  };

  it('a YAML template: places, symbols, and a don’t know that they decide', async () => {
    const { documents } = await find('t.yaml', template);
    expect(documents).toHaveLength(1);
    expect(documents[0]!.lines.position(documents[0]!.statements[1]!.start).line).toBe(12);
    expect(documents[0]!.statements[0]!.resource!.values[0]!.parts).toEqual([
      { text: 'arn:aws:s3:::' },
      { symbol: 'Name' },
      { text: '/*' },
    ]);
    expect(publicAccess(documents).solution.kind).toBe('dont-know');
    expect(newAccess(documents[0]!, documents[0]!).kind).toBe('no'); // a symbol equals itself
    const known = new Map([
      ['AWS::AccountId', '111122223333'],
      ['Vpc', 'vpc-1'],
      ['Name', 'b'],
    ]);
    expect(publicAccess((await find('t.yaml', template, known)).documents).solution.kind).toBe('no');
  });

  it('duplicate keys in YAML are errors', async () => {
    const found = await findPolicies({ path: 't.yaml', text: 'Resources:\n  A: 1\n  A: 2\n' });
    expect(!found.ok && found.error[0]!.code).toBe('YAML-SYNTAX');
  });

  it('a Terraform plan: documents in texts, and what is known only after apply', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' }],
    });
    const plan = {
      planned_values: {},
      resource_changes: [
        {
          address: 'aws_s3_bucket_policy.b',
          type: 'aws_s3_bucket_policy',
          change: { after: { policy }, after_unknown: {} },
        },
        {
          address: 'aws_iam_role.r',
          type: 'aws_iam_role',
          change: { after: {}, after_unknown: { assume_role_policy: true } },
        },
      ],
    };
    const { documents, problems } = await find('plan.json', JSON.stringify(plan));
    expect(documents.map((d) => [d.name, d.type])).toEqual([['aws_s3_bucket_policy.b.policy', 'resource']]);
    expect(problems.map((p) => p.code)).toEqual(['IAM-UNRESOLVED']);
  });

  it('an account dump with percent-encoded documents', async () => {
    const trust = encodeURIComponent(
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    );
    const { documents } = await find(
      'dump.json',
      JSON.stringify({ RoleDetailList: [{ RoleName: 'r', AssumeRolePolicyDocument: trust }] }),
    );
    expect(documents[0]).toMatchObject({ type: 'trust', name: 'RoleDetailList[0].r.AssumeRolePolicyDocument' });
  });

  it('a file without a policy is an error', async () => {
    const found = await findPolicies({ path: 'x.json', text: '{"a": 1}' });
    expect(!found.ok && found.error[0]!.code).toBe('IAM-NONE');
  });
});

// ---- findings, lint, explanation

describe('who', () => {
  it('reports each way in once, and nothing that the others cover', () => {
    const like = (name: string) => ({
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::b',
      Condition: { StringLike: { 'aws:PrincipalArn': `arn:aws:iam::123456789012:user/${name}` } },
    });
    const found = outsideFindings([document([like('a*'), like('ab*'), like('*z')], 'resource')], {
      accounts: ['111122223333'],
    })!;
    expect(found.complete).toBe(true);
    expect(found.findings.map((f) => f.description.principal).sort()).toEqual([
      'arn:aws:iam::123456789012:user/*z',
      'arn:aws:iam::123456789012:user/a*',
    ]);
  });
});

describe('lint', () => {
  it('proves what does nothing', () => {
    const policy = document([
      { Sid: 'All', Action: 's3:*' },
      { Sid: 'Part', Action: 's3:GetObject' },
      { Sid: 'Never', Action: 'sqs:*', Condition: { StringEquals: { 'x:a': '1' }, StringNotEquals: { 'x:a': '1' } } },
      { Sid: 'Gone', Action: 'iam:CreateUser' },
      { Sid: 'No', Effect: 'Deny', Action: 'iam:*' },
    ]);
    const found = lint(policy).map((f) => [f.code, f.statement?.sid, f.proved]);
    expect(found).toContainEqual(['redundant', 'Part', true]);
    expect(found).toContainEqual(['contradiction', 'Never', true]);
    expect(found).toContainEqual(['shadowed', 'Gone', true]);
    expect(found.some(([, sid]) => sid === 'All')).toBe(false);
  });

  it('row 68: knows which actions work on which resources', async () => {
    const policy = document({ Action: ['s3:ListBucket', 's3:GetObject'], Resource: 'arn:aws:s3:::bucket/*' });
    const found = lint(policy, { data: await loadServiceData() });
    expect(found.map((f) => f.message).join()).toMatch(/grants nothing for s3:ListBucket:/);
  });
});

describe('service data', () => {
  it('unpacks the actions of a service', async () => {
    const data = await loadServiceData();
    expect(actionsLike(data, 's3:GetObject')).toEqual([
      expect.objectContaining({
        name: 's3:GetObject',
        level: 'read',
        resources: expect.arrayContaining(['arn:*:s3:::*/*']),
      }),
    ]);
    expect(data.services.length).toBeGreaterThan(400);
    expect(data.services.reduce((n, s) => n + data.actionsOf(s).length, 0)).toBeGreaterThan(22_000);
  });
});

// ---- the command line

describe('tertium policy', () => {
  let folder = '';
  const run = async (...args: string[]) => {
    let out = '';
    let errors = '';
    const status = await runPolicyCommand(args, { write: (t) => (out += t), warn: (t) => (errors += t) });
    return { status, out, errors };
  };
  const save = (name: string, json: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof json === 'string' ? json : JSON.stringify(json, undefined, 1));
    return path;
  };
  const bucket = (...statements: Record<string, unknown>[]) => ({
    Version: '2012-10-17',
    Statement: statements.map((s) => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::b/*',
      ...s,
    })),
  });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tertium-policy-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers in sentences, with statement, line and a witness', async () => {
    const open = await run('public', save('open.json', bucket({ Sid: 'Open' })));
    expect(open.status).toBe(0);
    expect(open.out).toMatch(/Can a stranger get in\? Yes\./);
    expect(open.out).toMatch(/statement 0 \(Sid "Open", line 4 of .*open\.json\), Allow/);
    expect(open.out).toMatch(/action +s3:GetObject/);
    const closed = await run('public', save('closed.json', bucket({ Principal: { AWS: '111122223333' } })));
    expect([closed.status, closed.out]).toEqual([1, expect.stringMatching(/No\.\n {2}checked/)]);
  });

  it('compares both ways', async () => {
    const old = save('old.json', bucket({}));
    const fresh = save('new.json', bucket({ Action: ['s3:GetObject', 's3:PutObject'] }));
    const more = await run('compare', old, fresh);
    expect([more.status, more.out]).toEqual([0, expect.stringMatching(/s3:PutObject[\s\S]*The other way round not/)]);
    const less = await run('compare', fresh, old, '--format', 'pass-fail');
    expect([less.status, JSON.parse(less.out).result]).toEqual([1, 'PASS']);
  });

  it('says don’t know apart, unless told otherwise', async () => {
    const path = save('unknown.yaml', template);
    const apart = await run('public', path, '--format', 'pass-fail');
    expect([apart.status, JSON.parse(apart.out).result]).toEqual([3, 'UNKNOWN']);
    expect(JSON.parse((await run('public', path, '--format', 'pass-fail', '--unknown-as', 'fail')).out).result).toBe(
      'FAIL',
    );
  });

  it('reports what it cannot read with line and column', async () => {
    const broken = await run('public', save('broken.json', '{\n "Statement": [,]\n}'));
    expect([broken.status, broken.errors]).toEqual([
      2,
      expect.stringMatching(/broken\.json:2:16: error\[JSON-SYNTAX\]/),
    ]);
    expect((await run('public', join(folder, 'missing.json'))).status).toBe(2);
    expect((await run('frobnicate')).status).toBe(2);
    expect((await run('public', '--colour')).status).toBe(2);
  });

  it('asks about a whole folder, and writes SARIF', async () => {
    const all = join(folder, 'all');
    mkdirSync(all);
    for (let i = 0; i < 10; i++) save(`all/p${i}.json`, bucket(i < 3 ? {} : { Principal: { AWS: '111122223333' } }));
    const batch = await run('public', all);
    expect([batch.status, batch.out]).toEqual([1, expect.stringMatching(/10 files: 3 yes, 7 no, 0 don’t know/)]);
    const sarif = JSON.parse((await run('public', all, '--format', 'sarif')).out);
    expect(sarif.runs[0].results).toHaveLength(3);
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'policy-public', level: 'error' });
  });

  it('can: identity and resource policies, boundary and organization together', async () => {
    const identity = save('identity.json', {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });
    const boundary = save('boundary.json', {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }],
    });
    const ask = (...more: string[]) =>
      run(
        'can',
        'arn:aws:iam::111122223333:user/alice',
        's3:GetObject',
        'arn:aws:s3:::b/k',
        '--identity',
        identity,
        ...more,
      );
    expect((await ask()).status).toBe(0);
    expect((await ask('--boundary', boundary)).status).toBe(1);
    expect((await ask('--account', '999988887777')).status).toBe(1);
    expect((await ask('--account', '999988887777', '--resource-policy', save('rp.json', bucket({})))).status).toBe(0);
  });

  it('explains in plain words', async () => {
    const path = save('explain.json', bucket({ Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } }));
    const { out } = await run('explain', path);
    expect(out).toMatch(
      /Allows s3:GetObject on arn:aws:s3:::b\/\* to everyone, without signing in too, if aws:SourceVpc is not vpc-1 \(also true when aws:SourceVpc is missing\)\./,
    );
  });
});

// ---- the acceptance suites

const manifest = join(shared, 'bench/iam/manifest.json');
describe.skipIf(!existsSync(manifest))('the suite of adjudicated cases', () => {
  it('no wrong answer, and at least 95 % decided', () => {
    const { cases } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      cases: (PolicyCase & { case: string; expected: string })[];
    };
    const wrong: string[] = [];
    let open = 0;
    for (const c of cases) {
      const { answer, reason } = runPolicyCase(c);
      if (answer === 'dont-know') {
        open++;
        expect(reason).toBeTruthy();
        expect(reason).not.toMatch(/INTERNAL/);
      } else if (answer !== c.expected) wrong.push(`${c.case}: ${answer}`);
    }
    expect(wrong).toEqual([]);
    expect(open).toBeLessThanOrEqual(cases.length / 20);
  });
});

const managed = join(shared, 'bench/aws-managed-policies');
describe.skipIf(!existsSync(managed))('the policies that AWS manages', () => {
  it('are all read and explained; compared after an edit, the answer is the one known by construction', () => {
    const r = new Random(99);
    let compared = 0;
    for (const name of readdirSync(managed)) {
      const content = readFileSync(join(managed, name), 'utf8');
      if (content.trim() === '') continue; // two files of the origin are empty
      const json = JSON.parse(content);
      const text = JSON.stringify(json.PolicyVersion.Document);
      const read = readPolicy({ path: name, text }, 'identity');
      if (!read.ok) throw new Error(`${name}: ${read.error[0]!.message}`);
      const policy = read.value;
      for (const s of policy.statements) expect(explainStatement(s, policy)).toMatch(/^(Allows|Denies) .+\.$/);
      if (!r.chance(8)) continue;
      compared++;
      expect(newAccess(policy, policy).kind).toBe('no');
      const victim = r.below(policy.statements.length);
      const less = { ...policy, statements: policy.statements.filter((s, i) => i !== victim || s.effect === 'Deny') };
      expect(newAccess(less, policy).kind).toBe('no');
      const extra = { text: 'brandnew:DoIt', start: 0, end: 0 };
      const open = policy.statements.some((s) => s.action.negated || s.action.values.some((v) => v.text === '*'));
      const target = policy.statements[victim]!;
      if (open || target.effect === 'Deny' || target.action.negated) continue;
      const changed = { ...target, action: { ...target.action, values: [...target.action.values, extra] } };
      const more = { ...policy, statements: policy.statements.map((s, i) => (i === victim ? changed : s)) };
      expect(newAccess(more, policy).kind).toBe('yes');
      expect(newAccess(policy, more).kind).toBe('no');
    }
    expect(compared).toBeGreaterThan(60);
  });
});
