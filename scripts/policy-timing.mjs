/**
 * `node scripts/policy-timing.mjs BENCH_FOLDER [EVERY]` asks the same new-access questions of the policy engine and of the
 * installed z3 and cvc5 (theory of strings, 10 s each), every EVERY-th question, and prints answers and times. Exit 1 if
 * a solver's answer differs from ours. BENCH_FOLDER holds iam/manifest.json and aws-managed-policies/.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'tertium-timing-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const [bench, every = '10'] = process.argv.slice(2);
const outfile = join(folder, 'timing.mjs');
await build({
  entryPoints: ['src/cli/policy/timing.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile,
  external: ['yaml', 'z3-solver'],
  logLevel: 'error',
});
const { managedQuestions, manifestQuestions } = await import(pathToFileURL(outfile).href);

const solvers = [
  ['z3', ['-in', '-T:10']],
  ['cvc5', ['--lang=smt2', '--strings-exp', '--tlimit=10000', '-']],
].filter(([command]) => spawnSync(command, ['--version']).status === 0);

const managed = readdirSync(join(bench, 'aws-managed-policies')).flatMap((name) => {
  const text = readFileSync(join(bench, 'aws-managed-policies', name), 'utf8');
  return text.trim() === '' ? [] : [[name, JSON.parse(text).PolicyVersion?.Document]];
});
const { cases } = JSON.parse(readFileSync(join(bench, 'iam/manifest.json'), 'utf8'));
const times = { ours: [], ...Object.fromEntries(solvers.map(([s]) => [s, []])) };
const open = Object.fromEntries(solvers.map(([s]) => [s, 0]));
let differences = 0;
let asked = 0;
for (const questions of [manifestQuestions(cases, Number(every)), managedQuestions(managed, 8 * Number(every))]) {
  for (const q of questions) {
    asked++;
    times.ours.push(q.oursMs);
    for (const [command, args] of solvers) {
      const began = performance.now();
      const run = spawnSync(command, args, { input: q.smtlib, encoding: 'utf8', timeout: 12_000 });
      times[command].push(performance.now() - began);
      const said = /^(sat|unsat)$/m.exec(run.stdout ?? '')?.[1];
      if (said === undefined) open[command]++;
      else if (q.ours !== 'unknown' && said !== q.ours) {
        differences++;
        process.stdout.write(`${q.name}: ours ${q.ours}, ${command} ${said}\n`);
      }
    }
  }
}
const at = (list, share) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]?.toFixed(2);
process.stdout.write(`${asked} questions, ${differences} differences\n`);
for (const [name, list] of Object.entries(times)) {
  process.stdout.write(
    `${name}: p50 ${at(list, 0.5)} ms, p95 ${at(list, 0.95)} ms, max ${at(list, 1)} ms${name in open ? `, ${open[name]} without answer in 10 s` : ''}\n`,
  );
}
process.exitCode = differences > 0 ? 1 : 0;
