/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: the tables of all ABIs.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"

/* From the kernel's headers and manual pages, not from the file under test. */
static const struct
{
  PinkArchId  id;
  const char *name;
  int64_t     number;
} known[] = {
  { PINK_ARCH_X86_64, "read", 0 },
  { PINK_ARCH_X86_64, "write", 1 },
  { PINK_ARCH_X86_64, "open", 2 },
  { PINK_ARCH_X86_64, "mmap", 9 },
  { PINK_ARCH_X86_64, "rt_sigreturn", 15 },
  { PINK_ARCH_X86_64, "execve", 59 },
  { PINK_ARCH_X86_64, "exit", 60 },
  { PINK_ARCH_X86_64, "openat", 257 },
  { PINK_ARCH_X86_64, "pidfd_send_signal", 424 },
  { PINK_ARCH_X86_64, "clone3", 435 },
  { PINK_ARCH_X86_64, "cachestat", 451 },
  { PINK_ARCH_I386, "exit", 1 },
  { PINK_ARCH_I386, "read", 3 },
  { PINK_ARCH_I386, "execve", 11 },
  { PINK_ARCH_I386, "mmap", 90 },
  { PINK_ARCH_I386, "socketcall", 102 },
  { PINK_ARCH_I386, "mmap2", 192 },
  { PINK_ARCH_I386, "openat", 295 },
  { PINK_ARCH_I386, "clock_gettime64", 403 },
  { PINK_ARCH_X32, "read", 0 },
  { PINK_ARCH_X32, "openat", 257 },
  { PINK_ARCH_X32, "rt_sigaction", 512 },
  { PINK_ARCH_X32, "execve", 520 },
  { PINK_ARCH_X32, "preadv", 534 },
  { PINK_ARCH_X32, "pwritev2", 547 },
  { PINK_ARCH_AARCH64, "io_setup", 0 },
  { PINK_ARCH_AARCH64, "openat", 56 },
  { PINK_ARCH_AARCH64, "read", 63 },
  { PINK_ARCH_AARCH64, "clone", 220 },
  { PINK_ARCH_AARCH64, "execve", 221 },
  { PINK_ARCH_ARM, "read", 3 },
  { PINK_ARCH_ARM, "execve", 11 },
  { PINK_ARCH_ARM, "openat", 322 },
  { PINK_ARCH_ARM, "breakpoint", 0xf0001 },
  { PINK_ARCH_ARM, "cacheflush", 0xf0002 },
  { PINK_ARCH_ARM, "set_tls", 0xf0005 },
  { PINK_ARCH_ARM, "get_tls", 0xf0006 },
  { PINK_ARCH_POWERPC, "read", 3 },
  { PINK_ARCH_POWERPC, "openat", 286 },
  { PINK_ARCH_POWERPC, "swapcontext", 249 },
  { PINK_ARCH_POWERPC, "fadvise64_64", 254 },
  { PINK_ARCH_POWERPC64, "openat", 286 },
  { PINK_ARCH_POWERPC64, "newfstatat", 291 },
  { PINK_ARCH_POWERPC64LE, "switch_endian", 363 },
  { PINK_ARCH_IA64, "ni_syscall", 1024 },
  { PINK_ARCH_IA64, "exit", 1025 },
  { PINK_ARCH_IA64, "clone2", 1213 },
  { PINK_ARCH_IA64, "openat", 1281 },
  { PINK_ARCH_RISCV64, "openat", 56 },
  { PINK_ARCH_RISCV64, "riscv_flush_icache", 259 },
  { PINK_ARCH_S390X, "exit", 1 },
  { PINK_ARCH_S390X, "openat", 288 },
  { PINK_ARCH_S390X, "s390_sthyi", 380 },
  { PINK_ARCH_S390, "read", 3 },
  { PINK_ARCH_S390, "mmap2", 192 },
  { PINK_ARCH_S390, "fstatat64", 293 },
  { PINK_ARCH_MIPS_O32, "syscall", 4000 },
  { PINK_ARCH_MIPS_O32, "read", 4003 },
  { PINK_ARCH_MIPS_O32, "cacheflush", 4147 },
  { PINK_ARCH_MIPS_O32, "openat", 4288 },
  { PINK_ARCH_MIPSEL_O32, "mmap2", 4210 },
  { PINK_ARCH_MIPS_N32, "read", 6000 },
  { PINK_ARCH_MIPS_N32, "openat", 6251 },
  { PINK_ARCH_MIPSEL_N32, "pidfd_open", 6434 },
  { PINK_ARCH_MIPS_N64, "read", 5000 },
  { PINK_ARCH_MIPS_N64, "mmap", 5009 },
  { PINK_ARCH_MIPSEL_N64, "openat", 5247 },
  { PINK_ARCH_LOONGARCH64, "openat", 56 },
  { PINK_ARCH_LOONGARCH64, "statx", 291 },
};

