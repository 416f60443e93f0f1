/**
 * The same module twice: the main thread asks it for its own address, a worker thread that is started at that address
 * answers jobs. So the bundle needs no entry of its own for the worker.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { PolicyArguments } from './arguments.ts';
import { type Job, runJob } from './job.ts';

export const workerAddress: string = import.meta.url;
export const workerMark = 'tertium policy batch';

if (!isMainThread && workerData?.mark === workerMark && parentPort) {
  const port = parentPort;
  const args = workerData.args as PolicyArguments;
  port.on('message', (message: { index: number; job: Job }) => {
    runJob(args, message.job).then(
      (result) => port.postMessage({ index: message.index, result }),
      (error: Error) => port.postMessage({ index: message.index, failure: String(error.stack ?? error) }),
    );
  });
}
