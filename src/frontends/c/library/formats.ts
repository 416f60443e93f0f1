import type { Model } from './index.ts';

/**
 * The functions of <stdio.h> that follow a format [C11 7.21.6], when it is a literal: for each call, C text of a function that
 * takes the arguments of that call. What is printed to memory is exact for integers, characters and strings; what is read from
 * outside is anything that the conversion can give. Undefined: a conversion that we do not follow, or one without its argument.
 */
export type FormatFunction = 'sprintf' | 'snprintf' | 'scanf' | 'fscanf' | 'sscanf';

export const formatFunctions: ReadonlySet<string> = new Set<FormatFunction>([
  'sprintf',
  'snprintf',
  'scanf',
  'fscanf',
  'sscanf',
]);

/** What the call gives for an argument, as far as formats ask. */
export type ArgumentKind = 'integer' | 'floating' | 'pointer' | 'other';

/** Parameters that stand before the format. */
const leading: Readonly<Record<FormatFunction, readonly string[]>> = {
  sprintf: ['char *to'],
  snprintf: ['char *to', 'size_t limit'],
  scanf: [],
  fscanf: ['void *stream'],
  sscanf: ['const char *from'],
};

const unused: Readonly<Record<ArgumentKind, string>> = {
  integer: 'long long',
  floating: 'double',
  pointer: 'const void *',
  other: '',
};

interface Written {
  /** Types of the further parameters. */
  readonly parameters: readonly string[];
  readonly body: string;
  readonly approximation?: string;
}

/**
 * `ignored`: nobody looks at the result; then the input is assumed to fit the format, for otherwise a program that ignores it
 * reads what nothing wrote.
 */
