import type { DataModel } from '../types/data-model.ts';
import { atomicBuiltins } from './headers/atomics.ts';
import { overflowType } from './headers/conventions.ts';

/**
 * The macros that stand before the first line, as text. They describe the same machine that `DataModel` does, and call the
 * dialect what a GNU compiler calls it, so that a program takes the same branches here and under `cc`.
 */
export function predefinedMacros(model: DataModel): string {
  const lp64 = model.name === 'LP64';
  const long = lp64 ? 'long' : 'int';
  const suffix = lp64 ? 'L' : '';
  const lines: [string, string | number][] = [
    ['__STDC__', 1],
    ['__STDC_VERSION__', '201710L'],
    ['__STDC_HOSTED__', 1],
    ['__STDC_IEC_559__', 1],
    ['__STDC_UTF_16__', 1],
    ['__STDC_UTF_32__', 1],
    ['__TERTIUM__', 1],
    ['__GNUC__', 12],
    ['__GNUC_MINOR__', 2],
    ['__GNUC_PATCHLEVEL__', 0],
    ['__GNUC_STDC_INLINE__', 1],
    ['__VERSION__', '"12.2.0"'],
    ['__linux__', 1],
    ['__linux', 1],
    ['linux', 1],
    ['__unix__', 1],
    ['__unix', 1],
    ['unix', 1],
    ['__ELF__', 1],
    ...(lp64
      ? ([
          ['__x86_64__', 1],
          ['__x86_64', 1],
          ['__amd64__', 1],
          ['__LP64__', 1],
          ['_LP64', 1],
          ['__SIZEOF_INT128__', 16],
        ] as [string, number][])
      : ([
          ['__i386__', 1],
          ['__i386', 1],
          ['__ILP32__', 1],
          ['_ILP32', 1],
        ] as [string, number][])),
    ['__CHAR_BIT__', 8],
    ['__BIGGEST_ALIGNMENT__', 16],
    ['__ORDER_LITTLE_ENDIAN__', 1234],
    ['__ORDER_BIG_ENDIAN__', 4321],
    ['__ORDER_PDP_ENDIAN__', 3412],
    ['__BYTE_ORDER__', 1234],
    ['__FLOAT_WORD_ORDER__', 1234],
    ['__SIZEOF_SHORT__', 2],
    ['__SIZEOF_INT__', 4],
    ['__SIZEOF_LONG__', model.longBits / 8],
    ['__SIZEOF_LONG_LONG__', 8],
    ['__SIZEOF_POINTER__', model.pointerBits / 8],
    ['__SIZEOF_SIZE_T__', model.pointerBits / 8],
    ['__SIZEOF_PTRDIFF_T__', model.pointerBits / 8],
    ['__SIZEOF_WCHAR_T__', 4],
    ['__SIZEOF_FLOAT__', 4],
    ['__SIZEOF_DOUBLE__', 8],
    ['__SIZEOF_LONG_DOUBLE__', model.longDoubleSize],
    ['__SCHAR_MAX__', 127],
    ['__SHRT_MAX__', 32767],
    ['__INT_MAX__', 2147483647],
    ['__LONG_MAX__', lp64 ? '9223372036854775807L' : '2147483647L'],
    ['__LONG_LONG_MAX__', '9223372036854775807LL'],
    ['__SIZE_MAX__', lp64 ? '18446744073709551615UL' : '4294967295U'],
    ['__PTRDIFF_MAX__', lp64 ? '9223372036854775807L' : '2147483647'],
    ['__INTMAX_MAX__', `9223372036854775807${lp64 ? 'L' : 'LL'}`],
    ['__UINTMAX_MAX__', `18446744073709551615${lp64 ? 'UL' : 'ULL'}`],
    ['__WCHAR_MAX__', 2147483647],
    ['__WCHAR_MIN__', '(-__WCHAR_MAX__ - 1)'],
    ['__SIZE_TYPE__', `${lp64 ? 'long ' : ''}unsigned int`],
    ['__PTRDIFF_TYPE__', lp64 ? 'long int' : 'int'],
    ['__WCHAR_TYPE__', 'int'],
    ['__WINT_TYPE__', 'unsigned int'],
    ['__INTMAX_TYPE__', lp64 ? 'long int' : 'long long int'],
    ['__UINTMAX_TYPE__', lp64 ? 'long unsigned int' : 'long long unsigned int'],
    ['__INTPTR_TYPE__', `${long}`],
    ['__UINTPTR_TYPE__', `unsigned ${long}`],
    ['__INT8_TYPE__', 'signed char'],
    ['__INT16_TYPE__', 'short int'],
    ['__INT32_TYPE__', 'int'],
    ['__INT64_TYPE__', lp64 ? 'long int' : 'long long int'],
    ['__UINT8_TYPE__', 'unsigned char'],
    ['__UINT16_TYPE__', 'short unsigned int'],
    ['__UINT32_TYPE__', 'unsigned int'],
    ['__UINT64_TYPE__', lp64 ? 'long unsigned int' : 'long long unsigned int'],
    ['__CHAR16_TYPE__', 'short unsigned int'],
    ['__CHAR32_TYPE__', 'unsigned int'],
    ['__INT64_SUFFIX_IS_L', lp64 ? 1 : 0],
    ['__FLT_MAX__', '3.40282346638528859811704183484516925e+38F'],
    ['__DBL_MAX__', '((double)1.79769313486231570814527423731704357e+308L)'],
    ['__FLT_EPSILON__', '1.19209289550781250000000000000000000e-7F'],
    ['__DBL_EPSILON__', '((double)2.22044604925031308084726333618164062e-16L)'],
    ['__INTPTR_MAX__', `${lp64 ? '9223372036854775807' : '2147483647'}${suffix}`],
  ];
  return `${lines.map(([name, value]) => `#define ${name} ${value}`).join('\n')}\n${atomicBuiltins}${overflowType}`;
}
