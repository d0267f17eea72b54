/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A target of libFuzzer: register sets of every length, for every description. A set
 * lies in memory of just its size, so that AddressSanitizer sees the first byte too
 * many that is read or written. What is told about one that does not fit has to be
 * true, too: nothing of it is understood, and nothing changed.
 *
 * The input's first bytes are the seed of what lies in memory and of the values that
 * are put in; the others are the registers. An input that failed is tried again by
 * naming its file.
 */
#include <stdlib.h>
#include <string.h>

#include "pink-arch.h"

#define SEED_SIZE 8

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  uint64_t state;
} Random;

static uint64_t
next (Random *random)
{
  random->state ^= random->state << 13;
  random->state ^= random->state >> 7;
  random->state ^= random->state << 17;
  return random->state;
}

/* Mostly what a pointer leads to is there. */
static bool
read_memory (void *data, uint64_t address, void *buffer, size_t size)
{
  Random *random = data;
  uint64_t word = next (random);

  if (word % 5 == 0)
    return false;
  for (size_t i = 0; i < size; i++)
    ((unsigned char *) buffer)[i] = (unsigned char) (next (random) >> 32);
  return true;
}

static void
demand (bool holds)
{
  if (!holds)
    abort ();
}

static void
look_at_arguments (const PinkArch *arch, int row, PinkArchEntry *entry, Random *random)
{
  const PinkArchSyscall *call = pink_arch_syscall ((unsigned) row);

  for (unsigned arg = 0; arg < call->n_args; arg++)
    {
      pink_arch_arg_value (arch, call, arg, entry->args);
      pink_arch_arg_set (arch, call, arg, next (random), entry->args);
    }
}

static bool
decode (const PinkArch *arch, const void *regs, size_t size, Random *random)
{
  PinkArchEntry entry = { 0 };
  PinkArchExit result = { 0 };
  PinkArchUnfolded unfolded;
  uint64_t address;
  size_t length;
  bool fits = pink_arch_decode_exit (arch, regs, size, &result);
  int row;

  for (unsigned reg = 0; reg <= PINK_ARCH_N_REGS; reg++)
    if (pink_arch_arg_address (arch, regs, size, reg, &address, &length))
      demand (fits);
  if (!pink_arch_decode_entry (arch, regs, size, read_memory, random, &entry))
    {
      demand (!fits);
      return fits;
    }
  demand (fits);
  pink_arch_is_old_abi (arch, entry.number);
  pink_arch_errno_name (arch, (int) result.value);
  if (pink_arch_unfold (arch, &entry, read_memory, random, &unfolded))
    demand (pink_arch_syscall ((unsigned) unfolded.row) != NULL);
  row = pink_arch_syscall_index (arch, entry.number);
  if (row < 0) /* as nearly all numbers: then one of those that are */
    row = (int) (next (random) % pink_arch_n_syscalls ());
  look_at_arguments (arch, row, &entry, random);
  return fits;
}

/* One change, chosen by the input. Says whether it was made. */
static bool
encode (const PinkArch *arch, void *regs, const void *from, size_t size, Random *random)
{
  const uint64_t choice = next (random), value = next (random);
  uint64_t args[PINK_ARCH_N_REGS];

  switch (choice % 5)
    {
    case 0:
      return pink_arch_encode_number (arch, regs, size, pink_arch_raw_number (arch, value));
    case 1:
      return pink_arch_encode_result (arch, regs, size, (int64_t) value, choice & 0x100);
    case 2:
      return pink_arch_encode_arg (arch, regs, size, (unsigned) (choice >> 8) % 8, value);
    case 3:
      for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
        args[i] = next (random);
      return pink_arch_encode_again (arch, regs, size, value, next (random), args);
    default:
      pink_arch_copy_mark (arch, regs, from, size);
      return false;
    }
}

static void
one (PinkArchId id, const uint8_t *data, size_t size, Random *random)
{
  const PinkArch *arch = pink_arch_get (id);
  unsigned char *regs = malloc (size), *before = malloc (size);
  bool fits;

  if (size > 0)
    {
      memcpy (regs, data, size);
      memcpy (before, data, size);
    }
  pink_arch_from_regset (id, regs, size);
  if (arch != NULL)
    {
      fits = decode (arch, regs, size, random);
      for (unsigned i = 0; i < 4; i++)
        if (encode (arch, regs, before, size, random))
          demand (fits);
      demand (fits || size == 0 || memcmp (regs, before, size) == 0);
      demand (decode (arch, regs, size, random) == fits);
    }
  free (regs);
  free (before);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Random random = { 0 };

  if (size < SEED_SIZE)
    return 0;
  memcpy (&random.state, data, SEED_SIZE);
  random.state |= 1; /* of 0 it would never come away */
  data += SEED_SIZE;
  size -= SEED_SIZE;
  for (int id = 0; id <= PINK_ARCH_N_IDS; id++)
    {
      one ((PinkArchId) id, data, size, &random);
      /* What libFuzzer keeps has mostly the length of something: here are the others. */
      one ((PinkArchId) id, data, (size_t) (next (&random) % (size + 1)), &random);
    }
  return 0;
}
