/**
 * CloudFormation's intrinsic functions inside a policy, turned into texts with symbols: `Ref`, `Fn::Sub`, `Fn::Join`,
 * `Fn::GetAtt` and friends. A value that is known (a given parameter) is put in; everything else stays a symbol, one per
 * expression, and an answer that hangs on it is don't know.
 */
import type { JsonNode, Member, Part } from './json.ts';

export type Parameters = ReadonlyMap<string, string>;

/** Pseudo parameters with a value that is nearly always right; the answer lists them as assumptions. */
export const usualParameters: Parameters = new Map([
  ['AWS::Partition', 'aws'],
  ['AWS::URLSuffix', 'amazonaws.com'],
]);

export interface Resolution {
  readonly parameters: Parameters;
  /** Usual values that were put in. */
  readonly assumed: Set<string>;
}

const intrinsic = /^(Ref|Condition|Fn::[A-Za-z0-9]+)$/;

export function resolveTemplate(node: JsonNode, resolution: Resolution, depth = 0): JsonNode {
  if (depth > 200) return { kind: 'token', name: 'nested too deeply', start: node.start, end: node.end };
  const inner = (n: JsonNode): JsonNode => resolveTemplate(n, resolution, depth + 1);
  switch (node.kind) {
    case 'array':
      return { ...node, items: node.items.map(inner).filter((n) => !isNoValue(n)) };
    case 'object': {
      const only = node.members.length === 1 ? node.members[0]! : undefined;
      if (only && intrinsic.test(only.key)) return call(only, node, resolution, inner);
      const members: Member[] = [];
      for (const m of node.members) {
        const value = inner(m.value);
        if (!isNoValue(value)) members.push({ ...m, value });
      }
      return { ...node, members };
    }
    default:
      return node;
  }
}

const isNoValue = (node: JsonNode): boolean => node.kind === 'token' && node.name === 'AWS::NoValue';

function call(member: Member, whole: JsonNode, resolution: Resolution, inner: (n: JsonNode) => JsonNode): JsonNode {
  const at = { start: whole.start, end: whole.end };
  const symbol = (name: string): JsonNode => ({ kind: 'token', name, ...at });
  const { key, value } = member;
  switch (key) {
    case 'Ref': {
      if (value.kind !== 'string') return symbol('Ref');
      const known = lookUp(value.value, resolution);
      return known === undefined ? symbol(value.value) : { kind: 'string', value: known, ...at };
    }
    case 'Fn::GetAtt': {
      if (value.kind === 'string') return symbol(value.value);
      const names = value.kind === 'array' ? value.items.map((i) => (i.kind === 'string' ? i.value : '?')) : ['?'];
      return symbol(names.join('.'));
    }
    case 'Fn::Sub': {
      const [text, table] = value.kind === 'array' ? value.items : [value, undefined];
      if (text?.kind !== 'string') return symbol('Fn::Sub');
      const local = new Map<string, readonly Part[]>();
      if (table?.kind === 'object') for (const m of table.members) local.set(m.key, partsOf(inner(m.value)));
      return textNode(substitute(text.value, local, resolution), at);
    }
    case 'Fn::Join': {
      const resolved = inner(value);
      if (resolved.kind !== 'array' || resolved.items.length !== 2) return symbol('Fn::Join');
      const [delimiter, list] = resolved.items as [JsonNode, JsonNode];
      if (delimiter.kind !== 'string' || list.kind !== 'array') return symbol('Fn::Join');
      const parts: Part[] = [];
      list.items.forEach((item, i) => {
        if (i > 0) parts.push({ text: delimiter.value });
        parts.push(...partsOf(item));
      });
      return textNode(parts, at);
    }
    default:
      return symbol(`${key} ${summary(value)}`);
  }
}

/** Enough of a value to tell two expressions apart; equal texts mean equal expressions. */
function summary(node: JsonNode, depth = 0): string {
  if (depth > 20) return '…';
  switch (node.kind) {
    case 'string':
      return JSON.stringify(node.value);
    case 'array':
      return `[${node.items.map((i) => summary(i, depth + 1)).join(',')}]`;
    case 'object':
      return `{${node.members.map((m) => `${m.key}:${summary(m.value, depth + 1)}`).join(',')}}`;
    case 'number':
      return node.text;
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'token':
      return `\${${node.name}}`;
  }
}

function lookUp(name: string, resolution: Resolution): string | undefined {
  const given = resolution.parameters.get(name);
  if (given !== undefined) return given;
  const usual = usualParameters.get(name);
  if (usual !== undefined) resolution.assumed.add(`${name} is ${usual}`);
  return usual;
}

function partsOf(node: JsonNode): readonly Part[] {
  switch (node.kind) {
    case 'string':
      return node.parts ?? [{ text: node.value }];
    case 'number':
      return [{ text: node.text }];
    case 'boolean':
      return [{ text: String(node.value) }];
    case 'token':
      return [{ symbol: node.name }];
    default:
      return [{ symbol: summary(node) }];
  }
}

function textNode(parts: readonly Part[], at: { start: number; end: number }): JsonNode {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged[merged.length - 1];
    if ('text' in part && last && 'text' in last) merged[merged.length - 1] = { text: last.text + part.text };
    else merged.push(part);
  }
  const value = merged.map((p) => ('text' in p ? p.text : `\${${p.symbol}}`)).join('');
  if (merged.every((p) => 'text' in p)) return { kind: 'string', value, ...at };
  return { kind: 'string', value, parts: merged, ...at };
}

/** `${Name}` is a symbol, `${!Name}` is the text `${Name}` (how templates write policy variables). */
function substitute(text: string, local: ReadonlyMap<string, readonly Part[]>, resolution: Resolution): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(/\$\{(!?)([^{}]*)\}/g)) {
    if (found.index > from) parts.push({ text: text.slice(from, found.index) });
    from = found.index + found[0].length;
    const name = found[2]!.trim();
    const here = local.get(name);
    if (found[1] === '!') parts.push({ text: `\${${found[2]!}}` });
    else if (here) parts.push(...here);
    else {
      const known = lookUp(name, resolution);
      parts.push(known === undefined ? { symbol: name } : { text: known });
    }
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
