import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleFibonacci, exampleSquares } from '../../../test/support/execution-examples.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import { type Choices, Machine, TraceChoices } from '../../program/interpreter.ts';
import type { LocationId, Program, Step } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import { TermFactory } from '../../terms/factory.ts';
import { boolSort, intSort } from '../../terms/sort.ts';
import { buildShape, intArray, type Shape, shapes } from '../../terms/term.arbitrary.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { substitute } from '../../terms/traversal.ts';
import { ArrayValue, type Value, valueKey } from '../../terms/value.ts';
import type { Inputs, Status } from './compile.ts';
import { largestExact } from './layout.ts';
import { makeRunner } from './runner.ts';

/** Random programs over x, y, z (integers of several types), p, q (booleans), a, b (arrays), with calls and recursion. */
interface Plan {
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
const plan: fc.Arbitrary<Plan> = fc.record({
  ranges: fc.tuple(...[0, 0, 0].map(() => fc.integer({ min: 0, max: rangeKinds.length - 1 }))),
  main: fc.array(edgePlan, { minLength: 3, maxLength: 12 }),
  helper: fc.array(edgePlan, { minLength: 1, maxLength: 6 }),
  properties: fc.array(at, { maxLength: 2 }),
  target: at,
  prints: fc.array(fc.record({ at: place, shape: int }), { maxLength: 2 }),
});

function build(p: Plan): { program: Program; targets: Target[] } {
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

/** The same inputs for both: the n-th one is a function of n and of the variable's range. */
class Source implements Choices {
  readonly #program: Program;
  readonly #seed: bigint;
  position = 0;
  constructor(program: Program, seed: number) {
    this.#program = program;
    this.#seed = BigInt(seed);
  }
  draw(symbol: SymbolTerm): Value {
    const n = BigInt(this.position++);
    const random = ((this.#seed + n * 7919n) * 2654435761n) % 1000003n;
    if (symbol.sort.kind === 'bool') return random % 2n === 1n;
    if (symbol.sort.kind === 'array') return new ArrayValue(random % 5n).store(random % 3n, random);
    const small = n % 3n === 0n ? random ** 3n : (random % 7n) - 3n;
    const range = this.#program.variables.get(symbol)?.range;
    if (!range) return small;
    const size = range.high! - range.low! + 1n;
    return range.low! + (((small % size) + size) % size);
  }
  initial(symbol: SymbolTerm): Value {
    return this.draw(symbol);
  }
  havoc(symbol: SymbolTerm): Value {
    return this.draw(symbol);
  }
  mark(): number {
    return this.position;
  }
  reset(mark: number): void {
    this.position = mark;
  }
}

interface Result {
  readonly status: string;
  readonly at: number;
  readonly steps: number;
  readonly hit: number;
  readonly state: string;
  readonly events: string;
}

const show = (state: ReadonlyMap<SymbolTerm, Value>): string =>
  [...state]
    .map(([s, v]) => `${s.name}=${valueKey(v)}`)
    .sort()
    .join(' ');

const limit = 150;

function interpret(program: Program, targets: readonly Target[], seed: number, live: ReadonlySet<SymbolTerm>): Result {
  const source = new Source(program, seed);
  const choices: Choices = {
    initial: (s) => (live.has(s) ? source.initial(s) : undefined),
    havoc: (s) => source.havoc(s),
    mark: () => source.mark(),
    reset: (m) => source.reset(m),
  };
  const machine = new Machine(program, choices);
  const events: string[] = [];
  let hit = -1;
  const outcome = machine.run({
    stepLimit: limit,
    depthLimit: 20,
    onEvent: (e, args) => events.push(`${program.events.indexOf(e)}:${args.map(valueKey)}`),
    onLocation: (at, m) => {
      hit = targets.findIndex((t) => t.at === at && m.evaluate(t.property) === false);
      return hit >= 0;
    },
  });
  const status =
    outcome.kind === 'stopped'
      ? 'met'
      : outcome.kind === 'out-of-steps'
        ? 'paused'
        : outcome.kind === 'limit' && outcome.reason.startsWith('the call')
          ? 'deep'
          : outcome.kind;
  if (outcome.kind === 'check-failed') hit = outcome.check.id;
  const state = status === 'limit' || status === 'deep' ? '' : show(machine.state());
  return { status, at: machine.at, steps: machine.steps, hit, state, events: events.join(' ') };
}

function compiled(
  program: Program,
  targets: readonly Target[],
  seed: number,
  piece: number,
  interpretToo: boolean,
): Result & { live: ReadonlySet<SymbolTerm> } {
  const source = new Source(program, seed);
  const events: string[] = [];
  const inputs: Inputs = {
    next: (slot) => {
      const value = source.draw(runner.layout.slots[slot]!);
      return typeof value === 'bigint' && value <= largestExact && value >= -largestExact ? Number(value) : value;
    },
    edge: () => {
      throw new Error('not asked');
    },
    mark: () => source.mark(),
    reset: (m) => source.reset(m),
    advance: () => false,
    head: () => 0,
    novel: () => undefined,
    event: (i, values) => events.push(`${i}:${values.map((v) => valueKey(v as Value))}`),
  };
  const runner = makeRunner(program, inputs, {
    targets,
    wanted: false,
    events: true,
    depthLimit: 20,
    interpret: interpretToo,
  });
  expect(runner.kind).toBe(interpretToo ? 'interpreted' : 'compiled');
  let status: Status = 'paused';
  for (let left = limit; left > 0 && status === 'paused'; left -= runner.used)
    status = runner.run(Math.min(left, piece));
  return {
    status,
    at: runner.at,
    steps: runner.steps,
    hit: runner.hit,
    state: status === 'limit' || status === 'deep' ? '' : show(runner.values()),
    events: events.join(' '),
    live: new Set([...runner.inputSlots].map((i) => runner.layout.slots[i]!)),
  };
}

describe('compiled programs', () => {
  const runs = Number(process.env.TERTIUM_COMPILE_RUNS ?? 300);
  it('do what the interpreter does: state, outcome, events', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(plan, fc.nat(1000), fc.constantFrom(1, 3, 17, 1000), (p, seed, piece) => {
        const { program, targets } = build(p);
        const { live, ...fast } = compiled(program, targets, seed, piece, false);
        const slow = interpret(program, targets, seed, live);
        seen.set(slow.status, (seen.get(slow.status) ?? 0) + 1);
        if (slow.status === 'limit') expect(fast.status).toBe('limit');
        else {
          const hit = slow.status === 'met' || slow.status === 'check-failed' ? slow.hit : fast.hit;
          expect(fast).toEqual({ ...slow, hit });
        }
      }),
      { numRuns: runs, seed: 1 },
    );
    for (const status of ['ended', 'check-failed', 'blocked', 'met', 'paused']) {
      expect(seen.get(status) ?? 0, status).toBeGreaterThan(runs / 100);
    }
  });

  it('can be replaced by the interpreter', () => {
    fc.assert(
      fc.property(plan, fc.nat(1000), fc.constantFrom(1, 17, 1000), (p, seed, piece) => {
        const { program, targets } = build(p);
        const fast = compiled(program, targets, seed, 1000, false);
        const slow = compiled(program, targets, seed, piece, true);
        if (fast.status === 'limit') expect(slow.status).toBe('limit');
        else expect({ ...slow, hit: 0 }).toEqual({ ...fast, hit: 0 });
      }),
      { numRuns: Math.ceil(runs / 3), seed: 2 },
    );
  });

  it('recurse and index arrays', () => {
    const none: Inputs = {
      next: () => new ArrayValue(0n),
      edge: () => 0,
      mark: () => 0,
      reset: () => undefined,
      advance: () => false,
      head: () => 0,
      novel: () => undefined,
      event: () => undefined,
    };
    const fib = exampleFibonacci(15);
    const machine = new Machine(fib.program, new TraceChoices({ initial: new Map(), havocs: [] }));
    machine.run({ stepLimit: 1e6 });
    const runner = makeRunner(fib.program, none);
    expect(runner.run(1e6)).toBe('ended');
    expect(runner.values().get(fib.sum)).toBe(610n);
    expect(runner.steps).toBe(machine.steps);
    const squares = exampleSquares(100);
    const other = makeRunner(squares.program, none);
    expect(other.run(1e6)).toBe('ended');
    expect(other.values().get(squares.sum)).toBe(328350n);
  });
});
