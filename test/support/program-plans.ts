import fc from 'fast-check';
import { ProgramBuilder } from '../../src/program/builder.ts';
import type { LocationId, Program, Step } from '../../src/program/program.ts';
import type { Target } from '../../src/program/question.ts';
import { TermFactory } from '../../src/terms/factory.ts';
import { boolSort, intSort } from '../../src/terms/sort.ts';
import { buildShape, intArray, type Shape, shapes } from '../../src/terms/term.arbitrary.ts';
import type { Term } from '../../src/terms/term.ts';
import { substitute } from '../../src/terms/traversal.ts';

/** Random programs over x, y, z (integers of several types), p, q (booleans), a, b (arrays), with calls and recursion. */
export interface Plan {
  readonly ranges: readonly number[];
  readonly main: readonly EdgePlan[];
  readonly helper: readonly EdgePlan[];
  readonly properties: readonly { at: number; shape: Shape }[];
  readonly target: { at: number; shape: Shape };
  readonly prints: readonly { at: number; shape: Shape }[];
}
interface EdgePlan {
  readonly from: number;
  readonly to: number;
  readonly steps: readonly StepPlan[];
}
type StepPlan =
  | { readonly kind: 'assign' | 'array'; readonly target: number; readonly shape: Shape; readonly index: Shape }
  | { readonly kind: 'flag'; readonly target: number; readonly shape: Shape }
  | { readonly kind: 'havoc'; readonly target: number }
  | { readonly kind: 'assume'; readonly shape: Shape }
  | { readonly kind: 'call'; readonly args: readonly Shape[]; readonly target: number };

const places = 6;
const rangeKinds: readonly (readonly [bigint, bigint] | undefined)[] = [
  undefined,
  [0n, 255n],
  [-128n, 127n],
  [0n, 2n ** 32n - 1n],
  [-(2n ** 31n), 2n ** 31n - 1n],
  [0n, 2n ** 64n - 1n],
  [-(2n ** 63n), 2n ** 63n - 1n],
  [0n, 2n ** 40n - 1n],
  [0n, 1n],
];
const widths = [0, 8, 8, 32, 32, 64, 64, 40, 1];

const { int, bool } = shapes({ arrays: true, powers: true, maxDepth: 4 });
const place = fc.integer({ min: 0, max: places - 1 });
const third = fc.integer({ min: 0, max: 2 });
const stepPlan = (calls: boolean): fc.Arbitrary<StepPlan> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('assign' as const), target: third, shape: int, index: int }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('array' as const), target: third, shape: int, index: int }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flag' as const), target: third, shape: bool }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('havoc' as const), target: third }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('assume' as const), shape: bool }) },
    ...(calls
      ? [
          {
            weight: 1,
            arbitrary: fc.record({
              kind: fc.constant('call' as const),
              args: fc.tuple(int, int),
              target: third,
            }),
          },
        ]
      : []),
  );
const edgePlan = fc.record({
  from: place,
  to: place,
  steps: fc.array(stepPlan(true), { maxLength: 3 }),
});
const at = fc.record({ at: place, shape: bool });
export const plans: fc.Arbitrary<Plan> = fc.record({
  ranges: fc.tuple(...[0, 0, 0].map(() => fc.integer({ min: 0, max: rangeKinds.length - 1 }))),
  main: fc.array(edgePlan, { minLength: 3, maxLength: 12 }),
  helper: fc.array(edgePlan, { minLength: 1, maxLength: 6 }),
  properties: fc.array(at, { maxLength: 2 }),
  target: at,
  prints: fc.array(fc.record({ at: place, shape: int }), { maxLength: 2 }),
});

export function buildPlan(p: Plan): { program: Program; targets: Target[] } {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const wrap = (kind: number, term: Term): Term => {
    const w = widths[kind]!;
    if (w === 0) return term;
    return rangeKinds[kind]![0] < 0n ? t.wrapSigned(term, w) : t.wrapUnsigned(term, w);
  };
  const range = (kind: number) =>
    rangeKinds[kind] ? { range: { low: rangeKinds[kind][0], high: rangeKinds[kind][1] } } : {};
  const make = (name: string, edges: readonly EdgePlan[], suffix: string, main: boolean) => {
    const proc = b.procedure(name);
    const ints = ['x', 'y', 'z'].map((n, i) =>
      proc.declare(
        { name: n + suffix, role: i < 2 ? 'parameter' : main ? 'local' : 'result', ...range(p.ranges[i]!) },
        intSort,
      ),
    );
    const flags = ['p', 'q'].map((n) => proc.declare({ name: n + suffix, role: 'local' }, boolSort));
    const arrays = ['a', 'b'].map((n) => proc.declare({ name: n + suffix, role: 'local' }, intArray));
    const own = [...ints, ...flags, ...arrays];
    const names = new Map<Term, Term>(
      ['x', 'y', 'z', 'p', 'q', 'a', 'b'].map((n, i) => [t.symbol(n, own[i]!.sort), own[i]!]),
    );
    const term = (shape: Shape): Term => substitute(t, buildShape(t, shape), names);
    const locations: LocationId[] = [proc.entry, proc.exit];
    while (locations.length < places) locations.push(proc.location());
    for (const e of edges) {
      if (e.from === 1) continue;
      const steps: Step[] = [];
      let called = false;
      for (const s of e.steps) {
        switch (s.kind) {
          case 'assign':
            steps.push({ kind: 'assign', target: ints[s.target]!, value: wrap(p.ranges[s.target]!, term(s.shape)) });
            break;
          case 'array':
            steps.push({
              kind: 'assign',
              target: arrays[s.target % 2]!,
              value: t.apply('store', [arrays[(s.target + 1) % 2]!, term(s.index), term(s.shape)]),
            });
            break;
          case 'flag':
            steps.push({ kind: 'assign', target: flags[s.target % 2]!, value: term(s.shape) });
            break;
          case 'havoc':
            steps.push({ kind: 'havoc', target: ints[s.target]! });
            break;
          case 'assume':
            if (!called) steps.push({ kind: 'assume', condition: term(s.shape) });
            break;
          case 'call':
            called = true;
            steps.push({
              kind: 'call',
              callee: 'helper',
              args: s.args.map((a, i) => wrap(p.ranges[i]!, term(a))),
              results: [ints[2]!],
            });
            break;
        }
      }
      proc.edge(locations[e.from]!, locations[e.to]!, steps);
    }
    proc.finish();
    return { term, locations };
  };
  make('helper', p.helper, '', false);
  const main = make('main', p.main, 'm', true);
  for (const { at, shape } of p.properties) {
    const property = main.term(shape);
    b.check({ kind: 'assertion', at: main.locations[at]!, property, text: '', failure: '' });
  }
  for (const { at, shape } of p.prints) {
    b.event({ at: main.locations[at]!, kind: 'print', text: '', args: [main.term(shape)] });
  }
  const targets = [{ at: main.locations[p.target.at]!, property: main.term(p.target.shape) }];
  return { program: b.build('main'), targets };
}
