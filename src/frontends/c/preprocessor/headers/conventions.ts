/**
 * The functions by which verification tasks speak, with the types that they have by convention [SV-COMP, ESBMC, CBMC].
 * Programs often call them without declaring them; no header of this name is included by anyone. A name that stands here has
 * a type, no more: what it means is in lowering, and one that lowering does not know is refused where it is called.
 */
const nondet: readonly (readonly [string, string])[] = [
  ['int', 'int'],
  ['uint', 'unsigned int'],
  ['unsigned', 'unsigned int'],
  ['unsigned_int', 'unsigned int'],
  ['char', 'char'],
  ['schar', 'signed char'],
  ['signed_char', 'signed char'],
  ['uchar', 'unsigned char'],
  ['unsigned_char', 'unsigned char'],
  ['short', 'short'],
  ['ushort', 'unsigned short'],
  ['unsigned_short', 'unsigned short'],
  ['long', 'long'],
  ['ulong', 'unsigned long'],
  ['unsigned_long', 'unsigned long'],
  ['longlong', 'long long'],
  ['long_long', 'long long'],
  ['ulonglong', 'unsigned long long'],
  ['unsigned_long_long', 'unsigned long long'],
  ['bool', '_Bool'],
  ['_Bool', '_Bool'],
  ['s8', 'signed char'],
  ['u8', 'unsigned char'],
  ['s16', 'short'],
  ['u16', 'unsigned short'],
  ['s32', 'int'],
  ['u32', 'unsigned int'],
  ['s64', '__INT64_TYPE__'],
  ['u64', '__UINT64_TYPE__'],
  ['int8_t', '__INT8_TYPE__'],
  ['uint8_t', '__UINT8_TYPE__'],
  ['int16_t', '__INT16_TYPE__'],
  ['uint16_t', '__UINT16_TYPE__'],
  ['int32_t', '__INT32_TYPE__'],
  ['uint32_t', '__UINT32_TYPE__'],
  ['int64_t', '__INT64_TYPE__'],
  ['uint64_t', '__UINT64_TYPE__'],
  ['int128', '__int128'],
  ['uint128', 'unsigned __int128'],
  ['u128', 'unsigned __int128'],
  ['size_t', '__SIZE_TYPE__'],
  ['ssize_t', '__PTRDIFF_TYPE__'],
  ['ptrdiff_t', '__PTRDIFF_TYPE__'],
  ['intptr_t', '__INTPTR_TYPE__'],
  ['uintptr_t', '__UINTPTR_TYPE__'],
  ['loff_t', 'long long'],
  ['sector_t', 'unsigned long'],
  ['pthread_t', 'unsigned long'],
  ['float', 'float'],
  ['double', 'double'],
  ['long_double', 'long double'],
  ['pointer', 'void *'],
  ['ptr', 'void *'],
  ['charp', 'char *'],
  ['pchar', 'char *'],
  ['const_char_pointer', 'const char *'],
  ['String', 'char *'],
];

const prefixes = ['__VERIFIER_nondet_', 'nondet_', '__ESBMC_nondet_', '__CPROVER_nondet_'];

/**
 * `__ESBMC_get_object_size` counts elements of the object's type, `__CPROVER_OBJECT_SIZE` bytes. `…_ok(p, n)`: n bytes at p
 * may be read (written); n = 0 always.
 */
