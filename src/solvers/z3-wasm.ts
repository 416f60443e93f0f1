import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PortMessage, PortReply, SmtPort } from './smt-port.ts';
import { type SmtOptions, SmtSolver } from './smt-solver.ts';
import type { Solver, SolverSource } from './solver.ts';

/**
 * z3 as WebAssembly ([MouraB-TACAS'08]), in a worker thread that starts with the first question and stays warm. Questions
 * of all sessions wait in one line. A question that overstays its time ends with the worker (`terminate`), as does any
 * failure, and after `recycleAfter` messages the worker is replaced too, since z3's heap only grows. Sessions whose worker
 * is gone are told so ('lost') and send everything again. An idle worker does not keep the process alive.
 */
export interface Z3Options {
  readonly recycleAfter?: number;
  /** Heap at which z3 gives up, in MiB; the address space of the build ends at 2048. */
  readonly memoryLimitMegabytes?: number;
  /** Work per question in z3's units (about two million a second); 0 is no limit. */
  readonly resourceLimit?: number;
}

interface Reply {
  readonly id?: number;
  readonly ready?: true;
  readonly output?: string;
  readonly failure?: string;
}

/** Node loads the worker from a plain file: beside this one, or, in a bundle with chunks, one folder up. */
function workerFile(): string {
  const places = ['./z3-worker.mjs', '../z3-worker.mjs', './solvers/z3-worker.mjs'];
  const files = places.map((p) => fileURLToPath(new URL(p, import.meta.url)));
  const found = files.find((f) => existsSync(f));
  if (!found) throw new Error('the file z3-worker.mjs is missing');
  return found;
}

export class Z3Wasm implements SolverSource {
  readonly name = 'z3 (WebAssembly)';
  readonly #options: Required<Z3Options>;
  #engine: Engine | undefined;
  #line: Promise<unknown> = Promise.resolve();
  #nextSession = 0;
  #closed = false;

  constructor(options: Z3Options = {}) {
    this.#options = { recycleAfter: 2000, memoryLimitMegabytes: 1500, resourceLimit: 0, ...options };
  }

  open(options: SmtOptions = {}): Solver {
    const resourceLimit = options.resourceLimit ?? this.#options.resourceLimit;
    return new SmtSolver(this.port(), { ...options, resourceLimit });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discard();
  }

  /** A session of its own. */
  port(): SmtPort {
    const session = this.#nextSession++;
    let engineOfSession: Engine | undefined;
    return {
      name: this.name,
      theories: 'all',
      limitCommand: (n) => `(set-option :rlimit ${n})\n`,
      send: (message) =>
        this.#inLine(async () => {
          await this.#retire();
          if (message.wanted?.() === false) return { kind: 'failed', why: 'time', text: '' };
          if (!message.fresh && engineOfSession !== this.#engine) return { kind: 'lost' };
          const engine = await this.#ready();
          if (typeof engine === 'string') return { kind: 'failed', why: 'died', text: engine };
          engineOfSession = engine;
          const reply = await engine.ask(session, message);
          if (reply.kind === 'failed' || (reply.kind === 'output' && reply.text.includes('(error'))) {
            await this.#discard();
          }
          return reply;
        }),
      close: async () => {
        if (engineOfSession === this.#engine) engineOfSession?.drop(session);
      },
    };
  }

  /** One question at a time: the engine is synchronous. */
  #inLine(work: () => Promise<PortReply>): Promise<PortReply> {
    const result = this.#line.then(work);
    this.#line = result.catch(() => undefined);
    return result;
  }

  async #retire(): Promise<void> {
    const engine = this.#engine;
    if (engine && (engine.dead || engine.messages >= this.#options.recycleAfter)) await this.#discard();
  }

  /** A running engine, or why there is none. */
  async #ready(): Promise<Engine | string> {
    if (this.#closed) return 'it is closed';
    if (this.#engine) return this.#engine;
    try {
      const engine = new Engine(this.#options.memoryLimitMegabytes);
      const started = await engine.started;
      if (started !== true) return started;
      this.#engine = engine;
      return engine;
    } catch (error) {
      return `it does not start: ${(error as Error).message}`;
    }
  }

  async #discard(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.kill();
  }
}

/** How often we look whether a question is still wanted. */
const lookMs = 20;

/** One worker thread. */
class Engine {
  readonly started: Promise<true | string>;
  messages = 0;
  dead = false;
  readonly #worker: Worker;
  #waiting: { readonly id: number; readonly resolve: (reply: PortReply) => void } | undefined;
  #nextId = 0;

  constructor(memoryLimitMegabytes: number) {
    const enginePath = createRequire(import.meta.url).resolve('z3-solver/build/z3-built.js');
    this.#worker = new Worker(workerFile(), {
      workerData: { enginePath, memoryLimitMegabytes },
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    this.started = new Promise((resolve) => {
      const fail = (text: string): void => {
        this.dead = true;
        resolve(`it does not start: ${text}`);
        this.#answer({ kind: 'failed', why: 'died', text });
      };
      this.#worker.on('message', (reply: Reply) => {
        if (reply.ready) {
          this.#worker.unref();
          resolve(true);
        } else if (reply.id === this.#waiting?.id) {
          if (reply.output !== undefined) this.#answer({ kind: 'output', text: reply.output });
          else this.#answer({ kind: 'failed', why: 'died', text: reply.failure ?? 'no reason given' });
        }
      });
      this.#worker.on('error', (error: Error) => fail(error.message));
      this.#worker.on('exit', (code) => fail(`the worker ended (${code})`));
    });
  }

  ask(session: number, message: PortMessage): Promise<PortReply> {
    if (this.dead) return Promise.resolve({ kind: 'failed', why: 'died', text: 'the worker ended' });
    this.messages++;
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const { timeoutMs, wanted } = message;
      const giveUp = (): void => this.#answer({ kind: 'failed', why: 'time', text: '' });
      const timer = Number.isFinite(timeoutMs) ? setTimeout(giveUp, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
      const look = wanted && setInterval(() => wanted() || giveUp(), lookMs);
      this.#waiting = {
        id,
        resolve: (reply) => {
          clearTimeout(timer);
          clearInterval(look);
          this.#worker.unref();
          resolve(reply);
        },
      };
      this.#worker.ref();
      this.#worker.postMessage({ kind: 'evaluate', id, session, fresh: message.fresh, text: message.text });
    });
  }

  drop(session: number): void {
    if (!this.dead) this.#worker.postMessage({ kind: 'drop', session });
  }

  async kill(): Promise<void> {
    this.dead = true;
    await this.#worker.terminate();
  }

  #answer(reply: PortReply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(reply);
  }
}
