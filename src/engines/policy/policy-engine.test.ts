import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../base/budget.ts';
import type { Dimension, Formula, Item, Language, Space } from '../../program/space.ts';
import { checkCover } from '../../verdict/space-cover.ts';
import { decide } from './decide.ts';
import { addressClasses, numberClasses } from './order.ts';
import { fits, stringClasses } from './partition.ts';

const any = { negated: true, chars: '' };
const glob = (text: string): Language =>
  /[*?]/.test(text)
    ? {
        kind: 'union',
        alternatives: [
          Array.from(
            text,
            (c): Item =>
              c === '*'
                ? { set: any, star: true }
                : c === '?'
                  ? { set: any, star: false }
                  : { set: { negated: false, chars: c }, star: false },
          ),
        ],
      }
    : { kind: 'text', text };
const belongs = (language: Language, text: string): boolean =>
  language.kind === 'text' ? language.text === text : language.alternatives.some((s) => fits(s, text));

/** All words over a small alphabet up to a length: what the partition must account for. */
function* words(alphabet: string, length: number): Generator<string> {
  let layer = [''];
  for (let i = 0; i <= length; i++) {
    yield* layer;
    layer = layer.flatMap((w) => [...alphabet].map((c) => w + c));
  }
}

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 5 });

describe('the partition of texts', () => {
  it('has a class for every word and a true member in every class', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(pattern, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        (texts) => {
          const groups = texts.map((g) => g.map(glob));
          const classes = stringClasses(groups, undefined, [], new Budget(), 100_000)!;
          const signature = (w: string) =>
            groups.flatMap((g, i) => (g.some((l) => belongs(l, w)) ? [i] : [])).join(',');
          const known = new Set(classes.map((c) => c.atoms.join(',')));
          expect(known.size).toBe(classes.length);
          for (const c of classes) expect(signature(c.representative)).toBe(c.atoms.join(','));
          for (const w of words('abx', 5)) expect(known).toContain(signature(w));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keeps to the domain, and with `needed` to the words inside', () => {
    fc.assert(
      fc.property(pattern, fc.array(pattern, { minLength: 1, maxLength: 4 }), (domainText, texts) => {
        const groups = texts.map((t) => [glob(t)]);
        const domain = [glob(domainText)];
        const signature = (w: string) => groups.flatMap((g, i) => (belongs(g[0]!, w) ? [i] : [])).join(',');
        const all = stringClasses(groups, domain, [], new Budget(), 100_000)!;
        const inside = stringClasses(groups, domain, [], new Budget(), 100_000, new Set([0]))!;
        const keys = new Set(all.map((c) => c.atoms.join(',')));
        for (const c of all) expect(belongs(domain[0]!, c.representative)).toBe(true);
        for (const w of words('abx', 5)) if (belongs(domain[0]!, w)) expect(keys).toContain(signature(w));
        expect(new Set(inside.map((c) => c.atoms.join(',')))).toEqual(
          new Set([...keys].filter((k) => k.split(',').includes('0'))),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('knows stars that stop at a character (fields of ARNs)', () => {
    const notColon = { negated: true, chars: ':' };
    const field = fc.constantFrom<Item>(
      { set: notColon, star: true },
      { set: any, star: true },
      { set: notColon, star: false },
      ...[...'ab:'].map((c): Item => ({ set: { negated: false, chars: c }, star: false })),
    );
    const language = fc
      .array(field, { maxLength: 5 })
      .map((items): Language => ({ kind: 'union', alternatives: [items] }));
    fc.assert(
      fc.property(fc.array(language, { minLength: 1, maxLength: 3 }), (languages) => {
        const classes = stringClasses(
          languages.map((l) => [l]),
          undefined,
          [],
          new Budget(),
          100_000,
        )!;
        const signature = (w: string) => languages.flatMap((l, i) => (belongs(l, w) ? [i] : [])).join(',');
        const known = new Set(classes.map((c) => c.atoms.join(',')));
        for (const c of classes) expect(signature(c.representative)).toBe(c.atoms.join(','));
        for (const w of words('ab:x', 4)) expect(known).toContain(signature(w));
      }),
      { numRuns: 200 },
    );
  });

  it('finds a word beside the texts when the shortest ones are taken', () => {
    const classes = stringClasses([[glob('a*')], [glob('a')], [glob('ab')]], undefined, [], new Budget(), 1000)!;
    const only = classes.find((c) => c.atoms.join() === '0')!;
    expect(['a', 'ab']).not.toContain(only.representative);
    const finite = stringClasses(
      [[glob('a?')], ...[...'abcdefghijklmnopqrstuvwxyz'].map((c) => [glob(`a${c}`)])],
      [
        {
          kind: 'union',
          alternatives: [
            [
              { set: { negated: false, chars: 'a' }, star: false },
              { set: { negated: false, chars: 'abcdefghijklmnopqrstuvwxyz' }, star: false },
            ],
          ],
        },
      ],
      [],
      new Budget(),
      1000,
    )!;
    expect(finite.some((c) => c.atoms.join() === '0')).toBe(false); // every two-letter word is taken
  });

  it('gives up within its budget', () => {
    const groups = Array.from({ length: 24 }, (_, i) => [glob(`*k${i}X*`)]);
    expect(stringClasses(groups, undefined, [], new Budget(), 2000)).toBeUndefined();
  });
});

describe('ordered dimensions', () => {
  it('cuts numbers at their bounds', () => {
    const classes = numberClasses(
      [
        { kind: 'number', relation: '<', bound: '10' },
        { kind: 'number', relation: '=', bound: '5/2' },
      ],
      true,
      [],
    );
    expect(classes.map((c) => c.atoms.join()).sort()).toEqual(['', '', '', '0', '0', '0,1'].sort());
  });

  it('cuts addresses, families apart', () => {
    const classes = addressClasses(
      [
        { kind: 'address', family: 4, low: 0n, high: 255n },
        { kind: 'address', family: 6, low: 1n, high: 1n },
      ],
      false,
      [],
    );
    expect(classes.map((c) => `${c.range!.family}:${c.atoms.join()}`).sort()).toEqual(['4:', '4:0', '6:', '6:', '6:1']);
  });
});

// ---- random spaces: the engine against enumeration, every proof through the checker

const dimensions: Dimension[] = [
  {
    name: 's',
    kind: 'string',
    optional: true,
    atoms: ['a*', '*b', 'ab', '?'].map((t) => ({ kind: 'language', language: glob(t) })),
  },
  {
    name: 't',
    kind: 'string',
    optional: false,
    atoms: ['x*', 'xy', '*y*'].map((t) => ({ kind: 'language', language: glob(t) })),
  },
  {
    name: 'set',
    kind: 'strings',
    optional: true,
    atoms: ['p*', 'q'].map((t) => ({ kind: 'language', language: glob(t) })),
  },
  {
    name: 'n',
    kind: 'number',
    optional: true,
    garbage: true,
    atoms: [
      { kind: 'number', relation: '<', bound: '3' },
      { kind: 'number', relation: '>=', bound: '3' },
      { kind: 'number', relation: '=', bound: '5' },
    ],
  },
];

const literalArbitrary: fc.Arbitrary<Formula> = fc.integer({ min: 0, max: 3 }).chain((dimension) => {
  const atoms = fc.uniqueArray(fc.integer({ min: 0, max: dimensions[dimension]!.atoms.length - 1 }), { maxLength: 2 });
  return fc
    .tuple(atoms, fc.boolean(), fc.boolean())
    .map(
      ([list, negated, other]): Formula =>
        dimension === 2
          ? { kind: other ? 'some' : 'all', dimension, atoms: list, negated }
          : { kind: 'in', dimension, atoms: list, negated, absent: other },
    );
});

const formulaArbitrary: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4 },
    literalArbitrary,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('formula'), { minLength: 1, maxLength: 4 }),
    }),
  ),
})).formula;

