/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The thin part that depends on the machine the library is built for: how a
 * system call is made without glibc, and what the kernel calls this machine.
 *
 * The tracer task shares errno (and all thread-local storage) with the thread
 * that lent it, so its system calls return -errno and touch nothing else.
 */
#pragma once

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pink-arch.h"

#if defined (__x86_64__) && defined (__ILP32__)
# define PINK_HOST_ARCH PINK_ARCH_X32
#elif defined (__x86_64__)
# define PINK_HOST_ARCH PINK_ARCH_X86_64
#elif defined (__i386__)
# define PINK_HOST_ARCH PINK_ARCH_I386
#elif defined (__aarch64__)
# define PINK_HOST_ARCH PINK_ARCH_AARCH64
#elif defined (__arm__)
# define PINK_HOST_ARCH PINK_ARCH_ARM
#elif defined (__powerpc64__) && defined (__LITTLE_ENDIAN__)
# define PINK_HOST_ARCH PINK_ARCH_POWERPC64LE
#elif defined (__powerpc64__)
# define PINK_HOST_ARCH PINK_ARCH_POWERPC64
#elif defined (__powerpc__)
# define PINK_HOST_ARCH PINK_ARCH_POWERPC
#elif defined (__ia64__)
# define PINK_HOST_ARCH PINK_ARCH_IA64
#elif defined (__riscv) && __riscv_xlen == 64
# define PINK_HOST_ARCH PINK_ARCH_RISCV64
#elif defined (__s390x__)
# define PINK_HOST_ARCH PINK_ARCH_S390X
#elif defined (__s390__)
# define PINK_HOST_ARCH PINK_ARCH_S390
#elif defined (__mips__) && defined (__MIPSEL__)
# if _MIPS_SIM == _ABI64
#  define PINK_HOST_ARCH PINK_ARCH_MIPSEL_N64
# elif _MIPS_SIM == _ABIN32
#  define PINK_HOST_ARCH PINK_ARCH_MIPSEL_N32
# else
#  define PINK_HOST_ARCH PINK_ARCH_MIPSEL_O32
# endif
#elif defined (__mips__)
# if _MIPS_SIM == _ABI64
#  define PINK_HOST_ARCH PINK_ARCH_MIPS_N64
# elif _MIPS_SIM == _ABIN32
#  define PINK_HOST_ARCH PINK_ARCH_MIPS_N32
# else
#  define PINK_HOST_ARCH PINK_ARCH_MIPS_O32
# endif
#elif defined (__loongarch_lp64)
# define PINK_HOST_ARCH PINK_ARCH_LOONGARCH64
#else
# define PINK_HOST_ARCH PINK_ARCH_UNKNOWN
#endif

/* All ABIs that a kernel of this machine runs, for an initializer. */
#if defined (__x86_64__)
# define PINK_HOST_ABIS PINK_ARCH_X86_64, PINK_ARCH_X32, PINK_ARCH_I386
#elif defined (__aarch64__)
# define PINK_HOST_ABIS PINK_ARCH_AARCH64, PINK_ARCH_ARM
#elif defined (__powerpc64__) && !defined (__LITTLE_ENDIAN__)
# define PINK_HOST_ABIS PINK_ARCH_POWERPC64, PINK_ARCH_POWERPC
#elif defined (__s390x__)
# define PINK_HOST_ABIS PINK_ARCH_S390X, PINK_ARCH_S390
#elif defined (__mips__) && defined (__MIPSEL__)
# define PINK_HOST_ABIS PINK_ARCH_MIPSEL_N64, PINK_ARCH_MIPSEL_N32, PINK_ARCH_MIPSEL_O32
#elif defined (__mips__)
# define PINK_HOST_ABIS PINK_ARCH_MIPS_N64, PINK_ARCH_MIPS_N32, PINK_ARCH_MIPS_O32
#else
# define PINK_HOST_ABIS PINK_HOST_ARCH
#endif

#if defined (__mips__)
# define PINK_HOST_SIGSET_SIZE 16
#else
# define PINK_HOST_SIGSET_SIZE 8
#endif

#if defined (__x86_64__) && !defined (__ILP32__)

static inline __attribute__ ((always_inline)) long
pink_host_syscall (long nr, long a, long b, long c, long d, long e, long f)
{
  register long r10 __asm__ ("r10") = d;
  register long r8 __asm__ ("r8") = e;
  register long r9 __asm__ ("r9") = f;
  long result;

  __asm__ volatile ("syscall"
                    : "=a" (result)
                    : "a" (nr), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
                    : "rcx", "r11", "memory");
  return result;
}

#else

/* No assembly for this host yet: glibc's wrapper, with errno put back. */
static inline __attribute__ ((always_inline)) long
pink_host_syscall (long nr, long a, long b, long c, long d, long e, long f)
{
  int saved = errno;
  long result = syscall (nr, a, b, c, d, e, f);

  if (result == -1)
    result = -errno;
  errno = saved;
  return result;
}

#endif

