/** Many jobs on several workers, results in the order of the jobs. A worker that dies fails its job, not the batch. */
import { Worker } from 'node:worker_threads';
import type { PolicyArguments } from './arguments.ts';
import { workerAddress, workerMark } from './batch-worker.ts';
import type { Job, JobResult } from './job.ts';

export type BatchResult = JobResult | { readonly file: string; readonly failure: string };

export async function runBatch(
  args: PolicyArguments,
  jobs: readonly Job[],
  workers: number,
  progress: (done: number) => void,
): Promise<BatchResult[]> {
  const results: BatchResult[] = new Array(jobs.length);
  let next = 0;
  let done = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      let current = -1;
      const start = (): Worker => {
        const worker = new Worker(new URL(workerAddress), { workerData: { mark: workerMark, args } });
        worker.on('message', (message: { index: number; result?: JobResult; failure?: string }) => {
          const file = jobs[message.index]!.files[0]!;
          results[message.index] = message.result ?? { file, failure: message.failure ?? 'no result' };
          progress(++done);
          feed(worker);
        });
        worker.on('error', (error) => {
          if (current >= 0) {
            results[current] = { file: jobs[current]!.files[0]!, failure: error.message };
            progress(++done);
          }
          feed(start());
        });
        return worker;
      };
      const feed = (worker: Worker): void => {
        current = next++;
        if (current >= jobs.length) {
          current = -1;
          void worker.terminate().then(() => resolve());
          return;
        }
        worker.postMessage({ index: current, job: jobs[current] });
      };
      feed(start());
    });
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, one));
  return results;
}
