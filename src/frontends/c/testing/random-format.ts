import { Random, type RandomProgram } from './random-program.ts';

/**
 * A program that formats its arguments with a random format, once with the format as a literal and once through a function with
 * `...`, and prints the bytes that both wrote and the numbers that both returned.
 */
export function randomFormatProgram(seed: number, name: string): RandomProgram {
  const r = new Random(seed * 7919 + 17);
  const pick = <T>(items: readonly T[]): T => items[r.below(items.length)]!;
  let format = '';
  const args: string[] = [];
  const conversions = 1 + r.below(4);
  for (let i = 0; i < conversions; i++) {
    format += pick(['', '', 'x=', ', ', '%%', 'a%%b', ' ']);
    const flags = [...'-+ #0'].filter(() => r.chance(0.25)).join('');
    const amount = (): string => {
      if (r.chance(0.5)) return '';
      if (r.chance(0.7)) return String(r.below(13));
      args.push(pick(['a0 % 14', '(int)(a1 % 11)', '-3', '7']));
      return '*';
    };
    const size = r.below(10);
    if (size < 2) {
      const width = amount();
      const precision = amount();
      format += `%${flags.includes('-') ? '-' : ''}${width}${precision === '' ? '' : `.${precision}`}s`;
      args.push(pick(['"one"', '""', '"a longer text"', 'word', 'a6 ? "yes" : "no"']));
    } else if (size < 3) {
      format += `%${flags.includes('-') ? '-' : ''}${amount()}c`;
      args.push(pick(["'q'", '(a1 & 63) + 33', 'a2']));
    } else {
      const letter = pick([...'diuxXo']);
      const usable = [...flags].filter((flag) =>
        flag === '#' ? /[xXo]/.test(letter) : /[+ ]/.test(flag) ? /[di]/.test(letter) : true,
      );
      const width = amount();
      const precision = amount();
      const [length, choices] = pick([
        ['', ['a0', '(int)a1', '(int)a4', '0', '-1', 'a3']],
        ['hh', ['a2', 'a0', '300']],
        ['h', ['a3', 'a0', '-70000']],
        ['l', ['a4', '(long)a5', '0L', '-1L']],
        ['ll', ['(long long)a5', '(long long)a4', '0LL']],
        ['j', ['(long)a5', '(long)a0']],
        ['z', ['(size_t)a4', 'sizeof word']],
      ] as const);
      format += `%${usable.join('')}${width}${precision === '' ? '' : `.${precision}`}${length}${letter}`;
      args.push(pick(choices));
    }
  }
  format += pick(['', '', '|', '%%']);
  const room = pick([0, 1, 5, 12, 48, 48, 48]);
  const call = [JSON.stringify(format), ...args].join(', ');
  const text = `#include <stdarg.h>
#include <string.h>
static int via_${name}(char *out, size_t n, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int length = vsnprintf(out, n, format, list);
  va_end(list);
  return length;
}
int ${name}(int a0, unsigned int a1, signed char a2, unsigned short a3, long a4, unsigned long long a5, _Bool a6) {
  char out[48], word[8];
  strcpy(word, a6 ? "words" : "w");
  memset(out, 1, sizeof out);
  printf("%d:", snprintf(out, ${room}, ${call}));
  for (int i = 0; i < 48; i++) printf("%d ", out[i]);
  memset(out, 1, sizeof out);
  printf("%d:", via_${name}(out, ${room}, ${call}));
  for (int i = 0; i < 48; i++) printf("%d ", out[i]);
  ${room === 48 ? `printf("%d:", sprintf(out, ${call}));\n  for (int i = 0; i < 48; i++) printf("%d ", out[i]);` : ''}
  return 0;
}
`;
  return { name, text };
}
