import { describe, expect, it } from 'vitest';
import { cFrontEnd } from '../../src/frontends/c/front-end.ts';

/**
 * 2026-11-23: where the very first statement of main was not supported, tidying removed the location at which that was noted, the
 * note was lost, and the empty rest of the program was proved to be fine. See SOUNDNESS.md.
 */
describe('an unsupported construct', () => {
  const places = {
    'as the first statement': 'int main(void) { asm("nop"); return 0; }',
    'as the last statement': 'int main(void) { int x = 1; asm("nop"); return x; }',
    'in a branch': 'int nondet_int(void); int main(void) { if (nondet_int()) asm("nop"); return 0; }',
    'in a loop': 'int nondet_int(void); int main(void) { while (nondet_int()) { asm("nop"); } return 0; }',
    'in a called function': 'void f(void) { asm("nop"); } int main(void) { f(); return 0; }',
    'behind a label':
      'int nondet_int(void); int main(void) { if (nondet_int()) goto a; return 0; a: asm("nop"); return 1; }',
  };
  for (const [place, text] of Object.entries(places)) {
    it(`${place} is named, never skipped`, () => {
      for (const question of ['check', 'terminates'] as const) {
        const read = cFrontEnd.read([{ path: 'a.c', text }], {
          question,
          options: {
            integers: 'c',
            dataModel: 'lp64',
            checks: cFrontEnd.defaultChecks,
            include: () => undefined,
            allocation: 'may-fail',
          },
        });
        expect(read.ok).toBe(false);
        if (read.ok) continue;
        expect(read.error.some((d) => d.severity === 'unsupported' && d.span !== undefined)).toBe(true);
      }
    });
  }
});

/** 2026-11-23: reads whose value nobody uses were dropped without a look at what they read. See SOUNDNESS.md. */
describe('a read whose value is not used', () => {
  const texts = [
    'char *p = "abc"; int main(void) { int i = -50; p[i]; }',
    'struct s { short a; }; int main(void) { struct s *g; g->a; return 0; }',
    'void f(char **q) { q[3]; } int main(void) { char *b[3]; f(b); return 0; }',
    'int main(void) { int *p = 0; (void)*p; return 0; }',
  ];
  for (const text of texts) {
    it(`is part of the program: ${text.slice(0, 40)}`, () => {
      const read = cFrontEnd.read([{ path: 'a.c', text }], {
        question: 'check',
        options: {
          integers: 'c',
          dataModel: 'lp64',
          checks: cFrontEnd.defaultChecks,
          include: () => undefined,
          allocation: 'may-fail',
        },
      });
      // Either it is not supported, or there is a check that it is a valid access.
      if (read.ok) expect(read.value.tasks[0]!.program.checks.length).toBeGreaterThan(0);
      else expect(read.error.some((d) => d.severity === 'unsupported')).toBe(true);
    });
  }
});
