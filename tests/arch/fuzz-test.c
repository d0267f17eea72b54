/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Random register sets of every length, for every description: nothing is read or
 * written beyond them. Each lies in memory of just its size, so that AddressSanitizer
 * ("./dev test --long=asan") and valgrind see the first byte too many.
 *
 * In the environment: PINK_FUZZ_SECONDS, how long; 2 by default.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"

static bool
read_random (void *data, uint64_t address, void *buffer, size_t size)
{
  GRand *rand = data;

  if (g_rand_int_range (rand, 0, 4) == 0)
    return false;
  for (size_t i = 0; i < size; i++)
    ((unsigned char *) buffer)[i] = (unsigned char) g_rand_int (rand);
  return true;
}

static void
decode (const PinkArch *arch, const void *regs, size_t size, GRand *rand)
{
  PinkArchEntry entry = { 0 };
  PinkArchExit result = { 0 };
  PinkArchUnfolded unfolded;
  int row;

  pink_arch_decode_exit (arch, regs, size, &result);
  if (!pink_arch_decode_entry (arch, regs, size, read_random, rand, &entry))
    return;
  pink_arch_unfold (arch, &entry, read_random, rand, &unfolded);
  if (g_rand_boolean (rand))
    entry.number = (uint64_t) g_rand_int_range (rand, 0, 6500);
  row = pink_arch_syscall_index (arch, entry.number);
  if (row >= 0)
    for (unsigned arg = 0; arg < PINK_ARCH_N_REGS; arg++)
      if (arg < pink_arch_syscall ((unsigned) row)->n_args)
        pink_arch_arg_value (arch, pink_arch_syscall ((unsigned) row), arg, entry.args);
}

static void
encode (const PinkArch *arch, void *regs, size_t size, GRand *rand)
{
  const uint64_t value = (uint64_t) g_rand_int (rand) << 32 | g_rand_int (rand);
  uint64_t address;
  size_t length;

  pink_arch_encode_number (arch, regs, size, value);
  pink_arch_encode_result (arch, regs, size, (int64_t) value, g_rand_boolean (rand));
  for (unsigned reg = 0; reg < PINK_ARCH_N_REGS; reg++)
    {
      pink_arch_encode_arg (arch, regs, size, reg, value);
      pink_arch_arg_address (arch, regs, size, reg, &address, &length);
    }
}

static void
one_size (size_t size, GRand *rand)
{
  g_autofree unsigned char *regs = g_malloc (size);

  for (size_t i = 0; i < size; i++)
    regs[i] = (unsigned char) (g_rand_int_range (rand, 0, 3) == 0 ? 0 : g_rand_int (rand));
  for (int id = 0; id <= PINK_ARCH_N_IDS; id++)
    {
      const PinkArch *arch = pink_arch_get ((PinkArchId) id);

      pink_arch_from_regset ((PinkArchId) id, regs, size);
      if (arch == NULL)
        continue;
      decode (arch, regs, size, rand);
      encode (arch, regs, size, rand);
      decode (arch, regs, size, rand);
    }
}

static void
test_random (void)
{
  const char *seconds = g_getenv ("PINK_FUZZ_SECONDS");
  const double bound = seconds != NULL ? g_ascii_strtod (seconds, NULL) : 2;
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  unsigned rounds = 0;

  g_test_timer_start ();
  do
    {
      for (size_t size = 1; size <= PINK_ARCH_MAX_REGSET + 8; size++)
        one_size (size, rand);
      rounds++;
    }
  while (g_test_timer_elapsed () < bound);
  g_test_message ("%u rounds over all lengths", rounds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arch/fuzz/random", test_random);
  return g_test_run ();
}
