/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Recorded calls about memory; see calls.c.
 */
#include "calls.h"

#include <linux/mman.h>

#ifndef MAP_ANONYMOUS
# include <asm/mman.h>
#endif

#define LENGTH 0x20000ul /* pages have up to 64 KiB */
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK)

static long
map (void)
{
  clear ();
#if defined __s390__ && !defined __s390x__
  /* Its six arguments lie in memory, as those of s390x and the old one of i386. */
  const unsigned long args[] = { 0, LENGTH, PROT_READ | PROT_WRITE, FLAGS, -1ul, 0 };

  return CALL (__NR_mmap2, bytes (args, sizeof args));
#elif defined __s390x__
  const unsigned long args[] = { 0, LENGTH, PROT_READ | PROT_WRITE, FLAGS, -1ul, 0 };

  return CALL (__NR_mmap, bytes (args, sizeof args));
#elif defined __NR_mmap2
  return CALL (__NR_mmap2, 0, LENGTH, PROT_READ | PROT_WRITE, FLAGS, -1, 0);
#else
  return CALL (__NR_mmap, 0l, LENGTH, PROT_READ | PROT_WRITE, FLAGS, -1l, 0l);
#endif
}

void
call_memory (void)
{
  long place = map ();

#if defined __i386__
  const unsigned long args[] = { 0, LENGTH, PROT_EXEC, MAP_SHARED | MAP_FIXED | MAP_LOCKED, 99, 0x1000 };

  clear ();
  CALL (__NR_mmap, bytes (args, sizeof args));
#endif
  clear ();
  CALL (__NR_mprotect, place, LENGTH / 2, PROT_READ | PROT_EXEC | PROT_GROWSDOWN);
  clear ();
  CALL (__NR_madvise, place, LENGTH, MADV_DONTNEED);
  clear ();
  CALL (__NR_mremap, place, LENGTH, LENGTH / 2, MREMAP_MAYMOVE);
  clear ();
  CALL (__NR_mlockall, MCL_CURRENT | MCL_FUTURE | 0x100000);
  clear ();
  CALL (__NR_munmap, place, LENGTH / 2);
}
