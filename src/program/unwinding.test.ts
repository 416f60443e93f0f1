import { describe, expect, it } from 'vitest';
import { TermFactory } from '../terms/factory.ts';
import { arraySort, boolSort, intSort } from '../terms/sort.ts';
import { isTrue } from '../terms/term.ts';
import { ProgramBuilder } from './builder.ts';
import type { Program } from './program.ts';
import { unwind } from './unwinding.ts';

/** for (i = 0; i < n; i++) { if (c > 0) continue; if (c == stop) break; s = s + 1; } check s <= most */
function counting(turns: number, stop?: number): Program {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const range = { low: 0n, high: 3n };
  const c = p.declare({ name: 'c', role: 'parameter', range }, intSort);
  const i = p.declare({ name: 'i', role: 'local' }, intSort);
  const s = p.declare({ name: 's', role: 'local' }, intSort);
  const head = p.location();
  const test = p.location();
  const rest = p.location();
  const end = p.location();
  p.edge(p.entry, head, [
    { kind: 'assign', target: i, value: t.int(0) },
    { kind: 'assign', target: s, value: t.int(0) },
  ]);
  p.edge(head, test, [
    { kind: 'assume', condition: t.less(i, t.int(turns)) },
    { kind: 'assign', target: i, value: t.add(i, t.int(1)) },
  ]);
  p.edge(test, head, [{ kind: 'assume', condition: t.greater(c, t.int(0)) }]);
  p.edge(test, rest, [{ kind: 'assume', condition: t.not(t.greater(c, t.int(0))) }]);
  if (stop !== undefined) p.edge(rest, end, [{ kind: 'assume', condition: t.equal(i, t.int(stop)) }]);
  p.edge(rest, head, [
    ...(stop === undefined ? [] : [{ kind: 'assume', condition: t.not(t.equal(i, t.int(stop))) } as const]),
    { kind: 'assign', target: s, value: t.add(s, t.int(1)) },
  ]);
  p.edge(head, end, [{ kind: 'assume', condition: t.not(t.less(i, t.int(turns))) }]);
  const property = t.lessEqual(s, t.int(turns));
  b.check({ kind: 'assertion', at: end, property, text: 's <= turns', failure: 's > turns' });
  p.edge(end, p.exit, [{ kind: 'assume', condition: property }]);
  p.finish();
  return b.build('main');
}

const run = (program: Program, bound: number, freeTurns: number) => {
  const targets = program.checks.map((c) => ({ at: c.at, property: c.property }));
  const result = unwind(program, targets, { bound, freeTurns, nodeLimit: 10_000, wanted: false });
  if (result === 'too-large') throw new Error('too large');
  return result;
};

describe('unwinding', () => {
  it('follows turns that no run can leave without counting them', () => {
    const { cutOff, met, nodes } = run(counting(100), 0, 1000);
    expect(cutOff).toEqual([]);
    // Both ways back to the head come together in one turn; the check is decided by constants.
    expect(nodes.length).toBeLessThan(3 * 101 + 5);
    expect(met).toEqual([]);
  });

  it('stops counting for free at the limit', () => {
    expect(run(counting(100), 3, 90).cutOff.some(isTrue)).toBe(true);
    expect(run(counting(100), 10, 90).cutOff).toEqual([]);
  });

  it('counts turns that some run can leave', () => {
    const { cutOff } = run(counting(100, 5), 0, 1000);
    expect(cutOff.length).toBe(1);
    expect(run(counting(100, 5), 1, 1000).cutOff).toEqual([]);
  });

  it('prunes by the ranges of inputs', () => {
    const program = counting(3);
    const c = program.terms.symbol('c', intSort);
    const property = program.terms.less(c, program.terms.int(4));
    const at = program.checks[0]!.at;
    const options = { bound: 0, freeTurns: 10, nodeLimit: 100, wanted: false };
    expect(unwind(program, [{ at, property }], options)).toMatchObject({ met: [] });
  });

  it('makes a choice that a condition decides a constant again', () => {
    const t = new TermFactory();
    const b = new ProgramBuilder(t);
    const p = b.procedure('main');
    const fails = p.declare({ name: 'fails', role: 'local' }, boolSort);
    const address = p.declare({ name: 'address', role: 'local' }, intSort);
    const there = p.location();
    const value = t.ite(fails, t.int(0), t.int(16));
    p.edge(p.entry, there, [
      { kind: 'havoc', target: fails },
      { kind: 'assign', target: address, value },
      { kind: 'assume', condition: t.not(t.equal(address, t.int(0))) },
    ]);
    p.edge(there, p.exit, []);
    p.finish();
    const array = t.symbol('array', arraySort(intSort, intSort));
    const stored = t.apply('store', [array, address, t.int(7)]);
    const property = t.equal(t.apply('select', [stored, t.int(16)]), t.int(7));
    const options = { bound: 0, freeTurns: 10, nodeLimit: 100, wanted: false };
    expect(unwind(b.build('main'), [{ at: there, property }], options)).toMatchObject({ met: [] });
  });
});
