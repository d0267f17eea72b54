/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The child between clone() and execve(): it runs in the application's memory
 * beside the task (or, forked, in a copy of it), so it makes raw system calls
 * and writes to its own stack and to the report alone.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

extern int __clone (int (*) (void *), void *, int, void *, ...);

PINK_UNSANITIZED static void __attribute__ ((noreturn))
fail (PinkChildReport *report, PinkStage stage, long error, int detail)
{
  report->stage = stage;
  report->error = (int) -error;
  report->detail = detail;
  for (;;)
    PINK_SYS1 (SYS_exit_group, 127);
}

PINK_UNSANITIZED static bool
is_target (const PinkFdMap *fds, size_t n_fds, int fd)
{
  for (size_t i = 0; i < n_fds; i++)
    if (fds[i].target == fd)
      return true;
  return false;
}

/* Sources move out of the way first, so that two descriptors can change places. */
PINK_UNSANITIZED static void
arrange_fds (PinkChildReport *report, PinkFdMap *fds, size_t n_fds)
{
  for (size_t i = 0; i < n_fds; i++)
    {
      long moved = 2;

      do
        moved = PINK_SYS3 (SYS_fcntl, fds[i].source, F_DUPFD_CLOEXEC, moved + 1);
      while (moved >= 0 && is_target (fds, n_fds, (int) moved));
      if (moved < 0)
        fail (report, PINK_STAGE_FD, moved, (int) i);
      fds[i].moved = (int) moved;
    }
  for (size_t i = 0; i < n_fds; i++)
    {
      long result = PINK_SYS3 (SYS_dup3, fds[i].moved, fds[i].target, 0);

      if (result < 0)
        fail (report, PINK_STAGE_FD, result, (int) i);
    }
}

/* Traced already, by a task that has the caller's rights. Never in memory that is
 * shared with the application, whose dumpable flag this takes away. */
PINK_UNSANITIZED static void
become_user (PinkChildReport *report, const PinkLaunch *launch)
{
  long error = PINK_SYS2 (PINK_SYS_SETGROUPS, launch->n_groups, launch->groups);

  if (error == 0)
    error = PINK_SYS3 (PINK_SYS_SETRESGID, launch->gid, launch->gid, launch->gid);
  if (error == 0)
    error = PINK_SYS3 (PINK_SYS_SETRESUID, launch->uid, launch->uid, launch->uid);
  if (error != 0)
    fail (report, PINK_STAGE_USER, error, 0);
}

/* The application's handlers must not run here once signals are let through.
 * exec would reset them anyway; ignored ones stay ignored, as after fork. */
PINK_UNSANITIZED static void
reset_handlers (void)
{
  for (int signal = 1; signal <= 64; signal++)
    {
      PinkHostSigaction action;

      if (PINK_SYS4 (SYS_rt_sigaction, signal, NULL, &action, PINK_HOST_SIGSET_SIZE) != 0 ||
          action.handler == (void *) SIG_IGN || action.handler == (void *) SIG_DFL)
        continue;
      __builtin_memset (&action, 0, sizeof action);
      PINK_SYS4 (SYS_rt_sigaction, signal, &action, NULL, PINK_HOST_SIGSET_SIZE);
    }
}

/* Who may not have a filter as he is promises to get no more rights by an exec; as a
 * tracee he would get none, anyway. */
PINK_UNSANITIZED static void
confine (PinkChildReport *report, const void *filter)
{
  long error = PINK_SYS3 (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter);

  if (error == -EACCES)
    {
      PINK_SYS5 (SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      error = PINK_SYS3 (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter);
    }
  if (error != 0)
    fail (report, PINK_STAGE_FILTER, error, 0);
}

PINK_UNSANITIZED static int
child_main (void *data)
{
  PinkTask *task = data;
  PinkLaunch *launch = task->launch;
  PinkChildReport *report = task->report;
  long error;

  /* Until it is traced, nothing but this ends it with the task. */
  PINK_SYS5 (SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (PINK_SYS0 (SYS_getppid) != task->pid)
    fail (report, PINK_STAGE_TASK_DIED, 0, 0);

  atomic_store_explicit (&report->ready, 1, memory_order_release);
  pink_futex_wake (&report->ready);
  while (atomic_load_explicit (&report->go, memory_order_acquire) == 0)
    pink_futex_wait (&report->go, 0, NULL);
  PINK_SYS5 (SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);

  arrange_fds (report, launch->fds, launch->n_fds);
  if (launch->as_user)
    become_user (report, launch);
  if (launch->directory != NULL)
    {
      error = PINK_SYS1 (SYS_chdir, launch->directory);
      if (error != 0)
        fail (report, PINK_STAGE_CHDIR, error, 0);
    }
  if (launch->filter != NULL)
    confine (report, launch->filter);
  reset_handlers ();
  PINK_SYS4 (SYS_rt_sigprocmask, SIG_SETMASK, &launch->mask, NULL, PINK_HOST_SIGSET_SIZE);

  /* The task takes this as the mark that execve is next, and drops it. */
  PINK_SYS2 (SYS_kill, PINK_SYS0 (SYS_getpid), SIGSTOP);

  error = PINK_SYS3 (SYS_execve, launch->path, launch->argv, launch->envp);
  fail (report, PINK_STAGE_EXEC, error, 0);
}

/* valgrind runs a fork, and panics at a clone() that is neither that nor a thread. */
PINK_UNSANITIZED long
pink_child_start (PinkTask *task, bool forked)
{
  char *stack_top = task->stack + task->stack_size;
  long pid;

  if (!forked && !RUNNING_ON_VALGRIND)
    {
      /* The kernel writes its id here before it runs, and 0 when it has left our
       * memory: see end_child() in pink-keeper.c. */
      pid = __clone (child_main, stack_top,
                     CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, task,
                     &task->child_tid, NULL, &task->child_tid);
      return pid < 0 ? -errno : pid;
    }

  pid = pink_host_fork (SIGCHLD);
  if (pid == 0)
    {
      PINK_SYS5 (SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
      child_main (task);
    }
  return pid;
}
