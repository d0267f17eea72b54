/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: tables of all ABIs, and register sets
 * recorded once on Linux 6.18, x86_64 (marked "recorded") or made by hand to the
 * description's letter where the ABI has no description yet.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"

/* ---- tables ---- */

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
              g_assert_null (what->name);
              continue;
            }
          g_assert_cmpint (what->kind, !=, PINK_ARG_NONE);
          g_assert_nonnull (what->name);
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

/* ---- x86 register sets ---- */

/* r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs
 * eflags rsp ss fs_base gs_base ds es fs gs. The kernel's are
 * little-endian; le64() and le32() make them so on any host. */
#define N64 27
#define N32 17

/* Recorded: openat (AT_FDCWD, "/nonexistent", O_CLOEXEC, 0777) = −ENOENT, with
 * two more registers set. */
static const uint64_t openat64_entry[N64] = {
  0x1, 0xffffff9c, 0x4a40d0, 0x7ffea3d720b8, 0x4a06f0, 0x7ffea3d720c8, 0x217, 0x1ff,
  0x5555666677778888, 0x1111222233334444, 0xffffffffffffffda, 0x40166d, 0x80000, 0x4a40d0,
  0xffffff9c, 0x101, 0x40166d, 0x33, 0x217, 0x7ffea3d71ec0, 0x2b, 0x29366380, 0, 0, 0, 0, 0,
};
static const uint64_t openat64_exit[N64] = {
  0x1, 0xffffff9c, 0x4a40d0, 0x7ffea3d720b8, 0x4a06f0, 0x7ffea3d720c8, 0x217, 0x1ff,
  0x5555666677778888, 0x1111222233334444, 0xfffffffffffffffe, 0x40166d, 0x80000, 0x4a40d0,
  0xffffff9c, 0x101, 0x40166d, 0x33, 0x217, 0x7ffea3d71ec0, 0x2b, 0x29366380, 0, 0, 0, 0, 0,
};
/* Recorded: umask (027) = 022. */
static const uint64_t umask64_exit[N64] = {
  0x2222222222222222, 0xffffff9c, 0x4a40d0, 0x7ffea3d720b8, 0x3333333333333333, 0x7ffea3d720c8,
  0x217, 0x4444444444444444, 0x6666666666666666, 0x5555555555555555, 0x12, 0x4016b1,
  0x3333333333333333, 0x2222222222222222, 0x17, 0x5f, 0x4016b1, 0x33, 0x217, 0x7ffea3d71ec0,
  0x2b, 0x29366380, 0, 0, 0, 0, 0,
};
/* Recorded: int $0x80 in a 64-bit process: openat of i386, all argument
 * registers with noise in their upper halves; = −EFAULT. */
static const uint64_t int80_entry[N64] = {
  0x2222222222222222, 0xffffff9c, 0x4a40d0, 0x5555666677778888, 0x5555666677778888,
  0xabcdef01ffffff9c, 0x217, 0x4444444444444444, 0x6666666666666666, 0x5555555555555555,
  0xffffffffffffffda, 0x1234567800000002, 0x200000000080000, 0x77777777000001ff,
  0x1111222233334444, 0x127, 0x4016f8, 0x33, 0x217, 0x7ffea3d71eb8, 0x2b, 0x29366380,
  0, 0, 0, 0, 0,
};
static const uint64_t int80_exit[N64] = {
  0x2222222222222222, 0xffffff9c, 0x4a40d0, 0x5555666677778888, 0x5555666677778888,
  0xabcdef01ffffff9c, 0x217, 0x4444444444444444, 0x6666666666666666, 0x5555555555555555,
  0xfffffffffffffff2, 0x1234567800000002, 0x200000000080000, 0x77777777000001ff,
  0x1111222233334444, 0x127, 0x4016f8, 0x33, 0x217, 0x7ffea3d71eb8, 0x2b, 0x29366380,
  0, 0, 0, 0, 0,
};
/* Recorded: a number with x32's bit, on a kernel without x32: = −ENOSYS. */
static const uint64_t x32_entry[N64] = {
  0x2222222222222222, 0xffffff9c, 0x4a40d0, 0x6666666666666666, 0x3333333333333333,
  0x1700000017, 0x217, 0x1ff, 0x66, 0x55, 0xffffffffffffffda, 0x401757, 0x80000, 0x4a40d0,
  0xffffff9c, 0x40000101, 0x401757, 0x33, 0x217, 0x7ffea3d71ec0, 0x2b, 0x29366380, 0, 0, 0, 0, 0,
};

/* ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss.
 * Recorded from a 32-bit process: openat() = −ENOENT, umask() = 022, mmap2() = an
 * address with the high bit set. */
static const uint32_t openat32_entry[N32] = {
  0xffffff9c, 0x804a000, 0x80000, 0x1ff, 0x33334444, 0x77778888, 0xffffffda, 0x2b, 0x2b, 0, 0,
  0x127, 0x804903a, 0x23, 0x202, 0xffcfb260, 0x2b,
};
static const uint32_t openat32_exit[N32] = {
  0xffffff9c, 0x804a000, 0x80000, 0x1ff, 0x33334444, 0x77778888, 0xfffffffe, 0x2b, 0x2b, 0, 0,
  0x127, 0x804903a, 0x23, 0x202, 0xffcfb260, 0x2b,
};
static const uint32_t umask32_exit[N32] = {
  0x17, 0x22222222, 0x33333333, 0x44444444, 0x55555555, 0x66666666, 0x12, 0x2b, 0x2b, 0, 0,
  0x3c, 0x804905f, 0x23, 0x202, 0xffcfb260, 0x2b,
};
static const uint32_t mmap32_exit[N32] = {
  0x0, 0x1000, 0x1, 0x22, 0xffffffff, 0x0, 0xf7f68000, 0x2b, 0x2b, 0, 0,
  0xc0, 0x8049084, 0x23, 0x202, 0xffcfb260, 0x2b,
};

typedef struct
{
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  size_t        size;
} Regs;

static Regs
le64 (const uint64_t *values)
{
  Regs regs = { .size = N64 * 8 };

  for (unsigned i = 0; i < N64; i++)
    {
      uint64_t value = GUINT64_TO_LE (values[i]);

      memcpy (regs.bytes + i * 8, &value, 8);
    }
  return regs;
}

static Regs
le32 (const uint32_t *values)
{
  Regs regs = { .size = N32 * 4 };

  for (unsigned i = 0; i < N32; i++)
    {
      uint32_t value = GUINT32_TO_LE (values[i]);

      memcpy (regs.bytes + i * 4, &value, 4);
    }
  return regs;
}

static void
assert_entry (const PinkArch *arch, const Regs *regs, uint64_t number, const uint64_t args[6],
              uint64_t ip, uint64_t sp)
{
  PinkArchEntry entry;

  g_assert_true (pink_arch_decode_entry (arch, regs->bytes, regs->size, NULL, NULL, &entry));
  g_assert_cmphex (entry.number, ==, number);
  for (unsigned i = 0; i < 6; i++)
    g_assert_cmphex (entry.args[i], ==, args[i]);
  g_assert_cmphex (entry.ip, ==, ip);
  g_assert_cmphex (entry.sp, ==, sp);
}

static void
assert_exit (const PinkArch *arch, const Regs *regs, int64_t value, bool is_error)
{
  PinkArchExit result;

  g_assert_true (pink_arch_decode_exit (arch, regs->bytes, regs->size, &result));
  g_assert_cmpint (result.value, ==, value);
  g_assert_cmpint (result.is_error, ==, is_error);
  g_assert_cmphex (result.ip, !=, 0);
  g_assert_cmphex (result.sp, !=, 0);
}

static void
test_x86_64 (void)
{
  const PinkArch *arch = pink_arch_get (PINK_ARCH_X86_64);
  const uint64_t args[6] = { 0xffffff9c, 0x4a40d0, 0x80000, 0x1ff,
                             G_GUINT64_CONSTANT (0x1111222233334444),
                             G_GUINT64_CONSTANT (0x5555666677778888) };
  Regs entry = le64 (openat64_entry), failed = le64 (openat64_exit), good = le64 (umask64_exit);

  g_assert_true (pink_arch_from_regset (PINK_ARCH_X86_64, entry.bytes, entry.size) == arch);
  assert_entry (arch, &entry, 257, args, 0x40166d, G_GUINT64_CONSTANT (0x7ffea3d71ec0));
  assert_exit (arch, &failed, 2, true);
  assert_exit (arch, &good, 022, false);
}

