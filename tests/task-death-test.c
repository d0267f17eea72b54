/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracer task that is killed from outside: the application hears of it, and
 * nothing may be left.
 */
#include "pink-test-util.h"

#include <string.h>
#include <sys/wait.h>

typedef struct
{
  guint   n_lost;
  guint   n_exited;
  guint   n_finished;
  GError *error;
} Lost;

static void
on_lost (PinkTracer *tracer,
         PinkTracee *tracee,
         GError     *error,
         gpointer    data)
{
  Lost *lost = data;

  lost->n_lost++;
  g_clear_error (&lost->error);
  lost->error = g_error_copy (error);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_LOST);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, -1);
}

static void
on_exited (PinkTracer *tracer,
           PinkTracee *tracee,
           int         wait_status,
           gpointer    data)
{
  ((Lost *) data)->n_exited++;
}

static void
on_finished (PinkTracer *tracer,
             gpointer    data)
{
  ((Lost *) data)->n_finished++;
}

static void
connect_lost (PinkTracer *tracer,
              Lost       *lost)
{
  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (on_lost), lost);
  g_signal_connect (tracer, "exited", G_CALLBACK (on_exited), lost);
  g_signal_connect (tracer, "finished", G_CALLBACK (on_finished), lost);
}

static void
assert_lost (PinkTracer *tracer,
             Lost       *lost)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (test_run_full (tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_assert_nonnull (strstr (error->message, "killed"));
  g_assert_cmpuint (lost->n_lost, ==, 1);
  g_assert_cmpuint (lost->n_exited, ==, 0);
  g_assert_cmpuint (lost->n_finished, ==, 1);
  g_assert_error (lost->error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_clear_error (&lost->error);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
  /* It is said once, and the tracer is as good as before. */
  test_run (tracer);
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
}

typedef struct
{
  const char *path;
  const char *step;
  guint       n_calls; /* of "syscall-enter" before */
} KillCase;

static const KillCase kill_cases[] = {
  { "/task-death/unseen", "loop-forever", 0 },
  { "/task-death/looping", "loop-forever", 300 },
  { "/task-death/sleeping", "sleep-forever", 10 },
  { "/task-death/spinning", "spin-forever", 10 },
  { "/task-death/stopped", "raise:19", 10 },
};

typedef struct
{
  guint n;
  guint wanted;
} Reached;

static gboolean
is_reached (gpointer data)
{
  return ((Reached *) data)->n >= ((Reached *) data)->wanted;
}

static void
test_task_killed (gconstpointer data)
{
  const KillCase *test = data;
  TestState before = test_state_get ();
  g_autoptr (TestPids) pids = test_pids_new ();
  PinkTracer *tracer = pink_tracer_new ();
  Reached reached = { .wanted = test->n_calls };
  Lost lost = { 0 };
  PinkTracee *tracee;
  int pid;

  connect_lost (tracer, &lost);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &reached.n);
  tracee = test_spawn (tracer, test->step, NULL);
  pid = pink_tracee_get_pid (tracee);
  test_pids_add_traced (pids, tracee);
  test_wait_until (NULL, is_reached, &reached, "calls to be traced");

  g_assert_cmpint (test_kill_task (pid), >, 0);
  test_pids_await_gone (pids); /* the tracee too */
  assert_lost (tracer, &lost);
  g_object_unref (tracer);
  test_state_await (&before);
}

static void
kill_task (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          data)
{
  test_kill_task (pink_tracee_get_pid (pink_syscall_event_get_tracee (event)));
}

/* In a handler, of which the answer then finds nobody. */
static void
test_task_killed_in_handler (void)
{
  TestState before = test_state_get ();
  PinkTracer *tracer = pink_tracer_new ();
  Lost lost = { 0 };
  gulong id;

  connect_lost (tracer, &lost);
  id = g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (kill_task), NULL);
  test_spawn (tracer, "loop-forever", NULL);
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (test_run_full (tracer, &error));
    g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  }
  g_signal_handler_disconnect (tracer, id);
  g_assert_cmpuint (lost.n_lost, ==, 1);
  g_assert_cmpuint (lost.n_exited, ==, 0);
  g_clear_error (&lost.error);
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  g_object_unref (tracer);
  test_state_await (&before);
}

/* One of three: the others go on to their end. */
static void
test_one_task_killed (void)
{
  TestState before = test_state_get ();
  PinkTracer *tracer = pink_tracer_new ();
  Lost lost = { 0 };
  g_autoptr (GError) error = NULL;
  PinkTracee *victim;
  guint n = 0;

  connect_lost (tracer, &lost);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  test_spawn (tracer, "getppid:500", NULL);
  victim = test_spawn (tracer, "sleep-forever", NULL);
  test_spawn (tracer, "getppid:500", NULL);
  g_assert_cmpint (test_kill_task (pink_tracee_get_pid (victim)), >, 0);
  g_assert_false (test_run_full (tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_assert_cmpuint (n, ==, 1000);
  g_assert_cmpuint (lost.n_lost, ==, 1);
  g_assert_cmpuint (lost.n_exited, ==, 2);
  g_assert_cmpuint (lost.n_finished, ==, 1);
  g_clear_error (&lost.error);
  g_object_unref (tracer);
  test_state_await (&before);
}

/* Somebody who waits for everything takes it from its keeper. */
static void
test_task_reaped (void)
{
  TestState before = test_state_get ();

  for (guint i = 0; i < 20; i++)
    {
      PinkTracer *tracer = pink_tracer_new ();
      PinkTracee *tracee = test_spawn (tracer, "loop-forever", NULL);
      Lost lost = { 0 };
      int task;

      connect_lost (tracer, &lost);
      task = test_kill_task (pink_tracee_get_pid (tracee));
      g_assert_cmpint (task, >, 0);
      waitpid (task, NULL, __WALL); /* or the keeper was first */
      assert_lost (tracer, &lost);
      g_object_unref (tracer);
    }
  test_state_await (&before);
}

static void
on_run_lost (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  pink_tracer_run_finish (PINK_TRACER (source), result, data);
}

static gboolean
has_error (gpointer data)
{
  return *(GError **) data != NULL;
}

static void
test_run_async_lost (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;
  PinkTracee *tracee = test_spawn (tracer, "sleep-forever", NULL);

  pink_tracer_run_async (tracer, NULL, on_run_lost, &error);
  g_assert_cmpint (test_kill_task (pink_tracee_get_pid (tracee)), >, 0);
  test_wait_until (NULL, has_error, &error, "run_async() to tell of the task's end");
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kill_cases); i++)
    test_add_data_native (TEST_KILLS_TASK, kill_cases[i].path, &kill_cases[i], test_task_killed);
  test_add_native (TEST_KILLS_TASK, "/task-death/in-handler", test_task_killed_in_handler);
  test_add_native (TEST_KILLS_TASK, "/task-death/one-of-three", test_one_task_killed);
  test_add_native (TEST_KILLS_TASK, "/task-death/reaped", test_task_reaped);
  test_add_native (TEST_KILLS_TASK, "/task-death/run-async", test_run_async_lost);
  return g_test_run ();
}
