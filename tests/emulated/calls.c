/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A program that makes calls whose structures, flags and numbers depend on the ABI, for
 * recorder.c and strace to look at. Built for every ABI, static. What the calls answer
 * is of no interest: one that fails because a small kernel has not got it is as good.
 */
#include "calls.h"

char arena[ARENA_SIZE] __attribute__ ((aligned (4096)));
static size_t used;

void
clear (void)
{
  memset (arena, 0, sizeof arena);
  used = 0;
}

void *
room (size_t size)
{
  char *place = arena + used;

  used += (size + 15) & ~(size_t) 15;
  if (used > sizeof arena)
    _exit (1);
  return place;
}

void *
bytes (const void *from, size_t size)
{
  return memcpy (room (size), from, size);
}

char *
text (const char *words)
{
  return bytes (words, strlen (words) + 1);
}

void
mark (void)
{
  syscall (__NR_dup3, MARK_CALL, arena, ARENA_SIZE);
}

void
set_bit (unsigned long *words, unsigned bit)
{
  const unsigned width = 8 * sizeof *words;

  words[bit / width] |= 1ul << (bit % width);
}

struct old_timespec *
timespec (long sec, long nsec)
{
  const struct old_timespec value = { sec, nsec };

  return bytes (&value, sizeof value);
}

int
main (void)
{
  call_files ();
  call_terminals ();
  call_memory ();
  call_signals ();
  call_times ();
  call_waiting ();
  call_processes ();
  call_network ();
  return 0;
}