static void
test_i386 (void)
{
  const PinkArch *arch = pink_arch_get (PINK_ARCH_I386);
  const uint64_t args[6] = { 0xffffff9c, 0x804a000, 0x80000, 0x1ff, 0x33334444, 0x77778888 };
  Regs entry = le32 (openat32_entry), failed = le32 (openat32_exit), good = le32 (umask32_exit);
  Regs high = le32 (mmap32_exit);

  g_assert_true (pink_arch_from_regset (PINK_ARCH_X86_64, entry.bytes, entry.size) == arch);
  g_assert_true (pink_arch_from_regset (PINK_ARCH_I386, entry.bytes, entry.size) == arch);
  assert_entry (arch, &entry, 295, args, 0x804903a, 0xffcfb260);
  assert_exit (arch, &failed, 2, true);
  assert_exit (arch, &good, 022, false);
  assert_exit (arch, &high, (int32_t) 0xf7f68000, false);
}

static void
test_int80 (void)
{
  const PinkArch *arch = pink_arch_get (PINK_ARCH_I386);
  const uint64_t raw[6] = { G_GUINT64_CONSTANT (0xabcdef01ffffff9c),
                            G_GUINT64_CONSTANT (0x1234567800000002),
                            G_GUINT64_CONSTANT (0x200000000080000),
                            G_GUINT64_CONSTANT (0x77777777000001ff),
                            G_GUINT64_CONSTANT (0x1111222233334444),
                            G_GUINT64_CONSTANT (0x5555666677778888) };
  const uint64_t args[6] = { 0xffffff9c, 0x2, 0x80000, 0x1ff, 0x33334444, 0x77778888 };
  Regs entry = le64 (int80_entry), failed = le64 (int80_exit);
  PinkArchEntry from_info = { 0 };

  g_assert_true (pink_arch_from_audit (0x40000003, 0x127) == arch);
  assert_entry (arch, &entry, 295, args, 0x4016f8, G_GUINT64_CONSTANT (0x7ffea3d71eb8));
  assert_exit (arch, &failed, 14, true);

  from_info.ip = 7;
  pink_arch_entry_from_info (arch, 0x127, raw, &from_info);
  for (unsigned i = 0; i < 6; i++)
    g_assert_cmphex (from_info.args[i], ==, args[i]);
  g_assert_cmpuint (from_info.ip, ==, 7);

  /* The upper halves are the program's. */
  for (unsigned i = 0; i < 6; i++)
    {
      static const unsigned order[6] = { 5, 11, 12, 13, 14, 4 }; /* rbx rcx rdx rsi rdi rbp */
      uint64_t word;

      g_assert_true (pink_arch_encode_arg (arch, entry.bytes, entry.size, i,
                                           G_GUINT64_CONSTANT (0x9999999900000005)));
      memcpy (&word, entry.bytes + order[i] * 8, 8);
      g_assert_cmphex (GUINT64_FROM_LE (word), ==,
                       (raw[i] & G_GUINT64_CONSTANT (0xffffffff00000000)) | 5);
    }
}