export const conventionsHeader = `#pragma once
${prefixes.flatMap((prefix) => nondet.map(([name, type]) => `${type} ${prefix}${name}(void);`)).join('\n')}
void __VERIFIER_nondet_memory(void *, __SIZE_TYPE__);
void __VERIFIER_assume(int);
void __VERIFIER_assert(int);
_Noreturn void __VERIFIER_error(void);
_Noreturn void reach_error(void);
void __VERIFIER_atomic_begin(void);
void __VERIFIER_atomic_end(void);
void __ESBMC_assume(_Bool);
void __ESBMC_assert(_Bool, const char *);
void __ESBMC_cover(_Bool);
_Noreturn void __ESBMC_unreachable(void);
void __ESBMC_unroll(int);
void __ESBMC_yield(void);
void __ESBMC_atomic_begin(void);
void __ESBMC_atomic_end(void);
void __ESBMC_init_object(void *);
void __ESBMC_bitcast(void *, void *);
void *__ESBMC_memset(void *, int, __SIZE_TYPE__);
void *__ESBMC_memcpy(void *, const void *, __SIZE_TYPE__);
void *__ESBMC_memmove(void *, const void *, __SIZE_TYPE__);
void *__ESBMC_memchr(const void *, int, __SIZE_TYPE__);
int __ESBMC_memcmp(const void *, const void *, __SIZE_TYPE__);
_Bool __ESBMC_is_little_endian(void);
_Bool __ESBMC_same_object(const void *, const void *);
__PTRDIFF_TYPE__ __ESBMC_POINTER_OFFSET(const void *);
__UINTPTR_TYPE__ __ESBMC_POINTER_OBJECT(const void *);
__SIZE_TYPE__ __ESBMC_get_object_size(const void *);
_Bool __ESBMC_r_ok(const void *, __SIZE_TYPE__);
_Bool __ESBMC_w_ok(const void *, __SIZE_TYPE__);
_Bool __ESBMC_rw_ok(const void *, __SIZE_TYPE__);
int __ESBMC_abs(int);
long __ESBMC_labs(long);
long long __ESBMC_llabs(long long);
float __ESBMC_fabsf(float);
double __ESBMC_fabsd(double);
long double __ESBMC_fabsld(long double);
_Bool __ESBMC_isnanf(float);
_Bool __ESBMC_isnand(double);
_Bool __ESBMC_isnanld(long double);
_Bool __ESBMC_isinff(float);
_Bool __ESBMC_isinfd(double);
_Bool __ESBMC_isinfld(long double);
_Bool __ESBMC_isfinitef(float);
_Bool __ESBMC_isfinited(double);
_Bool __ESBMC_isfiniteld(long double);
_Bool __ESBMC_isnormalf(float);
_Bool __ESBMC_isnormald(double);
_Bool __ESBMC_isnormalld(long double);
_Bool __ESBMC_signf(float);
_Bool __ESBMC_signd(double);
_Bool __ESBMC_signld(long double);
void __CPROVER_assume(_Bool);
void __CPROVER_assert(_Bool, const char *);
void __CPROVER_precondition(_Bool, const char *);
void __CPROVER_postcondition(_Bool, const char *);
void __CPROVER_cover(_Bool);
void __CPROVER_input(const char *, ...);
void __CPROVER_output(const char *, ...);
void __CPROVER_printf(const char *, ...);
void __CPROVER_atomic_begin(void);
void __CPROVER_atomic_end(void);
void __CPROVER_fence(const char *, ...);
void __CPROVER_havoc_object(void *);
void __CPROVER_havoc_slice(void *, __SIZE_TYPE__);
void *__CPROVER_allocate(__SIZE_TYPE__, _Bool);
void __CPROVER_deallocate(void *);
_Bool __CPROVER_same_object(const void *, const void *);
_Bool __CPROVER_is_invalid_pointer(const void *);
__PTRDIFF_TYPE__ __CPROVER_POINTER_OFFSET(const void *);
__SIZE_TYPE__ __CPROVER_POINTER_OBJECT(const void *);
__SIZE_TYPE__ __CPROVER_OBJECT_SIZE(const void *);
__SIZE_TYPE__ __CPROVER_buffer_size(const void *);
_Bool __CPROVER_is_zero_string(const void *);
__SIZE_TYPE__ __CPROVER_zero_string_length(const void *);
_Bool __CPROVER_DYNAMIC_OBJECT(const void *);
_Bool __CPROVER_LIVE_OBJECT(const void *);
_Bool __CPROVER_WRITEABLE_OBJECT(const void *);
_Bool __CPROVER_is_list(const void *);
_Bool __CPROVER_r_ok(const void *, __SIZE_TYPE__);
_Bool __CPROVER_w_ok(const void *, __SIZE_TYPE__);
_Bool __CPROVER_rw_ok(const void *, __SIZE_TYPE__);
int __CPROVER_abs(int);
long __CPROVER_labs(long);
long long __CPROVER_llabs(long long);
double __CPROVER_fabs(double);
long double __CPROVER_fabsl(long double);
float __CPROVER_fabsf(float);
_Bool __CPROVER_isnanf(float);
_Bool __CPROVER_isnand(double);
_Bool __CPROVER_isnanld(long double);
_Bool __CPROVER_isinff(float);
_Bool __CPROVER_isinfd(double);
_Bool __CPROVER_isinfld(long double);
_Bool __CPROVER_isfinitef(float);
_Bool __CPROVER_isfinited(double);
_Bool __CPROVER_isfiniteld(long double);
_Bool __CPROVER_isnormalf(float);
_Bool __CPROVER_isnormald(double);
_Bool __CPROVER_isnormalld(long double);
_Bool __CPROVER_signf(float);
_Bool __CPROVER_signd(double);
_Bool __CPROVER_signld(long double);
_Bool terminates();
`;

const overflowFunction = (name: string, body: string): string =>
  `static inline __ESBMC_overflow_result __ESBMC_overflow_result_${name} ` +
  `{ __ESBMC_overflow_result __r; T __value; __r.overflow = ${body}; __r.result = __value; return __r; }`;

/**
 * ESBMC's `DEFINE_ESBMC_OVERFLOW_TYPE(T)`: results paired with a flag that says whether T could hold them. What the shift
 * calls an overflow is not written down, so it is refused. A member of a packed structure may lie at any
 * address, so no pointer is made to it.
 */
export const overflowType = `#define DEFINE_ESBMC_OVERFLOW_TYPE(T) ${[
  'typedef struct __attribute__((packed)) { _Bool overflow; T result; } __ESBMC_overflow_result;',
  overflowFunction('plus(T __a, T __b)', '__builtin_add_overflow(__a, __b, &__value)'),
  overflowFunction('minus(T __a, T __b)', '__builtin_sub_overflow(__a, __b, &__value)'),
  overflowFunction('mult(T __a, T __b)', '__builtin_mul_overflow(__a, __b, &__value)'),
  overflowFunction('unary_minus(T __a)', '__builtin_sub_overflow((T)0, __a, &__value)'),
  overflowFunction('shl(T __a, T __b)', '__tertium_shift_overflow(__a, __b, &__value)'),
].join(' ')}
`;
