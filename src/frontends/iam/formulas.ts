/** Building formulas of request spaces. Negation is pushed to the literals; nothing else is rewritten but constants. */
import { unreachable } from '../../base/unreachable.ts';
import type { Formula } from '../../program/space.ts';

export const yes: Formula = { kind: 'true' };
export const no: Formula = { kind: 'false' };

export function all(parts: readonly Formula[]): Formula {
  const kept: Formula[] = [];
  for (const part of parts) {
    if (part.kind === 'false') return no;
    if (part.kind === 'true') continue;
    if (part.kind === 'and') kept.push(...part.parts);
    else kept.push(part);
  }
  return kept.length === 0 ? yes : kept.length === 1 ? kept[0]! : { kind: 'and', parts: kept };
}

export function any(parts: readonly Formula[], label?: string): Formula {
  const kept: Formula[] = [];
  for (const part of parts) {
    if (part.kind === 'true') return yes;
    if (part.kind === 'false') continue;
    if (part.kind === 'or' && label === undefined && part.label === undefined) kept.push(...part.parts);
    else kept.push(part);
  }
  if (kept.length === 0) return no;
  if (kept.length === 1) return kept[0]!;
  return { kind: 'or', parts: kept, ...(label === undefined ? {} : { label }) };
}

export const both = (...parts: Formula[]): Formula => all(parts);
export const either = (...parts: Formula[]): Formula => any(parts);

export function not(formula: Formula): Formula {
  switch (formula.kind) {
    case 'true':
      return no;
    case 'false':
      return yes;
    case 'and':
      return any(formula.parts.map(not));
    case 'or':
      return all(formula.parts.map(not));
    case 'in':
      return { ...formula, negated: !formula.negated, absent: !formula.absent };
    case 'some':
      return { ...formula, kind: 'all', negated: !formula.negated };
    case 'all':
      return { ...formula, kind: 'some', negated: !formula.negated };
    case 'unknown':
      return { ...formula, negated: !formula.negated };
    default:
      return unreachable(formula);
  }
}

export const unknown = (name: string): Formula => ({ kind: 'unknown', name, negated: false });
