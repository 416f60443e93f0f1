import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { cFrontEnd } from './front-end.ts';
import { runInterpreted } from './testing/interpreted-run.ts';
import { compilerIsThere, runNatively } from './testing/native-batch.ts';

/** Complex numbers: our interpreter against the real compiler. */
const header = '#include <stdio.h>\n#include <math.h>\n#include <complex.h>\n';
const values = ['0.0', '-0.0', '1.0', '-2.5', '3e300', 'INFINITY', '-INFINITY', 'NAN', '0.1'];

const show = (z: string): string => `printf("%.17g %.17g\\n", (double)creal(${z}), (double)cimag(${z}));`;

function program(name: string, k: number): string {
  const pick = (i: number): string => values[(k * 7 + i * (k + 3)) % values.length]!;
  return `
double complex twice_${name}(double complex z) { return z + z; }
int ${name}(int a, unsigned b, signed char c, unsigned short d, long e, unsigned long long g, _Bool h) {
  double complex x, y = a + 0.5 * I, z;
  float complex s = 1.5f + 2.25fi;
  __real__ x = ${pick(0)}; __imag__ x = ${pick(1)};
  __real__ z = ${pick(2)}; __imag__ z = ${pick(3)};
  ${show('x * z')} ${show('x + z')} ${show('x - z')} ${show('-x')} ${show('~z')} ${show('conj(x)')}
  ${show('2.0 * x')} ${show('x * y')} ${show('x / 4.0')} ${show('1.5 - z')} ${show(`twice_${name}(z)`)}
  s *= 2.0f; ${show('s')} s += x; ${show('s')} x -= y; ${show('x')} y = (a > 2 ? x : z); ${show('y')}
  double r = x; printf("%.17g %d %d %d\\n", r, x == x, y != z, z ? 1 : 2);
  return (int)(__imag__ s == 0) + (__real__ a);
}`;
}

describe.skipIf(!compilerIsThere())('complex numbers', () => {
  it('are what the compiler makes of them', { timeout: 120_000 }, () => {
    const batch = Array.from({ length: 20 }, (_, k) => {
      const item = { name: `c${k}`, text: (k === 0 ? header : '') + program(`c${k}`, k) };
      const sources = [{ path: `${item.name}.c`, text: header + item.text }];
      const reading = cFrontEnd.read(sources, {
        question: 'check',
        functionName: item.name,
        options: { integers: 'c', dataModel: 'lp64', checks: new Set(['overflow']), include: () => undefined },
      });
      if (!reading.ok) throw new Error(reading.error.map((d) => formatDiagnostic(d, sources)).join('\n'));
      const runs = [1n, 3n].map((a) => [a, 2n, 3n, 4n, 5n, 6n, 1n]);
      return { program: item, task: reading.value.tasks[0]!, runs };
    });
    const native = runNatively(batch);
    for (const [i, { task, runs }] of batch.entries()) {
      for (const [k, args] of runs.entries()) {
        const ours = runInterpreted(task.program, args);
        const { output, returned } = native[i]![k]!;
        if (ours === 'out-of-steps') throw new Error('too many steps');
        expect({ i, output: ours.output, returned: ours.returned }).toEqual({
          i,
          output: output.replaceAll('-nan', 'nan'),
          returned,
        });
      }
    }
  });
});
