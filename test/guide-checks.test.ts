import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isCheckKind } from '../src/program/check-kinds.ts';
import { reads, temporaryFolder, tertium } from './command-line.ts';
import { root } from './imports.ts';

/** Every kind of failure in docs/guide/check.md has an example, whose marked line fails in that kind. */
const page = readFileSync(join(root, 'docs', 'guide', 'check.md'), 'utf8');
const sections = [...page.matchAll(/^### `([\w-]+)`[^\n]*\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)];
const folder = temporaryFolder();

interface Property {
  readonly kind: string;
  readonly result: string;
  readonly place?: { readonly line: number };
}

describe.runIf(reads('c') && reads('python'))('docs/guide/check.md', () => {
  test('has the kinds that are looked at', () => {
    expect(sections.length).toBeGreaterThanOrEqual(13);
    expect(sections.every(([, kind]) => isCheckKind(kind!))).toBe(true);
  });

  test.each(sections.map(([, kind, text]) => [kind!, text!] as const))('%s', async (kind, text) => {
    const [, language, code] = /```(c|python)\n([\s\S]*?)```/.exec(text)!;
    const file = `${kind}.${language === 'c' ? 'c' : 'py'}`;
    folder.write(file, code!);
    const line = code!.split('\n').findIndex((l) => /(?:\/\/|#) here$/.test(l)) + 1;
    const said = await tertium(['check', file, '--checks', kind, '--timeout', '20s', '--json'], {
      workingFolder: folder.path,
    });
    const { answers } = JSON.parse(said.stdout) as { answers: { properties: Property[] }[] };
    const failing = answers[0]!.properties.filter((p) => p.result === 'fails');
    expect(failing.map((p) => [p.kind, p.place?.line])).toContainEqual([kind, line]);
  });
});
