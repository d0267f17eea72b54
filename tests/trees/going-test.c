/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracer, a tracer task or a tracee that goes while something is under way:
 * what was asked for is answered, and nothing is lost.
 */
#include "tree-util.h"

#include <signal.h>
#include <sys/wait.h>

typedef struct
{
  guint    n_added, n_exited, n_lost, n_calls;
  gboolean held;
} Going;

static gboolean
is_held (gpointer going)
{
  return ((Going *) going)->held;
}

static void
hold_it (PinkTracer      *tracer,
         PinkSignalEvent *event,
         Going           *going)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pink_tracee_hold (pink_signal_event_get_tracee (event), &error));
  g_assert_no_error (error);
  going->held = TRUE;
}

/* A signal that a handler has kept arrives all the same. */
static void
test_held_signal (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  PinkTracer *tracer = pink_tracer_new ();
  Going going = { 0 };
  int pid = tree_start (shared, -1, "busy", "1", NULL), status;

  tree_wait_word (&shared->ready, 1, "the program");
  g_signal_connect (tracer, "signal-delivery::SIGTERM", G_CALLBACK (hold_it), &going);
  tree_attach (tracer, pid);
  g_assert_no_errno (kill (pid, SIGTERM));
  test_wait_until (NULL, is_held, &going, "the signal to be held");
  g_object_unref (tracer);
  status = tree_await (pid);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGTERM);
}

typedef struct
{
  gboolean called, let_go;
  GError  *error;
} Answer;

static void
on_detached (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Answer *answer = data;

  answer->called = TRUE;
  answer->let_go = pink_tracee_detach_finish (PINK_TRACEE (source), result, &answer->error);
}

static gboolean
is_answered (gpointer answer)
{
  return ((Answer *) answer)->called;
}

static gboolean
has_tracee (gpointer tracer)
{
  return pink_tracer_get_n_tracees (tracer) > 0;
}

static void
test_detach_attached (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  PinkTracer *tracer = pink_tracer_new ();
  Answer answer = { 0 };
  int pid = tree_start (shared, -1, "busy", "1", NULL);

  tree_wait_word (&shared->ready, 1, "the program");
  tree_attach (tracer, pid);
  test_wait_until (NULL, has_tracee, tracer, "the tracee");
  pink_tracee_detach_async (tree_find (tracer, pid), FALSE, NULL, on_detached, &answer);
  g_object_unref (tracer);
  test_wait_until (NULL, is_answered, &answer, "detach_async to be answered");
  g_assert_no_error (answer.error);
  g_assert_true (answer.let_go);
  tree_kill (pid);
}

/* exit-kill is faster than the detach. */
static void
test_detach_spawned (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawn (tracer, "loop-forever", NULL));
  Answer answer = { 0 };

  pink_tracee_detach_async (tracee, FALSE, NULL, on_detached, &answer);
  g_object_unref (tracer);
  test_wait_until (NULL, is_answered, &answer, "detach_async to be answered");
  g_assert_false (answer.let_go);
  g_assert_error (answer.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_clear_error (&answer.error);
  g_assert_true (test_process_await_end (pink_tracee_get_pid (tracee), TEST_GONE_S));
}

static gboolean
is_over (gpointer data)
{
  Going *going = data;

  return going->n_exited + going->n_lost > 0;
}

/* In a main loop of its own the handler waits for what follows. */
static void
on_added (PinkTracer *tracer,
          PinkTracee *tracee,
          Going      *going)
{
  going->n_added++;
  g_assert_cmpuint (going->n_exited + going->n_lost, ==, 0);
  test_wait_for (NULL, is_over, going, 0.2);
}

static void
on_exited (PinkTracer *tracer,
           PinkTracee *tracee,
           int         wait_status,
           Going      *going)
{
  g_assert_cmpuint (going->n_added, ==, 1);
  going->n_exited++;
}

static void
on_lost (PinkTracer *tracer,
         PinkTracee *tracee,
         GError     *error,
         Going      *going)
{
  g_assert_cmpuint (going->n_added, ==, 1);
  going->n_lost++;
}

static void
nested_loop (int (*target) (PinkTracee *tracee),
             Going *going)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  PinkTracee *tracee = test_spawn (tracer, "loop-forever", NULL);
  int pid = pink_tracee_get_pid (tracee);
  g_autoptr (GError) error = NULL;

  g_signal_connect (tracer, "tracee-added", G_CALLBACK (on_added), going);
  g_signal_connect (tracer, "exited", G_CALLBACK (on_exited), going);
  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (on_lost), going);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &going->n_calls);
  g_assert_cmpint (target (tracee), >, 0);
  g_assert_no_errno (kill (target (tracee), SIGKILL));
  g_assert_true (test_process_await_end (pid, TEST_GONE_S));
  test_run_full (tracer, &error);
  g_assert_cmpuint (going->n_added, ==, 1);
  g_assert_cmpuint (going->n_exited + going->n_lost, ==, 1);
}

static int
the_task (PinkTracee *tracee)
{
  return test_tracer_task_of (pink_tracee_get_pid (tracee));
}

static void
test_nested_killed (void)
{
  Going going = { 0 };

  nested_loop (pink_tracee_get_pid, &going);
  g_assert_cmpuint (going.n_exited, ==, 1);
}

static void
test_nested_lost (void)
{
  Going going = { 0 };

  nested_loop (the_task, &going);
  g_assert_cmpuint (going.n_lost, ==, 1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/going/held-signal", test_held_signal);
  test_add ("/going/detach-attached", test_detach_attached);
  test_add ("/going/detach-spawned", test_detach_spawned);
  test_add ("/going/nested-loop-killed", test_nested_killed);
  test_add_native (TEST_KILLS_TASK, "/going/nested-loop-lost", test_nested_lost);
  return g_test_run ();
}
