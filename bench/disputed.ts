import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseOutcome } from './summary.ts';

/**
 * Expected answers that contradict the suite's own stated semantics. Each is proved in SOUNDNESS.md; the harness counts such a
 * case as open (never as right) when our answer is the proved one, and says so. Nothing but the harness knows this list.
 */
export interface Dispute {
  readonly suite: string;
  readonly case: string;
  readonly ours: 'yes' | 'no';
  readonly proof: string;
}

export const readDisputes = (folder: string): readonly Dispute[] =>
  JSON.parse(readFileSync(join(folder, 'disputed.json'), 'utf8')) as Dispute[];

export function disputed(disputes: readonly Dispute[], suite: string, outcome: CaseOutcome): Dispute | undefined {
  if (outcome.outcome !== 'wrong') return undefined;
  return disputes.find((d) => d.suite === suite && d.case === outcome.case && d.ours === outcome.answer);
}
