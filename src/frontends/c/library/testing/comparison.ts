/**
 * What each model is compared on: C expressions over two buffers with random strings (`a`, `b`), a small count `n` and a
 * character `c`, where `F` is the function. `P` turns a pointer into the buffers into a number, `S` takes the sign. The same
 * expression is computed with the model and with the real function, on equal buffers; values and buffers must agree after it.
 */
export const compared: Readonly<Record<string, string>> = {
  memcpy: 'P(F(m->a, m->b, m->n))',
  mempcpy: 'P(F(m->a, m->b, m->n))',
  memccpy: 'P(F(m->a, m->b, m->c, m->n))',
  memmove: 'P(F(m->a + m->n % 7, m->a + m->c % 5, m->n))',
  bcopy: '(F(m->a + m->n % 7, m->a + m->c % 5, m->n), 0)',
  memset: 'P(F(m->a, m->c, m->n))',
  bzero: '(F(m->a, m->n), 0)',
  explicit_bzero: '(F(m->a, m->n), 0)',
  memcmp: 'S(F(m->a, m->b, m->n % 5))',
  bcmp: '!F(m->a, m->b, m->n % 4)',
  memchr: 'P(F(m->a, m->c, m->n))',
  memrchr: 'P(F(m->a, m->c, m->n))',
  rawmemchr: 'P(F(m->b, 0))',
  memmem: 'P(F(m->a, m->n, m->b, m->c % 4))',
  strlen: 'F(m->a)',
  strnlen: 'F(m->a, m->n)',
  strcpy: 'P(F(m->a, m->b))',
  stpcpy: 'P(F(m->a, m->b))',
  strncpy: 'P(F(m->a, m->b, m->n))',
  stpncpy: 'P(F(m->a, m->b, m->n))',
  strcat: 'P(F(m->a, m->b))',
  strncat: 'P(F(m->a, m->b, m->n))',
  strcmp: 'S(F(m->a, m->b + m->n % 2))',
  strcoll: 'S(F(m->a, m->b))',
  strncmp: 'S(F(m->a, m->b, m->n % 6))',
  strcasecmp: 'S(F(m->a, m->b))',
  strncasecmp: 'S(F(m->a, m->b, m->n % 6))',
  strxfrm: 'F(m->a, m->b, m->n)',
  strchr: 'P(F(m->a, m->c))',
  index: 'P(F(m->a, m->c))',
  strchrnul: 'P(F(m->a, m->c))',
  strrchr: 'P(F(m->a, m->c))',
  rindex: 'P(F(m->a, m->c))',
  strspn: 'F(m->a, m->set)',
  strcspn: 'F(m->a, m->set)',
  strpbrk: 'P(F(m->a, m->set))',
  strstr: 'P(F(m->a, m->set))',
  strcasestr: 'P(F(m->a, m->set))',
  strtok:
    '({ long r = P(F(m->a, m->set)); r = r * 100 + P(F(0, m->set)); r = r * 100 + P(F(0, m->set)); r * 100 + P(F(0, m->set)); })',
  strtok_r:
    '({ char *at; long r = P(F(m->a, m->set, &at)); r = r * 100 + P(F(0, m->set, &at)); r * 100 + P(F(0, m->set, &at)); })',
  strsep: '({ char *at = m->a; long r = P(F(&at, m->set)); r = r * 100 + P(F(&at, m->set)); r * 100 + P(at); })',
  strdup: '({ char *p = F(m->a); long r = p ? strcmp(p, m->a) : 9; free(p); r; })',
  strndup: '({ char *p = F(m->a, m->n); strcpy(m->b, p ? p : "?"); free(p); 0; })',
  ffs: 'F((int)m->big)',
  ffsl: 'F(m->big)',
  ffsll: 'F(m->big)',
  wcslen: 'F(m->wa)',
  wcscpy: 'P(F(m->wa, m->wb))',
  wcsncpy: 'P(F(m->wa, m->wb, m->n))',
  wcscat: 'P(F(m->wa, m->wb))',
  wcsncat: 'P(F(m->wa, m->wb, m->n))',
  wcscmp: 'S(F(m->wa, m->wb))',
  wcsncmp: 'S(F(m->wa, m->wb, m->n % 5))',
  wcschr: 'P(F(m->wa, m->c))',
  wcsrchr: 'P(F(m->wa, m->c))',
  wcsstr: 'P(F(m->wa, m->wb))',
  wmemcpy: 'P(F(m->wa, m->wb, m->n))',
  wmemmove: 'P(F(m->wa + m->n % 3, m->wa + m->c % 4, m->n))',
  wmemset: 'P(F(m->wa, m->c, m->n))',
  wmemcmp: 'S(F(m->wa, m->wb, m->n % 5))',
  wmemchr: 'P(F(m->wa, m->c, m->n))',
  strtol: '({ char *end; long r = F(m->number, m->n % 4 ? &end : 0, m->base); m->big = r; m->n % 4 ? P(end) : 0; })',
  strtoll: '({ char *end; m->big = F(m->number, &end, m->base); P(end); })',
  strtoul: '({ char *end; m->big = F(m->number, &end, m->base); P(end); })',
  strtoull: '({ char *end; m->big = F(m->number, &end, m->base); P(end); })',
  // Beyond the range of int it is undefined behaviour.
  atoi: 'strlen(m->number) > 10 ? 0 : F(m->number)',
  atol: 'strlen(m->number) > 18 ? 0 : F(m->number)',
  atoll: 'strlen(m->number) > 18 ? 0 : F(m->number)',
  div: '({ div_t r = F((int)m->big, m->c % 9 - 12); r.quot * 100L + r.rem; })',
  ldiv: '({ ldiv_t r = F(m->big, m->c % 9 - 12); r.quot + r.rem; })',
  lldiv: '({ lldiv_t r = F(m->big, m->c % 9 - 12); r.quot + r.rem; })',
  imaxdiv: '({ imaxdiv_t r = F(m->big, m->c % 9 - 12); r.quot + r.rem; })',
  qsort: '(F(m->a, m->n, 1, bytes), F(m->wa, m->n % 12, sizeof *m->wa, integers), 0)',
  bsearch:
    '({ for (int i = 0; i < 20; i++) m->wa[i] = 3 * i; int key = m->c % 70; P(F(&key, m->wa, m->n % 20, 4, integers)); })',
  isascii: 'F((int)m->big) != 0',
  toascii: 'F((int)m->big)',
  difftime: '(long)(F(m->big, m->c) / 4)',
};

