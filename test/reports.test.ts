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
folder.write(
  'several.c',
  [
    '#include <assert.h>',
    'int f(int x, int n) {',
    '  assert(x != 7);',
    '  if (n > 0) x = 100 / n;',
    '  assert(n != 9);',
    '  return x;',
    '}',
    '',
  ].join('\n'),
);
folder.write('asm.c', 'int f(int x) {\n  __asm__("nop");\n  return x;\n}\n');
folder.write('bad.c', 'int f(int x) { return x +; }\n');

describe.runIf(reads('c'))('JSON', () => {
  test.each([
    ['a proof', ['g.c']],
    ['a repeated state', ['terminates', 'g2.c']],
    ['a failing run', ['check', 'g2.c']],
    ['several properties', ['check', 'several.c']],
    ['properties that are open', ['check', 'several.c', '--timeout', '1ms']],
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
  test('one result for each property, at its line', async () => {
    const lines = (await results('check', 'several.c')) as unknown as {
      readonly ruleId: string;
      readonly kind: string;
      readonly level: string;
      readonly locations: readonly [{ readonly physicalLocation: { readonly region: { readonly startLine: number } } }];
    }[];
    const seen = lines.map((r) => [r.ruleId, r.kind, r.level, r.locations[0].physicalLocation.region.startLine]);
    expect(seen).toEqual([
      ['assertion', 'fail', 'error', 3],
      ['division', 'pass', 'none', 4],
      ['assertion', 'fail', 'error', 5],
    ]);
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

  test('every property is named with its result, and each failing one with its run', async () => {
    const said = (await ask('check', 'several.c', '--explain')).stdout;
    expect(said).toContain('1 of 3 hold (1 division); 2 fail');
    expect(said).toMatch(/with x = 7, n = 0: .* at line 3/);
    expect(said).toMatch(/with x = 0, n = 9: .* at line 5/);
    expect(said).toMatch(/holds +line 4 +division +the divisor of `100 \/ n` is not 0/);
    expect(said).toContain('what holds, holds on every run that has not failed before');
  });

  test('what is open is listed by name and line', async () => {
    const said = (await ask('check', 'several.c', '--timeout', '1ms')).stdout;
    expect(said).toMatch(/open +line 3 +assertion/);
    expect(said).toMatch(/open +line 5 +assertion/);
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
