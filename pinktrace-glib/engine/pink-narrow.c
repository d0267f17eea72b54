/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Tracer task and tracee on one CPU, where they take turns: waking a tracee on
 * another CPU, which sleeps, takes several times as long as the rest of a stop.
 *
 * The task keeps to one CPU. The tracee is allowed this one alone for the moment
 * in which it is woken, and what it was allowed before as soon as that is done;
 * it cannot look in between, because this is never done where it is about to make
 * a call that could (PINK_MAY_LOOK). Where the task is killed in this moment its
 * keeper ends it; and the end of the application does not kill it then, see
 * become_task(). Nothing here is done to who was attached.
 *
 * Runs in the tracer task, but for the last function.
 */
#include "pink-engine-private.h"

#include <string.h>
#include <sys/ptrace.h>

/* So many stops of the same tracee in a row, and they take turns. */
#define TURNS 16
/* So often the kernel may choose another CPU for both. */
#define TURNS_ON_ONE_CPU 4096
#define BITS (8 * sizeof (unsigned long))

static bool
set_cpus (pid_t tid, const unsigned long *cpus, long size)
{
  return PINK_SYS3 (SYS_sched_setaffinity, tid, size, cpus) == 0;
}

static void
set_free (PinkTask *task)
{
  if (!task->is_pinned)
    return;
  task->is_pinned = false;
  set_cpus (0, task->own_cpus, task->own_cpus_size);
}

/* Keeps to the CPU that it is on, if it has the choice. */
static bool
pin (PinkTask *task)
{
  unsigned cpu = 0;

  if (task->is_pinned)
    return true;
  task->own_cpus_size = PINK_SYS3 (SYS_sched_getaffinity, 0, sizeof task->own_cpus, task->own_cpus);
  if (task->own_cpus_size <= 0 || PINK_SYS3 (SYS_getcpu, &cpu, NULL, NULL) != 0 ||
      cpu >= BITS * PINK_CPU_WORDS)
    return false;
  memset (task->one_cpu, 0, sizeof task->one_cpu);
  task->one_cpu[cpu / BITS] = 1UL << (cpu % BITS);
  task->is_pinned = set_cpus (0, task->one_cpu, task->own_cpus_size);
  return task->is_pinned;
}

static void
set_computes (PinkTask *task, PinkSlot *slot, bool computes)
{
  if (slot->computes == computes)
    return;
  slot->computes = computes;
  if (computes)
    task->n_computing++;
  else
    task->n_computing--;
}

/* A stop of this tracee's. */
void
pink_narrow_note (PinkTask *task, PinkSlot *slot)
{
  set_computes (task, slot, false);
  if (task->in_turn != slot || task->n_computing > 0)
    {
      task->in_turn = slot;
      task->n_turns = 0;
      set_free (task);
    }
  else if (++task->n_turns >= TURNS_ON_ONE_CPU)
    {
      task->n_turns = TURNS;
      set_free (task);
    }
}

void
pink_narrow_forget (PinkTask *task, PinkSlot *slot)
{
  set_computes (task, slot, false);
  if (task->in_turn != slot)
    return;
  task->in_turn = NULL;
  set_free (task);
}

/* The task's CPU is one of several that it may run on. */
static bool
has_choice (PinkTask *task, const unsigned long *cpus, long size)
{
  bool here = false, elsewhere = false;

  for (size_t i = 0; i < (size_t) size / sizeof cpus[0]; i++)
    {
      here = here || (cpus[i] & task->one_cpu[i]) != 0;
      elsewhere = elsewhere || (cpus[i] & ~task->one_cpu[i]) != 0;
    }
  return here && elsewhere;
}

static bool
narrow (PinkTask *task, pid_t tid)
{
  long size = PINK_SYS3 (SYS_sched_getaffinity, tid, sizeof task->tracee_cpus, task->tracee_cpus);

  if (size <= 0 || !has_choice (task, task->tracee_cpus, size))
    return false;
  task->tracee_cpus_size = size;
  atomic_store_explicit (&task->narrowed, tid, memory_order_release);
  if (set_cpus (tid, task->one_cpu, size))
    return true;
  atomic_store_explicit (&task->narrowed, 0, memory_order_relaxed);
  return false;
}

/* A call that was changed could be any. */
static bool
may_look (PinkTask *task, PinkSlot *slot)
{
  return slot->in_syscall &&
         (slot->settling || slot->stop.row < 0 ||
          (pink_engine_get_handled (task->engine, (unsigned) slot->stop.row) & PINK_MAY_LOOK) != 0);
}

/* Nobody else is at work (who computes would have to share the CPU that it is on, or
 * move), and it is this one's turn. */
static bool
pays (PinkTask *task, PinkSlot *slot)
{
  return task->in_turn == slot &&
         ((task->n_turns >= TURNS && task->n_computing == 0) || task->engine->force_spin) &&
         task->launch != NULL && !task->engine->force_sleep &&
         !may_look (task, slot);
}

/* PTRACE_SYSCALL and its like. */
void
pink_narrow_resume (PinkTask *task, PinkSlot *slot, long request, int signal)
{
  bool narrowed = request == PTRACE_SYSCALL && signal == 0 && pays (task, slot) && pin (task) &&
                  narrow (task, slot->tid);

  set_computes (task, slot, !slot->in_syscall);
  PINK_SYS4 (SYS_ptrace, request, slot->tid, 0, signal);
  if (narrowed)
    pink_narrow_end (task);
}

/* In the keeper, too, when the task has been killed. */
void
pink_narrow_end (PinkTask *task)
{
  pid_t tid = atomic_load_explicit (&task->narrowed, memory_order_acquire);

  if (tid == 0)
    return;
  set_cpus (tid, task->tracee_cpus, task->tracee_cpus_size);
  atomic_store_explicit (&task->narrowed, 0, memory_order_release);
}
