import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { Machine } from '../../program/interpreter.ts';
import { type FloatValue, floatToNumber, numberToFloat, type Value } from '../../terms/value.ts';
import { cFrontEnd } from './front-end.ts';
import { compilerIsThere } from './testing/native-batch.ts';

/**
 * Each function of math.h against the C library: what we compute must be the same to the last bit; what we leave open must
 * admit what the library gives.
 */
const values = [
  '0.0',
  '-0.0',
  '0.5',
  '-0.5',
  '1.0',
  '-1.0',
  '1.5',
  '2.5',
  '-2.5',
  '3.0',
  '0.1',
  '7.25',
  '-7.75',
  '100.0',
  '1e-5',
  '1e10',
  '123456.7',
  '4503599627370497.5',
  '1e300',
  '-1e300',
  '5e-324',
  '1e-310',
  '0x1p-126',
  'INFINITY',
  '-INFINITY',
  'NAN',
];

const exact1 = 'fabs sqrt floor ceil trunc round rint nearbyint'.split(' ');
const exact2 = 'fmod remainder fdim copysign'.split(' ');
const open1 =
  'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p cbrt erf erfc'.split(
    ' ',
  );
const open2 = 'pow atan2 hypot'.split(' ');
const predicates = ['isnan', 'isfinite', 'isnormal', '!!isinf', '!signbit'];

interface Call {
  readonly text: string;
  readonly type: 'float' | 'double' | 'int';
}

function calls(): { exact: Call[]; open: Call[] } {
  const exact: Call[] = [];
  const open: Call[] = [];
  const args = (type: 'float' | 'double', v: string): string => `((${type})${v})`;
  for (const type of ['double', 'float'] as const) {
    const suffix = type === 'float' ? 'f' : '';
    for (const v of values) {
      for (const name of exact1) exact.push({ text: `${name}${suffix}(${args(type, v)})`, type });
      for (const name of open1) open.push({ text: `${name}${suffix}(${args(type, v)})`, type });
      // The sign of NaN is open.
      if (v !== 'NAN') for (const p of predicates) exact.push({ text: `${p}(${args(type, v)})`, type: 'int' });
      exact.push({ text: `fpclassify(${args(type, v)})`, type: 'int' });
      for (const n of [-3, 0, 10]) exact.push({ text: `ldexp${suffix}(${args(type, v)}, ${n})`, type });
      for (const w of values.filter((_, i) => i % 5 === 1)) {
        const both = `${args(type, v)}, ${args(type, w)}`;
        for (const name of exact2)
          if (!(name === 'copysign' && w === 'NAN')) exact.push({ text: `${name}${suffix}(${both})`, type });
        for (const name of open2) open.push({ text: `${name}${suffix}(${both})`, type });
        // Of two zeros either may come.
        if (!(/^-?0\.0$/.test(v) && /^-?0\.0$/.test(w)))
          for (const name of ['fmin', 'fmax']) exact.push({ text: `${name}${suffix}(${both})`, type });
        for (const p of ['isless', 'islessequal', 'isgreater', 'islessgreater', 'isunordered'])
          exact.push({ text: `${p}(${both})`, type: 'int' });
      }
    }
  }
  return { exact, open };
}

/** Each call with its arguments in variables, so that it is computed when the program runs. */
function source(list: readonly Call[], print: boolean): string {
  const lines = list.map(({ text, type }, i) => {
    const args: string[] = [];
    const call = text.replace(/\(\((float|double)\)([^()]+)\)/g, (_, t: string, v: string) => {
      args.push(`${t} a${args.length} = ${v};`);
      return `a${args.length - 1}`;
    });
    const result = print
      ? `printf("%a\\n", (double) ${call.replace(/^(\w+f?)(a0)/, '$1($2)')});`
      : `${type} r${i} = ${call};`;
    return { args, result };
  });
  return lines.map(({ args, result }) => `  { ${args.join(' ')} ${result} }`).join('\n');
}

function number(text: string): number {
  if (/nan/.test(text)) return Number.NaN;
  if (/inf/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const [, sign, whole, fraction, exponent] = /^(-?)0x([01])\.?([0-9a-f]*)p([+-]\d+)$/.exec(text)!;
  const digits = Number.parseInt(`${whole}${fraction}`, 16);
  const x = digits * 2 ** (-4 * fraction!.length) * 2 ** Number(exponent);
  return sign === '-' ? -x : x;
}

function native(list: readonly Call[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'tertium-libm-'));
  try {
    writeFileSync(
      join(folder, 'a.c'),
      `#include <stdio.h>\n#include <math.h>\nint main(void) {\n${source(list, true)}\n  return 0;\n}\n`,
    );
    const built = spawnSync('cc', ['-w', '-O0', '-fno-builtin', '-o', 'a', 'a.c', '-lm'], { cwd: folder });
    expect(built.stderr.toString()).toBe('');
    return spawnSync(join(folder, 'a'), { maxBuffer: 1 << 26 })
      .stdout.toString()
      .trim()
      .split('\n')
      .map(number);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function interpreted(list: readonly Call[], havoc: (isFloat: boolean) => Value | undefined): number[] | string {
  const text = `#include <stdio.h>\n#include <math.h>\nint main(void) {\n${source(list, true).replaceAll('%a', '%f')}\n  return 0;\n}\n`;
  const sources = [{ path: 'a.c', text }];
  const reading = cFrontEnd.read(sources, {
    question: 'check',
    functionName: 'main',
    options: { integers: 'c', dataModel: 'lp64', checks: new Set(['overflow']), include: () => undefined },
  });
  if (!reading.ok) throw new Error(reading.error.map((d) => formatDiagnostic(d, sources)).join('\n'));
  const { program } = reading.value.tasks[0]!;
  const results: number[] = [];
  const outcome = new Machine(program, {
    initial: () => undefined,
    havoc: (symbol) => havoc(symbol.sort.kind === 'float'),
    mark: () => 0,
    reset: () => {},
  }).run({
    stepLimit: 1_000_000,
    onEvent: (event, args) => {
      if (event.kind === 'print') results.push(floatToNumber(args[0] as FloatValue));
    },
  });
  return outcome.kind === 'ended' ? results : `${outcome.kind} after ${results.length}: ${list[results.length]?.text}`;
}

const pieces = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

describe.skipIf(!compilerIsThere())('math.h', () => {
  const { exact, open } = calls();
  it('is computed as the library does', { timeout: 600_000 }, () => {
    for (const piece of pieces(exact, 400)) {
      const theirs = native(piece);
      const ours = interpreted(piece, () => undefined);
      if (typeof ours === 'string') throw new Error(ours);
      for (const [i, call] of piece.entries()) expect([call.text, ours[i]]).toEqual([call.text, theirs[i]]);
    }
  });

  it('admits what the library gives where it is left open', { timeout: 600_000 }, () => {
    for (const piece of pieces(open, 400)) {
      const theirs = native(piece);
      let next = 0;
      const ours = interpreted(piece, (isFloat) => {
        if (!isFloat) return undefined;
        const { type } = piece[next]!;
        return numberToFloat(theirs[next++]!, type === 'float' ? 'binary32' : 'binary64');
      });
      expect(ours).toEqual(theirs);
    }
  });
});
