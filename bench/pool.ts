import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Job, JobResult } from './worker.ts';

/**
 * Child processes that stay warm from case to case. One that passes the time or memory limit is killed and replaced; one
 * that dies by itself is a crash.
 */
export interface PoolOptions {
  readonly workerPath: string;
  readonly limitMs: number;
  readonly memoryMegabytes: number;
}

export type Finished = JobResult & {
  /** Whether this was the first case of a fresh process. */
  readonly cold: boolean;
};

const casesPerProcess = 200;
const pollMs = 200;

/** One lane of the pool: a process and the case it works on. */
export class Lane {
  readonly #options: PoolOptions;
  #child: ChildProcess | undefined;
  #served = 0;
  #stderr = '';

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async run(job: Job): Promise<Finished> {
    const child = await this.#ready();
    const cold = this.#served === 0;
    this.#served++;
    const began = performance.now();
    return new Promise((resolve) => {
      let peak = 0;
      const finish = (result: Omit<JobResult, 'id'>, keep: boolean): void => {
        clearTimeout(timer);
        clearInterval(poll);
        child.removeAllListeners('message');
        child.removeAllListeners('exit');
        if (!keep || this.#served >= casesPerProcess) this.close();
        resolve({ id: job.id, cold, ...result });
      };
      const lost = (answer: 'dont-know' | 'crash', kind: string, text: string): void =>
        finish(
          { answer, reason: { kind, text }, elapsedMs: performance.now() - began, residentMegabytes: peak },
          false,
        );
      const timer = setTimeout(
        () => lost('dont-know', 'time', `killed after ${this.#options.limitMs / 1000} s`),
        this.#options.limitMs,
      );
      const poll = setInterval(() => {
        peak = Math.max(peak, residentMegabytes(child.pid));
        if (peak > this.#options.memoryMegabytes) lost('dont-know', 'memory', `killed at ${peak} MB`);
      }, pollMs);
      child.on('message', (result: JobResult) => {
        const { id, ...rest } = result;
        if (id === job.id) finish(rest, rest.residentMegabytes < this.#options.memoryMegabytes / 2);
      });
      child.on('exit', (code, signal) => {
        const memory = /heap out of memory|allocation failed/i.test(this.#stderr);
        if (memory) lost('dont-know', 'memory', 'out of memory');
        else lost('crash', 'crash', `the process died (${signal ?? code}): ${this.#stderr.slice(-600)}`);
      });
      child.send(job);
    });
  }

  async #ready(): Promise<ChildProcess> {
    if (this.#child) return this.#child;
    const heap = Math.floor(this.#options.memoryMegabytes * 0.8);
    const child = fork(this.#options.workerPath, [], {
      execArgv: [`--max-old-space-size=${heap}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#served = 0;
    this.#stderr = '';
    child.stderr!.on('data', (data) => {
      this.#stderr = (this.#stderr + String(data)).slice(-4000);
    });
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', () => reject(new Error(`the worker does not start: ${this.#stderr}`)));
    });
    child.removeAllListeners('exit');
    return child;
  }

  close(): void {
    this.#child?.removeAllListeners();
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

/** Resident memory of a process in MB; 0 where the system does not say (the heap limit still holds there). */
function residentMegabytes(pid: number | undefined): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return Math.round((pages * 4096) / 1_000_000);
  } catch {
    return 0;
  }
}
