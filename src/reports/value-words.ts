import type { AddressRange, Program, Variable } from '../program/program.ts';
import type { SymbolTerm } from '../terms/term.ts';
import { type ArrayValue, formatValue, isRational, type Value } from '../terms/value.ts';

/**
 * Values as the user would write them: addresses by the object that they lead to, arrays as lists of elements, arrays of
 * characters as strings. Addresses themselves are our own invention, and mean nothing to anyone.
 */
export function valueWords(program: Program, symbol: SymbolTerm, value: Value | undefined, state?: State): string {
  if (value === undefined) return '';
  const variable = program.variables.get(symbol);
  if (variable?.pointer && typeof value === 'bigint') return shorten(addressWords(program, value, state), longestArray);
  if (typeof value !== 'object' || isRational(value) || value.kind !== 'array') return shortValue(value);
  return arrayWords(program, variable, value, state);
}

/** The values of all variables at the moment that is spoken of: it tells what has been freed, and sizes chosen by the run. */
export type State = ReadonlyMap<SymbolTerm, Value>;

const longestValue = 24;
const longestArray = 40;
const mostElements = 8;

/** Without the middle of long numbers, and the end of long texts. */
export function shortValue(value: Value): string {
  const text = formatValue(value);
  if (text.length <= longestValue) return text;
  if (typeof value === 'bigint')
    return `${text.slice(0, 8)}…${text.slice(-4)} (${text.replace('-', '').length} digits)`;
  return shorten(text);
}

const shorten = (text: string, longest = longestValue): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

/** `null`, `&x`, `&a[2]`, `&s + 4`, `malloc(8) #2 + 4`, or the number where no object is there. */
export function addressWords(program: Program, address: bigint, state?: State): string {
  if (address === 0n) return 'null';
  const found = objectAt(program, address);
  if (!found)
    return `address ${address < 0n || address > 0xffffn ? `0x${BigInt.asUintN(64, address).toString(16)}` : address}`;
  const { range, copy, offset } = found;
  const declared = /^[A-Za-z_][\w.]*$/.test(range.name);
  const freed = state && isFreed(program, range, address - offset, state) ? 'freed ' : '';
  // The object that a pointer parameter was given goes by the parameter's name, which may lead elsewhere by now.
  const given = /^\*([A-Za-z_]\w*)$/.exec(range.name)?.[1];
  if (given !== undefined) return `${freed}${given} at first${offset === 0n ? '' : ` + ${offset}`}`;
  const base = `${freed}${declared ? '&' : ''}${range.name}${copy === undefined ? '' : ` #${copy + 1n}`}`;
  const size = declared && copy === undefined ? elementBytes(program, range.name) : undefined;
  if (size !== undefined && offset % size === 0n) return `${base}[${offset / size}]`;
  return offset === 0n ? base : `${base} + ${offset}`;
}

/** Lowering keeps for each object that can be freed whether it is alive, under the object's name. */
function isFreed(program: Program, range: AddressRange, start: bigint, state: State): boolean {
  const alive = internalOf(program, `alive ${range.name}`, state);
  if (typeof alive === 'boolean') return !alive;
  return typeof alive === 'object' && !isRational(alive) && alive.kind === 'array' && alive.select(start) === false;
}

function internalOf(program: Program, name: string, state: State): Value | undefined {
  for (const [symbol, variable] of program.variables) {
    if (variable.internal && variable.name === name) return state.get(symbol);
  }
  return undefined;
}

interface Place {
  readonly range: AddressRange;
  /** Of the objects that one expression made, the how-manieth; absent where it makes one only. */
  readonly copy?: bigint;
  readonly offset: bigint;
}

/** The object that an address leads into, or just behind. */
export function objectAt(program: Program, address: bigint): Place | undefined {
  let best: Place | undefined;
  for (const range of program.addresses ?? []) {
    if (address < range.low || address > range.high) continue;
    const from = address - range.low;
    const place: Place =
      range.spacing === undefined
        ? { range, offset: from }
        : { range, copy: from / range.spacing, offset: from % range.spacing };
    if (!best || place.offset < best.offset) best = place;
  }
  return best;
}