type Values = { s: string | undefined; t: string; set: string[] | undefined; n: number | 'nonsense' | undefined };
const numberIn = [(n: number) => n < 3, (n: number) => n >= 3, (n: number) => n === 5];

function holds(formula: Formula, v: Values): boolean {
  switch (formula.kind) {
    case 'and':
      return formula.parts.every((p) => holds(p, v));
    case 'or':
      return formula.parts.some((p) => holds(p, v));
    case 'in': {
      const value = [v.s, v.t, v.set, v.n][formula.dimension] as string | number | undefined;
      if (value === undefined) return formula.absent;
      const inside = formula.atoms.some((a) => {
        const atom = dimensions[formula.dimension]!.atoms[a]!;
        if (atom.kind === 'language') return belongs(atom.language, String(value));
        return typeof value === 'number' && numberIn[a]!(value);
      });
      return inside !== formula.negated;
    }
    case 'some':
    case 'all': {
      const one = (x: string) =>
        formula.atoms.some((a) => belongs((dimensions[2]!.atoms[a] as { language: Language }).language, x)) !==
        formula.negated;
      if (v.set === undefined) return formula.kind === 'all';
      return formula.kind === 'some' ? v.set.some(one) : v.set.every(one);
    }
    default:
      return formula.kind === 'true';
  }
}

