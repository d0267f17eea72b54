/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A number that many count up at once, and that does not begin anew after four
 * thousand millions. Not one atomic word of 64 bits: for some 32-bit machines that is
 * a lock of libatomic's, which a task that is killed would leave locked.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define PINK_COUNT_TURN 0x80000000u

typedef struct
{
  atomic_uint low;   /* all bits but the highest are the number's; that one changes */
  atomic_uint turns; /* with each 2^31: so often */
} PinkCount;

static inline void
pink_count_one (PinkCount *count)
{
  unsigned low = atomic_fetch_add_explicit (&count->low, 1, memory_order_relaxed) + 1;

  if (low % PINK_COUNT_TURN == 0)
    atomic_fetch_add_explicit (&count->turns, 1, memory_order_release);
}

/* Where the two do not agree, a turn has yet to be counted, or never will be: by a task
 * that was killed in between. */
static inline uint64_t
pink_count_get (PinkCount *count)
{
  unsigned turns = atomic_load_explicit (&count->turns, memory_order_acquire);
  unsigned low = atomic_load_explicit (&count->low, memory_order_relaxed);

  turns += (turns ^ low / PINK_COUNT_TURN) & 1;
  return (uint64_t) turns * PINK_COUNT_TURN + low % PINK_COUNT_TURN;
}
