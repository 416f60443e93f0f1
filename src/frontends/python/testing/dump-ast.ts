/** Prints our syntax tree in the form of testing/dump-ast.py, so that the two can be compared as texts. */
import type { ConstantValue, Node } from '../ast.ts';

const unplaced = new Set(['Module', 'arguments', 'comprehension', 'withitem', 'match_case']);

function hexOfDouble(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

function constant(value: ConstantValue): string {
  switch (value.type) {
    case 'None':
    case 'Ellipsis':
      return value.type;
    case 'bool':
      return `bool:${value.value}`;
    case 'int':
      return `int:${value.value.toString(16)}`;
    case 'float':
      return `float:${hexOfDouble(value.value)}`;
    case 'complex':
      return `complex:${hexOfDouble(value.imaginary)}`;
    case 'str':
      return `str:${Buffer.from(value.value, 'utf16le').toString('hex')}`;
    case 'bytes':
      return `bytes:${Buffer.from(value.value).toString('hex')}`;
  }
}

const operatorFields = new Set(['op', 'ops']);

/** ASCII-only JSON, as Python's json.dumps writes it. */
const text = (value: string): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

export function dumpAst(value: unknown, placed = true): string {
  if (value === null) return '-';
  if (Array.isArray(value)) return `[${value.map((item) => dumpAst(item, placed)).join(',')}]`;
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const node = value as Node;
  const inside = placed && node.kind !== 'JoinedStr';
  const parts: string[] = [];
  for (const [field, item] of Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (field === 'kind' || field === 'start' || field === 'end') continue;
    if ((node.kind === 'Constant' || node.kind === 'MatchSingleton') && field === 'value') {
      parts.push(constant(node.value));
    } else if (operatorFields.has(field)) {
      parts.push(Array.isArray(item) ? `[${item.join(',')}]` : String(item));
    } else parts.push(dumpAst(item, inside));
  }
  const place = placed && !unplaced.has(node.kind) ? `@${node.start}-${node.end}` : '';
  return `${node.kind}${place}(${parts.join(',')})`;
}
