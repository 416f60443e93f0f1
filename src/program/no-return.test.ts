import { describe, expect, it } from 'vitest';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import { ProgramBuilder } from './builder.ts';
import { Machine, TraceChoices } from './interpreter.ts';
import { proofView, witnessView } from './no-return.ts';
import { isFlat, type Program } from './program.ts';

/** f(n): if (n <= 1) return 1; return n * f(n - step). */
function factorial(step: number): { program: Program; n: ReturnType<TermFactory['symbol']> } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const f = b.procedure('f');
  const n = f.declare({ name: 'n', role: 'parameter' }, intSort);
  const r = f.declare({ name: 'result', role: 'result' }, intSort);
  const s = f.declare({ name: 'sub', role: 'local' }, intSort);
  const deep = f.location();
  const back = f.location();
  f.edge(f.entry, f.exit, [
    { kind: 'assume', condition: t.lessEqual(n, t.int(1)) },
    { kind: 'assign', target: r, value: t.int(1) },
  ]);
  f.edge(f.entry, deep, [{ kind: 'assume', condition: t.greater(n, t.int(1)) }]);
  f.edge(deep, back, [{ kind: 'call', callee: 'f', args: [t.subtract(n, t.int(step))], results: [s] }]);
  f.edge(back, f.exit, [{ kind: 'assign', target: r, value: t.multiply(n, s) }]);
  f.finish();
  return { program: b.build('f'), n };
}

describe('programs without returns', () => {
  it('follow the call that does not return', () => {
    const { program, n } = factorial(1);
    expect(isFlat(program)).toBe(false);
    const flat = proofView(program);
    expect(isFlat(flat)).toBe(true);
    const machine = new Machine(flat, new TraceChoices({ initial: new Map([[n, 5n]]), havocs: [] }));
    expect(machine.run({ stepLimit: 100 }).kind).toBe('ended');
    expect(machine.read(n)).toBe(1n);
    const real = new Machine(program, new TraceChoices({ initial: new Map([[n, 5n]]), havocs: [] }));
    expect(real.run({ stepLimit: 100 }).kind).toBe('ended');
    expect(real.read(program.procedures.get('f')!.results[0]!)).toBe(120n);
  });

  it('show an endless recursion as an endless loop', () => {
    const { program, n } = factorial(0);
    const machine = new Machine(witnessView(program), new TraceChoices({ initial: new Map([[n, 5n]]), havocs: [] }));
    expect(machine.run({ stepLimit: 1000 }).kind).toBe('out-of-steps');
  });
});
