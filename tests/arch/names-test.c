/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core, without a process: errnos and signals.
 */
#include <glib.h>
#include <string.h>

#include "pink-arch.h"
#include "pink-arch-private.h"

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

/* From asm/errno.h and asm/signal.h. */
static void
test_powerpc (void)
{
  static const PinkArchId ids[] = { PINK_ARCH_POWERPC, PINK_ARCH_POWERPC64, PINK_ARCH_POWERPC64LE };

  for (unsigned i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const PinkArch *arch = pink_arch_get (ids[i]);

      g_assert_cmpstr (pink_arch_errno_name (arch, 35), ==, "EDEADLK");
      g_assert_cmpstr (pink_arch_errno_name (arch, 58), ==, "EDEADLOCK");
      g_assert_cmpint (pink_arch_errno_number (arch, "EDEADLOCK"), ==, 58);
      g_assert_cmpint (pink_arch_errno_number (arch, "EDEADLK"), ==, 35);
      g_assert_cmpint (pink_arch_errno_number (arch, "ENOSYS"), ==, 38);
      g_assert_cmpstr (pink_arch_errno_text (arch, 58), ==, "File locking deadlock error");
    }
}

static void
test_mips (void)
{
  static const struct
  {
    int         number;
    const char *name;
  } errnos[] = {
    { 2, "ENOENT" }, { 11, "EAGAIN" }, { 34, "ERANGE" }, { 35, "ENOMSG" }, { 45, "EDEADLK" },
    { 46, "ENOLCK" }, { 56, "EDEADLOCK" }, { 73, "EDOTDOT" }, { 74, "EMULTIHOP" }, { 78, "ENAMETOOLONG" },
    { 89, "ENOSYS" }, { 90, "ELOOP" }, { 93, "ENOTEMPTY" }, { 95, "ENOTSOCK" }, { 122, "EOPNOTSUPP" },
    { 125, "EADDRINUSE" }, { 141, "EINIT" }, { 145, "ETIMEDOUT" }, { 158, "ECANCELED" },
    { 168, "EHWPOISON" }, { 512, "ERESTARTSYS" }, { 1133, "EDQUOT" },
  };
  static const struct
  {
    int         number;
    const char *name;
  } signals[] = {
    { 1, "SIGHUP" }, { 7, "SIGEMT" }, { 10, "SIGBUS" }, { 12, "SIGSYS" }, { 16, "SIGUSR1" },
    { 17, "SIGUSR2" }, { 18, "SIGCHLD" }, { 20, "SIGWINCH" }, { 23, "SIGSTOP" }, { 25, "SIGCONT" },
    { 30, "SIGXCPU" }, { 31, "SIGXFSZ" }, { 32, "SIGRTMIN" }, { 33, "SIGRT_1" }, { 127, "SIGRT_95" },
    { 128, "SIGRT_96" },
  };

  for (int id = PINK_ARCH_MIPS_O32; id <= PINK_ARCH_MIPSEL_N64; id++)
    {
      const PinkArch *arch = pink_arch_get ((PinkArchId) id);

      for (unsigned i = 0; i < G_N_ELEMENTS (errnos); i++)
        {
          g_assert_cmpstr (pink_arch_errno_name (arch, errnos[i].number), ==, errnos[i].name);
          g_assert_cmpint (pink_arch_errno_number (arch, errnos[i].name), ==, errnos[i].number);
        }
      for (unsigned i = 0; i < G_N_ELEMENTS (signals); i++)
        {
          g_assert_cmpstr (pink_arch_signal_name (arch, signals[i].number), ==, signals[i].name);
          g_assert_cmpint (pink_arch_signal_number (arch, signals[i].name), ==, signals[i].number);
        }
      g_assert_cmpint (pink_arch_errno_number (arch, "ENOTSUP"), ==, 122);
      g_assert_cmpint (pink_arch_errno_number (arch, "EWOULDBLOCK"), ==, 11);
      g_assert_cmpstr (pink_arch_errno_text (arch, 89), ==, "Function not implemented");
      g_assert_null (pink_arch_errno_name (arch, 47));
      g_assert_null (pink_arch_errno_name (arch, 100));
      g_assert_null (pink_arch_signal_name (arch, 129));
      g_assert_cmpint (pink_arch_signal_number (arch, "SIGSTKFLT"), ==, -1);
      g_assert_cmpint (pink_arch_signal_number (arch, "SIGCLD"), ==, 18);
    }
}

/* Every number has a text, and its name leads back to it. */
static void
test_all (void)
{
  for (int id = PINK_ARCH_UNKNOWN + 1; id < PINK_ARCH_N_IDS; id++)
    {
      const PinkArch *arch = pink_arch_get ((PinkArchId) id);

      for (int number = 0; number < 4096; number++)
        {
          const char *name = pink_arch_errno_name (arch, number);
          const char *text = pink_arch_errno_text (arch, number);

          g_assert_cmpint (name == NULL, ==, text == NULL);
          if (name == NULL)
            continue;
          g_assert_cmpint (pink_arch_errno_number (arch, name), ==, number);
          g_assert_cmpstr (text, !=, "");
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arch/names/errnos", test_errnos);
  g_test_add_func ("/arch/names/signals", test_signals);
  g_test_add_func ("/arch/names/powerpc", test_powerpc);
  g_test_add_func ("/arch/names/mips", test_mips);
  g_test_add_func ("/arch/names/all", test_all);

  return g_test_run ();
}
