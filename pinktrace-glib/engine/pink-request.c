/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the main context wants done with a tracee besides letting it go on. Runs
 * in the tracer task; none waits for anything.
 */
#include "pink-engine-private.h"

#include <string.h>
#include <sys/ptrace.h>

static long
interrupt (PinkSlot *slot)
{
  slot->interrupting = true;
  /* Stopped with the main context, its going on will meet the flag. */
  return slot->with_main ? 0 : PINK_SYS4 (SYS_ptrace, PTRACE_INTERRUPT, slot->tid, 0, 0);
}

static long
detach (PinkTask *task, PinkSlot *slot, bool leave_stopped)
{
  long error;

  slot->detaching = true;
  slot->leave_stopped = leave_stopped;
  pink_inject_abort (slot);
  if (slot->with_main)
    return 0;
  error = PINK_SYS4 (SYS_ptrace, PTRACE_INTERRUPT, slot->tid, 0, 0);
  pink_ghost_look (task, slot);
  return error;
}

static long
poke (PinkSlot *slot, PinkRequest *request, long how)
{
  unsigned long word;

  memcpy (&word, request->data, sizeof word);
  return PINK_SYS4 (SYS_ptrace, how, slot->tid, request->argument, word);
}

static long
perform (PinkTask *task, PinkSlot *slot, PinkRequest *request)
{
  switch (request->kind)
    {
    case PINK_REQUEST_INTERRUPT:
      return interrupt (slot);
    case PINK_REQUEST_EVERY_CALL:
      pink_seccomp_every_call (task, slot);
      return 0;
    case PINK_REQUEST_DETACH:
      return detach (task, slot, request->argument != 0);
    case PINK_REQUEST_GETREGSET:
      return pink_regset (slot, PTRACE_GETREGSET, request->argument, request->data, &request->size);
    case PINK_REQUEST_SETREGSET:
      return pink_regset (slot, PTRACE_SETREGSET, request->argument, request->data, &request->size);
    case PINK_REQUEST_GETSIGINFO:
      return PINK_SYS4 (SYS_ptrace, PTRACE_GETSIGINFO, slot->tid, 0, request->data);
    case PINK_REQUEST_SETSIGINFO:
      return PINK_SYS4 (SYS_ptrace, PTRACE_SETSIGINFO, slot->tid, 0, request->data);
    /* The raw request writes the word through its fourth argument. */
    case PINK_REQUEST_PEEKUSER:
      return PINK_SYS4 (SYS_ptrace, PTRACE_PEEKUSER, slot->tid, request->argument, request->data);
    case PINK_REQUEST_PEEKDATA:
      return PINK_SYS4 (SYS_ptrace, PTRACE_PEEKDATA, slot->tid, request->argument, request->data);
    case PINK_REQUEST_POKEUSER:
      return poke (slot, request, PTRACE_POKEUSER);
    case PINK_REQUEST_POKEDATA:
      return poke (slot, request, PTRACE_POKEDATA);
    case PINK_REQUEST_READ:
      return pink_reach_read (task, slot, request->argument, request->data, request->size);
    case PINK_REQUEST_WRITE:
      return pink_reach_write (task, slot, request->argument, request->data, request->size);
    case PINK_REQUEST_INJECT:
      return pink_inject_call (task, slot, request->data);
    case PINK_REQUEST_ABORT:
      pink_inject_abort (slot);
      return 0;
    default:
      return -EINVAL;
    }
}

void
pink_request_serve (PinkTask *task, PinkRequest *request)
{
  PinkSlot *slot = request->slot;

  request->result = pink_slot_has_ended (slot) ? -ESRCH : perform (task, slot, request);
  /* The request is on the caller's stack: not touched once it is done. */
  atomic_store_explicit (&request->done, 1, memory_order_release);
  pink_futex_wake (&request->done);
}
