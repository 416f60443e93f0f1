import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Machine, type Outcome } from '../../../program/interpreter.ts';
import type { Program } from '../../../program/program.ts';
import type { Memory } from './operations.ts';
import { resolveMemory } from './resolve.ts';
import { ByteMachine } from './testing/byte-memory.ts';
import { build, type Shape, type Statement, shapeArb, type Where } from './testing/random-memory-program.ts';

const steps = 3_000;

function resolved(program: Program, memory: Memory, shape: Shape, checked = !shape.lenient): Program | string {
  const result = resolveMemory(program, memory, {
    model: 'c',
    pointerBytes: shape.pointerBytes,
    checked: () => checked,
  });
  return result.ok ? result.value.program : result.error.map((d) => `${d.code} ${d.message}`).join('; ');
}

function run(program: Program): { outcome: string; printed: string[] } {
  const printed: string[] = [];
  const none = { initial: () => undefined, havoc: () => undefined, mark: () => 0, reset: () => undefined };
  const machine = new Machine(program, none);
  const outcome: Outcome = machine.run({
    stepLimit: steps,
    onEvent: (_, args) => {
      printed.push(args.map(String).join(' '));
    },
  });
  return { outcome: outcome.kind === 'check-failed' ? `check ${outcome.check.text}` : outcome.kind, printed };
}

describe('resolution of the memory program', () => {
  test('does what a machine with bytes does, on random programs', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(shapeArb, (shape) => {
        const { program, memory } = build(shape);
        const expected = new ByteMachine(program, memory).run(steps);
        const now = resolved(program, memory, shape);
        if (typeof now === 'string') {
          seen.set(now, (seen.get(now) ?? 0) + 1);
          return;
        }
        const key = expected.outcome.replace(/\d+ /, '');
        seen.set(key, (seen.get(key) ?? 0) + 1);
        expect(run(now)).toEqual(expected);
      }),
      { numRuns: Number(process.env.RUNS ?? 120) },
    );
    if (process.env.RUNS) console.log(seen);
    expect(seen.get('ended') ?? 0).toBeGreaterThan(20);
  });

  test('an object whose scope is entered again is another one', () => {
    const through = (from: number): Where => ({ from, constant: 0, subscript: 'none', stride: 4, count: 1 });
    const body: Statement[] = [
      { kind: 'scope', object: 1, alive: true },
      { kind: 'load', where: through(0), type: 0 },
      { kind: 'point', pointer: 0, where: through(4) },
      { kind: 'load', where: through(0), type: 0 },
    ];
    const shape: Shape = {
      sizes: [4, 4, 4],
      statements: [{ kind: 'loop', turns: 3, body }],
      leaks: false,
      lenient: true,
      pointerBytes: 8,
      types: [0, 0, 0],
    };
    const { program, memory } = build(shape);
    const now = resolved(program, memory, shape, true);
    if (typeof now === 'string') throw new Error(now);
    // The first load of each turn would go to the object of the turn before.
    expect(run(now)).toEqual({ outcome: 'ended', printed: ['0', '0', '0'] });
  });
});
