/**
 * `node scripts/c-differential.mjs [PROGRAMS] [FIRST SEED] [--engines [LIMIT_S]]` compares our interpreter with the C compiler and its sanitizers
 * (cc -fsanitize=address,undefined) on random programs with memory: what they print, what they return, whether and how they go wrong.
 * With --engines the programs go through the engines, and what they answer is held against native runs.
 * Exit 1 if one run differs or one answer is contradicted.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const at = process.argv.indexOf('--engines');
const numbers = process.argv.slice(2, at < 0 ? undefined : at);
const programs = Number(numbers[0] ?? (at < 0 ? 5000 : 200));
const first = Number(numbers[1] ?? 1);
const batch = 50;
const say = (text) => process.stderr.write(`${text}\n`);
if (spawnSync('cc', ['--version'], { stdio: 'ignore' }).status !== 0) {
  say('a C compiler (cc) is needed');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'tertium-differential-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await build({
  entryPoints: [at < 0 ? 'src/frontends/c/testing/memory-differential.ts' : 'src/cli/testing/engine-differential.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile: join(folder, 'ours.mjs'),
  external: ['yaml', 'z3-solver'],
  logLevel: 'error',
});
const ours = await import(pathToFileURL(join(folder, 'ours.mjs')).href);
if (at >= 0) {
  const tally = ours.newEngineTally();
  for (let seed = first; seed < first + programs; seed++) {
    const before = tally.contradictions.length;
    await ours.askSeed(seed, 1000 * Number(process.argv[at + 1] ?? 10), 8, tally);
    for (const { what } of tally.contradictions.slice(before)) process.stdout.write(`seed ${seed}: ${what}\n`);
    say(`${seed - first + 1} programs: ${tally.yes} yes, ${tally.no} no, ${tally.dontKnow} don't know`);
  }
  process.stdout.write(
    `${programs} programs: ${tally.yes} yes, ${tally.no} no, ${tally.dontKnow} don't know; ${tally.contradictions.length} answers contradicted\n`,
  );
  process.exit(tally.contradictions.length > 0 ? 1 : 0);
}
const { compareSeeds, newTally } = ours;

const tally = newTally();
const began = Date.now();
let told = 0;
for (let seed = first; seed < first + programs; seed += batch) {
  compareSeeds(
    Array.from({ length: Math.min(batch, first + programs - seed) }, (_, i) => seed + i),
    3,
    tally,
  );
  for (; told < tally.differences.length; told++) {
    const { seed: of, args, what } = tally.differences[told];
    process.stdout.write(`seed ${of} (${args}): ${what}\n`);
  }
  say(
    `${seed - first + batch} programs, ${tally.compared} runs agree, ${tally.differences.length} differ, ${((Date.now() - began) / 1000).toFixed(0)} s`,
  );
}
const refused = [...tally.refused.values()].reduce((sum, seeds) => sum + seeds.length, 0);
process.stdout.write(
  `${programs} programs: ${tally.compared} runs agree, ${tally.undefinedRuns} of them undefined behaviour; ${tally.differences.length} differ
not compared: ${refused} programs are not supported, in ${tally.open} the order of calls is open, ${tally.outOfSteps} runs are too long, ${tally.unseen.length} runs are undefined unseen by the sanitizers; in ${tally.addressesOnly} of those that agree, an address outside of an array is computed and not used
`,
);
for (const [what, seeds] of tally.refused)
  process.stdout.write(`  ${seeds.length} ${what}: ${seeds.slice(0, 5).join(', ')}\n`);
for (const { seed, failure } of tally.unseen.slice(0, 20)) process.stdout.write(`  unseen: seed ${seed}: ${failure}\n`);
process.exitCode = tally.differences.length > 0 ? 1 : 0;
