/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: x86's register sets, recorded once on
 * Linux 6.18, and what is odd about that family.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"

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
  /* What a 32-bit tracer on a 64-bit kernel sees of a 64-bit process. */
  g_assert_true (pink_arch_from_regset (PINK_ARCH_I386, openat64_entry, 216) == pink_arch_get (PINK_ARCH_X86_64));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_I386, openat64_entry, 72));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_AARCH64, openat64_entry, 216));
  g_assert_null (pink_arch_from_regset (PINK_ARCH_N_IDS, openat64_entry, 216));
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arch/x86/64", test_x86_64);
  g_test_add_func ("/arch/x86/i386", test_i386);
  g_test_add_func ("/arch/x86/int80", test_int80);
  g_test_add_func ("/arch/x86/x32", test_x32);
  g_test_add_func ("/arch/x86/identity", test_x86_identity);
  g_test_add_func ("/arch/x86/sizes-refused", test_sizes_refused);
  g_test_add_func ("/arch/x86/encode", test_encode);
  g_test_add_func ("/arch/x86/exit-from-info", test_exit_from_info);

  return g_test_run ();
}
