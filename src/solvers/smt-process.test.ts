import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { TermFactory } from '../terms/factory.ts';
import { between } from '../terms/interval.ts';
import { intSort } from '../terms/sort.ts';
import { installedSolvers, SmtProcess } from './smt-process.ts';
import { solverContract } from './solver.contract.ts';

const installed = await installedSolvers();
if (installed.length === 0) console.log('notice: none of z3, cvc5, bitwuzla is installed; their tests are skipped');

for (const command of installed) {
  const source = new SmtProcess(command);
  afterAll(() => source.close());
  solverContract(`${command.name} (process)`, (options) => source.open(options));
}

describe('a solver as a process', () => {
  const t = new TermFactory();
  const x = t.symbol('x', intSort);
  const ask = async (command: string, timeoutMs = 20_000) => {
    const source = new SmtProcess({ name: 'z3', command });
    const solver = source.open({ ranges: new Map([[x, between(0n, 9n)]]) });
    const answer = await solver.solve([t.greater(x, t.int(3))], new Budget({ timeoutMs }));
    await source.close();
    return answer.kind === 'unknown' ? `${answer.reason.kind}: ${answer.reason.text}` : answer.kind;
  };

  it('that is not there gives no answer', async () => {
    expect(await ask('/nowhere/z3')).toMatch(/^failed: z3: .*ENOENT/);
  });

  it('that ends at once gives no answer', async () => {
    expect(await ask('true')).toBe('failed: z3: it ended (0)');
  });

  it('that never answers is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tertium-'));
    try {
      const command = join(folder, 'silent');
      await writeFile(command, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
      expect(await ask(command, 300)).toBe('budget: z3 ran out of time');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
