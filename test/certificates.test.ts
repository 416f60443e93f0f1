import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { languages } from '../src/cli/languages.ts';
import { sentenceFits } from '../src/cli/request.ts';
import { recheck } from '../src/recheck.ts';
import { reads, temporaryFolder, tertium } from './command-line.ts';

/**
 * Certificates: real ones hold; damaged ones are rejected and never crash. Damage is either plain (then the digest finds it) or
 * forged, with a fitting digest (then the checkers have the word: what they still accept must be the same answer to the same
 * question).
 */
const folder = temporaryFolder();

interface Example {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly ask: readonly string[];
  readonly evidence: string;
}

const c: readonly Example[] = [
  {
    name: 'ranking, with the side condition',
    file: 'g.c',
    source: 'void g(int x, int y) {\n  if (y > 0)\n    while (x > y)\n      x = x - y;\n}\n',
    ask: ['terminates', 'g.c'],
    evidence: 'ranking',
  },
  {
    name: 'a state that comes again',
    file: 'g2.c',
    source: 'void g2(int x, int y) {\n  while (x > y)\n    x = x - y;\n}\n',
    ask: ['terminates', 'g2.c'],
    evidence: 'lasso',
  },
  {
    name: 'a set that is never left',
    file: 'up.c',
    source: 'void up(int x) {\n  while (x > 0)\n    x = x + 1;\n}\n',
    ask: ['terminates', 'up.c', '--int', 'math'],
    evidence: 'recurrent-set',
  },
  {
    name: 'a contract of a recursive function',
    file: 'nested.c',
    source: 'int f(int n) {\n  if (n <= 0) return 0;\n  return f(f(n - 1));\n}\n',
    ask: ['terminates', 'nested.c', '--int', 'math'],
    evidence: 'ranking',
  },
  {
    name: 'a call that leads to the same call',
    file: 'deeper.c',
    source: 'int f(int n) {\n  if (n == 0) return 1;\n  return f(f(n - 1));\n}\n',
    ask: ['terminates', 'deeper.c', '--int', 'math'],
    evidence: 'lasso',
  },
  {
    name: 'an invariant',
    file: 'count.c',
    source:
      '#include <assert.h>\nvoid count(unsigned n) {\n  unsigned i = 0;\n  while (i < n) i = i + 1;\n  assert(i == n);\n}\n',
    ask: ['always', 'count.c'],
    evidence: 'invariant',
  },
  {
    name: 'a failing run',
    file: 'fail.c',
    source: '#include <assert.h>\nint f(int x, int y) {\n  assert(x + y != 12);\n  return x;\n}\n',
    ask: ['always', 'fail.c'],
    evidence: 'trace',
  },
  {
    name: 'several properties, of which some fail',
    file: 'several.c',
    source:
      '#include <assert.h>\nint f(int x, int y) {\n  assert(x != 7);\n  assert(y != 8);\n  assert(x + y != 15 || x != 7);\n  return x;\n}\n',
    ask: ['check', 'several.c', '--checks', 'assertion'],
    evidence: 'trace',
  },
  {
    name: 'a sentence',
    file: 'small.c',
    source: '#include <stdbool.h>\nbool f(unsigned x, unsigned y) { return x + y == y + x; }\n',
    ask: ['ask', 'could f ever return false?', 'small.c'],
    evidence: '',
  },
];

const its: readonly Example[] = [
  {
    name: 'a transition system',
    file: 'down.koat',
    source:
      '(GOAL COMPLEXITY)\n(STARTTERM (FUNCTIONSYMBOLS start))\n(VAR x)\n(RULES\n  start(x) -> loop(x)\n  loop(x) -> loop(x - 1) :|: x > 0\n)\n',
    ask: ['terminates', 'down.koat'],
    evidence: 'ranking',
  },
];

const examples = [...(reads('c') ? c : []), ...(reads('its') ? its : [])];

const certificates = new Map<string, string>();

beforeAll(async () => {
  for (const example of examples) {
    folder.write(example.file, example.source);
    await tertium([...example.ask, '--certificate', `${example.file}.json`], { workingFolder: folder.path });
    certificates.set(example.name, readFileSync(join(folder.path, `${example.file}.json`), 'utf8'));
  }
}, 120_000);

