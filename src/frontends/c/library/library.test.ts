import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { libraryModel, libraryPrelude, modelledNames, modelsFor } from './index.ts';
import { compared, driver, open, replayed } from './testing/comparison.ts';

/** The models, compiled under other names, against the C library of this machine: `TERTIUM_LIBRARY_ROUNDS=N` for more of it. */
const rounds = Number(process.env.TERTIUM_LIBRARY_ROUNDS ?? 3000);
const hasCompiler = spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasCompiler && process.env.CI) throw new Error('the tests need a C compiler (cc)');
if (!hasCompiler) console.warn('notice: no C compiler (cc); the models are not compared with a real library');

const variables = new Set(['stdin', 'stdout', 'stderr']);

function modelText(): string {
  const names = modelsFor(modelledNames().filter((name) => !variables.has(name)));
  const renamed = names.filter((name) => !name.startsWith('__')).map((name) => `#define ${name} model_${name}`);
  return `#include <stdlib.h>
#include <inttypes.h>
int __VERIFIER_nondet_int(void);
unsigned __VERIFIER_nondet_uint(void);
long __VERIFIER_nondet_long(void);
unsigned long __VERIFIER_nondet_ulong(void);
char __VERIFIER_nondet_char(void);
unsigned char __VERIFIER_nondet_uchar(void);
double __VERIFIER_nondet_double(void);
void __VERIFIER_assume(int);
div_t model_div(int, int);
ldiv_t model_ldiv(long, long);
lldiv_t model_lldiv(long long, long long);
imaxdiv_t model_imaxdiv(intmax_t, intmax_t);
${renamed.join('\n')}
${libraryPrelude}
${names
  .filter((name) => name !== '__errno_location')
  .map((name) => libraryModel(name)!.text)
  .join('\n')}
`;
}

describe('the models of library functions', () => {
  it('are all compared, or say nothing that could be', () => {
    const seen = [...Object.keys(compared), ...Object.keys(replayed), ...open];
    expect([...seen].sort()).toEqual(modelledNames());
    for (const name of open) expect(compared[name] ?? replayed[name]).toBeUndefined();
  });

  it('bring what they use, before them', () => {
    expect(modelsFor(['strtok', 'no such function'])).toEqual([
      '__tertium_token_rest',
      '__tertium_among',
      '__tertium_token',
      'strtok',
    ]);
  });

  it.skipIf(!hasCompiler)('do what the real functions do', { timeout: 300_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tertium-library-'));
    try {
      const [models, main, binary] = ['models.c', 'driver.c', 'driver'].map((name) => join(folder, name));
      writeFileSync(models!, modelText());
      writeFileSync(main!, driver(rounds, 1));
      const flags = ['-w', '-O1', '-std=gnu11', '-fno-builtin', '-fwrapv'];
      const built = spawnSync('cc', [...flags, '-o', binary!, models!, main!], { encoding: 'utf8' });
      expect(built.stderr).toBe('');
      const run = spawnSync(binary!, [], { encoding: 'latin1', timeout: 200_000 });
      expect(`${run.stdout}${run.stderr}${run.signal ?? ''}`).toBe('same\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
