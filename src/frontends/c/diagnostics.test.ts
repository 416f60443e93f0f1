import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { readTranslationUnit } from './translation-unit.ts';
import { lp64 } from './types/data-model.ts';

/** What is said about typical mistakes: where, what it is, what was expected, what to do. */
const mistakes: readonly (readonly [name: string, text: readonly string[], said: readonly string[]])[] = [
  [
    'a semicolon left out',
    ['int f(int x) {', '  int y = x', '  return y;', '}'],
    ['f.c:2:11: error[C0206]: a `;` is missing here, after the declaration', '  2 |   int y = x', '    |           ^'],
  ],
  [
    'a parenthesis left out',
    ['int f(int x) {', '  if (x > 0 {', '    return 1;', '  }', '  return 0;', '}'],
    [
      'f.c:2:13: error[C0201]: unexpected `{`',
      '  2 |   if (x > 0 {',
      '    |             ^',
      '  expected: `)` after the condition',
      '  hint: to close what was opened in line 2',
    ],
  ],
  [
    'a brace left out',
    ['int f(int x) {', '  while (x > 0) {', '    x--;', '  return x;', '}'],
    [
      'f.c:5:2: error[C0201]: unexpected end of the file',
      '  5 | }',
      '    |  ^',
      '  expected: `}` at the end of the block',
      '  hint: to close what was opened in line 1',
    ],
  ],
  [
    'a brace too many',
    ['int f(int x) {', '  return x;', '}', '}'],
    [
      'f.c:4:1: error[C0201]: unexpected `}`',
      '  4 | }',
      '    | ^',
      '  expected: a declaration',
      '  hint: it closes nothing: is there one `}` too many?',
    ],
  ],
  [
    'a mistyped keyword',
    ['int f(int x) {', '  retrun x;', '}'],
    [
      'f.c:2:10: error[C0201]: unexpected `x`',
      '  2 |   retrun x;',
      '    |          ^',
      '  expected: `;` after the expression',
      '  hint: did you mean return?',
    ],
  ],
  [
    'a mistyped name',
    ['int count;', 'int f(void) {', '  return cuont;', '}'],
    [
      'f.c:3:10: error[C0335]: `cuont` is not declared',
      '  3 |   return cuont;',
      '    |          ^^^^^',
      '  hint: did you mean count?',
    ],
  ],
  [
    'a dot for an arrow',
    ['struct s { int len; };', 'int f(struct s *p) {', '  return p.len;', '}'],
    [
      'f.c:3:10: error[C0340]: a struct s * has no members',
      '  3 |   return p.len;',
      '    |          ^^^^^',
      '  hint: it is a pointer: use ->',
    ],
  ],
  [
    'a mistyped member',
    ['struct s { int length; };', 'int f(struct s *p) {', '  return p->lenght;', '}'],
    [
      'f.c:3:10: error[C0341]: struct s has no member `lenght`',
      '  3 |   return p->lenght;',
      '    |          ^^^^^^^^^',
      '  hint: did you mean length?',
    ],
  ],
  [
    'an argument left out',
    ['int g(int a, int b);', 'int f(void) {', '  return g(1);', '}'],
    ['f.c:3:10: error[C0361]: g takes 2 arguments but is given 1', '  3 |   return g(1);', '    |          ^^^^'],
  ],
  [
    'a header left out',
    ['uint32_t f(void) {', '  return 0;', '}'],
    [
      'f.c:1:1: error[C0201]: unexpected `uint32_t`',
      '  1 | uint32_t f(void) {',
      '    | ^^^^^^^^',
      '  expected: a declaration',
      '  hint: is #include <stdint.h> missing?',
    ],
  ],
  [
    'a mistyped header',
    ['#include <stdoi.h>', 'int main(void) { return 0; }'],
    [
      'f.c:1:10: error[C0150]: cannot find the file `stdoi.h` that is included here',
      '  1 | #include <stdoi.h>',
      '    |          ^',
      '  hint: did you mean <stdio.h>?',
    ],
  ],
  [
    'a file that is not there',
    ['#include "list.h"', 'int main(void) { return 0; }'],
    [
      'f.c:1:10: error[C0150]: cannot find the file `list.h` that is included here',
      '  1 | #include "list.h"',
      '    |          ^^^^^^^^',
      '  hint: there is no such file beside f.c',
    ],
  ],
  [
    'a quote left out',
    ['char *f(void) {', '  return "abc;', '}'],
    [
      'f.c:2:10: error[C0202]: this " is never closed',
      '  2 |   return "abc;',
      '    |          ^',
      '  expected: " in the same line',
    ],
  ],
  [
    'a comment without end',
    ['int f(void) {', '  /* never closed', '  return 0;', '}'],
    ['f.c:2:3: error[C0101]: this comment is never closed', '  2 |   /* never closed', '    |   ^^', '  expected: */'],
  ],
  [
    'a directive without end',
    ['#ifdef DEBUG', 'int x;', ''],
    ['f.c:1:1: error[C0143]: `#ifdef` is never closed', '  1 | #ifdef DEBUG', '    | ^', '  expected: #endif'],
  ],
  [
    'a variable declared twice',
    ['int f(void) {', '  int y;', '  int y;', '  return y;', '}'],
    [
      'f.c:3:7: error[C0382]: `y` is declared twice in this block',
      '  3 |   int y;',
      '    |       ^',
      '  hint: the other is in f.c, line 2',
    ],
  ],
  [
    'an assignment to a constant',
    ['const int k = 3;', 'void f(void) {', '  k = 4;', '}'],
    ['f.c:3:3: error[C0338]: this is const and cannot be assigned to', '  3 |   k = 4;', '    |   ^'],
  ],
  [
    'a case that appears twice',
    ['int f(int x) {', '  switch (x) {', '    case 1: return 1;', '    case 1: return 2;', '  }', '  return 0;', '}'],
    [
      'f.c:4:5: error[C0393]: case 1 appears twice in this switch',
      '  4 |     case 1: return 2;',
      '    |     ^^^^^^^^^^^^^^^^^',
    ],
  ],
  [
    'a break outside of a loop',
    ['int f(int x) {', '  break;', '}'],
    ['f.c:2:3: error[C0392]: `break` outside of a loop or switch', '  2 |   break;', '    |   ^^^^^^'],
  ],
  [
    'a remainder of doubles',
    ['int f(double d) {', '  return d % 2;', '}'],
    ['f.c:2:10: error[C0352]: `%` does not work on double and int', '  2 |   return d % 2;', '    |          ^^^^^'],
  ],
  [
    'a structure that is only declared',
    ['struct node;', 'int f(struct node *n) {', '  return n->next;', '}'],
    [
      'f.c:3:10: error[C0330]: struct node is incomplete',
      '  3 |   return n->next;',
      '    |          ^',
      '  hint: it is only declared, in line 1: its members are not known here',
    ],
  ],
  [
    'a jump to nowhere',
    ['int f(int x) {', '  if (x) goto done;', 'end:', '  return x;', '}'],
    [
      'f.c:2:15: error[C0397]: there is no label `done` in this function',
      '  2 |   if (x) goto done;',
      '    |               ^^^^',
    ],
  ],
  [
    'too many arguments of a macro',
    ['#define SQUARE(x) ((x) * (x))', 'int f(int a) {', '  return SQUARE(a, a);', '}'],
    [
      'f.c:3:10: error[C0115]: macro SQUARE takes 1 argument but is given 2',
      '  3 |   return SQUARE(a, a);',
      '    |          ^^^^^^',
    ],
  ],
  [
    'an octal number with a 8',
    ['int f(int x) {', '  return 08 + x;', '}'],
    [
      'f.c:2:10: error[C0120]: `08` starts with 0, so it is octal, but has a digit above 7',
      '  2 |   return 08 + x;',
      '    |          ^^',
    ],
  ],
  [
    'a declaration where none may stand',
    ['int f(int x) {', '  if (x) int y = 1;', '  return x;', '}'],
    [
      'f.c:2:10: error[C0201]: unexpected `int`',
      '  2 |   if (x) int y = 1;',
      '    |          ^^^',
      '  expected: a statement',
      '  hint: a declaration needs a block `{ … }` here',
    ],
  ],
  [
    'typographic quotes',
    ['char *f(void) {', '  return “hi”;', '}'],
    [
      'f.c:2:10: error[C0335]: `“hi”` is not declared',
      '  2 |   return “hi”;',
      '    |          ^^^^',
      '  hint: these are typographic quotes; C needs " or \'',
    ],
  ],
  [
    'a class',
    ['class A { int x; };'],
    [
      'f.c:1:1: error[C0201]: unexpected `class`',
      '  1 | class A { int x; };',
      '    | ^^^^^',
      '  expected: a declaration',
      '  hint: this looks like C++; only C is read',
    ],
  ],
];

describe('a mistake', () => {
  test.each(mistakes)('%s', (_name, text, said) => {
    const source = { path: 'f.c', text: text.join('\n') };
    const result = readTranslationUnit(source, { model: lp64 });
    expect(result.ok).toBe(false);
    if (!result.ok) expect(formatDiagnostic(result.error, [source]).split('\n')).toEqual(said);
  });
});
