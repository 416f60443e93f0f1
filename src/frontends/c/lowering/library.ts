import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { isPrintedText } from '../elaboration/formatted-calls.ts';
import { spanOf, textOf } from '../preprocessor/source-file.ts';
import { integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { literalText } from './calls.ts';
import { keepOver, lowerEffect, lowerValue, typeOf } from './expressions.ts';
import { parseFormat } from './format.ts';
import { max, negate, type Value } from './integers.ts';
import { lowerMathCall } from './math-library.ts';
import type { FunctionState } from './state.ts';
import type { ScalarType } from './storage.ts';
import { exitThread } from './threads.ts';

/** The functions of the C library that work on numbers alone, and the output functions, which are events. */

interface Known {
  readonly value: Value | undefined;
}

const exits = new Set(['exit', '_exit', '_Exit', 'quick_exit']);
/** What they return is up to the outside world. */
const worldly = new Set([
  'rand',
  'random',
  'lrand48',
  'getchar',
  'getchar_unlocked',
  'clock',
  'time',
  'getpid',
  'getppid',
  'sleep',
  'usleep',
  'fork',
  'sched_yield',
]);
const quiet = new Set(['srand', 'srandom', 'srand48', 'fflush', 'setbuf']);

export function lowerLibraryCall(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  used: boolean,
): Known | undefined {
  const { name } = symbol;
  if (name === 'abort') {
    f.abort(e.range);
    return { value: undefined };
  }
  if (exits.has(name) && e.args.length === 1) {
    const status = lowerValue(f, e.args[0]!);
    f.exit(status.term, e.range);
    return { value: undefined };
  }
  if (name === 'pthread_exit' || name === 'thrd_exit') {
    if (f.unit.threads.several) {
      exitThread(f, e);
      return { value: undefined };
    }
    // Without other threads, the program ends here.
    for (const arg of e.args) lowerEffect(f, arg);
    f.exit(f.terms.int(0), e.range);
    return { value: undefined };
  }
  if (name in printers) return print(f, symbol, e, used);
  if (name in characterClasses) return { value: classify(f, name, e) };
  if (name === 'tolower' || name === 'toupper') return { value: changeCase(f, name, e) };
  if (name === 'abs' || name === 'labs' || name === 'llabs' || name === 'imaxabs') return { value: absolute(f, e) };
  if (quiet.has(name)) {
    for (const arg of e.args) lowerEffect(f, arg);
    return { value: used ? anyResult(f, symbol) : undefined };
  }
  // time(&t) stores what it returns: then it is our model that is called.
  const stores = e.args.some((arg) => arg.type.kind === 'pointer' && !isNull(arg));
  if (worldly.has(name) && !stores) return { value: fromWorld(f, symbol, e) };
  return lowerMathCall(f, symbol, e);
}

function anyResult(f: FunctionState, symbol: FunctionSymbol): Value | undefined {
  const { result } = symbol.type;
  return isInteger(result) ? f.anything(integerOf(result), `${symbol.name}()`) : undefined;
}

function fromWorld(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Value | undefined {
  if (symbol.name === 'fork') return unsupported('C0610', '`fork`', e.range);
  for (const arg of e.args) {
    lowerEffect(f, arg);
  }
  const value = anyResult(f, symbol);
  if (!value) return undefined;
  const { terms } = f;
  const bound = (low: bigint, high: bigint): Value => {
    f.emit({
      kind: 'assume',
      condition: terms.and(terms.lessEqual(terms.int(low), value.term), terms.lessEqual(value.term, terms.int(high))),
    });
    return { term: value.term, low, high };
  };
  switch (symbol.name) {
    case 'rand':
    case 'random':
    case 'lrand48':
      return bound(0n, 2147483647n);
    case 'getchar':
    case 'getchar_unlocked':
      return bound(-1n, 255n);
    default:
      return value;
  }
}

const isNull = (e: Typed): boolean =>
  e.kind === 'convert' ? isNull(e.operand) : e.kind === 'integer' && e.value === 0n;

// Output

/** Which argument is the stream (its index), and how the text is given. */
const printers: Readonly<
  Record<string, { readonly stream?: number; readonly text: 'format' | 'line' | 'string' | 'character' }>
> = {
  printf: { text: 'format' },
  fprintf: { stream: 0, text: 'format' },
  puts: { text: 'line' },
  putchar: { text: 'character' },
  fputs: { stream: 1, text: 'string' },
  fputc: { stream: 1, text: 'character' },
  putc: { stream: 1, text: 'character' },
  perror: { text: 'string' },
};

function print(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>, used: boolean): Known {
  const shape = printers[symbol.name]!;
  const rest = e.args.filter((_, i) => i !== shape.stream);
  const stream = shape.stream === undefined ? undefined : e.args[shape.stream];
  if (stream && !isStandardStream(stream)) return printToFile(f, symbol, stream, e, used);
  const first = rest[0];
  if (!first) return unsupported('C0609', `a call of \`${symbol.name}\` with too few arguments`, e.range);
  if (shape.text === 'character') {
    const value = lowerValue(f, first);
    printEvent(f, '%c', [value.term], ['%c'], e);
    // It returns the character as it was written, an unsigned char.
    const { terms } = f;
    return { value: used ? { term: terms.wrapUnsigned(value.term, 8), low: 0n, high: 255n } : undefined };
  }
  const literal = literalText(first);
  if (literal === undefined && shape.text !== 'format' && isPrintedText(first)) {
    printEvent(f, shape.text === 'line' ? '%s\n' : '%s', [lowerValue(f, first).term], ['%s'], e);
    return { value: used ? anyCount(f, symbol, e) : undefined };
  }
  if (literal === undefined)
    return unsupported('C0602', `a text that is not a literal (\`${textOf(first.range)}\`)`, first.range);
  if (shape.text === 'format') printFormat(f, literal, rest.slice(1), e);
  else printEvent(f, `${literal.replaceAll('%', '%%')}${shape.text === 'line' ? '\n' : ''}`, [], [], e);
  return { value: used ? anyCount(f, symbol, e) : undefined };
}

function anyCount(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Value | undefined {
  f.approximate(`the number that \`${symbol.name}\` returns is not computed: it may be any`, e.range);
  return anyResult(f, symbol);
}

function isStandardStream(stream: Typed): boolean {
  let at = stream;
  while (at.kind === 'convert') at = at.operand;
  const variable = at.kind === 'load' && at.lvalue.kind === 'variable' ? at.lvalue.variable : undefined;
  return variable?.name === 'stdout' || variable?.name === 'stderr';
}

/** What goes to a file is no event; the stream must be one that is open, an object of a byte (library/stdio.ts). */
function printToFile(
  f: FunctionState,
  symbol: FunctionSymbol,
  stream: Typed,
  e: TypedOf<'call'>,
  used: boolean,
): Known {
  const pointer = typeOf(stream);
  for (const arg of e.args) {
    if (arg !== stream) lowerEffect(f, arg);
    else {
      const address = f.save(lowerValue(f, arg), pointer, 'stream');
      const property = f.unit.memory.validRange(address.term, f.terms.int(1), false);
      if (f.unit.checked('pointer')) {
        f.require(
          { kind: 'pointer', property, text: '{} writes to an open stream', failure: '{} writes to no open stream' },
          e.range,
        );
      }
    }
  }
  f.unit.assume(`what \`${symbol.name}\` writes to \`${textOf(stream.range)}\` is not looked at as output`, e.range);
  return { value: used ? anyCount(f, symbol, e) : undefined };
}

function printFormat(f: FunctionState, format: string, args: readonly Typed[], e: TypedOf<'call'>): void {
  const conversions = parseFormat(format);
  if (!conversions) unsupported('C0611', 'this format', e.range);
  const wanted = conversions.reduce((sum, c) => sum + c.stars + 1, 0);
  if (args.length < wanted)
    unsupported('C0611', `a format that takes ${wanted} arguments, with ${args.length}`, e.range);
  const values: Value[] = [];
  const types: ScalarType[] = [];
  const formats: string[] = [];
  let text = '';
  let from = 0;
  let next = 0;
  const add = (arg: Typed, conversion: string): void => {
    for (const [i, value] of values.entries()) values[i] = keepOver(f, value, types[i]!, [arg]);
    types.push(typeOf(arg));
    values.push(lowerValue(f, arg));
    formats.push(conversion);
  };
  for (const conversion of conversions) {
    const { offset, letter, stars } = conversion;
    text += format.slice(from, offset);
    from = offset + conversion.text.length;
    for (let star = 0; star < stars; star++) add(args[next++]!, '*');
    const arg = args[next++]!;
    const string = letter === 's' ? literalText(arg) : undefined;
    if (string !== undefined && stars === 0 && conversion.text === '%s') {
      text += string.replaceAll('%', '%%');
      continue;
    }
    const printable =
      isInteger(arg.type) ||
      (arg.type.kind === 'floating' && /[aAeEfFgG]/.test(letter)) ||
      (letter === 's' && isPrintedText(arg)) ||
      (letter === 'p' && arg.type.kind === 'pointer');
    if (!printable) {
      unsupported(
        arg.type.kind === 'floating' ? 'C0605' : 'C0601',
        `this argument (\`${textOf(arg.range)}\`)`,
        arg.range,
      );
    }
    text += conversion.text;
    add(arg, conversion.text);
  }
  text += format.slice(from);
  for (const extra of args.slice(wanted)) lowerEffect(f, extra);
  printEvent(
    f,
    text,
    values.map((v) => v.term),
    formats,
    e,
  );
}

function printEvent(
  f: FunctionState,
  text: string,
  args: readonly Term[],
  formats: readonly string[],
  e: TypedOf<'call'>,
): void {
  f.event({ kind: 'print', text, args, formats, origin: spanOf(e.range) });
}

// Characters: the C locale, codes as in ASCII.

type Ranges = readonly (readonly [number, number])[];
const digit: Ranges = [[48, 57]];
const upper: Ranges = [[65, 90]];
const lower: Ranges = [[97, 122]];
const characterClasses: Readonly<Record<string, Ranges>> = {
  isdigit: digit,
  isupper: upper,
  islower: lower,
  isalpha: [...upper, ...lower],
  isalnum: [...digit, ...upper, ...lower],
  isxdigit: [...digit, [65, 70], [97, 102]],
  isspace: [
    [9, 13],
    [32, 32],
  ],
  isblank: [
    [9, 9],
    [32, 32],
  ],
  isprint: [[32, 126]],
  isgraph: [[33, 126]],
  ispunct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  iscntrl: [
    [0, 31],
    [127, 127],
  ],
};

function inRanges(f: FunctionState, value: Term, ranges: Ranges): Term {
  const { terms } = f;
  return terms.any(
    ranges.map(([low, high]) =>
      low === high
        ? terms.equal(value, terms.int(low))
        : terms.and(terms.lessEqual(terms.int(low), value), terms.lessEqual(value, terms.int(high))),
    ),
  );
}

/** The argument of a ctype.h function must be EOF or an unsigned char [C11 7.4p1]. */
function character(f: FunctionState, e: TypedOf<'call'>): Value {
  const value = f.save(lowerValue(f, e.args[0]!), f.unit.types.int, 'character');
  if (value.low === undefined || value.high === undefined || value.low < -1n || value.high > 255n) {
    const { terms } = f;
    const property = terms.and(terms.lessEqual(terms.int(-1), value.term), terms.lessEqual(value.term, terms.int(255)));
    if (f.unit.checked('bounds')) {
      f.require(
        {
          kind: 'bounds',
          property,
          text: 'the argument of {} is a character or EOF',
          failure: 'the argument of {} is no character',
        },
        e.range,
      );
    }
  }
  return value;
}

/** Not 0 for a character of the class; which number is not specified. */
function classify(f: FunctionState, name: string, e: TypedOf<'call'>): Value {
  const { terms } = f;
  const value = character(f, e);
  const belongs = inRanges(f, value.term, characterClasses[name]!);
  const result = f.anything(f.unit.types.int, `${name}()`);
  const positive = terms.not(terms.equal(result.term, terms.int(0)));
  f.emit({ kind: 'assume', condition: terms.equal(positive, belongs) });
  return result;
}

function changeCase(f: FunctionState, name: string, e: TypedOf<'call'>): Value {
  const { terms } = f;
  const value = character(f, e);
  const [ranges, delta] = name === 'tolower' ? [upper, 32] : [lower, -32];
  const term = terms.ite(inRanges(f, value.term, ranges), terms.add(value.term, terms.int(delta)), value.term);
  const { low, high } = value;
  return {
    term,
    ...(low === undefined ? {} : { low: low < -1n ? low : -1n }),
    ...(high === undefined ? {} : { high: high > 255n ? high : 255n }),
  };
}

function absolute(f: FunctionState, e: TypedOf<'call'>): Value {
  const { terms } = f;
  const argument = e.args[0]!;
  if (!isInteger(argument.type))
    return unsupported('C0604', `this argument (\`${textOf(argument.range)}\`)`, argument.range);
  const value = lowerValue(f, argument);
  if (value.low !== undefined && value.low >= 0n) return value;
  const isNegative = terms.less(value.term, terms.int(0));
  f.guards.push(isNegative);
  const opposite = negate(f.arithmetic(e.range), value, integerOf(argument.type));
  f.guards.pop();
  const term = terms.ite(isNegative, opposite.term, value.term);
  if (value.low === undefined || value.high === undefined) return { term };
  const most = max(-value.low, value.high);
  // With wrapping, the smallest number is its own opposite.
  return { term, low: opposite.low !== undefined && opposite.low < 0n ? opposite.low : 0n, high: most };
}
