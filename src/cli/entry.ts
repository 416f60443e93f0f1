#!/usr/bin/env node
import { processSurroundings } from './surroundings.ts';

/**
 * The program `tertium`. What can be said without loading anything is said at once; the rest is imported on demand, since
 * starting quickly is a feature.
 */
const surroundings = processSurroundings();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `tertium ... | head` closes the pipe early: nobody listens, so there is nothing left to say.
  if (error.code === 'EPIPE') process.exit(0);
});
try {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2), surroundings);
} catch (error) {
  const { internalError } = await import('./internal-error.ts');
  surroundings.warn(internalError(error));
  process.exitCode = 2;
}
// Solvers and time-outs that are still running must not keep the process alive.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit();