static void
test_known_numbers (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    {
      int row = pink_arch_table_index (known[i].id, (uint64_t) known[i].number);

      g_assert_cmpint (pink_arch_table_named (known[i].id, known[i].name), ==, known[i].number);
      g_assert_cmpint (row, >=, 0);
      g_assert_cmpstr (pink_arch_syscall ((unsigned) row)->name, ==, known[i].name);
    }
}

static const struct
{
  PinkArchId id;
  int64_t    number;
} absent[] = {
  { PINK_ARCH_X86_64, 400 },         /* 387 to 423 are left out */
  { PINK_ARCH_X86_64, 423 },
  { PINK_ARCH_X86_64, 512 },         /* x32's */
  { PINK_ARCH_I386, 222 },
  { PINK_ARCH_I386, 251 },
  { PINK_ARCH_I386, 285 },
  { PINK_ARCH_X32, 13 },             /* rt_sigaction of x86_64 */
  { PINK_ARCH_X32, 511 },
  { PINK_ARCH_X32, 548 },
  { PINK_ARCH_AARCH64, 244 },
  { PINK_ARCH_ARM, 0xf0000 },
  { PINK_ARCH_ARM, 0xf0007 },
  { PINK_ARCH_ARM, 0x0f0002 + 0x100000 },
  { PINK_ARCH_POWERPC, 224 },
  { PINK_ARCH_POWERPC64, 192 },      /* mmap2 of the 32-bit side */
  { PINK_ARCH_IA64, 0 },
  { PINK_ARCH_IA64, 3 },
  { PINK_ARCH_IA64, 1023 },
  { PINK_ARCH_S390X, 0x7fffffff },
  { PINK_ARCH_MIPS_O32, 3 },
  { PINK_ARCH_MIPS_O32, 3999 },
  { PINK_ARCH_MIPS_O32, 5000 },
  { PINK_ARCH_MIPS_N32, 5999 },
  { PINK_ARCH_MIPS_N64, 4999 },
  { PINK_ARCH_MIPS_N64, 6000 },
};

static void
test_absent_numbers (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (absent); i++)
    g_assert_cmpint (pink_arch_table_index (absent[i].id, (uint64_t) absent[i].number), ==, -1);

  for (int id = PINK_ARCH_UNKNOWN; id <= PINK_ARCH_N_IDS; id++)
    {
      g_assert_cmpint (pink_arch_table_index (id, UINT64_MAX), ==, -1);
      g_assert_cmpint (pink_arch_table_index (id, INT64_MAX), ==, -1);
      g_assert_cmpint (pink_arch_table_index (id, UINT32_MAX), ==, -1);
      g_assert_cmpint (pink_arch_table_index (id, G_GUINT64_CONSTANT (0x100000000)), ==, -1);
      g_assert_cmpint (pink_arch_table_index (id, G_GUINT64_CONSTANT (0x100000003)), ==, -1);
      g_assert_cmpint (pink_arch_table_named (id, ""), ==, -1);
      g_assert_cmpint (pink_arch_table_named (id, "openatt"), ==, -1);
      g_assert_cmpint (pink_arch_table_named (id, "opena"), ==, -1);
      g_assert_cmpint (pink_arch_table_named (id, "~"), ==, -1);
      g_assert_cmpint (pink_arch_table_named (id, NULL), ==, -1);
      g_assert_cmpint (pink_arch_table_next (id, -2), ==, -1);
      g_assert_cmpint (pink_arch_table_next (id, INT64_C (0x7fffffff)), ==, -1);
    }
  g_assert_cmpint (pink_arch_table_index (PINK_ARCH_UNKNOWN, 0), ==, -1);
  g_assert_cmpint (pink_arch_table_next (PINK_ARCH_UNKNOWN, -1), ==, -1);

  g_assert_cmpint (pink_arch_table_named (PINK_ARCH_AARCH64, "open"), ==, -1);
  g_assert_cmpint (pink_arch_table_named (PINK_ARCH_X86_64, "mmap2"), ==, -1);
}