const world = (example: Example): Parameters<typeof recheck>[1] => ({
  source: (path) => (path === example.file ? { path, text: example.source } : undefined),
  include: () => undefined,
  frontEnd: async (name) => languages.find((l) => l.name === name)?.load(),
  sentence: sentenceFits,
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const withDigest = (certificate: Json): string => {
  const { digest: _old, ...body } = certificate as { [key: string]: Json };
  return JSON.stringify({ ...body, digest: createHash('sha256').update(JSON.stringify(body)).digest('hex') });
};

/** The path of every field, inner ones too. */
function fields(json: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof json !== 'object' || json === null) return [path];
  const inner = Object.entries(json).flatMap(([key, value]) =>
    fields(value, [...path, Array.isArray(json) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [path, ...inner];
}

/** A copy with one field damaged; undefined where the damage changes nothing. */
function damage(json: Json, path: readonly (string | number)[], how: number): Json | undefined {
  const copy = structuredClone(json);
  let parent = copy as { [key: string]: Json };
  for (const key of path.slice(0, -1)) parent = parent[key] as { [key: string]: Json };
  const key = path[path.length - 1]!;
  const old = parent[key]!;
  const choices: (Json | undefined)[] = [
    typeof old === 'number' ? old + 1 : typeof old === 'boolean' ? !old : typeof old === 'string' ? `${old}1` : null,
    typeof old === 'number' ? -old - 1 : typeof old === 'string' ? old.slice(1) : 0,
    typeof old === 'string' && /^-?\d+$/.test(old) ? String(BigInt(old) + 1n) : 'other',
    null,
    [],
    {},
    Array.isArray(old) ? old.slice(1) : [old],
    Array.isArray(old) ? [...old, old[0] ?? 0] : { value: old },
    undefined,
    typeof old === 'string' ? old.toUpperCase() : 1e308,
  ];
  const made = choices[how % choices.length];
  if (made === undefined) {
    if (Array.isArray(parent)) (parent as Json[]).splice(Number(key), 1);
    else delete parent[key];
  } else parent[key] = made;
  return JSON.stringify(copy) === JSON.stringify(json) ? undefined : copy;
}

describe.each(examples)('$name', (example) => {
  test('the certificate holds, and holds the evidence that it should', async () => {
    const text = certificates.get(example.name)!;
    const result = await recheck(text, world(example));
    expect(result).toMatchObject({ ok: true });
    if (example.evidence !== '') expect(text).toContain(`"kind": "${example.evidence}"`);
    const said = await tertium(['recheck', `${example.file}.json`], { workingFolder: folder.path });
    expect(said.stdout).toMatch(/holds:/);
    expect(said.status).toBe(0);
  });

  test('a changed source is noticed', async () => {
    const changed = { ...example, source: `${example.source} ` };
    expect(await recheck(certificates.get(example.name)!, world(changed))).toMatchObject({ ok: false });
  });

  test('any damaged field is rejected', async () => {
    const json = JSON.parse(certificates.get(example.name)!) as Json;
    for (const [i, path] of fields(json).entries()) {
      const damaged = damage(json, path, i);
      if (damaged)
        expect(await recheck(JSON.stringify(damaged), world(example)), path.join('.')).toMatchObject({ ok: false });
    }
  });

  test('a forged field is rejected, or does no harm', async () => {
    const json = JSON.parse(certificates.get(example.name)!) as Json;
    const all = fields(json).filter((p) => p[0] !== 'digest');
    const genuine = await recheck(certificates.get(example.name)!, world(example));
    if (!genuine.ok) throw new Error(genuine.error);
    // A claim that is left out harms nobody: what is still said must have been said before, of the same question.
    const answers = (r: typeof genuine): string[] =>
      r.ok ? r.value.answers.map((a) => `${a.verdict.question.text} ${a.verdict.answer}`) : [];
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(9), async (field, how) => {
        const damaged = damage(json, all[field]!, how);
        if (!damaged) return;
        const result = await recheck(withDigest(damaged), world(example));
        if (result.ok) expect(answers(genuine)).toEqual(expect.arrayContaining(answers(result)));
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe.runIf(reads('c'))('forgeries', () => {
  test('the opposite answer, with the same evidence, is rejected', async () => {
    for (const example of c) {
      const json = JSON.parse(certificates.get(example.name)!) as { claims: { claim: { answer: string } }[] };
      const { claim } = json.claims[0]!;
      claim.answer = claim.answer === 'yes' ? 'no' : 'yes';
      expect(await recheck(withDigest(json as unknown as Json), world(example)), example.name).toMatchObject({
        ok: false,
      });
    }
  });

  test('a termination answer without its side condition is rejected', async () => {
    const json = JSON.parse(certificates.get(c[0]!.name)!) as { claims: { side?: unknown }[] };
    delete json.claims[0]!.side;
    const result = await recheck(withDigest(json as unknown as Json), world(c[0]!));
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining('overflow') });
  });

  test('another sentence over the same request is rejected', async () => {
    const example = c.find((e) => e.name === 'a sentence')!;
    const json = JSON.parse(certificates.get(example.name)!) as { sentence: string; claims: { question: string }[] };
    json.sentence = 'could f ever return true?';
    json.claims[0]!.question = json.sentence;
    expect(await recheck(withDigest(json as unknown as Json), world(example))).toMatchObject({ ok: false });
  });
});

test.runIf(reads('c'))('a certificate goes with its folder', async () => {
  const inner = join(folder.path, 'inner');
  mkdirSync(inner);
  writeFileSync(join(inner, 'g.c'), c[0]!.source);
  writeFileSync(join(inner, 'g.c.json'), certificates.get(c[0]!.name)!);
  const said = await tertium(['recheck', 'inner/g.c.json'], { workingFolder: folder.path });
  expect(said.status).toBe(0);
});
