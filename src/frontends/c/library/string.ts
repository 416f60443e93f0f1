import type { Model } from './index.ts';

/**
 * <string.h> and <strings.h> as C [C11 7.24]: loops over bytes, so that what a function reads and writes outside of an object
 * fails as any other access does. Comparisons give any number of the right sign, since C leaves the number open.
 * Longer than other files because it is a list.
 */
const setsLocale = ['setlocale', '__tertium_setlocale_0'] as const;

export const stringModels: Readonly<Record<string, Model>> = {
  // Their parts must not overlap [C11 7.24.2]; a null pointer is not allowed even for no bytes at all [C11 7.24.1p2].
  __tertium_apart: `static void __tertium_apart(const void *to, const void *from, size_t n) {
  __UINTPTR_TYPE__ a = (__UINTPTR_TYPE__)to, b = (__UINTPTR_TYPE__)from;
  __tertium_require(a + n <= b || b + n <= a || n == 0, "it copies between parts that overlap");
}`,
  __tertium_there: `static void __tertium_there(const void *p, size_t n) {
  if (n == 0) __tertium_require(p != 0, "it is given a null pointer");
}`,
  // Bounds of what may be anything all hold for zeros: so runs with chosen inputs need not guess.
  __tertium_between: `static int __tertium_between(int low, int high) {
  int more = __VERIFIER_nondet_int();
  __VERIFIER_assume(more >= 0 && more <= high - low);
  return low + more;
}`,
  __tertium_sign: `static int __tertium_sign(int difference) {
  int size = __tertium_between(1, 2147483647);
  return difference < 0 ? -size : difference > 0 ? size : 0;
}`,
  __tertium_lower: `static int __tertium_lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }`,

  memcpy: `void *memcpy(void *to, const void *from, size_t n) {
  unsigned char *t = to;
  const unsigned char *f = from;
  __tertium_there(to, n);
  __tertium_there(from, n);
  __tertium_apart(to, from, n);
  for (size_t i = 0; i < n; i++) t[i] = f[i];
  return to;
}`,
  mempcpy: `void *mempcpy(void *to, const void *from, size_t n) {
  unsigned char *t = to;
  const unsigned char *f = from;
  __tertium_apart(to, from, n);
  for (size_t i = 0; i < n; i++) t[i] = f[i];
  return t + n;
}`,
  memccpy: `void *memccpy(void *to, const void *from, int c, size_t n) {
  unsigned char *t = to;
  const unsigned char *f = from;
  for (size_t i = 0; i < n; i++) {
    t[i] = f[i];
    if (f[i] == (unsigned char)c) return t + i + 1;
  }
  return 0;
}`,
  __tertium_move: `static void __tertium_move(unsigned char *t, const unsigned char *f, size_t n) {
  if ((__UINTPTR_TYPE__)t < (__UINTPTR_TYPE__)f)
    for (size_t i = 0; i < n; i++) t[i] = f[i];
  else
    for (size_t i = n; i > 0; i--) t[i - 1] = f[i - 1];
}`,
  memmove: `void *memmove(void *to, const void *from, size_t n) {
  __tertium_there(to, n);
  __tertium_there(from, n);
  __tertium_move(to, from, n);
  return to;
}`,
  bcopy: `void bcopy(const void *from, void *to, size_t n) { __tertium_move(to, from, n); }`,
  memset: `void *memset(void *to, int c, size_t n) {
  unsigned char *t = to;
  __tertium_there(to, n);
  for (size_t i = 0; i < n; i++) t[i] = (unsigned char)c;
  return to;
}`,
  bzero: `void bzero(void *to, size_t n) {
  unsigned char *t = to;
  for (size_t i = 0; i < n; i++) t[i] = 0;
}`,
  explicit_bzero: `void explicit_bzero(void *to, size_t n) {
  unsigned char *t = to;
  for (size_t i = 0; i < n; i++) t[i] = 0;
}`,
  // All n bytes may be read, wherever the first difference is.
  memcmp: `int memcmp(const void *a, const void *b, size_t n) {
  const unsigned char *x = a, *y = b;
  int difference = 0;
  __tertium_there(a, n);
  __tertium_there(b, n);
  for (size_t i = 0; i < n; i++) {
    int here = x[i] - y[i];
    if (difference == 0) difference = here;
  }
  return __tertium_sign(difference);
}`,
  bcmp: `int bcmp(const void *a, const void *b, size_t n) {
  const unsigned char *x = a, *y = b;
  int different = 0;
  for (size_t i = 0; i < n; i++) if (x[i] != y[i]) different = 1;
  return different ? __tertium_sign(__VERIFIER_nondet_int() ? 1 : -1) : 0;
}`,
  // [C11 7.24.5.1]: as if it reads one after the other and stops at the first match.
  memchr: `void *memchr(const void *s, int c, size_t n) {
  const unsigned char *p = s;
  __tertium_there(s, n);
  for (size_t i = 0; i < n; i++) if (p[i] == (unsigned char)c) return (void *)(p + i);
  return 0;
}`,
  memrchr: `void *memrchr(const void *s, int c, size_t n) {
  const unsigned char *p = s;
  __tertium_there(s, n);
  for (size_t i = n; i > 0; i--) if (p[i - 1] == (unsigned char)c) return (void *)(p + (i - 1));
  return 0;
}`,
  rawmemchr: `void *rawmemchr(const void *s, int c) {
  const unsigned char *p = s;
  while (*p != (unsigned char)c) p++;
  return (void *)p;
}`,
  memmem: `void *memmem(const void *s, size_t n, const void *part, size_t m) {
  const unsigned char *p = s, *q = part;
  for (size_t i = 0; m <= n && i <= n - m; i++) {
    size_t k = 0;
    while (k < m && p[i + k] == q[k]) k++;
    if (k == m) return (void *)(p + i);
  }
  return 0;
}`,

  __tertium_length: `static size_t __tertium_length(const char *s) {
  size_t n = 0;
  while (s[n] != 0) n++;
  return n;
}`,
  strlen: `size_t strlen(const char *s) {
  size_t n = 0;
  while (s[n] != 0) n++;
  return n;
}`,
  strnlen: `size_t strnlen(const char *s, size_t limit) {
  size_t n = 0;
  while (n < limit && s[n] != 0) n++;
  return n;
}`,
  strcpy: `char *strcpy(char *to, const char *from) {
  size_t i = 0;
  for (;;) {
    char c = from[i];
    to[i] = c;
    i++;
    if (c == 0) break;
  }
  __tertium_apart(to, from, i);
  return to;
}`,
  stpcpy: `char *stpcpy(char *to, const char *from) {
  size_t i = 0;
  for (;;) {
    char c = from[i];
    to[i] = c;
    if (c == 0) break;
    i++;
  }
  __tertium_apart(to, from, i + 1);
  return to + i;
}`,
  strncpy: `char *strncpy(char *to, const char *from, size_t n) {
  size_t i = 0;
  __tertium_there(to, n);
  __tertium_there(from, n);
  for (; i < n; i++) {
    char c = from[i];
    if (c == 0) break;
    to[i] = c;
  }
  __tertium_apart(to, from, i);
  for (; i < n; i++) to[i] = 0;
  return to;
}`,
  stpncpy: `char *stpncpy(char *to, const char *from, size_t n) {
  size_t i = 0;
  for (; i < n; i++) {
    char c = from[i];
    if (c == 0) break;
    to[i] = c;
  }
  __tertium_apart(to, from, i);
  for (size_t k = i; k < n; k++) to[k] = 0;
  return to + i;
}`,
  strcat: `char *strcat(char *to, const char *from) {
  size_t start = __tertium_length(to), i = 0;
  for (;;) {
    char c = from[i];
    to[start + i] = c;
    i++;
    if (c == 0) break;
  }
  __tertium_apart(to + start, from, i);
  return to;
}`,
  strncat: `char *strncat(char *to, const char *from, size_t n) {
  size_t start = __tertium_length(to), i = 0;
  for (; i < n; i++) {
    char c = from[i];
    if (c == 0) break;
    to[start + i] = c;
  }
  to[start + i] = 0;
  __tertium_apart(to + start, from, i);
  return to;
}`,
  strcmp: `int strcmp(const char *a, const char *b) {
  size_t i = 0;
  while (a[i] != 0 && a[i] == b[i]) i++;
  return __tertium_sign((unsigned char)a[i] - (unsigned char)b[i]);
}`,
  // Not 0 after a locale was set: then strings may have any order, and any keys.
  __tertium_locale: 'static int __tertium_locale;',
  strcoll: {
    text: `int strcoll(const char *a, const char *b) {
  if (__tertium_locale) {
    (void)__tertium_length(a);
    (void)__tertium_length(b);
    return __VERIFIER_nondet_int();
  }
  size_t i = 0;
  while (a[i] != 0 && a[i] == b[i]) i++;
  return __tertium_sign((unsigned char)a[i] - (unsigned char)b[i]);
}`,
    approximation: 'after `setlocale`, `strcoll` may give any order',
    approximationWith: setsLocale,
  },
  strncmp: `int strncmp(const char *a, const char *b, size_t n) {
  size_t i = 0;
  __tertium_there(a, n);
  __tertium_there(b, n);
  while (i < n && a[i] != 0 && a[i] == b[i]) i++;
  return i == n ? 0 : __tertium_sign((unsigned char)a[i] - (unsigned char)b[i]);
}`,
  strcasecmp: `int strcasecmp(const char *a, const char *b) {
  size_t i = 0;
  while (a[i] != 0 && __tertium_lower((unsigned char)a[i]) == __tertium_lower((unsigned char)b[i])) i++;
  return __tertium_sign(__tertium_lower((unsigned char)a[i]) - __tertium_lower((unsigned char)b[i]));
}`,
  strncasecmp: `int strncasecmp(const char *a, const char *b, size_t n) {
  size_t i = 0;
  while (i < n && a[i] != 0 && __tertium_lower((unsigned char)a[i]) == __tertium_lower((unsigned char)b[i])) i++;
  return i == n ? 0 : __tertium_sign(__tertium_lower((unsigned char)a[i]) - __tertium_lower((unsigned char)b[i]));
}`,
  // In the C locale a string is its own key.
  strxfrm: {
    text: `size_t strxfrm(char *to, const char *from, size_t n) {
  size_t length = __tertium_length(from);
  if (__tertium_locale) {
    length = __VERIFIER_nondet_ulong();
    __VERIFIER_assume(length < __PTRDIFF_MAX__);
    for (size_t i = 0; i < n && i < length; i++) to[i] = (char)__tertium_between(1, 255);
    if (length < n) to[length] = 0;
    return length;
  }
  for (size_t i = 0; i < n && i <= length; i++) to[i] = from[i];
  return length;
}`,
    approximation: 'after `setlocale`, `strxfrm` may give any key',
    approximationWith: setsLocale,
  },
  strchr: `char *strchr(const char *s, int c) {
  for (;; s++) {
    if (*s == (char)c) return (char *)s;
    if (*s == 0) return 0;
  }
}`,
  index: `char *index(const char *s, int c) {
  for (;; s++) {
    if (*s == (char)c) return (char *)s;
    if (*s == 0) return 0;
  }
}`,
  strchrnul: `char *strchrnul(const char *s, int c) {
  while (*s != 0 && *s != (char)c) s++;
  return (char *)s;
}`,
  strrchr: `char *strrchr(const char *s, int c) {
  const char *last = 0;
  for (;; s++) {
    if (*s == (char)c) last = s;
    if (*s == 0) return (char *)last;
  }
}`,
  rindex: `char *rindex(const char *s, int c) {
  const char *last = 0;
  for (;; s++) {
    if (*s == (char)c) last = s;
    if (*s == 0) return (char *)last;
  }
}`,
  __tertium_among: `static int __tertium_among(char c, const char *set) {
  for (; *set != 0; set++) if (*set == c) return 1;
  return 0;
}`,
  strspn: `size_t strspn(const char *s, const char *set) {
  size_t n = 0;
  while (s[n] != 0 && __tertium_among(s[n], set)) n++;
  return n;
}`,
  strcspn: `size_t strcspn(const char *s, const char *set) {
  size_t n = 0;
  while (s[n] != 0 && !__tertium_among(s[n], set)) n++;
  return n;
}`,
  strpbrk: `char *strpbrk(const char *s, const char *set) {
  while (*s != 0 && !__tertium_among(*s, set)) s++;
  return *s != 0 ? (char *)s : 0;
}`,
  strstr: `char *strstr(const char *s, const char *part) {
  for (size_t i = 0;; i++) {
    size_t k = 0;
    while (part[k] != 0 && s[i + k] == part[k]) k++;
    if (part[k] == 0) return (char *)s + i;
    if (s[i + k] == 0) return 0;
  }
}`,
  strcasestr: `char *strcasestr(const char *s, const char *part) {
  for (size_t i = 0;; i++) {
    size_t k = 0;
    while (part[k] != 0 && __tertium_lower((unsigned char)s[i + k]) == __tertium_lower((unsigned char)part[k])) k++;
    if (part[k] == 0) return (char *)s + i;
    if (s[i + k] == 0) return 0;
  }
}`,
  __tertium_token: `static char *__tertium_token(char *s, const char *set, char **rest) {
  if (s == 0) s = *rest;
  while (*s != 0 && __tertium_among(*s, set)) s++;
  if (*s == 0) {
    *rest = s;
    return 0;
  }
  char *start = s;
  while (*s != 0 && !__tertium_among(*s, set)) s++;
  if (*s != 0) {
    *s = 0;
    s++;
  }
  *rest = s;
  return start;
}`,
  __tertium_token_rest: 'static char *__tertium_token_rest;',
  strtok: 'char *strtok(char *s, const char *set) { return __tertium_token(s, set, &__tertium_token_rest); }',
  strtok_r: 'char *strtok_r(char *s, const char *set, char **rest) { return __tertium_token(s, set, rest); }',
  strsep: `char *strsep(char **at, const char *set) {
  char *start = *at;
  if (start == 0) return 0;
  char *s = start;
  while (*s != 0 && !__tertium_among(*s, set)) s++;
  if (*s != 0) {
    *s = 0;
    *at = s + 1;
  } else *at = 0;
  return start;
}`,
  strdup: `char *strdup(const char *s) {
  size_t n = __tertium_length(s) + 1;
  char *copy = malloc(n);
  if (copy == 0) return 0;
  for (size_t i = 0; i < n; i++) copy[i] = s[i];
  return copy;
}`,
  strndup: `char *strndup(const char *s, size_t limit) {
  size_t n = 0;
  while (n < limit && s[n] != 0) n++;
  char *copy = malloc(n + 1);
  if (copy == 0) return 0;
  for (size_t i = 0; i < n; i++) copy[i] = s[i];
  copy[n] = 0;
  return copy;
}`,
  strerror: {
    text: 'char *strerror(int number) { return __tertium_text(); }',
    approximation: 'the text that `strerror` gives may be any',
  },
  strsignal: {
    text: 'char *strsignal(int number) { return __tertium_text(); }',
    approximation: 'the text that `strsignal` gives may be any',
  },
  ffs: `int ffs(int x) {
  for (int i = 0; i < 32; i++) if ((unsigned)x >> i & 1) return i + 1;
  return 0;
}`,
  ffsl: `int ffsl(long x) {
  for (int i = 0; i < (int)(8 * sizeof x); i++) if ((unsigned long)x >> i & 1) return i + 1;
  return 0;
}`,
  ffsll: `int ffsll(long long x) {
  for (int i = 0; i < 64; i++) if ((unsigned long long)x >> i & 1) return i + 1;
  return 0;
}`,
};
