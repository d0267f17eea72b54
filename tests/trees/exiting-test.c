/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The moment before an end: the tracee stands there with all it had, and cannot be
 * kept from ending.
 */
#include "tree-util.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  GHashTable *exiting; /* a set of tracees */
  guint       n_exiting, n_exited;
  int         status;
  gboolean    looks;
  PinkTracee *held;
} Ends;

static void
on_exiting (PinkTracer *tracer,
            PinkTracee *tracee,
            int         wait_status,
            Ends       *ends)
{
  ends->n_exiting++;
  ends->status = wait_status;
  g_hash_table_add (ends->exiting, g_object_ref (tracee));
  if (ends->looks)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) registers = pink_tracee_get_registers (tracee, 1, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (registers), >, 0);
      g_assert_cmpint (tree_state (pink_tracee_get_pid (tracee)), ==, 't');
    }
}

static void
on_exited (PinkTracer *tracer,
           PinkTracee *tracee,
           int         wait_status,
           Ends       *ends)
{
  ends->n_exited++;
  if (g_hash_table_contains (ends->exiting, tracee) && pink_tracee_is_leader (tracee))
    g_assert_cmpint (wait_status & 0x7f, ==, ends->status & 0x7f);
}

static void
watch_ends (PinkTracer *tracer,
            Ends       *ends)
{
  ends->exiting = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_signal_connect (tracer, "exiting", G_CALLBACK (on_exiting), ends);
  g_signal_connect (tracer, "exited", G_CALLBACK (on_exited), ends);
}

static void
test_exit (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, TRUE);
  Ends ends = { .looks = TRUE };

  watch_ends (tracer, &ends);
  tree_spawn (tracer, shared, "fork", "20", NULL);
  tree_run (tracer, shared);
  g_assert_cmpuint (ends.n_exited, ==, 21);
  g_assert_cmpuint (ends.n_exiting, ==, 21);
  g_assert_cmpint (ends.status, ==, 0);
  g_hash_table_unref (ends.exiting);
}

static void
test_threads (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  Ends ends = { .looks = TRUE };

  watch_ends (tracer, &ends);
  tree_spawn (tracer, shared, "threads", "100", "10", NULL);
  tree_run (tracer, shared);
  g_assert_cmpuint (ends.n_exited, ==, 101);
  g_assert_cmpuint (ends.n_exiting, ==, 101);
  g_hash_table_unref (ends.exiting);
}

/* exec of a thread that is not the leader: all others end, and the leader is replaced. */
static void
test_exec (void)
{
  const char *argv[] = { tree_program (), "thread-exec", "20", tree_program (), "nothing", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  Ends ends = { .looks = TRUE };

  watch_ends (tracer, &ends);
  tree_spawnv (tracer, shared, -1, argv);
  tree_run (tracer, shared);
  g_assert_cmpuint (watch->n_execs, ==, 1);
  g_assert_cmpuint (watch->n_superseded, ==, 1);
  g_assert_cmpuint (ends.n_exited, ==, 22);
  g_hash_table_unref (ends.exiting);
}

static void
test_signal (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  Ends ends = { .looks = TRUE };

  watch_ends (tracer, &ends);
  tree_spawn (tracer, NULL, "raise", "15", NULL);
  test_run (tracer);
  g_assert_cmpuint (ends.n_exiting, ==, 1);
  g_assert_true (WIFSIGNALED (ends.status) && WTERMSIG (ends.status) == SIGTERM);
  g_hash_table_unref (ends.exiting);
}

static void
hold_at_end (PinkTracer *tracer,
             PinkTracee *tracee,
             int         wait_status,
             Ends       *ends)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pink_tracee_hold (tracee, &error));
  g_assert_no_error (error);
  ends->held = tracee;
}

static gboolean
is_held (gpointer data)
{
  return ((Ends *) data)->held != NULL;
}

static void
test_held (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (GError) error = NULL;
  Ends ends = { 0 };

  watch_ends (tracer, &ends);
  g_signal_connect (tracer, "exiting", G_CALLBACK (hold_at_end), &ends);
  tree_spawn (tracer, shared, "nothing", NULL);
  test_wait_until (NULL, is_held, &ends, "an end");
  g_assert_cmpuint (ends.n_exited, ==, 0);
  g_assert_true (pink_tracee_resume (ends.held, PINK_RESUME_SYSCALL, &error));
  tree_run (tracer, shared);
  g_assert_cmpuint (ends.n_exited, ==, 1);
  g_hash_table_unref (ends.exiting);
}

/* Who is attached to tells of its end, too; who was traced before does not. */
static void
test_attached (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) first = tree_shared_new ();
  g_autoptr (TreeShared) second = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  Ends ends = { 0 };
  int pid = tree_start (second, -1, "busy", "5", NULL);

  tree_spawn (tracer, first, "busy", "5", NULL);
  tree_wait_word (&first->ready, 5, "5 busy threads");
  tree_wait_word (&second->ready, 5, "5 busy threads");
  watch_ends (tracer, &ends);
  tree_attach (tracer, pid);
  tree_wait_counters (second, 5, 10);
  atomic_store (&first->stop, 1);
  atomic_store (&second->stop, 1);
  tree_run (tracer, first);
  g_assert_cmpint (tree_await (pid), ==, 0);
  g_assert_cmpuint (ends.n_exited, ==, 10);
  g_assert_cmpuint (ends.n_exiting, ==, 5);
  g_hash_table_unref (ends.exiting);
}

/* The tracer goes, or all are killed, while they stand at their end. */
static void
test_gone (gconstpointer killed)
{
  guint n = tree_count (20, 200);

  for (guint i = 0; i < n; i++)
    {
      PinkTracer *tracer = pink_tracer_new ();
      g_autoptr (TestPids) pids = test_pids_new ();
      g_autoptr (PinkTracee) first = NULL;
      Ends ends = { 0 };
      int pid;

      watch_ends (tracer, &ends);
      if (i % 2)
        g_signal_connect (tracer, "exiting", G_CALLBACK (hold_at_end), &ends);
      first = g_object_ref (tree_spawn (tracer, NULL, "family", "3", NULL));
      pid = pink_tracee_get_pid (first);
      test_pids_add (pids, pid);
      for (guint j = 0; j < 10 * i; j++)
        g_main_context_iteration (NULL, FALSE);
      if (i % 2)
        test_wait_until (NULL, is_held, &ends, "an end");
      test_pids_add_all_of (pids, test_tracer_task_of (pid));
      if (killed != NULL)
        kill (test_tracer_task_of (pid), SIGKILL);
      g_object_unref (tracer);
      test_pids_await_ended (pids);
      g_hash_table_unref (ends.exiting);
    }
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/exiting/exit", test_exit);
  test_add ("/exiting/threads", test_threads);
  test_add ("/exiting/exec", test_exec);
  test_add ("/exiting/signal", test_signal);
  test_add ("/exiting/held", test_held);
  test_add ("/exiting/attached", test_attached);
  test_add_data ("/exiting/finalised", NULL, test_gone);
  test_add_data_native (TEST_KILLS_TASK, "/exiting/task-killed", "killed", test_gone);

  return g_test_run ();
}
