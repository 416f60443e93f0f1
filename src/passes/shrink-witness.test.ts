import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../program/builder.ts';
import type { Question, Task } from '../program/question.ts';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import type { Claim } from '../verdict/claim.ts';
import { shrinkClaim } from './shrink-witness.ts';

/** while (x > y) x = x - y; over mathematical integers, and the failing check x != 77 in the loop. */
function example(): {
  task: (kind: 'terminates' | 'always') => Task;
  x: ReturnType<TermFactory['symbol']>;
  y: ReturnType<TermFactory['symbol']>;
} {
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('g2');
  const x = p.declare({ name: 'x', role: 'parameter' }, intSort);
  const y = p.declare({ name: 'y', role: 'parameter' }, intSort);
  const head = p.location({ loop: { keyword: 'while' } });
  const body = p.location();
  p.edge(p.entry, head, []);
  p.edge(head, body, [{ kind: 'assume', condition: t.greater(x, y) }]);
  p.edge(head, p.exit, [{ kind: 'assume', condition: t.lessEqual(x, y) }]);
  p.edge(body, head, [{ kind: 'assign', target: x, value: t.subtract(x, y) }]);
  p.finish();
  const program = b.build('g2');
  const property = t.not(t.equal(t.apply('rem', [x, t.int(10)]), t.int(7)));
  const question = (kind: 'terminates' | 'always'): Question =>
    kind === 'terminates'
      ? { kind, text: 'Does g2 end?' }
      : { kind, text: 'Is x never 7 at the end of a decade?', targets: [{ at: body, property }] };
  return {
    task: (kind) => ({ program, question: question(kind), assumptions: [], subject: { path: 'g2', language: 'its' } }),
    x,
    y,
  };
}

describe('counterexamples become small', () => {
  test('a lasso: (913, 0) becomes (1, 0)', () => {
    const { task, x, y } = example();
    const trace = {
      initial: new Map([
        [x, 913n],
        [y, 0n],
      ]),
      havocs: [],
    };
    const claim: Claim = { by: 'test', answer: 'no', evidence: { kind: 'lasso', trace, firstStep: 1, secondStep: 3 } };
    const shrunk = shrinkClaim(task('terminates'), claim);
    if (shrunk.answer === 'dont-know' || shrunk.evidence.kind !== 'lasso') throw new Error('another claim');
    expect(shrunk.evidence.trace.initial).toEqual(
      new Map([
        [x, 1n],
        [y, 0n],
      ]),
    );
  });

  test('a failing check keeps failing', () => {
    const { task, x, y } = example();
    const trace = {
      initial: new Map([
        [x, 997n],
        [y, -5n],
      ]),
      havocs: [],
    };
    const claim: Claim = { by: 'test', answer: 'no', evidence: { kind: 'trace', trace, steps: 50 } };
    const shrunk = shrinkClaim(task('always'), claim);
    if (shrunk.answer === 'dont-know' || shrunk.evidence.kind !== 'trace') throw new Error('another claim');
    const value = shrunk.evidence.trace.initial.get(x) as bigint;
    expect(value < 100n && value > -100n).toBe(true);
  });

  test('what cannot be made smaller stays as it is', () => {
    const { task, x, y } = example();
    const minimal = {
      initial: new Map([
        [x, 1n],
        [y, 0n],
      ]),
      havocs: [],
    };
    const claim: Claim = {
      by: 'test',
      answer: 'no',
      evidence: { kind: 'lasso', trace: minimal, firstStep: 1, secondStep: 3 },
    };
    expect(shrinkClaim(task('terminates'), claim)).toBe(claim);
  });
});