static void
test_x32 (void)
{
  const PinkArch *arch = pink_arch_get (PINK_ARCH_X32);
  const uint64_t args[6] = { 0xffffff9c, 0x4a40d0, 0x80000, 0x1ff, 0x55, 0x66 };
  const uint32_t audit = 0xc000003e;
  Regs entry = le64 (x32_entry), wide = le64 (umask64_exit);
  uint64_t result = GUINT64_TO_LE (G_GUINT64_CONSTANT (0x80000000));

  g_assert_true (pink_arch_from_regset (PINK_ARCH_X86_64, entry.bytes, entry.size) == arch);
  assert_entry (arch, &entry, 257, args, 0x401757, G_GUINT64_CONSTANT (0x7ffea3d71ec0));
  assert_exit (arch, &entry, 38, true);

  /* lseek() has 64 bits there. */
  memcpy (wide.bytes + 10 * 8, &result, 8);
  assert_exit (arch, &wide, G_GINT64_CONSTANT (0x80000000), false);

  g_assert_true (pink_arch_from_audit (audit, 0x40000101) == arch);
  g_assert_true (pink_arch_from_audit (audit, 0x101) == pink_arch_get (PINK_ARCH_X86_64));
  /* −1, a skipped call, has the bit too. */
  g_assert_true (pink_arch_from_audit (audit, UINT64_MAX) == pink_arch_get (PINK_ARCH_X86_64));
  g_assert_true (pink_arch_from_audit (audit, UINT32_MAX) == pink_arch_get (PINK_ARCH_X86_64));

  g_assert_cmphex (pink_arch_table_number (arch, 0x40000101), ==, 0x101);
  g_assert_cmphex (pink_arch_table_number (arch, UINT64_MAX), ==, UINT64_MAX);
  g_assert_cmphex (pink_arch_raw_number (arch, 0x101), ==, 0x40000101);
  g_assert_cmphex (pink_arch_raw_number (arch, UINT64_MAX), ==, UINT64_MAX);
  g_assert_cmpint (pink_arch_syscall_number (arch, "openat"), ==, 257);
}

static void
test_x86_identity (void)
{
  static const struct
  {
    PinkArchId  id;
    const char *name;
    uint32_t    audit;
    uint16_t    machine;
    unsigned    word;
  } cases[] = {
    { PINK_ARCH_X86_64, "x86_64", 0xc000003e, 62, 8 },
    { PINK_ARCH_X32, "x32", 0xc000003e, 62, 4 },
    { PINK_ARCH_I386, "i386", 0x40000003, 3, 4 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const PinkArch *arch = pink_arch_get (cases[i].id);

      g_assert_cmpint (pink_arch_id (arch), ==, cases[i].id);
      g_assert_cmpstr (pink_arch_name (arch), ==, cases[i].name);
      g_assert_cmphex (pink_arch_audit (arch), ==, cases[i].audit);
      g_assert_cmpint (pink_arch_elf_machine (arch), ==, cases[i].machine);
      g_assert_cmpuint (pink_arch_word_size (arch), ==, cases[i].word);
      g_assert_false (pink_arch_is_big_endian (arch));
      g_assert_cmpint (pink_arch_number_way (arch, PINK_ARCH_X86_64), ==,
                       PINK_ARCH_NUMBER_IN_REGSET);
    }

  g_assert_null (pink_arch_get (PINK_ARCH_UNKNOWN));
  g_assert_null (pink_arch_get (PINK_ARCH_N_IDS));
  g_assert_null (pink_arch_get ((PinkArchId) -1));
  g_assert_null (pink_arch_from_audit (0, 0));
  g_assert_null (pink_arch_from_audit (0xdeadbeef, 3));
}

/* No size but the exact one, and nothing written. */
static void
test_sizes_refused (void)
{
  for (PinkArchId id = PINK_ARCH_X86_64; id <= PINK_ARCH_X32; id++)
    {
      const PinkArch *arch = pink_arch_get (id);

      for (size_t size = 0; size <= PINK_ARCH_MAX_REGSET; size++)
        {
          g_autofree unsigned char *regs = g_malloc0 (size + 1);
          PinkArchEntry entry;
          PinkArchExit result;
          bool fits = size == 216 || (size == 68 && id == PINK_ARCH_I386);

          regs[size] = 0x5a;
          g_assert_cmpint (pink_arch_decode_entry (arch, regs, size, NULL, NULL, &entry), ==, fits);
          g_assert_cmpint (pink_arch_decode_exit (arch, regs, size, &result), ==, fits);
          g_assert_cmpint (pink_arch_encode_number (arch, regs, size, UINT64_MAX), ==, fits);
          for (unsigned arg = 0; arg < 6; arg++)
            g_assert_cmpint (pink_arch_encode_arg (arch, regs, size, arg, UINT64_MAX), ==, fits);
          g_assert_cmpint (pink_arch_encode_result (arch, regs, size, -1, false), ==, fits);
          g_assert_false (pink_arch_encode_arg (arch, regs, size, 6, 0));
          g_assert_cmpint (regs[size], ==, 0x5a);
          if (!fits)
            for (size_t i = 0; i < size; i++)
              g_assert_cmpint (regs[i], ==, 0);
        }
    }

  g_assert_null (pink_arch_from_regset (PINK_ARCH_X86_64, openat64_entry, 215));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_X86_64, openat64_entry, 0));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_I386, openat64_entry, 72));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_AARCH64, openat64_entry, 216));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_UNKNOWN, openat64_entry, 216));
}

