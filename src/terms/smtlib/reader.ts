import { rational } from '../../base/rational.ts';
import type { SExpression } from '../s-expression.ts';
import type { Sort } from '../sort.ts';
import { ArrayValue, type Value } from '../value.ts';
import type { Format } from './bitvector-form.ts';
import { type FloatSort, readFloat } from './float-form.ts';

/**
 * Reads values as solvers print them: numerals, decimals, fractions, bit-vectors, and arrays as `store`s over a constant.
 * Undefined for anything else (a lambda, say): then there is no model that could be checked.
 */
export function readIntForm(expression: SExpression, sort: Sort): Value | undefined {
  switch (sort.kind) {
    case 'bool':
      return readBool(expression);
    case 'int':
      return readInteger(expression);
    case 'real':
      return readReal(expression);
    case 'array':
      return readArray(
        expression,
        (e) => readIntForm(e, sort.index),
        (e) => readIntForm(e, sort.element),
      );
    case 'float':
      return readFloat(expression, sort.format);
  }
}

export function readBitvectorForm(expression: SExpression, format: Format): bigint | undefined {
  const bits = readBitvector(expression);
  if (bits === undefined) return undefined;
  return format.signed ? BigInt.asIntN(format.widthBits, bits) : bits;
}

/** An array over bit-vectors as one over Int. */
export function readBitvectorArray(
  expression: SExpression,
  index: Format,
  element: Format | FloatSort | 'bool',
): ArrayValue | undefined {
  return readArray(
    expression,
    (e) => readBitvectorForm(e, index),
    (e) => {
      if (element === 'bool') return readBool(e);
      return 'kind' in element ? readFloat(e, element.format) : readBitvectorForm(e, element);
    },
  );
}

export function readBool(expression: SExpression): boolean | undefined {
  if (expression.kind !== 'atom') return undefined;
  return expression.text === 'true' ? true : expression.text === 'false' ? false : undefined;
}

function readInteger(expression: SExpression): bigint | undefined {
  if (expression.kind === 'atom') return /^\d+$/.test(expression.text) ? BigInt(expression.text) : undefined;
  const [head, argument] = expression.items;
  if (expression.items.length !== 2 || head!.kind !== 'atom' || head!.text !== '-') return undefined;
  const value = readInteger(argument!);
  return value === undefined ? undefined : -value;
}

function readReal(expression: SExpression): Value | undefined {
  const fraction = readFraction(expression, 3);
  if (!fraction) return undefined;
  const [numerator, denominator] = fraction;
  return rational(numerator, denominator);
}

function readFraction(expression: SExpression, depth: number): [bigint, bigint] | undefined {
  if (expression.kind === 'atom') {
    const match = /^(\d+)(?:\.(\d+))?$/.exec(expression.text);
    if (!match) return undefined;
    const decimals = match[2] ?? '';
    return [BigInt(match[1]! + decimals), 10n ** BigInt(decimals.length)];
  }
  const [head, a, b] = expression.items;
  if (head?.kind !== 'atom' || depth === 0 || !a) return undefined;
  const x = readFraction(a, depth - 1);
  if (!x) return undefined;
  if (head.text === '-' && expression.items.length === 2) return [-x[0], x[1]];
  const y = b && readFraction(b, depth - 1);
  if (head.text !== '/' || expression.items.length !== 3 || !y || y[0] === 0n) return undefined;
  return [x[0] * y[1], x[1] * y[0]];
}

function readBitvector(expression: SExpression): bigint | undefined {
  if (expression.kind === 'atom') {
    if (/^#b[01]+$/.test(expression.text)) return BigInt(`0b${expression.text.slice(2)}`);
    if (/^#x[0-9a-fA-F]+$/.test(expression.text)) return BigInt(`0x${expression.text.slice(2)}`);
    return undefined;
  }
  const [underscore, value] = expression.items;
  if (expression.items.length !== 3 || underscore!.kind !== 'atom' || underscore!.text !== '_') return undefined;
  const match = value!.kind === 'atom' ? /^bv(\d+)$/.exec(value!.text) : null;
  return match ? BigInt(match[1]!) : undefined;
}

function readArray(
  expression: SExpression,
  readIndex: (e: SExpression) => Value | undefined,
  readElement: (e: SExpression) => Value | undefined,
): ArrayValue | undefined {
  const stores: { index: Value; element: Value }[] = [];
  const names = new Map<string, SExpression>();
  const meaning = (e: SExpression): SExpression => (e.kind === 'atom' ? (names.get(e.text) ?? e) : e);
  let at = expression;
  // Each turn goes to a smaller expression, or uses up a name.
  for (;;) {
    if (at.kind === 'atom') {
      const named = names.get(at.text);
      if (!named) return undefined;
      names.delete(at.text);
      at = named;
      continue;
    }
    const [head, ...rest] = at.items;
    if (isWord(head, 'let') && rest.length === 2 && rest[0]!.kind === 'list') {
      for (const binding of rest[0]!.items) {
        if (binding.kind !== 'list' || binding.items.length !== 2) return undefined;
        const [name, value] = binding.items as [SExpression, SExpression];
        if (name.kind === 'atom') names.set(name.text, value);
      }
      at = rest[1]!;
    } else if (isWord(head, 'store') && rest.length === 3) {
      const index = readIndex(meaning(rest[1]!));
      const element = readElement(meaning(rest[2]!));
      if (index === undefined || element === undefined) return undefined;
      stores.push({ index, element });
      at = rest[0]!;
    } else if (
      head?.kind === 'list' &&
      rest.length === 1 &&
      isWord(head.items[0], 'as') &&
      isWord(head.items[1], 'const')
    ) {
      const fallback = readElement(meaning(rest[0]!));
      if (fallback === undefined) return undefined;
      let result = new ArrayValue(fallback);
      for (const { index, element } of stores.reverse()) result = result.store(index, element);
      return result;
    } else return undefined;
  }
}

const isWord = (e: SExpression | undefined, word: string): boolean => e?.kind === 'atom' && e.text === word;
