import { isInside } from '../reports/pointer-arguments.ts';
import { floatToNumber, isRational, type Value } from '../terms/value.ts';
import type { Expectation, InputValue } from './expectation.ts';

/**
 * C text that makes a program take the run of a counterexample: definitions of the functions that the outside world answers,
 * with its answers in order, and a main that calls the function that was asked about. The user's source is included, not
 * copied, so that a test stays a test when the source is mended.
 */
export interface Harness {
  /** How the user's source is named in an include. */
  readonly include: string;
  /** Its text: what it declares and defines itself is not defined again. */
  readonly sourceText: string;
  /** The program has other files, where the variables may be defined that the run starts from. */
  readonly severalFiles?: boolean;
  /** The function that was asked about; `main` runs as it is. */
  readonly functionName: string;
  readonly expected: Expectation;
}

/** Why there is no harness: in words for the user. */
export function harnessFault({ functionName, expected, sourceText }: Harness): string | undefined {
  const { params, globals, inputs } = expected;
  if (functionName === 'main' && programArguments(expected) === undefined) return 'it depends on the arguments of main';
  const pointer =
    (functionName === 'main' ? undefined : params.find((p) => p.pointer && !expected.pointers.has(p.name))) ??
    inputs.find((p) => p.pointer && p.value !== 0n);
  if (pointer) return `\`${pointer.name}\` is a pointer, and what it points to is not built`;
  const large = [...expected.pointers.values()].find((p) => (p.elements ?? 0n) > mostElements);
  if (large) return `\`${large.name}\` leads to ${large.elements} elements, which are too many to build`;
  const foreign = inputs.find((i) => !isFailure(i) && !isAnswer(i, sourceText));
  if (foreign) return `what \`${functionOf(foreign)}\` gives is up to the system`;
  const part = params.find((p) => !/^\w+$/.test(p.name));
  if (part) return `\`${part.name}\` is part of a parameter, and such parameters are not built`;
  const again = globals.find((g, i) => globals.findIndex((other) => other.name === g.name) < i);
  if (again) return `\`${again.name}\` is kept in several parts here, and is not built`;
  const values = [...params.filter((p) => !p.pointer), ...globals.filter((g) => !g.pointer && !isArray(g)), ...inputs];
  const odd = values.find((v) => !isFailure(v) && literal(v) === undefined);
  return odd && `the value of \`${odd.name}\` has no C literal`;
}

/** How many arguments the program is started with; what they are is not rebuilt. */
export function programArguments({ params }: Expectation): number | undefined {
  const count = params[0]?.value ?? 1n;
  return typeof count === 'bigint' && count >= 1n && count <= 64n ? Number(count) - 1 : undefined;
}

/** Functions that the user declares, or that answer by convention; what others give, the library has chosen. */
const isAnswer = (input: InputValue, sourceText: string): boolean =>
  /nondet/.test(functionOf(input)) || new RegExp(`\\b${functionOf(input)}\\s*\\([^()]*\\)\\s*;`).test(sourceText);

/** Elements of an object that a pointer parameter leads to. */
const mostElements = 1n << 24n;

const isArray = ({ value }: InputValue): boolean =>
  typeof value === 'object' && !isRational(value) && value.kind === 'array';

/** That an allocation fails is an input of the run, too. */
const failure = /^(malloc|calloc|realloc) fails$/;
const isFailure = (input: InputValue): boolean => failure.test(input.name);

/** Whether the run needs memory to run out at a certain point: then only one file will do, with our allocation in it. */
export const needsFailingAllocation = ({ expected }: Harness): boolean =>
  expected.inputs.some((i) => isFailure(i) && i.value === true);

