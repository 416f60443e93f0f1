import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { cFrontEnd } from './front-end.ts';
import { runInterpreted } from './testing/interpreted-run.ts';
import { compilerIsThere, runNatively } from './testing/native-batch.ts';
import { type RandomProgram, randomArguments, randomProgram } from './testing/random-program.ts';

/**
 * Random scalar programs: our interpreter on the lowered program against the real compiler with its undefined-behaviour
 * sanitizer. Output, exit status, returned value and the kind of end must agree. `TERTIUM_DIFFERENTIAL=N` runs N programs.
 */
const count = Number(process.env.TERTIUM_DIFFERENTIAL ?? 120);
const firstSeed = Number(process.env.TERTIUM_DIFFERENTIAL_SEED ?? 1);
const batchSize = 40;
const runsEach = 4;

const header = '#include <stdio.h>\n#include <stdlib.h>\n#include <assert.h>\n';

function lower(program: RandomProgram, integers: 'c' | 'wrap' = 'c') {
  return cFrontEnd.read([{ path: `${program.name}.c`, text: header + program.text }], {
    question: 'check',
    functionName: program.name,
    options: {
      integers,
      dataModel: 'lp64',
      checks: new Set(['assertion', 'unreachable', 'overflow', 'division', 'shift']),
      include: () => undefined,
    },
  });
}

const hasCompiler = compilerIsThere();
if (!hasCompiler) console.warn('notice: no C compiler (cc); the differential test is skipped');

describe.skipIf(!hasCompiler)('the interpreter and the C compiler', () => {
  it('agree on random programs', { timeout: 3_600_000 }, () => {
    let compared = 0;
    let undefinedRuns = 0;
    let refused = 0;
    let open = 0;
    let missed = 0;
    for (let seed = firstSeed; seed < firstSeed + count; seed += batchSize) {
      const batch = [];
      for (let s = seed; s < Math.min(seed + batchSize, firstSeed + count); s++) {
        const program = randomProgram(s, `p${s}`);
        const reading = lower(program);
        if (!reading.ok) {
          const strange = reading.error.find((d) => d.code !== 'C0501');
          if (strange)
            throw new Error(
              `seed ${s}: ${formatDiagnostic(strange, [{ path: `${program.name}.c`, text: header + program.text }])}`,
            );
          refused++;
          continue;
        }
        const task = reading.value.tasks[0]!;
        // Where C leaves the order of calls open, the compiler may take another one.
        if (task.assumptions.some((a) => a.text.includes('from left to right'))) {
          open++;
          continue;
        }
        batch.push({
          seed: s,
          program,
          task,
          runs: Array.from({ length: runsEach }, (_, k) => randomArguments(s * 31 + k)),
        });
      }
      const native = runNatively(batch);
      const doubtful: typeof batch = [];
      for (const [i, item] of batch.entries()) {
        const unseen: bigint[][] = [];
        for (const [k, args] of item.runs.entries()) {
          const ours = runInterpreted(item.task.program, args);
          if (ours === 'out-of-steps') continue;
          const { failure, kind: _, ...told } = ours;
          const theirs = native[i]![k]!;
          if (told.ended === 'undefined-behaviour') {
            undefinedRuns++;
            if (theirs.ended !== 'undefined-behaviour' || theirs.output !== told.output) {
              unseen.push(args);
              continue;
            }
          }
          expect({ seed: item.seed, args: args.join(), ...told }, failure).toEqual({
            seed: item.seed,
            args: args.join(),
            ...theirs,
          });
          compared++;
        }
        missed += unseen.length;
        if (unseen.length > 0) doubtful.push({ ...item, runs: unseen });
      }
      // The compiler drops operands that cannot matter (`x - y || 1`), and their overflow with them. Where it saw none, and
      // overflow wraps, both must still agree.
      const wrapping = doubtful.length > 0 ? runNatively(doubtful, 'wraps') : [];
      for (const [i, { seed: s, program, runs }] of doubtful.entries()) {
        const reading = lower(program, 'wrap');
        if (!reading.ok) throw new Error(`seed ${s} cannot be read with wrapping`);
        for (const [k, args] of runs.entries()) {
          const ours = runInterpreted(reading.value.tasks[0]!.program, args);
          if (ours === 'out-of-steps' || ours.ended === 'undefined-behaviour') continue;
          const { failure, kind: _, ...told } = ours;
          expect({ seed: s, args: args.join(), ...told }, failure).toEqual({
            seed: s,
            args: args.join(),
            ...wrapping[i]![k]!,
          });
          compared++;
        }
      }
    }
    console.info(
      `${compared} runs agree (${undefinedRuns} undefined, ${missed} of them not seen by the sanitizer); refused ${refused}, order open ${open} of ${count} programs`,
    );
    expect(compared).toBeGreaterThan(count);
    expect(missed).toBeLessThan(0.25 * undefinedRuns + 5);
  });
});
