import fc from 'fast-check';
import type { TermFactory } from './factory.ts';
import type { OperatorName } from './operator.ts';
import { boolSort, floatSort, intSort } from './sort.ts';
import type { Term } from './term.ts';
import { bitsToFloat, numberToFloat, type Value } from './value.ts';

/** Random terms with floats in them, and states for their symbols (fast-check). */
export type Make = (t: TermFactory) => Term;

export const floatNames = ['u', 'v', 'w'] as const;

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2.5,
  -2.5,
  3,
  1e10,
  255.5,
  2 ** 24 + 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 63,
  2 ** -126,
  2 ** -149,
  2 ** -1022,
  5e-324,
  Number.MAX_VALUE,
  3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** Floats of a width: special ones, small integers and halves, and any bits. */
export const floatValues = (width: 32 | 64): fc.Arbitrary<Value> => {
  const format = width === 32 ? 'binary32' : 'binary64';
  return fc.oneof(
    fc.constantFrom(...specials).map((x) => numberToFloat(x, format)),
    fc.integer({ min: -200, max: 200 }).map((x) => numberToFloat(x / 4, format)),
    fc.bigInt(0n, 2n ** BigInt(width) - 1n).map((bits) => bitsToFloat(bits, format)),
  );
};

const apply =
  (op: OperatorName, args: readonly Make[], index = 0): Make =>
  (t) =>
    t.apply(
      op,
      args.map((a) => a(t)),
      index,
    );

export interface FloatShapes {
  readonly float: fc.Arbitrary<Make>;
  readonly int: fc.Arbitrary<Make>;
  readonly bool: fc.Arbitrary<Make>;
}

/** `remainders`: with fmod, which solvers find hard. `conversions`: with floats of the other width. */
export function floatShapes(
  width: 32 | 64,
  options: { readonly maxDepth: number; readonly remainders: boolean },
): FloatShapes {
  const size = { maxDepth: options.maxDepth, depthSize: 'small' as const };
  const sort = floatSort(width);
  const other = width === 32 ? 64 : 32;
  return fc.letrec<{ float: Make; int: Make; bool: Make }>((tie) => {
    const f = tie('float');
    const i = tie('int');
    const b = tie('bool');
    const floatLeaf = fc.oneof(
      fc.constantFrom(...floatNames).map(
        (name): Make =>
          (t) =>
            t.symbol(name, sort),
      ),
      floatValues(width).map(
        (value): Make =>
          (t) =>
            t.value(value, sort),
      ),
    );
    const intLeaf = fc.oneof(
      fc.constantFrom('x', 'y').map(
        (name): Make =>
          (t) =>
            t.symbol(name, intSort),
      ),
      fc.bigInt(-40n, 40n).map(
        (value): Make =>
          (t) =>
            t.int(value),
      ),
    );
    const boolLeaf = fc.oneof(
      fc.constant<Make>((t) => t.symbol('p', boolSort)),
      fc.boolean().map(
        (value): Make =>
          (t) =>
            t.bool(value),
      ),
    );
    const binary: OperatorName[] = ['fp.add', 'fp.sub', 'fp.mul', 'fp.div'];
    return {
      float: fc.oneof(
        size,
        floatLeaf,
        fc.tuple(fc.constantFrom(...binary), f, f).map(([op, x, y]) => apply(op, [x, y])),
        fc.tuple(fc.constantFrom<OperatorName>('fp.neg', 'fp.abs', 'fp.sqrt'), f).map(([op, x]) => apply(op, [x])),
        fc.tuple(f, fc.integer({ min: 1, max: 5 })).map(([x, mode]) => apply('fp.round', [x], mode)),
        i.map((x) => apply('fp.of.int', [x], width)),
        i.map((x) => apply('fp.of.bits', [x], width)),
        f.map((x) => apply('fp.of.bits', [apply('fp.bits', [x])], width)),
        f.map((x) => apply('fp.convert', [apply('fp.convert', [x], other)], width)),
        fc.tuple(b, f, f).map(([c, x, y]) => apply('ite', [c, x, y])),
        ...(options.remainders ? [fc.tuple(f, f).map(([x, y]) => apply('fp.rem', [x, y]))] : []),
      ),
      int: fc.oneof(
        size,
        intLeaf,
        fc.tuple(fc.constantFrom<OperatorName>('+', '-'), i, i).map(([op, x, y]) => apply(op, [x, y])),
        fc.tuple(f, fc.constantFrom(8, 16, 32, 33, 64, 65)).map(([x, bits]) => apply('fp.to.int', [x], bits)),
        f.map((x) => apply('fp.bits', [x])),
        i.map((x) => apply('wrap.signed', [x], 16)),
      ),
      bool: fc.oneof(
        size,
        boolLeaf,
        fc
          .tuple(fc.constantFrom<OperatorName>('fp.lt', 'fp.le', 'fp.eq', '='), f, f)
          .map(([op, x, y]) => apply(op, [x, y])),
        fc
          .tuple(fc.constantFrom<OperatorName>('fp.isNaN', 'fp.isInfinite', 'fp.isNegative'), f)
          .map(([op, x]) => apply(op, [x])),
        fc.tuple(fc.constantFrom<OperatorName>('=', '<', '<='), i, i).map(([op, x, y]) => apply(op, [x, y])),
        b.map((x) => apply('not', [x])),
      ),
    };
  });
}

/** A state of the symbols that `floatShapes` uses. */
export const floatStates = (width: 32 | 64): fc.Arbitrary<ReadonlyMap<string, Value>> =>
  fc
    .tuple(
      floatValues(width),
      floatValues(width),
      floatValues(width),
      fc.bigInt(-40n, 40n),
      fc.bigInt(-40n, 40n),
      fc.boolean(),
    )
    .map(
      ([u, v, w, x, y, p]) =>
        new Map<string, Value>([
          ['u', u],
          ['v', v],
          ['w', w],
          ['x', x],
          ['y', y],
          ['p', p],
        ]),
    );
