/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Names and numbers; no process is traced here.
 */
#include "pink-test-util.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

static void
test_name (void)
{
  g_assert_cmpstr (pink_syscall_name (PINK_ABI_X86_64, 257), ==, "openat");
  g_assert_cmpstr (pink_syscall_name (PINK_ABI_X86_64, 0), ==, "read");
  g_assert_cmpstr (pink_syscall_name (PINK_ABI_I386, 295), ==, "openat");
  g_assert_cmpstr (pink_syscall_name (PINK_ABI_I386, 257), ==, "remap_file_pages");
  g_assert_cmpstr (pink_syscall_name (PINK_ABI_X32, 520), ==, "execve");
  g_assert_cmpstr (pink_syscall_name (PINK_ABI_X32, 0x40000000 | 520), ==, "execve");
  g_assert_cmpstr (pink_syscall_name (pink_abi_get_native (), SYS_getppid), ==, "getppid");
}

static void
test_no_name (void)
{
  g_assert_null (pink_syscall_name (PINK_ABI_X86_64, 99999));
  g_assert_null (pink_syscall_name (PINK_ABI_X86_64, G_MAXUINT64));
  g_assert_null (pink_syscall_name (PINK_ABI_I386, 0x40000000 | 3));
  g_assert_null (pink_syscall_name (PINK_ABI_UNKNOWN, 0));
  g_assert_null (pink_syscall_name ((PinkAbi) 12345, 0));
  g_assert_null (pink_syscall_name ((PinkAbi) -1, 0));
}

static void
test_from_name (void)
{
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_X86_64, "openat"), ==, 257);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_I386, "openat"), ==, 295);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_X32, "execve"), ==, 520);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_I386, "socketcall"), ==, 102);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_X86_64, "socketcall"), ==, -1);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_X86_64, "opennat"), ==, -1);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_X86_64, ""), ==, -1);
  g_assert_cmpint (pink_syscall_from_name (PINK_ABI_UNKNOWN, "read"), ==, -1);
  g_assert_cmpint (pink_syscall_from_name (pink_abi_get_native (), "getppid"), ==, SYS_getppid);
}

/* Each name that a number has leads back to a number of that name. */
static void
test_there_and_back (void)
{
  guint n = 0;

  for (int abi = PINK_ABI_UNKNOWN + 1; abi <= PINK_ABI_LOONGARCH64; abi++)
    for (guint64 number = 0; number < 7000; number++)
      {
        const char *name = pink_syscall_name ((PinkAbi) abi, number);
        gint64 back;

        if (name == NULL)
          continue;
        n++;
        back = pink_syscall_from_name ((PinkAbi) abi, name);
        g_assert_cmpint (back, >=, 0);
        g_assert_cmpstr (pink_syscall_name ((PinkAbi) abi, (guint64) back), ==, name);
      }
  g_assert_cmpuint (n, >, 1000);
}

static void
test_abi (void)
{
#ifdef __x86_64__
  g_assert_cmpint (pink_abi_get_native (), ==, PINK_ABI_X86_64);
#endif
  g_assert_cmpstr (pink_abi_get_name (PINK_ABI_X86_64), ==, "x86_64");
  g_assert_cmpstr (pink_abi_get_name (PINK_ABI_I386), ==, "i386");
  g_assert_cmpstr (pink_abi_get_name (PINK_ABI_X32), ==, "x32");
  g_assert_null (pink_abi_get_name (PINK_ABI_UNKNOWN));
  g_assert_null (pink_abi_get_name ((PinkAbi) 12345));
}

static void
test_errno (void)
{
  g_assert_cmpstr (pink_errno_name (ENOENT), ==, "ENOENT");
  g_assert_cmpstr (pink_errno_name (EACCES), ==, "EACCES");
  g_assert_null (pink_errno_name (0));
  g_assert_null (pink_errno_name (-ENOENT));
  g_assert_null (pink_errno_name (99999));
  g_assert_cmpint (pink_errno_from_name ("EACCES"), ==, EACCES);
  g_assert_cmpint (pink_errno_from_name ("EWOULDBLOCK"), ==, EWOULDBLOCK);
  g_assert_cmpint (pink_errno_from_name ("EACCESS"), ==, -1);
  g_assert_cmpint (pink_errno_from_name (""), ==, -1);
  for (int i = 1; i < 134; i++)
    if (pink_errno_name (i) != NULL)
      g_assert_cmpint (pink_errno_from_name (pink_errno_name (i)), ==, i);
}

static void
test_signal (void)
{
  g_assert_cmpstr (pink_signal_name (SIGKILL), ==, "SIGKILL");
  g_assert_cmpstr (pink_signal_name (SIGCHLD), ==, "SIGCHLD");
  g_assert_null (pink_signal_name (0));
  g_assert_null (pink_signal_name (-1));
  g_assert_null (pink_signal_name (999));
  g_assert_cmpint (pink_signal_from_name ("SIGUSR1"), ==, SIGUSR1);
  g_assert_cmpint (pink_signal_from_name ("SIGNOT"), ==, -1);
  for (int i = 1; i < 32; i++)
    g_assert_cmpint (pink_signal_from_name (pink_signal_name (i)), ==, i);
}

