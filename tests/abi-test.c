/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is known of every ABI, on every machine; no process is traced here.
 */
#include "pink-test-util.h"

#include <elf.h>
#include <linux/audit.h>
#include <string.h>

#ifndef AUDIT_ARCH_LOONGARCH64
# define AUDIT_ARCH_LOONGARCH64 (258 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

static const struct
{
  PinkAbi     abi;
  const char *name;
  guint       word_size;
  gboolean    big_endian;
  guint32     audit_arch;
  guint       elf_machine;
  const char *column; /* of numbers.csv */
} abis[] = {
  { PINK_ABI_X86_64, "x86_64", 8, FALSE, AUDIT_ARCH_X86_64, EM_X86_64, "x86_64" },
  { PINK_ABI_I386, "i386", 4, FALSE, AUDIT_ARCH_I386, EM_386, "i386" },
  { PINK_ABI_X32, "x32", 4, FALSE, AUDIT_ARCH_X86_64, EM_X86_64, "x32" },
  { PINK_ABI_AARCH64, "aarch64", 8, FALSE, AUDIT_ARCH_AARCH64, EM_AARCH64, "aarch64" },
  { PINK_ABI_ARM, "arm", 4, FALSE, AUDIT_ARCH_ARM, EM_ARM, "arm" },
  { PINK_ABI_POWERPC, "powerpc", 4, TRUE, AUDIT_ARCH_PPC, EM_PPC, "powerpc" },
  { PINK_ABI_POWERPC64, "powerpc64", 8, TRUE, AUDIT_ARCH_PPC64, EM_PPC64, "powerpc64" },
  { PINK_ABI_POWERPC64LE, "powerpc64le", 8, FALSE, AUDIT_ARCH_PPC64LE, EM_PPC64, "powerpc64" },
  { PINK_ABI_IA64, "ia64", 8, FALSE, AUDIT_ARCH_IA64, EM_IA_64, "ia64" },
  { PINK_ABI_RISCV64, "riscv64", 8, FALSE, AUDIT_ARCH_RISCV64, EM_RISCV, "riscv64" },
  { PINK_ABI_S390X, "s390x", 8, TRUE, AUDIT_ARCH_S390X, EM_S390, "s390x" },
  { PINK_ABI_S390, "s390", 4, TRUE, AUDIT_ARCH_S390, EM_S390, "s390" },
  { PINK_ABI_MIPS_O32, "mips_o32", 4, TRUE, AUDIT_ARCH_MIPS, EM_MIPS, "mips_o32" },
  { PINK_ABI_MIPS_N32, "mips_n32", 4, TRUE, AUDIT_ARCH_MIPS64N32, EM_MIPS, "mips_n32" },
  { PINK_ABI_MIPS_N64, "mips_n64", 8, TRUE, AUDIT_ARCH_MIPS64, EM_MIPS, "mips_n64" },
  { PINK_ABI_MIPSEL_O32, "mipsel_o32", 4, FALSE, AUDIT_ARCH_MIPSEL, EM_MIPS, "mips_o32" },
  { PINK_ABI_MIPSEL_N32, "mipsel_n32", 4, FALSE, AUDIT_ARCH_MIPSEL64N32, EM_MIPS, "mips_n32" },
  { PINK_ABI_MIPSEL_N64, "mipsel_n64", 8, FALSE, AUDIT_ARCH_MIPSEL64, EM_MIPS, "mips_n64" },
  { PINK_ABI_LOONGARCH64, "loongarch64", 8, FALSE, AUDIT_ARCH_LOONGARCH64, 258, "loongarch64" },
};

static void
test_properties (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (abis); i++)
    {
      PinkAbi abi = abis[i].abi;

      g_test_message ("%s", abis[i].name);
      g_assert_cmpstr (pink_abi_get_name (abi), ==, abis[i].name);
      g_assert_cmpint (pink_abi_from_name (abis[i].name), ==, abi);
      g_assert_cmpuint (pink_abi_get_word_size (abi), ==, abis[i].word_size);
      g_assert_cmpint (pink_abi_is_big_endian (abi), ==, abis[i].big_endian);
      g_assert_cmphex (pink_abi_get_audit_arch (abi), ==, abis[i].audit_arch);
      g_assert_cmpuint (pink_abi_get_elf_machine (abi), ==, abis[i].elf_machine);
    }
  g_assert_cmpuint (G_N_ELEMENTS (abis), ==, PINK_ABI_LOONGARCH64);
}

