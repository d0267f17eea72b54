/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first thread of a process can end before the others. It is a zombie then, never
 * stops again, and its end is told when the last of the process has ended: to let such
 * a one go, nothing can be asked of the kernel. For the application it is let go all
 * the same. Here a ghost stays, which swallows its end.
 */
#include "pink-engine-private.h"

#include <string.h>

#define LOOK_AGAIN_NS INT64_C (20000000) /* it may be about to end */

static bool
is_zombie (PinkSlot *slot)
{
  char text[PINK_STATUS_SIZE];
  const char *state = pink_status_read (slot->tid, text) ? strstr (text, "\nState:\t") : NULL;

  return state != NULL && state[8] == 'Z';
}

/* A task that ends takes with it what is to die with it, ghosts too: it stays for them. */
static bool
is_waited_for (PinkTask *task)
{
  return task->launch != NULL && task->exit_kill;
}

static void
leave_ghost (PinkTask *task, pid_t tid)
{
  PinkSlot *ghost = pink_slots_add (task, tid);

  if (ghost == NULL)
    return;
  ghost->phase = PINK_PHASE_GHOST;
  ghost->tgid = 0; /* of no process that is asked for something */
  if (is_waited_for (task))
    task->n_alive++;
}

/* Of a tracee that is to be let go and has been told to stop. */
void
pink_ghost_look (PinkTask *task, PinkSlot *slot)
{
  pid_t tid = slot->tid;

  if (slot->tid != slot->tgid || slot->with_main || slot->after_delay != NULL)
    return;
  if (!is_zombie (slot))
    {
      pink_delay (task, slot, LOOK_AGAIN_NS, pink_ghost_look);
      return;
    }
  pink_stop_vanished (task, slot);
  leave_ghost (task, tid);
}

void
pink_ghost_ended (PinkTask *task, PinkSlot *ghost)
{
  if (is_waited_for (task))
    task->n_alive--;
  pink_slots_unhash (task, ghost);
  pink_slots_free (task, ghost);
}

void
pink_ghost_forget (PinkTask *task, PinkSlot *slot)
{
  if (slot->phase == PINK_PHASE_GHOST)
    pink_ghost_ended (task, slot);
}