/** Allocation that fails when the run says so. */
function allocation(harness: Harness): string[] {
  if (!needsFailingAllocation(harness)) return [];
  const lines = ['#include <stdlib.h>'];
  for (const [name, params, args] of [
    ['malloc', 'size_t n', 'n'],
    ['calloc', 'size_t k, size_t n', 'k, n'],
    ['realloc', 'void *p, size_t n', 'p, n'],
  ] as const) {
    const fails = harness.expected.inputs.filter((i) => i.name === `${name} fails`).map((i) => (i.value ? 1 : 0));
    if (!fails.includes(1)) continue;
    lines.push(
      `static void *tertium_${name}(${params}) {`,
      `  static const char fails[] = { ${fails.join(', ')} };`,
      '  static unsigned next;',
      `  return next < ${fails.length} && fails[next++] ? 0 : ${name}(${args});`,
      '}',
      `#define ${name}(${args}) tertium_${name}(${args})`,
    );
  }
  return lines;
}

/**
 * Declarations of the functions that the source calls without declaring them: C would take them for functions that return int
 * and take whatever they are given.
 */
export const prelude = (harness: Harness): string[] => [
  ...missingFunctions(harness).flatMap((f) => (f.declared ? [] : [`${f.type} ${f.name}(${f.params});`])),
  ...conventions(harness).flatMap((c) => (c.declared ? [] : [`${c.head};`])),
];

/** One file: the source, what the outside world says, and main. */
export function testFile(harness: Harness, comment: readonly string[]): string {
  const { include, functionName } = harness;
  const whole = functionName === 'main';
  return [
    ...comment.map((line, i) => `${i === 0 ? '/*' : ' *'} ${line.replaceAll('*/', '* /')}`.trimEnd()),
    ' */',
    ...allocation(harness),
    ...prelude(harness),
    ...(whole ? [] : ['#define main tertium_user_main']),
    `#include ${JSON.stringify(include)}`,
    ...(whole ? [] : ['#undef main']),
    ...(needsFailingAllocation(harness) ? ['#undef malloc', '#undef calloc', '#undef realloc'] : []),
    '#include <stdio.h>',
    '#include <stdlib.h>',
    ...(harness.expected.end.kind === 'endless' ? ['#include <unistd.h>'] : []),
    '',
    ...definitions(harness, ''),
    ...(whole ? [] : driver(harness)),
  ].join('\n');
}

/** The same in two files, so that no declaration of the user's can contradict a definition of ours. */
export function separateFiles(harness: Harness): { readonly support: string; readonly main: string | undefined } {
  const { include, functionName } = harness;
  const support = ['#include <stdio.h>', '#include <stdlib.h>', ...definitions(harness, '__attribute__((weak)) ')];
  const main = [
    '#define main tertium_user_main',
    `#include ${JSON.stringify(include)}`,
    '#undef main',
    '#include <stdio.h>',
    '#include <stdlib.h>',
    ...driver(harness),
  ];
  return { support: support.join('\n'), main: functionName === 'main' ? undefined : main.join('\n') };
}

export const blockedMark = 'tertium: an assumption of the program does not hold on this run';
export const reachedMark = 'tertium: what must not be reached is reached';
export const returnedMark = 'tertium: it returned';

