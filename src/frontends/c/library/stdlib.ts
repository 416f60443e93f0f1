import type { Model } from './index.ts';

/**
 * <stdlib.h> as C [C11 7.22]: numbers from text, division, sorting and searching, the environment. `__typeof__(div(0, 0))` is
 * the caller's own `div_t`. What is missing here is either done by lowering (malloc and its like, exit, abs) or not known.
 */
const parse = (name: string, type: string, unsigned: string, low: string, high: string): string =>
  `static ${type} ${name}(const char *s, char **end, int base) {
  const char *p = s;
  if (base < 0 || base == 1 || base > 36) {
    errno = ${'22'};
    return 0;
  }
  while (*p == ' ' || (*p >= '\\t' && *p <= '\\r')) p++;
  int negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  if ((base == 0 || base == 16) && *p == '0' && (p[1] == 'x' || p[1] == 'X') && __tertium_digit(p[2], 16) >= 0) {
    p += 2;
    base = 16;
  } else if (base == 0) base = *p == '0' ? 8 : 10;
  int any = 0, over = 0;
  ${unsigned} value = 0;
  for (int d = __tertium_digit(*p, base); d >= 0; d = __tertium_digit(*p, base)) {
    any = 1;
    if (value > (~(${unsigned})0 - (${unsigned})d) / (${unsigned})base) over = 1;
    else value = value * (${unsigned})base + (${unsigned})d;
    p++;
  }
  if (end != 0) *end = (char *)(any ? p : s);
${
  low === ''
    ? `  if (over) {
    errno = 34;
    return ${high};
  }
  return negative ? -value : value;`
    : `  if (over || value > (${unsigned})${high} + (${unsigned})negative) {
    errno = 34;
    return negative ? ${low} : ${high};
  }
  return negative ? (value == (${unsigned})${high} + 1 ? ${low} : -(${type})value) : (${type})value;`
}
}`;

const long = ['long', 'unsigned long', '(-__LONG_MAX__ - 1L)', '__LONG_MAX__'] as const;
const longLong = ['long long', 'unsigned long long', '(-__LONG_LONG_MAX__ - 1LL)', '__LONG_LONG_MAX__'] as const;

/** Text that stands for no representable number is undefined behaviour [C11 7.22.1]: an overflow below. */
const simple = (name: string, type: string): string =>
  `${type} ${name}(const char *s) {
  while (*s == ' ' || (*s >= '\\t' && *s <= '\\r')) s++;
  int negative = *s == '-';
  ${type} value = 0;
  if (*s == '-' || *s == '+') s++;
  for (; *s >= '0' && *s <= '9'; s++) value = negative ? value * 10 - (*s - '0') : value * 10 + (*s - '0');
  return value;
}`;

const division = (name: string, type: string): string =>
  `__typeof__(${name}(0, 0)) ${name}(${type} a, ${type} b) {
  __typeof__(${name}(0, 0)) result;
  result.quot = a / b;
  result.rem = a % b;
  return result;
}`;

