/**
 * The functions by which verification tasks speak, with the types that they have by convention. Programs often call them
 * without declaring them; no header of this name is included by anyone.
 */
const nondet: readonly (readonly [string, string])[] = [
  ['int', 'int'],
  ['uint', 'unsigned int'],
  ['unsigned', 'unsigned int'],
  ['unsigned_int', 'unsigned int'],
  ['u32', 'unsigned int'],
  ['char', 'char'],
  ['schar', 'signed char'],
  ['uchar', 'unsigned char'],
  ['unsigned_char', 'unsigned char'],
  ['u8', 'unsigned char'],
  ['short', 'short'],
  ['ushort', 'unsigned short'],
  ['unsigned_short', 'unsigned short'],
  ['u16', 'unsigned short'],
  ['long', 'long'],
  ['ulong', 'unsigned long'],
  ['unsigned_long', 'unsigned long'],
  ['longlong', 'long long'],
  ['long_long', 'long long'],
  ['ulonglong', 'unsigned long long'],
  ['unsigned_long_long', 'unsigned long long'],
  ['bool', '_Bool'],
  ['size_t', '__SIZE_TYPE__'],
  ['float', 'float'],
  ['double', 'double'],
  ['pointer', 'void *'],
  ['charp', 'char *'],
  ['String', 'char *'],
];

const prefixes = ['__VERIFIER_nondet_', 'nondet_', '__ESBMC_nondet_', '__CPROVER_nondet_'];

export const conventionsHeader = `#pragma once
${prefixes.flatMap((prefix) => nondet.map(([name, type]) => `${type} ${prefix}${name}(void);`)).join('\n')}
void __VERIFIER_assume(int);
void __VERIFIER_assert(int);
_Noreturn void __VERIFIER_error(void);
_Noreturn void reach_error(void);
void __VERIFIER_atomic_begin(void);
void __VERIFIER_atomic_end(void);
void __ESBMC_assume(_Bool);
void __ESBMC_assert(_Bool, const char *);
_Noreturn void __ESBMC_unreachable(void);
void __ESBMC_atomic_begin(void);
void __ESBMC_atomic_end(void);
_Bool __ESBMC_same_object(const void *, const void *);
__PTRDIFF_TYPE__ __ESBMC_POINTER_OFFSET(const void *);
__SIZE_TYPE__ __ESBMC_POINTER_OBJECT(const void *);
__SIZE_TYPE__ __ESBMC_get_object_size(const void *);
_Bool __ESBMC_r_ok(const void *, __SIZE_TYPE__);
_Bool __ESBMC_w_ok(const void *, __SIZE_TYPE__);
_Bool __ESBMC_rw_ok(const void *, __SIZE_TYPE__);
void __ESBMC_init_object(void *);
void __CPROVER_assume(_Bool);
void __CPROVER_assert(_Bool, const char *);
void __CPROVER_atomic_begin(void);
void __CPROVER_atomic_end(void);
_Bool __CPROVER_same_object(const void *, const void *);
__PTRDIFF_TYPE__ __CPROVER_POINTER_OFFSET(const void *);
__SIZE_TYPE__ __CPROVER_POINTER_OBJECT(const void *);
__SIZE_TYPE__ __CPROVER_OBJECT_SIZE(const void *);
_Bool __CPROVER_DYNAMIC_OBJECT(const void *);
_Bool __CPROVER_LIVE_OBJECT(const void *);
_Bool __CPROVER_r_ok(const void *, __SIZE_TYPE__);
_Bool __CPROVER_w_ok(const void *, __SIZE_TYPE__);
_Bool __CPROVER_rw_ok(const void *, __SIZE_TYPE__);
_Bool terminates();
`;
