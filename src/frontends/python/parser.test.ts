import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { parseModule, readModule } from './parser.ts';
import { dumpAst } from './testing/dump-ast.ts';
import { pythonIsHere, syntaxOf } from './testing/oracle.ts';
import { snippets } from './testing/snippets.ts';
import { tokenize } from './tokenizer.ts';

const read = (text: string) => readModule({ path: 'a.py', text });
const parse = (text: string) => parseModule({ path: 'a.py', text });

/** The names of characters are not known to us: what `\N{…}` stands for is not compared. */
const namesCharacters = (text: string): boolean => /\\N\{/.test(text);

/** The texts on which we and CPython differ, with what each says. */
function differences(texts: readonly string[]): string[] {
  const answers = syntaxOf(texts);
  return texts.flatMap((text, i) => {
    const theirs = answers[i]!;
    const parsed = parse(text);
    const checked = read(text);
    const ours = parsed.ok ? (checked.ok ? 'fine' : checked.error.message) : parsed.error.message;
    const both = `${JSON.stringify(text)}\n  CPython: ${theirs.message || 'fine'}\n  we: ${ours}`;
    if (parsed.ok !== theirs.parses || checked.ok !== theirs.compiles) return [both];
    if (!parsed.ok || namesCharacters(text)) return [];
    return dumpAst(parsed.value.module) === theirs.tree ? [] : [`${both}\n  different trees`];
  });
}

const shared = process.env.TERTIUM_SHARED ?? '../shared';
const suite = join(shared, 'bench/python');
function suiteTexts(): string[] {
  try {
    const names = readdirSync(suite).filter((name) => name.endsWith('.py'));
    return names.sort().map((name) => readFileSync(join(suite, name), 'utf8'));
  } catch {
    console.warn(`${suite} is not here: the comparison over its files is skipped`);
    return [];
  }
}

describe.skipIf(!pythonIsHere)('the parser, against CPython', () => {
  it('agrees on corner cases of the grammar and the compiler', () => {
    expect(differences(snippets)).toEqual([]);
  });

  it.skipIf(suiteTexts().length === 0)('gives the same trees and places for every program of the suite', () => {
    expect(differences(suiteTexts())).toEqual([]);
  });

  it('agrees on texts with tokens deleted, inserted, replaced and copied', () => {
    const texts: string[] = [];
    const base = [...snippets.filter((s) => read(s).ok), ...suiteTexts().filter((t) => t.length < 1500)];
    const mutation = fc.record({
      text: fc.constantFrom(...base),
      at: fc.nat(),
      other: fc.nat(),
      token: fc.constantFrom(
        ...'( ) [ ] { } , : ; . = := * ** - ~ if else for in not lambda yield async 1 x'.split(' '),
        '\n',
      ),
      how: fc.constantFrom('delete', 'insert', 'replace', 'copy'),
    });
    fc.assert(
      fc.property(mutation, ({ text, at, other, token, how }) => {
        const { starts, ends } = tokenize(text);
        const i = at % starts.length;
        const j = other % starts.length;
        const word = how === 'delete' ? '' : how === 'copy' ? text.slice(starts[j], ends[j]) : token;
        texts.push(`${text.slice(0, starts[i])}${word} ${text.slice(how === 'insert' ? starts[i] : ends[i])}`);
      }),
      { numRuns: 3000, seed: 20 },
    );
    expect(differences(texts.filter((t) => !namesCharacters(t)))).toEqual([]);
  });
});

describe('syntax errors', () => {
  const report = (text: string): string => {
    const result = read(text);
    return result.ok ? 'fine' : formatDiagnostic(result.error, [{ path: 'a.py', text }]);
  };

  it('name the line, the column, the text and what was expected', () => {
    expect(report('def f(x)\n  return x\n')).toBe(
      "a.py:1:9: error[PY-SYNTAX]: unexpected end of the line\n  1 | def f(x)\n    |         ^\n  expected: ':'",
    );
    expect(report('x = (1,\n')).toContain("a.py:1:5: error[PY-SYNTAX]: '(' was never closed");
    expect(report('if x = 1:\n  pass\n')).toContain("did you mean '==' or ':='?");
    expect(report('print "a"\n')).toContain('hint: print is a function: write print(…)');
    expect(report('while x:\npass\n')).toContain("expected: an indented block after 'while'");
    expect(report('if a:\n    x\n  y\n')).toContain('expected: one of the columns 1');
    expect(report('x = "abc\n')).toContain('expected: a closing "');
    expect(report('f() = 1\n')).toContain('cannot assign to function call');
    expect(report('class = 1\n')).toContain('expected: the name of the class');
    expect(report('return 1\n')).toContain("'return' outside function");
  });

  it('refuse encodings that would change the text', () => {
    expect(report('# coding: latin-1\nx = "é"\n')).toContain("the encoding 'latin-1' is not supported");
    expect(report('# coding: latin-1\nx = "e"\n')).toBe('fine');
    expect(report('\ufeffx = 1\n')).toBe('fine');
    expect(report('x = 1\0')).toContain('null bytes');
  });
});

describe('limits', () => {
  const nested: Record<string, (n: number) => string> = {
    brackets: (n) => `x = ${'('.repeat(n)}1${')'.repeat(n)}`,
    'minus signs': (n) => `x = ${'-'.repeat(n)}1`,
    nots: (n) => `x = ${'not '.repeat(n)}1`,
    lambdas: (n) => `x = ${'lambda: '.repeat(n)}1`,
    conditionals: (n) => `x = ${'1 if y else '.repeat(n)}1`,
    sums: (n) => `x = 1${'+1'.repeat(n)}`,
    powers: (n) => `x = 1${'**1'.repeat(n)}`,
    calls: (n) => `f${'()'.repeat(n)}`,
    attributes: (n) => `f${'.a'.repeat(n)}`,
    subscripts: (n) => `x = ${'a['.repeat(n)}1${']'.repeat(n)}`,
    elifs: (n) => `if x: pass\n${'elif x: pass\n'.repeat(n)}`,
    patterns: (n) => `match x:\n case ${'['.repeat(n)}1${']'.repeat(n)}: pass`,
    targets: (n) => `${'('.repeat(n)}a${',)'.repeat(n)} = x`,
    'f-strings': (n) => `x = f"{${'-'.repeat(n)}1}"`,
  };
  const message = (text: string): string => {
    const result = read(text);
    return result.ok ? 'fine' : result.error.message;
  };

  it.each(Object.keys(nested))('%s nested ten thousand and half a million deep are refused', (name) => {
    for (const n of [10_000, 500_000]) expect(message(nested[name]!(n))).toMatch(/nested|too many|more than/);
  });

  it.each(Object.keys(nested))('%s nested ninety deep are read', (name) => {
    expect(parse(nested[name]!(90)).ok).toBe(true);
  });

  it('blocks nested a thousand deep are refused', () => {
    const blocks = Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}if x:`).join('\n');
    expect(message(blocks)).toBe('too many levels of indentation');
  });

  it('a million lines are refused with a message', () => {
    const result = read('x = x + 1\n'.repeat(1_000_000));
    expect(result.ok ? 'fine' : result.error.message).toBe('the source has more than 1,000,000 tokens');
  });

  it('any text gives a result, never an exception', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...snippets, '\\', '"""', "f'{", '\r', '\t'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => typeof read(pieces.join('')).ok === 'boolean'),
      { numRuns: 2000, seed: 7 },
    );
  });
});
