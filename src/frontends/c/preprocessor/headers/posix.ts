/** Our own declarations of the POSIX headers that occur beside the C library in ordinary programs. */

const pthreadFunctions = `int pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int pthread_join(pthread_t, void **);
int pthread_detach(pthread_t);
_Noreturn void pthread_exit(void *);
pthread_t pthread_self(void);
int pthread_equal(pthread_t, pthread_t);
int pthread_cancel(pthread_t);
int pthread_attr_init(pthread_attr_t *);
int pthread_attr_destroy(pthread_attr_t *);
int pthread_attr_setdetachstate(pthread_attr_t *, int);
int pthread_mutexattr_init(pthread_mutexattr_t *);
int pthread_mutexattr_settype(pthread_mutexattr_t *, int);
int pthread_mutexattr_destroy(pthread_mutexattr_t *);
int pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
int pthread_mutex_destroy(pthread_mutex_t *);
int pthread_mutex_lock(pthread_mutex_t *);
int pthread_mutex_trylock(pthread_mutex_t *);
int pthread_mutex_unlock(pthread_mutex_t *);
int pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
int pthread_cond_destroy(pthread_cond_t *);
int pthread_cond_wait(pthread_cond_t *, pthread_mutex_t *);
int pthread_cond_signal(pthread_cond_t *);
int pthread_cond_broadcast(pthread_cond_t *);
int pthread_rwlock_init(pthread_rwlock_t *, const pthread_rwlockattr_t *);
int pthread_rwlock_destroy(pthread_rwlock_t *);
int pthread_rwlock_rdlock(pthread_rwlock_t *);
int pthread_rwlock_wrlock(pthread_rwlock_t *);
int pthread_rwlock_unlock(pthread_rwlock_t *);
int pthread_key_create(pthread_key_t *, void (*)(void *));
int pthread_key_delete(pthread_key_t);
void *pthread_getspecific(pthread_key_t);
int pthread_setspecific(pthread_key_t, const void *);
int pthread_once(pthread_once_t *, void (*)(void));
`;

