import type { Model } from './index.ts';

/**
 * <time.h> and <locale.h> as C [C11 7.27, 7.11]: clocks say anything in their range, and broken-down times have fields in their
 * documented ranges. Calendars are not computed, which stands beside the answer.
 */
const header = '#include <time.h>\n';

const localeAssumption = 'the locale that `setlocale` sets changes `strcoll` and `strxfrm` only';

export const timeModels: Readonly<Record<string, Model>> = {
  time: `${header}time_t time(time_t *at) {
  time_t now = __VERIFIER_nondet_long();
  __VERIFIER_assume(now >= -1);
  if (at != 0) *at = now;
  return now;
}`,
  // The exact difference, rounded once.
  difftime: `${header}double difftime(time_t later, time_t earlier) { return (double)((__int128)later - earlier); }`,
  clock_gettime: `${header}int clock_gettime(clockid_t clock, struct timespec *at) {
  if (__VERIFIER_nondet_int() != 0) return -1;
  at->tv_sec = __VERIFIER_nondet_long();
  at->tv_nsec = __VERIFIER_nondet_long();
  __VERIFIER_assume(at->tv_sec >= 0 && at->tv_nsec >= 0 && at->tv_nsec <= 999999999);
  return 0;
}`,
  timespec_get: `${header}int timespec_get(struct timespec *at, int base) {
  if (base != TIME_UTC || __VERIFIER_nondet_int() == 0) return 0;
  at->tv_sec = __VERIFIER_nondet_long();
  at->tv_nsec = __VERIFIER_nondet_long();
  __VERIFIER_assume(at->tv_sec >= 0 && at->tv_nsec >= 0 && at->tv_nsec <= 999999999);
  return base;
}`,
  __tertium_calendar: `${header}static void __tertium_calendar(struct tm *t) {
  t->tm_sec = __tertium_between(0, 60);
  t->tm_min = __tertium_between(0, 59);
  t->tm_hour = __tertium_between(0, 23);
  t->tm_mday = __tertium_between(1, 31);
  t->tm_mon = __tertium_between(0, 11);
  t->tm_year = __VERIFIER_nondet_int();
  t->tm_wday = __tertium_between(0, 6);
  t->tm_yday = __tertium_between(0, 365);
  t->tm_isdst = __VERIFIER_nondet_int();
  t->tm_gmtoff = 0;
  t->tm_zone = "UTC";
}`,
  __tertium_calendar_now: `${header}static struct tm __tertium_calendar_now;`,
  ...Object.fromEntries(
    ['gmtime', 'localtime'].flatMap((name): [string, Model][] => [
      [
        name,
        {
          text: `${header}struct tm *${name}(const time_t *at) {
  (void)*(const volatile time_t *)at;
  if (__VERIFIER_nondet_int() == 0) return 0;
  __tertium_calendar(&__tertium_calendar_now);
  return &__tertium_calendar_now;
}`,
          approximation: `the calendar date that \`${name}\` gives may be any`,
        },
      ],
      [
        `${name}_r`,
        {
          text: `${header}struct tm *${name}_r(const time_t *at, struct tm *to) {
  (void)*(const volatile time_t *)at;
  if (__VERIFIER_nondet_int() == 0) return 0;
  __tertium_calendar(to);
  return to;
}`,
          approximation: `the calendar date that \`${name}_r\` gives may be any`,
        },
      ],
    ]),
  ),
  mktime: {
    text: `${header}time_t mktime(struct tm *t) {
  time_t made = __VERIFIER_nondet_long();
  (void)(((volatile struct tm *)t)->tm_sec + 0L);
  if (made != -1) __tertium_calendar(t);
  return made;
}`,
    approximation: 'the time that `mktime` computes may be any',
  },
  // Twenty-six characters with the terminator, for a year of four digits [C11 7.27.3.1].
  __tertium_time_text: `static char __tertium_time_text[26];`,
  __tertium_write_time: `static char *__tertium_write_time(void) {
  int n = __tertium_between(21, 24);
  for (int i = 0; i < n; i++) __tertium_time_text[i] = (char)__tertium_between(1, 127);
  __tertium_time_text[n] = '\\n';
  __tertium_time_text[n + 1] = 0;
  return __tertium_time_text;
}`,
  asctime: {
    text: `${header}char *asctime(const struct tm *t) {
  __tertium_require(t->tm_wday >= 0 && t->tm_wday <= 6 && t->tm_mon >= 0 && t->tm_mon <= 11 && t->tm_year <= 8099 && t->tm_year >= -2899,
    "the date has no text of 26 characters");
  return __tertium_write_time();
}`,
    approximation: 'the text that `asctime` writes may be any',
  },
  ctime: {
    text: `${header}char *ctime(const time_t *at) {
  (void)*(const volatile time_t *)at;
  return __tertium_write_time();
}`,
    approximation: 'the text that `ctime` writes may be any',
  },
  strftime: {
    text: `${header}size_t strftime(char *to, size_t limit, const char *format, const struct tm *t) {
  size_t n = __VERIFIER_nondet_ulong();
  (void)__tertium_length(format);
  (void)(((const volatile struct tm *)t)->tm_sec + 0L);
  if (n >= limit) {
    for (size_t i = 0; i < limit; i++) to[i] = __VERIFIER_nondet_char();
    return 0;
  }
  for (size_t i = 0; i < n; i++) to[i] = (char)__tertium_between(1, 255);
  to[n] = 0;
  return n;
}`,
    approximation: 'the text that `strftime` writes may be any',
  },
  setlocale: {
    text: `char *setlocale(int category, const char *name) {
  if (name != 0) (void)__tertium_length(name);
  if (__VERIFIER_nondet_int() == 0) return 0;
  if (name != 0) __tertium_locale = 1;
  return __tertium_text();
}`,
    approximation: 'the text that `setlocale` gives may be any',
    assumption: localeAssumption,
  },
  // A call whose result is not looked at.
  __tertium_setlocale_0: {
    text: `char *__tertium_setlocale_0(int category, const char *name) {
  if (name != 0) {
    (void)__tertium_length(name);
    if (__VERIFIER_nondet_int() != 0) __tertium_locale = 1;
  }
  return 0;
}`,
    assumption: localeAssumption,
  },
};
