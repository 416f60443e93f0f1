import { spawn } from 'node:child_process';
import type { Task } from '../program/question.ts';
import type { ExitStatus } from './exit-status.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Engines look at their budget between pieces of work, and a piece grows with the program. For a large program the whole
 * command runs again in a child process that can be ended from outside: so that the time limit holds, and Ctrl-C works.
 */
const largeTerms = 2_500;
const largeEdges = 400;

/** After its time limit and this, a question is cut off. */
const graceMs = 2_000;
const afterInterruptMs = 2_000;

const mark = 'TERTIUM_GUARDED';

export function needsGuard(tasks: readonly Task[], environment: Surroundings['environment']): boolean {
  if (environment[mark] !== undefined) return false;
  return tasks.some(({ program }) => {
    const edges = [...program.procedures.values()].reduce((sum, p) => sum + p.edges.length, 0);
    return program.terms.size > largeTerms || edges > largeEdges;
  });
}

/** Runs the same command in a child and passes on what it says and how it ends. `cutOff` says what to do when it is ended. */
export function runGuarded(
  command: readonly string[],
  limitMs: number,
  surroundings: Surroundings,
  cutOff: () => void | Promise<void>,
): Promise<ExitStatus> {
  return new Promise((resolve) => {
    const [program, ...args] = command;
    const child = spawn(program!, args, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } });
    let ended = false;
    const end = (): void => {
      ended = true;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(end, limitMs);
    // The terminal sends Ctrl-C to both; elsewhere it comes to us alone.
    const release = surroundings.onInterrupt(() => {
      child.kill('SIGINT');
      setTimeout(end, afterInterruptMs).unref();
    });
    child.on('error', () => resolve(2));
    child.on('close', async (status) => {
      clearTimeout(timer);
      release();
      if (ended) await cutOff();
      resolve(ended ? 3 : status === 0 || status === 1 || status === 3 ? status : 2);
    });
  });
}

/** The most that the questions may take, with what their side questions add. */
export const guardLimitMs = (questions: number, timeoutMs: number): number => questions * (timeoutMs * 1.25 + graceMs);