/** Of a declared array whose elements are numbers: the size of one. */
function elementBytes(program: Program, name: string): bigint | undefined {
  for (const [symbol, variable] of program.variables) {
    if (variable.name === name && symbol.sort.kind === 'array') return bytesOf(program, variable.typeText);
  }
  return undefined;
}

/** How many elements an array has that is kept under this name; undefined where that is not known. */
export function elementCount(program: Program, name: string, state?: State): bigint | undefined {
  const size = elementBytes(program, name);
  const range = program.addresses?.find((r) => r.name === name && r.spacing === undefined);
  if (size === undefined || !range) return undefined;
  const chosen = state && internalOf(program, `size of ${name}`, state);
  if (typeof chosen === 'bigint') return chosen / size;
  // Of an object whose size the run chooses, the addresses do not tell it.
  return range.high - range.low <= 1n ? undefined : (range.high - range.low) / size;
}

/** By the name of the type; pointers and long as wide as the addresses say. */
function bytesOf(program: Program, typeText: string | undefined): bigint | undefined {
  const wide = (program.addresses ?? []).some((r) => r.low >= 1n << 32n) ? 8n : 4n;
  switch (typeText?.replace(/^(?:un)?signed (?=\w)/, '')) {
    case 'char':
    case '_Bool':
      return 1n;
    case 'short':
      return 2n;
    case 'int':
    case 'unsigned':
    case 'float':
      return 4n;
    case 'long long':
    case 'double':
      return 8n;
    case 'long':
    case 'pointer':
      return wide;
    default:
      return undefined;
  }
}

function arrayWords(program: Program, variable: Variable | undefined, array: ArrayValue, state?: State): string {
  const one = (value: Value): string =>
    variable?.pointer && typeof value === 'bigint' ? addressWords(program, value, state) : formatValue(value);
  const entries = [...array.entries.values()];
  const indices = entries.map((e) => e.index).filter((i) => typeof i === 'bigint');
  const count = variable === undefined ? undefined : elementCount(program, variable.name, state);
  // Entries come in the order of their indices.
  const [low, last] = [indices[0] ?? 0n, indices.at(-1) ?? -1n];
  if (indices.length < entries.length || low < 0n || (count === undefined && last >= 64n)) {
    // Indexed by something else than small numbers: by the addresses of objects, for example.
    const listed = entries.slice(0, mostElements).map((e) => {
      const at =
        typeof e.index === 'bigint' && objectAt(program, e.index)
          ? addressWords(program, e.index)
          : formatValue(e.index);
      return `${at}: ${one(e.element)}`;
    });
    return shorten(`{${[...listed, `others: ${one(array.default)}`].join(', ')}}`, longestArray);
  }
  if (/^(?:(?:un)?signed )?char$/.test(variable?.typeText ?? '')) {
    const text = stringWords(array, count ?? last + 2n);
    if (text !== undefined) return shorten(text, longestArray);
  }
  const length = count ?? last + 1n;
  const shown = Number(length < BigInt(mostElements) ? length : BigInt(mostElements));
  const elements = Array.from({ length: shown }, (_, i) => one(array.select(BigInt(i))));
  const open = count === undefined || length > BigInt(mostElements);
  if (open && elements.length > 1) {
    // What repeats at the end is said once: {1, 2, 0, …}.
    while (elements.length > 1 && elements.at(-1) === elements.at(-2)) elements.pop();
  }
  return shorten(`{${[...elements, ...(open ? ['…'] : [])].join(', ')}}`, longestArray);
}

/** The characters up to the first NUL, with it, if all of them can be printed; undefined otherwise. */
function stringWords(array: ArrayValue, count: bigint): string | undefined {
  let text = '';
  for (let i = 0n; i < count && i < 200n; i++) {
    const code = array.select(i);
    if (typeof code !== 'bigint') return undefined;
    if (code === 0n) return `"${text}\\0"`;
    if (code !== 10n && code !== 9n && (code < 32n || code > 126n)) return undefined;
    text += JSON.stringify(String.fromCharCode(Number(code))).slice(1, -1);
  }
  return text === '' ? undefined : `"${text}"`;
}
