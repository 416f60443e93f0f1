import type { ExitStatus } from './exit-status.ts';
import { main } from './main.ts';
import { processSurroundings } from './surroundings.ts';

/** The program `tertium`; scripts/cli-loader.cjs starts it. */
const surroundings = processSurroundings();

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `tertium ... | head` closes the pipe early: nobody listens, so there is nothing left to say.
  if (error.code === 'EPIPE') process.exit(0);
});

main(process.argv.slice(2), surroundings)
  .catch(async (error: unknown): Promise<ExitStatus> => {
    const { internalError } = await import('./internal-error.ts');
    surroundings.warn(internalError(error));
    return 2;
  })
  .then((status) => {
    process.exitCode = status;
    // Solvers and time-outs that are still running must not keep the process alive; what was written must get out.
    process.stdout.write('', () => process.stderr.write('', () => process.exit()));
  });
