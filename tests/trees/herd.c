/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * herd N ACTIVE CALLS: N processes besides the first, all alive at once. On "go"
 * the first ACTIVE of them make CALLS calls each, and sleep again; how many
 * nanoseconds that took is then in counters[0], and of a CPU, theirs alone, in
 * counters[1]. On "stop" all end. Who waits here sleeps, and makes no calls.
 */
#include "tree-shared.h"

#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static TreeShared *shared;

static int
read_word (atomic_int *word)
{
  return atomic_load (word);
}

static void
sleep_below (atomic_int *word, int wanted)
{
  int value;

  while ((value = read_word (word)) < wanted)
    syscall (SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

/* The last one wakes who waits for all. */
static void
count (atomic_int *word, int all)
{
  if (atomic_fetch_add (word, 1) == all - 1)
    syscall (SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int64_t
now_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

static void
live (int n, int active, int calls)
{
  count (&shared->ready, n);
  if (active > 0)
    {
      int64_t begin;

      sleep_below (&shared->go, 1);
      begin = now_ns (CLOCK_PROCESS_CPUTIME_ID);
      for (int i = 0; i < calls; i++)
        syscall (SYS_getppid);
      atomic_fetch_add (&shared->counters[1],
                        (unsigned long) (now_ns (CLOCK_PROCESS_CPUTIME_ID) - begin));
      count (&shared->handled, active);
    }
  sleep_below (&shared->stop, 1);
  _exit (0);
}

int
main (int argc, char **argv)
{
  int n = argc > 1 ? atoi (argv[1]) : 1, active = argc > 2 ? atoi (argv[2]) : n;
  int calls = argc > 3 ? atoi (argv[3]) : 1, bad = 0, status;
  int64_t begin;

  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, TREE_FD, 0);
  if (shared == MAP_FAILED)
    return 99;
  for (int i = 0; i < n; i++)
    {
      pid_t pid = fork ();

      if (pid < 0)
        return 98;
      if (pid == 0)
        {
          prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
          live (n, i < active ? active : 0, calls);
        }
    }
  sleep_below (&shared->ready, n);
  atomic_store (&shared->budget, 1);
  sleep_below (&shared->go, 1);
  begin = now_ns (CLOCK_MONOTONIC);
  sleep_below (&shared->handled, active);
  atomic_store (&shared->counters[0], (unsigned long) (now_ns (CLOCK_MONOTONIC) - begin));
  atomic_store (&shared->budget, 2);
  sleep_below (&shared->stop, 1);
  while (wait (&status) > 0)
    bad += status != 0;
  return bad != 0;
}
