import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { spanOf, textOf } from '../preprocessor/source-file.ts';
import { isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { keepOver, lowerEffect, lowerValue, typeOf } from './expressions.ts';
import { type Conversion, parseFormat } from './format.ts';
import { type Argument, FormattedText, requireArgument, type Sink } from './formatted.ts';
import { convertInteger, type Value } from './integers.ts';
import { callHelper } from './model-call.ts';
import { plus } from './places.ts';
import type { FunctionState } from './state.ts';
import type { ScalarType } from './storage.ts';

/**
 * Output. What goes to stdout or stderr is an event of the program, with its text; what goes to another stream, or has a
 * format that is no literal, is an event with a text that is not known. A literal format is taken apart here (formatted.ts);
 * for the rest there are models in C (library/format.ts), and undefined is given.
 */
interface Known {
  readonly value: Value | undefined;
}

interface Shape {
  /** Where the text is among the arguments; what stands before it says where it goes. */
  readonly text: number;
  readonly kind: 'format' | 'line' | 'string' | 'character';
  readonly to: 'standard' | 'stream' | 'descriptor' | 'buffer' | 'sized-buffer' | 'new-buffer';
  /** Where the stream is. */
  readonly stream?: number;
}

/** The format of a call that is taken apart here, if it is one. */
export function literalFormat(name: string, args: readonly Typed[]): string | undefined {
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  return shape?.kind === 'format' ? literalBytes(args[shape.text]) : undefined;
}

const shapes: Readonly<Record<string, Shape>> = {
  printf: { text: 0, kind: 'format', to: 'standard' },
  fprintf: { text: 1, kind: 'format', to: 'stream', stream: 0 },
  dprintf: { text: 1, kind: 'format', to: 'descriptor' },
  sprintf: { text: 1, kind: 'format', to: 'buffer' },
  snprintf: { text: 2, kind: 'format', to: 'sized-buffer' },
  asprintf: { text: 1, kind: 'format', to: 'new-buffer' },
  puts: { text: 0, kind: 'line', to: 'standard' },
  putchar: { text: 0, kind: 'character', to: 'standard' },
  putchar_unlocked: { text: 0, kind: 'character', to: 'standard' },
  fputs: { text: 0, kind: 'string', to: 'stream', stream: 1 },
  fputc: { text: 0, kind: 'character', to: 'stream', stream: 1 },
  putc: { text: 0, kind: 'character', to: 'stream', stream: 1 },
  perror: { text: 0, kind: 'string', to: 'standard' },
};
/** They print, but their text is not known here. */
const opaque = new Set(['vprintf', 'vfprintf', 'vdprintf']);

export function lowerOutput(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  used: boolean,
): Known | undefined {
  if (opaque.has(symbol.name)) printUnknown(f, e);
  const shape = Object.hasOwn(shapes, symbol.name) ? shapes[symbol.name]! : undefined;
  if (!shape) return undefined;
  const first = e.args[shape.text];
  if (!first) return unsupported('C0609', `a call of \`${symbol.name}\` with too few arguments`, e.range);
  const prints = shape.to === 'standard' || shape.to === 'stream' || shape.to === 'descriptor';
  const known = shape.to === 'standard' || (shape.stream !== undefined && isStandard(e.args[shape.stream]));
  const bytes = literalBytes(first);
  if (shape.kind === 'format' && bytes !== undefined && (known || !prints || symbol.body))
    return { value: printFormat(f, shape, known, bytes, e, used) };
  if (known && shape.kind === 'character') {
    const value = lowerValue(f, first);
    printEvent(f, '%c', [value.term], ['%c'], e);
    // It returns the character as it was written, an unsigned char.
    const { terms } = f;
    return { value: used ? { term: terms.wrapUnsigned(value.term, 8), low: 0n, high: 255n } : undefined };
  }
  if (known && bytes !== undefined && shape.kind !== 'format') {
    printEvent(f, `${escaped(decoded(bytes))}${shape.kind === 'line' ? '\n' : ''}`, [], [], e);
    return { value: used ? success(f, symbol, e) : undefined };
  }
  if (prints) printUnknown(f, e);
  if (!symbol.body)
    return unsupported('C0602', `a text that is not a literal (\`${textOf(first.range)}\`)`, first.range);
  return undefined;
}

const succeeds = 'output succeeds: the output functions return what they return when all is written';

/** What functions return that promise no more than a number that is not negative. */
function success(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Value | undefined {
  if (!isInteger(symbol.type.result)) return undefined;
  f.unit.assume(succeeds, e.range);
  const { terms } = f;
  const value = f.anything(f.unit.types.int, `${symbol.name}()`);
  f.emit({ kind: 'assume', condition: terms.lessEqual(terms.int(0), value.term) });
  return { ...value, low: 0n };
}

function isStandard(stream: Typed | undefined): boolean {
  let at = stream;
  while (at?.kind === 'convert') at = at.operand;
  const variable = at?.kind === 'load' && at.lvalue.kind === 'variable' ? at.lvalue.variable : undefined;
  return variable?.name === 'stdout' || variable?.name === 'stderr';
}

/** The arguments of a call, in order; each is kept while the next ones are computed. */
class Arguments {
  readonly #f: FunctionState;
  readonly #done: { value: Value; readonly type: ScalarType }[] = [];

  constructor(f: FunctionState) {
    this.#f = f;
  }

  add(e: Typed): number {
    for (const item of this.#done) item.value = keepOver(this.#f, item.value, item.type, [e]);
    this.#done.push({ value: lowerValue(this.#f, e), type: typeOf(e) });
    return this.#done.length - 1;
  }

  get(i: number): Value {
    return this.#done[i]!.value;
  }

  /** From here on, nothing that happens changes them. */
  keep(): void {
    for (const item of this.#done) item.value = this.#f.save(item.value, item.type, 'argument');
  }
}

function printFormat(
  f: FunctionState,
  shape: Shape,
  known: boolean,
  bytes: string,
  e: TypedOf<'call'>,
  used: boolean,
): Value | undefined {
  const format = e.args[shape.text]!;
  const conversions = parseFormat(bytes);
  if (!conversions) return unsupported('C0611', 'this format', e.range);
  const rest = e.args.slice(shape.text + 1);
  const takes = (c: Conversion): number => c.stars + (c.letter === 'm' ? 0 : 1);
  const wanted = conversions.reduce((sum, c) => sum + takes(c), 0);
  if (rest.length < wanted)
    return unsupported('C0611', `a format that takes ${wanted} arguments, with ${rest.length}`, e.range);
  const args = new Arguments(f);
  for (const before of e.args.slice(0, shape.text)) args.add(before);
  let next = 0;
  const uses = conversions.map((c) => {
    const stars = rest.slice(next, next + c.stars);
    const argument = c.letter === 'm' ? undefined : rest[next + c.stars]!;
    next += takes(c);
    if (argument) requireArgument(c, argument);
    return { c, argument, stars: stars.map((star) => args.add(star)), at: argument ? args.add(argument) : -1 };
  });
  for (const extra of rest.slice(wanted)) lowerEffect(f, extra);
  const { terms } = f;
  const kept = shape.to === 'buffer' || shape.to === 'sized-buffer' || shape.to === 'new-buffer';
  const counts = used || kept || conversions.some((c) => c.letter === 'n');
  if (counts || conversions.some((c) => c.letter === 's')) args.keep();
  const argument = (i: number): Argument | undefined => {
    const { argument: from, at } = uses[i]!;
    if (!from) return undefined;
    const literal = literalBytes(from);
    return { e: from, value: args.get(at), ...(literal === undefined ? {} : { literal }) };
  };
  const make = (sink: Sink | undefined): Value => {
    const text = new FormattedText(f, e.range, sink);
    const literal = (from: number, to: number): void => {
      // `%%` prints its second character.
      for (const piece of pieces(bytes, from, to)) text.literal(piece.to - piece.from, () => place(piece.from));
    };
    const base = (): Term => lowerValue(f, format).term;
    const place = (offset: number): Term => plus(f, base(), BigInt(offset));
    let from = 0;
    for (const [i, { c, stars }] of uses.entries()) {
      literal(from, c.offset);
      from = c.offset + c.text.length;
      const amounts = stars.map((star) => convertInteger(wrapping(f, e), args.get(star), f.unit.types.int));
      text.conversion(c, amounts, argument(i));
    }
    literal(from, bytes.length);
    return text.end();
  };
  const returned = (length: Value): Value => {
    if (length.high! <= mostInt) return length;
    const fits = terms.lessEqual(length.term, terms.int(mostInt));
    return { term: terms.ite(fits, length.term, terms.int(-1)), low: -1n, high: mostInt };
  };
  if (kept) {
    if (shape.to !== 'new-buffer') {
      const room = shape.to === 'buffer' ? terms.int(anyRoom) : args.get(1).term;
      const length = make({ out: args.get(0).term, room });
      return used ? returned(length) : undefined;
    }
    const length = f.number(make(undefined));
    const out = callHelper(f, '__tertium_put_new', [args.get(0).term, length.term], e.range)!;
    make({ out: out.term, room: terms.add(length.term, terms.int(1)) });
    return used ? returned(length) : undefined;
  }
  if (shape.to === 'stream' && !known) callHelper(f, '__tertium_stream', [args.get(shape.stream!).term], e.range);
  let length: Value | undefined;
  if (counts) {
    f.unit.assume(succeeds, e.range);
    length = make(undefined);
  } else if (f.unit.checked('pointer')) {
    // The strings must be there.
    for (const [i, { c, stars }] of uses.entries()) {
      if (c.letter !== 's' || c.length === 'l' || argument(i)?.literal !== undefined) continue;
      const amounts = stars.map((star) => convertInteger(wrapping(f, e), args.get(star), f.unit.types.int));
      new FormattedText(f, e.range, undefined).conversion(c, amounts, argument(i));
    }
  }
  if (known) {
    const { text, formats, values } = eventOf(f, decoded(bytes), uses, args);
    printEvent(f, text, values, formats, e);
  } else printUnknown(f, e);
  return used && length ? returned(length) : undefined;
}

const mostInt = 2147483647n;
/** sprintf does not know how large its buffer is. */
const anyRoom = 1n << 62n;

const wrapping = (f: FunctionState, e: TypedOf<'call'>) => ({ ...f.arithmetic(e.range), model: 'wrap' as const });

/** The parts of a format between two conversions that are printed as they stand. */
function pieces(format: string, from: number, to: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let start = from;
  const pattern = /%[^%]*%/y;
  for (let at = from; at < to; at++) {
    if (format[at] !== '%') continue;
    pattern.lastIndex = at;
    const match = pattern.exec(format);
    if (!match) continue;
    found.push({ from: start, to: at });
    at += match[0].length - 1;
    start = at;
  }
  found.push({ from: start, to });
  return found.filter((piece) => piece.to > piece.from);
}

interface Use {
  readonly c: Conversion;
  readonly argument: Typed | undefined;
  readonly stars: readonly number[];
  readonly at: number;
}

/** The event of a print: its text with the conversions left in, those of literal strings filled in. */
function eventOf(f: FunctionState, format: string, uses: readonly Use[], args: Arguments) {
  const values: Term[] = [];
  const formats: string[] = [];
  let text = '';
  let from = 0;
  for (const [i, { offset, text: conversion }] of parseFormat(format)!.entries()) {
    const { c, argument, stars, at } = uses[i]!;
    text += format.slice(from, offset);
    from = offset + conversion.length;
    if (c.letter === 'n') continue;
    const string = argument && c.text === '%s' ? literalBytes(argument) : undefined;
    if (string !== undefined) {
      text += escaped(decoded(string));
      continue;
    }
    text += conversion;
    for (const star of stars) {
      values.push(args.get(star).term);
      formats.push('*');
    }
    // Where an address stands is no part of what is printed.
    const shown = argument && typeOf(argument).kind !== 'pointer';
    values.push(shown ? args.get(at).term : f.terms.int(0));
    formats.push(shown ? conversion : '%s');
  }
  return { text: text + format.slice(from), formats, values };
}

/** A text that could be any. */
const printUnknown = (f: FunctionState, e: TypedOf<'call'>): void => printEvent(f, '%s', [f.terms.int(0)], ['%s'], e);

function printEvent(
  f: FunctionState,
  text: string,
  args: readonly Term[],
  formats: readonly string[],
  e: TypedOf<'call'>,
): void {
  f.event({ kind: 'print', text, args, formats, origin: spanOf(e.range) });
}

const escaped = (text: string): string => text.replaceAll('%', '%%');
const decoded = (bytes: string): string =>
  new TextDecoder().decode(Uint8Array.from([...bytes].map((c) => c.charCodeAt(0))));

/** The bytes of a string literal argument up to its first zero, one character each. */
export function literalBytes(e: Typed | undefined): string | undefined {
  let at = e;
  while (at?.kind === 'convert') at = at.operand;
  const literal = at?.kind === 'address' ? at.lvalue : undefined;
  if (literal?.kind !== 'string' || (literal.type.kind === 'array' && !isByte(literal.type.element))) return undefined;
  const bytes = String.fromCharCode(...literal.units.map((unit) => Number(unit) & 255));
  const end = bytes.indexOf('\0');
  return end < 0 ? bytes : bytes.slice(0, end);
}

const isByte = (type: Typed['type']): boolean => type.kind === 'integer' && type.size === 1;