/**
 * Models that take their values from outside: the model is given what the real function saw, and must then do the same. `SAY`
 * adds to what the model will be told; the expression is computed for the real function first.
 */
export const replayed: Readonly<Record<string, { readonly real: string; readonly model: string }>> = {
  fgets: {
    real: `({ FILE *f = fmemopen(m->number, strlen(m->number), "r"); f && *m->number ? P(fgets(m->a, m->n % 9 + 1, f)) : -1; })`,
    model: `({ for (char *s = m->number; *s; s++) SAY(*s); SAY(-1); SAY(0);
      *m->number ? P(model_fgets(m->a, m->n % 9 + 1, (void *)&(char){ 0 })) : -1; })`,
  },
  fread: {
    real: `({ FILE *f = fmemopen(m->number, strlen(m->number), "r"); f && *m->number ? (long)fread(m->a, 2, m->n % 9, f) : -1; })`,
    model: `({ long k = strlen(m->number) / 2, all = k < m->n % 9 ? k : m->n % 9; SAY(all);
      if (all < m->n % 9) { SAY(0); SAY(strlen(m->number) % 2); }
      for (char *s = m->number; *s; s++) SAY(*s);
      long r = *m->number ? (long)model_fread(m->a, 2, m->n % 9, (void *)&(char){ 0 }) : -1; r; })`,
  },
  gmtime: {
    real: `({ time_t t = m->big >> 20; struct tm *r = gmtime(&t); calendar(m, r); })`,
    model: `({ time_t t = m->big >> 20; struct tm *r = gmtime(&t); SAY(1); SAYTIME(r); calendar(m, model_gmtime(&t)); })`,
  },
  gmtime_r: {
    real: `({ time_t t = m->big >> 20; struct tm r; calendar(m, gmtime_r(&t, &r)); })`,
    model: `({ time_t t = m->big >> 20; struct tm s, *r = gmtime_r(&t, &s); SAY(1); SAYTIME(r); calendar(m, model_gmtime_r(&t, &s)); })`,
  },
  asctime: {
    real: `({ time_t t = m->big >> 28; struct tm *r = gmtime(&t); strcpy(m->a, asctime(r)); strlen(m->a); })`,
    model: `({ time_t t = m->big >> 28; struct tm *r = gmtime(&t); char *s = asctime(r); SAY(strlen(s) - 1 - 21);
      while (*s) SAY(*s++ - 1); strcpy(m->a, model_asctime(r)); strlen(m->a); })`,
  },
  strftime: {
    real: `({ time_t t = m->big >> 24; strftime(m->a, m->n + 1, "%Y-%m-%d", gmtime(&t)) ?: (memset(m->a, 0, 80), 0); })`,
    model: `({ time_t t = m->big >> 24; size_t k = strftime(m->a, 60, "%Y-%m-%d", gmtime(&t)); SAY(k); for (int i = 0; i < k; i++) SAY(m->a[i] - 1);
      memcpy(m->a, m->saved, sizeof m->a); for (int i = 0; i < 80; i++) SAY(1);
      model_strftime(m->a, m->n + 1, "%Y-%m-%d", gmtime(&t)) ?: (memset(m->a, 0, 80), 0); })`,
  },
  timespec_get: {
    real: `({ struct timespec t; m->base = timespec_get(&t, TIME_UTC); m->base; })`,
    model: `({ struct timespec t, s; timespec_get(&s, TIME_UTC); SAY(1); SAY(s.tv_sec); SAY(s.tv_nsec); m->base = model_timespec_get(&t, TIME_UTC);
      t.tv_sec == s.tv_sec && t.tv_nsec == s.tv_nsec ? m->base : -1; })`,
  },
  time: {
    real: 'time(0) > 0',
    model: '({ SAY(time(0)); time_t t = 0; model_time(&t) == t && t > 0; })',
  },
};

