import type { Model } from './index.ts';

/**
 * The scanf family [C11 7.21.6.2] with a literal format: for each call, C text of a function that takes the arguments of that
 * call. What is read from outside is anything that the conversion can give; a string without a width may be of any length. A
 * number that does not fit its object is undefined behaviour: that is checked for where the format does not limit its digits to
 * those of the type (which, for decimal numbers, still leaves some out: it is assumed that those do not come). Undefined: a
 * conversion that we do not follow, or one without its argument.
 */
export type ScanFunction = 'scanf' | 'fscanf' | 'sscanf';

export const scanFunctions: ReadonlySet<string> = new Set<ScanFunction>(['scanf', 'fscanf', 'sscanf']);

/** What the call gives for an argument, as far as formats ask. */
export type ArgumentKind = 'integer' | 'floating' | 'pointer' | 'other';

/** Parameters that stand before the format. */
const leading: Readonly<Record<ScanFunction, readonly string[]>> = {
  scanf: [],
  fscanf: ['void *stream'],
  sscanf: ['const char *from'],
};

const spare = { integer: 'long long', floating: 'double', pointer: 'void *' } as const;

interface Written {
  /** Types of the further parameters. */
  readonly parameters: string[];
  readonly body: string;
  readonly approximation?: string;
  readonly assumption?: string;
}

/**
 * `ignored`: nobody looks at the result; then the input is assumed to fit the format, for otherwise a program that ignores it
 * reads what nothing wrote.
 */
export function scanModel(
  name: string,
  family: ScanFunction,
  format: string,
  given: readonly ArgumentKind[],
  ignored = false,
): Exclude<Model, string> | undefined {
  const written = scanning(family, format, given, ignored);
  if (!written) return undefined;
  const { parameters, body, ...more } = written;
  // What the format does not take is passed all the same.
  for (const kind of given.slice(parameters.length)) {
    if (kind === 'other') return undefined;
    parameters.push(spare[kind]);
  }
  const list = [...leading[family], 'const char *format', ...parameters.map((type, i) => `${type} a${i}`)].join(', ');
  return { text: `static int ${name}(${list}) {\n${body}\n}`, ...more };
}

const signedTypes: Readonly<Record<string, string>> = {
  hh: 'signed char',
  h: 'short',
  '': 'int',
  l: 'long',
  ll: 'long long',
  q: 'long long',
  j: '__INTMAX_TYPE__',
  z: '__PTRDIFF_TYPE__',
  t: '__PTRDIFF_TYPE__',
};

const unsignedTypes: Readonly<Record<string, string>> = {
  hh: 'unsigned char',
  h: 'unsigned short',
  '': 'unsigned',
  l: 'unsigned long',
  ll: 'unsigned long long',
  q: 'unsigned long long',
  j: '__UINTMAX_TYPE__',
  z: '__SIZE_TYPE__',
  t: '__SIZE_TYPE__',
};

const inputConversion = /^%(\*)?(\d+)?(hh|h|ll|l|q|j|z|t|L)?(\[\^?\]?[^\]]*\]|[a-zA-Z%])/;

