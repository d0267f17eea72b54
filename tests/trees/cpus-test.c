/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who is allowed which CPUs: tracees are narrowed to one for moments, and must
 * never see it; the application is not at all.
 */
#include "tree-util.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_tracee (gconstpointer calls)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autofree char *n = g_strdup_printf ("%u", tree_count (40, 400));
  g_autofree char *n_cpus = NULL;
  g_autoptr (TreeWatch) watch = NULL;
  cpu_set_t cpus;

  g_assert_no_errno (sched_getaffinity (0, sizeof cpus, &cpus));
  n_cpus = g_strdup_printf ("%d", CPU_COUNT (&cpus));
  watch = tree_trace (calls != NULL, shared, "cpus", n, n_cpus, NULL);

  g_assert_cmpuint (watch->n_lost, ==, 0);
}

typedef struct
{
  cpu_set_t before;
  guint     n_calls;
} Application;

static void
expect_before (const Application *application)
{
  cpu_set_t now;

  g_assert_no_errno (sched_getaffinity (0, sizeof now, &now));
  g_assert_true (CPU_EQUAL (&now, &application->before));
}

static gpointer
look_in_thread (gpointer application)
{
  expect_before (application);
  return NULL;
}

static void
expect_before_in_process (const Application *application)
{
  cpu_set_t now;
  int status;
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (sched_getaffinity (0, sizeof now, &now) != 0 || !CPU_EQUAL (&now, &application->before));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
on_call (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         Application      *application)
{
  expect_before (application);
  if (++application->n_calls % 100 == 0)
    {
      g_thread_join (g_thread_new ("look", look_in_thread, application));
      expect_before_in_process (application);
    }
}

static gboolean
on_high (gpointer application)
{
  expect_before (application);
  return G_SOURCE_CONTINUE;
}

static void
test_application (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Application application = { 0 };
  guint source = g_timeout_add_full (G_PRIORITY_HIGH, 1, on_high, &application, NULL);

  g_assert_no_errno (sched_getaffinity (0, sizeof application.before, &application.before));
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_call), &application);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (on_call), &application);
  test_trace (tracer, "getppid:500", NULL);
  g_assert_cmpuint (application.n_calls, >=, 1000);
  g_source_remove (source);
  expect_before (&application);
}

/* The last of those it has. */
static cpu_set_t
one_of (const cpu_set_t *cpus)
{
  cpu_set_t one;
  int last = CPU_SETSIZE - 1;

  while (!CPU_ISSET (last, cpus))
    last--;
  CPU_ZERO (&one);
  CPU_SET (last, &one);
  return one;
}

static gpointer
set_from_thread (gpointer cpus)
{
  g_assert_no_errno (sched_setaffinity (getpid (), sizeof (cpu_set_t), cpus));
  return NULL;
}

static void
set_in_the_middle (PinkTracer       *tracer,
                   PinkSyscallEvent *event,
                   Application      *application)
{
  cpu_set_t one = one_of (&application->before);

  if (application->n_calls != 500)
    return;
  g_thread_join (g_thread_new ("set", set_from_thread, &one));
  application->before = one;
}

/* What another thread gives the main thread in the middle of a trace stays. */
static void
test_set_by_another (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Application application = { 0 };
  cpu_set_t at_first;

  g_assert_no_errno (sched_getaffinity (0, sizeof at_first, &at_first));
  application.before = at_first;
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_call), &application);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (set_in_the_middle), &application);
  test_trace (tracer, "getppid:2000", NULL);
  g_assert_cmpuint (application.n_calls, >=, 2000);
  expect_before (&application);
  g_assert_no_errno (sched_setaffinity (0, sizeof at_first, &at_first));
}

/* helper: one-cpu: all there is, for the application, its tasks and what it traces. */
static int
helper_one_cpu (int    argc,
                char **argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Application application = { 0 };

  g_assert_no_errno (sched_getaffinity (0, sizeof application.before, &application.before));
  application.before = one_of (&application.before);
  g_assert_no_errno (sched_setaffinity (0, sizeof application.before, &application.before));
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_call), &application);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (on_call), &application);
  test_trace (tracer, "getppid:5000", NULL);
  g_assert_cmpuint (application.n_calls, >=, 10000);
  return 0;
}

static void
test_one_cpu (void)
{
  test_helper_run ("one-cpu", NULL);
}

static void
on_getppid (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            guint            *n)
{
  (*n)++;
}

static guint64
switches_of (int pid)
{
  g_autofree char *switches = test_status_line (pid, "voluntary_ctxt_switches");

  g_assert_nonnull (switches);
  return g_ascii_strtoull (switches, NULL, 10);
}

static gboolean
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

static guint
iterations_until (const gboolean *flag)
{
  guint n = 0;

  for (; !*flag; n++)
    g_main_context_iteration (NULL, TRUE);
  return n;
}

static gboolean
is_asleep (gpointer n_calls)
{
  return *(guint *) n_calls > 100;
}

