import { spawn } from 'node:child_process';

/** Runs a program of the user's with limits: wall time, memory (through the shell's ulimit), output. */
export interface RunLimits {
  readonly timeoutMs: number;
  /** Address space; absent: not limited (sanitizers reserve terabytes). */
  readonly memoryMegabytes?: number;
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface NativeRun {
  readonly kind: 'ended' | 'timeout' | 'not-started';
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const longestOutput = 64_000;

export function runLimited(command: string, args: readonly string[], limits: RunLimits): Promise<NativeRun> {
  return new Promise((resolve) => {
    // Processor time and file sizes are limited too, in case the clock's kill comes late.
    const seconds = Math.ceil(limits.timeoutMs / 1000) + 1;
    const memory = limits.memoryMegabytes === undefined ? '' : `ulimit -v ${limits.memoryMegabytes * 1024}; `;
    const script = `${memory}ulimit -t ${seconds}; ulimit -f 20000; ulimit -c 0; exec "$0" "$@"`;
    const child = spawn('/bin/sh', ['-c', script, command, ...args], {
      cwd: limits.folder,
      env: { PATH: process.env.PATH ?? '', HOME: limits.folder, LANG: 'C.UTF-8', ...limits.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const texts = { stdout: '', stderr: '' };
    let timedOut = false;
    const kill = (): void => {
      // The whole group that we started: a compiler starts others.
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, limits.timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (data: Buffer) => {
        if (texts[name].length < longestOutput) texts[name] += data.toString('utf8').slice(0, longestOutput);
      });
    }
    child.on('error', () => {
      clearTimeout(timer);
      resolve({ kind: 'not-started', status: null, signal: null, ...texts });
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const started = status !== 127 && status !== 126;
      resolve({ kind: timedOut ? 'timeout' : started ? 'ended' : 'not-started', status, signal, ...texts });
    });
  });
}
