import { describe, expect, it } from 'vitest';
import { explore } from '../../test/support/explicit-state.ts';
import { randomProgram } from '../../test/support/random-program.ts';
import { ProgramBuilder } from '../program/builder.ts';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import { exhaust } from './exhaustive-check.ts';

describe('exhaustive runs', () => {
  it('agree with explicit-state search on random programs of three bits', () => {
    let terminating = 0;
    let endless = 0;
    let safe = 0;
    for (let seed = 1; seed <= 250; seed++) {
      const program = randomProgram({
        seed,
        variables: 2,
        statements: 4 + (seed % 6),
        widthBits: 3,
        inputs: seed % 2 === 0,
      });
      const truth = explore(program);
      const ends = exhaust(program, { targets: [], wanted: false, stepLimit: 30_000, cyclesMatter: true });
      if (ends.kind === 'done') terminating++;
      if (ends.kind === 'cycle') endless++;
      if (ends.kind !== 'gave-up' && truth.terminates !== undefined) {
        expect(ends.kind, `seed ${seed}`).toBe(truth.terminates ? 'done' : 'cycle');
      }
      const targets = program.checks.map((c) => ({ at: c.at, property: c.property }));
      const checks = exhaust(program, { targets, wanted: false, stepLimit: 30_000, cyclesMatter: false });
      if (checks.kind === 'done') safe++;
      if (checks.kind !== 'gave-up' && truth.safe !== undefined) {
        expect(checks.kind, `seed ${seed}`).toBe(truth.safe ? 'done' : 'met');
      }
    }
    expect(terminating).toBeGreaterThan(20);
    expect(endless).toBeGreaterThan(20);
    expect(safe).toBeGreaterThan(20);
  });

  const factory = (): { t: TermFactory; b: ProgramBuilder } => {
    const t = new TermFactory();
    return { t, b: new ProgramBuilder(t) };
  };
  const bits = { low: 0n, high: 7n };

  it('try all values of what only the question reads', () => {
    const { t, b } = factory();
    const p = b.procedure('main');
    const x = p.declare({ name: 'x', role: 'parameter', range: bits }, intSort);
    p.edge(p.entry, p.exit, []);
    p.finish();
    const targets = [{ at: p.exit, property: t.not(t.equal(x, t.int(5))) }];
    const options = { targets, wanted: false, stepLimit: 1000, cyclesMatter: false };
    expect(exhaust(b.build('main'), options).kind).toBe('met');
  });

  it('give up where a callee reads what was never written', () => {
    const { t, b } = factory();
    const f = b.procedure('f');
    const y = f.declare({ name: 'y', role: 'local', range: bits }, intSort);
    const r = f.declare({ name: 'r', role: 'result', range: bits }, intSort);
    f.edge(f.entry, f.exit, [{ kind: 'assign', target: r, value: y }]);
    f.finish();
    const p = b.procedure('main');
    const x = p.declare({ name: 'x', role: 'local', range: bits }, intSort);
    p.edge(p.entry, p.exit, [{ kind: 'call', callee: 'f', args: [], results: [x] }]);
    p.finish();
    const targets = [{ at: p.exit, property: t.equal(x, t.int(0)) }];
    const options = { targets, wanted: false, stepLimit: 1000, cyclesMatter: false };
    expect(exhaust(b.build('main'), options).kind).toBe('gave-up');
  });

  it('see a long cycle through a state that another choice has left behind', () => {
    // x counts to 50 and back to 0 if the choice at 0 says so: the state at 0 is known when the cycle closes.
    const { t, b } = factory();
    const p = b.procedure('main');
    const x = p.declare({ name: 'x', role: 'local', range: { low: 0n, high: 99n } }, intSort);
    const c = p.declare({ name: 'c', role: 'local', range: { low: 0n, high: 1n } }, intSort);
    const head = p.location({ loop: { keyword: 'while' } });
    const chosen = p.location();
    const zero = t.equal(x, t.int(0));
    p.edge(p.entry, head, [{ kind: 'assign', target: x, value: t.int(0) }]);
    p.edge(head, chosen, [
      { kind: 'assume', condition: zero },
      { kind: 'havoc', target: c },
    ]);
    p.edge(chosen, p.exit, [{ kind: 'assume', condition: t.equal(c, t.int(0)) }]);
    p.edge(chosen, head, [
      { kind: 'assume', condition: t.equal(c, t.int(1)) },
      { kind: 'assign', target: x, value: t.int(1) },
    ]);
    p.edge(head, head, [
      { kind: 'assume', condition: t.not(zero) },
      { kind: 'assign', target: x, value: t.apply('mod', [t.add(x, t.int(1)), t.int(50)]) },
    ]);
    p.finish();
    const options = { targets: [], wanted: false, stepLimit: 100_000, cyclesMatter: true };
    expect(exhaust(b.build('main'), options).kind).toBe('cycle');
    expect(exhaust(b.build('main'), { ...options, cyclesMatter: false }).kind).toBe('done');
  });
});
