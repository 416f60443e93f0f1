import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { type IntegerType, integerOf, isInteger } from '../types/ctype.ts';
import type { Typed } from '../types/typed.ts';
import { typeOf } from './expressions.ts';
import type { Conversion } from './format.ts';
import { convertInteger, max, type Value } from './integers.ts';
import { callHelper } from './model-call.ts';
import { writePlace } from './places.ts';
import type { FunctionState } from './state.ts';
import type { ScalarType } from './storage.ts';

/**
 * The text that a literal format makes of its arguments, part by part [C11 7.21.6.1]: how long each part is, as a term without
 * loops, and, where the text is kept, calls that write it (library/format.ts). Digits of floating-point numbers, addresses and
 * wide characters are not computed: their length may be any that is possible, and so may their text.
 */

/** Where the text goes: so many bytes at an address; undefined where it is only counted. */
export interface Sink {
  readonly out: Term;
  readonly room: Term;
}

export interface Argument {
  readonly e: Typed;
  readonly value: Value;
  /** The text of a literal, as bytes. */
  readonly literal?: string;
}

/** A part: how long it is, and how to write it at a place. */
interface Part {
  readonly length: Value;
  readonly write: (sink: Sink, at: Term) => void;
}

export class FormattedText {
  readonly #f: FunctionState;
  readonly #range: Range;
  readonly #sink: Sink | undefined;
  /** Characters so far. */
  #at: Value;

  constructor(f: FunctionState, range: Range, sink: Sink | undefined) {
    this.#f = f;
    this.#range = range;
    this.#sink = sink;
    this.#at = this.#constant(0n);
  }

