/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is said of a tracee's state: waited for, described, lost.
 */
#include "tree-util.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  gboolean  called;
  gboolean  result;
  GError   *error;
} Answer;

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Answer *answer = data;

  answer->called = TRUE;
  answer->result = pink_tracee_wait_finish (PINK_TRACEE (source), result, &answer->error);
}

static gboolean
is_called (gpointer data)
{
  return ((Answer *) data)->called;
}

static void
await (Answer *answer)
{
  test_wait_until (NULL, is_called, answer, "a callback");
}

/* ---- wait ---- */

static void
test_wait (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  Answer answer = { 0 }, late = { 0 };

  tracee = g_object_ref (tree_spawn (tracer, shared, "busy", "2", NULL));
  pink_tracee_wait_async (tracee, NULL, on_waited, &answer);
  tree_wait_word (&shared->ready, 2, "2 busy threads");
  g_assert_false (answer.called);
  g_assert_true (pink_tracee_send_signal (tracee, SIGKILL, NULL));
  await (&answer);
  g_assert_no_error (answer.error);
  g_assert_true (answer.result);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, SIGKILL);

  pink_tracee_wait_async (tracee, NULL, on_waited, &late);
  await (&late);
  g_assert_true (late.result);
  tree_run (tracer, NULL);
}

static void
test_wait_cancelled (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  PinkTracee *tracee = tree_spawn (tracer, shared, "busy", "1", NULL);
  Answer answer = { 0 };

  pink_tracee_wait_async (tracee, cancellable, on_waited, &answer);
  tree_wait_word (&shared->ready, 1, "a busy thread");
  g_cancellable_cancel (cancellable);
  await (&answer);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&answer.error);
  atomic_store (&shared->stop, 1);
  tree_run (tracer, shared);
}