export function formatModel(
  name: string,
  family: FormatFunction,
  format: string,
  given: readonly ArgumentKind[],
  ignored = false,
): Exclude<Model, string> | undefined {
  const written = family.endsWith('printf') ? printing(format, given) : scanning(family, format, given, ignored);
  if (!written) return undefined;
  const { body, approximation } = written;
  // Arguments that no conversion takes are computed and left alone [C11 7.21.6.1p2].
  const rest = given.slice(written.parameters.length).map((kind) => unused[kind]);
  const parameters = [...written.parameters, ...rest];
  if (parameters.includes('')) return undefined;
  const list = [...leading[family], 'const char *format', ...parameters.map((type, i) => `${type} a${i}`)].join(', ');
  const text = `static int ${name}(${list}) {\n${family === 'sprintf' ? '  size_t limit = ~(size_t)0;\n' : ''}${body}\n}`;
  const fitting = ignored && family.endsWith('scanf');
  const assumption = `what \`${family}\` reads fits its format where its result is not looked at`;
  return {
    text,
    ...(approximation === undefined ? {} : { approximation }),
    ...(fitting ? { assumption } : {}),
  };
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

/** A character constant of C. */
const character = (code: number): string => (code > 127 ? String(code - 256) : String(code));

const conversion = /^%([-+ 0#']*)(\*|\d+)?(?:\.(\*|\d*))?(hh|h|ll|l|q|j|z|t|L)?([a-zA-Z%])/;

function printing(format: string, given: readonly ArgumentKind[]): Written | undefined {
  const parameters: string[] = [];
  const lines = ['  size_t n = 0;'];
  const take = (kind: ArgumentKind, type: string): string | undefined => {
    if (given[parameters.length] !== kind) return undefined;
    parameters.push(type);
    return `a${parameters.length - 1}`;
  };
  for (let at = 0; at < format.length; ) {
    const match = format[at] === '%' ? conversion.exec(format.slice(at)) : undefined;
    if (format[at] === '%' && !match) return undefined;
    if (!match || match[5] === '%') {
      lines.push(`  n = __tertium_put(to, limit, n, ${character(format.charCodeAt(at))});`);
      at += match ? match[0].length : 1;
      continue;
    }
    at += match[0].length;
    const [, flags, widthText, precisionText, length = '', letter] = match as unknown as string[];
    if (/[#']/.test(flags!) || length === 'L') return undefined;
    const star = (text: string | undefined, otherwise: string): string | undefined =>
      text === undefined ? otherwise : text === '*' ? take('integer', 'int') : text === '' ? '0' : text;
    const width = star(widthText, '0');
    const precision = star(precisionText, '-1');
    if (width === undefined || precision === undefined) return undefined;
    const left = flags!.includes('-') ? '1' : '0';
    const zero = flags!.includes('0') ? '1' : '0';
    const sign = flags!.includes('+') ? "'+'" : flags!.includes(' ') ? "' '" : '0';
    const number = (magnitude: string, before: string, base: number): void => {
      const upper = letter === 'X' ? "'A'" : "'a'";
      lines.push(
        `  n = __tertium_put_number(to, limit, n, ${magnitude}, ${base}, ${upper}, ${before}, ${width}, ${precision}, ${left}, ${zero});`,
      );
    };
    switch (letter) {
      case 'd':
      case 'i': {
        const type = signedTypes[length]!;
        const value = take('integer', length === 'h' || length === 'hh' ? 'int' : type);
        if (value === undefined) return undefined;
        const v = `(${type})${value}`;
        number(`${v} < 0 ? -(unsigned long long)${v} : (unsigned long long)${v}`, `${v} < 0 ? '-' : ${sign}`, 10);
        break;
      }
      case 'u':
      case 'x':
      case 'X':
      case 'o': {
        const type = unsignedTypes[length]!;
        const value = take('integer', length === 'h' || length === 'hh' ? 'int' : type);
        if (value === undefined) return undefined;
        number(`(${type})${value}`, '0', letter === 'u' ? 10 : letter === 'o' ? 8 : 16);
        break;
      }
      case 'c': {
        const value = length === '' ? take('integer', 'int') : undefined;
        if (value === undefined) return undefined;
        lines.push(`  n = __tertium_put_text(to, limit, n, &(char){ (char)${value} }, 1, ${width}, ${left});`);
        break;
      }
      case 's': {
        const value = length === '' ? take('pointer', 'const char *') : undefined;
        if (value === undefined) return undefined;
        lines.push(
          `  n = __tertium_put_text(to, limit, n, ${value}, __tertium_length_up_to(${value}, ${precision}), ${width}, ${left});`,
        );
        break;
      }
      default:
        return undefined;
    }
  }
  lines.push('  if (limit > 0) to[n < limit ? n : limit - 1] = 0;', '  return (int)n;');
  return { parameters, body: lines.join('\n') };
}

const inputConversion = /^%(\*)?(\d+)?(hh|h|ll|l|q|j|z|t|L)?(\[\^?\]?[^\]]*\]|[a-zA-Z%])/;

function scanning(
  family: FormatFunction,
  format: string,
  given: readonly ArgumentKind[],
  ignored: boolean,
): Written | undefined {
  const parameters: string[] = [];
  const lines: string[] = [];
  const from = family === 'sscanf' ? 'the text' : 'the input';
  let approximation = family === 'sscanf' ? 'what `sscanf` finds in its text may be anything' : undefined;
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
      case 'i': {
        const type = signedTypes[length];
        if (type === undefined) return undefined;
        parameters.push(`${type} *`);
        lines.push(`  *${p} = (${type})${anyOf(length, true)};`);
        if (kind === 'd' && width !== undefined && width < 10 && width > 0) {
          lines.push(
            `  __VERIFIER_assume(*${p} <= ${'9'.repeat(width)} && *${p} >= -${'9'.repeat(width - 1) || '0'});`,
          );
        } else if (width !== undefined && width < 20)
          approximation ??= `what ${from} gives may have more digits than the format takes`;
        break;
      }
      case 'u':
      case 'x':
      case 'X':
      case 'o': {
        const type = unsignedTypes[length];
        if (type === undefined) return undefined;
        parameters.push(`${type} *`);
        lines.push(`  *${p} = (${type})${anyOf(length, false)};`);
        if (width !== undefined && width < 20)
          approximation ??= `what ${from} gives may have more digits than the format takes`;
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
        if (length !== '') return undefined;
        parameters.push('char *');
        lines.push(`  for (size_t i = 0; i < ${width ?? 1}; i++) ${p}[i] = __VERIFIER_nondet_char();`);
        break;
      case 's':
      case '[':
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
  return { parameters, body: lines.join('\n'), ...(approximation === undefined ? {} : { approximation }) };
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
export const formatModels: Readonly<Record<string, Model>> = {
  __tertium_put: `static size_t __tertium_put(char *to, size_t limit, size_t n, char c) {
  if (limit > 0 && n < limit - 1) to[n] = c;
  return n + 1;
}`,
  __tertium_length_up_to: `static int __tertium_length_up_to(const char *s, int limit) {
  int n = 0;
  while ((limit < 0 || n < limit) && s[n] != 0) n++;
  return n;
}`,
  __tertium_put_text: `static size_t __tertium_put_text(char *to, size_t limit, size_t n, const char *s, int length, int width, int left) {
  if (width < 0) {
    left = 1;
    width = -width;
  }
  if (!left) for (int i = length; i < width; i++) n = __tertium_put(to, limit, n, ' ');
  for (int i = 0; i < length; i++) n = __tertium_put(to, limit, n, s[i]);
  if (left) for (int i = length; i < width; i++) n = __tertium_put(to, limit, n, ' ');
  return n;
}`,
  __tertium_put_number: `static size_t __tertium_put_number(char *to, size_t limit, size_t n, unsigned long long magnitude, int base, int a, int sign, int width, int precision, int left, int zero) {
  char digits[24];
  int count = 0;
  if (width < 0) {
    left = 1;
    width = -width;
  }
  for (; magnitude > 0; magnitude /= (unsigned)base) {
    int d = (int)(magnitude % (unsigned)base);
    digits[count] = (char)(d < 10 ? '0' + d : a + d - 10);
    count++;
  }
  int wanted = precision < 0 ? 1 : precision;
  if (zero && !left && precision < 0 && width - (sign != 0) > wanted) wanted = width - (sign != 0);
  int length = (count > wanted ? count : wanted) + (sign != 0);
  if (!left) for (int i = length; i < width; i++) n = __tertium_put(to, limit, n, ' ');
  if (sign != 0) n = __tertium_put(to, limit, n, (char)sign);
  for (int i = count; i < wanted; i++) n = __tertium_put(to, limit, n, '0');
  for (int i = count - 1; i >= 0; i--) n = __tertium_put(to, limit, n, digits[i]);
  if (left) for (int i = length; i < width; i++) n = __tertium_put(to, limit, n, ' ');
  return n;
}`,
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
  // A text that is printed is read.
  __tertium_printed: `static const char *__tertium_printed(const char *s, int limit) {
  (void)__tertium_length_up_to(s, limit);
  return s;
}`,
};
