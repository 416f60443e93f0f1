import { describe, expect, it } from 'vitest';
import { cFrontEnd } from '../front-end.ts';
import { runInterpreted } from '../testing/interpreted-run.ts';

/** Runs a program whose handlers print. */
function output(main: string): string {
  const text = `#include <stdio.h>
#include <stdlib.h>
void a(void) { printf("a"); }
void b(void) { printf("b"); }
void late(void) { printf("c"); atexit(a); }
int main(void) { ${main} }`;
  const reading = cFrontEnd.read([{ path: 'main.c', text }], {
    question: 'check',
    functionName: 'main',
    options: { integers: 'c', dataModel: 'lp64', checks: new Set(['assertion', 'pointer']), include: () => undefined },
  });
  if (!reading.ok) throw new Error(reading.error.map((d) => d.message).join('\n'));
  const run = runInterpreted(reading.value.tasks[0]!.program, []);
  return run === 'out-of-steps' ? run : `${run.output} ${run.ended} ${run.exitStatus}`;
}

describe('what atexit registers', () => {
  it('runs in reverse order when main returns and when exit is called', () => {
    expect(output('atexit(a); atexit(b); printf("m"); return 0;')).toBe('mba returned -1');
    expect(output('atexit(a); atexit(b); if (atexit(a)) return 1; exit(3);')).toBe('aba exit 3');
    expect(output('atexit(b); atexit(late); return 0;')).toBe('cab returned -1');
  });

  it('does not run otherwise', () => {
    expect(output('atexit(a); _Exit(4);')).toBe(' exit 4');
    expect(output('atexit(a); abort();')).toBe(' assertion -1');
    expect(output('printf("m"); return 0;')).toBe('m returned -1');
  });
});
