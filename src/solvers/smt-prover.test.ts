import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { evaluate } from '../terms/evaluate.ts';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import type { Term } from '../terms/term.ts';
import { checkProof } from '../verdict/proof-check.ts';
import { EnumeratingSolver } from './enumeration.ts';
import { FakePort } from './fake-port.ts';
import { ProverChain } from './prover-chain.ts';
import { SmtProver } from './smt-prover.ts';
import { SmtSolver } from './smt-solver.ts';
import type { SolverSource } from './solver.ts';
import { Z3Wasm } from './z3-wasm.ts';

const z3 = new Z3Wasm();
afterAll(() => z3.close());
const enumeration: SolverSource = { name: 'enumeration', open: (o) => new EnumeratingSolver(o), close: async () => {} };
const liar = (reply: string): SolverSource => ({
  name: 'liar',
  open: () => new SmtSolver(new FakePort([reply, '((v.x 1) (v.y 2))'])),
  close: async () => {},
});

describe('provers', () => {
  const t = new TermFactory();
  const x = t.symbol('x', intSort);
  const y = t.symbol('y', intSort);
  const within = (s: Term, high: bigint) => t.and(t.lessEqual(t.int(0), s), t.lessEqual(s, t.int(high)));
  const nibbles = t.and(within(x, 15n), within(y, 15n));
  const unequal = (a: Term, b: Term) => t.all([nibbles, t.not(t.equal(a, b))]);
  /** x + y = (x ^ y) + 2 (x & y): true, and beyond rewriting and linear arithmetic. */
  const bits = unequal(
    t.add(x, y),
    t.add(t.apply('bit.xor', [x, y]), t.multiply(t.int(2), t.apply('bit.and', [x, y]))),
  );

  it('name the solvers that agree', async () => {
    const result = await new SmtProver([z3, enumeration]).refute(t, bits, new Budget());
    expect(result).toEqual({ kind: 'refuted', proof: { kind: 'trusted', tools: ['z3 (WebAssembly)', 'enumeration'] } });
  });

  it('believe no model that evaluation does not confirm, and no doubt', async () => {
    const result = await new SmtProver([liar('sat'), z3]).refute(t, bits, new Budget());
    expect(result).toEqual({ kind: 'refuted', proof: { kind: 'trusted', tools: ['z3 (WebAssembly)'] } });
    const open = await new SmtProver([liar('unknown')]).refute(t, bits, new Budget());
    expect(open.kind).toBe('unknown');
  });

  it('prefer a model to a refutation', async () => {
    const result = await new SmtProver([liar('unsat'), enumeration]).refute(
      t,
      unequal(t.multiply(x, y), t.add(x, y)),
      new Budget(),
    );
    expect(result.kind).toBe('model');
  });

  it('ask no solver where only checked proofs count', async () => {
    const result = await new SmtProver([z3]).refute(t, bits, new Budget(), { checkedOnly: true });
    expect(result.kind).toBe('unknown');
  });

  it('give models of the formula as it was asked', async () => {
    const formula = t.all([nibbles, t.equal(t.wrapUnsigned(t.multiply(x, y), 3), t.int(5)), t.greater(y, x)]);
    const result = await new SmtProver([z3]).refute(t, formula, new Budget());
    expect(result.kind === 'model' && evaluate(formula, (s) => result.values.get(s))).toBe(true);
  });

  it('rewrite before linear arithmetic, with proofs that check', async () => {
    const chain = new ProverChain();
    const formulas = [
      t.not(t.equal(t.wrapUnsigned(t.add(x, y), 32), t.wrapUnsigned(t.add(y, x), 32))),
      t.all([nibbles, t.greater(x, y), t.lessEqual(t.wrapSigned(t.subtract(t.wrapUnsigned(x, 8), y), 32), t.int(0))]),
      t.all([nibbles, t.greater(t.ite(t.less(x, y), t.apply('bit.and', [y, t.int(255)]), y), y)]),
    ];
    for (const formula of formulas) {
      const result = await chain.refute(t, formula, new Budget());
      expect(result.kind).toBe('refuted');
      if (result.kind === 'refuted') expect(checkProof(t, formula, result.proof)).toEqual({ kind: 'checked' });
    }
    expect(checkProof(t, nibbles, { kind: 'rewriting' }).kind).toBe('rejected');
  });
});