function driver({ functionName, expected, severalFiles }: Harness): string[] {
  const pointers = expected.params.flatMap((p) => pointed(p, expected));
  const call = `${functionName}(${expected.params.map((p) => (p.pointer ? p.name : argument(p))).join(', ')})`;
  const { end } = expected;
  const wanted = end.kind === 'event' && end.event.kind === 'return' ? end.values[0] : undefined;
  const lines: string[] = [];
  if (typeof wanted === 'bigint' || typeof wanted === 'boolean') {
    lines.push(
      `  long long result = (long long) ${call};`,
      `  printf("${returnedMark} %lld\\n", result);`,
      `  return result == ${plain(BigInt(wanted))};`,
    );
  } else if (wanted !== undefined) {
    lines.push(
      `  double result = (double) ${call};`,
      `  printf("${returnedMark} %a\\n", result);`,
      `  return result == ${literal({ name: '', typeText: 'double', value: wanted }) ?? '0'};`,
    );
  } else {
    lines.push(
      ...(end.kind === 'endless' ? ['  alarm(10); /* It never returns: this ends the test, as a failure. */'] : []),
      `  ${call};`,
      `  puts("${returnedMark}");`,
      '  return 0;',
    );
  }
  const globals = expected.globals.filter((g) => !g.pointer).flatMap((g) => assigned(g));
  const named = new Map(
    expected.globals.filter((g) => /^\w+$/.test(g.name) && !/[[(]/.test(g.typeText)).map((g) => [g.name, g.typeText]),
  );
  const declared = severalFiles ? [...named].map(([name, type]) => `  extern ${type} ${name};`) : [];
  return ['int main(void) {', ...declared, ...globals, ...pointers, ...lines, '}', ''];
}

/** The object that a pointer parameter leads to, exactly as large as the run has it, with what is in it. */
function pointed(parameter: InputValue, { pointers }: Expectation): string[] {
  const pointer = parameter.pointer ? pointers.get(parameter.name) : undefined;
  if (!pointer) return [];
  const { name, elements, contents } = pointer;
  const type = `__typeof__(${parameter.typeText
    .replace(/\bconst\b/g, '')
    .replace(/\s+/g, ' ')
    .trim()})`;
  if (elements === null) return [`  ${type} ${name} = 0;`];
  const lines = [`  ${type} ${name} = calloc(${elements}, sizeof *${name});`];
  for (const content of contents) {
    if (!isInside(content, pointer)) continue;
    const { path, variable, value } = content;
    const about = { name: `${name}${path}`, typeText: variable.typeText ?? '', value };
    // What pointers in there lead to, nobody may look at: any number will do, and this one is noticed.
    if (variable.pointer) lines.push(...cells(about, elements, (v) => (v === 0n ? '0' : '(void *) 8')));
    else lines.push(...cells(about, elements, (v) => literal({ name, typeText: about.typeText, value: v })));
  }
  return lines;
}

/** An object of static storage: a number, or an array of them, which may have several dimensions or be of structures. */
function assigned(g: InputValue): string[] {
  if (!isArray(g)) return [`  ${g.name} = ${literal(g)};`];
  const [, base, path] = /^(\w+)(.*)$/.exec(g.name)!;
  const first = path === '' ? `((${g.typeText} *) &${base})` : base!;
  const count = path === '' ? `sizeof ${base} / sizeof (${g.typeText})` : `sizeof ${base} / sizeof *${base}`;
  return cells({ ...g, name: `${first}${path}` }, count, (v) => literal({ ...g, value: v }), path);
}

/** Assignments of the elements of an array, or of one value; `path` leads from an element to what is assigned. */
function cells(
  { name, value }: InputValue,
  count: bigint | string,
  words: (value: Value) => string | undefined,
  path = /^\w+(\..*)?$/.exec(name)?.[1] ?? '',
): string[] {
  if (typeof value !== 'object' || isRational(value) || value.kind !== 'array') {
    const text = words(value);
    return text === undefined ? [] : [`  ${name} = ${text};`];
  }
  const base = path === '' ? name : name.slice(0, -path.length);
  const at = (index: string): string => `${base}[${index}]${path}`;
  const others = words(value.default);
  const lines: string[] = [];
  if (others !== undefined && !/^-?0(?:\.0)?$/.test(others)) {
    lines.push(`  for (size_t i = 0; i < ${count}; i++) ${at('i')} = ${others};`);
  } else if (typeof count === 'string') {
    lines.push(`  for (size_t i = 0; i < ${count}; i++) ${at('i')} = 0;`);
  }
  for (const { index, element } of value.entries.values()) {
    const text = words(element);
    if (typeof index !== 'bigint' || index < 0n || index >= mostElements || text === undefined) continue;
    if (typeof count === 'bigint' && index >= count) continue;
    const guard = typeof count === 'string' ? `if (${index} < ${count}) ` : '';
    lines.push(`  ${guard}${at(String(index))} = ${text};`);
  }
  return lines;
}

/** With its type where C would take the number for a wider one: a function without a prototype would be given that. */
const argument = (p: InputValue): string =>
  literal(p)!.includes('LL') && /^[\w ]+$/.test(p.typeText) ? `(${p.typeText}) ${literal(p)}` : literal(p)!;

interface Missing {
  readonly name: string;
  readonly type: string;
  /** As the user declares them, or `void`. */
  readonly params: string;
  /** By the user. */
  readonly declared: boolean;
}

const conventional: Readonly<Record<string, string>> = {
  bool: '_Bool',
  char: 'char',
  schar: 'signed char',
  uchar: 'unsigned char',
  unsigned_char: 'unsigned char',
  u8: 'unsigned char',
  short: 'short',
  ushort: 'unsigned short',
  unsigned_short: 'unsigned short',
  u16: 'unsigned short',
  int: 'int',
  uint: 'unsigned int',
  unsigned: 'unsigned int',
  unsigned_int: 'unsigned int',
  u32: 'unsigned int',
  long: 'long',
  ulong: 'unsigned long',
  unsigned_long: 'unsigned long',
  longlong: 'long long',
  long_long: 'long long',
  ulonglong: 'unsigned long long',
  unsigned_long_long: 'unsigned long long',
  size_t: '__SIZE_TYPE__',
  float: 'float',
  double: 'double',
  pointer: 'void *',
  charp: 'char *',
  String: 'char *',
};

/** The functions that answer, and those that the source speaks of without defining them. */
function missingFunctions({ sourceText, expected }: Harness): Missing[] {
  const text = withoutComments(sourceText);
  const types = new Map<string, string>();
  for (const [, name, suffix] of text.matchAll(/\b((?:__VERIFIER_|__ESBMC_|__CPROVER_)?nondet_(\w+))\s*\(/g)) {
    const type = conventional[suffix!];
    if (type) types.set(name!, type);
  }
  for (const input of expected.inputs) if (!isFailure(input)) types.set(functionOf(input), input.typeText);
  return [...types].flatMap(([name, type]): Missing[] => {
    if (definesFunction(text, name)) return [];
    const declaration = new RegExp(`([\\w*][\\w\\s*]*?)\\b${name}\\s*\\(([^()]*)\\)\\s*;`, 'g');
    const own = [...text.matchAll(declaration)].find(([, before]) => !/\b(?:return|else|do|goto|case)\b/.test(before!));
    if (!own) return [{ name, type, params: 'void', declared: false }];
    const returns = own[1]!.replace(/\bextern\b/g, '').trim();
    return [{ name, type: returns || type, params: own[2]!.trim() || 'void', declared: true }];
  });
}

const functionOf = (input: InputValue): string => input.name.replace(/\(.*\)$/, '');

const definesFunction = (text: string, name: string): boolean =>
  new RegExp(`\\b${name}\\s*\\([^(){};]*\\)\\s*(?:__attribute__\\s*\\(\\([^;{}]*\\)\\)\\s*)?\\{`).test(text);

function definitions(harness: Harness, mark: string): string[] {
  const { expected } = harness;
  const lines: string[] = [];
  for (const { name, type, params } of missingFunctions(harness)) {
    const values = expected.inputs.filter((i) => functionOf(i) === name).map((i) => literal(i)!);
    // Beside the user's declaration it must have the same parameters; in a file of its own, none will do.
    lines.push(`${mark}${type} ${name}(${mark === '' ? params : ''}) {`);
    if (values.length > 0) {
      lines.push(
        `  static const ${type} values[] = { ${values.join(', ')} };`,
        '  static unsigned next;',
        `  if (next < ${values.length}) return values[next++];`,
      );
    }
    lines.push('  return 0;', '}', '');
  }
  for (const { head, body, name } of conventions(harness)) {
    const definition = `${mark}${head} { ${body} }`;
    // With assert.h it is a macro.
    lines.push(...(name === 'assert' ? ['#ifndef assert', definition, '#endif'] : [definition]));
  }
  return [...lines, ''];
}

interface Convention {
  readonly name: string;
  readonly head: string;
  readonly body: string;
  readonly declared: boolean;
}

/** What programs say to verifiers, as far as the source speaks of it without defining it. */
function conventions({ sourceText }: Harness): Convention[] {
  const text = withoutComments(sourceText);
  const found: Convention[] = [];
  const add = (name: string, params: string, body: string): void => {
    const spoken = new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`#\\s*define\\s+${name}\\b`).test(text);
    if (!spoken || definesFunction(text, name)) return;
    const declared = new RegExp(`(?:void|int|_Noreturn|\\))\\s+${name}\\s*\\([^()]*\\)[^;{}]*;`).test(text);
    found.push({ name, head: `void ${name}(${params})`, body, declared });
  };
  const reached = `fflush(stdout); fputs("${reachedMark}\\n", stderr); abort();`;
  for (const name of ['reach_error', '__VERIFIER_error', '__VERIFIER_fail']) add(name, 'void', reached);
  const type = (name: string, usual: string): string => {
    const own = new RegExp(`void\\s+${name}\\s*\\(\\s*(_Bool|bool|int)\\b`).exec(text)?.[1];
    return own === undefined ? usual : own === 'bool' ? '_Bool' : own;
  };
  for (const tool of ['__VERIFIER', '__ESBMC', '__CPROVER']) {
    const blocked = `if (!c) { fputs("${blockedMark}\\n", stderr); exit(0); }`;
    add(`${tool}_assume`, `${type(`${tool}_assume`, '_Bool')} c`, blocked);
    const message = tool === '__VERIFIER' ? '' : ', const char *text';
    add(`${tool}_assert`, `${type(`${tool}_assert`, '_Bool')} c${message}`, `if (!c) { ${reached} }`);
  }
  add('assert', `${type('assert', '_Bool')} c`, `if (!c) { ${reached} }`);
  return found;
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');

/** A C expression for a value; undefined for what has none. */
export function literal({ value, typeText }: Pick<InputValue, 'name' | 'value' | 'typeText'>): string | undefined {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'object') return 'kind' in value && value.kind === 'float' ? floatLiteral(value) : undefined;
  if (value >= 1n << 64n || value < -(1n << 63n)) return undefined;
  if (/^(?:signed |unsigned )?(?:int|char|short|_Bool)$/.test(typeText) && value < 1n << 31n && value > -(1n << 31n)) {
    return String(value);
  }
  return plain(value);
}

function plain(value: bigint): string {
  if (value === -(1n << 63n)) return '(-9223372036854775807LL - 1)';
  if (value === -(1n << 31n)) return '(-2147483647 - 1)';
  if (value >= 1n << 63n) return `${value}ULL`;
  return value >= 1n << 31n || value < -(1n << 31n) ? `${value}LL` : String(value);
}

/** Exact: in hexadecimal, the way C reads it. */
function floatLiteral(value: Extract<Value, { kind: 'float' }>): string {
  const number = floatToNumber(value);
  if (Number.isNaN(number)) return '__builtin_nan("")';
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  const size = Math.abs(number);
  if (size === Number.POSITIVE_INFINITY) return `${sign}__builtin_inf()`;
  if (Number.isInteger(size) && size < 1e15) return `${sign}${size}.0`;
  let exponent = 0;
  let mantissa = size;
  // Scaling by powers of two is exact as long as nothing is lost below: a double has 53 bits.
  while (!Number.isInteger(mantissa) && exponent > -1100) {
    mantissa *= 2;
    exponent--;
  }
  while (mantissa % 2 === 0 && mantissa > 1) {
    mantissa /= 2;
    exponent++;
  }
  return `${sign}0x${BigInt(mantissa).toString(16)}p${exponent >= 0 ? '+' : ''}${exponent}`;
}