/* Every number → name → number, in every ABI, and nothing between them. */
static void
test_round_trips (void)
{
  for (int id = PINK_ARCH_UNKNOWN + 1; id < PINK_ARCH_N_IDS; id++)
    {
      const PinkArchTable *table = &pink_arch_tables[id];
      int64_t before = -1, number;
      unsigned n = 0;

      g_assert_nonnull (table->name);
      while ((number = pink_arch_table_next (id, before)) != -1)
        {
          int row = pink_arch_table_index (id, (uint64_t) number);

          g_assert_cmpint (number, >, before);
          g_assert_cmpint (row, >=, 0);
          g_assert_cmpint (pink_arch_table_named (id, pink_arch_syscall ((unsigned) row)->name),
                           ==, number);
          g_assert_true (pink_arch_syscall_exists (pink_arch_syscall ((unsigned) row)->name));
          if (number - before < 10000)
            for (int64_t between = before + 1; between < number; between++)
              g_assert_cmpint (pink_arch_table_index (id, (uint64_t) between), ==, -1);
          before = number;
          n++;
        }
      for (int64_t after = before + 1; after < before + 1000; after++)
        g_assert_cmpint (pink_arch_table_index (id, (uint64_t) after), ==, -1);

      g_assert_cmpuint (n, ==, table->n_named);
      g_assert_cmpuint (n, >, 300);
    }
}

static void
test_rows (void)
{
  unsigned n = pink_arch_n_syscalls ();

  g_assert_cmpuint (n, >=, 510);
  g_assert_null (pink_arch_syscall (n));
  g_assert_null (pink_arch_syscall (G_MAXUINT));

  for (unsigned i = 0; i < n; i++)
    {
      const PinkArchSyscall *call = pink_arch_syscall (i);

      if (i > 0)
        g_assert_cmpint (strcmp (pink_arch_syscall (i - 1)->name, call->name), <=, 0);
      g_assert_cmpuint (call->n_args, <=, PINK_ARCH_N_REGS);
      for (unsigned arg = 0; arg < PINK_ARCH_N_REGS; arg++)
        {
          const PinkArchArg *what = &call->args[arg];

          g_assert_cmpint (what->aux, <, call->n_args);
          if (arg >= call->n_args)
            {
              g_assert_cmpint (what->kind, ==, PINK_ARG_NONE);
              g_assert_cmpstr (what->name, ==, "");
              continue;
            }
          g_assert_cmpint (what->kind, !=, PINK_ARG_NONE);
          g_assert_cmpstr (what->name, !=, "");
          if (what->kind == PINK_ARG_BUFFER || what->kind == PINK_ARG_OUT_BUFFER)
            g_assert_cmpint (what->aux, >=, 0);
          else if (what->aux >= 0)
            {
              g_assert_cmpint (what->kind, ==, PINK_ARG_PATH);
              g_assert_cmpint (call->args[what->aux].kind, ==, PINK_ARG_DIRFD);
            }
        }
    }

  g_assert_true (pink_arch_syscall_exists ("_llseek"));
  g_assert_true (pink_arch_syscall_exists ("writev"));
  g_assert_false (pink_arch_syscall_exists ("zzz"));
  g_assert_false (pink_arch_syscall_exists (""));
  g_assert_false (pink_arch_syscall_exists (NULL));
}

static const PinkArchSyscall *
call_of (PinkArchId id, const char *name)
{
  int row = pink_arch_table_index (id, (uint64_t) pink_arch_table_named (id, name));

  g_assert_cmpint (row, >=, 0);
  return pink_arch_syscall ((unsigned) row);
}

static char *
shape (PinkArchId id, const char *name)
{
  const PinkArchSyscall *call = call_of (id, name);
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < call->n_args; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", call->args[i].name);
  return g_string_free (text, FALSE);
}

