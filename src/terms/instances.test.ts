import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../base/budget.ts';
import { ProverChain } from '../solvers/prover-chain.ts';
import { checkProof } from '../verdict/proof-check.ts';
import { evaluate } from './evaluate.ts';
import { TermFactory } from './factory.ts';
import { instantiated, isQuantified, withoutQuantifiers } from './instances.ts';
import { arraySort, intSort } from './sort.ts';
import type { SymbolTerm, Term } from './term.ts';
import { substitute } from './traversal.ts';
import { ArrayValue, type Value } from './value.ts';

const t = new TermFactory();
const a = t.symbol('a', arraySort(intSort, intSort));
const i = t.symbol('i', intSort);
const n = t.symbol('n', intSort);
const k = t.symbol('k', intSort);
const at = (array: Term, index: Term): Term => t.apply('select', [array, index]);
const within = (low: Term, high: Term): Term => t.and(t.lessEqual(low, k), t.less(k, high));
/** a[k] = c for all k from 0 to below `end`. */
const filled = (array: Term, end: Term, c: number): Term =>
  t.quantify('forall', [k], t.implies(within(t.int(0), end), t.equal(at(array, k), t.int(c))));

async function refuted(formula: Term): Promise<boolean> {
  const result = await new ProverChain().refute(t, formula, new Budget({ stepLimit: 200_000 }));
  if (result.kind !== 'refuted') return false;
  expect(checkProof(t, formula, result.proof)).toEqual({ kind: 'checked' });
  return true;
}

describe('quantifiers over elements', () => {
  it('proves the step of a loop that fills an array, and its use', async () => {
    const next = t.apply('store', [a, i, t.int(7)]);
    const step = t.not(filled(next, t.add(i, t.int(1)), 7));
    expect(await refuted(t.all([filled(a, i, 7), t.lessEqual(t.int(0), i), step]))).toBe(true);
    const read = t.not(t.equal(at(a, n), t.int(7)));
    expect(await refuted(t.all([filled(a, i, 7), t.lessEqual(t.int(0), n), t.less(n, i), read]))).toBe(true);
  });

  it('does not prove what is false', async () => {
    const skipping = t.not(filled(t.apply('store', [a, i, t.int(7)]), t.add(i, t.int(2)), 7));
    expect(await refuted(t.and(filled(a, i, 7), skipping))).toBe(false);
    expect(await refuted(t.and(filled(a, i, 7), t.not(t.equal(at(a, n), t.int(7)))))).toBe(false);
    expect(await refuted(t.not(filled(a, i, 7)))).toBe(false);
  });

  it('is undone only where nothing is lost or made up', () => {
    expect(withoutQuantifiers(t, t.equal(filled(a, i, 1), filled(a, n, 1)))).toBeUndefined();
    const nested = t.quantify('forall', [i], filled(a, i, 0));
    expect(withoutQuantifiers(t, nested)).toBeUndefined();
  });

  it('a model of the formula gives one of the result', () => {
    const formula = fc.letrec<{ f: Term }>((tie) => ({
      f: fc.oneof(
        { maxDepth: 3 },
        fc.nat(2).map((c) => filled(a, i, c)),
        fc.nat(2).map((c) => t.quantify('exists', [k], t.and(within(i, n), t.equal(at(a, k), t.int(c))))),
        fc.nat(3).map((c) => t.equal(at(a, t.add(n, t.int(c))), t.int(c % 2))),
        fc.nat(3).map((c) => t.less(i, t.int(c))),
        tie('f').map((f) => t.not(f)),
        fc.tuple(tie('f'), tie('f')).map(([f, g]) => t.and(f, g)),
        fc.tuple(tie('f'), tie('f')).map(([f, g]) => t.implies(f, g)),
      ),
    })).f;
    const small = fc.integer({ min: -2, max: 4 }).map(BigInt);
    const array = fc.array(fc.nat(2).map(BigInt), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(formula, small, small, array, (f, iValue, nValue, elements) => {
        const opened = withoutQuantifiers(t, f);
        if (!opened) return;
        let value = new ArrayValue(0n);
        for (const [x, e] of elements.entries()) value = value.store(BigInt(x - 2), e);
        const state = new Map<string, Value>([
          ['i', iValue],
          ['n', nValue],
          ['a', value],
        ]);
        if (holds(f, state)) expect(satisfiable(opened, state), 'a witness').toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('reads of one formula count for all', () => {
    const [first] = instantiated(t, [filled(a, i, 3), t.equal(at(a, n), t.int(4))])!;
    expect(isQuantified(first!)).toBe(false);
    expect(first).toBe(substitute(t, (filled(a, i, 3) as { body: Term }).body, new Map<Term, Term>([[k, n]])));
  });
});

/** Truth where the quantified index goes from -4 to 12, outside of which all elements are 0 and no bound lies. */
function holds(formula: Term, state: ReadonlyMap<string, Value>): boolean {
  if (formula.kind === 'forall' || formula.kind === 'exists') {
    const { body, kind } = formula;
    const all = [...Array(17).keys()].map((x) => holds(body, new Map([...state, ['k', BigInt(x - 4)]])));
    return kind === 'forall' ? all.every(Boolean) : all.some(Boolean);
  }
  if (formula.kind === 'apply' && isQuantified(formula)) {
    const [x, y] = formula.args.map((f) => holds(f, state));
    return formula.op === 'not' ? !x : formula.op === 'and' ? x! && y! : !x || y!;
  }
  return evaluate(formula, (s) => state.get(s.name)) === true;
}

/** Whether some values of the witnesses make it true. */
function satisfiable(formula: Term, state: ReadonlyMap<string, Value>): boolean {
  const witnesses = new Set<string>();
  const look = (term: Term): void => {
    if (term.kind === 'symbol' && !state.has(term.name)) witnesses.add(term.name);
    if (term.kind === 'apply') term.args.forEach(look);
  };
  look(formula);
  const names = [...witnesses];
  const attempt = (index: number, values: ReadonlyMap<string, Value>): boolean => {
    if (index === names.length) return evaluate(formula, (s: SymbolTerm) => values.get(s.name)) === true;
    for (let x = -4n; x <= 12n; x++) if (attempt(index + 1, new Map([...values, [names[index]!, x]]))) return true;
    return false;
  };
  return names.length > 3 || attempt(0, state);
}
