/** Runs python3 as the oracle of tests. Tests skip with a notice when there is none, or not version 3.11. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface SyntaxAnswer {
  readonly parses: boolean;
  readonly compiles: boolean;
  readonly tree: string | null;
  readonly message: string;
}

const found = spawnSync('python3', ['-c', 'import sys; print(sys.version_info[:2] == (3, 11))'], { encoding: 'utf8' });

export const pythonIsHere = found.stdout?.trim() === 'True';
if (!pythonIsHere) console.warn('python3 3.11 is not installed: the comparisons with CPython are skipped');

const megabyte = 1 << 20;

/** Runs a script of this folder on JSON lines, and reads the JSON lines that it answers. */
export function oracle<T>(script: string, requests: readonly unknown[]): T[] {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const result = spawnSync('python3', [path], { input, encoding: 'utf8', maxBuffer: 1024 * megabyte });
  if (result.status !== 0) throw new Error(`${script}: ${result.stderr}`);
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

export const syntaxOf = (texts: readonly string[]): SyntaxAnswer[] =>
  oracle<SyntaxAnswer>(
    './dump-ast.py',
    texts.map((text) => ({ text })),
  );