static void
test_none (void)
{
  const PinkAbi none[] = { PINK_ABI_UNKNOWN, (PinkAbi) (PINK_ABI_LOONGARCH64 + 1), (PinkAbi) -1 };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_assert_null (pink_abi_get_name (none[i]));
      g_assert_cmpuint (pink_abi_get_word_size (none[i]), ==, 0);
      g_assert_false (pink_abi_is_big_endian (none[i]));
      g_assert_cmpuint (pink_abi_get_audit_arch (none[i]), ==, 0);
      g_assert_cmpuint (pink_abi_get_elf_machine (none[i]), ==, 0);
      g_assert_null (pink_abi_errno_name (none[i], 2));
      g_assert_cmpint (pink_abi_errno_from_name (none[i], "ENOENT"), ==, -1);
      g_assert_null (pink_abi_signal_name (none[i], 9));
      g_assert_cmpint (pink_abi_signal_from_name (none[i], "SIGKILL"), ==, -1);
      g_assert_null (pink_syscall_info_first (none[i]));
      g_assert_null (pink_syscall_info_lookup (none[i], 0));
    }
  g_assert_cmpint (pink_abi_from_name (""), ==, PINK_ABI_UNKNOWN);
  g_assert_cmpint (pink_abi_from_name ("x86"), ==, PINK_ABI_UNKNOWN);
}

static void
test_native (void)
{
  PinkAbi abi = pink_abi_get_native ();

  g_assert_cmpint (abi, !=, PINK_ABI_UNKNOWN);
  g_assert_cmpuint (pink_abi_get_word_size (abi), ==, sizeof (void *));
  g_assert_cmpint (pink_abi_is_big_endian (abi), ==, G_BYTE_ORDER == G_BIG_ENDIAN);
}

static void
test_errnos_and_signals (void)
{
  g_assert_cmpint (pink_abi_errno_from_name (PINK_ABI_X86_64, "ENOSYS"), ==, 38);
  g_assert_cmpint (pink_abi_errno_from_name (PINK_ABI_MIPS_O32, "ENOSYS"), ==, 89);
  g_assert_cmpint (pink_abi_errno_from_name (PINK_ABI_POWERPC64, "EDEADLOCK"), ==, 58);
  g_assert_cmpint (pink_abi_errno_from_name (PINK_ABI_X86_64, "EDEADLOCK"), ==, 35);
  g_assert_cmpstr (pink_abi_errno_name (PINK_ABI_MIPS_N64, 89), ==, "ENOSYS");
  g_assert_cmpstr (pink_abi_errno_name (PINK_ABI_AARCH64, 38), ==, "ENOSYS");
  g_assert_null (pink_abi_errno_name (PINK_ABI_AARCH64, 0));
  g_assert_cmpint (pink_abi_errno_from_name (PINK_ABI_AARCH64, "ENONE"), ==, -1);
  g_assert_cmpint (pink_abi_signal_from_name (PINK_ABI_X86_64, "SIGCHLD"), ==, 17);
  g_assert_cmpint (pink_abi_signal_from_name (PINK_ABI_MIPSEL_N64, "SIGCHLD"), ==, 18);
  g_assert_cmpstr (pink_abi_signal_name (PINK_ABI_MIPSEL_N64, 18), ==, "SIGCHLD");
  g_assert_cmpstr (pink_abi_signal_name (PINK_ABI_S390X, 17), ==, "SIGCHLD");
  g_assert_null (pink_abi_signal_name (PINK_ABI_S390X, 0));
}

/* ---- numbers, as they were collected apart from the library's table ---- */

static char **
read_numbers (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "arch", "numbers.csv", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  g_auto (GStrv) lines = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '#' && **line != '\0')
      g_ptr_array_add (rows, g_strdup (*line));
  g_ptr_array_add (rows, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&rows), FALSE);
}

static int
column_of (char       **header,
           const char  *name)
{
  for (int i = 0; header[i] != NULL; i++)
    if (g_str_equal (header[i], name))
      return i;
  g_assert_not_reached ();
}

/* Every row of one ABI, both ways; returns how many have a number. */
static guint
compare_rows (PinkAbi   abi,
              char    **rows,
              int       column)
{
  guint n = 0;

  for (char **row = rows + 1; *row != NULL; row++)
    {
      g_auto (GStrv) fields = g_strsplit (*row, ",", -1);
      const char *number = fields[column];

      if (*number == '\0')
        {
          g_assert_cmpint (pink_syscall_from_name (abi, fields[0]), ==, -1);
          continue;
        }
      n++;
      g_assert_cmpstr (pink_syscall_name (abi, g_ascii_strtoull (number, NULL, 0)), ==, fields[0]);
      g_assert_cmpint (pink_syscall_from_name (abi, fields[0]), ==, g_ascii_strtoll (number, NULL, 0));
    }
  return n;
}

/* How many calls a walk over an ABI comes by. */
static guint
count_calls (PinkAbi abi)
{
  PinkSyscallInfo *info = pink_syscall_info_first (abi);
  guint n = 0;

  while (info != NULL)
    {
      PinkSyscallInfo *next = pink_syscall_info_next (info);

      n++;
      pink_syscall_info_free (info);
      info = next;
    }
  return n;
}

