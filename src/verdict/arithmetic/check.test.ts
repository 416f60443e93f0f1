import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TermFactory } from '../../terms/factory.ts';
import { intSort } from '../../terms/sort.ts';
import type { Term } from '../../terms/term.ts';
import { checkRefutation } from './check.ts';
import { Problem } from './problem.ts';
import type { ArithmeticProof } from './proof.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

describe('checkRefutation', () => {
  const t = new TermFactory();
  const x = t.symbol('x', intSort);
  const y = t.symbol('y', intSort);
  const z = t.symbol('z', intSort);
  const sum = t.add(t.multiply(t.int(2), x), t.multiply(t.int(4), y));

  // 3 <= 2x + 4y - 6z <= 3: each half tightens, to form >= 2 and form <= 1.
  const form = t.subtract(sum, t.multiply(t.int(6), z));
  const tight = t.and(t.lessEqual(t.int(3), form), t.lessEqual(form, t.int(3)));

  // x < y < z < x, by hand: the literals are looked up, not guessed.
  const cycle = t.all([t.less(x, y), t.less(y, z), t.less(z, x)]);
  const cycleProof = (): ArithmeticProof => {
    const problem = new Problem(cycle);
    const root = problem.variables[problem.root >> 1]!;
    const premises = root.kind === 'and' ? [...root.inputs] : [];
    const of = premises.map((_, i) => [i, 1] as const);
    return {
      steps: [
        { rule: 'arithmetic', premises, refutation: [{ rule: 'farkas', of }] },
        { rule: 'resolution', clause: [], hints: [-(problem.root >> 1), 0] },
      ],
    };
  };

  // x*x = 2 and x >= 0, with a branch, products, a cut and a square.
  const branching = t.all([t.equal(t.multiply(x, x), t.int(2)), t.lessEqual(t.int(0), x)]);
  const branchingProof = (): ArithmeticProof => {
    const problem = new Problem(branching);
    // Facts from the root: x*x >= 2, x*x <= 2, x >= 0.
    const literals: number[] = [];
    for (const [v, variable] of problem.variables.entries()) {
      if (variable.kind !== 'bound') continue;
      if (variable.at === 3n) literals[1] = 2 * v + 1;
      else if (variable.at === 2n) literals[0] = 2 * v;
      else literals[2] = 2 * v;
    }
    const gates = problem.variables.flatMap((variable, v) => (variable.kind === 'and' ? [-v] : [])).reverse();
    return {
      steps: [
        {
          rule: 'arithmetic',
          premises: literals,
          refutation: [
            {
              rule: 'branch',
              form: [[1, 0]],
              at: 1,
              // x in [0, 1]: (1 - x)*x >= 0, so x*x <= x <= 1.
              low: [
                { rule: 'product', left: 3, right: 2 },
                {
                  rule: 'cut',
                  of: [
                    [4, 1],
                    [3, 1],
                  ],
                }, // prettier-ignore
                {
                  rule: 'farkas',
                  of: [
                    [5, 1],
                    [0, 1],
                  ],
                }, // prettier-ignore
              ],
              // x >= 2: (x - 2)^2 >= 0 and 4*(x - 2) >= 0 give x*x >= 4.
              high: [
                { rule: 'square', form: [[1, 0], [-2]] }, // prettier-ignore
                {
                  rule: 'farkas',
                  of: [
                    [4, 1],
                    [3, 4],
                    [1, 1],
                  ],
                }, // prettier-ignore
              ],
            },
          ],
        },
        { rule: 'resolution', clause: [], hints: [...gates, 0] },
      ],
    };
  };

  it('accepts proofs written by hand', () => {
    expect(checkRefutation(tight, { steps: [{ rule: 'resolution', clause: [], hints: [] }] })).toBe(true);
    expect(checkRefutation(cycle, cycleProof())).toBe(true);
    expect(checkRefutation(branching, branchingProof())).toBe(true);
  });

  it('rejects a proof of another formula', () => {
    const weaker = t.all([t.less(x, y), t.less(y, z), t.lessEqual(z, t.add(x, t.int(2)))]);
    expect(checkRefutation(weaker, cycleProof())).toBe(false);
    expect(checkRefutation(cycle, branchingProof())).toBe(false);
    expect(checkRefutation(t.true, { steps: [{ rule: 'resolution', clause: [], hints: [] }] })).toBe(false);
    expect(checkRefutation(x, cycleProof())).toBe(false);
  });

  const proofs: [string, Term, Json][] = [
    ['cycle', cycle, JSON.parse(JSON.stringify(cycleProof()))],
    ['branching', branching, JSON.parse(JSON.stringify(branchingProof()))],
  ];

  it.each(proofs)('rejects every corruption of one field: %s', (_name, term, proof) => {
    let count = 0;
    for (const path of leaves(proof)) {
      for (const value of [junk(at(proof, path), 1), junk(at(proof, path), -1), null, 'x', 1e30, 0.5, [], {}, -1e9]) {
        if (value === undefined) continue;
        count++;
        expect([path, value, checkRefutation(term, replaced(proof, path, value))]).toEqual([path, value, false]);
      }
    }
    for (const path of branches(proof)) {
      count++;
      expect([path, checkRefutation(term, replaced(proof, path, null))]).toEqual([path, false]);
      // A list that lost its last element; hints that were spare are not there.
      const node = at(proof, path);
      if (Array.isArray(node) && node.length > 0) {
        expect([path, checkRefutation(term, replaced(proof, path, node.slice(0, -1)))]).toEqual([path, false]);
      }
    }
    expect(count).toBeGreaterThan(50);
  });

  it('never throws on data of any shape', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (data) => {
        expect(checkRefutation(cycle, data)).toBe(false);
        expect(checkRefutation(cycle, { steps: [data] })).toBe(false);
      }),
    );
    const deep: Json[] = [];
    let inner = deep;
    for (let i = 0; i < 10_000; i++) {
      const low: Json[] = [];
      inner.push({ rule: 'branch', form: [[1, 0]], at: 0, low, high: [] });
      inner = low;
    }
    const [first] = cycleProof().steps;
    const premises = first?.rule === 'arithmetic' ? first.premises : [];
    expect(checkRefutation(cycle, { steps: [{ rule: 'arithmetic', premises, refutation: deep }] })).toBe(false);
  });
});

type Path = (string | number)[];

function at(data: Json, path: Path): Json {
  return path.reduce<Json>((node, key) => (node as Record<string | number, Json>)[key]!, data);
}

function replaced(data: Json, path: Path, value: Json): Json {
  const copy = JSON.parse(JSON.stringify(data)) as Json;
  const [last] = path.slice(-1);
  if (last === undefined) return value;
  (at(copy, path.slice(0, -1)) as Record<string | number, Json>)[last] = value;
  return copy;
}

function* leaves(data: Json, path: Path = []): Generator<Path> {
  if (typeof data !== 'object' || data === null) yield path;
  else
    for (const [key, value] of Object.entries(data))
      yield* leaves(value, [...path, Array.isArray(data) ? Number(key) : key]);
}

function* branches(data: Json, path: Path = []): Generator<Path> {
  if (typeof data !== 'object' || data === null) return;
  yield path;
  for (const [key, value] of Object.entries(data))
    yield* branches(value, [...path, Array.isArray(data) ? Number(key) : key]);
}

function junk(value: Json, delta: number): Json | undefined {
  return typeof value === 'number' ? value + delta : typeof value === 'string' ? `${value}?` : undefined;
}
