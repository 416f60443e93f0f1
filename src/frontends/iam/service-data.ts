/**
 * What AWS services offer: actions with their access level and the resources they work on, and keys that hold several
 * values. The packed table is loaded only when it is needed; scripts/policy-data.mjs says how to refresh it.
 */
export type AccessLevel = 'list' | 'read' | 'write' | 'tagging' | 'permissions' | 'unknown';

export interface ServiceAction {
  /** `s3:GetObject`, as AWS spells it. */
  readonly name: string;
  readonly level: AccessLevel;
  /** ARN patterns of what it works on; none: only "*". */
  readonly resources: readonly string[];
}

export interface ServiceData {
  readonly version: string;
  readonly multiValued: ReadonlySet<string>;
  /** Actions of a service, by its prefix in lower case. */
  readonly services: ReadonlyMap<string, readonly ServiceAction[]>;
}

const levels: Readonly<Record<string, AccessLevel>> = {
  L: 'list',
  R: 'read',
  W: 'write',
  T: 'tagging',
  P: 'permissions',
};

let loaded: Promise<ServiceData> | undefined;

export function loadServiceData(): Promise<ServiceData> {
  loaded ??= import('./data/services.ts').then(({ dataVersion, multiValuedKeys, table }) => ({
    version: dataVersion,
    multiValued: new Set(multiValuedKeys.split(' ')),
    services: unpack(table),
  }));
  return loaded;
}

/** Lines `=service`, `+arn pattern` (`^` is `arn:*:`), `SHARED LEVEL REST indexes`: see the script. */
export function unpack(table: string): Map<string, ServiceAction[]> {
  const services = new Map<string, ServiceAction[]>();
  let service = '';
  let patterns: string[] = [];
  let actions: ServiceAction[] = [];
  let before = '';
  for (const line of table.split('\n')) {
    if (line[0] === '=') {
      service = line.slice(1);
      patterns = [];
      actions = [];
      before = '';
      services.set(service.toLowerCase(), actions);
    } else if (line[0] === '+') patterns.push(line.slice(1).replace(/^\^/, 'arn:*:'));
    else {
      const [rest = '', ...indexes] = line.slice(2).split(' ');
      const name = before.slice(0, Number.parseInt(line[0]!, 36)) + rest;
      actions.push({
        name: `${service}:${name}`,
        level: levels[line[1]!] ?? 'unknown',
        resources: indexes.map((i) => patterns[Number.parseInt(i, 36)]!),
      });
      before = name;
    }
  }
  return services;
}

const rank: readonly AccessLevel[] = ['read', 'list', 'write', 'tagging', 'permissions', 'unknown'];

/** Known actions that a pattern of a policy names (`s3:Get*`), reading first. */
export function actionsLike(data: ServiceData, pattern: string): ServiceAction[] {
  const lower = pattern.toLowerCase();
  const colon = lower.indexOf(':');
  const test = new RegExp(
    `^${lower
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  const services = colon < 0 ? [...data.services.values()] : [data.services.get(lower.slice(0, colon)) ?? []];
  return services
    .flat()
    .filter((a) => test.test(a.name.toLowerCase()))
    .sort((a, b) => rank.indexOf(a.level) - rank.indexOf(b.level));
}
