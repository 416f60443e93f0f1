import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { PortMessage, PortReply, SmtPort } from './smt-port.ts';
import { type SmtOptions, SmtSolver } from './smt-solver.ts';
import type { Solver, SolverSource } from './solver.ts';

/**
 * A solver that the user has installed, as a process to which we speak over pipes. The end of its output is known by an
 * echo. It is killed when its time is over, and a new one starts with the next question; `fresh` starts a new one too, as
 * what `(reset)` keeps differs from solver to solver.
 */
export interface SmtCommand {
  readonly name: 'z3' | 'cvc5' | 'bitwuzla';
  /** Found on the PATH unless it is a path. */
  readonly command: string;
}

interface Dialect {
  readonly args: readonly string[];
  /** What must come first. */
  readonly preamble: string;
  readonly theories: SmtPort['theories'];
  readonly limit: (resourceLimit: number) => string;
}

const dialects: Readonly<Record<SmtCommand['name'], Dialect>> = {
  z3: { args: ['-in', '-smt2'], preamble: '', theories: 'all', limit: (n) => `(set-option :rlimit ${n})\n` },
  cvc5: {
    args: ['--lang=smt2', '--incremental', '--produce-models', '--quiet'],
    preamble: '(set-logic ALL)\n',
    theories: 'all',
    limit: () => '',
  },
  bitwuzla: {
    args: ['--lang', 'smt2', '--produce-models'],
    preamble: '(set-logic QF_ABV)\n',
    theories: 'bitvectors',
    limit: () => '',
  },
};

/** How often we look whether a question is still wanted. */
const lookMs = 20;

/** More output than this is not an answer. In characters. */
const longestOutput = 64_000_000;

export class SmtProcess implements SolverSource {
  readonly name: string;
  readonly #command: SmtCommand;
  readonly #ports = new Set<ProcessPort>();

  constructor(command: SmtCommand) {
    this.name = command.name;
    this.#command = command;
  }

  open(options: SmtOptions = {}): Solver {
    const port = new ProcessPort(this.#command);
    this.#ports.add(port);
    return new SmtSolver(port, options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports].map((p) => p.close()));
  }
}

/** Which of these solvers answer to their names on the PATH. */
export async function installedSolvers(): Promise<SmtCommand[]> {
  const names = ['z3', 'cvc5', 'bitwuzla'] as const;
  const found = await Promise.all(names.map((name) => runs(name)));
  return names.filter((_, i) => found[i]).map((name) => ({ name, command: name }));
}

function runs(command: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, ['--version'], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.on('error', () => resolve(false));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

class ProcessPort implements SmtPort {
  readonly name: string;
  readonly theories: SmtPort['theories'];
  readonly #command: SmtCommand;
  readonly #dialect: Dialect;
  #child: ChildProcessWithoutNullStreams | undefined;
  #output = '';
  #nextMark = 0;
  #awaited: { readonly mark: string; readonly resolve: (reply: PortReply) => void } | undefined;
  #closed = false;

  constructor(command: SmtCommand) {
    this.name = command.name;
    this.#command = command;
    this.#dialect = dialects[command.name];
    this.theories = this.#dialect.theories;
  }

  limitCommand(resourceLimit: number): string {
    return this.#dialect.limit(resourceLimit);
  }

  send({ text, fresh, timeoutMs, wanted }: PortMessage): Promise<PortReply> {
    if (this.#closed) return Promise.resolve({ kind: 'failed', why: 'died', text: 'it is closed' });
    if (fresh) this.#kill();
    else if (!this.#child) return Promise.resolve({ kind: 'lost' });
    const child = (this.#child ??= this.#start());
    const mark = `tertium-mark-${this.#nextMark++}`;
    this.#output = '';
    return new Promise((resolve) => {
      const finish = (reply: PortReply): void => {
        clearTimeout(timer);
        clearInterval(look);
        this.#awaited = undefined;
        if (reply.kind === 'failed') this.#kill();
        resolve(reply);
      };
      const giveUp = (): void => finish({ kind: 'failed', why: 'time', text: '' });
      const timer = Number.isFinite(timeoutMs) ? setTimeout(giveUp, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
      const look = wanted && setInterval(() => wanted() || giveUp(), lookMs);
      this.#awaited = { mark, resolve: finish };
      child.stdin.write(`${fresh ? this.#dialect.preamble : ''}${text}(echo "${mark}")\n`);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#kill();
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn(this.#command.command, this.#dialect.args, { stdio: 'pipe' });
    const failed = (text: string): void => {
      if (child !== this.#child) return;
      this.#child = undefined;
      this.#awaited?.resolve({ kind: 'failed', why: 'died', text });
    };
    child.on('error', (error) => failed(error.message));
    child.on('close', (code, signal) => failed(`it ended (${signal ?? code})`));
    // Writing to a process that has died is an error of the pipe, seen as the process's end.
    child.stdin.on('error', () => {});
    child.stderr.on('data', () => {});
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (data: string) => {
      if (child === this.#child) this.#read(data);
    });
    return child;
  }

  #read(data: string): void {
    this.#output += data;
    const awaited = this.#awaited;
    if (!awaited) return;
    if (this.#output.length > longestOutput) {
      awaited.resolve({ kind: 'failed', why: 'died', text: 'its output has no end' });
      return;
    }
    const tail = this.#output.trimEnd();
    if (!tail.endsWith(awaited.mark) && !tail.endsWith(`"${awaited.mark}"`)) return;
    const end = tail.lastIndexOf(awaited.mark);
    awaited.resolve({ kind: 'output', text: tail.slice(0, tail[end - 1] === '"' ? end - 1 : end) });
  }

  #kill(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    this.#awaited?.resolve({ kind: 'failed', why: 'died', text: 'it was stopped' });
  }
}