  /** How long the text is; ends it where it is kept. */
  end(): Value {
    if (this.#sink) this.#help('__tertium_put_end', [this.#sink.out, this.#sink.room, this.#at.term]);
    return this.#at;
  }

  /** Text of the format itself, which stands at an address. */
  literal(count: number, address: () => Term): void {
    const length = this.#constant(BigInt(count));
    const write = (sink: Sink, at: Term): void => {
      this.#help('__tertium_put_text', [sink.out, sink.room, at, address(), length.term]);
    };
    if (count > 0) this.#add({ length, write });
  }

  /** `stars`: the values of `*`. `argument`: what is converted; undefined for `%m`. */
  conversion(c: Conversion, stars: readonly Value[], argument: Argument | undefined): void {
    let next = 0;
    const amount = (written: '*' | number | undefined): Value | undefined =>
      written === '*' ? stars[next++] : written === undefined ? undefined : this.#constant(BigInt(written));
    const width = amount(c.width);
    const precision = amount(c.precision);
    if (c.letter === 'n') {
      this.#count(c, argument!);
      return;
    }
    const { terms } = this.#f;
    const zero = terms.int(0);
    // A negative `*` is the flag `-` and a width.
    const isLeft = c.flags.includes('-') ? terms.true : width ? terms.less(width.term, zero) : terms.false;
    const size = width && this.#absolute(width);
    const part = this.#part(c, size, precision, isLeft, argument);
    if (!size) {
      this.#add(part);
      return;
    }
    const whole = this.#save(this.#most(part.length, size));
    const pad = terms.subtract(whole.term, part.length.term);
    const before = isLeft === terms.true ? zero : isLeft === terms.false ? pad : terms.ite(isLeft, zero, pad);
    const space = terms.int(32);
    this.#add({
      length: whole,
      write: (sink, at) => {
        if (isLeft !== terms.true) this.#help('__tertium_put_fill', [sink.out, sink.room, at, space, before]);
        const start = terms.add(at, before);
        part.write(sink, start);
        if (isLeft === terms.false) return;
        const after = terms.subtract(pad, before);
        this.#help('__tertium_put_fill', [sink.out, sink.room, terms.add(start, part.length.term), space, after]);
      },
    });
  }

  #part(
    c: Conversion,
    width: Value | undefined,
    precision: Value | undefined,
    isLeft: Term,
    argument: Argument | undefined,
  ): Part {
    const wide = c.length === 'l' && /[cs]/.test(c.letter);
    if (argument && /[diouxX]/.test(c.letter)) return this.#number(c, width, precision, isLeft, argument);
    if (argument && c.letter === 'c' && !wide) {
      const write = (sink: Sink, at: Term): void => {
        const char = convertInteger(this.#wrapping, argument.value, this.#f.unit.types.char);
        this.#help('__tertium_put', [sink.out, sink.room, at, char.term]);
      };
      return { length: this.#constant(1n), write };
    }
    if (argument && c.letter === 's' && !wide) return this.#string(precision, argument);
    return this.#unknown(c, precision);
  }

  // Numbers

  #number(
    c: Conversion,
    width: Value | undefined,
    precision: Value | undefined,
    isLeft: Term,
    { e, value }: Argument,
  ): Part {
    const f = this.#f;
    const { terms } = f;
    const signed = /[di]/.test(c.letter);
    const number = this.#read(c, signed, e, value);
    const isNegative = terms.less(number.term, terms.int(0));
    const mayBeNegative = number.low! < 0n;
    const magnitude = this.#save(this.#absolute(number));
    const base = c.letter === 'o' ? 8n : signed || c.letter === 'u' ? 10n : 16n;
    const natural = this.#save(this.#digits(magnitude, base));
    // How many digits at least: one, if nothing else is asked for.
    const omitted = precision && terms.less(precision.term, terms.int(0));
    let least: Value = this.#constant(1n);
    if (precision) {
      const term = terms.ite(omitted!, terms.int(1), precision.term);
      least = { term, low: 0n, high: precision.high === undefined ? mostInt : max(1n, precision.high) };
    }
    let count: Value = this.#most(natural, least);
    if (base === 8n && c.flags.includes('#')) {
      const zeroFirst = {
        term: terms.add(natural.term, terms.int(1)),
        low: natural.low! + 1n,
        high: natural.high! + 1n,
      };
      const needed = terms.lessEqual(least.term, natural.term);
      count = { term: terms.ite(needed, zeroFirst.term, count.term), low: 0n, high: max(count.high!, zeroFirst.high) };
    }
    // What stands before the digits.
    const sign = c.flags.includes('+') ? '+' : c.flags.includes(' ') ? ' ' : undefined;
    let prefix: Value = this.#constant(0n);
    const nonZero = terms.not(terms.equal(magnitude.term, terms.int(0)));
    if (signed && sign) prefix = this.#constant(1n);
    else if (signed && mayBeNegative)
      prefix = { term: terms.ite(isNegative, terms.int(1), terms.int(0)), low: 0n, high: 1n };
    else if (base === 16n && c.flags.includes('#'))
      prefix = { term: terms.ite(nonZero, terms.int(2), terms.int(0)), low: 0n, high: 2n };
    if (width && c.flags.includes('0') && isLeft !== terms.true) {
      const room = terms.subtract(width.term, prefix.term);
      const allowed = terms.and(terms.not(isLeft), precision ? omitted! : terms.true);
      const term = terms.ite(terms.and(allowed, terms.less(count.term, room)), room, count.term);
      count = { term, low: count.low!, high: max(count.high!, width.high!) };
    }
    count = this.#save(count);
    const length = this.#sum(prefix, count);
    const write = (sink: Sink, at: Term): void => {
      const place = [sink.out, sink.room] as const;
      if (signed && (sign || mayBeNegative)) {
        const other = terms.int(sign === '+' ? 43 : 32);
        const char = terms.ite(isNegative, terms.int(45), other);
        if (sign) this.#help('__tertium_put', [...place, at, char]);
        else this.#help('__tertium_put_fill', [...place, at, terms.int(45), prefix.term]);
      } else if (prefix.high! > 0n) {
        this.#help('__tertium_put_fill', [...place, at, terms.int(48), terms.ite(nonZero, terms.int(1), terms.int(0))]);
        const x = terms.int(c.letter.charCodeAt(0));
        const second = terms.add(at, terms.int(1));
        this.#help('__tertium_put_fill', [...place, second, x, terms.ite(nonZero, terms.int(1), terms.int(0))]);
      }
      const start = terms.add(at, prefix.term);
      const upper = terms.int(c.letter === 'X' ? 1 : 0);
      const parts = [...place, start, magnitude.term, terms.int(base), upper, count.term];
      this.#help('__tertium_put_digits', parts);
    };
    return { length, write };
  }

  /** The argument as the number that is printed. */
  #read(c: Conversion, signed: boolean, e: Typed, value: Value): Value {
    const f = this.#f;
    const { types } = f.unit;
    const name = c.length;
    const wide = name === 'll' || name === 'j' ? types.llong : name === 'l' ? types.long : undefined;
    const passed: IntegerType = wide ?? (name === 'z' || name === 't' ? types.size : types.int);
    const own = isInteger(e.type) ? integerOf(e.type) : undefined;
    let number = value;
    if (!own || own.size < passed.size) {
      f.unit.assume(
        `\`${textOf(e.range)}\` is no argument for \`${c.text}\` (undefined in C): it is printed as some number`,
        e.range,
      );
      number = f.anything(passed);
    } else if (own.size > passed.size) {
      f.unit.assume(
        `\`${textOf(e.range)}\` is no argument for \`${c.text}\` (undefined in C): its low bytes are printed`,
        e.range,
      );
    }
    const shown = name === 'hh' ? [types.schar, types.uchar] : name === 'h' ? [types.short, types.ushort] : undefined;
    const type = shown ? shown[signed ? 0 : 1]! : { ...passed, signed };
    return this.#save(convertInteger(this.#wrapping, number, type));
  }

  /** How many digits a number has; 0 has none. */
  #digits(magnitude: Value, base: bigint): Value {
    const { terms } = this.#f;
    const low = digitsOf(magnitude.low!, base);
    const high = digitsOf(magnitude.high!, base);
    let term: Term = terms.int(high);
    for (let count = high - 1n; count >= low; count--)
      term = terms.ite(terms.less(magnitude.term, terms.int(base ** count)), terms.int(count), term);
    return { term, low, high };
  }

  // Strings

  #string(precision: Value | undefined, { value, literal }: Argument): Part {
    const { terms } = this.#f;
    let length: Value;
    if (literal !== undefined && !precision) length = this.#constant(BigInt(literal.length));
    else if (!precision) length = { ...this.#help('__tertium_length', [value.term])!, low: 0n, high: mostBytes };
    else {
      const omitted = terms.less(precision.term, terms.int(0));
      const limit = terms.ite(omitted, terms.int(mostInt), precision.term);
      const most = precision.high !== undefined && precision.low! >= 0n ? precision.high : mostInt;
      length = { ...this.#help('__tertium_length_within', [value.term, limit])!, low: 0n, high: most };
    }
    const write = (sink: Sink, at: Term): void => {
      this.#help('__tertium_put_text', [sink.out, sink.room, at, value.term, length.term]);
    };
    return { length, write };
  }

  // What is not computed

  #unknown(c: Conversion, precision: Value | undefined): Part {
    const f = this.#f;
    const floating = /[aAeEfFgG]/.test(c.letter);
    const text = c.letter === 's' || c.letter === 'S';
    f.approximate(`the text that \`${c.text}\` prints is not computed: it may be any`, this.#range);
    const extra = floating ? (/[fF]/.test(c.letter) ? 330n : 40n) : text ? mostInt : 400n;
    const high =
      (precision?.high !== undefined && precision.high > 0n ? precision.high : precision ? mostInt : 6n) + extra;
    const low = text ? 0n : 1n;
    const { term } = this.#help('__tertium_some_length', [f.terms.int(low), f.terms.int(high)])!;
    const write = (sink: Sink, at: Term): void => {
      this.#help('__tertium_put_any', [sink.out, sink.room, at, term]);
    };
    return { length: { term, low, high }, write };
  }

  /** `%n`: the number of characters so far. */
  #count(c: Conversion, { e, value }: Argument): void {
    const { types } = this.#f.unit;
    const byLength: Readonly<Record<string, IntegerType>> = {
      hh: types.schar,
      h: types.short,
      l: types.long,
      ll: types.llong,
      j: types.llong,
      z: types.size,
      t: types.ptrdiff,
    };
    const type = byLength[c.length] ?? types.int;
    const address = { start: value.term, subscripts: [] };
    const place = { kind: 'memory' as const, address, type, certain: false };
    writePlace(this.#f, place, convertInteger(this.#wrapping, this.#at, type), e.range);
  }

  // Computing

  #add(part: Part): void {
    if (this.#sink) part.write(this.#sink, this.#at.term);
    this.#at = this.#sum(this.#at, part.length);
    if (this.#sink) this.#at = this.#save(this.#at);
  }

  #constant(value: bigint): Value {
    return { term: this.#f.terms.int(value), low: value, high: value };
  }

  #sum(a: Value, b: Value): Value {
    return { term: this.#f.terms.add(a.term, b.term), low: a.low! + b.low!, high: a.high! + b.high! };
  }

  #most(a: Value, b: Value): Value {
    if (a.low! >= b.high!) return a;
    if (b.low! >= a.high!) return b;
    const { terms } = this.#f;
    const term = terms.ite(terms.lessEqual(a.term, b.term), b.term, a.term);
    return { term, low: max(a.low!, b.low!), high: max(a.high!, b.high!) };
  }

  #absolute(v: Value): Value {
    const low = v.low ?? -mostInt - 1n;
    const high = v.high ?? mostInt;
    if (low >= 0n) return { term: v.term, low, high };
    const { terms } = this.#f;
    const term = terms.ite(terms.less(v.term, terms.int(0)), terms.negate(v.term), v.term);
    return { term, low: 0n, high: max(-low, high) };
  }

  /** A number in a variable of its own, which holds it exactly. */
  #save(v: Value): Value {
    return this.#f.number(v);
  }

  get #wrapping() {
    return { ...this.#f.arithmetic(this.#range), model: 'wrap' as const };
  }

  #help(name: string, args: readonly Term[]): Value | undefined {
    return callHelper(this.#f, name, args, this.#range);
  }
}

/** Whether a value can be the argument of a conversion at all; anything else is undefined behaviour that we do not follow. */
export function requireArgument(c: Conversion, e: Typed): void {
  const type: ScalarType = typeOf(e);
  const fits = /[sSnp]/.test(c.letter)
    ? type.kind === 'pointer'
    : /[aAeEfFgG]/.test(c.letter)
      ? type.kind === 'floating' && c.length !== 'L'
      : type.kind !== 'floating' && (type.kind === 'integer' || !/[cC]/.test(c.letter));
  if (!fits) unsupported('C0611', `\`${textOf(e.range)}\` as the argument of \`${c.text}\``, e.range);
}

const mostInt = 2147483647n;
/** No object is larger. */
const mostBytes = 1n << 63n;

function digitsOf(value: bigint, base: bigint): bigint {
  let count = 0n;
  for (let rest = value; rest > 0n; rest /= base) count++;
  return count;
}
