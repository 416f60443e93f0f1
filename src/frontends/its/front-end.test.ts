import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import type { FrontEndRequest } from '../../program/front-end.ts';
import { PathEncoder } from '../../program/path.ts';
import { type Edge, mainProcedure, type Program } from '../../program/program.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { formatTerm } from '../../terms/print.ts';
import { itsFrontEnd } from './front-end.ts';

const request = { question: 'terminates', options: {} } as FrontEndRequest;

function read(text: string, path = 'a.smt2'): Program {
  const result = itsFrontEnd.read([{ path, text }], request);
  if (!result.ok) throw new Error(formatDiagnostic(result.error[0]!));
  return result.value.tasks[0]!.program;
}

function failure(text: string, path = 'a.smt2'): string {
  const result = itsFrontEnd.read([{ path, text }], request);
  if (result.ok) return 'read';
  const [d] = result.error;
  return `${d!.span!.start.line}:${d!.span!.start.column} ${d!.message}; expected ${d!.expected}`;
}

/** A system with variables x and y and one transition from l0 to itself. */
const system = (formula: string): string => `
(declare-sort Loc 0)
(declare-const l0 Loc)
(define-fun cfg_init ( (pc Loc) (src Loc) (rel Bool) ) Bool (and (= pc src) rel))
(define-fun init_main ((pc^0 Loc) (x^0 Int) (y^0 Int)) Bool (cfg_init pc^0 l0 true))
(define-fun next_main ((pc^0 Loc) (x^0 Int) (y^0 Int) (pc^post Loc) (x^post Int) (y^post Int)) Bool
  (or (cfg_trans2 pc^0 l0 pc^post l0 ${formula})))`;

const edgesOf = (program: Program): Edge[] => mainProcedure(program).edges.filter((e) => e.from !== 0);

const show = (edge: Edge): string[] =>
  edge.steps.map((s) => {
    if (s.kind === 'assume') return `assume ${formatTerm(s.condition)}`;
    if (s.kind === 'assign') return `${s.target.name} = ${formatTerm(s.value)}`;
    return s.kind === 'havoc' ? `havoc ${s.target.name}` : 'call';
  });

const steps = (formula: string): string[][] => edgesOf(read(system(formula))).map(show);

