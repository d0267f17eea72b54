/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * CLONE_UNTRACED lets a child run without its tracer. Where a tracee's children
 * are followed, none may get away like that: the flag is taken out of clone()'s
 * register; clone3() has it in memory, where another thread could put it back,
 * so that call is refused as by a kernel without it, and the C library takes
 * clone() instead. (One that puts it in after we have looked gets away; the manual
 * says so.) Runs in the tracer task.
 */
#include "pink-engine-private.h"

#include <string.h>
#include <sched.h>

/* clone()'s flags are its first argument, but on s390 and in clone2 of others. */
static void
clear_flag (PinkTask *task, PinkSlot *slot, const PinkArchSyscall *call)
{
  PinkArchEntry *entry = &slot->stop.entry;
  PinkChanges changes = { 0 };

  for (unsigned i = 0; i < call->n_args; i++)
    {
      int reg = pink_arch_arg_register (slot->stop.arch, call, i);

      if (strcmp (call->args[i].name, "flags") != 0 || reg < 0 ||
          !(entry->args[reg] & CLONE_UNTRACED))
        continue;
      changes.args |= (uint8_t) (1U << reg);
      changes.values[reg] = entry->args[reg] & ~(uint64_t) CLONE_UNTRACED;
    }
  pink_change_entry (task, slot, &changes);
}

/* A call whose flags are nowhere fails by itself; where no way leads to them they
 * could be any. */
static bool
may_escape (PinkTask *task, PinkSlot *slot)
{
  uint64_t flags = 0;
  long n = pink_reach_read (task, slot, slot->stop.entry.args[0], &flags, sizeof flags);

  return n == (long) sizeof flags ? (flags & CLONE_UNTRACED) != 0 : n != -EFAULT;
}

/* Of the call as it will be made. */
void
pink_escape_prevent (PinkTask *task, PinkSlot *slot)
{
  const PinkArchSyscall *call;
  int row;

  if (!task->follow_forks || slot->stop.arch == NULL || (slot->settling && slot->has_result))
    return;
  row = pink_arch_syscall_index (slot->stop.arch, slot->stop.entry.number);
  if (row < 0 || !(pink_engine_get_handled (task->engine, (unsigned) row) & PINK_WATCHED_CLONE))
    return;
  call = pink_arch_syscall ((unsigned) row);
  if (strcmp (call->name, "clone3") == 0)
    {
      if (may_escape (task, slot))
        pink_change_refuse (task, slot, ENOSYS);
    }
  else
    clear_flag (task, slot, call);
}
