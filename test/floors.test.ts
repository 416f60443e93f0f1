import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Import, importsOf, reachableFrom, root, sourceFiles } from './imports.ts';

/**
 * The floors of ARCHITECTURE.md: a folder imports only what stands in its row. Neighbours (two front ends, two engines, two
 * reports) never meet, but for the portfolio, which knows the engines.
 */
const floors: Readonly<Record<string, readonly string[]>> = {
  base: [],
  terms: ['base'],
  program: ['base', 'terms'],
  verdict: ['base', 'terms', 'program'],
  frontends: ['base', 'terms', 'program'],
  reports: ['base', 'terms', 'program', 'verdict'],
  replay: ['base', 'terms', 'program', 'verdict', 'reports'],
  solvers: ['base', 'terms', 'verdict'],
  passes: ['base', 'terms', 'program', 'verdict', 'solvers'],
  engines: ['base', 'terms', 'program', 'verdict', 'solvers', 'passes'],
};

/** The engines whose invariants and guesses the others start from; they import none but each other. */
const commonEngines = new Set(['abstract-interpretation', 'invariant-inference']);

/** Files and folders that see everything. */
const tops = ['ask.ts', 'self-reference.ts', 'vacuity.ts', 'index.ts', 'cli'];
/** The second reading: with no engine and no solver. */
const recheckFloor = ['base', 'terms', 'frontends', 'program', 'verdict', 'reports'];

const isTest = (path: string): boolean =>
  /\.(test|contract|arbitrary|fixture)\.ts$/.test(path) || /\/testing\//.test(path);

const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

const parts = (path: string): string[] => path.replace(/^src\//, '').split('/');

function breach({ from, to }: Import): string | undefined {
  const [floor, room] = parts(from);
  const [target, targetRoom] = parts(to);
  if (!to.startsWith('src/')) return to === 'package.json' && floor === 'cli' ? undefined : 'leaves src';
  if (tops.includes(floor!)) return undefined;
  if (floor === 'recheck.ts') return recheckFloor.includes(target!) ? undefined : `recheck may not use ${target}`;
  const allowed = floors[floor!];
  if (!allowed) return `the folder ${floor} has no floor`;
  if (target !== floor) return allowed.includes(target!) ? undefined : `${floor} may not use ${target}`;
  // Within a floor that has rooms: a file at its top (engine.ts) is common ground.
  if (floor !== 'frontends' && floor !== 'engines') return undefined;
  const shared = parts(to).length === 2;
  if (shared || room === targetRoom || (floor === 'engines' && room === 'portfolio')) return undefined;
  if (floor === 'engines' && commonEngines.has(targetRoom!)) return undefined;
  return `${floor}/${room} may not use its neighbour ${targetRoom}`;
}

const files = sourceFiles('src').filter((f) => !isTest(f));

describe('floors', () => {
  test('there are sources to look at', () => expect(files.length).toBeGreaterThan(50));

  test('imports go down, and neighbours do not meet', () => {
    const breaches = files.flatMap((f) =>
      importsOf(f).flatMap((i) => {
        const why = breach(i);
        return why ? [`${i.from} imports ${i.to}: ${why}`] : [];
      }),
    );
    expect(breaches).toEqual([]);
  });

  test('the test finds a breach', () => {
    const bad = (from: string, to: string): string | undefined => breach({ from, to, typeOnly: false });
    expect(bad('src/terms/x.ts', 'src/program/y.ts')).toBeDefined();
    expect(bad('src/frontends/c/x.ts', 'src/frontends/python/y.ts')).toBeDefined();
    expect(bad('src/engines/ranking/x.ts', 'src/engines/bounded/y.ts')).toBeDefined();
    expect(bad('src/recheck.ts', 'src/solvers/prover.ts')).toBeDefined();
    expect(bad('src/verdict/check.ts', 'src/engines/engine.ts')).toBeDefined();
    expect(bad('src/engines/ranking/x.ts', 'src/engines/engine.ts')).toBeUndefined();
  });

  test('no file is reached by a cycle of folders', () => {
    const edges = new Map<string, Set<string>>();
    for (const i of files.flatMap(importsOf)) {
      const [a, b] = [parts(i.from)[0]!, parts(i.to)[0]!];
      if (a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      [...(edges.get(from) ?? [])].some((n) => n === to || (!seen.has(n) && reaches(n, to, seen.add(n))));
    expect([...edges.keys()].filter((f) => reaches(f, f))).toEqual([]);
  });
});

describe('rechecking', () => {
  test.each(['src/recheck.ts', 'src/cli/recheck-command.ts'])('%s loads no engine and no solver', (entry) => {
    const loaded = [...reachableFrom(entry)];
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((f) => /^src\/(engines|solvers|passes)\//.test(f))).toEqual([]);
    expect(loaded.filter((f) => f === 'src/ask.ts')).toEqual([]);
  });
});

describe('house rules', () => {
  test('only check.ts seals verdicts', () => {
    const sealers = files.filter((f) => importsOf(f).some((i) => i.to === 'src/verdict/verdict.ts' && !i.typeOnly));
    const using = sealers.filter((f) => /import[^;]*\bseal\b/.test(readText(f)));
    expect(using).toEqual(['src/verdict/check.ts']);
  });

  test('file names are kebab-case nouns, none of them a drawer', () => {
    const names = sourceFiles('src').map((f) => f.split('/').pop()!);
    expect(names.filter((n) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|mjs)$/.test(n))).toEqual([]);
    expect(names.filter((n) => /^(utils?|helpers?|manager|misc|common)\b/.test(n))).toEqual([]);
  });
});
