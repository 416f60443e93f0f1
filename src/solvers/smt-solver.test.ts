import { describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { TermFactory } from '../terms/factory.ts';
import { between } from '../terms/interval.ts';
import { arraySort, intSort } from '../terms/sort.ts';
import { FakePort } from './fake-port.ts';
import type { PortReply } from './smt-port.ts';
import { SmtSolver } from './smt-solver.ts';

/** A solver that dies, lies or babbles costs an answer, never its truth; and the next question works. */
describe('a solver behind a port', () => {
  const t = new TermFactory();
  const x = t.symbol('x', intSort);
  const positive = t.greater(x, t.int(0));
  const ask = async (
    replies: readonly (string | PortReply)[],
    formula = positive,
    ranges = new Map([[x, between(0n, 9n)]]),
  ) => {
    const port = new FakePort(replies);
    const solver = new SmtSolver(port, { ranges, form: 'int' });
    return { port, solver, answer: await solver.solve([formula], new Budget()) };
  };
  const reason = (answer: Awaited<ReturnType<typeof ask>>['answer']) =>
    answer.kind === 'unknown' ? `${answer.reason.kind}: ${answer.reason.text}` : answer.kind;

  it('passes on refutations and confirmed models', async () => {
    expect((await ask(['unsat\n'])).answer).toEqual({ kind: 'refuted' });
    expect((await ask(['sat\n', '((v.x 5))\n'])).answer).toEqual({ kind: 'model', model: new Map([[x, 5n]]) });
  });

  const troubles: readonly (readonly [string, readonly (string | PortReply)[], string])[] = [
    ['a model that is none', ['sat', '((v.x 0))'], 'rejected: the model of fake is not one: a formula is false in it'],
    [
      'a model outside the ranges',
      ['sat', '((v.x 10))'],
      'rejected: the model of fake is not one: x is outside its range',
    ],
    [
      'a model without the symbol',
      ['sat', '((v.y 5))'],
      'rejected: the model of fake cannot be read: no readable value for x',
    ],
    [
      'a model that cannot be read',
      ['sat', '((v.x (+ 1 2)))'],
      'rejected: the model of fake cannot be read: no readable value for x',
    ],
    [
      'a model cut short',
      ['sat', '((v.x 5)'],
      'rejected: the model of fake cannot be read: a parenthesis is not closed',
    ],
    [
      'an error before the answer',
      ['(error "line 1: unknown constant")\nunsat'],
      'failed: fake reported "(error "line 1: unknown constant") unsat"',
    ],
    [
      'an error after the answer',
      ['unsat\n(error "out of memory")'],
      'failed: fake reported "unsat (error "out of memory")"',
    ],
    ['two answers', ['unsat\nsat'], 'failed: fake answered "unsat sat"'],
    ['no answer', [''], 'failed: fake answered ""'],
    ['nonsense', ['maybe'], 'failed: fake answered "maybe"'],
    ['death', [{ kind: 'failed', why: 'died', text: 'out of memory' }], 'failed: fake: out of memory'],
    ['death before the model', ['sat', { kind: 'failed', why: 'died', text: 'signal 9' }], 'failed: fake: signal 9'],
    ['time', [{ kind: 'failed', why: 'time', text: '' }], 'budget: fake ran out of time'],
    [
      'giving up',
      ['unknown', '(:reason-unknown "(incomplete (theory arithmetic))")'],
      'incomplete: fake gave up: (incomplete (theory arithmetic))',
    ],
    ['its own limit', ['unknown', '(:reason-unknown "canceled")'], 'budget: fake gave up: canceled'],
  ];

  it.each(troubles)('%s is no answer, and the next question is sent whole', async (_, replies, expected) => {
    const { port, solver, answer } = await ask([...replies, 'unsat']);
    expect(reason(answer)).toBe(expected);
    expect((await solver.solve([positive], new Budget())).kind).toBe('refuted');
    const last = port.sent[port.sent.length - 1]!;
    expect(last.text).toContain('(check-sat)');
    if (/^failed|out of time/.test(expected))
      expect(last).toMatchObject({ fresh: true, text: expect.stringContaining('(declare-const v.x') });
  });

  it('sends all again to an engine that was replaced', async () => {
    const port = new FakePort(['unsat', { kind: 'lost' }, 'unsat']);
    const solver = new SmtSolver(port);
    solver.assert(positive);
    await solver.solve([], new Budget());
    expect((await solver.solve([], new Budget())).kind).toBe('refuted');
    expect(port.sent.map((m) => m.fresh)).toEqual([true, false, true]);
    expect(port.sent[2]!.text).toContain('v.x');
  });

  it('gives up on an engine that is replaced again and again', async () => {
    const { answer } = await ask(new Array(9).fill({ kind: 'lost' }));
    expect(reason(answer)).toBe('failed: fake was replaced again and again');
  });

  it('sends only what is new', async () => {
    const port = new FakePort(['sat', '((v.x 5))', 'unsat']);
    const solver = new SmtSolver(port, { resourceLimit: 77, form: 'int' });
    solver.assert(positive);
    await solver.solve([], new Budget());
    solver.push();
    solver.assert(t.less(x, t.int(0)));
    expect((await solver.solve([], new Budget())).kind).toBe('refuted');
    expect(port.sent[2]!.text).toBe('(push 1)\n(assert (< v.x 0))\n(limit 77)\n(check-sat)\n');
  });

  it('asks nothing that it cannot say', async () => {
    // C's fmod is none of the operations of the theory of floats.
    const [f, g] = ['f', 'g'].map((name) => t.symbol(name, { kind: 'float', format: 'binary64' }));
    const floats = t.equal(t.apply('fp.rem', [f!, g!]), g!);
    const { port, answer } = await ask([], floats);
    expect(reason(answer)).toMatch(/^unsupported: /);
    expect(port.sent).toEqual([]);
    const unbounded = t.symbol('free', intSort);
    const masked = t.equal(t.apply('bit.and', [unbounded, t.symbol('free2', intSort)]), t.int(1));
    expect(reason((await ask([], masked)).answer)).toMatch(/^unsupported: the operands of bit.and have no bounds/);
  });

  it('keeps names of users apart from those of the theory', async () => {
    const odd = ['and', 'd.0', 'a|b', 'let', '', 'é', 'x y'].map((n) => t.symbol(n, intSort));
    const { port } = await ask(['unsat'], t.equal(t.sum(odd), t.symbol('m', arraySort(intSort, intSort)) && t.int(0)));
    expect(port.sent[0]!.text).toContain('(declare-const v.and Int)');
    expect(port.sent[0]!.text).toContain('(declare-const |v.a{7c}b| Int)');
  });
});