/* ---- pink_syscall_expand() ---- */

static char **
expand (const char *words)
{
  g_auto (GStrv) names = g_strsplit (words, " ", -1);
  GError *error = NULL;
  char **calls = pink_syscall_expand ((const char * const *) names, &error);

  g_assert_no_error (error);
  g_assert_nonnull (calls);
  /* In the order of the alphabet, and none twice. */
  for (guint i = 0; calls[i] != NULL && calls[i + 1] != NULL; i++)
    g_assert_cmpstr (calls[i], <, calls[i + 1]);
  return calls;
}

static gboolean
has (char       **calls,
     const char  *name)
{
  return g_strv_contains ((const char * const *) calls, name);
}

static void
test_expand_names (void)
{
  g_auto (GStrv) calls = expand ("write openat write");

  g_assert_cmpuint (g_strv_length (calls), ==, 2);
  g_assert_cmpstr (calls[0], ==, "openat");
  g_assert_cmpstr (calls[1], ==, "write");
}

static void
test_expand_nothing (void)
{
  const char * const none[] = { NULL };
  g_auto (GStrv) calls = pink_syscall_expand (none, NULL);

  g_assert_nonnull (calls);
  g_assert_cmpuint (g_strv_length (calls), ==, 0);
}

static void
test_expand_class (void)
{
  g_auto (GStrv) files = expand ("%file");
  g_auto (GStrv) network = expand ("%network");

  g_assert_true (has (files, "openat") && has (files, "execve") && has (files, "unlink"));
  g_assert_false (has (files, "read") || has (files, "getppid"));
  g_assert_true (has (network, "connect") && has (network, "sendto"));
  g_assert_false (has (network, "openat"));
}

static void
test_expand_without (void)
{
  g_auto (GStrv) all = expand ("all");
  g_auto (GStrv) not_stat = expand ("%file !stat !%network");
  g_auto (GStrv) all_but = expand ("!getppid");
  g_auto (GStrv) last_word = expand ("%file !%file openat");

  g_assert_true (has (all, "getppid") && has (all, "openat"));
  g_assert_true (has (not_stat, "openat"));
  g_assert_false (has (not_stat, "stat"));
  g_assert_cmpuint (g_strv_length (all_but) + 1, ==, g_strv_length (all));
  g_assert_false (has (all_but, "getppid"));
  g_assert_cmpuint (g_strv_length (last_word), ==, 1);
  g_assert_cmpstr (last_word[0], ==, "openat");
}

/* What any ABI has is known on all. */
static void
test_expand_foreign (void)
{
  g_auto (GStrv) calls = expand ("socketcall");

  g_assert_cmpuint (g_strv_length (calls), ==, 1);
}

static void
test_expand_unknown (void)
{
  static const char * const wrong[] = { "opennat", "%flie", "!opennat", "", "%", "!", "OPENAT" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char * const names[] = { "read", wrong[i], NULL };
      g_autoptr (GError) error = NULL;

      g_assert_null (pink_syscall_expand (names, &error));
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
      g_assert_nonnull (strstr (error->message, wrong[i] + (wrong[i][0] == '!')));
    }
}

static void
test_version (void)
{
  g_autofree char *text = g_strdup_printf ("%d.%d.%d", PINK_MAJOR_VERSION, PINK_MINOR_VERSION,
                                           PINK_MICRO_VERSION);

  g_assert_cmpstr (pink_get_version (), ==, text);
  g_assert_true (pink_check_version (PINK_MAJOR_VERSION, PINK_MINOR_VERSION, PINK_MICRO_VERSION));
  g_assert_true (pink_check_version (0, 99, 99));
  g_assert_false (pink_check_version (PINK_MAJOR_VERSION, PINK_MINOR_VERSION, PINK_MICRO_VERSION + 1));
  g_assert_false (pink_check_version (PINK_MAJOR_VERSION, PINK_MINOR_VERSION + 1, 0));
  g_assert_false (pink_check_version (PINK_MAJOR_VERSION + 1, 0, 0));
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/syscall/name", test_name);
  test_add ("/syscall/no-name", test_no_name);
  test_add ("/syscall/from-name", test_from_name);
  test_add ("/syscall/there-and-back", test_there_and_back);
  test_add ("/syscall/abi", test_abi);
  test_add ("/syscall/errno", test_errno);
  test_add ("/syscall/signal", test_signal);
  test_add ("/syscall/expand/names", test_expand_names);
  test_add ("/syscall/expand/nothing", test_expand_nothing);
  test_add ("/syscall/expand/class", test_expand_class);
  test_add ("/syscall/expand/without", test_expand_without);
  test_add ("/syscall/expand/foreign", test_expand_foreign);
  test_add ("/syscall/expand/unknown", test_expand_unknown);
  test_add ("/version", test_version);
  return g_test_run ();
}
