import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ask } from '../src/ask.ts';
import { languageOf } from '../src/cli/languages.ts';
import type { PolicyCase } from '../src/cli/policy/bench-case.ts';
import { makeProver } from '../src/cli/prover.ts';
import { includer } from '../src/cli/source-file.ts';
import { isFlat, type Program } from '../src/program/program.ts';
import { isFalse } from '../src/terms/term.ts';
import { unwindProgram } from '../src/verdict/unwinding-check.ts';
import type { DontKnow } from '../src/verdict/verdict.ts';
import type { CaseRequest } from './case-request.ts';

/** Shared by the cases of this process: a solver is loaded once. */
const prover = makeProver();

/** A child process of the harness: answers one case at a time, until it is killed. */
export interface Job {
  readonly id: number;
  readonly path: string;
  readonly request: CaseRequest;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  /** Only this engine is asked. */
  readonly engine?: string;
  /** The hints in the sources are left out. */
  readonly withoutHints?: boolean;
}

export interface JobResult {
  readonly id: number;
  readonly answer: 'yes' | 'no' | 'dont-know' | 'crash';
  readonly rung?: number;
  readonly by?: string;
  /** Why not: a kind and a sentence. */
  readonly reason?: { readonly kind: string; readonly text: string };
  /** Exceptions inside engines: bugs, although the question went on without them. */
  readonly internalErrors?: readonly string[];
  readonly elapsedMs: number;
  readonly residentMegabytes: number;
}

async function answer(job: Job): Promise<Omit<JobResult, 'id' | 'elapsedMs' | 'residentMegabytes'>> {
  const { request } = job;
  const unread = (kind: string, text: string) => ({ answer: 'dont-know' as const, reason: { kind, text } });
  if (request.kind === 'unmapped') return unread('not mapped', request.why);
  if (request.kind === 'policy') {
    const { runPolicyCase } = await import('../src/cli/policy/bench-case.ts');
    const { answer, reason, rung } = runPolicyCase(job.entry as unknown as PolicyCase);
    if (answer === 'dont-know') return unread('policy', reason ?? 'no reason is given');
    return { answer, rung: rung === 'replayed' ? 1 : 2, by: 'policy' };
  }
  const language = languageOf(job.path);
  if (!language) return unread('language', 'the language is not read yet');
  const frontEnd = await language.load();
  const sources = [{ path: job.path, text: readFileSync(job.path, 'utf8') }];
  const asking = ask(
    frontEnd,
    sources,
    {
      question: request.question,
      ...(request.functionName === undefined ? {} : { functionName: request.functionName }),
      options: {
        integers: request.integers,
        dataModel: request.dataModel,
        checks: new Set(request.checks),
        allocation: request.allocation,
        include: includer(resolve(dirname(job.path))),
      },
    },
    {
      timeoutMs: job.timeoutMs,
      prover,
      loopContracts: request.loopContracts,
      ...(job.engine ? { onlyEngine: job.engine } : {}),
      ...(job.withoutHints ? { withoutHints: true } : {}),
    },
  );
  if (!asking.ok) {
    const first = asking.error.find((d) => d.severity === 'error') ?? asking.error[0]!;
    const line = first.span ? ` (line ${first.span.start.line})` : '';
    return unread(first.severity === 'error' ? 'read error' : 'unsupported', `${first.message}${line}`);
  }
  for await (const { verdict, task } of asking.value.answers) {
    if (verdict.answer === 'dont-know') return why(verdict);
    const { turnLimit } = request;
    if (verdict.answer === 'yes' && turnLimit !== undefined && !staysWithin(task.program, turnLimit)) {
      return unread(
        'not mapped',
        'yes, but --unwind also asks that no loop turns more often, and that is not confirmed',
      );
    }
    return { answer: verdict.answer, rung: verdict.rung, by: verdict.by };
  }
  return unread('no question', 'the front end made no question');
}

/** Whether no loop makes more turns than the limit on any run, as far as unwinding shows without a solver. */
function staysWithin(program: Program, turnLimit: number): boolean {
  if (!isFlat(program)) return false;
  const unwinding = unwindProgram(program, [], false, { bound: turnLimit, freeTurns: 0, nodeLimit: 100_000 });
  return unwinding !== 'too-large' && unwinding.cutOff.every(isFalse);
}

const importance = ['rejected', 'solver', 'unsupported', 'approximated', 'budget', 'exhausted', 'paradox'];

function why(verdict: DontKnow): Omit<JobResult, 'id' | 'elapsedMs' | 'residentMegabytes'> {
  const internalErrors = verdict.reasons.filter((r) => r.text.startsWith('internal error')).map((r) => r.text);
  const first = [...verdict.reasons].sort((a, b) => importance.indexOf(a.kind) - importance.indexOf(b.kind))[0];
  const kind = internalErrors.length > 0 ? 'internal error' : (first?.kind ?? 'no engine');
  return {
    answer: 'dont-know',
    reason: { kind, text: first ? `${first.by}: ${first.text}` : 'no engine applies' },
    ...(internalErrors.length > 0 ? { internalErrors } : {}),
  };
}

process.on('message', (job: Job) => {
  const began = performance.now();
  const done = (result: Omit<JobResult, 'id' | 'elapsedMs' | 'residentMegabytes'>): void => {
    const residentMegabytes = Math.round(process.memoryUsage.rss() / 1_000_000);
    process.send!({ id: job.id, elapsedMs: performance.now() - began, residentMegabytes, ...result });
  };
  answer(job).then(done, (error: unknown) =>
    done({
      answer: 'crash',
      reason: { kind: 'crash', text: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send!({ ready: true });
