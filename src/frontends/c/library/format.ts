import type { Model } from './index.ts';

/**
 * Formatted output as C [C11 7.21.6]. A format that is a literal never comes here: lowering knows its parts and calls the helpers
 * below one by one (lowering/formatted.ts). Other formats, and those of the `v` functions, are read by `__tertium_format` as the
 * program runs. All of them write into `out`, which has room for `n` bytes, from the place `at`: what does not fit is dropped,
 * and one byte is kept for the terminator.
 *
 * `__tertium_asks_int()` and its like are answered by lowering (lowering/format-facts.ts): can some format of the program ask for
 * an int at all? What none asks for is left out: memory is resolved without regard to the order of steps, where reading an
 * argument as this or as that costs much. The digits of a floating-point number are not computed: any text of a possible length
 * is allowed. If the program passes no such number, a conversion that asks for one is undefined behaviour.
 */
const measured = (text: string): Model => ({
  text,
  assumption: 'output succeeds: the output functions return what they return when all is written',
});

/** A function that prints formats that are not literals. It brings all helpers of those that are. */
const printed = (head: string, stream: string, list: 'own' | 'given'): Model =>
  measured(
    list === 'given'
      ? `${head} { ${stream}return __tertium_format(0, 0, format, list); }`
      : `${head} {
  ${stream}__builtin_va_list list;
  __builtin_va_start(list, format);
  int length = __tertium_format(0, 0, format, list);
  __builtin_va_end(list);
  return length;
}`,
  );

const written = (head: string, room: string, list: 'own' | 'given'): Model =>
  list === 'given'
    ? `${head} { return __tertium_format(out, ${room}, format, list); }`
    : `${head} {
  __builtin_va_list list;
  __builtin_va_start(list, format);
  int length = __tertium_format(out, ${room}, format, list);
  __builtin_va_end(list);
  return length;
}`;

const useStream = '__tertium_stream(stream); ';

