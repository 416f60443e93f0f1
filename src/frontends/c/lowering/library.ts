import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { textOf } from '../preprocessor/source-file.ts';
import { integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { runExitHandlers } from './exit-handlers.ts';
import { lowerEffect, lowerValue } from './expressions.ts';
import { lowerFormatFact } from './format-facts.ts';
import { max, negate, type Value } from './integers.ts';
import { lowerMathCall } from './math-library.ts';
import { lowerOutput } from './output.ts';
import type { FunctionState } from './state.ts';
import { exitThread } from './threads.ts';

/** The functions of the C library that work on numbers alone, and those that end the program. */

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
    const status = f.save(lowerValue(f, e.args[0]!), f.unit.types.int, 'status');
    if (name === 'exit') runExitHandlers(f, e.range);
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
    runExitHandlers(f, e.range);
    f.exit(f.terms.int(0), e.range);
    return { value: undefined };
  }
  if (name in characterClasses) return { value: classify(f, name, e) };
  if (name === 'tolower' || name === 'toupper') return { value: changeCase(f, name, e) };
  if (name === 'abs' || name === 'labs' || name === 'llabs' || name === 'imaxabs') return { value: absolute(f, e) };
  if (quiet.has(name)) {
    for (const arg of e.args) lowerEffect(f, arg);
    return { value: used ? anyResult(f, symbol) : undefined };
  }
  // time(&t) stores what it returns: then it is our model that is called.
  const stores = e.args.some((arg) => arg.type.kind === 'pointer' && !isNull(arg));
  // Where the program asks what a stream remembers, our model of getchar tells it.
  const remembered = symbol.body !== undefined && ['feof', 'ferror'].some((n) => f.unit.unit.functions.get(n)?.body);
  if (worldly.has(name) && !stores && !remembered) return { value: fromWorld(f, symbol, e) };
  return lowerOutput(f, symbol, e, used) ?? lowerFormatFact(f, name, e) ?? lowerMathCall(f, symbol, e);
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
