/**
 * YAML templates as the same nodes with places that strict JSON gives. Short forms (`!Sub`, `!Ref`, …) become the long
 * ones. The parser (package `yaml`) is loaded only here, and only when a file is not JSON. Duplicate keys are errors;
 * aliases are followed within a node budget.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { LineMap, type Source } from '../../base/span.ts';
import { type JsonDocument, type JsonNode, jsonLimits, type Member } from './json.ts';

const maxNodes = 300_000;

export async function readYaml(source: Source): Promise<Result<JsonDocument, Diagnostic[]>> {
  const lines = new LineMap(source);
  const fail = (code: string, message: string, start: number, end: number): Result<JsonDocument, Diagnostic[]> =>
    err([{ code, severity: 'error', message, span: lines.span(start, end) }]);
  if (source.text.length > jsonLimits.maxLength) {
    return fail('YAML-SIZE', `The file is larger than ${jsonLimits.maxLength} characters.`, 0, 0);
  }
  const { parseDocument, isAlias, isMap, isPair, isScalar, isSeq } = await import('yaml');
  const document = parseDocument(source.text, { uniqueKeys: true, logLevel: 'silent', customTags: [] });
  const problem = document.errors[0];
  if (problem) {
    const message = problem.message.split('\n')[0]!.replace(/ at line \d+.*$/, '');
    return fail('YAML-SYNTAX', `${message}.`, problem.pos[0], problem.pos[1]);
  }
  let count = 0;
  const convert = (node: unknown, depth: number): JsonNode | string => {
    if (++count > maxNodes) return 'The file has too many nodes (an alias that multiplies?).';
    if (depth > jsonLimits.maxDepth) return `Nested more than ${jsonLimits.maxDepth} levels deep.`;
    if (node === null || node === undefined) return { kind: 'null', start: 0, end: 0 };
    if (isAlias(node)) {
      const target = node.resolve(document);
      return target ? convert(target, depth + 1) : 'An alias names no anchor.';
    }
    const range = (node as { range?: readonly number[] | null }).range ?? [0, 0];
    const at = { start: range[0] ?? 0, end: range[1] ?? 0 };
    const plain = bare(node, depth, at);
    const tag = (node as { tag?: string }).tag;
    if (typeof plain === 'string' || !tag?.startsWith('!')) return plain;
    const name = tag.slice(1);
    const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
    return { kind: 'object', members: [{ key, keyStart: at.start, keyEnd: at.start, value: plain }], ...at };
  };
  const bare = (node: unknown, depth: number, at: { start: number; end: number }): JsonNode | string => {
    if (isMap(node)) {
      const members: Member[] = [];
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) return 'A key is no text.';
        const value = convert(pair.value, depth + 1);
        if (typeof value === 'string') return value;
        const [keyStart = 0, keyEnd = 0] = pair.key.range ?? [];
        const known = value.kind === 'null' && value.end === 0 ? { ...value, start: keyStart, end: keyEnd } : value;
        members.push({ key: String(pair.key.value), keyStart, keyEnd, value: known });
      }
      return { kind: 'object', members, ...at };
    }
    if (isSeq(node)) {
      const items: JsonNode[] = [];
      for (const item of node.items) {
        const value = convert(item, depth + 1);
        if (typeof value === 'string') return value;
        items.push(value);
      }
      return { kind: 'array', items, ...at };
    }
    if (!isScalar(node)) return 'A node that is neither map, list nor scalar.';
    const { value } = node;
    if (typeof value === 'boolean') return { kind: 'boolean', value, ...at };
    // as written: a twelve-digit account number with a leading zero must not lose it
    if (typeof value === 'number' || typeof value === 'bigint') {
      return { kind: 'number', text: source.text.slice(at.start, at.end) || String(value), ...at };
    }
    if (value === null) return { kind: 'null', ...at };
    return { kind: 'string', value: String(value), ...at };
  };
  const root = convert(document.contents, 0);
  return typeof root === 'string' ? fail('YAML-SHAPE', root, 0, 0) : ok({ root, lines });
}
