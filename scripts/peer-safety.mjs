/**
 * `node scripts/peer-safety.mjs FOLDER [CASES] [LIMIT_S]` asks 60 fixed cases of a suite of C safety cases (safety-c) side by side
 * with CBMC: the answers of both, and their median times, in one run. `TERTIUM_CBMC` names the peer's program when it is not `cbmc`.
 * The expected answers are those of the suite's origin, whose options and conventions the peer knows in part only.
 * The peer unwinds loops 2, 4, 8, … times until all turns are covered, within the same time. Exit 1 if an answer of ours is wrong.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const suite = resolve(process.argv[2] ?? '');
const count = Number(process.argv[3] ?? 60);
const limitMs = 1000 * Number(process.argv[4] ?? 20);
const peer = process.env.TERTIUM_CBMC ?? 'cbmc';
const say = (text) => process.stderr.write(`${text}\n`);
const version = spawnSync(peer, ['--version'], { encoding: 'utf8' });
if (version.status !== 0) {
  say(`${peer} is not installed`);
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(join(suite, 'manifest.json'), 'utf8'));
const sorted = [...manifest.cases].sort((a, b) => (a.case < b.case ? -1 : 1));
const step = sorted.length / Math.min(count, sorted.length);
const chosen = Array.from({ length: Math.min(count, sorted.length) }, (_, i) => sorted[Math.floor(i * step)]);

/** The checks that the options ask for, in the peer's words. */
function flags(options) {
  const on = new Set(['--bounds-check', '--pointer-check', '--div-by-zero-check']);
  const words = options.split(/\s+/);
  const more = [];
  for (const word of words) {
    if (word === '--no-bounds-check') on.delete('--bounds-check');
    else if (word === '--no-pointer-check') on.delete('--pointer-check');
    else if (word === '--no-div-by-zero-check') on.delete('--div-by-zero-check');
    else if (word === '--overflow-check') on.add('--signed-overflow-check');
    else if (/^--(?:signed-overflow|unsigned-overflow|memory-leak)-check$/.test(word)) on.add(word);
    else if (word === '--32' || word === '--64') more.push(word);
  }
  const entry = words.indexOf('--function');
  if (entry >= 0) more.push('--function', words[entry + 1]);
  if (words.includes('--no-standard-checks')) on.clear();
  return ['--no-standard-checks', ...on, ...more];
}

const conventions = {
  __ESBMC_assume: '__CPROVER_assume(x)',
  __VERIFIER_assume: '__CPROVER_assume(x)',
  __VERIFIER_assert: '__CPROVER_assert(x, "assertion")',
};

function askPeer(entry) {
  const file = join(suite, entry.file);
  const text = readFileSync(file, 'utf8');
  const defines = Object.entries(conventions)
    .filter(([name]) => text.includes(name) && !new RegExp(`void\\s+${name}\\s*\\(`).test(text))
    .map(([name, body]) => `-D${name}(x)=${body}`);
  if (text.includes('__ESBMC_assert')) defines.push('-D__ESBMC_assert(x, y)=__CPROVER_assert(x, "assertion")');
  const began = Date.now();
  for (let turns = 2; ; turns *= 2) {
    const left = limitMs - (Date.now() - began);
    if (left < 100) return { answer: 'dont-know', ms: Date.now() - began };
    const args = [
      ...flags(entry.peerOptions ?? ''),
      ...defines,
      '--unwind',
      String(turns),
      '--unwinding-assertions',
      file,
    ];
    const run = spawnSync(peer, args, { encoding: 'utf8', timeout: left, killSignal: 'SIGKILL', maxBuffer: 1 << 28 });
    const ms = Date.now() - began;
    if (run.status === 0) return { answer: 'yes', ms };
    if (run.status !== 10) return { answer: 'dont-know', ms };
    const failed = run.stdout.split('\n').filter((line) => / FAILURE$/.test(line) && !/^VERIFICATION/.test(line));
    if (failed.some((line) => !/unwinding assertion|recursion unwinding/.test(line))) return { answer: 'no', ms };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'tertium-peer-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const { file } of chosen) symlinkSync(join(suite, file), join(folder, file));
writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, cases: chosen }));
const out = join(folder, 'ours.json');
const limit = String(limitMs / 1000);
spawnSync('node', ['scripts/bench.mjs', folder, '--limit-s', limit, '--jobs', '1', '--no-save', '--json', out], {
  stdio: 'ignore',
});
const ours = new Map(JSON.parse(readFileSync(out, 'utf8')).cases.map((c) => [c.case, c]));

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const tallies = { ours: { right: 0, wrong: 0, open: 0, times: [] }, peer: { right: 0, wrong: 0, open: 0, times: [] } };
const add = (tally, answer, expected, ms) => {
  if (answer === expected) tally.right++;
  else if (answer === 'yes' || answer === 'no') tally.wrong++;
  else tally.open++;
  tally.times.push(ms);
};
const width = Math.max(...chosen.map((c) => c.case.length));
process.stdout.write(`${'case'.padEnd(width)}  expected  ours                 peer\n`);
for (const entry of chosen) {
  const mine = ours.get(entry.case) ?? { answer: 'dont-know', ms: limitMs };
  const theirs = askPeer(entry);
  add(tallies.ours, mine.answer, entry.expected, mine.ms);
  add(tallies.peer, theirs.answer, entry.expected, theirs.ms);
  const show = ({ answer, ms }) => `${answer.padEnd(9)} ${String(Math.round(ms)).padStart(6)} ms`;
  process.stdout.write(`${entry.case.padEnd(width)}  ${entry.expected.padEnd(8)}  ${show(mine)}   ${show(theirs)}\n`);
}
for (const [name, { right, wrong, open, times }] of Object.entries(tallies)) {
  const who = name === 'ours' ? 'Tertium' : `CBMC ${version.stdout.trim().split(' ')[0]}`;
  process.stdout.write(
    `${who}: ${right} right, ${wrong} ${name === 'ours' ? 'wrong' : 'other than expected'}, ${open} don't know; median ${Math.round(median(times))} ms\n`,
  );
}
process.exitCode = tallies.ours.wrong > 0 ? 1 : 0;
