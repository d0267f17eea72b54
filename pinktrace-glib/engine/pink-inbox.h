/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A list that many push to and one takes whole: the hand-over between the
 * tracer tasks and the main context, in both directions.
 *
 * A pusher may be killed at any instruction: a node is in the list or it is
 * not, and nobody ever waits for anybody.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum
{
  PINK_MSG_ADDED,     /* a tracee has been born; owner: its PinkSlot */
  PINK_MSG_STOP,      /* a tracee waits for an answer; owner: its PinkSlot */
  PINK_MSG_RECORDS,   /* there is something to be drained; owner: the PinkTask */
  PINK_MSG_HURRY,     /* a lot; likewise */
  PINK_MSG_INJECTED,  /* a call of ours has been made; owner: the tracee's PinkSlot */
  PINK_MSG_END,       /* a tracee has ended; owner: its PinkSlot */
  PINK_MSG_TASK_ENDED, /* the last message of a task; owner: the PinkTask */
  PINK_MSG_ANSWER,    /* main context → task; owner: the PinkSlot */
  PINK_MSG_RELEASE,   /* likewise: it has ended, and its slot may be used again */
  PINK_MSG_REQUEST    /* main context → task; owner: the PinkRequest */
} PinkMsgKind;

typedef struct _PinkMsg
{
  struct _PinkMsg *next;
  void            *owner;
  PinkMsgKind      kind;
  size_t           mark;  /* task → main context: what its ring had been given before */
} PinkMsg;

typedef struct
{
  _Atomic (PinkMsg *) head;
} PinkInbox;

/* True when the list was empty: the pusher then has to ring. */
static inline bool
pink_inbox_push (PinkInbox *inbox, PinkMsg *msg)
{
  PinkMsg *head = atomic_load_explicit (&inbox->head, memory_order_relaxed);

  do
    msg->next = head;
  while (!atomic_compare_exchange_weak_explicit (&inbox->head, &head, msg,
                                                 memory_order_release, memory_order_relaxed));
  return head == NULL;
}

/* Everything pushed so far, oldest first. */
static inline PinkMsg *
pink_inbox_take (PinkInbox *inbox)
{
  PinkMsg *msg = atomic_exchange_explicit (&inbox->head, NULL, memory_order_acquire);
  PinkMsg *oldest_first = NULL;

  while (msg != NULL)
    {
      PinkMsg *next = msg->next;

      msg->next = oldest_first;
      oldest_first = msg;
      msg = next;
    }
  return oldest_first;
}

static inline bool
pink_inbox_is_empty (PinkInbox *inbox)
{
  return atomic_load_explicit (&inbox->head, memory_order_relaxed) == NULL;
}