/* The kernel's struct sigaction, as far as it is needed: which handler is set,
 * and one that is all zero to set the default. glibc's own structure has
 * another layout, and its sigaction() may take locks. */
typedef struct
{
#if defined (__mips__)
  unsigned flags;
  void *handler;
#else
  void *handler;
#endif
  unsigned char rest[64];
} PinkHostSigaction;

#define PINK_SYS0(nr) pink_host_syscall ((nr), 0, 0, 0, 0, 0, 0)
#define PINK_SYS1(nr, a) pink_host_syscall ((nr), (long) (a), 0, 0, 0, 0, 0)
#define PINK_SYS2(nr, a, b) pink_host_syscall ((nr), (long) (a), (long) (b), 0, 0, 0, 0)
#define PINK_SYS3(nr, a, b, c) pink_host_syscall ((nr), (long) (a), (long) (b), (long) (c), 0, 0, 0)
#define PINK_SYS4(nr, a, b, c, d) \
  pink_host_syscall ((nr), (long) (a), (long) (b), (long) (c), (long) (d), 0, 0)
#define PINK_SYS5(nr, a, b, c, d, e) \
  pink_host_syscall ((nr), (long) (a), (long) (b), (long) (c), (long) (d), (long) (e), 0)

/* ptrace(2) requests that not every machine has; the kernel says EIO to the others. */
/* In a loop that waits for another CPU. */
#if defined (__x86_64__) || defined (__i386__)
# define pink_host_pause() __builtin_ia32_pause ()
#elif defined (__aarch64__) || (defined (__arm__) && __ARM_ARCH >= 7)
# define pink_host_pause() __asm__ volatile ("yield" ::: "memory")
#elif defined (__powerpc__)
# define pink_host_pause() __asm__ volatile ("or 27,27,27" ::: "memory")
#else
# define pink_host_pause() __asm__ volatile ("" ::: "memory")
#endif

#if defined (__powerpc__)
# define PINK_HOST_PTRACE_SYSEMU 0x1d
# define PINK_HOST_PTRACE_SYSEMU_SINGLESTEP 0x1e
#else
# define PINK_HOST_PTRACE_SYSEMU 31
# define PINK_HOST_PTRACE_SYSEMU_SINGLESTEP 32
#endif

/* Calls whose number or arguments are not the same everywhere. */

#if defined (SYS_setresuid32) /* the older ones have ids of 16 bits */
# define PINK_SYS_SETRESUID SYS_setresuid32
# define PINK_SYS_SETRESGID SYS_setresgid32
# define PINK_SYS_SETGROUPS SYS_setgroups32
#else
# define PINK_SYS_SETRESUID SYS_setresuid
# define PINK_SYS_SETRESGID SYS_setresgid
# define PINK_SYS_SETGROUPS SYS_setgroups
#endif

/* Memory of our own; −errno where there is none. */
static inline long
pink_host_map (size_t size)
{
  const long protection = 1 | 2 /* PROT_READ | PROT_WRITE */;
#if defined (__mips__)
  const long flags = 2 | 0x800 /* MAP_PRIVATE | MAP_ANONYMOUS */;
#else
  const long flags = 2 | 0x20;
#endif

#if defined (SYS_mmap2) /* mmap() is missing, or takes a pointer to its arguments */
  return pink_host_syscall (SYS_mmap2, 0, (long) size, protection, flags, -1, 0);
#elif defined (__s390__)
  const unsigned long args[6] = { 0, size, (unsigned long) protection, (unsigned long) flags, -1ul, 0 };

  return pink_host_syscall (SYS_mmap, (long) args, 0, 0, 0, 0, 0);
#else
  return pink_host_syscall (SYS_mmap, 0, (long) size, protection, flags, -1, 0);
#endif
}

/* pread64() or pwrite64(): an offset of 64 bits is two registers of 32, on some
 * machines an even pair. */
static inline long
pink_host_transfer (long nr, int fd, void *buffer, size_t size, uint64_t offset)
{
#if __SIZEOF_LONG__ == 8
  return pink_host_syscall (nr, fd, (long) buffer, (long) size, (long) offset, 0, 0);
#else
  const long low = (long) (uint32_t) offset, high = (long) (offset >> 32);
# if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  const long first = high, second = low;
# else
  const long first = low, second = high;
# endif

# if defined (__arm__) || defined (__mips__) || defined (__powerpc__)
  return pink_host_syscall (nr, fd, (long) buffer, (long) size, 0, first, second);
# else
  return pink_host_syscall (nr, fd, (long) buffer, (long) size, first, second, 0);
# endif
#endif
}

/* clone() without a new stack: fork(). */
static inline __attribute__ ((always_inline)) long
pink_host_fork (int signal)
{
#if defined (__s390__) /* the stack comes first */
  return pink_host_syscall (SYS_clone, 0, signal, 0, 0, 0, 0);
#else
  return pink_host_syscall (SYS_clone, signal, 0, 0, 0, 0, 0);
#endif
}
