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
  /** Actions of a service, by its prefix in lower case; unpacked when first asked for. */
  readonly actionsOf: (service: string) => readonly ServiceAction[];
  readonly services: readonly string[];
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
  loaded ??= import('./data/services.ts').then(({ dataVersion, table }) => {
    const packed = new Map<string, string>();
    for (const block of table.slice(1).split('\n='))
      packed.set(block.slice(0, block.indexOf('\n')).toLowerCase(), block);
    const unpacked = new Map<string, readonly ServiceAction[]>();
    const actionsOf = (service: string): readonly ServiceAction[] => {
      let actions = unpacked.get(service);
      if (!actions) {
        const block = packed.get(service);
        actions = block === undefined ? [] : unpack(block);
        unpacked.set(service, actions);
      }
      return actions;
    };
    return { version: dataVersion, actionsOf, services: [...packed.keys()] };
  });
  return loaded;
}

/** Keys of services, in lower case, by how many values they hold; `x/*` stands for all keys that begin so. */
export interface KeyCounts {
  readonly multiValued: ReadonlySet<string>;
  readonly singleValued: ReadonlySet<string>;
}

export async function loadKeyCounts(): Promise<KeyCounts> {
  const { multiValuedKeys, singleValuedKeys } = await import('./data/keys.ts');
  return { multiValued: new Set(multiValuedKeys.split(' ')), singleValued: new Set(singleValuedKeys.split(' ')) };
}

/** One service: its prefix, then `+arn pattern` (`^` is `arn:*:`), then `SHARED LEVEL REST indexes`; see the script. */
export function unpack(block: string): ServiceAction[] {
  const [service = '', ...lines] = block.split('\n');
  const patterns: string[] = [];
  const actions: ServiceAction[] = [];
  let before = '';
  for (const line of lines) {
    if (line[0] === '+') {
      patterns.push(line.slice(1).replace(/^\^/, 'arn:*:'));
      continue;
    }
    if (line === '') continue;
    const [rest = '', ...indexes] = line.slice(2).split(' ');
    const name = before.slice(0, Number.parseInt(line[0]!, 36)) + rest;
    actions.push({
      name: `${service}:${name}`,
      level: levels[line[1]!] ?? 'unknown',
      resources: indexes.map((i) => patterns[Number.parseInt(i, 36)]!),
    });
    before = name;
  }
  return actions;
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
  const names = colon < 0 ? data.services : [lower.slice(0, colon)];
  return names
    .flatMap((service) => data.actionsOf(service))
    .filter((a) => test.test(a.name.toLowerCase()))
    .sort((a, b) => rank.indexOf(a.level) - rank.indexOf(b.level));
}
