import type { Model } from './index.ts';

/**
 * <pthread.h>, <semaphore.h> and <threads.h> as C [POSIX; C11 7.26]. What stands between `__tertium_atomic_begin` and `_end` is
 * one step to the other threads; a condition that is assumed there makes the thread wait. The first int of a lock holds the
 * number of the thread that has it.
 */
const header = '#include <pthread.h>\n#include <semaphore.h>\n';

const begin = '__tertium_atomic_begin();';
const end = '__tertium_atomic_end();';

const lock = `${begin}
  int self = (int)__tertium_thread_self(), holder = word[0], code = 0;
  if (holder == self && word[2] == 1) word[1]++;
  else if (holder == self && word[2] == 2) code = 35;
  else { __VERIFIER_assume(holder == 0); word[0] = self; }
  ${end}`;
const tryLock = (busy: number): string => `${begin}
  int self = (int)__tertium_thread_self(), holder = word[0], code = 0;
  if (holder == 0) word[0] = self;
  else if (holder == self && word[2] == 1) word[1]++;
  else code = ${busy};
  ${end}`;
const unlock = `${begin}
  int code = 0;
  if (word[1] > 0) word[1]--;
  else if (word[2] == 2 && word[0] != (int)__tertium_thread_self()) code = 1;
  else word[0] = 0;
  ${end}`;
const wait = `int *at = (int *)c, *word = (int *)m;
  ${begin}
  int seen = at[0];
  word[0] = 0;
  ${end}
  ${begin}
  if (at[0] == seen) __tertium_wakes_by_itself();
  __VERIFIER_assume(word[0] == 0);
  word[0] = (int)__tertium_thread_self();
  ${end}
  return 0;`;
const wake = `int *at = (int *)c; ${begin} at[0] = (at[0] + 1) & 0x7fffffff; ${end} return 0;`;

const nothing = (declaration: string): string => `${header}${declaration} { return 0; }`;

export const threadModels: Readonly<Record<string, Model>> = {
  pthread_join: `${header}int pthread_join(pthread_t thread, void **result) {
  __tertium_thread_wait(thread);
  if (result != 0) *result = __tertium_thread_result(thread);
  return 0;
}`,
  pthread_self: `${header}pthread_t pthread_self(void) { return __tertium_thread_self(); }`,
  pthread_equal: `${header}int pthread_equal(pthread_t a, pthread_t b) { return a == b; }`,
  pthread_detach: nothing('int pthread_detach(pthread_t thread)'),
  pthread_yield: nothing('int pthread_yield(void)'),
  pthread_attr_init: nothing('int pthread_attr_init(pthread_attr_t *a)'),
  pthread_attr_destroy: nothing('int pthread_attr_destroy(pthread_attr_t *a)'),
  pthread_attr_setdetachstate: nothing('int pthread_attr_setdetachstate(pthread_attr_t *a, int state)'),
  pthread_mutexattr_init: `${header}int pthread_mutexattr_init(pthread_mutexattr_t *a) { *(int *)a = 0; return 0; }`,
  pthread_mutexattr_destroy: nothing('int pthread_mutexattr_destroy(pthread_mutexattr_t *a)'),
  pthread_mutexattr_settype: `${header}int pthread_mutexattr_settype(pthread_mutexattr_t *a, int type) { *(int *)a = type; return 0; }`,
  pthread_mutex_init: `${header}int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a) {
  int *word = (int *)m;
  word[0] = 0;
  word[1] = 0;
  word[2] = a != 0 ? *(const int *)a : 0;
  return 0;
}`,
  pthread_mutex_destroy: nothing('int pthread_mutex_destroy(pthread_mutex_t *m)'),
  pthread_mutex_lock: `${header}int pthread_mutex_lock(pthread_mutex_t *m) {
  int *word = (int *)m;
  ${lock}
  return code;
}`,
  pthread_mutex_trylock: `${header}int pthread_mutex_trylock(pthread_mutex_t *m) {
  int *word = (int *)m;
  ${tryLock(16)}
  return code;
}`,
  pthread_mutex_unlock: `${header}int pthread_mutex_unlock(pthread_mutex_t *m) {
  int *word = (int *)m;
  ${unlock}
  return code;
}`,
  __tertium_wakes_by_itself: {
    text: 'static void __tertium_wakes_by_itself(void) { }',
    approximation: 'a wait on a condition may end by itself, as POSIX allows',
  },
  pthread_cond_init: `${header}int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a) { *(int *)c = 0; return 0; }`,
  pthread_cond_destroy: nothing('int pthread_cond_destroy(pthread_cond_t *c)'),
  pthread_cond_wait: `${header}int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m) { ${wait} }`,
  pthread_cond_signal: `${header}int pthread_cond_signal(pthread_cond_t *c) { ${wake} }`,
  pthread_cond_broadcast: `${header}int pthread_cond_broadcast(pthread_cond_t *c) { ${wake} }`,
  pthread_spin_init: `${header}int pthread_spin_init(pthread_spinlock_t *l, int shared) { *l = 0; return 0; }`,
  pthread_spin_destroy: nothing('int pthread_spin_destroy(pthread_spinlock_t *l)'),
  pthread_spin_lock: `${header}int pthread_spin_lock(pthread_spinlock_t *l) {
  ${begin}
  __VERIFIER_assume(*l == 0);
  *l = 1;
  ${end}
  return 0;
}`,
  pthread_spin_unlock: `${header}int pthread_spin_unlock(pthread_spinlock_t *l) { ${begin} *l = 0; ${end} return 0; }`,
  sem_init: `${header}int sem_init(sem_t *s, int shared, unsigned int value) { *(int *)s = (int)value; return 0; }`,
  sem_destroy: nothing('int sem_destroy(sem_t *s)'),
  sem_wait: `${header}int sem_wait(sem_t *s) {
  int *value = (int *)s;
  ${begin}
  __VERIFIER_assume(value[0] > 0);
  value[0]--;
  ${end}
  return 0;
}`,
  sem_post: `${header}int sem_post(sem_t *s) {
  int *value = (int *)s;
  ${begin}
  value[0]++;
  ${end}
  return 0;
}`,
  thrd_join: `#include <threads.h>
int thrd_join(thrd_t thread, int *result) {
  __tertium_thread_wait(thread);
  if (result != 0) *result = (int)(long)__tertium_thread_result(thread);
  return 0;
}`,
  thrd_current: `#include <threads.h>
thrd_t thrd_current(void) { return __tertium_thread_self(); }`,
  mtx_init: `#include <threads.h>
int mtx_init(mtx_t *m, int type) {
  int *word = (int *)m;
  word[0] = 0;
  word[1] = 0;
  word[2] = type & 1;
  return 0;
}`,
  mtx_destroy: `#include <threads.h>
void mtx_destroy(mtx_t *m) { }`,
  mtx_lock: `#include <threads.h>
int mtx_lock(mtx_t *m) {
  int *word = (int *)m;
  ${lock}
  return code;
}`,
  mtx_trylock: `#include <threads.h>
int mtx_trylock(mtx_t *m) {
  int *word = (int *)m;
  ${tryLock(1)}
  return code;
}`,
  mtx_unlock: `#include <threads.h>
int mtx_unlock(mtx_t *m) {
  int *word = (int *)m;
  ${unlock}
  return code;
}`,
};