/** Models that say no more than that something may be anything: there is nothing to compare. */
export const open: readonly string[] = [
  ...['atof', 'strtod', 'getenv', 'setenv', 'unsetenv', 'system', 'rand_r', 'strerror', 'strsignal', 'setlocale'],
  ...[
    'fopen',
    'popen',
    'fdopen',
    'tmpfile',
    'fclose',
    'pclose',
    'fgetc',
    'getc',
    'getchar',
    'ungetc',
    'gets',
    'getline',
    'fwrite',
  ],
  // Compared as part of whole programs (lowering/formatted.test.ts).
  ...[
    'printf',
    'fprintf',
    'dprintf',
    'vprintf',
    'vfprintf',
    'vdprintf',
    'sprintf',
    'snprintf',
    'vsprintf',
    'vsnprintf',
  ],
  ...['atexit', 'asprintf', 'vasprintf', 'puts', 'fputs', 'perror', 'fputc', 'putc'],
  ...['feof', 'ferror', 'clearerr', 'rewind', 'fseek', 'ftell', 'fileno', 'remove', 'rename'],
  ...['localtime', 'localtime_r', 'mktime', 'ctime', 'clock_gettime'],
  ...['errno', '__errno_location', 'stdin', 'stdout', 'stderr'],
];

/** The driver: draws buffers, runs both, prints the first difference of each function. */
export function driver(rounds: number, seed: number): string {
  const cases = [
    ...Object.entries(compared).map(([name, text]) => ({
      name,
      real: text.replace(/\bF\(/g, `${name}(`),
      model: text.replace(/\bF\(/g, `model_${name}(`),
    })),
    ...Object.entries(replayed).map(([name, { real, model }]) => ({ name, real, model })),
  ];
  return `#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>
struct memory {
  char a[80], b[80], set[8], number[40], saved[80];
  wchar_t wa[60], wb[60];
  size_t n;
  int c, base;
  long long big;
};
#define P(p) ({ const void *place = (p); place ? (long)((const char *)place - (const char *)m) : -1L; })
#define S(x) ({ long sign = (x); sign < 0 ? -1 : sign > 0; })
#define SAY(x) (queue[queued++] = (x))
#define SAYTIME(r) (SAY(r->tm_sec), SAY(r->tm_min), SAY(r->tm_hour), SAY(r->tm_mday - 1), SAY(r->tm_mon), SAY(r->tm_year), SAY(r->tm_wday), SAY(r->tm_yday), SAY(r->tm_isdst))
${cases.map(({ name }) => `extern __typeof__(${name}) model_${name};`).join('\n')}
extern int model_errno;
static unsigned long long state = ${seed};
static unsigned draw(void) { state = state * 6364136223846793005ULL + 1442695040888963407ULL; return state >> 33; }
static long queue[200];
static int queued, told;
static jmp_buf retry;
/* What the model takes from outside: what it is told, or else anything. */
static long outside(void) { return queued > 0 ? (told < queued ? queue[told++] : (exit(3), 0)) : (long)(draw() % 7) - 3; }
int __VERIFIER_nondet_int(void) { return outside(); }
unsigned __VERIFIER_nondet_uint(void) { return outside(); }
long __VERIFIER_nondet_long(void) { return outside(); }
unsigned long __VERIFIER_nondet_ulong(void) { return outside(); }
char __VERIFIER_nondet_char(void) { return outside(); }
unsigned char __VERIFIER_nondet_uchar(void) { return outside(); }
double __VERIFIER_nondet_double(void) { return outside(); }
void __VERIFIER_assume(int c) { if (!c) longjmp(retry, 1); }
void __tertium_require_fit(_Bool c, const char *failure) {}
void __tertium_require(_Bool c, const char *failure) { if (!c) { printf("required: %s\\n", failure); exit(4); } }
void *__tertium_new_object(size_t n) { return malloc(n); }
void __tertium_end_object(void *p) { free(p); }
_Bool __tertium_passes_floats(void) { return 1; }
_Bool __tertium_asks_int(void) { return 1; }
_Bool __tertium_asks_long(void) { return 1; }
_Bool __tertium_asks_string(void) { return 1; }
_Bool __tertium_asks_count(void) { return 1; }
_Bool __tertium_asks_star(void) { return 1; }
_Bool __tertium_asks_text(void) { return 1; }
static int bytes(const void *x, const void *y) { return *(unsigned char *)x - *(unsigned char *)y; }
static int integers(const void *x, const void *y) { return (*(int *)x > *(int *)y) - (*(int *)x < *(int *)y); }
static long calendar(struct memory *m, struct tm *r) {
  if (!r) return -1;
  m->wa[0] = r->tm_sec; m->wa[1] = r->tm_min; m->wa[2] = r->tm_hour; m->wa[3] = r->tm_mday; m->wa[4] = r->tm_mon;
  m->wa[5] = r->tm_year; m->wa[6] = r->tm_wday; m->wa[7] = r->tm_yday; m->wa[8] = r->tm_isdst;
  return 0;
}
static const char *numbers[] = { "0", "7", "-1", "+12", " 42x", "\\t-2147483648", "2147483647", "0x1F", "0X", "0xg", "08", "017", "zz", "",
  "-", "+-3", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-9223372036854775809", "18446744073709551615",
  "18446744073709551616", "-18446744073709551615", "99999999999999999999999", "1e5", "- 4", "00", "\\n\\v 10", "7fffffff", "-0x10" };
static void fill(char *s, int room, const char *alphabet) {
  int length = draw() % room, letters = strlen(alphabet);
  for (int i = 0; i < 40; i++) s[i] = alphabet[draw() % letters];
  s[length] = 0;
}
static void prepare(struct memory *m) {
  memset(m, 0, sizeof *m);
  fill(m->a, 24, "abAB ,\\xe9");
  fill(m->b, draw() % 2 ? 4 : 24, "abAB ,\\xe9");
  fill(m->set, 4, "ab ,");
  m->set[7] = 0;
  if (draw() % 3 == 0) strcpy(m->b, m->a);
  strcpy(m->number, numbers[draw() % (sizeof numbers / sizeof *numbers)]);
  if (draw() % 3 == 0) fill(m->number, 12, "0123456789+- x");
  for (int i = 0; i < 59; i++) m->wa[i] = draw() % 3 + 'a', m->wb[i] = draw() % 3 + 'a';
  m->wa[draw() % 12] = 0; m->wb[draw() % 3] = 0; m->wb[20] = m->wa[50] = 0;
  m->n = draw() % 24; m->c = draw() % 3 ? "abA ,"[draw() % 5] : draw() % 4 == 0 ? 0 : draw() % 256;
  m->base = draw() % 4 ? (int[]){ 10, 0, 16, 8, 2, 36 }[draw() % 6] : 2 + draw() % 35;
  m->big = ((long long)draw() << 33 ^ draw()) >> draw() % 64;
  memcpy(m->saved, m->a, sizeof m->a);
}
int main(void) {
  static struct memory x, y, start, *m;
  for (int round = 0; round < ${rounds}; round++) {
${cases
  .map(
    ({ name, real, model }) => `    {
      prepare(&start); x = y = start;
      m = &x; errno = 0;
      volatile long long theirs = ${real};
      int error = errno;
      volatile int tries = 0;
      setjmp(retry);
      if (tries++ > 4000) { printf("${name}: the model does not allow this, round %d\\n", round); return 5; }
      y = start; m = &y; queued = told = 0; model_errno = 0;
      long long ours = ${model};
      if (theirs != ours || memcmp(&x, &y, sizeof x)${/^strto/.test(name) ? ' || error != model_errno' : ''}) {
        printf("${name}: %lld, the model says %lld, round %d, a \\"%s\\" b \\"%s\\" set \\"%s\\" number \\"%s\\" n %zu c %d base %d errno %d %d\\n",
          theirs, ours, round, start.a, start.b, start.set, start.number, start.n, start.c, start.base, error, model_errno);
        return 6;
      }
    }`,
  )
  .join('\n')}
  }
  puts("same");
  return 0;
}
`;
}
