/**
 * Finds the policies in a file: a policy document on its own, one inside AWS's version metadata, all of an account dump,
 * those of a CloudFormation template (JSON or YAML) or of a Terraform plan (`terraform show -json`), where documents are
 * texts in texts. A file in which there is none is an error, never an empty success.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LineMap, Source } from '../../base/span.ts';
import { type PolicyDocument, type PolicyType, policyFromJson } from './document.ts';
import { type JsonDocument, type JsonNode, type Member, readJson } from './json.ts';
import { type Parameters, type Resolution, resolveTemplate } from './template.ts';

export interface DiscoveryOptions {
  /** Overrides what the surroundings of a document say. */
  readonly type?: PolicyType;
  readonly parameters?: Parameters;
}

export interface Discovery {
  readonly documents: readonly PolicyDocument[];
  /** What could not be read: invalid documents, and policies that are unknown until deployment. */
  readonly problems: readonly Diagnostic[];
  readonly assumptions: readonly string[];
}

export async function findPolicies(
  source: Source,
  options: DiscoveryOptions = {},
): Promise<Result<Discovery, Diagnostic[]>> {
  let json: Result<JsonDocument, Diagnostic[]>;
  if (/\.ya?ml$|\.template$/i.test(source.path) && !/^\s*[{[]/.test(source.text)) {
    const { readYaml } = await import('./yaml.ts');
    json = await readYaml(source);
  } else json = readJson(source);
  if (!json.ok) return json;
  const { root, lines } = json.value;
  const finder = new Finder(source, lines, options);
  if (member(root, 'Statement')) finder.document(root, '', undefined);
  else if (isPlan(root)) finder.plan(root);
  else finder.search(root, isTemplate(root));
  const { documents, problems, assumptions } = finder;
  if (documents.length === 0 && problems.length === 0) {
    return err([
      {
        code: 'IAM-NONE',
        severity: 'error',
        message: 'There is no policy in this file.',
        span: lines.span(root.start, root.start),
        expected: 'a policy document, a CloudFormation template, a Terraform plan (JSON) or an account dump',
      },
    ]);
  }
  return ok({ documents, problems, assumptions });
}

const member = (node: JsonNode, key: string): JsonNode | undefined =>
  node.kind === 'object' ? node.members.find((m) => m.key === key)?.value : undefined;

function isTemplate(root: JsonNode): boolean {
  const resources = member(root, 'Resources');
  return resources?.kind === 'object' && resources.members.some((m) => member(m.value, 'Type')?.kind === 'string');
}

const isPlan = (root: JsonNode): boolean =>
  member(root, 'planned_values') !== undefined || member(root, 'resource_changes') !== undefined;

class Finder {
  readonly documents: PolicyDocument[] = [];
  readonly problems: Diagnostic[] = [];
  readonly #resolution: Resolution;
  readonly #source: Source;
  readonly #lines: LineMap;
  readonly #options: DiscoveryOptions;

  constructor(source: Source, lines: LineMap, options: DiscoveryOptions) {
    this.#source = source;
    this.#lines = lines;
    this.#options = options;
    this.#resolution = { parameters: options.parameters ?? new Map(), assumed: new Set() };
  }

  get assumptions(): string[] {
    return [...this.#resolution.assumed].sort();
  }

  document(
    node: JsonNode,
    name: string,
    guess: PolicyType | undefined,
    source = this.#source,
    lines = this.#lines,
  ): void {
    const type = this.#options.type ?? guess ?? (hasPrincipal(node) ? 'resource' : 'identity');
    const read = policyFromJson({ root: node, lines }, source, type, name === '' ? undefined : name);
    if (read.ok) this.documents.push(read.value);
    else this.problems.push(...read.error.map((e) => (name === '' ? e : { ...e, message: `${name}: ${e.message}` })));
  }

  /** Documents at any depth: objects with a Statement, and texts that are such documents. */
  search(root: JsonNode, template: boolean): void {
    const stack: { node: JsonNode; name: string; key: string; resourceType: string }[] = [
      { node: root, name: '', key: '', resourceType: '' },
    ];
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { node, name, key } = item;
      let { resourceType } = item;
      if (node.kind === 'object') {
        const statement = member(node, 'Statement');
        if (statement && (statement.kind === 'object' || statement.kind === 'array' || statement.kind === 'token')) {
          const resolved = template ? resolveTemplate(node, this.#resolution) : node;
          this.document(resolved, name, guessType(key, resourceType));
          continue;
        }
        const type = member(node, 'Type');
        if (template && type?.kind === 'string') resourceType = type.value;
        const label = labelOf(node);
        for (const m of [...node.members].reverse()) {
          stack.push({ node: m.value, name: join(name, m.key, label), key: m.key, resourceType });
        }
      } else if (node.kind === 'array') {
        for (let i = node.items.length - 1; i >= 0; i--) {
          stack.push({ node: node.items[i]!, name: `${name}[${i}]`, key, resourceType });
        }
      } else if (node.kind === 'string') this.#text(node, name, guessType(key, resourceType));
    }
  }

  /** A document inside a text: JSON, or percent-encoded JSON as the IAM API returns it. */
  #text(node: JsonNode & { kind: 'string' }, name: string, guess: PolicyType | undefined): void {
    let text = node.value;
    if (/^%7B/i.test(text)) {
      try {
        text = decodeURIComponent(text);
      } catch {
        return;
      }
    }
    if (!/^\s*\{/.test(text) || !text.includes('"Statement"')) return;
    const source: Source = { path: `${this.#source.path}#${name}`, text };
    const inner = readJson(source);
    if (!inner.ok) this.problems.push(...inner.error);
    else if (member(inner.value.root, 'Statement')) {
      this.document(inner.value.root, name, guess, source, inner.value.lines);
    }
  }

  plan(root: JsonNode): void {
    const changes = member(root, 'resource_changes');
    if (changes?.kind === 'array') {
      for (const change of changes.items) {
        const address = textOf(member(change, 'address')) ?? '?';
        const type = textOf(member(change, 'type')) ?? '';
        const after = member(member(change, 'change') ?? change, 'after');
        const unknown = member(member(change, 'change') ?? change, 'after_unknown');
        if (after) this.#attributes(after, address, type);
        if (unknown) this.#unknowns(unknown, address);
      }
      return;
    }
    const modules: JsonNode[] = [];
    const first = member(member(root, 'planned_values')!, 'root_module');
    if (first) modules.push(first);
    for (let module = modules.pop(); module; module = modules.pop()) {
      const resources = member(module, 'resources');
      for (const r of resources?.kind === 'array' ? resources.items : []) {
        const values = member(r, 'values');
        if (values) this.#attributes(values, textOf(member(r, 'address')) ?? '?', textOf(member(r, 'type')) ?? '');
      }
      const children = member(module, 'child_modules');
      if (children?.kind === 'array') modules.push(...children.items);
    }
  }

  #attributes(node: JsonNode, name: string, resourceType: string, key = ''): void {
    if (node.kind === 'object') {
      for (const m of node.members) this.#attributes(m.value, `${name}.${m.key}`, resourceType, m.key);
    } else if (node.kind === 'array') {
      node.items.forEach((item, i) => {
        this.#attributes(item, `${name}[${i}]`, resourceType, key);
      });
    } else if (node.kind === 'string') this.#text(node, name, guessType(key, resourceType));
  }

  #unknowns(node: JsonNode, address: string): void {
    if (node.kind !== 'object') return;
    for (const m of node.members) {
      if (
        /^(policy|assume_role_policy|content|access_policies)$/.test(m.key) &&
        m.value.kind === 'boolean' &&
        m.value.value
      ) {
        this.problems.push({
          code: 'IAM-UNRESOLVED',
          severity: 'unsupported',
          message: `${address}.${m.key} is known only after apply.`,
          span: this.#lines.span(m.keyStart, m.keyEnd),
        });
      }
    }
  }
}

const textOf = (node: JsonNode | undefined): string | undefined => (node?.kind === 'string' ? node.value : undefined);

/** Name of an entry of a list: what an account dump calls it. */
function labelOf(node: JsonNode & { kind: 'object' }): string | undefined {
  const named = (m: Member) => /^(PolicyName|RoleName|UserName|GroupName)$/.test(m.key);
  return textOf(node.members.find(named)?.value);
}

const join = (name: string, key: string, label: string | undefined): string =>
  [name, label, key].filter((p) => p !== undefined && p !== '').join('.');

/** The key under which a document stands and the kind of resource say what type it has. */
function guessType(key: string, resourceType: string): PolicyType | undefined {
  if (/^(AssumeRolePolicyDocument|assume_role_policy)$/.test(key)) return 'trust';
  if (/^AWS::IAM::|^aws_iam_/.test(resourceType)) return 'identity';
  if (resourceType === 'aws_organizations_policy' || resourceType === 'AWS::Organizations::Policy') return 'scp';
  if (/VPCEndpoint|vpc_endpoint/.test(resourceType)) return 'endpoint';
  if (/^AWS::|^aws_/.test(resourceType)) return 'resource';
  return undefined;
}

function hasPrincipal(node: JsonNode): boolean {
  const statement = member(node, 'Statement');
  const items = statement?.kind === 'array' ? statement.items : statement ? [statement] : [];
  return items.some((s) => member(s, 'Principal') !== undefined || member(s, 'NotPrincipal') !== undefined);
}
