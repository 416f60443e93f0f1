import { type ArgumentKind, type FormatFunction, formatFunctions, formatModel } from '../library/formats.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type CType, type FunctionType, isInteger, pointerTo } from '../types/ctype.ts';
import type { FunctionSymbol, Typed } from '../types/typed.ts';
import type { Context } from './context.ts';
import { convert } from './conversion.ts';

/**
 * Calls of functions that follow a format, when it is a literal: they become calls of a function of our own that is written for
 * this format (library/formats.ts). Texts that `printf` and its like print from memory are read first, by a function that gives
 * the same text.
 */
export function formattedCall(
  e: Context,
  symbol: FunctionSymbol,
  args: readonly Typed[],
  ignored = false,
): { readonly symbol: FunctionSymbol; readonly args: readonly Typed[] } | undefined {
  if (symbol.body || e.definedHere.has(symbol.name)) return undefined;
  if (symbol.name === 'printf' || symbol.name === 'fprintf') {
    return { symbol, args: withTextsRead(e, args, symbol.name === 'printf' ? 0 : 1) };
  }
  if (args.length > 0 && args[0]!.type.kind !== 'pointer') return undefined;
  if (symbol.name === 'puts' || symbol.name === 'fputs') {
    return { symbol, args: args.map((arg, i) => (i === 0 && textOf(arg) === undefined ? printed(e, arg, -1) : arg)) };
  }
  if (!formatFunctions.has(symbol.name)) return undefined;
  const family = symbol.name as FormatFunction;
  const at = symbol.type.parameters.length - 1;
  const format = textOf(args[at]);
  if (format === undefined || !symbol.type.variadic) return undefined;
  const further = args.slice(at + 1);
  const kinds = further.map(kindOf);
  const key = `${family} ${kinds.join()} ${ignored} ${format}`;
  const known = e.formatted.get(key);
  if (known) return { symbol: known, args };
  const name = `__tertium_${family}_${e.formatted.size + 1}`;
  const model = formatModel(name, family, format, kinds, ignored);
  if (!model) return undefined;
  const parameters = [...symbol.type.parameters, ...further.map((arg) => arg.type)];
  const made = declareOwn(e, name, symbol.type.result, parameters, symbol.range);
  e.formatted.set(key, made);
  e.models.set(name, model);
  return { symbol: made, args };
}

/** A function of our own: it gets its body with the library's (library-bodies.ts). */
function declareOwn(
  e: Context,
  name: string,
  result: CType,
  parameters: readonly CType[],
  range: Range,
): FunctionSymbol {
  const known = e.functions.get(name);
  if (known) return known;
  const type: FunctionType = { kind: 'function', result, parameters, variadic: false, prototype: true };
  const made: FunctionSymbol = { kind: 'function', name, type, noreturn: false, library: true, range, body: undefined };
  e.functions.set(name, made);
  e.usedFunctions.add(made);
  return made;
}

function kindOf({ type }: Typed): ArgumentKind {
  return isInteger(type) || type.kind === 'pointer' || type.kind === 'floating'
    ? isInteger(type)
      ? 'integer'
      : type.kind
    : 'other';
}

/** The characters of a literal, one for each byte. */
function textOf(arg: Typed | undefined): string | undefined {
  let at = arg;
  while (at?.kind === 'convert') at = at.operand;
  const literal = at?.kind === 'address' ? at.lvalue : undefined;
  if (literal?.kind !== 'string' || literal.units.some((unit) => unit > 255)) return undefined;
  const end = literal.units.indexOf(0);
  return String.fromCharCode(...(end < 0 ? literal.units : literal.units.slice(0, end)));
}

function withTextsRead(e: Context, args: readonly Typed[], formatAt: number): readonly Typed[] {
  const format = textOf(args[formatAt]);
  if (format === undefined) return args;
  const result = [...args];
  let next = formatAt + 1;
  for (const match of format.matchAll(/%[-+ #0']*(\*|\d+)?(?:\.(\*|\d*))?(?:hh|h|ll|l|j|z|t|L|q)?([a-zA-Z%])/g)) {
    const [, width, precision, letter] = match;
    if (letter === '%') continue;
    if (width === '*') next++;
    if (precision === '*') next++;
    const arg = args[next];
    // With a precision among the arguments, how much is read is not known here: the call stays as it is.
    if (letter === 's' && arg?.type.kind === 'pointer' && textOf(arg) === undefined && precision !== '*') {
      result[next] = printed(e, arg, precision === undefined ? -1 : Number(precision));
    }
    next++;
  }
  return result;
}

/** The same text, after it was read. */
function printed(e: Context, arg: Typed, limit: number): Typed {
  const { range } = arg;
  const text = pointerTo({ ...e.types.char, const: true });
  const symbol = declareOwn(e, printedName, text, [text, e.types.int], range);
  const callee: Typed = {
    kind: 'address',
    lvalue: { kind: 'function', symbol, type: symbol.type, range },
    type: pointerTo(symbol.type),
    range,
  };
  const count: Typed = { kind: 'integer', value: BigInt(limit), type: e.types.int, range };
  return { kind: 'call', callee, args: [convert(e, arg, text), count], type: text, range };
}

const printedName = '__tertium_printed';

/** Whether an argument of `printf` is a text that was read. */
export function isPrintedText(arg: Typed): boolean {
  let at = arg;
  while (at.kind === 'convert') at = at.operand;
  if (at.kind !== 'call' || at.callee.kind !== 'address' || at.callee.lvalue.kind !== 'function') return false;
  return at.callee.lvalue.symbol.name === printedName;
}

/** Functions that do other things when nobody looks at their result: our models of them have names of their own. */
const differentWhenIgnored = new Set(['setlocale']);

/** The call of an expression statement. */
export function ignoredCall(e: Context, call: Typed): Typed {
  const callee = call.kind === 'call' && call.callee.kind === 'address' ? call.callee.lvalue : undefined;
  if (call.kind !== 'call' || callee?.kind !== 'function') return call;
  const { symbol } = callee;
  const { range } = call.callee;
  const to = (other: FunctionSymbol): Typed => ({
    ...call,
    callee: {
      kind: 'address',
      lvalue: { kind: 'function', symbol: other, type: other.type, range },
      type: pointerTo(other.type),
      range,
    },
  });
  if (differentWhenIgnored.has(symbol.name) && !symbol.body && !e.definedHere.has(symbol.name)) {
    return to(declareOwn(e, `__tertium_${symbol.name}_0`, symbol.type.result, symbol.type.parameters, symbol.range));
  }
  const family = /^__tertium_([a-z]*scanf)_\d+$/.exec(symbol.name)?.[1];
  const plain = family === undefined ? undefined : (e.functions.get(family) ?? e.lookup(family));
  if (plain?.kind !== 'function') return call;
  const formatted = formattedCall(e, plain, call.args, true);
  return formatted ? to(formatted.symbol) : call;
}
