/**
 * `tertium policy …`: parses the arguments, finds the files, asks, and reports. Nothing heavy is imported before it is
 * needed: front end and engine with the first file, the table of services, YAML and workers only if used.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { every, last, type PolicyArguments, parsePolicyArguments, policyHelp } from './arguments.ts';
import type { JobResult } from './job.ts';

export interface PolicyIo {
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly stderrIsTerminal?: boolean;
}

export async function runPolicyCommand(argv: readonly string[], io: PolicyIo): Promise<0 | 1 | 2 | 3> {
  const parsed = parsePolicyArguments(argv);
  if (!parsed.ok) {
    io.warn(`tertium policy: ${parsed.error}\n`);
    return 2;
  }
  const args = parsed.value;
  if (args.command === 'help') {
    io.write(policyHelp());
    return 0;
  }
  if (args.command === 'can') {
    const { runCan } = await import('./can.ts');
    return runCan(args, io);
  }
  if (args.operands.length === 0 || (args.command === 'compare' && args.operands.length !== 2)) {
    io.warn(
      `tertium policy ${args.command}: ${args.command === 'compare' ? 'give OLD and NEW' : 'give a file or a folder'}\n`,
    );
    return 2;
  }
  if (args.command === 'grants' && every(args, 'action').length + every(args, 'resource').length === 0) {
    io.warn('tertium policy grants: say which --action or --resource\n');
    return 2;
  }
  for (const operand of args.operands) {
    if (existsSync(operand)) continue;
    io.warn(`tertium policy: there is no file or folder ${operand}\n`);
    return 2;
  }
  const jobs = jobsOf(args, io);
  if (jobs.length === 0) {
    io.warn(
      'tertium policy: there is no policy file in there (.json, .yaml, .yml, .template, or JSON without ending)\n',
    );
    return 2;
  }
  const results = await runAll(args, jobs, io);
  const { report } = await import('./reporting.ts');
  return report(args, results, io);
}

function jobsOf(args: PolicyArguments, io: PolicyIo): { files: string[] }[] {
  if (args.command === 'compare') {
    const [old, fresh] = args.operands as [string, string];
    if (!statSync(old).isDirectory() || !statSync(fresh).isDirectory()) return [{ files: [old, fresh] }];
    const jobs: { files: string[] }[] = [];
    for (const path of filesIn(fresh)) {
      const before = join(old, path.slice(fresh.length));
      if (existsSync(before)) jobs.push({ files: [before, path] });
      else io.warn(`tertium policy: ${path} is new; it has no counterpart in ${old}\n`);
    }
    return jobs;
  }
  return args.operands
    .flatMap((o) => (statSync(o).isDirectory() ? filesIn(o) : [o]))
    .map((file) => ({ files: [file] }));
}

/** Files that may hold policies, sorted; a file without an ending counts if it begins like JSON. */
function filesIn(folder: string): string[] {
  const out: string[] = [];
  const stack = [folder];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(at, entry.name);
      if (entry.isDirectory()) stack.push(path);
      else if (/\.(json|ya?ml|template)$/i.test(entry.name)) out.push(path);
      else if (entry.isFile() && !/\./.test(entry.name) && /^\s*\{/.test(readFileSync(path, 'utf8').slice(0, 200))) {
        out.push(path);
      }
    }
  }
  return out.sort();
}

export type Outcome = JobResult | { readonly file: string; readonly failure: string };

async function runAll(args: PolicyArguments, jobs: readonly { files: string[] }[], io: PolicyIo): Promise<Outcome[]> {
  const wanted = Number(last(args, 'jobs') ?? String(Math.max(1, Math.floor(availableParallelism() / 2))));
  const bar = new Bar(jobs.length, io);
  try {
    if (wanted > 1 && jobs.length >= 8) {
      const { workerAddress } = await import('./batch-worker.ts');
      if (!workerAddress.endsWith('.ts')) {
        const { runBatch } = await import('./batch.ts');
        return await runBatch(args, jobs, Math.min(wanted, 16), (done) => bar.draw(done));
      }
    }
    const { runJob } = await import('./job.ts');
    const out: Outcome[] = [];
    for (const job of jobs) {
      try {
        out.push(await runJob(args, job));
      } catch (error) {
        out.push({ file: job.files[0]!, failure: String((error as Error).stack ?? error) });
      }
      bar.draw(out.length);
    }
    return out;
  } finally {
    bar.wipe();
  }
}

class Bar {
  readonly #total: number;
  readonly #io: PolicyIo;
  #shown = false;

  constructor(total: number, io: PolicyIo) {
    this.#total = total;
    this.#io = io;
  }

  draw(done: number): void {
    if (!this.#io.stderrIsTerminal || this.#total < 8) return;
    const filled = Math.floor((done / this.#total) * 30);
    this.#shown = true;
    this.#io.warn(`\r[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${done} of ${this.#total} `);
  }

  wipe(): void {
    if (this.#shown) this.#io.warn(`\r${' '.repeat(60)}\r`);
  }
}
