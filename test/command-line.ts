import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { languages } from '../src/cli/languages.ts';
import { main } from '../src/cli/main.ts';

/** Runs the command line in this process and catches what it says. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function tertium(
  argv: readonly string[],
  world: { workingFolder?: string; environment?: Record<string, string>; terminal?: boolean } = {},
): Promise<Said> {
  let stdout = '';
  let stderr = '';
  const status = await main(argv, {
    write: (text) => {
      stdout += text;
    },
    warn: (text) => {
      stderr += text;
    },
    stdoutIsTerminal: world.terminal ?? false,
    stderrIsTerminal: false,
    columns: 100,
    environment: world.environment ?? {},
    workingFolder: world.workingFolder ?? process.cwd(),
    onInterrupt: () => () => {},
    now: () => performance.now(),
  });
  return { status, stdout, stderr };
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): {
  readonly path: string;
  readonly write: (name: string, text: string | Uint8Array) => string;
} {
  const path = mkdtempSync(join(tmpdir(), 'tertium-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write: (name, text) => {
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
  };
}

/** Whether a front end is there. */
export const reads = (language: string): boolean => languages.some((l) => l.name === language);
