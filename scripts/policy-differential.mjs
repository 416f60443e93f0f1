/**
 * `node scripts/policy-differential.mjs [PAIRS] [SEED]` compares the policy evaluator with an independent one,
 * @cloud-copilot/iam-simulate, on random policies and requests drawn at the boundaries of their atoms. That package is
 * under AGPL-3.0-or-later, so it is no dependency: it is installed into a temporary folder and asked in a process of its
 * own, in lines of JSON. Left out are its known divergences (docs/guide/policies.md). Exit 1 if one pair disagrees.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const oracle = '@cloud-copilot/iam-simulate@0.1.173';
const pairs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const say = (text) => process.stderr.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'tertium-differential-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', oracle], {
  cwd: folder,
  encoding: 'utf8',
});
if (installed.status !== 0) {
  say(`could not install ${oracle}:\n${installed.stderr}`);
  process.exit(2);
}
writeFileSync(
  join(folder, 'oracle.mjs'),
  `import { createInterface } from 'node:readline';
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
for await (const line of createInterface({ input: process.stdin })) {
  const { mode, sims } = JSON.parse(line);
  const out = [];
  for (const sim of sims) {
    try {
      if (mode === 'identity') out.push(runUnsafeSimulation(sim, {}));
      else {
        const r = await runSimulation(sim, {});
        out.push(r.overallResult ?? r.analysis?.result ?? 'error: ' + JSON.stringify(r.errors ?? r).slice(0, 200));
      }
    } catch (error) {
      out.push('error: ' + error.message);
    }
  }
  process.stdout.write(JSON.stringify(out) + '\\n');
}
`,
);
await build({
  entryPoints: ['src/cli/policy/differential.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile: join(folder, 'ours.mjs'),
  external: ['yaml', 'z3-solver'],
  logLevel: 'error',
});
const { differentialPairs } = await import(pathToFileURL(join(folder, 'ours.mjs')).href);

const child = spawn(process.execPath, ['oracle.mjs'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
let compared = 0;
let allowed = 0;
let skipped = 0;
const disagreements = [];
const began = Date.now();
for (const batch of differentialPairs(seed)) {
  child.stdin.write(`${JSON.stringify({ mode: batch.mode, sims: batch.pairs.map((p) => p.sim) })}\n`);
  const theirs = JSON.parse((await answers.next()).value);
  batch.pairs.forEach((pair, i) => {
    if (theirs[i].startsWith('error')) {
      skipped++;
      if (skipped <= 3) say(theirs[i]);
      return;
    }
    compared++;
    const theirAnswer = theirs[i] === 'Allowed';
    if (theirAnswer) allowed++;
    if (theirAnswer !== pair.ours) disagreements.push({ theirs: theirs[i], ours: pair.ours, sim: pair.sim });
  });
  if (compared >= pairs) break;
}
child.stdin.end();
const seconds = (Date.now() - began) / 1000;
process.stdout.write(
  `${compared} pairs, ${allowed} allowed, ${skipped} not answered by the oracle, ${disagreements.length} disagreements, ${seconds.toFixed(1)} s\n`,
);
for (const d of disagreements.slice(0, 5)) process.stdout.write(`${JSON.stringify(d)}\n`);
process.exitCode = disagreements.length > 0 ? 1 : 0;
