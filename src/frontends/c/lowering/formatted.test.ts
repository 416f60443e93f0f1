import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../base/diagnostic.ts';
import { cFrontEnd } from '../front-end.ts';
import { runInterpreted } from '../testing/interpreted-run.ts';
import { compilerIsThere, runNatively } from '../testing/native-batch.ts';
import { randomFormatProgram } from '../testing/random-format.ts';
import { randomArguments } from '../testing/random-program.ts';

/** Random formats against the C library of this machine: `TERTIUM_FORMATS=N` for more of them. */
const count = Number(process.env.TERTIUM_FORMATS ?? 6);
const firstSeed = Number(process.env.TERTIUM_FORMATS_SEED ?? 1);
const runsEach = 3;
const hasCompiler = compilerIsThere();
if (!hasCompiler && process.env.CI) throw new Error('the tests need a C compiler (cc)');

const header = '#include <stdio.h>\n#include <stdlib.h>\n';

function lower(name: string, text: string) {
  const path = `${name}.c`;
  const reading = cFrontEnd.read([{ path, text: header + text }], {
    question: 'check',
    functionName: name,
    options: {
      integers: 'c',
      dataModel: 'lp64',
      checks: new Set(['assertion', 'unreachable', 'overflow', 'division', 'pointer', 'bounds', 'free']),
      include: () => undefined,
    },
  });
  if (!reading.ok)
    throw new Error(reading.error.map((d) => formatDiagnostic(d, [{ path, text: header + text }])).join('\n') + text);
  return reading.value.tasks[0]!;
}

describe('formatted output', () => {
  it.skipIf(!hasCompiler)('is what the C library makes', { timeout: 600_000 }, () => {
    const programs = Array.from({ length: count }, (_, i) => {
      const seed = firstSeed + i;
      const program = randomFormatProgram(seed, `p${seed}`);
      const runs = Array.from({ length: runsEach }, (_, k) => randomArguments(seed * 31 + k));
      return { program, runs };
    });
    const native = runNatively(programs, 'wraps');
    let compared = 0;
    for (const [i, { program, runs }] of programs.entries()) {
      const { program: lowered } = lower(program.name, program.text);
      for (const [k, args] of runs.entries()) {
        const theirs = native[i]![k]!;
        const ours = runInterpreted(lowered, args, 2_000_000);
        if (ours === 'out-of-steps') continue;
        const { output, ended, failure } = ours;
        // What does not fit its buffer is found here, and may go unnoticed there.
        if (ended === 'undefined-behaviour' && failure!.includes('writes where it must not')) continue;
        expect({ output, ended, failure, program: program.text }).toEqual({
          output: theirs.output,
          ended: theirs.ended,
          failure: undefined,
          program: program.text,
        });
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(count);
  });
});
