import { proofView } from '../../program/no-return.ts';
import type { Question, Task } from '../../program/question.ts';
import { isFalse } from '../../terms/term.ts';
import { checkEvidence } from '../../verdict/check.ts';
import type { Claim, Progress } from '../../verdict/claim.ts';
import { unwindingObligations, unwindProgram } from '../../verdict/unwinding-check.ts';
import type { Engine, Tools } from '../engine.ts';
import { traceOf } from '../unwound-trace.ts';

const name = 'rewriting';
const nodeLimit = 5_000;
const freeTurns = 500;

/**
 * Programs all of whose loops end by constants, or that have none: one formula for each target, refuted by folding, by the
 * rewrite rules and by exact linear arithmetic. No solver is loaded. Gives up on anything else.
 */
export const rewriting: Engine = {
  name,
  answers: (question: Question) => question.kind !== 'terminates',
  async *run(task: Task, tools: Tools): AsyncGenerator<Progress, Claim> {
    const { question } = task;
    const giveUp = (text: string): Claim => ({ by: name, answer: 'dont-know', reason: { kind: 'exhausted', text } });
    if (question.kind === 'terminates') return giveUp('it is about what always holds');
    const program = proofView(task.program);
    const wanted = question.kind === 'ever';
    const shape = { bound: 0, freeTurns, nodeLimit };
    const unwinding = unwindProgram(program, question.targets, wanted, shape);
    if (unwinding === 'too-large') return giveUp('the program is too large to unwind');
    if (!unwinding.cutOff.every(isFalse)) return giveUp('the program has loops');
    const obligations = unwindingObligations(program, question.targets, wanted, shape);
    if (obligations.kind === 'malformed') return giveUp(obligations.why);
    yield { text: 'the program as one formula' };
    const proofs = [];
    for (const { refute, text } of obligations.list) {
      const share = tools.budget.share({ stepLimit: 20_000 });
      const found = await tools.prover.refute(program.terms, refute, share, { checkedOnly: true });
      if (found.kind === 'unknown') return giveUp(`${text}: ${found.reason}`);
      if (found.kind === 'model') {
        if (program !== task.program) return giveUp('calls were taken to return anything');
        const evidence = traceOf(program, unwinding, found.values);
        const answer = wanted ? 'yes' : 'no';
        if (evidence && checkEvidence(task, answer, evidence).kind === 'accepted')
          return { by: name, answer, evidence };
        return giveUp('a counterexample could not be replayed');
      }
      proofs.push(found.proof);
    }
    return { by: name, answer: wanted ? 'no' : 'yes', evidence: { kind: 'unwinding', ...shape, proofs } };
  },
};
