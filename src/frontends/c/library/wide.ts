import type { Model } from './index.ts';

/** The basics of <wchar.h> as C [C11 7.29.4]: as the functions of <string.h>, on wide characters. */
export const wideModels: Readonly<Record<string, Model>> = {
  __tertium_wide_length: `static size_t __tertium_wide_length(const wchar_t *s) {
  size_t n = 0;
  while (s[n] != 0) n++;
  return n;
}`,
  wcslen: `size_t wcslen(const wchar_t *s) {
  size_t n = 0;
  while (s[n] != 0) n++;
  return n;
}`,
  wcscpy: `wchar_t *wcscpy(wchar_t *to, const wchar_t *from) {
  size_t i = 0;
  for (;;) {
    wchar_t c = from[i];
    to[i] = c;
    i++;
    if (c == 0) break;
  }
  __tertium_apart(to, from, i * sizeof(wchar_t));
  return to;
}`,
  wcsncpy: `wchar_t *wcsncpy(wchar_t *to, const wchar_t *from, size_t n) {
  size_t i = 0;
  for (; i < n; i++) {
    wchar_t c = from[i];
    if (c == 0) break;
    to[i] = c;
  }
  __tertium_apart(to, from, i * sizeof(wchar_t));
  for (; i < n; i++) to[i] = 0;
  return to;
}`,
  wcscat: `wchar_t *wcscat(wchar_t *to, const wchar_t *from) {
  size_t start = __tertium_wide_length(to), i = 0;
  for (;;) {
    wchar_t c = from[i];
    to[start + i] = c;
    i++;
    if (c == 0) break;
  }
  __tertium_apart(to + start, from, i * sizeof(wchar_t));
  return to;
}`,
  wcsncat: `wchar_t *wcsncat(wchar_t *to, const wchar_t *from, size_t n) {
  size_t start = __tertium_wide_length(to), i = 0;
  for (; i < n; i++) {
    wchar_t c = from[i];
    if (c == 0) break;
    to[start + i] = c;
  }
  to[start + i] = 0;
  return to;
}`,
  wcscmp: `int wcscmp(const wchar_t *a, const wchar_t *b) {
  size_t i = 0;
  while (a[i] != 0 && a[i] == b[i]) i++;
  return __tertium_sign((a[i] > b[i]) - (a[i] < b[i]));
}`,
  wcsncmp: `int wcsncmp(const wchar_t *a, const wchar_t *b, size_t n) {
  size_t i = 0;
  while (i < n && a[i] != 0 && a[i] == b[i]) i++;
  return i == n ? 0 : __tertium_sign((a[i] > b[i]) - (a[i] < b[i]));
}`,
  wcschr: `wchar_t *wcschr(const wchar_t *s, wchar_t c) {
  for (;; s++) {
    if (*s == c) return (wchar_t *)s;
    if (*s == 0) return 0;
  }
}`,
  wcsrchr: `wchar_t *wcsrchr(const wchar_t *s, wchar_t c) {
  const wchar_t *last = 0;
  for (;; s++) {
    if (*s == c) last = s;
    if (*s == 0) return (wchar_t *)last;
  }
}`,
  wcsstr: `wchar_t *wcsstr(const wchar_t *s, const wchar_t *part) {
  for (size_t i = 0;; i++) {
    size_t k = 0;
    while (part[k] != 0 && s[i + k] == part[k]) k++;
    if (part[k] == 0) return (wchar_t *)s + i;
    if (s[i + k] == 0) return 0;
  }
}`,
  wmemcpy: `wchar_t *wmemcpy(wchar_t *to, const wchar_t *from, size_t n) {
  __tertium_apart(to, from, n * sizeof(wchar_t));
  for (size_t i = 0; i < n; i++) to[i] = from[i];
  return to;
}`,
  wmemmove: `wchar_t *wmemmove(wchar_t *to, const wchar_t *from, size_t n) {
  if ((__UINTPTR_TYPE__)to < (__UINTPTR_TYPE__)from)
    for (size_t i = 0; i < n; i++) to[i] = from[i];
  else
    for (size_t i = n; i > 0; i--) to[i - 1] = from[i - 1];
  return to;
}`,
  wmemset: `wchar_t *wmemset(wchar_t *to, wchar_t c, size_t n) {
  for (size_t i = 0; i < n; i++) to[i] = c;
  return to;
}`,
  wmemcmp: `int wmemcmp(const wchar_t *a, const wchar_t *b, size_t n) {
  int order = 0;
  for (size_t i = 0; i < n; i++) {
    int here = (a[i] > b[i]) - (a[i] < b[i]);
    if (order == 0) order = here;
  }
  return __tertium_sign(order);
}`,
  wmemchr: `wchar_t *wmemchr(const wchar_t *s, wchar_t c, size_t n) {
  for (size_t i = 0; i < n; i++) if (s[i] == c) return (wchar_t *)s + i;
  return 0;
}`,
};