static void
test_encode (void)
{
  static const PinkArchId ids[] = { PINK_ARCH_X86_64, PINK_ARCH_X32, PINK_ARCH_I386, PINK_ARCH_I386 };
  Regs sets[4] = { le64 (openat64_entry), le64 (x32_entry), le64 (int80_entry),
                   le32 (openat32_entry) };

  for (unsigned i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const PinkArch *arch = pink_arch_get (ids[i]);
      Regs *regs = &sets[i];
      PinkArchEntry before, entry;
      PinkArchExit result;

      g_assert_true (pink_arch_decode_entry (arch, regs->bytes, regs->size, NULL, NULL, &before));
      g_assert_true (pink_arch_encode_number (arch, regs->bytes, regs->size, 39));
      for (unsigned arg = 0; arg < 6; arg++)
        g_assert_true (pink_arch_encode_arg (arch, regs->bytes, regs->size, arg, 0x80000000u + arg));

      g_assert_true (pink_arch_decode_entry (arch, regs->bytes, regs->size, NULL, NULL, &entry));
      g_assert_cmpuint (entry.number, ==, 39);
      for (unsigned arg = 0; arg < 6; arg++)
        g_assert_cmphex (entry.args[arg], ==, 0x80000000u + arg);
      g_assert_cmphex (entry.ip, ==, before.ip);
      g_assert_cmphex (entry.sp, ==, before.sp);
      g_assert_true (pink_arch_from_regset (PINK_ARCH_X86_64, regs->bytes, regs->size)
                     == (i == 2 ? pink_arch_get (PINK_ARCH_X86_64) : arch));

      g_assert_true (pink_arch_encode_number (arch, regs->bytes, regs->size, UINT64_MAX));
      g_assert_true (pink_arch_decode_entry (arch, regs->bytes, regs->size, NULL, NULL, &entry));
      g_assert_cmphex (entry.number, ==, UINT64_MAX);

      g_assert_true (pink_arch_encode_result (arch, regs->bytes, regs->size, 13, true));
      g_assert_true (pink_arch_decode_exit (arch, regs->bytes, regs->size, &result));
      g_assert_true (result.is_error);
      g_assert_cmpint (result.value, ==, 13);
      g_assert_true (pink_arch_encode_result (arch, regs->bytes, regs->size, -5000, false));
      g_assert_true (pink_arch_decode_exit (arch, regs->bytes, regs->size, &result));
      g_assert_false (result.is_error);
      g_assert_cmpint (result.value, ==, -5000);

      /* Not errnos: they would come back as something else. */
      g_assert_false (pink_arch_encode_result (arch, regs->bytes, regs->size, 0, true));
      g_assert_false (pink_arch_encode_result (arch, regs->bytes, regs->size, -13, true));
      g_assert_false (pink_arch_encode_result (arch, regs->bytes, regs->size, 4096, true));
    }
}

static void
test_exit_from_info (void)
{
  const PinkArch *i386 = pink_arch_get (PINK_ARCH_I386);
  const PinkArch *x86_64 = pink_arch_get (PINK_ARCH_X86_64);
  PinkArchExit result = { .ip = 3, .sp = 4 };

  pink_arch_exit_from_info (x86_64, -2, true, &result);
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
  g_assert_cmpuint (result.ip, ==, 3);
  g_assert_cmpuint (result.sp, ==, 4);

  /* PowerPC under `sc` gives it positive. */
  pink_arch_exit_from_info (x86_64, 2, true, &result);
  g_assert_cmpint (result.value, ==, 2);

  pink_arch_exit_from_info (i386, 0xf7f68000, false, &result);
  g_assert_false (result.is_error);
  g_assert_cmpint (result.value, ==, (int32_t) 0xf7f68000);
  pink_arch_exit_from_info (i386, 0xfffffffe, true, &result);
  g_assert_cmpint (result.value, ==, 2);
  pink_arch_exit_from_info (x86_64, 0xf7f68000, false, &result);
  g_assert_cmpint (result.value, ==, 0xf7f68000);
}

