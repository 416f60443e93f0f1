import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tertium } from './command-line.ts';
import { root } from './imports.ts';

/**
 * The console blocks of README.md and of the guide say what the commands in them really say. `npm run tours` writes them anew.
 */
const pages = ['README.md', 'docs/guide/questions.md', 'docs/guide/certificates.md', 'docs/guide/check.md'];
const update = process.env.TERTIUM_UPDATE === '1';
const block = /```console\n([\s\S]*?)```/g;

/** The words of a command line, with double quotes. */
const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

async function played(text: string): Promise<string> {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('$ ')) continue;
    const [program, ...argv] = words(line.slice(2));
    if (program !== 'tertium') throw new Error(`not a command of ours: ${line}`);
    const said = await tertium(argv, { workingFolder: root });
    lines.push(line, ...`${said.stderr}${said.stdout}`.trimEnd().split('\n'));
  }
  return `${lines.join('\n').replaceAll(root, '.')}\n`;
}

afterAll(() => rmSync(join(root, 'g-certificate.json'), { force: true }));

describe.each(pages)('%s', (page) => {
  test('shows what the commands say', async () => {
    const path = join(root, page);
    const text = readFileSync(path, 'utf8');
    const blocks = [...text.matchAll(block)];
    expect(blocks.length).toBeGreaterThan(0);
    let fresh = text;
    for (const [whole, inner] of blocks)
      fresh = fresh.replace(whole, () => `\`\`\`console\n@@${blocks.findIndex((b) => b[1] === inner)}\`\`\``);
    for (const [i, [, inner]] of blocks.entries()) {
      const said = await played(inner!);
      fresh = fresh.replace(`@@${i}\`\`\``, () => `${said}\`\`\``);
    }
    if (update) writeFileSync(path, fresh);
    else expect(fresh).toBe(text);
  });
});