export const formatModels: Readonly<Record<string, Model>> = {
  __tertium_put: `static void __tertium_put(char *out, size_t n, size_t at, char c) {
  if (at < n && n - at > 1) out[at] = c;
}`,
  __tertium_put_end: `static void __tertium_put_end(char *out, size_t n, size_t at) {
  if (n > 0) out[at < n ? at : n - 1] = 0;
}`,
  __tertium_put_fill: `static void __tertium_put_fill(char *out, size_t n, size_t at, char c, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (at >= n || n - at <= 1) return;
    out[at] = c;
    at++;
  }
}`,
  __tertium_put_text: `static void __tertium_put_text(char *out, size_t n, size_t at, const char *s, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (at >= n || n - at <= 1) return;
    out[at] = s[i];
    at++;
  }
}`,
  // The last `count` digits, zeros in front if there are not so many.
  __tertium_put_digits: `static void __tertium_put_digits(char *out, size_t n, size_t at, unsigned long long value, unsigned base, _Bool upper, size_t count) {
  for (size_t i = count; i > 0; i--) {
    unsigned digit = value % base;
    value /= base;
    size_t to = at + (i - 1);
    if (to < n && n - to > 1) out[to] = digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + (digit - 10);
  }
}`,
  __tertium_put_any: `static void __tertium_put_any(char *out, size_t n, size_t at, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (at >= n || n - at <= 1) return;
    out[at] = __VERIFIER_nondet_char();
    __VERIFIER_assume(out[at] != 0);
    at++;
  }
}`,
  __tertium_length_within: `static size_t __tertium_length_within(const char *s, size_t n) {
  size_t i = 0;
  while (i < n && s[i] != 0) i++;
  return i;
}`,
  // The length of a text that is not computed.
  __tertium_some_length: `static size_t __tertium_some_length(size_t least, size_t most) {
  size_t length = __VERIFIER_nondet_ulong();
  __VERIFIER_assume(least <= length && length <= most);
  return length;
}`,
  // asprintf: room for the text.
  __tertium_put_new: {
    text: `static char *__tertium_put_new(char **to, size_t length) {
  char *made = malloc(length + 1);
  __VERIFIER_assume(made != 0);
  *to = made;
  return made;
}`,
    assumption: 'there is memory for the text that `asprintf` makes',
  },
  __tertium_format: `static int __tertium_format(char *out, size_t n, const char *format, __builtin_va_list list) {
  size_t at = 0;
  for (size_t i = 0; format[i] != 0; i++) {
    if (format[i] != '%') {
      __tertium_put(out, n, at, format[i]);
      at++;
      continue;
    }
    i++;
    _Bool left = 0, plus = 0, space = 0, other = 0, zero = 0;
    for (;; i++) {
      if (format[i] == '-') left = 1;
      else if (format[i] == '+') plus = 1;
      else if (format[i] == ' ') space = 1;
      else if (format[i] == '#') other = 1;
      else if (format[i] == '0') zero = 1;
      else break;
    }
    long width = 0, precision = -1;
    if (__tertium_asks_star() && format[i] == '*') {
      width = __builtin_va_arg(list, int);
      if (width < 0) {
        left = 1;
        width = -width;
      }
      i++;
    } else {
      for (; format[i] >= '0' && format[i] <= '9' && width < 1000000000; i++) width = 10 * width + (format[i] - '0');
    }
    if (format[i] == '.') {
      i++;
      precision = 0;
      if (__tertium_asks_star() && format[i] == '*') {
        precision = __builtin_va_arg(list, int);
        if (precision < 0) precision = -1;
        i++;
      } else {
        for (; format[i] >= '0' && format[i] <= '9' && precision < 1000000000; i++) precision = 10 * precision + (format[i] - '0');
      }
    }
    int size = sizeof(int);
    _Bool wide = 0;
    if (format[i] == 'h') {
      i++;
      size = sizeof(short);
      if (format[i] == 'h') {
        i++;
        size = 1;
      }
    } else if (format[i] == 'l') {
      i++;
      size = sizeof(long);
      wide = 1;
      if (format[i] == 'l') {
        i++;
        size = sizeof(long long);
      }
    } else if (format[i] == 'j' || format[i] == 'q') {
      i++;
      size = sizeof(long long);
    } else if (format[i] == 'z' || format[i] == 't') {
      i++;
      size = sizeof(size_t);
    }
    char kind = format[i];
    if (kind == '%') {
      __tertium_put(out, n, at, '%');
      at++;
    } else if (__tertium_asks_int() && kind == 'c' && !wide) {
      char one = (char)__builtin_va_arg(list, int);
      size_t pad = width > 1 ? (size_t)width - 1 : 0;
      if (!left) {
        __tertium_put_fill(out, n, at, ' ', pad);
        at += pad;
      }
      __tertium_put(out, n, at, one);
      at++;
      if (left) {
        __tertium_put_fill(out, n, at, ' ', pad);
        at += pad;
      }
    } else if (__tertium_asks_string() && kind == 's' && !wide) {
      const char *s = __builtin_va_arg(list, const char *);
      size_t length = precision < 0 ? __tertium_length(s) : __tertium_length_within(s, (size_t)precision);
      size_t pad = (size_t)width > length ? (size_t)width - length : 0;
      if (!left) {
        __tertium_put_fill(out, n, at, ' ', pad);
        at += pad;
      }
      __tertium_put_text(out, n, at, s, length);
      at += length;
      if (left) {
        __tertium_put_fill(out, n, at, ' ', pad);
        at += pad;
      }
    } else if ((size == sizeof(long long) ? __tertium_asks_long() : __tertium_asks_int()) && (kind == 'd' || kind == 'i' || kind == 'u' || kind == 'x' || kind == 'X' || kind == 'o')) {
      unsigned base = kind == 'o' ? 8 : kind == 'x' || kind == 'X' ? 16 : 10;
      unsigned long long value = 0;
      char sign = 0;
      if (kind == 'd' || kind == 'i') {
        long long number = 0;
        if (__tertium_asks_long() && size == sizeof(long long)) number = __builtin_va_arg(list, long long);
        else if (__tertium_asks_int()) number = __builtin_va_arg(list, int);
        if (size == sizeof(short)) number = (short)number;
        else if (size == 1) number = (signed char)number;
        value = number < 0 ? (unsigned long long)-(number + 1) + 1 : (unsigned long long)number;
        sign = number < 0 ? '-' : plus ? '+' : space ? ' ' : 0;
      } else {
        if (__tertium_asks_long() && size == sizeof(long long)) value = __builtin_va_arg(list, unsigned long long);
        else if (__tertium_asks_int()) value = __builtin_va_arg(list, unsigned);
        if (size == sizeof(short)) value = (unsigned short)value;
        else if (size == 1) value = (unsigned char)value;
      }
      long digits = 0;
      for (unsigned long long rest = value; rest != 0; rest /= base) digits++;
      long prefix = sign != 0 ? 1 : base == 16 && other && value != 0 ? 2 : 0;
      long most = precision < 0 ? 1 : precision;
      if (other && base == 8 && most <= digits) most = digits + 1;
      if (digits < most) digits = most;
      if (zero && !left && precision < 0 && digits < width - prefix) digits = width - prefix;
      size_t pad = width > digits + prefix ? (size_t)(width - digits - prefix) : 0;
      if (!left) {
        __tertium_put_fill(out, n, at, ' ', pad);
        at += pad;
      }
      if (sign != 0) __tertium_put(out, n, at, sign);
      else if (prefix != 0) {
        __tertium_put(out, n, at, '0');
        __tertium_put(out, n, at + 1, kind);
      }
      at += (size_t)prefix;
      __tertium_put_digits(out, n, at, value, base, kind == 'X', (size_t)digits);
      at += (size_t)digits;
      if (left) {
        __tertium_put_fill(out, n, at, ' ', pad);
        at += pad;
      }
    } else if (__tertium_asks_count() && kind == 'n') {
      void *to = __builtin_va_arg(list, void *);
      if (size == 1) *(signed char *)to = (signed char)at;
      else if (size == sizeof(short)) *(short *)to = (short)at;
      else if (size == sizeof(int)) *(int *)to = (int)at;
      else *(long long *)to = (long long)at;
    } else {
      if ((kind == 'a' || kind == 'A' || kind == 'e' || kind == 'E' || kind == 'f' || kind == 'F' || kind == 'g' || kind == 'G') && __tertium_passes_floats()) {
        (void)__builtin_va_arg(list, double);
      } else if ((kind == 'p' || kind == 's' || kind == 'S') && __tertium_asks_text()) {
        (void)__builtin_va_arg(list, void *);
      } else if ((kind == 'c' || kind == 'C') && __tertium_asks_text()) {
        (void)__builtin_va_arg(list, int);
      } else if (kind == 'm' && __tertium_asks_text()) {
      } else __tertium_require(0, "its format has a conversion that does not exist, or a number that is not passed");
      size_t least = width < 1 ? kind != 's' && kind != 'S' : (size_t)width;
      size_t most = kind == 's' || kind == 'S' ? __INT_MAX__ : (size_t)(precision < 0 ? 6 : precision) + 330;
      size_t length = __tertium_some_length(least, most < least ? least : most);
      __tertium_put_any(out, n, at, length);
      at += length;
    }
  }
  __tertium_put_end(out, n, at);
  return at > __INT_MAX__ ? -1 : (int)at;
}`,
  printf: printed('int printf(const char *format, ...)', '', 'own'),
  fprintf: printed('int fprintf(FILE *stream, const char *format, ...)', useStream, 'own'),
  dprintf: printed('int dprintf(int descriptor, const char *format, ...)', '', 'own'),
  vprintf: printed('int vprintf(const char *format, __builtin_va_list list)', '', 'given'),
  vfprintf: printed('int vfprintf(FILE *stream, const char *format, __builtin_va_list list)', useStream, 'given'),
  vdprintf: printed('int vdprintf(int descriptor, const char *format, __builtin_va_list list)', '', 'given'),
  sprintf: written('int sprintf(char *out, const char *format, ...)', '(size_t)-1', 'own'),
  snprintf: written('int snprintf(char *out, size_t n, const char *format, ...)', 'n', 'own'),
  vsprintf: written('int vsprintf(char *out, const char *format, __builtin_va_list list)', '(size_t)-1', 'given'),
  vsnprintf: written('int vsnprintf(char *out, size_t n, const char *format, __builtin_va_list list)', 'n', 'given'),
  __tertium_format_new: `static int __tertium_format_new(char **to, const char *format, __builtin_va_list list) {
  __builtin_va_list again;
  __builtin_va_copy(again, list);
  int length = __tertium_format(0, 0, format, again);
  __builtin_va_end(again);
  if (length < 0) return -1;
  char *made = __tertium_put_new(to, length);
  (void)__tertium_format(made, (size_t)length + 1, format, list);
  return length;
}`,
  vasprintf: `int vasprintf(char **to, const char *format, __builtin_va_list list) {
  return __tertium_format_new(to, format, list);
}`,
  asprintf: `int asprintf(char **to, const char *format, ...) {
  __builtin_va_list list;
  __builtin_va_start(list, format);
  int length = __tertium_format_new(to, format, list);
  __builtin_va_end(list);
  return length;
}`,
  puts: measured(`int puts(const char *s) {
  (void)__tertium_length(s);
  int result = __VERIFIER_nondet_int();
  __VERIFIER_assume(result >= 0);
  return result;
}`),
  fputs: measured(`int fputs(const char *s, FILE *stream) {
  (void)__tertium_length(s);
  __tertium_stream(stream);
  int result = __VERIFIER_nondet_int();
  __VERIFIER_assume(result >= 0);
  return result;
}`),
  perror: `void perror(const char *s) {
  if (s != 0) (void)__tertium_length(s);
}`,
  fputc: measured(`int fputc(int c, FILE *stream) {
  __tertium_stream(stream);
  return (unsigned char)c;
}`),
  putc: measured(`int putc(int c, FILE *stream) {
  __tertium_stream(stream);
  return (unsigned char)c;
}`),
};