export const posixHeaders: Readonly<Record<string, string>> = {
  'sys/types.h': `#pragma once
#include <stddef.h>
typedef __INT8_TYPE__ __int8_t;
typedef __INT16_TYPE__ __int16_t;
typedef __INT32_TYPE__ __int32_t;
typedef __INT64_TYPE__ __int64_t;
typedef __UINT8_TYPE__ __uint8_t;
typedef __UINT16_TYPE__ __uint16_t;
typedef __UINT32_TYPE__ __uint32_t;
typedef __UINT64_TYPE__ __uint64_t;
typedef __int8_t int8_t;
typedef __int16_t int16_t;
typedef __int32_t int32_t;
typedef __int64_t int64_t;
typedef __PTRDIFF_TYPE__ ssize_t;
typedef long off_t;
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned int mode_t;
typedef unsigned long dev_t;
typedef unsigned long ino_t;
typedef unsigned long nlink_t;
typedef long blksize_t;
typedef long blkcnt_t;
typedef long time_t;
typedef long clock_t;
typedef int clockid_t;
typedef long suseconds_t;
typedef unsigned int useconds_t;
typedef unsigned int id_t;
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned char u_int8_t;
typedef unsigned short u_int16_t;
typedef unsigned int u_int32_t;
typedef __UINT64_TYPE__ u_int64_t;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
`,
  'sys/time.h': `#pragma once
#include <sys/types.h>
struct timeval { time_t tv_sec; suseconds_t tv_usec; };
struct timezone { int tz_minuteswest; int tz_dsttime; };
int gettimeofday(struct timeval *, void *);
#define timerclear(t) ((t)->tv_sec = (t)->tv_usec = 0)
#define timerisset(t) ((t)->tv_sec || (t)->tv_usec)
#define timercmp(a, b, op) (((a)->tv_sec == (b)->tv_sec) ? ((a)->tv_usec op (b)->tv_usec) : ((a)->tv_sec op (b)->tv_sec))
#define timeradd(a, b, result) do { \\
  (result)->tv_sec = (a)->tv_sec + (b)->tv_sec; \\
  (result)->tv_usec = (a)->tv_usec + (b)->tv_usec; \\
  if ((result)->tv_usec >= 1000000) { ++(result)->tv_sec; (result)->tv_usec -= 1000000; } \\
} while (0)
#define timersub(a, b, result) do { \\
  (result)->tv_sec = (a)->tv_sec - (b)->tv_sec; \\
  (result)->tv_usec = (a)->tv_usec - (b)->tv_usec; \\
  if ((result)->tv_usec < 0) { --(result)->tv_sec; (result)->tv_usec += 1000000; } \\
} while (0)
`,
  'sys/stat.h': `#pragma once
#include <sys/types.h>
struct stat { dev_t st_dev; ino_t st_ino; mode_t st_mode; nlink_t st_nlink; uid_t st_uid; gid_t st_gid; off_t st_size; time_t st_mtime; };
int stat(const char *, struct stat *);
int fstat(int, struct stat *);
int mkdir(const char *, mode_t);
int chmod(const char *, mode_t);
`,
  'sys/select.h': `#pragma once
#include <sys/time.h>
typedef struct { long __bits[1024 / (8 * sizeof(long))]; } fd_set;
#define FD_SETSIZE 1024
#define FD_ZERO(set) __tertium_fd_zero(set)
#define FD_SET(fd, set) __tertium_fd_set(fd, set)
#define FD_CLR(fd, set) __tertium_fd_clear(fd, set)
#define FD_ISSET(fd, set) __tertium_fd_isset(fd, set)
void __tertium_fd_zero(fd_set *);
void __tertium_fd_set(int, fd_set *);
void __tertium_fd_clear(int, fd_set *);
int __tertium_fd_isset(int, fd_set *);
int select(int, fd_set *, fd_set *, fd_set *, struct timeval *);
`,
  'sys/socket.h': `#pragma once
#include <sys/types.h>
typedef unsigned int socklen_t;
typedef unsigned short sa_family_t;
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
#define AF_UNIX 1
#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
int socket(int, int, int);
int bind(int, const struct sockaddr *, socklen_t);
int listen(int, int);
int accept(int, struct sockaddr *, socklen_t *);
int connect(int, const struct sockaddr *, socklen_t);
ssize_t send(int, const void *, size_t, int);
ssize_t recv(int, void *, size_t, int);
int shutdown(int, int);
int setsockopt(int, int, int, const void *, socklen_t);
`,
  'sys/wait.h': `#pragma once
#include <sys/types.h>
pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
`,
  'fcntl.h': `#pragma once
#include <sys/types.h>
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 64
#define O_TRUNC 512
#define O_APPEND 1024
int open(const char *, int, ...);
int creat(const char *, mode_t);
int fcntl(int, int, ...);
`,
  'unistd.h': `#pragma once
#include <sys/types.h>
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#define _SC_PAGESIZE 30
#define _SC_NPROCESSORS_ONLN 84
int access(const char *, int);
unsigned int alarm(unsigned int);
int chdir(const char *);
int close(int);
int dup(int);
int dup2(int, int);
int execv(const char *, char *const[]);
int execvp(const char *, char *const[]);
_Noreturn void _exit(int);
pid_t fork(void);
int fsync(int);
char *getcwd(char *, size_t);
pid_t getpid(void);
pid_t getppid(void);
uid_t getuid(void);
gid_t getgid(void);
int getopt(int, char *const[], const char *);
extern char *optarg;
extern int optind;
extern int opterr;
extern int optopt;
int isatty(int);
off_t lseek(int, off_t, int);
int pipe(int[2]);
int pause(void);
ssize_t read(int, void *, size_t);
int rmdir(const char *);
void *sbrk(__INTPTR_TYPE__);
unsigned int sleep(unsigned int);
long sysconf(int);
int unlink(const char *);
int usleep(useconds_t);
ssize_t write(int, const void *, size_t);
`,
  'sched.h': `#pragma once
#include <sys/types.h>
struct sched_param { int sched_priority; };
int sched_yield(void);
`,
  'pthread.h': `#pragma once
#include <sched.h>
#include <time.h>
typedef unsigned long pthread_t;
typedef unsigned int pthread_key_t;
typedef int pthread_once_t;
typedef struct { long __state[7]; } pthread_attr_t;
typedef struct { int __kind; } pthread_mutexattr_t;
typedef struct { int __kind; } pthread_condattr_t;
typedef struct { int __kind; } pthread_rwlockattr_t;
typedef struct { int __lock; int __owner; int __kind; long __state[3]; } pthread_mutex_t;
typedef struct { int __sequence; long __state[5]; } pthread_cond_t;
typedef struct { int __readers; int __writer; long __state[5]; } pthread_rwlock_t;
#define PTHREAD_MUTEX_INITIALIZER { 0, 0, 0, { 0 } }
#define PTHREAD_COND_INITIALIZER { 0, { 0 } }
#define PTHREAD_RWLOCK_INITIALIZER { 0, 0, { 0 } }
#define PTHREAD_ONCE_INIT 0
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT 0
#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_CANCELED ((void *)-1)
${pthreadFunctions}`,
  'semaphore.h': `#pragma once
typedef struct { int __value; long __state[3]; } sem_t;
int sem_init(sem_t *, int, unsigned int);
int sem_destroy(sem_t *);
int sem_wait(sem_t *);
int sem_trywait(sem_t *);
int sem_post(sem_t *);
int sem_getvalue(sem_t *, int *);
`,
  'alloca.h': `#pragma once
#include <stddef.h>
void *alloca(size_t);
#define alloca(size) __builtin_alloca(size)
`,
  'malloc.h': '#pragma once\n#include <stdlib.h>\n#include <stdio.h>\n',
  'memory.h': '#pragma once\n#include <string.h>\n',
  'features.h': '#pragma once\n',
  'sys/cdefs.h': `#pragma once
#define __BEGIN_DECLS
#define __END_DECLS
#define __THROW
#define __P(arguments) arguments
`,
  'sys/param.h':
    '#pragma once\n#include <limits.h>\n#define MIN(a, b) (((a) < (b)) ? (a) : (b))\n#define MAX(a, b) (((a) > (b)) ? (a) : (b))\n',
};
