/**
 * Atomic operations written out in C, as one step each: GNU's `__sync_…` and `__atomic_…` builtins [GCC] and the generic
 * functions of stdatomic.h [C11 7.17]. Arithmetic wraps without undefined behaviour [C11 7.17.7.5]; all memory orders are
 * taken to be the strongest; the weak exchange never fails by itself, as on x86. What is given is evaluated before the step.
 */

type Line = readonly [name: string, parameters: string, body: string];

/**
 * `({ … })` in which `__at` is the object's address, `__old` what it held, and `__given` the value of `given`, converted to
 * its type; what is done is one step to other threads. `rest` comes after it.
 */
const onObject = (object: string, given: string | undefined, done: string, rest: string): string =>
  `__extension__ ({ __typeof__(*(${object})) *__at = (${object}); ` +
  `${given === undefined ? '' : `__typeof__(*(${object})) __given = (${given}); `}` +
  `__tertium_atomic_begin(); __auto_type __old = *__at; ${done} __tertium_atomic_end(); ${rest} })`;

const updates: readonly (readonly [string, (value: string) => string])[] = [
  ['add', (v) => `__tertium_wrapping_add(__old, ${v})`],
  ['sub', (v) => `__tertium_wrapping_sub(__old, ${v})`],
  ['or', (v) => `__old | (${v})`],
  ['and', (v) => `__old & (${v})`],
  ['xor', (v) => `__old ^ (${v})`],
  ['nand', (v) => `~(__old & (${v}))`],
];

type Update = (value: string) => string;
const before = (object: string, value: string, update: Update): string =>
  onObject(object, value, `*__at = ${update('__given')};`, '__old;');
const after = (object: string, value: string, update: Update): string =>
  onObject(object, value, `__auto_type __new = *__at = ${update('__given')};`, '__new;');
const exchange = (object: string, value: string): string => onObject(object, value, '*__at = __given;', '__old;');

const exchangeIfSame = (object: string, expected: string, desired: string): string =>
  onObject(
    object,
    desired,
    `__typeof__(*(${expected})) *__expected = (${expected}); _Bool __same = __old == *__expected; ` +
      `if (__same) *__at = __given; else *__expected = __old;`,
    '__same;',
  );

function syncBuiltins(): Line[] {
  const lines: Line[] = [];
  for (const [name, update] of updates) {
    lines.push(
      [`__sync_fetch_and_${name}`, 'p, v, ...', before('p', 'v', update)],
      [`__sync_${name}_and_fetch`, 'p, v, ...', after('p', 'v', update)],
      [`__atomic_fetch_${name}`, 'p, v, m', before('p', 'v', update)],
      [`__atomic_${name}_fetch`, 'p, v, m', after('p', 'v', update)],
    );
  }
  const swap = (rest: string): string =>
    onObject('p', 'n', '_Bool __same = __old == __other; if (__same) *__at = __given;', rest).replace(
      '__tertium_atomic_begin',
      '__typeof__(*(p)) __other = (o); __tertium_atomic_begin',
    );
  lines.push(
    ['__sync_bool_compare_and_swap', 'p, o, n, ...', swap('__same;')],
    ['__sync_val_compare_and_swap', 'p, o, n, ...', swap('__old;')],
    ['__sync_lock_test_and_set', 'p, v, ...', exchange('p', 'v')],
    ['__sync_lock_release', 'p, ...', '((void)(*(p) = 0))'],
    ['__sync_synchronize', '...', '((void)0)'],
    ['__atomic_load_n', 'p, m', '__extension__ ({ __auto_type __value = *(p); __value; })'],
    ['__atomic_load', 'p, r, m', '((void)(*(r) = *(p)))'],
    ['__atomic_store_n', 'p, v, m', '((void)(*(p) = (v)))'],
    ['__atomic_store', 'p, v, m', '((void)(*(p) = *(v)))'],
    ['__atomic_exchange_n', 'p, v, m', exchange('p', 'v')],
    ['__atomic_exchange', 'p, v, r, m', onObject('p', '*(v)', '*__at = __given;', '*(r) = __old; (void)0;')],
    ['__atomic_compare_exchange_n', 'p, e, d, w, s, f', exchangeIfSame('p', 'e', 'd')],
    ['__atomic_compare_exchange', 'p, e, d, w, s, f', exchangeIfSame('p', 'e', '*(d)')],
    [
      '__atomic_test_and_set',
      'p, m',
      '__extension__ ({ _Bool *__at = (_Bool *)(p); __tertium_atomic_begin(); _Bool __old = *__at; *__at = 1; ' +
        '__tertium_atomic_end(); __old; })',
    ],
    ['__atomic_clear', 'p, m', '((void)(*(_Bool *)(p) = 0))'],
    ['__atomic_thread_fence', 'm', '((void)0)'],
    ['__atomic_signal_fence', 'm', '((void)0)'],
    ['__atomic_always_lock_free', 'n, p', '((_Bool)((n) <= sizeof(void *)))'],
    ['__atomic_is_lock_free', 'n, p', '((_Bool)((n) <= sizeof(void *)))'],
  );
  return lines;
}

