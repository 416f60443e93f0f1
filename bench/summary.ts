import type { Finished } from './pool.ts';
import type { SuiteCase } from './suite.ts';

/** How cases came out, and the sums over a suite. */
export interface CaseOutcome {
  readonly case: string;
  readonly expected: 'yes' | 'no' | null;
  readonly answer: Finished['answer'];
  /** `open`: answered, but nobody has published the answer. */
  readonly outcome: 'right' | 'wrong' | 'dontKnow' | 'crashed' | 'open';
  readonly rung?: number;
  readonly by?: string;
  readonly ms: number;
  readonly reason?: { readonly kind: string; readonly text: string };
  readonly internalErrors?: readonly string[];
  readonly cold: boolean;
}

export interface Summary {
  readonly total: number;
  readonly right: number;
  readonly wrong: number;
  readonly dontKnow: number;
  readonly crashed: number;
  readonly open: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly totalMs: number;
  /** Right answers for each rung of the ladder of trust. */
  readonly rungs: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
}

export function outcomeOf(item: SuiteCase, result: Finished): CaseOutcome {
  const { answer } = result;
  const decided = answer === 'yes' || answer === 'no';
  const outcome =
    answer === 'crash'
      ? 'crashed'
      : !decided
        ? 'dontKnow'
        : item.expected === null
          ? 'open'
          : answer === item.expected
            ? 'right'
            : 'wrong';
  return {
    case: item.name,
    expected: item.expected,
    answer,
    outcome,
    ...(result.rung === undefined ? {} : { rung: result.rung }),
    ...(result.by === undefined ? {} : { by: result.by }),
    ms: Math.round(result.elapsedMs * 10) / 10,
    ...(result.reason ? { reason: result.reason } : {}),
    ...(result.internalErrors ? { internalErrors: result.internalErrors } : {}),
    cold: result.cold,
  };
}

export function summarise(outcomes: readonly CaseOutcome[]): Summary {
  const n = (outcome: CaseOutcome['outcome']): number => outcomes.filter((o) => o.outcome === outcome).length;
  const times = outcomes.map((o) => o.ms).sort((a, b) => a - b);
  const rungs: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  for (const o of outcomes) {
    if (o.outcome === 'right' && o.rung !== undefined) rungs[o.rung] = (rungs[o.rung] ?? 0) + 1;
    if (o.outcome === 'dontKnow') reasons[o.reason?.kind ?? '?'] = (reasons[o.reason?.kind ?? '?'] ?? 0) + 1;
  }
  return {
    total: outcomes.length,
    right: n('right'),
    wrong: n('wrong'),
    dontKnow: n('dontKnow'),
    crashed: n('crashed'),
    open: n('open'),
    medianMs: quantile(times, 0.5),
    p90Ms: quantile(times, 0.9),
    totalMs: Math.round(times.reduce((a, b) => a + b, 0)),
    rungs,
    reasons,
  };
}

/** The smallest time that at least this share of the cases stays within; 0 for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export function drawTable(rows: readonly { name: string; summary: Summary }[]): string {
  const header = ['suite', 'cases', 'right', 'wrong', "don't know", 'crash', 'open', 'median', 'p90', 'total'];
  const body = rows.map(({ name, summary: s }) => [
    name,
    ...[s.total, s.right, s.wrong, s.dontKnow, s.crashed, s.open].map(String),
    time(s.medianMs),
    time(s.p90Ms),
    time(s.totalMs),
  ]);
  const widths = header.map((h, i) => Math.max(h.length, ...body.map((b) => b[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((c, i) => (i === 0 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!))).join('  ');
  return [line(header), ...body.map(line)].join('\n');
}

export const time = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
