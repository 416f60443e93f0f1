import { expect, it } from 'vitest';
import { cFrontEnd } from '../../src/frontends/c/front-end.ts';
import { Machine, TraceChoices } from '../../src/program/interpreter.ts';

it('what an initialiser reads has its value first (SOUNDNESS.md, 2026-11-23)', () => {
  const text = 'int x = (int){42}; const int b = 7; static int c = b; int main(void) { return x + c; }';
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
  if (!read.ok) throw new Error(read.error[0]!.message);
  const { program } = read.value.tasks[0]!;
  const machine = new Machine(program, new TraceChoices({ initial: new Map(), havocs: [] }));
  const returned: unknown[] = [];
  machine.run({ stepLimit: 100, onEvent: (event, args) => event.kind === 'return' && returned.push(...args) });
  expect(returned).toEqual([49n]);
});
