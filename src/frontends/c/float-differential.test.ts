import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { cFrontEnd } from './front-end.ts';
import { runInterpreted } from './testing/interpreted-run.ts';
import { compilerIsThere, runNatively } from './testing/native-batch.ts';
import { randomFloatProgram } from './testing/random-float-program.ts';
import { randomArguments } from './testing/random-program.ts';

/** Random programs with floats: our interpreter against the real compiler, to the last bit. `TERTIUM_DIFFERENTIAL=N`. */
const count = Number(process.env.TERTIUM_DIFFERENTIAL ?? 80);
const firstSeed = Number(process.env.TERTIUM_DIFFERENTIAL_SEED ?? 1);
const batchSize = 40;
const header = '#include <stdio.h>\n#include <math.h>\n';

const hasCompiler = compilerIsThere();
if (!hasCompiler) console.warn('notice: no C compiler (cc); the differential test of floats is skipped');

describe.skipIf(!hasCompiler)('the interpreter and the C compiler, on floats', () => {
  it('agree on random programs', { timeout: 3_600_000 }, () => {
    let compared = 0;
    for (let seed = firstSeed; seed < firstSeed + count; seed += batchSize) {
      const batch = [];
      for (let s = seed; s < Math.min(seed + batchSize, firstSeed + count); s++) {
        const program = randomFloatProgram(s, `p${s}`);
        const sources = [{ path: `${program.name}.c`, text: header + program.text }];
        const reading = cFrontEnd.read(sources, {
          question: 'check',
          functionName: program.name,
          options: {
            integers: 'c',
            dataModel: 'lp64',
            checks: new Set(['assertion', 'overflow', 'division', 'conversion']),
            include: () => undefined,
          },
        });
        if (!reading.ok) throw new Error(reading.error.map((d) => formatDiagnostic(d, sources)).join('\n'));
        const runs = [1, 2, 3, 4].map((k) => randomArguments(s * 31 + k));
        batch.push({ program, task: reading.value.tasks[0]!, runs });
      }
      const native = runNatively(batch);
      for (const [i, { program, task, runs }] of batch.entries()) {
        for (const [k, args] of runs.entries()) {
          const ours = runInterpreted(task.program, args);
          const { output, returned } = native[i]![k]!;
          const told = ours === 'out-of-steps' ? undefined : { output: ours.output, returned: ours.returned };
          expect(told, `${program.text}\n${args}`).toEqual({ output: output.replaceAll('-nan', 'nan'), returned });
          compared++;
        }
      }
    }
    console.info(`${compared} runs with floats agree`);
    expect(compared).toBeGreaterThan(count);
  });
});
