import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reads, type Said, tertium } from './command-line.ts';
import { root } from './imports.ts';

/** The founding programs, each asked at the command line as a user would. */
const essay = (name: string): string => join(root, 'examples', 'essay', name);
const ask = (...argv: string[]): Promise<Said> => tertium(argv, { workingFolder: root });
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

interface JsonAnswer {
  readonly answer: string;
  readonly trust?: { readonly rung: number; readonly tools: readonly string[] };
  readonly evidence?: {
    readonly kind: string;
    readonly eventually?: readonly string[];
    readonly always?: readonly string[];
    readonly run?: { readonly inputs: readonly { readonly name: string; readonly value: string }[] };
  };
  readonly reasons?: readonly { readonly kind: string; readonly text: string }[];
  readonly known?: readonly { readonly text: string }[];
  readonly supporting: readonly { readonly answer: string; readonly question: { readonly text: string } }[];
}

const answersOf = (said: Said): readonly JsonAnswer[] => (JSON.parse(said.stdout) as { answers: JsonAnswer[] }).answers;
const first = async (...argv: string[]): Promise<JsonAnswer> => answersOf(await ask(...argv, '--json'))[0]!;

describe.runIf(reads('c'))('f: could it ever return false?', () => {
  test('no, and no solver is involved', async () => {
    const said = await ask('ask', 'Could f ever return false?', essay('f.c'));
    expect(said.stdout).toMatch(/^Could f ever return false\? No\./);
    expect(said.stdout).toMatch(/no solver/);
    expect(said.status).toBe(1);
  });
  test('the trust is checked, on rung 2 or better', async () => {
    const answer = await first('ever', essay('f.c:f'), '--returns', 'false');
    expect(answer).toMatchObject({ answer: 'no', trust: { tools: [] } });
    expect(answer.trust!.rung).toBeLessThanOrEqual(2);
  });
});

describe.runIf(reads('c'))('the exhaustive test as a program', () => {
  test('it never prints Error!', async () => {
    const said = await ask('ask', 'can it ever print "Error!"?', essay('exhaustive-test.c'));
    expect(said.stdout).toMatch(/^can it ever print "Error!"\? No\./);
    expect(said.status).toBe(1);
    expect((await ask('always', essay('exhaustive-test.c'), '--never-prints', 'Error!')).status).toBe(0);
  });
  test('it ends', async () => {
    const said = await ask('ask', 'does it end?', essay('exhaustive-test.c'));
    expect(said.stdout).toMatch(/^does it end\? Yes\./);
    expect(said.status).toBe(0);
  });
});

describe.each([
  ['c', 'g.c'],
  ['python', 'g.py'],
])('g in %s', (language, file) => {
  test.runIf(reads(language))('always returns, with the three steps and the trust', async () => {
    const said = await ask('ask', 'Does g always eventually return control to its caller?', essay(file));
    expect(said.stdout).toMatch(/^Does g always eventually return control to its caller\? Yes\./);
    expect(said.stdout).toMatch(/1 where control can go\s+the loop at line \d+ goes round while x > y/);
    expect(said.stdout).toMatch(/2 what is eventually true\s+\S.*falls/);
    expect(said.stdout).toMatch(/3 what is always true\s+\S.*y/);
    expect(said.status).toBe(0);
    const answer = await first('terminates', essay(`${file}:g`));
    expect(answer.trust!.rung).toBeLessThanOrEqual(2);
    expect(answer.trust!.tools).toEqual([]);
  });
});

describe.runIf(reads('c'))('g in C', () => {
  test('the side condition: x - y does not overflow', async () => {
    const answer = await first('terminates', essay('g.c'));
    expect(answer.supporting).toMatchObject([
      { answer: 'yes', question: { text: expect.stringContaining('overflow') } },
    ]);
  });
  test('nothing goes wrong in it', async () => expect((await ask('check', essay('g.c'))).status).toBe(0));
});

describe.runIf(reads('c'))('g2: not always', () => {
  test('no, by a small state that comes again, replayed', async () => {
    const answer = await first('terminates', essay('g2.c'));
    expect(answer).toMatchObject({ answer: 'no', trust: { rung: 1 } });
    const values = answer.evidence!.run!.inputs.map((i) => BigInt(i.value));
    expect(values.every((v) => v >= -5n && v <= 5n)).toBe(true);
    expect((await ask('terminates', essay('g2.c'))).stdout).toMatch(
      /g2 with x = \d, y = 0: the same state comes again/,
    );
  });
  test.runIf(has('cc'))('and the real program does not end either', async () => {
    const said = await ask('terminates', essay('g2.c'), '--run');
    expect(said.stdout).toMatch(/run for real\s+cc: it was still running/);
  });
});

describe.runIf(reads('c'))('h: no tool can know', () => {
  test("don't know, with the diagonal argument", async () => {
    const said = await ask('terminates', essay('h.c'));
    expect(said.stdout).toMatch(/Don't know\./);
    expect(said.stdout).toMatch(/yes[\s\S]*no/);
    expect(said.stderr).toMatch(/warning.*parentheses/);
    expect(said.status).toBe(3);
    const answer = await first('terminates', essay('h.c'));
    expect(answer.reasons!.map((r) => r.kind)).toContain('paradox');
  });
});

describe('Collatz', () => {
  test.runIf(reads('c'))('over unsigned char: settled', async () => {
    const answer = await first('terminates', essay('collatz-char.c'));
    expect(answer.answer).toBe('yes');
  });
  test.runIf(reads('python'))("over the integers: don't know, and how far testing confirms it", async () => {
    const answer = await first('terminates', essay('collatz.py'));
    expect(answer.answer).toBe('dont-know');
    expect(answer.known!.map((k) => k.text).join(' ')).toMatch(/\d/);
  });
});

test.runIf(reads('c'))('a bare file gets the sensible questions', async () => {
  const said = await ask(essay('g.c'));
  expect(said.stdout.match(/\? Yes\./g)!.length).toBeGreaterThanOrEqual(2);
  expect(said.status).toBe(0);
});
