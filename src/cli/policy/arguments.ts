/** The arguments of `tertium policy`: a command, files, and options. Unknown options are errors. */
import { err, ok, type Result } from '../../base/result.ts';
import { type PolicyType, policyTypes } from '../../frontends/iam/document.ts';

export const policyCommands = ['public', 'who', 'can', 'grants', 'compare', 'explain', 'lint', 'help'] as const;
export type PolicyCommand = (typeof policyCommands)[number];

export interface PolicyArguments {
  readonly command: PolicyCommand;
  readonly operands: readonly string[];
  /** Option values in order; flags have the value "true". */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** Name, whether it takes a value, what it means. */
export const optionTable: readonly (readonly [string, boolean, string])[] = [
  ['type', true, `what kind of policies: ${policyTypes.join(', ')} (default: by their content)`],
  ['format', true, 'text (default), json, pass-fail, sarif'],
  ['json', false, 'the same as --format json'],
  ['unknown-as', true, 'with pass-fail: fail or unknown (default)'],
  ['notion', true, 'public: semantic (default) or s3, the syntactic rule of S3 Block Public Access'],
  ['resource-type', true, 'public: bucket (default) or access-point'],
  ['vpc-origin', false, 'public: the access point is reached from a VPC only'],
  ['block-public-acls', false, 'public: this setting of S3 Block Public Access is on'],
  ['ignore-public-acls', false, 'public: as above'],
  ['block-public-policy', false, 'public: as above'],
  ['restrict-public-buckets', false, 'public, can: as above'],
  ['account', true, 'who: an account of the trust zone; can: the account that owns the resource'],
  ['organization', true, 'who: an organization of the zone (o-…)'],
  ['organization-path', true, 'who: an organization path of the zone (o-…/r-…/ou-…)'],
  ['vpc', true, 'who: a VPC of the zone'],
  ['endpoint', true, 'who: a VPC endpoint of the zone'],
  ['federated', true, 'who: an identity provider of the zone'],
  ['action', true, 'grants: an action (wildcards allowed); may be repeated'],
  ['resource', true, 'grants: a resource; may be repeated'],
  ['identity', true, 'can: an identity policy of the caller; may be repeated'],
  ['resource-policy', true, 'can: the policy of the resource'],
  ['boundary', true, 'can: a permissions boundary'],
  ['session', true, 'can: a session policy'],
  ['scp', true, 'can: service control policies of one level, comma-separated; repeat for each level'],
  ['rcp', true, 'can: a resource control policy'],
  ['endpoint-policy', true, 'can: a VPC endpoint policy'],
  ['resource-must-allow', false, 'can: a KMS key or role: its policy must allow even in its own account'],
  ['context', true, 'can: KEY=VALUE, a condition key of the request (several values: separated by commas after ==)'],
  ['parameter', true, 'NAME=VALUE, a template parameter'],
  ['no-axioms', false, 'do not use what is known about condition keys'],
  ['no-link-principal', false, 'aws:PrincipalArn and its like say nothing about the principal'],
  ['colon-crossing', false, 'wildcards cross colons in the first five fields of an ARN'],
  ['action-resource-model', false, 'actions work only on the resource types that AWS lists for them'],
  ['quick', false, 'do not look for the statements and axioms that a no needs'],
  ['jobs', true, 'how many workers for a folder (default: half of the processors)'],
  ['timeout-s', true, 'seconds for one question (default 20)'],
];

const known = new Map(optionTable.map(([name, value]) => [name, value] as const));

export function parsePolicyArguments(args: readonly string[]): Result<PolicyArguments, string> {
  const [command, ...rest] = args;
  if (command === undefined) return err(`say which question: ${policyCommands.join(', ')}`);
  if (command === '--help' || command === '-h') return ok({ command: 'help', operands: [], options: new Map() });
  if (!(policyCommands as readonly string[]).includes(command)) {
    return err(`there is no question ${JSON.stringify(command)}; there are: ${policyCommands.join(', ')}`);
  }
  const operands: string[] = [];
  const options = new Map<string, string[]>();
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i]!;
    if (!arg.startsWith('--') || arg === '--') {
      if (arg !== '--') operands.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = arg.slice(2, equals < 0 ? undefined : equals);
    const takesValue = known.get(name);
    if (takesValue === undefined) return err(`there is no option --${name}; see \`tertium policy help\``);
    let value = equals < 0 ? undefined : arg.slice(equals + 1);
    if (takesValue && value === undefined) value = rest[++i];
    if (takesValue && value === undefined) return err(`--${name} needs a value`);
    if (!takesValue && value !== undefined) return err(`--${name} takes no value`);
    const list = options.get(name) ?? [];
    list.push(value ?? 'true');
    options.set(name, list);
  }
  const type = options.get('type')?.at(-1);
  if (type !== undefined && !(policyTypes as readonly string[]).includes(type)) {
    return err(`--type is one of ${policyTypes.join(', ')}`);
  }
  const choices: Readonly<Record<string, readonly string[]>> = {
    format: ['text', 'json', 'pass-fail', 'sarif'],
    'unknown-as': ['fail', 'unknown'],
    notion: ['semantic', 's3'],
    'resource-type': ['bucket', 'access-point'],
  };
  for (const [name, values] of Object.entries(choices)) {
    const value = options.get(name)?.at(-1);
    if (value !== undefined && !values.includes(value)) return err(`--${name} is one of ${values.join(', ')}`);
  }
  for (const name of ['jobs', 'timeout-s']) {
    const value = options.get(name)?.at(-1);
    if (value !== undefined && !/^[1-9]\d{0,5}$/.test(value)) return err(`--${name} is a number from 1`);
  }
  return ok({ command: command as PolicyCommand, operands, options });
}

export const last = (args: PolicyArguments, name: string): string | undefined => args.options.get(name)?.at(-1);
export const every = (args: PolicyArguments, name: string): readonly string[] => args.options.get(name) ?? [];
export const flag = (args: PolicyArguments, name: string): boolean => args.options.has(name);
export const typeOf = (args: PolicyArguments): PolicyType | undefined => last(args, 'type') as PolicyType | undefined;

export function policyHelp(): string {
  const width = Math.max(...optionTable.map(([n, v]) => n.length + (v ? 6 : 0)));
  const rows = optionTable.map(([n, v, text]) => `  --${`${n}${v ? ' VALUE' : ''}`.padEnd(width)}  ${text}`);
  return `tertium policy: questions about IAM and resource policies, answered for all requests

  tertium policy public FILE…            can a stranger get in?
  tertium policy who FILE… --account N   can someone outside these accounts, and what?
  tertium policy can WHO ACTION RESOURCE --identity FILE…
  tertium policy grants FILE… --action A… --resource R…
  tertium policy compare OLD NEW         does NEW allow anything that OLD does not?
  tertium policy explain FILE…           what it says, statement by statement
  tertium policy lint FILE…              statements that do nothing, and surprises

FILE is a policy, a CloudFormation template (JSON or YAML), a Terraform plan (terraform show -json), an account dump, or a
folder of these. Exit status: 0 yes, 1 no, 2 cannot ask, 3 don't know; for several, the worst in the order 2, 1, 3, 0.
compare takes two files or two folders.

${rows.join('\n')}
`;
}
