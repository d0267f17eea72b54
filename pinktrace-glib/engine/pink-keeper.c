/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The keeper: a parked thread, one a tracer task. It makes the task, lends it
 * its thread-local storage, holds the one descriptor whose closing tells the
 * task that the application is gone, and sees the task end, however it does.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#ifndef SYS_close_range
# define SYS_close_range 436
#endif
#define CLOSE_RANGE_UNSHARE_FLAG (1U << 1)

/* glibc's own, without the checks that TSan's clone() makes of its caller. */
extern int __clone (int (*) (void *), void *, int, void *, ...);

static void
close_from_to (unsigned first, unsigned last)
{
  struct rlimit limit = { 0, RLIM_INFINITY };

  if (first > last || PINK_SYS3 (SYS_close_range, first, last, 0) == 0)
    return;

  /* Before Linux 5.9. A limit lowered after a descriptor was opened above it is
   * the one case this misses. */
  PINK_SYS4 (SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
  if (limit.rlim_max > 1 << 20)
    limit.rlim_max = 1 << 20;
  if (last >= limit.rlim_max)
    last = (unsigned) limit.rlim_max - 1;
  for (unsigned fd = first; fd <= last && fd >= first; fd++)
    PINK_SYS1 (SYS_close, fd);
}

void
pink_keep_only_fds (const int *fds, unsigned n_fds)
{
  unsigned first = 0;

  for (unsigned i = 0; i < n_fds; i++)
    {
      if ((unsigned) fds[i] > first)
        close_from_to (first, (unsigned) fds[i] - 1);
      first = (unsigned) fds[i] + 1;
    }
  close_from_to (first, ~0U);
}

/* A descriptor table of this thread's own. A container's filter may refuse
 * unshare() to everybody but root, and let close_range() pass. */
static long
unshare_files (void)
{
  long error = PINK_SYS1 (SYS_unshare, CLONE_FILES);

  if (error != 0 && PINK_SYS3 (SYS_close_range, ~0U, ~0U, CLOSE_RANGE_UNSHARE_FLAG) == 0)
    error = 0;
  return error;
}

static void
keep_two (int a, int b)
{
  int fds[2] = { a < b ? a : b, a < b ? b : a };

  pink_keep_only_fds (fds, 2);
}

/* Returns the task's id, or -errno. It gets copies of the descriptors, and a
 * directory and semaphore undos of its own. Valgrind knows no such set of flags;
 * there the task shares them at first, and leaves in pink-task.c. */
static long
make_task (PinkTask *task)
{
  size_t guard = (size_t) sysconf (_SC_PAGESIZE);
  char *stack_top = task->stack + guard + PINK_STACK_SIZE;
  int flags = CLONE_VM | CLONE_UNTRACED |
              (RUNNING_ON_VALGRIND ? CLONE_FS | CLONE_FILES | CLONE_SYSVSEM : 0);
  long pid;

  pid = __clone (pink_task_main, stack_top, flags, task);
  return pid < 0 ? -errno : pid;
}

static void
await_end (long pid)
{
  long result;

  /* ECHILD: the application has reaped it with waitpid(…, __WALL). */
  do
    result = PINK_SYS4 (SYS_wait4, pid, NULL, __WALL, NULL);
  while (result == -EINTR);
}

/* A task killed at the wrong moment leaves a child that is not traced yet, and
 * runs in our memory: it goes before the memory does. */
static void
end_child (PinkTask *task)
{
  const struct timespec look_again = { .tv_nsec = 20 * 1000 * 1000 };
  int tid;

  while ((tid = atomic_load_explicit (&task->child_tid, memory_order_acquire)) > 0)
    {
      PINK_SYS2 (SYS_kill, tid, SIGKILL);
      pink_futex_wait (&task->child_tid, tid, &look_again);
    }
}

void *
pink_keeper_main (void *data)
{
  PinkTask *task = data;
  PinkEngine *engine = task->engine;
  int bell = engine->bell;
  long pid;

  PINK_SYS5 (SYS_prctl, 15 /* PR_SET_NAME */, "pink-keeper", 0, 0, 0);

  /* The pipe must never be in the application's own table: a copy of its write
   * end in a fork()ed child would keep the task alive. */
  pid = unshare_files ();
  if (pid == 0)
    pid = PINK_SYS2 (SYS_pipe2, task->lifetime, O_CLOEXEC);
  if (pid < 0)
    pink_task_report (task, PINK_STAGE_PREPARE, (int) -pid, 0);
  else
    {
      pid = make_task (task);
      /* A table still shared with somebody (valgrind) is left before it is cleared. */
      if (!RUNNING_ON_VALGRIND || unshare_files () == 0)
        keep_two (bell, task->lifetime[1]);
      if (pid < 0)
        pink_task_report (task, PINK_STAGE_TASK, (int) -pid, 0);
      else
        {
          await_end (pid);
          pink_narrow_end (task);
          end_child (task);
          atomic_store_explicit (&task->gone, true, memory_order_release);
          pink_task_report (task, PINK_STAGE_TASK_DIED, 0, 0);
        }
    }

  /* From here on the task belongs to the main context. The bell is rung in any
   * case: the task may have been killed between a push and its own ring. */
  task->ended_msg.mark = pink_ring_written (task);
  pink_inbox_push (&engine->inbox, &task->ended_msg);
  pink_ring (bell);
  pink_engine_unref (engine);
  return NULL;
}