static void
test_wait_let_go (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  Answer answer = { 0 };

  tracee = g_object_ref (tree_spawn (tracer, shared, "busy", "1", NULL));
  pink_tracee_wait_async (tracee, NULL, on_waited, &answer);
  tree_wait_word (&shared->ready, 1, "a busy thread");
  tree_detach (tracee, FALSE);
  await (&answer);
  g_assert_error (answer.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_clear_error (&answer.error);
  atomic_store (&shared->stop, 1);
}

static void
test_wait_disposed (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (tree_spawn (tracer, NULL, "spin", NULL));
  Answer answer = { 0 };

  pink_tracee_wait_async (tracee, NULL, on_waited, &answer);
  g_object_unref (tracer);
  await (&answer);
  g_assert_error (answer.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_clear_error (&answer.error);
}

/* ---- the task killed from outside ---- */

static void
on_lost (PinkTracer   *tracer,
         PinkTracee   *tracee,
         const GError *error,
         GError      **copy)
{
  g_clear_error (copy);
  *copy = g_error_copy (error);
}

static gboolean
has_error (gpointer data)
{
  return *(GError **) data != NULL;
}

/* What was spawned dies with its task, what was attached to goes on: it is said so. */
static void
lose (PinkTracer *tracer,
      int         pid,
      const char *words)
{
  GError *error = NULL;

  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (on_lost), &error);
  g_assert_cmpint (test_kill_task (pid), >, 0);
  test_wait_until (NULL, has_error, &error, "the loss");
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_assert_nonnull (strstr (error->message, words));
  g_clear_error (&error);
  g_signal_handlers_disconnect_by_data (tracer, &error);
}

static void
test_lost_spawned (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  int pid = pink_tracee_get_pid (tree_spawn (tracer, shared, "busy", "1", NULL));

  tree_wait_word (&shared->ready, 1, "a busy thread");
  lose (tracer, pid, "the process with it");
  g_assert_true (test_process_await_end (pid, test_seconds (TEST_GONE_S)));
}

static void
test_lost_unkilled (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  int pid;

  pink_tracer_set_exit_kill (tracer, FALSE);
  pid = pink_tracee_get_pid (tree_spawn (tracer, shared, "busy", "1", NULL));
  tree_wait_word (&shared->ready, 1, "a busy thread");
  lose (tracer, pid, "runs on");
  tree_wait_counters (shared, 1, 100);
  atomic_store (&shared->stop, 1);
  g_assert_true (test_process_await_end (pid, test_seconds (TEST_GONE_S)));
}

static gboolean
is_traced (gpointer data)
{
  return pink_tracer_get_n_tracees (data) == 2;
}

static void
test_lost_attached (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  int pid = tree_start (shared, -1, "busy", "2", NULL);

  tree_wait_word (&shared->ready, 2, "2 busy threads");
  tree_attach (tracer, pid);
  test_wait_until (NULL, is_traced, tracer, "2 tracees");
  lose (tracer, pid, "runs on");
  tree_wait_counters (shared, 2, 100);
  atomic_store (&shared->stop, 1);
  g_assert_cmpint (tree_await (pid), ==, 0);
}

/* ---- described ---- */

static void
assert_said (PinkTracer *tracer,
             int         pid,
             const char *words)
{
  g_autofree char *text = pink_tracer_dump_state (tracer);
  g_autofree char *head = g_strdup_printf ("\n%d (treeprog)", pid);
  const char *line = strstr (text, head);
  const char *end = line != NULL ? strchr (line + 1, '\n') : NULL;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  if (end == NULL || g_strstr_len (line, end - line, words) == NULL)
    g_error ("not said of %d: \"%s\", but\n%s", pid, words, text);
}

static void
hold_call (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  assert_said (tracer, pink_tracee_get_pid (tracee), "waits for its handlers");
  g_assert_true (pink_tracee_hold (tracee, NULL));
  *(gboolean *) data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

static gboolean
is_group_stopped (gpointer data)
{
  g_autofree char *text = pink_tracer_dump_state (data);

  return strstr (text, "is stopped by a signal, and waits for SIGCONT") != NULL;
}

static void
test_dump (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autofree char *empty = pink_tracer_dump_state (tracer);
  PinkTracee *tracee = tree_spawn (tracer, shared, "busy", "1", NULL);
  int pid = pink_tracee_get_pid (tracee);
  gboolean held = FALSE;
  gulong id;

  g_assert_true (g_str_has_prefix (empty, "0 tracees"));
  tree_wait_word (&shared->ready, 1, "a busy thread");
  id = g_signal_connect (tracer, "syscall-enter", G_CALLBACK (hold_call), &held);
  test_wait_until (NULL, is_true, &held, "a held call");
  g_signal_handler_disconnect (tracer, id);
  assert_said (tracer, pid, "is held, and waits to be resumed; at the entry of");
  g_assert_true (pink_tracee_resume (tracee, PINK_RESUME_SYSCALL, NULL));
  kill (pid, SIGSTOP);
  test_wait_until (NULL, is_group_stopped, tracer, "a group-stop");
  kill (pid, SIGCONT);
  tree_wait_counters (shared, 1, 100);
  atomic_store (&shared->stop, 1);
  tree_run (tracer, shared);
}

/* One that waits in the kernel, one whose task does not answer. */
static void
test_dump_stuck (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  PinkTracee *tracee;
  int fds[2], pid, task;

  g_assert_cmpint (pipe (fds), ==, 0);
  tracee = tree_spawnv (tracer, shared, fds[0],
                        (const char * const[]) { tree_program (), "read", NULL });
  pid = pink_tracee_get_pid (tracee);
  close (fds[0]);
  tree_wait_word (&shared->ready, 1, "the read");
  tree_wait_state (pid, "S");
  assert_said (tracer, pid, "waits in the kernel");

  task = test_tracer_task_of (pid);
  kill (task, SIGSTOP);
  tree_wait_state (task, "T");
  kill (pid, SIGUSR1);
  tree_wait_state (pid, "t");
  assert_said (tracer, pid, "or for its tracer task");
  kill (task, SIGCONT);
  kill (pid, SIGKILL);
  tree_run (tracer, NULL);
  close (fds[1]);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/state/wait", test_wait);
  test_add ("/state/wait/cancelled", test_wait_cancelled);
  test_add ("/state/wait/let-go", test_wait_let_go);
  test_add ("/state/wait/disposed", test_wait_disposed);
  test_add_native (TEST_KILLS_TASK, "/state/lost/spawned", test_lost_spawned);
  test_add_native (TEST_KILLS_TASK, "/state/lost/not-killed", test_lost_unkilled);
  test_add_native (TEST_KILLS_TASK, "/state/lost/attached", test_lost_attached);
  test_add ("/state/dump", test_dump);
  test_add ("/state/dump/stuck", test_dump_stuck);

  return g_test_run ();
}