static void
test_numbers (void)
{
  g_auto (GStrv) rows = read_numbers ();
  g_auto (GStrv) header = g_strsplit (rows[0], ",", -1);

  g_assert_cmpuint (g_strv_length (rows), >, 500);
  for (guint i = 0; i < G_N_ELEMENTS (abis); i++)
    {
      guint n = compare_rows (abis[i].abi, rows, column_of (header, abis[i].column));

      g_test_message ("%s: %u numbers", abis[i].name, n);
      g_assert_cmpuint (n, >, 250);
      g_assert_cmpuint (count_calls (abis[i].abi), ==, n); /* and no more */
    }
}

/* ---- infos ---- */

static void
test_info (void)
{
  g_autoptr (PinkSyscallInfo) info = pink_syscall_info_lookup (PINK_ABI_RISCV64, 56);
  g_autoptr (PinkSyscallInfo) copy = pink_syscall_info_copy (info);
  g_auto (GStrv) classes = pink_syscall_info_get_classes (copy);

  g_assert_cmpstr (pink_syscall_info_get_name (info), ==, "openat");
  g_assert_cmpint (pink_syscall_info_get_abi (copy), ==, PINK_ABI_RISCV64);
  g_assert_cmpuint (pink_syscall_info_get_number (copy), ==, 56);
  g_assert_true (g_strv_contains ((const char * const *) classes, "file"));
  g_assert_true (g_strv_contains ((const char * const *) classes, "desc"));
  g_assert_false (g_strv_contains ((const char * const *) classes, "network"));
  g_assert_cmpuint (pink_syscall_info_get_n_arguments (info), ==, 4);
  g_assert_cmpstr (pink_syscall_info_get_argument_name (info, 0), ==, "dirfd");
  g_assert_cmpstr (pink_syscall_info_get_argument_type (info, 0), ==, "dirfd");
  g_assert_cmpstr (pink_syscall_info_get_argument_name (info, 1), ==, "pathname");
  g_assert_cmpstr (pink_syscall_info_get_argument_type (info, 1), ==, "path");
  g_assert_null (pink_syscall_info_get_argument_name (info, 4));
  g_assert_null (pink_syscall_info_get_argument_type (info, 4));
  g_assert_cmpstr (pink_syscall_info_get_result_type (info), ==, "fd");
}

static void
test_info_by_abi (void)
{
  g_autoptr (PinkSyscallInfo) x32 = pink_syscall_info_lookup (PINK_ABI_X32, 0x40000000 | 520);
  g_autoptr (PinkSyscallInfo) one_pointer = pink_syscall_info_lookup (PINK_ABI_I386, 90);
  g_autoptr (PinkSyscallInfo) six = pink_syscall_info_lookup (PINK_ABI_X86_64, 9);
  g_autoptr (PinkSyscallInfo) end = pink_syscall_info_lookup (PINK_ABI_AARCH64, 93);

  g_assert_cmpstr (pink_syscall_info_get_name (x32), ==, "execve");
  g_assert_cmpuint (pink_syscall_info_get_number (x32), ==, 520);
  g_assert_cmpstr (pink_syscall_info_get_name (one_pointer), ==, "mmap");
  g_assert_cmpuint (pink_syscall_info_get_n_arguments (one_pointer), ==, 1);
  g_assert_cmpstr (pink_syscall_info_get_name (six), ==, "mmap");
  g_assert_cmpuint (pink_syscall_info_get_n_arguments (six), ==, 6);
  g_assert_cmpstr (pink_syscall_info_get_name (end), ==, "exit");
  g_assert_null (pink_syscall_info_get_result_type (end));
  g_assert_null (pink_syscall_info_lookup (PINK_ABI_AARCH64, 99999));
}

static void
check_info (PinkAbi                abi,
            const PinkSyscallInfo *info)
{
  g_assert_cmpstr (pink_syscall_info_get_name (info), ==,
                   pink_syscall_name (abi, pink_syscall_info_get_number (info)));
  for (guint arg = 0; arg < pink_syscall_info_get_n_arguments (info); arg++)
    {
      g_assert_nonnull (pink_syscall_info_get_argument_name (info, arg));
      g_assert_nonnull (pink_syscall_info_get_argument_type (info, arg));
    }
}

/* Rising, each with a name, and an argument's name and type for each argument. */
static void
test_info_walk (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (abis); i++)
    {
      PinkSyscallInfo *info = pink_syscall_info_first (abis[i].abi);

      while (info != NULL)
        {
          PinkSyscallInfo *next = pink_syscall_info_next (info);

          check_info (abis[i].abi, info);
          if (next != NULL)
            g_assert_cmpuint (pink_syscall_info_get_number (next), >, pink_syscall_info_get_number (info));
          pink_syscall_info_free (info);
          info = next;
        }
    }
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/abi/properties", test_properties);
  test_add ("/abi/none", test_none);
  test_add ("/abi/native", test_native);
  test_add ("/abi/errnos-and-signals", test_errnos_and_signals);
  test_add ("/abi/numbers", test_numbers);
  test_add ("/abi/info", test_info);
  test_add ("/abi/info-by-abi", test_info_by_abi);
  test_add ("/abi/info-walk", test_info_walk);
  return g_test_run ();
}
