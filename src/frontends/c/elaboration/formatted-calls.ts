import { type ArgumentKind, type ScanFunction, scanFunctions, scanModel } from '../library/scan.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type CType, type FunctionType, isInteger, pointerTo } from '../types/ctype.ts';
import type { FunctionSymbol, Typed } from '../types/typed.ts';
import type { Context } from './context.ts';

/**
 * Calls of functions that read by a format, when it is a literal: they become calls of a function of our own that is written for
 * this format (library/scan.ts).
 */
export function formattedCall(
  e: Context,
  symbol: FunctionSymbol,
  args: readonly Typed[],
  ignored = false,
): { readonly symbol: FunctionSymbol; readonly args: readonly Typed[] } | undefined {
  if (symbol.body || e.definedHere.has(symbol.name)) return undefined;
  if (args.length > 0 && args[0]!.type.kind !== 'pointer') return undefined;
  if (!scanFunctions.has(symbol.name)) return undefined;
  const family = symbol.name as ScanFunction;
  const at = symbol.type.parameters.length - 1;
  const format = textOf(args[at]);
  if (format === undefined || !symbol.type.variadic) return undefined;
  const further = args.slice(at + 1);
  const kinds = further.map(kindOf);
  const key = `${family} ${kinds.join()} ${ignored} ${format}`;
  const known = e.formatted.get(key);
  if (known) return { symbol: known, args };
  const name = `__tertium_${family}_${e.formatted.size + 1}`;
  const model = scanModel(name, family, format, kinds, ignored);
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