function* allValues(): Generator<Values> {
  for (const s of [undefined, '', 'a', 'b', 'c', 'ab', 'ac', 'bb', 'cc', 'aab'])
    for (const t of ['', 'x', 'xy', 'y', 'zz', 'xz', 'xyy'])
      for (const set of [undefined, ['p'], ['q'], ['z'], ['p', 'q'], ['p', 'z'], ['q', 'z'], ['p', 'q', 'z']])
        for (const n of [undefined, 'nonsense' as const, 1, 3, 5, 7]) yield { s, t, set, n };
}

describe('deciding random spaces', () => {
  it('agrees with trying all values, and every refutation passes the checker', () => {
    fc.assert(
      fc.property(fc.array(formulaArbitrary, { minLength: 1, maxLength: 6 }), (parts) => {
        const space: Space = { dimensions, formula: { kind: 'and', parts } };
        const found = decide(space, new Budget());
        let expected = false;
        for (const v of allValues()) if (holds(space.formula, v)) expected = true;
        expect(found.kind).toBe(expected ? 'point' : 'none');
        if (found.kind === 'none') expect(checkCover(found.space, found.proof)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('no proof of an empty space passes for one that has points', () => {
    fc.assert(
      fc.property(fc.array(formulaArbitrary, { minLength: 1, maxLength: 5 }), formulaArbitrary, (parts, other) => {
        const found = decide({ dimensions, formula: { kind: 'and', parts } }, new Budget());
        if (found.kind !== 'none') return;
        // the same proof against a formula with one part exchanged: accepted only if that one is empty too
        const changed: Space = { dimensions, formula: { kind: 'and', parts: [...parts.slice(1), other] } };
        if (checkCover(changed, found.proof) === undefined) {
          for (const v of allValues()) expect(holds(changed.formula, v)).toBe(false);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('answers with the unknowns only if they matter', () => {
    const unknown = (negated: boolean): Formula => ({ kind: 'unknown', name: 'u', negated });
    const a: Formula = { kind: 'in', dimension: 0, atoms: [0], negated: false, absent: false };
    const notA: Formula = { kind: 'in', dimension: 0, atoms: [0], negated: true, absent: true };
    const ask = (formula: Formula) => decide({ dimensions, formula }, new Budget()).kind;
    expect(ask({ kind: 'and', parts: [a, unknown(false)] })).toBe('unsure');
    expect(ask({ kind: 'or', parts: [a, unknown(false)] })).toBe('point');
    expect(ask({ kind: 'and', parts: [a, notA, unknown(false)] })).toBe('none');
    expect(ask({ kind: 'and', parts: [unknown(false), unknown(true)] })).toBe('none');
  });
});
