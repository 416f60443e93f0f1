import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Step } from '../../program/program.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { TermFactory } from '../../terms/factory.ts';
import { floatShapes, floatStates, type Make } from '../../terms/float.arbitrary.ts';
import { formatTerm } from '../../terms/print.ts';
import { arraySort, floatSort, intSort } from '../../terms/sort.ts';
import { inState } from '../../terms/term.arbitrary.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import { ArrayValue, defaultValue, type Value, valueKey } from '../../terms/value.ts';
import { ListedInputs } from './inputs.ts';
import { Layout } from './layout.ts';
import { makeRunner } from './runner.ts';

/** A program that takes the state as its inputs, keeps each term in a variable and an array, and ends. */
function run(makes: readonly Make[], state: ReadonlyMap<string, Value>, width: 32 | 64, bounded: boolean) {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const terms = makes.map((make) => make(t));
  const renamed = new Map<string, SymbolTerm>();
  const symbols = freeSymbols(terms);
  for (const s of symbols) {
    const range = s.sort.kind === 'int' && bounded ? { range: { low: -40n, high: 40n } } : {};
    renamed.set(s.name, p.declare({ name: `${s.name}'`, role: 'local', ...range }, s.sort));
  }
  const again = makes.map((make) => make({ ...proxy(t), symbol: (n: string) => renamed.get(n)! } as never));
  const steps: Step[] = [...renamed.values()].map((target) => ({ kind: 'havoc', target }));
  const results = again.map((term, i) => p.declare({ name: `r${i}`, role: 'local' }, term.sort));
  const array = p.declare({ name: 'a', role: 'local' }, arraySort(intSort, floatSort(width)));
  const copy = p.declare({ name: 'c', role: 'local' }, floatSort(width));
  for (const [i, value] of again.entries()) steps.push({ kind: 'assign', target: results[i]!, value });
  steps.push({
    kind: 'assign',
    target: array,
    value: t.apply('store', [
      t.value(new ArrayValue(defaultValue(floatSort(width))), array.sort),
      t.int(1),
      results[0]!,
    ]),
  });
  steps.push({ kind: 'assign', target: copy, value: t.apply('select', [array, t.int(1)]) });
  p.edge(p.entry, p.exit, steps);
  p.finish();
  const program = b.build('main');
  const layout = new Layout(program);
  const inputs = new ListedInputs(layout);
  inputs.load(
    [...renamed.keys()].map((n) => {
      const v = state.get(n)!;
      return typeof v === 'bigint' ? Number(v) : v;
    }),
    [...renamed.values()].map((s) => layout.slot(s)!),
  );
  const runner = makeRunner(program, inputs);
  const status = runner.run(10);
  const values = runner.values();
  const expected = terms.map((term) => evaluate(term, inState(state)));
  return {
    status,
    kind: runner.kind,
    got: [...results, copy].map((r) => values.get(r)!),
    expected: [...expected, expected[0]!],
    text: terms.map((x) => formatTerm(x)).join('; '),
  };
}

const proxy = (t: TermFactory) => ({
  value: t.value.bind(t),
  bool: t.bool.bind(t),
  int: t.int.bind(t),
  apply: t.apply.bind(t),
});

describe.each([32, 64] as const)('compiled floats of %i bits', (width) => {
  const { float, int, bool } = floatShapes(width, { maxDepth: 4, remainders: true });
  it('are what evaluation says', () => {
    fc.assert(
      fc.property(float, int, bool, floatStates(width), fc.boolean(), (f, i, b, state, bounded) => {
        const { status, kind, got, expected, text } = run([f, i, b], state, width, bounded);
        expect(status).toBe('ended');
        expect(kind).toBe('compiled');
        expect([...got.map(valueKey), text]).toEqual([...expected.map(valueKey), text]);
      }),
      { numRuns: 500 },
    );
  });
});