/* While its tracee sleeps, neither the task nor the main loop wakes up. */
static void
test_idle (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  PinkTracee *tracee = test_spawn (tracer, "getppid:100", "sleep-forever", NULL);
  int pid = pink_tracee_get_pid (tracee), task = test_tracer_task_of (pid);
  gboolean settled = FALSE, later = FALSE;
  guint n = 0;
  guint64 before;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_getppid), &n);
  test_wait_until (NULL, is_asleep, &n, "the tracee to fall asleep");
  g_timeout_add (200, set_true, &settled);
  iterations_until (&settled);
  before = switches_of (task);
  g_timeout_add (1000, set_true, &later);
  g_assert_cmpuint (iterations_until (&later), <=, 3);
  g_assert_cmpuint (switches_of (task) - before, <=, 3);
  g_assert_no_errno (kill (pid, SIGKILL));
  test_run (tracer);
}

static gboolean
is_fast (gpointer n)
{
  return *(guint *) n >= 2000;
}

/* What it keeps when it is let go in the middle of it. */
static void
test_detached (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawn (tracer, "loop-forever", NULL));
  int pid = pink_tracee_get_pid (tracee);
  cpu_set_t before, after;
  guint n = 0;

  g_assert_no_errno (sched_getaffinity (0, sizeof before, &before));
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_getppid), &n);
  test_wait_until (NULL, is_fast, &n, "2,000 calls");
  tree_detach (tracee, FALSE);
  g_assert_no_errno (sched_getaffinity (pid, sizeof after, &after));
  g_assert_true (CPU_EQUAL (&before, &after));
  g_assert_no_errno (kill (pid, SIGKILL));
  g_assert_true (test_process_await_end (pid, TEST_GONE_S));
}

/* One that calls without a pause, is not waited for, and outlives who traces it. */
static int
spawn_survivor (PinkTracer *tracer,
                guint      *n_calls)
{
  pink_tracer_set_exit_kill (tracer, FALSE);
  pink_tracer_set_observe_only (tracer, TRUE);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_getppid), n_calls);
  return pink_tracee_get_pid (test_spawn (tracer, "loop-forever", NULL));
}

static gboolean
is_let_go (gpointer pid)
{
  return test_tracer_task_of (GPOINTER_TO_INT (pid)) == 0;
}

/* It is on its own, and may go where it might before. */
static void
expect_free (int              pid,
             const cpu_set_t *before)
{
  cpu_set_t after;
  int error;

  test_wait_until (NULL, is_let_go, GINT_TO_POINTER (pid), "a tracee to be let go");
  error = sched_getaffinity (pid, sizeof after, &after);
  g_assert_no_errno (kill (pid, SIGKILL));
  g_assert_cmpint (error, ==, 0);
  g_assert_true (CPU_EQUAL (before, &after));
  g_assert_true (test_process_await_end (pid, TEST_GONE_S));
}

/* The moment is any: both sides run on while this one counts. */
static int
kill_task (guint us)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;
  guint n = 0;
  int pid = spawn_survivor (tracer, &n);
  gint64 until;

  test_wait_until (NULL, is_fast, &n, "2,000 calls");
  until = g_get_monotonic_time () + us;
  while (g_get_monotonic_time () < until)
    ;
  g_assert_no_errno (kill (test_tracer_task_of (pid), SIGKILL));
  g_assert_false (test_run_full (tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  return pid;
}

/* helper: application: traces until it is killed. */
static int
helper_application (int    argc,
                    char **argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;
  int pid = spawn_survivor (tracer, &n);

  test_wait_until (NULL, is_fast, &n, "2,000 calls");
  test_helper_say ("%d", pid);
  test_run (tracer);
  return 0;
}

static int
kill_application (void)
{
  TestHelper *helper = test_helper_start ("application", NULL);
  g_autofree char *line = test_helper_read_line (helper);

  g_assert_no_errno (kill (test_helper_pid (helper), SIGKILL));
  g_assert_cmpint (test_helper_wait (helper), ==, SIGKILL);
  return atoi (line);
}

static void
test_killed (gconstpointer application)
{
  guint times = tree_count (50, 500);
  cpu_set_t before;

  g_assert_no_errno (sched_getaffinity (0, sizeof before, &before));
  for (guint i = 0; i < times; i++)
    expect_free (application != NULL ? kill_application () : kill_task (i % 50), &before);
}

static const TestHelperDef helpers[] = {
  { "application", helper_application },
  { "one-cpu", helper_one_cpu },
  { NULL, NULL },
};

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, helpers);
  test_add_data ("/cpus/tracee", NULL, test_tracee);
  test_add_data ("/cpus/tracee/calls", "calls", test_tracee);
  test_add ("/cpus/application", test_application);
  test_add ("/cpus/set-by-another", test_set_by_another);
  test_add ("/cpus/one", test_one_cpu);
  test_add_native (TEST_LOOKS, "/cpus/idle", test_idle);
  test_add ("/cpus/detached", test_detached);
  test_add_data_native (TEST_KILLS_TASK, "/cpus/task-killed", NULL, test_killed);
  test_add_data ("/cpus/application-killed", "application", test_killed);
  return g_test_run ();
}
