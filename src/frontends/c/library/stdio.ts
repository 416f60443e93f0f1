import type { Model } from './index.ts';

/**
 * The input functions of <stdio.h> as C [C11 7.21]: what is read is up to the outside world, where it is stored is not. A stream
 * is an object of one byte: using it after `fclose`, or when `fopen` gave null, is an access outside of every object. Output
 * functions are events of the program, or not known.
 */
export const stdioModels: Readonly<Record<string, Model>> = {
  __tertium_standard_streams: 'static char __tertium_standard_streams[3];',
  stdin: '__typeof__(stdin) stdin = (void *)&__tertium_standard_streams[0];',
  stdout: '__typeof__(stdout) stdout = (void *)&__tertium_standard_streams[1];',
  stderr: '__typeof__(stderr) stderr = (void *)&__tertium_standard_streams[2];',
  __tertium_stream: 'static void __tertium_stream(const void *stream) { (void)*(const volatile char *)stream; }',
  __tertium_open: `static FILE *__tertium_open(void) {
  if (__VERIFIER_nondet_int() == 0) return 0;
  return (FILE *)__tertium_new_object(1);
}`,
  // The standard streams may be closed, too.
  __tertium_close: `static void __tertium_close(void *stream) {
  __tertium_stream(stream);
  for (int i = 0; i < 3; i++) if (stream == (void *)&__tertium_standard_streams[i]) return;
  __tertium_end_object(stream);
}`,
  // A byte, or EOF.
  __tertium_byte: `static int __tertium_byte(void) {
  int c = __VERIFIER_nondet_int();
  __VERIFIER_assume(c >= -1 && c <= 255);
  return c;
}`,
  fopen: `FILE *fopen(const char *path, const char *mode) {
  (void)__tertium_length(path);
  (void)__tertium_length(mode);
  return __tertium_open();
}`,
  popen: `FILE *popen(const char *command, const char *mode) {
  (void)__tertium_length(command);
  (void)__tertium_length(mode);
  return __tertium_open();
}`,
  fdopen: `FILE *fdopen(int descriptor, const char *mode) {
  (void)__tertium_length(mode);
  return __tertium_open();
}`,
  tmpfile: 'FILE *tmpfile(void) { return __tertium_open(); }',
  fclose: `int fclose(FILE *stream) {
  __tertium_close(stream);
  return __VERIFIER_nondet_int() == 0 ? 0 : -1;
}`,
  pclose: `int pclose(FILE *stream) {
  __tertium_close(stream);
  return __VERIFIER_nondet_int();
}`,
  fgetc: `int fgetc(FILE *stream) {
  __tertium_stream(stream);
  return __tertium_byte();
}`,
  getc: `int getc(FILE *stream) {
  __tertium_stream(stream);
  return __tertium_byte();
}`,
  ungetc: {
    text: `int ungetc(int c, FILE *stream) {
  __tertium_stream(stream);
  return c == -1 || __VERIFIER_nondet_int() == 0 ? -1 : (unsigned char)c;
}`,
    approximation: 'what is read after `ungetc` may be any',
  },
  fgets: `char *fgets(char *s, int n, FILE *stream) {
  __tertium_stream(stream);
  int i = 0;
  if (n <= 0) return 0;
  while (i < n - 1) {
    int c = __tertium_byte();
    if (c == -1) {
      if (i == 0 || __VERIFIER_nondet_int() == 0) return 0;
      break;
    }
    s[i] = (char)c;
    i++;
    if (c == '\\n') break;
  }
  s[i] = 0;
  return s;
}`,
  gets: `char *gets(char *s) {
  size_t i = 0;
  for (;;) {
    int c = __tertium_byte();
    if (c == '\\n') break;
    if (c == -1) {
      if (i == 0 || __VERIFIER_nondet_int() == 0) return 0;
      break;
    }
    s[i] = (char)c;
    i++;
  }
  s[i] = 0;
  return s;
}`,
  getline: `ssize_t getline(char **line, size_t *size, FILE *stream) {
  __tertium_stream(stream);
  size_t n = __VERIFIER_nondet_ulong();
  __VERIFIER_assume(n < __PTRDIFF_MAX__);
  if (n == 0) return -1;
  if (*line == 0 || *size < n + 1) {
    if (*line != 0) free(*line);
    *line = malloc(n + 1);
    *size = n + 1;
    if (*line == 0) return -1;
  }
  for (size_t i = 0; i < n; i++) (*line)[i] = __VERIFIER_nondet_char();
  (*line)[n] = 0;
  return (ssize_t)n;
}`,
  fread: `size_t fread(void *to, size_t size, size_t count, FILE *stream) {
  unsigned char *t = to;
  __tertium_stream(stream);
  size_t got = __VERIFIER_nondet_ulong();
  __VERIFIER_assume(got <= count);
  if (size == 0) return 0;
  size_t part = got < count ? __VERIFIER_nondet_ulong() : 0;
  __VERIFIER_assume(part < size);
  for (size_t i = 0; i < got * size + part; i++) t[i] = __VERIFIER_nondet_uchar();
  return got;
}`,
  fwrite: `size_t fwrite(const void *from, size_t size, size_t count, FILE *stream) {
  const unsigned char *f = from;
  __tertium_stream(stream);
  size_t done = __VERIFIER_nondet_ulong();
  __VERIFIER_assume(done <= count);
  if (size == 0) return 0;
  for (size_t i = 0; i < count * size; i++) (void)((const volatile unsigned char *)f)[i];
  return done;
}`,
  feof: {
    text: `int feof(FILE *stream) {
  __tertium_stream(stream);
  return __VERIFIER_nondet_int();
}`,
    approximation: '`feof` may say either at any time',
  },
  ferror: {
    text: `int ferror(FILE *stream) {
  __tertium_stream(stream);
  return __VERIFIER_nondet_int();
}`,
    approximation: '`ferror` may say either at any time',
  },
  clearerr: 'void clearerr(FILE *stream) { __tertium_stream(stream); }',
  rewind: 'void rewind(FILE *stream) { __tertium_stream(stream); }',
  fseek: `int fseek(FILE *stream, long offset, int whence) {
  __tertium_stream(stream);
  return __VERIFIER_nondet_int() == 0 ? 0 : -1;
}`,
  ftell: {
    text: `long ftell(FILE *stream) {
  __tertium_stream(stream);
  long at = __VERIFIER_nondet_long();
  __VERIFIER_assume(at >= -1);
  return at;
}`,
    approximation: 'the place that `ftell` gives may be any',
  },
  fileno: {
    text: `int fileno(FILE *stream) {
  __tertium_stream(stream);
  int n = __VERIFIER_nondet_int();
  __VERIFIER_assume(n >= -1);
  return n;
}`,
    approximation: 'the number that `fileno` gives may be any',
  },
  remove: `int remove(const char *path) {
  (void)__tertium_length(path);
  return __VERIFIER_nondet_int() == 0 ? 0 : -1;
}`,
  rename: `int rename(const char *from, const char *to) {
  (void)__tertium_length(from);
  (void)__tertium_length(to);
  return __VERIFIER_nondet_int() == 0 ? 0 : -1;
}`,
};