describe('transition systems', () => {
  it('become guarded updates', () => {
    expect(steps('(and (> x^0 y^0) (= x^post (- x^0 y^0)) (= y^post y^0))')).toEqual([['assume y < x', 'x = x - y']]);
    expect(steps('(and (= x^post y^0) (= y^post x^0))')).toEqual([['any1 = x', 'x = y', 'y = any1']]);
    expect(steps('(exists ((t Int)) (and (<= 0 t) (= x^post (+ x^0 t)) (= y^post (* 2 t))))')).toEqual([
      ['havoc any1', 'assume any1 >= 0', 'x = x + any1', 'y = 2 * any1'],
    ]);
    expect(steps('(and (> x^post 0) (= y^post y^0))')).toEqual([['havoc x', 'assume x > 0']]);
    expect(steps('(and (> x^post x^0) (= y^post y^0))')).toEqual([['havoc any1', 'assume x < any1', 'x = any1']]);
    expect(steps('(and (<= x^0 y^0) (<= y^0 x^0) (= x^0 x^post) (= y^post 1))')).toEqual([['assume y == x', 'y = 1']]);
  });

  it('drop temporaries that only bound other things, exactly', () => {
    expect(steps('(exists ((t Int)) (and (< x^0 t) (< t y^0) (= x^post x^0) (= y^post y^0)))')).toEqual([
      ['assume x + 2 <= y'],
    ]);
    expect(steps('(exists ((t Int)) (and (= x^0 (* 2 t)) (= x^post t) (= y^post y^0)))')).toEqual([
      ['havoc any1', 'assume x == 2 * any1', 'x = any1'],
    ]);
  });

  it('split small disjunctions into edges', () => {
    const both = '(= y^post y^0)';
    expect(steps(`(and ${both} (or (and (> x^0 0) (= x^post 1)) (and (< x^0 0) (= x^post 2))))`)).toEqual([
      ['assume x > 0', 'x = 1'],
      ['assume x <= -1', 'x = 2'],
    ]);
  });

  it('mean what their formula says', () => {
    const box = [-2, -1, 0, 1, 2];
    fc.assert(
      fc.property(formulaArbitrary, (formula) => {
        const program = read(system(`(exists ((t Int)) ${write(formula)})`));
        const [x, y] = mainProcedure(program).params;
        const encoder = new PathEncoder(program);
        const paths = edgesOf(program).map((e) => encoder.extend(encoder.start(e.from), e));
        const wide = Array.from({ length: 25 }, (_, i) => i - 12);
        for (const x0 of [-2, 0, 1]) {
          for (const y0 of [-1, 2]) {
            const wanted = new Set<string>();
            for (const x1 of box)
              for (const y1 of box) {
                if (wide.some((t) => holds(formula, { x0, y0, x1, y1, t }))) wanted.add(`${x1},${y1}`);
              }
            const found = new Set<string>();
            for (const path of paths) {
              for (const inputs of tuples(path.inputs.length, box, wide)) {
                const value = (s: { name: string }): bigint | undefined => {
                  const k = path.inputs.findIndex((i) => i.symbol.name === s.name);
                  return k >= 0 ? BigInt(inputs[k]!) : s.name === 'x' ? BigInt(x0) : s.name === 'y' ? BigInt(y0) : 0n;
                };
                if (!path.condition.every((c) => evaluate(c, value))) continue;
                const after = [x!, y!].map((v) => evaluate(path.post.get(v) ?? v, value) as bigint);
                if (after.every((v) => v >= -2n && v <= 2n)) found.add(after.join(','));
              }
            }
            expect([...found].sort()).toEqual([...wanted].sort());
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('read the text forms of T2 and KoAT to the same program', () => {
    const t2 = read(
      'START: 1;\nFROM: 1;\n assume(x > y && y >= 1); x := x - y;\nTO: 1;\nFROM: 1;\n x := nondet(); y := x + 1;\nTO: 2;',
      'a.t2',
    );
    expect(edgesOf(t2).map(show)).toEqual([
      ['assume y < x', 'assume y > 0', 'x = x - y'],
      ['havoc x', 'y = x + 1'],
    ]);
    const koat = read(
      `(GOAL COMPLEXITY)\n(STARTTERM (FUNCTIONSYMBOLS f))\n(VAR x y)\n(RULES
        f(x,y) -> Com_1(f(x - y,y)) :|: x > y && y >= 1
        f(x,y) -{1,1}> g(z) [ z = x ])`,
      'a.koat',
    );
    expect(edgesOf(koat).map(show)).toEqual([['assume y < x', 'assume y > 0', 'x = x - y'], ['havoc y']]);
  });

  it('say where malformed text is wrong', () => {
    expect(failure('(declare-const l0 Loc')).toMatch(/^1:1 a parenthesis is not closed/);
    expect(failure(system('(and (> x^0 zz) true)'))).toBe(
      '7:50 `zz` is not a variable here, nor an integer; expected a variable or an integer',
    );
    expect(failure(system('(= x^0 (+))'))).toMatch(/^7:45 `\+` has 0 arguments; expected at least 1/);
    expect(failure(system('(not (exists ((t Int)) (= t x^0)))'))).toMatch(/`exists` under a negation/);
    expect(failure(system('true').replaceAll('cfg_trans2', 'cfg_trans3'))).toMatch(/a procedure call/);
    expect(failure(`${system('true')}(assert false)`)).toMatch(/an assertion about something else/);
    expect(failure('')).toMatch(/the system has no initial location/);
    expect(failure(system(`${'(or (not '.repeat(5000)}true${'))'.repeat(5000)}`))).toMatch(/nested too deeply/);
    expect(failure('START: 1;\nFROM: 1; x = 1; TO: 1;', 'a.t2')).toMatch(
      /^2:12 `=` is not expected here; expected `:=`/,
    );
    expect(failure('(RULES f(x) -> Com_2(f(x),f(x)))', 'a.koat')).toMatch(/^1:16 a rule with several calls/);
  });

  it('never throw', () => {
    const words = fc.constantFrom(
      '(',
      ')',
      'and',
      'exists',
      'cfg_trans2',
      'l0',
      'x^0',
      '7',
      '(= x^0 1)',
      'FROM',
      ':',
      ';',
    );
    fc.assert(
      fc.property(fc.array(words), fc.constantFrom('a.smt2', 'a.t2', 'a.koat'), (list, path) => {
        const text = list.join(' ');
        for (const t of [text, system(text)]) itsFrontEnd.read([{ path, text: t }], request);
      }),
    );
  });
});

// A second, naive meaning of formulas: as trees that are written out as text and evaluated directly.
type Name = 'x0' | 'y0' | 'x1' | 'y1' | 't';
interface Sum {
  readonly parts: readonly (readonly [number, Name])[];
  readonly constant: number;
}
type Tree =
  | { readonly op: '<=' | '<' | '=' | 'distinct'; readonly left: Sum; readonly right: Sum }
  | { readonly op: 'and' | 'or' | 'not'; readonly parts: readonly Tree[] };

const spelling: Record<Name, string> = { x0: 'x^0', y0: 'y^0', x1: 'x^post', y1: 'y^post', t: 't' };
const int = (n: number): string => (n < 0 ? `(- ${-n})` : String(n));
const writeSum = (s: Sum): string =>
  `(+ ${s.parts.map(([c, n]) => (c === 1 ? spelling[n] : `(* ${int(c)} ${spelling[n]})`)).join(' ')} ${int(s.constant)})`;
const write = (f: Tree): string =>
  'left' in f ? `(${f.op} ${writeSum(f.left)} ${writeSum(f.right)})` : `(${f.op} ${f.parts.map(write).join(' ')})`;

function holds(f: Tree, at: Record<Name, number>): boolean {
  const sum = (s: Sum): number => s.parts.reduce((total, [c, n]) => total + c * at[n], s.constant);
  if ('left' in f) {
    const difference = sum(f.left) - sum(f.right);
    return f.op === '<=' ? difference <= 0 : f.op === '<' ? difference < 0 : (f.op === '=') === (difference === 0);
  }
  if (f.op === 'not') return !holds(f.parts[0]!, at);
  return f.op === 'and' ? f.parts.every((p) => holds(p, at)) : f.parts.some((p) => holds(p, at));
}

/** The last two values, among them the temporary's, from the wide range; primed variables come before. */
function* tuples(length: number, box: readonly number[], wide: readonly number[]): Generator<number[]> {
  if (length === 0) yield [];
  else {
    const values = length > 2 ? box : wide;
    for (const rest of tuples(length - 1, box, wide)) for (const v of values) yield [v, ...rest];
  }
}

const sumArbitrary = (names: readonly Name[]): fc.Arbitrary<Sum> =>
  fc.record({
    parts: fc.array(fc.tuple(fc.constantFrom(1, 1, 1, -1, 2), fc.constantFrom(...names)), {
      minLength: 1,
      maxLength: 2,
    }),
    constant: fc.integer({ min: -2, max: 2 }),
  });
const atomArbitrary: fc.Arbitrary<Tree> = fc.record({
  op: fc.constantFrom('<=', '<', '=', 'distinct'),
  left: sumArbitrary(['x0', 'y0', 'x1', 'y1', 't']),
  right: sumArbitrary(['x0', 'y0', 't']),
});
const equation = (name: Name): fc.Arbitrary<Tree> =>
  fc.record({
    op: fc.constant('=' as const),
    left: fc.constant({ parts: [[1, name] as const], constant: 0 }),
    right: sumArbitrary(['x0', 'y0', 't']),
  });
const formulaArbitrary: fc.Arbitrary<Tree> = fc
  .tuple(
    fc.array(fc.oneof(equation('x1'), equation('y1'), equation('t')), { maxLength: 2 }),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: atomArbitrary },
        fc.array(atomArbitrary, { minLength: 2, maxLength: 2 }).map((parts): Tree => ({ op: 'or', parts })),
        atomArbitrary.map((a): Tree => ({ op: 'not', parts: [a] })),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([equations, others]) => ({ op: 'and', parts: [...equations, ...others] }));
