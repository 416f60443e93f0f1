import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reads, temporaryFolder, tertium } from './command-line.ts';

/** Whatever the input, there is a clear message and the right exit status: no stack trace, no hang, no crash. */
const folder = temporaryFolder();

const expectComplaint = async (argv: readonly string[], pattern: RegExp, status = 2): Promise<void> => {
  const said = await tertium(argv, { workingFolder: folder.path });
  expect(said.stderr).toMatch(pattern);
  expect(said.stderr).not.toMatch(/internal error|\n\s+at /);
  expect(said.status).toBe(status);
};

describe('files', () => {
  test('a file that is not there', () => expectComplaint(['nowhere.c'], /there is no file nowhere\.c/));
  test('a folder', () => {
    mkdirSync(join(folder.path, 'inner.c'));
    return expectComplaint(['inner.c'], /inner\.c is a folder/);
  });
  test('an empty file', () => {
    folder.write('empty.c', '');
    return expectComplaint(['empty.c'], /empty\.c is empty/);
  });
  test('nothing but white space', () => {
    folder.write('white.c', ' \n\t\n');
    return expectComplaint(['white.c'], /white space/);
  });
  test('a binary file', () => {
    folder.write('binary.c', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]));
    return expectComplaint(['binary.c'], /not a text file/);
  });
  test('another encoding: the line and the byte', () => {
    folder.write('latin.c', Buffer.from('int f(void) {\n  // caf\xe9\n  return 1; }\n', 'latin1'));
    return expectComplaint(['latin.c'], /not UTF-8: line 2 has the byte 0xe9/);
  });
  test('UTF-16', () => {
    folder.write('wide.c', Buffer.from('\ufeffint f;', 'utf16le'));
    return expectComplaint(['wide.c'], /UTF-16/);
  });
  test.skipIf(process.getuid?.() === 0)('a file that may not be read', () => {
    chmodSync(folder.write('secret.c', 'int f;'), 0);
    return expectComplaint(['secret.c'], /permission/);
  });
  test('an unknown kind of file', () => {
    folder.write('letter.doc', 'Dear');
    return expectComplaint(['letter.doc'], /language is not known[\s\S]*--language/);
  });
  test('an unknown language', () => {
    folder.write('letter.c', 'Dear');
    return expectComplaint(['letter.c', '--language', 'cobol'], /there is no language cobol/);
  });
});

describe('certificates', () => {
  test('not JSON', async () => {
    folder.write('bad.json', 'no');
    const said = await tertium(['recheck', 'bad.json'], { workingFolder: folder.path });
    expect(said.stdout).toMatch(/rejected: the certificate is not JSON/);
    expect(said.status).toBe(1);
  });
  test.each(['{}', '[]', '1', 'null', '{"format":1}', '{"format":1,"digest":"x"}'])(
    'of another shape: %s',
    async (text) => {
      folder.write('shape.json', text);
      const said = await tertium(['recheck', 'shape.json'], { workingFolder: folder.path });
      expect(said.stdout).toMatch(/rejected/);
      expect(said.status).toBe(1);
    },
  );
  test('not there', () => expectComplaint(['recheck', 'gone.json'], /there is no file gone\.json/));
});

test('an unknown sentence gets the list of those that are known', async () => {
  folder.write('some.c', 'int f(void) { return 1; }');
  await expectComplaint(['ask', 'is f nice?', 'some.c'], /do not know the sentence[\s\S]*could F ever return VALUE/);
});

describe.runIf(reads('its'))('transition systems', () => {
  test('a syntax error has its line and column', () => {
    folder.write('bad.smt2', '(declare-sort Loc 0)\n(declare-const l0 Loc\n');
    return expectComplaint(['terminates', 'bad.smt2'], /bad\.smt2:\d+:\d+: error\[ITS-/);
  });
});

describe.runIf(reads('c'))('C', () => {
  test('a syntax error has its line, its text and what was expected', () => {
    folder.write('syntax.c', 'int f(int x) {\n  return x +;\n}\n');
    return expectComplaint(['syntax.c'], /syntax\.c:2:\d+: error\[.*\n.*return x \+;[\s\S]*expected/);
  });
  test('an unknown function: the nearest names', () => {
    folder.write('names.c', 'int average(int x) { return x; }');
    return expectComplaint(['terminates', 'names.c:avarage'], /no function `?avarage[\s\S]*average/);
  });
  test('several functions: which to ask about', () => {
    folder.write('two.c', 'int f(int x) { return x; }\nint g(int x) { return x; }');
    return expectComplaint(['terminates', 'two.c'], /several functions[\s\S]*f, g/);
  });
  test('no function', () => {
    folder.write('none.c', 'int x;');
    return expectComplaint(['none.c'], /no function/);
  });
  test('nesting ten thousand deep', async () => {
    folder.write('deep.c', `int f(int x) { return ${'('.repeat(10_000)}x${')'.repeat(10_000)}; }`);
    const said = await tertium(['deep.c'], { workingFolder: folder.path });
    expect(said.stderr).not.toMatch(/internal error/);
    expect([0, 2, 3]).toContain(said.status);
  });
  test('blocks ten thousand deep', async () => {
    folder.write('blocks.c', `int f(int x) { ${'{'.repeat(10_000)}x = 1;${'}'.repeat(10_000)} return x; }`);
    const said = await tertium(['blocks.c'], { workingFolder: folder.path });
    expect(said.stderr).not.toMatch(/internal error/);
    expect([0, 2, 3]).toContain(said.status);
  });
  test('an endless macro', async () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `#define M${i + 1} M${i} M${i}`).join('\n');
    folder.write('macro.c', `#define M0 x\n${doubling}\nint f(int x) { return M60; }\n`);
    const said = await tertium(['macro.c'], { workingFolder: folder.path });
    expect(said.stderr).toMatch(/macro\.c/);
    expect([2, 3]).toContain(said.status);
  });
  test('an include of itself', async () => {
    folder.write('self.c', '#include "self.c"\nint f(void) { return 1; }\n');
    const said = await tertium(['self.c'], { workingFolder: folder.path });
    expect(said.stderr).toMatch(/self\.c/);
    expect([2, 3]).toContain(said.status);
  });
  test("what is not modelled is a don't know that names the place", async () => {
    folder.write('asm.c', 'int f(int x) {\n  __asm__("nop");\n  return x;\n}\n');
    const said = await tertium(['check', 'asm.c'], { workingFolder: folder.path });
    expect(said.status).toBe(3);
    expect(said.stdout).toMatch(/Don't know/);
    expect(said.stderr).toMatch(/asm\.c:2:\d+: not supported/);
  });
});

describe.runIf(reads('python'))('Python', () => {
  test('a syntax error has its line', () => {
    folder.write('syntax.py', 'def f(x):\n  return x +\n');
    return expectComplaint(['syntax.py'], /syntax\.py:2:\d+: error\[/);
  });
  test('an unknown function: the nearest names', () => {
    folder.write('names.py', 'def average(x):\n  return x\n');
    return expectComplaint(['terminates', 'names.py:avarage'], /avarage[\s\S]*average/);
  });
  test('nesting ten thousand deep', async () => {
    folder.write('deep.py', `def f(x):\n  return ${'('.repeat(10_000)}x${')'.repeat(10_000)}\n`);
    const said = await tertium(['deep.py'], { workingFolder: folder.path });
    expect(said.stderr).not.toMatch(/internal error/);
    expect([0, 2, 3]).toContain(said.status);
  });
});