static void
test_rows_by_abi (void)
{
  static const struct
  {
    PinkArchId  id;
    const char *name;
    const char *args;
  } cases[] = {
    { PINK_ARCH_X86_64, "mmap", "addr length prot flags fd offset" },
    { PINK_ARCH_I386, "mmap", "args" },
    { PINK_ARCH_S390X, "mmap", "args" },
    { PINK_ARCH_I386, "mmap2", "addr length prot flags fd pgoffset" },
    { PINK_ARCH_I386, "select", "args" },
    { PINK_ARCH_X86_64, "select", "nfds readfds writefds exceptfds timeout" },
    { PINK_ARCH_X86_64, "clone", "flags stack parent_tid child_tid tls" },
    { PINK_ARCH_I386, "clone", "flags stack parent_tid tls child_tid" },
    { PINK_ARCH_AARCH64, "clone", "flags stack parent_tid tls child_tid" },
    { PINK_ARCH_S390X, "clone", "stack flags parent_tid child_tid tls" },
    { PINK_ARCH_X86_64, "preadv", "fd iov iovcnt offset" },
    { PINK_ARCH_I386, "preadv", "fd iov iovcnt pos_l pos_h" },
    { PINK_ARCH_MIPS_O32, "pipe", "" },
    { PINK_ARCH_ARM, "fadvise64_64", "fd advice offset len" },
    { PINK_ARCH_ARM, "cacheflush", "start end flags" },
    { PINK_ARCH_X86_64, "execve", "pathname argv envp" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *args = shape (cases[i].id, cases[i].name);

      g_assert_cmpstr (args, ==, cases[i].args);
    }

  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "openat")->result, ==, PINK_ARG_FD);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "mmap")->result, ==, PINK_ARG_POINTER);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "umask")->result, ==, PINK_ARG_OCT);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "exit_group")->result, ==, PINK_ARG_NONE);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "execve")->args[1].kind, ==, PINK_ARG_STRING_ARRAY);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "symlinkat")->args[0].kind, ==, PINK_ARG_STRING);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "symlinkat")->args[2].aux, ==, 1);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "linkat")->args[1].aux, ==, 0);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "linkat")->args[3].aux, ==, 2);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "open")->args[0].aux, ==, -1);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "read")->args[1].kind, ==, PINK_ARG_OUT_BUFFER);
  g_assert_cmpint (call_of (PINK_ARCH_X86_64, "read")->args[1].aux, ==, 2);
}

static void
test_classes (void)
{
  uint32_t file = pink_arch_class_from_name ("file");
  uint32_t desc = pink_arch_class_from_name ("%desc");
  unsigned bit = 0;

  for (; pink_arch_class_name (bit) != NULL; bit++)
    g_assert_cmpuint (pink_arch_class_from_name (pink_arch_class_name (bit)), ==, 1u << bit);
  g_assert_cmpuint (bit, ==, 17);
  g_assert_null (pink_arch_class_name (G_MAXUINT));

  g_assert_cmpuint (file, !=, 0);
  g_assert_cmpuint (file, !=, desc);
  g_assert_cmpuint (pink_arch_class_from_name ("net"), ==, pink_arch_class_from_name ("network"));
  g_assert_cmpuint (pink_arch_class_from_name ("%%stat"), ==,
                    pink_arch_class_from_name ("stat-like"));
  g_assert_cmpuint (pink_arch_class_from_name ("%stat"), ==, pink_arch_class_from_name ("stat"));
  g_assert_cmpuint (pink_arch_class_from_name ("files"), ==, 0);
  g_assert_cmpuint (pink_arch_class_from_name ("%"), ==, 0);
  g_assert_cmpuint (pink_arch_class_from_name (""), ==, 0);
  g_assert_cmpuint (pink_arch_class_from_name (NULL), ==, 0);

  g_assert_cmpuint (call_of (PINK_ARCH_X86_64, "openat")->classes, ==, file | desc);
  g_assert_cmpuint (call_of (PINK_ARCH_X86_64, "execve")->classes, ==,
                    file | pink_arch_class_from_name ("process"));
  g_assert_cmpuint (call_of (PINK_ARCH_X86_64, "ptrace")->classes, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arch/syscalls/known-numbers", test_known_numbers);
  g_test_add_func ("/arch/syscalls/absent-numbers", test_absent_numbers);
  g_test_add_func ("/arch/syscalls/round-trips", test_round_trips);
  g_test_add_func ("/arch/syscalls/rows", test_rows);
  g_test_add_func ("/arch/syscalls/rows-by-abi", test_rows_by_abi);
  g_test_add_func ("/arch/syscalls/classes", test_classes);

  return g_test_run ();
}
