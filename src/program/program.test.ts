import { describe, expect, it } from 'vitest';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import { ProgramBuilder } from './builder.ts';
import { inlineCalls } from './inline.ts';
import { Machine, TraceChoices } from './interpreter.ts';
import { cutPoints, PathEncoder, pathsBetween } from './path.ts';
import { isFlat, type Program } from './program.ts';

/** g(x, y): if (y > 0) while (x > y) x = decrease(x, y), where decrease is a procedure of its own. */
function exampleG(): { program: Program; x: ReturnType<TermFactory['symbol']>; y: ReturnType<TermFactory['symbol']> } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const d = b.procedure('decrease');
  const a = d.declare({ name: 'a', role: 'parameter' }, intSort);
  const by = d.declare({ name: 'by', role: 'parameter' }, intSort);
  const r = d.declare({ name: 'result', role: 'result' }, intSort);
  d.edge(d.entry, d.exit, [{ kind: 'assign', target: r, value: t.subtract(a, by) }]);
  d.finish();
  const g = b.procedure('g');
  const x = g.declare({ name: 'x', role: 'parameter' }, intSort);
  const y = g.declare({ name: 'y', role: 'parameter' }, intSort);
  const head = g.location({ loop: { keyword: 'while', conditionText: 'x > y' } });
  const body = g.location();
  g.edge(g.entry, head, [{ kind: 'assume', condition: t.greater(y, t.int(0)) }]);
  g.edge(g.entry, g.exit, [{ kind: 'assume', condition: t.not(t.greater(y, t.int(0))) }]);
  g.edge(head, body, [{ kind: 'assume', condition: t.greater(x, y) }]);
  g.edge(head, g.exit, [{ kind: 'assume', condition: t.not(t.greater(x, y)) }]);
  g.edge(body, head, [{ kind: 'call', callee: 'decrease', args: [x, y], results: [x] }]);
  g.finish();
  return { program: b.build('g'), x, y };
}

describe('programs', () => {
  it('end at their first failing check: symbolic paths know that the property holds behind it', () => {
    const t = new TermFactory();
    const b = new ProgramBuilder(t);
    const f = b.procedure('f');
    const x = f.declare({ name: 'x', role: 'parameter' }, intSort);
    const edge = f.edge(f.entry, f.exit, [{ kind: 'assign', target: x, value: t.add(x, t.int(1)) }]);
    const property = t.less(x, t.int(7));
    b.check({ kind: 'overflow', at: f.entry, property, text: 'x stays small', failure: 'x is too large' });
    f.finish();
    const program = b.build('f');
    const [path] = program.procedures.get('f')!.edges;
    expect(path!.id).toBe(edge.id);
    const encoder = new PathEncoder(program);
    expect(encoder.encode({ from: f.entry, to: f.exit, edges: [path!] }).condition).toEqual([property]);
  });

  it('run, with calls and inlined, to the same end', () => {
    const { program, x, y } = exampleG();
    const flat = inlineCalls(program);
    if (flat === 'too-large') throw new Error('too large');
    expect(isFlat(program)).toBe(false);
    expect(isFlat(flat)).toBe(true);
    for (const p of [program, flat]) {
      const initial = new Map([
        [x, 17n],
        [y, 5n],
      ]);
      const machine = new Machine(p, new TraceChoices({ initial, havocs: [] }));
      expect(machine.run({ stepLimit: 1000 }).kind).toBe('ended');
      expect(machine.read(x)).toBe(2n);
    }
  });

  it('encode loops as paths between cut points', () => {
    const { program, x, y } = exampleG();
    const flat = inlineCalls(program) as Program;
    const cuts = cutPoints(flat);
    expect(cuts.length).toBe(2);
    const found = pathsBetween(flat, cuts, new Set(cuts));
    if (found.kind !== 'paths') throw new Error(found.kind);
    const loop = found.paths.find((p) => p.from === p.to)!;
    const encoder = new PathEncoder(flat);
    const symbolic = encoder.encode(loop);
    const t = flat.terms;
    expect(symbolic.condition).toEqual([t.greater(x, y)]);
    expect(encoder.after(symbolic, x)).toBe(t.subtract(x, y));
    expect(pathsBetween(flat, cuts, new Set([cuts[0]!])).kind).toBe('uncut-cycle');
  });
});
