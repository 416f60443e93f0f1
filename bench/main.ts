import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareWithBest, readBest, writeBest } from './best.ts';
import { caseRequest } from './case-request.ts';
import { disputed, readDisputes } from './disputed.ts';
import { Lane } from './pool.ts';
import { readSuites, type Suite, type SuiteCase, sample } from './suite.ts';
import { type CaseOutcome, drawTable, outcomeOf, quantile, type Summary, summarise, time } from './summary.ts';

/**
 * `npm run bench -- FOLDER [--limit-s N] [--jobs N] [--sample N] [--json OUT]`: runs every case of a suite folder (or of the
 * suites in a folder) in child processes with hard limits, and compares with the expected answers. Exit status 1 on any
 * wrong answer or crash, 2 on a mistake in the arguments.
 */
const usage = `npm run bench -- FOLDER [options]
  --limit-s N    time limit for each case in seconds (default 10)
  --memory-mb N  memory limit for each case (default 1500)
  --jobs N       cases at the same time (default 1)
  --sample N     a fixed, evenly spread sample of N cases of each suite (does not change bench/best.json)
  --filter TEXT  only cases whose name holds TEXT (not compared with bench/best.json)
  --json OUT     write summary and cases to OUT
  --engine NAME  with this engine alone (does not change bench/best.json)
  --no-hints     leave out the hints in the sources (does not change bench/best.json)
  --no-save      leave bench/best.json as it is
  --verbose      one line for each case
`;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

interface Settings {
  readonly folder: string;
  readonly limitMs: number;
  readonly memoryMegabytes: number;
  readonly jobs: number;
  readonly sample: number;
  readonly filter: string | undefined;
  readonly engine: string | undefined;
  readonly withoutHints: boolean;
  readonly json: string | undefined;
  readonly save: boolean;
  readonly verbose: boolean;
}

function readSettings(argv: readonly string[]): Settings | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        'limit-s': { type: 'string', default: '10' },
        'memory-mb': { type: 'string', default: '1500' },
        jobs: { type: 'string', default: '1' },
        sample: { type: 'string' },
        filter: { type: 'string' },
        engine: { type: 'string' },
        'no-hints': { type: 'boolean', default: false },
        json: { type: 'string' },
        'no-save': { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
      },
    });
    const number = (name: string, text: string): number => {
      const value = Number(text);
      if (!(value > 0)) throw new Error(`--${name} ${text}: give a number above 0`);
      return value;
    };
    if (positionals.length !== 1) throw new Error('give one folder');
    return {
      folder: resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0]!),
      limitMs: number('limit-s', values['limit-s']) * 1000,
      memoryMegabytes: number('memory-mb', values['memory-mb']),
      jobs: Math.floor(number('jobs', values.jobs)),
      sample: values.sample === undefined ? Number.POSITIVE_INFINITY : Math.floor(number('sample', values.sample)),
      filter: values.filter,
      engine: values.engine,
      withoutHints: values['no-hints'],
      json: values.json,
      save: !values['no-save'],
      verbose: values.verbose,
    };
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function runSuite(suite: Suite, cases: readonly SuiteCase[], settings: Settings): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = new Array(cases.length);
  let next = 0;
  const disputes = readDisputes(join(root, 'bench'));
  const lane = async (): Promise<void> => {
    const { limitMs, memoryMegabytes } = settings;
    const worker = new Lane({ workerPath: join(here, 'bench-worker.js'), limitMs, memoryMegabytes });
    for (let i = next++; i < cases.length; i = next++) {
      const item = cases[i]!;
      const request = caseRequest(suite, item);
      const result = await worker.run({
        id: i,
        path: item.file === undefined ? '' : join(suite.folder, item.file),
        request,
        entry: item.entry,
        ...(settings.engine === undefined ? {} : { engine: settings.engine }),
        ...(settings.withoutHints ? { withoutHints: true } : {}),
        timeoutMs: Math.max(limitMs * 0.8, limitMs - 2000),
      });
      const found = outcomeOf(item, result);
      // Without its hints a program may well be right where the expected no was about a hint.
      const aboutHints = settings.withoutHints && request.kind === 'file' && request.loopContracts;
      const judged: CaseOutcome =
        aboutHints && found.answer === 'yes' && found.outcome === 'wrong' ? { ...found, outcome: 'open' } : found;
      const dispute = disputed(disputes, suite.name, judged);
      const outcome: CaseOutcome = dispute ? { ...judged, outcome: 'open' } : judged;
      outcomes[i] = outcome;
      if (dispute) say(`  disputed ${item.name}: ${judged.answer}, expected ${item.expected}; see ${dispute.proof}`);
      if (settings.verbose || outcome.outcome === 'wrong' || outcome.outcome === 'crashed') {
        const why = outcome.reason ? ` (${outcome.reason.kind}: ${outcome.reason.text})` : '';
        say(`  ${outcome.outcome.padEnd(8)} ${item.name}: ${outcome.answer}, ${time(outcome.ms)}${why}`);
      }
    }
    worker.close();
  };
  await Promise.all(Array.from({ length: settings.jobs }, lane));
  return outcomes;
}

