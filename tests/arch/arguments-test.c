/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: how arguments lie in registers.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"
#include "odd-archs.h"

static const PinkArchSyscall *
call_of (PinkArchId id, const char *name)
{
  int row = pink_arch_table_index (id, (uint64_t) pink_arch_table_named (id, name));

  g_assert_cmpint (row, >=, 0);
  return pink_arch_syscall ((unsigned) row);
}

static const PinkArchSyscall straddling = {
  .name = "straddling",
  .n_args = 6,
  .args = {
    { "a", PINK_ARG_INT, -1 }, { "b", PINK_ARG_INT, -1 },
    { "c", PINK_ARG_INT, -1 }, { "d", PINK_ARG_INT, -1 },
    { "e", PINK_ARG_INT, -1 }, { "f", PINK_ARG_LLONG, -1 },
  },
};

static void
test_arg_registers (void)
{
  const PinkArch *x86_64 = pink_arch_get (PINK_ARCH_X86_64);
  const PinkArch *x32 = pink_arch_get (PINK_ARCH_X32);
  const PinkArch *i386 = pink_arch_get (PINK_ARCH_I386);
  const struct
  {
    const PinkArch *arch;
    PinkArchId      table;
    const char     *name;
    int             regs[PINK_ARCH_N_REGS];
  } cases[] = {
    { x86_64, PINK_ARCH_X86_64, "pread64", { 0, 1, 2, 3, -1, -1 } },
    { x32, PINK_ARCH_X32, "pread64", { 0, 1, 2, 3, -1, -1 } },
    { i386, PINK_ARCH_I386, "pread64", { 0, 1, 2, 3, -1, -1 } },
    { i386, PINK_ARCH_I386, "readahead", { 0, 1, 3, -1, -1, -1 } },
    { i386, PINK_ARCH_I386, "fallocate", { 0, 1, 2, 4, -1, -1 } },
    { i386, PINK_ARCH_I386, "sync_file_range", { 0, 1, 3, 5, -1, -1 } },
    { i386, PINK_ARCH_I386, "fanotify_mark", { 0, 1, 2, 4, 5, -1 } },
    { &apart_arch, PINK_ARCH_ARM, "pread64", { 0, 1, 2, 4, -1, -1 } },
    { &apart_arch, PINK_ARCH_ARM, "readahead", { 0, 2, 4, -1, -1, -1 } },
    { &apart_arch, PINK_ARCH_ARM, "truncate64", { 0, 2, -1, -1, -1, -1 } },
    { &apart_arch, PINK_ARCH_ARM, "fadvise64_64", { 0, 1, 2, 4, -1, -1 } },
    { &apart_arch, PINK_ARCH_ARM, "sync_file_range2", { 0, 1, 2, 4, -1, -1 } },
    { &two_conventions_arch, PINK_ARCH_POWERPC, "fadvise64", { 0, 2, 4, 5, -1, -1 } },
    /* Seven slots: the last is beyond what is decoded. */
    { &stack_arch, PINK_ARCH_MIPS_O32, "sync_file_range", { 0, 2, 4, -1, -1, -1 } },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    for (unsigned arg = 0; arg < PINK_ARCH_N_REGS; arg++)
      g_assert_cmpint (pink_arch_arg_register (cases[i].arch,
                                               call_of (cases[i].table, cases[i].name), arg),
                       ==, cases[i].regs[arg]);
  g_assert_cmpint (pink_arch_arg_register (x86_64, call_of (PINK_ARCH_X86_64, "read"), G_MAXUINT),
                   ==, -1);

  /* Half of a pair would be left outside. */
  g_assert_cmpint (pink_arch_arg_register (i386, &straddling, 5), ==, -1);
  g_assert_cmpint (pink_arch_arg_register (x86_64, &straddling, 5), ==, 5);
}

static void
test_arg_values (void)
{
  const PinkArch *x86_64 = pink_arch_get (PINK_ARCH_X86_64);
  const PinkArch *x32 = pink_arch_get (PINK_ARCH_X32);
  const PinkArch *i386 = pink_arch_get (PINK_ARCH_I386);
  const PinkArchSyscall *openat = call_of (PINK_ARCH_X86_64, "openat");
  const PinkArchSyscall *chown = call_of (PINK_ARCH_X86_64, "chown");
  const PinkArchSyscall *lseek = call_of (PINK_ARCH_X86_64, "lseek");
  const uint64_t noisy[6] = { G_GUINT64_CONSTANT (0xabcdef01ffffff9c), G_GUINT64_CONSTANT (0x7fff00001000),
                              G_GUINT64_CONSTANT (0x1234567880000000), G_GUINT64_CONSTANT (0xffffffff000001ff) };
  const uint64_t zero_extended[6] = { 0xffffff9c, 0x804a000, 0x80000000 };
  const uint64_t minus_one[6] = { 0x1000, 0xffffffff, 0xffffffff };
  const uint64_t offset[6] = { 3, 0xfffffffe, 0 };
  const uint64_t pairs[6] = { 3, 0x1000, 16, 0x00000001, 0x00000002, 0x00000003 };
  const uint64_t negative[6] = { 3, 0x1000, 16, 0xffffffff, 0xffffffff, 0xffffffff };

  /* AT_FDCWD zero-extended, and with noise above. */
  g_assert_cmpint (pink_arch_arg_value (x86_64, openat, 0, noisy), ==, -100);
  g_assert_cmpint (pink_arch_arg_value (x86_64, openat, 0, zero_extended), ==, -100);
  g_assert_cmpint (pink_arch_arg_value (i386, openat, 0, zero_extended), ==, -100);
  g_assert_cmpint (pink_arch_arg_value (x86_64, openat, 1, noisy), ==, G_GINT64_CONSTANT (0x7fff00001000));
  g_assert_cmpint (pink_arch_arg_value (x86_64, openat, 2, noisy), ==, 0x80000000);
  g_assert_cmpint (pink_arch_arg_value (x86_64, openat, 3, noisy), ==, 0777);
  g_assert_cmpint (pink_arch_arg_value (x86_64, openat, 4, noisy), ==, 0);

  g_assert_cmpint (pink_arch_arg_value (x86_64, chown, 1, minus_one), ==, 0xffffffff);

  /* A long is as wide as the ABI's register. */
  g_assert_cmpint (pink_arch_arg_value (x86_64, lseek, 1, offset), ==, 0xfffffffe);
  g_assert_cmpint (pink_arch_arg_value (x32, lseek, 1, offset), ==, 0xfffffffe);
  g_assert_cmpint (pink_arch_arg_value (i386, lseek, 1, offset), ==, -2);

  g_assert_cmpint (pink_arch_arg_value (i386, call_of (PINK_ARCH_I386, "pread64"), 3, pairs),
                   ==, G_GINT64_CONSTANT (0x200000001));
  g_assert_cmpint (pink_arch_arg_value (i386, call_of (PINK_ARCH_I386, "pread64"), 3, negative),
                   ==, -1);
  g_assert_cmpint (pink_arch_arg_value (x86_64, call_of (PINK_ARCH_X86_64, "pread64"), 3, pairs),
                   ==, 1);
  g_assert_cmpint (pink_arch_arg_value (&apart_arch, call_of (PINK_ARCH_ARM, "pread64"), 3, pairs),
                   ==, G_GINT64_CONSTANT (0x300000002));
  /* Big-endian: the high word first. */
  g_assert_cmpint (pink_arch_arg_value (&two_conventions_arch, call_of (PINK_ARCH_POWERPC, "pread64"),
                                        3, pairs),
                   ==, G_GINT64_CONSTANT (0x200000003));
  /* What does not fit reads nothing past the end. */
  g_assert_cmpint (pink_arch_arg_value (&stack_arch, call_of (PINK_ARCH_MIPS_O32, "sync_file_range"),
                                        3, negative), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arch/arguments/registers", test_arg_registers);
  g_test_add_func ("/arch/arguments/values", test_arg_values);

  return g_test_run ();
}
