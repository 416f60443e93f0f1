import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { CaseOutcome } from './summary.ts';

/**
 * The best known result of every case: its right answer on the highest rung it ever reached, and the engine that gave it. One line a case, sorted, so that
 * two branches that both improve merge.
 */
type Best = Record<string, Record<string, { answer: string; rung: number; by?: string }>>;

export interface Comparison {
  readonly better: readonly string[];
  readonly worse: readonly string[];
}

export function readBest(path: string): Best {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Best) : {};
}

/** Compares with the best known results, and puts better ones into them. */
export function compareWithBest(best: Best, suite: string, outcomes: readonly CaseOutcome[]): Comparison {
  const known = (best[suite] ??= {});
  const better: string[] = [];
  const worse: string[] = [];
  for (const o of outcomes) {
    const before = known[o.case];
    if (o.outcome !== 'right') {
      if (before) worse.push(`${o.case}: was ${before.answer} (rung ${before.rung}), is ${o.reason?.kind ?? o.answer}`);
      continue;
    }
    const rung = o.rung ?? 4;
    if (!before) better.push(`${o.case}: ${o.answer} (rung ${rung})`);
    else if (rung < before.rung) better.push(`${o.case}: rung ${rung}, was ${before.rung}`);
    else if (rung > before.rung) worse.push(`${o.case}: rung ${rung}, was ${before.rung}`);
    if (!before || rung < before.rung || before.by === undefined) {
      known[o.case] = { answer: o.answer, rung: Math.min(rung, before?.rung ?? rung), ...(o.by ? { by: o.by } : {}) };
    }
  }
  return { better, worse };
}

export function writeBest(path: string, best: Best): void {
  const suites = Object.keys(best).sort();
  const lines = suites.map((suite) => {
    const cases = Object.keys(best[suite]!).sort();
    const rows = cases.map((c) => `    ${JSON.stringify(c)}: ${JSON.stringify(best[suite]![c])}`);
    return `  ${JSON.stringify(suite)}: {\n${rows.join(',\n')}\n  }`;
  });
  writeFileSync(path, `{\n${lines.join(',\n')}\n}\n`);
}