function report(suite: Suite, summary: Summary, outcomes: readonly CaseOutcome[]): void {
  say(drawTable([{ name: suite.name, summary }]));
  if (summary.dontKnow > 0) {
    say("don't know, by reason:");
    for (const [kind, n] of Object.entries(summary.reasons).sort((a, b) => b[1] - a[1])) {
      say(`  ${String(n).padStart(5)}  ${kind}${mostFrequent(outcomes, kind)}`);
    }
  }
  const rungs = Object.entries(summary.rungs).map(([rung, n]) => `rung ${rung}: ${n}`);
  if (rungs.length > 0) say(`right answers by trust: ${rungs.join(', ')}`);
  const engines = new Map<string, number>();
  for (const o of outcomes) if (o.outcome === 'right' && o.by) engines.set(o.by, (engines.get(o.by) ?? 0) + 1);
  const first = [...engines].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n}`);
  if (first.length > 0) say(`right answers by the engine that came first: ${first.join(', ')}`);
  const internal = outcomes.filter((o) => o.internalErrors);
  for (const o of internal.slice(0, 10)) say(`internal error in ${o.case}: ${o.internalErrors![0]}`);
  const cold = outcomes.filter((o) => o.cold).map((o) => o.ms);
  if (cold.length > 0)
    say(
      `first case of a fresh process: ${time(
        quantile(
          cold.sort((a, b) => a - b),
          0.5,
        ),
      )} (median)`,
    );
}

/** The sentence that most cases of a kind share, with numbers and quoted names taken out. */
function mostFrequent(outcomes: readonly CaseOutcome[], kind: string): string {
  const counts = new Map<string, number>();
  for (const o of outcomes) {
    if (o.outcome !== 'dontKnow' || o.reason?.kind !== kind) continue;
    const text = o.reason.text
      .replace(/\(line \d+\)/, '')
      .replace(/[`"'][^`"']*[`"']/g, '..')
      .replace(/\d+/g, 'N')
      .trim();
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return top.length === 0 ? '' : `   ${top.map(([t, n]) => `${n}x ${t.slice(0, 90)}`).join(' | ')}`;
}

/** Wall time of the command line itself, from nothing, on some of the cases that were answered. */
function measureCold(suite: Suite, cases: readonly SuiteCase[], outcomes: readonly CaseOutcome[]): number | undefined {
  const answered = cases.filter((c, i) => c.file !== undefined && outcomes[i]?.outcome === 'right');
  const cli = join(here, 'cli.cjs');
  if (answered.length === 0 || !existsSync(cli)) return undefined;
  const times = sample(answered, 5).map((item) => {
    const request = caseRequest(suite, item);
    if (request.kind !== 'file') return 0;
    const began = performance.now();
    const command = request.question === 'terminates' ? 'terminates' : 'check';
    const target = join(suite.folder, item.file!) + (request.functionName ? `:${request.functionName}` : '');
    const checks = request.question === 'check' ? ['--checks', request.checks.join(',')] : [];
    const integers = ['--int', request.integers];
    spawnSync(process.execPath, [cli, command, target, ...integers, ...checks], { timeout: 60_000 });
    return performance.now() - began;
  });
  return quantile(
    times.filter((t) => t > 0).sort((a, b) => a - b),
    0.5,
  );
}

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (typeof settings === 'string') {
    process.stderr.write(settings);
    return 2;
  }
  let suites: Suite[];
  try {
    suites = readSuites(settings.folder);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  const bestPath = join(root, 'bench', 'best.json');
  const best = readBest(bestPath);
  const rows: { name: string; summary: Summary }[] = [];
  const all: (CaseOutcome & { suite: string })[] = [];
  for (const suite of suites) {
    const matching = suite.cases.filter((c) => settings.filter === undefined || c.name.includes(settings.filter));
    const cases = sample(matching, settings.sample);
    if (cases.length === 0) continue;
    say(`\n${suite.name}: ${cases.length} of ${suite.cases.length} cases, ${settings.limitMs / 1000} s each`);
    const outcomes = await runSuite(suite, cases, settings);
    const summary = summarise(outcomes);
    report(suite, summary, outcomes);
    const cold = measureCold(suite, cases, outcomes);
    if (cold !== undefined) say(`the command line from nothing: ${time(cold)} (median of 5 answered cases)`);
    if (settings.filter === undefined && settings.engine === undefined && !settings.withoutHints) {
      const { better, worse } = compareWithBest(best, suite.name, outcomes);
      say(`against bench/best.json: ${better.length} better, ${worse.length} worse`);
      for (const line of worse.slice(0, 20)) say(`  worse   ${line}`);
    }
    rows.push({ name: suite.name, summary });
    all.push(...outcomes.map((o) => ({ suite: suite.name, ...o })));
  }
  const summary = summarise(all);
  if (rows.length > 1) say(`\n${drawTable([...rows, { name: 'all', summary }])}`);
  // A sample is for a quick look; only whole suites change what is known.
  const whole = settings.filter === undefined && settings.sample === Number.POSITIVE_INFINITY;
  if (settings.save && whole && !settings.withoutHints) writeBest(bestPath, best);
  if (settings.json !== undefined) {
    const out = resolve(process.env.INIT_CWD ?? process.cwd(), settings.json);
    const suitesJson = Object.fromEntries(rows.map((r) => [r.name, r.summary]));
    writeFileSync(out, `${JSON.stringify({ summary, suites: suitesJson, cases: all }, undefined, 1)}\n`);
  }
  return summary.wrong > 0 || summary.crashed > 0 ? 1 : 0;
}

process.exit(await main());
