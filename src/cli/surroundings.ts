/** What the command line sees of the world, so that tests can put it into another one. */
export interface Surroundings {
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Whether stdout, and stderr, are terminals: colour goes to the one, progress to the other. */
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly columns: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Registers what to do on Ctrl-C; returns how to take it back. */
  readonly onInterrupt: (action: () => void) => () => void;
  readonly now: () => number;
  /** The command that started us, to start it again in a child; absent where there is none. */
  readonly command?: readonly string[];
}

export function processSurroundings(): Surroundings {
  return {
    write: (text) => void process.stdout.write(text),
    warn: (text) => void process.stderr.write(text),
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? 100,
    environment: process.env,
    workingFolder: process.cwd(),
    onInterrupt: (action) => {
      process.on('SIGINT', action);
      return () => void process.off('SIGINT', action);
    },
    now: () => performance.now(),
    command: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
  };
}
