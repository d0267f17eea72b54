/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Tracees with our seccomp filter: they run free but for the calls that it stops
 * them at, and for these calls' exits where somebody asks for them.
 *
 * A tracee that confines itself may hide calls from our filter, or answer for it.
 * So before it does, its process, and what that makes, is stopped at every call. Runs
 * in the tracer task.
 */
#include "pink-engine-private.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

bool
pink_seccomp_runs_free (PinkTask *task, PinkSlot *slot)
{
  return task->filtered && !slot->every_call && slot->phase == PINK_PHASE_RUNNING;
}

/* Those that run are stopped for a moment, and go on in the other way. */
void
pink_seccomp_every_call (PinkTask *task, PinkSlot *slot)
{
  for (unsigned i = 0; i < PINK_TASK_BUCKETS; i++)
    for (PinkSlot *each = task->buckets[i]; each != NULL; each = each->next)
      if (each->tgid == slot->tgid && !each->every_call)
        {
          each->every_call = true;
          if (each != slot && !each->with_main)
            PINK_SYS4 (SYS_ptrace, PTRACE_INTERRUPT, each->tid, 0, 0);
        }
}

void
pink_seccomp_watch (PinkTask *task, PinkSlot *slot)
{
  const char *name = slot->stop.row >= 0 ? pink_arch_syscall ((unsigned) slot->stop.row)->name : "";

  if (strcmp (name, "seccomp") == 0 ||
      (strcmp (name, "prctl") == 0 && (int) slot->stop.entry.args[0] == PR_SET_SECCOMP))
    pink_seccomp_every_call (task, slot);
}

/* Also a filter of its own can ask for its tracer. */
bool
pink_seccomp_is_own (PinkTask *task, PinkSlot *slot)
{
  unsigned long data = 0;

  if (PINK_SYS4 (SYS_ptrace, PTRACE_GETEVENTMSG, slot->tid, 0, &data) != 0 ||
      (task->filtered && data == PINK_FILTER_COOKIE))
    return false;
  slot->stop.seccomp_data = (unsigned) data;
  return true;
}