function scanning(
  family: ScanFunction,
  format: string,
  given: readonly ArgumentKind[],
  ignored: boolean,
): Written | undefined {
  const parameters: string[] = [];
  const lines: string[] = [];
  const from = family === 'sscanf' ? 'the text' : 'the input';
  let approximation = family === 'sscanf' ? 'what `sscanf` finds in its text may be anything' : undefined;
  let assumption = ignored ? `what \`${family}\` reads fits its format where its result is not looked at` : undefined;
  const assume = (text: string): void => {
    if (!assumption?.includes(text)) assumption = assumption === undefined ? text : `${assumption}; ${text}`;
  };
  if (family === 'fscanf') lines.push('  __tertium_stream(stream);');
  if (family === 'sscanf') lines.push('  (void)__tertium_length(from);');
  lines.push('  int done = 0;');
  // The end of the input, or something that does not fit, ends the call.
  const stream = family === 'fscanf' ? 'stream' : '&__tertium_standard_streams[0]';
  const stop =
    family === 'sscanf'
      ? '  if (__VERIFIER_nondet_int() == 0) return done == 0 && __VERIFIER_nondet_int() == 0 ? -1 : done;'
      : `  if (__tertium_misfit(${stream})) return done == 0 && (*(char *)${stream} & 3) && __VERIFIER_nondet_int() == 0 ? -1 : done;`;
  for (let at = 0; at < format.length; ) {
    if (format[at] !== '%') {
      at++;
      continue;
    }
    const match = inputConversion.exec(format.slice(at));
    if (!match) return undefined;
    at += match[0].length;
    const [, suppressed, widthText, length = '', letter] = match as unknown as (string | undefined)[];
    if (letter === '%') continue;
    if (!ignored) lines.push(stop);
    if (suppressed) continue;
    if (given[parameters.length] !== 'pointer') return undefined;
    const p = `a${parameters.length}`;
    const width = widthText === undefined ? undefined : Number(widthText);
    const kind = letter![0]!;
    switch (kind) {
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o': {
        const signed = kind === 'd' || kind === 'i';
        const type = (signed ? signedTypes : unsignedTypes)[length];
        if (type === undefined) return undefined;
        parameters.push(`${type} *`);
        lines.push(`  *${p} = (${type})${anyOf(length, signed)};`);
        const base = kind === 'o' ? 8n : kind === 'x' || kind === 'X' ? 16n : 10n;
        const bits = length === 'hh' ? 8n : length === 'h' ? 16n : length === '' ? 32n : 64n;
        const most = (1n << (signed ? bits - 1n : bits)) - 1n;
        const digits = most.toString(Number(base)).length;
        if (width === undefined || width > digits) {
          lines.push(
            '  __tertium_require_fit(__VERIFIER_nondet_int() == 0, "the number that is read is too large for its object");',
          );
        } else {
          if (base ** BigInt(width) - 1n > most) assume('numbers that are read fit the objects that they are for');
          // A sign takes a place; the number of an unsigned type is then negated.
          const above = base ** BigInt(width) - 1n;
          const below = width > 1 ? base ** BigInt(width - 1) - 1n : 0n;
          if (kind === 'i') approximation ??= `what ${from} gives may have more digits than the format takes`;
          else if (above < most) {
            const negative = signed
              ? ` && *${p} >= -${below}LL`
              : below > 0n
                ? ` || *${p} >= ${most + 1n - below}ULL`
                : '';
            lines.push(`  __VERIFIER_assume(*${p} <= ${above}${signed ? 'LL' : 'ULL'}${negative});`);
          }
        }
        break;
      }
      case 'n':
        parameters.push('int *');
        if (!ignored) lines.pop();
        lines.push(`  *${p} = __tertium_between(0, 2147483647);`);
        approximation ??= `how much of ${from} is read may be anything`;
        continue;
      case 'e':
      case 'f':
      case 'g': {
        const type = length === 'l' ? 'double' : length === '' ? 'float' : undefined;
        if (type === undefined) return undefined;
        parameters.push(`${type} *`);
        lines.push(`  *${p} = __VERIFIER_nondet_${type}();`);
        break;
      }
      case 'c':
        if (length === 'l' && width === undefined) {
          parameters.push('__WCHAR_TYPE__ *');
          lines.push(`  *${p} = __VERIFIER_nondet_int();`);
          break;
        }
        if (length !== '') return undefined;
        parameters.push('char *');
        lines.push(`  for (size_t i = 0; i < ${width ?? 1}; i++) ${p}[i] = __VERIFIER_nondet_char();`);
        break;
      case 's':
      case '[':
        if (length === 'l') {
          parameters.push('__WCHAR_TYPE__ *');
          lines.push(`  __tertium_wide_word(${p}, ${width ?? '~(size_t)0'});`);
          assume('wide characters that are read may be any of Unicode');
          break;
        }
        if (length !== '') return undefined;
        parameters.push('char *');
        lines.push(`  __tertium_word(${p}, ${width ?? '~(size_t)0'}, ${kind === 's' ? 1 : 0});`);
        if (kind === '[') approximation ??= `${from} may give any characters for \`${letter}\``;
        break;
      default:
        return undefined;
    }
    lines.push('  done++;');
  }
  lines.push('  return done;');
  return {
    parameters,
    body: lines.join('\n'),
    ...(approximation === undefined ? {} : { approximation }),
    ...(assumption === undefined ? {} : { assumption }),
  };
}

const anyOf = (length: string, signed: boolean): string =>
  length === 'hh'
    ? `__VERIFIER_nondet_${signed ? '' : 'u'}char()`
    : length === 'h'
      ? `__VERIFIER_nondet_${signed ? '' : 'u'}short()`
      : length === ''
        ? `__VERIFIER_nondet_${signed ? '' : 'u'}int()`
        : `__VERIFIER_nondet_${signed ? '' : 'u'}longlong()`;

/** What the generated functions use. */
export const scanModels: Readonly<Record<string, Model>> = {
  // What comes does not fit the format, or nothing comes.
  __tertium_misfit: `static int __tertium_misfit(void *stream) {
  if (*(char *)stream & 1) return 1;
  if (__VERIFIER_nondet_int() != 0) return 0;
  if (__VERIFIER_nondet_int() == 0) __tertium_stop(stream);
  return 1;
}`,
  // At least one character; the text is ended by a zero, which it may also contain.
  __tertium_word: `static void __tertium_word(char *to, size_t limit, int solid) {
  size_t i = 0;
  do {
    char c = __VERIFIER_nondet_char();
    if (solid) __VERIFIER_assume(c != ' ' && (c < '\\t' || c > '\\r'));
    to[i] = c;
    i++;
  } while (i < limit && __VERIFIER_nondet_int() != 0);
  to[i] = 0;
}`,
  __tertium_wide_word: `static void __tertium_wide_word(__WCHAR_TYPE__ *to, size_t limit) {
  size_t i = 0;
  do {
    __WCHAR_TYPE__ c = __VERIFIER_nondet_int();
    __VERIFIER_assume(c > ' ' && c < 0x110000);
    to[i] = c;
    i++;
  } while (i < limit && __VERIFIER_nondet_int() != 0);
  to[i] = 0;
}`,
};
