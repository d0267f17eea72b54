/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: what socketcall() and ipc() stand for.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"

/* A tracee whose memory at 0x1000 begins with words 0xa0, 0xa1…, in its own form. */
static bool
read_words (void *data, uint64_t address, void *buffer, size_t size)
{
  const PinkArch *arch = data;
  unsigned width = pink_arch_word_size (arch);
  unsigned char *bytes = buffer;

  if (address < 0x1000 || address + size > 0x1000 + 6 * width)
    return false;
  memset (bytes, 0, size);
  for (size_t at = 0; at < size; at += width)
    bytes[pink_arch_is_big_endian (arch) ? at + width - 1 : at]
      = (unsigned char) (0xa0 + (address - 0x1000 + at) / width);
  return true;
}

static PinkArchUnfolded
unfold (PinkArchId id, const char *name, const uint64_t args[6])
{
  const PinkArch *arch = pink_arch_get (id);
  PinkArchEntry entry = { .number = (uint64_t) pink_arch_syscall_number (arch, name) };
  PinkArchUnfolded unfolded;

  memcpy (entry.args, args, sizeof entry.args);
  g_assert_true (pink_arch_unfold (arch, &entry, read_words, (void *) arch, &unfolded));
  return unfolded;
}

static void
test_socketcall (void)
{
  static const PinkArchId ids[] = { PINK_ARCH_I386, PINK_ARCH_ARM, PINK_ARCH_POWERPC, PINK_ARCH_POWERPC64,
                                    PINK_ARCH_S390X, PINK_ARCH_S390, PINK_ARCH_MIPS_O32 };
  /* From linux/net.h. */
  static const char *const names[] = {
    NULL, "socket", "bind", "connect", "listen", "accept", "getsockname", "getpeername", "socketpair",
    "send", "recv", "sendto", "recvfrom", "shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg",
    "accept4", "recvmmsg", "sendmmsg",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (ids); i++)
    for (unsigned which = 1; which < G_N_ELEMENTS (names); which++)
      {
        const uint64_t args[6] = { which, 0x1000 };
        PinkArchUnfolded unfolded = unfold (ids[i], "socketcall", args);
        const PinkArchSyscall *call = pink_arch_syscall ((unsigned) unfolded.row);

        g_assert_cmpstr (call->name, ==, names[which]);
        g_assert_cmpuint (unfolded.in_memory, ==, (1u << call->n_args) - 1);
        for (unsigned arg = 0; arg < PINK_ARCH_N_REGS; arg++)
          g_assert_cmphex (unfolded.args[arg], ==, arg < call->n_args ? 0xa0 + arg : 0);
        g_assert_cmphex (unfolded.address[1], ==, 0x1000 + pink_arch_word_size (pink_arch_get (ids[i])));
      }
}

static void
test_ipc (void)
{
  static const struct
  {
    PinkArchId  id;
    unsigned    call;
    const char *name;
    uint64_t    args[6];
    unsigned    in_memory;
  } cases[] = {
    { PINK_ARCH_I386, 1, "semop", { 11, 0x1000, 12 }, 0 },
    { PINK_ARCH_I386, 2, "semget", { 11, 12, 13 }, 0 },
    { PINK_ARCH_I386, 3, "semctl", { 11, 12, 13, 0xa0 }, 8 },
    { PINK_ARCH_POWERPC64, 3, "semctl", { 11, 12, 13, 0xa0 }, 8 },
    { PINK_ARCH_I386, 4, "semtimedop", { 11, 0x1000, 12, 15 }, 0 },
    { PINK_ARCH_S390X, 4, "semtimedop", { 11, 0x1000, 12, 13 }, 0 },
    { PINK_ARCH_S390, 4, "semtimedop", { 11, 0x1000, 12, 13 }, 0 },
    { PINK_ARCH_POWERPC, 11, "msgsnd", { 11, 0x1000, 12, 13 }, 0 },
    { PINK_ARCH_POWERPC, 12, "msgrcv", { 11, 0xa0, 12, 0xa1, 13 }, 0x0a },
    { PINK_ARCH_POWERPC, 1 << 16 | 12, "msgrcv", { 11, 0x1000, 12, 15, 13 }, 0 },
    { PINK_ARCH_ARM, 13, "msgget", { 11, 12 }, 0 },
    { PINK_ARCH_MIPS_O32, 14, "msgctl", { 11, 12, 0x1000 }, 0 },
    { PINK_ARCH_MIPSEL_O32, 21, "shmat", { 11, 0x1000, 12 }, 0 },
    { PINK_ARCH_POWERPC64LE, 22, "shmdt", { 0x1000 }, 0 },
    { PINK_ARCH_I386, 23, "shmget", { 11, 12, 13 }, 0 },
    { PINK_ARCH_I386, 24, "shmctl", { 11, 12, 0x1000 }, 0 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const uint64_t args[6] = { cases[i].call, 11, 12, 13, 0x1000, 15 };
      PinkArchUnfolded unfolded = unfold (cases[i].id, "ipc", args);

      g_assert_cmpstr (pink_arch_syscall ((unsigned) unfolded.row)->name, ==, cases[i].name);
      g_assert_cmphex (unfolded.in_memory, ==, cases[i].in_memory);
      for (unsigned arg = 0; arg < PINK_ARCH_N_REGS; arg++)
        {
          g_assert_cmphex (unfolded.args[arg], ==, cases[i].args[arg]);
          if (unfolded.from[arg] != 0)
            g_assert_cmphex (args[unfolded.from[arg]], ==, unfolded.args[arg]);
        }
    }
}

static void
test_not_folded (void)
{
  const PinkArch *i386 = pink_arch_get (PINK_ARCH_I386);
  const struct
  {
    const char *name;
    uint64_t    args[6];
  } cases[] = {
    { "read", { 1, 0x1000 } },          { "socketcall", { 0, 0x1000 } },
    { "socketcall", { 21, 0x1000 } },   { "socketcall", { UINT64_MAX, 0x1000 } },
    { "socketcall", { 1, 0x4000 } },    { "ipc", { 0 } },
    { "ipc", { 5 } },                   { "ipc", { 25 } },
    { "ipc", { 3, 1, 1, 1, 0 } },
  };
  PinkArchUnfolded unfolded;

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PinkArchEntry entry = { .number = (uint64_t) pink_arch_syscall_number (i386, cases[i].name) };

      memcpy (entry.args, cases[i].args, sizeof entry.args);
      g_assert_false (pink_arch_unfold (i386, &entry, read_words, (void *) i386, &unfolded));
    }

  g_assert_false (pink_arch_unfold (i386, &(PinkArchEntry) { .number = UINT64_MAX }, read_words,
                                    (void *) i386, &unfolded));
  g_assert_false (pink_arch_unfold (i386, &(PinkArchEntry) { .number = 102, .args = { 1, 0x1000 } }, NULL,
                                    NULL, &unfolded));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arch/unfold/socketcall", test_socketcall);
  g_test_add_func ("/arch/unfold/ipc", test_ipc);
  g_test_add_func ("/arch/unfold/not-folded", test_not_folded);

  return g_test_run ();
}
