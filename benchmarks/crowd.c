/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * crowd N ACTIVE CALLS: N processes are alive, and ACTIVE of them make CALLS calls
 * each, at once. It holds the stopwatch itself, as "calls" does: from when all are
 * there until the last of those has made its calls.
 */
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <signal.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

typedef struct
{
  atomic_int ready;
  atomic_int go;
  atomic_int done;
  atomic_int stop;
} Shared;

static Shared *shared;

static void
wait_for (atomic_int *word, int wanted)
{
  int value;

  while ((value = atomic_load (word)) < wanted)
    syscall (SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

/* Only the last one, for whom there is somebody to wake, makes a call for it. */
static void
count (atomic_int *word, int all)
{
  if (atomic_fetch_add (word, 1) + 1 == all)
    syscall (SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void
live (int n, int active, long calls, int index)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  count (&shared->ready, n);
  if (index < active)
    {
      wait_for (&shared->go, 1);
      while (calls-- > 0)
        syscall (SYS_getppid);
      count (&shared->done, active);
    }
  wait_for (&shared->stop, 1);
  _exit (0);
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
  int n = argc == 4 ? atoi (argv[1]) : 0, active = n > 0 ? atoi (argv[2]) : 0;
  long calls = active > 0 ? atol (argv[3]) : 0;
  long long begin, elapsed;

  if (calls <= 0 || active > n)
    {
      fprintf (stderr, "Usage: crowd N ACTIVE CALLS\n");
      return 2;
    }
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return 1;
  for (int i = 0; i < n; i++)
    {
      pid_t pid = fork ();

      if (pid == 0)
        live (n, active, calls, i);
      if (pid < 0)
        return 1; /* and those that are there die with it */
    }
  wait_for (&shared->ready, n);
  begin = now ();
  atomic_store (&shared->go, 1);
  syscall (SYS_futex, &shared->go, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
  wait_for (&shared->done, active);
  elapsed = now () - begin;
  atomic_store (&shared->stop, 1);
  syscall (SYS_futex, &shared->stop, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
  while (wait (NULL) > 0)
    ;
  printf ("calls %ld %lld\n", active * calls, elapsed);
  return 0;
}