export const stdlibModels: Readonly<Record<string, Model>> = {
  errno: 'int errno;',
  __errno_location: 'int *__errno_location(void) { return &errno; }',
  __tertium_digit: `static int __tertium_digit(char c, int base) {
  int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 36;
  return d < base ? d : -1;
}`,
  __tertium_strtol: parse('__tertium_strtol', ...long),
  __tertium_strtoll: parse('__tertium_strtoll', ...longLong),
  __tertium_strtoul: parse('__tertium_strtoul', 'unsigned long', 'unsigned long', '', '~0UL'),
  __tertium_strtoull: parse('__tertium_strtoull', 'unsigned long long', 'unsigned long long', '', '~0ULL'),
  strtol: 'long strtol(const char *s, char **end, int base) { return __tertium_strtol(s, end, base); }',
  strtoll: 'long long strtoll(const char *s, char **end, int base) { return __tertium_strtoll(s, end, base); }',
  strtoul: 'unsigned long strtoul(const char *s, char **end, int base) { return __tertium_strtoul(s, end, base); }',
  strtoull:
    'unsigned long long strtoull(const char *s, char **end, int base) { return __tertium_strtoull(s, end, base); }',
  atoi: simple('atoi', 'int'),
  atol: simple('atol', 'long'),
  atoll: simple('atoll', 'long long'),
  atof: {
    text: `double atof(const char *s) {
  (void)__tertium_length(s);
  return __VERIFIER_nondet_double();
}`,
    approximation: 'the number that `atof` reads may be any',
  },
  strtod: {
    text: `double strtod(const char *s, char **end) {
  size_t used = __VERIFIER_nondet_ulong();
  __VERIFIER_assume(used <= __tertium_length(s));
  if (end != 0) *end = (char *)s + used;
  return __VERIFIER_nondet_double();
}`,
    approximation: 'the number that `strtod` reads, and where it ends, may be any',
  },
  div: division('div', 'int'),
  ldiv: division('ldiv', 'long'),
  lldiv: division('lldiv', 'long long'),
  imaxdiv: division('imaxdiv', '__INTMAX_TYPE__'),
  // Elements that compare as equal may end up in any order: at a tie, the sort goes on or stops.
  qsort: {
    text: `void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *)) {
  unsigned char *p = base;
  for (size_t i = 1; i < count; i++)
    for (size_t j = i; j > 0; j--) {
      unsigned char *a = p + (j - 1) * size, *b = p + j * size;
      int order = compare(a, b);
      if (order < 0 || (order == 0 && __VERIFIER_nondet_int() == 0)) break;
      for (size_t k = 0; k < size; k++) {
        unsigned char c = a[k];
        a[k] = b[k];
        b[k] = c;
      }
    }
}`,
    assumption: '`qsort` compares in the order of an insertion sort',
  },
  bsearch: {
    text: `void *bsearch(const void *key, const void *base, size_t count, size_t size, int (*compare)(const void *, const void *)) {
  const unsigned char *p = base;
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare(key, p + middle * size);
    if (order == 0) return (void *)(p + middle * size);
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return 0;
}`,
    assumption: '`bsearch` halves the range, and gives the first equal element that it meets',
  },
  // A text of any length, somewhere.
  // Lowering calls `__tertium_run_handlers` where main returns, and for `exit` (lowering/exit-handlers.ts).
  __tertium_handlers: 'static void (*__tertium_handlers[32])(void);',
  __tertium_handler_count: 'static int __tertium_handler_count;',
  __tertium_run_handlers: `static void __tertium_run_handlers(void) {
  while (__tertium_handler_count > 0) {
    __tertium_handler_count--;
    __tertium_handlers[__tertium_handler_count]();
  }
}`,
  atexit: {
    text: `int atexit(void (*handler)(void)) { /* __tertium_run_handlers */
  if (__tertium_handler_count == 32) return 1;
  __tertium_handlers[__tertium_handler_count] = handler;
  __tertium_handler_count++;
  return 0;
}`,
    assumption: '`atexit` takes 32 functions and no more',
  },
  __tertium_text: `static char *__tertium_text(void) {
  size_t n = __VERIFIER_nondet_ulong();
  __VERIFIER_assume(n < __PTRDIFF_MAX__);
  char *s = __tertium_new_object(n + 1);
  s[n] = 0;
  return s;
}`,
  getenv: {
    text: `char *getenv(const char *name) {
  (void)__tertium_length(name);
  if (__VERIFIER_nondet_int() == 0) return 0;
  return __tertium_text();
}`,
    assumption: 'what `getenv` gives may be any text, or none, and may change between calls',
  },
  setenv: `int setenv(const char *name, const char *value, int replace) {
  (void)__tertium_length(name);
  (void)__tertium_length(value);
  return __VERIFIER_nondet_int() == 0 ? 0 : -1;
}`,
  unsetenv: `int unsetenv(const char *name) {
  (void)__tertium_length(name);
  return __VERIFIER_nondet_int() == 0 ? 0 : -1;
}`,
  system: `int system(const char *command) {
  if (command != 0) (void)__tertium_length(command);
  return __VERIFIER_nondet_int();
}`,
  rand_r: `int rand_r(unsigned *seed) {
  *seed = __VERIFIER_nondet_uint();
  int r = __VERIFIER_nondet_int();
  __VERIFIER_assume(r >= 0);
  return r;
}`,
  isascii: 'int isascii(int c) { return c >= 0 && c < 128; }',
  toascii: 'int toascii(int c) { return c & 127; }',
};
