/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A task's tracees by thread id. The task maps memory for them by itself, with
 * a raw system call: nobody else's lock is in the way.
 */
#include "pink-engine-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_SIZE (64 * 1024)

struct _PinkChunk
{
  PinkChunk *next;
  size_t     n_made; /* the others have not been touched: memory and time of nobody */
  PinkSlot   slots[];
};

#define SLOTS_IN_CHUNK ((CHUNK_SIZE - sizeof (PinkChunk)) / sizeof (PinkSlot))

static PinkSlot **
bucket (PinkTask *task, pid_t tid)
{
  return &task->buckets[(unsigned) tid % PINK_TASK_BUCKETS];
}

static bool
add_chunk (PinkTask *task)
{
  long address = pink_host_map (CHUNK_SIZE);
  PinkChunk *chunk;

  if (address < 0 && address > -4096)
    return false;
  chunk = (PinkChunk *) address;
  chunk->next = task->chunks;
  task->chunks = chunk;
  return true;
}

static PinkSlot *
make_slot (PinkTask *task)
{
  PinkSlot *slot;

  if ((task->chunks == NULL || task->chunks->n_made == SLOTS_IN_CHUNK) && !add_chunk (task))
    return NULL;
  slot = &task->chunks->slots[task->chunks->n_made++];
  slot->task = task;
  slot->added_msg = (PinkMsg) { .owner = slot, .kind = PINK_MSG_ADDED };
  slot->stop_msg = (PinkMsg) { .owner = slot, .kind = PINK_MSG_STOP };
  slot->end_msg = (PinkMsg) { .owner = slot, .kind = PINK_MSG_END };
  slot->answer_msg = (PinkMsg) { .owner = slot, .kind = PINK_MSG_ANSWER };
  slot->injected_msg = (PinkMsg) { .owner = slot, .kind = PINK_MSG_INJECTED };
  slot->release_msg = (PinkMsg) { .owner = slot, .kind = PINK_MSG_RELEASE };
  return slot;
}

/* NULL when there is no memory. */
PinkSlot *
pink_slots_add (PinkTask *task, pid_t tid)
{
  PinkSlot *slot = task->free_slots;

  if (slot != NULL)
    task->free_slots = slot->next;
  else
    slot = make_slot (task);
  if (slot == NULL)
    return NULL;

  task->n_slots_ever++;
  slot->tid = tid;
  slot->born_tid = tid;
  slot->tgid = tid;
  slot->parent = NULL;
  slot->superseder = 0;
  slot->birth = PINK_BIRTH_SPAWN;
  slot->phase = PINK_PHASE_EXPECTED;
  slot->mode = PINK_MODE_SYSCALL;
  slot->mem_fd = -1;
  slot->in_syscall = false;
  slot->refused = false;
  slot->settling = false;
  slot->answer.changes = (PinkChanges) { 0 };
  slot->has_placed = false;
  slot->knows_call = false;
  slot->every_call = false;
  slot->seccomp_due = false;
  slot->inject.stage = PINK_INJECT_NONE;
  memset (slot->rule_turns, 0, sizeof slot->rule_turns);
  slot->rules_generation = 0;
  slot->delay_exit_ns = 0;
  slot->after_delay = NULL;
  slot->has_made = false;
  slot->recorded = false;
  slot->record_waits = 0;
  slot->with_main = false;
  slot->in_group_stop = false;
  slot->interrupting = false;
  slot->detaching = false;
  slot->detached = false;
  slot->deferred = 0;
  slot->owed_stop = 0;
  slot->cpu_at_entry_us = -1;
  slot->stop.row = -1;
  slot->stop.arch = NULL;
  atomic_store_explicit (&slot->ended, false, memory_order_relaxed);
  pink_slots_hash (task, slot, tid);
  return slot;
}

PinkSlot *
pink_slots_find (PinkTask *task, pid_t tid)
{
  PinkSlot *slot = *bucket (task, tid);

  while (slot != NULL && slot->tid != tid)
    slot = slot->next;
  return slot;
}

void
pink_slots_hash (PinkTask *task, PinkSlot *slot, pid_t tid)
{
  PinkSlot **head = bucket (task, tid);

  slot->tid = tid;
  slot->next = *head;
  *head = slot;
}

void
pink_slots_unhash (PinkTask *task, PinkSlot *slot)
{
  PinkSlot **link = bucket (task, slot->tid);

  while (*link != slot)
    link = &(*link)->next;
  *link = slot->next;
}

/* After the main context has said that it has no more use for it. */
void
pink_slots_free (PinkTask *task, PinkSlot *slot)
{
  slot->next = task->free_slots;
  task->free_slots = slot;
}

void
pink_slots_for_each_alive (PinkTask *task, void (*func) (PinkTask *task, PinkSlot *slot))
{
  for (unsigned i = 0; i < PINK_TASK_BUCKETS; i++)
    for (PinkSlot *slot = task->buckets[i], *next; slot != NULL; slot = next)
      {
        next = slot->next;
        func (task, slot);
      }
}

/* ---- not the task: once it has ended ---- */

void
pink_slots_for_each_known (PinkTask *task, void (*func) (PinkSlot *slot, void *data), void *data)
{
  for (PinkChunk *chunk = task->chunks; chunk != NULL; chunk = chunk->next)
    for (size_t i = 0; i < chunk->n_made; i++)
      if (chunk->slots[i].user != NULL)
        func (&chunk->slots[i], data);
}

void
pink_slots_unmap (PinkTask *task)
{
  while (task->chunks != NULL)
    {
      PinkChunk *chunk = task->chunks;

      task->chunks = chunk->next;
      for (size_t i = 0; i < chunk->n_made; i++)
        {
          free (chunk->slots[i].injection);
          free (chunk->slots[i].blob);
        }
      munmap (chunk, CHUNK_SIZE);
    }
}
