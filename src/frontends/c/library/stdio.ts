import type { Model } from './index.ts';

/**
 * The input functions of <stdio.h> as C [C11 7.21]: what is read is up to the outside world, where it is stored is not. A stream
 * is an object of one byte, whose bits say that it is at its end (1) and that an error happened (2): using it after `fclose`,
 * or when `fopen` gave null, is an access outside of every object. Output functions are events of the program, or not known.
 */
export const stdioModels: Readonly<Record<string, Model>> = {
  __tertium_standard_streams: 'static char __tertium_standard_streams[3];',
  stdin: '__typeof__(stdin) stdin = (void *)&__tertium_standard_streams[0];',
  stdout: '__typeof__(stdout) stdout = (void *)&__tertium_standard_streams[1];',
  stderr: '__typeof__(stderr) stderr = (void *)&__tertium_standard_streams[2];',
  __tertium_stream: 'static void __tertium_stream(const void *stream) { (void)*(const volatile char *)stream; }',
  __tertium_open: `static FILE *__tertium_open(void) {
  if (__VERIFIER_nondet_int() == 0) return 0;
  char *state = __tertium_new_object(1);
  *state = 0;
  return (FILE *)state;
}`,
  // The standard streams may be closed, too.
  __tertium_close: `static void __tertium_close(void *stream) {
  __tertium_stream(stream);
  for (int i = 0; i < 3; i++) if (stream == (void *)&__tertium_standard_streams[i]) return;
  __tertium_end_object(stream);
}`,
  // The end, or an error, which a stream remembers.
  __tertium_stop: `static void __tertium_stop(void *stream) {
  char *state = stream;
  *state = *state | (__VERIFIER_nondet_int() == 0 ? 1 : 2);
}`,
  // A byte, or EOF; at the end there is nothing more.
  __tertium_byte: `static int __tertium_byte(void *stream) {
  char *state = stream;
  if (*state & 1) return -1;
  int c = __VERIFIER_nondet_int();
  __VERIFIER_assume(c >= -1 && c <= 255);
  if (c == -1) __tertium_stop(stream);
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
  fgetc: `int fgetc(FILE *stream) { return __tertium_byte(stream); }`,
  // Lowering knows getchar, but not what the stream remembers.
  getchar: 'int getchar(void) { return __tertium_byte(&__tertium_standard_streams[0]); }',
  getc: `int getc(FILE *stream) { return __tertium_byte(stream); }`,
  ungetc: {
    text: `int ungetc(int c, FILE *stream) {
  __tertium_stream(stream);
  if (c == -1 || __VERIFIER_nondet_int() == 0) return -1;
  *(char *)stream = *(char *)stream & 2;
  return (unsigned char)c;
}`,
    approximation: 'what is read after `ungetc` may be any',
  },
  fgets: `char *fgets(char *s, int n, FILE *stream) {
  __tertium_stream(stream);
  int i = 0;
  if (n <= 0) return 0;
  while (i < n - 1) {
    int c = __tertium_byte(stream);
    if (c == -1) {
      if (i == 0 || (*(char *)stream & 2)) return 0;
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
    int c = __tertium_byte(&__tertium_standard_streams[0]);
    if (c == '\\n') break;
    if (c == -1) {
      if (i == 0 || (__tertium_standard_streams[0] & 2)) return 0;
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
  if (n == 0 || (*(char *)stream & 1)) {
    __tertium_stop(stream);
    return -1;
  }
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
  if (size == 0 || count == 0) return 0;
  if (*(char *)stream & 1) return 0;
  if (got < count) __tertium_stop(stream);
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
  feof: 'int feof(FILE *stream) { return *(char *)stream & 1 ? __tertium_between(1, 2147483647) : 0; }',
  ferror: 'int ferror(FILE *stream) { return *(char *)stream & 2 ? __tertium_between(1, 2147483647) : 0; }',
  clearerr: 'void clearerr(FILE *stream) { *(char *)stream = 0; }',
  rewind: 'void rewind(FILE *stream) { *(char *)stream = 0; }',
  fseek: `int fseek(FILE *stream, long offset, int whence) {
  __tertium_stream(stream);
  if (__VERIFIER_nondet_int() != 0) return -1;
  *(char *)stream = *(char *)stream & 2;
  return 0;
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
