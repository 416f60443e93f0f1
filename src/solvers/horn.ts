import type { Budget } from '../base/budget.ts';
import type { HornReply } from './prover.ts';
import type { SmtPort } from './smt-port.ts';

/**
 * Horn clauses by z3's Spacer (Komuravelli, Gurfinkel and Chaki 2016, [KomuravelliGC-FMSD'16]). The work is bounded by z3's own
 * count and by the budget's time.
 */
const resourceLimit = 200_000_000;

export async function solveHornClauses(port: SmtPort, script: string, budget: Budget): Promise<HornReply> {
  const unknown = (reason: string): HornReply => ({ kind: 'unknown', reason });
  if (!budget.spend() || budget.expired) return unknown('the budget is used up');
  const send = (text: string, fresh: boolean) =>
    port.send({ text, fresh, timeoutMs: budget.remainingMs, wanted: () => budget.open });
  try {
    const reply = await send(`${port.limitCommand(resourceLimit)}${script}(check-sat)\n`, true);
    if (reply.kind === 'lost') return unknown('the solver was replaced');
    if (reply.kind === 'failed') return unknown(reply.why === 'time' ? 'the solver ran out of time' : reply.text);
    const answer = reply.text.trim();
    if (answer === 'unsat') return { kind: 'derives-false' };
    if (answer !== 'sat')
      return unknown(answer === 'unknown' ? 'the solver gave up' : `the solver said ${answer.slice(0, 120)}`);
    const model = await send('(get-model)\n', false);
    if (model.kind !== 'output' || model.text.includes('(error')) return unknown('the solver gave no definitions');
    return { kind: 'solved', definitions: model.text };
  } finally {
    await port.close();
  }
}
