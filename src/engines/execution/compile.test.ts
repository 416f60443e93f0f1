import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleFibonacci, exampleSquares } from '../../../test/support/execution-examples.ts';
import { buildPlan, plans } from '../../../test/support/program-plans.ts';
import { type Choices, Machine, TraceChoices } from '../../program/interpreter.ts';
import type { Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import { ArrayValue, type Value, valueKey } from '../../terms/value.ts';
import { largestExact } from './layout.ts';
import type { Inputs, Status } from './protocol.ts';
import { makeRunner } from './runner.ts';

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
      fc.property(plans, fc.nat(1000), fc.constantFrom(1, 3, 17, 1000), (p, seed, piece) => {
        const { program, targets } = buildPlan(p);
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
      fc.property(plans, fc.nat(1000), fc.constantFrom(1, 17, 1000), (p, seed, piece) => {
        const { program, targets } = buildPlan(p);
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
