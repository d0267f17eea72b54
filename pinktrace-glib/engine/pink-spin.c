/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * See pink-spin.h. Runs in the tracer task and in the main context: no libc here
 * but the vDSO's clock_gettime.
 */
#include "pink-engine-private.h"

/* A round over to the other side and back takes 5 to 15 microseconds, and where the
 * other side has gone to sleep 50. */
#define LOOK_NS 50000
/* Between two looks at the clock there are 2 at most. */
#define PREEMPTED_NS 200000
#define PAUSES  16

#define FIRST_TRUST 8
#define FULL_TRUST  32
#define MISTRUST   2      /* a failure costs so many successes */
#define SHORTEST_REST 16
#define LONGEST_REST  1024

void
pink_spin_init (PinkSpin *spin)
{
  unsigned long cpus[PINK_CPU_WORDS];
  unsigned n = 0;
  long size = PINK_SYS3 (SYS_sched_getaffinity, 0, sizeof cpus, cpus);

  for (long i = 0; i < size / (long) sizeof cpus[0]; i++)
    n += (unsigned) __builtin_popcountl (cpus[i]);
  spin->never = n == 1;
  spin->trust = FIRST_TRUST;
  spin->next_rest = SHORTEST_REST;
}

static void
take_rest (PinkSpin *spin)
{
  spin->rest = spin->next_rest;
  spin->next_rest = spin->next_rest < LONGEST_REST ? 2 * spin->next_rest : LONGEST_REST;
  spin->trust = FIRST_TRUST;
}

static void
succeed (PinkSpin *spin)
{
  if (spin->trust < FULL_TRUST)
    spin->trust++;
  else
    spin->next_rest = SHORTEST_REST;
}

/* Preempted: somebody else wants this CPU. To spin keeps it from him, and whoever
 * is preempted while he spins comes back later than who has slept. */
static void
fail (PinkSpin *spin, bool preempted)
{
  spin->trust -= preempted ? FULL_TRUST : MISTRUST;
  if (spin->trust < 0 && !spin->always)
    take_rest (spin);
}

bool
pink_spin_look (PinkSpin *spin, PinkInbox *inbox)
{
  int64_t begin, last, now;

  if (spin->never || spin->rest > 0)
    {
      spin->rest -= spin->rest > 0;
      return !pink_inbox_is_empty (inbox);
    }
  begin = now = pink_now_ns (CLOCK_MONOTONIC);
  do
    {
      for (int i = 0; i < PAUSES; i++)
        {
          if (!pink_inbox_is_empty (inbox))
            {
              succeed (spin);
              return true;
            }
          pink_host_pause ();
        }
      last = now;
      now = pink_now_ns (CLOCK_MONOTONIC);
    }
  while (now - begin < LOOK_NS);
  fail (spin, now - last > PREEMPTED_NS);
  return false;
}
