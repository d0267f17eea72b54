/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * New tracees. The kernel stops a new child at once and its parent at the end
 * of its fork: which of them is seen first is anybody's guess, and either may
 * be killed before it is seen at all.
 */
#include "pink-engine-private.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define LOOK_NS        (5 * INT64_C (1000000))
#define LONG_ENOUGH_NS (20 * INT64_C (1000000))
#define LAST_RESORT_NS INT64_C (1000000000)

static bool
is_same_group (pid_t tgid, pid_t tid)
{
  return PINK_SYS3 (SYS_tgkill, tgid, tid, 0) == 0;
}

static void
introduce (PinkTask *task, PinkSlot *slot, PinkSlot *parent, PinkBirth birth)
{
  slot->parent = parent;
  slot->birth = birth;
  slot->every_call = parent != NULL && parent->every_call;
  if (parent != NULL && birth == PINK_BIRTH_CLONE && is_same_group (parent->tgid, slot->tid))
    slot->tgid = parent->tgid;
  else if (parent == NULL)
    slot->tgid = pink_status_number (slot->tid, "\nTgid:\t", slot->tid);
  pink_reach_open (slot);
  pink_post (task, &slot->added_msg);
}

static void
set_out (PinkTask *task, PinkSlot *slot)
{
  slot->phase = PINK_PHASE_RUNNING;
  pink_stop_resume (task, slot, 0);
}

/* A number for kill(2) is not enough: a zombie that its parent has not waited
 * for has one, too. */
static bool
is_tracee (pid_t tid)
{
  siginfo_t info;

  return PINK_SYS5 (SYS_waitid, P_PID, tid, &info,
                    WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL, NULL) == 0;
}

/* Its number is another one's now. */
static void
forget_stillborn (PinkTask *task, PinkSlot *slot)
{
  task->n_strangers--;
  pink_slots_unhash (task, slot);
  pink_slots_free (task, slot);
}

/* The parent stands in its PTRACE_EVENT_FORK, VFORK or CLONE. */
void
pink_birth_reported (PinkTask *task, PinkSlot *parent, PinkBirth birth)
{
  unsigned long child = 0;
  PinkSlot *slot;

  parent->has_made = true;
  /* ESRCH: killed meanwhile. Its child is then a stranger for good. */
  if (PINK_SYS4 (SYS_ptrace, PTRACE_GETEVENTMSG, parent->tid, 0, &child) != 0)
    return;

  slot = pink_slots_find (task, (pid_t) child);
  /* A stillborn of that number may be one from long ago. */
  if (slot != NULL && slot->phase == PINK_PHASE_STILLBORN && is_tracee ((pid_t) child))
    {
      forget_stillborn (task, slot);
      slot = NULL;
    }
  else if (slot == NULL && !is_tracee ((pid_t) child))
    return; /* a stillborn that was given up waiting for */
  if (slot == NULL)
    {
      slot = pink_slots_add (task, (pid_t) child);
      if (slot == NULL)
        return; /* no memory: pink_birth_stranger() lets it go */
      task->n_alive++;
      introduce (task, slot, parent, birth);
    }
  else if (slot->phase == PINK_PHASE_STRANGER)
    {
      task->n_strangers--;
      introduce (task, slot, parent, birth);
      set_out (task, slot);
    }
  else if (slot->phase == PINK_PHASE_STILLBORN)
    {
      task->n_strangers--;
      introduce (task, slot, parent, birth);
      pink_stop_report_end (task, slot);
    }
}

/* A task of that number is not known: the child came first. */
void
pink_birth_stranger (PinkTask *task, pid_t tid, int status)
{
  PinkSlot *slot;

  if (task->quitting)
    {
      PINK_SYS2 (SYS_kill, tid, SIGKILL);
      pink_stop_let_die (tid, status);
      return;
    }
  slot = pink_slots_find (task, tid);
  if (slot != NULL) /* a stillborn of that number, from long ago */
    forget_stillborn (task, slot);
  slot = pink_slots_add (task, tid);
  if (slot == NULL)
    {
      if (WIFSTOPPED (status))
        PINK_SYS4 (SYS_ptrace, PTRACE_DETACH, tid, 0, 0);
    }
  else
    {
      slot->since_ns = pink_now_ns (CLOCK_MONOTONIC);
      slot->since_scan = task->n_scans;
      if (task->n_strangers++ == 0)
        task->next_look_ns = slot->since_ns + LOOK_NS;
      if (WIFSTOPPED (status))
        {
          slot->phase = PINK_PHASE_STRANGER;
          slot->in_group_stop = pink_is_group_stop (status);
          task->n_alive++;
        }
      else
        {
          slot->phase = PINK_PHASE_STILLBORN;
          slot->wait_status = status;
        }
    }
}

/* Whether it may be in the middle of making a child. */
static bool
may_be_maker (PinkTask *task, PinkSlot *slot)
{
  if (slot->phase == PINK_PHASE_EXPECTED)
    return slot->birth == PINK_BIRTH_ATTACH;
  if (slot->phase != PINK_PHASE_RUNNING || slot->with_main || slot->in_group_stop || slot->has_made)
    return false;
  if (slot->in_syscall)
    return slot->stop.row >= 0 &&
           (pink_engine_get_handled (task->engine, (unsigned) slot->stop.row) & PINK_MAKES_CHILD);
  return slot->mode != PINK_MODE_SYSCALL || pink_seccomp_runs_free (task, slot);
}

/* With a tgid, in that process alone. */
static bool
there_may_be_a_maker (PinkTask *task, pid_t tgid)
{
  for (unsigned i = 0; i < PINK_TASK_BUCKETS; i++)
    for (PinkSlot *slot = task->buckets[i]; slot != NULL; slot = slot->next)
      if ((tgid == 0 || slot->tgid == tgid) && may_be_maker (task, slot))
        return true;
  return false;
}

/* The report of its birth is lost if its maker has been killed before making it.
 * As long as somebody else may be its maker it waits: for those of its parent's
 * process, as the kernel has it (by clone(CLONE_PARENT), or once the maker is
 * dead, that is another one), longer than for the rest. */
static bool
is_orphan (PinkTask *task, PinkSlot *slot)
{
  int64_t age = pink_now_ns (CLOCK_MONOTONIC) - slot->since_ns;

  /* The report may be there, and not have been looked for. */
  if (task->unscanned && task->n_scans == slot->since_scan)
    return false;
  return !there_may_be_a_maker (task, 0) || age >= LAST_RESORT_NS ||
         (slot->phase == PINK_PHASE_STRANGER && age >= LONG_ENOUGH_NS &&
          !there_may_be_a_maker (task, pink_status_number (slot->tid, "\nPPid:\t", -1)));
}

static void
adopt (PinkTask *task, PinkSlot *slot)
{
  bool ended = slot->phase == PINK_PHASE_STILLBORN;

  if ((slot->phase != PINK_PHASE_STRANGER && !ended) || !is_orphan (task, slot))
    return;
  task->n_strangers--;
  introduce (task, slot, NULL, PINK_BIRTH_CLONE);
  if (ended)
    pink_stop_report_end (task, slot);
  else
    set_out (task, slot);
}

/* Who waits in vain to be reported goes on without. A report that comes after
 * all finds it running. */
void
pink_birth_adopt_strangers (PinkTask *task)
{
  int64_t now;

  if (task->n_strangers == 0)
    return;
  now = pink_now_ns (CLOCK_MONOTONIC);
  if (now < task->next_look_ns)
    return;
  task->next_look_ns = now + LOOK_NS;
  pink_slots_for_each_alive (task, adopt);
}
