import fc from 'fast-check';
import type { TermFactory } from './factory.ts';
import type { OperatorName } from './operator.ts';
import { arraySort, boolSort, intSort } from './sort.ts';
import type { SymbolTerm, Term } from './term.ts';
import { ArrayValue, type Value } from './value.ts';

/** Random terms and states for property tests (fast-check): first a plain shape, which shrinks well, then the term. */
export type Shape =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'symbol'; readonly name: string; readonly sort: 'int' | 'bool' | 'array' }
  | { readonly kind: 'apply'; readonly op: OperatorName; readonly index: number; readonly args: readonly Shape[] };

export const intNames = ['x', 'y', 'z'] as const;
export const boolNames = ['p', 'q'] as const;
export const arrayNames = ['a', 'b'] as const;

const interesting = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  -8n,
  15n,
  16n,
  127n,
  128n,
  -128n,
  255n,
  256n,
  2n ** 31n,
  2n ** 32n - 1n,
];
export const smallInt = fc.oneof(fc.constantFrom(...interesting), fc.bigInt(-20n, 20n));
export const anyInt = fc.oneof(smallInt, fc.bigInt(-(2n ** 40n), 2n ** 40n));

const widths = fc.constantFrom(1, 2, 4, 8, 16, 32);
const node = (op: OperatorName, args: readonly Shape[], index = 0): Shape => ({ kind: 'apply', op, index, args });
const integer = (value: bigint): Shape => ({ kind: 'int', value });

export interface ShapeOptions {
  readonly arrays?: boolean;
  readonly powers?: boolean;
  readonly maxDepth?: number;
}

export function shapes(options: ShapeOptions = {}): { int: fc.Arbitrary<Shape>; bool: fc.Arbitrary<Shape> } {
  const size = { maxDepth: options.maxDepth ?? 5, depthSize: 'small' as const };
  const { int, bool } = fc.letrec<{ int: Shape; bool: Shape; array: Shape }>((tie) => {
    const i = tie('int');
    const b = tie('bool');
    const a = tie('array');
    const pair = (...ops: OperatorName[]) =>
      fc.tuple(fc.constantFrom(...ops), i, i).map(([op, x, y]) => node(op, [x, y]));
    const several = (ops: OperatorName[], arg: fc.Arbitrary<Shape>) =>
      fc
        .tuple(fc.constantFrom(...ops), fc.array(arg, { minLength: 2, maxLength: 4 }))
        .map(([op, args]) => node(op, args));
    const intLeaf = fc.oneof(
      fc.constantFrom(...intNames).map((name): Shape => ({ kind: 'symbol', name, sort: 'int' })),
      smallInt.map(integer),
    );
    const boolLeaf = fc.oneof(
      fc.constantFrom(...boolNames).map((name): Shape => ({ kind: 'symbol', name, sort: 'bool' })),
      fc.boolean().map((value): Shape => ({ kind: 'bool', value })),
    );
    const ints = [
      several(['+', '*'], i),
      pair('-', 'div', 'mod', 'quot', 'rem', 'bit.and', 'bit.or', 'bit.xor'),
      fc
        .tuple(fc.constantFrom<OperatorName>('div', 'mod', 'quot', 'rem', 'bit.and'), i, smallInt)
        .map(([op, x, c]) => node(op, [x, integer(c)])),
      fc.tuple(i, smallInt).map(([x, c]) => node('*', [integer(c), x])),
      fc
        .tuple(fc.constantFrom<OperatorName>('shift.left', 'shift.right'), i, fc.bigInt(-2n, 40n))
        .map(([op, x, c]) => node(op, [x, integer(c)])),
      fc
        .tuple(fc.constantFrom<OperatorName>('shift.left', 'shift.right'), i, i, fc.constantFrom(2, 4))
        .map(([op, x, c, w]) => node(op, [x, node('wrap.unsigned', [c], w)])),
      fc.tuple(fc.constantFrom<OperatorName>('neg', 'abs', 'bit.not'), i).map(([op, x]) => node(op, [x])),
      fc
        .tuple(fc.constantFrom<OperatorName>('wrap.unsigned', 'wrap.signed'), i, widths)
        .map(([op, x, w]) => node(op, [x], w)),
      fc.tuple(b, i, i).map(([c, x, y]) => node('ite', [c, x, y])),
      ...(options.arrays ? [fc.tuple(a, i).map(([x, y]) => node('select', [x, y]))] : []),
      ...(options.powers ? [fc.tuple(i, fc.bigInt(-1n, 4n)).map(([x, n]) => node('pow', [x, integer(n)]))] : []),
    ];
    const bools = [
      several(['and', 'or'], b),
      fc.tuple(fc.constantFrom<OperatorName>('implies', 'xor', '='), b, b).map(([op, x, y]) => node(op, [x, y])),
      b.map((x) => node('not', [x])),
      pair('=', '<=', '<', '>=', '>'),
      fc.tuple(b, b, b).map(([c, x, y]) => node('ite', [c, x, y])),
    ];
    return {
      int: fc.oneof(size, intLeaf, ...ints),
      bool: fc.oneof(size, boolLeaf, ...bools),
      array: fc.oneof(
        size,
        fc.constantFrom(...arrayNames).map((name): Shape => ({ kind: 'symbol', name, sort: 'array' })),
        fc.tuple(a, i, i).map((args) => node('store', args)),
        fc.tuple(b, a, a).map((args) => node('ite', args)),
      ),
    };
  });
  return { int, bool };
}

export const intArray = arraySort(intSort, intSort);

export function buildShape(terms: TermFactory, shape: Shape): Term {
  switch (shape.kind) {
    case 'int':
      return terms.int(shape.value);
    case 'bool':
      return terms.bool(shape.value);
    case 'symbol':
      return terms.symbol(shape.name, shape.sort === 'int' ? intSort : shape.sort === 'bool' ? boolSort : intArray);
    case 'apply':
      return terms.apply(
        shape.op,
        shape.args.map((a) => buildShape(terms, a)),
        shape.index,
      );
  }
}

/** A state: values by name. Integers are drawn from `ints`, which may be narrower than all. */
export function states(ints: fc.Arbitrary<bigint> = anyInt): fc.Arbitrary<ReadonlyMap<string, Value>> {
  const array = fc
    .tuple(ints, fc.array(fc.tuple(smallInt, ints), { maxLength: 4 }))
    .map(([fallback, entries]) => entries.reduce((a, [i, e]) => a.store(i, e), new ArrayValue(fallback)));
  return fc
    .tuple(fc.tuple(ints, ints, ints), fc.tuple(fc.boolean(), fc.boolean()), fc.tuple(array, array))
    .map(([xs, ps, as]) => {
      const state = new Map<string, Value>();
      for (const [k, n] of intNames.entries()) state.set(n, xs[k]!);
      for (const [k, n] of boolNames.entries()) state.set(n, ps[k]!);
      for (const [k, n] of arrayNames.entries()) state.set(n, as[k]!);
      return state;
    });
}

export const inState =
  (state: ReadonlyMap<string, Value>) =>
  (symbol: SymbolTerm): Value | undefined =>
    state.get(symbol.name);
