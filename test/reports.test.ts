import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderJson } from '../src/reports/json.ts';
import { NotAVerdict, type ReportedAnswer } from '../src/reports/report.ts';
import { renderSarif } from '../src/reports/sarif.ts';
import { renderAnswer } from '../src/reports/terminal.ts';
import { reads, temporaryFolder, tertium } from './command-line.ts';
import { root } from './imports.ts';
import { violations } from './json-schema.ts';

const schema = JSON.parse(readFileSync(join(root, 'docs', 'schema', 'answer.schema.json'), 'utf8')) as Record<
  string,
  unknown
>;
const folder = temporaryFolder();
const ask = (...argv: string[]) => tertium(argv, { workingFolder: folder.path });

folder.write('g.c', 'void g(int x, int y) {\n  if (y > 0)\n    while (x > y)\n      x = x - y;\n}\n');
folder.write('g2.c', 'void g2(int x, int y) {\n  while (x > y)\n    x = x - y;\n}\n');
folder.write(
  'print.c',
  '#include <stdio.h>\nint main(void) {\n  for (int i = 0; i < 9; i++) printf("at %d\\n", i);\n  return 3;\n}\n',
);
folder.write('asm.c', 'int f(int x) {\n  __asm__("nop");\n  return x;\n}\n');
folder.write('bad.c', 'int f(int x) { return x +; }\n');

describe.runIf(reads('c'))('JSON', () => {
  test.each([
    ['a proof', ['g.c']],
    ['a repeated state', ['terminates', 'g2.c']],
    ['a failing run', ['check', 'g2.c']],
    ['a witness', ['ever', 'print.c', '--prints', 'at 7']],
    ['a returned value', ['ever', 'print.c', '--returns', '3']],
    ['several questions', ['g2.c']],
    ['mathematical integers', ['g2.c', '--int', 'math']],
    ['what is not modelled', ['asm.c']],
    ['a syntax error', ['bad.c']],
    ['out of time', ['g.c', '--timeout', '1ms']],
  ])('fits the published schema: %s', async (_name, argv) => {
    const said = await ask(...argv, '--json');
    const json: unknown = JSON.parse(said.stdout);
    expect(violations(schema, json)).toEqual([]);
    expect(json).toMatchObject({ status: said.status });
  });

  test('the same input gives the same bytes', async () => {
    // A question that rewriting alone settles: elsewhere the clock decides which engine comes first.
    const question = ['always', 'f.c', '--never-returns', 'false', '--json'];
    const [first, second] = [await ask(...question), await ask(...question)];
    expect(first.stdout).toBe(second.stdout);
  });

  test('the schema itself refuses what does not fit', () => {
    expect(violations(schema, {})).not.toEqual([]);
    expect(violations(schema, { format: 1, status: 0, sources: [], diagnostics: [], answers: [{}] })).not.toEqual([]);
    expect(violations(schema, { format: 1, status: 7, sources: [], diagnostics: [], answers: [] })).not.toEqual([]);
  });
});

describe.runIf(reads('c'))('SARIF', () => {
  interface Sarif {
    readonly version: string;
    readonly runs: readonly [
      {
        readonly results: readonly {
          readonly level: string;
          readonly message: { readonly text: string };
          readonly locations: readonly [
            { readonly physicalLocation: { readonly region?: { readonly startLine: number } } },
          ];
        }[];
      },
    ];
  }
  const results = async (...argv: string[]) =>
    (JSON.parse((await ask(...argv, '--sarif')).stdout) as Sarif).runs[0].results;

  test('a no is an error at its line, with the run', async () => {
    const [result, ...more] = await results('check', 'g2.c');
    expect(more).toEqual([]);
    expect(result).toMatchObject({
      level: 'error',
      message: { text: expect.stringContaining('overflows') },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'g2.c' }, region: { startLine: 3 } } }],
      codeFlows: [{ threadFlows: [{ locations: expect.any(Array) }] }],
    });
  });
  test('a yes is no result', async () => expect(await results('terminates', 'g.c')).toEqual([]));
  test("a don't know is a note", async () =>
    expect(await results('terminates', 'g.c', '--timeout', '1ms')).toMatchObject([{ level: 'note' }]));
});

describe.runIf(reads('c'))('the terminal', () => {
  test('no colour without a terminal, with NO_COLOR, and with --no-color; otherwise colour', async () => {
    const colourCode = '\u001b[';
    const said = (argv: string[], terminal: boolean, environment: Record<string, string> = {}) =>
      tertium(['terminates', 'g.c', ...argv], { workingFolder: folder.path, terminal, environment });
    expect((await said([], false)).stdout).not.toContain(colourCode);
    expect((await said([], true)).stdout).toContain(colourCode);
    expect((await said([], true, { NO_COLOR: '1' })).stdout).not.toContain(colourCode);
    expect((await said(['--no-color'], true)).stdout).not.toContain(colourCode);
    expect((await said(['--color'], false)).stdout).toContain(colourCode);
  });

  test('--quiet is one line for each question; --explain says more than the usual', async () => {
    const quiet = await ask('g.c', '--quiet');
    expect(
      quiet.stdout
        .trim()
        .split('\n')
        .every((line) => /\? (Yes|No|Don't know)\./.test(line)),
    ).toBe(true);
    const usual = await ask('terminates', 'g.c');
    const all = await ask('terminates', 'g.c', '--explain');
    expect(all.stdout.length).toBeGreaterThan(usual.stdout.length);
    expect(all.stdout).toMatch(/proofs/);
  });

  test('a run is a table with one row a turn', async () => {
    const said = await ask('ever', 'print.c', '--prints', 'at ');
    expect(said.stdout).toMatch(/it prints "at %d" at line 3/);
    const later = await ask('ever', 'print.c', '--returns', '3', '--explain');
    expect(later.stdout).toMatch(/turn 1\s.*1/);
    expect(later.stdout).toMatch(/\.\.\. \d+ more rows/);
    expect(later.stdout).toMatch(/printed on the way:\n\s+at 0/);
  });
});

test('no report shows an answer that no check has made', () => {
  const forged = {
    verdict: {
      answer: 'yes',
      question: { kind: 'terminates', text: 'Is it so?' },
      assumptions: [],
      subject: { path: 'x', language: 'c' },
    },
    supporting: [],
    remarks: [],
    task: {},
  } as unknown as ReportedAnswer;
  const report = { answers: [forged], warnings: [], sources: [] };
  expect(() => renderAnswer(forged, [], { detail: 'short', colour: false, columns: 80 })).toThrow(NotAVerdict);
  expect(() => renderJson(report, 0)).toThrow(NotAVerdict);
  expect(() => renderSarif(report)).toThrow(NotAVerdict);
});
