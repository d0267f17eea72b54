/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Handlers and surroundings that make it hard.
 */
#include "pink-test-util.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static gboolean
has_ended (gpointer tracee)
{
  return pink_tracee_get_state (tracee) == PINK_TRACEE_EXITED;
}

/* Kills the tracee and waits for its end, in a main loop of the handler's own. */
static void
end_it_here (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  guint *n = data;

  if ((*n)++ > 0)
    return;
  kill (pink_tracee_get_pid (tracee), SIGKILL);
  test_wait_until (NULL, has_ended, tracee, "the end, in the handler");
  if (g_str_equal (pink_syscall_event_get_name (event), "getppid") &&
      pink_syscall_event_get_duration (event) < 0)
    g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_GONE);
}

static void
test_end_in_handler (gconstpointer signal)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, signal, G_CALLBACK (end_it_here), &n);
  g_assert_cmpint (test_trace (tracer, "getppid:10", NULL), ==, SIGKILL);
  g_assert_cmpuint (n, ==, 1);
}

static int
fail_again_and_again (int argc, char **argv)
{
  const struct rlimit limit = { 64, 64 };
  const char * const missing[] = { "/nonexistent/program", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pink_tracer_spawn (tracer, missing, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    }
  return 0;
}

static void
test_failed_spawns (void)
{
  test_helper_run ("fail-again-and-again", NULL);
}

static gboolean
has_few_fds (gpointer most)
{
  return test_count_fds () <= GPOINTER_TO_UINT (most);
}

/* As a container's filter does. */
static int
trace_without_unshare (int argc, char **argv)
{
  g_autoptr (PinkTracer) tracer = NULL;
  guint n_fds;

  test_refuse_call (SYS_unshare, EPERM);
  tracer = pink_tracer_new ();
  n_fds = test_count_fds ();
  for (guint i = 0; i < test_count (50); i++)
    g_assert_cmpint (test_trace (tracer, "getppid:10", "exit:3", NULL), ==, 3 << 8);
  /* The last tasks may not be buried yet. */
  g_assert_true (test_wait_for (NULL, has_few_fds, GUINT_TO_POINTER (n_fds + 1), TEST_BOUND_S));
  return 0;
}

static void
test_without_unshare (void)
{
  test_helper_run ("trace-without-unshare", NULL);
}

/* Neither way to a table of its own: an error, and nobody's descriptors closed. */
static int
spawn_without_table (int argc, char **argv)
{
  const char * const program[] = { test_program (), "exit:0", NULL };
  g_autoptr (PinkTracer) tracer = NULL;
  g_autoptr (GError) error = NULL;
  guint n_fds;

  test_refuse_call (SYS_unshare, EPERM);
  test_refuse_call (436 /* close_range */, ENOSYS);
  tracer = pink_tracer_new ();
  n_fds = test_count_fds ();
  g_assert_null (pink_tracer_spawn (tracer, program, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED);
  g_assert_cmpuint (test_count_fds (), ==, n_fds);
  return 0;
}

static void
test_without_table (void)
{
  test_helper_run ("spawn-without-table", NULL);
}

static void
keep_arguments (PinkTracer       *tracer,
                PinkSyscallEvent *event,
                gpointer          data)
{
  char ***arguments = data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (arguments, g_strfreev);
  *arguments = pink_syscall_event_read_string_array (event, 1, &error);
  g_assert_no_error (error);
}

/* At its exit an execve's arguments are gone from the tracee: all were kept. */
static void
test_long_execve (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  const char * const argv[] = {
    "/bin/sh", "-c", "a=$(printf '%20000s' x); exec /bin/true \"$a\" $(seq 1500)", NULL
  };

  g_signal_connect (tracer, "syscall-exit::execve", G_CALLBACK (keep_arguments), &arguments);
  g_assert_nonnull (pink_tracer_spawn (tracer, argv, &error));
  g_assert_no_error (error);
  test_run (tracer);
  g_assert_cmpuint (g_strv_length (arguments), ==, 1502);
  g_assert_cmpuint (strlen (arguments[1]), ==, 20000);
  g_assert_cmpstr (arguments[1501], ==, "1500");
}

static const TestHelperDef helpers[] = {
  { "fail-again-and-again", fail_again_and_again },
  { "trace-without-unshare", trace_without_unshare },
  { "spawn-without-table", spawn_without_table },
  { NULL, NULL }
};

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, helpers);
  test_add_data ("/hard/end-in-handler/enter", "syscall-enter::getppid", test_end_in_handler);
  test_add_data ("/hard/end-in-handler/exit", "syscall-exit::getppid", test_end_in_handler);
  test_add_data ("/hard/end-in-handler/launch", "syscall-enter::execve", test_end_in_handler);
  test_add ("/hard/failed-spawns", test_failed_spawns);
  test_add ("/hard/without-unshare", test_without_unshare);
  test_add ("/hard/without-table", test_without_table);
  test_add ("/hard/long-execve", test_long_execve);
  return g_test_run ();
}
