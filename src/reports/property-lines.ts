import { checkKinds } from '../program/check-kinds.ts';
import type { PropertyResult } from '../verdict/properties.ts';
import type { ReportedAnswer, ReportedProperty } from './report.ts';
import { lineOf } from './wording.ts';

/** The results of single properties in lines of text: a sum by kind, then those that do not hold, by line. */
export interface PropertyLines {
  /** "12 of 14 hold (8 overflow, 4 bounds); 1 fails; 1 is open". */
  readonly sum: string;
  /** One line each, in columns. */
  readonly rows: readonly string[];
  /** How "holds" is meant while others fail or are open. */
  readonly condition?: string;
}

const mostRows = 12;

/** undefined where there is nothing to say beyond the answer itself. */
export function propertyLines(
  { verdict, properties }: ReportedAnswer,
  detail: 'short' | 'all',
): PropertyLines | undefined {
  if (!properties || properties.length < 2) return undefined;
  const of = (result: PropertyResult['result']): PropertyResult[] => properties.filter((p) => p.result === result);
  const [holding, failing, open] = [of('holds'), of('fails'), of('open')];
  const shown = detail === 'all' ? properties : [...failing, ...open];
  const kept = detail === 'all' ? shown : shown.slice(0, mostRows);
  const more = shown.length - kept.length;
  const rest = [
    failing.length === 0 ? '' : `${failing.length} ${failing.length === 1 ? 'fails' : 'fail'}`,
    open.length === 0 ? '' : `${open.length} ${open.length === 1 ? 'is' : 'are'} open`,
  ].filter((t) => t !== '');
  const all = rest.length === 0;
  const many = all ? `all ${holding.length} hold` : `${holding.length} of ${properties.length} hold`;
  const kinds = holding.length === 0 ? '' : ` (${byKind(holding)})`;
  return {
    sum: [`${many}${kinds}`, ...rest].join('; '),
    rows: [...columns(kept, verdict.subject.path), ...(more > 0 ? [`and ${more} more (--explain lists them)`] : [])],
    ...(all || holding.length === 0 ? {} : { condition: 'what holds, holds on every run that has not failed before' }),
  };
}

/** "8 overflow, 4 bounds". */
function byKind(results: readonly PropertyResult[]): string {
  const counts = checkKinds.map((kind) => [kind, results.filter((r) => r.property.kind === kind).length] as const);
  return counts.flatMap(([kind, n]) => (n === 0 ? [] : [`${n} ${kind}`])).join(', ');
}

function columns(results: readonly PropertyResult[], path: string): string[] {
  const cells = results.map(({ property, result }) => [
    result,
    property.origin ? lineOf(property.origin, path) : '',
    property.kind,
    result === 'fails' ? property.failure : property.text,
  ]);
  const widths = [0, 1, 2].map((i) => Math.max(0, ...cells.map((c) => c[i]!.length)));
  return cells.map((c) => c.map((text, i) => (i < 3 ? text.padEnd(widths[i]!) : text)).join('  '));
}

/** The properties that fail on runs of their own, beside the one that the answer itself shows. */
export const furtherFailures = ({ verdict, properties = [] }: ReportedAnswer): readonly ReportedProperty[] =>
  properties.filter(
    (p) =>
      p.result === 'fails' &&
      p.verdict.answer === 'no' &&
      !(verdict.answer === 'no' && verdict.evidence === p.verdict.evidence),
  );