function standardFunctions(): Line[] {
  const lines: Line[] = [];
  for (const [name, update] of updates.slice(0, 5)) {
    lines.push([`atomic_fetch_${name}`, 'object, value', before('object', 'value', update)]);
  }
  lines.push(
    ['atomic_exchange', 'object, value', exchange('object', 'value')],
    ['atomic_compare_exchange_strong', 'object, expected, desired', exchangeIfSame('object', 'expected', 'desired')],
    ['atomic_compare_exchange_weak', 'object, expected, desired', exchangeIfSame('object', 'expected', 'desired')],
    ['atomic_init', 'object, value', '((void)(*(object) = (value)))'],
    ['atomic_store', 'object, value', '((void)(*(object) = (value)))'],
    ['atomic_load', 'object', '(*(object))'],
    ['atomic_flag_test_and_set', 'flag', 'atomic_exchange(&(flag)->__value, 1)'],
    ['atomic_flag_clear', 'flag', 'atomic_store(&(flag)->__value, 0)'],
    ['atomic_thread_fence', 'order', '((void)0)'],
    ['atomic_signal_fence', 'order', '((void)0)'],
    ['atomic_is_lock_free', 'object', '1'],
  );
  const explicit = lines
    .filter(([name]) => !/^atomic_(?:init|thread_fence|signal_fence|is_lock_free)$/.test(name))
    .map(([name, parameters]): Line => {
      const orders = name.includes('compare_exchange') ? 'success, failure' : 'order';
      return [`${name}_explicit`, `${parameters}, ${orders}`, `${name}(${parameters})`];
    });
  return [...lines, ...explicit];
}

const textOf = (lines: readonly Line[]): string =>
  lines.map(([name, parameters, body]) => `#define ${name}(${parameters}) ${body}\n`).join('');

/** GNU's builtins, which need no header. */
export const atomicBuiltins = `${textOf(syncBuiltins())}${[
  'RELAXED',
  'CONSUME',
  'ACQUIRE',
  'RELEASE',
  'ACQ_REL',
  'SEQ_CST',
]
  .map((order, i) => `#define __ATOMIC_${order} ${i}\n`)
  .join('')}`;

const types: readonly (readonly [string, string])[] = [
  ['bool', '_Bool'],
  ['char', 'char'],
  ['schar', 'signed char'],
  ['uchar', 'unsigned char'],
  ['short', 'short'],
  ['ushort', 'unsigned short'],
  ['int', 'int'],
  ['uint', 'unsigned int'],
  ['long', 'long'],
  ['ulong', 'unsigned long'],
  ['llong', 'long long'],
  ['ullong', 'unsigned long long'],
  ['char16_t', '__CHAR16_TYPE__'],
  ['char32_t', '__CHAR32_TYPE__'],
  ['wchar_t', '__WCHAR_TYPE__'],
  ['int_least8_t', 'signed char'],
  ['uint_least8_t', 'unsigned char'],
  ['int_least16_t', 'short'],
  ['uint_least16_t', 'unsigned short'],
  ['int_least32_t', 'int'],
  ['uint_least32_t', 'unsigned int'],
  ['int_least64_t', '__INT64_TYPE__'],
  ['uint_least64_t', '__UINT64_TYPE__'],
  ['int_fast8_t', 'signed char'],
  ['uint_fast8_t', 'unsigned char'],
  ['int_fast16_t', '__PTRDIFF_TYPE__'],
  ['uint_fast16_t', '__SIZE_TYPE__'],
  ['int_fast32_t', '__PTRDIFF_TYPE__'],
  ['uint_fast32_t', '__SIZE_TYPE__'],
  ['int_fast64_t', '__INT64_TYPE__'],
  ['uint_fast64_t', '__UINT64_TYPE__'],
  ['intptr_t', '__INTPTR_TYPE__'],
  ['uintptr_t', '__UINTPTR_TYPE__'],
  ['size_t', '__SIZE_TYPE__'],
  ['ptrdiff_t', '__PTRDIFF_TYPE__'],
  ['intmax_t', '__INTMAX_TYPE__'],
  ['uintmax_t', '__UINTMAX_TYPE__'],
];

export const stdatomicHeader = `#pragma once
${types.map(([name, type]) => `typedef _Atomic(${type}) atomic_${name};\n`).join('')}typedef enum { memory_order_relaxed, memory_order_consume, memory_order_acquire, memory_order_release, memory_order_acq_rel, memory_order_seq_cst } memory_order;
typedef struct { _Atomic(_Bool) __value; } atomic_flag;
#define ATOMIC_FLAG_INIT { 0 }
#define ATOMIC_VAR_INIT(value) (value)
#define kill_dependency(value) (value)
${['BOOL', 'CHAR', 'CHAR16_T', 'CHAR32_T', 'WCHAR_T', 'SHORT', 'INT', 'LONG', 'LLONG', 'POINTER']
  .map((name) => `#define ATOMIC_${name}_LOCK_FREE 2\n`)
  .join('')}${textOf(standardFunctions())}`;