/* ---- what other architectures will ask of the common code ---- */

static const PinkArchLayout odd_layouts[] = {
  {
    .size = 48,
    .number = { 0, 4 },
    .args = { { 4, 4 }, { 8, 4 }, { 12, 4 }, { 16, 4 } }, /* the rest on the stack */
    .result = { 20, 4 },
    .error = { 24, 4 },
    .ip = { 28, 4 },
    .sp = { 32, 4 },
  },
  {
    .size = 52,
    .number = { 0, 4 },
    .args = { { 4, 4 }, { 8, 4 }, { 12, 4 }, { 16, 4 }, { 40, 4 }, { 44, 4 } },
    .result = { 20, 4 },
    .error = { 24, 4 },
    .ip = { 28, 4 },
    .sp = { 32, 4 },
    .convention = { 36, 4 },
  },
};

/* As MIPS o32, big-endian. */
static const PinkArch stack_arch = {
  .id = PINK_ARCH_MIPS_O32,
  .word_size = 4,
  .reg_size = 4,
  .big_endian = true,
  .aligned_pairs = true,
  .layouts = odd_layouts,
  .n_layouts = 1,
  .error_way = PINK_ARCH_ERROR_FLAG,
  .error_mask = UINT32_MAX,
  .error_set = 1,
  .first_stack_arg = 4,
  .stack_offset = 16,
  .errnos = pink_arch_errnos_generic,
  .signals = &pink_arch_signals_generic,
};

/* As PowerPC. */
static const PinkArch two_conventions_arch = {
  .id = PINK_ARCH_POWERPC,
  .word_size = 4,
  .reg_size = 4,
  .big_endian = true,
  .aligned_pairs = true,
  .layouts = odd_layouts + 1,
  .n_layouts = 1,
  .error_way = PINK_ARCH_ERROR_FLAG,
  .error_mask = 0x10000000,
  .error_set = 0x10000000,
  .convention_mask = 0xfff0,
  .convention_negative = 0x3000,
};

/* As 32-bit ARM: the number is set in two ways, neither in the register set. */
static const PinkArch apart_arch = {
  .id = PINK_ARCH_ARM,
  .word_size = 4,
  .reg_size = 4,
  .aligned_pairs = true,
  .layouts = odd_layouts + 1,
  .n_layouts = 1,
  .number_way = PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET,
  .number_way_native = PINK_ARCH_NUMBER_BY_SET_SYSCALL,
};

static void
put_be (unsigned char *bytes, uint32_t value)
{
  value = GUINT32_TO_BE (value);
  memcpy (bytes, &value, 4);
}

static bool
read_stack (void *data, uint64_t address, void *buffer, size_t size)
{
  g_assert_cmpuint (size, ==, 4);
  g_assert_true (address == 0x7fff0010 || address == 0x7fff0014);
  if (data == NULL)
    return false;
  put_be (buffer, address == 0x7fff0010 ? 0xaaaa0005 : 0xaaaa0006);
  return true;
}

static void
test_stack_arguments (void)
{
  unsigned char regs[48] = { 0 };
  int readable = 1;
  uint64_t address = 0;
  size_t length = 0;
  PinkArchEntry entry;

  put_be (regs, 4288);
  for (unsigned i = 0; i < 4; i++)
    put_be (regs + 4 + i * 4, 0xbbbb0000 + i);
  put_be (regs + 32, 0x7fff0000);

  g_assert_true (pink_arch_decode_entry (&stack_arch, regs, sizeof regs, read_stack, &readable, &entry));
  g_assert_cmpuint (entry.number, ==, 4288);
  g_assert_cmphex (entry.args[3], ==, 0xbbbb0003);
  g_assert_cmphex (entry.args[4], ==, 0xaaaa0005);
  g_assert_cmphex (entry.args[5], ==, 0xaaaa0006);

  g_assert_true (pink_arch_decode_entry (&stack_arch, regs, sizeof regs, read_stack, NULL, &entry));
  g_assert_cmphex (entry.args[4], ==, 0);
  g_assert_true (pink_arch_decode_entry (&stack_arch, regs, sizeof regs, NULL, NULL, &entry));
  g_assert_cmphex (entry.args[5], ==, 0);

  g_assert_true (pink_arch_arg_address (&stack_arch, regs, sizeof regs, 5, &address, &length));
  g_assert_cmphex (address, ==, 0x7fff0014);
  g_assert_cmpuint (length, ==, 4);
  g_assert_false (pink_arch_arg_address (&stack_arch, regs, sizeof regs, 3, &address, &length));
  g_assert_false (pink_arch_arg_address (&stack_arch, regs, sizeof regs, 6, &address, &length));
  g_assert_false (pink_arch_encode_arg (&stack_arch, regs, sizeof regs, 5, 1));
  g_assert_true (pink_arch_encode_arg (&stack_arch, regs, sizeof regs, 3, 1));
}

