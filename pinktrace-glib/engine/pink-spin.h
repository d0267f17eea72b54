/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Looking for a moment before one sleeps: to wake a task on an idle CPU is dear
 * (20 microseconds and more on a virtual one), and in a trace the next message is
 * mostly a few microseconds away. One of these stands beside each PinkInbox, and
 * is the taker's, but for "awake".
 *
 * It stops by itself where it does not pay: where the other side takes longer, or
 * where somebody else wants the CPU. It then rests, longer each time.
 */
#pragma once

#include "pink-inbox.h"

typedef struct
{
  atomic_bool awake;      /* the taker looks again before it sleeps: no need to ring */
  bool        never;
  bool        always;
  int         trust;      /* below 0: rest */
  unsigned    rest;       /* so often it is not tried */
  unsigned    next_rest;
} PinkSpin;

/* From here on it spins only if it may run on more than one CPU. */
void pink_spin_init (PinkSpin *spin);
/* Looks for a message for a moment. True if there is one. */
bool pink_spin_look (PinkSpin *spin, PinkInbox *inbox);

static inline void
pink_spin_wake (PinkSpin *spin)
{
  atomic_store_explicit (&spin->awake, true, memory_order_relaxed);
}

/* Before sleeping. False if there is a message after all; then no sleep. */
static inline bool
pink_spin_may_sleep (PinkSpin *spin, PinkInbox *inbox)
{
  /* Either the pusher sees this, or we see what was pushed. */
  atomic_store_explicit (&spin->awake, false, memory_order_seq_cst);
  return atomic_load_explicit (&inbox->head, memory_order_seq_cst) == NULL;
}

/* True if the taker has to be woken. */
static inline bool
pink_spin_push (PinkSpin *spin, PinkInbox *inbox, PinkMsg *msg)
{
  return pink_inbox_push (inbox, msg) && !atomic_load_explicit (&spin->awake, memory_order_seq_cst);
}
