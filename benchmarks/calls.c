/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The program that is traced: N calls that cost the kernel nearly nothing, so
 * that what is left is the tracer's. It holds the stopwatch itself: the same one
 * for every tracer, and no start of a program or a tracer in the figure.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Until caches and the scheduler's idea of who belongs where have settled. */
#define N_BEFORE 200

static void
make_calls (unsigned long n)
{
  /* Not getppid(): a C library may remember what that returns. */
  while (n-- > 0)
    syscall (SYS_getppid);
}

static long long
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int
main (int    argc,
      char **argv)
{
  unsigned long n;
  long long begin;
  char *end;

  errno = 0;
  n = argc == 2 ? strtoul (argv[1], &end, 10) : 0;
  if (n == 0 || errno != 0 || *end != '\0')
    {
      fprintf (stderr, "Usage: calls N\n");
      return 2;
    }

  make_calls (N_BEFORE);
  begin = now ();
  make_calls (n);
  printf ("calls %lu %lld\n", n, now () - begin);
  return 0;
}