static void
test_error_flags (void)
{
  unsigned char regs[52] = { 0 };
  PinkArchExit result;

  put_be (regs + 20, 2);
  g_assert_true (pink_arch_decode_exit (&stack_arch, regs, 48, &result));
  g_assert_false (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
  put_be (regs + 24, 1);
  g_assert_true (pink_arch_decode_exit (&stack_arch, regs, 48, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);

  /* sc: the bit among others. */
  put_be (regs + 36, 0xc00);
  put_be (regs + 24, 0x24000000);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_false (result.is_error);
  put_be (regs + 24, 0x34000000);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
  g_assert_true (pink_arch_encode_result (&two_conventions_arch, regs, 52, 7, false));
  g_assert_cmphex (regs[24], ==, 0x24);
  g_assert_true (pink_arch_encode_result (&two_conventions_arch, regs, 52, 7, true));
  g_assert_cmphex (regs[24], ==, 0x34);
  g_assert_cmpint (regs[23], ==, 7);

  /* scv: −errno, whatever the bit. */
  put_be (regs + 36, 0x3001);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_false (result.is_error);
  put_be (regs + 20, (uint32_t) -2);
  g_assert_true (pink_arch_decode_exit (&two_conventions_arch, regs, 52, &result));
  g_assert_true (result.is_error);
  g_assert_cmpint (result.value, ==, 2);
}

static void
test_number_apart (void)
{
  unsigned char regs[52] = { 0 };

  g_assert_cmpint (pink_arch_number_way (&apart_arch, PINK_ARCH_AARCH64), ==,
                   PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET);
  g_assert_cmpint (pink_arch_number_way (&apart_arch, PINK_ARCH_ARM), ==,
                   PINK_ARCH_NUMBER_BY_SET_SYSCALL);
  g_assert_false (pink_arch_encode_number (&apart_arch, regs, sizeof regs, 1));
  g_assert_true (pink_arch_encode_arg (&apart_arch, regs, sizeof regs, 0, 1));
}

/* ---- arguments ---- */

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

/* ---- errnos and signals ---- */

static void
test_errnos (void)
{
  const PinkArch *arch = pink_arch_get (PINK_ARCH_X86_64);

  for (int number = 1; number <= 133; number++)
    {
      const char *name = pink_arch_errno_name (arch, number);

      g_assert_cmpint (name == NULL, ==, number == 41 || number == 58);
      g_assert_cmpint (pink_arch_errno_text (arch, number) == NULL, ==, name == NULL);
      if (name != NULL)
        g_assert_cmpint (pink_arch_errno_number (arch, name), ==, number);
    }

  g_assert_cmpstr (pink_arch_errno_name (arch, 2), ==, "ENOENT");
  g_assert_cmpstr (pink_arch_errno_text (arch, 2), ==, "No such file or directory");
  g_assert_cmpstr (pink_arch_errno_name (arch, 11), ==, "EAGAIN");
  g_assert_cmpstr (pink_arch_errno_name (arch, 38), ==, "ENOSYS");
  g_assert_cmpstr (pink_arch_errno_name (arch, 95), ==, "EOPNOTSUPP");
  g_assert_cmpstr (pink_arch_errno_name (arch, 133), ==, "EHWPOISON");
  g_assert_cmpint (pink_arch_errno_number (arch, "EWOULDBLOCK"), ==, 11);
  g_assert_cmpint (pink_arch_errno_number (arch, "EDEADLOCK"), ==, 35);
  g_assert_cmpint (pink_arch_errno_number (arch, "ENOTSUP"), ==, 95);

  g_assert_cmpstr (pink_arch_errno_name (arch, 512), ==, "ERESTARTSYS");
  g_assert_cmpstr (pink_arch_errno_text (arch, 512), ==, "To be restarted if SA_RESTART is set");
  g_assert_cmpstr (pink_arch_errno_name (arch, 516), ==, "ERESTART_RESTARTBLOCK");
  g_assert_cmpstr (pink_arch_errno_text (arch, 516), ==, "Interrupted by signal");
  g_assert_cmpint (pink_arch_errno_number (arch, "ERESTARTNOHAND"), ==, 514);

  g_assert_null (pink_arch_errno_name (arch, 0));
  g_assert_null (pink_arch_errno_name (arch, -2));
  g_assert_null (pink_arch_errno_name (arch, 134));
  g_assert_null (pink_arch_errno_text (arch, 517));
  g_assert_cmpint (pink_arch_errno_number (arch, "ENOENTS"), ==, -1);
  g_assert_cmpint (pink_arch_errno_number (arch, ""), ==, -1);
  g_assert_cmpint (pink_arch_errno_number (arch, NULL), ==, -1);
}

static void
test_signals (void)
{
  const PinkArch *arch = pink_arch_get (PINK_ARCH_X86_64);

  for (int number = 1; number <= 64; number++)
    g_assert_cmpint (pink_arch_signal_number (arch, pink_arch_signal_name (arch, number)), ==, number);

  g_assert_cmpstr (pink_arch_signal_name (arch, 1), ==, "SIGHUP");
  g_assert_cmpstr (pink_arch_signal_name (arch, 9), ==, "SIGKILL");
  g_assert_cmpstr (pink_arch_signal_name (arch, 17), ==, "SIGCHLD");
  g_assert_cmpstr (pink_arch_signal_name (arch, 31), ==, "SIGSYS");
  g_assert_cmpstr (pink_arch_signal_name (arch, 32), ==, "SIGRTMIN");
  g_assert_cmpstr (pink_arch_signal_name (arch, 33), ==, "SIGRT_1");
  g_assert_cmpstr (pink_arch_signal_name (arch, 64), ==, "SIGRT_32");
  g_assert_cmpint (pink_arch_signal_number (arch, "SIGIOT"), ==, 6);
  g_assert_cmpint (pink_arch_signal_number (arch, "SIGPOLL"), ==, 29);

  g_assert_null (pink_arch_signal_name (arch, 0));
  g_assert_null (pink_arch_signal_name (arch, -1));
  g_assert_null (pink_arch_signal_name (arch, 65));
  g_assert_cmpint (pink_arch_signal_number (arch, "SIGNONE"), ==, -1);
  g_assert_cmpint (pink_arch_signal_number (arch, NULL), ==, -1);
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
  g_test_add_func ("/arch/registers/x86-64", test_x86_64);
  g_test_add_func ("/arch/registers/i386", test_i386);
  g_test_add_func ("/arch/registers/int80", test_int80);
  g_test_add_func ("/arch/registers/x32", test_x32);
  g_test_add_func ("/arch/registers/x86-identity", test_x86_identity);
  g_test_add_func ("/arch/registers/sizes-refused", test_sizes_refused);
  g_test_add_func ("/arch/registers/encode", test_encode);
  g_test_add_func ("/arch/registers/exit-from-info", test_exit_from_info);
  g_test_add_func ("/arch/registers/stack-arguments", test_stack_arguments);
  g_test_add_func ("/arch/registers/error-flags", test_error_flags);
  g_test_add_func ("/arch/registers/number-apart", test_number_apart);
  g_test_add_func ("/arch/arguments/registers", test_arg_registers);
  g_test_add_func ("/arch/arguments/values", test_arg_values);
  g_test_add_func ("/arch/names/errnos", test_errnos);
  g_test_add_func ("/arch/names/signals", test_signals);

  return g_test_run ();
}
