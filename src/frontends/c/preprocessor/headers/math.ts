/** Our own declarations of math.h, tgmath.h, complex.h and fenv.h [C11 7.3, 7.6, 7.12, 7.25]. */

/** math.h and complex.h declare each function three times: double, float (`f`) and long double (`l`). */
function forEachReal(lines: readonly string[]): string {
  return lines
    .flatMap((line) =>
      [
        ['double', ''],
        ['float', 'f'],
        ['long double', 'l'],
      ].map(([type, suffix]) => `${line.replaceAll('T', type!).replace('@', suffix!)};`),
    )
    .join('\n');
}

const unaryMath =
  'acos asin atan cos sin tan acosh asinh atanh cosh sinh tanh exp exp2 expm1 log log10 log1p log2 logb cbrt fabs sqrt erf erfc lgamma tgamma ceil floor nearbyint rint round trunc';
const binaryMath = 'atan2 pow hypot fmod remainder copysign nextafter fdim fmax fmin';

export const mathHeader = `#pragma once
typedef float float_t;
typedef double double_t;
${forEachReal([
  ...unaryMath.split(' ').map((name) => `T ${name}@(T)`),
  ...binaryMath.split(' ').map((name) => `T ${name}@(T, T)`),
  'T fma@(T, T, T)',
  'T frexp@(T, int *)',
  'T ldexp@(T, int)',
  'T modf@(T, T *)',
  'T scalbn@(T, int)',
  'T scalbln@(T, long)',
  'T remquo@(T, T, int *)',
  'T nan@(const char *)',
  'int ilogb@(T)',
  'long lrint@(T)',
  'long lround@(T)',
  'long long llrint@(T)',
  'long long llround@(T)',
])}
double j0(double);
double j1(double);
double y0(double);
double y1(double);
double exp10(double);
double pow10(double);
int finite(double);
int isinff(float);
int isnanf(float);
#define HUGE_VAL (__builtin_huge_val())
#define HUGE_VALF (__builtin_huge_valf())
#define HUGE_VALL (__builtin_huge_vall())
#define INFINITY (__builtin_inff())
#define NAN (__builtin_nanf(""))
#define FP_NAN 0
#define FP_INFINITE 1
#define FP_ZERO 2
#define FP_SUBNORMAL 3
#define FP_NORMAL 4
#define FP_ILOGB0 (-2147483647 - 1)
#define FP_ILOGBNAN (-2147483647 - 1)
#define MATH_ERRNO 1
#define MATH_ERREXCEPT 2
#define math_errhandling 3
#define fpclassify(x) __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x)
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)
#define isnan(x) __builtin_isnan(x)
#define isnormal(x) __builtin_isnormal(x)
#define signbit(x) __builtin_signbit(x)
#define isgreater(x, y) __builtin_isgreater(x, y)
#define isgreaterequal(x, y) __builtin_isgreaterequal(x, y)
#define isless(x, y) __builtin_isless(x, y)
#define islessequal(x, y) __builtin_islessequal(x, y)
#define islessgreater(x, y) __builtin_islessgreater(x, y)
#define isunordered(x, y) __builtin_isunordered(x, y)
#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_1_PI 0.31830988618379067154
#define M_2_PI 0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440
`;

const complexFunctions =
  'cacos casin catan ccos csin ctan cacosh casinh catanh ccosh csinh ctanh cexp clog csqrt conj cproj';

export const complexHeader = `#pragma once
#define complex _Complex
#define _Complex_I (__extension__ 1.0iF)
#define I _Complex_I
#define CMPLX(x, y) ((double _Complex)((double)(x) + _Complex_I * (double)(y)))
${forEachReal([
  ...complexFunctions.split(' ').map((name) => `T _Complex ${name}@(T _Complex)`),
  ...'cabs carg cimag creal'.split(' ').map((name) => `T ${name}@(T _Complex)`),
  'T _Complex cpow@(T _Complex, T _Complex)',
])}
`;

export const fenvHeader = `#pragma once
typedef struct { unsigned int __state[8]; } fenv_t;
typedef unsigned short fexcept_t;
#define FE_INVALID 1
#define FE_DIVBYZERO 4
#define FE_OVERFLOW 8
#define FE_UNDERFLOW 16
#define FE_INEXACT 32
#define FE_ALL_EXCEPT 61
#define FE_TONEAREST 0
#define FE_DOWNWARD 0x400
#define FE_UPWARD 0x800
#define FE_TOWARDZERO 0xc00
int feclearexcept(int);
int feraiseexcept(int);
int fetestexcept(int);
int fegetround(void);
int fesetround(int);
int fegetenv(fenv_t *);
int feholdexcept(fenv_t *);
int fesetenv(const fenv_t *);
int feupdateenv(const fenv_t *);
`;

const generic = (parameters: string): string =>
  parameters
    .split(', ')
    .map((p) => `(${p})`)
    .join(' + ');

/** A type-generic macro: integers count as double. The name is not expanded again in its own expansion. */
const typeGeneric = (name: string, parameters: string, selecting = parameters): string =>
  `#define ${name}(${parameters}) _Generic(${generic(selecting)}, float: ${name}f, long double: ${name}l, default: ${name})(${parameters})`;

export const tgmathHeader = `#pragma once
#include <math.h>
#include <complex.h>
${[
  ...unaryMath.split(' ').map((name) => typeGeneric(name, 'x')),
  ...binaryMath.split(' ').map((name) => typeGeneric(name, 'x, y')),
  typeGeneric('fma', 'x, y, z'),
  typeGeneric('frexp', 'x, e', 'x'),
  typeGeneric('ldexp', 'x, e', 'x'),
  typeGeneric('scalbn', 'x, e', 'x'),
  typeGeneric('remquo', 'x, y, q', 'x, y'),
  ...'ilogb lrint lround llrint llround'.split(' ').map((name) => typeGeneric(name, 'x')),
].join('\n')}
`;
